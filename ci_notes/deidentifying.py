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
from ci_notes.element import Element
from ci_notes.errors import InputError
from ci_notes.series import patients_of
from ci_notes.template import HEADER, Template

LEAST_KEY = 32
"""Bytes of a key (256 bits, as long as what is made with it)."""

SYSTEM = "urn:x-ci-notes:pseudonym"
"""Whose numbers pseudonyms are."""

REMOVED = "[text removed]"

_MOST_WEEKS = 104
_IDENTIFIERS = ("identifier", "pseudonym", "encounter", "facility_identifier")
_PEOPLE = {"patient.name": "Patient", "author.name": "Author", "author.facility": "Site"}
_PLACES = (f"{HEADER}.kept.at", f"{HEADER}.carried.at")
_RULE = re.compile(r"[A-Za-z0-9_-]{1,40}")

Json = dict[str, Any]


@dataclass(frozen=True)
class Key:
    """A secret by which the same always becomes the same; raises InputError for one that could be guessed."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < LEAST_KEY:
            raise InputError(f"the key has {len(self.secret)} bytes; at least {LEAST_KEY} are needed")

    def pseudonym(self, kind: str, *parts: str) -> str:
        """Return what stands for something of a kind: 16 hexadecimal digits."""
        said = "\x1f".join((kind, *parts)).encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, said, sha256).hexdigest()[:16]

    def weeks(self, patient: str) -> int:
        """Return by how many weeks the dates of a patient move into the past: 1 to 104."""
        return int(self.pseudonym("weeks", patient), 16) % _MOST_WEEKS + 1


def deidentified(
    template: Template, data: Mapping[str, Any], key: Key, scrub: bool = False
) -> tuple[Json, Counter[tuple[str, str]]]:
    """Return a note without its identity, and how often what was done at which path, by (path, what was done).

    With `scrub`, free text stays, without recorded names, numbers and dates that it quotes; else it is taken out.
    """
    one = _Note(template, data, key, scrub)
    return one.made(), one.done


class _Note:
    """One note on its way."""

    def __init__(self, template: Template, data: Mapping[str, Any], key: Key, scrub: bool) -> None:
        self.template, self.data, self.key = template, data, key
        self.patient = "\x1f".join(
            min(sorted(patients_of(data), key=_identifier_first), default=("", str(data.get("id", ""))))
        )
        self.shift = timedelta(weeks=key.weeks(self.patient))
        self.done: Counter[tuple[str, str]] = Counter()
        self.scrubber = _Scrubber(_quoted(template, data)) if scrub else None

    def made(self) -> Json:
        header = {one.name: one for one in self.template if one.path.startswith(f"{HEADER}.")}
        sections = {section.name: section for section in self.template.sections if section.name != HEADER}
        result: Json = {}
        for name, value in self.data.items():
            if name in ("template", "version"):
                result[name] = value
            elif name == "id":
                result[name] = self.renamed("note", f"{HEADER}.id", value)
            elif name in header:
                result[name] = self.value(header[name], value)
            elif name in sections and isinstance(value, Mapping):
                result[name] = self.section({one.name: one for one in sections[name]}, value, name)
            else:
                self.done[name[:60], "taken out: not known here"] += 1
        return result

    def section(self, elements: Mapping[str, Element], held: Mapping[str, Any], path: str) -> Json:
        result = {}
        for name, value in held.items():
            if name in elements:
                result[name] = self.value(elements[name], value)
            else:
                self.done[f"{path}.{name[:60]}", "taken out: not known here"] += 1
        return result

    def value(self, element: Element, value: Any) -> Any:
        if isinstance(value, Mapping) and "absent" in value:
            return self.absence(element, value)
        if element.kind == "group" and isinstance(value, list):
            return [self.row(element, row) for row in value]
        made, how = self.changed(element, value)
        if how:
            self.done[element.path, how] += 1
        return made

    def absence(self, element: Element, value: Mapping[str, Any]) -> Json:
        result = {"absent": value["absent"]}
        if "reason" in value:
            result["reason"], how = self.text(value["reason"])
            self.done[element.path, how] += 1
        return result

    def row(self, group: Element, row: Any) -> Any:
        if not isinstance(row, Mapping):
            return REMOVED
        made = self.section(
            {one.name: one for one in group.rows}, {k: v for k, v in row.items() if k != "id"}, group.path
        )
        return {"id": self.renamed("row", f"{group.path}.id", row["id"]), **made} if "id" in row else made

    def renamed(self, kind: str, path: str, value: Any) -> str:
        self.done[path, "replaced under the key"] += 1
        return self.key.pseudonym(kind, str(value))

    def changed(self, element: Element, value: Any) -> tuple[Any, str]:
        """Return what stands in the place of a value, and what was done, empty where it stays."""
        if isinstance(value, str) and element.kind in ("date", "datetime"):
            return self.moved(element, value)
        if element.kind in ("choice", "gestational-age", "boolean", "integer", "quantity", "choices"):
            return self.plain(element, value)
        if not isinstance(value, str):
            return value if isinstance(value, int | float) else REMOVED, ""
        return self.worded(element, value)

    def plain(self, element: Element, value: Any) -> tuple[Any, str]:
        """Return a value that identifies nobody; what is typed in its place may, so it goes."""
        known = [one.value for one in element.options]
        texts = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
        fits = all(one in known or (element.kind == "gestational-age" and kinds.is_gestation(one)) for one in texts)
        nested = isinstance(value, Mapping) or (isinstance(value, list) and len(texts) != len(value))
        return (REMOVED, "taken out: of the wrong shape") if nested or not fits else (value, "")

    def moved(self, element: Element, value: str) -> tuple[str, str]:
        if not (kinds.is_date(value) if element.kind == "date" else kinds.is_moment(value)):
            return REMOVED, "taken out: of the wrong shape"
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
            return re.sub(
                r"\[([^\]]*)\]", lambda row: f"[{self.key.pseudonym('row', row[1])}]", value
            ), "row ids replaced"
        if path == f"{HEADER}.kept.rule" and _RULE.fullmatch(value):
            return value, ""
        pattern = element.shape.get("pattern")
        if (isinstance(pattern, str) and re.search(pattern, value)) or _is_formula(value):
            return value, ""
        return self.text(value)

    def text(self, value: Any) -> tuple[str, str]:
        if self.scrubber is None or not isinstance(value, str):
            return REMOVED, "text taken out"
        return self.scrubber(value), "text scrubbed"


def _is_formula(text: str) -> bool:
    """Return whether a text is an obstetric formula and nothing besides: G4P1+2."""
    return re.fullmatch(r"[GPTALgptal\d+ ]{2,30}", text) is not None and parity.read(text) is not None


def _identifier_first(patient: tuple[str, str]) -> tuple[bool, tuple[str, str]]:
    return patient[0] == "pseudonym", patient


def _quoted(template: Template, data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what identifies somebody in a note, and the words of names."""
    for element in template.elements.values():
        if not element.identifying and element.name not in _IDENTIFIERS and element.path not in _PEOPLE:
            continue
        held = data.get(element.path.partition(".")[0])
        value = held.get(element.name) if isinstance(held, Mapping) else None
        if isinstance(value, str):
            yield value
            yield from (word for word in re.findall(r"[^\W\d_]{3,}", value) if element.kind == "text")


_DATES = (
    r"\b\d{4}-\d\d?-\d\d?(?:T[\d:.+Z-]+)?", r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b",
    r"\b\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?:,?\s+\d{2,4})?\b",
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?(?:,?\s+\d{2,4})?\b",
)  # fmt: skip
_PATTERNS = (
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\bhttps?://\S+", re.I), "[address]"),
    (re.compile("|".join(_DATES), re.I), "[date]"),
    (re.compile(r"(?<![\w.])\+?\d[\d ()/-]{5,}\d\b"), "[number]"),
    (re.compile(r"\b(?:Dr|Prof|Mr|Mrs|Ms|Miss|Sister|Midwife)\.?(?:\s+[A-Z][\w'’-]+)+"), "[name]"),
)


class _Scrubber:
    """Takes out of a text what the note itself has as a name or number, and what looks like a date, number or name."""

    def __init__(self, quoted: Iterator[str]) -> None:
        words = sorted({one for one in quoted if one.strip()}, key=len, reverse=True)
        self.quoted = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)", re.I) if words else None

    def __call__(self, text: str) -> str:
        found = self.quoted.sub("[name]", text) if self.quoted else text
        for pattern, instead in _PATTERNS:
            found = pattern.sub(instead, found)
        return found
