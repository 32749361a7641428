"""Whether a note has the shape of its template: types, units, options, how absence is written, the impossible.

The schema is written from the elements; an author never writes how absence looks. An element is
`if object then absence else value`, which keeps messages about the value itself. What jsonschema reports is worded
anew from the element's title, since its own words are for programmers.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeGuard

from ci_notes.element import ABSENCES, Element
from ci_notes.expression import nearest
from ci_notes.gate import gate
from ci_notes.kinds import FORMATS, SHAPES
from ci_notes.measures import other_unit
from ci_notes.recent import Recent, digest
from ci_notes.template import HEADER, Template
from ci_notes.wording import UNITS, say_quantity


@dataclass(frozen=True, slots=True)
class Problem:
    """One place of a note that does not have the shape of its template."""

    path: str
    message: str
    element: str = ""
    row: str = ""
    unknown: bool = False
    """Whether this is a field that the template does not have, among others that it may have."""


_ABSENCE = {
    "type": "object",
    "required": ["absent"],
    "properties": {"absent": {"enum": list(ABSENCES)}, "reason": {"$ref": "#/$defs/text"}},
    "additionalProperties": False,
}
LONGEST_TEXT = 20_000
"""Characters of a text whose element sets no limit."""
FEW = 20
"""Notes of a kind that are looked at in full: making the gate costs as much as ten of them."""
UNPRINTABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufffe\uffff]"
_TEXT = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_TEXT,
    "allOf": [{"pattern": r"\S"}, {"not": {"type": "string", "pattern": UNPRINTABLE}}],
}
_NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_NAME = {"type": "string", "pattern": f"^{_NAMED.pattern}$"}


def is_name(value: Any) -> TypeGuard[str]:
    """Return whether a value can be the id of a note or a row."""
    return isinstance(value, str) and _NAMED.fullmatch(value) is not None


def row_name(row: Any, number: int) -> str:
    """Return what a row is called in places: its id, or #2 for the second row where its id fits into no place."""
    name = row.get("id") if isinstance(row, Mapping) else None
    return name if is_name(name) else f"#{number}"


def schema(template: Template) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a template's notes."""
    properties: dict[str, Any] = {"id": _NAME, "template": {"const": template.id}, "version": {"type": "string"}}
    for section in template.sections:
        inside = {element.name: _element(element) for element in section if not element.computed}
        if section.name == HEADER:
            properties |= inside
        else:
            properties[section.name] = {"type": "object", "properties": inside, "additionalProperties": False}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": template.title,
        "type": "object",
        "required": ["id", "template", "status", "date"],
        "properties": properties,
        "additionalProperties": False,
        "$defs": {"absence": _ABSENCE, "text": _TEXT},
    }


def _element(element: Element) -> dict[str, Any]:
    if element.path in (f"{HEADER}.status", f"{HEADER}.date"):
        return _value(element)
    return {"if": {"type": "object"}, "then": {"$ref": "#/$defs/absence"}, "else": _value(element)}


def _value(element: Element) -> dict[str, Any]:
    shape = {**SHAPES[element.kind], **element.shape}
    values = [option.value for option in element.options]
    if element.kind == "text":
        shape = {**_TEXT, **shape}
    if element.kind == "choice":
        shape["enum"] = values
    elif element.kind == "choices":
        shape["items"] = {"enum": values}
    elif element.kind == "group":
        inside = {"id": _NAME} | {row.name: _element(row) for row in element.rows}
        shape["items"] = {"type": "object", "required": ["id"], "properties": inside, "additionalProperties": False}
    return shape


@lru_cache(maxsize=1024)
def _validator(schema_text: str) -> Any:
    import jsonschema  # noqa: PLC0415  heavy to import, needed only here

    formats = jsonschema.FormatChecker(formats=())
    for name, test in FORMATS.items():
        formats.checks(name)(lambda value, test=test: not isinstance(value, str) or test(value))
    kind: Any = jsonschema.validators
    strict = kind.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})
    return strict(json.loads(schema_text), format_checker=formats)


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[Any]:
    """Hold text to a pattern whose $ is the end, as JSON Schema has it; to `re` it is before a last line break too."""
    import jsonschema  # noqa: PLC0415  heavy to import

    strict = f"{pattern[:-1]}\\Z" if pattern.endswith("$") and not pattern.endswith("\\$") else pattern
    if isinstance(value, str) and not re.search(strict, value):
        yield jsonschema.ValidationError(f"does not match {pattern}")


class _Known:
    """What is known of a template's notes: how each section is checked, and what was found in sections like that."""

    def __init__(self, template: Template) -> None:
        self.template = template
        whole = schema(template)
        inside = whole["properties"]
        self.sections = [one.name for one in template.sections if one.name != HEADER]
        self.groups = [one for one in template if one.kind == "group"]
        parts = {name: {**inside[name], "$defs": whole["$defs"]} for name in self.sections}
        top = {**whole, "properties": {**inside, **dict.fromkeys(self.sections, True)}}
        self.whole, self.top = json.dumps(whole), json.dumps(top)
        self.parts = {name: json.dumps(part) for name, part in parts.items()}
        self.found: Recent[tuple[Problem, ...]] = Recent(4096)
        self.looks = 0

    @cached_property
    def gate(self) -> Callable[[Any], bool]:
        return gate(self.whole)

    def surely_fits(self, data: Any) -> bool:
        """Return whether a note has its shape, from the time on at which a gate is worth its making."""
        self.looks += 1
        return self.looks > FEW and self.gate(data)

    def all_at_once(self, data: Any) -> Iterator[Problem]:
        for error in _validator(self.whole).iter_errors(data):
            yield from _worded(self.template, data, error, [])

    def by_section(self, data: Mapping[str, Any]) -> Iterator[Problem]:
        """Yield what is wrong in the order of the whole: the top of the note, its sections, unknown fields."""
        last = []
        for error in _validator(self.top).iter_errors(data):
            unknown = error.validator == "additionalProperties" and not error.absolute_path
            if unknown:
                last.append(error)
            else:
                yield from _worded(self.template, data, error, [])
        for name in self.sections:
            if name in data:
                yield from self.section(name, data[name])
        for error in last:
            yield from _worded(self.template, data, error, [])

    def section(self, name: str, held: Any) -> tuple[Problem, ...]:
        # By what it looks like, not by what it is: the same content gives the same problems. Nothing of a patient
        # stays here but a digest, and the words about what is wrong.
        return self.found.get((name, digest(held)), lambda: tuple(self.looked_at(name, held)))

    def looked_at(self, name: str, held: Any) -> Iterator[Problem]:
        for error in _validator(self.parts[name]).iter_errors(held):
            yield from _worded(self.template, {name: held}, error, [name])


_KNOWN: dict[int, _Known] = {}


def _known(template: Template) -> _Known:
    # Keyed by identity: hashing a template would cost more than checking a note.
    held = _KNOWN.get(id(template))
    if held is None or held.template is not template:
        held = _KNOWN[id(template)] = _Known(template)
    return held


def problems(template: Template, data: Any, anew: bool = False) -> list[Problem]:
    """Return every place where a note's data does not have the shape of its template, in the note's order.

    A section that looks like one seen before is not looked at again, unless `anew` asks for all of the note at once.
    """
    known = _known(template)
    whole = anew or not isinstance(data, dict)
    if not whole and known.surely_fits(data):
        return list(_doubled_rows(known.groups, data))
    found = [*(known.all_at_once(data) if whole else known.by_section(data))]
    if isinstance(data, Mapping):
        found += _doubled_rows(known.groups, data)
    return list(dict.fromkeys(found))


def _doubled_rows(groups: Iterable[Element], data: Mapping[str, Any]) -> Iterator[Problem]:
    for element in groups:
        holder = data if element.path.startswith(f"{HEADER}.") else data.get(element.path.partition(".")[0])
        rows = holder.get(element.name) if isinstance(holder, Mapping) else None
        if not isinstance(rows, list):
            continue
        named = [row_name(row, number) for number, row in enumerate(rows, 1)]
        if len({*named}) == len(named):
            continue
        ids = Counter(named)
        for doubled in sorted(one for one, times in ids.items() if times > 1)[:10]:
            words = f"{element.title}: two rows have the id «{doubled}»; each row has its own"
            yield Problem(element.path, words, element.path)


# --- wording -------------------------------------------------------------------------------------------------------


def _worded(template: Template, data: Any, error: Any, within: list[str]) -> Iterator[Problem]:
    place = _Place(template, data, [*within, *error.absolute_path])
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        for key in error.instance:
            if key not in known:
                problem = place.problem(_unknown_field(template, place, key, known), key)
                yield replace(problem, unknown=place.holds_fields and not _is_computed(template, place, key))
    elif error.validator == "required":
        for missing in error.validator_value:
            if missing not in error.instance:
                yield place.problem(f"{place.title} has no «{missing}»", missing)
    else:
        words = _WORDS.get(error.validator)
        message = words(place, error) if words else f"{place.title}: {error.message}"
        yield place.problem(message)


class _Place:
    """Where in a note something is wrong, in the template's terms."""

    def __init__(self, template: Template, data: Any, steps: list[Any]) -> None:
        self.data = data
        self.steps = steps
        names = [str(step) for step in steps if not isinstance(step, int)]
        candidates = [".".join(names[:length]) for length in range(len(names), 0, -1)]
        candidates += [f"{HEADER}.{candidate}" for candidate in candidates]
        self.element = next((template.elements[name] for name in candidates if name in template.elements), None)
        section = template.section(names[0]) if names else None
        self.title = self.element.title if self.element else section.title if section else "The note"
        if self.element and self.element.group:
            group = template.elements[self.element.group]
            self.title = f"{group.row_title or group.title} {self._row_number()}, {self.element.title}"
        elif self.element and self.element.kind == "group" and self._row_number():
            self.title = f"{self.element.row_title or self.element.title} {self._row_number()}"

    @property
    def holds_fields(self) -> bool:
        """Whether this is the note, a section or a row; what is in an element itself belongs to its value."""
        return self.element is None or (self.element.kind == "group" and isinstance(self.steps[-1], int))

    def path_of(self, key: str) -> str:
        return ".".join([*(str(step) for step in self.steps if not isinstance(step, int)), key])

    def _row_number(self) -> int:
        return next((step + 1 for step in self.steps if isinstance(step, int)), 0)

    def problem(self, message: str, key: str = "") -> Problem:
        written, row, here = "", "", self.data
        for step in self.steps:
            here = here[step]
            if isinstance(step, int):
                named = row_name(here, step + 1)
                row = row or named
                written += f"[{named}]"
            else:
                written += f".{step}" if written else str(step)
        full = ".".join(part for part in (written, key[:60]) if part)
        inside = self.element is not None and (not key or self.element.kind != "group")
        element = self.element.path if self.element and inside else ""
        in_row = self.element is not None and (self.element.group or self.element.kind == "group")
        return Problem(full or HEADER, message, element, row if in_row else "")


def _unknown_field(template: Template, place: _Place, key: str, known: list[str]) -> str:
    if _is_computed(template, place, key):
        element = template.elements[place.path_of(key)]
        return f"{element.title} is computed from other entries; leave «{key}» out"
    where = place.title if place.steps else f"A note of the kind {template.id}"
    return f"{where} has no field «{key[:60]}»{nearest(key[:60], known)}"


def _is_computed(template: Template, place: _Place, key: str) -> bool:
    element = template.elements.get(place.path_of(key))
    return element is not None and bool(element.computed)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


_WANTED = {
    "text": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "quantity": "a number",
    "date": "a date written 2026-11-03",
    "datetime": "a date and time with its offset, written 2026-11-03T14:20:00+01:00",
    "gestational-age": "a gestational age written 22w3d (or 22w where the day is not known)",
    "choice": "one of its options",
    "choices": "a list of its options",
    "group": "a list of rows, [] for none",
}


def _wrong_type(place: _Place, error: Any) -> str:
    element = place.element
    if place.steps and error.validator_value == "string" and place.steps[-1] in ("id", "version", "template"):
        return f"{place.title}: «{place.steps[-1]}» is text, not {_shown(error.instance)}"
    if element is None or (element.kind == "group" and place.steps and isinstance(place.steps[-1], int)):
        return f"{place.title} is a group of fields, not {_shown(error.instance)}"
    unit = f" in {UNITS.get(element.unit, element.unit)}" if element.unit else ""
    return f"{place.title} is {_WANTED[element.kind]}{unit}, not {_shown(error.instance)}"


def _wrong_option(place: _Place, error: Any) -> str:
    values = [str(value) for value in error.validator_value]
    close = nearest(str(error.instance), values)
    return f"{place.title}: {_shown(error.instance)} is not one of {', '.join(values)}{close}"


def _limit(word: str) -> Callable[[_Place, Any], str]:
    def worded(place: _Place, error: Any) -> str:
        unit = place.element.unit if place.element else None
        given, limit = say_quantity(error.instance, unit), say_quantity(error.validator_value, unit)
        other = other_unit(place.element, error.instance) if place.element else ""
        return f"{place.title}: {given} is impossible, it is {word} {limit}{f' ({other})' if other else ''}"

    return worded


def _misspelt(place: _Place, error: Any) -> str:
    if place.steps and place.steps[-1] == "id":
        return f"{place.title}: {_shown(error.instance)} is not written as it should be: letters, digits, and . _ : -"
    if not str(error.instance).strip():
        return f"{place.title} is empty text; leave it out, or record why it is missing"
    return f"{place.title}: {_shown(error.instance)} is not written as it should be"


_WORDS: dict[str, Callable[[_Place, Any], str]] = {
    "type": _wrong_type,
    "format": _wrong_type,
    "enum": _wrong_option,
    "const": lambda place, error: f"{place.title}: {_shown(error.instance)} should be {_shown(error.validator_value)}",
    "minimum": _limit("at least"),
    "maximum": _limit("at most"),
    "minLength": lambda place, _error: f"{place.title} is empty text; leave it out, or record why it is missing",
    "maxLength": lambda place, error: (
        f"{place.title} has {len(error.instance)} characters; at most {error.validator_value}"
    ),
    "not": lambda place, _error: f"{place.title} holds a character that cannot be printed; type it again",
    "pattern": _misspelt,
    "uniqueItems": lambda place, _error: f"{place.title} lists an answer twice",
}
