"""Findings that somebody keeps, with the reason why."""

from ci_notes.checks import BUILT_IN, SHORTEST_RATIONALE
from ci_notes.form.changes import Change, Outcome
from ci_notes.form.desk import TOO_SHORT, Desk, printable
from ci_notes.form.spots import spot
from ci_notes.shape import LONGEST_TEXT


def keep(desk: Desk, change: Change) -> Outcome:
    """Keep a finding with the reason that somebody gives for it."""
    known = change.rule in BUILT_IN or any(one.id == change.rule for one in desk.template.rules)
    reason = printable(change.reason)
    if not known or change.rule == "shape":
        return Outcome("refused", change.place, message=f"«{change.rule[:40]}» cannot be kept.")
    if len(reason) < SHORTEST_RATIONALE:
        return Outcome("unclear", change.place, message=TOO_SHORT, wants_reason=True)
    if change.place and spot(desk.template, change.place) is None:
        return Outcome("refused", change.place, message=f"This note has no place «{change.place[:80]}».")
    if len(reason) > LONGEST_TEXT or not isinstance(desk.data.get("kept", []), list):
        return Outcome("refused", change.place, message="That reason cannot be kept with the note.")
    desk.recording.keep(change.rule, change.place, reason)
    desk.touch(_kept_place(change))
    return Outcome("taken", change.place, reason)


def unkeep(desk: Desk, change: Change) -> Outcome:
    """Keep a finding no longer."""
    kept = desk.data.get("kept")
    rows = kept if isinstance(kept, list) else []
    left = [
        row for row in rows if not isinstance(row, dict) or (row.get("rule"), row.get("at", "")) != _kept_key(change)
    ]
    if len(left) == len(rows):
        return Outcome("refused", change.place, message="That finding is not kept.")
    desk.data["kept"] = left
    if not left:
        del desk.data["kept"]
    desk.touch(_kept_place(change))
    return Outcome("taken", change.place)


def _kept_key(change: Change) -> tuple[str, str]:
    return change.rule, change.place


def _kept_place(change: Change) -> str:
    """Return the name under which a kept finding is logged."""
    return f"kept[{' '.join(one for one in _kept_key(change) if one)}]"
