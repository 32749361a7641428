"""Where two states of a draft differ, by the places of the form; and a draft as it was before some changes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ci_notes.record.chain import written
from ci_notes.record.model import PlaceChange, State


def differing(before: State, after: State) -> dict[str, tuple[Any, Any]]:
    """Return each place that is not the same in both states, with what stands there; None where nothing does."""
    old, new = places(before), places(after)
    return {
        place: (old.get(place), new.get(place))
        for place in {**old, **new}
        if place not in old or place not in new or written(old[place]) != written(new[place])  # True is not 1
    }


def places(state: State) -> dict[str, Any]:
    """Return what stands at each place: a value, or text that was typed there and could not be taken."""
    found = dict(_in_note(state["data"]))
    for part in ("unread", "conflicts"):
        found.update(state.get(part) or {})
    return found


def _in_note(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            for element, answer in value.items():
                yield from _in_section(f"{name}.{element}", answer)
        else:
            yield name, value


def _in_section(path: str, answer: Any) -> Iterator[tuple[str, Any]]:
    if not _are_rows(answer):
        yield path, answer
        return
    for row in answer:
        yield f"{path}[{row['id']}]", True
        yield from ((f"{path}[{row['id']}].{name}", value) for name, value in row.items() if name != "id")


def _are_rows(answer: Any) -> bool:
    return isinstance(answer, list) and bool(answer) and all(isinstance(row, Mapping) and "id" in row for row in answer)


def undone(state: State, changed: Sequence[PlaceChange]) -> State:
    """Return a draft as it was before some changes, given in their order, as far as the places they name can say."""
    if not changed:
        return state
    data = state["data"]
    for one in reversed(changed):
        data = _put_back(data, one.place, one.before)
    touched = {one.place for one in changed}
    unread = {place: one for place, one in (state.get("unread") or {}).items() if place not in touched}
    return {**state, "data": data, "unread": unread, "conflicts": {}}


def _put_back(data: Mapping[str, Any], place: str, value: Any) -> Mapping[str, Any]:
    """Return a note in which one place holds something else; what it cannot find stays as it is."""
    section, dot, name = place.partition(".")
    if not dot:
        return _with(data, section, value)
    held = data.get(section)
    within = held if isinstance(held, Mapping) else {}
    group, bracket, rest = name.partition("[")
    if not bracket:
        return {**data, section: _with(within, name, value)}
    row, _, inner = rest.partition("].")
    rows = within.get(group)
    if not isinstance(rows, list) or not inner:
        return data
    found = [_with(one, inner, value) if one.get("id") == row else one for one in rows]
    return {**data, section: {**within, group: found}}


def _with(held: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Return a part of a note in which a name has a value; what was typed and not taken was no value."""
    left = {key: one for key, one in held.items() if key != name}
    if value is None or (isinstance(value, Mapping) and "typed" in value):
        return left
    return {**left, name: value}
