"""`ci-notes import`, and what is no FHIR R4: a clear sentence, status 2, nothing written."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ci_notes import InputError, from_fhir, load, load_template, to_fhir
from ci_notes.cli import cli
from ci_notes.errors import InputError as Refusal
from ci_notes.fhir.reading import incoming, parsing
from ci_notes.interview import Interview
from ci_notes.prompts import prompt

Json = dict[str, Any]
HERE = Path(__file__).parent / "foreign"
SUMMARY = HERE / "antepartum-summary.json"


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments], input=stdin)


def summary() -> Json:
    return dict(json.loads(SUMMARY.read_text(encoding="utf-8")))


# --- what it makes -------------------------------------------------------------------------------------------------


def test_a_foreign_bundle_becomes_a_note_of_the_kind_that_is_named(tmp_path: Path) -> None:
    out = tmp_path / "new.note.json"
    ran = run("import", SUMMARY, "--template", "ultrasound", "-o", out)
    assert ran.exit_code == 0
    data = json.loads(out.read_text(encoding="utf-8"))
    assert (data["template"], data["status"]) == ("ultrasound", "draft")
    assert data["ultrasound"]["lengths"][0]["length"] == 24
    assert data["pregnancy"]["ga_stated"] == "33w5d"
    assert "ci-notes: taken: 13 values from " in ran.stderr
    assert "ci-notes: left out: " in ran.stderr
    assert "ci-notes: the bundle has 1 fault by FHIR's own rules" in ran.stderr  # the newborn is not in it


def test_the_report_is_told_in_full_or_as_json(tmp_path: Path) -> None:
    told = run("import", SUMMARY, "--template", "assessment", "--report", "text")
    assert "ultrasound.lengths[r1].length = 24 mm" in told.stderr
    assert "2.4 cm is 24 mm" in told.stderr
    out = tmp_path / "report.json"
    run("import", SUMMARY, "--template", "assessment", "--report", "json", "--report-to", out)
    report = json.loads(out.read_text(encoding="utf-8"))
    assert {"at", "value", "source", "found", "on", "how"} <= report["taken"][0].keys()
    assert {one["why"] for one in report["left"]} >= {"in-error", "another-patient", "comparator", "unit"}


def test_the_date_of_the_note_can_be_given() -> None:
    ran = run("import", SUMMARY, "--template", "assessment", "--date", "2026-10-20")
    data = json.loads(ran.stdout)
    assert data["date"] == "2026-10-20T00:00:00Z"
    assert data["pregnancy"]["ga_stated"] == "35w5d"
    assert run("import", SUMMARY, "--template", "assessment", "--date", "soon").exit_code != 0


def test_a_time_of_day_that_nobody_said_is_told_to_be_none() -> None:
    day = run("import", SUMMARY, "--template", "assessment", "--date", "2026-10-20")
    assert "of 2026-10-20, without a time of day: 00:00 stands in its place" in " ".join(day.stderr.split())
    moment = run("import", SUMMARY, "--template", "assessment", "--date", "2026-10-20T09:30:00+02:00")
    assert "time of day" not in moment.stderr


def test_a_bundle_of_ours_needs_no_template(tmp_path: Path) -> None:
    note = load(Path("templates/assessment/examples/complete.note.json"))
    for detail in ("full", "lean"):
        path = tmp_path / f"{detail}.json"
        path.write_text(json.dumps(to_fhir(note, detail=detail)), encoding="utf-8")
        ran = run("import", path)
        assert json.loads(ran.stdout) == note.data
        assert not ran.stderr


@pytest.mark.parametrize(("detail", "told"), [("full", False), ("lean", True)])
def test_a_lean_bundle_that_lost_its_answers_is_not_called_whole(tmp_path: Path, detail: str, told: bool) -> None:
    bundle = to_fhir(load(Path("templates/assessment/examples/complete.note.json")), detail=detail)
    bundle["entry"] = [one for one in bundle["entry"] if one["resource"]["resourceType"] != "QuestionnaireResponse"]
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    ran = run("import", path)
    assert ran.exit_code == 0
    assert ("the note is not whole" in " ".join(ran.stderr.split())) is told


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"resourceType": "Observatoin"}, "«Observatoin»; did you mean"), ({"effectiveDateTime": "2026-13-45"}, "date")],
)
def test_a_bundle_of_ours_that_was_damaged_is_refused_in_plain_words(tmp_path: Path, changed: Json, told: str) -> None:
    bundle = to_fhir(load(Path("templates/assessment/examples/complete.note.json")))
    one = next(entry for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Observation")
    one["resource"] |= changed
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    ran = CliRunner().invoke(cli, ["import", str(path)])
    assert isinstance(ran.exception, Refusal)
    assert told in str(ran.exception)
    assert "Bundle.entry[" in str(ran.exception)
    assert "regex" not in str(ran.exception)


def test_a_response_to_our_questionnaire_is_a_note_too(tmp_path: Path) -> None:
    note = load(Path("templates/assessment/examples/complete.note.json"))
    entries = to_fhir(note)["entry"]
    (answered,) = [one["resource"] for one in entries if one["resource"]["resourceType"] == "QuestionnaireResponse"]
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(answered), encoding="utf-8")
    assert json.loads(run("import", path).stdout) == note.data


# --- confirmed by a person -----------------------------------------------------------------------------------------


def imported() -> Json:
    return dict(json.loads(run("import", SUMMARY, "--template", "assessment").stdout))


def test_what_was_carried_forward_is_offered_for_confirmation_and_then_no_longer_marked() -> None:
    template, data = load_template("assessment"), imported()
    interview = Interview(template, data, lambda: "new")
    section = template.section("vitals")
    assert section
    offered = [one.section.name for one in interview.questions() if one.kind == "carry"]
    assert offered == [one.name for one in template.sections if one.name in data]
    interview.settle(section, take=True)
    assert data["vitals"]["weight"] == 74.8
    assert not [one for one in data["carried"] if one["at"].startswith("vitals.")]
    assert [one for one in data["carried"] if one["at"].startswith("pregnancy.")]


def test_a_question_for_confirmation_says_where_the_values_come_from() -> None:
    template, data = load_template("assessment"), imported()
    interview = Interview(template, data, lambda: "new")
    asked = [one for one in interview.questions() if one.kind == "carry" and one.section.name == "pregnancy"]
    words = prompt(interview, asked[0])
    assert "Agreed due date: 19 November 2026" in words
    assert "from Observation/edd: 11778-8 2026-11-19, 15 April 2026" in words
    assert words.endswith("Not confirmed yet. Right? [Y, n, or numbers of what changed] ")


def test_what_is_not_confirmed_is_taken_out() -> None:
    template, data = load_template("assessment"), imported()
    interview = Interview(template, data, lambda: "new")
    for section in template.sections:
        if section.name in interview.carried:
            interview.settle(section, take=False)
    assert "carried" not in data
    assert not any(data[section.name] for section in template.sections if section.name in data)


def test_a_draft_with_unconfirmed_values_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "draft.note.json"
    path.write_text(json.dumps(imported()), encoding="utf-8")
    ran = run("check", path)
    assert "34 values were carried forward and not confirmed" in ran.stdout
    path.write_text(json.dumps(imported() | {"status": "final"}), encoding="utf-8")
    found = json.loads(run("check", path, "--format", "json").stdout)[0]["findings"]
    assert [one["severity"] for one in found if one["rule"] == "unconfirmed"] == ["error"]


def test_a_new_note_is_begun_from_a_foreign_bundle(tmp_path: Path) -> None:
    out = tmp_path / "new.note.json"
    ran = run("new", "assessment", "--from", SUMMARY, "-o", out, stdin=b"\n" * 3 + b":stop\n")
    assert "taken: 34 values" in ran.stderr
    data = json.loads(out.read_text(encoding="utf-8"))
    assert data["patient"]["name"] == "Alma Invented"


# --- what cannot be read -------------------------------------------------------------------------------------------


def cut(at: int) -> bytes:
    text = json.dumps(summary(), indent=1)
    return text[:at].encode()


def with_resource(resource: Json) -> bytes:
    bundle = summary()
    bundle["entry"].append({"fullUrl": f"https://x.example/{resource['resourceType']}/x", "resource": resource})
    return json.dumps(bundle).encode()


def lines() -> bytes:
    return "\n".join(json.dumps(one["resource"]) for one in summary()["entry"]).encode()


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "diagnostics": "Token expired"}]}
BAD: dict[str, tuple[bytes, str]] = {
    "cut off in a resource": (cut(9000), "was cut off: it ends in line "),
    "cut off in a text": (cut(2290), "was cut off: it ends in line "),
    "cut off at the end": (cut(-2), "was cut off: it ends in line "),
    "R5 by a list": (
        with_resource({"resourceType": "Encounter", "class": [{}]}),
        "looks like FHIR R5.*Encounter.class",
    ),
    "R5 by a key": (with_resource({"resourceType": "MedicationRequest", "medication": {}}), "looks like FHIR R5"),
    "R5 by a type": (with_resource({"resourceType": "Transport"}), "Transport is a resource of R5"),
    "R5 by its version": (b'{"resourceType": "Bundle", "fhirVersion": "5.0.0"}', "fhirVersion is 5.0.0"),
    "another resource": (b'{"resourceType": "Questionnaire"}', "a FHIR Bundle is wanted, not a Questionnaire"),
    "two patients": (
        with_resource({"resourceType": "Patient", "name": [{"text": "Berta Other"}]}),
        r"2 patients \(Alma Invented, 70031; Berta Other\)",
    ),
    "nested": (b'{"resourceType": "Bundle", "entry": ' + b"[" * 900 + b"]" * 900 + b"}", "nested too deeply"),
    "nested beyond reading": (b"[" * 200_000, "nested too deeply|cut off"),
    "UTF-16": ('{"resourceType": "Bundle"}'.encode("utf-16"), "is UTF-16 text"),
    "Latin-1": ('{"resourceType": "Bünde"}'.encode("latin-1"), "is not UTF-8 text: byte 0xfc in line 1"),
    "NDJSON": (lines(), "is NDJSON, one resource a line"),
    "XML": (b'<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir"/>', "is FHIR in XML; FHIR in JSON is wanted"),
    "HTML": (b"<html><body>Sign in</body></html>", "is XML or HTML"),
    "no bundle at all": (b"[1, 2]", "a FHIR Bundle is wanted"),
    "a page": (b"Not found", "is not JSON"),
    "nothing": (b"", "is empty"),
    "an empty bundle": (b'{"resourceType": "Bundle", "type": "searchset"}', "the bundle holds no resource"),
    "a list without a name": (b'{"resourceType": "Bundle", "": []}', "the bundle holds no resource"),
    "what a server said": (
        json.dumps({"resourceType": "Bundle", "entry": [{"resource": OUTCOME}]}).encode(),
        "the server said Token expired",
    ),
    "only what a server said": (json.dumps(OUTCOME).encode(), "what a server said, not a bundle: Token expired"),
    "no number": (b'{"resourceType": "Bundle", "total": NaN}', "holds NaN"),
    "one key twice": (b'{"resourceType": "Bundle", "type": "a", "type": "b"}', "«type» twice"),
    "nothing recognised": (b'{"resourceType": "Observation", "status": "final"}', "nothing in .* is recognised"),
    "a questionnaire of others": (
        b'{"resourceType": "QuestionnaireResponse", "questionnaire": "https://x.example/Questionnaire/q"}',
        "QuestionnaireResponse to «https://x.example/Questionnaire/q»",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_one_sentence_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    raw, words = BAD[name]
    path, out = tmp_path / "given.json", tmp_path / "out.note.json"
    path.write_bytes(raw)
    ran = run("import", path, "--template", "assessment", "-o", out)
    assert isinstance(ran.exception, Refusal), (ran.exception, ran.output)
    with pytest.raises(InputError, match=words):
        raise ran.exception
    assert not out.exists()


def test_what_is_no_resource_at_all_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    path.write_text('{"resourceType": "Bundel", "entry": []}')
    assert "FHIR R4 has no resource «Bundel»" in str(run("import", path).exception)


def test_a_lint_of_half_a_bundle_says_where_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    path.write_bytes(cut(9000))
    assert "was cut off: it ends in line " in run("lint", path).output


def test_a_foreign_bundle_without_a_template_names_those_there_are() -> None:
    ran = run("import", SUMMARY)
    assert "`ci-notes import --template` (assessment, cerclage, follow-up, removal, ultrasound)" in str(ran.exception)


def test_what_a_message_repeats_cannot_move_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_bytes(with_resource({"resourceType": "Patient", "name": [{"text": "Berta\x1b[2J Other"}]}))
    said = str(run("import", path, "--template", "assessment").exception)
    assert "Berta" in said
    assert said.isprintable()


def test_references_in_a_circle_do_no_harm(tmp_path: Path) -> None:
    bundle = summary()
    here = {"reference": "Observation/loop"}
    loop = {
        "resourceType": "Observation",
        "id": "loop",
        "status": "final",
        "subject": {"reference": "Patient/aps-patient"},
    }
    loop |= {"hasMember": [here], "derivedFrom": [here], "code": {"text": "itself"}}
    bundle["entry"] += [{"fullUrl": "https://clinic.example/fhir/Observation/loop", "resource": loop}]
    bundle["entry"] += [
        {"resource": {"resourceType": "Bundle", "entry": [{"resource": bundle["entry"][0]["resource"]}]}}
    ]
    path = tmp_path / "loop.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    assert run("import", path, "--template", "assessment").exit_code == 0


def test_a_hundred_megabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.write(b'{"resourceType": "Bundle", "entry": [')
        file.truncate(100_000_000)
    ran = run("import", path)
    assert f"{path} is too large: a bundle has at most {parsing.LARGEST // 1_000_000} MB" in str(ran.exception)
    with pytest.raises(InputError, match="at most 20000 are read"):
        incoming.addressed({"resourceType": "Bundle", "entry": [{}] * 20_001})


def test_a_large_attachment_is_passed_over(tmp_path: Path) -> None:
    bundle = summary()
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "content": [{"attachment": {"data": "QUJD" * 3_000_000}}],
    }
    bundle["entry"].append({"resource": document})
    path = tmp_path / "large.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    assert run("import", path, "--template", "assessment").exit_code == 0


def test_no_script_survives(tmp_path: Path) -> None:
    note = load(Path("templates/assessment/examples/complete.note.json"))
    bundle = to_fhir(note)
    for entry in bundle["entry"]:
        entry["resource"]["text"] = {
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>',
        }
    data = from_fhir(bundle, note.template)
    assert data == note.data
    data["patient"]["name"] = "Alma <script>alert(1)</script>"
    path = tmp_path / "n.note.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert "<script" not in run("render", path, "--to", "html").stdout
    assert "<script" not in json.dumps(json.loads(run("fhir", path).stdout)["entry"][0]["resource"]["section"])
