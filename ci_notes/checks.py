"""Findings of a note: shape first, then what is missing, unusual or left over, then the rules of its template.

A finding says what was found, where, how serious it is and on whose authority. What the recorded facts cannot decide
is a finding of its own, "could not tell", for errors and contraindications; a finding that somebody kept with a
written rationale stays in the list as kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ci_notes import expression, kinds, wording
from ci_notes.derive import DATED, Note, Record
from ci_notes.element import Element
from ci_notes.pairs import contradictions
from ci_notes.places import label, located, place
from ci_notes.template import HEADER, Rule, message_paths

SEVERITIES = ("error", "warning", "info")
SHORTEST_RATIONALE = 10
"""Characters (guidelines R168)."""
COPIED = 0.95
"""Share of two texts that is alike, from which the later is taken for a copy (guidelines R163)."""
SHORTEST_COPY = 40
"""Characters: a shorter remark may well be made twice."""
_COMPARED = 2000
"""Characters of a remark that are compared."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a note.

    `outcome` is "found", "could not tell" (then `missing` names what would decide it) or "kept" (then `rationale`
    says why). `positions` are what guidelines say side by side where they differ, those of the note's jurisdiction
    first. `places` are paths in the note, rows by their id; `labels` name the same places for a person.
    """

    rule: str
    name: str
    severity: str
    category: str
    message: str
    places: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    source: str = "data quality"
    grade: str = "D"
    outcome: str = "found"
    missing: tuple[str, ...] = ()
    rationale: str = ""
    positions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A check that every template has without writing it."""

    id: str
    severity: str
    category: str
    statement: str
    why: str


BUILT_IN = {
    check.id: check
    for check in (
        BuiltIn(
            "shape",
            "error",
            "conformance",
            "The note has the shape of its template.",
            "A value of the wrong type, unit or option cannot be read by anyone, so it counts as unknown.",
        ),
        BuiltIn(
            "version",
            "warning",
            "conformance",
            "The note was written with the version of the template that it is read with.",
            "Another version may ask other questions; nothing of the note is changed, but it should be looked at.",
        ),
        BuiltIn(
            "not-read",
            "warning",
            "conformance",
            "All that the note holds is read.",
            "What an extension added that is not here stays in the note, but no rule, sentence or bundle knows of it.",
        ),
        BuiltIn(
            "unconfirmed",
            "warning",
            "conformance",
            "What was carried forward from elsewhere has been confirmed.",
            "A value that a bundle brought is somebody else's word, of another day, until a person has looked at it. "
            "In a signed note it is an error.",
        ),
        BuiltIn(
            "required",
            "warning",
            "completeness",
            "What the template requires is recorded, or why it is missing.",
            "A missing value never blocks a draft, but the next reader should know that it was overlooked.",
        ),
        BuiltIn(
            "usual-range",
            "warning",
            "plausibility",
            "Values outside the usual range are confirmed.",
            "A rare but real value is kept with a reason; a slip of the finger is found while it can be mended.",
        ),
        BuiltIn(
            "not-asked-for",
            "warning",
            "conformance",
            "Nothing is recorded where the question does not apply.",
            "A value left over from an earlier answer would contradict the note; it is discarded on purpose.",
        ),
        BuiltIn(
            "R168",
            "error",
            "conformance",
            "A finding is kept only with a written rationale.",
            "An override that gives no reason of at least ten characters cannot be audited.",
        ),
        BuiltIn(
            "R016",
            "error",
            "conformance",
            "What was not recorded is never worded as denied or normal.",
            "A reader takes «no bleeding» for a question that was asked and answered. What is rendered keeps to it by "
            "construction, and tests hold it; a narrative that somebody edited is held to it with --narrative.",
        ),
        BuiltIn(
            "R162",
            "warning",
            "conformance",
            "Text contradicts neither itself nor what was recorded.",
            "Of «painless» and «painful contractions» in one remark, or of «no funnelling» beside a recorded funnel, "
            "the reader cannot know which is meant.",
        ),
        BuiltIn(
            "R163",
            "warning",
            "conformance",
            "A remark is written anew where the cervical length or the gestational age has changed.",
            "Text copied forward from the earlier note tells of that day, not of this one.",
        ),
        BuiltIn(
            "R164",
            "error",
            "conformance",
            "Numbers in the narrative are those that were recorded.",
            "Narrative, FHIR and findings come from the same values; a number changed in the text alone splits them.",
        ),
    )
}

HANDLED = ("shape", "version", "unconfirmed", "required", "usual-range", "not-asked-for", "R168")
"""What filling a note in the terminal asks about by itself."""


def check(note: Note, today: str = "", page: str = "", more: Iterable[Finding] = ()) -> list[Finding]:
    """Return all findings of a note, most serious first; `today` (YYYY-MM-DD) is for dates in the future.

    `page` is the patient's page as it would be printed; rules that read it are undecided where there is none.
    `more` are findings that come from elsewhere, as from proofreading; they are sorted in, and kept like the others.
    """
    note = replace(note, record=_told(note, page))
    if today:
        note = replace(note, record=_dated(note.record, today))
    found = [
        *_shape(note),
        *_version(note),
        *_not_read(note),
        *_unconfirmed(note),
        *_required(note),
        *_unusual(note),
        *_not_asked_for(note),
        *_ruled(note),
        *_contradicting(note),
        *_copied(note),
        *more,
    ]
    found = [*_once(_kept(note, found))]
    order = {"found": 0, "could not tell": 1, "kept": 2}
    return sorted(found, key=lambda one: (order[one.outcome], SEVERITIES.index(one.severity)))


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out "not recorded" where a rule of completeness, no mere remark, says so of the same place."""
    found = list(findings)
    said = {
        place
        for one in found
        if one.category == "completeness" and one.rule != "required"
        if one.severity != "info" and one.outcome != "could not tell"
        for place in one.places
    }
    return [one for one in found if one.rule != "required" or not said.issuperset(one.places)]


def _told(note: Note, page: str) -> Record:
    """Return a note's record that also holds all text somebody typed, and the patient's page if there is one."""
    if not _reads_text(note.template.rules_source):
        return note.record
    texts = [(element, value) for element, _, value in _recorded(note) if element.kind == "text"]
    typed = "\n".join(value for element, value in texts if element.group != f"{HEADER}.carried")  # nobody typed those
    values = {**note.record.values, "free_text": typed}
    return replace(note.record, values=values | {"page": page} if page else values)


@lru_cache(maxsize=32)
def _reads_text(source: str) -> bool:
    return any(repr(name) in source for name in expression.TEXTS)


def _dated(record: Record, today: str) -> Record:
    """Return a record that also knows today; the note itself stays as it was."""
    values = {**record.values, "today": today}
    return replace(record, values=values, spans={**record.spans, "today": kinds.SPANS["date"](today)})


def at_or_above(findings: list[Finding], severity: str) -> list[Finding]:
    """Return what was found (not kept, not undecided) at a severity or above; "never" gives nothing."""
    if severity not in SEVERITIES:
        return []
    return [
        one
        for one in findings
        if one.outcome == "found" and SEVERITIES.index(one.severity) <= SEVERITIES.index(severity)
    ]


# --- the checks every template has ---------------------------------------------------------------------------------


def built_in(check_id: str, message: str, severity: str = "", **more: Any) -> Finding:
    """Return a finding of a check that every template has."""
    known = BUILT_IN[check_id]
    return Finding(check_id, check_id, severity or known.severity, known.category, message, **more)


def _shape(note: Note) -> Iterator[Finding]:
    for problem in note.problems:
        yield built_in("shape", problem.message, places=(problem.path,))


def _unconfirmed(note: Note) -> Iterator[Finding]:
    path = f"{HEADER}.carried"
    rows = note.record.rows.get(path, ())
    if rows:
        places = tuple(str(row.values[f"{path}.at"]) for row in rows if f"{path}.at" in row.values)
        number = "1 value was" if len(rows) == 1 else f"{len(rows)} values were"
        severity = "error" if note.status in ("final", "amended") else "warning"
        yield built_in("unconfirmed", f"{number} carried forward and not confirmed", severity, places=places)


def _version(note: Note) -> Iterator[Finding]:
    written, template = note.data.get("version"), note.template
    if not isinstance(written, str) or written == template.version:
        return
    severity = ""
    text = f"The note was written with version {written[:60]} of {template.id}; this is {template.version}"
    if template.extension and written == template.version.partition("+")[0]:
        severity = "info"
        text = f"The note was written without {template.extension}, so what that adds to {template.id} was not asked"
    yield built_in("version", text, severity, places=("version",))


def _not_read(note: Note) -> Iterator[Finding]:
    if note.unread:
        places = tuple(problem.path for problem in note.unread)
        text = (
            f"{wording.listed(places)} {'belongs' if len(places) == 1 else 'belong'} to the extension "
            f"«{note.written_with[:60]}», which is not here: kept in the note, and not read"
        )
        yield built_in("not-read", text, places=places)


@lru_cache(maxsize=128)
def _function(source: str) -> Callable[[Any, list[Any]], list[tuple[int, Any, bool | None]]]:
    return expression.compile_conditions(source)


def asked(note: Note) -> dict[tuple[str, str], bool | None]:
    """Return, for each element with a condition, whether it is asked; absent from the result where it is not."""
    conditions = note.template.asked
    return {
        (conditions[index].key, row.row if row else ""): answer
        for index, row, answer in _function(note.template.asked_source)(note.record, [])
    }


def is_asked(note: Note, element: Element, row: Record | None = None) -> bool | None:
    """Return whether an element applies: True, False, or None where it cannot be told yet."""
    if not element.asked:
        return True
    return asked(note).get((element.path, row.row if row else ""), False)


def required(note: Note) -> Iterator[tuple[str, Record | None]]:
    """Yield (element path, row) for everything that is required as things stand, answered or not."""
    applicable, conditions = asked(note), note.template.required
    for index, row, answer in _function(note.template.required_source)(note.record, []):
        element = note.template.elements[conditions[index].key]
        applies = _applies(applicable, element, row) and _applies(applicable, note.template.elements.get(element.group))
        if answer and applies:
            yield element.path, row


def missing(note: Note) -> Iterator[tuple[str, Record | None]]:
    """Yield (element path, row) for everything that is required as things stand and that nobody has answered."""
    for path, row in required(note):
        if (row or note.record).state(path) == "untouched":
            yield path, row


def _applies(
    applicable: Mapping[tuple[str, str], bool | None], element: Element | None, row: Record | None = None
) -> bool:
    """Return whether an element surely applies; what is no element stands in nobody's way."""
    return element is None or not element.asked or applicable.get((element.path, row.row if row else "")) is True


def _required(note: Note) -> Iterator[Finding]:
    for path, row in missing(note):
        named = label(note.template, path, row)
        yield built_in("required", f"{named}: not recorded", **located(note, [path], row))


def _recorded(note: Note) -> Iterator[tuple[Element, Record | None, Any]]:
    for element in note.template.elements.values():
        if element.group:
            for row in note.record.rows.get(element.group, ()):
                if element.path in row.values:
                    yield element, row, row.values[element.path]
        elif element.path in note.record.values:
            yield element, None, note.record.values[element.path]
        elif note.record.rows.get(element.path):
            yield element, None, note.record.rows[element.path]


def usual_range(element: Element, value: Any) -> str:
    """Return how a value lies outside the usual range of its element, or an empty text."""
    if element.usual is None or not isinstance(value, int | float):
        return ""
    low, high = element.usual
    if (low is None or value >= low) and (high is None or value <= high):
        return ""
    usual = (
        f"at most {wording.say_quantity(high, element.unit)}"
        if low is None and high is not None
        else f"at least {wording.say_quantity(low, element.unit)}"
        if high is None and low is not None
        else f"{wording.say_number(low or 0)} to {wording.say_quantity(high or 0, element.unit)}"
    )
    return f"{wording.say(element, value)} is unusual (usually {usual})"


def _unusual(note: Note) -> Iterator[Finding]:
    for element, row, value in _recorded(note):
        said = usual_range(element, value)
        if said:
            act = "check the measurements it comes from" if element.computed else "confirm it or correct it"
            text = f"{label(note.template, element.path, row)}: {said}; {act}"
            yield built_in("usual-range", text, **located(note, [element.path], row))


def left_over(note: Note) -> Iterator[tuple[Element, Record | None, Any]]:
    """Yield (element, row, value) for what is recorded although it surely does not apply after the other answers."""
    applicable = asked(note)
    for element, row, value in _recorded(note):
        if element.asked and (element.path, row.row if row else "") not in applicable:
            yield element, row, value


def _not_asked_for(note: Note) -> Iterator[Finding]:
    for element, row, value in left_over(note):
        named = label(note.template, element.path, row)
        said = wording.say(element, value, note.jurisdiction)
        text = f"{named} is recorded ({said}) but does not apply after the other answers; discard it or correct them"
        yield built_in("not-asked-for", text, **located(note, [element.path], row))


def _contradicting(note: Note) -> Iterator[Finding]:
    for element, row, value in _recorded(note):
        if element.kind == "text":
            for one, other in contradictions(note.template.words, value):
                text = f"{label(note.template, element.path, row)}: it says «{one}» and «{other}»"
                yield built_in("R162", text, **located(note, [element.path], row))


def _copied(note: Note) -> Iterator[Finding]:
    """Yield remarks that stayed as they were in the earlier note although what they go with has changed."""
    values, elements = note.record.values, note.template.elements
    changed = [path for path in note.template.words.copied if _differs(values, path)]
    for path, element in elements.items() if changed else ():
        now, before = values.get(path), values.get(f"{expression.EARLIER}{path}")
        may_stay = element.carried or path in note.template.words.lasting
        if element.kind == "text" and not may_stay and _alike(now, before):
            what, then = elements[changed[0]], values[f"{expression.EARLIER}{changed[0]}"]
            text = (
                f"{element.title} is that of the earlier note, word for word or nearly; {what.say} was "
                f"{wording.say(what, then, note.jurisdiction)} and is "
                f"{wording.say(what, values[changed[0]], note.jurisdiction)}"
            )
            yield built_in("R163", text, **located(note, [path, *changed], None))


def _differs(values: Mapping[str, Any], path: str) -> bool:
    now, before = values.get(path), values.get(f"{expression.EARLIER}{path}")
    return now is not None and before is not None and now != before


def _alike(now: str | None, before: str | None) -> bool:
    if now is None or before is None or min(len(now), len(before)) < SHORTEST_COPY:
        return False
    if now == before:
        return True
    from difflib import SequenceMatcher  # noqa: PLC0415  costs start-up time

    matcher = SequenceMatcher(None, now[:_COMPARED], before[:_COMPARED], autojunk=False)
    return matcher.real_quick_ratio() > COPIED and matcher.quick_ratio() > COPIED and matcher.ratio() > COPIED


# --- rules ---------------------------------------------------------------------------------------------------------


def _ruled(note: Note) -> Iterator[Finding]:
    rules = note.template.active_rules
    for index, row, answer in _function(note.template.rules_source)(note.record, []):
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


def _kept(note: Note, findings: list[Finding]) -> Iterator[Finding]:
    """Mark what somebody kept with a rationale; an override without one is itself an error."""
    path = f"{HEADER}.kept"
    reasons: dict[str, str] = {}
    for row in note.record.rows.get(path, ()):
        rule, rationale = row.values.get(f"{path}.rule", ""), row.values.get(f"{path}.rationale", "")
        at = row.values.get(f"{path}.at", "")
        if len(rationale.strip()) >= SHORTEST_RATIONALE:
            reasons[f"{rule} {at}".strip()] = rationale
        else:
            text = f"{rule} is kept without a rationale of at least {SHORTEST_RATIONALE} characters"
            yield built_in("R168", text, places=(place(f"{path}.rationale", row),))
    for finding in findings:
        rationale = next(
            (
                reasons[key]
                for key in (finding.rule, *(f"{finding.rule} {at}" for at in finding.places))
                if key in reasons
            ),
            "",
        )
        keepable = rationale and finding.rule != "shape"
        yield replace(finding, outcome="kept", rationale=rationale) if keepable else finding
