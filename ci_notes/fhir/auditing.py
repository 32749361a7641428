"""An audit trail as FHIR AuditEvents: who saw and changed what, when, and whether they were let."""

from collections.abc import Iterable
from typing import Any, Protocol

Json = dict[str, Any]


class Entry(Protocol):
    """What happened once: `at` (ISO with offset), `who` (an id of ours), `action`, the `entity` by our id and its kind."""

    @property
    def at(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def who_name(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def entity(self) -> str: ...
    @property
    def patient(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def detail(self) -> str: ...


def audit_events(entries: Iterable[Entry]) -> Json:
    """Return the entries as a collection Bundle of AuditEvents."""
    raise NotImplementedError
