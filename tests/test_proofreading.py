"""A narrative that somebody edited: what contradicts the note is found, and nothing else is."""

import json
import random
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import edits
import pytest
import yaml
from notes import rich_note
from running import Ran
from sampling import NIGHTLY, sample
from tiny import Pack

from ci_notes import _data, check, derive, library, load, printing, proofread, render
from ci_notes.compact import compact
from ci_notes.derive import Note
from ci_notes.errors import TemplateError
from ci_notes.narrative import Sentence
from ci_notes.pairs import contradictions
from ci_notes.proofreading import Proof
from ci_notes.proofreading.facts import figures_in
from ci_notes.proofreading.figures import same
from ci_notes.template import Template

EXAMPLES = sorted(_data.folder("templates").glob("*/examples/*.note.json"))
NAMES = [f"{path.parents[1].name}/{path.name.removesuffix('.note.json')}" for path in EXAMPLES]
Run = Callable[..., Ran]


@cache
def example(path: Path) -> Proof:
    return Proof(load(path))


def texts(note: Note) -> Iterator[str]:
    sentences = render(note, trace=True)
    yield printing.text(note, sentences)
    yield printing.markdown(note, sentences)
    yield compact(note, sentences)


def shapes(text: str) -> list[str]:
    other = [
        "\n".join(textwrap.fill(line, 60) for line in text.split("\n")),
        "\n\n".join(textwrap.fill(part, 72) for part in text.split("\n\n")),
        text.upper(),
        text.lower(),
        text.replace("'", "’").replace("-", "–").replace('"', "“"),
        text.replace("\n", "\r\n"),
    ]
    return [text, *sample(other, 3, of=text)]


# --- what nobody edited --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=NAMES)
@pytest.mark.parametrize("place", ["", "US", "UK"])
def test_an_unedited_narrative_has_no_finding_however_it_is_laid_out(path: Path, place: str) -> None:
    proof = example(path)
    note = derive.note(proof.note.template, proof.note.data, place)
    for text in texts(note):
        for shape in shapes(text):
            assert proof.read(shape) == []


@pytest.mark.parametrize("status", ["draft", "final", "amended", "entered-in-error"])
def test_an_unedited_narrative_of_any_status_has_no_finding(assessment: Template, status: str) -> None:
    note = derive.note(assessment, rich_note() | {"status": status})
    for text in texts(note):
        assert proofread(note, text) == []


def in_other_units(text: str) -> str:
    text = re.sub(r"(\d+(?:\.\d+)?) mm\b(?!³|Hg| a)", lambda found: f"{float(found[1]) / 10:g} cm", text)
    text = re.sub(r"(\d+)\+(\d) weeks", r"\1w\2d", text)
    text = re.sub(r"(\d+) ([A-Z][a-z]{2})[a-z]* (20\d\d)", r"\1 \2 \3", text)
    return re.sub(r"(\d+\.\d) °C(?! \()", lambda found: f"{float(found[1]) * 9 / 5 + 32:.1f} °F", text)


def with_a_word_more(text: str, chance: random.Random) -> str:
    words = text.split()
    at = chance.randrange(1, len(words)) if len(words) > 1 else 1
    if words[at - 1] in ("per", "×"):  # nobody parts a number from its unit
        return text
    return " ".join([*words[:at], chance.choice(["clearly", "overall", "indeed", "also", "again"]), *words[at:]])


def joined(one: Sentence, other: Sentence) -> Sentence:
    return replace(one, text=f"{one.text.rstrip('.')} and {other.text[0].lower()}{other.text[1:]}")


def harmless(path: Path) -> Iterator[str]:
    """Yield a narrative in other units, in another order, and with sentences left out, doubled, joined, lengthened."""
    note, chance = example(path).note, random.Random(3)
    was = render(note, trace=True)
    edited = [[replace(one, text=in_other_units(one.text)) for one in was], chance.sample(was, len(was))]
    for at, one in sample(enumerate(was), 8, of=path.name):
        edited += [
            [*was[:at], *was[at + 1 :]],
            [*was[:at], one, *was[at:]],
            [*was[:at], replace(one, text=with_a_word_more(one.text, chance)), *was[at + 1 :]],
            [*was[:at], *([joined(one, was[at + 1])] if at + 1 < len(was) else [one]), *was[at + 2 :]],
        ]
    yield from (printing.text(note, sentences) for sentences in edited)


def test_edits_that_contradict_nothing_have_hardly_a_finding() -> None:
    read = [(path.name, example(path).read(text)) for path in EXAMPLES for text in harmless(path)]
    alarms = [(name, one.message) for name, found in read for one in found]
    assert len(read) > 300
    assert len(alarms) <= len(read) / 200, alarms


# --- what somebody edited wrongly ----------------------------------------------------------------------------------

FLOORS = {"number": 0.97, "negation": 0.95, "option": 0.95}
"""The share of each kind of edit that must be found."""

PASSED_OVER = {"number": 0.75, "negation": 0.5, "option": 0.5}
"""The share of each kind of edit that is not tried by day."""


@pytest.mark.parametrize("kind", FLOORS)
def test_edits_that_contradict_the_note_are_found(kind: str, record_property: Callable[[str, Any], None]) -> None:
    tried, missed = 0, []
    for path in EXAMPLES:
        proof, chance = example(path), random.Random(1)
        for what, was, now, text in edits.edits(proof.note, chance):
            if what != kind or (not NIGHTLY and chance.random() < PASSED_OVER[kind]):
                continue
            tried += 1
            if not any(one.rule in edits.RULES[kind] for one in proof.read(text)):
                missed.append((path.name, was, now))
    found = 1 - len(missed) / tried
    record_property(f"{kind}s found", f"{tried - len(missed)} of {tried}")
    assert tried > 100
    assert found >= FLOORS[kind], missed


def test_a_finding_names_the_line_both_values_and_the_place(note_data: dict[str, Any], assessment: Template) -> None:
    note = derive.note(assessment, note_data)
    text = printing.text(note, render(note)).replace("22 mm and", "28 mm and")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "28 mm" in one)
    (one,) = proofread(note, text)
    assert one.message == f"line {line}: the text says 28 mm; the note has 22 mm (Measurement 1, cervical length)"
    assert (one.rule, one.severity, one.category, one.grade) == ("R164", "error", "conformance", "D")
    assert one.places == ("ultrasound.lengths[a].length",)


def test_the_line_is_that_of_the_number_where_a_sentence_goes_over_several(assessment: Template) -> None:
    note = derive.note(assessment, rich_note())
    text = printing.text(note, render(note)).replace("22 mm and", "28\nmm and")
    (one,) = proofread(note, text)
    assert "28 mm;" in one.message
    assert text.splitlines()[int(one.message.split()[1].rstrip(":")) - 1].endswith("28")


SAID = {
    "absences": [
        ("No spotting.", "R016"),
        ("No fever.", "R016"),
        ("There was no funneling.", "R016"),
        ("Fainting: none.", "R016"),
        ("She denies spotting, nausea and fainting.", "R016"),
        ("Pelvic pressure was reported.", "R162"),
        ("She reports vaginal bleeding.", "R162"),
        ("CL 16 mm today.", "R164"),
        ("GA 21+6.", "R164"),
        ("EDD 25/02/2027.", "R164"),
        ("No headaches.", ""),
        ("No discharge planned.", ""),
        ("Her mother has no bleeding.", ""),
        ("Return if bleeding or contractions.", ""),
        ("No change in back pain.", ""),
        ("No contractions were felt.", ""),
        ("CL 26 mm.", ""),
        ("Cervical length was 2.6 cm.", ""),
        ("The due date is 2027-02-24.", ""),
        ("EDD 24/02/2027.", ""),
        ("At her last visit the cervical length was 40 mm.", ""),
        ("She walked 5000 steps and drank 2 litres.", ""),
    ],
    "rescue": [
        ("Temperature 37.2 °C.", "R164"),
        ("Cervical dilation 4 cm.", "R164"),
        ("Hgb 9.8 g/dL.", "R164"),
        ("FHR 148 bpm.", "R164"),
        ("No abdominal pain.", "R162"),
        ("Uterine tenderness was noted.", "R162"),
        ("Membranes were ruptured.", "R162"),
        ("Placenta anterior.", "R162"),
        ("Temperature 100.6 F.", ""),
        ("Hb 10.9 g/dL.", ""),
        ("Cervix 3 cm dilated.", ""),
        ("Placenta is low-lying.", ""),
        ("No known drug allergies.", ""),
        ("She is not allergic to latex.", ""),
        ("No vaginal bleeding but spotting noted.", ""),
    ],
}


@pytest.mark.parametrize(("name", "said", "rule"), [(name, *one) for name, all_ in SAID.items() for one in all_])
def test_a_new_sentence_is_held_against_what_it_plainly_names(name: str, said: str, rule: str) -> None:
    proof = example(_data.folder("templates") / f"assessment/examples/{name}.note.json")
    text = printing.text(proof.note, render(proof.note)) + f"\n{said}\n"
    assert {one.rule for one in proof.read(text)} == ({rule} if rule else set())


def test_what_was_denied_without_being_recorded_is_said_to_be_so() -> None:
    proof = example(_data.folder("templates") / "assessment/examples/absences.note.json")
    (one,) = proof.read("No spotting.")
    assert one.message == "line 1: the text says «no spotting»; that was not recorded (Spotting)"
    assert (one.severity, one.places) == ("error", ("symptoms.spotting",))


@pytest.mark.parametrize(
    ("noted", "written", "alike"),
    [
        ("28 mm", "2.8 cm", True),
        ("28 mm", "28", True),
        ("28 mm", "27 mm", False),
        ("38.1 °C", "100.6 °F", True),
        ("38.1 °C", "101.6 °F", False),
        ("22+3 weeks", "22w3d", True),
        ("22+3 weeks", "22 weeks and 3 days", True),
        ("22+3 weeks", "22 weeks", True),
        ("22+3 weeks", "22+4", False),
        ("23 to 24 weeks", "23 to 25 weeks", False),
        ("3 November 2026", "November 3, 2026", True),
        ("3 November 2026", "2026-11-03", True),
        ("3 November 2026", "03/11/2026", True),
        ("3 November 2026", "3 Nov", True),
        ("3 November 2026", "4 Nov", False),
        ("14:20", "2:20 pm", True),
        ("12 o'clock", "11 o'clock", False),
        ("20 mL", "0.02 L", True),
        ("112/70 mmHg", "112/75", False),
        ("9.8 × 10⁹/L", "9.8 x10^9/l", True),
        ("One", "2", False),
        ("28 mm", "28%", None),
        ("G4P1+2", "G4 P1+2", True),
        ("−6.5 mm a week", "-6.5 mm a week", True),
        ("−6.5 mm a week", "−7 mm a week", False),
        ("EX-000-0001", "EX-000-0002", False),
    ],
)
def test_figures_are_compared_by_what_they_mean(noted: str, written: str, alike: bool | None) -> None:
    (one,), (other,) = figures_in(noted), figures_in(written)
    assert same(one, other) is alike


# --- words that contradict each other ------------------------------------------------------------------------------

WORDS = yaml.safe_load((_data.folder("templates") / "_rules/words.yaml").read_text(encoding="utf-8"))
PAIRS = [
    pytest.param(one["id"], text, key == "fires", id=f"{one['id']}-{key}-{at}")
    for one in WORDS["pairs"]
    for key, all_ in one["examples"].items()
    for at, text in enumerate(all_)
]


@pytest.mark.parametrize(("pair", "text", "fires"), PAIRS)
def test_a_pair_fires_on_its_examples_and_stays_quiet_on_the_others(
    assessment: Template, pair: str, text: str, fires: bool
) -> None:
    only = replace(assessment.words, pairs=tuple(one for one in assessment.words.pairs if one.id == pair))
    assert bool(list(contradictions(only, text))) is fires


def test_free_text_that_contradicts_itself_is_found_in_every_check(assessment: Template) -> None:
    data = rich_note()
    data["comment"]["text"] = "Painless dilation. Painful contractions every four minutes."
    (one,) = [one for one in check(derive.note(assessment, data)) if one.rule == "R162"]
    assert one.places == ("comment.text",)
    assert "painful contractions" in one.message
    assert one.severity == "warning"


def test_a_text_that_contradicts_itself_is_found_where_it_is_new(assessment: Template) -> None:
    note = derive.note(assessment, rich_note())
    text = printing.text(note, render(note)) + "\nThe os was closed and 3 cm dilated.\n"
    assert {one.rule for one in proofread(note, text)} == {"R162"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pairs": [{"id": "x"}]}, "one"),
        ({"paris": []}, "«paris»"),
        ({"copied": ["visit.lenght"]}, "visit.length"),
        ({"lasting": ["visit.lenght"]}, "visit.length"),
        ({"pairs": [{"id": "x", "one": ["A!"], "other": ["b"], "examples": {"fires": ["ab"], "quiet": ["cd"]}}]}, "A!"),
    ],
)
def test_a_mistake_in_the_words_is_refused_with_its_place(tmp_path: Path, change: Any, said: str) -> None:
    folder = Pack().write(tmp_path)
    (tmp_path / "_rules").mkdir(exist_ok=True)
    (tmp_path / "_rules" / "words.yaml").write_text(yaml.safe_dump(change))
    with pytest.raises(TemplateError, match=re.escape(said)) as refused:
        library.compile_template(folder, tmp_path)
    assert "words.yaml" in str(refused.value)


# --- text copied forward -------------------------------------------------------------------------------------------

REMARK = "Cervix looks stable on the scan, no change in the plan; she is well and reassured."


def two_visits(assessment: Template, then: str, now: str, length: float = 18, **later: Any) -> list[str]:
    before = rich_note() | {"id": "before", "date": "2026-10-20T10:00:00+00:00"}
    before["comment"] = {"text": then}
    after = rich_note() | {"id": "after"}
    after["comment"] = {"text": now}
    after["ultrasound"] = {**after["ultrasound"], "lengths": [{"id": "a", "length": length}]}
    first = derive.note(assessment, before)
    found = check(derive.note(assessment, after | later, earlier=[first]))
    return [one.message for one in found if one.rule == "R163"]


def test_a_remark_that_stayed_while_the_length_changed_is_found(assessment: Template) -> None:
    (message,) = two_visits(assessment, REMARK, REMARK.replace("well", "fine"))
    assert message.startswith("Comment is that of the earlier note")
    assert "was 22 mm and is 18 mm" in message


@pytest.mark.parametrize(
    ("then", "now"),
    [(REMARK, "Shorter than last time; cerclage discussed and agreed for tomorrow."), ("Well today.", "Well today.")],
)
def test_a_remark_written_anew_or_very_short_is_no_copy(assessment: Template, then: str, now: str) -> None:
    assert two_visits(assessment, then, now) == []


def test_a_remark_that_stayed_as_everything_stayed_is_no_copy(assessment: Template) -> None:
    data = rich_note()
    data["comment"] = {"text": REMARK}
    first = derive.note(assessment, data)
    found = check(derive.note(assessment, data | {"id": "other"}, earlier=[first]))
    assert not [one for one in found if one.rule == "R163"]


def test_a_long_name_or_training_that_stays_the_same_is_no_copy(assessment: Template) -> None:
    same = {
        "author": {
            "name": "Dr Bea Sample",
            "identifier": "1",
            "identifier_system": "https://register.example/number/of/doctors",
        },
        "ultrasound": {"credential": "trained to the criteria of the Fetal Medicine Foundation"},
    }
    before, after = ({**rich_note(), **same, "id": name} for name in ("before", "after"))
    for data, length in ((before, 22), (after, 18)):
        data["ultrasound"] = {
            **rich_note()["ultrasound"],
            **same["ultrasound"],
            "lengths": [{"id": "a", "length": length}],
        }
    found = check(derive.note(assessment, after, earlier=[derive.note(assessment, before)]))
    assert not [one for one in found if one.rule == "R163"]


def test_without_an_earlier_note_nothing_is_a_copy(assessment: Template) -> None:
    data = rich_note()
    data["comment"] = {"text": REMARK}
    assert not [one for one in check(derive.note(assessment, data)) if one.rule == "R163"]


# --- the command line ----------------------------------------------------------------------------------------------


@pytest.fixture
def visit_files(tmp_path: Path) -> tuple[Path, Path]:
    note, text = tmp_path / "visit.note.json", tmp_path / "visit.txt"
    note.write_text(json.dumps(rich_note()))
    text.write_text(printing.text(load(note), render(load(note))))
    return note, text


def test_check_tells_where_the_edited_narrative_differs(run: Run, visit_files: tuple[Path, Path]) -> None:
    note, text = visit_files
    before = run("check", note, "--narrative", text, "--format", "json")
    text.write_text(text.read_text().replace("22 mm and", "12 mm and"))
    ran = run("check", note, "--narrative", text, "--format", "json")
    rules = [[one["rule"] for one in json.loads(each.out)[0]["findings"]] for each in (before, ran)]
    assert "R164" not in rules[0]
    assert "R164" in rules[1]
    assert (ran.code, ran.err) == (1, "")


def test_the_narrative_may_come_from_standard_input(run: Run, visit_files: tuple[Path, Path]) -> None:
    note, text = visit_files
    edited = text.read_text().replace("22 mm and", "12 mm and").encode()
    assert "the text says 12 mm" in run("check", note, "--narrative", "-", stdin=edited).out


def test_a_difference_can_be_kept_with_a_reason(run: Run, visit_files: tuple[Path, Path]) -> None:
    note, text = visit_files
    kept = {"id": "k", "rule": "R164", "rationale": "The text tells of the second sonographer's value."}
    note.write_text(json.dumps(rich_note() | {"kept": [kept]}))
    text.write_text(text.read_text().replace("22 mm and", "12 mm and"))
    ran = run("check", note, "--narrative", text)
    assert "  error    R164" not in ran.out
    assert "kept because: The text tells" in ran.out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\x00\xfe\x80 nonsense", "not UTF-8"),
        (b"a \x00 b", "control characters"),
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"word " * 30_000, "too large"),
        (b"<!doctype html><p>Seen.", "markup"),
        (b'{"id": "x"}', "data"),
        ("Größe".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_narrative_is_refused_in_a_sentence(
    run: Run, visit_files: tuple[Path, Path], content: bytes, said: str
) -> None:
    note, text = visit_files
    text.write_bytes(content)
    ran = run("check", note, "--narrative", text)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_narrative_that_is_not_there_or_belongs_to_several_notes_is_refused(
    run: Run, visit_files: tuple[Path, Path], tmp_path: Path
) -> None:
    note, text = visit_files
    for arguments, said in [
        ((note, "--narrative", tmp_path / "nowhere.txt"), "no such file"),
        ((note, "--narrative", tmp_path), "is a folder"),
        ((note, note, "--narrative", text), "one note"),
        (("-", "--narrative", "-"), "cannot both"),
    ]:
        ran = run("check", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err


@pytest.mark.parametrize("rule", ["R016", "R162", "R163", "R164"])
def test_each_of_these_checks_has_a_page(run: Run, rule: str) -> None:
    ran = run("rule", rule)
    assert ran.code == 0
    assert ran.out.startswith(f"{rule}\n")


@pytest.mark.parametrize(
    "text",
    ["PLAN " * 15_000, "a-" * 40_000, "no bleeding " * 7_000, "22+" * 30_000, "No bleeding. " * 6_000, "1" * 90_000],
)
def test_a_strange_text_is_read_to_its_end(assessment: Template, text: str) -> None:
    assert isinstance(proofread(derive.note(assessment, rich_note()), text), list)
