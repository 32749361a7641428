"""Who signed a note, as FHIR: each act a Provenance, co-signers who attest, addenda; and the note comes back whole."""

import copy
from typing import Any

import pytest
from bundles import resources

from ci_notes import InputError, from_fhir, load, render, to_fhir
from ci_notes.fhir.bundle import FORMS
from ci_notes.fhir.lint import lint
from ci_notes.fhir.provenance import Signature, signed
from ci_notes.fhir.reading.importing import read_fhir
from ci_notes.fhir.typed import typed

Json = dict[str, Any]

SIGN = Signature("sign", "2026-11-03T15:02:00+00:00", "Dr Bea Sample", "account-1")
COSIGN = Signature("cosign", "2026-11-03T17:30:00+00:00", "Prof Kim Madeup", "account-2")
AMEND = Signature("amend", "2026-11-05T09:00:00+00:00", "Dr Bea Sample", "account-1", 2, "The wrong side")
ADDEND = Signature(
    "addend", "2026-11-06T09:00:00+00:00", "Prof Kim Madeup", "account-2", 2, text="Swab < 5 & negative.\nNo growth."
)
VOID = Signature("void", "2026-11-07T09:00:00+00:00", "Dr Bea Sample", "account-1", 2, "Another patient")
ALL = [SIGN, COSIGN, AMEND, ADDEND]


@pytest.fixture(scope="module")
def plain() -> dict[str, Json]:
    note = load("templates/assessment/examples/complete.note.json")
    return {form: to_fhir(note, render(note), form) for form in FORMS}


def provenances(bundle: Json) -> list[Json]:
    return resources(bundle, "Provenance")


def codes(concept: Json) -> list[tuple[str, str]]:
    return [(one["system"].rpartition("/")[2], one["code"]) for one in concept["coding"]]


def test_each_act_says_what_was_done_by_whom_when_and_why(plain: dict[str, Json]) -> None:
    told = [
        (one["activity"]["text"], codes(one["activity"]), codes(one["agent"][0]["type"]), one["recorded"])
        for one in provenances(signed(plain["document"], [*ALL, VOID]))
    ]
    author, verifier = ("provenance-participant-type", "author"), ("provenance-participant-type", "verifier")
    assert told == [
        ("Signed", [("v3-DataOperation", "CREATE")], [author], SIGN.at),
        ("Co-signed", [("v3-ParticipationType", "VRF")], [verifier], COSIGN.at),
        ("Amended", [("v3-DataOperation", "UPDATE")], [author], AMEND.at),
        ("Addendum", [("v3-DataOperation", "APPEND")], [author], ADDEND.at),
        ("Marked as entered in error", [("v3-DataOperation", "NULLIFY")], [author], VOID.at),
    ]
    reasons = [
        one.get("reason", [{}])[0].get("text", "") for one in provenances(signed(plain["document"], [*ALL, VOID]))
    ]
    assert reasons == ["", "", "The wrong side", "", "Another patient"]


def test_the_author_is_the_practitioner_of_the_bundle_and_others_are_named(plain: dict[str, Json]) -> None:
    bundle = signed(plain["document"], [SIGN, COSIGN])
    first, second = (one["agent"][0]["who"] for one in provenances(bundle))
    (author,) = resources(bundle, "Practitioner")
    assert first["reference"] == f"urn:uuid:{author['id']}"
    assert second["display"] == "Prof Kim Madeup"
    assert second["identifier"]["value"] == "account-2"
    assert "reference" not in second


def test_what_made_this_version_targets_all_of_the_note_and_nobody(plain: dict[str, Json]) -> None:
    bundle = signed(plain["document"], ALL)
    kinds = {f"urn:uuid:{one['id']}": one["resourceType"] for one in resources(bundle)}
    targets = [{kinds[one["reference"]] for one in told["target"]} for told in provenances(bundle)]
    assert targets[0] == {"Composition"}, "the first version is not here any more"
    assert {"Composition", "Observation", "QuestionnaireResponse", "Procedure"} <= targets[2]
    assert targets[2].isdisjoint({"Patient", "Practitioner", "Organization", "Encounter", "Provenance"})
    assert targets[1] == targets[3] == {"Composition"}


def test_an_amendment_names_the_version_that_it_revises(plain: dict[str, Json]) -> None:
    bundle = signed(plain["document"], ALL)
    (entity,) = provenances(bundle)[2]["entity"]
    assert entity["role"] == "revision"
    assert entity["what"]["display"] == "Version 1 of the note"
    assert entity["what"]["identifier"] == resources(bundle, "Composition")[0]["identifier"]


def test_who_co_signed_this_version_attests_it_and_not_the_next(plain: dict[str, Json]) -> None:
    def attesters(*signatures: Signature) -> list[tuple[str, str]]:
        (composition,) = resources(signed(plain["document"], signatures), "Composition")
        return [(one["mode"], one["party"].get("display", "author")) for one in composition["attester"]]

    assert attesters(SIGN, COSIGN) == [("professional", "author"), ("professional", "Prof Kim Madeup")]
    assert attesters(SIGN, COSIGN, AMEND) == [("professional", "author")]


def test_an_addendum_is_a_section_of_its_own_escaped(plain: dict[str, Json]) -> None:
    (composition,) = resources(signed(plain["document"], ALL), "Composition")
    section = composition["section"][-1]
    assert section["title"] == "Addendum by Prof Kim Madeup, 2026-11-06"
    assert section["text"]["status"] == "additional"
    assert "<p>Swab &lt; 5 &amp; negative.</p><p>No growth.</p>" in section["text"]["div"]


@pytest.mark.parametrize("form", FORMS)
def test_the_note_comes_back_as_it_was_and_the_account_is_quiet(plain: dict[str, Json], form: str) -> None:
    note = load("templates/assessment/examples/complete.note.json")
    reading = read_fhir(signed(plain[form], [*ALL, VOID]), note.template, "other")
    assert reading.data == from_fhir(plain[form], note.template)
    assert (reading.left, reading.remarks) == ((), ())


@pytest.mark.parametrize("form", FORMS)
def test_it_is_sound_fhir(plain: dict[str, Json], form: str) -> None:
    bundle = signed(plain[form], ALL)
    typed(bundle)
    assert [one.message for one in lint(bundle)] == [one.message for one in lint(plain[form])]


def test_a_provenance_of_something_else_is_still_found_in_a_document(plain: dict[str, Json]) -> None:
    bundle = copy.deepcopy(signed(plain["document"], [SIGN]))
    provenances(bundle)[0]["target"] = [{"reference": "Composition/elsewhere"}]
    assert any("nothing in the document leads to this" in one.message for one in lint(bundle))


def test_a_transaction_puts_them_so_that_a_repeat_changes_nothing(plain: dict[str, Json]) -> None:
    bundle = signed(plain["transaction"], ALL)
    requests = [one["request"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Provenance"]
    ids = [one["id"] for one in provenances(bundle)]
    assert requests == [{"method": "PUT", "url": f"Provenance/{one}"} for one in ids]
    assert ids[:2] == [one["id"] for one in provenances(signed(plain["transaction"], [SIGN, COSIGN]))]


def test_the_bundle_it_was_given_stays_as_it_is(plain: dict[str, Json]) -> None:
    before = copy.deepcopy(plain["document"])
    signed(plain["document"], ALL)
    assert plain["document"] == before
    assert signed(plain["document"], []) == before


def test_what_cannot_be_signed_is_refused(plain: dict[str, Json]) -> None:
    with pytest.raises(InputError, match="«agree» is none"):
        signed(plain["document"], [Signature("agree", SIGN.at, SIGN.by)])
    with pytest.raises(InputError, match="has a Composition"):
        signed({"resourceType": "Bundle", "type": "collection", "entry": []}, [SIGN])
