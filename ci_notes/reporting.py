"""Findings laid out for people, and text broken for a terminal."""

import re
import textwrap
from collections.abc import Sequence

from ci_notes.checks import Finding
from ci_notes.derive import Note


def findings(note: Note, found: Sequence[Finding], name: str) -> str:
    """Return the findings of a note for a person, most serious first, each with its place and source."""
    template = note.template
    lines = [
        f"{name}: {template.title} {template.version}, "
        f"{note.record.values.get('jurisdiction') or 'no guideline set recorded'}"
    ]
    for one in found:
        mark = {"found": one.severity, "kept": "kept", "could not tell": "unknown"}[one.outcome]
        lines.append(f"  {mark:8} {one.rule:14} {one.message}")
        if one.outcome == "kept":
            lines.append(f"{'':26}kept because: {one.rationale}")
        where = ", ".join(one.places)
        lines.append(f"{'':26}{where}{' · ' if where else ''}{one.source}")
    return "\n".join([*lines, f"  {summary(note, found)}"]) + "\n"


def summary(note: Note, found: Sequence[Finding]) -> str:
    """Return what was found in one line, with how many rules no clinician has reviewed."""
    counts = [
        (sum(one.outcome == "found" and one.severity == severity for one in found), word)
        for severity, word in (("error", "error"), ("warning", "warning"), ("info", "remark"))
    ]
    said = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts if number]
    said += [
        f"{number} {word}"
        for number, word in (
            (sum(one.outcome == "could not tell" for one in found), "could not be told"),
            (sum(one.outcome == "kept" for one in found), "kept"),
        )
        if number
    ]
    rules = note.template.active_rules
    unreviewed = sum(1 for rule in rules if not rule.reviewed.get("by"))
    return f"{', '.join(said) or 'Nothing found'}; {len(rules)} rules, {unreviewed} not yet reviewed by a clinician."


def wrapped(words: str, width: int) -> str:
    """Return text with its long lines broken between words, continued under their own indent or behind their dash."""
    lines = []
    for line in words.split("\n"):
        indent = re.match(r"\s*(- )?", line)
        under = " " * len(indent[0]) if indent else ""
        lines += textwrap.wrap(line, width, subsequent_indent=under, break_long_words=False) or [""]
    return "\n".join(lines)
