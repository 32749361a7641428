"""What came of the records of a run, written down as it goes: a run that was cut off goes on where it was.

The first line says of which run it is. Each other line is what came of one record, in their order; a line that was cut
off counts for nothing. A run that comes to its end takes its journal away.
"""

import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ci_notes.checks import Finding
from ci_notes.cli.looking import Looked
from ci_notes.cli.run import Item
from ci_notes.cli.writing import complain
from ci_notes.errors import InputError

if TYPE_CHECKING:
    from ci_notes.results.counted import Counted
    from ci_notes.results.jsonl import Lines
    from ci_notes.results.model import Result

_SAFE_EVERY = 256
"""Records after which what was written outlives a power cut."""

Json = dict[str, Any]

_OTHER = {
    "version": "another version of ci-notes",
    "records": "other records",
    "input": "other records",
    "rules": "other rules",
    "format": "another --format",
    "fail_on": "another --fail-on",
    "options": "other options",
}
"""What of a run can differ, in words."""


class Journal:
    """The journal of one run; `about` is what makes it this run and no other.

    Raises InputError where the file is no journal, that of another run, or cannot be written.
    """

    def __init__(self, path: Path, about: Json, today: str) -> None:
        self.path, self.today, self.done = path, today, 0
        self.mark = secrets.token_hex(8)
        """What this run calls the file by in which its results stand until they are whole, however often it goes on."""
        try:
            # For its owner alone, like everything that is written here: it may hold what a person reads.
            self._file: IO[bytes] = os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "a+b")
            self._begin({"journal": 1, **about})
        except OSError as error:
            raise InputError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None

    def _begin(self, head: Json) -> None:
        try:
            self._file.seek(0)
            if first := self._file.readline():
                self.today, self.mark = self._is_of(head, first)
                self.done = self._whole_lines()
            else:
                self._file.write(_line({**head, "today": self.today, "mark": self.mark}))
                self._safe()
        except BaseException:
            self._file.close()
            raise

    def _is_of(self, head: Json, first: bytes) -> tuple[str, str]:
        """Return the day of the run that the first line is of, on which the rest of it is checked too, and its mark."""
        held = _read(first)
        if held is None or held.get("journal") != 1:
            raise InputError(f"{self.path} is no journal of a run: name a file that is not there yet")
        differing = dict.fromkeys(_OTHER.get(name, name) for name, value in head.items() if held.get(name) != value)
        if differing:
            raise InputError(
                f"{self.path} is the journal of another run, with {' and '.join(differing)}: give the same command "
                "again, name another journal, or remove this one"
            )
        return str(held.get("today", "")), _mark(held.get("mark"))

    def _whole_lines(self) -> int:
        """Count the records that were written whole, and cut off what stands behind them."""
        number, end = 0, self._file.tell()
        for line in self._file:
            if not line.endswith(b"\n") or _read(line) is None:
                break
            number, end = number + 1, end + len(line)
        self._file.truncate(end)
        return number

    def of(self, records: Iterable[Item], look: Callable[[Iterable[Item]], Iterator[Looked]]) -> Iterator[Looked]:
        """Yield what came of each record: what is in the journal, then what `look` says of the others."""
        if self.done:
            complain(f"going on after {self.done} records, which {self.path} has")
        yield from self._replayed()
        for number, one in enumerate(look(islice(records, self.done, None)), 1):
            self._file.write(_line(_written(one)))
            if number % _SAFE_EVERY == 0:
                self._safe()
            yield one

    def _replayed(self) -> Iterator[Looked]:
        with self.path.open("rb") as file:
            for line in islice(file, 1, self.done + 1):
                yield _looked(json.loads(line))

    def _safe(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self, finished: bool) -> None:
        """Leave the journal for the run that goes on; or take it away, if the run came to its end."""
        self._file.close()
        if finished:
            self.path.unlink(missing_ok=True)


def _mark(held: Any) -> str:
    """Return what a journal says as a mark, which is part of the name of a file; a new one if it can be none."""
    return held if isinstance(held, str) and re.fullmatch("[0-9a-f]{16}", held) else secrets.token_hex(8)


def _line(data: Json) -> bytes:
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _read(line: bytes) -> Json | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _written(one: Looked) -> Json:
    said: Any = one.said
    if said is not None and not isinstance(said, str):
        said = {type(said).__name__: asdict(said)}
    return {**asdict(replace(one, said=None)), "said": said}


def _looked(data: Json) -> Looked:
    said = data["said"]
    pairs = {name: tuple((one, other) for one, other in data.get(name, ())) for name in ("open", "counts")}
    return Looked(**{**data, **pairs, "said": _result(said) if isinstance(said, dict) else said})


def _result(said: Json) -> "Result | Lines | Counted":
    from ci_notes.results import Checked, Told, Unread  # noqa: PLC0415

    if "Counted" in said:
        from ci_notes.results.counted import Counted  # noqa: PLC0415

        return Counted(**said["Counted"])
    if "Lines" in said:
        return _lines(**said["Lines"])
    if "Unread" in said:
        return Unread(**said["Unread"])
    held = said["Checked"]
    found = tuple(Told(**{**one, "finding": _finding(one["finding"])}) for one in held["findings"])
    return Checked(**{**held, "findings": found})


def _lines(text: str, held_to: list[Any] | None, counts: list[int]) -> "Lines":
    from ci_notes.results.jsonl import Lines  # noqa: PLC0415

    of: Any = tuple(held_to) if held_to else None
    return Lines(text, of, tuple(counts))


def _finding(data: Json) -> Finding:
    held: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return Finding(**held)
