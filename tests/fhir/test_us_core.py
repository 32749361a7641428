"""What readers in the United States are given: profiles of US Core, and nothing made up to satisfy them."""

from pathlib import Path
from typing import Any

import pytest
from bundles import anonymous, resources

from ci_notes import catalogue, derive, from_fhir, load, to_fhir
from ci_notes.fhir.typed import typed
from ci_notes.template import Template

Json = dict[str, Any]

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
OURS = "https://w3id.org/ci-notes/StructureDefinition/"
MISSING = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

EXAMPLES = [
    pytest.param(path, id=f"{folder.name}-{path.name.removesuffix('.note.json')}")
    for folder in catalogue().values()
    for path in sorted((folder / "examples").glob("*.note.json"))
]


@pytest.fixture
def bundle(assessment: Template) -> Any:
    """Return what makes a bundle of some sections, which is valid and gives back the note, with our ids or without."""

    def made(jurisdiction: str = "US", **sections: Any) -> Json:
        header = {"id": "n1", "template": "assessment", "version": assessment.version, "status": "final"}
        data = {**header, "date": "2026-11-03T14:20:00+00:00", "jurisdiction": jurisdiction, **sections}
        found = to_fhir(derive.note(assessment, data))
        assert from_fhir(found, assessment) == data
        assert from_fhir(anonymous(found), assessment, note_id="n1") == data
        typed(found)
        return found

    return made


def the(bundle: Json, kind: str, code: str = "") -> Json:
    (found,) = [one for one in resources(bundle, kind) if code in str(one.get("code", ""))]
    return found


def profiles(resource: Json, base: str = US_CORE) -> list[str]:
    return [one.removeprefix(base) for one in resource.get("meta", {}).get("profile", ()) if one.startswith(base)]


def why(about: Json) -> str:
    (found,) = [one["valueCode"] for one in about["extension"] if one["url"] == MISSING]
    return str(found)


@pytest.mark.parametrize("path", EXAMPLES)
def test_every_resource_names_our_profile_of_it(path: Path) -> None:
    note = load(path)
    for one in resources(to_fhir(note)):
        (name,) = profiles(one, OURS)
        assert name == name.replace("_", "-")


@pytest.mark.parametrize("path", EXAMPLES)
def test_only_readers_in_the_united_states_are_given_us_core(path: Path) -> None:
    note = load(path)
    claimed = [one for one in resources(to_fhir(note)) if profiles(one)]
    assert bool(claimed) == (note.jurisdiction == "US")


def test_lean_bundles_and_amendments_name_their_profiles_too(bundle: Any, assessment: Template) -> None:
    data = {"id": "n1", "template": "assessment", "version": assessment.version, "status": "final"}
    data |= {"date": "2026-11-03T14:20:00+00:00", "jurisdiction": "US"}
    signed = derive.note(assessment, {**data, "vitals": {"weight": 70}})
    found = to_fhir(derive.note(assessment, {**data, "status": "amended"}), detail="lean", previous=signed)
    weight = the(found, "Observation", "29463-7")
    assert (weight["status"], profiles(weight)) == ("entered-in-error", ["us-core-body-weight"])


LATEX = {"id": "r1", "substance": "latex"}


@pytest.mark.parametrize(
    ("sections", "kind", "code", "profile"),
    [
        ({"vitals": {"sbp": 118}}, "Observation", "85354-9", "us-core-blood-pressure"),
        ({"vitals": {"hr": {"absent": "not-performed"}}}, "Observation", "8867-4", "us-core-heart-rate"),
        ({"vitals": {"temp": 36.8}}, "Observation", "8310-5", "us-core-body-temperature"),
        ({"vitals": {"rr": 14}}, "Observation", "9279-1", "us-core-respiratory-rate"),
        ({"vitals": {"height": 170}}, "Observation", "8302-2", "us-core-body-height"),
        ({"vitals": {"weight": 70, "height": 170}}, "Observation", "39156-5", "us-core-bmi"),
        ({"vitals": {"spo2": 98}}, "Observation", "vitals.spo2", "us-core-observation-clinical-result"),
        ({"pregnancy": {"current": True}}, "Observation", "82810-3", "us-core-observation-pregnancystatus"),
        ({"labs": {"crp": 4}}, "Observation", "1988-5", "us-core-observation-lab"),
        (
            {"ultrasound": {"internal_os_dilation": 3}},
            "Observation",
            "11787-9",
            "us-core-observation-clinical-result",
        ),
        ({"history": {"gravida": 3}}, "Observation", "11996-6", "us-core-simple-observation"),
        ({"risk": {"leep": True}}, "Procedure", "", "us-core-procedure"),
        ({"risk": {"pcos": True}}, "Condition", "", "us-core-condition-problems-health-concerns"),
        ({"diagnosis": {"insufficiency": "confirmed"}}, "Condition", "", "us-core-condition-encounter-diagnosis"),
        ({"allergies": {"list": [LATEX]}}, "AllergyIntolerance", "", "us-core-allergyintolerance"),
        ({"plan": {"choice": ["vaginal_progesterone"]}}, "MedicationRequest", "", "us-core-medicationrequest"),
        ({"plan": {"next_scan": "2026-11-10"}}, "ServiceRequest", "", "us-core-servicerequest"),
        ({"author": {"facility": "Sample Maternity"}}, "Organization", "", "us-core-organization"),
        ({}, "Patient", "", "us-core-patient"),
        ({}, "Practitioner", "", "us-core-practitioner"),
    ],
)  # fmt: skip
def test_a_resource_names_the_profile_of_us_core_that_it_is_of(
    bundle: Any, sections: Json, kind: str, code: str, profile: str
) -> None:
    assert profiles(the(bundle(**sections), kind, code)) == [profile]
    assert not profiles(the(bundle("UK", **sections), kind, code))


def test_a_pregnancy_that_cannot_be_told_is_not_claimed_to_be_a_pregnancy_status(bundle: Any) -> None:
    found = bundle(pregnancy={"current": {"absent": "asked-unknown"}})
    assert profiles(the(found, "Observation", "82810-3")) == ["us-core-observation-clinical-result"]


# --- what was not recorded -----------------------------------------------------------------------------------------


def test_a_name_in_one_text_is_not_split(bundle: Any) -> None:
    found = bundle(patient={"name": "Ada Maria van Example"}, author={"name": "Dr Bea Sample"})
    (patient,), (author,) = (the(found, kind)["name"] for kind in ("Patient", "Practitioner"))
    assert (patient["text"], why(patient)) == ("Ada Maria van Example", "unknown")
    assert (author["text"], why(author["_family"])) == ("Dr Bea Sample", "unknown")
    assert not {"family", "given"} & {*patient, *author}


@pytest.mark.parametrize(("patient", "reason"), [({"pseudonym": "P-7"}, "masked"), ({}, "unknown")])
def test_a_patient_without_a_name_says_why(bundle: Any, patient: Json, reason: str) -> None:
    (name,) = the(bundle(patient=patient) if patient else bundle(), "Patient")["name"]
    assert "text" not in name
    assert why(name) == reason


def test_a_sex_that_was_not_recorded_is_not_read_back_as_recorded(bundle: Any) -> None:
    patient = the(bundle(patient={"name": "Ada Example"}), "Patient")
    assert (patient["gender"], why(patient["_gender"])) == ("unknown", "unknown")
    recorded = the(bundle(patient={"gender": "unknown"}), "Patient")
    assert recorded["gender"] == "unknown"
    assert "_gender" not in recorded
    assert "gender" not in the(bundle("UK", patient={"name": "Ada Example"}), "Patient")


def test_a_number_that_does_not_say_whose_it_is_says_that(bundle: Any) -> None:
    theirs, ours = the(bundle(patient={"identifier": "EX-1"}), "Patient")["identifier"]
    assert (theirs["value"], why(theirs["_system"])) == ("EX-1", "unknown")
    assert ours["system"] == "https://w3id.org/ci-notes/resource"


def test_an_operation_without_a_date_says_so(bundle: Any) -> None:
    assert why(the(bundle(risk={"leep": True}), "Procedure")["_performedDateTime"]) == "unknown"
    stitch = {"in_place": True, "technique": "mcdonald", "placed_on": "2026-10-02"}
    assert "_performedDateTime" not in the(bundle(cerclage=stitch), "Procedure")


def test_the_kind_of_a_visit_is_not_known(bundle: Any) -> None:
    visit = the(bundle(visit={"encounter": "V7", "encounter_system": "urn:oid:2.999.1"}), "Encounter")
    (kind,) = visit["type"]
    assert [code["code"] for code in kind["coding"]] == ["unknown"]
    assert visit["period"] == {"start": "2026-11-03T14:20:00+00:00"}
    assert profiles(visit) == ["us-core-encounter"]


@pytest.mark.parametrize(
    ("number", "claimed"), [("1234567893", True), ("1234567890", False), ("123", False), ("12345678937", False)]
)
def test_a_provider_number_that_cannot_be_one_is_not_claimed_to_be(bundle: Any, number: str, claimed: bool) -> None:
    author = {"name": "Dr Bea Sample", "identifier": number, "identifier_system": "http://hl7.org/fhir/sid/us-npi"}
    practitioner = the(bundle(author=author), "Practitioner")
    assert bool(profiles(practitioner)) is claimed
    assert practitioner["identifier"][0]["value"] == number
