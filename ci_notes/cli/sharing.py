"""A run shared among processes: records in batches, what came of them in their order, few of them held at once."""

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ci_notes.cli.options import FOLDERS
from ci_notes.cli.run import Item

if TYPE_CHECKING:
    from concurrent.futures import Future

_BATCH = 64
"""Records that travel together, at most."""

_HEAVY = 2_000_000
"""Bytes, after which no more travel with them: notes of 6 kB with a few before each are not half as many."""

_AHEAD = 3
"""Batches for each process that are under way or wait for those before them."""

COLLECTED = 20_000
"""Objects more than before, after which Python looks for rings."""

Done = TypeVar("Done")

_WORK: list[Callable[[Item], Any]] = []


def shared(records: Iterable[Item], work: Callable[[Item], Done], jobs: int) -> Iterator[Done]:
    """Yield what came of each record, in the order of the records, whoever did the work; it can be pickled."""
    if jobs < 2:
        with _seldom_collected():
            yield from map(work, records)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  for many
    from multiprocessing import get_context  # noqa: PLC0415

    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (work, tuple(FOLDERS))) as pool:
        under_way: deque[Future[list[Done]]] = deque()
        try:
            for batch in _batches(records):
                under_way.append(pool.submit(_work_on, batch))
                if len(under_way) >= jobs * _AHEAD:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _batches(records: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    weight = 0
    for one in records:
        batch.append(one)
        weight += len(one.content.raw) + sum(len(before.raw) for before in one.before)
        if len(batch) == _BATCH or weight > _HEAVY:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for rings of objects once in many notes: each leaves many objects, and hardly a ring among them."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _begin(work: Callable[[Item], Any], folders: tuple[str, ...]) -> None:
    gc.set_threshold(COLLECTED)
    FOLDERS[:] = folders
    _WORK[:] = [work]


def _work_on(batch: list[Item]) -> list[Any]:
    return [_WORK[0](one) for one in batch]
