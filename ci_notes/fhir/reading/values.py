"""A value as somebody else wrote it, as an element of ours keeps it: by unit, by code, in its own precision.

What cannot be kept is refused with a reason (`UnfitError`); nothing is guessed, and nothing but a "no" is a "no".
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from ci_notes import dating, kinds, measures, wording
from ci_notes.element import ABSENCES, Element
from ci_notes.errors import plain
from ci_notes.fhir import datatypes
from ci_notes.fhir.datatypes import UCUM, codes_of
from ci_notes.fhir.reading.recognised import ANSWERS, BARE_UNIT, NO, WORDS, YES, Code

Json = dict[str, Any]
Found = tuple[Any, str]
"""A value as the note keeps it, and how it was converted (empty where it stands as it was)."""


class UnfitError(Exception):
    """A value that an element cannot keep: a key of `account.WHY`, and a sentence."""

    def __init__(self, why: str, because: str = "") -> None:
        super().__init__(because)
        self.why = why
        self.because = because


def read(element: Element, held: Mapping[str, Any], codes: set[Code] | None = None) -> Found:
    """Return the value that a value[x] holds for an element; raises UnfitError.

    `codes` are those of what is observed: some of them say the unit of a bare number.
    """
    given = [key for key in held if key.startswith("value") and held[key] is not None]
    if not given:
        return _absence(held), ""
    amount = held.get("valueQuantity")
    if isinstance(amount, Mapping) and amount.get("comparator"):
        raise UnfitError("comparator", f"{said_quantity(amount)} is a limit")
    reader = _READERS.get(element.kind)
    if reader is None:
        raise UnfitError("value", f"a {element.kind} cannot be taken from one value")
    unit = next((BARE_UNIT[one] for one in codes or () if one in BARE_UNIT), "")
    return reader(element, held, unit)


def _absence(held: Mapping[str, Any]) -> Any:
    if "dataAbsentReason" not in held:
        raise UnfitError("no-value")
    read_ = datatypes.read_absent(dict(held))
    if read_ is None:
        codes = ", ".join(sorted(code for _, code in codes_of(held["dataAbsentReason"]))) or "not coded"
        raise UnfitError("absence", f"{plain(codes)}; notes have {', '.join(ABSENCES)}")
    if "reason" in read_:
        read_ = {**read_, "reason": clean(read_["reason"])}
    return read_


def found_in(held: Mapping[str, Any]) -> str:
    """Return how a value is written where it was found, for a report."""
    for key, value in held.items():
        if key == "valueQuantity" and isinstance(value, Mapping):
            return said_quantity(value)
        if key == "valueRange" and isinstance(value, Mapping):
            ends = [said_quantity(value[end]) for end in ("low", "high") if isinstance(value.get(end), Mapping)]
            return " to ".join(ends)
        if key == "valueCodeableConcept":
            return said_concept(value)
        if key.startswith("value") and isinstance(value, str | int | float):
            return plain(wording.listed([str(value).lower()]) if isinstance(value, bool) else value)
        if key == "dataAbsentReason":
            return f"no value: {said_concept(value)}"
    return ""


def said_quantity(amount: Mapping[str, Any]) -> str:
    """Return a Quantity as it was written; what only counts has no unit to say."""
    unit = str(amount.get("unit") or amount.get("code") or "")
    unit = "" if unit in ("1", "{#}") else unit
    return plain(f"{amount.get('comparator', '')}{amount.get('value', '')} {unit}")


def said_concept(concept: Any) -> str:
    """Return the words of a CodeableConcept: its text, else a name of its first code, else that code."""
    if not isinstance(concept, Mapping):
        return ""
    codings = datatypes.codings_of(concept)
    words = [concept.get("text"), *(one.get("display") for one in codings), *(one.get("code") for one in codings)]
    return next((plain(one) for one in words if one), "")


def about(resource: Mapping[str, Any]) -> str:
    """Return in a few words what a resource is about."""
    keys = ("code", "medicationCodeableConcept", "vaccineCode", "type")
    return next((words for key in keys if (words := said_concept(resource.get(key)))), "")


def clean(text: Any, longest: int = 4000) -> str:
    """Return words of somebody else as a note may hold them; raises UnfitError for markup and for what is no text."""
    if not isinstance(text, str) or not text.strip():
        raise UnfitError("no-value")
    if re.search(r"<\s*[/!?a-zA-Z]|&#|javascript:", text):
        raise UnfitError("markup", "text is wanted, not HTML")
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    words = " ".join(kept.split())
    if not words or len(words) > longest:
        raise UnfitError("value", "the text is empty or too long")
    return words


# --- numbers -------------------------------------------------------------------------------------------------------


def number_and_unit(amount: Any, bare: str = "") -> tuple[float, str]:
    """Return a Quantity's number and its unit as UCUM writes it; raises UnfitError."""
    value = amount.get("value") if isinstance(amount, Mapping) else None
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise UnfitError("no-value")
    if amount.get("comparator"):
        raise UnfitError("comparator", f"{said_quantity(amount)} is a limit")
    written = amount.get("code") if amount.get("system", UCUM) == UCUM and amount.get("code") else amount.get("unit")
    unit = re.sub(r"\{[^}]*\}", "", str(written or "")).strip()
    unit = "" if unit == "1" else unit
    return value, measures.unit_named(unit) if unit else bare


def _number(element: Element, held: Mapping[str, Any], bare: str) -> Found:
    if isinstance(held.get("valueInteger"), int) and not isinstance(held["valueInteger"], bool):
        value, unit = held["valueInteger"], bare
    elif "valueQuantity" in held:
        value, unit = number_and_unit(held["valueQuantity"], bare)
    else:
        raise UnfitError("value", f"«{_shown(held)}» is not one number with its unit")
    kept, how = _in_unit(element, value, unit)
    if not measures.is_possible(element, kept):
        there = wording.say_quantity(kept, element.unit) if element.unit else str(kept)
        raise UnfitError("impossible", f"{there} cannot be")
    if element.kind == "integer" and kept != int(kept):
        raise UnfitError("value", f"{kept} is not a whole number")
    return (int(kept) if float(kept).is_integer() else kept), how


def _in_unit(element: Element, value: float, unit: str) -> tuple[float, str]:
    own = element.unit or ""
    if unit == own:
        return value, ""
    if own and not unit:
        raise UnfitError("unit", f"no unit is given; {own} is wanted")
    there = measures.converted(element, value, unit) if own else None
    if there is None:
        raise UnfitError("unit", f"{plain(unit)} is not a unit for it{f'; {own} is wanted' if own else ''}")
    kept = int(there) if float(there).is_integer() else there
    return kept, f"{measures.said(value, unit)} is {wording.say_quantity(kept, own)}"


# --- gestational age -----------------------------------------------------------------------------------------------

_IN_WORDS = (
    re.compile(r"(\d{1,2})\s*w(?:k|ks|eek|eeks)?\s*(?:(?:and\s*)?([0-6])\s*d(?:ays?)?)?", re.IGNORECASE),
    re.compile(r"(\d{1,2})\s*(?:\+|\s)\s*([0-6])(?:\s*/\s*7)?(?:\s*w(?:eeks|ks|k)?)?", re.IGNORECASE),
)


def _gestation(_element: Element, held: Mapping[str, Any], bare: str) -> Found:
    span = held.get("valueRange")
    if isinstance(span, Mapping):
        low, high = _days(*number_and_unit(span.get("low"), bare)), _days(*number_and_unit(span.get("high"), bare))
        return _written((low[0], high[1])), ""
    if "valueQuantity" in held:
        value, unit = number_and_unit(held["valueQuantity"], bare)
        written = _written(_days(value, unit))
        exact = unit == "wk" and float(value).is_integer()
        return written, "" if exact else f"{measures.said(value, unit)} is {written}"
    if isinstance(held.get("valueInteger"), int) and bare and not isinstance(held["valueInteger"], bool):
        return _written(_days(held["valueInteger"], bare)), ""
    return _gestation_in_words(held.get("valueString"))


def _days(value: float, unit: str) -> tuple[int, int]:
    """Return the days that a number of weeks or days can mean: whole weeks are known to the week alone."""
    if unit == "wk":
        low = round(value * 7)
        return (low, low + 6) if float(value).is_integer() else (low, low)
    if unit == "d":
        return round(value), round(value)
    raise UnfitError("unit", f"{plain(unit) or 'no unit'} is not a unit for a gestational age; wk or d is wanted")


def _written(span: tuple[int, int]) -> str:
    if not 0 <= span[0] <= span[1] < 46 * 7:
        raise UnfitError("impossible", f"{span[0]} days cannot be a gestational age")
    return dating.write_gestation(span)


def _gestation_in_words(words: Any) -> Found:
    text = clean(words)
    if kinds.is_gestation(text):
        return text, ""
    for form in _IN_WORDS:
        match = form.fullmatch(text)
        if match:
            written = f"{int(match[1])}w{match[2]}d" if match[2] else f"{int(match[1])}w"
            return written, f"«{plain(text)}» is {written}"
    raise UnfitError("value", f"«{plain(text)}» is not a gestational age such as 33w5d")


def later_by(written: str, days: int) -> str:
    """Return a gestational age some days later; raises UnfitError where no pregnancy lasts as long."""
    low, high = dating.read_gestation(written) or (0, 0)
    return _written((low + days, high + days))


# --- the other kinds -----------------------------------------------------------------------------------------------


def _date(_element: Element, held: Mapping[str, Any], _bare: str) -> Found:
    written = held.get("valueDateTime") or held.get("valueString")
    return whole_day(written), ""


def whole_day(written: Any) -> str:
    """Return the day of a FHIR date or dateTime as it is written; raises UnfitError for a month or a year alone."""
    if isinstance(written, str) and kinds.is_date(written[:10]) and written[10:11] in ("", "T"):
        return written[:10]
    if isinstance(written, str) and re.fullmatch(r"\d{4}(-\d\d)?", written):
        raise UnfitError("value", f"{written} is not a whole date")
    raise UnfitError("value", f"«{plain(written)}» is no date" if isinstance(written, str) else "no date is given")


def _moment(_element: Element, held: Mapping[str, Any], _bare: str) -> Found:
    written = held.get("valueDateTime")
    if isinstance(written, str) and kinds.is_moment(written):
        return written, ""
    raise UnfitError("value", f"«{plain(written)}» is not a time with its date and offset")


def _text(element: Element, held: Mapping[str, Any], _bare: str) -> Found:
    concept = held.get("valueCodeableConcept")
    words = said_concept(concept) if concept is not None else held.get("valueString")
    return clean(words, int(element.shape.get("maxLength", 4000))), ""


def _boolean(element: Element, held: Mapping[str, Any], _bare: str) -> Found:
    if isinstance(held.get("valueBoolean"), bool):
        return held["valueBoolean"], ""
    concept = held.get("valueCodeableConcept")
    own = ANSWERS.get(element.path, {})
    meant = {own[code] for code in codes_of(concept) if code in own}
    meant |= {True for code in codes_of(concept) if code in YES} | {False for code in codes_of(concept) if code in NO}
    # A list of answers may have codes of its own; where none is known, its whole words may be.
    meant = meant or {WORDS[element.path, words] for words in _words_of(concept) if (element.path, words) in WORDS}
    if len(meant) != 1:
        raise UnfitError("value", f"«{_shown(held)}» is neither yes nor no")
    return meant.pop(), ""


def _words_of(concept: Any) -> set[str]:
    text = concept.get("text") if isinstance(concept, Mapping) else None
    told = [text, *(one.get("display") for one in datatypes.codings_of(concept))]
    return {str(words).strip().lower() for words in told if words}


def _choice(element: Element, held: Mapping[str, Any], _bare: str) -> Found:
    concept = held.get("valueCodeableConcept")
    answer = datatypes.option_of(element, concept)
    if answer:
        return answer, ""
    tested = {"pos": YES, "neg": NO}
    for value, codes in tested.items():
        if element.option(value) and codes_of(concept) & codes and not codes_of(concept) & (YES | NO) - codes:
            return value, ""
    words = said_concept(concept) if concept is not None else plain(held.get("valueString", ""))
    for option in element.options:
        if words and words.casefold() in (option.title.casefold(), option.value.casefold()):
            return option.value, "known by its words"
    raise UnfitError(
        "value", f"«{words or _shown(held)}» is none of {', '.join(one.title for one in element.options)}"[:200]
    )


def _choices(element: Element, held: Mapping[str, Any], bare: str) -> Found:
    answer, how = _choice(element, held, bare)
    return [answer], how


def _shown(held: Mapping[str, Any]) -> str:
    """Return a value that cannot be read, as a report shows it."""
    return found_in(held) or "a value of another kind"


_READERS: dict[str, Callable[[Element, Mapping[str, Any], str], Found]] = {
    "text": _text,
    "boolean": _boolean,
    "integer": _number,
    "quantity": _number,
    "date": _date,
    "datetime": _moment,
    "gestational-age": _gestation,
    "choice": _choice,
    "choices": _choices,
}
"""Kinds with one value; what repeats is put together from several resources."""
