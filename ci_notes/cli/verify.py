"""`ci-notes verify`: whether the database still says what was signed."""

import os
from typing import Any

import click

from ci_notes.errors import InputError


@click.command("verify")
@click.option(
    "--db", metavar="URL", help="sqlite:///FILE or postgresql://...; the record in your data folder if absent."
)
@click.option("--head", metavar="HASH", help="A head that was written down elsewhere: it must still be in the chain.")
def verify(db: str | None, head: str | None) -> None:
    """Recompute the chains of signed notes and of the audit trail; what was changed in the database is named.

    Keep the heads that it prints somewhere else: given back with --head, one shows that nothing before it was
    rewritten.
    """
    open_record, default_url = _loaded()
    record = open_record(db or default_url(os.environ), create=False)
    try:
        found = record.ledger.verify(head.strip().lower() if head else None)
    finally:
        record.dispose()
    for fault in found.faults:
        click.echo(str(fault))
    click.echo(_line("ledger", found.entries))
    click.echo(_line("audit trail", found.audit))
    if found.faults:
        click.echo(f"{len(found.faults)} fault{'s' if len(found.faults) > 1 else ''}: somebody changed the database")
        raise click.exceptions.Exit(1)
    click.echo("nothing was changed")


def _line(chain: str, head: Any) -> str:
    return f"{chain}: {head.count} {'entry' if head.count == 1 else 'entries'}, head {head.hash or 'lost'}"


def _loaded() -> tuple[Any, Any]:
    """Return how a record is opened; raises InputError where the libraries for it are not installed."""
    try:
        from ci_notes.record import default_url, open_record  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name not in ("alembic", "sqlalchemy"):
            raise
        raise InputError(f"verify needs {error.name}, which is not installed: pip install 'ci-notes[web]'") from None
    return open_record, default_url
