"""Bounds on how long something may take, in time of the processor: a busy machine makes no test fail."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def at_most(seconds: float, why: str = "") -> Iterator[None]:
    """Hold what is done here to seconds of the processor, in all threads of this process; `why` is told beside them."""
    begun = time.process_time()
    yield
    took = time.process_time() - begun
    assert took < seconds, f"{took:.1f} s of the processor, and at most {seconds} s were expected: {why}".rstrip(": ")
