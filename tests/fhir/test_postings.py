"""A note for servers that take one resource at a time: what is posted, in which order, and how a repeat is known."""

import base64
import copy
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from ci_notes import catalogue, derive, load, render, to_fhir
from ci_notes.fhir.postings import documents, references
from ci_notes.fhir.typed import typed
from ci_notes.printing import text
from ci_notes.template import Template

Json = dict[str, Any]

EXAMPLES = [
    pytest.param(path, id=f"{folder.name}-{path.name.removesuffix('.note.json')}")
    for folder in catalogue().values()
    for path in sorted((folder / "examples").glob("*.note.json"))
]
of_every_example = pytest.mark.parametrize("path", EXAMPLES)


def posted(note: derive.Note, **how: str) -> list[Json]:
    return documents(note, render(note), **how)


def document(note: derive.Note, **how: str) -> Json:
    found: Json = posted(note, **how)[-1]["resource"]
    assert found["resourceType"] == "DocumentReference"
    return found


@of_every_example
def test_each_resource_is_posted_after_those_that_it_refers_to(path: Path) -> None:
    seen: set[str] = set()
    for one in posted(load(path)):
        assert one["method"] == "POST"
        assert one["url"] == one["resource"]["resourceType"]
        assert set(references(one["resource"])) <= seen
        seen.add(one["fullUrl"])


@of_every_example
def test_what_is_posted_is_valid_and_what_others_have_codes_for(path: Path) -> None:
    note = load(path)
    postings = posted(note)
    typed(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one["resource"]} for one in postings]}
    )
    kinds = [one["url"] for one in postings]
    assert kinds[:2] == ["Patient", "Practitioner"]
    assert kinds.count("DocumentReference") == 1
    assert set(kinds) <= {
        "Patient", "Practitioner", "Organization", "Encounter", "Condition", "Procedure", "Observation",
        "DocumentReference",
    }  # fmt: skip
    lean = to_fhir(note, form="collection", detail="lean")["entry"]
    clinical = ("Condition", "Procedure", "Observation")
    wanted = {one["fullUrl"] for one in lean if one["resource"]["resourceType"] in clinical}
    assert {one["fullUrl"] for one in postings if one["url"] in clinical} == wanted


@of_every_example
def test_a_server_that_has_a_resource_finds_it_by_an_identifier_of_its_own(path: Path) -> None:
    searches = []
    for one in posted(load(path)):
        name, _, token = one["ifNoneExist"].partition("=")
        system, _, value = unquote(token).partition("|")
        resource = one["resource"]
        assert name == "identifier"
        assert {"system": system, "value": value} in [*resource["identifier"], resource.get("masterIdentifier")]
        searches.append((one["url"], one["ifNoneExist"]))
    assert len(set(searches)) == len(searches)


@of_every_example
def test_the_document_carries_the_narrative_as_text_and_as_xhtml(path: Path) -> None:
    note = load(path)
    plain, page = (one["attachment"] for one in document(note)["content"])
    assert plain["contentType"] == "text/plain; charset=utf-8"
    assert base64.b64decode(plain["data"]).decode() == text(note, render(note))
    assert page["contentType"].startswith("application/xhtml+xml")
    root = ET.fromstring(base64.b64decode(page["data"]))
    assert root.tag == "{http://www.w3.org/1999/xhtml}html"
    # The same words; a heading of the text is in capitals.
    assert letters("".join(root.itertext())).endswith(letters(text(note, render(note)).replace("- ", "")))


def letters(words: str) -> str:
    return "".join(words.split()).lower().replace("-", "")


def test_no_markup_that_somebody_typed_is_markup_in_the_page(assessment: Template, note_data: Json) -> None:
    note_data["comment"] = {"text": "</p><script>alert(1)</script> & more"}
    note = derive.note(assessment, note_data)
    page = base64.b64decode(document(note)["content"][1]["attachment"]["data"]).decode()
    assert "<script" not in page
    assert "</p><script>alert(1)</script> & more" in "".join(ET.fromstring(page).itertext())


def test_the_document_says_what_it_is_whose_and_when(assessment: Template, note_data: Json) -> None:
    note_data |= {"status": "final", "signed_at": "2026-11-03T16:00:00+00:00", "jurisdiction": "US"}
    note_data["visit"] = {"encounter": "V7", "encounter_system": "urn:oid:2.999.1"}
    note = derive.note(assessment, note_data)
    found, at = document(note), {one["url"]: one["fullUrl"] for one in posted(note)}
    assert (found["status"], found["docStatus"]) == ("current", "final")
    assert found["type"]["coding"][0]["code"] == "89227-3"
    assert found["category"][0]["coding"][0]["code"] == "clinical-note"
    assert found["date"] == "2026-11-03T16:00:00+00:00"
    assert found["subject"] == {"reference": at["Patient"]}
    assert found["author"] == [{"reference": at["Practitioner"]}]
    assert found["context"] == {
        "encounter": [{"reference": at["Encounter"]}], "period": {"start": note_data["date"]},
    }  # fmt: skip
    assert "http://hl7.org/fhir/us/core/StructureDefinition/us-core-documentreference" in found["meta"]["profile"]
    assert {one["attachment"]["language"] for one in found["content"]} == {"en-US"}


@pytest.mark.parametrize(
    ("status", "stated", "how"),
    [
        ("draft", "current", "preliminary"),
        ("amended", "current", "amended"),
        ("entered-in-error", "entered-in-error", "entered-in-error"),
    ],
)
def test_the_document_has_the_status_of_the_note(
    assessment: Template, note_data: Json, status: str, stated: str, how: str
) -> None:
    note = derive.note(assessment, note_data | {"status": status})
    assert (document(note)["status"], document(note)["docStatus"]) == (stated, how)
    if status == "entered-in-error":
        told = [one["resource"] for one in posted(note) if one["url"] in ("Condition", "Procedure", "Observation")]
        assert told
        assert all("entered-in-error" in json.dumps(one) for one in told)


def test_the_same_version_is_known_again_and_another_replaces_it(assessment: Template, note_data: Json) -> None:
    signed = derive.note(assessment, note_data | {"status": "final"})
    later = copy.deepcopy(note_data) | {"status": "amended", "comment": {"text": "Seen again in the evening."}}
    amended = derive.note(assessment, later)
    first, second = posted(signed)[-1], posted(amended, replaces="DocumentReference/17")[-1]
    assert posted(signed)[-1] == first
    assert first["ifNoneExist"] != second["ifNoneExist"]
    assert first["resource"]["identifier"] == second["resource"]["identifier"]
    assert "relatesTo" not in first["resource"]
    assert second["resource"]["relatesTo"] == [
        {"code": "replaces", "target": {"reference": "DocumentReference/17"}}
    ]  # fmt: skip


def test_an_addendum_names_the_note_that_it_adds_to(assessment: Template, note_data: Json) -> None:
    note = derive.note(assessment, note_data | {"addendum_of": "n0"})
    (related,) = document(note)["relatesTo"]
    assert (related["code"], related["target"]["identifier"]["value"]) == ("appends", "n0")


def test_lengths_are_posted_in_cm_where_that_is_asked(assessment: Template, note_data: Json) -> None:
    written = json.dumps(posted(derive.note(assessment, note_data), length_unit="cm"))
    assert '"cm"' in written
    assert '"mm"' not in written
