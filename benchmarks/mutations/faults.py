"""Single faults as they happen on wards, each a function on a note's data; written before looking at any rule.

A fault is *found* by a finding of outcome `found` that the clean note did not have, and that names the place that was
changed, or one of the places that it was made to contradict (`against`). Any other finding does not count. Only faults
are here that a careful colleague could see from the note itself, the earlier notes, or the rendered narrative.
"""

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

Data = dict[str, Any]
ALL = ("assessment", "ultrasound", "cerclage", "removal", "follow-up")


@dataclass(frozen=True)
class Slip:
    """A note with one fault: what was written, the places that changed, and those they now contradict."""

    note: Data
    places: tuple[str, ...]
    against: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """A kind of fault. `make(note, earlier, chance)` is None where it cannot happen to this note."""

    name: str
    ward: str
    make: Callable[[Data, Data | None, Random], Slip | None]
    notes: tuple[str, ...] = ALL


@dataclass(frozen=True)
class TextFault:
    """A kind of fault in a narrative that somebody edited. `make(sentence, chance)` is None where it cannot happen."""

    name: str
    ward: str
    make: Callable[[str, Random], str | None]


# Places of a note: "exam.dilation", "history.prior[p1].outcome"; "[]" in a pattern is any row.


def places(note: Data, pattern: str) -> list[str]:
    """Return the places of a note that a pattern stands for and that hold a value (no absence)."""
    found = [("", note)]
    for part in pattern.split("."):
        found = [step for place, held in found for step in _steps(place, held, part)]
    return [place for place, value in found if not (isinstance(value, dict) and "absent" in value)]


def _steps(place: str, held: Any, part: str) -> Iterator[tuple[str, Any]]:
    name, many, row = part.removesuffix("]").partition("[")
    if not isinstance(held, dict) or name not in held:
        return
    path = f"{place}.{name}" if place else name
    if not many:
        yield path, held[name]
    elif isinstance(held[name], list):
        yield from ((f"{path}[{one['id']}]", one) for one in held[name] if row in ("", one["id"]))


def value(note: Data, place: str) -> Any:
    """Return what stands at a place, or None."""
    held: Any = note
    for part in place.split("."):
        steps = list(_steps("", held, part))
        if not steps:
            return None
        held = steps[0][1]
    return held


def changed(note: Data, new: dict[str, Any]) -> Data:
    """Return a copy with other values at these places; None takes a place away."""
    after = copy.deepcopy(note)
    for place, what in new.items():
        section, _, name = place.rpartition(".")
        parent = value(after, section) if section else after
        if what is None:
            parent.pop(name, None)
        else:
            parent[name] = what
    return after


# Ways in which a fault comes about.


def rewritten(*patterns: str, how: Callable[[Any], Any], against: tuple[str, ...] = ()) -> Callable[..., Slip | None]:
    """One value is written in another way; `how` gives None where that would be no fault."""

    def make(note: Data, earlier: Data | None, chance: Random) -> Slip | None:
        able = [place for pattern in patterns for place in places(note, pattern)]
        able = [place for place in able if how(value(note, place)) not in (None, value(note, place))]
        if not able:
            return None
        place = chance.choice(able)
        return Slip(changed(note, {place: how(value(note, place))}), (place,), against)

    return make


def left_out(*patterns: str, where: Callable[[Data], bool] = bool) -> Callable[..., Slip | None]:
    """One answer was never written."""

    def make(note: Data, earlier: Data | None, chance: Random) -> Slip | None:
        able = [place for pattern in patterns for place in places(note, pattern)] if where(note) else []
        if not able:
            return None
        place = chance.choice(able)
        return Slip(changed(note, {place: None}), (place,))

    return make


def exchanged(*pairs: tuple[str, str]) -> Callable[..., Slip | None]:
    """Two values stand in each other's field."""

    def make(note: Data, earlier: Data | None, chance: Random) -> Slip | None:
        able = [(a, b) for a, b in pairs if places(note, a) and places(note, b) and value(note, a) != value(note, b)]
        if not able:
            return None
        a, b = chance.choice(able)
        return Slip(changed(note, {a: value(note, b), b: value(note, a)}), (a, b))

    return make


def unlike(*patterns: str, how: Callable[[Any], Any]) -> Callable[..., Slip | None]:
    """What the earlier note says is written differently in this one."""
    plain = rewritten

    def make(note: Data, earlier: Data | None, chance: Random) -> Slip | None:
        if earlier is None:
            return None
        same = [place for pattern in patterns for place in places(note, pattern)]
        same = [place for place in same if value(note, place) == value(earlier, place)]
        return plain(*same, how=how)(note, earlier, chance) if same else None

    return make


def written(
    make_new: Callable[[Data, Data | None], dict[str, Any] | None], *against: str
) -> Callable[..., Slip | None]:
    """Values are written that contradict others; `make_new` gives None where it is no fault."""

    def make(note: Data, earlier: Data | None, chance: Random) -> Slip | None:
        new = make_new(note, earlier)
        new = {place: what for place, what in (new or {}).items() if value(note, place) != what}
        return Slip(changed(note, new), tuple(new), against) if new else None

    return make


# What happens to a single value.


def times(factor: float) -> Callable[[Any], Any]:
    return lambda number: _number(number * factor) if isinstance(number, int | float) and number else None


def _number(number: float) -> int | float:
    rounded = round(number, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def fahrenheit(celsius: float) -> float:
    return round(celsius * 9 / 5 + 32, 1)


def turned(written_date: str) -> str | None:
    """Exchange day and month, where the result is another day."""
    year, month, day = written_date[:4], written_date[5:7], written_date[8:10]
    return f"{year}-{day}-{month}{written_date[10:]}" if day <= "12" and day != month else None


def later(days: int) -> Callable[[str], str]:
    def moved(when: str) -> str:
        return str(date.fromisoformat(when[:10]) + timedelta(days=days)) + when[10:]

    return moved


def weeks_on(weeks: int) -> Callable[[str], str | None]:
    def moved(age: str) -> str | None:
        number, rest = re.match(r"(\d+)(w.*)", age).groups()  # type: ignore[union-attr]
        return f"{int(number) + weeks}{rest}" if int(number) + weeks >= 0 else None

    return moved


def opposite(answer: Any) -> Any:
    return (not answer) if isinstance(answer, bool) else None


def instead(**other: Any) -> Callable[[Any], Any]:
    """One option in the place of the one beside it in the list."""
    return lambda option: other.get(option) if isinstance(option, str) else None


def minutes_on(when: str, minutes: int) -> str:
    return (datetime.fromisoformat(when) + timedelta(minutes=minutes)).isoformat()


def _day(note: Data) -> str:
    return str(note["date"])[:10]


def _shortest(note: Data) -> float | None:
    lengths = [value(note, place) for place in places(note, "ultrasound.lengths[].length")]
    return min(lengths) if lengths and note["ultrasound"].get("done", True) else None


def _earlier_than(earlier: Data | None, note: Data) -> bool:
    return earlier is not None and _day(earlier) < _day(note)


# Faults that need more than one value to be thought of.


def _began(note: Data) -> str:
    """Return the first day of the pregnancy, 280 days before it is due; before a pregnancy the day of the note."""
    due = value(note, "pregnancy.edd")
    return str(date.fromisoformat(due) - timedelta(days=280)) if isinstance(due, str) else note["date"][:10]


def _stitch_turned(between_pregnancies: bool) -> Callable[..., Slip | None]:
    """Day and month of the stitch are exchanged; of one from before the pregnancy, this may contradict nothing."""
    plain = rewritten("cerclage.placed_on", how=turned)

    def make(note: Data, earlier: Data | None, chance: Random) -> Slip | None:
        slip = plain(note, earlier, chance)
        if slip is None:
            return None
        days = (value(one, "cerclage.placed_on") for one in (note, slip.note))
        nothing = earlier is None and all(day < _began(note) for day in days)
        return slip if nothing is between_pregnancies else None

    return make


def _signed_the_day_before(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    signed = note.get("signed_at")
    return {"signed_at": later(-1)(_day(note)) + signed[10:]} if isinstance(signed, str) else None


def _wrong_impression(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    shortest = _shortest(note)
    said = value(note, "ultrasound.impression")
    if shortest is None or said is None or said == "dilated":
        return None
    return {"ultrasound.impression": "short_21_25" if shortest > 25 else "normal"}


def _short_cervix_other_side(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    shortest, said = _shortest(note), value(note, "diagnosis.short_cervix")
    clear = shortest is not None and abs(shortest - 25) >= 1
    return {"diagnosis.short_cervix": not said} if clear and isinstance(said, bool) else None


def _stated_age_of_last_visit(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    old = value(earlier, "pregnancy.ga_stated") if earlier else None
    return {"pregnancy.ga_stated": old} if old and _earlier_than(earlier, note) and isinstance(old, str) else None


def _lengths_of_last_scan(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    rows = value(earlier, "ultrasound.lengths") if earlier else None
    mine = value(note, "ultrasound.lengths")
    return {"ultrasound.lengths": rows} if rows and mine and len(rows) > 1 and _earlier_than(earlier, note) else None


def _vitals_of_last_visit(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    names = ("sbp", "dbp", "hr", "temp")
    both = [n for n in names if earlier and value(earlier, f"vitals.{n}") and value(note, f"vitals.{n}")]
    return {f"vitals.{n}": value(earlier or {}, f"vitals.{n}") for n in both} if len(both) >= 3 else None


def _remark_of_last_visit(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    """The remark on the scan stays while the lengths differ."""
    old = value(earlier, "ultrasound.comment") if earlier else None
    differs = old and _shortest(note) != _shortest(earlier or {}) and value(note, "ultrasound.comment")
    return {"ultrasound.comment": old} if differs and isinstance(old, str) and len(old) > 20 else None


def _edd_moved(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    edd = value(note, "pregnancy.edd")
    same = earlier is not None and value(earlier, "pregnancy.edd") == edd
    told = value(note, "pregnancy.edd_change_reason")
    return {"pregnancy.edd": later(5)(edd)} if same and isinstance(edd, str) and not told else None


def _previous_length_misquoted(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    shortest = _shortest(earlier) if earlier else None
    quoted = value(note, "ultrasound.previous_length")
    return {"ultrasound.previous_length": quoted + 6} if shortest is not None and quoted == shortest else None


def _target_is_past(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    stated = value(note, "pregnancy.ga_stated")
    if note["template"] == "removal" or not isinstance(stated, str) or not value(note, "removal.target"):
        return None
    return {"removal.target": weeks_on(-2)(stated)}


def _stitch_out_plan_stays(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    """The earlier note is the removal; this one still carries the stitch and its plan."""
    out = earlier is not None and value(earlier, "suture_removal.complete") is True
    return {"cerclage.in_place": True} if out and value(note, "cerclage.in_place") is False else None


def _stitch_gone_without_removal(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    was = earlier is not None and value(earlier, "cerclage.in_place") is True
    now = note["template"] in ("follow-up", "assessment") and value(note, "cerclage.in_place") is True
    return {"cerclage.in_place": False} if was and now else None


def _removed_more_than_placed(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    placed, removed = value(note, "cerclage.sutures_n"), value(note, "suture_removal.removed_n")
    return {"suture_removal.removed_n": placed + 1} if placed and isinstance(removed, int) else None


def _bites_do_not_count(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    bites, clock = value(note, "cerclage.bites_n"), value(note, "cerclage.bites_clock")
    return {"cerclage.bites_n": bites + 1} if bites and isinstance(clock, list) and len(clock) == bites else None


def _one_of_two_fetuses(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    rows, number = value(note, "fetal.fetuses"), value(note, "pregnancy.plurality")
    return {"fetal.fetuses": rows[:-1]} if isinstance(rows, list) and number == len(rows) and number > 1 else None


def _fetus_too_many(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    rows, number = value(note, "fetal.fetuses"), value(note, "pregnancy.plurality")
    return {"pregnancy.plurality": 2} if isinstance(rows, list) and len(rows) == 1 and number == 1 else None


def _complete_and_retained(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    whole = value(note, "suture_removal.complete") is True
    return {"suture_removal.retained_material": True} if whole else None


def _laceration_but_no_complication(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    none = value(note, "suture_removal.complications") == []
    return {"suture_removal.laceration": True} if none and value(note, "suture_removal.laceration") is False else None


def _ruptured_but_no_complication(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    section = "cerclage" if note["template"] == "cerclage" else "suture_removal"
    fit = value(note, f"{section}.complications") == [] and value(note, f"{section}.membranes_after") == "intact"
    before = value(note, "cerclage.membranes_before") == "intact" or section == "suture_removal"
    return {f"{section}.membranes_after": "ruptured"} if fit and before else None


def _bleeding_denied(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    denied = value(note, "symptoms.bleeding") is False and value(note, "symptoms.spotting") is False
    return {"exam.bleeding": "heavy"} if denied and value(note, "exam.bleeding") else None


def _fever_denied(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    denied = value(note, "symptoms.fever") is False
    return {"vitals.temp": 38.7} if denied and isinstance(value(note, "vitals.temp"), int | float) else None


def _fever_said(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    well = value(note, "symptoms.fever") is False and (value(note, "vitals.temp") or 40) <= 37.2
    return {"symptoms.fever": True} if well else None


def _funnel_denied(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    has = value(note, "ultrasound.funnel_length") and value(note, "ultrasound.funnelling") is True
    return {"ultrasound.funnelling": False} if has else None


def _drug_she_is_allergic_to(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    rows = value(note, "operation.antibiotics")
    allergic = {row.get("substance") for row in value(note, "allergies.list") or []}
    same = [name for name in ("penicillin", "cephalosporin", "clindamycin") if name in allergic]
    return {f"operation.antibiotics[{rows[0]['id']}].drug": same[0]} if rows and same else None


def _allergy_lost(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    had = earlier is not None and value(earlier, "allergies.any") is True and value(note, "allergies.any") is True
    return {"allergies.any": False, "allergies.list": None} if had else None


def _latex_forgotten(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    allergic = {row.get("substance") for row in value(note, "allergies.list") or []}
    return {"operation.latex_free": False} if "latex" in allergic and value(note, "operation.latex_free") else None


def _mother_for_fetus(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    rows = places(note, "fetal.fetuses[].fhr")
    return {rows[0]: value(note, "vitals.hr") or 78} if rows and (value(note, "vitals.hr") or 78) < 100 else None


def _ended_before_start(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    started, ended = value(note, "operation.started"), value(note, "operation.ended")
    both = isinstance(started, str) and isinstance(ended, str)
    return {"operation.ended": minutes_on(started, -20)} if both else None


def _consent_after(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    started = value(note, "operation.started")
    fits = isinstance(started, str) and isinstance(value(note, "counselling.consent_at"), str)
    return {"counselling.consent_at": minutes_on(started, 45)} if fits else None


def _antibiotic_after(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    started, rows = value(note, "operation.started"), places(note, "operation.antibiotics[].at")
    return {rows[0]: minutes_on(started, 40)} if rows and isinstance(started, str) else None


def _operation_on_another_day(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    placed = value(note, "cerclage.placed_on")
    return {"cerclage.placed_on": later(-1)(placed)} if isinstance(placed, str) and note.get("operation") else None


def _visit_in_the_past(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    spots = [place for place in ("plan.followup", "plan.next_scan") if isinstance(value(note, place), str)]
    return {spots[-1]: later(-7)(_day(note))} if spots else None


def _visit_next_year(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    spots = [place for place in ("plan.followup", "plan.next_scan") if isinstance(value(note, place), str)]
    return {spots[0]: later(365)(value(note, spots[0]))} if spots else None


def _knot_said_elsewhere(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    knot, text = value(note, "cerclage.knot_clock"), value(note, "operation.description")
    if not isinstance(knot, int) or not isinstance(text, str):
        return None
    return {"operation.description": f"{text} The knot was tied at {(knot + 5) % 12 + 1} o'clock."}


def _text_of_another_technique(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    technique, text = value(note, "cerclage.technique"), value(note, "operation.description")
    other = {"mcdonald": "Shirodkar", "shirodkar": "McDonald"}.get(technique if isinstance(technique, str) else "")
    return (
        {"operation.description": f"A {other} suture was placed. {text}"} if other and isinstance(text, str) else None
    )


def _vaginal_removal_of_abdominal(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    fits = note["template"] == "removal" and value(note, "suture_removal.removed_n")
    return {"cerclage.technique": "tac_laparoscopic"} if fits else None


def _row_swapped(note: Data, first: str, second: str) -> dict[str, Any] | None:
    for place in places(note, first):
        other = place.rpartition(".")[0] + "." + second.rpartition(".")[2]
        if places(note, other) and value(note, other) != value(note, place):
            return {place: value(note, other), other: value(note, place)}
    return None


def _placed_and_removed_swapped(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    return _row_swapped(note, "history.prior[].cerclage_placed", "history.prior[].cerclage_removed")


def _gone_at_term_called_loss(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    for place in places(note, "history.prior[].outcome"):
        age = value(note, place.replace(".outcome", ".ga_end"))
        if isinstance(age, str) and int(age.partition("w")[0]) >= 34 and value(note, place) == "livebirth":
            return {place: "loss_2T"}
    return None


def _quoted_from_the_future(note: Data, earlier: Data | None) -> dict[str, Any] | None:
    spots = ("ultrasound.scan_date", "labs.collected_on", "symptoms.onset", "ultrasound.previous_date")
    able = [place for place in spots if isinstance(value(note, place), str)]
    return {able[0]: later(3)(_day(note))} if able else None


def _text_swap(pattern: str, new: Callable[[re.Match[str], Random], str]) -> Callable[[str, Random], str | None]:
    def make(sentence: str, chance: Random) -> str | None:
        found = list(re.finditer(pattern, sentence))
        if not found:
            return None
        one = chance.choice(found)
        after = sentence[: one.start()] + new(one, chance) + sentence[one.end() :]
        return after if after != sentence else None

    return make


_OBSERVED = ("symptoms.bleeding", "exam.bleeding", "symptoms.spotting")

FAULTS: tuple[Fault, ...] = (
    # Units
    Fault(
        "length in cm for mm",
        "The scan machine shows centimetres and one caliper reading is typed as it stands.",
        rewritten("ultrasound.lengths[].length", how=times(0.1)),
    ),
    Fault(
        "dilation in mm for cm",
        "The examiner thinks in millimetres and the field is in centimetres.",
        rewritten("exam.dilation", how=times(10)),
    ),
    Fault(
        "temperature in °F", "The thermometer of the ward shows Fahrenheit.", rewritten("vitals.temp", how=fahrenheit)
    ),
    Fault(
        "weight in pounds",
        "She gives her weight in pounds and it is typed as kilograms.",
        rewritten("vitals.weight", how=lambda kg: round(kg * 2.2046), against=("vitals.bmi",)),
    ),
    Fault(
        "height in metres",
        "The height is copied from her passport, in metres.",
        rewritten("vitals.height", how=times(0.01), against=("vitals.bmi",)),
    ),
    Fault(
        "height in inches",
        "She gives her height in inches.",
        rewritten("vitals.height", how=lambda cm: round(cm / 2.54), against=("vitals.bmi",)),
    ),
    Fault(
        "antibiotic g for mg",
        "2 g is written as 2 mg: the unit of the list entry above was kept.",
        rewritten("operation.antibiotics[].unit", how=instead(g="mg", mg="g")),
    ),
    Fault(
        "antibiotic tenfold", "A nought too many in the dose.", rewritten("operation.antibiotics[].dose", how=times(10))
    ),
    Fault(
        "progesterone in g",
        "200 mg is written as 0.2 in a field of milligrams.",
        rewritten("plan.progesterone_dose", how=times(0.001)),
    ),
    Fault(
        "progesterone tenfold",
        "A nought too many in the dose of progesterone.",
        rewritten("plan.progesterone_dose", how=times(10)),
    ),
    Fault("haemoglobin in g/dL", "The outside laboratory reports g/dL.", rewritten("labs.hb", how=times(0.1))),
    Fault(
        "white cells per µL",
        "The outside laboratory reports cells per microlitre.",
        rewritten("labs.wbc", how=times(1000)),
    ),
    Fault(
        "birth weight in kg",
        "3.2 is written where grams are asked.",
        rewritten("history.prior[].birthweight", how=times(0.001)),
    ),
    # Digits
    Fault("decimal point lost", "36.8 is typed without its point.", rewritten("vitals.temp", how=times(10))),
    Fault(
        "blood loss with two noughts too many",
        "20 mL becomes 2000: a finger stays on the key.",
        rewritten("cerclage.blood_loss", "suture_removal.blood_loss", how=times(100)),
    ),
    Fault(
        "fetal heart rate with a digit lost",
        "The last digit of the rate was not typed.",
        rewritten("fetal.fetuses[].fhr", how=lambda rate: rate // 10),
    ),
    Fault(
        "mother's pulse for the fetal heart",
        "The Doppler, or the eye, took the mother's pulse.",
        written(_mother_for_fetus, "vitals.hr"),
    ),
    # Dates
    Fault(
        "due date with day and month exchanged",
        "A letter from abroad writes the month first.",
        rewritten("pregnancy.edd", how=turned),
    ),
    Fault(
        "last period with day and month exchanged",
        "Her own app writes the month first.",
        rewritten("pregnancy.lmp", how=turned, against=("pregnancy.edd", "pregnancy.lmp_edd")),
    ),
    Fault(
        "dating scan with day and month exchanged",
        "The booking scan's date is copied from a foreign report.",
        rewritten("pregnancy.us_date", how=turned, against=("pregnancy.edd", "pregnancy.us_edd", "pregnancy.us_ga")),
    ),
    Fault(
        "cerclage with day and month exchanged",
        "The date of the operation is copied from a foreign letter.",
        _stitch_turned(between_pregnancies=False),
    ),
    Fault(
        "due date in the wrong year",
        "In January the old year is still typed.",
        rewritten("pregnancy.edd", how=lambda when: f"{int(when[:4]) - 1}{when[4:]}"),
    ),
    Fault(
        "birth date is this year's",
        "The year of today is typed for the year of birth.",
        rewritten("patient.birth_date", how=lambda when: "2026" + when[4:], against=("patient.age",)),
    ),
    Fault(
        "stated age a week off",
        "The wheel was read one line off.",
        rewritten("pregnancy.ga_stated", how=weeks_on(1), against=("pregnancy.ga", "pregnancy.edd")),
    ),
    Fault(
        "dating scan's age two weeks off",
        "The age at the first scan was read off the wrong line.",
        rewritten("pregnancy.us_ga", how=weeks_on(2), against=("pregnancy.edd", "pregnancy.us_edd")),
    ),
    Fault(
        "due date two weeks off",
        "The due date was reckoned from the wrong line of the calendar.",
        rewritten("pregnancy.edd", how=later(14)),
    ),
    Fault("next visit in the past", "The date is left over from the visit before.", written(_visit_in_the_past)),
    Fault("next visit next year", "The year is rolled on too far in the date picker.", written(_visit_next_year)),
    Fault(
        "result from the future",
        "The date of the planned test is typed for that of the test done.",
        written(_quoted_from_the_future),
    ),
    Fault(
        "signed before it was written",
        "The clock of the ward computer is wrong.",
        written(_signed_the_day_before, "date"),
    ),
    Fault(
        "operation ends before it starts",
        "Start and end were taken from two clocks.",
        written(_ended_before_start, "operation.started", "operation.duration"),
    ),
    Fault(
        "operation and stitch on different days",
        "The note is dictated the day after and one date slips.",
        written(_operation_on_another_day, "operation.started", "date"),
    ),
    Fault(
        "consent after the incision",
        "The time of printing the form is taken for that of signing it.",
        written(_consent_after, "operation.started"),
    ),
    Fault(
        "antibiotic after the incision",
        "The time in the drug chart is that of its entry.",
        written(_antibiotic_after, "operation.started"),
    ),
    # Swapped fields
    Fault(
        "systolic and diastolic swapped",
        "The two numbers are typed into each other's field.",
        exchanged(("vitals.sbp", "vitals.dbp")),
    ),
    Fault(
        "weight and height swapped",
        "The two numbers are typed into each other's field.",
        exchanged(("vitals.weight", "vitals.height")),
    ),
    Fault(
        "pulse and temperature swapped",
        "The two numbers are typed into each other's field.",
        exchanged(("vitals.hr", "vitals.temp")),
    ),
    Fault(
        "last period and due date swapped",
        "Two dates on the booking card are next to each other.",
        exchanged(("pregnancy.lmp", "pregnancy.edd")),
    ),
    Fault(
        "surveillance begins after its end",
        "First and last week are typed into each other's field.",
        exchanged(("plan.surveillance_start", "plan.surveillance_end")),
    ),
    Fault(
        "progesterone begins after its end",
        "First and last week are typed into each other's field.",
        exchanged(("plan.progesterone_start", "plan.progesterone_stop")),
    ),
    Fault(
        "earlier stitch placed after removal",
        "Two weeks of an earlier pregnancy are exchanged.",
        written(_placed_and_removed_swapped),
    ),
    # Counts
    Fault(
        "gravida one too many",
        "This pregnancy is counted twice.",
        rewritten("history.gravida", how=lambda n: n + 1, against=("history.formula", "history.prior", "history.para")),
    ),
    Fault(
        "living children miscounted",
        "A child who died is counted among the living.",
        rewritten(
            "history.living",
            how=lambda n: n + 2,
            against=("history.formula", "history.prior", "history.term", "history.preterm"),
        ),
    ),
    Fault(
        "preterm births miscounted",
        "A mid-trimester loss is counted among the preterm births.",
        rewritten(
            "history.preterm", how=lambda n: n + 1, against=("history.formula", "history.prior", "history.gravida")
        ),
    ),
    Fault(
        "more stitches out than in",
        "Two knots were seen and both counted.",
        written(_removed_more_than_placed, "cerclage.sutures_n"),
    ),
    Fault(
        "bites do not add up", "The last bite is counted twice.", written(_bites_do_not_count, "cerclage.bites_clock")
    ),
    Fault(
        "a twin's heart not recorded",
        "The second heart rate is on another sheet.",
        written(_one_of_two_fetuses, "pregnancy.plurality"),
    ),
    Fault(
        "one fetus, called twins",
        "The next option of the list is picked.",
        written(_fetus_too_many, "fetal.fetuses", "pregnancy.chorionicity"),
    ),
    Fault(
        "swab count not correct",
        "The wrong box is ticked for the counts.",
        rewritten("operation.counts_correct", how=lambda right: False if right is True else None),
    ),
    # The wrong side, the wrong option, negation
    Fault(
        "impression on the wrong side of the length",
        "The word for the length is picked from memory.",
        written(_wrong_impression, "ultrasound.lengths", "ultrasound.shortest"),
    ),
    Fault(
        "short cervix on the wrong side",
        "The box for a short cervix does not fit the shortest length.",
        written(_short_cervix_other_side, "ultrasound.lengths", "ultrasound.shortest"),
    ),
    Fault(
        "bleeding denied, then seen",
        "The symptoms are clicked normal as a block; the speculum showed blood.",
        written(_bleeding_denied, *_OBSERVED),
    ),
    Fault(
        "fever denied, then measured",
        "The symptoms are clicked normal as a block; she has 38.7.",
        written(_fever_denied, "symptoms.fever"),
    ),
    Fault("fever by a slip of negation", '"No fever" loses its no.', written(_fever_said, "vitals.temp")),
    Fault(
        "funnel denied but measured",
        "The box for funnelling is left at no while its length is typed.",
        written(_funnel_denied, "ultrasound.funnel_length", "ultrasound.funnel_shape", "ultrasound.funnel_share"),
    ),
    Fault(
        "complete, yet material retained",
        "Both boxes are ticked.",
        written(_complete_and_retained, "suture_removal.complete", "suture_removal.retained_plan"),
    ),
    Fault(
        "laceration, yet no complication",
        "The list of complications is clicked away as none.",
        written(_laceration_but_no_complication, "suture_removal.complications", "suture_removal.repaired"),
    ),
    Fault(
        "membranes ruptured, yet no complication",
        "The list of complications is clicked away as none.",
        written(_ruptured_but_no_complication, "cerclage.complications", "suture_removal.complications"),
    ),
    Fault(
        "abdominal stitch removed from below",
        "The technique is picked from the wrong end of the list.",
        written(
            _vaginal_removal_of_abdominal, "suture_removal.route", "suture_removal.removed_n", "suture_removal.setting"
        ),
        ("removal",),
    ),
    Fault(
        "drug that she is allergic to",
        "The routine prophylaxis is clicked without a look at the allergies.",
        written(_drug_she_is_allergic_to, "allergies.list", "allergies.any"),
        ("cerclage",),
    ),
    Fault("latex forgotten", "Theatre was not told.", written(_latex_forgotten, "allergies.list"), ("cerclage",)),
    Fault(
        "bed rest by habit",
        "The old advice is clicked, though nothing speaks for it.",
        rewritten("plan.activity", how=instead(normal="bed_rest", modified="bed_rest")),
    ),
    Fault("term birth called a loss", "The outcome of the row above is copied.", written(_gone_at_term_called_loss)),
    Fault(
        "micronised progesterone by injection",
        "The route is kept from another drug.",
        rewritten("plan.progesterone_route", how=instead(vaginal="im", oral="im"), against=("plan.progesterone_drug",)),
    ),
    Fault(
        "dictation names another knot",
        "The description is an old text block with the knot elsewhere.",
        written(_knot_said_elsewhere, "cerclage.knot_clock"),
        ("cerclage",),
    ),
    Fault(
        "dictation names another technique",
        "The description is the text block of the other operation.",
        written(_text_of_another_technique, "cerclage.technique"),
        ("cerclage",),
    ),
    # Left out
    Fault(
        "no heart rate afterwards",
        "The fetal heart was heard in recovery, and nobody wrote it down.",
        left_out("fetal.fetuses_after", "suture_removal.fetuses_after"),
        ("cerclage", "removal"),
    ),
    Fault(
        "no time-out", "The checklist was done on paper and not entered.", left_out("operation.timeout"), ("cerclage",)
    ),
    Fault(
        "no consent",
        "The consent form is in the folder and not in the note.",
        left_out("counselling.consent"),
        ("cerclage",),
    ),
    Fault(
        "no removal plan",
        "Nobody wrote when the stitch is to come out.",
        left_out("removal.target", where=lambda note: value(note, "cerclage.in_place") is True),
        ("cerclage", "follow-up"),
    ),
    Fault("no due date", "The dates are left for later.", left_out("pregnancy.edd")),
    Fault(
        "no word on whether all came out",
        "The stitch was removed; whether whole was not written.",
        left_out("suture_removal.complete"),
        ("removal",),
    ),
    Fault(
        "no place of the knot",
        "Who removes the stitch will look for the knot.",
        left_out("cerclage.knot_clock"),
        ("cerclage",),
    ),
    Fault(
        "no next visit",
        "She leaves without an appointment in the note.",
        left_out("plan.followup", where=lambda note: not value(note, "plan.next_scan")),
    ),
    # Copied forward, or unlike the note before
    Fault(
        "stated age copied forward",
        "The gestation of the last visit stays in the copied note.",
        written(_stated_age_of_last_visit, "pregnancy.ga", "pregnancy.edd"),
    ),
    Fault(
        "lengths copied forward",
        "The measurements of the last scan stay in the copied note.",
        written(_lengths_of_last_scan, "ultrasound.scan_date", "ultrasound.shortest", "ultrasound.measured_on"),
    ),
    Fault("vital signs copied forward", "Every vital sign is that of the last visit.", written(_vitals_of_last_visit)),
    Fault(
        "remark copied forward",
        "The remark on the last scan stays beside new measurements.",
        written(_remark_of_last_visit),
    ),
    Fault(
        "due date changed without a reason",
        "The due date is corrected by five days; nobody says why.",
        written(_edd_moved, "pregnancy.edd_change_reason"),
    ),
    Fault(
        "previous length misquoted",
        "The length of the last scan is quoted from memory.",
        written(_previous_length_misquoted, "ultrasound.change"),
    ),
    Fault(
        "removal planned for a week that is past",
        "The plan of an earlier pregnancy, or note, is copied.",
        written(_target_is_past, "pregnancy.ga"),
        ("assessment", "cerclage", "follow-up"),
    ),
    Fault(
        "stitch out, still carried as in place",
        "The note after the removal is a copy of the one before it.",
        written(_stitch_out_plan_stays),
    ),
    Fault("stitch gone without a removal", "The box is left at its default.", written(_stitch_gone_without_removal)),
    Fault(
        "blood group unlike before",
        "One option further in the list.",
        unlike("patient.rh_d", how=instead(pos="neg", neg="pos")),
    ),
    Fault(
        "technique unlike before",
        "The operation is told from memory.",
        unlike("cerclage.technique", how=instead(mcdonald="shirodkar", shirodkar="mcdonald")),
    ),
    Fault(
        "day of the stitch unlike before",
        "The date of the stitch is told from memory.",
        unlike("cerclage.placed_on", how=later(-7)),
    ),
    Fault(
        "place of the knot unlike before",
        "Twelve o'clock becomes six.",
        unlike("cerclage.knot_clock", how=lambda hour: (hour + 5) % 12 + 1),
    ),
    Fault(
        "number of fetuses unlike before",
        "One option further in the list.",
        unlike("pregnancy.plurality", how=lambda number: number + 1),
    ),
    Fault("allergy lost", "The list is empty in the new note and clicked as none.", written(_allergy_lost)),
    Fault(
        "birth date unlike before",
        "Another patient of the same name was open.",
        unlike("patient.birth_date", how=lambda when: f"{int(when[:4]) - 9}{when[4:]}"),
    ),
)

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"

CONTRADICT_NOTHING: tuple[Fault, ...] = (
    Fault(
        "day and month exchanged of a stitch from before the pregnancy",
        "The letter of the operation comes from abroad, and both days lie before the pregnancy.",
        _stitch_turned(between_pregnancies=True),
    ),
)
"""Faults that no colleague could see, in a note that has no other beside it: tried, told, and not counted."""

TEXT_FAULTS: tuple[TextFault, ...] = (
    TextFault(
        "text: negation lost",
        '"No bleeding" loses its no while the sentence is put right.',
        _text_swap(r"\b[Nn]o (?=[a-z]{5})|\bnot (?=\w)", lambda m, c: ""),
    ),
    TextFault(
        "text: weeks off by one",
        "The weeks are typed anew and slip by one.",
        _text_swap(r"\b\d\d(?=\+\d weeks)", lambda m, c: str(int(m[0]) + 1)),
    ),
    TextFault(
        "text: millimetres mistyped",
        "Two digits of a length change places, or the first one slips.",
        _text_swap(r"\b\d\d(?= mm\b)", lambda m, c: m[0][::-1] if m[0][0] != m[0][1] else str(int(m[0]) + 10)),
    ),
    TextFault(
        "text: mm called cm",
        "The unit is changed, the number is not.",
        _text_swap(r"(?<=\d )mm\b(?!Hg)", lambda m, c: "cm"),
    ),
    TextFault(
        "text: another month",
        "The month of a date is typed from memory.",
        _text_swap(rf"\b({_MONTHS})(?= \d|\b)", lambda m, c: "July" if m[0] != "July" else "March"),
    ),
    TextFault(
        "text: heart rate mistyped",
        "A digit of a rate slips.",
        _text_swap(r"\b1[1-5]\d(?= (?:bpm|beats|/min|per minute))", lambda m, c: str(int(m[0]) + 30)),
    ),
    TextFault(
        "text: another technique",
        "The text block of the other operation is pasted.",
        _text_swap(r"McDonald|Shirodkar", lambda m, c: "Shirodkar" if m[0] == "McDonald" else "McDonald"),
    ),
    TextFault(
        "text: whole made incomplete",
        "A word of negation is put where there was none.",
        _text_swap(
            r"\b(was|were) (?=(?:removed|complete|seen(?! for| on)|placed|closed|intact|normal)\b)",
            lambda m, c: m[0] + "not ",
        ),
    ),
)

KINDS: tuple[Fault | TextFault, ...] = (*FAULTS, *TEXT_FAULTS)
