"""Where two states of a draft differ, by the places of the form."""

from collections.abc import Iterator, Mapping
from typing import Any

from ci_notes.record.chain import written
from ci_notes.record.model import State


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
