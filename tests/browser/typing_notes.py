"""A note typed into the form with the keyboard alone: Tab from control to control, and at each what a person does there.

The driver knows what should be recorded, and of the form only where the focus is: a control that Tab does not reach, or
that no key answers, stays empty, and the note shows it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from ci_notes.element import ABSENCES, Element
from ci_notes.form.changes import NONE
from ci_notes.form.written import chosen, written
from ci_notes.template import Template

Json = dict[str, Any]
_ROW = re.compile(r"\[([^\]]*)\]")
MOST_STOPS = 6000


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be recorded at a place: typed text, options to choose, or the reason why there is nothing."""

    text: str = ""
    options: tuple[str, ...] = ()
    absent: str = ""
    reason: str = ""


@dataclass
class Wanted:
    """The answers of a note by place, rows numbered from nought, and how many rows each group has."""

    answers: dict[str, Answer] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def at(self, place: str, order: Mapping[str, list[str]]) -> Answer | None:
        """Return the answer at a place of the form, whose rows are named by ids; `order` tells which comes when."""
        return self.answers.get(numbered(place, order))


def numbered(place: str, order: Mapping[str, list[str]]) -> str:
    """Return a place with the row's number in the place of its id: history.prior[0].outcome."""
    found = _ROW.search(place)
    if found is None:
        return place
    ids = order.get(place[: found.start()], [])
    number = ids.index(found[1]) if found[1] in ids else -1
    return f"{place[: found.start()]}[{number}]{place[found.end() :]}"


def wanted(template: Template, data: Json) -> Wanted:
    """Return what a person has to enter so that the draft becomes this note."""
    whole = Wanted()
    for section in template.sections:
        for element in section:
            if not element.computed and element.name in data.get(section.name, {}):
                _want(whole, element, element.path, data[section.name][element.name], data)
    return whole


def _want(whole: Wanted, element: Element, place: str, value: Any, data: Json) -> None:
    if isinstance(value, Mapping) and "absent" in value:
        whole.answers[place] = Answer(absent=ABSENCES[value["absent"]], reason=value.get("reason", ""))
    elif element.kind == "group" and len(element.rows) > 1:
        whole.rows[place] = len(value)
        for number, row in enumerate(value):
            for one in element.rows:
                if one.name in row and not one.computed:
                    _want(whole, one, f"{place}[{number}].{one.name}", row[one.name], data)
    elif options := chosen(element, value):
        whole.answers[place] = Answer(options=options)
    else:
        text = written(element, value, data.get("jurisdiction", ""), data.get("date", ""))
        whole.answers[place] = Answer(text=text)


_FOCUS = """() => {
  const one = document.activeElement;
  const order = {};
  for (const button of document.querySelectorAll('button[value^="remove-row:"]')) {
    const [, group, id] = button.value.match(/^remove-row:(.*)\\[(.*)\\]$/);
    (order[group] ??= []).push(id);
  }
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter(each => !each.disabled && each.tabIndex >= 0 && each.checkVisibility());
  return {
    tag: one.tagName.toLowerCase(), type: one.type ?? '', name: one.getAttribute('name') ?? '', value: one.value ?? '',
    checked: one.checked ?? false, expanded: one.parentElement?.open ?? false,
    last: stops.at(-1) === one, order, text: one.textContent.slice(0, 60),
    group: one.type === 'radio' ? [...document.getElementsByName(one.name)].map(each => each.value) : [],
  };
}"""


class LostFocusError(AssertionError):
    """A change took the focus away, so that a person at the keyboard would have to look for where they were."""


@dataclass
class Keyboard:
    """A person who uses no mouse, before a form."""

    page: Page
    wanted: Wanted
    done: set[str] = field(default_factory=set)
    stops: int = 0
    visited: list[str] = field(default_factory=list)

    def fill(self, rounds: int = 6) -> None:
        """Go through the form until nothing is left to enter; what an answer opened above is met on the next round."""
        for _ in range(rounds):
            before = len(self.done)
            self._round()
            if len(self.done) == before:
                return

    def _round(self) -> None:
        self.page.locator("#main").focus()
        last = False
        while True:
            focus = self._next()
            if focus["tag"] in ("body", "html"):
                if not last:
                    raise LostFocusError(f"After {self.visited[-1:]} nothing had the focus.")
                return
            last = focus["last"]
            self._act(focus)

    def _next(self) -> Json:
        self.stops += 1
        assert self.stops < MOST_STOPS, f"Tab goes round in circles: {self.visited[-8:]}"
        self.page.keyboard.press("Tab")
        focus: Json = self.page.evaluate(_FOCUS)
        self.visited.append(f"{focus['name']}={focus['value']}"[:80])
        return focus

    def _act(self, focus: Json) -> None:
        kind, _, place = focus["name"].partition(":")
        if kind == "v":
            self._answer(focus, place)
        elif kind == "a":
            self._absence(focus, place)
        elif kind == "r":
            self._reason(focus, place)
        elif focus["name"] == "do":
            self._button(focus)

    def _answer(self, focus: Json, place: str) -> None:
        answer = self.wanted.at(place, focus["order"])
        if answer is None or answer.absent:
            return
        if focus["type"] == "checkbox":
            self._tick(focus, place, answer)
        elif self._first(focus["name"], "v"):
            {"radio": self._radio, "select-one": self._pick}.get(focus["type"], self._type)(focus, answer)

    def _first(self, name: str, kind: str) -> bool:
        """Return whether this is answered for the first time; what stands is not typed twice."""
        key = f"{kind} {name}"
        fresh = key not in self.done
        self.done.add(key)
        return fresh

    def _tick(self, focus: Json, place: str, answer: Answer) -> None:
        if focus["checked"] is not (focus["value"] in answer.options):
            self.done.add(f"v {place} {focus['value']}")
            self.page.keyboard.press("Space")

    def _radio(self, focus: Json, answer: Answer) -> None:
        values = focus["group"]
        assert answer.options[0] in values, f"{focus['name']}: {answer.options[0]} is not among {values}"
        steps = values.index(answer.options[0]) - values.index(focus["value"])
        if steps == 0:
            self.page.keyboard.press("Space")
        for _ in range(abs(steps)):
            self.page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")

    def _pick(self, focus: Json, answer: Answer) -> None:
        """Choose in a list as a person does, by the first letters of what stands there."""
        title = self.page.evaluate(_TITLE_OF, answer.options[0] if answer.options else answer.absent)
        assert title, f"{focus['name']} does not offer {answer}"
        self.page.keyboard.type(title)

    def _type(self, focus: Json, answer: Answer) -> None:
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(answer.text) if "\n" in answer.text else self.page.keyboard.type(answer.text)

    def _absence(self, focus: Json, place: str) -> None:
        answer = self.wanted.at(place, focus["order"])
        if answer is not None and answer.absent and self._first(focus["name"], "a"):
            self._pick(focus, answer)

    def _reason(self, focus: Json, place: str) -> None:
        answer = self.wanted.at(place, focus["order"])
        if answer is not None and answer.reason and self._first(focus["name"], "r"):
            self.page.keyboard.type(answer.reason)

    def _button(self, focus: Json) -> None:
        act, _, place = focus["value"].partition(":")
        if act == "add-row" and self.wanted.rows.get(place, 0) > len(focus["order"].get(place, [])):
            self.done.add(f"row {place} {len(focus['order'].get(place, []))}")
            self.page.keyboard.press("Enter")
        elif act == "none" and self.wanted.rows.get(place) == 0 and self._first(place, "none"):
            self.page.keyboard.press("Enter")
        elif act == "confirm" and self._first(place, "confirm"):
            self.page.keyboard.press("Enter")


_TITLE_OF = """wanted => {
  const one = document.activeElement;
  return [...one.options].find(each => each.value === wanted || each.text === wanted)?.text ?? '';
}"""


def same(template: Template, mine: Json, example: Json) -> list[str]:
    """Return where two notes differ in what a person entered; ids of rows are counted, not compared."""
    told = _told(template, mine), _told(template, example)
    places = sorted({*told[0], *told[1]})
    return [f"{one}: {told[0].get(one)!r}, not {told[1].get(one)!r}" for one in places if told[0].get(one) != told[1].get(one)]


def _told(template: Template, data: Json) -> dict[str, Any]:
    computed = {element.path for section in template.sections for element in section if element.computed}
    flat: dict[str, Any] = {}
    for section in template.sections:
        for name, value in data.get(section.name, {}).items():
            path = f"{section.name}.{name}"
            if path in computed:
                continue
            rows = isinstance(value, list) and any(isinstance(one, Mapping) for one in value)
            flat[path] = len(value) if rows else value
            for number, row in enumerate(value) if rows else ():
                flat.update({f"{path}[{number}].{key}": each for key, each in row.items() if key != "id"})
    return flat
