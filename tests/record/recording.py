"""Invented people and notes for the tests of the record, and short ways to write, sign and tamper."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from ci_notes.record import Record
from ci_notes.record.drafts import Apply
from ci_notes.record.model import Draft, Entry, Latest, Person, Signed, State, Touched

BEA = Person("u-bea", "Dr Bea Sample", "clinician")
CARL = Person("u-carl", "Dr Carl Placeholder", "co-signer")


def at(minute: int, day: int = 3) -> str:
    """Return a moment of November 2026."""
    return f"2026-11-{day:02}T{10 + minute // 60:02}:{minute % 60:02}:00+00:00"


def note(**more: Any) -> dict[str, Any]:
    """Return the beginning of a note about Ada Example."""
    patient = {"name": "Ada Example", "identifier_system": "https://hospital.example/patients", "identifier": "EX-0001"}
    return {"template": "assessment", "version": "0.2.0", "date": at(0), "patient": patient, **more}


def put(section: str, name: str, value: Any) -> Apply:
    """Return a change that puts one value."""

    def apply(state: State, latest: Mapping[str, Latest]) -> tuple[State, Touched]:
        answers = state["data"].setdefault(section, {})
        before, answers[name] = answers.get(name), value
        return state, {f"{section}.{name}": (before, value)}

    return apply


def begun(record: Record, **more: Any) -> Draft:
    return record.drafts.begin(note(**more), BEA, at(0))


def as_signed(draft: Draft, reason: str = "", status: str = "") -> Signed:
    told = status or ("amended" if draft.amends else "final")
    data = {**draft.data, "status": told, "signed_at": at(9)}
    sentence = {"section": "exam", "text": "Cervix 2 cm.", "says": ["exam.dilation"], "because": [], "opens": ""}
    return Signed(data, "f" * 64, [sentence], None, "after a loss", [{"rule": "R001"}], reason=reason)


def signed(record: Record, moment: str = at(9), **more: Any) -> Entry:
    """Write and sign a note."""
    draft = begun(record, **more)
    return record.ledger.sign(draft.id, draft.revision, as_signed(draft), BEA, moment)


def amended(record: Record, note: str, reason: str = "wrong side was noted", moment: str = at(20)) -> Entry:
    """Amend a note, its dilation with it."""
    draft = record.drafts.begin_amendment(note, CARL, moment)
    draft = record.drafts.change(draft.id, put("exam", "dilation", 3), CARL, "t", moment)
    return record.ledger.sign(draft.id, draft.revision, as_signed(draft, reason), CARL, moment)


@contextmanager
def behind(record: Record) -> Iterator[Connection]:
    """Write past the program, as somebody could who has the database's password: the triggers are off meanwhile."""
    with record.database.writing() as connection:
        off, on = _switches(connection)
        for statement in off:
            connection.execute(text(statement))
        yield connection
        for statement in on:
            connection.execute(text(statement))


def _switches(connection: Connection) -> tuple[list[str], list[str]]:
    if connection.dialect.name == "postgresql":
        tables = ("entries", "audit")
        return tuple([f"ALTER TABLE {table} {act} TRIGGER ALL" for table in tables] for act in ("DISABLE", "ENABLE"))  # type: ignore[return-value]
    made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    return [f"DROP TRIGGER {name}" for name, _ in made], [sql for _, sql in made]


def tamper(record: Record, *statements: str) -> None:
    """Change the database behind the program's back."""
    with behind(record) as connection:
        for statement in statements:
            connection.execute(text(statement.replace(":", r"\:")))
