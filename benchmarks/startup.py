"""Whole-process start-up of `ci-notes check FILE`, beside a bare Python that imports click, jinja2 and jsonschema.

Bounds: under 300 ms, and under three times the bare Python; for a draft, and for a signed note, whose page for the
patient is rendered and checked too.
"""

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import whole_process

ROOT = Path(__file__).parents[1]
NOTE = ROOT / "templates/assessment/examples/complete.note.json"
CHECK = [sys.executable, "-c", "from ci_notes.cli import main; main()", "check", "--fail-on", "never"]


def main() -> int:
    note = json.loads(NOTE.read_text())
    with tempfile.TemporaryDirectory() as folder:
        draft, signed = Path(folder) / "draft.json", Path(folder) / "signed.json"
        draft.write_text(json.dumps(note | {"status": "draft"}))
        signed.write_text(json.dumps(note | {"status": "final"}))
        found = whole_process(
            {
                "bare python importing click, jinja2, jsonschema": [
                    sys.executable,
                    "-c",
                    "import click, jinja2, jsonschema",
                ],
                "ci-notes check DRAFT": [*CHECK, str(draft)],
                "ci-notes check SIGNED": [*CHECK, str(signed)],
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
