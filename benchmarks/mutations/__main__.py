"""Writes docs/detection.md: `python -m benchmarks.mutations --notes 300`."""

import argparse
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ci_notes
from benchmarks.mutations.clean import clean_notes
from benchmarks.mutations.faults import CONTRADICT_NOTHING, KINDS, Fault, TextFault
from benchmarks.mutations.missed import WHY
from benchmarks.mutations.trying import Tally, findings, read, try_faults
from ci_notes.checks import Finding

PAGE = Path(__file__).parents[2] / "docs" / "detection.md"
ENOUGH = 0.9
"""The rate that each kind is to reach; a kind below it is listed with why, before those that are missed more rarely."""


INTRODUCTION = """\
Single faults, as they happen on wards, are put one at a time into clean notes of all five kinds. They were written
before any rule was looked at (`benchmarks/mutations/faults.py`; its first commit is the list as it was then). A fault
is found if a finding is new and names the place that was changed or one that it contradicts; in an edited narrative,
if it names the line. The clean notes are our own examples, varied, and no notes of a hospital: the figures say what
the checks do with these, and no more.

After the first run seven kinds were put right, since what they made was no fault, or because what it contradicts was
not named in full: signed on the day itself; no next visit where a next scan is planned; the places that a wrong weight,
height or date of the dating scan contradicts; "was not seen" said of a visit. The visit before, which is made up for a
clean note that has none, was then given vital signs and lengths of its own: that they were all those of the later visit
was a fault in itself.

Only faults are counted that a careful colleague could see from the note, from an earlier one or from the narrative. One
kind was divided for this when its rate had been seen, which was 81%: where a stitch was placed before the pregnancy, a
day exchanged with its month contradicts nothing if it lies before the pregnancy as well and no earlier note names the
day. That part is tried and shown below, and not counted.

Of this list 90.0% was found before R021a, D035 to D046, D123 to D125 and D211 to D216 were written, which was done with
the list in view. So the rates say how much of these faults is found, and not how much of what nobody thought of."""


class Alarms:
    """What is found in clean notes."""

    def __init__(self) -> None:
        self.notes: Counter[str] = Counter()
        self.rules: Counter[tuple[str, str]] = Counter()
        self.names: dict[tuple[str, str], set[str]] = {}

    def add(self, name: str, found: list[Finding]) -> None:
        told = [one for one in found if one.outcome == "found"]
        self.notes.update({one.severity for one in told})
        for rule in {(one.severity, one.rule) for one in told}:
            self.rules[rule] += 1
            self.names.setdefault(rule, set()).add(name)


def measured(notes: int, false_alarms: int, seed: int) -> tuple[dict[str, Tally], Alarms]:
    """Return the tallies of all kinds over `notes` clean notes, and the alarms of those and of more, up to a number."""
    tallies = {fault.name: Tally() for fault in (*KINDS, *CONTRADICT_NOTHING)}
    alarms = Alarms()
    for number, one in enumerate(clean_notes(max(notes, false_alarms), seed)):
        alone = number >= notes
        alarms.add(one.name, findings(read(one.note, one.earlier)) if alone else try_faults(one, tallies, number))
    return tallies, alarms


def page(tallies: dict[str, Tally], alarms: Alarms, command: str, notes: int, false_alarms: int) -> Iterator[str]:
    """Yield the lines of docs/detection.md."""
    tried, found = (sum(getattr(tallies[one.name], name) for one in KINDS) for name in ("tried", "found"))
    missed = [one.name for one in KINDS if tallies[one.name].found < tallies[one.name].tried]
    below = [name for name in missed if tallies[name].rate < ENOUGH]
    yield from (
        "# What the checks find",
        "",
        f"Made by `{command}` on {date.today()} with ci_notes {ci_notes.__version__}; do not edit.",
        "",
        *INTRODUCTION.splitlines(),
        "",
        f"**{found} of {tried} found: {found / tried:.1%}**, in {notes} notes; "
        f"{len(KINDS)} kinds, {len(below)} of them below {ENOUGH:.0%}.",
        "",
        "## By kind",
        "",
        *_HEAD,
    )
    yield from (_row(fault, tallies[fault.name]) for fault in KINDS)
    yield from ("", "## Below what is wanted, and why", "", *_why(tallies, below))
    yield from ("", "## Missed more rarely, and why", "", *_why(tallies, [one for one in missed if one not in below]))
    yield from ("", "## What nobody could see, not counted", "", *_HEAD)
    yield from (_row(fault, tallies[fault.name]) for fault in CONTRADICT_NOTHING)
    yield from _alarms(alarms, false_alarms)


_HEAD = (
    "| fault | how it happens | tried | found | rate | by |",
    "| --- | --- | ---: | ---: | ---: | --- |",
)


def _row(fault: Fault | TextFault, one: Tally) -> str:
    rate = f"{one.rate:.0%}" if one.tried else "–"
    by = ", ".join(rule for rule, _ in one.rules.most_common(4)) or "–"
    return f"| {fault.name} | {fault.ward} | {one.tried} | {one.found} | {rate} | {by} |"


def _why(tallies: dict[str, Tally], names: list[str]) -> Iterator[str]:
    for name in names:
        one = tallies[name]
        seen = ", ".join(f"{rule} {n}" for rule, n in one.elsewhere.most_common(3))
        why = WHY.get(name, "Not looked into yet.")
        yield f"- **{name}** ({one.found} of {one.tried}): {why} Seen instead: {seen}."
    if not names:
        yield "None."


def _alarms(alarms: Alarms, notes: int) -> Iterator[str]:
    yield from (
        "", "## In clean notes", "",
        f"{notes} clean notes, each with the notes of its pregnancy before it. Notes with a finding of a severity: "
        + ", ".join(f"{severity} {alarms.notes[severity]}" for severity in ("error", "warning", "info")) + ".",
        "Not every warning is false: some examples hold what is rare and true (a fast pulse with infection), or what",
        "guidelines see differently.", "",
        "| severity | rule | notes | in variations of |", "| --- | --- | ---: | --- |",
    )  # fmt: skip
    order = ("error", "warning", "info")
    for (severity, rule), n in sorted(alarms.rules.items(), key=lambda one: (order.index(one[0][0]), -one[1])):
        names = sorted(alarms.names[severity, rule])
        yield f"| {severity} | {rule} | {n} | {', '.join(names[:3])}{', …' if len(names) > 3 else ''} |"


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m benchmarks.mutations", description=__doc__)
    reader.add_argument("--notes", type=int, default=300, help="clean notes that faults are put into")
    reader.add_argument("--clean", type=int, default=0, help="clean notes that are checked for false alarms")
    reader.add_argument("--seed", type=int, default=0)
    given = reader.parse_args()
    number = max(given.clean, given.notes)
    tallies, alarms = measured(given.notes, number, given.seed)
    command = f"python -m benchmarks.mutations --notes {given.notes} --clean {number} --seed {given.seed}"
    PAGE.write_text("\n".join(page(tallies, alarms, command, given.notes, number)) + "\n", "utf-8")
    print(PAGE.read_text("utf-8"))


if __name__ == "__main__":
    main()
