"""Notes without whose they are: nothing that identifies anybody is left, and the same is found as before."""

import json
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from running import run_program

from ci_notes import derive, library
from ci_notes.checks import check
from ci_notes.deidentifying import Key, deidentified
from ci_notes.errors import InputError
from ci_notes.template import Template

TEMPLATES = Path(__file__).parents[1] / "templates"
EXAMPLES = sorted(TEMPLATES.glob("*/examples/*.note.json"))
PREGNANCY = sorted((Path(__file__).parent / "pregnancy").glob("*"))
KEY = Key(b"a key for the tests, of no use elsewhere")
OTHER = Key(b"another key for the tests, as long as it")
TODAY = "2026-11-21"

Json = dict[str, Any]


def read(path: Path) -> tuple[Template, Json]:
    data = json.loads(path.read_bytes())
    return library.load_template(data["template"]), data


def texts(held: Any) -> Iterator[str]:
    if isinstance(held, dict):
        for one in held.values():
            yield from texts(one)
    elif isinstance(held, list):
        for one in held:
            yield from texts(one)
    elif isinstance(held, str):
        yield held


def found(template: Template, data: Json, earlier: tuple[derive.Note, ...] = ()) -> list[tuple[Any, ...]]:
    """Return what is found in a note, rows by their number, without wording."""
    note = derive.note(template, data, earlier=earlier)
    rows = {row.row: f"#{row.number}" for group in note.record.rows.values() for row in group}

    def place(path: str) -> str:
        return re.sub(r"\[([^\]]*)\]", lambda row: f"[{rows.get(row[1], row[1])}]", path)

    told = check(note, today=TODAY)
    return sorted((one.rule, one.severity, one.outcome, *map(place, one.places)) for one in told)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: f"{one.parts[-3]}-{one.stem}")
def test_the_same_is_found_before_and_after(path: Path) -> None:
    template, data = read(path)
    made, _ = deidentified(template, data, KEY, scrub=True)
    assert found(template, made) == found(template, data)
    dropped, _ = deidentified(template, data, KEY)
    reads_text = {"R162", "R163"}
    before = [one for one in found(template, data) if one[0] not in reads_text]
    assert [one for one in found(template, dropped) if one[0] not in reads_text] == before


WRONG: dict[str, Any] = {
    "a reason too short": lambda one: one["kept"][0].update(rationale="ok"),
    "reasons that are a name and a date": lambda one: (
        one["kept"][0].update(rationale="Dr Una Pretend"), one["kept"][1].update(rationale="2026-11-02")
    ),
    "an id that is a number": lambda one: one.update(id=12345),
    "an id with a space": lambda one: one.update(id="EX 2044"),
    "a row id that is a number": lambda one: one["history"]["prior"][0].update(id=7),
    "a section that is a word": lambda one: one.update(history="none"),
    "an empty name": lambda one: one["patient"].update(name=""),
    "a system that is no address": lambda one: one["patient"].update(identifier_system="not a uri"),
    "a text that is too long": lambda one: one["patient"].update(comment="word " * 5000),
    "an absence with more": lambda one: one["patient"].update(comment={"absent": "asked-unknown", "more": "Una"}),
    "an absence with an empty reason": lambda one: one["patient"].update(comment={"absent": "unknown", "reason": ""}),
}  # fmt: skip


@pytest.mark.parametrize("scrub", [False, True], ids=["drop", "scrub"])
@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_as_wrong_after_it(what: str, scrub: bool) -> None:
    template, data = read(TEMPLATES / "ultrasound/examples/short.note.json")
    WRONG[what](data)
    made, _ = deidentified(template, data, KEY, scrub=scrub)
    reads_text = {"R162", "R163"}
    before, after = ([one for one in found(template, of) if one[0] not in reads_text] for of in (data, made))
    assert after == before
    assert any(one[0] in ("shape", "R168") for one in after) or what.startswith("reasons")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: f"{one.parts[-3]}-{one.stem}")
@pytest.mark.parametrize("scrub", [False, True], ids=["drop", "scrub"])
def test_nothing_that_identifies_anybody_is_left(path: Path, scrub: bool) -> None:
    template, data = read(path)
    made, _ = deidentified(template, data, KEY, scrub)
    left = "\n".join(texts(made))
    for element in template.elements.values():
        held = data.get(element.path.partition(".")[0])
        value = held.get(element.name) if isinstance(held, dict) and not element.group else None
        if isinstance(value, str) and (element.identifying or element.name in ("identifier", "pseudonym", "facility")):
            assert value not in left, element.path
            words = re.findall(r"[^\W\d_]{3,}", value) if element.kind == "text" else []
            for word in {one for one in words if one[0].isupper()} - {"Hospital", "Medical", "Center", "Patient"}:
                assert not re.search(rf"\b{re.escape(word)}\b", left), (element.path, word)
    assert str(data.get("id")) not in left
    for day in re.findall(r"\d{4}-\d\d-\d\d", "\n".join(texts(data))):
        assert day not in left or re.search(day, "\n".join(texts(made)))


def test_intervals_weekdays_and_gestation_stay() -> None:
    template, data = read(TEMPLATES / "assessment/examples/complete.note.json")
    before = derive.note(template, data).record
    after = derive.note(template, deidentified(template, data, KEY)[0]).record
    dates = [path for path, one in template.elements.items() if one.kind == "date" and path in before.spans]
    moved = {before.spans[path][0] - after.spans[path][0] for path in dates}
    assert len(moved) == 1
    (days,) = moved
    assert days > 0
    assert days % 7 == 0
    computed = [path for path, one in template.elements.items() if one.computed and one.kind != "date"]
    assert [before.values.get(path) for path in computed] == [after.values.get(path) for path in computed]


def test_the_same_key_says_the_same_and_another_does_not() -> None:
    template, data = read(TEMPLATES / "ultrasound/examples/short.note.json")
    assert deidentified(template, data, KEY) == deidentified(template, data, KEY)
    one, other = (deidentified(template, data, key)[0] for key in (KEY, OTHER))
    assert one["patient"]["identifier"] != other["patient"]["identifier"]
    assert one["id"] != other["id"]


def test_a_patient_moves_as_one_however_much_of_her_each_note_knows() -> None:
    template, data = read(TEMPLATES / "ultrasound/examples/short.note.json")
    number = {"identifier": "EX-1", "identifier_system": "urn:oid:2.999.1"}
    for one, other in ((number, {**number, "pseudonym": "A"}), ({"identifier": "EX-1"}, {"identifier": "EX-1"})):
        notes = ({**data, "id": "a", "patient": one}, {**data, "id": "b", "patient": other})
        first, second = (deidentified(template, note, KEY)[0]["date"] for note in notes)
        assert first == second


@pytest.mark.parametrize("folder", PREGNANCY, ids=lambda one: one.name)
def test_the_notes_of_a_pregnancy_stay_together(folder: Path) -> None:
    notes = [read(path) for path in sorted(folder.rglob("*.json")) if "template" in json.loads(path.read_bytes())]
    after = [(template, deidentified(template, data, KEY, scrub=True)[0]) for template, data in notes]
    told = [
        [found(one.template, dict(one.data)) for one in library.as_record([derive.note(*each) for each in held])]
        for held in (notes, after)
    ]
    assert told[0] == told[1]
    assert len({data["patient"]["identifier"] for _, data in after}) == len(
        {data["patient"]["identifier"] for _, data in notes}
    )


def test_what_was_typed_in_the_wrong_place_does_not_stay() -> None:
    template, data = read(TEMPLATES / "ultrasound/examples/short.note.json")
    planted = "Zora Planted"
    spoilt = {
        **data,
        planted: planted,
        "date": planted,
        "visit": {"setting": planted, planted: 1, "first": planted, "comment": f"Seen with {planted} on 3 May 2026."},
        "ultrasound": {"lengths": [{"id": planted, "length": planted}, planted], "done": [planted]},
        "pregnancy": {"edd": planted, "ga_stated": planted, "edd_change_reason": {"absent": "x", "reason": planted}},
        "patient": {**data["patient"], "name": planted},
    }
    for scrub in (False, True):
        made, done = deidentified(template, spoilt, KEY, scrub)
        assert planted not in json.dumps(made, ensure_ascii=False)
        assert "3 May" not in json.dumps(made)
        assert done


NUMBER = 4857773456


def test_a_number_does_not_stay_where_words_or_dates_belong() -> None:
    template, data = read(TEMPLATES / "ultrasound/examples/short.note.json")
    spoilt = {
        **data,
        "date": NUMBER,
        "visit": {"encounter": NUMBER, "setting": NUMBER},
        "patient": {"name": 7712345678, "identifier": NUMBER, "birth_date": 19950821, "gender": [NUMBER]},
        "author": {"name": data["author"]["name"], "identifier": NUMBER, "facility": [NUMBER]},
        "pregnancy": {"art": NUMBER, "plurality": NUMBER, "edd": NUMBER, "ga_stated": NUMBER},
    }
    made, done = deidentified(template, spoilt, KEY)
    assert not re.search("4857773456|7712345678|19950821", json.dumps(made))
    assert done["patient.identifier", "taken out: of the wrong shape"] == 1
    assert {*found(template, made)} == {*found(template, spoilt)}


@pytest.mark.parametrize("scrub", [False, True], ids=["drop", "scrub"])
def test_words_do_not_stay_where_a_code_a_rule_or_a_place_belongs(scrub: bool) -> None:
    template, data = read(TEMPLATES / "ultrasound/examples/short.note.json")
    kept = [
        {"id": "k1", "rule": "JANE-LEAK", "at": "JANE-LEAK", "rationale": "seen and kept by us"},
        {"id": "k2", "rule": "R168", "at": "ultrasound.lengths[JANE-LEAK].length", "rationale": "seen and kept by us"},
        {"id": "k3", "rule": "R168", "at": "ultrasound.lengths[#2].length", "rationale": "seen and kept by us"},
        {"id": "k4", "rule": "R168", "at": "ultrasound.lengths[#JANE].length", "rationale": "seen and kept by us"},
    ]
    carried = [{"id": "c1", "at": "patient.JANE-LEAK"}, {"id": "c2", "at": "pregnancy.edd"}]
    absent = {"pregnancy": {"art": {"absent": "JANE-LEAK"}}, "visit": {"setting": {"absent": ["JANE-LEAK"]}}}
    spoilt = {**data, "version": "JANE-LEAK", "kept": kept, "carried": carried, **absent}
    made, _ = deidentified(template, spoilt, KEY, scrub)
    assert "JANE" not in json.dumps(made)
    assert made["kept"][1]["rule"] == "R168"
    assert made["kept"][2]["at"] == "ultrasound.lengths[#2].length"
    assert re.fullmatch(r"ultrasound\.lengths\[[0-9a-f]{16}\]\.length", made["kept"][1]["at"])
    assert made["carried"][1]["at"] == "pregnancy.edd"


@pytest.mark.parametrize(
    ("version", "after"), [("0.0.1", r"0\.0\.1"), ("0.1.0+hospital.1", r"0\.1\.0\+[0-9a-f]{16}"), (7712345678, "0")]
)
def test_a_version_stays_without_whose_extension_it_has(version: Any, after: str) -> None:
    template, data = read(TEMPLATES / "ultrasound/examples/short.note.json")
    spoilt = {**data, "version": version}
    made, _ = deidentified(template, spoilt, KEY)
    assert re.fullmatch(after, str(made["version"]))
    assert found(template, made) == found(template, spoilt)


def scrubbed(text: str, **who: Any) -> str:
    """Return a comment as it is after scrubbing, in a note with such a patient, author or page."""
    template, data = read(TEMPLATES / "assessment/examples/complete.note.json")
    made, _ = deidentified(template, {**data, **who, "comment": {"text": text}}, KEY, scrub=True)
    return str(made["comment"]["text"])


@pytest.mark.parametrize(
    "given_to", ["the patient", "The patient", "Partner", "her husband", "none", "Patient and partner"]
)
def test_ordinary_words_stay_where_a_page_was_given_to_no_name(given_to: str) -> None:
    text = "The patient and the partner were seen; none of the questions of her husband is open."
    assert scrubbed(text, instructions={"given": True, "given_to": given_to}) == text


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("Łucja Wałęsa", "ŁUCJA came with Wałęsa's mother", "[name] came with [name]'s mother"),
        ("Zoë Ålund", "Zoe\u0308 A\u030alund came", "[name] came"),
        ("Zoe\u0308 A\u030alund", "Zoë came", "[name] came"),
        ("Li Ng", "Li came, Mrs. Ng too; NG tube, li", "[name] came, [name] too; NG tube, li"),
        ("LI NG", "Li came; NG", "[name] came; [name]"),
        ("may will", "She may come, May came", "She may come, [name] came"),
        ("Li Ng-Ødegård", "Ng-Ødegård, NG-ØDEGÅRD, Ødegårds mor", "[name], [name], [name] mor"),
        ("李娜", "今天李娜来了", "今天[name]来了"),
        ("Tess Sample", "tess came, a sample too", "[name] came, a [name] too"),
    ],
)
def test_a_name_is_found_however_it_is_written(name: str, text: str, left: str) -> None:
    assert scrubbed(text, patient={"name": name}) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("by Dr Łucja Wałęsa today", "by [name] today"),
        ("by dr smith today", "by [name] today"),
        ("by DR SMITH.", "by [name]."),
        ("by Prof. J.R. van der Wålk and others", "by [name] and others"),
        ("Dr. Éva Nagy. She agreed", "[name]. She agreed"),
        ("the dr will see her, her sister came", "the dr will see her, her sister came"),
        ("Her sister is Dr Émile Øster", "Her sister is [name]"),
        ("Dr Anna saw and spoke with Mrs Li", "[name] saw and spoke with [name]"),
        ("Nurse Jones and the nurse", "[name] and the nurse"),
        ("Midwife Ås called", "[name] called"),
        ("call 4857773456", "call [name]"),
    ],
)
def test_a_name_behind_a_title_is_found(text: str, left: str) -> None:
    assert scrubbed(text, patient={"name": "Tess Sample", "identifier": 4857773456}) == left


@pytest.mark.parametrize(
    "text",
    [
        "30-Sep-1991", "30Sep1991", "30. September 1991", "1991.09.30", "1991/9/30", "1991-Sep-30", "16-NOV-26",
        "Cleo_Example_1", "EX-2044_CL.jpg", "EX2044", "EX 2044", "scanEX-2044", "Sep-30-1991",
    ],
)  # fmt: skip
def test_a_date_a_name_and_a_number_are_found_however_they_are_joined(text: str) -> None:
    left = scrubbed(f"See {text} there.", patient={"name": "Cleo Example", "identifier": "EX-2044"})
    assert not re.search(r"1991|2044|Cleo|Example|NOV|Sep", left), left


@pytest.mark.parametrize("text", ["3 marked contractions", "12 decidual cells", "17 septate", "an axis of 2044 mm"])
def test_numbers_before_words_are_no_dates(text: str) -> None:
    assert scrubbed(text) == text


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InputError, match="at least 32"):
        Key(b"short")
    with pytest.raises(InputError, match="1 different bytes; at least 8"):
        Key(b"a" * 42)


def test_a_file_that_exists_is_told_before_anything_is_read(tmp_path: Path) -> None:
    key, account, out = tmp_path / "key", tmp_path / "account.json", tmp_path / "out.ndjson"
    run_program("deidentify", "--make-key", key)
    account.write_text("mine")
    (tmp_path / "bad.json").write_text("{")
    named = ("deidentify", tmp_path / "bad.json", EXAMPLES[0], "--key", key)
    ran = run_program(*named, "-o", out, "--account", account)
    assert (ran.code, "account.json exists" in ran.err, "bad.json" in ran.err) == (2, True, False)
    assert (account.read_text(), out.exists()) == ("mine", False)
    ran = run_program(*named, "--account", account, "--force")
    assert len(ran.out.splitlines()) == 1
    assert "note.id" in json.loads(account.read_text())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["account.json", "bad.json", "key"]


@pytest.mark.skipif(os.name != "posix", reason="who may read a file is told in another way")
def test_a_key_that_others_can_read_is_told(tmp_path: Path) -> None:
    key = tmp_path / "key"
    run_program("deidentify", "--make-key", key)
    assert "read by others" not in run_program("deidentify", EXAMPLES[0], "--key", key).err
    key.chmod(0o644)
    ran = run_program("deidentify", EXAMPLES[0], "--key", key)
    assert (ran.code, ran.err.count("can be read by others")) == (0, 1)


def test_notes_go_in_and_ndjson_comes_out(tmp_path: Path) -> None:
    key, out, account = tmp_path / "key", tmp_path / "out.ndjson", tmp_path / "account.json"
    assert run_program("deidentify", "--make-key", key).code == 0
    assert key.stat().st_mode & 0o077 == 0
    (tmp_path / "bad.json").write_text("{")
    ran = run_program("deidentify", *EXAMPLES[:4], tmp_path / "bad.json", "--key", key, "-o", out, "--account", account)
    assert ran.code == 2
    assert "bad.json is not JSON" in ran.err
    lines = [json.loads(one) for one in out.read_text().splitlines()]
    assert [one["template"] for one in lines] == ["assessment"] * 4
    assert json.loads(account.read_text())["note.id"] == {"replaced under the key": 4}
    again = run_program("deidentify", *EXAMPLES[:4], "--key", key)
    assert again.out == out.read_text()
    assert run_program("check", out, "--fail-on", "never").code == 0
    shared = ("-o", tmp_path / "shared.ndjson", "--account", tmp_path / "shared.json", "--jobs", 2)
    ran = run_program("deidentify", *EXAMPLES[:4], tmp_path / "bad.json", "--key", key, *shared)
    assert (ran.code, ran.err.count("bad.json is not JSON")) == (2, 1)
    assert (tmp_path / "shared.ndjson").read_bytes() == out.read_bytes()
    assert (tmp_path / "shared.json").read_bytes() == account.read_bytes()
    assert "--make-key" in run_program("deidentify", EXAMPLES[0]).err


def test_a_pregnancy_stays_together_where_each_note_knows_another_part_of_who_it_is(tmp_path: Path) -> None:
    key, before = tmp_path / "key", tmp_path / "before.ndjson"
    run_program("deidentify", "--make-key", key)
    notes = [read(path)[1] for path in sorted((Path(__file__).parent / "pregnancy/us").rglob("*.json"))]
    number = {name: notes[0]["patient"][name] for name in ("identifier", "identifier_system")}
    known = (
        {"pseudonym": "P-77"},
        {**number, "pseudonym": "P-77"},
        {**number, "pseudonym": "P-99"},
        {"pseudonym": "P-99"},
    )
    for at, data in enumerate(notes):
        who = {name: value for name, value in data["patient"].items() if name not in number}
        data["patient"] = {**who, **known[at % len(known)]}
    before.write_text("".join(json.dumps(one) + "\n" for one in notes))
    outs = [tmp_path / name for name in ("one.ndjson", "again.ndjson", "two.ndjson")]
    for out, jobs in zip(outs, (1, 1, 2), strict=True):
        assert run_program("deidentify", before, "--key", key, "--jobs", jobs, "-o", out).code == 0
    assert outs[0].read_bytes() == outs[1].read_bytes() == outs[2].read_bytes()
    made = [json.loads(line) for line in outs[0].read_text().splitlines()]
    moved = {
        date.fromisoformat(one["date"][:10]) - date.fromisoformat(other["date"][:10])
        for one, other in zip(notes, made, strict=True)
    }
    assert len(moved) == 1
    ran = [run_program("check", path, "--format", "jsonl").out for path in (before, outs[0])]
    told = [[(one.get("rule"), one.get("outcome")) for one in map(json.loads, out.splitlines())] for out in ran]
    assert told[0] == told[1]
