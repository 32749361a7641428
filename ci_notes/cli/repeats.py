"""What was given more than once in a run, and different notes that have one id: it is told once, at the end."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ci_notes.series import patients_of

if TYPE_CHECKING:
    from ci_notes.submissions import Submission
    from ci_notes.submissions.spool import Kept, Spool


class Repeats:
    """Counts of a run: records given more than once, and notes with the id of another."""

    def __init__(self, read: "Callable[[Kept], Mapping[str, Any]]") -> None:
        """Read earlier records with `read`, where their bytes alone do not tell."""
        self._read = read
        self.again = self.clashing = 0
        self._first_clash = ""

    def add(self, spool: "Spool", one: "Submission", data: Mapping[str, Any]) -> None:
        """Count a record that a spool has just been given, and that holds this note."""
        identifier = data.get("id")
        if not isinstance(identifier, str):
            return
        earlier = spool.of_id(identifier, one.content)
        if earlier is None:
            self.again += 1
            return
        for kept in earlier:
            before = self._read(kept)
            if before == data:
                self.again += 1
                return
            if not _are_versions(before, data):
                self.clashing += 1
                self._first_clash = self._first_clash or f"{kept.record.place} and {one.place}"
                return

    def told(self) -> Iterator[str]:
        """Yield what there is to say, in sentences without a full stop."""
        if self.again:
            records = "1 record was" if self.again == 1 else f"{self.again} records were"
            yield f"{records} given more than once, and counted as often"
        if self.clashing:
            notes = "1 note has" if self.clashing == 1 else f"{self.clashing} notes have"
            yield (
                f"{notes} the id of another note, first {self._first_clash}: "
                "give each note an id of its own, or the findings of one are taken for those of the other"
            )


def _are_versions(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two notes with one id can be versions of one: of one patient, and signed or written anew."""
    patients, others = patients_of(one), patients_of(other)
    if patients and others and not patients & others:
        return False
    return any(one.get(name) != other.get(name) for name in ("status", "date"))
