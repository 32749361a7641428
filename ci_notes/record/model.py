"""What the record hands out and takes: plain data, and what can be wrong with a request to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ci_notes.errors import InputError

State = dict[str, Any]
"""A draft as the form keeps it: `data` (the note), `unread`, `conflicts`, `opened`. The record reads `data` alone."""

Touched = Mapping[str, tuple[Any, Any]]
"""What a change did: for each place what stood there before and after; None where nothing did."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who does something: the id of the account, the name as it is shown, and the role at that moment."""

    id: str
    name: str
    role: str = ""


# --- drafts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Latest:
    """The last change of a place: at which revision, by whom, in which tab and when."""

    revision: int
    by: Person
    tab: str
    at: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A note being written. Its id is the note's; `amends` is the number of the version that it will replace."""

    id: str
    template: str
    version: str
    state: State
    revision: int
    patient: str | None
    amends: int | None
    addendum_of: str | None
    created_by: Person
    created_at: str
    updated_by: Person
    updated_at: str
    discarded_at: str | None

    @property
    def data(self) -> dict[str, Any]:
        """The note itself."""
        data: dict[str, Any] = self.state["data"]
        return data


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """One place that was changed: the revision that came of it, before and after, by whom, where and when."""

    revision: int
    place: str
    before: Any
    after: Any
    by: Person
    tab: str
    at: str


@dataclass(frozen=True, slots=True)
class Point:
    """A save point of a draft."""

    id: str
    name: str
    revision: int
    by: Person
    at: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Who has a draft open, in which tab, and when that tab was last heard of."""

    tab: str
    by: Person
    seen: str


# --- the ledger ----------------------------------------------------------------------------------------------------

SIGNED, COSIGNED, ADDENDUM, AMENDED, VOID = "signed", "cosigned", "addendum", "amended", "entered-in-error"
KINDS = (SIGNED, COSIGNED, ADDENDUM, AMENDED, VOID)
"""What an entry of the ledger can be."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What is signed and must never change: the note, the template it was read by, and all that was shown of it."""

    data: Mapping[str, Any]
    """The note with its status (final or amended) and signed_at."""
    fingerprint: str
    """Of the template that read it."""
    sentences: Sequence[Mapping[str, Any]] = ()
    """The narrative: section, text, says, because, opens."""
    page: Sequence[Mapping[str, Any]] | None = None
    """The patient's page, sentences alike; None where there is none."""
    no_page: str = ""
    """Why there is no page for the patient."""
    findings: Sequence[Mapping[str, Any]] = ()
    computed: Sequence[Mapping[str, Any]] = ()
    """What followed from what was recorded: path, title and value in words."""
    reason: str = ""
    """Why it was amended: at least ten characters; empty for a first version."""
    origin: str = ""
    """How it came in, where it was signed elsewhere; empty for what was signed here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger. `number` is the version of the note that it makes or is about."""

    seq: int
    kind: str
    note: str
    number: int
    patient: str | None
    by: Person
    at: str
    reason: str
    body: dict[str, Any]
    """signed, amended: data, template, version, fingerprint, sentences, page, no_page, findings, computed, revision,
    addendum_of, origin;
    addendum: text, or note (the id of the note that is the addendum)."""
    previous: str
    hash: str

    @property
    def data(self) -> dict[str, Any]:
        """The note as signed; only entries that make a version have it."""
        data: dict[str, Any] = self.body["data"]
        return data


@dataclass(frozen=True, slots=True)
class Standing:
    """How a signed note stands now: its last version, its status today, and everything entered about it in order."""

    note: str
    status: str
    """final, amended or entered-in-error."""
    latest: Entry
    history: tuple[Entry, ...]

    @property
    def data(self) -> dict[str, Any]:
        """The last version, with the status of today."""
        return {**self.latest.data, "status": self.status}

    def of(self, kind: str) -> tuple[Entry, ...]:
        """Return its entries of one kind."""
        return tuple(entry for entry in self.history if entry.kind == kind)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many rows it has, and the hash of the last."""

    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was done to the database behind the program's back, in a sentence."""

    chain: str
    seq: int
    note: str
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified: the heads of both chains, and what was found."""

    entries: Head
    audit: Head
    faults: tuple[Fault, ...]


# --- patients ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient: our id, the identifiers and pseudonyms, and the name and birth date as last signed or drafted."""

    id: str
    name: str
    birth_date: str
    keys: tuple[tuple[str, str], ...]
    """(system, identifier) or ("pseudonym", pseudonym)."""
    updated_at: str


@dataclass(frozen=True, slots=True)
class Written:
    """A note of a patient in the record: the last version of what is signed, or a draft."""

    note: str
    data: dict[str, Any]
    status: str
    """draft, final, amended or entered-in-error."""
    number: int
    """Of the version; 0 for a draft that amends nothing."""
    at: str
    """When it was signed; of a draft, when it was last changed."""
    by: Person
    draft: bool
    amending: bool = False
    """An amendment of it is being written."""
    sentences: tuple[Mapping[str, Any], ...] = ()
    """The narrative of the version, as `Signed` has it; of a draft, none."""


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """The notes of one pregnancy in time order; `edd` is the due date of the last that has one."""

    edd: str | None
    notes: tuple[Written, ...]


# --- audit ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something somebody did: action (read, write, sign, export, sign-in, ...) on an entity of a kind."""

    who: str
    who_name: str
    action: str
    kind: str = ""
    """note, draft, patient, account, audit, ..."""
    entity: str = ""
    """Its id; of a search the ids of all whom it showed, separated by spaces."""
    patient: str = ""
    outcome: str = "done"
    detail: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Audited:
    """An event as it stands in the audit trail."""

    seq: int
    at: str
    event: Event
    previous: str
    hash: str


# --- what can be wrong ---------------------------------------------------------------------------------------------


class MissingError(InputError):
    """There is no such draft, note, version, save point or patient."""


class MovedOnError(InputError):
    """Somebody changed the draft after what was looked at; `latest` says who and when."""

    def __init__(self, message: str, latest: Latest) -> None:
        super().__init__(message)
        self.latest = latest


class GoneError(MissingError):
    """The draft was signed meanwhile; `applied` says whether the batch of changes had arrived before that."""

    def __init__(self, message: str, applied: bool = False) -> None:
        super().__init__(message)
        self.applied = applied


class DiscardedError(InputError):
    """The draft was discarded; it can be restored for thirty days."""


class DatabaseError(InputError):
    """The database does not answer, is busy, full, read-only, or is not one of ours."""
