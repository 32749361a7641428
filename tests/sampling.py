"""How much is tried of what is long: a part of it wherever a change is tested, all of it by `make nightly`."""

import os
import zlib
from collections.abc import Iterable
from typing import TypeVar

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"

T = TypeVar("T")


def sample(every: Iterable[T], one_in: int, of: str = "") -> list[T]:
    """Return all of it by night, else one in so many: the same ones in every run, other ones for another `of`."""
    return list(every) if NIGHTLY else list(every)[zlib.crc32(of.encode()) % one_in :: one_in]
