"""`ci-notes audit`: who saw and changed what, as FHIR."""

import json
from datetime import date, timedelta

import click

from ci_notes.cli.options import output_option
from ci_notes.cli.serve import address, needed
from ci_notes.cli.writing import write


@click.group("audit")
def audit() -> None:
    """Read the audit trail of the record."""


@audit.command("export")
@click.option("--from", "since", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help="The first day, as 2026-11-03.")
@click.option("--to", "until", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help="The last day.")
@click.option("--db", metavar="URL", help="The record, as ci-notes serve is given it.")
@output_option
def export(since: date | None, until: date | None, db: str | None, output: str | None, force: bool) -> None:
    """Write the audit trail as a Bundle of FHIR AuditEvents; days are those of UTC."""
    needed()
    from ci_notes.fhir.auditing import audit_events  # noqa: PLC0415
    from ci_notes.record import open_record  # noqa: PLC0415
    from ci_notes.record.model import Event  # noqa: PLC0415
    from ci_notes.web import clock  # noqa: PLC0415
    from ci_notes.web.accounts import flat  # noqa: PLC0415

    record = open_record(address(db), create=False)
    try:
        found = record.audit.entries(
            since=f"{since:%Y-%m-%d}" if since else None,
            until=f"{until + timedelta(days=1):%Y-%m-%d}" if until else None,
        )
        detail = f"{len(found)} entries"
        record.audit.add(Event("", "the command line", "export", "audit", detail=detail), clock.now())
    finally:
        record.dispose()
    write(json.dumps(audit_events(flat(found)), ensure_ascii=False, indent=1) + "\n", output, force)
