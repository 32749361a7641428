"""Many notes in one run: whatever they come in, each is checked, and one broken record never stops the others."""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pexpect
import pytest
from running import Ran, run_program

from ci_notes import load, render, to_fhir
from ci_notes.cli.journal import Journal
from ci_notes.series import MOST_EARLIER

TEMPLATES = Path(__file__).parents[1] / "templates"
EXAMPLES = sorted(TEMPLATES.glob("*/examples/*.note.json"))
SPARSE = TEMPLATES / "assessment/examples/sparse.note.json"
SHORT = TEMPLATES / "ultrasound/examples/short.note.json"
PREGNANCY = sorted((Path(__file__).parent / "pregnancy").rglob("*.json"))


def checked(*arguments: Any, stdin: bytes = b"") -> tuple[Ran, list[dict[str, Any]]]:
    ran = run_program("check", *arguments, "--format", "json", stdin=stdin)
    return ran, json.loads(ran.out)


def compact(path: Path) -> bytes:
    return json.dumps(json.loads(path.read_bytes()), ensure_ascii=False, separators=(",", ":")).encode()


def told(reports: list[dict[str, Any]]) -> list[Any]:
    return [(one["note"], one["template"], one["findings"]) for one in reports]


@pytest.fixture(scope="module")
def alone() -> list[Any]:
    """What is found in each example by itself."""
    return [told(checked(path)[1])[0] for path in EXAMPLES[::6]]


def test_notes_on_lines_are_found_what_each_is_found_alone(tmp_path: Path, alone: list[Any]) -> None:
    path = tmp_path / "notes.ndjson.gz"
    strangers = [dict(json.loads(one.read_bytes()), patient={}) for one in EXAMPLES[::6]]
    path.write_bytes(gzip.compress(b"\n".join(json.dumps(one).encode() for one in strangers)))
    _, reports = checked(path)
    assert [one["line"] for one in reports] == [*range(1, len(alone) + 1)]
    assert [one["file"] for one in reports] == [str(path)] * len(alone)
    assert [one["note"] for one in reports] == [one[0] for one in alone]


def test_a_pregnancy_on_lines_is_held_together_as_in_a_folder(tmp_path: Path) -> None:
    folder = PREGNANCY[0].parent
    together = checked(folder)[1]
    path = tmp_path / "notes.ndjson"
    notes = sorted(folder.rglob("*.json"))
    path.write_bytes(b"\n".join(map(compact, reversed(notes))))
    assert sorted(told(checked(path)[1]), key=str) == sorted(told(together), key=str)


def test_one_broken_record_stops_nothing(tmp_path: Path) -> None:
    good = compact(SHORT)
    lines = [
        good, b"{", b"[1]", b'{"template": "none"}', b'{"a": 1, "a": 2}', b"\xff", b'{"x":' * 2000,
        b'{"resourceType": "Patient"}', compact(SPARSE),
    ]  # fmt: skip
    path = tmp_path / "notes.ndjson"
    path.write_bytes(b"\n".join(lines))
    ran, reports = checked(path)
    assert ran.code == 2
    assert [one["line"] for one in reports] == [1, 9]
    complaints = ran.err.splitlines()
    assert [one.partition(", line ")[2].partition(" ")[0].strip(",:") for one in complaints] == list("2345678")
    for said, one in zip(
        ["is not JSON", "holds a list", "«none»", "«a» twice", "not UTF-8", "nested too deeply", "--template"],
        complaints,
        strict=True,
    ):
        assert said in one


@pytest.mark.parametrize(
    "odd",
    [
        {"date": "0001-01-01T08:00:00+02:00"},
        {"date": "0001-02-01T00:00:00+00:00"},
        {"date": "9999-12-31T23:59:59-05:00"},
        {"date": "9999-01-01T00:00:00Z"},
        {"edd": "0001-01-01"},
        {"edd": "9999-12-31"},
    ],
    ids=str,
)
def test_a_day_that_no_pregnancy_can_be_counted_from_stops_nothing(tmp_path: Path, odd: dict[str, str]) -> None:
    note = json.loads(compact(SHORT))
    note["date"] = odd.get("date", note["date"])
    note["pregnancy"] = {**note["pregnancy"], "edd": odd.get("edd", note["pregnancy"]["edd"])}
    path = tmp_path / "notes.ndjson"
    path.write_bytes(json.dumps(note).encode() + b"\n" + compact(SHORT))
    ran, reports = checked(path)
    assert (ran.code, len(reports)) == (1, 2)
    assert [one["severity"] for one in reports[0]["findings"]].count("error") > 0


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.glob("*/examples/complete.note.json")), ids=lambda path: path.parts[-3]
)
@pytest.mark.parametrize("day", [None, "gestern", [], {"absent": "unknown"}], ids=str)
def test_a_signed_note_without_a_date_is_checked_like_any_other(tmp_path: Path, path: Path, day: Any) -> None:
    note = json.loads(path.read_bytes()) | {"status": "final", "date": day}
    if day is None:
        del note["date"]
    (tmp_path / "note.json").write_text(json.dumps(note))
    ran, (report,) = checked(tmp_path / "note.json")
    assert ran.code == 1
    assert any(one["rule"] == "shape" and "date" in one["message"].lower() for one in report["findings"])


def test_bundles_ours_and_others_are_checked_as_the_notes_they_hold(tmp_path: Path) -> None:
    note = load(SHORT)
    ours = to_fhir(note, render(note))
    other = {
        "resourceType": "Bundle", "type": "collection",
        "entry": [{"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1997-03-04"}}],
    }  # fmt: skip
    path = tmp_path / "bundles.ndjson"
    path.write_text("\n".join(json.dumps(one) for one in (ours, other)))
    ran, reports = checked(path)
    assert ran.code == 2
    assert "--template" in ran.err
    assert told(reports) == told(checked(SHORT)[1])
    ran, reports = checked(path, "--template", "ultrasound")
    assert [one["template"] for one in reports] == ["ultrasound", "ultrasound"]


def test_findings_in_fhir_of_others_have_the_same_ids_in_every_run(tmp_path: Path) -> None:
    path = tmp_path / "bundles.ndjson"
    born = {"resourceType": "Patient", "id": "p", "birthDate": "1997-03-04"}
    path.write_text(
        "\n".join(
            json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {**born, "id": name}}]})
            for name in "pq"
        )
    )
    runs = [run_program("check", path, "--template", "ultrasound", "--format", "jsonl").out for _ in range(2)]
    ids = [{one["id"] for one in map(json.loads, run.splitlines()) if one["type"] == "finding"} for run in runs]
    assert ids[0] == ids[1]
    notes = {one["note"] for one in map(json.loads, runs[0].splitlines()) if one["type"] == "finding"}
    assert len(notes) == 2


def test_an_archive_names_the_file_in_it(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/b.json", SHORT.read_bytes())
        archive.writestr("c.txt", b"no note")
        archive.writestr("d.json", b"[]")
    ran, reports = checked(path)
    assert [one["file"] for one in reports] == [f"{path}: a/b.json"]
    assert ran.err == f"ci-notes: in {path}, files passed over because they are no notes: 1\n"


def test_the_bundle_beside_a_note_is_no_second_note(tmp_path: Path) -> None:
    (tmp_path / "a.note.json").write_bytes(SHORT.read_bytes())
    note = load(SHORT)
    for name in ("a.bundle.json", "b.bundle.json"):
        (tmp_path / name).write_text(json.dumps(to_fhir(note, render(note))))
    ran, reports = checked(tmp_path)
    assert [Path(one["file"]).name for one in reports] == ["a.note.json", "b.bundle.json"]
    assert "files passed over because they are no notes: 1" in ran.err


@pytest.mark.parametrize(
    "broken",
    [
        {"resourceType": "Bundle", "entry": 3},
        {"resourceType": "QuestionnaireResponse", "questionnaire": 7},
        {"resourceType": "QuestionnaireResponse", "questionnaire": "https://w3id.org/ci-notes/x"},
    ],
)
def test_fhir_that_is_none_among_notes_is_told_and_the_run_goes_on(tmp_path: Path, broken: Any) -> None:
    (tmp_path / "a.json").write_text(json.dumps(broken))
    (tmp_path / "b.note.json").write_bytes(SHORT.read_bytes())
    ran, reports = checked(tmp_path)
    assert [Path(one["file"]).name for one in reports if one["findings"]] == ["b.note.json"]
    assert f"{tmp_path / 'a.json'}: " in ran.err


def test_what_answers_the_questionnaire_of_others_is_passed_over_among_notes(tmp_path: Path) -> None:
    theirs = {"resourceType": "QuestionnaireResponse", "questionnaire": "http://example.org/q", "item": []}
    (tmp_path / "a.json").write_text(json.dumps(theirs))
    (tmp_path / "b.note.json").write_bytes(SHORT.read_bytes())
    ran, _ = checked(tmp_path)
    assert ran.err == f"ci-notes: in {tmp_path}, files passed over because they are no notes: 1\n"


@pytest.mark.parametrize("packed", ["", ".tar", ".tar.gz", ".zip"])
def test_a_folder_of_examples_and_its_archive_hold_the_same_notes(tmp_path: Path, packed: str) -> None:
    folder = tmp_path / "examples"
    folder.mkdir()
    for path in (TEMPLATES / "cerclage/examples").glob("complete.*"):
        shutil.copy(path, folder)
    (folder / "long.json").write_text(json.dumps({"x": [*range(11_000)]}))
    if packed:
        form = {"tar": "tar", "tar.gz": "gztar", "zip": "zip"}[packed[1:]]
        shutil.make_archive(str(folder), form, folder)
    ran, reports = checked(f"{folder}{packed}")
    assert ([Path(one["file"]).name.split()[-1] for one in reports], ran.code) == (["complete.note.json"], 0)


def test_a_file_whose_name_is_no_utf8_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    odd = os.fsdecode(b"M\xfcller")
    (folder / f"{odd}.note.json").write_bytes(SHORT.read_bytes())
    (folder / f"{odd}.json").write_bytes(b"{")
    (folder / "b.note.json").write_bytes(SHORT.read_bytes().replace(b"EX-2044", b"EX-2045"))
    for form in FORMATS:
        ran = run_program("check", folder, "--format", form, "-o", tmp_path / form)
        assert ran.code == 2
        assert "is not JSON" in ran.err
        assert (tmp_path / form).stat().st_size > 0
    command = [sys.executable, "-m", "ci_notes", "check", folder]
    for encoding in ("utf-8:strict", "latin-1:strict"):
        printed = subprocess.run(
            command, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False
        )
        assert printed.returncode == 2
        assert b"Traceback" not in printed.stderr
    assert "2 notes, 1 that could not be read" in (tmp_path / "text").read_text(errors="surrogateescape")


def test_what_is_packed_in_another_way_is_said_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.note.json").write_bytes(SHORT.read_bytes())
    (tmp_path / "b.ndjson.xz").write_bytes(lzma.compress(compact(SHORT)))
    (tmp_path / "c.json.bz2").write_bytes(bz2.compress(compact(SHORT)))
    for name, way in (("b.ndjson.xz", "xz"), ("c.json.bz2", "bzip2")):
        for named in (tmp_path, tmp_path / name):
            ran = run_program("check", named)
            assert ran.code == 2
            assert f"{name}: is compressed with {way}" in ran.err or f"{name} is compressed with {way}" in ran.err


def test_notes_without_an_id_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    one = json.loads(SHORT.read_bytes())
    del one["id"]
    other = {**one, "patient": {**one["patient"], "identifier": "EX-9", "name": "Other Invented"}}
    for number, nameless in enumerate((one, other, {**other, "id": None})):
        path = tmp_path / f"{number}.note.json"
        path.write_text(json.dumps(nameless))
    ids = [
        {json.loads(line)["id"] for line in run_program("check", path, "--format", "jsonl").out.splitlines()[1:-1]}
        for path in sorted(tmp_path.iterdir())
    ]
    assert len(set.union(*ids)) == sum(map(len, ids))


def test_an_earlier_note_that_cannot_be_read_is_said_once_and_before_anything(tmp_path: Path) -> None:
    for options in (("--earlier", tmp_path / "typo.json"), ("--template", "nosuch")):
        ran = run_program("check", *EXAMPLES[:3], *options, "--format", "csv")
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_an_earlier_note_is_checked_beside_those_that_it_is_earlier_than() -> None:
    first, second = PREGNANCY[:2]
    ran, reports = checked(first, second, "--earlier", first)
    assert [one["file"] for one in reports] == [str(first), str(second)]
    assert ran.code != 2


# --- formats and processes -----------------------------------------------------------------------------------------

FORMATS = ["text", "json", "jsonl", "csv", "sarif", "junit", "operationoutcome", "html"]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every example on a line of one file, some lines broken."""
    path = tmp_path_factory.mktemp("bulk") / "year.ndjson"
    lines = [compact(one) for one in EXAMPLES]
    path.write_bytes(b"\n".join([*lines[:20], b"{", *lines[20:], b"[]"]))
    return path


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_says_what_is_printed_and_several_processes_say_what_one_says(
    year: Path, tmp_path: Path, form: str
) -> None:
    printed = run_program("check", year, "--format", form)
    assert printed.code == 2
    ran = run_program("check", year, "--format", form, "-o", tmp_path / "findings", "--jobs", "2")
    assert (ran.code, ran.out) == (2, "")
    assert (tmp_path / "findings").read_bytes().decode() == printed.out
    assert [one for one in ran.err.splitlines() if "written to" not in one] == printed.err.splitlines()


def test_a_table_is_written_as_it_comes_whoever_checks_and_wherever_it_goes(year: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    for path, jobs in ((first, "1"), (second, "2")):
        assert run_program("check", year, "--format", "parquet", "-o", path, "--jobs", jobs).code == 2
    assert first.read_bytes() == second.read_bytes()
    program = [sys.executable, "-c", "from ci_notes.cli import main; main()", "check", str(year), "--format", "parquet"]
    piped = subprocess.run(program, capture_output=True, timeout=120, check=False)
    assert piped.stdout == first.read_bytes()


def test_a_table_is_not_printed_to_a_terminal_nor_made_without_what_makes_it(
    year: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = ["-c", "from ci_notes.cli import main; main()", "check", str(year), "--format", "parquet"]
    shown = pexpect.spawn(sys.executable, program, encoding="utf-8", timeout=60)
    shown.expect(pexpect.EOF)
    assert shown.before == "ci-notes: parquet is no text that a terminal could show: give -o FILE\r\n"
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ran = run_program("check", year, "--format", "parquet")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "ci-notes: parquet needs pyarrow, which is not installed: pip install 'ci-notes[bulk]'\n"


def test_every_format_has_every_finding(year: Path) -> None:
    lines = [json.loads(one) for one in run_program("check", year, "--format", "jsonl").out.splitlines()]
    found = [one for one in lines if one["type"] == "finding"]
    assert lines[-1]["notes"] == len(EXAMPLES)
    assert lines[-1]["unreadable"] == 2
    log = json.loads(run_program("check", year, "--format", "sarif").out)
    results = log["runs"][0]["results"]
    assert sorted(one["ruleId"] for one in results) == sorted(one["rule"] for one in found)
    issues = [
        issue
        for line in run_program("check", year, "--format", "operationoutcome").out.splitlines()
        for issue in json.loads(line)["issue"]
        if issue["code"] != "informational" or issue["details"]["text"] != "All OK"
    ]
    assert len(issues) == len(found)


def test_a_finding_has_its_line_and_column_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.note.json"
    data = json.loads(SHORT.read_bytes())
    path.write_text(json.dumps(data | {"ultrasound": {**data["ultrasound"], "duration": "long"}}, indent=1))
    log = json.loads(run_program("check", path, "--format", "sarif").out)
    found = next(one for one in log["runs"][0]["results"] if one["ruleId"] == "shape")
    region = found["locations"][0]["physicalLocation"]["region"]
    line = path.read_text().splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 :].startswith(('"duration"', '"long"'))


def test_a_file_of_findings_is_not_written_over_unasked_nor_left_half(year: Path, tmp_path: Path) -> None:
    (there := tmp_path / "there.csv").write_text("mine")
    ran = run_program("check", year, "--format", "csv", "-o", there)
    assert ran.code == 2
    assert "give --force" in ran.err
    assert there.read_text() == "mine"
    ran = run_program("check", year, "--format", "csv", "-o", tmp_path / "none" / "a.csv")
    assert "cannot write" in ran.err
    assert [one.name for one in tmp_path.iterdir()] == ["there.csv"]


@pytest.mark.parametrize(
    "command",
    [
        ("check", SHORT), ("check", SHORT, "--format", "csv"), ("render", SHORT), ("fhir", SHORT),
        ("check", SHORT, "--format", "parquet"), ("questionnaire", "ultrasound"),
    ],
)  # fmt: skip
def test_a_dash_names_standard_output(
    command: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "parquet" in command:
        ran = subprocess.run(
            [sys.executable, "-c", "from ci_notes.cli import main; main()", *map(str, command), "-o", "-"],
            capture_output=True, check=False,
        )  # fmt: skip
        assert ran.stdout.startswith(b"PAR1")
    else:
        assert run_program(*command, "-o", "-").out == run_program(*command).out != ""
    assert [*tmp_path.iterdir()] == []


def test_why_a_record_cannot_be_read_quotes_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "notes.ndjson"
    path.write_text('{"Ada Planted": 1, "Ada Planted": 2}\n{"template": "Ada Planted"}\n')
    for form in FORMATS[2:]:
        ran = run_program("check", path, "--format", form)
        assert "Planted" not in ran.out
        assert ran.out.count("«…»") >= 2


@pytest.mark.parametrize("packed", ["notes", "notes.zip", "notes.tar", "notes.tar.gz"])
def test_an_archive_is_read_like_the_folder_it_was_made_of(tmp_path: Path, packed: str) -> None:
    folder = tmp_path / "notes"
    files = {
        "a.note.json": compact(SHORT), "config.json": b'{"colour": "blue"}', "._a.note.json": b"\x00\x05\x16",
        "__MACOSX/._a.note.json": b"\x00\x05\x16", ".cache/b.note.json": b"{", "broken.json": b"{",
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    if packed != "notes":
        name, _, ending = packed.partition(".")
        shutil.make_archive(str(tmp_path / name), {"tar.gz": "gztar"}.get(ending, ending), folder)
    ran = run_program("check", tmp_path / packed, "--format", "csv")
    assert (ran.code, ran.err.count("is not JSON")) == (2, 1)
    assert "broken.json" in ran.err
    assert "._a" not in ran.err
    assert f"in {tmp_path / packed}, files passed over because they are no notes: 1" in ran.err


@pytest.mark.parametrize(("name", "more"), [("a.txt", ""), ("a.json", "; files passed over because")])
def test_an_archive_without_a_note_is_said_and_fails(tmp_path: Path, name: str, more: str) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"[]")
    ran = run_program("check", path)
    assert (ran.code, ran.out) == (2, "")
    assert f"there is no note in {path}{more}" in ran.err


def test_in_csv_standard_input_is_called_as_the_page_says() -> None:
    ran = run_program("check", "-", "--format", "csv", stdin=compact(SHORT))
    assert {row["file"] for row in csv.DictReader(io.StringIO(ran.out))} == {"'-"}


def test_of_several_notes_the_text_ends_with_what_they_come_to(tmp_path: Path) -> None:
    (path := tmp_path / "notes.ndjson").write_bytes(b"\n".join([*map(compact, EXAMPLES[:5]), b"{", b"["]))
    _, reports = checked(path)
    found = Counter(
        {"found": one["severity"]}.get(one["outcome"], one["outcome"]) for note in reports for one in note["findings"]
    )
    said = run_program("check", path, "--jobs", "2").out.splitlines()
    assert said[-2] == ""
    words = {"error": "error", "warning": "warning", "info": "remark", "could not tell": "could not be told"}
    for outcome, word in words.items():
        assert found[outcome] == 0 or f" {found[outcome]} {word}" in said[-1]
    assert said[-1].startswith("5 notes, 2 that could not be read: ")
    assert sum(map(int, re.findall(r"\d+", said[-1].partition(":")[2]))) == found.total()
    assert "1 note" not in run_program("check", EXAMPLES[0]).out


def test_what_is_given_more_than_once_is_said(tmp_path: Path) -> None:
    first, second = compact(SHORT), json.dumps(json.loads(SHORT.read_bytes()), indent=1).encode()
    (path := tmp_path / "notes.ndjson").write_bytes(first + b"\n" + compact(SPARSE) + b"\n" + first)
    (tmp_path / "b.note.json").write_bytes(second)
    ran = run_program("check", path, "--format", "csv")
    assert "1 record was given more than once" in ran.err
    ran = run_program("check", tmp_path, "--format", "csv")
    assert "2 records were given more than once" in ran.err
    assert "the id of another" not in ran.err


def test_one_id_of_two_notes_is_said_with_their_places_and_versions_are_none(tmp_path: Path) -> None:
    note = json.loads(SHORT.read_bytes()) | {"status": "final"}
    of_another = {**note, "status": "amended", "patient": {**note["patient"], "identifier": "4", "pseudonym": "P-9"}}
    amended = {**note, "status": "amended", "comment": {"text": "As told."}}
    (path := tmp_path / "notes.ndjson").write_text("\n".join(map(json.dumps, (note, amended, note))))
    ran = run_program("check", path)
    assert "given more than once" in ran.err
    assert "the id of another" not in ran.err
    for other in (of_another, {**note, "comment": {"text": "Something else."}}):
        path.write_text("\n".join(map(json.dumps, (note, amended, other))))
        ran = run_program("check", path)
        assert "given more than once" not in ran.err
        assert f"1 note has the id of another note, first {path}, line 1 and {path}, line 3: give each" in ran.err


def test_a_number_that_stands_for_many_patients_is_said(tmp_path: Path) -> None:
    data = json.loads(SHORT.read_bytes())
    day = datetime.fromisoformat(data["date"])
    notes = [
        data | {"id": f"n{hour}", "date": (day + timedelta(hours=hour)).isoformat()} for hour in range(MOST_EARLIER + 3)
    ]
    (path := tmp_path / "notes.ndjson").write_text("\n".join(map(json.dumps, notes[: MOST_EARLIER + 1])))
    assert "of their patient before them" not in run_program("check", path, "--format", "csv").err
    path.write_text("\n".join(map(json.dumps, notes)))
    said = f"notes with more than {MOST_EARLIER} others of their patient before them in one pregnancy: 2; each was"
    assert said in run_program("check", path, "--format", "csv").err


@pytest.mark.parametrize("name", ["notes.ndjson", "notes.ndjson.gz", "-", "notes.tar", "note.json.gz", "note.json"])
@pytest.mark.parametrize(("content", "said"), [(b"", "is empty"), (b"\n \r\n\n", "nothing but empty lines")])
def test_a_file_without_a_record_is_said_and_fails(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    if name.endswith(".tar"):
        (inside := tmp_path / "notes.ndjson").write_bytes(content)
        with tarfile.open(path, "w") as archive:
            archive.add(inside, "notes.ndjson")
    else:
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    ran = run_program("check", "-" if name == "-" else path, stdin=content)
    assert (ran.code, ran.out) == (2, "")
    assert "there is no record in it" in ran.err or name == "note.json"
    assert said in ran.err or name == "note.json"


# --- a run that is cut off -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "jsonl", "sarif", "html"])
@pytest.mark.parametrize("left", [0.1, 0.5, 0.97])
def test_a_run_that_was_cut_off_goes_on_where_it_was(
    year: Path, tmp_path: Path, form: str, left: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run_program("check", year, "--format", form)
    journal = tmp_path / "journal"

    def kept(self: Journal, finished: bool) -> None:
        self._file.close()

    monkeypatch.setattr(Journal, "close", kept)
    run_program("check", year, "--format", form, "--journal", journal)
    monkeypatch.undo()
    assert journal.stat().st_mode & 0o077 == 0
    raw = journal.read_bytes()
    journal.write_bytes(raw[: int(len(raw) * left)])
    before = journal.read_bytes().count(b"\n") - 1
    ran = run_program("check", year, "--format", form, "--journal", journal, "--jobs", "2")
    assert (ran.code, ran.out) == (whole.code, whole.out)
    assert f"going on after {before} records" in ran.err or not before
    assert not journal.exists()


def test_a_journal_is_that_of_one_run(year: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text("mine\n")
    assert "is no journal of a run" in run_program("check", year, "--journal", journal).err
    assert journal.read_text() == "mine\n"
    journal.write_text(json.dumps({"journal": 1, "format": "json"}) + "\n")
    assert "another run" in run_program("check", year, "--journal", journal).err


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (("--format", "csv"), "with another --format"),
        (("--format", "csv", "--fail-on", "info"), "with another --format and another --fail-on:"),
        (("--jurisdiction", "UK"), "with other options:"),
        ((SPARSE,), "with other records:"),
    ],
)
def test_a_journal_of_another_run_says_what_is_another(
    year: Path, tmp_path: Path, other: tuple[Any, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "journal"
    monkeypatch.setattr(Journal, "close", lambda self, _finished: self._file.close())
    run_program("check", year, "--journal", journal)
    ran = run_program("check", year, "--journal", journal, *other)
    assert ran.code == 2
    assert said in ran.err


def test_a_run_that_is_killed_goes_on(year: Path, tmp_path: Path) -> None:
    many = tmp_path / "many.ndjson"
    many.write_bytes((year.read_bytes() + b"\n") * 12)
    journal, out = tmp_path / "journal", tmp_path / "out.jsonl"
    command = ["check", str(many), "--format", "jsonl", "-o", str(out), "--journal", str(journal)]
    program = [sys.executable, "-c", "from ci_notes.cli import main; main()", *command]
    with subprocess.Popen(program, stderr=subprocess.DEVNULL) as killed:
        until = time.monotonic() + 120
        while time.monotonic() < until and (not journal.exists() or journal.stat().st_size < 60_000):
            time.sleep(0.02)
        killed.kill()
    assert not out.exists()
    assert len([*tmp_path.glob(".out.jsonl.*")]) == 1
    (others := tmp_path / ".out.jsonl.mine").write_text("mine")
    ran = run_program(*command)
    assert "going on after" in ran.err
    assert {one.name for one in tmp_path.iterdir()} == {"many.ndjson", "out.jsonl", others.name}
    assert out.read_text() == run_program("check", many, "--format", "jsonl").out


# --- what is accepted, and two runs --------------------------------------------------------------------------------

WORSE = {**json.loads(SPARSE.read_bytes()), "comment": {"text": 5}}
WHY = ("--reason", "Known since the audit of the autumn.", "--until", "2099-12-31")


def test_what_was_accepted_is_not_told_and_what_is_new_is(tmp_path: Path) -> None:
    path, held = tmp_path / "notes.ndjson", tmp_path / "accepted.jsonl"
    path.write_bytes(compact(SPARSE))
    first = run_program("check", path, "--format", "jsonl", "--accept", held, *WHY)
    told = [one for one in map(json.loads, first.out.splitlines()) if one["type"] == "finding"]
    assert told
    again = run_program("check", path, "--format", "jsonl", "--baseline", held)
    assert [json.loads(one)["type"] for one in again.out.splitlines()] == ["run", "summary"]
    assert again.code == 0
    assert f"{len(told)} findings are accepted in {held}" in again.err
    path.write_bytes(json.dumps(WORSE).encode())
    for form in ("text", "json", "jsonl", "sarif"):
        ran = run_program("check", path, "--format", form, "--baseline", held, "--jobs", "2")
        assert ran.code == 1
        assert "shape" in ran.out
        assert form == "sarif" or "not recorded" not in ran.out


def test_of_two_findings_at_one_place_the_second_stays_the_second(tmp_path: Path) -> None:
    path, held = tmp_path / "notes.ndjson", tmp_path / "accepted.jsonl"
    too_long_and_unprintable = {"comment": {"text": "\x07" + "x" * 20_001}}
    path.write_bytes(json.dumps(WORSE | too_long_and_unprintable).encode())
    told = run_program("check", path, "--format", "jsonl", "--accept", held, *WHY)
    ids = [one["id"] for one in map(json.loads, told.out.splitlines()) if one["type"] == "finding"]
    counted = next(one for one in ids if one.endswith("-2"))
    lines = held.read_text().splitlines(keepends=True)
    held.write_text("".join(line for line in lines if f'"{counted}"' not in line))
    again = run_program("check", path, "--format", "jsonl", "--baseline", held)
    assert [one["id"] for one in map(json.loads, again.out.splitlines()) if one["type"] == "finding"] == [counted]


def test_a_report_counts_what_is_accepted_and_says_how_much_that_is(tmp_path: Path) -> None:
    path, held = tmp_path / "notes.ndjson", tmp_path / "accepted.jsonl"
    path.write_bytes(compact(SPARSE))
    first = run_program("check", path, "--format", "html", "--accept", held, *WHY)
    number = held.read_text().count("\n") - 1
    assert number > 0
    again = run_program("check", path, "--format", "html", "--baseline", held)
    assert again.code == 0
    assert f"{number} findings are accepted in a baseline. They are counted here like the others." in again.out
    accepted = r"\n<dt>Accepted</dt>.*"
    assert re.sub(accepted, "", again.out) == first.out


def test_an_acceptance_that_is_over_is_told_again(tmp_path: Path) -> None:
    held = tmp_path / "accepted.jsonl"
    run_program("check", SPARSE, "--accept", held, *WHY)
    held.write_text(held.read_text().replace("2099-12-31", "2026-01-01"))
    ran = run_program("check", SPARSE, "--baseline", held)
    assert ran.out == run_program("check", SPARSE).out
    assert "are over" in ran.err


def test_what_must_not_be_written_over_is_said_before_anything_is_read(tmp_path: Path) -> None:
    accepting = ("--reason", "Known since autumn", "--until", "2030-01-01")
    there = tmp_path / "there"
    there.write_text("x")
    for options in (
        ("--accept", there, *accepting),
        ("--accept", tmp_path / "none" / "accepted", *accepting),
        ("--journal", there, "-o", there, "--force"),
        ("--accept", tmp_path / "one", "--journal", tmp_path / "one", *accepting),
    ):
        ran = run_program("check", *EXAMPLES[:3], *options, "--format", "jsonl")
        assert (ran.code, ran.out, ran.err.count("\n"), there.read_text()) == (2, "", 1, "x"), options


def test_a_baseline_is_kept_up_to_date_in_its_own_file(tmp_path: Path) -> None:
    path = tmp_path / "accepted"
    accepting = ("--accept", path, "--reason", "Known since autumn", "--until", "2030-01-01")
    run_program("check", EXAMPLES[0], *accepting)
    first = len(path.read_text().splitlines())
    ran = run_program("check", *EXAMPLES[:2], "--baseline", path, *accepting)
    assert "give --force" not in ran.err
    assert len(path.read_text().splitlines()) > first


def test_a_note_whose_findings_are_all_accepted_is_not_said_to_be_without(tmp_path: Path) -> None:
    path = tmp_path / "accepted"
    run_program("check", SPARSE, "--accept", path, "--reason", "Known since autumn", "--until", "2030-01-01")
    number = len(path.read_text().splitlines()) - 1
    told = {form: run_program("check", SPARSE, "--baseline", path, "--format", form) for form in FORMATS}
    assert f"Nothing new, {number} accepted;" in told["text"].out
    assert json.loads(told["json"].out)[0]["accepted"] == number
    assert f"Nothing new; accepted in the baseline: {number}" in told["operationoutcome"].out
    path.write_text(path.read_text().replace("2030-01-01", "20260101"))
    assert f"{number} acceptances are over" in run_program("check", SPARSE, "--baseline", path).err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--accept", "new.jsonl"), "at least 10 characters"),
        (("--accept", "new.jsonl", "--reason", "Known since long."), "--accept needs --until: the last day on which"),
        (("--accept", "new.jsonl", "--reason", "Known since long.", "--until", "soon"), "«soon» is no day"),
        (("--accept", "new.jsonl", "--reason", "Known since long.", "--until", "2026-01-01"), "is over"),
        (("--reason", "Known since long."), "belong to --accept"),
        (("--baseline", "none.jsonl"), "cannot read none.jsonl"),
        (("--baseline", str(SPARSE)), "is no baseline"),
    ],
)
def test_what_cannot_be_accepted_is_said_before_anything_is_read(arguments: tuple[str, ...], said: str) -> None:
    ran = run_program("check", SPARSE, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2 is not JSON"),
        ('{"id": "a"}', "line 2: an accepted finding has id, rule, reason and until"),
        ('{"id": "a", "rule": "b", "reason": "c", "until": "d"}', "line 2: until is a day"),
    ],
)
def test_a_baseline_that_was_spoilt_is_named_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    held = tmp_path / "accepted.jsonl"
    run_program("check", SPARSE, "--accept", held, *WHY)
    held.write_text(held.read_text().splitlines()[0] + "\n" + line + "\n")
    ran = run_program("check", SPARSE, "--baseline", held)
    assert ran.code == 2
    assert said in ran.err


def test_two_runs_are_held_against_each_other(tmp_path: Path) -> None:
    path, runs = tmp_path / "notes.ndjson", [tmp_path / "before.jsonl", tmp_path / "after.jsonl"]
    for note, run in zip((json.loads(SPARSE.read_bytes()), WORSE), runs, strict=True):
        path.write_bytes(json.dumps(note).encode())
        run_program("check", path, "--format", "jsonl", "-o", run)
    ran = run_program("compare", *runs, "--format", "json", "--fail-on-new")
    found = json.loads(ran.out)
    assert ran.code == 1
    assert set(found["new"]) == {"shape"}
    assert sum(found["same"].values()) > 0
    back = json.loads(run_program("compare", *reversed(runs), "--format", "json").out)
    assert (back["new"], back["gone"], back["same"]) == (found["gone"], found["new"], found["same"])
    text = run_program("compare", *runs).out
    assert text.splitlines()[-1] == "{} new, {} gone, {} the same.".format(
        *(sum(found[one].values()) for one in ("new", "gone", "same"))
    )


def test_a_note_that_occurs_twice_counts_twice_in_both_runs(tmp_path: Path) -> None:
    path, once, twice = tmp_path / "notes.ndjson", tmp_path / "once.jsonl", tmp_path / "twice.jsonl"
    for times, run in ((1, once), (2, twice)):
        path.write_bytes((compact(SPARSE) + b"\n") * times)
        run_program("check", path, "--format", "jsonl", "-o", run)
    number = once.read_text().count("\n") - 2
    assert run_program("compare", twice, twice).out.splitlines()[-1] == f"0 new, 0 gone, {2 * number} the same."
    assert run_program("compare", twice, once).out.splitlines()[-1] == f"0 new, {number} gone, {number} the same."
    assert run_program("compare", once, twice, "--fail-on-new").code == 1


def test_a_run_that_was_cut_off_is_not_compared(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    run_program("check", SPARSE, "--format", "jsonl", "-o", whole)
    cut.write_text("".join(whole.read_text().splitlines(keepends=True)[:-1]))
    assert "was cut off" in run_program("compare", whole, cut).err
    assert "is no run" in run_program("compare", whole, SPARSE).err
