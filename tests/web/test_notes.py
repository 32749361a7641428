"""A signed note as it is read: as it was signed, with its versions, and beside another one."""

import re
from dataclasses import replace
from typing import Any

import pytest
from browsing import Browser, said
from noting import SCAN, amend, begin, done, example, sign, standing
from starlette.applications import Starlette

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>\'"&amp;{{ 7*7 }}'


def test_a_note_reads_as_it_was_signed_whatever_its_template_says_today(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    template = app.state.templates["ultrasound"]
    changed = {key: text.replace("cervical length", "CHANGED") for key, text in template.narratives.items()}
    app.state.templates["ultrasound"] = replace(template, narratives=changed, headings={"ultrasound": "CHANGED"})
    page = clinician.get(f"/notes/{name}").text
    assert "The cervical length measured 22 mm" in page
    assert "reads otherwise" in page
    for file in ("narrative.txt", "narrative.html"):
        assert "CHANGED" not in clinician.get(f"/notes/{name}/{file}").text


def test_a_note_whose_template_is_gone_is_still_read_and_printed(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    before = clinician.get(f"/notes/{name}/narrative.txt").text
    del app.state.templates["ultrasound"]
    page = clinician.get(f"/notes/{name}")
    assert page.status_code == 200
    assert "it is not here any more" in page.text
    after = clinician.get(f"/notes/{name}/narrative.txt").text
    assert after.splitlines()[1:] == before.splitlines()[1:]  # but for the title
    assert clinician.get(f"/notes/{name}/narrative.pdf").content.startswith(b"%PDF")
    refused = clinician.get(f"/notes/{name}/bundle.json")
    assert refused.status_code == 409
    assert "template of this note is not here" in refused.text


def test_the_page_says_where_the_note_stands_in_the_record(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    entry = standing(app, name).latest
    words = said(clinician.get(f"/notes/{name}").text)
    assert entry.hash in words
    assert entry.previous in words
    assert f"Template {entry.body['template']} {entry.body['version']}" in words


def test_computed_values_and_findings_stand_as_they_were_signed(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician, example("ultrasound/short"))
    template = app.state.templates["ultrasound"]
    app.state.templates["ultrasound"] = replace(template, rules_source="def run(r, found): return []", computed=())
    words = said(clinician.get(f"/notes/{name}").text)
    assert "Shortest cervical length 15 mm" in words
    assert "Kept with a rationale (2)" in words


# --- who reads -----------------------------------------------------------------------------------------------------


def test_readers_read_and_others_do_not(
    app: Starlette, clinician: Browser, cosigner: Browser, qa: Browser, admin: Browser, client: Browser
) -> None:
    name = sign(app, clinician)
    paths = [f"/notes/{name}", f"/notes/{name}/versions/1", f"/notes/{name}/differences", f"/notes/{name}/note.json"]
    for path in paths:
        for reader in (clinician, cosigner, qa):
            assert reader.get(path).status_code == 200
        assert admin.get(path).status_code == 403
        assert client.get(path).status_code == 303  # to the sign-in


def test_reading_is_in_the_audit_trail(app: Starlette, clinician: Browser, qa: Browser) -> None:
    name = sign(app, clinician)
    qa.get(f"/notes/{name}")
    event = app.state.record.audit.entries()[-1].event
    assert (event.who_name, event.action, event.kind, event.entity) == ("Quentin Example", "read", "note", name)
    assert event.patient == standing(app, name).latest.patient
    assert "Ada" not in event.detail


@pytest.mark.parametrize(
    "path",
    [
        "/notes/nobody",
        "/notes/nobody/versions/1",
        "/notes/nobody/differences",
        "/notes/nobody/note.json",
        "/notes/nobody/push",
        "/notes/..%2f..%2fetc%2fpasswd/note.json",
        "/notes/{name}/versions/2",
        "/notes/{name}/versions/0",
        "/notes/{name}/versions/-1",
        "/notes/{name}/passwd",
        "/notes/{name}/note.json?version=2",
        "/notes/{name}/note.json?version=x",
        "/notes/{name}/bundle.json?type=batch",
        "/notes/{name}/differences?with=nobody",
        "/notes/{name}/differences?from=7",
        "/notes/{name}/differences?to=x",
        "/patients/nobody",
    ],
)
def test_what_is_not_there_is_not_there(app: Starlette, clinician: Browser, path: str) -> None:
    name = sign(app, clinician)
    assert clinician.get(path.format(name=name)).status_code == 404


# --- differences ---------------------------------------------------------------------------------------------------


def test_two_versions_differ_by_what_was_amended(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    amend(app, clinician, name, ultrasound={"done": True, "lengths": [{"id": "a", "length": 19}]})
    page = clinician.get(f"/notes/{name}/differences").text
    assert re.search(r"<del>22\s*mm</del>", page)
    assert re.search(r"<ins>19\s*mm</ins>", page)
    assert page.count("<table") == 1
    same = said(clinician.get(f"/notes/{name}/differences?from=2&to=2").text)
    assert "Nothing differs" in same or "nothing before this note" in same


def test_of_a_text_each_column_has_its_own_words(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician, {**SCAN, "comment": {"text": "Seen with her sister today."}})
    amend(app, clinician, name, comment={"text": "Seen with her mother today."})
    page = clinician.get(f"/notes/{name}/differences").text
    row = next(one for one in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "sister" in one)
    before, after = re.findall(r"<td.*?</td>", row, re.DOTALL)
    assert (" ".join(said(before).split()), " ".join(said(after).split())) == (
        "Seen with her sister today.",
        "Seen with her mother today.",
    )
    assert "<del>sister" in before
    assert "<ins>mother" in after


def test_two_notes_of_a_patient_are_held_against_each_other(app: Starlette, clinician: Browser) -> None:
    sign(app, clinician, {**SCAN, "id": "first", "date": "2026-11-01T10:00:00+00:00"})
    lengths = {"done": True, "lengths": [{"id": "a", "length": 17}]}
    sign(app, clinician, {**SCAN, "id": "second", "ultrasound": lengths})
    for path in ("/notes/second/differences", "/notes/second/differences?with=first"):
        assert "17 mm" in said(clinician.get(path).text)
    patient = standing(app, "first").latest.patient
    gone = clinician.get(f"/patients/{patient}/compare?one=second&other=first")
    assert (gone.status_code, gone.headers["location"]) == (303, "/notes/second/differences?with=first")
    chosen = clinician.get("/notes/second/differences", params={"with-version": "first 1", "to": "1"})
    assert "17 mm" in said(chosen.text)


def test_notes_of_two_patients_are_never_put_side_by_side(app: Starlette, clinician: Browser) -> None:
    sign(app, clinician, {**SCAN, "id": "hers"})
    other = {**SCAN["patient"], "identifier": "EX-0002", "name": "Bea Sample"}
    sign(app, clinician, {**SCAN, "id": "anothers", "patient": other})
    assert clinician.get("/notes/hers/differences?with=anothers").status_code == 404
    patient = standing(app, "hers").latest.patient
    assert clinician.get(f"/patients/{patient}/compare?one=hers&other=anothers").status_code == 404
    assert "Bea Sample" not in clinician.get("/notes/hers/differences").text


# --- hostile text --------------------------------------------------------------------------------------------------


def hostile() -> dict[str, Any]:
    patient = {**SCAN["patient"], "name": HOSTILE, "identifier": HOSTILE[:60]}
    return {**SCAN, "patient": patient, "author": {"name": HOSTILE}, "comment": {"text": HOSTILE}}


def test_what_somebody_typed_is_text_on_every_page(app: Starlette, clinician: Browser, cosigner: Browser) -> None:
    name = sign(app, clinician, hostile())
    patient = standing(app, name).latest.patient
    amend(app, clinician, name, HOSTILE, comment={"text": f"{HOSTILE} more"})
    clinician.post(f"/notes/{name}/addendum", data={"text": HOSTILE})
    second = begin(app, clinician, {**hostile(), "id": "second"}, unread={"comment.text": {"typed": HOSTILE}})
    paths = [
        "/",
        f"/patients/{patient}",
        f"/notes/{name}",
        f"/notes/{name}/versions/1",
        f"/notes/{name}/differences",
        f"/notes/{name}/addendum",
        f"/notes/{name}/void",
        f"/notes/{name}/amend",
        f"/notes/{name}/push",
        f"/notes/{name}/narrative.html",
        f"/notes/{name}/patient.html",
        f"/drafts/{second.id}/sign",
    ]
    found = [cosigner.post("/patients/search", data={"q": HOSTILE[:60]}), cosigner.get(f"/notes/{name}/cosign")]
    found += [cosigner.post(f"/notes/{name}/addendum", data={"text": HOSTILE + "x" * 20_000})]
    for answer in [*found, *map(cosigner.get, paths)]:
        assert answer.status_code in (200, 422), answer.url
        assert "<script>alert" not in answer.text, answer.url
        assert "<img" not in answer.text, answer.url
        assert "{{ 7*7 }}" in answer.text or "49" not in said(answer.text), answer.url


def test_nothing_of_a_patient_stands_in_an_address(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    patient = standing(app, name).latest.patient
    for path in ("/", f"/patients/{patient}", f"/notes/{name}"):
        links = re.findall(r'(?:href|action|src)="([^"]*)"', clinician.get(path).text)
        assert links
        assert not [one for one in links if "Ada" in one or "EX-0001" in one or "1998" in one]


def test_every_look_at_a_note_is_written_down(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    seen = {
        f"/notes/{name}": ("read", "note"),
        f"/notes/{name}/versions/1": ("read", "note"),
        f"/notes/{name}/differences": ("read", "note"),
        f"/notes/{name}/narrative.txt": ("export", "note"),
    }
    for path, (action, kind) in seen.items():
        before = len(done(app))
        clinician.get(path)
        assert (action, kind, name) in done(app)[before:], path
