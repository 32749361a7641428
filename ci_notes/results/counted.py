"""What a report counts of one note, as plain data: letters, two numbers, and of whom, when and where; no value of it.

A process that looks at notes hands this on in the place of the note; `tally` adds it up.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from ci_notes.checks import SEVERITIES, Finding, asked
from ci_notes.derive import Note, Record
from ci_notes.element import Element
from ci_notes.recent import Recent
from ci_notes.results.discreet import Discretion
from ci_notes.results.known import known
from ci_notes.results.verdicts import verdicts
from ci_notes.template import HEADER, Mark, Template

RECORDED, ABSENT, NOTHING, NOT_ASKED = "ranx"

STATES = {RECORDED: "recorded", ABSENT: "reason why not", NOTHING: "nothing", NOT_ASKED: "not asked"}
"""What is there of a field, by the letter that stands for it.

*Recorded*: a value. *Reason why not*: a reason of absence. *Nothing*: it is asked and has neither, or cannot be read.
*Not asked*: nothing is there, and the question does not apply, or nobody can tell whether it does, or it is asked on
request only. Of a field that stands in rows: what is there in every row that asks for it; *nothing* where one of these
rows has nothing.
"""

_ALWAYS, _IF, _ON_REQUEST = "always", "where a condition holds", "on request"
"""When a field is asked."""

_AUTHOR, _SITE = "author.name", "author.facility"


Asked = Mapping[tuple[str, str], bool | None]
"""Whether an element of a row is asked, as `checks.asked` has it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of one note.

    `verdicts` has a letter for each of `ruled(template)`, `fields` one for each of `fields(template)`. `worst` is the
    severity of the most serious finding that is neither kept nor open, empty for none. `author` is a digest, the same
    in all notes of one author. `length` is the shortest cervical length in mm, None where there is none or
    `not_alike` says that it was measured by another approach; `week` the completed weeks of gestation on the day of
    the note. `month` is YYYY-MM.
    """

    template: str
    rule_set: str
    status: str
    jurisdiction: str
    author: str
    site: str
    month: str
    worst: str
    verdicts: str
    fields: str
    length: float | None = None
    not_alike: bool = False
    week: int | None = None
    accepted: int = 0
    """How many findings a baseline accepts."""


def counted(note: Note, found: Iterable[Finding], proofread: bool = False) -> Counted:
    """Return what is counted of a note; `note` is as the rules read it, `found` is all that was found in it."""
    found, values = [*found], note.record.values
    length, not_alike = _length(note)
    author = str(values.get(_AUTHOR, ""))
    return Counted(
        template=note.template.id,
        rule_set=known(note.template).rule_set,
        status=note.status,
        jurisdiction=note.jurisdiction,
        author=blake2b(author.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if author else "",
        site=Discretion(note).of_staff(str(values.get(_SITE, ""))),
        month=str(values.get(f"{HEADER}.date", ""))[:7],
        worst=min((one.severity for one in found if one.outcome == "found"), key=SEVERITIES.index, default=""),
        verdicts=verdicts(note, found, proofread),
        fields=_fields(note),
        length=length,
        not_alike=not_alike,
        week=_week(note),
    )


# --- completeness --------------------------------------------------------------------------------------------------


def fields(template: Template) -> tuple[Element, ...]:
    """Return the elements that somebody can record, in order; not what the program writes down for itself."""
    return _asking(template).fields


class _Asking:
    """The fields of a template, made ready to be looked at in a note."""

    def __init__(self, template: Template) -> None:
        self.template = template

    @cached_property
    def fields(self) -> tuple[Element, ...]:
        return tuple(
            element
            for element in self.template.elements.values()
            if not element.computed and not element.path.startswith((f"{HEADER}.kept", f"{HEADER}.carried"))
        )

    @cached_property
    def silent(self) -> dict[str, str]:
        """What each field is in a note in which nothing is recorded and no condition holds."""
        return {one.path: NOT_ASKED if one.asked or one.group or _on_request(one) else NOTHING for one in self.fields}

    @cached_property
    def depending(self) -> frozenset[str]:
        """The fields outside of rows that are asked where their condition holds."""
        return frozenset(one.path for one in self.fields if one.asked and not one.group and not _on_request(one))

    @cached_property
    def groups(self) -> dict[str, list[tuple[str, str]]]:
        """The fields in rows by their group, each with when it is asked."""
        found: dict[str, list[tuple[str, str]]] = {}
        for one in self.fields:
            if one.group:
                when = _ON_REQUEST if _on_request(one) else _IF if one.asked else _ALWAYS
                found.setdefault(one.group, []).append((one.path, when))
        return found


def _on_request(element: Element) -> bool:
    return element.on_request or bool(element.in_turn)


_ASKING: Recent[_Asking] = Recent(32)


def _asking(template: Template) -> _Asking:
    return _ASKING.get(id(template), lambda: _Asking(template), lambda held: held.template is template)


def _fields(note: Note) -> str:
    asking, record, applicable = _asking(note.template), note.record, asked(note)
    letters = dict(asking.silent)
    asks = [path for (path, row), holds in applicable.items() if holds and not row and path in asking.depending]
    for answered, letter in (
        (asks, NOTHING),
        (record.wrong, NOTHING),
        (record.absent, ABSENT),
        (record.values, RECORDED),
        (record.rows, RECORDED),
    ):
        for path in answered:
            if path in letters:
                letters[path] = letter
    for group, within in asking.groups.items():
        rows = record.rows.get(group)
        for path, when in within if rows else ():
            letters[path] = _in_rows(path, when, rows or (), applicable)
    return "".join(letters.values())


def _in_rows(path: str, when: str, rows: Iterable[Record], applicable: Asked) -> str:
    """Return what there is of a field in rows: the worst of what is in each, *nothing* before a reason of absence."""
    worst = NOT_ASKED
    for row in rows:
        if path in row.values:
            worst = RECORDED if worst == NOT_ASKED else worst
        elif path in row.absent:
            worst = ABSENT
        elif path in row.wrong or when == _ALWAYS or (when == _IF and applicable.get((path, row.row))):
            return NOTHING
    return worst


# --- what is measured ----------------------------------------------------------------------------------------------


def _length(note: Note) -> tuple[float | None, bool]:
    """Return the cervical length of the day of a note in mm, and whether it is one that others are not held against."""
    values = note.record.values
    for one in _measured(note.template):
        length = values.get(one[0])
        if length is not None:
            return (None, True) if one[1] and _is_marked(one[1], values.get(one[1].element)) else (float(length), False)
    return None, False


def _measured(template: Template) -> Iterator[tuple[str, Mark | None]]:
    return ((one.length, one.unusual) for one in template.chart.lengths if not one.told)


def _is_marked(mark: Mark, value: object) -> bool:
    return value in mark.values


def _week(note: Note) -> int | None:
    """Return the completed weeks of gestation, where they are the same for the whole of what is known of it."""
    path = note.template.chart.age
    if path not in note.record.values or path not in note.record.spans:
        return None
    low, high = note.record.spans[path]
    return int(low // 7) if low // 7 == high // 7 else None
