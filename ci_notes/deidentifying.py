"""A note for those who may not know whose it is: identifiers under a key, dates moved, free text out or scrubbed.

This is keyed pseudonymisation. Whoever has the key can tell whose note it is, and a rare course tells it without one;
it is not the Safe Harbor method, and nothing here says that a note is anonymous.

All dates of a patient move by the same number of weeks into the past, so that intervals, gestational ages, weekdays and
the course of a length stay. What is found in a note is found after it as well, but for what depends on today, on text
that was taken out, or on fields that no template knows.
"""

import hmac
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from ci_notes import kinds, parity
from ci_notes.checks import BUILT_IN, SHORTEST_RATIONALE
from ci_notes.element import ABSENCES, Element
from ci_notes.errors import InputError
from ci_notes.scrubbing import Quoted, Scrubber
from ci_notes.series import foremost, patients_of
from ci_notes.shape import is_name, problems, row_name
from ci_notes.template import HEADER, Template

LEAST_KEY = 32
"""Bytes of a key (256 bits, as long as what is made with it)."""

FEWEST_BYTES = 8
"""Different bytes of a key: what has fewer was typed, and can be guessed."""

SYSTEM = "urn:x-ci-notes:pseudonym"
"""Whose numbers pseudonyms are."""

REMOVED = "[text removed]"
_REMOVED_SHORT = "[removed]"
"""What stands in the place of a reason that was too short to be one: it is too short as well."""

_MOST_WEEKS = 104
_IDENTIFIERS = ("identifier", "pseudonym", "encounter", "facility_identifier")
_PEOPLE = {"patient.name": "Patient", "author.name": "Author", "author.facility": "Site"}
_PLACES = (f"{HEADER}.kept.at", f"{HEADER}.carried.at")
_VERSION = re.compile(r"(\d{1,4}\.\d{1,4}\.\d{1,4})(?:\+(.{1,80}))?")
_UNKNOWN, _WRONG = "taken out: not known here", "taken out: of the wrong shape"
_LARGEST = 1_000_000
"""What is measured or counted is less: a larger number is that of a telephone or a person."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Key:
    """A secret by which the same always becomes the same; raises InputError for one that could be guessed."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < LEAST_KEY:
            raise InputError(f"the key has {len(self.secret)} bytes; at least {LEAST_KEY} are needed")
        different = len({*self.secret})
        if different < FEWEST_BYTES:
            raise InputError(
                f"the key has {different} different bytes; at least {FEWEST_BYTES} are needed, or it can be guessed: "
                "--make-key FILE makes one by chance"
            )

    def pseudonym(self, kind: str, *parts: str) -> str:
        """Return what stands for something of a kind: 16 hexadecimal digits."""
        said = "\x1f".join((kind, *parts)).encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, said, sha256).hexdigest()[:16]

    def weeks(self, patient: str) -> int:
        """Return by how many weeks the dates of a patient move into the past: 1 to 104."""
        return int(self.pseudonym("weeks", patient), 16) % _MOST_WEEKS + 1


def deidentified(
    template: Template, data: Mapping[str, Any], key: Key, scrub: bool = False, whose: str = ""
) -> tuple[Json, Counter[tuple[str, str]]]:
    """Return a note without its identity, and how often what was done at which path, by (path, what was done).

    With `scrub`, free text stays, without recorded names, numbers and dates that it quotes; else it is taken out.
    `whose` is as what the patient is known over all notes that stay together; empty where it is the note that says so.
    """
    one = _Note(template, data, key, scrub, whose or _whose(data))
    return one.made(), one.done


class _Note:
    """One note on its way."""

    def __init__(self, template: Template, data: Mapping[str, Any], key: Key, scrub: bool, whose: str) -> None:
        self.template, self.data, self.key = template, data, key
        self.shift = timedelta(weeks=key.weeks(whose))
        self.done: Counter[tuple[str, str]] = Counter()
        self.scrubber = Scrubber(_quoted(template, data)) if scrub else None
        self.wrong = {(one.element, one.row) for one in problems(template, data) if one.element}
        """Elements and rows in which something has the wrong shape; it is to have a wrong one after it as well."""

    def made(self) -> Json:
        header = {one.name: one for one in self.template if one.path.startswith(f"{HEADER}.")}
        sections = {section.name: section for section in self.template.sections if section.name != HEADER}
        result: Json = {}
        for name, value in self.data.items():
            if name == "template":
                result[name] = self.template.id
            elif name == "version":
                result[name] = self.version(value)
            elif name == "id":
                result[name] = self.renamed("note", f"{HEADER}.id", value)
            elif name in header:
                result[name] = self.value(header[name], value)
            elif name in sections:
                result[name] = self.section({one.name: one for one in sections[name]}, value, name)
            else:
                self.done[name[:60], _UNKNOWN] += 1
        return result

    def section(self, elements: Mapping[str, Element], held: Any, path: str, row: str = "") -> Any:
        if not isinstance(held, Mapping):
            self.done[path, _WRONG] += 1
            return REMOVED
        result = {}
        for name, value in held.items():
            if name in elements:
                result[name] = self.value(elements[name], value, row)
            else:
                self.done[f"{path}.{name[:60]}", _UNKNOWN] += 1
        return result

    def value(self, element: Element, value: Any, row: str = "") -> Any:
        if isinstance(value, Mapping) and "absent" in value:
            return self.absence(element, value)
        if element.kind == "group" and isinstance(value, list):
            return [self.row(element, one, row_name(one, number)) for number, one in enumerate(value, 1)]
        if element.kind == "text" and isinstance(value, str) and (element.path, row) in self.wrong:
            made, how = "", _WRONG  # no text is empty
        else:
            made, how = self.changed(element, value)
        if how:
            self.done[element.path, how] += 1
        return made

    def absence(self, element: Element, value: Mapping[str, Any]) -> Json:
        known = isinstance(value["absent"], str) and value["absent"] in ABSENCES
        result = {"absent": value["absent"] if known else REMOVED}
        if not known:
            self.done[element.path, _WRONG] += 1
        if "reason" in value:
            is_text = isinstance(value["reason"], str) and value["reason"].strip()
            result["reason"], how = self.text(value["reason"]) if is_text else ("", _WRONG)
            self.done[element.path, how] += 1
        if value.keys() - {"absent", "reason"}:
            result["more"] = REMOVED
            self.done[element.path, _UNKNOWN] += 1
        return result

    def row(self, group: Element, row: Any, called: str) -> Any:
        if not isinstance(row, Mapping):
            return REMOVED
        rest = {name: value for name, value in row.items() if name != "id"}
        made = self.section({one.name: one for one in group.rows}, rest, group.path, called)
        return {"id": self.renamed("row", f"{group.path}.id", row["id"]), **made} if "id" in row else made

    def version(self, value: Any) -> Any:
        """Return a version of a template; an extension of somebody else is named after its site."""
        if value == self.template.version:
            return value
        found = _VERSION.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            self.done["version", _WRONG] += 1
            return REMOVED if isinstance(value, str) else 0
        return found[1] + (f"+{self.renamed('extension', 'version', found[2])}" if found[2] else "")

    def renamed(self, kind: str, path: str, value: Any) -> Any:
        """Return what stands for an id; for one that cannot be an id, something that cannot be one either."""
        self.done[path, "replaced under the key"] += 1
        made = self.key.pseudonym(kind, str(value))
        if kind == "extension" or is_name(value):
            return made
        return f"[{made}]" if isinstance(value, str) else int(made[:8], 16)

    def changed(self, element: Element, value: Any) -> tuple[Any, str]:
        """Return what stands in the place of a value, and what was done, empty where it stays."""
        if element.kind == "text":
            return self.worded(element, value) if isinstance(value, str) else (0, _WRONG)
        if isinstance(value, str) and element.kind in ("date", "datetime"):
            return self.moved(element, value)
        return (value, "") if _is_plain(element, value) else (REMOVED, _WRONG)

    def moved(self, element: Element, value: str) -> tuple[str, str]:
        if not (kinds.is_date(value) if element.kind == "date" else kinds.is_moment(value)):
            return REMOVED, _WRONG
        try:
            day = (date.fromisoformat(value[:10]) - self.shift).isoformat()
        except OverflowError:
            return REMOVED, "taken out: no day of a calendar"
        return day + value[10:], "moved with all dates of the patient"

    def worded(self, element: Element, value: str) -> tuple[str, str]:
        path, name = element.path, element.name
        if path in _PEOPLE or (element.identifying and name not in _IDENTIFIERS):
            return f"{_PEOPLE.get(path, 'Person')} {self.key.pseudonym('person', value)[:8]}", "replaced under the key"
        if name in _IDENTIFIERS:
            section = path.partition(".")[0]
            system = self.data.get(section, {})
            named = system.get(f"{name}_system", "") if isinstance(system, Mapping) else ""
            return self.key.pseudonym("identifier", str(named), value), "replaced under the key"
        if name.endswith("_system"):
            return SYSTEM, "replaced"
        if path == f"{HEADER}.addendum_of":
            return self.key.pseudonym("note", value), "replaced under the key"
        if path in _PLACES:
            return self.placed(value)
        if path == f"{HEADER}.kept.rationale":
            return self.reason(value)
        if path == f"{HEADER}.kept.rule":
            return (value, "") if value in self.rules() else (REMOVED, _UNKNOWN)
        pattern = element.shape.get("pattern")
        if (isinstance(pattern, str) and re.search(pattern, value)) or _is_formula(value):
            return value, ""
        return self.text(value)

    def placed(self, value: str) -> tuple[str, str]:
        plain = re.sub(r"\[[^\[\]]*\]", "", value)
        if not {plain, f"{HEADER}.{plain}"} & {*self.template.elements, *(one.name for one in self.template.sections)}:
            return REMOVED, _UNKNOWN
        named = r"\[(?!#\d+\])(.*?)\]"  # a number is what a row without an id is called
        return re.sub(named, lambda row: f"[{self.key.pseudonym('row', row[1])}]", value), "row ids replaced"

    def rules(self) -> set[str]:
        return {*BUILT_IN, *(rule.id for rule in self.template.rules)}

    def reason(self, value: str) -> tuple[str, str]:
        """Return why a finding was kept; it is as much a reason after it as it was one before."""
        made, how = self.text(value)
        was, stays = (len(one.strip()) >= SHORTEST_RATIONALE for one in (value, made))
        return (made if was == stays else REMOVED if was else _REMOVED_SHORT), how

    def text(self, value: Any) -> tuple[str, str]:
        if self.scrubber is None or not isinstance(value, str):
            return REMOVED, "text taken out"
        return self.scrubber(value), "text scrubbed"


def _is_plain(element: Element, value: Any) -> bool:
    """Return whether a value identifies nobody: an answer, an option, a number that can be a measurement."""
    if element.kind in ("choice", "choices"):
        held = value if element.kind == "choices" and isinstance(value, list) else [value]
        return all(element.option(one) is not None for one in held)
    if element.kind == "gestational-age":
        return isinstance(value, str) and kinds.is_gestation(value)
    if element.kind in ("integer", "quantity"):
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST
    return element.kind == "boolean" and isinstance(value, bool)


def _is_formula(text: str) -> bool:
    """Return whether a text is an obstetric formula and nothing besides: G4P1+2."""
    return re.fullmatch(r"[GPTALgptal\d+ ]{2,30}", text) is not None and parity.read(text) is not None


def _whose(data: Mapping[str, Any]) -> str:
    """Return what the notes of a patient are known as hers by: her number, a pseudonym, at last the note itself."""
    known = foremost(patients_of(data))
    if known:
        return known
    patient = data.get("patient")
    number = patient.get("identifier") if isinstance(patient, Mapping) else None
    return number if isinstance(number, str) else str(data.get("id", ""))


def _quoted(template: Template, data: Mapping[str, Any]) -> Iterator[Quoted]:
    """Yield what identifies somebody in a note, numbers that were not typed as text too."""
    for element in template.elements.values():
        if not element.identifying and element.name not in _IDENTIFIERS and element.path not in _PEOPLE:
            continue
        held = data.get(element.path.partition(".")[0])
        value = held.get(element.name) if isinstance(held, Mapping) else None
        if isinstance(value, str | int) and not isinstance(value, bool):
            is_words = element.kind == "text" and element.name not in _IDENTIFIERS
            is_name = element.path in ("patient.name", "author.name")
            yield Quoted(str(value), "name" if is_name else "words" if is_words else "number")
