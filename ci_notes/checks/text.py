"""Findings about free text: what contradicts itself, and what was copied forward; and the text that rules may read."""

from collections.abc import Iterator, Mapping
from typing import Any

from ci_notes import expression, wording
from ci_notes.checks.asking import recorded
from ci_notes.checks.finding import Finding, built_in
from ci_notes.derive import Note
from ci_notes.pairs import contradictions, suspects
from ci_notes.places import label, located
from ci_notes.template import HEADER

COPIED = 0.95
"""Share of two texts that is alike, from which the later is taken for a copy (guidelines R163)."""
SHORTEST_COPY = 40
"""Characters: a shorter remark may well be made twice."""
_COMPARED = 2000
"""Characters of a remark that are compared."""


def typed(note: Note) -> str:
    """Return all text that somebody typed into a note, what was carried forward left out, as lines."""
    carried = f"{HEADER}.carried"
    texts = recorded(note.record, note.template.texts)
    return "\n".join(value for element, _, value in texts if element.group != carried)


def contradicting(note: Note) -> Iterator[Finding]:
    """Yield remarks that contradict themselves."""
    words, texts = note.template.words, [*recorded(note.record, note.template.texts)]
    for index in suspects(words, [value for _, _, value in texts]):
        element, row, value = texts[index]
        for one, other in contradictions(words, value):
            text = f"{label(note.template, element.path, row)}: it says «{one}» and «{other}»"
            yield built_in("R162", text, **located(note, [element.path], row))


def copied(note: Note) -> Iterator[Finding]:
    """Yield remarks that stayed as they were in the earlier note although what they go with has changed."""
    values, elements = note.record.values, note.template.elements
    changed = [path for path in note.template.words.copied if _differs(values, path)]
    for element in note.template.texts if changed else ():
        path = element.path
        now, before = values.get(path), values.get(f"{expression.EARLIER}{path}")
        may_stay = element.carried or path in note.template.words.lasting
        if not may_stay and _alike(now, before):
            what, then = elements[changed[0]], values[f"{expression.EARLIER}{changed[0]}"]
            text = (
                f"{element.title} is that of the earlier note, word for word or nearly; {what.say} was "
                f"{wording.say(what, then, note.jurisdiction)} and is "
                f"{wording.say(what, values[changed[0]], note.jurisdiction)}"
            )
            yield built_in("R163", text, **located(note, [path, *changed], None))


def _differs(values: Mapping[str, Any], path: str) -> bool:
    now, before = values.get(path), values.get(f"{expression.EARLIER}{path}")
    return now is not None and before is not None and now != before


def _alike(now: str | None, before: str | None) -> bool:
    if now is None or before is None or min(len(now), len(before)) < SHORTEST_COPY:
        return False
    if now == before:
        return True
    from difflib import SequenceMatcher  # noqa: PLC0415  costs start-up time

    matcher = SequenceMatcher(None, now[:_COMPARED], before[:_COMPARED], autojunk=False)
    return matcher.real_quick_ratio() > COPIED and matcher.quick_ratio() > COPIED and matcher.ratio() > COPIED
