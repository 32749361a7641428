"""Findings laid out for people and as data for programs, and text broken for a terminal."""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ci_notes.checks import Finding
from ci_notes.derive import Note
from ci_notes.element import Element
from ci_notes.template import HEADER, Template
from ci_notes.wording import lower_first


def findings(note: Note, found: Sequence[Finding], name: str, accepted: int = 0) -> str:
    """Return the findings of a note for a person, most serious first, each with its place and source.

    `accepted` is how many others a baseline accepts.

    What is required and not recorded is named section by section: in a sparse note that would be dozens of findings.
    """
    template = note.template
    lines = [
        f"{name}: {template.title} {template.version}, "
        f"{note.record.values.get('jurisdiction') or 'no guideline set recorded'}"
    ]
    missing = [one for one in found if one.rule == "required" and one.outcome == "found"]
    for one in found:
        if one not in missing:
            lines += _each(one, template)
        elif one is missing[0]:
            lines += [f"  {one.severity:8} {one.rule:14} {words}" for words in _not_recorded(template, missing)]
    return "\n".join([*lines, f"  {summary(note, found, accepted)}"]) + "\n"


def as_data(note: Note, found: Sequence[Finding], name: str, line: int = 0, accepted: int = 0) -> dict[str, Any]:
    """Return the findings of a note as JSON data, with what the template's rules are worth.

    `name` is that of its file, `line` from 1 where it is one of many in it; `accepted` is how many others a baseline
    accepts.
    """
    template = note.template
    scopes = {rule.id: rule.jurisdictions for rule in template.active_rules}
    return {
        "file": name,
        **({"line": line} if line else {}),
        "note": note.id,
        "template": template.id,
        "version": template.version,
        "jurisdiction": note.record.values.get("jurisdiction"),
        "rules": len(template.active_rules),
        "rules_not_reviewed": sum(1 for rule in template.active_rules if not rule.reviewed.get("by")),
        "rules_off": [
            {"rule": rule.id, "reason": rule.off, "by": rule.off_by} for rule in template.rules if rule.off_by
        ],
        "rules_changed": [{"rule": rule.id, "change": rule.changed} for rule in template.rules if rule.changed],
        **({"accepted": accepted} if accepted else {}),
        "findings": [asdict(one) | {"jurisdictions": scopes.get(one.rule, ())} for one in found],
    }


def _each(one: Finding, template: Template) -> Iterator[str]:
    mark = {"found": one.severity, "kept": "kept", "could not tell": "unknown"}[one.outcome]
    yield f"  {mark:8} {one.rule:14} {one.message}"
    if one.outcome == "kept":
        yield f"{'':26}kept because: {one.rationale}"
    for position in one.positions:
        yield f"{'':26}{position}"
    rows = rows_of(one)
    where = ", ".join(one.places) + (f" ({', '.join(rows)})" if rows else "")
    source = "" if one.positions else one.source  # each position names its own
    yield f"{'':26}{' · '.join(filter(None, (where, source, _scope(one, template))))}"


def rows_of(one: Finding) -> list[str]:
    """Return the rows that a finding is about as people call them: Prior pregnancy 2; a row's id says nothing."""
    placed = zip(one.places, one.labels, strict=False)  # what has the wrong shape has no labels
    return [*dict.fromkeys(label.partition(", ")[0] for place, label in placed if "[" in place)]


def _scope(one: Finding, template: Template) -> str:
    """Return for which guideline sets a guideline's statement is meant."""
    rule = next((rule for rule in template.rules if rule.id == one.rule), None)
    if rule is None or one.category != "guideline" or one.positions:
        return ""
    return f"for {', '.join(rule.jurisdictions) or 'all guideline sets'}"


def _not_recorded(template: Template, missing: Sequence[Finding]) -> Iterator[str]:
    """Yield for each section what is missing in it, then in its rows: "Scan: not recorded: bladder; fetus 2: heart"."""
    for section in template.sections:
        by_row: dict[str, list[str]] = {"": []}
        for one in missing:
            element = _element(template, one)
            if element.path.startswith(f"{section.name}."):
                row = one.labels[0].removesuffix(f", {element.say}") if element.group else ""
                by_row.setdefault(row, []).append(element.say)
        parts = [f"{lower_first(row)}{': ' if row else ''}{', '.join(names)}" for row, names in by_row.items() if names]
        if parts:
            yield f"{section.title}: not recorded: {'; '.join(parts)}"


def _element(template: Template, missing: Finding) -> Element:
    path = re.sub(r"\[[^\]]*\]", "", missing.places[0])
    return template.elements.get(path) or template.elements[f"{HEADER}.{path}"]


_COUNTED_AS = {
    "error": "error",
    "warning": "warning",
    "info": "remark",
    "could not tell": "could not be told",
    "kept": "kept",
}
"""Outcomes and severities as they are counted, in the order in which they are told."""


def _counted(numbers: Mapping[str, int]) -> str:
    """Return counts in words: "2 errors, 1 warning, 3 kept"."""
    plural = {one: one + "s" for one in ("error", "warning", "remark")}
    said = [(numbers.get(word, 0), word) for word in _COUNTED_AS.values()]
    return ", ".join(f"{n} {word if n == 1 else plural.get(word, word)}" for n, word in said if n) or "Nothing found"


def counts(found: Iterable[Finding]) -> Counter[str]:
    """Return how many were found by severity, and how many could not be told or were kept."""
    return Counter(_COUNTED_AS.get(one.outcome) or _COUNTED_AS[one.severity] for one in found)


def total(notes: int, unread: int, counted: Mapping[str, int], accepted: int = 0) -> str:
    """Return in a line what several notes come to; `unread` is how many records could not be read."""
    others = f", {unread} that could not be read" if unread else ""
    return f"{notes} note{'' if notes == 1 else 's'}{others}: {lower_first(_with_accepted(counted, accepted))}.\n"


def _with_accepted(counted: Mapping[str, int], accepted: int) -> str:
    """Return counts in words, with how many findings a baseline accepts."""
    if not accepted:
        return _counted(counted)
    return f"{_counted(counted) if any(counted.values()) else 'Nothing new'}, {accepted} accepted"


def summary(note: Note, found: Sequence[Finding], accepted: int = 0) -> str:
    """Return what was found in one line, with how many rules no clinician has reviewed."""
    rules = note.template.active_rules
    unreviewed = sum(1 for rule in rules if not rule.reviewed.get("by"))
    counted = f"{len(rules)} rules, {unreviewed} not yet reviewed by a clinician"
    return f"{_with_accepted(counts(found), accepted)}; {', '.join([counted, *_by_a_pack(note.template)])}."


def _by_a_pack(template: Template) -> Iterator[str]:
    """Yield how many rules a pack switched off or made more or less serious."""
    off = [rule for rule in template.rules if rule.off_by]
    changed = [rule for rule in template.rules if rule.changed]
    if off:
        yield f"{len(off)} switched off by {off[0].off_by}"
    if changed:
        yield f"{len(changed)} of another severity by {template.extension}"


def wrapped(words: str, width: int) -> str:
    """Return text with its long lines broken between words, continued under their own indent.

    A line of a list is continued behind its dash, a finding below its message where that leaves room.
    """
    lines = []
    for line in words.split("\n"):
        margin = len(line) - len(line.lstrip())
        begun = re.match(r"- |\w+ +\S+ {2,}", line[margin:])
        hanging = margin + len(begun[0]) if begun else margin
        under = " " * (hanging if hanging <= width // 3 else margin)
        lines += textwrap.wrap(line, width, subsequent_indent=under, break_long_words=False) or [""]
    return "\n".join(lines)
