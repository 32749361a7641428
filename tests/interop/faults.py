"""Seeded faults: each damages one of our own bundles in one way that has been seen, or is easily made.

Every function below takes a bundle (a copy, to be changed in place) and does one harm, which its docstring says. They
are listed in FAULTS with the kind of harm, the note and the form of bundle it is done to, and the code of the finding
that our lint makes of it, or in words why that is left to validators. Validators are run over the same list.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from ci_notes import catalogue, load, render, to_fhir
from ci_notes.fhir.datatypes import ABSENT, ELEMENTS, OPTIONS

Json = dict[str, Any]

KINDS = {
    "unit": "units and numbers",
    "code": "codes and their words",
    "value": "values and dates",
    "shape": "the shape of a resource",
    "reference": "references",
    "bundle": "the bundle and its entries",
    "request": "requests of a transaction",
    "narrative": "the narrative's XHTML",
}

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"


@dataclass(frozen=True)
class Seeded:
    """One fault: its name, what it says, the kind of harm, and where it is done.

    `lint` is the code of what our lint says of it; where that is empty, `left` says why it is left to validators.
    """

    name: str
    says: str
    kind: str
    damage: Callable[[Json], None]
    lint: str = ""
    left: str = ""
    note: str = "assessment/complete"
    form: str = "document"

    def bundle(self) -> Json:
        """Return the bundle with this fault in it."""
        damaged = copy.deepcopy(sound(self.note, self.form))
        self.damage(damaged)
        return damaged


@cache
def sound(note: str, form: str) -> Json:
    """Return the bundle of an example before it is damaged; it is shared, so copy it before you change it."""
    template, _, name = note.partition("/")
    loaded = load(catalogue()[template] / "examples" / f"{name}.note.json")
    return to_fhir(loaded, render(loaded), form=form)


FAULTS: list[Seeded] = []
"""All of them, in the order of this file."""


def fault(
    kind: str, lint: str = "", left: str = "", note: str = "assessment/complete", form: str = "document"
) -> Callable[[Callable[[Json], None]], Callable[[Json], None]]:
    """List a function as a fault."""

    def listed(damage: Callable[[Json], None]) -> Callable[[Json], None]:
        says = (damage.__doc__ or "").strip()
        FAULTS.append(Seeded(damage.__name__, says, kind, damage, lint, left, note, form))
        return damage

    return listed


# --- ways into a bundle --------------------------------------------------------------------------------------------


def resources(bundle: Json, kind: str) -> list[Json]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def one(bundle: Json, kind: str) -> Json:
    return resources(bundle, kind)[0]


def observation(bundle: Json, code: str) -> Json:
    """Return the first Observation with a code, ours or a standard one."""
    return next(
        found
        for found in resources(bundle, "Observation")
        if any(coding.get("code") == code for coding in found["code"]["coding"])
    )


def shortest(bundle: Json) -> Json:
    return observation(bundle, "ultrasound.shortest")


def quantity(bundle: Json, code: str = "ultrasound.shortest") -> Json:
    found: Json = observation(bundle, code)["valueQuantity"]
    return found


def entry_of(bundle: Json, resource: Json) -> Json:
    return next(entry for entry in bundle["entry"] if entry["resource"] is resource)


def coding_of(concept: Json, system: str) -> Json:
    return next(coding for coding in concept["coding"] if coding["system"] == system)


def address(bundle: Json, kind: str) -> Json:
    """Return a reference to the first resource of a type."""
    return {"reference": entry_of(bundle, one(bundle, kind))["fullUrl"]}


def narratives(bundle: Json) -> Iterator[Json]:
    return (section["text"] for section in one(bundle, "Composition")["section"] if "text" in section)


def narrative(bundle: Json) -> Json:
    return next(narratives(bundle))


def add_to_narrative(bundle: Json, markup: str) -> None:
    text = narrative(bundle)
    text["div"] = text["div"].removesuffix("</div>") + markup + "</div>"


# --- units and numbers ---------------------------------------------------------------------------------------------


@fault("unit", "out-of-range")
def centimetres_for_millimetres(bundle: Json) -> None:
    """A cervical length of 21 mm is sent as 21 cm: the unit was changed, the number was not."""
    quantity(bundle).update(unit="cm", code="cm")


@fault("unit", "unit-dimension")
def grams_for_a_length(bundle: Json) -> None:
    """A cervical length is in grams."""
    quantity(bundle).update(unit="g", code="g")


@fault("unit", "unit-text")
def unit_in_words_against_its_code(bundle: Json) -> None:
    """A length says cm to people and mm to machines."""
    quantity(bundle).update(unit="cm")


@fault("unit", "unit-unknown")
def unit_spelled_out(bundle: Json) -> None:
    """The UCUM code of a length is the word millimeter."""
    quantity(bundle).update(code="millimeter")


@fault("unit", "unit-unknown")
def unit_in_capitals(bundle: Json) -> None:
    """The UCUM code of a length is MM: UCUM tells capitals from small letters."""
    quantity(bundle).update(unit="MM", code="MM")


@fault("unit", "unit-unknown")
def millimetres_of_mercury_without_brackets(bundle: Json) -> None:
    """Blood pressure is in mmHg, which is no UCUM code; mm[Hg] is."""
    for component in observation(bundle, "85354-9")["component"]:
        component["valueQuantity"].update(code="mmHg")


@fault("unit", "unit-system")
def unit_code_without_system(bundle: Json) -> None:
    """A unit has a code, but not the system that the code is of."""
    del quantity(bundle)["system"]


@fault("unit", "unit-missing")
def unit_in_words_alone(bundle: Json) -> None:
    """A length has its unit in words alone, which no program converts."""
    for key in ("system", "code"):
        del quantity(bundle)[key]


@fault("unit", "unit-missing")
def number_without_unit(bundle: Json) -> None:
    """A length is a bare number."""
    observation(bundle, "ultrasound.shortest")["valueQuantity"] = {"value": 21}


@fault("unit", "unit-system")
def unit_of_another_system(bundle: Json) -> None:
    """The unit's code is said to be of SNOMED CT."""
    quantity(bundle).update(system=SNOMED)


@fault("unit", "out-of-range")
def negative_length(bundle: Json) -> None:
    """The shortest cervical length is -21 mm."""
    quantity(bundle).update(value=-21)


@fault("unit", "out-of-range")
def fahrenheit_as_celsius(bundle: Json) -> None:
    """A temperature of 98.2 was taken in Fahrenheit and sent as Celsius."""
    quantity(bundle, "vitals.temp").update(value=98.2)


@fault("unit", "out-of-range")
def weeks_as_days_twice(bundle: Json) -> None:
    """A gestational age of 155 days was taken for weeks and turned into days again: 1085 days."""
    quantity(bundle, "pregnancy.ga").update(value=1085)


@fault("unit", "out-of-range")
def pressure_with_a_digit_too_many(bundle: Json) -> None:
    """A systolic blood pressure is 1120 mm[Hg]."""
    observation(bundle, "85354-9")["component"][0]["valueQuantity"]["value"] = 1120


@fault("unit", "out-of-range")
def more_than_a_hundred_percent(bundle: Json) -> None:
    """A cervix is 140 % effaced."""
    quantity(bundle, "exam.effacement").update(value=140)


@fault("unit", left="both numbers are possible each by itself; the rules of the note find the pair")
def systolic_and_diastolic_swapped(bundle: Json) -> None:
    """The two pressures of a blood pressure changed places."""
    upper, lower = (part["valueQuantity"] for part in observation(bundle, "85354-9")["component"])
    upper["value"], lower["value"] = lower["value"], upper["value"]


@fault("unit", "value-set")
def comparator_in_words(bundle: Json) -> None:
    """A length is "less than" 21 mm in words, where FHIR has four signs."""
    quantity(bundle).update(comparator="less than")


@fault("unit", "value-type")
def bare_integer_for_a_length(bundle: Json) -> None:
    """A length is a valueInteger, so its unit is lost."""
    found = shortest(bundle)
    found["valueInteger"] = found.pop("valueQuantity")["value"]


# --- codes and their words -----------------------------------------------------------------------------------------


@fault("code", "code-display")
def words_of_another_loinc_code(bundle: Json) -> None:
    """The LOINC code of cervical length is displayed as body temperature."""
    coding_of(shortest(bundle)["code"], LOINC)["display"] = "Body temperature"


@fault("code", "code-display")
def words_of_another_element(bundle: Json) -> None:
    """Our code of one element is displayed with another's title."""
    coding_of(observation(bundle, "ultrasound.sludge")["code"], ELEMENTS)["display"] = "Funnelling"


@fault("code", "code-display")
def words_of_the_opposite_answer(bundle: Json) -> None:
    """The answer Rh D positive is displayed as Rh D negative."""
    coding_of(observation(bundle, "patient.rh_d")["valueCodeableConcept"], OPTIONS)["display"] = "Rh D negative"


@fault("code", "code-display")
def code_of_another_concept(bundle: Json) -> None:
    """Removal of a suture has the code of a cerclage beside its own words."""
    found = next(one for one in resources(bundle, "ServiceRequest") if "Removal" in one["code"]["text"])
    coding_of(found["code"], SNOMED)["code"] = "265636007"


@fault("code", "code-form")
def loinc_check_digit(bundle: Json) -> None:
    """A LOINC code ends in the wrong check digit."""
    coding_of(shortest(bundle)["code"], LOINC)["code"] = "11961-1"


@fault("code", "code-form")
def snomed_check_digit(bundle: Json) -> None:
    """Two digits of a SNOMED CT code changed places, which its check digit shows."""
    coding_of(one(bundle, "Procedure")["bodySite"][0], SNOMED)["code"] = "71252050"


@fault("code", "code-form")
def snomed_expression_cut_short(bundle: Json) -> None:
    """A SNOMED CT code lost its last digits in a column that was too narrow."""
    coding_of(one(bundle, "Procedure")["bodySite"][0], SNOMED)["code"] = "71252"


@fault("code", "code-form")
def diagnosis_of_an_older_edition(bundle: Json) -> None:
    """A code of ICD-9-CM stands under the system of ICD-10-CM."""
    one(bundle, "Condition")["code"]["coding"].append(
        {
            "system": "http://hl7.org/fhir/sid/icd-10-cm",
            "code": "654.53",
            "display": "Cervical incompetence, antepartum condition or complication",
        }
    )


@fault("code", "code-form")
def diagnosis_without_its_dot(bundle: Json) -> None:
    """A code of ICD-10-CM is written as billing systems write it, without its dot."""
    one(bundle, "Condition")["code"]["coding"].append(
        {
            "system": "http://hl7.org/fhir/sid/icd-10-cm",
            "code": "O3432",
            "display": "Maternal care for cervical incompetence, second trimester",
        }
    )


@fault("code", "code-system")
def system_with_a_slash_too_many(bundle: Json) -> None:
    """The address of LOINC ends in a slash, so nothing finds the code."""
    coding_of(shortest(bundle)["code"], LOINC)["system"] = "http://loinc.org/"


@fault("code", "code-system")
def system_over_https(bundle: Json) -> None:
    """The address of SNOMED CT is written with https, which is another system to a computer."""
    coding_of(one(bundle, "Procedure")["bodySite"][0], SNOMED)["system"] = "https://snomed.info/sct"


@fault("code", "code-system")
def system_as_an_object_identifier(bundle: Json) -> None:
    """SNOMED CT is named by its object identifier, as CDA does."""
    coding_of(one(bundle, "Procedure")["bodySite"][0], SNOMED)["system"] = "urn:oid:2.16.840.1.113883.6.96"


@fault("code", "code-form")
def snomed_code_under_loinc(bundle: Json) -> None:
    """A SNOMED CT code stands under the address of LOINC."""
    coding_of(one(bundle, "Procedure")["bodySite"][0], SNOMED)["system"] = LOINC


@fault("code", "code-unknown")
def element_misspelled(bundle: Json) -> None:
    """Our code of an element is misspelled."""
    coding_of(observation(bundle, "ultrasound.sludge")["code"], ELEMENTS)["code"] = "ultrasound.slugde"


@fault("code", "code-unknown")
def element_in_capitals(bundle: Json) -> None:
    """Our code of an element is in capitals; our codes tell them from small letters."""
    coding_of(observation(bundle, "ultrasound.sludge")["code"], ELEMENTS)["code"] = "ULTRASOUND.SLUDGE"


@fault("code", "code-unknown")
def answer_that_does_not_exist(bundle: Json) -> None:
    """An answer is none of those that an element has."""
    answer = coding_of(observation(bundle, "patient.rh_d")["valueCodeableConcept"], OPTIONS)
    answer.update(code="patient.rh_d.maybe", display="Rh D uncertain")


@fault("code", "answer-of-another")
def answer_of_another_element(bundle: Json) -> None:
    """An element has the answer of another: whether the stitch is braided, for the Rh factor."""
    other = observation(bundle, "cerclage.suture_class")["valueCodeableConcept"]
    observation(bundle, "patient.rh_d")["valueCodeableConcept"] = copy.deepcopy(other)


@fault("code", "code-unknown")
def category_misspelled(bundle: Json) -> None:
    """The category of an Observation is vitals; it is vital-signs."""
    observation(bundle, "85354-9")["category"][0]["coding"][0]["code"] = "vitals"


@fault("code", "code-unknown")
def reason_of_absence_in_our_words(bundle: Json) -> None:
    """Why a value is missing has a code that FHIR does not have."""
    found = shortest(bundle)
    del found["valueQuantity"]
    found["dataAbsentReason"] = {"coding": [{"system": ABSENT, "code": "not-done"}]}


@fault("code", "value-set")
def clinical_status_with_a_capital(bundle: Json) -> None:
    """A Condition is Active; the code is active."""
    one(bundle, "Condition")["clinicalStatus"]["coding"][0]["code"] = "Active"


@fault("code", "value-set")
def status_of_another_type(bundle: Json) -> None:
    """An Observation is completed, as Procedures are; it is final."""
    shortest(bundle)["status"] = "completed"


@fault("code", "value-set")
def gender_abbreviated(bundle: Json) -> None:
    """The patient's gender is F."""
    one(bundle, "Patient")["gender"] = "F"


@fault("code", "value-set")
def category_in_words(bundle: Json) -> None:
    """The category of an allergy is in words, where FHIR has four codes."""
    one(bundle, "AllergyIntolerance")["category"] = ["drug allergy"]


@fault("code", "json-type")
def code_as_a_number(bundle: Json) -> None:
    """A spreadsheet made a number of a SNOMED CT code."""
    coding_of(one(bundle, "Procedure")["bodySite"][0], SNOMED)["code"] = 71252005


@fault("code", "value-format")
def code_with_a_blank(bundle: Json) -> None:
    """A code has a blank before it."""
    coding_of(shortest(bundle)["code"], LOINC)["code"] = " 11961-0"


@fault("code", "code-system")
def code_without_system(bundle: Json) -> None:
    """A code does not say which system it is of."""
    del coding_of(one(bundle, "Procedure")["bodySite"][0], SNOMED)["system"]


@fault(
    "code", left="it is a code of SNOMED CT; only a terminology server, or a profile's binding, knows it is no cervix"
)
def body_site_that_is_another(bundle: Json) -> None:
    """The body site of a cerclage is the heart, rightly coded and displayed."""
    coding_of(one(bundle, "Procedure")["bodySite"][0], SNOMED).update(code="80891009", display="Heart structure")


@fault("code", left="which codes US Core asks for beside others is for validators with US Core to say")
def category_of_another_profile(bundle: Json) -> None:
    """A blood pressure is categorised as a laboratory result: a code that exists, in the wrong place."""
    observation(bundle, "85354-9")["category"][0]["coding"][0].update(code="laboratory")


@fault("code", "element-twice")
def element_coded_as_two(bundle: Json) -> None:
    """One Observation has our codes of two elements."""
    other = coding_of(observation(bundle, "ultrasound.funnelling")["code"], ELEMENTS)
    observation(bundle, "ultrasound.sludge")["code"]["coding"].append(dict(other))


@fault("code", "code-against-code")
def standard_code_of_another_element(bundle: Json) -> None:
    """An Observation has the LOINC code of one element beside our code of another."""
    weight = coding_of(observation(bundle, "vitals.weight")["code"], LOINC)
    shortest(bundle)["code"]["coding"][0] = dict(weight)


# --- values and dates ----------------------------------------------------------------------------------------------


@fault("value", "value-format")
def day_that_does_not_exist(bundle: Json) -> None:
    """A period began on 30 February."""
    observation(bundle, "pregnancy.lmp")["valueDateTime"] = "2026-02-30"


@fault("value", "value-format")
def time_without_its_offset(bundle: Json) -> None:
    """A date and time do not say of which time zone."""
    shortest(bundle)["effectiveDateTime"] = "2026-11-03T14:20:00"


@fault("value", "value-format")
def date_as_americans_write_it(bundle: Json) -> None:
    """A date of birth is written 05/02/1994."""
    one(bundle, "Patient")["birthDate"] = "05/02/1994"


@fault("value", "value-format")
def date_of_birth_with_a_time(bundle: Json) -> None:
    """A date of birth has a time of day, which FHIR's date does not."""
    one(bundle, "Patient")["birthDate"] = "1994-05-02T00:00:00Z"


@fault("value", "value-format")
def timestamp_without_seconds(bundle: Json) -> None:
    """The Composition's date has hours and minutes but no seconds."""
    one(bundle, "Composition")["date"] = "2026-11-03T14:20Z"


@fault("value", "date-order")
def observed_in_a_far_future(bundle: Json) -> None:
    """A length was measured in 2062: two digits of the year changed places."""
    shortest(bundle)["effectiveDateTime"] = "2062-11-03"


@fault("value", "date-order")
def born_after_the_note(bundle: Json) -> None:
    """The patient was born in 2094."""
    one(bundle, "Patient")["birthDate"] = "2094-05-02"


@fault("value", "date-order", note="cerclage/complete")
def operation_that_ended_before_it_began(bundle: Json) -> None:
    """The end of an operation lies before its start."""
    period = next(one["performedPeriod"] for one in resources(bundle, "Procedure") if "performedPeriod" in one)
    period["start"], period["end"] = period["end"], period["start"]


@fault("value", "json-type")
def boolean_as_text(bundle: Json) -> None:
    """A yes is the text "true"."""
    observation(bundle, "ultrasound.funnelling")["valueBoolean"] = "true"


@fault("value", "json-type")
def number_as_text(bundle: Json) -> None:
    """A length is the text "21"."""
    quantity(bundle).update(value="21")


@fault("value", "json-type")
def fraction_for_a_whole_number(bundle: Json) -> None:
    """There are one and a half fetuses."""
    observation(bundle, "pregnancy.plurality")["valueInteger"] = 1.5


@fault("value", "value-type")
def yes_for_a_length(bundle: Json) -> None:
    """The shortest cervical length is yes."""
    found = shortest(bundle)
    del found["valueQuantity"]
    found["valueBoolean"] = True


@fault("value", "value-type")
def words_for_an_answer(bundle: Json) -> None:
    """An answer with a code is sent as words alone."""
    found = observation(bundle, "patient.rh_d")
    found["valueString"] = found.pop("valueCodeableConcept")["text"]


@fault("value", "two-values")
def two_values(bundle: Json) -> None:
    """An Observation has a quantity and words for its value."""
    shortest(bundle)["valueString"] = "21 mm"


@fault("value", "constraint")
def value_and_reason_of_absence(bundle: Json) -> None:
    """An Observation has a value, and a reason why it has none."""
    shortest(bundle)["dataAbsentReason"] = {"coding": [{"system": ABSENT, "code": "not-performed"}]}


@fault("value", "says-nothing")
def neither_value_nor_reason(bundle: Json) -> None:
    """An Observation has no value, no component and no reason why."""
    del shortest(bundle)["valueQuantity"]


@fault("value", "out-of-range")
def knot_off_the_clock(bundle: Json) -> None:
    """The knot lies at 13 on the clock."""
    observation(bundle, "cerclage.knot_clock")["valueInteger"] = 13


# --- the shape of a resource ---------------------------------------------------------------------------------------


@fault("shape", "missing-element")
def status_missing(bundle: Json) -> None:
    """An Observation has no status."""
    del shortest(bundle)["status"]


@fault("shape", "missing-element")
def code_missing(bundle: Json) -> None:
    """An Observation does not say what was observed."""
    del shortest(bundle)["code"]


@fault("shape", "missing-element")
def component_without_code(bundle: Json) -> None:
    """One of the two pressures does not say which it is."""
    del observation(bundle, "85354-9")["component"][0]["code"]


@fault("shape", "missing-element")
def title_missing(bundle: Json) -> None:
    """The Composition has no title."""
    del one(bundle, "Composition")["title"]


@fault("shape", "missing-element", note="cerclage/complete")
def time_of_a_drug_missing(bundle: Json) -> None:
    """A drug was given at no time."""
    del one(bundle, "MedicationAdministration")["effectiveDateTime"]


@fault("shape", "unknown-element")
def element_that_fhir_does_not_have(bundle: Json) -> None:
    """The name of a value is misspelled, so that no system reads it."""
    found = shortest(bundle)
    found["valueQuanity"] = found.pop("valueQuantity")


@fault("shape", "unknown-element")
def value_of_a_type_that_has_no_place(bundle: Json) -> None:
    """An Observation has a valueDate, which R4 does not have there; it has valueDateTime."""
    found = observation(bundle, "pregnancy.lmp")
    found["valueDate"] = found.pop("valueDateTime")


@fault("shape", "empty")
def empty_text(bundle: Json) -> None:
    """A comment is an empty text."""
    observation(bundle, "ultrasound.comment")["valueString"] = ""


@fault("shape", "empty")
def empty_list(bundle: Json) -> None:
    """A list of notes is there, with nothing in it."""
    one(bundle, "Procedure")["note"] = []


@fault("shape", "empty")
def empty_object(bundle: Json) -> None:
    """A method is there, with nothing in it."""
    shortest(bundle)["method"] = {}


@fault("shape", "empty")
def null_in_place_of_nothing(bundle: Json) -> None:
    """What has no value is written null."""
    shortest(bundle)["issued"] = None


@fault("shape", "json-type")
def list_where_there_is_one(bundle: Json) -> None:
    """An Observation has a list of subjects."""
    found = shortest(bundle)
    found["subject"] = [found["subject"]]


@fault("shape", "json-type")
def one_where_there_is_a_list(bundle: Json) -> None:
    """The category of an Observation is not in a list."""
    found = observation(bundle, "85354-9")
    found["category"] = found["category"][0]


@fault("shape", "json-type")
def text_for_a_concept(bundle: Json) -> None:
    """What was observed is a plain text."""
    shortest(bundle)["code"] = "Cervical length"


@fault("shape", "unknown-element")
def drug_as_in_r5(bundle: Json) -> None:
    """A prescription names its drug the way R5 does."""
    found = one(bundle, "MedicationRequest")
    found["medication"] = {"concept": found.pop("medicationCodeableConcept")}


@fault("shape", "json-type")
def encounter_as_in_r5(bundle: Json) -> None:
    """An Encounter has its class in a list of concepts, as R5 has it."""
    found = one(bundle, "Encounter")
    found["class"] = [{"coding": [found["class"]]}]


@fault("shape", "resource-type")
def type_of_r5(bundle: Json) -> None:
    """A statement on a drug is a MedicationUsage, as drafts of R5 called it."""
    one(bundle, "MedicationStatement")["resourceType"] = "MedicationUsage"


@fault("shape", "resource-type")
def type_in_small_letters(bundle: Json) -> None:
    """A resource is an observation, in small letters."""
    shortest(bundle)["resourceType"] = "observation"


@fault("shape", "resource-type")
def type_missing(bundle: Json) -> None:
    """A resource does not say what it is."""
    del shortest(bundle)["resourceType"]


@fault("shape", "fhir-version")
def profile_of_r5(bundle: Json) -> None:
    """A resource claims a base profile with R5's version behind it."""
    shortest(bundle)["meta"] = {"profile": ["http://hl7.org/fhir/StructureDefinition/Observation|5.0.0"]}


@fault("shape", "profile-unknown")
def profile_that_we_do_not_have(bundle: Json) -> None:
    """A resource claims a profile of ours that does not exist."""
    shortest(bundle)["meta"] = {"profile": ["https://w3id.org/ci-notes/StructureDefinition/cervical-lenght"]}


@fault("shape", "profile-type")
def profile_of_another_type(bundle: Json) -> None:
    """The patient claims the profile of an Observation."""
    one(bundle, "Patient")["meta"] = {"profile": ["https://w3id.org/ci-notes/StructureDefinition/ultrasound.shortest"]}


@fault("shape", "value-format")
def id_with_an_underscore(bundle: Json) -> None:
    """A resource's id has an underscore, which ids of FHIR do not."""
    found = observation(bundle, "ultrasound.comment")
    found["id"] = "ultrasound_comment"


@fault("shape", "constraint")
def retracted_yet_active(bundle: Json) -> None:
    """A Condition was entered in error and still has a clinical status."""
    one(bundle, "Condition")["verificationStatus"]["coding"][0]["code"] = "entered-in-error"


@fault("shape", "constraint")
def active_yet_over(bundle: Json) -> None:
    """A Condition is active and has an end."""
    one(bundle, "Condition")["abatementDateTime"] = "2026-10-01"


@fault("shape", "constraint")
def extension_with_value_and_parts(bundle: Json) -> None:
    """An extension has a value and extensions of its own."""
    inner = {"url": "part", "valueBoolean": True}
    shortest(bundle)["extension"] = [
        {"url": "http://example.org/StructureDefinition/more", "valueString": "words", "extension": [inner]}
    ]


@fault("shape", left="the lint keeps no list of the languages that there are")
def language_that_does_not_exist(bundle: Json) -> None:
    """The language of a resource is no language."""
    shortest(bundle)["language"] = "klingonish"


@fault("shape", left="what an attachment holds is for whoever opens it")
def attachment_that_is_not_what_it_says(bundle: Json) -> None:
    """A picture of the patient says it is a PDF in base64, and is neither."""
    one(bundle, "Patient")["photo"] = [{"contentType": "application/x-nothing", "url": "Binary/none", "size": 3}]


@fault("shape", "questionnaire-unknown")
def questionnaire_that_we_do_not_have(bundle: Json) -> None:
    """The answers are to a Questionnaire of ours that does not exist."""
    one(bundle, "QuestionnaireResponse")["questionnaire"] = "https://w3id.org/ci-notes/Questionnaire/assesment"


@fault("shape", "missing-element")
def answer_to_no_question(bundle: Json) -> None:
    """An item of the answers does not say which question it answers."""
    del one(bundle, "QuestionnaireResponse")["item"][0]["linkId"]


# --- references ----------------------------------------------------------------------------------------------------


@fault("reference", "reference-unresolved")
def subject_who_is_nowhere(bundle: Json) -> None:
    """An Observation is of a patient who is not in the bundle."""
    shortest(bundle)["subject"] = {"reference": "urn:uuid:3f0c0d4e-51a7-4a57-9c1e-2d8b6a4f7e10"}


@fault("reference", "reference-unresolved")
def uuid_cut_short(bundle: Json) -> None:
    """The last digits of a reference are missing."""
    found = shortest(bundle)["subject"]
    found["reference"] = found["reference"][:-4]


@fault("reference", "reference-unresolved")
def reference_by_id_in_a_bundle_of_uuids(bundle: Json) -> None:
    """A subject is Patient/ID, which means a patient on some server, not the one in this bundle."""
    shortest(bundle)["subject"] = {"reference": "Patient/8841"}


@fault("reference", "reference-type")
def subject_is_the_doctor(bundle: Json) -> None:
    """An Observation is of the doctor."""
    shortest(bundle)["subject"] = address(bundle, "Practitioner")


@fault("reference", "reference-type")
def performed_by_a_diagnosis(bundle: Json) -> None:
    """An Observation was made by a Condition."""
    shortest(bundle)["performer"] = [address(bundle, "Condition")]


@fault("reference", "reference-type")
def encounter_is_an_organisation(bundle: Json) -> None:
    """The encounter of an Observation is the hospital."""
    shortest(bundle)["encounter"] = address(bundle, "Organization")


@fault("reference", "reference-type")
def author_is_a_procedure(bundle: Json) -> None:
    """The note was written by a Procedure."""
    one(bundle, "Composition")["author"] = [address(bundle, "Procedure")]


@fault("reference", "subject-missing")
def subject_missing(bundle: Json) -> None:
    """An Observation is of nobody: FHIR allows it, a chart cannot hold it."""
    del shortest(bundle)["subject"]


@fault("reference", "missing-element")
def subject_of_a_condition_missing(bundle: Json) -> None:
    """A Condition is nobody's."""
    del one(bundle, "Condition")["subject"]


@fault("reference", "json-type")
def reference_as_text(bundle: Json) -> None:
    """A subject is a plain text."""
    found = shortest(bundle)
    found["subject"] = found["subject"]["reference"]


@fault("reference", "reference-type")
def reference_that_contradicts_itself(bundle: Json) -> None:
    """A reference to the patient says that it is to a Practitioner."""
    shortest(bundle)["subject"]["type"] = "Practitioner"


@fault("reference", "reference-unresolved")
def reference_in_capitals(bundle: Json) -> None:
    """A reference has its uuid in capitals, while the entry has it in small letters."""
    found = shortest(bundle)["subject"]
    found["reference"] = "urn:uuid:" + found["reference"].removeprefix("urn:uuid:").upper()


@fault("reference", "other-patient")
def two_patients(bundle: Json) -> None:
    """There is a second patient, and one length is hers."""
    other = copy.deepcopy(entry_of(bundle, one(bundle, "Patient")))
    other["fullUrl"] = "urn:uuid:0c6f7a52-7f3f-4b39-8a54-3a9d3c1a7b22"
    other["resource"]["id"] = "0c6f7a52-7f3f-4b39-8a54-3a9d3c1a7b22"
    other["resource"]["identifier"][0]["value"] = "EX-000-0002"
    bundle["entry"].append(other)
    shortest(bundle)["subject"] = {"reference": other["fullUrl"]}


@fault("reference", "reference-loop")
def values_that_derive_from_each_other(bundle: Json) -> None:
    """A computed value derives from one that derives from it."""
    computed = next(found for found in resources(bundle, "Observation") if "derivedFrom" in found)
    source = computed["derivedFrom"][0]["reference"]
    origin = next(entry["resource"] for entry in bundle["entry"] if entry["fullUrl"] == source)
    origin["derivedFrom"] = [{"reference": entry_of(bundle, computed)["fullUrl"]}]


@fault("reference", "reference-loop")
def member_of_itself(bundle: Json) -> None:
    """An Observation is a member of itself."""
    found = shortest(bundle)
    found["hasMember"] = [{"reference": entry_of(bundle, found)["fullUrl"]}]


@fault("reference", "reference-loop")
def part_of_its_own_part(bundle: Json) -> None:
    """Two Procedures are each a part of the other."""
    first, second = resources(bundle, "Procedure")[:2]
    first["partOf"] = [{"reference": entry_of(bundle, second)["fullUrl"]}]
    second["partOf"] = [{"reference": entry_of(bundle, first)["fullUrl"]}]


@fault("reference", "reference-unresolved")
def contained_resource_missing(bundle: Json) -> None:
    """A reference is to a contained resource that is not there."""
    shortest(bundle)["device"] = {"reference": "#probe"}


@fault("reference", "contained")
def contained_in_the_contained(bundle: Json) -> None:
    """A contained resource contains another, which refers back to it."""
    inner = {"resourceType": "Device", "id": "inner", "parent": {"reference": "#probe"}}
    outer = {"resourceType": "Device", "id": "probe", "parent": {"reference": "#inner"}, "contained": [inner]}
    found = shortest(bundle)
    found["contained"] = [outer]
    found["device"] = {"reference": "#probe"}


@fault("reference", "contained")
def contained_and_never_named(bundle: Json) -> None:
    """A contained resource is referred to by nothing, so a server drops it."""
    shortest(bundle)["contained"] = [{"resourceType": "Device", "id": "probe"}]


@fault("reference", "missing-element")
def author_missing(bundle: Json) -> None:
    """The Composition has no author."""
    del one(bundle, "Composition")["author"]


# --- the bundle and its entries ------------------------------------------------------------------------------------


@fault("bundle", "duplicate-full-url")
def full_url_twice(bundle: Json) -> None:
    """Two entries have one fullUrl, so a reference to it is to either."""
    first, second = bundle["entry"][-2:]
    second["fullUrl"] = first["fullUrl"]


@fault("bundle", "full-url")
def full_url_of_another_id(bundle: Json) -> None:
    """The fullUrl of an entry is not its resource's id."""
    found = observation(bundle, "ultrasound.comment")
    found["id"] = "5a1d6f0c-8b7e-4d3a-9f21-6c0e4b8d7a90"


@fault("bundle", "full-url")
def full_url_missing(bundle: Json) -> None:
    """An entry of a document has no fullUrl."""
    del entry_of(bundle, observation(bundle, "ultrasound.comment"))["fullUrl"]


@fault("bundle", "full-url")
def full_url_relative(bundle: Json) -> None:
    """The fullUrl of an entry is relative."""
    found = observation(bundle, "ultrasound.comment")
    entry_of(bundle, found)["fullUrl"] = f"Observation/{found['id']}"


@fault("bundle", "duplicate-id")
def id_twice(bundle: Json) -> None:
    """Two Observations have one id, so that the second overwrites the first."""
    first, second = resources(bundle, "Observation")[-2:]
    second["id"] = first["id"]


@fault("bundle", "duplicate-identifier")
def our_identifier_twice(bundle: Json) -> None:
    """Two resources have the same identifier of ours."""
    first, second = resources(bundle, "Observation")[-2:]
    second["identifier"] = copy.deepcopy(first["identifier"])


@fault("bundle", "composition")
def composition_second(bundle: Json) -> None:
    """The first entry of a document is not its Composition."""
    bundle["entry"].append(bundle["entry"].pop(0))


@fault("bundle", "composition")
def composition_missing(bundle: Json) -> None:
    """A document has no Composition."""
    del bundle["entry"][0]


@fault("bundle", "composition")
def two_compositions(bundle: Json) -> None:
    """A document has two Compositions: two notes were put together."""
    other = copy.deepcopy(bundle["entry"][0])
    other["fullUrl"] = "urn:uuid:77b1c6de-2c0f-4f5b-8c47-5c1f7d0a9e33"
    other["resource"]["id"] = "77b1c6de-2c0f-4f5b-8c47-5c1f7d0a9e33"
    other["resource"]["identifier"]["value"] = "another-note"
    bundle["entry"].append(other)


@fault("bundle", "document")
def document_without_identifier(bundle: Json) -> None:
    """A document has no identifier."""
    del bundle["identifier"]


@fault("bundle", "document")
def document_without_time(bundle: Json) -> None:
    """A document does not say when it was made."""
    del bundle["timestamp"]


@fault("bundle", "not-in-section")
def result_in_no_section(bundle: Json) -> None:
    """A measurement is in the document, but in none of its sections: a reader never sees it."""
    address_ = entry_of(bundle, shortest(bundle))["fullUrl"]
    for section in one(bundle, "Composition")["section"]:
        left = [entry for entry in section.pop("entry", []) if entry["reference"] != address_]
        section.update({"entry": left} if left else {})


@fault("bundle", "reference-unresolved")
def section_of_what_is_not_there(bundle: Json) -> None:
    """A section lists a resource that the document does not hold."""
    last = observation(bundle, "ultrasound.comment")
    bundle["entry"].remove(entry_of(bundle, last))


@fault("bundle", "value-set")
def type_that_no_bundle_has(bundle: Json) -> None:
    """The bundle is a message-document."""
    bundle["type"] = "message-document"


@fault("bundle", "missing-element")
def bundle_without_type(bundle: Json) -> None:
    """The bundle does not say what it is for."""
    del bundle["type"]


@fault("bundle", "entry")
def entry_without_resource(bundle: Json) -> None:
    """An entry is empty but for its address."""
    bundle["entry"].append({"fullUrl": "urn:uuid:5d1c1f43-7a06-4dd1-9a4e-8ad7f2b5b6c4"})


@fault("bundle", "request")
def document_with_requests(bundle: Json) -> None:
    """The entries of a document have requests, as those of a transaction do."""
    for entry in bundle["entry"]:
        entry["request"] = {"method": "PUT", "url": f"{entry['resource']['resourceType']}/{entry['resource']['id']}"}


@fault("bundle", "section-patient")
def composition_of_nobody(bundle: Json) -> None:
    """The Composition names no patient while everything in it is of one."""
    del one(bundle, "Composition")["subject"]


@fault("bundle", "status")
def results_final_in_a_note_entered_in_error(bundle: Json) -> None:
    """The note was entered in error, and its results still stand as final."""
    one(bundle, "Composition")["status"] = "entered-in-error"


# --- requests of a transaction -------------------------------------------------------------------------------------


@fault("request", "request-url", form="transaction")
def put_to_another_id(bundle: Json) -> None:
    """A PUT is addressed to the id of another resource."""
    found = shortest(bundle)
    entry_of(bundle, found)["request"]["url"] = f"Observation/{observation(bundle, 'vitals.temp')['id']}"


@fault("request", "request-url", form="transaction")
def put_to_another_type(bundle: Json) -> None:
    """A PUT of an Observation is addressed to the Conditions."""
    found = shortest(bundle)
    entry_of(bundle, found)["request"]["url"] = f"Condition/{found['id']}"


@fault("request", "request-url", form="transaction")
def put_to_a_type(bundle: Json) -> None:
    """A PUT is addressed to a type, without an id."""
    entry_of(bundle, shortest(bundle))["request"]["url"] = "Observation"


@fault("request", "request-url", form="transaction")
def post_to_an_id(bundle: Json) -> None:
    """A POST is addressed to a resource in place of its type."""
    found = one(bundle, "Patient")
    entry_of(bundle, found)["request"]["url"] = f"Patient/{found['id']}"


@fault("request", "request-url", form="transaction")
def request_to_one_server(bundle: Json) -> None:
    """A request is addressed to one server by its full address."""
    found = shortest(bundle)
    entry_of(bundle, found)["request"]["url"] = f"https://fhir.example.org/r4/Observation/{found['id']}"


@fault("request", "value-set", form="transaction")
def method_in_lower_case(bundle: Json) -> None:
    """The method of a request is put; it is PUT."""
    entry_of(bundle, shortest(bundle))["request"]["method"] = "put"


@fault("request", "if-none-exist", form="transaction")
def found_by_number_alone(bundle: Json) -> None:
    """The patient is looked up by a number, without whose number it is: another hospital's patient may have it."""
    found = one(bundle, "Patient")
    entry_of(bundle, found)["request"]["ifNoneExist"] = f"identifier={found['identifier'][0]['value']}"


@fault("request", "if-none-exist", form="transaction")
def found_by_somebody_elses_number(bundle: Json) -> None:
    """The patient is looked up by another identifier than her own."""
    found = one(bundle, "Patient")
    request = entry_of(bundle, found)["request"]
    request["ifNoneExist"] = request["ifNoneExist"].replace(found["identifier"][0]["value"], "EX-000-0002")


@fault("request", "if-none-exist", form="transaction")
def found_by_name(bundle: Json) -> None:
    """The patient is looked up by her name."""
    entry_of(bundle, one(bundle, "Patient"))["request"]["ifNoneExist"] = "name=Example"


@fault("request", "if-none-exist", form="transaction")
def created_whether_there_or_not(bundle: Json) -> None:
    """The patient is created anew with each push."""
    del entry_of(bundle, one(bundle, "Patient"))["request"]["ifNoneExist"]


@fault("request", "request-method", form="transaction")
def patient_overwritten(bundle: Json) -> None:
    """The patient is sent with PUT, which overwrites what the hospital knows of her."""
    found = one(bundle, "Patient")
    entry_of(bundle, found)["request"] = {"method": "PUT", "url": f"Patient/{found['id']}"}


@fault("request", "request-method", form="transaction")
def result_deleted(bundle: Json) -> None:
    """A result is deleted in the transaction that brings it."""
    entry_of(bundle, shortest(bundle))["request"]["method"] = "DELETE"


@fault("request", "request", form="transaction")
def request_missing(bundle: Json) -> None:
    """An entry of a transaction has no request."""
    del entry_of(bundle, shortest(bundle))["request"]


@fault("request", "request", form="transaction")
def collection_with_requests(bundle: Json) -> None:
    """A bundle with requests is sent as a collection, so that none of them is carried out."""
    bundle["type"] = "collection"


@fault("request", "request-url", form="transaction")
def same_address_twice(bundle: Json) -> None:
    """Two entries of a transaction are put to one address, which servers refuse."""
    found = shortest(bundle)
    again = copy.deepcopy(entry_of(bundle, found))
    again["fullUrl"] = "urn:uuid:9e2f7b1c-0a3d-4c58-b6e1-7f4d2a8c5e66"
    bundle["entry"].append(again)


# --- the narrative's XHTML -----------------------------------------------------------------------------------------


@fault("narrative", "xhtml-unsafe")
def script_in_the_narrative(bundle: Json) -> None:
    """The narrative carries a script."""
    add_to_narrative(bundle, "<script>alert(1)</script>")


@fault("narrative", "xhtml-unsafe")
def handler_in_the_narrative(bundle: Json) -> None:
    """A paragraph does something when the mouse is over it."""
    add_to_narrative(bundle, '<p onmouseover="alert(1)">Well.</p>')


@fault("narrative", "xhtml-unsafe")
def link_that_runs(bundle: Json) -> None:
    """A link of the narrative runs a script."""
    add_to_narrative(bundle, '<p><a href="javascript:alert(1)">More</a></p>')


@fault("narrative", "xhtml-unsafe")
def picture_from_elsewhere(bundle: Json) -> None:
    """A picture is fetched from another server, which so learns who reads the note."""
    add_to_narrative(bundle, '<p><img src="https://tracker.example.org/p.gif" alt=""/></p>')


@fault("narrative", "xhtml-unsafe")
def frame_in_the_narrative(bundle: Json) -> None:
    """The narrative has a frame."""
    add_to_narrative(bundle, '<iframe src="https://example.org"/>')


@fault("narrative", "xhtml-unsafe")
def form_in_the_narrative(bundle: Json) -> None:
    """The narrative has a form that asks for a password."""
    add_to_narrative(bundle, '<form action="https://example.org"><input name="password"/></form>')


@fault("narrative", "xhtml-unsafe")
def style_that_fetches(bundle: Json) -> None:
    """A style fetches its background from another server."""
    add_to_narrative(bundle, '<p style="background: url(https://example.org/b.png)">Well.</p>')


@fault("narrative", "xhtml")
def namespace_missing(bundle: Json) -> None:
    """The narrative's div is not in the namespace of XHTML."""
    text = narrative(bundle)
    text["div"] = text["div"].replace(' xmlns="http://www.w3.org/1999/xhtml"', "")


@fault("narrative", "xhtml")
def namespace_of_something_else(bundle: Json) -> None:
    """The narrative's div is in the namespace of FHIR."""
    text = narrative(bundle)
    text["div"] = text["div"].replace("http://www.w3.org/1999/xhtml", "http://hl7.org/fhir")


@fault("narrative", "xhtml")
def paragraph_for_a_div(bundle: Json) -> None:
    """The narrative is a paragraph; it must be a div."""
    narrative(bundle)["div"] = '<p xmlns="http://www.w3.org/1999/xhtml">Well.</p>'


@fault("narrative", "xhtml")
def entity_of_html(bundle: Json) -> None:
    """The narrative uses an entity that HTML has and XML has not, in a way no XML parser reads."""
    add_to_narrative(bundle, "<p>22&nbspweeks</p>")


@fault("narrative", "xhtml")
def paragraph_left_open(bundle: Json) -> None:
    """A paragraph of the narrative is not closed, as HTML allows and XHTML does not."""
    add_to_narrative(bundle, "<p>Well.")


@fault("narrative", "xhtml")
def entities_that_multiply(bundle: Json) -> None:
    """The narrative declares entities that grow beyond all memory when they are read."""
    text = narrative(bundle)
    text["div"] = (
        '<!DOCTYPE div [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>&b;</p></div>'
    )


@fault("narrative", "xhtml")
def narrative_without_words(bundle: Json) -> None:
    """A section has a narrative with nothing in it."""
    narrative(bundle)["div"] = '<div xmlns="http://www.w3.org/1999/xhtml"> </div>'


@fault("narrative", "missing-element")
def narrative_without_status(bundle: Json) -> None:
    """A narrative does not say whether it was generated from the data."""
    del narrative(bundle)["status"]


@fault("narrative", "json-type")
def narrative_as_text(bundle: Json) -> None:
    """The text of a section is a plain text."""
    next(found for found in one(bundle, "Composition")["section"] if "text" in found)["text"] = "Well."


@fault("narrative", left="whether the words agree with the data is for the proof-reader of texts, not of bundles")
def words_against_the_data(bundle: Json) -> None:
    """The narrative says 31 mm where the data say 21 mm."""
    for text in narratives(bundle):
        text["div"] = text["div"].replace("21 mm", "31 mm")
