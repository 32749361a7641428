"""A draft as a page, and what of it a browser does not have yet: fields, sections and what stands beside, by marks.

A mark is a short name for all that a part of the page shows. The browser sends the marks of what it has, and is sent
only what has another one now: no process needs to remember what any browser shows.
"""

import re
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2.environment import TemplateModule
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ci_notes.derive import Note
from ci_notes.form import NONE, Beside, Block, Field, Form, Group, Sheet
from ci_notes.form.remembered import MOST
from ci_notes.form.sheet import Part, Told, Traced
from ci_notes.recent import Recent
from ci_notes.record.model import Draft, Point
from ci_notes.web.saying import gestation, identity, moment, page_of_patient
from ci_notes.web.showing import environment, show

_SYMBOLS = {"error": "▲", "contraindication": "⛔", "warning": "◆", "info": "i"}
_WORDS = {"error": "Error", "contraindication": "Contraindication", "warning": "Warning", "info": "Note"}


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a page shows of a draft."""

    draft: Draft
    note: Note
    form: Form
    beside: Beside


@dataclass(frozen=True, slots=True)
class Taken:
    """What a page without script says of the save before it: how many answers, how many not, and the first of those."""

    saved: int
    left: int = 0
    at: str = ""
    title: str = ""


# --- marks ---------------------------------------------------------------------------------------------------------


def mark(field: Field) -> str:
    """Return a short name for what a field shows, apart from what its place in the template already says."""
    return _short(
        field.title, field.text, field.said, field.state, field.chosen, field.absent, field.absent_reason,
        field.required, field.message, field.doubt, field.wants_reason, field.unread, field.conflict, field.kept,
        field.offer, field.last, field.suggestion, field.hint,
    )  # fmt: skip


def section_mark(section: Sheet) -> str:
    """Return a short name for what a section shows, apart from what its fields do."""
    return _short(
        section.title, section.applies, section.extras, section.offers, section.left_over, *map(_outline, section.parts)
    )


def _outline(part: Part) -> Any:
    if isinstance(part, Field):
        return part.place
    if isinstance(part, Block):
        return part.place, bool(part.open), [one.place for one in part.fields]
    return (
        part.place,
        part.none,
        [(row.place, row.title, row.extras, row.conflict, *map(_outline, row.parts)) for row in part.rows],
    )


_MARKS: Recent[tuple[Sheet, str, tuple[str, ...]]] = Recent(MOST)
"""The marks of sheets made before, by the identity of the sheet, which is kept beside them."""


def _marked(section: Sheet) -> tuple[str, tuple[str, ...]]:
    """Return the mark of a section and those of its fields."""
    return _MARKS.get(id(section), lambda: (section, section_mark(section), tuple(map(mark, section.fields))))[1:]


def _short(*told: Any) -> str:
    return f"{zlib.crc32(repr(told).encode()):x}"


_BARE = re.compile(r"[A-Za-z0-9._:#\[\]/-]+")


def attribute(value: str) -> Markup:
    """Return the value of an attribute of HTML, with quotes where it needs them."""
    # What is bare holds nothing to be escaped; Markup's own formatting takes ten times as long.
    return Markup(value) if _BARE.fullmatch(value) else Markup(f'"{escape(value)}"')  # noqa: S704


# --- parts of the page ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The macros that draw a draft."""

    shown: Shown
    hers: str
    fields: TemplateModule
    pane: TemplateModule

    def section(self, section: Sheet) -> Markup:
        drawn: Markup = self.fields.section(section)  # type: ignore[attr-defined]
        return drawn

    def field(self, part: Field | Group) -> Markup:
        macro = self.fields.group if isinstance(part, Group) else self.fields.field  # type: ignore[attr-defined]
        drawn: Markup = macro(part)
        return drawn

    def parts(self) -> dict[str, tuple[str, Callable[[], Markup]]]:
        """Return what is not a section: by name, its mark and what draws it."""
        shown, pane = self.shown, self.pane
        who, weeks = identity(shown.note.data), gestation(shown.note)
        sections = [
            (one.title, one.answered, one.asked, one.required_open, one.unsettled) for one in shown.form.sections
        ]
        marks = {
            "head": _short(who, weeks, self.hers),
            "strip": _short(who[0], weeks),
            "progress": _short(sections),
            "computed": _short([(one.title, one.said) for one in shown.beside.computed]),
            "findings": _short(shown.beside.findings),
            "narrative": _short(shown.beside.narrative, shown.beside.trouble),
        }
        draw: dict[str, Callable[[str], Markup]] = {
            "head": lambda v: pane.head(who, weeks, self.hers, v),  # type: ignore[attr-defined]
            "strip": lambda v: pane.strip(who, weeks, v),  # type: ignore[attr-defined]
            "progress": lambda v: pane.progress(shown.form, v),  # type: ignore[attr-defined]
            "computed": lambda v: pane.computed(shown.beside, v),  # type: ignore[attr-defined]
            "findings": lambda v: pane.findings(shown.beside, v),  # type: ignore[attr-defined]
            "narrative": lambda v: pane.narrative(shown.beside, v),  # type: ignore[attr-defined]
        }
        return {name: (v, lambda name=name, v=v: draw[name](v)) for name, v in marks.items()}  # type: ignore[misc]


def _drawn(request: Request, shown: Shown, plain: bool = False) -> _Drawn:
    names = {
        "mark": mark,
        "section_mark": section_mark,
        "absences": [title for _, title in shown.form.absences],
        "NONE": NONE,
        "attr": attribute,
        "plain": plain,
        "anchors": lambda places: _anchors(shown.form, places),
        "sentences": lambda part: _sentences(shown.form, part),
        "marks": _SYMBOLS,
        "words": _WORDS,
    }
    pages = environment()
    return _Drawn(
        shown,
        page_of_patient(request, shown.draft.patient),
        pages.get_template("draft_field.html").make_module(names),
        pages.get_template("draft_pane.html").make_module(names),
    )


def _sentences(form: Form, part: Told) -> Markup:
    """Return the sentences of a part of the narrative, each the way to its fields.

    It is drawn anew with every change, so it is written here: a macro for each sentence takes four times as long.
    """
    return Markup(" ").join(_sentence(form, one) for one in part.sentences)


def _sentence(form: Form, one: Traced) -> Markup:
    at = _anchors(form, one.says or one.because)
    if not at:
        return escape(one.text)
    others = f' data-at="{escape(" ".join(at[1:]))}"' if at[1:] else ""
    return Markup(f"<a href={attribute(f'#{at[0]}')}{others}>{escape(one.text)}</a>")  # noqa: S704  all is escaped


def _anchors(form: Form, places: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(anchor(form, one) for one in places))


def anchor(form: Form, place: str) -> str:
    """Return the name in the page of the control at a place; of its section where it has none."""
    field = form.field(place)
    if field is not None:
        return field.id
    section = form.section(place.partition(".")[0]) or form.section("note")
    return section.id if section else "draft"


# --- the whole, and what differs -----------------------------------------------------------------------------------


def page(
    request: Request, shown: Shown, points: Sequence[Point], plain: bool, taken: Taken | None = None
) -> HTMLResponse:
    """Return the page of a draft; a plain one works without script, at the price of its weight."""
    drawn = _drawn(request, shown, plain)
    return show(
        request,
        "draft.html",
        draft=shown.draft,
        form=shown.form,
        section=drawn.section,
        parts={name: draw() for name, (_, draw) in drawn.parts().items()},
        count=_count(shown),
        saved_at=_clock(shown.draft.updated_at),
        storage_key=getattr(request.state, "storage_key", ""),
        points=[
            {"id": one.id, "name": one.name if one.name != one.at else "", "by": one.by.name, "time": moment(one.at)}
            for one in points
        ],
        plain=plain,
        taken=taken if plain else None,
        amends=_amends(request, shown.draft),
    )


def _amends(request: Request, draft: Draft) -> str:
    """Return which signed version a draft amends, and whose; empty for a new note."""
    if not draft.amends:
        return ""
    versions = request.app.state.record.ledger.versions(draft.id)
    signed = next(one for one in versions if one.number == draft.amends)
    return f"Amends version {signed.number}, signed by {signed.by.name}, {moment(signed.at)}"


def answer(request: Request, shown: Shown, have: Mapping[str, Any], refused: Collection[str] = ()) -> dict[str, Any]:
    """Return what a browser that has some parts lacks: whole sections, fields of others, and what stands beside.

    Where a change was refused the draft is as it was, and its control is not: such places are drawn in any case.
    """
    drawn, had = _drawn(request, shown), _mapping(have.get("sections"))
    sections: list[tuple[str, str | None]] = []
    fields: dict[str, str] = {}
    for section in shown.form.sections:
        first, *others = str(had.get(section.id, "")).split(" ")
        whole = first != _marked(section)[0]
        sections.append((section.id, drawn.section(section) if whole else None))
        if not whole:
            fields |= _differing(drawn, section, others, refused)
    parts = {name: draw() for name, (v, draw) in drawn.parts().items() if _mapping(have.get("parts")).get(name) != v}
    return {
        "revision": shown.draft.revision,
        "saved_at": _clock(shown.draft.updated_at),
        "sections": sections,
        "fields": fields,
        "parts": parts,
    }


def _differing(drawn: _Drawn, section: Sheet, had: Sequence[str], refused: Collection[str]) -> dict[str, str]:
    """Return the fields of a section that are not as the browser has them, or refused; all where it does not say."""
    found, groups = list(section.fields), {one.id: one for one in section.parts if isinstance(one, Group)}
    known: Iterable[str | None] = had if len(had) == len(found) else [None] * len(found)
    marks = _marked(section)[1]
    differing = [one for one, v, now in zip(found, known, marks, strict=True) if now != v or one.place in refused]
    return {one.id: drawn.field(groups.get(one.id, one)) for one in differing}


def _count(shown: Shown) -> int:
    return sum(not one.shown for one in shown.beside.findings)


def _mapping(held: Any) -> Mapping[str, Any]:
    return held if isinstance(held, Mapping) else {}


def _clock(kept: str) -> str:
    """Return the time of day at the place of care of a moment of the record: 14:20:05."""
    return f"{datetime.fromisoformat(kept).astimezone():%H:%M:%S}"
