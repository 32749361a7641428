"""The bundles that validators are given: every example of every note kind, in every form and detail.

Each is written in every form and detail for the jurisdiction of its note; for the US, and with lengths in cm, in those
two in which all that differs is met: the forms are envelopes of the same resources.

`everything` are all of them. `sample` is what CI takes: each example in one of the ways, in turn, and the example
`complete` of each note kind in every form and detail.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from installing import BUILD

from ci_notes import catalogue, load, render, to_fhir
from ci_notes.fhir.bundle import DETAILS, FORMS
from ci_notes.library import read_data

Json = dict[str, Any]

SAMPLE = os.environ.get("CI_NOTES_INTEROP") == "sample"
"""Whether the tests take a sample of the bundles, as CI does; `make nightly` takes all."""

US = "US"
PLAIN = [*product(FORMS, DETAILS)]
WAYS = [
    *((form, detail, "", "mm") for form, detail in PLAIN),
    ("document", "full", US, "mm"),
    ("transaction", "lean", US, "mm"),
    ("document", "full", "", "cm"),
    ("transaction", "lean", US, "cm"),
]


@dataclass(frozen=True)
class Case:
    """One example, written in one way. `jurisdiction` is empty for the example's own."""

    template: str
    example: Path
    form: str
    detail: str
    jurisdiction: str = ""
    length_unit: str = "mm"

    @property
    def name(self) -> str:
        example = self.example.name.removesuffix(".note.json")
        written = [self.template, example, self.form, self.detail, self.jurisdiction, self.length_unit]
        return ".".join(filter(None, written))

    def bundle(self) -> Json:
        data = read_data(self.example)
        note = load({**data, "jurisdiction": self.jurisdiction} if self.jurisdiction else data)
        return to_fhir(note, render(note), form=self.form, detail=self.detail, length_unit=self.length_unit)

    def written(self) -> Path:
        """Return the file of this bundle, written where that has not been done in this run."""
        path = BUILD / "bundles" / f"{self.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.bundle()), encoding="utf-8")
        return path


def everything() -> Iterator[Case]:
    for template, example in _examples():
        yield from _ways(template, example)


def sample() -> Iterator[Case]:
    for number, (template, example) in enumerate(_examples()):
        ways = [*_ways(template, example)]
        whole = example.name.startswith("complete.")
        alike = [[way for way in ways if (way.form, way.detail) == pair] for pair in PLAIN]
        yield from (some[(number + one) % len(some)] for one, some in enumerate(alike if whole else [ways]))


@cache
def chosen() -> dict[Path, Case]:
    """Return the bundles of this run, each written to a file."""
    cases = sample() if SAMPLE else everything()
    return {case.written(): case for case in cases}


def _examples() -> Iterator[tuple[str, Path]]:
    for template, folder in sorted(catalogue().items()):
        for example in sorted((folder / "examples").glob("*.note.json")):
            yield template, example


def _ways(template: str, example: Path) -> Iterator[Case]:
    own = read_data(example).get("jurisdiction", "")
    for form, detail, jurisdiction, length_unit in WAYS:
        if jurisdiction != own:
            yield Case(template, example, form, detail, jurisdiction, length_unit)
