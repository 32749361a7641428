"""Faults put into clean notes, the checks run on both, and what is new among the findings."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from benchmarks.mutations.clean import Clean
from benchmarks.mutations.faults import CONTRADICT_NOTHING, FAULTS, TEXT_FAULTS, Data, Fault, Slip
from ci_notes import checks, derive, library, narrative, printing, proofreading
from ci_notes.checks import Finding
from ci_notes.derive import Note


@dataclass
class Tally:
    """How often a kind of fault was tried and found, by which rules, and what was seen in its place."""

    tried: int = 0
    found: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return self.found / self.tried if self.tried else 0.0


def read(data: Data, earlier: Sequence[Data]) -> Note:
    before = [library.load(one) for one in earlier]
    return derive.note(library.load_template(data["template"]), data, earlier=before)


def findings(note: Note) -> list[Finding]:
    """Return what a check on the day of the note finds, all outcomes."""
    return checks.check(note, today=str(note.data["date"])[:10])


def new(before: Iterable[Finding], after: Iterable[Finding]) -> list[Finding]:
    """Return findings of outcome found that were not there before."""
    known = {(one.rule, one.places, one.message) for one in before if one.outcome == "found"}
    return [one for one in after if one.outcome == "found" and (one.rule, one.places, one.message) not in known]


def touches(place: str, other: str) -> bool:
    """Say whether two places are one, or one lies within the other; rows count as their group."""
    whole = "[" in place and "[" in other
    one, two = (each if whole else re.sub(r"\[[^]]*\]", "", each) for each in (place, other))
    return one == two or one.startswith((two + ".", two + "[")) or two.startswith((one + ".", one + "["))


def tells(finding: Finding, slip: Slip) -> bool:
    """Say whether a finding names what was changed or what it was made to contradict."""
    return any(touches(one, other) for one in finding.places for other in (*slip.places, *slip.against))


def slips(fault: Fault, one: Clean, chance: Random) -> Iterator[Slip]:
    """Yield the fault in a note, if it can happen to it."""
    if one.note["template"] in fault.notes:
        slip = fault.make(one.note, one.earlier[-1] if one.earlier else None, chance)
        if slip is not None:
            yield slip


def try_faults(one: Clean, tallies: dict[str, Tally], seed: int) -> list[Finding]:
    """Try every kind on one note, count, and return the findings of the clean note."""
    known = [library.load(each) for each in one.earlier]
    clean = derive.note(library.load_template(one.note["template"]), one.note, earlier=known)
    before = findings(clean)
    for fault in (*FAULTS, *CONTRADICT_NOTHING):
        for slip in slips(fault, one, Random(f"{fault.name}/{seed}")):
            after = findings(derive.note(clean.template, slip.note, earlier=known))
            fresh = new(before, after)
            _count(tallies[fault.name], {each.rule for each in fresh if tells(each, slip)}, fresh)
    _try_text(clean, tallies, seed)
    return before


def _try_text(clean: Note, tallies: dict[str, Tally], seed: int) -> None:
    text = printing.text(clean, narrative.render(clean))
    proof = proofreading.Proof(clean)
    lines = text.split("\n")
    for fault in TEXT_FAULTS:
        chance = Random(f"{fault.name}/{seed}")
        able = [(at, edited) for at, line in enumerate(lines) if (edited := fault.make(line, chance)) is not None]
        if able:
            at, edited = chance.choice(able)
            found = proof.read("\n".join([*lines[:at], edited, *lines[at + 1 :]]))
            # The finding says its line; the narrative is one paragraph a line.
            there = {each.rule for each in found if each.message.startswith(f"line {at + 1}:")}
            _count(tallies[fault.name], there, found)


def _count(tally: Tally, rules: set[str], fresh: Iterable[Finding]) -> None:
    tally.tried += 1
    tally.found += bool(rules)
    tally.rules.update(rules)
    if not rules:
        tally.elsewhere.update({each.rule for each in fresh} or {"nothing"})
