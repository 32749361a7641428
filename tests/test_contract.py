"""What holds over every template and every one of its examples, whoever wrote it.

Each recorded element is recorded in other ways, or left out, one at a time, and the note is told and sent again. With
hundreds of elements in a dozen examples that is most of the work of this file, so it is shared out:

- An element is *at home* in one example and row, the fullest in which it has a value. There it takes every option and
  every other kind of value. Wherever else it is recorded it is left out, and takes one of those values: a different
  one from place to place, so that together they meet many neighbours.
- A template can ask whether a reason of absence was recorded, not which. So every reason is tried at home in a note of
  that section alone, which is told and sent in a third of the time, and one of them in the whole note.
- By day a quarter of the places away from home and a third of the reasons are tried; `make nightly` tries them all.
- Tests are run *chapter* by chapter, that is for one section of one example: all tests of a chapter read the same
  tellings, which are made once and then let go. Two processes (`-n 2`) share chapters out, not tests.
- Only the whole note as recorded is held against its schema; of a changed one only the element that was changed, since
  no shape depends on another element.
"""

import copy
import functools
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sampling import sample

from ci_notes import catalogue, check, dating, derive, load, load_template, printing, render, shape, to_fhir
from ci_notes.checks import is_asked
from ci_notes.derive import Note, Record
from ci_notes.element import ABSENCES, Element
from ci_notes.narrative import Sentence
from ci_notes.places import place
from ci_notes.template import HEADER, Template

TODAY = "2026-11-21"

EXCUSED_WHEN_EMPTY = {
    "note.kept": "no finding kept is how notes are; it goes without saying",
    "note.carried": "nothing left to confirm is how notes are; it goes without saying",
}
"""Repeating groups whose empty list a narrative need not tell from none."""

EXAMPLES = [
    pytest.param(path, id=f"{folder.name}-{path.name.removesuffix('.note.json')}")
    for folder in catalogue().values()
    for path in sorted((folder / "examples").glob("*.note.json"))
]
of_every_example = pytest.mark.parametrize("path", EXAMPLES)


@dataclass(frozen=True)
class Chapter:
    """One section of one example."""

    path: Path
    section: str

    @property
    def note(self) -> Note:
        return example(self.path)

    def spots(self) -> "list[Spot]":
        every = spots(self.note.template, dict(self.note.data))
        return [spot for spot in every if spot.within(self.section)]


def sections_in(path: Path) -> list[str]:
    data = json.loads(path.read_text(encoding="utf-8"))
    return [HEADER, *(name for name, held in data.items() if isinstance(held, dict))]


# The scope has pytest run all tests of one chapter after another.
of_every_chapter = pytest.mark.parametrize(
    "chapter",
    [
        pytest.param(Chapter(path, section), id=f"{one.id}-{section}")
        for one in EXAMPLES
        for path in one.values
        for section in sections_in(path)
    ],
    scope="module",
)
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

    def alone(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return a note that holds this and nothing else."""
        held: dict[str, Any] = {self.element.name: self.value(data)}
        section, _, name = (self.element.group or self.element.path).partition(".")
        if self.row:
            held = {name: [{"id": self.row, **held}]}
        header = {key: data[key] for key in ("id", "template", "status", "date")}
        return header | (held if section == HEADER else {section: held})

    def within(self, section: str) -> bool:
        return self.element.path.startswith(f"{section}.")

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
            return [value + 1, value - 1]
        case "date":
            return [(date.fromisoformat(value) + timedelta(days=step)).isoformat() for step in (1, 365)]
        case "datetime":
            return [f"2026-02-28{value[10:]}", f"{value[:11]}23:59{value[16:]}"]
        case "gestational-age":
            low, high = dating.read_gestation(value) or (0, 0)
            spans = [(low + 1, low + 1), (low - low % 7, low - low % 7 + 6), (low, high + 7)]
            return [written for written in map(dating.write_gestation, spans) if written != value]
        case "group":
            return [value[:-1], *([value[::-1]] if len(value) > 1 else [])] if value else []
    return [f"{value}0", f"{value} (x)"]


Named = tuple[str, Any]
"""Something that could be recorded, by a name that says what."""


def values(spot: Spot, data: dict[str, Any]) -> list[Named]:
    return [(json.dumps(other), other) for other in others(spot.element, spot.value(data))]


def reasons(spot: Spot, data: dict[str, Any]) -> list[Named]:
    codes = [(code, {"absent": code}) for code in ABSENCES if spot.value(data) != {"absent": code}]
    return [*codes, ("not done, with a reason", {"absent": "not-performed", "reason": "Why so"})]


def allowed(spot: Spot, path: Path, found: list[Named]) -> list[Named]:
    """Return what can be recorded there as far as the shape of the template goes."""
    template, alone = example(path).template, spot.alone(dict(example(path).data))
    return [(name, value) for name, value in found if not shape.problems(template, spot.replaced(alone, value))]


def one_of(spot: Spot, path: Path, found: list[Named]) -> list[Named]:
    """Return one, which is another from place to place but the same in every run."""
    return [found[zlib.crc32(f"{path.name} {spot.path}".encode()) % len(found)]] if found else []


def at_home(spot: Spot, path: Path) -> bool:
    return homes(path.parent)[spot.element.path] == (path, spot.row)


def variants(spot: Spot, path: Path) -> Iterator[tuple[str, Note]]:
    """Yield other ways in which one element of an example could have been recorded, and at last the note without it."""
    data = dict(example(path).data)
    could, absent = (allowed(spot, path, found) for found in (values(spot, data), reasons(spot, data)))
    chosen = [*could, *one_of(spot, path, absent)] if at_home(spot, path) else one_of(spot, path, [*could, *absent])
    yield from recorded_so(spot, path, data, chosen)


def reasons_alone(spot: Spot, path: Path) -> Iterator[tuple[str, Note]]:
    """Yield a note of one section as it is, and with every reason in the place of one element, and without it."""
    data, template = dict(example(path).data), example(path).template
    section = {key: held for key, held in data.items() if spot.within(key) or template.section(key) is None}
    yield "as recorded", changed(example(path), section)
    yield from recorded_so(spot, path, section, sample(allowed(spot, path, reasons(spot, data)), 3, of=spot.path))


def recorded_so(spot: Spot, path: Path, data: dict[str, Any], chosen: list[Named]) -> Iterator[tuple[str, Note]]:
    for name, value in chosen:
        yield name, changed(example(path), spot.replaced(data, value))
    if not shape.problems(example(path).template, spot.removed(spot.alone(data))):
        yield "untouched", changed(example(path), spot.removed(data))


def changed(note: Note, data: dict[str, Any]) -> Note:
    """Return a note with other data, whose shape is known to be right."""
    return replace(note, data=data, record=derive.record(note.template, data))


@functools.cache
def example(path: Path) -> Note:
    return load(path)


@functools.cache
def homes(folder: Path) -> dict[str, tuple[Path, str]]:
    """Return for each element in which example, and in which row, it is put through everything."""
    held = {path: dict(example(path).data) for path in sorted(folder.glob("*.note.json"))}
    every = {path: list(spots(example(path).template, data)) for path, data in held.items()}
    fullest = sorted(every, key=lambda path: len(every[path]), reverse=True)
    recorded = [(path, spot) for path in fullest for spot in every[path]]
    found: dict[str, tuple[Path, str]] = {}
    for absent in (False, True):
        for path, spot in recorded:
            if isinstance(spot.value(held[path]), dict) is absent:
                found.setdefault(spot.element.path, (path, spot.row))
    return found


@dataclass(frozen=True, eq=False)
class Telling:
    """A note with one element recorded in some way, and how it is told."""

    name: str
    note: Note
    sentences: tuple[Sentence, ...]

    @functools.cached_property
    def texts(self) -> list[tuple[str, str]]:
        return [(sentence.section, sentence.text) for sentence in self.sentences]

    @functools.cached_property
    def said(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.texts)


@functools.cache
def as_recorded(path: Path) -> Telling:
    return Telling("as recorded", example(path), tuple(render(example(path), trace=True)))


def tell(notes: Iterable[tuple[str, Note]]) -> list[Telling]:
    return [Telling(name, note, tuple(render(note, trace=True))) for name, note in notes]


@functools.lru_cache(maxsize=1)
def told(chapter: Chapter) -> dict[Spot, list[Telling]]:
    """Return, for each element recorded in a chapter, the ways in which it could be recorded and told."""
    path, every = chapter.path, chapter.spots()
    away = sample((spot for spot in every if not at_home(spot, path)), 8, of=f"{path.name} {chapter.section}")
    return {
        spot: [as_recorded(path), *tell(variants(spot, path))] for spot in every if spot in away or at_home(spot, path)
    }


@functools.lru_cache(maxsize=1)
def told_alone(chapter: Chapter) -> dict[Spot, list[Telling]]:
    """Return, for each element at home in a chapter, how the chapter alone is told with each reason of absence."""
    path = chapter.path
    return {spot: tell(reasons_alone(spot, path)) for spot in chapter.spots() if at_home(spot, path)}


@functools.lru_cache(maxsize=32)  # enough for the note as recorded to stay from one element to the next
def bundle(telling: Telling) -> dict[str, Any]:
    """Return a bundle without its narrative and its QuestionnaireResponse: those say everything, by construction."""
    whole = to_fhir(telling.note)
    discrete = [one for one in whole["entry"] if one["resource"]["resourceType"] != "QuestionnaireResponse"]
    return {**whole, "entry": discrete}


def same(outputs: dict[str, Any]) -> list[str]:
    """Return which outputs are equal to an earlier one, as "one = other"."""
    seen: dict[str, Any] = {}  # compared as they are, which ends at the first difference: to write them out does not
    found = []
    for name, output in outputs.items():
        earlier = next((one for one, told_so in seen.items() if told_so == output), None)
        if earlier is None:
            seen[name] = output
        else:
            found.append(f"{earlier} = {name}")
    return found


# --- nothing recorded is lost --------------------------------------------------------------------------------------


@of_every_chapter
def test_no_two_recordings_of_an_element_read_alike(chapter: Chapter) -> None:
    lost = {}
    for spot, tellings in (*told(chapter).items(), *told_alone(chapter).items()):
        quiet = "[]" if spot.element.path in EXCUSED_WHEN_EMPTY else None
        alike = same({one.name: one.texts for one in tellings if one.name != quiet})
        if alike and not spot.element.unsaid:
            lost[spot.path] = alike
    assert not lost


@of_every_chapter
def test_no_two_recordings_of_an_element_make_the_same_bundle(chapter: Chapter) -> None:
    lost = {}
    for spot, tellings in (*told(chapter).items(), *told_alone(chapter).items()):
        alike = same({one.name: bundle(one) for one in tellings})
        if alike:
            lost[spot.path] = alike
    assert not lost


@of_every_template
def test_only_what_goes_unsaid_is_excused_from_the_narrative(name: str) -> None:
    for element in load_template(name).elements.values():
        if element.unsaid:
            path, row = homes(catalogue()[name] / "examples")[element.path]
            each = [as_recorded(path), *tell(variants(Spot(element, row), path))]
            assert same({one.name: one.texts for one in each}), element.path


NEGATIONS = re.compile(
    r"\b(no|not|none|nothing|never|without|denie[sd]|normal|closed|negative|unremarkable|absent|intact|free of)\b",
    re.IGNORECASE,
)


def denials(text: str) -> list[Counter[str]]:
    """Return the words of each part of a sentence that says no or normal, from that word on."""
    found = [(part, NEGATIONS.search(part)) for part in re.split(r"[;:()]|\.\s", text)]
    return [Counter(re.findall(r"\w+", part[match.start() :].lower())) for part, match in found if match]


def unnamed(note: Note, sentence: Sentence) -> str:
    """Return a sentence without names that hold a no themselves: "a probe without undue pressure" denies nothing."""
    text = sentence.text
    for named in sentence.says:
        element = note.template.elements.get(re.sub(r"\[[^\]]*\]", "", named))
        if element and NEGATIONS.search(element.say):
            text = text.replace(element.say, "")
    return text


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


@of_every_chapter
def test_what_is_taken_out_of_a_note_is_not_denied_or_called_normal(chapter: Chapter) -> None:
    denied = []
    in_us = chapter.note.jurisdiction == "US"
    before = [denial for sentence in as_recorded(chapter.path).sentences for denial in denials(sentence.text)]
    for spot, (_, *rest) in told(chapter).items():
        for after in (one for one in rest if one.name == "untouched" and (one.note.jurisdiction == "US") is in_us):
            denied += [
                (spot.path, sentence.text)
                for sentence in after.sentences
                if (sentence.section, sentence.text) not in as_recorded(chapter.path).said
                and not is_gap(after.note, sentence)
                and not all(any(denial <= old for old in before) for denial in denials(unnamed(after.note, sentence)))
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
    """Return what is told of a note that holds one answer and nothing else, apart from what is named as missing."""
    held: dict[str, Any] = {} if answer is None else {element.name: answer}
    section, _, group = (element.group or element.path).partition(".")
    held = {group: [{"id": "r1", **held}]} if element.group else held
    data = {"id": "n1", "template": template.id, "status": "final", "date": "2026-11-03T14:20:00+00:00"}
    note = derive.note(template, data | (held if section == HEADER else {section: held}))
    assert not note.problems
    sentences = render(note, trace=True)
    return {(sentence.section, sentence.text) for sentence in sentences if not is_gap(note, sentence)}


@of_every_chapter
def test_what_a_reader_would_expect_is_named_when_it_is_missing(chapter: Chapter) -> None:
    unnamed = []
    for spot, each in told(chapter).items():
        for after in (one for one in each if one.name == "untouched" and spot.element.expected):
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


@of_every_chapter
def test_every_recorded_element_is_traced_to_a_sentence(chapter: Chapter) -> None:
    assert not [
        spot.path
        for spot, (recorded, *_) in told(chapter).items()
        if not spot.element.unsaid and not any(map(spot.named_in, recorded.sentences))
    ]


@of_every_chapter
def test_a_change_touches_no_sentence_that_does_not_name_it(chapter: Chapter) -> None:
    untraced = []
    for spot, (recorded, *rest) in told(chapter).items():
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
        [sentence for sentence in mine.sentences if (sentence.section, sentence.text) not in theirs.said]
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


UNUSABLE: tuple[Any, ...] = ({}, {"absent": "perhaps"}, [7], None, "\u2603")


@of_every_chapter
def test_one_unusable_value_is_a_finding_and_the_rest_is_told(chapter: Chapter) -> None:
    at_fault = {}
    ours = [spot for spot in chapter.spots() if at_home(spot, chapter.path)]
    for number, spot in enumerate(ours):
        wrong = [one for one in UNUSABLE if spot.element.kind != "text" or not isinstance(one, str)]
        data = dict(chapter.note.data)
        try:
            for value in wrong:  # alone in a note, since it is told as nothing whatever it is
                assert shape.problems(chapter.note.template, spot.replaced(spot.alone(data), value))
            broken = derive.note(chapter.note.template, spot.replaced(data, wrong[number % len(wrong)]))
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


@of_every_chapter
def test_every_sentence_is_one_whatever_is_left_out(chapter: Chapter) -> None:
    clumsy = {}
    where = {
        text: f"{spot.path} {telling.name}"
        for spot, each in told(chapter).items()
        for telling in each
        for _, text in telling.said
    }
    for text, told_of in where.items():
        whole = text[0].isupper() or text[0].isdigit()
        if CLUMSY.search(text) or not whole or text[-1] not in ".!?":
            clumsy[text] = told_of
    assert not clumsy


# --- what was agreed -----------------------------------------------------------------------------------------------


def as_json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


@of_every_example
def test_an_example_gives_what_was_agreed(path: Path, accept: bool) -> None:
    note = load(path)
    sentences = render(note, trace=True)
    page = printing.page_text(note)
    outcome = {
        "txt": printing.text(note, sentences),
        "bundle.json": as_json(to_fhir(note, sentences)),
        "findings.json": as_json([asdict(finding) for finding in check(note, TODAY, page)]),
    }
    if page:
        outcome["patient.txt"] = page
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
