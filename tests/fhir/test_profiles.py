"""The FHIR package: everything that a bundle holds is described, once, and the archive is what a FHIR package is."""

import gzip
import io
import json
import re
import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bundles import resources as in_bundle
from running import Ran

import ci_notes
from ci_notes import packaging
from ci_notes.element import ABSENCES, Element
from ci_notes.errors import TemplateError
from ci_notes.fhir import canonical, datatypes
from ci_notes.fhir.lint.vocabulary import Vocabulary
from ci_notes.fhir.profiling.gathering import elements_of, with_rows
from ci_notes.fhir.profiling.generated import file_name
from ci_notes.fhir.profiling.snapshot import with_snapshot
from ci_notes.fhir.profiling.values import VALUES, value_of
from ci_notes.fhir.profiling.written import resource_of
from ci_notes.kinds import KINDS
from ci_notes.template import Template

Json = dict[str, Any]
Run = Callable[..., Ran]

ROOT = Path(__file__).parents[2]
NEVER_PROFILES = {f"https://w3id.org/ci-notes/StructureDefinition/note.{name}" for name in ("status", "date")}
HL7 = "http://hl7.org/fhir/StructureDefinition/"


@pytest.fixture(scope="module")
def templates() -> list[Template]:
    return packaging.ours()


@pytest.fixture(scope="module")
def described(templates: list[Template]) -> list[Json]:
    return packaging.resources(templates, ci_notes.__version__)


@pytest.fixture(scope="module")
def by_url(described: list[Json]) -> dict[str, Json]:
    return {one["url"]: one for one in described if "url" in one}


@pytest.fixture(scope="module")
def elements(templates: list[Template]) -> dict[str, Element]:
    return {one.id: one for one in with_rows(elements_of(templates).values())}


@pytest.fixture(scope="module")
def bundles(templates: list[Template]) -> list[Json]:
    return [bundle for _, bundle in packaging.examples(templates)]


@pytest.fixture(scope="module")
def archive() -> bytes:
    return packaging.package(ci_notes.__version__)


@pytest.fixture(scope="module")
def packed(archive: bytes) -> dict[str, Json]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return {one.name: json.load(opened.extractfile(one) or io.BytesIO()) for one in opened.getmembers()}


def constraints(profile: Json, identifier: str) -> Json:
    """Return what a profile says of one element."""
    found: Json = next(one for one in profile["differential"]["element"] if one["id"] == identifier)
    return found


def test_generated_files_are_those_of_the_templates() -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    import profiles  # noqa: PLC0415

    fresh = profiles.files()
    stored = {path: path.read_text(encoding="utf-8") for path in profiles.FOLDER.glob("*.json")}
    different = sorted(path.name for path in {*fresh, *stored} if fresh.get(path) != stored.get(path))
    assert not different, f"`make accept` writes them anew: {different[:5]}"


def test_what_is_generated_says_so_and_what_is_written_does_not() -> None:
    generated = [json.loads(path.read_bytes()) for path in (ROOT / "fhir_profiles").glob("*.json")]
    assert all("not written by hand" in one["purpose"] for one in generated)
    assert not [path for path in (ROOT / "fhir_profiles" / "written").iterdir() if "Made from" in path.read_text()]


def test_nothing_is_described_twice(described: list[Json]) -> None:
    names = Counter(map(file_name, described))
    assert [name for name, number in names.items() if number > 1] == []


def test_every_kind_has_a_form_for_its_value() -> None:
    assert sorted(VALUES) == sorted(KINDS)


def test_every_element_has_a_profile(templates: list[Template], by_url: dict[str, Json]) -> None:
    missing = [
        element.path
        for template in templates
        for section in template.sections
        for element in section
        if element.path not in ("note.status", "note.date") and canonical.profile_of_element(element) not in by_url
    ]
    assert not missing


def test_every_resource_of_a_skeleton_has_a_profile_of_its_type(
    templates: list[Template], by_url: dict[str, Json]
) -> None:
    skeletons = {name: shape for template in templates for name, shape in template.skeleton.items()}
    types = {name: by_url[canonical.profile_of_resource(name)]["type"] for name in skeletons}
    assert types == {name: shape["resourceType"] for name, shape in skeletons.items()}


def test_every_profile_that_an_example_claims_is_there(bundles: list[Json], by_url: dict[str, Json]) -> None:
    for bundle in bundles:
        for one in [bundle, *in_bundle(bundle)]:
            (mine,) = [url for url in one["meta"]["profile"] if url.startswith("https://w3id.org/ci-notes/")]
            assert by_url[mine]["type"] == one["resourceType"]


def test_lint_knows_the_profiles_that_are_written(described: list[Json], templates: list[Template]) -> None:
    known = Vocabulary()
    for template in templates:
        known.add(template)
    written = {one["url"] for one in described if one["resourceType"] == "StructureDefinition"}
    assert {*known.profiles} - written <= NEVER_PROFILES
    assert {url for url in written - {*known.profiles} if "/ci-notes-" not in url} == set()


def test_profiles_rest_on_what_is_there(described: list[Json], by_url: dict[str, Json]) -> None:
    profiles = [one for one in described if one["resourceType"] == "StructureDefinition"]
    bases = {one["baseDefinition"] for one in profiles}
    assert {base for base in bases if base not in by_url and not base.startswith(HL7)} == set()
    bound = set(re.findall(r'"valueSet": "([^"]+)"', json.dumps(profiles)))
    assert {url for url in bound if url not in by_url} == set()


def test_answers_in_value_sets_are_in_the_code_system(described: list[Json], by_url: dict[str, Json]) -> None:
    known = {one["code"]: one["display"] for one in by_url[datatypes.OPTIONS]["concept"]}
    for one in described:
        if one["resourceType"] == "ValueSet" and not one["id"].startswith("absences"):
            (include,) = one["compose"]["include"]
            assert {code["code"]: code["display"] for code in include["concept"]}.items() <= known.items()


def test_absences_are_those_of_notes(by_url: dict[str, Json]) -> None:
    (include,) = by_url["https://w3id.org/ci-notes/ValueSet/absences"]["compose"]["include"]
    assert [one["code"] for one in include["concept"]] == [*ABSENCES]


def test_codes_of_ours_in_the_examples_are_defined_with_their_titles(
    bundles: list[Json], by_url: dict[str, Json]
) -> None:
    titles: dict[tuple[str, str], set[str]] = {}
    for system in (one for one in by_url.values() if one["resourceType"] == "CodeSystem"):
        for concept in system["concept"]:
            others = {one["value"] for one in concept.get("designation", ())}
            titles[system["url"], concept["code"]] = {concept["display"], *others}
    for coding in (one for bundle in bundles for one in codings(bundle)):
        if str(coding.get("system", "")).startswith("https://w3id.org/ci-notes/CodeSystem/"):
            known = titles[coding["system"], coding["code"]]
            assert coding.get("display", "") in {*known, ""}


def codings(node: Any) -> list[Json]:
    if isinstance(node, list):
        return [one for item in node for one in codings(item)]
    if not isinstance(node, dict):
        return []
    own = [node] if "code" in node and "system" in node else []
    return own + [one for value in node.values() for one in codings(value)]


def test_length_is_in_millimetres_within_what_is_possible(by_url: dict[str, Json]) -> None:
    profile = by_url["https://w3id.org/ci-notes/StructureDefinition/ultrasound.shortest"]
    value = constraints(profile, "Observation.value[x]")
    assert value["patternQuantity"] == {"system": "http://unitsofmeasure.org", "code": "mm"}
    assert (value["minValueQuantity"]["value"], value["maxValueQuantity"]["value"]) == (0, 80)
    (rule,) = value["constraint"]
    assert rule["expression"] == "value.exists() and comparator.empty() and value >= 0 and value <= 80"


def test_usual_range_is_no_limit(elements: dict[str, Element]) -> None:
    pressure = elements["vitals.sbp"]
    assert pressure.usual is not None
    assert pressure.usual != (40, 260)
    assert "value >= 40 and value <= 260" in value_of(pressure)["constraint"][0]["expression"]


def test_negative_limit_is_written_as_validators_read_it(elements: dict[str, Element]) -> None:
    expression = value_of(elements["ultrasound.change"])["constraint"][0]["expression"]
    assert expression == "value.exists() and comparator.empty() and value + 80 >= 0 and value <= 80"


def test_number_without_a_unit_is_an_integer(elements: dict[str, Element]) -> None:
    value = value_of(elements["history.gravida"])
    assert (value["type"], value["minValueInteger"], value["maxValueInteger"]) == ([{"code": "integer"}], 0, 30)


def test_quantity_of_a_whole_number_is_whole(elements: dict[str, Element]) -> None:
    assert "value = value.truncate()" in value_of(elements["vitals.hr"])["constraint"][0]["expression"]
    assert "truncate" not in value_of(elements["vitals.temp"])["constraint"][0]["expression"]


def test_group_has_a_slice_for_each_element_of_a_row(by_url: dict[str, Json], elements: dict[str, Element]) -> None:
    profile = by_url["https://w3id.org/ci-notes/StructureDefinition/history.prior"]
    slices = [one["sliceName"] for one in profile["differential"]["element"] if one.get("sliceName") and "max" in one]
    assert slices == [canonical.identifier_of(row.name) for row in elements["history.prior"].rows]


def test_fetuses_of_all_note_kinds_are_one_profile(by_url: dict[str, Json], templates: list[Template]) -> None:
    profile = by_url["https://w3id.org/ci-notes/StructureDefinition/fetal.fetuses"]
    rows = {
        row.name for one in templates if "fetal.fetuses" in one.elements for row in one.elements["fetal.fetuses"].rows
    }
    slices = {one["sliceName"] for one in profile["differential"]["element"] if "sliceName" in one}
    assert slices == {canonical.identifier_of(name) for name in rows}


def test_written_range_is_that_of_the_element(by_url: dict[str, Json], elements: dict[str, Element]) -> None:
    profile = by_url["https://w3id.org/ci-notes/StructureDefinition/blood-pressure"]
    for name, path in (("systolic", "vitals.sbp"), ("diastolic", "vitals.dbp")):
        value = constraints(profile, f"Observation.component:{name}.value[x]")
        assert value.items() >= value_of(elements[path]).items()


PROFILE: Json = {"id": "x", "title": "X", "description": "X.", "type": "Observation", "elements": {}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"differential": {}}, "differential"),
        ({"elements": {"Observation.value[x]": {"$value": "vitals.spb"}}}, "vitals.sbp"),
        ({"elements": {"Observation.value[x]": {"binding": {"$answers": "none"}}}}, "no element «none»"),
    ],
)
def test_written_profile_that_means_nothing_is_refused(change: Json, said: str, elements: dict[str, Element]) -> None:
    with pytest.raises(TemplateError, match=said):
        resource_of({**PROFILE, **change}, elements)


def test_resources_have_names_that_fhir_allows(described: list[Json]) -> None:
    for one in described:
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", one["id"])
        if "name" in one:
            assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", one["name"]), one["name"]
        if "url" in one:
            assert one["url"] == f"https://w3id.org/ci-notes/{one['resourceType']}/{one['id']}"


def test_names_of_a_type_differ(described: list[Json]) -> None:
    names = Counter((one["resourceType"], one["name"]) for one in described if "name" in one)
    assert [name for name, number in names.items() if number > 1] == []


def test_package_names_itself(packed: dict[str, Json]) -> None:
    about = packed["package/package.json"]
    assert about["name"] == "ci-notes.fhir"
    assert about["version"] == ci_notes.__version__
    assert about["fhirVersions"] == ["4.0.1"]
    assert about["dependencies"] == {"hl7.fhir.r4.core": "4.0.1", "hl7.fhir.uv.sdc": "4.0.0-ballot"}
    assert {"description", "author", "license", "canonical", "url", "title", "type"} <= {*about}


def test_package_lists_its_files(packed: dict[str, Json]) -> None:
    for folder in ("package", "package/example"):
        inside = {
            name.rpartition("/")[2]: one
            for name, one in packed.items()
            if name.rpartition("/")[0] == folder and "resourceType" in one
        }
        listed = packed[f"{folder}/.index.json"]["files"]
        assert {one["filename"]: (one["resourceType"], one["id"]) for one in listed} == {
            name: (one["resourceType"], one["id"]) for name, one in inside.items()
        }


def test_guide_lists_every_resource(packed: dict[str, Json]) -> None:
    guide = packed["package/ImplementationGuide-ci-notes.fhir.json"]
    listed = {one["reference"]["reference"] for one in guide["definition"]["resource"]}
    held = {f"{one['resourceType']}/{one['id']}" for one in packed.values() if "resourceType" in one}
    assert listed == held - {"ImplementationGuide/ci-notes.fhir"}


def test_every_resource_of_the_package_has_its_version(packed: dict[str, Json]) -> None:
    version = ci_notes.__version__
    without = {"Bundle", "NamingSystem", "Questionnaire"}
    held = [one for one in packed.values() if one.get("resourceType", "Bundle") not in without]
    assert len(held) > 500
    assert {one["version"] for one in held} == {version}


@pytest.mark.parametrize(
    ("system", "owner"),
    [
        ("http://snomed.info/sct", "SNOMED International"),
        ("http://loinc.org", "Regenstrief Institute"),
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "National Library of Medicine"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "World Health Organization"),
        ("http://unitsofmeasure.org", "https://ucum.org/license"),
    ],
)
def test_whoever_quotes_a_terminology_says_whose_it_is(packed: dict[str, Json], system: str, owner: str) -> None:
    quoting = [one for one in packed.values() if f'"{system}"' in json.dumps(one) and "url" in one]
    kinds = {one.get("resourceType") for one in quoting}
    assert system == "http://hl7.org/fhir/sid/icd-10-cm" or {"StructureDefinition", "Questionnaire"} & kinds
    for one in quoting:
        assert owner in one["copyright"], one["url"]
    (guide,) = [one for one in packed.values() if one.get("resourceType") == "ImplementationGuide"]
    assert owner in guide["copyright"]
    assert "Apache License 2.0" in guide["copyright"]


def test_each_note_kind_has_its_questionnaire(packed: dict[str, Json], templates: list[Template]) -> None:
    held = {name: one for name, one in packed.items() if one.get("resourceType") == "Questionnaire"}
    assert {(name, one["url"], one["version"]) for name, one in held.items()} == {
        (f"package/Questionnaire-{one.id}.json", canonical.questionnaire_of(one), one.version) for one in templates
    }


def test_examples_are_those_of_the_templates(packed: dict[str, Json]) -> None:
    shown = [one for name, one in packed.items() if name.startswith("package/example/Bundle-")]
    notes = [*(ROOT / "templates").glob("*/examples/*.note.json")]
    assert len(shown) == len(notes) > 20
    assert all(in_bundle(one, "Composition") for one in shown)


def test_server_is_asked_for_every_type_that_is_sent(bundles: list[Json], by_url: dict[str, Json]) -> None:
    (server,) = by_url["https://w3id.org/ci-notes/CapabilityStatement/importer"]["rest"]
    asked = {one["type"]: one for one in server["resource"]}
    sent = {one["resourceType"] for bundle in bundles for one in in_bundle(bundle)}
    assert sent <= {*asked}
    for kind in ("Patient", "Practitioner", "Organization", "Encounter"):
        assert asked[kind]["conditionalCreate"]
        assert "update" not in [one["code"] for one in asked[kind]["interaction"]]


def test_package_is_written_by_one_command(run: Run, tmp_path: Path, archive: bytes) -> None:
    path = tmp_path / "package.tgz"
    assert run("package", "-o", path).code == 0
    assert path.read_bytes() == archive, "made twice it is the same"
    with gzip.open(path) as opened:
        opened.read()
        assert opened.mtime == 0
    again = run("package", "-o", path)
    assert again.code == 2
    assert "--force" in again.err


# --- snapshots: what a profile says, put into what it is derived from ------------------------------------------------


def defined(url: str, *elements: Json, base: str = "") -> Json:
    part = "differential" if base else "snapshot"
    listed = [{"path": re.sub(":[^.]+", "", one["id"]), **one} for one in elements]
    return {"url": url, "baseDefinition": base, part: {"element": listed}}


THING = defined(
    f"{HL7}Thing",
    {"id": "Thing", "constraint": [{"key": "thing-1"}]},
    {"id": "Thing.code", "min": 0, "type": [{"code": "Word"}]},
    {"id": "Thing.part", "min": 0, "max": "*", "mapping": [{}]},
    {"id": "Thing.part.value[x]", "min": 0},
    {"id": "Thing.last", "min": 0},
)
WORD = defined(f"{HL7}Word", {"id": "Word"}, {"id": "Word.text", "min": 0})


def snapshot(*elements: Json) -> dict[str, Json]:
    known = {one["url"]: one for one in (THING, WORD)}
    made = with_snapshot(defined("https://x.example/y", *elements, base=THING["url"]), known.__getitem__)
    return {one["id"]: one for one in made["snapshot"]["element"]}


def test_snapshot_adds_rules_and_writes_over_the_rest() -> None:
    found = snapshot({"id": "Thing", "constraint": [{"key": "our-1"}]}, {"id": "Thing.code", "min": 1})
    assert [one["key"] for one in found["Thing"]["constraint"]] == ["thing-1", "our-1"]
    assert found["Thing.code"]["min"] == 1
    assert found["Thing.last"]["min"] == 0


def test_snapshot_writes_out_the_parts_of_a_data_type() -> None:
    found = snapshot({"id": "Thing.code.text", "min": 1})
    assert [*found][1:3] == ["Thing.code", "Thing.code.text"]
    assert (found["Thing.code.text"]["path"], found["Thing.code.text"]["min"]) == ("Thing.code.text", 1)


def test_slices_stand_in_order_behind_what_is_sliced_each_with_its_parts() -> None:
    found = snapshot(
        {"id": "Thing.part", "slicing": {"rules": "open"}},
        {"id": "Thing.part:one", "sliceName": "one"},
        {"id": "Thing.part:one.value[x]", "min": 1},
        {"id": "Thing.part:two", "sliceName": "two"},
    )
    first = ["Thing.part", "Thing.part.value[x]", "Thing.part:one", "Thing.part:one.value[x]"]
    assert [*found][2:-1] == [*first, "Thing.part:two", "Thing.part:two.value[x]"]
    assert found["Thing.part:two.value[x]"]["path"] == "Thing.part.value[x]"
    assert (found["Thing.part:one.value[x]"]["min"], found["Thing.part:two.value[x]"]["min"]) == (1, 0)
    assert "slicing" not in found["Thing.part:one"]
    assert "mapping" not in found["Thing.part"]


def test_snapshot_of_what_the_base_lacks_is_refused() -> None:
    with pytest.raises(TemplateError, match="has no such part"):
        snapshot({"id": "Thing.code.none", "min": 1})


def test_package_with_snapshots_wants_the_core_package(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    ran = run("package", "--snapshots", "-o", tmp_path / "package.tgz")
    assert ran.code == 2
    assert "hl7.fhir.r4.core#4.0.1, which is not in" in ran.err
    assert not [*tmp_path.glob("*.tgz")]
