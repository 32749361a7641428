"""Clean notes by seed: the complete examples and the two pregnancies of the tests, varied so that they stay consistent.

A clean note is one that a good clinician would have written. What is varied is moved together: all days by whole weeks,
the lengths of a scan by one offset, the sample with the vital signs only where no text and no reason names the number.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.mutations.faults import Data, changed, places, value

ROOT = Path(__file__).parents[2]
WHOLE = {
    "assessment": ("complete", "normal", "preconception", "twins", "late-rescue", "rescue"),
    "ultrasound": ("complete", "normal", "open", "scan", "short", "stitch", "twins"),
    "cerclage": ("complete", "laparoscopic", "mcdonald", "not-placed", "rescue", "shirodkar", "twins"),
    "removal": (
        "abdominal", "caesarean", "complete", "demise", "elective", "embedded", "labour", "pprom-removed",
        "pprom-retained", "retained-material",
    ),
    "follow-up": ("abdominal", "complete", "normal", "progesterone", "symptomatic", "twins"),
}  # fmt: skip
"""The examples that are whole; the others show what is absent, unknown, sparse or published as it was."""

_NAMES = ("Ada Example", "Bea Sample", "Cleo Invented", "Dora Madeup", "Esi Placeholder", "Fern Fabricated")
_MONTH = re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b")
_DATE = re.compile(r"^\d{4}-\d\d-\d\d(?=T|$)")
_SPELLING = {
    "labor": "labour", "hemorrhage": "haemorrhage", "anesthesia": "anaesthesia", "fetus": "fetus", "center": "centre",
}  # fmt: skip
_BANDS = (10, 20, 25, 29)
"""Millimetres; a set of lengths that is varied stays between two of these, so that words about it stay true."""


@dataclass(frozen=True)
class Clean:
    """A note without fault, those of the same pregnancy before it, and the example it was varied from."""

    name: str
    note: Data
    earlier: tuple[Data, ...] = ()


def clean_notes(number: int, seed: int = 0) -> Iterator[Clean]:
    """Yield this many notes; the same ones for the same seed."""
    bases = [*_examples(), *_pregnancies()]
    for at in range(number):
        chance = Random(seed * 1_000_003 + at)
        base = bases[at % len(bases)]
        yield varied(base, chance) if at >= len(bases) else base


def varied(base: Clean, chance: Random) -> Clean:
    """Return a clean note unlike its example in what may differ between two women."""
    together = _moved_to_another_year(_named_anew([*base.earlier, base.note], chance), chance)
    together = _read_elsewhere(together, chance)
    together = _age_stated(together, chance)
    together = _scans_remarked_on(together, chance)
    note = together[-1]
    for vary in (_vitals, _hearts, _laboratory, _placenta, _body, _penicillin):
        note = vary(note, chance)
    if not base.earlier:
        note = _lengths(note, chance)
    before = together[:-1] or [_vitals(one, chance) for one in _visit_before(note)]
    return Clean(base.name, note, tuple(before))


def _examples() -> Iterator[Clean]:
    for kind, names in WHOLE.items():
        for name in names:
            yield Clean(f"{kind}/{name}", _read(ROOT / f"templates/{kind}/examples/{name}.note.json"))


def _pregnancies() -> Iterator[Clean]:
    for country in ("uk", "us"):
        before: tuple[Data, ...] = ()
        for path in sorted((ROOT / "tests/pregnancy" / country).glob("*.note.json")):
            note = _read(path)
            yield Clean(f"pregnancy/{country}/{path.name.removesuffix('.note.json')}", note, before)
            before = (*before, note)


def _read(path: Path) -> Data:
    note: Data = json.loads(path.read_text("utf-8"))
    return note


# What is moved together in all notes of a pregnancy.


def _each(held: Any, change: Callable[[str], str]) -> Any:
    if isinstance(held, dict):
        return {name: _each(one, change) for name, one in held.items()}
    if isinstance(held, list):
        return [_each(one, change) for one in held]
    return change(held) if isinstance(held, str) else held


def _named_anew(notes: list[Data], chance: Random) -> list[Data]:
    name, number = chance.choice(_NAMES), f"EX-{chance.randrange(10**6):06d}"
    younger = timedelta(days=chance.randint(-700, 700))
    after = [copy.deepcopy(note) for note in notes]
    for note in after:
        patient = note.get("patient", {})
        born = patient.get("birth_date")
        if isinstance(born, str) and "1988" <= born[:4] <= "1996":
            patient["birth_date"] = str(date.fromisoformat(born) + younger)
        if isinstance(patient.get("identifier"), str):
            patient["identifier"] = number
        if isinstance(patient.get("name"), str) and patient["name"] not in json.dumps({**note, "patient": {}}):
            patient["name"] = name
    return after


def _moved_to_another_year(notes: list[Data], chance: Random) -> list[Data]:
    """Move every day by the same whole weeks; the birth date too, so that she is as old as she was."""
    if _MONTH.search(json.dumps(notes)):
        return notes
    days = 7 * chance.randint(-60, 2)

    def moved(text: str) -> str:
        found = _DATE.match(text)
        return str(date.fromisoformat(found[0]) + timedelta(days=days)) + text[10:] if found else text

    after: list[Data] = _each(notes, moved)
    return after


def _read_elsewhere(notes: list[Data], chance: Random) -> list[Data]:
    """Let a British note stand for an international one and an American one, spelt anew, for a Canadian one."""
    other = {"UK": "INTL", "US": "CA"}.get(notes[-1].get("jurisdiction", ""))
    if other is None or chance.random() < 0.7:
        return notes

    def spelt(text: str) -> str:
        for american, british in _SPELLING.items():
            text = re.sub(rf"\b{american}\b", british, text)
        return text

    after = _each(notes, spelt) if other == "CA" else notes
    return [{**note, "jurisdiction": other} for note in after]


def _age_stated(notes: list[Data], chance: Random) -> list[Data]:
    """Let most notes say the gestational age of the day, as most clinicians write it first."""
    return [_with_age(note) if chance.random() < 0.8 else note for note in notes]


def _with_age(note: Data) -> Data:
    due, stated = value(note, "pregnancy.edd"), value(note, "pregnancy.ga_stated")
    if not isinstance(due, str) or stated is not None or value(note, "pregnancy.current") is False:
        return note
    weeks, days = divmod(280 - (date.fromisoformat(due) - date.fromisoformat(note["date"][:10])).days, 7)
    return changed(note, {"pregnancy.ga_stated": f"{weeks}w{days}d"})


_REMARKS = (
    "The bladder was emptied again before the third measurement was taken.",
    "She found the scan comfortable and watched the screen with her partner.",
    "The angle was corrected once; the anterior lip is a little thicker than the posterior.",
    "Some gas in the rectum made the external os hard to see at first.",
    "Nabothian follicles in the posterior lip, away from the canal.",
)


def _scans_remarked_on(notes: list[Data], chance: Random) -> list[Data]:
    """Let half of the scans have a remark, each of them its own."""
    said = chance.sample(_REMARKS, len(_REMARKS))
    return [
        changed(note, {"ultrasound.comment": said.pop()})
        if said
        and places(note, "ultrasound.lengths[].length")
        and not value(note, "ultrasound.comment")
        and chance.random() < 0.6
        else note
        for note in notes
    ]


# What differs between two women.


def _is_told(note: Data, place: str) -> bool:
    """Say whether a text names the number at a place, or a reason was written for it."""
    kept = {one.get("at") for one in note.get("kept", [])}
    number = re.escape(str(value(note, place)))
    return place in kept or bool(re.search(rf'"[^"]*[a-z] (?:[^"]* )?{number}\b[^"]*"', json.dumps(note)))


def _jittered(note: Data, place: str, by: float, lowest: float, highest: float, chance: Random) -> Data:
    """Return a note with another number at a place, if both stand within what is usual."""
    number = value(note, place)
    if not isinstance(number, int | float) or not lowest <= number <= highest or _is_told(note, place):
        return note
    new = min(highest, max(lowest, number + chance.uniform(-by, by)))
    return changed(note, {place: round(new) if isinstance(number, int) else round(new, 1)})


def _vitals(note: Data, chance: Random) -> Data:
    for name, by, lowest, highest in (
        ("sbp", 8, 100, 130), ("dbp", 6, 56, 80), ("hr", 8, 64, 94), ("temp", 0.3, 36.3, 37.2), ("rr", 2, 12, 18),
    ):  # fmt: skip
        note = _jittered(note, f"vitals.{name}", by, lowest, highest, chance)
    return note


def _hearts(note: Data, chance: Random) -> Data:
    for pattern in ("fetal.fetuses[].fhr", "fetal.fetuses_after[].fhr", "suture_removal.fetuses_after[].fhr"):
        for place in places(note, pattern):
            note = _jittered(note, place, 7, 120, 155, chance)
    return note


def _laboratory(note: Data, chance: Random) -> Data:
    for name, by, lowest, highest in (
        ("wbc", 1.5, 6, 11),
        ("crp", 2, 1, 8),
        ("hb", 8, 108, 135),
        ("plt", 40, 170, 350),
    ):
        note = _jittered(note, f"labs.{name}", by, lowest, highest, chance)
    return note


def _body(note: Data, chance: Random) -> Data:
    note = _jittered(note, "vitals.weight", 6, 58, 78, chance)
    return _jittered(note, "vitals.height", 5, 158, 174, chance)


def _placenta(note: Data, chance: Random) -> Data:
    free = ("posterior", "anterior", "fundal", "lateral")
    told = any(word in json.dumps(note.get("fetal", {}).get("comment", "")) for word in free)
    new = chance.choice(free)
    return changed(note, {"fetal.placenta": new}) if value(note, "fetal.placenta") in free and not told else note


def _penicillin(note: Data, chance: Random) -> Data:
    """Let some be allergic to penicillin, and given clindamycin for it."""
    rows = places(note, "operation.antibiotics[].drug")
    told = re.search(r"(?i)allerg[a-z]* [a-z]|ce[fp]h?azolin", json.dumps(_texts(note)))
    able = value(note, "allergies.any") is False and rows and value(note, rows[0]) == "cefazolin" and not told
    if not able or len(rows) > 1 or chance.random() < 0.5:
        return note
    row = rows[0].removesuffix(".drug")
    new = {rows[0]: "clindamycin", f"{row}.dose": 900, f"{row}.unit": "mg"}
    allergy = [{"id": "g1", "substance": "penicillin", "reaction": "hives and wheeze"}]
    return changed(note, {**new, "allergies.any": True, "allergies.list": allergy})


def _texts(note: Data) -> list[str]:
    found: list[str] = []
    _each(note, lambda text: found.append(text) or text if " " in text else text)  # type: ignore[func-returns-value]
    return found


def _lengths(note: Data, chance: Random) -> Data:
    """Move all lengths of a scan, and what was measured with them, by the same millimetres, within one band."""
    spots = places(note, "ultrasound.lengths[].length")
    more = places(note, "ultrasound.previous_length") + places(note, "ultrasound.length_after_stress")
    numbers = [value(note, place) for place in spots + more]
    told = any(_is_told(note, place) for place in spots + more)
    if not spots or told or places(note, "ultrasound.percentile") or places(note, "ultrasound.stitch_to_external_os"):
        return note
    room = [
        by
        for by in range(-4, 9)
        if all(_band(one) == _band(one + by) and min(one, 3) <= one + by <= 50 for one in numbers)
    ]
    by = chance.choice(room or [0])
    note = changed(note, {place: one + by for place, one in zip(spots + more, numbers, strict=True)})
    return note


def _band(length: float) -> int:
    return sum(length > edge for edge in _BANDS)


# The visit two weeks before, for a note that stands alone.


def _visit_before(note: Data) -> Iterator[Data]:
    """Yield the note of the visit before, where all that is said today can have been so then."""
    quoted, when = value(note, "ultrasound.previous_length"), value(note, "ultrasound.previous_date")
    fits = note["template"] in ("ultrasound", "follow-up") and isinstance(value(note, "pregnancy.ga_stated"), str)
    if not fits or not isinstance(quoted, int | float) or not isinstance(when, str):
        return
    days = (date.fromisoformat(note["date"][:10]) - date.fromisoformat(when)).days
    placed = value(note, "cerclage.placed_on")
    if days <= 0 or (isinstance(placed, str) and placed >= when):
        return
    yield _as_it_was(note, days, quoted)


_OF_THE_DAY = ("kept", "carried", "addendum_of", "instructions", "comment")
"""What is written anew at each visit."""


def _as_it_was(note: Data, days: int, shortest: float) -> Data:
    before = {name: one for name, one in copy.deepcopy(note).items() if name not in _OF_THE_DAY}

    def back(text: str) -> str:
        return str(date.fromisoformat(text[:10]) - timedelta(days=days)) + text[10:]

    before["id"] = f"{note['id']}-before"
    for place in ("date", "signed_at", "ultrasound.scan_date", "labs.collected_on", "plan.followup", "plan.next_scan"):
        if isinstance(value(before, place), str):
            before = changed(before, {place: back(value(before, place))})
    age = re.fullmatch(r"(\d+)w(\d)d", value(note, "pregnancy.ga_stated"))
    if age:
        was = int(age[1]) * 7 + int(age[2]) - days
        before = changed(before, {"pregnancy.ga_stated": f"{was // 7}w{was % 7}d"})
    spots = places(before, "ultrasound.lengths[].length")
    offset = shortest - min(value(before, place) for place in spots) if spots else 0
    before = changed(before, {place: value(before, place) + offset for place in spots})
    longest = max(spots, key=lambda place: float(value(before, place)), default="")
    if longest and not offset:  # it was measured on that day, too, and not three times to the same half millimetre
        before = changed(before, {longest: value(before, longest) + 0.5})
    gone = ("previous_length", "previous_date", "length_after_stress", "percentile")
    before = changed(before, {f"ultrasound.{name}": None for name in gone if value(before, f"ultrasound.{name}")})
    said = [f"{section}.comment" for section in before if value(before, f"{section}.comment")]
    before = changed(before, dict.fromkeys([*said, *places(before, "pregnancy.edd_change_reason")]))
    return changed(
        before, {"ultrasound.comment": "The whole canal was in view, and the image did not change in four minutes."}
    )
