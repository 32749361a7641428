"""The words of a skeleton: for which elements each is, how a value is written in its place and how it is read there.

What else is asked of a part of a skeleton stands here too, since writing and reading must agree on it: which word it
is, what of it is constant, and whether it may be missing.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ci_notes import wording
from ci_notes.element import Element
from ci_notes.fhir import datatypes
from ci_notes.kinds import KINDS

Json = dict[str, Any]

REFERENCE = "$ref"
ABSENT = "$absent"
WHEN = "$when"
EACH = "$each"


class _Dropped:
    """What a hole without a value leaves: nothing."""


DROPPED = _Dropped()


@dataclass(frozen=True, slots=True)
class Hole:
    """One word: the kinds of element it is for, and how a value is written and read. What has no `read` is not."""

    kinds: tuple[str, ...]
    write: Callable[[Json, Element, Any, str], Any]
    read: Callable[[Element, Any], Any] | None = None


def _said(node: Json, element: Element, value: Any, jurisdiction: str) -> str:
    return wording.spelled(node.get("before", ""), jurisdiction) + wording.say(element, value, jurisdiction)


def _concept(_node: Json, element: Element, value: Any, _jurisdiction: str) -> Any:
    option = element.option(value)
    return datatypes.option_concept(element, option) if option else DROPPED


def _concepts(node: Json, element: Element, value: Any, jurisdiction: str) -> Any:
    return [_concept(node, element, one, jurisdiction) for one in value]


def _read_concepts(element: Element, held: Any) -> Any:
    answers = [datatypes.option_of(element, one) for one in held] if isinstance(held, list) else []
    return list(dict.fromkeys(answer for answer in answers if answer is not None)) or None


def _coding(_node: Json, element: Element, value: Any, _jurisdiction: str) -> Any:
    option = element.option(value)
    return datatypes.option_coding(element, option) if option else DROPPED


def answer(element: Element, value: Any) -> str:
    """Return the name of the fragment that an answer chooses: a yes or no is `true` or `false`."""
    return str(value).lower() if element.kind == "boolean" else str(value)


def answers(element: Element) -> list[str]:
    """Return the names that fragments may have."""
    return ["true", "false"] if element.kind == "boolean" else [option.value for option in element.options]


def answered(element: Element, name: str) -> Any:
    """Return the answer that a fragment's name stands for."""
    return name == "true" if element.kind == "boolean" else name


def _chosen(node: Json, element: Element, value: Any, _jurisdiction: str) -> Any:
    name = answer(element, value)
    return deepcopy(node[name]) if name in node else DROPPED  # the bundle is the caller's, the template is not


def _absent(_node: Json, _element: Element, value: Any, _jurisdiction: str) -> Any:
    return datatypes.write_absent(value.code, value.reason)["dataAbsentReason"]


def _read_absent(_element: Element, held: Any) -> Any:
    return datatypes.read_absent({"dataAbsentReason": held})


_SINGLE = tuple(kind for kind in KINDS if kind not in ("choices", "group"))

HOLES: dict[str, Hole] = {
    "$": Hole(_SINGLE, lambda _node, _element, value, _j: value, datatypes.read_primitive),
    "$concept": Hole(("choice",), _concept, datatypes.option_of),
    "$concepts": Hole(("choices",), _concepts, _read_concepts),
    "$coding": Hole(("choice",), _coding, lambda element, held: datatypes.option_of(element, {"coding": [held]})),
    "$quantity": Hole(
        ("integer", "quantity"),
        lambda _node, element, value, _j: datatypes.quantity(value, element.unit or ""),
        datatypes.read_quantity,
    ),
    "$choose": Hole(("choice", "boolean"), _chosen),
    ABSENT: Hole(_SINGLE, _absent, _read_absent),
    "$said": Hole((*_SINGLE, "choices"), _said),
}
"""The words that stand for an element. `$choose` is read too, but only by all of its places together."""

WORDS = (*HOLES, REFERENCE)
_WORDS = frozenset(WORDS)

BESIDE = {
    "$concept": ("otherwise", "text"),
    "$choose": ("otherwise",),
    "$said": ("before",),
    ABSENT: ("otherwise",),
}
"""What may stand beside a word: what is written where nothing was recorded; words for a concept, or before a value."""


def word_of(node: Json) -> str:
    """Return the word that a part of a skeleton is a hole by; empty for what stands as it is written."""
    return next(iter(_WORDS.intersection(node)), "")  # it has one at most


def path_of(name: str, group: str) -> str:
    """Return the path of the element that a hole names: row.x is in the group at hand."""
    return f"{group}.{name.removeprefix('row.')}" if name.startswith("row.") else name


def body(node: Json) -> Json:
    """Return a part without the words that say when and how often it is written."""
    return (
        {key: value for key, value in node.items() if key not in (WHEN, EACH)} if WHEN in node or EACH in node else node
    )


def otherwise(node: Json) -> Any:
    """Return what a hole is filled with where nothing was recorded, or DROPPED."""
    if "otherwise" not in node:
        return DROPPED
    instead = node["otherwise"]
    return {"text": instead} if "$concept" in node and isinstance(instead, str) else deepcopy(instead)


def fragments(node: Json) -> Json:
    """Return the parts that a `$choose` chooses among, by answer."""
    return {key: value for key, value in node.items() if key != "otherwise" and not key.startswith("$")}


def has_hole(node: Any) -> bool:
    """Return whether something recorded is to be written in a part; a reference is none."""
    if isinstance(node, dict):
        return not HOLES.keys().isdisjoint(node) or any(map(has_hole, node.values()))
    return isinstance(node, list) and any(map(has_hole, node))


def may_vanish(node: Any) -> bool:
    """Return whether a part may be left out when it is filled: it has a condition, or no hole of it need be filled."""
    if isinstance(node, dict):
        if WHEN in node or word_of(node):
            return True
        telling = [value for value in node.values() if has_hole(value)] or [*node.values()]
        return bool(telling) and all(map(may_vanish, telling))
    return isinstance(node, list) and bool(node) and all(map(may_vanish, node))


def constants(node: Any) -> int:
    """Count what is surely written in a part as it stands."""
    if isinstance(node, dict):
        return 0 if WHEN in node or word_of(node) else sum(constants(node[key]) for key in telling(node))
    return sum(map(constants, node)) if isinstance(node, list) else 1


def telling(node: Json) -> list[str]:
    """Return the keys that tell one part from another: words for people do not, where there surely is a code."""
    coded = "coding" in node and not may_vanish(node["coding"])
    return [key for key in body(node) if key != "display" and not (key == "text" and coded)]
