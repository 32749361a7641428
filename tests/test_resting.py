"""Whether a condition can hold at all where something is recorded nowhere."""

import pytest

from ci_notes.derive import Record
from ci_notes.expression import decide, parse_truth, rests_on
from ci_notes.template import Template

RESTS = {
    "visit.length < 20": True,
    "visit.length is known": True,
    "not visit.length is known": False,
    "not visit.length is untouched": True,
    "visit.length is untouched": False,
    "visit.stitch and visit.length < 20": True,
    "visit.stitch or visit.length < 20": False,
    "not (visit.stitch and visit.length < 20)": False,
    "not (visit.stitch or visit.length < 20)": True,
    "visit.length > 10 or visit.length < 5": True,
    "first_known(visit.length, 7) < 20": False,
    "first_known(visit.length, visit.length) < 20": True,
    "(visit.length if visit.stitch else 7) < 20": False,
    "visit.length + 3 < 20": True,
    "known(visit.length, visit.stitch) == 2": False,
    "visit.stitch": False,
}


@pytest.mark.parametrize(("source", "rests"), RESTS.items())
def test_a_condition_rests_on_what_it_cannot_hold_without(visit: Template, source: str, rests: bool) -> None:
    node = parse_truth(source, visit.names)
    assert rests_on(node, lambda path: path == "visit.length") is rests


@pytest.mark.parametrize("source", [source for source, rests in RESTS.items() if rests])
def test_what_rests_on_something_does_not_hold_without_it(visit: Template, source: str) -> None:
    node = parse_truth(source, visit.names)
    for stitch in (True, False, None):
        record = Record(values={} if stitch is None else {"visit.stitch": stitch})
        assert decide(node, record) is not True
