"""What a pack that extends a template must not lose: each element that it adds, or whose block it replaces, is told.

An element is told if the narrative of a note that holds it alone differs with its value, with the reason of its
absence, and where nothing is recorded, and if a sentence names it.
"""

from collections.abc import Iterator
from typing import Any

from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ci_notes import derive
from ci_notes.derive import Note, Record
from ci_notes.element import Element
from ci_notes.errors import NarrativeError, TemplateError
from ci_notes.narrative import Sentence, render
from ci_notes.places import place
from ci_notes.template import HEADER, PARENT, Template

_DATE = "2026-11-03T14:20:00+00:00"
_SAMPLES: dict[str, tuple[Any, ...]] = {
    "boolean": (True, False),
    "text": ("first words", "other words"),
    "date": ("2026-02-03", "2026-03-04"),
    "datetime": ("2026-02-03T10:20:00+00:00", "2026-03-04T11:30:00+00:00"),
    "gestational-age": ("20w1d", "21w2d"),
    "group": ([],),
}
_ABSENT = {"absent": "not-performed"}


def check_told(extended: Template, alone: Template) -> None:
    """Refuse an extended template that does not say what its pack adds, or what it says without the pack."""
    whose = extended.extension.name if extended.extension else extended.id
    at_risk = _at_risk(extended, alone)
    for element in extended.elements.values():
        before = alone.elements.get(element.path)
        if element.computed or element.unsaid or not (before is None or element.path in at_risk):
            continue
        lost = dict(_untold(extended, element))
        known = dict(_untold(alone, before)) if lost and before else {}
        for said, sentence in lost.items():
            if said not in known:
                raise TemplateError(f"{whose}: {extended.id}, {element.path}: {sentence}")


# --- which elements ------------------------------------------------------------------------------------------------


def _at_risk(extended: Template, alone: Template) -> set[str]:
    """Return the elements of ours that a block reads which the pack replaces without saying ours (`super()`) in it."""
    found: set[str] = set()
    for name, source in alone.narratives.items():
        theirs = extended.narratives[name]
        if f"{PARENT}/{name}" not in extended.narratives:
            found |= set(alone.elements) if theirs != source else set()
            continue
        replaced = {block.name for block in _blocks(theirs) if not _says_ours(block)}
        for block in _blocks(source):
            found |= set(_read_in(block, alone)) if block.name in replaced else set()
    return found


def _blocks(source: str) -> Iterator[nodes.Block]:
    return ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).parse(source).find_all(nodes.Block)


def _says_ours(block: nodes.Block) -> bool:
    """Return whether a block prints the one that it replaces, whatever was recorded."""
    printed = [part for node in block.body if isinstance(node, nodes.Output) for part in node.nodes]
    return any(
        isinstance(part, nodes.Call) and isinstance(part.node, nodes.Name) and part.node.name == "super"
        for part in printed
    )


def _read_in(block: nodes.Block, template: Template) -> Iterator[str]:
    """Yield the elements that a block names, and all of a section that it hands on to a macro."""
    for node in block.find_all((nodes.Getattr, nodes.Name)):
        if isinstance(node, nodes.Name):
            section = template.section(node.name)
            for element in section or ():
                yield element.path
                yield from (row.path for row in element.rows)


# --- whether each is told ------------------------------------------------------------------------------------------


def _untold(template: Template, element: Element) -> Iterator[tuple[str, str]]:
    """Yield what is not told of an element, and how, in words."""
    untouched = _texts(_alone(template, element, None))
    seen: dict[frozenset[str], str] = {untouched: "nothing recorded"}
    for value in (*_samples(element), _ABSENT):
        note = _alone(template, element, value)
        if note.problems:
            continue  # a pattern or a length that no sample of ours fits
        said = "its reason of absence" if value is _ABSENT else f"«{value}»" if value != [] else "an empty list"
        try:
            texts = _texts(note)
        except NarrativeError as error:
            yield said, f"{said} cannot be told: {error}"
            continue
        if texts in seen:
            mend = "end the block with gaps(section)" if value is _ABSENT else "say it in a block of the narrative"
            yield said, f"no sentence tells {said} from {seen[texts]}; {mend}"
        elif not any(_names(sentence, place(element.path, _row_of(note, element))) for sentence in render(note, True)):
            yield said, f"no sentence that tells {said} can be traced to it"
        seen.setdefault(texts, said)


def _names(sentence: Sentence, path: str) -> bool:
    return any(
        named == path or path.startswith((f"{named}.", f"{named}[")) or named.startswith(f"{path}[")
        for named in (*sentence.says, *sentence.because)
    )


def _texts(note: Note) -> frozenset[str]:
    return frozenset(f"{sentence.section}: {sentence.text}" for sentence in render(note))


def _alone(template: Template, element: Element, value: Any) -> Note:
    """Return a note that holds one value and nothing else."""
    held: dict[str, Any] = {} if value is None else {element.name: value}
    section, _, group = (element.group or element.path).partition(".")
    held = {group: [{"id": "r1", **held}]} if element.group else held
    data = {"id": "n1", "template": template.id, "status": "final", "date": _DATE}
    return derive.note(template, data | (held if section == HEADER else {section: held}))


def _row_of(note: Note, element: Element) -> Record | None:
    return next(iter(note.record.rows.get(element.group, ())), None) if element.group else None


def _samples(element: Element) -> tuple[Any, ...]:
    options = [option.value for option in element.options]
    if element.kind == "choice":
        return tuple(options)
    if element.kind == "choices":
        return ([], *([option] for option in options))
    if element.kind in ("integer", "quantity"):
        low = element.shape.get("minimum", 1)
        return (low, min(low + 1, element.shape.get("maximum", low + 1)))
    return _SAMPLES[element.kind]
