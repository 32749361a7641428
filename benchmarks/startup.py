"""Whole-process start-up of `ci-notes check FILE`, beside a bare Python that imports click, jinja2 and jsonschema.

Bounds: under 300 ms, and under three times the bare Python; also with 168 rules (dummies, generated here).
"""

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import whole_process

ROOT = Path(__file__).parents[1]
NOTE = ROOT / "templates/assessment/examples/complete.note.json"
CHECK = [sys.executable, "-c", "from ci_notes.cli import main; main()", "check", "--fail-on", "never"]

DUMMY = """\
- id: X{number:03}
  name: dummy-{number:03}
  severity: warning
  class: plausibility
  grade: D
  statement: A dummy for measuring.
  why: It takes as long as a rule.
  when: ultrasound.shortest < {number} and exam.dilation > {half} and cerclage.technique == 'shirodkar'
  message: "The shortest length is {{ultrasound.shortest}}."
  examples: {{fires: [{{}}], quiet: [{{}}]}}
  review: {{by: null, on: null}}
"""


def with_dummies(folder: Path, rules: int) -> Path:
    """Return a pack in which the assessment has as many rules."""
    shutil.copytree(ROOT / "templates", folder / "pack")
    own = sum(
        text.count("\n- id: ") + text.startswith("- id: ")
        for text in (path.read_text() for path in (folder / "pack/_rules").glob("*.yaml"))
    )
    dummies = "".join(DUMMY.format(number=number, half=number / 100) for number in range(rules - own))
    (folder / "pack/assessment/rules.yaml").write_text("rules:\n" + dummies)
    return folder / "pack"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        pack = with_dummies(Path(folder), 168)
        bare_python = [sys.executable, "-c", "import click, jinja2, jsonschema"]
        found = whole_process(
            {
                "bare python importing click, jinja2, jsonschema": bare_python,
                "ci-notes check FILE": [*CHECK, str(NOTE)],
                "ci-notes check FILE, 168 rules": [*CHECK, "--templates", str(pack), str(NOTE)],
            }
        )
    bare = next(iter(found.values()))[0]
    failed = False
    for name, (milliseconds, megabytes) in found.items():
        over = name.startswith("ci-notes") and (milliseconds >= 300 or milliseconds >= 3 * bare)
        failed |= over
        mark = "  OVER" if over else ""
        print(f"{milliseconds:7.0f} ms  {milliseconds / bare:5.2f} x  {megabytes:5.0f} MB  {name}{mark}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
