"""The command line: product on stdout, messages on stderr, exit 0, 1 or 2, and never a traceback for bad input."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notes import bare_note, rich_note
from running import run_program
from tiny import Pack, visit_note

from ci_notes import library
from ci_notes.cli import cli as commands

Run = Callable[..., Any]


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return write(tmp_path / "rich.note.json", rich_note())


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "pack").mkdir()
    Pack().write(tmp_path / "pack")
    return tmp_path / "pack"


def write(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def refused(ran: Any, *said: str) -> None:
    """Assert that a run ended with exit 2, one message on stderr and nothing on stdout."""
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("ci-notes: ")
    assert ran.err.count("\n") == 1, "one message is one line"
    assert "Traceback" not in ran.err
    assert not [words for words in said if words not in ran.err], ran.err


# --- check ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visit", "fail_on", "code"),
    [
        ({"length": 15, "stitch": True}, "error", 1),
        ({"length": 15, "stitch": True}, "never", 0),
        ({"length": 5}, "error", 0),
        ({"length": 5}, "warning", 1),
        ({"items": [{"id": name, "flag": True, "why": "x"} for name in "ab"]}, "warning", 0),
        ({"items": [{"id": name, "flag": True, "why": "x"} for name in "ab"]}, "info", 1),
        ({"stitch": False}, "info", 0),
    ],
)
def test_exit_status_of_check_follows_the_gravest_finding(
    run: Run, tmp_path: Path, pack: Path, visit: dict[str, Any], fail_on: str, code: int
) -> None:
    path = write(tmp_path / "n.json", visit_note(**visit))
    ran = run("check", path, "--templates", pack, "--fail-on", fail_on)
    assert (ran.code, ran.err) == (code, "")
    assert str(path) in ran.out


def test_errors_fail_a_check_unless_told_otherwise(run: Run, tmp_path: Path) -> None:
    wrong = write(tmp_path / "n.json", bare_note(exam={"dilation": 11}))
    assert run("check", wrong).code == 1
    assert run("check", write(tmp_path / "m.json", bare_note())).code == 0


def test_a_row_is_called_by_its_number_where_people_read(run: Run, tmp_path: Path) -> None:
    prior = [{"id": "11c87e28", "ga_end": "39w"}, {"id": "5ad01f02", "ga_end": "1w"}]
    note = write(tmp_path / "n.json", bare_note(history={"prior": prior}, status="draft"))
    report = run("check", note).out
    assert "A prior pregnancy is said to have ended at 1 week; 4+0 to 44+0 weeks are possible." in report
    assert "history.prior[5ad01f02].ga_end (Prior pregnancy 2) · data quality" in report
    saved = run("new", "assessment", "-o", note, stdin=b":stop\n").err
    assert "weeks are possible. (Prior pregnancy 2; data quality)" in saved


def said_in(text: str, finding: dict[str, Any]) -> bool:
    """Return whether a report in text says a finding; what is missing it names, section by section."""
    if finding["rule"] != "required":
        return finding["message"] in text
    element = library.load_template("assessment").elements[re.sub(r"\[[^\]]*\]", "", finding["places"][0])]
    return any(": not recorded: " in line and element.say in line for line in text.splitlines())


def test_report_in_json_says_what_the_report_in_text_says(run: Run, rich: Path) -> None:
    ran = run("check", rich, "--format", "json")
    (report,) = json.loads(ran.out)
    assert report["file"] == str(rich)
    assert report["note"] == "note-1"
    assert (report["template"], report["jurisdiction"]) == ("assessment", "UK")
    assert report["rules"] >= report["rules_not_reviewed"] >= 0
    text = run("check", rich).out
    assert report["findings"]
    for finding in report["findings"]:
        assert finding["rule"] in text
        assert said_in(text, finding)
        assert finding["severity"] in ("error", "warning", "info")
    assert "not yet reviewed by a clinician" in text


def test_several_notes_are_reported_one_by_one_and_one_bad_file_does_not_hide_the_others(
    run: Run, tmp_path: Path, rich: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    missing = tmp_path / "missing.json"
    ran = run("check", bad, rich, missing, write(tmp_path / "bare.json", bare_note()), "--format", "json")
    assert ran.code == 2
    assert [report["note"] for report in json.loads(ran.out)] == ["note-1", "note-bare"]
    assert ran.err.count("\n") == 2
    assert str(bad) in ran.err
    assert str(missing) in ran.err


def test_guideline_set_given_to_check_stands_in_for_that_of_the_note(run: Run, tmp_path: Path, pack: Path) -> None:
    path = write(tmp_path / "n.json", visit_note(stitch=True))
    outcomes = {}
    for place in ("US", "UK", "CA", "INTL"):
        (report,) = json.loads(run("check", path, "--templates", pack, "--jurisdiction", place, "--format", "json").out)
        assert report["jurisdiction"] == place
        outcomes[place] = "T004" in {finding["rule"] for finding in report["findings"]}
    assert outcomes == {"US": False, "UK": True, "CA": True, "INTL": False}
    assert run("check", path, "--jurisdiction", "FR").code == 2


def test_note_can_come_from_standard_input(run: Run) -> None:
    for raw in (json.dumps(rich_note()).encode(), b"\xef\xbb\xbf" + json.dumps(rich_note()).encode()):
        (report,) = json.loads(run("check", "-", "--format", "json", stdin=raw).out)
        assert (report["file"], report["note"]) == ("-", "note-1")
    in_yaml = b"id: y1\ntemplate: assessment\nstatus: draft\ndate: 2026-11-03T10:00:00Z\n"
    assert run("check", "-", stdin=in_yaml).code == 0
    refused(run("check", "-", stdin=b""), "standard input is empty")


def test_note_of_the_future_is_an_error(run: Run, tmp_path: Path) -> None:
    ran = run("check", write(tmp_path / "n.json", bare_note(date="2199-01-01T10:00:00Z")))
    assert ran.code == 1
    assert "R013" in ran.out


# --- bad input -----------------------------------------------------------------------------------------------------

READERS = [("check",), ("render",), ("fhir",), ("import",), ("fhir", "--previous")]


def arguments(verb: tuple[str, ...], path: Path, rich: Path) -> list[Any]:
    return [verb[0], rich, verb[1], path] if len(verb) > 1 else [verb[0], path]


@pytest.mark.parametrize("verb", READERS, ids=" ".join)
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (b"{", "is not JSON: column 2"),
        (b'{\n  "id" 1}', "is not JSON: line 2, column 8"),
        (b"[]", "is no note: it holds a list"),
        (b'{"length": NaN}', "NaN"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"id": "a", "id": "b"}', "«id» twice"),
        ('{"name": "Zoë"}'.encode("latin-1"), "is not UTF-8"),
        (b"\x00\x01\x02\xff", "is not UTF-8"),
    ],
    ids=["empty", "no json", "no json in lines", "list", "nan", "deep", "doubled", "latin-1", "binary"],
)
def test_file_that_cannot_be_read_is_one_message(
    run: Run, tmp_path: Path, rich: Path, verb: tuple[str, ...], raw: bytes, said: str
) -> None:
    (path := tmp_path / "n.json").write_bytes(raw)
    if verb == ("import",):
        said = {b"{": "was cut off: it ends in line 1", b"[]": "is no FHIR: it holds a list"}.get(raw, said)
    refused(run(*arguments(verb, path, rich)), str(path), said)


@pytest.mark.parametrize("verb", READERS, ids=" ".join)
def test_path_that_is_no_file_is_one_message(run: Run, tmp_path: Path, rich: Path, verb: tuple[str, ...]) -> None:
    (folder := tmp_path / "empty").mkdir()
    refused(run(*arguments(verb, folder, rich)), str(folder), "is a folder")
    refused(run(*arguments(verb, tmp_path / "none.json", rich)), "none.json", "no such file")
    refused(run(*arguments(verb, tmp_path / ("x" * 300), rich)), "name too long")


@pytest.mark.parametrize("verb", ["check", "render", "fhir"])
def test_file_of_a_hundred_megabytes_is_one_message(run: Run, tmp_path: Path, verb: str) -> None:
    with (path := tmp_path / "n.json").open("wb") as file:
        file.truncate(100_000_000)
    refused(run(verb, path), str(path), "at most 8 MB")


@pytest.mark.parametrize("verb", ["check", "render", "fhir"])
def test_yaml_with_tags_or_aliases_is_one_message(run: Run, tmp_path: Path, verb: str) -> None:
    for text, said in (("a: !!python/name:os.system", "has a tag"), ("a: &x [1]\nb: [*x, *x]", "alias or anchor")):
        (path := tmp_path / "n.yaml").write_text(text)
        refused(run(verb, path), f"{path}, line 1", said)


@pytest.mark.parametrize("verb", ["check", "render", "fhir"])
def test_wrong_template_is_answered_with_the_nearest(run: Run, tmp_path: Path, verb: str) -> None:
    path = write(tmp_path / "n.json", bare_note(template="asessment"))
    refused(run(verb, path), "there is no template «asessment»; did you mean «assessment»?")
    refused(run("templates", "asessment"), "did you mean «assessment»?")


@pytest.mark.parametrize("verb", ["render", "fhir"])
def test_bundle_in_the_place_of_a_note_is_pointed_to_import(run: Run, rich: Path, tmp_path: Path, verb: str) -> None:
    bundle = tmp_path / "bundle.json"
    assert run("fhir", rich, "-o", bundle).code == 0
    refused(run(verb, bundle), "is a FHIR Bundle, not a note", "`ci-notes import`")


def test_folder_of_templates_that_holds_none_is_named(run: Run, rich: Path, tmp_path: Path) -> None:
    refused(run("check", rich, "--templates", tmp_path / "none"), "none holds no template")


def test_broken_template_is_one_message(run: Run, tmp_path: Path, pack: Path) -> None:
    (pack / "visit" / "narrative.en.j2").write_text("{% block visit %}{{ visit.lenght }}{% endblock %}")
    path = write(tmp_path / "n.json", visit_note())
    refused(run("check", path, "--templates", pack), "visit/narrative.en.j2", "did you mean «visit.length»?")


@pytest.mark.parametrize(
    "given",
    [
        ["chek"],
        ["check"],
        ["check", "n.json", "--fail-on", "all"],
        ["render"],
        ["render", "a", "b"],
        ["render", "n.json", "--to", "pdf"],
        ["fhir", "n.json", "--bundle", "batch"],
        ["check", "--colour"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_with_help_on_stderr(run: Run, given: list[str]) -> None:
    ran = run(*given)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: " in ran.err
    assert "Traceback" not in ran.err


def test_a_mistyped_command_is_answered_with_the_one_that_is_near(run: Run) -> None:
    assert "There is no command «chekc»; did you mean «check»?" in run("chekc", "n.json").err
    assert "did you mean" not in run("frobnicate").err


def test_help_and_version_are_products(run: Run) -> None:
    for option in ("--help", "-h", "--version"):
        ran = run(option)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out
    for name in commands.commands:
        ran = run(name, "--help")
        assert (ran.code, ran.err) == (0, "")
        assert commands.commands[name].help.splitlines()[0].rstrip(".").split(":")[0] in " ".join(ran.out.split())


# --- render, fhir, import ------------------------------------------------------------------------------------------


def test_product_of_render_is_on_stdout_alone(run: Run, rich: Path) -> None:
    for form, sign in (("text", "DRAFT"), ("markdown", "# "), ("html", "<!doctype html>")):
        ran = run("render", rich, "--to", form)
        assert (ran.code, ran.err) == (0, "")
        assert sign in ran.out
        assert "Ada Example" in ran.out
    assert "says     patient.name" in run("render", rich, "--trace").out


def test_what_has_the_wrong_shape_is_left_out_of_the_narrative_and_said_on_stderr(run: Run, tmp_path: Path) -> None:
    ran = run("render", write(tmp_path / "n.json", bare_note(exam={"dilation": 11})))
    assert ran.code == 0
    assert ran.err.startswith("ci-notes: not in the narrative: Cervical dilation")
    assert "11 cm" not in ran.out


def test_render_takes_the_spelling_of_the_country_it_is_given(run: Run, rich: Path) -> None:
    assert "3 November 2026" in run("render", rich).out
    assert "November 3, 2026" in run("render", rich, "--jurisdiction", "US").out


@pytest.mark.parametrize("form", ["document", "transaction", "collection"])
@pytest.mark.parametrize("detail", ["full", "lean"])
def test_bundle_is_json_of_its_kind(run: Run, rich: Path, form: str, detail: str) -> None:
    ran = run("fhir", rich, "--bundle", form, "--detail", detail)
    assert (ran.code, ran.err) == (0, "")
    bundle = json.loads(ran.out)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", form)


def test_note_comes_back_from_its_bundle(run: Run, rich: Path, tmp_path: Path) -> None:
    bundle = run("fhir", rich).out
    for ran in (
        run("import", write(tmp_path / "b.json", json.loads(bundle))),
        run("import", "-", stdin=bundle.encode()),
    ):
        assert (ran.code, ran.err) == (0, "")
        assert json.loads(ran.out) == rich_note()


def test_note_is_no_bundle(run: Run, rich: Path) -> None:
    refused(run("import", rich))


@pytest.mark.parametrize("verb", ["render", "fhir"])
def test_existing_file_is_not_written_over_unless_forced(run: Run, rich: Path, tmp_path: Path, verb: str) -> None:
    output = tmp_path / "out"
    ran = run(verb, rich, "-o", output)
    assert (ran.code, ran.out) == (0, "")
    assert str(output) in ran.err
    written = output.read_text(encoding="utf-8")
    output.write_text("something of yours")
    refused(run(verb, rich, "-o", output), str(output), "exists; give --force to write over it")
    assert output.read_text() == "something of yours"
    assert run(verb, rich, "-o", output, "--force").code == 0
    assert output.read_text(encoding="utf-8") == written
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")], "nothing is left lying about"


def test_place_that_cannot_be_written_is_one_message(run: Run, rich: Path, tmp_path: Path) -> None:
    refused(run("render", rich, "-o", tmp_path / "none" / "out"), "cannot write", "there is no folder")
    refused(run("render", rich, "-o", tmp_path, "--force"), "cannot write")


def test_note_that_is_read_is_not_changed(run: Run, rich: Path) -> None:
    before = rich.read_bytes()
    for verb in ("check", "render", "fhir"):
        run(verb, rich)
    assert rich.read_bytes() == before


# --- templates and rules -------------------------------------------------------------------------------------------


def test_templates_are_listed_with_what_is_in_them(run: Run, pack: Path) -> None:
    assert "assessment" in run("templates").out
    assert {one["id"] for one in json.loads(run("templates", "--format", "json", "--templates", pack).out)} >= {
        "assessment",
        "visit",
    }
    listed = json.loads(run("templates", "assessment", "--format", "json").out)
    assert {one["path"] for one in listed} == set(library.load_template("assessment").elements)
    text = run("templates", "assessment").out
    assert not [one["path"] for one in listed if one["path"] not in text]


def test_page_of_every_rule_says_what_it_rests_on(run: Run) -> None:
    rules = library.load_template("assessment").rules
    listed = run("rule").out
    for rule in rules:
        assert rule.id in listed
        page = run("rule", rule.id)
        assert (page.code, page.err) == (0, "")
        for words in (rule.statement, rule.why, rule.severity, *(source.document for source in rule.sources)):
            assert words in page.out
        assert run("rule", rule.name).out == page.out


def test_page_of_a_built_in_check_and_of_a_rule_that_is_not_there(run: Run) -> None:
    assert "The note has the shape of its template." in run("rule", "shape").out
    refused(run("rule", "R0277"), "there is no rule «R0277»", "did you mean")
    refused(run("rule", "R117a", "--template", "ultrasound"), "ultrasound has no rule «R117a»", "did you mean")


# --- the real program ----------------------------------------------------------------------------------------------


def program(*given: str | Path, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ci_notes", *map(str, given)],
        capture_output=True,
        check=False,
        timeout=60,
        **more,
    )


def test_real_program_ends_with_the_same_statuses(rich: Path, tmp_path: Path) -> None:
    assert program("check", rich, "--fail-on", "never").returncode == 0
    assert program("check", write(tmp_path / "n.json", bare_note(exam={"dilation": 11}))).returncode == 1
    done = program("check", tmp_path / "none.json")
    assert (done.returncode, done.stdout) == (2, b"")
    assert program("check", "-", input=rich.read_bytes()).stdout


def test_reader_that_goes_away_is_no_accident(rich: Path) -> None:
    command = f"{sys.executable} -m ci_notes templates assessment | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=60)
    assert done.stderr == b""


def test_text_that_the_terminal_cannot_show_is_no_accident(rich: Path) -> None:
    for verb in ("check", "render"):
        done = program(verb, rich, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
        assert b"Traceback" not in done.stderr
        assert done.returncode in (0, 1)


# --- anything at all -----------------------------------------------------------------------------------------------

ELEMENTS = library.load_template("assessment").elements
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(["0001-01-01", "9999-12-31", "1990-01-01", "99w6d", "0w0d", "22w", "\ud800", "\ue000", "{{ x }}"])
    | st.sampled_from([option.value for element in ELEMENTS.values() for option in element.options])
    | st.sampled_from([{"absent": "not-asked"}, {"absent": "not-performed", "reason": "\n\n- x"}, {}, [], [{}]])
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["absent", "reason", "id", "outcome", "length"]) | st.text(max_size=3), inner)
    ),
    max_leaves=5,
)
sections = sorted({path.split(".")[0] for path in ELEMENTS} - {"note"})


def _section(name: str) -> st.SearchStrategy[Any]:
    inside = [
        element.name for element in ELEMENTS.values() if element.path.count(".") == 1 and element.path.startswith(name)
    ]
    return st.dictionaries(st.sampled_from(inside), anything, max_size=4) | anything


wild_notes = st.fixed_dictionaries(
    {"template": st.just("assessment"), "id": st.just("wild"), "status": st.just("draft") | anything},
    optional={
        "date": st.just("2026-11-03T10:00:00Z") | anything,
        "jurisdiction": st.sampled_from(["US", "UK"]) | anything,
        "kept": st.lists(st.dictionaries(st.sampled_from(["id", "rule", "at", "rationale"]), anything)) | anything,
        **{name: _section(name) for name in sections},
    },
)


@given(wild_notes)
def test_any_note_is_judged_said_and_sent_or_refused(note: dict[str, Any]) -> None:
    raw = json.dumps(note).encode()
    for verb in (("check", "-"), ("render", "-"), ("render", "-", "--trace"), ("fhir", "-")):
        ran = run_program(*verb, stdin=raw)
        assert ran.code in (0, 1, 2)
        assert ran.code != 1 or verb[0] == "check"
        assert bool(ran.err) or ran.code < 2


@given(anything)
def test_any_json_at_all_is_judged_or_refused(data: Any) -> None:
    raw = json.dumps(data).encode()
    for verb in ("check", "import"):
        ran = run_program(verb, "-", stdin=raw)
        assert ran.code in (0, 1, 2)
        assert bool(ran.err) or ran.code < 2


def _places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything inside a piece of JSON."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [place for key, value in inner for place in [(*path, key), *_places(value, (*path, key))]]


BUNDLE = json.loads(run_program("fhir", "-", stdin=json.dumps(rich_note()).encode()).out)


@given(st.sampled_from(_places(BUNDLE)), st.none() | anything)
def test_any_damage_to_a_bundle_is_read_over_or_refused(place: tuple[Any, ...], value: Any) -> None:
    damaged = json.loads(json.dumps(BUNDLE))
    held = damaged
    for step in place[:-1]:
        held = held[step]
    if value is None:
        del held[place[-1]]
    else:
        held[place[-1]] = value
    ran = run_program("import", "-", stdin=json.dumps(damaged).encode())
    assert ran.code in (0, 2)
    assert all(line.startswith("ci-notes: ") for line in ran.err.splitlines()), (
        "no traceback; what was left out is told"
    )
    assert ran.code == 0 or ran.err.count("\n") == 1


@pytest.mark.parametrize("depth", [50, 70, 300, 900, 980])
def test_nesting_of_any_depth_is_judged_or_refused(run: Run, depth: int) -> None:
    for raw in (
        json.dumps(bare_note(exam={"dilation": "HERE"})).replace('"HERE"', "[" * depth + "]" * depth),
        json.dumps(bare_note(exam={"dilation": "HERE"})).replace('"HERE"', '{"x":' * depth + "1" + "}" * depth),
    ):
        for verb in ("check", "render", "fhir", "import"):
            ran = run(verb, "-", stdin=raw.encode())
            assert ran.code in (0, 1, 2)


def test_rules_are_printed_as_data_with_their_citation_and_examples(run: Run) -> None:
    listed = json.loads(run("rule", "--format", "json").out)
    one = json.loads(run("rule", "R031", "--format", "json").out)
    assert one in listed
    assert "RCOG GTG 75 (2022)" in one["citation"]
    assert one["jurisdictions"] == ["UK"]
    assert one["examples"]["fires"]
    assert json.loads(run("rule", "required", "--format", "json").out)["category"] == "completeness"


def test_a_questionnaire_is_printed_and_what_it_cannot_work_out_is_listed(run: Run, tmp_path: Path) -> None:
    ran = run("questionnaire", "assessment")
    assert ran.code == 0
    assert json.loads(ran.out)["resourceType"] == "Questionnaire"
    assert ran.err.splitlines() == [
        "history.formula_gravida (Gravida by the formula) is not worked out in the form: FHIRPath cannot say how"
    ]
    assert run("questionnaire", "assessment", "-o", tmp_path / "form.json").code == 0
    assert json.loads((tmp_path / "form.json").read_bytes()) == json.loads(ran.out)
    assert run("questionnaire", "asessment").code == 2


def test_what_a_form_gives_back_is_imported_though_it_does_not_say_what_it_answers(run: Run, rich: Path) -> None:
    bundle = json.loads(run("fhir", rich).out)
    resources = [entry["resource"] for entry in bundle["entry"]]
    answered = next(one for one in resources if one["resourceType"] == "QuestionnaireResponse")
    bare = {key: answered[key] for key in ("resourceType", "status", "item")}
    assert json.loads(run("import", "-", stdin=json.dumps(bare).encode()).out) == rich_note()
