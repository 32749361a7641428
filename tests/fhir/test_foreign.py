"""FHIR that somebody else wrote: what is recognised is taken, what is not is told, and nothing is made up."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import InputError, catalogue, check, derive, load_template, read_fhir, render
from ci_notes.fhir.reading import account
from ci_notes.fhir.reading.account import WHY, Reading
from ci_notes.fhir.reading.recognised import CERCLAGES, CONDITIONS, PROCEDURES
from ci_notes.template import Template

Json = dict[str, Any]
HERE = Path(__file__).parent / "foreign"
PACKAGES = Path.home() / ".fhir/packages"
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"


def bundle_of(name: str) -> Json:
    return dict(json.loads((HERE / f"{name}.json").read_text(encoding="utf-8")))


def said(reading: Reading) -> Json:
    """Return what stands in a note besides its header."""
    return {key: value for key, value in reading.data.items() if isinstance(value, dict)}


def left(reading: Reading) -> dict[str, str]:
    return {one.source.partition("/")[2]: one.why for one in reading.left}


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template("assessment")


# --- whole bundles, against what a person reads in them ------------------------------------------------------------

IPS = {
    "patient": {
        "name": "Femke Johanna Voorbeeld",
        "birth_date": "1993-08-19",
        "gender": "female",
        "identifier_system": "urn:oid:2.999.1.2",
        "identifier": "NL-448812",
    },
    "pregnancy": {"current": True, "edd": "2026-08-29"},
    "history": {
        "gravida": 4,
        "term": 1,
        "preterm": 1,
        "abortions": 1,
        "living": 2,
        "ectopic": {"absent": "not-asked"},
        "induced": 0,
        "spontaneous_loss": 1,
    },
    "risk": {"cervical_laceration": True},
    "allergies": {"any": True, "list": [{"id": "r1", "substance": "penicillin", "reaction": "Rash"}]},
    "medications": {
        "any": True,
        "list": [{"id": "r1", "drug": "progesterone", "dosage": "200 mg at night", "since": "2026-03-30"}],
    },
    "diagnosis": {"insufficiency": "suspected"},
}

ANTEPARTUM = {
    "patient": {
        "name": "Alma Invented",
        "birth_date": "1996-02-23",
        "gender": "female",
        "identifier_system": "https://clinic.example/mrn",
        "identifier": "70031",
    },
    "pregnancy": {"current": True, "edd": "2026-11-19", "plurality": 1, "ga_stated": "33w5d"},
    "risk": {"connective_tissue": True, "connective_tissue_type": "ehlers_danlos", "prior_stitch": True},
    "medications": {
        "any": True,
        "list": [
            {"id": "r1", "drug": "indomethacin", "dosage": "25 mg every 6 hours for 48 hours"},
            {"id": "r2", "drug": "other", "name": "Prenatal vitamin"},
        ],
    },
    "cerclage": {"placed_on": "2026-05-18", "technique": "mcdonald"},
    "vitals": {"sbp": 118, "dbp": 74, "hr": 88, "temp": 37, "rr": 16, "weight": 74.8, "height": 162.6},
    "exam": {"dilation": 1, "effacement": 50},
    "labs": {"wbc": 12.3, "gbs": "neg"},
    "fetal": {"fetuses": [{"id": "r1", "presentation": "breech", "fhr": 148}]},
    "ultrasound": {"lengths": [{"id": "r1", "length": 24}]},
    "diagnosis": {"short_cervix": True},
}

NOT_TAKEN = {
    "ips-pregnancy": {
        "c1": "no-place",
        "pr1": "no-place",
        "births-live": "no-element",
        "births-total": "no-element",
        "edd-by-lmp": "older",
        "problem-2": "refuted",
        "med-2": "negated",
    },
    "antepartum-summary": {
        "aps": "no-place",
        "heps": "no-place",
        "visit": "no-place",
        "cervix-us-old": "older",
        "dilation-inch": "older",
        "bmi": "worked-out",
        "crp": "comparator",
        "ffn": "in-error",
        "weight-in-grams-of-another": "another-patient",
        "lmp": "value",
        "amniotic-or-not": "ambiguous",
        "odd-unit": "unit",
        "symptoms": "no-element",
        "care": "ambiguous",
        "possible": "unconfirmed",
        "cone": "not-done",
        "mother": "someone-else",
        "nka": "negated",
        "stopped": "inactive",
    },
}


@pytest.mark.parametrize(("name", "wanted"), [("ips-pregnancy", IPS), ("antepartum-summary", ANTEPARTUM)])
def test_a_summary_becomes_a_draft_of_what_it_says_and_of_nothing_else(
    template: Template, name: str, wanted: Json
) -> None:
    reading = read_fhir(bundle_of(name), template, "n1")
    assert said(reading) == wanted
    assert reading.data["status"] == "draft"
    assert not reading.ours
    assert left(reading) == NOT_TAKEN[name]
    assert not derive.note(template, reading.data).problems


def test_what_was_converted_is_told_with_what_it_was(template: Template) -> None:
    taken = {one.at: one for one in read_fhir(bundle_of("antepartum-summary"), template).taken}
    length = taken["ultrasound.lengths[r1].length"]
    assert (length.source, length.on[:10]) == ("Observation/cervix-us", "2026-10-06")
    assert "2.4 cm is 24 mm" in length.how
    assert "transvaginally is not said" in length.how
    assert taken["pregnancy.ga_stated"].how == "33.71 weeks is 33w5d"
    assert taken["vitals.weight"].how == "165 lb is 74.8 kg"
    assert taken["vitals.temp"].how == "98.6 °F is 37 °C"


@pytest.mark.parametrize("name", ["ips-pregnancy", "antepartum-summary"])
@pytest.mark.parametrize("kind", catalogue())
def test_every_kind_of_note_takes_what_it_has_and_can_be_checked_and_told(name: str, kind: str) -> None:
    template = load_template(kind)
    reading = read_fhir(bundle_of(name), template)
    note = derive.note(template, reading.data)
    assert not note.problems
    assert len(reading.taken) == len(reading.data["carried"]) == len({one.at for one in reading.taken})
    check(note, today="2026-11-21")
    text = " ".join(one.text for one in render(note))
    assert "Carried forward, still to be confirmed: " in text
    assert all(one.why in WHY for one in reading.left)


@pytest.mark.parametrize("name", ["ips-pregnancy", "antepartum-summary"])
def test_a_later_note_says_the_gestational_age_of_its_own_day(template: Template, name: str) -> None:
    data = read_fhir(bundle_of("antepartum-summary"), template, date="2026-10-20T09:00:00-07:00").data
    assert data["pregnancy"]["ga_stated"] == "35w5d"
    late = read_fhir(bundle_of("antepartum-summary"), template, date="2027-03-01T09:00:00-07:00")
    assert "ga_stated" not in late.data["pregnancy"]
    assert left(late)["ga"] == "older"
    early = read_fhir(bundle_of(name), template, date="2026-01-01T09:00:00Z")
    assert "newer" in left(early).values()


def test_the_order_of_a_foreign_bundle_does_not_matter(template: Template) -> None:
    bundle = bundle_of("antepartum-summary")
    backwards = said(read_fhir(bundle | {"entry": bundle["entry"][::-1]}, template))
    rows = {row["drug"]: row for row in backwards["medications"]["list"]}
    assert rows.keys() == {"indomethacin", "other"}
    assert backwards | {"medications": 0} == ANTEPARTUM | {"medications": 0}


def test_us_core_examples_are_read_as_far_as_they_belong_to_one_patient(template: Template) -> None:
    folder = PACKAGES / "hl7.fhir.us.core#6.1.0/package/example"
    if not folder.is_dir():
        pytest.skip("hl7.fhir.us.core 6.1.0 is not in ~/.fhir/packages; any FHIR package server has it")
    examples = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("[!.]*.json"))]
    hers = [one for one in examples if _subject(one) == "Patient/example" or one.get("id") == "example"]
    hers = [one for one in hers if one["resourceType"] not in ("Encounter", "CareTeam")]
    found = said(read_fhir({"resourceType": "Bundle", "entry": [{"resource": one} for one in hers]}, template))
    assert found["pregnancy"] == {"current": True}
    assert found["vitals"] == {"height": 111.506}  # the rest was measured years before
    assert [row["name"] for row in found["allergies"]["list"]] == ["sulfonamide antibacterial"]
    assert found.keys() == {"patient", "pregnancy", "vitals", "allergies", "medications"}


def test_sdc_examples_are_somebody_elses_forms(template: Template) -> None:
    folder = PACKAGES / "hl7.fhir.uv.sdc#4.0.0-ballot/package/example"
    if not folder.is_dir():
        pytest.skip("hl7.fhir.uv.sdc 4.0.0-ballot is not in ~/.fhir/packages; any FHIR package server has it")
    for path in sorted(folder.glob("[!.]*.json")):
        example = json.loads(path.read_text(encoding="utf-8"))
        if example["resourceType"] == "Bundle":
            reading = read_fhir(example, template)
            assert not reading.taken
            assert reading.left
        else:
            with pytest.raises(InputError, match="is wanted"):
                read_fhir(example, template)


def _subject(resource: Json) -> str:
    held = resource.get("subject") or resource.get("patient") or {}
    return str(held.get("reference")) if isinstance(held, dict) else ""


# --- one resource at a time ----------------------------------------------------------------------------------------

PATIENT: Json = {"resourceType": "Patient", "id": "p", "name": [{"text": "Ida Invented"}]}


def observed(code: str, value: Json, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-11-02T10:00:00+01:00",
        **value,
        **more,
    }


def amount(value: float, unit: str) -> Json:
    return {"valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}}


def condition(code: str, system: str = SNOMED, **more: Any) -> Json:
    status = {"coding": [{"code": "confirmed"}]}
    body: Json = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}}
    return body | {"code": {"coding": [{"system": system, "code": code}]}, "verificationStatus": status, **more}


def read_one(template: Template, *resources: Json) -> Reading:
    entries = [{"fullUrl": f"https://one.example/{one['resourceType']}/{one.get('id')}", "resource": one}
               for one in (PATIENT, *resources)]  # fmt: skip
    return read_fhir({"resourceType": "Bundle", "type": "searchset", "entry": entries}, template, "n1", "",
                     "2026-11-03T09:00:00Z")  # fmt: skip


def without_patient(reading: Reading) -> Json:
    return {key: value for key, value in said(reading).items() if key != "patient"}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (amount(33.71, "wk"), "33w5d"),
        (amount(33, "wk"), "33w"),
        (amount(236, "d"), "33w5d"),
        ({"valueString": "33w5d"}, "33w5d"),
        ({"valueString": "33 5/7"}, "33w5d"),
        ({"valueString": "33+5"}, "33w5d"),
        ({"valueString": "33 weeks 5 days"}, "33w5d"),
        (
            {"valueRange": {"low": amount(23, "wk")["valueQuantity"], "high": amount(24, "wk")["valueQuantity"]}},
            "23w-24w",
        ),
        ({"valueQuantity": {"value": 33.71, "unit": "weeks"}}, "33w5d"),
        ({"valueString": "about 33"}, None),
        (amount(33.71, "mo"), None),
        (amount(80, "wk"), None),
        ({"valueQuantity": {"value": 33}}, None),
    ],
)
def test_a_gestational_age_is_taken_in_every_usual_form(template: Template, value: Json, kept: str | None) -> None:
    found = without_patient(read_one(template, observed("18185-9", value)))
    assert found == ({"pregnancy": {"ga_stated": kept}} if kept else {})


@pytest.mark.parametrize(
    ("value", "kept", "why"),
    [
        (amount(24, "mm"), 24, ""),
        (amount(2.45, "cm"), 24.5, ""),
        (amount(1, "[in_i]"), 25.4, ""),
        (amount(24, "g"), None, "unit"),
        ({"valueQuantity": {"value": 24}}, None, "unit"),
        (amount(24, "cm"), None, "impossible"),
        (amount(-2, "mm"), None, "impossible"),
        ({"valueString": "24 mm"}, None, "value"),
        ({"valueQuantity": {"value": 25, "comparator": "<", "unit": "mm", "code": "mm"}}, None, "comparator"),
        ({}, None, "no-value"),
    ],
)
def test_a_cervical_length_is_taken_in_its_unit_or_left_with_the_reason(
    template: Template, value: Json, kept: float | None, why: str
) -> None:
    reading = read_one(template, observed("11961-0", value))
    if kept is None:
        assert without_patient(reading) == {}
        assert left(reading)["o"] == why
    else:
        assert without_patient(reading) == {"ultrasound": {"lengths": [{"id": "r1", "length": kept}]}}


@pytest.mark.parametrize("kind", ["cerclage", "removal"])
def test_a_heart_rate_is_not_one_after_an_operation(kind: str) -> None:
    found = without_patient(read_one(load_template(kind), observed("55283-6", amount(150, "{beats}/min"))))
    assert found == {"fetal": {"fetuses": [{"id": "r1", "fhr": 150}]}}


def test_lengths_of_one_scan_are_rows_and_those_of_an_earlier_one_are_left(template: Template) -> None:
    scans = [
        observed("11961-0", amount(23, "mm"), id="a", effectiveDateTime="2026-11-02T10:00:00+01:00"),
        observed("11961-0", amount(25, "mm"), id="b", effectiveDateTime="2026-11-02T10:02:00+01:00"),
        observed("11961-0", amount(31, "mm"), id="early", effectiveDateTime="2026-10-12"),
    ]
    reading = read_one(template, *scans)
    assert [row["length"] for row in reading.data["ultrasound"]["lengths"]] == [23, 25]
    assert left(reading) == {"early": "older"}


def test_a_length_measured_otherwise_is_not_taken(template: Template) -> None:
    reading = read_one(template, observed("11961-0", amount(23, "mm"), method={"text": "Transabdominal ultrasound"}))
    assert without_patient(reading) == {}


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("77386006", True), ("60001007", False), ("146799005", None), ("152231000119106", None), ("261665006", None)],
)
def test_whether_she_is_pregnant_is_taken_only_where_it_is_said(
    template: Template, answer: str, kept: bool | None
) -> None:
    status = observed("82810-3", {"valueCodeableConcept": {"coding": [{"system": SNOMED, "code": answer}]}})
    found = without_patient(read_one(template, status))
    assert found == ({} if kept is None else {"pregnancy": {"current": kept}})


@pytest.mark.parametrize(
    ("words", "kept"), [("Pregnant", True), ("Not pregnant", False), ("Possibly pregnant", None), ("Unknown", None)]
)
def test_an_answer_of_a_list_that_we_do_not_know_is_taken_by_its_whole_words(
    template: Template, words: str, kept: bool | None
) -> None:
    coding = {"system": "http://loinc.org", "code": "LA-0", "display": words}
    found = without_patient(read_one(template, observed("82810-3", {"valueCodeableConcept": {"coding": [coding]}})))
    assert found == ({} if kept is None else {"pregnancy": {"current": kept}})


ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


@pytest.mark.parametrize("code", ["not-asked", "asked-declined", "asked-unknown", "not-performed", "unknown", "masked"])
def test_a_reason_of_absence_is_kept_where_notes_have_it(template: Template, code: str) -> None:
    reading = read_one(
        template, observed("11996-6", {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": code}]}})
    )
    kept = code not in ("unknown", "masked")
    assert without_patient(reading) == ({"history": {"gravida": {"absent": code}}} if kept else {})
    assert left(reading) == ({} if kept else {"o": "absence"})


def test_a_value_counts_more_than_a_later_reason_why_there_is_none(template: Template) -> None:
    absent = {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "not-performed"}]}}
    later = observed("29463-7", absent, id="later", effectiveDateTime="2026-11-03T08:00:00+01:00")
    reading = read_one(template, observed("29463-7", amount(70, "kg")), later)
    assert reading.data["vitals"] == {"weight": 70}


def test_two_values_at_one_time_are_not_chosen_between(template: Template) -> None:
    reading = read_one(
        template, observed("29463-7", amount(70, "kg"), id="a"), observed("29463-7", amount(71, "kg"), id="b")
    )
    assert without_patient(reading) == {}
    assert left(reading) == {"a": "contradiction", "b": "contradiction"}


@pytest.mark.parametrize("status", ["cancelled", "registered", "unknown", "entered-in-error", None])
def test_an_observation_counts_by_its_status(template: Template, status: str | None) -> None:
    assert without_patient(read_one(template, observed("29463-7", amount(70, "kg"), status=status))) == {}


@pytest.mark.parametrize(
    "about", [{"focus": [{"reference": "Patient/baby"}]}, {"subject": {"reference": "Patient/q"}}, {"subject": None}]
)
def test_an_observation_of_somebody_else_is_not_hers(template: Template, about: Json) -> None:
    assert without_patient(read_one(template, observed("29463-7", amount(70, "kg")) | about)) == {}


@pytest.mark.parametrize("changed", [{"modifierExtension": [{"url": "https://x.example/not"}]}, {"implicitRules": "x"}])
def test_what_may_mean_something_else_is_not_taken(template: Template, changed: Json) -> None:
    reading = read_one(template, observed("29463-7", amount(70, "kg")) | changed)
    assert without_patient(reading) == {}
    assert left(reading) == {"o": "modifier"}


def verified(code: str) -> Json:
    return {"verificationStatus": {"coding": [{"code": code}]}}


CLINICAL = "clinicalStatus"


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({}, "confirmed"),
        (verified("provisional"), "suspected"),
        ({CLINICAL: {"coding": [{"code": "resolved"}]}}, "history"),
        ({"abatementDateTime": "2024-01-01"}, "history"),
        (verified("refuted"), None),
        (verified("unconfirmed"), None),
        (verified("differential"), None),
        (verified("entered-in-error"), None),
        (verified("somehow"), None),
    ],
)
def test_cervical_insufficiency_is_what_its_status_says(template: Template, more: Json, kept: str | None) -> None:
    found = without_patient(read_one(template, condition("17382005", **more)))
    assert found == ({"diagnosis": {"insufficiency": kept}} if kept else {})


ONCE_ONLY = [code for code, says in CONDITIONS.items() if True in says.values()]


@pytest.mark.parametrize("status", ["refuted", "unconfirmed", "differential", "provisional", "entered-in-error"])
@pytest.mark.parametrize("code", ONCE_ONLY)
def test_a_condition_that_is_not_sure_fills_nothing(template: Template, code: tuple[str, str], status: str) -> None:
    unsure = condition(code[1], code[0], **verified(status))
    assert without_patient(read_one(template, unsure)) == {}


@pytest.mark.parametrize("code", ONCE_ONLY)
def test_a_condition_that_is_confirmed_fills_what_it_says(template: Template, code: tuple[str, str]) -> None:
    found = without_patient(read_one(template, condition(code[1], code[0])))
    assert {
        f"{section}.{name}": value for section, held in found.items() for name, value in held.items()
    } == CONDITIONS[code]


@pytest.mark.parametrize(
    "status", ["not-done", "in-progress", "preparation", "stopped", "unknown", "entered-in-error", None]
)
@pytest.mark.parametrize("code", [*PROCEDURES, *CERCLAGES])
def test_a_procedure_that_was_not_completed_fills_nothing(
    template: Template, code: tuple[str, str], status: str | None
) -> None:
    done = {"resourceType": "Procedure", "id": "x", "subject": {"reference": "Patient/p"}, "status": status}
    done |= {"performedDateTime": "2026-10-01", "code": {"coding": [{"system": code[0], "code": code[1]}]}}
    due = observed("11778-8", {"valueDateTime": "2027-03-01"})
    assert without_patient(read_one(template, done, due)) == {"pregnancy": {"edd": "2027-03-01"}}


def test_a_cerclage_without_a_due_date_may_be_of_any_pregnancy(template: Template) -> None:
    done = {"resourceType": "Procedure", "id": "x", "subject": {"reference": "Patient/p"}, "status": "completed"}
    done |= {"performedDateTime": "2026-10-01", "code": {"coding": [{"system": SNOMED, "code": "236946009"}]}}
    reading = read_one(template, done)
    assert without_patient(reading) == {}
    assert left(reading) == {"x": "ambiguous"}


@pytest.mark.parametrize("words", ["No known allergies", "NKDA", "no known drug allergy", "Not known", "None"])
def test_an_allergy_to_nothing_is_no_allergy_and_no_no(template: Template, words: str) -> None:
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": {"reference": "Patient/p"},
        "code": {"text": words},
    }
    assert without_patient(read_one(template, allergy)) == {}


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p"}, "reaction": [
            {"manifestation": [{"text": "none"}]}], "code": {"coding": [{"system": SNOMED, "code": "716186003"}]}},
        {"resourceType": "MedicationStatement", "status": "active", "subject": {"reference": "Patient/p"}, "dosage": [
            {"text": "daily"}], "medicationCodeableConcept": {"coding": [{"system": SNOMED, "code": "787481004"}]}},
    ],
)  # fmt: skip
def test_a_code_that_nobody_here_knows_names_no_allergy_and_no_medicine(template: Template, resource: Json) -> None:
    reading = read_one(template, {"id": "a", **resource})  # these codes say: no known allergy, no known medicine
    assert without_patient(reading) == {}
    assert left(reading) == {"a": "value"}


@pytest.mark.parametrize(
    "words",
    [
        "No evidence of cervical insufficiency",
        "Rule out cervical incompetence",
        "R/O cervical incompetence",
        "?cervical insufficiency",
        "Family history of cervical incompetence",
        "History of cervical insufficiency",
        "Suspected cervical insufficiency",
    ],
)
def test_a_condition_whose_words_differ_from_its_code_fills_nothing(template: Template, words: str) -> None:
    concept = {"coding": [{"system": SNOMED, "code": "17382005"}], "text": words}
    reading = read_one(template, condition("17382005") | {"code": concept})
    assert without_patient(reading) == {}
    assert left(reading) == {"c": "ambiguous"}


def test_a_verification_status_in_words_alone_confirms_nothing(template: Template) -> None:
    assert without_patient(read_one(template, condition("17382005", verificationStatus={"text": "Refuted"}))) == {}


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("11996-6", {"valueString": "three"}),
        ("11961-0", {"valueRange": {"low": {"value": 20, "unit": "mm"}, "high": {"value": 25, "unit": "mm"}}}),
        ("82810-3", {"valueString": "three"}),
        ("1988-5", {"valueSampledData": {"data": "1 2"}}),
    ],
)
def test_a_report_has_no_words_of_programmers(template: Template, code: str, value: Json) -> None:
    reading = read_one(template, observed(code, value))
    assert reading.left
    assert "valueS" not in account.detailed(reading)
    assert "valueR" not in account.detailed(reading)


def test_what_says_the_same_is_told_too(template: Template) -> None:
    again = observed("11996-6", {"valueInteger": 3})
    because = [one.because for one in read_one(template, again, {**again, "id": "again"}).left]
    assert because == ["Observation/o says the same"]


def test_a_value_without_a_date_is_not_called_earlier(template: Template) -> None:
    dated = observed("11996-6", {"valueInteger": 3})
    undated = {key: one for key, one in dated.items() if key != "effectiveDateTime"} | {"id": "u", "valueInteger": 4}
    because = [one.because for one in read_one(template, dated, undated).left]
    assert because == ["Observation/o has a date, which this has not"]


def test_oral_progesterone_is_not_the_vaginal_one(template: Template) -> None:
    taken = {
        "resourceType": "MedicationStatement",
        "id": "m",
        "status": "active",
        "subject": {"reference": "Patient/p"},
    }
    taken |= {"medicationCodeableConcept": {"coding": [{"system": SNOMED, "code": "16683002"}], "text": "Progesterone"}}
    assert read_one(template, taken).data["medications"]["list"] == [
        {"id": "r1", "drug": "other", "name": "Progesterone"}
    ]


def test_an_official_name_and_a_number_with_its_system_are_taken(template: Template) -> None:
    names = [{"use": "old", "text": "Ida Before"}, {"family": "Now", "given": ["Ida", "Eva"]}]
    numbers = [{"value": "7"}, {"system": "urn:oid:2.999.4", "value": "12"}]
    patient = PATIENT | {"name": names, "identifier": numbers, "birthDate": "1990", "gender": "female"}
    reading = read_fhir(patient, template, now="2026-11-03T09:00:00Z")
    assert said(reading)["patient"] == {
        "name": "Ida Eva Now", "gender": "female", "identifier_system": "urn:oid:2.999.4", "identifier": "12"
    }  # fmt: skip


def test_a_single_observation_is_read_like_a_bundle(template: Template) -> None:
    data = read_fhir(observed("29463-7", amount(165, "[lb_av]")), template).data
    assert data["vitals"] == {"weight": 74.8}
    assert data["date"] == "2026-11-02T10:00:00+01:00"


def test_markup_is_not_taken_as_text(template: Template) -> None:
    bundle = bundle_of("antepartum-summary")
    patient = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
    patient["name"] = [{"text": "Alma <script>alert(1)</script>"}]
    patient["text"] = {"status": "generated", "div": "<div><script>alert(1)</script></div>"}
    for entry in bundle["entry"]:
        entry["resource"]["text"] = patient["text"]
    reading = read_fhir(bundle, template)
    assert "script" not in json.dumps(reading.data)
    assert "name" not in reading.data["patient"]
    assert [one.what for one in account.by_reason(reading.left, "markup")] == ["Name: Alma <script>alert(1)</script>"]


# --- the report ----------------------------------------------------------------------------------------------------


def test_the_report_tells_every_resource_once_taken_or_left(template: Template) -> None:
    bundle = bundle_of("antepartum-summary")
    reading = read_fhir(bundle, template)
    told = {one.source for one in reading.taken} | {one.source for one in reading.left}
    assert told == {f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in bundle["entry"]}
    text = account.detailed(reading)
    assert "ultrasound.lengths[r1].length = 24 mm" in text
    assert "Observation/crp: 1988-5 <5 mg/L (<5 mg/L is a limit)" in text
    assert account.summary(reading).startswith("taken: 34 values from 24 resources\nleft out: 19 (")
    assert len(reading.as_data()["left"]) == 19


def test_a_page_of_a_search_says_that_there_is_more(template: Template) -> None:
    bundle = bundle_of("antepartum-summary") | {"link": [{"relation": "next", "url": "https://one.example?page=2"}]}
    assert read_fhir(bundle, template).remarks == ("this is one page of a search; the server has more",)


# --- whatever it is ------------------------------------------------------------------------------------------------

JUNK = st.sampled_from(
    [None, True, 0, -1, 1e308, 2.5, "", "x", [], {}, [None], [[]], [0], {"x": 1}, [{}], {"coding": 3}]
)


def spots(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return ([path] if path else []) + [spot for key, value in items for spot in spots(value, (*path, key))]


@given(
    name=st.sampled_from(["ips-pregnancy", "antepartum-summary"]),
    changes=st.lists(st.tuples(st.integers(0, 10**6), JUNK, st.booleans()), min_size=1, max_size=4),
)
def test_a_damaged_bundle_is_refused_or_read_as_far_as_it_goes(name: str, changes: list[Any]) -> None:
    bundle, template = bundle_of(name), load_template("assessment")
    for where, junk, everywhere in changes:
        every = spots(bundle)
        chosen = every[where % len(every)]
        alike = [one for one in every if one[-1] == chosen[-1]] if everywhere else [chosen]
        for spot in reversed(alike):
            holder = bundle
            for step in spot[:-1]:
                holder = holder[step]
            holder[spot[-1]] = copy.deepcopy(junk)
    try:
        reading = read_fhir(bundle, template, now="2026-11-03T09:00:00Z")
    except InputError:
        return
    account.detailed(reading)
    json.dumps(reading.as_data())
    if not reading.ours:
        assert not derive.note(template, reading.data).problems


# --- of an earlier pregnancy ---------------------------------------------------------------------------------------


def of_2022() -> list[Json]:
    """Return what a record still holds of a pregnancy years ago: its due date, twins, a bleeding, a short cervix."""
    then = {"effectiveDateTime": "2022-10-06"}
    twins = observed("11878-6", {"valueInteger": 2}, **then)
    bleeding = observed("289530006", {"valueBoolean": True}, **then)
    bleeding["code"]["coding"][0]["system"] = SNOMED
    found = [observed("11778-8", {"valueDateTime": "2023-03-12"}, **then), twins, bleeding]
    found += [observed("11961-0", amount(12, "mm"), **then), condition("609133009", recordedDate="2022-10-01")]
    return [{**one, "id": f"old{number}"} for number, one in enumerate(found)]


def test_what_is_of_an_earlier_pregnancy_is_left_out_and_told(template: Template) -> None:
    reading = read_one(template, *of_2022(), observed("8867-4", amount(88, "/min")))
    assert without_patient(reading) == {"vitals": {"hr": 88}}
    assert left(reading) == {f"old{number}": "earlier" for number in range(5)}


def test_this_pregnancy_begins_where_its_due_date_says(template: Template) -> None:
    due = observed("11778-8", {"valueDateTime": "2027-05-01"}, id="due")  # begun on 2026-07-25
    before = observed("8867-4", amount(88, "/min"), id="before", effectiveDateTime="2026-07-20")
    within = observed("9279-1", amount(16, "/min"), id="within", effectiveDateTime="2026-07-30")
    height = observed("8302-2", amount(163, "cm"), id="height", effectiveDateTime="2015-01-01")
    reading = read_one(template, due, before, within, height, *of_2022())
    assert without_patient(reading) == {"pregnancy": {"edd": "2027-05-01"}, "vitals": {"rr": 16, "height": 163}}
    assert left(reading)["before"] == "earlier"
