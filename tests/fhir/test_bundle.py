"""What a bundle must be for the system that receives it: well formed, safe to send again, honest about what is gone."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from bundles import resources
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import InputError, catalogue, derive, from_fhir, load, load_template, render, to_fhir
from ci_notes.fhir.bundle import FORMS, retracted
from ci_notes.fhir.datatypes import in_centimetres, quantity, read_quantity
from ci_notes.fhir.provenance import Signature, signed
from ci_notes.fhir.typed import typed
from ci_notes.narrative import Sentence
from ci_notes.printing import xhtml
from ci_notes.template import Template

Json = dict[str, Any]

EXAMPLES = [
    pytest.param(path, id=f"{folder.name}-{path.name.removesuffix('.note.json')}")
    for folder in catalogue().values()
    for path in sorted((folder / "examples").glob("*.note.json"))
]
of_every_example = pytest.mark.parametrize("path", EXAMPLES)
in_every_form = pytest.mark.parametrize("form", FORMS)

SHARED = {"Patient", "Practitioner", "Organization", "Encounter"}
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
XHTML = "{http://www.w3.org/1999/xhtml}"


def ids(bundle: Json) -> set[str]:
    return {one["id"] for one in resources(bundle)}


def held(bundle: Json, element: str) -> Json:
    """Return the one Observation of an element."""
    (found,) = [
        one
        for one in resources(bundle, "Observation")
        if any(code["code"] == element for code in one["code"]["coding"])
    ]
    return found


def told(bundle: Json, codes: set[str]) -> Json:
    """Return the one Observation, or component, that is known by one of some codes."""
    parts = [part for one in resources(bundle, "Observation") for part in [one, *one.get("component", ())]]
    found: Json
    (found,) = [one for one in parts if codes & {code["code"] for code in one["code"]["coding"]}]
    return found


def nodes(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(one)


# --- well formed ---------------------------------------------------------------------------------------------------


@of_every_example
@in_every_form
def test_the_models_of_fhir_accept_a_bundle(path: Path, form: str) -> None:
    note = load(path)
    typed(to_fhir(note, render(note), form=form))


def test_the_models_of_fhir_refuse_what_is_not_fhir(assessment: Template, note_data: Json) -> None:
    bundle = to_fhir(derive.note(assessment, note_data))
    del resources(bundle, "Observation")[0]["status"]
    with pytest.raises(InputError, match="not valid FHIR"):
        typed(bundle)


@of_every_example
@in_every_form
def test_every_reference_leads_to_an_entry(path: Path, form: str) -> None:
    note = load(path)
    bundle = to_fhir(note, render(note), form=form)
    addresses = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(addresses)) == len(addresses)
    assert addresses == [f"urn:uuid:{entry['resource']['id']}" for entry in bundle["entry"]]
    named = {node["reference"] for node in nodes(bundle) if "reference" in node}
    assert named
    assert named <= set(addresses)


@of_every_example
def test_a_document_begins_with_its_composition_and_lists_every_entry(path: Path) -> None:
    note = load(path)
    bundle = to_fhir(note, render(note))
    assert bundle["type"] == "document"
    assert bundle["identifier"]["value"] == note.id
    assert [index for index, one in enumerate(resources(bundle)) if one["resourceType"] == "Composition"] == [0]
    listed = {node["reference"] for node in nodes(resources(bundle)[0]) if "reference" in node}
    clinical = [one for one in resources(bundle)[1:] if one["resourceType"] not in {*SHARED, "DetectedIssue"}]
    assert not [one["resourceType"] for one in clinical if f"urn:uuid:{one['id']}" not in listed]


@of_every_example
def test_a_transaction_updates_our_own_and_never_overwrites_what_others_share(path: Path) -> None:
    note = load(path)
    for entry in to_fhir(note, form="transaction")["entry"]:
        resource, request = entry["resource"], entry["request"]
        kind = resource["resourceType"]
        if kind not in SHARED:
            assert request == {"method": "PUT", "url": f"{kind}/{resource['id']}"}
            continue
        assert (request["method"], request["url"]) == ("POST", kind)
        name, _, token = request["ifNoneExist"].partition("=")
        system, _, value = unquote(token).partition("|")
        assert name == "identifier"
        assert {"system": system, "value": value} in resource["identifier"]


@pytest.mark.parametrize("odd", ["A&B=1", "x|y", "50%", "Zoë +1", "a,b"])
def test_an_odd_identifier_cannot_change_the_query_it_stands_in(
    assessment: Template, note_data: Json, odd: str
) -> None:
    note_data["patient"]["identifier"] = odd
    bundle = to_fhir(derive.note(assessment, note_data), form="transaction")
    (query,) = [
        entry["request"]["ifNoneExist"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient"
    ]
    assert not re.search(r"[&,+ ]", query)
    assert query.count("=") == 1
    assert unquote(query).endswith(f"|{odd}")


@of_every_example
def test_an_observation_holds_a_value_or_the_reason_why_not_or_components(path: Path) -> None:
    for one in resources(to_fhir(load(path)), "Observation"):
        for part in [one, *one.get("component", ())]:
            ways = [key for key in part if key.startswith("value") or key in ("dataAbsentReason", "component")]
            assert len(ways) == 1, (part["code"]["text"], ways)


@of_every_example
def test_every_code_says_whose_it_is_and_what_it_means(path: Path) -> None:
    known = re.compile(
        r"https://w3id\.org/ci-notes/CodeSystem/\w+|http://loinc\.org|http://snomed\.info/sct"
        r"|http://terminology\.hl7\.org/CodeSystem/[\w-]+|http://hl7\.org/fhir/sid/icd-10-cm"
        r"|http://www\.nlm\.nih\.gov/research/umls/rxnorm"
    )
    note = load(path)
    for node in nodes(to_fhir(note, render(note))):
        for code in node.get("coding", ()) if isinstance(node.get("coding"), list) else ():
            assert known.fullmatch(code["system"]), code
            assert code["code"]
            if re.search("loinc|snomed|icd-10|rxnorm", code["system"]):
                assert code["display"], code


@of_every_example
def test_every_number_with_a_unit_is_in_ucum(path: Path) -> None:
    units = [node for node in nodes(to_fhir(load(path))) if "unit" in node]
    assert not [one for one in units if one["system"] != "http://unitsofmeasure.org" or not one["code"]]


def test_a_whole_number_is_written_as_one(assessment: Template, note_data: Json) -> None:
    note_data["history"]["gravida"] = 3.0  # JSON Schema takes 3.0 for an integer; FHIR does not
    assert '"valueInteger": 3.0' not in json.dumps(to_fhir(derive.note(assessment, note_data)))


@of_every_example
def test_a_missing_value_carries_the_reason_and_no_value(path: Path) -> None:
    note = load(path)
    bundle = to_fhir(note)
    for at, absence in note.record.absent.items():
        element = note.template.elements[at]
        reason = told(bundle, {element.id, *(code.code for code in element.codes)})["dataAbsentReason"]
        assert reason["coding"] == [{"system": ABSENT, "code": absence.code}]
        assert reason.get("text", "") == absence.reason


# --- the same thing twice ------------------------------------------------------------------------------------------


@of_every_example
@in_every_form
def test_the_same_note_makes_the_same_bundle(path: Path, form: str) -> None:
    assert to_fhir(load(path), form=form) == to_fhir(load(json.loads(path.read_text())), form=form)


@of_every_example
def test_two_notes_share_no_id(path: Path) -> None:
    data = json.loads(path.read_text())
    assert not ids(to_fhir(load(data))) & ids(to_fhir(load(data | {"id": "another-note"})))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["history"].update(gravida=5),
        lambda data: data["patient"].update(name="Other Invented", identifier="EX-9"),
        lambda data: data["comment"].update(text="Another comment"),
        lambda data: data["history"]["prior"][0].update(ga_end="20w0d"),
        lambda data: data["history"]["prior"].reverse(),
        lambda data: data["symptoms"].update(fever=True),
        lambda data: data["exam"].update(dilation=2),
        lambda data: data["cerclage"].update(technique="shirodkar"),
        lambda data: data["diagnosis"].update(insufficiency="confirmed"),
        lambda data: data.update(status="final", date="2026-11-04T09:00:00+00:00"),
    ],
)
def test_a_changed_value_changes_no_id(assessment: Template, note_data: Json, change: Callable[[Json], object]) -> None:
    before = to_fhir(derive.note(assessment, note_data))
    changed = copy.deepcopy(note_data)
    change(changed)
    after = to_fhir(derive.note(assessment, changed))
    assert ids(after) == ids(before)
    assert after != before


def test_a_new_row_leaves_the_ids_of_the_others(assessment: Template, note_data: Json) -> None:
    before = ids(to_fhir(derive.note(assessment, note_data)))
    note_data["history"]["prior"].insert(0, {"id": "new", "ga_end": "8w", "outcome": "miscarriage_1T"})
    after = ids(to_fhir(derive.note(assessment, note_data)))
    assert before < after
    assert len(after - before) == 1


# --- what is true of the patient -----------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["confirmed", "suspected", "history"])
def test_a_positive_diagnosis_is_a_condition(assessment: Template, note_data: Json, answer: str) -> None:
    note_data["diagnosis"] = {"insufficiency": answer}
    (condition,) = resources(to_fhir(derive.note(assessment, note_data)), "Condition")
    certain = condition["verificationStatus"]["coding"][0]["code"]
    now = condition["clinicalStatus"]["coding"][0]["code"]
    assert (certain == "provisional") == (answer == "suspected")
    assert (now == "inactive") == (answer == "history")


@pytest.mark.parametrize(
    "diagnosis", [{"insufficiency": "not_present"}, {"insufficiency": {"absent": "not-asked"}}, {}]
)
def test_without_a_positive_diagnosis_there_is_no_condition(
    assessment: Template, note_data: Json, diagnosis: Json
) -> None:
    note_data["diagnosis"] = diagnosis
    note_data["ultrasound"] = {"lengths": [{"id": "m1", "length": 12}]}  # a short cervix is no diagnosis
    assert not resources(to_fhir(derive.note(assessment, note_data)), "Condition")


@pytest.mark.parametrize("cerclage", [{"in_place": False}, {"in_place": {"absent": "not-asked"}}, {}])
def test_without_a_cerclage_there_is_no_procedure(assessment: Template, note_data: Json, cerclage: Json) -> None:
    note_data["cerclage"] = cerclage
    assert not resources(to_fhir(derive.note(assessment, note_data)), "Procedure")


def test_a_no_is_an_observation_that_says_no(assessment: Template, note_data: Json) -> None:
    note_data["symptoms"]["fever"] = False
    assert held(to_fhir(derive.note(assessment, note_data)), "symptoms.fever")["valueBoolean"] is False


@pytest.mark.parametrize("chosen", [[], ["labour"], ["labour", "pprom"]])
def test_several_answers_are_components_and_none_of_them_is_a_zero(
    assessment: Template, note_data: Json, chosen: list[str]
) -> None:
    note_data["removal"]["triggers"] = chosen
    found = held(to_fhir(derive.note(assessment, note_data)), "removal.triggers")
    assert len(found.get("component", ())) == len(chosen)
    assert found.get("valueInteger") == (None if chosen else 0)


def test_a_computed_value_names_what_it_was_computed_from(assessment: Template, note_data: Json) -> None:
    bundle = to_fhir(derive.note(assessment, note_data))
    sources = {node["reference"] for node in held(bundle, "ultrasound.shortest")["derivedFrom"]}
    rows = [
        one
        for one in resources(bundle, "Observation")
        if any(code["code"] == "ultrasound.lengths" for code in one["code"]["coding"])
    ]
    assert sources == {f"urn:uuid:{one['id']}" for one in rows}
    assert len(rows) == len(note_data["ultrasound"]["lengths"])


def test_a_draft_is_preliminary_everywhere(assessment: Template, note_data: Json) -> None:
    note_data["status"] = "draft"
    bundle = to_fhir(derive.note(assessment, note_data))
    stated = {one["status"] for one in resources(bundle) if one["resourceType"] in ("Composition", "Observation")}
    assert stated == {"preliminary"}
    assert [one["status"] for one in resources(bundle, "ServiceRequest")] == ["draft"]


# --- lean ----------------------------------------------------------------------------------------------------------


@of_every_example
def test_a_lean_bundle_is_the_part_that_others_have_codes_for(path: Path) -> None:
    note = load(path)
    lean, full = to_fhir(note, detail="lean"), to_fhir(note)
    own = "https://w3id.org/ci-notes/"

    def known_elsewhere(one: Json) -> bool:
        concepts = [one["code"], *(part["code"] for part in one.get("component", ()))]
        return any(not code["system"].startswith(own) for concept in concepts for code in concept["coding"])

    assert all(map(known_elsewhere, resources(lean, "Observation")))
    left_out = [one for one in resources(full) if one["id"] not in ids(lean)]
    assert all(one["resourceType"] == "Observation" for one in left_out)
    assert not any(map(known_elsewhere, left_out))
    typed(lean)


@of_every_example
def test_every_reference_of_a_lean_bundle_leads_to_an_entry(path: Path) -> None:
    bundle = to_fhir(load(path), detail="lean")
    addresses = {entry["fullUrl"] for entry in bundle["entry"]}
    assert {node["reference"] for node in nodes(bundle) if "reference" in node} <= addresses


@pytest.mark.parametrize("wrong", [{"form": "batch"}, {"detail": "some"}, {"length_unit": "m"}])
def test_an_unknown_form_or_detail_is_refused(assessment: Template, note_data: Json, wrong: Json) -> None:
    with pytest.raises(InputError, match="a bundle is document"):
        to_fhir(derive.note(assessment, note_data), **wrong)


def test_a_note_of_the_wrong_shape_makes_no_bundle(assessment: Template, note_data: Json) -> None:
    note_data["history"]["gravida"] = "many"
    with pytest.raises(InputError, match="Gravida is a whole number"):
        to_fhir(derive.note(assessment, note_data))


# --- amended, or entered in error ----------------------------------------------------------------------------------


@pytest.fixture
def amended(assessment: Template, note_data: Json) -> tuple[derive.Note, derive.Note]:
    """Return a signed note and its amendment: no cerclage after all, one measurement and the diagnosis taken back."""
    signed = note_data | {"status": "final"}
    later = copy.deepcopy(signed) | {"status": "amended"}
    del later["removal"], later["diagnosis"]
    later["cerclage"] = {"in_place": False}
    later["ultrasound"]["lengths"].pop()
    return derive.note(assessment, signed), derive.note(assessment, later)


@in_every_form
@pytest.mark.parametrize("detail", ["full", "lean"])
def test_what_an_amendment_took_back_is_sent_as_entered_in_error(
    amended: tuple[derive.Note, derive.Note], form: str, detail: str
) -> None:
    signed, later = amended
    before, plain = (to_fhir(note, form=form, detail=detail) for note in amended)
    after = to_fhir(later, form=form, detail=detail, previous=signed)
    gone = ids(before) - ids(plain)
    kinds = {one["resourceType"] for one in resources(before) if one["id"] in gone}
    assert {"Condition", "Procedure", "ServiceRequest"} <= kinds
    assert "Observation" in kinds or detail == "lean"
    assert ids(after) == ids(before) | ids(plain)
    for one in resources(after):
        status = one.get("verificationStatus", {}).get("coding", [{}])[0].get("code") or one.get("status")
        assert (status == "entered-in-error") == (one["id"] in gone), one["resourceType"]
        assert not (one["resourceType"] == "Condition" and "clinicalStatus" in one)
    typed(after)


def test_an_amendment_is_read_as_what_it_says_now(amended: tuple[derive.Note, derive.Note]) -> None:
    signed, later = amended
    assert from_fhir(to_fhir(later, previous=signed), later.template) == later.data


def test_an_amendment_that_adds_a_value_takes_nothing_back(assessment: Template, note_data: Json) -> None:
    short = {key: note_data[key] for key in note_data if key != "comment"}
    signed = derive.note(assessment, short | {"status": "final"})
    later = derive.note(assessment, note_data | {"status": "amended"})
    plain, after = to_fhir(later), to_fhir(later, previous=signed)
    assert ids(after) == ids(plain)
    before = {one["id"]: one for one in resources(to_fhir(signed))}
    for one, alone in zip(resources(after, "Observation"), resources(plain, "Observation"), strict=True):
        # What the amendment left alone is as it was; `amended` would say that somebody modified it.
        assert one == before.get(one["id"], alone)
    assert {one["status"] for one in resources(after, "Observation")} == {"final", "amended"}


def test_a_patient_is_never_taken_back(assessment: Template, note_data: Json) -> None:
    signed = derive.note(assessment, note_data)
    bare = {key: note_data[key] for key in note_data if key not in ("patient", "author")}
    for one in resources(to_fhir(derive.note(assessment, bare), previous=signed)):
        assert one["resourceType"] not in SHARED or one.get("status") != "entered-in-error"


def test_what_was_done_is_never_taken_back(assessment: Template, note_data: Json) -> None:
    made = signed(
        to_fhir(derive.note(assessment, note_data)), [Signature("sign", "2026-11-20T10:00:00Z", "Dr Bea Sample")]
    )
    (provenance,) = [one["resource"] for one in made["entry"] if one["resource"]["resourceType"] == "Provenance"]
    assert retracted(provenance) == provenance


def test_one_note_does_not_amend_another(assessment: Template, note_data: Json) -> None:
    signed, other = (derive.note(assessment, note_data | {"id": name}) for name in ("n1", "n2"))
    with pytest.raises(InputError, match="n2 does not amend n1"):
        to_fhir(other, previous=signed)


@of_every_example
@in_every_form
def test_a_note_entered_in_error_says_so_in_every_resource_of_its_own(path: Path, form: str) -> None:
    note = load(json.loads(path.read_text()) | {"status": "entered-in-error"})
    bundle = to_fhir(note, render(note), form=form)
    for one in resources(bundle):
        if one["resourceType"] not in SHARED:
            status = one["verificationStatus"]["coding"][0]["code"] if "verificationStatus" in one else one["status"]
            assert status == "entered-in-error", one["resourceType"]
    typed(bundle)


@of_every_example
def test_a_note_entered_in_error_comes_back_whole(path: Path) -> None:
    note = load(json.loads(path.read_text()) | {"status": "entered-in-error"})
    assert from_fhir(to_fhir(note), note.template) == note.data


# --- the narrative inside ------------------------------------------------------------------------------------------


@of_every_example
def test_the_sections_carry_every_sentence_as_well_formed_xhtml(path: Path) -> None:
    note = load(path)
    sentences = render(note)
    composition = resources(to_fhir(note, sentences))[0]
    told = [ET.fromstring(one["text"]["div"]) for one in composition["section"] if "text" in one]
    assert words("".join(" ".join(div.itertext()) for div in told)) == words("".join(one.text for one in sentences))
    assert {node.tag for div in told for node in div.iter()} <= {XHTML + tag for tag in ("div", "p", "ul", "li")}


def words(text: str) -> str:
    return "".join(text.split())


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), min_size=1),
            st.sampled_from(["", "paragraph", "item"]),
        ),
        min_size=1,
    )
)
def test_whatever_a_person_typed_is_text_and_never_markup(typed_in: list[tuple[str, str]]) -> None:
    div = ET.fromstring(xhtml([Sentence("comment", text, opens=opens) for text, opens in typed_in]))
    assert words("".join(div.itertext())) == words("".join(text for text, _ in typed_in))
    assert {node.tag for node in div.iter()} <= {XHTML + tag for tag in ("div", "p", "ul", "li")}


@pytest.mark.parametrize(
    "typed_in", ["</div><script>alert(1)</script>", "a\x00b", "a\x1bb", "a\ufffeb", "<b>&amp;</b>"]
)
def test_free_text_leaves_the_narrative_well_formed(assessment: Template, note_data: Json, typed_in: str) -> None:
    note_data["comment"] = {"text": typed_in}
    note = derive.note(assessment, note_data)
    if note.problems:
        return  # refused beforehand, which is as good
    for one in resources(to_fhir(note, render(note)))[0]["section"]:
        if "text" in one:
            ET.fromstring(one["text"]["div"])


def test_every_template_makes_a_bundle_of_the_least_that_is_a_note() -> None:
    for name in catalogue():
        least = {"id": "n1", "template": name, "status": "draft", "date": "2026-11-03T14:20:00+00:00"}
        note = derive.note(load_template(name), least)
        typed(to_fhir(note, render(note)))


def test_what_a_caller_does_to_a_bundle_does_not_reach_the_next_one(assessment: Template, note_data: Json) -> None:
    note = derive.note(assessment, note_data)
    first = to_fhir(note)
    before = json.dumps(first)
    spoil(first)
    assert json.dumps(to_fhir(note)) == before


def spoil(held: Any) -> None:
    """Change every value in place, as deep as there are any."""
    places = held.items() if isinstance(held, dict) else enumerate(held)
    for key, value in [*places]:
        if isinstance(value, dict | list):
            spoil(value)
        else:
            held[key] = "spoilt"


@pytest.mark.parametrize(
    ("status", "planned", "kept"),
    [("draft", "draft", "preliminary"), ("final", "active", "final"), ("amended", "active", "amended")],
)
def test_what_is_planned_in_a_draft_is_not_yet_active(status: str, planned: str, kept: str) -> None:
    example = catalogue()["assessment"] / "examples" / "complete.note.json"
    data = json.loads(example.read_text(encoding="utf-8"))
    bundle = to_fhir(load({**data, "status": status}))
    found = {entry["resource"]["resourceType"]: entry["resource"].get("status") for entry in bundle["entry"]}
    assert found["ServiceRequest"] == planned
    assert found["DetectedIssue"] == kept


# --- the Composition -----------------------------------------------------------------------------------------------


def header(note: derive.Note) -> Json:
    return resources(to_fhir(note, render(note)))[0]


def test_who_signed_and_when_is_the_attester(assessment: Template, note_data: Json) -> None:
    note_data |= {"status": "final", "signed_at": "2026-11-03T16:00:00+00:00"}
    found = header(derive.note(assessment, note_data))
    (attester,) = found["attester"]
    assert attester["time"] == "2026-11-03T16:00:00+00:00"
    assert [attester["party"]] == found["author"]


@pytest.mark.parametrize("status", ["draft", "entered-in-error"])
def test_what_is_not_signed_has_no_attester(assessment: Template, note_data: Json, status: str) -> None:
    assert "attester" not in header(derive.note(assessment, note_data | {"status": status}))


def test_an_addendum_says_what_it_adds_to(assessment: Template, note_data: Json) -> None:
    assert "relatesTo" not in header(derive.note(assessment, note_data))
    (related,) = header(derive.note(assessment, note_data | {"addendum_of": "n0"}))["relatesTo"]
    assert related == {
        "code": "appends", "targetIdentifier": {"system": "https://w3id.org/ci-notes/resource", "value": "n0"},
    }  # fmt: skip


@pytest.mark.parametrize(("jurisdiction", "language"), [("US", "en-US"), ("UK", "en-GB"), ("INTL", "en")])
def test_a_composition_says_in_which_english_it_is(
    assessment: Template, note_data: Json, jurisdiction: str, language: str
) -> None:
    assert header(derive.note(assessment, note_data | {"jurisdiction": jurisdiction}))["language"] == language


# --- lengths in cm -------------------------------------------------------------------------------------------------


@of_every_example
def test_lengths_in_cm_are_read_back_in_mm_as_they_were(path: Path) -> None:
    note = load(path)
    bundle = json.loads(json.dumps(to_fhir(note, length_unit="cm")))
    clinical = [one for one in resources(bundle) if one["resourceType"] != "QuestionnaireResponse"]
    amounts = [node for node in nodes(clinical) if node.get("system") == "http://unitsofmeasure.org"]
    assert not [one for one in amounts if "mm" in (one["unit"], one["code"])]
    assert from_fhir(bundle, note.template) == note.data


@given(st.integers(0, 1000))
def test_a_length_in_cm_is_exact(tenths: int) -> None:
    millimetres = tenths / 10
    found = in_centimetres(quantity(millimetres, "mm"))
    assert len(str(found["value"]).partition(".")[2]) <= 2
    assert found == {**quantity(found["value"], "cm")}
    element = load_template("ultrasound").elements["ultrasound.shortest"]
    assert read_quantity(element, found) == millimetres


def test_a_bundle_in_cm_does_not_claim_profiles_that_say_mm(assessment: Template, note_data: Json) -> None:
    def claims(unit: str) -> list[str]:
        found = held(to_fhir(derive.note(assessment, note_data), length_unit=unit), "ultrasound.shortest")
        return [one for one in found.get("meta", {}).get("profile", ()) if "ci-notes" in one]

    assert claims("mm")
    assert not claims("cm")
