"""Runs what the writer wrote: sources made into functions, from code that was prepared before where there is any."""

from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any

from ci_notes.dating import Span
from ci_notes.expression.spans import CALLABLE

_PREPARED: dict[str, CodeType] = {}


def prepare(sources: Iterable[str], codes: Iterable[CodeType]) -> None:
    """Have the code of sources at hand: compiling those of a big template takes longer than checking a note.

    Raises ValueError for anything but one code for each source.
    """
    pairs = dict(zip(sources, codes, strict=True))
    if not all(isinstance(code, CodeType) for code in pairs.values()):
        raise ValueError("this is no code")
    _PREPARED.update(pairs)


def code_of(source: str) -> CodeType:
    """Return the code of a source that the writer wrote."""
    return _PREPARED.get(source) or compile(source, "<conditions>", "exec")


def compile_conditions(source: str) -> Callable[[Any, list[Any]], list[tuple[int, Any, bool | None]]]:
    """Return the function that `write_conditions` wrote."""
    function: Callable[[Any, list[Any]], list[tuple[int, Any, bool | None]]] = _function(source, "conditions")
    return function


def compile_value(source: str) -> Callable[[Any], Span]:
    """Return the function that `write_value` wrote."""
    function: Callable[[Any], Span] = _function(source, "value")
    return function


def _function(source: str, name: str) -> Any:
    names = dict(CALLABLE)
    exec(code_of(source), names)  # noqa: S102  our own writer's output, from checked nodes
    return names[name]
