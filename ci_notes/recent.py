"""What was made lately of the same: a small memory for work that is done again and again on one note."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from threading import Lock
from typing import Any, Generic, TypeVar

Held = TypeVar("Held")


class Recent(Generic[Held]):
    """What was made, by what it was made of; at most `most` are kept, and what was asked for longest ago goes first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: OrderedDict[Hashable, Held] = OrderedDict()
        self._lock = Lock()

    def get(self, made_of: Hashable, make: Callable[[], Held], fits: Callable[[Held], bool] | None = None) -> Held:
        """Return what was made of the same, or make it; what no longer `fits` is made anew.

        Two threads that ask at once may both make it.
        """
        with self._lock:
            found = self._held.get(made_of)
            if found is not None:
                self._held.move_to_end(made_of)
        if found is not None and (fits is None or fits(found)):
            return found
        made = make()
        with self._lock:
            self._held[made_of] = made
            self._held.move_to_end(made_of)
            while len(self._held) > self.most:
                self._held.popitem(last=False)
        return made

    def forget(self) -> None:
        """Make everything anew from here on."""
        with self._lock:
            self._held.clear()


def digest(data: Any) -> bytes:
    """Return a digest of plain data, by what it looks like: nothing of a patient stays in it."""
    return blake2b(repr(data).encode("utf-8", "surrogatepass"), digest_size=16).digest()
