"""Snapshots of our profiles, for receivers that cannot make them: a profile put into what it is derived from.

Only what our profiles use is known: constraints on what is there, slices, and steps into a part or a data type.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from ci_notes.errors import TemplateError

Json = dict[str, Any]
Find = Callable[[str], Json]
"""Finds a StructureDefinition with its snapshot by its address."""

_LEFT_OUT = ("mapping", "comment", "requirements", "alias", "example")
"""What the base says for people alone: it is there to be read, and would be nine tenths of the package."""

HL7 = "http://hl7.org/fhir/StructureDefinition/"


def with_snapshot(profile: Json, find: Find) -> Json:
    """Return a profile with its snapshot; raises TemplateError for a part that its base does not have."""
    elements: list[Json] = deepcopy(find(profile["baseDefinition"])["snapshot"]["element"])
    for said in profile["differential"]["element"]:
        place = _place(elements, said["id"], find)
        elements[place] = _merged(elements[place], said, profile["url"])
    elements = [{key: value for key, value in one.items() if key not in _LEFT_OUT} for one in elements]
    rest = {key: value for key, value in profile.items() if key != "differential"}
    return {**rest, "snapshot": {"element": elements}, "differential": profile["differential"]}


def _place(elements: list[Json], identifier: str, find: Find) -> int:
    """Return where an element stands, put there first if it is a slice or within what was not yet written out."""
    here = next((at for at, one in enumerate(elements) if one["id"] == identifier), None)
    if here is not None:
        return here
    parent, _, name = identifier.rpartition(".")
    if ":" in name:
        return _slice(elements, identifier, find)
    if not parent:
        raise TemplateError(f"there is no element «{identifier}»")
    _write_out(elements, _place(elements, parent, find), find)
    here = next((at for at, one in enumerate(elements) if one["id"] == identifier), None)
    if here is None:
        raise TemplateError(f"there is no element «{identifier}»: {parent} has no such part")
    return here


def _slice(elements: list[Json], identifier: str, find: Find) -> int:
    """Put a slice behind what is sliced and its other slices, with parts of its own; return where."""
    whole = identifier.rpartition(":")[0]
    start = _place(elements, whole, find)
    own = [one for one in elements[start:] if one["id"] == whole or one["id"].startswith(f"{whole}.")]
    copies = [{**deepcopy(one), "id": identifier + one["id"].removeprefix(whole)} for one in own]
    copies[0].pop("slicing", None)
    end = start
    while end < len(elements) and elements[end]["id"].startswith((whole + ".", whole + ":", whole)):
        end += 1
    elements[end:end] = copies
    return end


def _write_out(elements: list[Json], at: int, find: Find) -> None:
    """Put the parts of an element's data type behind it."""
    element = elements[at]
    types = element.get("type", ())
    if len(types) != 1:
        raise TemplateError(f"{element['id']} is not of one type, so that nothing can be said of its parts")
    parts = find(HL7 + types[0]["code"])["snapshot"]["element"]
    root = parts[0]["id"]
    elements[at + 1 : at + 1] = [
        {
            **deepcopy(one),
            "id": element["id"] + one["id"].removeprefix(root),
            "path": element["path"] + one["path"].removeprefix(root),
        }
        for one in parts[1:]
    ]


def _merged(element: Json, said: Json, source: str) -> Json:
    """Return an element with what a profile says of it; its rules are added to those it has."""
    rules = [{**one, "source": source} for one in said.get("constraint", ())]
    kept = {**element, **{key: value for key, value in said.items() if key != "constraint"}}
    return {**kept, "constraint": [*element.get("constraint", ()), *rules]} if rules else kept
