"""LHC-Forms shows our Questionnaires, asks what the terminal asks, and gives back the note."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import forms
import pytest
from inputs import SAMPLE
from installing import BUILD

from ci_notes import catalogue, derive, load, load_template
from ci_notes.checks import left_over
from ci_notes.fhir.forms.answered import read_response
from ci_notes.fhir.forms.items import no_rows
from ci_notes.fhir.forms.response import response
from ci_notes.template import Template

Json = dict[str, Any]

ZONE = "America/New_York"
"""Where the browser says it is: what it writes in UTC must not move to another day."""

TEMPLATES = sorted(catalogue())
EXAMPLES = ("complete", "absences", "twins", "minimal", "pprom-retained")[: 1 if SAMPLE else None]
"""The examples that are shown, of each template that has them; none has answers that do not apply."""

each_template = pytest.mark.parametrize("name", TEMPLATES)


class Shown:
    """What LHC-Forms made of the Questionnaire of each template, blank and with the answers of examples."""

    def __init__(self, browser: forms.Script) -> None:
        self.browser = browser
        self.held: dict[tuple[str, str], Json] = {}
        self.table: dict[str, Json] = {}

    def form(self, template: Template, example: str = "", answered: Json | None = None) -> Json:
        key = (template.id, example)
        if key not in self.held:
            given = {"questionnaire": forms.questionnaire(template)} | ({"response": answered} if answered else {})
            picture = {"picture": str(BUILD / f"lforms.{template.id}.png")} if not example else {}
            self.held[key] = self.browser.ask({**given, **picture})
        assert "failed" not in self.held[key], self.held[key]["failed"]
        return self.held[key]

    def counted(self, name: str, **counts: int) -> None:
        row = self.table.setdefault(name, {})
        for key, number in counts.items():
            row[key] = row.get(key, 0) + number


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    BUILD.mkdir(parents=True, exist_ok=True)
    browser = forms.Script("render.mjs", forms.chromium(), ZONE)
    made = Shown(browser)
    yield made
    browser.end()
    (BUILD / "lforms.json").write_text(json.dumps(made.table, indent=2) + "\n", encoding="utf-8")


def examples(name: str) -> list[Path]:
    folder = catalogue()[name] / "examples"
    found = [folder / f"{example}.note.json" for example in EXAMPLES]
    return [path for path in found if path.exists() and not [*left_over(load(path))]]


def on_page(form: Json, note: derive.Note) -> set[forms.Place]:
    """Return the questions on the page about elements of a note; an empty row that is offered is none of its rows."""
    found = []
    denied = {no_rows(path): path for path, one in note.template.elements.items() if one.kind == "group"}
    for name in form["shown"]:
        link_id, *numbers = re.sub(r"^item-", "", name).split("/")
        path = denied.get(link_id, link_id)
        element = note.template.elements.get(path)
        if element is None or not element.group:
            found.append((path, ""))
            continue
        rows = note.record.rows.get(element.group, ())
        at = int(numbers[1]) - 1
        if at < len(rows):
            found.append((path, rows[at].row))
    return forms.elements_of(note.template, found)


@each_template
def test_a_blank_form_is_shown_without_a_word_on_the_console(shown: Shown, name: str) -> None:
    template = load_template(name)
    form = shown.form(template)
    items = [*_items(forms.questionnaire(template)["item"])]
    shown.counted(name, items=len(items), rendered=len(form["shown"]), console=len(form["said"]))
    shown.table[name]["milliseconds"] = round(form["milliseconds"])
    assert form["said"] == []
    blank = derive.note(template, {"id": "blank", "template": name, "status": "draft"})
    assert on_page(form, blank) == forms.asked(blank, set())


@each_template
def test_a_form_with_answers_asks_what_the_terminal_asks(shown: Shown, name: str) -> None:
    assert examples(name)
    for path in examples(name):
        note = load(path)
        answered = response(note)
        form = shown.form(note.template, path.name, answered)
        assert form["said"] == []
        assert on_page(form, note) == forms.asked(note, forms.open_sections(answered)), path.name
        shown.counted(name, compared=1)


@each_template
def test_what_a_form_gives_back_is_the_note(shown: Shown, name: str) -> None:
    for path in examples(name):
        note = load(path)
        form = shown.form(note.template, path.name, response(note))
        back = read_response(note.template, form["response"])
        shown.counted(name, recorded=_size(dict(note.data)), returned=_alike(back, dict(note.data)))
        assert back == note.data, path.name


def _items(items: list[Json]) -> Iterator[Json]:
    for item in items:
        yield item
        yield from _items(item.get("item", []))


def _leaves(held: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each recorded element of a note with its place; a reason of absence is one."""
    if isinstance(held, dict) and "absent" not in held:
        for key, value in held.items():
            yield from _leaves(value, (*place, key))
    elif isinstance(held, list) and held and isinstance(held[0], dict):
        for row in held:
            yield from _leaves(row, (*place, row.get("id")))
    else:
        yield place, held


def _size(data: Json) -> int:
    return len([*_leaves(data)])


def _alike(back: Json, data: Json) -> int:
    given = dict(_leaves(data))
    return sum(1 for place, value in _leaves(back) if place in given and given[place] == value)
