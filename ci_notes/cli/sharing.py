"""A run shared among processes: records in batches, what came of them in their order, few of them held at once."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ci_notes.cli.looking import Looked, Looking
from ci_notes.cli.options import FOLDERS
from ci_notes.cli.run import Item

if TYPE_CHECKING:
    from concurrent.futures import Future

_BATCH = 64
"""Records that travel together."""

_AHEAD = 3
"""Batches for each process that are under way or wait for those before them."""

_LOOKING: list[Looking] = []


def looked_at(records: Iterable[Item], looking: Looking, jobs: int) -> Iterator[Looked]:
    """Yield what came of each record, in the order of the records, whoever looked at it."""
    if jobs < 2:
        yield from map(looking, records)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  for many
    from multiprocessing import get_context  # noqa: PLC0415

    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (looking, tuple(FOLDERS))) as pool:
        under_way: deque[Future[list[Looked]]] = deque()
        try:
            for batch in _batches(records):
                under_way.append(pool.submit(_look, batch))
                if len(under_way) >= jobs * _AHEAD:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _batches(records: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(records)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _begin(looking: Looking, folders: tuple[str, ...]) -> None:
    FOLDERS[:] = folders
    _LOOKING[:] = [looking]


def _look(batch: list[Item]) -> list[Looked]:
    return [_LOOKING[0](one) for one in batch]
