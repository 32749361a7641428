"""What a run of check accepts: findings of a baseline that are not told again, and those that it writes into one."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ci_notes.cli.compare import opened
from ci_notes.cli.writing import ask_to_write, complain, write_file
from ci_notes.errors import InputError

if TYPE_CHECKING:
    from ci_notes.results.baseline import Accepted


class Baseline:
    """The baselines of a run: one that it is held against, one that it writes, or both; `today` is YYYY-MM-DD.

    Raises InputError where one cannot be read, or a reason and a day are missing.
    """

    def __init__(self, held_against: str | None, accept: str | None, reason: str, until: str, today: str) -> None:
        self.name, self.accept = held_against or "", accept or ""
        self._until = self._reason = ""
        self._known: dict[str, Accepted] = {}
        if (reason or until) and not self.accept:
            raise InputError("--reason and --until belong to --accept FILE")
        if self.accept:
            from ci_notes.results import baseline  # noqa: PLC0415

            self._reason, self._until = baseline.acceptance(reason, until, today)
        if self.name:
            self._known = self._read(self.name)
        self._over = [one for one in self._known.values() if one.until < today]
        self.ids = frozenset(one.id for one in self._known.values() if one.until >= today)
        """The ids of the findings that are not told."""

    def _read(self, name: str) -> "dict[str, Accepted]":
        from ci_notes.results import baseline  # noqa: PLC0415

        with opened(name) as lines:
            return baseline.read(lines, name)

    def ask_to_write(self, force: bool) -> None:
        """Ask, before anything is read, whether what is to be written may be; raises InputError where it may not.

        A baseline that the run is held against as well keeps what still holds of it, so that nobody is asked.
        """
        if self.accept:
            ask_to_write(Path(self.accept), force or self.accept == self.name)

    def close(self, accepted: int, told: Iterable[tuple[str, str]]) -> None:
        """Say what was accepted, and write what is to be; raises InputError where it cannot be written."""
        if self.name:
            complain(f"{accepted} {'finding is' if accepted == 1 else 'findings are'} accepted in {self.name}")
        if self._over:
            number = "1 acceptance is" if len(self._over) == 1 else f"{len(self._over)} acceptances are"
            complain(f"{number} over, and what they were for is told again")
        if self.accept:
            self._write([*told])

    def _write(self, told: list[tuple[str, str]]) -> None:
        from ci_notes.results import baseline  # noqa: PLC0415

        still = {one.id: one for one in self._known.values() if one.id in self.ids}
        now = {one: baseline.Accepted(one, rule, self._reason, self._until) for one, rule in told}
        write_file(Path(self.accept), "".join(baseline.written({**still, **now}.values())), force=True)
        complain(
            f"{len(now)} {'finding' if len(now) == 1 else 'findings'} accepted until {self._until} in {self.accept}"
        )
