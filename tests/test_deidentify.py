"""Notes without whose they are: nothing that identifies anybody is left, and the same is found as before."""

import json
import re
from collections.abc import Iterator
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
            for word in re.findall(r"[^\W\d_]{3,}", value) if element.kind == "text" else ():
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


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InputError, match="at least 32"):
        Key(b"short")


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
    assert "--make-key" in run_program("deidentify", EXAMPLES[0]).err
