"""What validators of others, and our lint, make of bundles that were damaged on purpose.

A fault counts as caught by a validator that says more of the damaged bundle than of the sound one: an error, or a
warning that we would not leave.
"""

import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import faults
import pytest
from inputs import SAMPLE
from installing import BUILD
from judging import VALIDATORS, Issue
from test_validators import uncovered

from ci_notes import catalogue, load_template
from ci_notes.fhir import lint

JUDGES = ["lint", *VALIDATORS]

SEEDED = faults.FAULTS[3::13] if SAMPLE else faults.FAULTS
"""The faults of this run; a sample begins with the only one that a checker of units can see."""

LEAST = {"lint": 0.9, "hl7": 0.36, "medplum": 0.36, "schema": 0.15, "ucum": 0.01}
"""Which part of the faults each of them must catch. The schema of R4 knows neither codes nor references."""


def written(name: str, bundle: object) -> Path:
    path = BUILD / "faults" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return path


@cache
def files() -> dict[str, tuple[Path, Path]]:
    """Return the damaged and the sound bundle of each fault."""
    found = {}
    for fault in SEEDED:
        sound = f"sound.{fault.note.replace('/', '.')}.{fault.form}"
        found[fault.name] = (
            written(fault.name, fault.bundle()),
            written(sound, faults.sound(fault.note, fault.form)),
        )
    return found


@cache
def by_lint(path: Path) -> list[Issue]:
    said = lint.lint(json.loads(path.read_text(encoding="utf-8")), vocabulary())
    return [Issue(one.severity, one.code, one.where, one.message) for one in said]


@cache
def vocabulary() -> object:
    return lint.vocabulary_of(map(load_template, catalogue()))


@cache
def said(judge: str) -> dict[Path, list[Issue]]:
    """Return what a judge says of all these bundles."""
    paths = sorted({path for pair in files().values() for path in pair})
    return {path: by_lint(path) for path in paths} if judge == "lint" else VALIDATORS[judge](paths)


def counted(judge: str, issues: Iterable[Issue]) -> Counter[tuple[str, str, str]]:
    """Return what counts of what a judge says, without the places, which shift with each entry."""
    return Counter(
        ("error" if issue.wrong else "warning", issue.id, issue.text)
        for issue in issues
        if issue.wrong or uncovered(judge, issue)
    )


@cache
def caught(judge: str, fault: str) -> str:
    """Return how loudly a judge says that a bundle has a fault: error, warning, or nothing."""
    damaged, sound = files()[fault]
    more = counted(judge, said(judge)[damaged]) - counted(judge, said(judge)[sound])
    return min((severity for severity, _, _ in more), default="")


@pytest.mark.parametrize("judge", JUDGES)
def test_a_judge_catches_many_of_the_faults(judge: str) -> None:
    found = [fault.name for fault in SEEDED if caught(judge, fault.name)]
    assert len(found) >= LEAST[judge] * len(SEEDED)


def test_a_fault_that_nobody_catches_is_one_that_we_have_said_why_of() -> None:
    missed = {fault.name for fault in SEEDED if not any(caught(judge, fault.name) for judge in JUDGES)}
    assert missed <= {fault.name for fault in SEEDED if fault.left}


def test_the_lint_catches_what_it_is_said_to_catch() -> None:
    quiet = [fault.name for fault in SEEDED if fault.lint and not caught("lint", fault.name)]
    assert not quiet


def test_the_figures_are_kept_for_the_table() -> None:
    rows = [
        {
            "name": fault.name.replace("_", " "),
            "says": fault.says,
            "kind": faults.KINDS[fault.kind],
            "left": fault.left,
            "caught": {judge: caught(judge, fault.name) for judge in JUDGES},
        }
        for fault in SEEDED
    ]
    assert len(rows) == len(SEEDED)
    (BUILD / "faults.json").write_text(json.dumps(rows), encoding="utf-8")
