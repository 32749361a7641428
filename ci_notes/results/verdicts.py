"""What came of every rule in one note: it fired, passed, did not apply, could not be told, or was overridden.

A check tells what was found; who counts needs to know as well where a rule had something to say and was silent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ci_notes.checks import BUILT_IN, Finding
from ci_notes.derive import Note, Record
from ci_notes.expression import (
    EARLIER,
    INPUTS,
    Truth,
    compile_conditions,
    fields_of,
    rests_on,
    undecided_by,
    write_conditions,
)
from ci_notes.recent import Recent
from ci_notes.template import HEADER, Rule, Template

FIRED, PASSED, NOT_APPLICABLE, COULD_NOT_TELL, OVERRIDDEN = "fpn?o"

VERDICTS = {
    FIRED: "fired",
    PASSED: "passed",
    NOT_APPLICABLE: "not applicable",
    COULD_NOT_TELL: "could not tell",
    OVERRIDDEN: "overridden",
}
"""The verdicts, by the letter that stands for each.

*Fired*: the check found it, in one row at least. *Could not tell*: what is recorded leaves the condition undecided; for
errors and contraindications the check says so too. *Overridden*: all that was to be told is kept with a rationale.
*Not applicable*: the rule is for other jurisdictions; or its group has no rows; or nothing is recorded, not even a
reason of absence, of all that its condition names; or it can hold only where an earlier note, or the patient's page,
says something, and it does not. *Passed*: everything else; the condition surely does not hold.
"""

FREE_TEXT, PAGE = "free_text", "page"
"""The names under which a condition reads all that somebody typed, and the page for the patient."""

_PROOFREAD = ("R016", "R164")
"""Built-in checks of a narrative that somebody edited; without one there is nothing for them to look at."""

_OF_AN_EARLIER_NOTE = tuple(f"{EARLIER}{HEADER}.{name}" for name in ("date", "status"))
"""What is remembered of every note before this one."""


def ruled(template: Template) -> tuple[str, ...]:
    """Return the ids of all that has a verdict in notes of a template: its rules, then what every template has."""
    return _held(template).ids


def verdicts(note: Note, found: Iterable[Finding], proofread: bool = False) -> str:
    """Return a letter of `VERDICTS` for each id of `ruled`, in their order.

    `note` is as the rules read it (`checks.prepared`); `found` is all that the check found in it; `proofread` says
    whether a narrative was held against it.
    """
    held, record = _held(note.template), note.record
    letters = [*held.silent(record), *_built_in(record, proofread)]
    for index, row, fires in held.function(record, []):
        if fires:
            letters[index] = FIRED
        elif letters[index] != FIRED:
            applies = letters[index] != NOT_APPLICABLE
            is_open = letters[index] == COULD_NOT_TELL or held.open[index].holds(record, row, applies)
            letters[index] = COULD_NOT_TELL if is_open else NOT_APPLICABLE
    for rule, outcomes in _outcomes(found).items():
        if rule in held.at:
            letters[held.at[rule]] = _told(outcomes)
    return "".join(letters)


def _outcomes(found: Iterable[Finding]) -> dict[str, set[str]]:
    """Return the outcomes of rules of which something was kept, and of checks that have no condition."""
    outcomes: dict[str, set[str]] = {}
    for one in found:
        outcomes.setdefault(one.rule, set()).add(one.outcome)
    return {rule: said for rule, said in outcomes.items() if "kept" in said or rule in BUILT_IN}


def _told(outcomes: set[str]) -> str:
    if "found" in outcomes:
        return FIRED
    return COULD_NOT_TELL if "could not tell" in outcomes else OVERRIDDEN


def _built_in(record: Record, proofread: bool) -> Iterator[str]:
    applies = {
        "R163": not record.values.keys().isdisjoint(_OF_AN_EARLIER_NOTE),
        "R168": bool(record.rows.get(f"{HEADER}.kept")),
        **dict.fromkeys(_PROOFREAD, proofread),
    }
    return (PASSED if applies.get(check, True) else NOT_APPLICABLE for check in BUILT_IN)


@dataclass(frozen=True)
class _Open:
    """What it needs to say of a rule that cannot be decided whether anybody could tell."""

    rule: Rule
    node: Truth
    outside: bool
    """Whether its condition names anything that is recorded elsewhere, or by nobody."""

    def holds(self, record: Record, row: Record | None, applies: bool) -> bool:
        """Return whether what cannot be decided could be, if more were recorded in this note.

        An error or a contraindication is open also where nothing of it is recorded, as the check has it.
        """
        if not applies and not self.rule.shown_undecided:
            return False
        return not self.outside or any(
            not _is_outside(field.path) for field in undecided_by(self.node, record, row, self.rule.each)
        )


def _is_outside(path: str) -> bool:
    return path in INPUTS or path.startswith(EARLIER)


_OF, _ROWS_OF = "guidelines of ", "rows of "
"""What stands before a jurisdiction, and before a group that has rows, among what a note has."""


class _Held:
    """The rules of a template made ready to be counted: each of them says where it cannot be decided."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.ids = (*(rule.id for rule in template.active_rules), *BUILT_IN)
        self.at = {one: index for index, one in enumerate(self.ids)}
        conditions = [replace(template.condition(rule), undecided=True) for rule in template.active_rules]
        self.function = compile_conditions(write_conditions(conditions))
        self.open: list[_Open] = []
        self.needs: list[tuple[int, frozenset[str]]] = []
        for index, (rule, condition) in enumerate(zip(template.active_rules, conditions, strict=True)):
            named = _named(template, condition.node)
            self.open.append(_Open(rule, condition.node, any(map(_is_outside, named))))
            self.needs += ((index, need) for need in _needs(template, rule, condition.node, named) if need)

    def silent(self, record: Record) -> list[str]:
        """Return for each rule what it is if nothing comes of its condition."""
        has = _had(record)
        letters = [PASSED] * len(self.open)
        for index, need in self.needs:
            if need.isdisjoint(has):
                letters[index] = NOT_APPLICABLE
        return letters


def _had(record: Record) -> set[str]:
    """Return what a note has, of all that a rule may need."""
    has = {*record.values, *record.spans, *record.absent, *record.wrong, *record.rows}
    has.update([f"{_ROWS_OF}{group}" for group, rows in record.rows.items() if rows])
    has.add(f"{_OF}{record.values.get('jurisdiction')}")
    if not record.values.get(FREE_TEXT):
        has.discard(FREE_TEXT)
    return has


def _named(template: Template, node: Truth) -> set[str]:
    """Return what a condition names; what stands in rows is named by its group."""
    return {
        element.group or field.path if (element := template.elements.get(field.path)) else field.path
        for field in fields_of(node)
    }


def _needs(template: Template, rule: Rule, node: Truth, named: set[str]) -> Iterator[frozenset[str]]:
    """Yield sets of which a note must have something each, so that the rule applies; an empty one needs nothing."""
    recorded = (path for path in named if path in template.elements or path == FREE_TEXT)
    yield frozenset(path for path in recorded if not path.startswith(f"{HEADER}."))
    for missing in (_is_earlier, _is_page):
        if rests_on(node, missing):
            yield frozenset(filter(missing, named))
    yield frozenset(f"{_OF}{one}" for one in rule.jurisdictions)
    yield frozenset({f"{_ROWS_OF}{rule.each}"} if rule.each else ())


def _is_earlier(path: str) -> bool:
    """Return whether a path is what an earlier note says, but for what that says of itself."""
    return path.startswith(EARLIER) and not path.startswith(f"{EARLIER}{HEADER}.")


def _is_page(path: str) -> bool:
    return path == PAGE


_HELD: Recent[_Held] = Recent(32)


def _held(template: Template) -> _Held:
    """Return the rules of a template; by which one it is, since hashing one costs more than checking a note."""
    return _HELD.get(id(template), lambda: _Held(template), lambda held: held.template is template)
