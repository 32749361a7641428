"""What the tests of the form share: drafts of every example, and a person who fills them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from ci_notes import form, library
from ci_notes.derive import Note
from ci_notes.form import Applied, Beside, Change, Field, Form, Group, Row, Sheet, State
from ci_notes.template import Template

TODAY = date(2026, 11, 21)
TEMPLATES = Path(__file__).parents[2] / "templates"
EXAMPLES = sorted(str(one.relative_to(TEMPLATES)) for one in TEMPLATES.glob("*/examples/*.note.json"))


@cache
def template_of(example: str) -> Template:
    return library.load_template(example.partition("/")[0])


def example(name: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((TEMPLATES / name).read_text())
    return held


@dataclass
class Filling:
    """A person at a form: every act goes through JSON, as it does between a browser and the server."""

    template: Template
    state: State
    earlier: Sequence[Note] = ()
    numbers: Any = field(default_factory=count)
    last: Applied | None = None

    def do(self, act: str, place: str = "", **more: Any) -> form.Outcome:
        return self.all([Change.from_json({"act": act, "place": place, **more})])[0]

    def put(self, place: str, text: str) -> form.Outcome:
        return self.do("put", place, text=text)

    def choose(self, place: str, *values: str) -> form.Outcome:
        return self.do("choose", place, values=list(values))

    def all(self, changes: Sequence[Change]) -> tuple[form.Outcome, ...]:
        self.last = form.apply(
            self.template, self.state, changes, today=TODAY, new_id=self.new_id, earlier=self.earlier
        )
        self.state = State.from_json(json.loads(json.dumps(self.last.state.to_json())))
        return self.last.outcomes

    def new_id(self) -> str:
        return f"n{next(self.numbers)}"

    @property
    def data(self) -> Any:
        return self.state.data

    @property
    def note(self) -> Note:
        return form.read(self.template, self.state, self.earlier)

    @property
    def form(self) -> Form:
        return form.build(self.template, self.state, note=self.note, earlier=self.earlier, today=TODAY)

    @property
    def beside(self) -> Beside:
        return form.beside(self.template, self.state, note=self.note, today=TODAY)

    def field(self, place: str) -> Field:
        found = self.form.field(place)
        assert found is not None, f"{place} has no control"
        return found


def filling(name: str) -> Filling:
    return Filling(template_of(name), State(example(name)))


def rows_of(section: Sheet) -> Iterator[Row]:
    """Yield every row of a section's groups."""
    for part in section.parts:
        if isinstance(part, Group):
            yield from part.rows


def group_of(page: Form, place: str) -> Group:
    """Return the group at a place."""
    section = page.section(place.partition(".")[0])
    assert section is not None
    return next(one for one in section.parts if isinstance(one, Group) and one.place == place)


def posted(page: Form) -> dict[str, list[str]]:
    """Return what a browser without scripts sends of a form that nobody touched."""
    sent: dict[str, list[str]] = {}
    for section in page.sections:
        for one in section.fields:
            if one.options:
                sent[f"v:{one.place}"] = ["", *one.chosen]
            elif one.control != "group":
                sent[f"v:{one.place}"] = [one.text.replace("\n", "\r\n")]
            sent[f"a:{one.place}"] = [one.absent]
            sent[f"r:{one.place}"] = [one.absent_reason or one.reason]
    return sent
