"""Numbers, units and answers of Observations held to the elements that their codes stand for; dates to each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ci_notes import dating, measures
from ci_notes.element import Element
from ci_notes.fhir.datatypes import UCUM, objects
from ci_notes.fhir.lint import units
from ci_notes.fhir.lint.codes import pairs
from ci_notes.fhir.lint.fault import ERROR, WARNING, shown
from ci_notes.fhir.lint.shape import Place, Seen, is_in_error, status_code
from ci_notes.fhir.lint.vocabulary import Vocabulary

Json = Mapping[str, Any]

_TYPES = {
    "text": ("valueString",),
    "boolean": ("valueBoolean",),
    "date": ("valueDateTime",),
    "datetime": ("valueDateTime",),
    "gestational-age": ("valueQuantity", "valueRange"),
    "choice": ("valueCodeableConcept",),
    "choices": ("valueCodeableConcept", "valueInteger"),
    "group": ("valueInteger",),
}
"""What the value of an element of each kind is; a number's depends on whether it has a unit."""

_NUMBERS = ("integer", "quantity", "gestational-age")

LARGEST = 10**12
"""No number of a note is larger; far larger ones cannot even be reckoned with."""

LONGEST_PREGNANCY = 46 * 7
"""Days."""

EARLIEST = "1890"
LATEST = timedelta(days=3 * 366)
SOON = timedelta(days=7)


def check(seen: Seen, known: Vocabulary) -> None:
    """Check what Observations say, every quantity, every period and every date."""
    measured: set[str] = set()
    for place in seen.places:
        if place.kind == "Observation":
            for where, held in _held(place):
                _value(seen, place, where, held, known, measured)
            _says_something(seen, place)
        _statuses(seen, place)
    for place, where, amount in seen.quantities:
        _quantity(seen, place, where, amount, where in measured)
    _dates(seen)


def _held(place: Place) -> Iterator[tuple[str, Json]]:
    yield place.where, place.body
    for index, part in enumerate(objects(place.body.get("component"))):
        yield f"{place.where}.component[{index}]", part


def _value(seen: Seen, place: Place, where: str, held: Json, known: Vocabulary, measured: set[str]) -> None:
    """Hold one value to its element."""
    values = [key for key in held if key.startswith("value")]
    if values and "dataAbsentReason" in held:
        words = f"{values[0]} and dataAbsentReason exclude each other (obs-6); leave one out"
        seen.add("constraint", place, where, words)
    codes = [*pairs(held.get("code"))]
    element = known.element_of(codes)
    if element is None:
        return
    ours = any(code in known.elements for code in codes)
    number = _Number(seen, place, known.bounded(element), ours)
    for key in values:
        at = f"{where}.{key}"
        if ours and key not in _types(element):
            words = f"{element.id} is a {element.kind}: its value is {' or '.join(_types(element))}, not {key}"
            seen.add("value-type", place, at, words)
        elif key == "valueCodeableConcept" and ours:
            _answer(seen, place, at, held[key], element, known)
        elif element.kind in _NUMBERS:
            measured.update(number.hold(at, key, held[key]))


def _types(element: Element) -> tuple[str, ...]:
    if element.kind in ("integer", "quantity"):
        return ("valueQuantity",) if element.unit else ("valueInteger",)
    return _TYPES[element.kind]


@dataclass(frozen=True, slots=True)
class _Number:
    """Holds numbers to the unit and the range of an element; of others' Observations the range may be another's."""

    seen: Seen
    place: Place
    element: Element
    ours: bool

    def hold(self, at: str, key: str, held: Any) -> list[str]:
        """Check a value and return where the quantities of it stand."""
        if key == "valueInteger":
            self._possible(at, held, "")
            return []
        if key == "valueRange" and isinstance(held, Mapping):
            amounts = [(f"{at}.{end}", held[end]) for end in ("low", "high") if end in held]
        else:
            amounts = [(at, held)] if key == "valueQuantity" else []
        for where, amount in amounts:
            if isinstance(amount, Mapping):
                self._amount(where, amount)
        return [where for where, _ in amounts]

    def _amount(self, at: str, amount: Json) -> None:
        code, own = amount.get("code"), "d" if self.element.kind == "gestational-age" else self.element.unit
        named = f"{self.element.id} is measured in {own or 'whole numbers'}"
        if not isinstance(code, str):
            if own:
                self._say("unit-missing", at, f"{named}; write the unit's code, with {UCUM} as its system")
            return
        there = units.dimension(code)
        if there is None:
            self._say("unit-unknown", f"{at}.code", f"«{shown(code)}» is no unit of UCUM; {named}")
        elif there == units.dimension(own or "1"):
            self._possible(f"{at}.value", amount.get("value"), code)
        elif measures.converted(self.element, 1, code) is None:
            self._say("unit-dimension", f"{at}.code", f"{named}; {code} measures something else")

    def _possible(self, at: str, value: Any, unit: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        if not -LARGEST < value < LARGEST:
            self._impossible(at, f"{shown(value)} {unit}".strip(), f"{self.element.id} has no such value")
        elif self.element.kind == "gestational-age":
            self._gestation(at, value, unit)
        else:
            self._in_range(at, value, unit)

    def _gestation(self, at: str, value: float, unit: str) -> None:
        days = {"d": 1, "wk": 7}.get(unit, 0) * value
        if not 0 <= days <= LONGEST_PREGNANCY:
            told = f" ({dating.write_gestation((int(days), int(days)))})" if days > 0 else ""
            self._impossible(at, f"{value} {unit}{told}", f"a pregnancy has at most {LONGEST_PREGNANCY} days")

    def _in_range(self, at: str, value: float, unit: str) -> None:
        element = self.element
        bare = unit in ("", element.unit)
        own = value if bare else measures.converted(element, value, unit)
        if own is None or measures.is_possible(element, own):
            return
        ends = (("at least", element.shape.get("minimum")), ("at most", element.shape.get("maximum")))
        limits = " and ".join(f"{words} {end}" for words, end in ends if end is not None)
        right = f"{element.id} is {limits} {element.unit or ''}".rstrip()
        hint = measures.other_unit(element, value) if bare else ""
        self._impossible(at, f"{value} {unit}".strip(), f"{right}; {hint}" if hint else right)

    def _impossible(self, at: str, value: str, right: str) -> None:
        severity = ERROR if self.ours else WARNING
        self.seen.add("out-of-range", self.place, at, f"{value} is not possible: {right}", severity)

    def _say(self, code: str, at: str, message: str) -> None:
        self.seen.add(code, self.place, at, message)


def _answer(seen: Seen, place: Place, at: str, concept: Any, element: Element, known: Vocabulary) -> None:
    for code in pairs(concept):
        other = known.answers.get(code)
        if other is not None and other != element.id:
            words = f"{code[1]} answers {other}; here it stands for an answer to {element.id}"
            seen.add("answer-of-another", place, at, words)


def _says_something(seen: Seen, place: Place) -> None:
    body = place.body
    wanted = ("dataAbsentReason", "component", "hasMember")
    if any(key in body for key in wanted) or any(key.lstrip("_").startswith("value") for key in body):
        return
    if not is_in_error(body) and body.get("status") not in ("registered", "cancelled") and "focus" not in body:
        words = "no value, no component and no dataAbsentReason: say what was found, or why it is missing"
        seen.add("says-nothing", place, place.where, words, WARNING)


def _quantity(seen: Seen, place: Place, where: str, amount: Json, measured: bool) -> None:
    """Check the unit of any quantity; what is held to an element was looked up there."""
    code, system, unit = amount.get("code"), amount.get("system"), amount.get("unit")
    if code is None and "value" in amount and not measured and isinstance(unit, str):
        words = f"the unit «{shown(unit)}» is in words alone; write its UCUM code, with {UCUM} as its system"
        seen.add("unit-missing", place, where, words, WARNING)
    if not isinstance(code, str):
        return
    if system != UCUM:
        if not isinstance(system, str):
            words = f"the unit's code does not say its system (qty-3); write {UCUM}"
        elif measured:
            words = f"the unit's code is said to be of {shown(system)}; it is of {UCUM}"
        else:
            return
        seen.add("unit-system", place, where, words)
        return
    if units.dimension(code) is None:
        if not measured:
            words = f"«{shown(code)}» is no unit of UCUM that is known here; mind capitals and brackets, as in mm[Hg]"
            seen.add("unit-unknown", place, f"{where}.code", words, WARNING)
    elif isinstance(unit, str) and not units.means_the_same(unit, code, measures.unit_named(unit)):
        words = f"people read «{shown(unit)}» and programs read {code}; write one and the same unit"
        seen.add("unit-text", place, where, words)


def _statuses(seen: Seen, place: Place) -> None:
    """Check what a resource says of its own state."""
    body = place.body
    if place.kind not in ("Condition", "AllergyIntolerance"):
        return
    clinical, verified = status_code(body, "clinicalStatus"), status_code(body, "verificationStatus")
    name = "con-5" if place.kind == "Condition" else "ait-2"
    if verified == "entered-in-error" and "clinicalStatus" in body:
        words = f"what was entered in error has no clinicalStatus ({name}); leave it out"
        seen.add("constraint", place, f"{place.where}.clinicalStatus", words)
    elif verified != "entered-in-error" and "clinicalStatus" not in body and place.kind == "AllergyIntolerance":
        words = "an allergy that was not entered in error has a clinicalStatus (ait-1)"
        seen.add("constraint", place, place.where, words)
    ended = any(key.startswith("abatement") for key in body)
    if ended and clinical in ("active", "recurrence", "relapse"):
        words = f"the Condition is {clinical} and has an end (con-4); it is resolved, inactive or in remission"
        seen.add("constraint", place, f"{place.where}.clinicalStatus", words)


# --- dates ---------------------------------------------------------------------------------------------------------


def _dates(seen: Seen) -> None:
    written = _written_on(seen)
    for place, where, text in seen.dates:
        if text[:4] < EARLIEST:
            seen.add("date-order", place, where, f"{text} lies before anybody who is alive; a digit may be wrong")
            continue
        found = _day(text)
        if written is None or found is None:
            continue
        name = where.rpartition(".")[2]
        if name == "birthDate" and place.kind == "Patient" and found > written + SOON:
            seen.add("date-order", place, where, f"the patient is born on {text}, after the note of {written}")
        elif name.startswith("effective") and found > written + SOON:
            seen.add("date-order", place, where, f"this was found on {text}, after the note of {written} that tells it")
        elif found > written + LATEST:
            words = f"{text} lies more than three years after the note of {written}; a digit may be wrong"
            seen.add("date-order", place, where, words, WARNING)
    for place, where, period in seen.periods:
        start, end = period.get("start"), period.get("end")
        if isinstance(start, str) and isinstance(end, str) and _is_after(start, end):
            seen.add("date-order", place, where, f"the period ends ({end}) before it begins ({start}) (per-1)", ERROR)


def _written_on(seen: Seen) -> date | None:
    days = [_day(place.body["date"]) for place in seen.places if _has_date(place)]
    return max((day for day in days if day is not None), default=None)


def _has_date(place: Place) -> bool:
    return place.kind == "Composition" and isinstance(place.body.get("date"), str)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text[:10]}-01-01"[:10] if len(text) < 7 else f"{text[:10]}-01"[:10])
    except ValueError:
        return None


def _is_after(start: str, end: str) -> bool:
    """Return whether a start lies after an end; instants are compared where both have their offset."""
    if "T" in start and "T" in end:
        try:
            return datetime.fromisoformat(start) > datetime.fromisoformat(end)
        except (ValueError, TypeError):
            return False
    first, last = _day(start), _day(end[:10])
    return first is not None and last is not None and len(start) >= len(end[:10]) and start[: len(end[:10])] > end[:10]
