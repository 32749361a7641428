"""How far a run is: a bar with rate and time left on stderr, if that is a terminal that nothing else is written to."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ci_notes.submissions import Submission

Record = TypeVar("Record")

_SHORT = 1.0
"""Seconds of a run of which nobody needs to know how far it is."""

_PACKED = (".gz", ".tgz", ".zst", ".zip", ".tar")


class Progress:
    """Bars for the parts of a run; quiet in a pipe, and without the extra that draws them."""

    def __init__(self, output: str | None) -> None:
        """Show bars only if what is written to `output`, None for stdout, does not go to the same terminal."""
        self._bar = _bars() if sys.stderr.isatty() and (output is not None or not sys.stdout.isatty()) else None

    def reading(self, records: Iterable["Submission"], paths: Sequence[str]) -> Iterator["Submission"]:
        """Pass on records as they are read; where no file is packed it is known how many bytes there are."""
        if self._bar is None:
            yield from records
            return
        total = _bytes(paths)
        unit = {"unit": "B", "unit_scale": True} if total else {"unit": " records"}
        with self._bar(desc="reading", total=total, **unit) as bar:
            for one in records:
                yield one
                bar.update(len(one.content) + 1 if total else 1)

    def working(self, records: Iterable[Record], total: int, what: str) -> Iterator[Record]:
        """Pass on what comes of records as something is done with them."""
        if self._bar is None:
            yield from records
            return
        with self._bar(desc=what, total=total, unit=" records") as bar:
            for one in records:
                yield one
                bar.update()


def _bars() -> Callable[..., Any] | None:
    try:
        from tqdm import tqdm  # noqa: PLC0415  an extra
    except ImportError:
        return None
    tqdm.monitor_interval = 0  # no thread that looks after slow bars
    return lambda **about: tqdm(file=sys.stderr, leave=False, delay=_SHORT, dynamic_ncols=True, **about)


def _bytes(paths: Sequence[str]) -> int | None:
    """Return how many bytes there are to read, or None where nobody knows before."""
    from ci_notes.submissions import named  # noqa: PLC0415

    files = [*named(paths)]
    if any(path.lower().endswith(_PACKED) or not os.path.isfile(path) for path in files):  # noqa: PTH113
        return None
    return sum(os.path.getsize(path) for path in files)  # noqa: PTH202
