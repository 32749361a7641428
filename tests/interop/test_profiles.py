"""HL7's validator holds our profiles to be right, our examples to be of them, and what is nonsense to be none."""

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from bundles import resources
from inputs import SAMPLE
from installing import BUILD, package
from judging import Issue, Verdicts, hl7, ours, snapshots

from ci_notes import __version__, load, packaging, render, to_fhir
from ci_notes.element import OURS
from ci_notes.fhir.datatypes import RESOURCE
from ci_notes.fhir.forms.questionnaire import to_questionnaire

Json = dict[str, Any]
Change = Callable[[Json], Any]

ROOT = Path(__file__).parents[2]
WITHOUT_A_BASE = "Reference_REF_CantResolve"
"""An ImplementationGuide refers to what stands beside it in its package, and the validator is given one file alone.

It says the same of US Core's.
"""


# --- what is validated -----------------------------------------------------------------------------------------------


class Fault(NamedTuple):
    """Something wrong in a bundle: in which example and resource, what is changed, and what must refuse it."""

    name: str
    example: str
    resource: str
    change: Change
    refused_by: str


def at(*path: str | int) -> Callable[[Json], Any]:
    """Return what finds a part of a resource."""

    def found(node: Any) -> Any:
        for step in path:
            node = node[step]
        return node

    return found


def put(*path: str | int, value: Any) -> Change:
    """Return a change that writes a value into a resource."""
    return lambda one: at(*path[:-1])(one).__setitem__(path[-1], value)


def remove(*path: str | int) -> Change:
    """Return a change that takes a part of a resource away."""
    return lambda one: at(*path[:-1])(one).pop(path[-1])


def in_part(code: str, change: Change) -> Change:
    """Return a change of the component with a code."""

    def changed(one: Json) -> Any:
        known = (part for part in one["component"] if code in [c["code"] for c in part["code"]["coding"]])
        return change(next(known))

    return changed


def codings_put(*path: str | int, code: str) -> Change:
    """Return a change of all codes of a concept."""
    return lambda one: [coding.update(code=code) for coding in at(*path)(one)["coding"]]


def again(one: Json) -> None:
    """Put a second patient into a bundle."""
    patient = next(entry for entry in one["entry"] if entry["resource"]["resourceType"] == "Patient")
    second = json.loads(json.dumps(patient).replace(patient["resource"]["id"], "00000000-0000-4000-8000-000000000002"))
    one["entry"].append(second)


def overwriting(one: Json) -> None:
    """Have a transaction overwrite a patient."""
    entry = next(entry for entry in one["entry"] if entry["resource"]["resourceType"] == "Patient")
    entry["request"] = {"method": "PUT", "url": f"Patient/{entry['resource']['id']}"}


LENGTH, ROW = "ultrasound.shortest", "history.prior"
FAULTS = [
    Fault("a length in grams", "assessment document", LENGTH, put("valueQuantity", "code", value="g"), LENGTH),
    Fault("a negative length", "assessment document", LENGTH, put("valueQuantity", "value", value=-3), LENGTH),
    Fault("a missing subject", "assessment document", LENGTH, remove("subject"), "subject"),
    Fault("a length of 20 cm", "assessment document", LENGTH, put("valueQuantity", "value", value=200), LENGTH),
    Fault("a length less than", "assessment document", LENGTH, put("valueQuantity", "comparator", value="<"), LENGTH),
    Fault("a length without a value", "assessment document", LENGTH, remove("valueQuantity", "value"), LENGTH),
    Fault("a patient in words alone", "assessment document", LENGTH,
          put("subject", value={"display": "She"}), "ci-subject"),
    Fault("no date", "assessment document", LENGTH, remove("effectiveDateTime"), "effective"),
    Fault("another element's code", "assessment document", LENGTH,
          codings_put("code", code="ultrasound.change"), LENGTH),
    Fault("words for a number", "assessment document", LENGTH,
          lambda one: (one.pop("valueQuantity"), one.update(valueString="short")), "allows for the type Quantity"),
    Fault("neither value nor reason", "assessment document", LENGTH, remove("valueQuantity"), f"{LENGTH}-told"),
    Fault("a reason notes do not know", "assessment document", LENGTH,
          lambda one: (one.pop("valueQuantity"), one.update(dataAbsentReason={"coding": [
              {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "masked"}]})), "absences"),
    Fault("an answer nobody offered", "assessment document", "ultrasound.funnel_shape",
          codings_put("valueCodeableConcept", code="ultrasound.funnel_shape.square"), "funnel-shape"),
    Fault("a gestational age in weeks", "assessment document", "pregnancy.ga",
          put("valueQuantity", "code", value="wk"), "pregnancy.ga-days"),
    Fault("a gestational age of two years", "assessment document", "pregnancy.ga",
          put("valueQuantity", "value", value=730), "pregnancy.ga-days"),
    Fault("a hundred pregnancies", "assessment document", "history.gravida",
          put("valueInteger", value=100), "history.gravida"),
    Fault("half a heart beat", "assessment document", "vitals.hr",
          put("valueQuantity", "value", value=88.5), "vitals.hr"),
    Fault("a systolic pressure of 900", "assessment document", "blood_pressure",
          in_part("8480-6", put("valueQuantity", "value", value=900)), "vitals.sbp"),
    Fault("one pressure of two", "assessment document", "blood_pressure",
          lambda one: one["component"].pop(), "diastolic"),
    Fault("a birth weight in millimetres", "assessment document", ROW,
          in_part("history.prior.birthweight", put("valueQuantity", "code", value="mm")), "birthweight"),
    Fault("a part without a value", "assessment document", ROW,
          in_part("history.prior.outcome", remove("valueCodeableConcept")), "ci-part"),
    Fault("another diagnosis", "assessment document", "diagnosis",
          codings_put("code", code="609133009"), "17382005"),
    Fault("a diagnosis of nobody", "assessment document", "diagnosis",
          put("subject", value={"display": "She"}), "ci-subject"),
    Fault("a cerclage under way", "cerclage document", "cerclage", put("status", value="in-progress"), "ci-placed"),
    Fault("a thread nobody offered", "cerclage document", "cerclage", lambda one: one.update(
        usedCode=[{"coding": [{"system": f"{OURS}/CodeSystem/options", "code": "cerclage.suture.wire"}]}]),
          "cerclage.suture"),
    Fault("a plan that is an order", "assessment document", "next_scan", put("intent", value="order"), "intent"),
    Fault("a negative dose", "cerclage document", "antibiotic", lambda one: one["dosage"].update(
        dose={"value": -2, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}), "ci-dose"),
    Fault("a note of no kind", "assessment document", "composition",
          lambda one: one["type"]["coding"].pop(), "ci-kind"),
    Fault("a note without its id", "assessment document", "composition", remove("identifier"), "identifier"),
    Fault("two patients", "removal document", "", again, "ci-one-patient"),
    Fault("a patient overwritten", "removal transaction", "", overwriting, "ci-shared"),
]  # fmt: skip


def name_of(resource: Json) -> str:
    """Return what our identifier calls a resource: a skeleton or an element."""
    listed = resource.get("identifier", [])
    values = [one["value"] for one in listed if one.get("system") == RESOURCE] if isinstance(listed, list) else []
    named = {"Patient": "patient", "Practitioner": "author", "Organization": "facility", "Encounter": "encounter"}
    return next((one.rpartition("#")[2].partition("/")[0] for one in values), named.get(resource["resourceType"], ""))


@cache
def examples() -> dict[str, Json]:
    """Return the fullest example of each note kind, as a document and as a transaction."""
    found = {}
    for path in sorted((ROOT / "templates").glob("*/examples/complete.note.json")):
        note = load(path)
        for form in ("document", "transaction"):
            found[f"{path.parts[-3]} {form}"] = to_fhir(note, render(note), form)
    return found


def part(bundle: Json, name: str) -> Json:
    """Return a resource of a bundle by the name that our identifier has for it; without one, the bundle."""
    found = {"": bundle, "composition": resources(bundle, "Composition")[0]}
    return ({name_of(one): one for one in reversed(resources(bundle)) if name_of(one)} | found)[name]


def alone(fault: Fault) -> tuple[Json, Json]:
    """Return what a fault is put into, and it with the fault: alone, so that this takes no time."""
    sound = part(examples()[fault.example], fault.resource)
    faulty = copy.deepcopy(sound)
    fault.change(faulty)
    return sound, faulty


def of_r4_alone(questionnaire: Json) -> Json:
    """Return a Questionnaire that claims no profile: those of SDC rest on an extension of R5, not to be had."""
    return {key: value for key, value in questionnaire.items() if key != "meta"}


@cache
def verdicts() -> dict[str, list[Issue]]:
    """Return what the validator finds in our conformance resources, the examples and the faults, by name."""
    folder = BUILD / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    given = dict(examples())
    for fault in FAULTS:
        given[f"before {fault.name}"], given[f"fault {fault.name}"] = alone(fault)
    given |= {f"Questionnaire-{one.id}.json": of_r4_alone(to_questionnaire(one)) for one in packaging.ours()}
    described = sorted((ours() / "package").glob("[!Q]*-*.json"))[:: 8 if SAMPLE else 1]
    files = {path: path.name for path in described}
    for number, (name, resource) in enumerate(given.items()):
        path = folder / f"{number}.json"
        path.write_text(json.dumps(resource), encoding="utf-8")
        files[path] = name
    found: Verdicts = hl7([*files])
    return {files[path]: issues for path, issues in found.items()}


def wrong(name: str) -> list[Issue]:
    return [issue for issue in verdicts()[name] if issue.wrong]


# --- what must hold ---------------------------------------------------------------------------------------------------


def test_each_conformance_resource_is_valid() -> None:
    found = {
        name: [issue.text for issue in wrong(name) if not (name.startswith("Impl") and issue.id == WITHOUT_A_BASE)]
        for name in verdicts()
        if name.endswith(".json")
    }
    assert len(found) > (60 if SAMPLE else 500)
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_each_example_is_of_our_profiles() -> None:
    assert len(examples()) == 10
    assert {name: [(one.where, one.text) for one in wrong(name)] for name in examples() if wrong(name)} == {}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_nonsense_is_refused_because_of_our_profile(fault: Fault) -> None:
    before = {(issue.where, issue.text) for issue in wrong(f"before {fault.name}")}
    new = [one for one in wrong(f"fault {fault.name}") if (one.where, one.text) not in before]
    of_ours = [one for one in new if OURS in one.text + one.id]
    named = [one for one in of_ours if fault.refused_by in one.text + one.where + one.id]
    assert named, "\n".join(f"{one.where}: {one.text}" for one in new) or "nobody refused it"


SAME = ("id", "path", "sliceName", "min", "max", "patternCodeableConcept", "patternQuantity", "fixedInteger")


def test_snapshots_are_those_that_hl7s_validator_makes() -> None:
    described = packaging.resources(packaging.ours(), __version__)
    core = package("core") / "package"
    mine = {one["url"]: one for one in packaging.with_snapshots(described, core) if "snapshot" in one}
    theirs = {one["url"]: one for one in json.loads(snapshots().read_bytes()).values()}
    assert len(theirs) > 400
    for url, profile in theirs.items():
        assert [*map(outline, mine[url]["snapshot"]["element"])] == [*map(outline, profile["snapshot"]["element"])], url


def outline(element: Json) -> Json:
    """Return what two snapshots must agree on, whatever words they keep."""
    told = {key: element[key] for key in SAME if key in element}
    return {**told, "types": [one["code"] for one in element.get("type", ())]}


def test_the_figures_are_kept_for_the_table() -> None:
    """Write what was found, as the documentation of the run shows it."""
    conformance = [name for name in verdicts() if name.endswith(".json")]
    figures = {
        "conformance resources": len(conformance),
        "warnings in them": sum(issue.warned for name in conformance for issue in verdicts()[name]),
        "examples": len(examples()),
        "errors in examples": sum(len(wrong(name)) for name in examples()),
        "faults": len(FAULTS),
        "faults refused": sum(bool(wrong(f"fault {fault.name}")) for fault in FAULTS),
    }
    (BUILD / "profiles.json").write_text(json.dumps(figures), encoding="utf-8")
    assert figures["faults refused"] == figures["faults"]
