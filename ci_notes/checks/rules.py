"""Findings of the rules of a template, and what would have to be known to decide those that cannot be told."""

from collections.abc import Iterator
from dataclasses import replace

from ci_notes import expression, wording
from ci_notes.checks.asking import conditions_of, is_asked
from ci_notes.checks.finding import Finding
from ci_notes.derive import DATED, Note, Record
from ci_notes.places import label, located
from ci_notes.template import HEADER, Rule, message_paths


def ruled(note: Note) -> Iterator[Finding]:
    """Yield what the rules of the template find, and what they cannot tell."""
    rules = note.template.active_rules
    for index, row, answer in conditions_of(note.template.rules_source)(note.record, []):
        rule = rules[index]
        if answer:
            yield _found(note, rule, row)
        else:
            yield from _undecided(note, rule, row)


def _found(note: Note, rule: Rule, row: Record | None) -> Finding:
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=rule.severity,
        category=rule.category,
        message=message(note, rule, row),
        source=rule.citation,
        grade=rule.grade,
        positions=rule.positions_for(note.jurisdiction),
        **located(note, _places(note, rule, row), row),
    )


def _places(note: Note, rule: Rule, row: Record | None) -> list[str]:
    """Return the elements a finding is about: of what is not complete, those that apply and that nobody answered."""
    places = list(note.template.places(rule))
    if rule.category != "completeness":
        return places
    elements = note.template.elements
    unanswered = [
        path
        for path in places
        if path in elements
        for within in (row if elements[path].group else None,)
        if (within or note.record).state(path) == "untouched" and is_asked(note, elements[path], within) is not False
    ]
    return unanswered or places


def message(note: Note, rule: Rule, row: Record | None) -> str:
    """Return a rule's message with the values of the note in its places."""
    values: dict[str, str] = {}
    for path in message_paths(rule):
        element = note.template.elements.get(path.removeprefix(expression.EARLIER))
        record = row if row is not None and element is not None and element.group else note.record
        value = record.values.get(path, record.rows.get(path))
        said = wording.say(element, value, note.jurisdiction) if element and value is not None else "not recorded"
        key = f"row.{element.name}" if element is not None and element.group and element.group == rule.each else path
        values[key] = said if element else str(note.record.values.get(path, "not recorded"))
        values[f"{key}{DATED}"] = _written_on(note, path)
    text = rule.message
    for key, said in values.items():
        text = text.replace("{" + key + "}", said)
    return text


def _written_on(note: Note, path: str) -> str:
    """Return the date of the earlier note that a value is from."""
    written = note.record.values.get(f"{path}{DATED}")
    return wording.say(note.template.elements[f"{HEADER}.date"], written, note.jurisdiction) if written else "no date"


def _undecided(note: Note, rule: Rule, row: Record | None) -> Iterator[Finding]:
    condition = note.template.condition(rule)
    fields = expression.undecided_by(condition.node, note.record, row, rule.each)
    paths = [field.path for field in fields if field.path in note.template.elements]
    missing = tuple(label(note.template, path, row if note.template.elements[path].group else None) for path in paths)
    if missing:
        yield replace(
            _found(note, rule, row),
            message=f"Could not tell: {rule.statement.rstrip('.')}. It depends on {wording.listed(missing)}",
            outcome="could not tell",
            missing=missing,
            **located(note, paths, row),
        )
