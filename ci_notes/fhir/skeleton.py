"""Resources written as they will look, with holes: filled from a note, read back into one, checked while loading.

The words are few on purpose, so that a FHIR reader can review a skeleton at sight: `$` (a value), `$concept` (an answer
as a CodeableConcept), `$coding` (our own code for an answer, beside other codes), `$choose` (a fragment for each
answer), `$ref`, and for a whole resource `$when` and `$each`.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from ci_notes.derive import Note, Record
from ci_notes.element import Element
from ci_notes.errors import ExpressionError, TemplateError
from ci_notes.expression import decide, nearest, parse_truth
from ci_notes.fhir import datatypes
from ci_notes.template import Template

Json = dict[str, Any]
_HOLES = ("$", "$concept", "$coding", "$choose", "$ref")
_RESOURCE_WORDS = ("$when", "$each")


class _Dropped:
    """What a hole without a value leaves: nothing."""


_DROPPED = _Dropped()


def resources(template: Template) -> Mapping[str, Json]:
    """Return a template's skeletons by name."""
    return template.skeleton


class Filler:
    """Fills the holes of skeletons from one note, and remembers which elements found a place."""

    def __init__(self, note: Note, reference: Callable[[str], Json | None]) -> None:
        self.note = note
        self.reference = reference
        self.placed: set[tuple[str, str]] = set()

    def fill(self, skeleton: Json, row: Record | None) -> tuple[Json, set[tuple[str, str]]]:
        """Return a filled resource and the (element path, row) pairs that it holds."""
        self.placed = set()
        body = {key: value for key, value in skeleton.items() if key not in _RESOURCE_WORDS}
        filled = self._fill(body, row, skeleton.get("$each", ""))
        return filled, self.placed

    def applies(self, skeleton: Json) -> Iterator[Record | None]:
        """Yield the rows a resource is written for, or None once where it does not repeat."""
        group = skeleton.get("$each")
        if group:
            yield from self.note.record.rows.get(group, ())
        elif "$when" not in skeleton or holds(self.note, skeleton["$when"]):
            yield None

    def _fill(self, node: Any, row: Record | None, group: str) -> Any:
        if isinstance(node, dict):
            hole = next((word for word in _HOLES if word in node), None)
            if hole:
                return self._hole(hole, node, row, group)
            filled = {key: self._fill(value, row, group) for key, value in node.items()}
            kept = {key: value for key, value in filled.items() if value is not _DROPPED}
            # A fragment whose holes all stayed empty says nothing, whatever constants stand beside them.
            return _DROPPED if _has_hole(node) and not _any_filled(node, filled) else kept
        if isinstance(node, list):
            items = [self._fill(value, row, group) for value in node]
            kept_items = [value for value in items if value is not _DROPPED]
            return kept_items if kept_items or not items else _DROPPED
        return node

    def _hole(self, hole: str, node: Json, row: Record | None, group: str) -> Any:
        if hole == "$ref":
            return self.reference(node["$ref"]) or _DROPPED
        path = _path(node[hole], group)
        element = self.note.template.elements[path]
        record = row if element.group and row is not None else self.note.record
        value = record.values.get(path)
        if value is None:
            return {"text": node["otherwise"]} if "otherwise" in node else _DROPPED
        self.placed.add((path, row.row if element.group and row is not None else ""))
        return _written(hole, node, element, value)


def _written(hole: str, node: Json, element: Element, value: Any) -> Any:
    if hole == "$choose":
        return deepcopy(node[value]) if value in node else _DROPPED  # the bundle is the caller's, the template is not
    if hole == "$coding":
        option = element.option(value)
        return datatypes.option_coding(element, option) if option else _DROPPED
    if hole == "$concept":
        option = element.option(value)
        return datatypes.option_concept(element, option) if option else {"text": str(value)}
    return datatypes.write_primitive(element, value)


def _has_hole(node: Any) -> bool:
    if isinstance(node, dict):
        return any(word in node for word in _HOLES if word != "$ref") or any(map(_has_hole, node.values()))
    return isinstance(node, list) and any(map(_has_hole, node))


def _any_filled(node: Json, filled: Json) -> bool:
    if "resourceType" in node:
        return True
    return any(filled[key] is not _DROPPED for key, value in node.items() if _has_hole(value))


def _path(name: str, group: str) -> str:
    return f"{group}.{name.removeprefix('row.')}" if name.startswith("row.") else name


def holds(note: Note, source: str) -> bool:
    """Return whether a condition surely holds on a note."""
    return decide(note.template.truth(source), note.record) is True


# --- reading back --------------------------------------------------------------------------------------------------


def matches(skeleton: Json, resource: Json) -> bool:
    """Return whether a resource may be one that a skeleton writes: its type, and the constants of code and category."""
    if skeleton.get("resourceType") != resource.get("resourceType"):
        return False
    parts = [(skeleton[key], resource.get(key)) for key in ("code", "category") if key in skeleton]
    return all(_fits(part, held) or (held is None and _has_hole(part)) for part, held in parts)


def _fits(node: Any, held: Any) -> bool:
    """Return whether the constants of a skeleton part are in what is held; holes fit anything."""
    if isinstance(node, dict):
        if any(word in node for word in _HOLES):
            return True
        return isinstance(held, Mapping) and all(
            _fits(value, held.get(key)) for key, value in node.items() if key not in ("display", "text")
        )
    if isinstance(node, list):
        return isinstance(held, list) and all(any(_fits(item, one) for one in held) for item in node)
    return bool(node == held)


def read(template: Template, skeleton: Json, resource: Json) -> dict[str, Any]:
    """Return the values that a resource holds in the places of a skeleton's holes, by element path."""
    found: dict[str, Any] = {}
    chosen: dict[str, list[set[str]]] = {}
    for path, hole, node, held in holes(skeleton, resource, skeleton.get("$each", "")):
        element = template.elements[path]
        if element.computed:
            continue
        if hole == "$choose":
            fitting = {value for value in node if not value.startswith("$") and _fits(node[value], held)}
            chosen.setdefault(path, []).append(fitting)
            continue
        value = _value(hole, element, held)
        if value is not None:
            found.setdefault(path, value)
    for path, sets in chosen.items():
        common = set.intersection(*sets)
        if len(common) == 1:
            found.setdefault(path, common.pop())
    return found


def _value(hole: str, element: Element, held: Any) -> Any:
    if hole == "$concept":
        return datatypes.option_of(element, held)
    if hole == "$coding":
        return datatypes.option_of(element, {"coding": [held]})
    return datatypes.read_primitive(element, held)


def holes(node: Any, held: Any, group: str) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield (element path, hole, skeleton part, held part) for each hole that a resource fills."""
    if held is None:
        return
    if isinstance(node, dict):
        hole = next((word for word in _HOLES if word in node), None)
        if hole and hole != "$ref":
            yield _path(node[hole], group), hole, node, held
        elif not hole and isinstance(held, Mapping):
            for key in (key for key in node if key not in _RESOURCE_WORDS):
                yield from holes(node[key], held.get(key), group)
    elif isinstance(node, list) and isinstance(held, list):
        for item, match in _paired(node, held):
            yield from holes(item, match, group)


def _paired(node: list[Any], held: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Pair the items of a skeleton list with what they fit: those with constants first, then those of holes alone."""
    left = list(held)
    for item in sorted(node, key=lambda one: not _constants(one)):
        match = next((one for one in left if _fits(item, one)), None)
        if match is not None:
            left.remove(match)
            yield item, match


def _constants(node: Any) -> int:
    if isinstance(node, dict):
        return 0 if any(word in node for word in _HOLES) else sum(map(_constants, node.values()))
    return sum(map(_constants, node)) if isinstance(node, list) else 1


# --- the contract --------------------------------------------------------------------------------------------------


def check_skeleton(template: Template) -> None:
    """Refuse a skeleton that names what the template does not have; raises TemplateError with the place."""
    for name, skeleton in template.skeleton.items():
        where = f"{template.id}/fhir.yaml, {name}"
        if not isinstance(skeleton, dict) or "resourceType" not in skeleton:
            raise TemplateError(f"{where}: a resource has a resourceType")
        group = skeleton.get("$each", "")
        if not isinstance(group, str) or not isinstance(skeleton.get("$when", ""), str):
            raise TemplateError(f"{where}: $when is a condition and $each the path of a group, both text")
        if group and (group not in template.elements or template.elements[group].kind != "group"):
            raise TemplateError(f"{where}: «{group}» does not repeat{nearest(group, template.elements)}")
        if "$when" in skeleton:
            try:
                parse_truth(skeleton["$when"], template.names)
            except ExpressionError as error:
                raise TemplateError(f"{where}, $when: {error}") from None
        body = {key: value for key, value in skeleton.items() if key not in _RESOURCE_WORDS}
        _check_holes(template, body, group, where)


def _check_holes(template: Template, node: Any, group: str, where: str) -> None:
    if isinstance(node, list):
        for item in node:
            _check_holes(template, item, group, where)
    if not isinstance(node, dict):
        return
    words = [key for key in node if str(key).startswith("$")]
    unknown = [word for word in words if word not in _HOLES]
    if unknown or len(words) > 1:
        raise TemplateError(f"{where}: «{(unknown or words)[0]}» is no hole; there are {', '.join(_HOLES)}")
    if words and not isinstance(node[words[0]], str):
        raise TemplateError(f"{where}: {words[0]} names an element or a resource, as text")
    if not words:
        for key, value in node.items():
            _check_holes(template, value, group, f"{where}.{key}")
        return
    _check_hole(template, words[0], node, group, where)


def _check_hole(template: Template, hole: str, node: Json, group: str, where: str) -> None:
    if hole == "$ref":
        if node[hole] not in template.skeleton:
            raise TemplateError(f"{where}: there is no resource «{node[hole]}»{nearest(node[hole], template.skeleton)}")
        return
    path = _path(str(node[hole]), group)
    element = template.elements.get(path)
    if element is None or element.group != (group if str(node[hole]).startswith("row.") else ""):
        raise TemplateError(f"{where}: there is no element «{path}»{nearest(path, template.elements)}")
    if hole != "$" and element.kind != "choice":
        raise TemplateError(f"{where}: {path} has no options for {hole}")
    options = [option.value for option in element.options]
    strange = [value for value in node if hole == "$choose" and not value.startswith("$") and value not in options]
    if strange:
        raise TemplateError(f"{where}: «{strange[0]}» is not an option of {path}{nearest(strange[0], options)}")
