"""Resources read by skeletons: which one a resource was written by, and what it holds in the places of the holes."""

from collections.abc import Iterator, Mapping
from typing import Any

from ci_notes.fhir import datatypes
from ci_notes.fhir.holes import (
    DROPPED,
    EACH,
    HOLES,
    answered,
    body,
    constants,
    fragments,
    may_vanish,
    otherwise,
    path_of,
    telling,
    word_of,
)
from ci_notes.template import Template

Json = dict[str, Any]
Held = tuple[str, str, Json, Any]
"""A hole that a resource fills: the path of its element, its word, the skeleton's part and the resource's."""

_KNOWN_BY = ("code", "category", "medicationCodeableConcept")
"""Where the resources of one type differ by what they are about."""


def skeleton_of(template: Template, resource: Json, name: str = "") -> Json | None:
    """Return the skeleton a resource was written by: the one our identifier names, else the most specific that fits."""
    kind = resource.get("resourceType")
    alike = {key: shape for key, shape in template.skeleton.items() if shape.get("resourceType") == kind}
    if name in alike:
        found: Json = alike[name]
        return found
    fitting = [shape for shape in alike.values() if _matches(shape, resource)]
    return max(fitting, key=lambda shape: _specific(template, shape, resource), default=None)


def _matches(skeleton: Json, resource: Json) -> bool:
    parts = [(skeleton[key], resource.get(key)) for key in _KNOWN_BY if key in skeleton]
    return all((held is None and may_vanish(part)) or fits(part, held) for part, held in parts)


def _specific(template: Template, skeleton: Json, resource: Json) -> int:
    """Count what of a skeleton speaks for it: its constants, and the holes that a resource fills as it would."""
    reading = _Reading(template, skeleton.get(EACH, ""))
    parts = [(skeleton[key], resource.get(key)) for key in _KNOWN_BY if key in skeleton]
    told = sum(reading.told(*hole) for part, held in parts for hole in reading.holes(part, held))
    return told + sum(constants(part) for part, _ in parts)


def fits(node: Any, held: Any) -> bool:
    """Return whether the constants of a skeleton's part are in what is held; holes fit anything."""
    if isinstance(node, dict):
        if word_of(node):
            return True
        return isinstance(held, Mapping) and all(_fits_if_there(node[key], held.get(key)) for key in telling(node))
    if isinstance(node, list):
        wanted = [item for item in node if not may_vanish(item)]
        return isinstance(held, list) and all(any(fits(item, one) for one in held) for item in wanted)
    return bool(node == held)


def _fits_if_there(node: Any, held: Any) -> bool:
    return (held is None and may_vanish(node)) or fits(node, held)


def read(template: Template, skeleton: Json, resource: Json) -> dict[str, Any]:
    """Return the values that a resource holds in the places of a skeleton's holes, by element path."""
    found: dict[str, Any] = {}
    chosen: dict[str, list[set[str]]] = {}
    for path, word, node, held in _Reading(template, skeleton.get(EACH, "")).holes(body(skeleton), resource):
        if template.elements[path].computed:
            continue
        if word == "$choose":
            alike = {option for option, fragment in fragments(node).items() if fits(fragment, held)}
            chosen.setdefault(path, []).append(alike)
            continue
        value = _value(template, path, node, held)
        if value is not None:
            found.setdefault(path, value)
    for path, answers in chosen.items():
        common = set.intersection(*answers)
        if len(common) == 1:
            found.setdefault(path, answered(template.elements[path], common.pop()))
    return found


def _value(template: Template, path: str, node: Json, held: Any) -> Any:
    """Return what is read in the place of a hole; what stands in for an answer is none, whatever code it has."""
    ours = any(datatypes.is_of_options(system) for system, _ in datatypes.codes_of(held))
    if not ours and fits(otherwise(node), held):
        return None
    reading = HOLES[word_of(node)].read
    return reading(template.elements[path], held) if reading else None


class _Reading:
    """The holes of one skeleton, found in a resource."""

    def __init__(self, template: Template, group: str) -> None:
        self.template = template
        self.group = group

    def holes(self, node: Any, held: Any) -> Iterator[Held]:
        """Yield each hole that a resource fills."""
        if held is None:
            return
        if isinstance(node, dict):
            word = word_of(node)
            if word in HOLES:
                yield path_of(node[word], self.group), word, node, held
                yield from self._their_words(node, held)
            elif not word and isinstance(held, Mapping):
                for key, value in body(node).items():
                    if not datatypes.is_missing(held.get(f"_{key}")):
                        yield from self.holes(value, held.get(key))
        elif isinstance(node, list) and isinstance(held, list):
            for item, match in self._paired(node, held):
                yield from self.holes(item, match)

    def told(self, path: str, _word: str, node: Json, held: Any) -> bool:
        """Return whether a hole is filled as this skeleton would: by its element, or for want of one."""
        return _value(self.template, path, node, held) is not None or fits(otherwise(node), held)

    def _their_words(self, node: Json, held: Any) -> Iterator[Held]:
        """Yield the words that were recorded for a concept: those that are not its own title."""
        if "$concept" not in node or "text" not in node or not isinstance(held, Mapping):
            return
        path = path_of(node["$concept"], self.group)
        answer = _value(self.template, path, node, held)
        option = self.template.elements[path].option(answer) if answer else None
        instead = otherwise(node)
        title = option.title if option else None if instead is DROPPED else instead.get("text")
        if held.get("text") != title:
            yield from self.holes(node["text"], held.get("text"))

    def _paired(self, node: list[Any], held: list[Any]) -> Iterator[tuple[Any, Any]]:
        """Pair the items of a list with what they fit: those with constants first, then those of holes alone."""
        left = list(held)
        for item in sorted(node, key=lambda one: not _own_constants(one)):
            known = bool(_own_constants(item))
            match = next((one for one in left if fits(item, one) and (known or self._tells(item, one))), None)
            if match is not None:
                left.remove(match)
                yield item, match

    def _tells(self, item: Any, held: Any) -> bool:
        """Return whether every hole of an item can be read, so that no item takes what another was written by."""
        return all(
            HOLES[word].read is None or _value(self.template, path, inner, part) is not None
            for path, word, inner, part in self.holes(item, held)
        )


def _own_constants(item: Any) -> int:
    """Count what is surely written in an item once its condition holds."""
    return constants(body(item)) if isinstance(item, dict) else constants(item)
