"""Writes docs/interop.md: what software of others says of our FHIR, from the figures that `make interop` left behind.

The tests in tests/interop leave them in build/interop. The page is written when all of them are there and come from a
whole run; those of a sample, or of a machine where something was missing, are only printed. What stands around the
figures is made here, and `tests/test_interop_page.py` says when the page needs to be made anew for it.
"""

import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layout import paragraph, table, text

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "build" / "interop"
PAGE = ROOT / "docs" / "interop.md"

JUDGES = {"hl7": "HL7", "medplum": "Medplum", "schema": "JSON schema", "ucum": "UCUM"}

Json = dict[str, Any]
Rows = list[list[str]]


@dataclass(frozen=True)
class Section:
    """A part of the page: its heading, what stands above the table, the heads, and how the rows are read."""

    title: str
    says: str
    heads: list[str]
    rows: Callable[[], Rows]

    def head(self) -> str:
        """Return what of the section does not depend on the figures."""
        return f"## {self.title}\n\n{paragraph(self.says)}\n" + table(self.heads, [])

    def whole(self) -> str:
        """Return the section; raises FileNotFoundError where what it tells of has not been run."""
        rows = self.rows()
        return self.head() + "".join(table(self.heads, rows).splitlines(keepends=True)[2:])


def read(name: str) -> Any:
    """Return figures by the name of their file."""
    return json.loads((FIGURES / name).read_text(encoding="utf-8"))


def versions() -> str:
    """Return which version of what was run."""
    pom = (ROOT / "tests" / "interop" / "java" / "pom.xml").read_text(encoding="utf-8")
    hl7 = re.search(r"<artifactId>org.hl7.fhir.validation</artifactId>\s*<version>(.*?)</version>", pom)
    node = json.loads((ROOT / "tests" / "interop" / "node" / "package.json").read_text(encoding="utf-8"))[
        "dependencies"
    ]
    return (
        f"HL7 is HL7's validator core {hl7[1] if hl7 else ''}, without a terminology server; Medplum is "
        f"`@medplum/core` {node['@medplum/core']}; JSON schema is R4's own, by `ajv` {node['ajv']}; UCUM is "
        f"`@lhncbc/ucum-lhc` {node['@lhncbc/ucum-lhc']}. The first two know US Core 6.1.0 and our profiles."
    )


def of_validators() -> Rows:
    """Return a row for each note kind and kind of bundle."""
    counted: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(dict)
    for judge in JUDGES:
        for one in read(f"validator-{judge}.json"):
            cells = counted[one["template"], f"{one['form']}, {one['detail']}"].setdefault(judge, [0] * 4)
            cells[:] = [old + new for old, new in zip(cells, [1, *(one[key] for key in _SAID)], strict=True)]
    return [
        [template, bundle, str(by["hl7"][0]), *(" / ".join(map(str, by[judge][1:])) for judge in JUDGES)]
        for (template, bundle), by in counted.items()
    ]


_SAID = ["errors", "warnings", "left"]
"""What is counted of what a validator says."""


def of_kinds() -> Rows:
    """Return how many faults of each kind were caught by whom."""
    kinds: dict[str, list[Json]] = defaultdict(list)
    for fault in read("faults.json"):
        kinds[fault["kind"]].append(fault)
    kinds["**all**"] = [fault for found in [*kinds.values()] for fault in found]
    return [
        [kind, str(len(found)), *(str(sum(map(bool, by))) for by in _caught(found))] for kind, found in kinds.items()
    ]


def _caught(faults: list[Json]) -> Iterator[list[bool]]:
    for judge in ("lint", *JUDGES):
        yield [bool(fault["caught"][judge]) for fault in faults]
    yield [any(fault["caught"].values()) for fault in faults]


def of_faults() -> Rows:
    """Return a row for each fault, those first that nobody catches."""
    found = sorted(read("faults.json"), key=lambda fault: any(fault["caught"].values()))
    words = {"error": "yes", "warning": "warns", "": "–"}
    return [
        [
            text(fault["says"] if any(fault["caught"].values()) else f"{fault['says']} Nobody: {fault['left']}."),
            *(words[fault["caught"][judge]] for judge in ("lint", *JUDGES)),
        ]
        for fault in found
    ]


def hapi() -> str:
    """Return which version of HAPI's server the pushes went to."""
    pom = (ROOT / "tests" / "interop" / "server" / "pom.xml").read_text(encoding="utf-8")
    found = re.search(r"<hapi>(.*?)</hapi>", pom)
    return found[1] if found else ""


_LEFT = [f"{what} after {pushes}" for pushes in ("one push", "three pushes") for what in ("resources", "versions")]
"""What is counted on a server."""


def of_pushes() -> Rows:
    """Return a row for each note kind and way of sending."""
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (1 + len(_LEFT)))
    for one in read("push.json"):
        cells = counted[one["template"], one["way"]]
        cells[:] = [old + new for old, new in zip(cells, [1, *(one[key] for key in _LEFT)], strict=True)]
    return [[template, way, *map(str, cells)] for (template, way), cells in sorted(counted.items())]


def of_roundtrips() -> Rows:
    """Return a row for each note kind."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((FIGURES / "roundtrip").glob("*.json"))]
    if not found:
        raise FileNotFoundError("roundtrip")
    return [
        [one["template"], *(str(one[key]) for key in ("examples", "recorded", "with_ids", "without_ids"))]
        for one in found
    ]


_SHOWN = ["items", "rendered", "console", "compared", "recorded", "returned"]
"""What is counted of a form that LHC-Forms shows."""


def of_forms() -> Rows:
    """Return a row for each note kind."""
    return [[template, *(str(one[key]) for key in _SHOWN)] for template, one in read("lforms.json").items()]


def of_profiles() -> Rows:
    """Return a row for each thing that was counted of our profiles."""
    return [[name, str(number)] for name, number in read("profiles.json").items()]


SECTIONS = [
    Section(
        "Validators",
        "Each cell is errors / warnings / warnings that we leave, each for a reason with the message's name in "
        "[reasons.yaml](../tests/interop/reasons.yaml). The bundles are those of every example for its own "
        "jurisdiction in every form and detail; some also for the US and with lengths in cm.",
        ["note kind", "bundle", "bundles", *JUDGES.values()],
        of_validators,
    ),
    Section(
        "Seeded faults",
        "Our bundles damaged on purpose, one fault in each, and how many of them are found: with an error, or with a "
        "warning that the sound bundle does not have.",
        ["fault in", "faults", "our lint", *JUDGES.values(), "anybody"],
        of_kinds,
    ),
    Section(
        "Every fault",
        "Those that nobody catches stand first, with why.",
        ["fault", "our lint", *JUDGES.values()],
        of_faults,
    ),
    Section(
        "Our profiles",
        "HL7's validator over the FHIR package itself, over the examples held to it, and over single resources that a "
        "profile must refuse.",
        ["what", "number"],
        of_profiles,
    ),
    Section(
        "Pushed three times",
        f"What the examples, each pushed by `ci-notes push` as a note and a patient of its own, left on HAPI's JPA "
        f"server {hapi()}, people and places among it. "
        "[How a push behaves](importing-our-bundles.md#how-a-push-behaves).",
        ["note kind", "way", "examples", *_LEFT],
        of_pushes,
    ),
    Section(
        "Back again",
        "Elements that come back from the discrete resources of the full bundle of each example, without its "
        "QuestionnaireResponse; then also without ids, identifiers, tags and our extensions.",
        ["note kind", "examples", "elements recorded", "come back", "come back without ids"],
        of_roundtrips,
    ),
    Section(
        "Forms",
        "The Questionnaire of each note kind in LHC-Forms: its items, those on the page while it is empty, messages on "
        "the browser's console; then notes whose answers it was given, and how many of their elements its response "
        "gives back.",
        ["note kind", "items", "on the empty page", "messages", "notes", "elements recorded", "come back"],
        of_forms,
    ),
]

START = [
    "<!-- Made by docs/interop.py from what the tests in tests/interop found; do not edit: make interop. -->\n",
    "# Our FHIR and the software of others\n",
    paragraph(
        "What validators, a server and a form renderer that nobody here wrote make of our bundles. How to run it:",
        "[tests/interop](../tests/interop/README.md).",
    ),
    paragraph(versions()),
]


def skeleton() -> list[str]:
    """Return the parts of the page that hold no figures, in their order."""
    return [*START, *(section.head() for section in SECTIONS)]


def main() -> int:
    """Write the page, or print what there is of it; return 0, since a machine may lack what others have."""
    parts, missing = [*START], []
    for section in SECTIONS:
        try:
            parts.append(section.whole())
        except FileNotFoundError as gone:
            missing.append(f"{section.title} ({gone.filename or gone})")
    page = "\n".join(parts)
    if missing or os.environ.get("CI_NOTES_INTEROP") == "sample":
        print(page)
        why = f"not run: {', '.join(missing)}" if missing else "this was a sample"
        print(f"docs/interop.md stays as it is; {why}", file=sys.stderr)
    else:
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
