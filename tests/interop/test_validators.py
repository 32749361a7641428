"""Validators that nobody here wrote find nothing in our bundles that we have not said why we leave."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import inputs
import pytest
import reasons
from installing import BUILD
from judging import VALIDATORS, Issue, Verdicts

REASONS = reasons.read()

each_validator = pytest.mark.parametrize("validator", VALIDATORS)


@cache
def found(validator: str) -> Verdicts:
    """Return what a validator finds in all bundles of this run; it is started once."""
    return VALIDATORS[validator]([*inputs.chosen()])


def uncovered(validator: str, issue: Issue) -> bool:
    return issue.warned and not any(reason.covers(validator, issue) for reason in REASONS)


def told(verdicts: Mapping[Path, list[Issue]], chosen: Callable[[Issue], bool]) -> str:
    """Return issues alike once, with their number and the first place."""
    places = [(issue, f"{path.name} {issue.where}") for path, issues in verdicts.items() for issue in issues]
    picked = [(issue.id, issue.text, place) for issue, place in places if chosen(issue)]
    numbers = Counter(name for name, _, _ in picked)
    firsts = {name: (text, place) for name, text, place in reversed(picked)}
    return "\n".join(f"{numbers[name]} x {name}: {text} ({place})" for name, (text, place) in firsts.items())


def counted(validator: str, issues: Sequence[Issue]) -> dict[str, int]:
    """Return how many errors there are, and how many warnings that we do not leave and that we do."""
    warned = sum(issue.warned for issue in issues)
    ours = sum(uncovered(validator, issue) for issue in issues)
    return {"errors": sum(issue.wrong for issue in issues), "warnings": ours, "left": warned - ours}


def refused(complaints: str) -> None:
    if complaints:
        pytest.fail(complaints, pytrace=False)


@each_validator
def test_a_validator_finds_no_error(validator: str) -> None:
    refused(told(found(validator), lambda issue: issue.wrong))


@each_validator
def test_a_validator_finds_no_warning_without_a_reason_to_leave_it(validator: str) -> None:
    refused(told(found(validator), lambda issue: uncovered(validator, issue)))


@each_validator
def test_each_reason_covers_something(validator: str) -> None:
    issues = {issue for issues in found(validator).values() for issue in issues}
    idle = [
        reason
        for reason in REASONS
        if reason.validator == validator and not any(reason.covers(validator, issue) for issue in issues)
    ]
    assert not idle


@each_validator
def test_the_figures_are_kept_for_the_table(validator: str) -> None:
    rows = [
        {
            "template": case.template,
            "form": case.form,
            "detail": case.detail,
            **counted(validator, found(validator)[path]),
        }
        for path, case in inputs.chosen().items()
    ]
    assert len(rows) == len(inputs.chosen())
    (BUILD / f"validator-{validator}.json").write_text(json.dumps(rows), encoding="utf-8")
