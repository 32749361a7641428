"""What holds over every template and every one of its examples, whoever wrote it."""

import copy
import functools
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ci_notes import catalogue, check, dating, derive, load, load_template, printing, render, to_fhir
from ci_notes.checks import is_asked
from ci_notes.derive import Note, Record
from ci_notes.element import ABSENCES, Element
from ci_notes.narrative import Sentence
from ci_notes.places import place
from ci_notes.template import HEADER, Template

TODAY = "2026-11-21"

EXCUSED_WHEN_EMPTY = {"note.kept": "no finding kept is how notes are; it goes without saying"}
"""Repeating groups whose empty list a narrative need not tell from none."""

EXAMPLES = [
    pytest.param(path, id=f"{folder.name}-{path.name.removesuffix('.note.json')}")
    for folder in catalogue().values()
    for path in sorted((folder / "examples").glob("*.note.json"))
]
of_every_example = pytest.mark.parametrize("path", EXAMPLES)
of_every_template = pytest.mark.parametrize("name", sorted(catalogue()))


# --- one recorded element at a time --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Spot:
    """A place of a note where something is recorded: an element, and the row it stands in."""

    element: Element
    row: str = ""

    @property
    def path(self) -> str:
        return place(self.element.path, Record(row=self.row) if self.row else None)

    def holder(self, data: dict[str, Any]) -> dict[str, Any]:
        section, _, name = (self.element.group or self.element.path).partition(".")
        held = data if section == HEADER else data.get(section, {})
        if not self.row:
            return held
        return next(row for row in held[name] if row["id"] == self.row)

    def value(self, data: dict[str, Any]) -> Any:
        return self.holder(data)[self.element.name]

    def replaced(self, data: dict[str, Any], value: Any) -> dict[str, Any]:
        changed = copy.deepcopy(data)
        self.holder(changed)[self.element.name] = copy.deepcopy(value)
        return changed

    def removed(self, data: dict[str, Any]) -> dict[str, Any]:
        changed = copy.deepcopy(data)
        del self.holder(changed)[self.element.name]
        return changed

    def named_in(self, sentence: Sentence) -> bool:
        """Return whether a sentence says or tested this place, itself or as a part of its row, group or section."""
        return any(
            named == self.path or self.path.startswith((f"{named}.", f"{named}[")) or named.startswith(f"{self.path}[")
            for named in (*sentence.says, *sentence.because)
        )


def spots(template: Template, data: dict[str, Any]) -> Iterator[Spot]:
    for element in template:
        spot = Spot(element)
        if element.computed or element.name not in spot.holder(data):
            continue
        yield spot
        rows = spot.value(data)
        if element.kind == "group" and isinstance(rows, list):
            yield from (Spot(inner, row["id"]) for row in rows for inner in element.rows if inner.name in row)


def others(element: Element, value: Any) -> list[Any]:
    """Return values that an element could have had instead: every other option, a neighbouring number or day."""
    options = [option.value for option in element.options]
    if isinstance(value, dict):
        return []
    match element.kind:
        case "boolean":
            return [not value]
        case "choice":
            return [option for option in options if option != value]
        case "choices":
            return [other for other in ([], *([option] for option in options), options) if other != value]
        case "integer" | "quantity":
            return [value + 1, value - 1, value + 2]
        case "date":
            return [(date.fromisoformat(value) + timedelta(days=step)).isoformat() for step in (1, -1, 365)]
        case "datetime":
            return [f"2026-02-28{value[10:]}", f"{value[:11]}23:59{value[16:]}"]
        case "gestational-age":
            low, high = dating.read_gestation(value) or (0, 0)
            spans = [(low + 1, low + 1), (low - low % 7, low - low % 7 + 6), (low, high + 7)]
            return [written for written in map(dating.write_gestation, spans) if written != value]
        case "group":
            return [value[:-1], *([value[::-1]] if len(value) > 1 else [])] if value else []
    return [f"{value}0", f"{value} (x)"]


def variants(spot: Spot, note: Note) -> Iterator[tuple[str, Note]]:
    """Yield every way in which one element could have been recorded that its template allows, or left out."""
    data = dict(note.data)
    value = spot.value(data)
    yield "as recorded", note
    found = [(json.dumps(other), spot.replaced(data, other)) for other in others(spot.element, value)]
    found += [(code, spot.replaced(data, {"absent": code})) for code in ABSENCES if value != {"absent": code}]
    found += [("not done, with a reason", spot.replaced(data, {"absent": "not-performed", "reason": "Why so"}))]
    found += [("untouched", spot.removed(data))]
    for name, changed in found:
        other = derive.note(note.template, changed)
        if not other.problems:
            yield name, other


@dataclass(frozen=True)
class Telling:
    """A note with one element recorded in some way, and how it is told."""

    name: str
    note: Note
    sentences: tuple[Sentence, ...]

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(sentence.section, sentence.text) for sentence in self.sentences]


@functools.cache
def told(path: Path) -> dict[Spot, list[Telling]]:
    """Return, for each recorded element of an example, all the ways in which it could be recorded and told."""
    note = load(path)
    return {
        spot: [Telling(name, other, tuple(render(other, trace=True))) for name, other in variants(spot, note)]
        for spot in spots(note.template, dict(note.data))
    }


def same(outputs: dict[str, Any]) -> list[str]:
    """Return which outputs are equal to an earlier one, as "one = other"."""
    seen: dict[str, str] = {}
    found = []
    for name, output in outputs.items():
        key = json.dumps(output, sort_keys=True)
        if key in seen:
            found.append(f"{seen[key]} = {name}")
        seen.setdefault(key, name)
    return found


# --- nothing recorded is lost --------------------------------------------------------------------------------------


@of_every_example
def test_no_two_recordings_of_an_element_read_alike(path: Path) -> None:
    lost = {}
    for spot, tellings in told(path).items():
        quiet = "[]" if spot.element.path in EXCUSED_WHEN_EMPTY else None
        alike = same({one.name: one.texts for one in tellings if one.name != quiet})
        if alike and not spot.element.unsaid:
            lost[spot.path] = alike
    assert not lost


@of_every_example
def test_no_two_recordings_of_an_element_make_the_same_bundle(path: Path) -> None:
    # Without its narrative: what is only in the prose of a bundle cannot be read by a computer.
    bundles = {spot.path: same({one.name: to_fhir(one.note) for one in each}) for spot, each in told(path).items()}
    assert not {path: alike for path, alike in bundles.items() if alike}


@of_every_template
def test_only_what_goes_unsaid_is_excused_from_the_narrative(name: str) -> None:
    examples = (catalogue()[name] / "examples").glob("*.note.json")
    everything = [pair for path in examples for pair in told(path).items()]
    for element in load_template(name).elements.values():
        if element.unsaid:
            tellings = [each for spot, each in everything if spot.element.path == element.path]
            assert any(same({one.name: one.texts for one in each}) for each in tellings), element.path


NEGATIONS = re.compile(
    r"\b(no|not|none|nothing|never|without|denie[sd]|normal|closed|negative|unremarkable|absent|intact|free of)\b",
    re.IGNORECASE,
)


def denials(text: str) -> list[Counter[str]]:
    """Return the words of each part of a sentence that says no or normal, from that word on."""
    found = [(part, NEGATIONS.search(part)) for part in re.split(r"[;:()]|\.\s", text)]
    return [Counter(re.findall(r"\w+", part[match.start() :].lower())) for part, match in found if match]


def is_gap(note: Note, sentence: Sentence) -> bool:
    """Return whether a sentence says only what is missing: a reason that was recorded, or that nothing was."""
    states = {state_at(note, named) for named in sentence.says}
    return states == {"absent"} or (states == {"untouched"} and "ot recorded: " in sentence.text)


def state_at(note: Note, named: str) -> str:
    path, row = re.sub(r"\[[^\]]*\]", "", named), re.search(r"\[([^\]]*)\]", named)
    path = path if path in note.template.elements else f"{HEADER}.{path}"
    element = note.template.elements[path]
    if not row:
        return note.record.state(path)
    rows = note.record.rows[element.group or path]
    held = next(one for one in rows if one.row == row[1])
    return held.state(path) if element.group else "known"


@of_every_example
def test_what_is_taken_out_of_a_note_is_not_denied_or_called_normal(path: Path) -> None:
    denied = []
    for spot, (recorded, *rest) in told(path).items():
        before = [denial for sentence in recorded.sentences for denial in denials(sentence.text)]
        for after in (one for one in rest if one.name == "untouched"):
            denied += [
                (spot.path, sentence.text)
                for sentence in after.sentences
                if not is_gap(after.note, sentence)
                and not all(any(denial <= old for old in before) for denial in denials(sentence.text))
            ]
    assert not denied


@of_every_template
def test_an_untouched_yes_or_no_is_told_neither_as_yes_nor_as_no(name: str) -> None:
    template = load_template(name)
    for element in template.elements.values():
        if element.kind == "boolean":
            untouched, yes, no = (lone_texts(template, element, answer) for answer in (None, True, False))
            assert not (no - yes) & untouched, element.path
            assert not (yes - no) & untouched, element.path


def lone_texts(template: Template, element: Element, answer: bool | None) -> set[tuple[str, str]]:
    """Return what is told of a note that holds one answer and nothing else."""
    held = {} if answer is None else {element.name: answer}
    section, _, group = (element.group or element.path).partition(".")
    data = {"id": "n1", "template": template.id, "status": "final", "date": "2026-11-03T14:20:00+00:00"}
    note = derive.note(template, data | {section: {group: [{"id": "r1", **held}]} if element.group else held})
    assert not note.problems
    return {(sentence.section, sentence.text) for sentence in render(note)}


@of_every_example
def test_what_a_reader_would_expect_is_named_when_it_is_missing(path: Path) -> None:
    unnamed = []
    for spot, tellings in told(path).items():
        for after in (one for one in tellings if one.name == "untouched" and spot.element.expected):
            rows = after.note.record.rows.get(spot.element.group, ())
            row = next((one for one in rows if one.row == spot.row), None)
            gaps = [one for one in after.sentences if "ot recorded: " in one.text and spot.path in one.says]
            if is_asked(after.note, spot.element, row) and len(gaps) != 1:
                unnamed.append(spot.path)
    assert not unnamed


@of_every_template
def test_the_examples_record_every_element(name: str) -> None:
    template = load_template(name)
    recorded = set()
    for path in (catalogue()[name] / "examples").glob("*.note.json"):
        note = load(path)
        for spot in spots(template, dict(note.data)):
            if not isinstance(spot.value(dict(note.data)), dict):
                recorded.add(spot.element.path)
    wanted = {element.path for element in template.elements.values() if not element.computed}
    assert not wanted - recorded


# --- every sentence can be traced ----------------------------------------------------------------------------------


@of_every_example
def test_tracing_changes_no_word(path: Path) -> None:
    note = load(path)
    plain, traced = render(note), render(note, trace=True)
    for layout in printing.LAYOUTS.values():
        assert layout(note, plain) == layout(note, traced)


@of_every_example
def test_every_sentence_names_the_elements_it_rests_on(path: Path) -> None:
    assert not [sentence for sentence in render(load(path), trace=True) if not sentence.says + sentence.because]


@of_every_example
def test_a_sentence_says_only_what_is_recorded_or_that_it_is_not(path: Path) -> None:
    note = load(path)
    for sentence in render(note, trace=True):
        for named in sentence.says:
            assert state_at(note, named) in ("known", "absent") or is_gap(note, sentence), (sentence, named)


@of_every_example
def test_every_recorded_element_is_traced_to_a_sentence(path: Path) -> None:
    assert not [
        spot.path
        for spot, (recorded, *_) in told(path).items()
        if not spot.element.unsaid and not any(map(spot.named_in, recorded.sentences))
    ]


@of_every_example
def test_a_change_touches_no_sentence_that_does_not_name_it(path: Path) -> None:
    untraced = []
    for spot, (recorded, *rest) in told(path).items():
        for other in rest:
            if (other.note.jurisdiction == "US") == (recorded.note.jurisdiction == "US"):
                untraced += [(spot.path, other.name, text) for text in unnamed_changes(spot, recorded, other)]
            # Else spelling and dates change with the reader's country, in every sentence.
    assert not untraced


def unnamed_changes(spot: Spot, one: Telling, other: Telling) -> list[str]:
    """Return the sentences that stand in only one of two tellings, though neither they nor what they became name it.

    "Not recorded: A and B" becomes "Not recorded: B" when A is answered; the shorter one need not name A.
    """
    sides = [
        [sentence for sentence in mine.sentences if (sentence.section, sentence.text) not in theirs.texts]
        for mine, theirs in ((one, other), (other, one))
    ]
    return [
        sentence.text
        for mine, theirs in (sides, sides[::-1])
        for sentence in mine
        if not spot.named_in(sentence)
        and not any(spot.named_in(became) and set(sentence.says) <= set(became.says) for became in theirs)
    ]


# --- what cannot be read hides nothing else ---------------------------------------------------------------------


@of_every_example
@pytest.mark.parametrize("wrong", [{}, {"absent": "perhaps"}, [7], None, "\u2603"], ids=repr)
def test_one_unusable_value_is_a_finding_and_the_rest_is_told(path: Path, wrong: Any) -> None:
    note = load(path)
    at_fault = {}
    for spot in spots(note.template, dict(note.data)):
        if spot.element.kind == "text" and isinstance(wrong, str):
            continue
        try:
            broken = derive.note(note.template, spot.replaced(dict(note.data), wrong))
            assert [one for one in check(broken, today=TODAY) if one.rule == "shape"]
            assert len(render(broken, trace=True)) > 3
        except Exception as error:
            at_fault[spot.path] = repr(error)
    assert not at_fault


# --- how it reads --------------------------------------------------------------------------------------------------

CLUMSY = re.compile(
    r"^[-,;:.]| [,;:.!?)]|[,;:(][,;:.)]|\.\.|\( "  # stops and brackets where a word was left out
    r"|\b(no|or|for|and|with|without|the|a)[,;:.]|\bby[,;.]|\b(no|without) an? "  # words left without what they go with
    r"|^[^,]*, was\b"  # a subject cut from its verb
)


@of_every_example
def test_every_sentence_is_one_whatever_is_left_out(path: Path) -> None:
    clumsy = {}
    for spot, tellings in told(path).items():
        for telling in tellings:
            for _, text in telling.texts:
                whole = text[0].isupper() or text[0].isdigit()
                if CLUMSY.search(text) or not whole or text[-1] not in ".!?":
                    clumsy[text] = f"{spot.path} {telling.name}"
    assert not clumsy


# --- what was agreed -----------------------------------------------------------------------------------------------


def as_json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


@of_every_example
def test_an_example_gives_what_was_agreed(path: Path, accept: bool) -> None:
    note = load(path)
    sentences = render(note, trace=True)
    outcome = {
        "txt": printing.text(note, sentences),
        "bundle.json": as_json(to_fhir(note, sentences)),
        "findings.json": as_json([asdict(finding) for finding in check(note, today=TODAY)]),
    }
    assert printing.text(note, render(note)) == outcome["txt"]
    for ending, text in outcome.items():
        golden = path.with_name(f"{path.name.removesuffix('.note.json')}.{ending}")
        if accept:
            golden.write_text(text, encoding="utf-8")
        assert golden.is_file(), f"{golden.name} is not there yet; `pytest --accept` writes it"
        assert text == golden.read_text(encoding="utf-8")


@of_every_template
def test_a_template_has_examples_and_each_has_its_shape(name: str) -> None:
    paths = sorted((catalogue()[name] / "examples").glob("*.note.json"))
    assert paths
    assert not [(path.name, load(path).problems) for path in paths if load(path).problems]
