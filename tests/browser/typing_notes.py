"""A note typed with the keyboard alone: Tab from control to control, and at each what a person does there.

The driver knows what should be recorded, and of the form only where the focus is: a control that Tab does not reach, or
that no key answers, stays empty, and the note shows it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PatienceError

from ci_notes.element import ABSENCES, Element, Section
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
    kept: dict[tuple[str, str], str] = field(default_factory=dict)

    def at(self, place: str, order: Mapping[str, list[str]]) -> Answer | None:
        """Return the answer at a place of the form, whose rows are named by ids; `order` tells which comes when."""
        return self.answers.get(numbered(place, order))

    def has(self, place: str, order: Mapping[str, list[str]]) -> bool:
        """Return whether something is to be recorded at a place, be it rows."""
        return place in self.rows or self.at(place, order) is not None


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
    whole = Wanted(kept={(one["rule"], one["at"]): one["rationale"] for one in data.get("kept", [])})
    for section in template.sections:
        for element, place, value in _recorded(section, data):
            _want(whole, element, place, value, data)
    return whole


_HEAD = ("date", "jurisdiction", "late_entry")
"""What a person says of the note itself; it stands at the top of the note, in no section."""


def _recorded(section: Section, data: Json) -> Iterator[tuple[Element, str, Any]]:
    """Return what somebody entered in a section: the element, its place in the form, the value."""
    held = (
        {name: data[name] for name in _HEAD if name in data} if section.name == "note" else data.get(section.name, {})
    )
    for element in section:
        if element.name in held and not element.computed:
            yield element, element.name if section.name == "note" else element.path, held[element.name]


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
  const before = globalThis.focusBefore;
  globalThis.focusBefore = one;
  const stops = one === document.body
    ? [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
      .filter(each => !each.disabled && each.tabIndex >= 0 && each.checkVisibility())
    : [];
  const combo = one.closest('.combo')?.nextElementSibling;
  const inside = one.matches('summary') ? one.parentElement : null;
  return {
    tag: one.tagName.toLowerCase(), section: one.closest('.s')?.id.replace('s-', '') ?? '',
    type: combo ? 'combo' : one.type ?? '',
    name: (combo ?? one).getAttribute('name') ?? '', value: one.value ?? '', checked: one.checked ?? false,
    open: inside?.open ?? false, order, ended: stops.at(-1) === before,
    inside: inside ? [...inside.querySelectorAll('[name]')].map(each => `${each.name}=${each.value}`) : [],
    group: ['radio', 'checkbox'].includes(one.type)
      ? [...document.getElementsByName(one.name)].map(each => each.value) : [],
    offered: combo ? [...combo.options].map(each => [each.value, each.text]) : [],
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
    visited: list[str] = field(default_factory=list)

    def fill(self, missing: Callable[[], set[str]], rounds: int = 6) -> None:
        """Go through the form, then again to the sections where something is missing: what an answer opened above."""
        self._round()
        for _ in range(rounds):
            if not (names := missing()):
                return
            self._again(names)

    def _again(self, names: set[str]) -> None:
        """Go from section to section by Alt and the arrow, and through those that are named; last to what is beside."""
        self.page.locator("#main").focus()
        seen: list[str] = []
        while (section := self._next_section()) not in seen:
            seen.append(section)
            if section in names:
                self._act(self.page.evaluate(_FOCUS))
                while (focus := self._next())["section"] == section:
                    self._act(focus)
                self.page.keyboard.press("Shift+Tab")
        while "beside" in names and (focus := self._next())["tag"] not in ("body", "html"):
            self._act(focus)

    def _next_section(self) -> str:
        self.page.keyboard.press("Alt+ArrowDown")
        return str(self.page.evaluate(_FOCUS)["section"])

    def answer_here(self) -> None:
        """Answer the field that has the focus."""
        focus: Json = self.page.evaluate(_FOCUS)
        self.visited.append(f"{focus['tag']} {focus['name']}={focus['value']}"[:80])
        before = len(self.done)
        self._act(focus)
        if len(self.done) == before:
            self._absent(Answer(absent="not asked"))

    def _round(self) -> None:
        self.page.locator("#main").focus()
        while (focus := self._next())["tag"] not in ("body", "html"):
            self._act(focus)
        if not focus["ended"]:
            raise LostFocusError(f"After {self.visited[-3:]} nothing had the focus.")

    def _next(self) -> Json:
        self.page.keyboard.press("Tab")
        focus: Json = self.page.evaluate(_FOCUS)
        self.visited.append(f"{focus['tag']} {focus['name']}={focus['value']}"[:80])
        assert len(self.visited) < MOST_STOPS, f"Tab goes round in circles: {self.visited[-8:]}"
        return focus

    def _act(self, focus: Json) -> None:
        kind, _, place = focus["name"].partition(":")
        acts = {"v": self._answer, "r": self._reason, "k": self._keep, "do": self._button}
        if focus["tag"] == "summary":
            self._unfold(focus)
        elif kind in acts:
            acts[kind](focus, place)

    def _once(self, *what: str) -> bool:
        """Return whether this is done for the first time; what stands is not typed twice."""
        fresh = " ".join(what) not in self.done
        self.done.add(" ".join(what))
        return fresh

    def _answer(self, focus: Json, place: str) -> None:
        answer = self.wanted.at(place, focus["order"])
        if answer is None:
            return
        if answer.absent:
            if self._once("absent", place):
                self._absent(answer)
        elif focus["type"] == "checkbox":
            self._tick(focus, place, answer)
        elif self._once("answer", place):
            {"radio": self._press, "combo": self._search}.get(focus["type"], self._type)(focus, answer)

    def _press(self, focus: Json, answer: Answer) -> None:
        """Answer by a letter or a digit, as the list of keys says."""
        wanted = answer.options[0] if answer.options else answer.text
        assert wanted in focus["group"], f"{focus['name']} does not offer {wanted}: {focus['group']}"
        by_letter = focus["group"] == ["yes", "no"]
        self.page.keyboard.press(wanted[0] if by_letter else str(focus["group"].index(wanted) + 1))

    def _tick(self, focus: Json, place: str, answer: Answer) -> None:
        if focus["checked"] is not (focus["value"] in answer.options) and self._once("tick", place, focus["value"]):
            self.page.keyboard.press("Space")

    def _search(self, focus: Json, answer: Answer) -> None:
        """Type what is looked for, and go down the list to it."""
        title = dict(focus["offered"]).get(answer.options[0])
        assert title, f"{focus['name']} does not offer {answer}: {focus['offered']}"
        self.page.keyboard.type(title)
        for _ in focus["offered"]:
            if self.page.evaluate(_MARKED) == title:
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")

    def _type(self, _focus: Json, answer: Answer) -> None:
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(answer.text)

    def _absent(self, answer: Answer) -> None:
        """Say why there is no value: Alt and minus, then the first letters of the reason."""
        self.page.keyboard.press("Alt+Minus")
        self.page.keyboard.type(answer.absent)
        self.page.keyboard.press("Enter")
        assert self.page.evaluate(_PICKED) == answer.absent, f"{self.visited[-1]}: {answer.absent} could not be said"

    def _reason(self, focus: Json, place: str) -> None:
        answer = self.wanted.at(place, focus["order"])
        why = self.wanted.kept.get(("usual-range", numbered(place, focus["order"]))) or (
            answer.reason if answer else ""
        )
        if why and self._once("reason", place):
            self.page.keyboard.type(why)

    def _keep(self, _focus: Json, at: str) -> None:
        rule, _, place = at.partition(" ")
        if (why := self.wanted.kept.get((rule, place))) and self._once("keep", at):
            self.page.keyboard.type(why)

    def _unfold(self, focus: Json) -> None:
        """Open what is folded up where something wanted is in it."""
        if not focus["open"] and any(self._wants(one, focus["order"]) for one in focus["inside"]):
            self.page.keyboard.press("Enter")

    def _wants(self, control: str, order: Mapping[str, list[str]]) -> bool:
        name, _, value = control.partition("=")
        kind, _, place = name.partition(":")
        if kind == "v":
            return self.wanted.at(place, order) is not None
        if kind == "k":
            return f"keep {place}" not in self.done and tuple(place.split(maxsplit=1)) in self.wanted.kept
        act, _, place = value.partition(":")
        return name == "do" and act == "open" and self.wanted.has(place, order)

    def _button(self, focus: Json, _place: str) -> None:
        act, _, place = focus["value"].partition(":")
        rows = len(focus["order"].get(place, []))
        meant = {
            "add-row": self.wanted.rows.get(place, 0) > rows,
            "none": self.wanted.rows.get(place) == 0,
            "open": self.wanted.has(place, focus["order"]),
            "confirm": True,
            "keep": tuple(place.split(maxsplit=1)) in self.wanted.kept,
        }
        if meant.get(act) and self._once(act, place, str(rows)):
            self.page.keyboard.press("Enter")
            if act in ("add-row", "open"):  # a person sees what comes, and stands in it
                self._stand_in(f"{place}[" if act == "add-row" else place)
                self._act(self.page.evaluate(_FOCUS))

    def _stand_in(self, place: str) -> None:
        """Wait until the focus is within a place."""
        try:
            self.page.wait_for_function(_STANDS_IN, arg=place)
        except PatienceError as error:
            where = self.page.evaluate("() => document.activeElement.outerHTML")[:300]
            said = [self.page.locator(each).text_content() for each in ("#saved", "#away")]
            words = f"After {self.visited[-3:]} the focus is not in {place}, but at {where}; the page says {said}."
            raise LostFocusError(words) from error


_STANDS_IN = """place => {
  const one = document.activeElement;
  const field = one.closest('.row, .f, .g');
  return [...field?.querySelectorAll('[name]') ?? []].some(each => each.name.slice(2).startsWith(place));
}"""
_MARKED = (
    "() => document.querySelector(`#${document.activeElement.getAttribute('aria-activedescendant')}`)?.textContent"
)
_PICKED = "() => document.activeElement.selectedOptions?.[0]?.text"


def same(template: Template, mine: Json, example: Json) -> list[str]:
    """Return where two notes differ in what a person entered; ids of rows are counted, not compared."""
    told = _told(template, mine), _told(template, example)
    places = sorted({*told[0], *told[1]})
    return [
        f"{one}: {told[0].get(one)!r}, not {told[1].get(one)!r}"
        for one in places
        if told[0].get(one) != told[1].get(one)
    ]


def _told(template: Template, data: Json) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for section in template.sections:
        for _element, place, value in _recorded(section, data):
            rows = value if isinstance(value, list) and any(isinstance(one, Mapping) for one in value) else []
            flat[place] = len(rows) or (sorted(value) if isinstance(value, list) else value)
            for number, row in enumerate(rows):
                flat.update({f"{place}[{number}].{key}": each for key, each in row.items() if key != "id"})
    return flat
