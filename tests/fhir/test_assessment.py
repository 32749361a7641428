"""What an assessment says in FHIR: which resources it makes of what was recorded, and by which codes they are known."""

from typing import Any
from urllib.parse import unquote

import pytest
from bundles import resources

from ci_notes import derive, from_fhir, to_fhir
from ci_notes.fhir.typed import typed
from ci_notes.template import Template

Json = dict[str, Any]

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


@pytest.fixture
def bundle(assessment: Template) -> Any:
    """Return what makes a bundle of some sections, which is valid and gives back the note."""

    def made(jurisdiction: str = "US", status: str = "final", **sections: Any) -> Json:
        header = {"id": "n1", "template": "assessment", "version": assessment.version, "status": status}
        data = {**header, "date": "2026-11-03T14:20:00+00:00", "jurisdiction": jurisdiction, **sections}
        found = to_fhir(derive.note(assessment, data))
        assert from_fhir(found, assessment) == data
        typed(found)
        return found

    return made


def codes(concept: Json, system: str) -> list[str]:
    return [code["code"] for code in concept.get("coding", ()) if code["system"] == system]


def known_as(bundle: Json, kind: str, code: str) -> Json:
    """Return the one resource of a type that is known by a code, or in words."""
    held = [one for one in resources(bundle, kind) if code in str(one.get("code"))]
    assert len(held) == 1, [one.get("code") for one in resources(bundle, kind)]
    return held[0]


# --- diagnosis -----------------------------------------------------------------------------------------------------

BY_TRIMESTER = [
    ({"current": True, "ga_stated": "13w6d"}, "O34.31", None),
    ({"current": True, "ga_stated": "14w0d"}, "O34.32", "O26.872"),
    ({"current": True, "ga_stated": "27w6d"}, "O34.32", "O26.872"),
    ({"current": True, "ga_stated": "28w0d"}, "O34.33", "O26.873"),
    ({"current": True, "ga_stated": "12w-15w"}, None, None),
    ({"current": True}, "O34.30", "O26.879"),
    ({"current": True, "edd": "2020-01-01"}, "O34.30", "O26.879"),
    ({"current": True, "edd": "2029-01-01"}, "O34.30", "O26.879"),
]
AND_NOT_PREGNANT = [
    ({"current": False}, "N88.3", None),
    ({"current": False, "ga_stated": "22w3d"}, "N88.3", None),
    ({"ga_stated": "22w3d"}, None, None),
    ({"current": {"absent": "asked-unknown"}}, None, None),
]


@pytest.mark.parametrize(("pregnancy", "code", "_short"), BY_TRIMESTER + AND_NOT_PREGNANT)
@pytest.mark.parametrize("answer", ["confirmed", "suspected"])
def test_the_diagnosis_has_its_icd_code_by_trimester(
    bundle: Any, pregnancy: Json, code: str | None, _short: str | None, answer: str
) -> None:
    found = bundle(pregnancy=pregnancy, diagnosis={"insufficiency": answer})
    condition = known_as(found, "Condition", "17382005")
    assert codes(condition["code"], ICD) == ([code] if code else [])
    assert codes(condition["code"], SNOMED) == ["17382005"]


@pytest.mark.parametrize(("pregnancy", "_code", "short"), BY_TRIMESTER)
def test_a_short_cervix_has_its_icd_code_by_trimester(
    bundle: Any, pregnancy: Json, _code: str | None, short: str | None
) -> None:
    found = bundle(pregnancy=pregnancy, diagnosis={"short_cervix": True})
    condition = known_as(found, "Condition", "609133009")
    assert codes(condition["code"], ICD) == ([short] if short else [])


@pytest.mark.parametrize(("pregnancy", "_code", "_short"), AND_NOT_PREGNANT)
def test_a_short_cervix_is_a_condition_of_pregnancy_alone(
    bundle: Any, pregnancy: Json, _code: str | None, _short: str | None
) -> None:
    assert not resources(bundle(pregnancy=pregnancy, diagnosis={"short_cervix": True}), "Condition")


@pytest.mark.parametrize("jurisdiction", ["UK", "CA", "INTL"])
def test_only_us_readers_are_given_icd_codes(bundle: Any, jurisdiction: str) -> None:
    diagnosis = {"insufficiency": "confirmed", "short_cervix": True}
    found = bundle(jurisdiction, pregnancy={"current": True, "ga_stated": "22w3d"}, diagnosis=diagnosis)
    assert len(resources(found, "Condition")) == 2
    assert ICD not in str(found)


@pytest.mark.parametrize("current", [True, False])
def test_a_history_of_it_has_no_icd_code_of_having_it(bundle: Any, current: bool) -> None:
    found = bundle(pregnancy={"current": current}, diagnosis={"insufficiency": "history"})
    assert ICD not in str(known_as(found, "Condition", "17382005"))


def test_the_criteria_met_are_the_evidence(bundle: Any) -> None:
    found = bundle(diagnosis={"insufficiency": "confirmed", "criteria": ["painless_loss", "dilation"]})
    (evidence,) = known_as(found, "Condition", "17382005")["evidence"]
    assert [one["text"] for one in evidence["code"]] == ["Painless second-trimester loss", "Dilated cervix"]
    found = bundle(diagnosis={"insufficiency": "confirmed", "criteria": []})
    assert "evidence" not in known_as(found, "Condition", "17382005")


# --- risk factors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("risk", "code"),
    [
        ({"connective_tissue": True}, "105969002"),
        ({"connective_tissue": True, "connective_tissue_type": "ehlers_danlos"}, "398114001"),
        ({"connective_tissue": True, "connective_tissue_type": "marfan"}, "105969002"),
        ({"mullerian": True}, "37849005"),
        ({"mullerian": True, "mullerian_type": "septate"}, "22504001"),
        ({"mullerian": True, "mullerian_type": "bicornuate"}, "31401003"),
        ({"mullerian": True, "mullerian_type": "didelphys"}, "15545001"),
        ({"mullerian": True, "mullerian_type": "unicornuate"}, "37849005"),
        ({"pcos": True}, "237055002"),
        ({"des": True}, "736061003"),
    ],
)
def test_a_risk_factor_that_is_a_disorder_is_on_the_problem_list(bundle: Any, risk: Json, code: str) -> None:
    (condition,) = resources(bundle(risk=risk), "Condition")
    assert codes(condition["code"], SNOMED) == [code]
    assert condition["category"][0]["coding"][0]["code"] == "problem-list-item"


@pytest.mark.parametrize(
    ("risk", "code"),
    [
        ({"leep": True, "leep_n": 2}, "23140002"),
        ({"cone": True}, "54535009"),
        ({"cone": True, "cone_type": "cold_knife"}, "54535009"),
        ({"cone": True, "cone_type": "laser"}, "236875004"),
        ({"trachelectomy": True}, "120038005"),
    ],
)
def test_an_operation_before_is_a_procedure_without_a_date(bundle: Any, risk: Json, code: str) -> None:
    (procedure,) = resources(bundle(risk=risk), "Procedure")
    assert codes(procedure["code"], SNOMED) == [code]
    assert procedure["status"] == "completed"
    assert not [key for key in procedure if key.startswith("performed")]


@pytest.mark.parametrize("answer", [False, {"absent": "asked-unknown"}])
def test_a_risk_factor_that_was_denied_is_neither(bundle: Any, answer: Any) -> None:
    factors = ("connective_tissue", "mullerian", "pcos", "des", "leep", "cone", "trachelectomy")
    found = bundle(risk=dict.fromkeys(factors, answer))
    assert {one["resourceType"] for one in resources(found)} == {
        "Composition", "Patient", "Practitioner", "Observation", "QuestionnaireResponse",
    }  # fmt: skip


# --- vital signs, allergies, medicines -----------------------------------------------------------------------------


def test_a_blood_pressure_is_one_panel(bundle: Any) -> None:
    found = bundle(vitals={"sbp": 118, "dbp": 74, "hr": 82})
    panel = known_as(found, "Observation", "85354-9")
    assert [codes(part["code"], LOINC) for part in panel["component"]] == [["8480-6"], ["8462-4"]]
    amounts = [part["valueQuantity"] for part in panel["component"]]
    assert [(one["value"], one["code"]) for one in amounts] == [(118, "mm[Hg]"), (74, "mm[Hg]")]
    assert [one["code"]["text"] for one in resources(found, "Observation") if one is not panel] == [
        "Guideline set",
        "Heart rate",
    ]
    assert panel["category"] == known_as(found, "Observation", "8867-4")["category"]


ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


@pytest.mark.parametrize(
    ("taken", "systolic", "diastolic"),
    [
        ({"sbp": 118}, 118, ("unknown", None)),
        ({"dbp": 74}, ("unknown", None), 74),
        (
            {"sbp": 118, "dbp": {"absent": "not-performed", "reason": "Only palpated"}},
            118,
            ("not-performed", "Only palpated"),
        ),
        (
            {"sbp": {"absent": "asked-declined"}, "dbp": {"absent": "asked-declined", "reason": "Cuff hurts"}},
            ("asked-declined", None),
            ("asked-declined", "Cuff hurts"),
        ),
        ({"sbp": {"absent": "not-performed"}}, ("not-performed", None), ("unknown", None)),
    ],
)
def test_a_blood_pressure_without_a_number_is_one_panel_that_says_why(
    bundle: Any, taken: Json, systolic: Any, diastolic: Any
) -> None:
    panel = known_as(bundle(vitals=taken), "Observation", "85354-9")  # and comes back as it was
    for part, code, wanted in zip(panel["component"], ("8480-6", "8462-4"), (systolic, diastolic), strict=True):
        assert codes(part["code"], LOINC) == [code]
        if isinstance(wanted, int):
            assert part["valueQuantity"]["value"] == wanted
            assert "dataAbsentReason" not in part
        else:
            reason = part["dataAbsentReason"]
            assert (*codes(reason, ABSENT), reason.get("text")) == wanted
            assert "valueQuantity" not in part


def test_without_a_word_on_the_blood_pressure_there_is_no_panel(bundle: Any) -> None:
    assert "85354-9" not in str(bundle(vitals={"hr": 82}))


@pytest.mark.parametrize(("current", "code"), [(True, "77386006"), (False, "60001007")])
def test_whether_she_is_pregnant_is_a_concept(bundle: Any, current: bool, code: str) -> None:
    status = known_as(bundle(pregnancy={"current": current}), "Observation", "82810-3")
    assert codes(status["valueCodeableConcept"], SNOMED) == [code]


def test_a_pregnancy_that_cannot_be_told_says_why(bundle: Any) -> None:
    found = bundle(pregnancy={"current": {"absent": "asked-unknown", "reason": "Test pending"}})
    assert known_as(found, "Observation", "82810-3")["dataAbsentReason"]["text"] == "Test pending"


def test_each_allergy_is_one_and_no_allergies_are_an_observation(bundle: Any) -> None:
    rows = [
        {"id": "a", "substance": "latex", "reaction": "Wheals"},
        {"id": "b", "substance": "other", "name": "Kiwi"},
        {"id": "c", "reaction": "Unclear"},
    ]
    found = bundle(allergies={"any": True, "list": rows})
    allergies = resources(found, "AllergyIntolerance")
    assert [one["code"]["text"] for one in allergies] == ["Latex", "Kiwi"]
    assert allergies[0]["reaction"] == [{"manifestation": [{"text": "Wheals"}]}]
    assert all("patient" in one for one in allergies)
    assert not resources(bundle(allergies={"any": False, "list": []}), "AllergyIntolerance")


def test_each_medicine_is_a_statement_under_its_own_name(bundle: Any) -> None:
    rows = [
        {"id": "a", "drug": "nifedipine", "dosage": "10 mg", "since": "2026-10-01"},
        {"id": "b", "drug": "anticoagulant", "name": "Enoxaparin"},
        {"id": "c", "dosage": "At night"},
    ]
    found = bundle(medications={"any": True, "list": rows})
    named = [one["medicationCodeableConcept"] for one in resources(found, "MedicationStatement")]
    assert [one["text"] for one in named] == ["Nifedipine", "Enoxaparin"]
    assert codes(named[0], SNOMED) == ["387490003"]
    first = resources(found, "MedicationStatement")[0]
    assert first["effectivePeriod"] == {"start": "2026-10-01"}
    assert first["dosage"] == [{"text": "10 mg"}]


# --- cerclage and plan ---------------------------------------------------------------------------------------------


def test_a_cerclage_says_who_placed_it_where_with_what_and_what_came_of_it(bundle: Any) -> None:
    found = bundle(
        cerclage={
            "in_place": True,
            "placed_on": "2026-09-14",
            "indication": "history",
            "technique": "shirodkar",
            "suture": "polypropylene",
            "surgeon": "Dr Imaginary",
            "hospital": "Sample Hospital",
            "closure": "closed",
            "complications": ["contractions", "bladder_injury"],
        }
    )
    (cerclage,) = resources(found, "Procedure")
    assert codes(cerclage["category"], SNOMED) == ["265636007"]
    assert codes(cerclage["code"], SNOMED) == ["236947000", "265636007"]
    assert cerclage["performedDateTime"] == "2026-09-14"
    assert cerclage["performer"] == [{"actor": {"display": "Dr Imaginary"}}]
    assert cerclage["location"] == {"display": "Sample Hospital"}
    assert cerclage["reasonCode"][0]["text"] == "History-indicated"
    assert codes(cerclage["usedCode"][0], SNOMED) == ["257394003"]
    assert cerclage["outcome"]["text"] == "Closed"
    assert [one["text"] for one in cerclage["complication"]] == ["Contractions", "Bladder injury"]


def test_a_cerclage_without_complications_says_so_in_an_observation(bundle: Any) -> None:
    found = bundle(cerclage={"in_place": True, "complications": []})
    assert "complication" not in resources(found, "Procedure")[0]
    assert known_as(found, "Observation", "cerclage.complications")["valueInteger"] == 0


@pytest.mark.parametrize(
    ("technique", "removal"), [("shirodkar", ["259863001", "30549001"]), ("mcdonald", ["30549001"])]
)
def test_a_removal_is_requested_for_its_day_and_in_words(bundle: Any, technique: str, removal: list[str]) -> None:
    found = bundle(
        pregnancy={"current": True, "edd": "2027-03-08"},
        cerclage={"in_place": True, "technique": technique},
        removal={"target": "37w0d", "setting": "theatre", "who": "Dr Sample"},
    )
    (request,) = resources(found, "ServiceRequest")
    assert codes(request["code"], SNOMED) == removal
    assert request["occurrenceDateTime"] == "2027-02-15"
    assert request["orderDetail"] == [{"text": "at 37+0 weeks"}]
    assert request["locationCode"][0]["text"] == "Theatre"
    assert request["performer"] == [{"display": "Dr Sample"}]
    assert known_as(found, "Observation", "removal.target")["valueQuantity"]["value"] == 259


def test_a_stitch_that_stays_is_not_to_be_removed(bundle: Any) -> None:
    found = bundle(cerclage={"in_place": True}, removal={"target": "37w0d", "stays": True})
    assert not resources(found, "ServiceRequest")


@pytest.mark.parametrize(("status", "stated"), [("draft", "draft"), ("final", "active"), ("amended", "active")])
def test_planned_progesterone_is_a_request_that_a_draft_does_not_make_active(
    bundle: Any, status: str, stated: str
) -> None:
    plan = {
        "choice": ["vaginal_progesterone"],
        "progesterone_drug": "micronised",
        "progesterone_dose": 200,
        "progesterone_route": "vaginal",
        "progesterone_stop": "36w0d",
    }
    (request,) = resources(bundle(status=status, plan=plan), "MedicationRequest")
    assert (request["status"], request["intent"]) == (stated, "plan")
    (dosage,) = request["dosageInstruction"]
    assert dosage["patientInstruction"] == "until 36+0 weeks"
    assert codes(dosage["route"], SNOMED) == ["16857009"]
    dose = dosage["doseAndRate"][0]["doseQuantity"]
    assert (dose["value"], dose["code"]) == (200, "mg")


def test_progesterone_of_no_recorded_kind_is_still_progesterone(bundle: Any) -> None:
    (request,) = resources(bundle(plan={"choice": ["vaginal_progesterone"]}), "MedicationRequest")
    assert codes(request["medicationCodeableConcept"], SNOMED) == ["16683002"]


@pytest.mark.parametrize(
    ("current", "choice", "code"),
    [
        (True, ["cerclage_TVC"], ["90442009", "265636007"]),
        (True, ["cerclage_TAC"], ["46681009", "265636007"]),
        (True, ["cerclage_TVC", "cerclage_TAC"], ["265636007"]),
        (False, ["cerclage_TAC"], ["265636007"]),
    ],
)
def test_a_planned_cerclage_is_requested(bundle: Any, current: bool, choice: list[str], code: list[str]) -> None:
    plan = {"choice": choice, "cerclage_date": "2026-11-20"}
    (request,) = resources(bundle(pregnancy={"current": current}, plan=plan), "ServiceRequest")
    assert codes(request["code"], SNOMED) == code
    assert request["occurrenceDateTime"] == "2026-11-20"
    assert request["intent"] == "plan"


def test_the_next_scan_and_the_next_visit_are_requested_for_their_days(bundle: Any) -> None:
    found = bundle(plan={"next_scan": "2026-11-10", "followup": "2026-11-17"})
    assert known_as(found, "ServiceRequest", "24677-7")["occurrenceDateTime"] == "2026-11-10"
    assert known_as(found, "ServiceRequest", "Next visit")["occurrenceDateTime"] == "2026-11-17"


# --- the encounter -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "kind"), [({"setting": "clinic"}, "AMB"), ({"setting": "labour_ward"}, "UNK"), ({}, "UNK")]
)
def test_a_visit_with_a_number_is_an_encounter_that_everything_refers_to(bundle: Any, setting: Json, kind: str) -> None:
    visit = {"encounter": "V7", "encounter_system": "urn:oid:2.999.1", "reason": "symptoms", **setting}
    found = bundle(visit=visit, vitals={"hr": 80})
    (encounter,) = resources(found, "Encounter")
    assert encounter["class"]["code"] == kind
    assert encounter["identifier"] == [{"system": "urn:oid:2.999.1", "value": "V7"}]
    assert encounter["reasonCode"] == [{"text": "because of symptoms"}]
    reference = {"reference": f"urn:uuid:{encounter['id']}"}
    assert known_as(found, "Observation", "8867-4")["encounter"] == reference


@pytest.mark.parametrize("number", [{}, {"encounter": "V7"}])
def test_a_visit_without_a_number_or_with_anybodys_is_no_encounter(bundle: Any, number: Json) -> None:
    found = bundle(visit={"setting": "clinic", "reason": "symptoms", **number})
    assert not resources(found, "Encounter")
    assert "encounter" not in known_as(found, "Observation", "visit.setting")


# --- when, how far, and whose --------------------------------------------------------------------------------------


def test_a_value_is_dated_by_the_day_on_which_it_was_true(bundle: Any) -> None:
    found = bundle(
        pregnancy={"us_date": "2026-08-18", "us_ga": "11w3d", "edd": "2027-03-06"},
        labs={"collected_on": "2026-11-01", "wbc": 9.8},
        ultrasound={"scan_date": "2026-11-02", "funnelling": False},
    )
    dated = {code: known_as(found, "Observation", code)["effectiveDateTime"] for code in ("11888-5", "26464-8")}
    assert dated == {"11888-5": "2026-08-18", "26464-8": "2026-11-01"}
    assert known_as(found, "Observation", "ultrasound.funnelling")["effectiveDateTime"] == "2026-11-02"
    assert known_as(found, "Observation", "18185-9")["effectiveDateTime"].startswith("2026-11-03")


@pytest.mark.parametrize(("answer", "status"), [("pending", "registered"), ("not_done", "cancelled"), ("neg", "final")])
def test_a_result_that_is_not_there_is_not_final(bundle: Any, answer: str, status: str) -> None:
    assert known_as(bundle(labs={"urine_culture": answer}), "Observation", "630-4")["status"] == status


@pytest.mark.parametrize(
    ("patient", "asked"),
    [
        ({"identifier": "EX-1"}, "#patient"),
        ({"pseudonym": "P1"}, "#patient"),
        ({"identifier": "EX-1", "identifier_system": "urn:oid:2.999.20.1"}, "urn:oid:2.999.20.1|EX-1"),
    ],
)
def test_a_number_that_does_not_say_whose_it_is_matches_nobody(assessment: Template, patient: Json, asked: str) -> None:
    data = {"id": "n1", "template": "assessment", "version": assessment.version, "status": "final"}
    note = derive.note(assessment, {**data, "date": "2026-11-03T14:20:00+00:00", "patient": patient})
    requests = [
        one["request"] for one in to_fhir(note, form="transaction")["entry"] if one["request"]["url"] == "Patient"
    ]
    assert asked in unquote(requests[0]["ifNoneExist"])


@pytest.mark.parametrize(
    ("pregnancy", "known"),
    [({"current": True, "edd": "2027-03-08"}, True), ({"current": False}, False), ({"plurality": 1}, False)],
)
def test_an_abdominal_stitch_has_the_code_that_says_pregnancy_only_then(
    bundle: Any, pregnancy: Json, known: bool
) -> None:
    stitch = {"in_place": True, "technique": "tac_laparoscopic", "placed_on": "2026-08-20"}
    found = known_as(bundle(pregnancy=pregnancy, cerclage=stitch), "Procedure", "cerclage.technique")
    assert ("46681009" in codes(found["code"], SNOMED)) is known


def test_planned_steroids_are_not_coded_as_given(bundle: Any) -> None:
    assert "434611000124106" not in str(bundle(plan={"steroids": True}))


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        ({}, "https://w3id.org/ci-notes/resource|n1#facility"),
        ({"facility_identifier": "7"}, "https://w3id.org/ci-notes/resource|n1#facility"),
        ({"facility_identifier": "7", "facility_identifier_system": "urn:oid:2.999.4"}, "urn:oid:2.999.4|7"),
    ],
)
def test_a_hospital_is_found_by_its_own_number(assessment: Template, number: Json, asked: str) -> None:
    data = {"id": "n1", "template": "assessment", "version": assessment.version, "status": "final"}
    data |= {"date": "2026-11-03T14:20:00+00:00", "author": {"facility": "Sample Maternity", **number}}
    bundle = to_fhir(derive.note(assessment, data), form="transaction")
    assert from_fhir(bundle, assessment) == data
    (entry,) = [one for one in bundle["entry"] if one["resource"]["resourceType"] == "Organization"]
    assert unquote(entry["request"]["ifNoneExist"]) == f"identifier={asked}"
