"""The slip tells, checks and sends what its example holds."""

import json
from pathlib import Path

import ci_notes
from ci_notes import printing

PACK = Path(__file__).parent / "example_pack"
SLIP = PACK / "visit-slip" / "examples" / "slip.note.json"


def test_the_narrative_is_the_one_that_was_kept() -> None:
    note = ci_notes.load(SLIP, folders=[PACK])
    assert printing.text(note, ci_notes.render(note)) == SLIP.with_name("slip.txt").read_text()


def test_a_next_visit_in_the_past_is_found() -> None:
    note = ci_notes.load(SLIP, folders=[PACK])
    assert [finding.rule for finding in ci_notes.check(note)] == ["SLIP001"]


def test_the_bundle_is_read_back_as_the_same_note() -> None:
    note = ci_notes.load(SLIP, folders=[PACK])
    bundle = ci_notes.to_fhir(note, ci_notes.render(note))
    assert ci_notes.from_fhir(bundle, note.template) == json.loads(SLIP.read_text())
