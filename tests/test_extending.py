"""A pack extends a template that is not its own; what it misspells or may not do fails at load, with a sentence."""

import json
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import test_contract as contract
import tiny
import yaml
from notes import bare_note
from running import Ran

from ci_notes import carrying, check, derive, from_fhir, library, load, render, to_fhir
from ci_notes.element import OURS
from ci_notes.errors import InputError, TemplateError
from ci_notes.fhir.reading.ours import unread
from ci_notes.template import Template

HOSPITAL = Path(__file__).parent / "packs" / "hospital_pack" / "hospital_pack"
TRANSFER = HOSPITAL / "assessment" / "examples" / "transfer.note.json"

EXTENSION: dict[str, Any] = {
    "name": "ward",
    "title": "The ward",
    "version": 3,
    "canonical": "https://ward.example/fhir",
    "sections": {"home": {"title": "At home", "after": "visit"}},
    "add": {
        "home.alone": {"title": "Lives alone", "type": "boolean"},
        "home.pets": {
            "title": "Pets",
            "type": "string",
            "oneOf": [{"const": "cat", "title": "Cat"}, {"const": "dog", "title": "Dog"}],
        },
        "visit.chair": {"after": "seen", "title": "Chair", "type": "string"},
        "visit.items.colour": {"after": "size", "title": "Colour", "type": "string"},
    },
    "change": {"visit.stitch": {"title": "The stitch", "x-ci": {"required": True}}},
    "rules": {
        "T001": {"off": "we have a rule of our own"},
        "T002": {"severity": "info", "because": "agreed at the ward round"},
    },
}

NARRATIVE = """\
{% from "_macros/common.j2" import gaps %}
{% block visit %}
{{ super() }}
{% if visit.chair is known %} She sat on {{ visit.chair }}.{% endif %}
{% for row in visit.items %}
{% if row.colour is known %} The {{ row.ordinal }} item is {{ row.colour }}.{% endif %} {{ gaps(row) }}
{% endfor %}
 {{ gaps(visit) }}
{% endblock %}
{% block home %}
{% if home.alone %}She lives alone.{% else %}She lives with others.{% endif %}
{% if home.pets is known %} There is a {{ home.pets }}.{% endif %}
 {{ gaps(home) }}
{% endblock %}
"""

COMMON = "{% macro gaps(part) %}{{ part | gaps }}{% endmacro %}"


class Ward:
    """The tiny template and a pack that extends it, before they are written, so that a test may break one part."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.visit = tiny.Pack()
        self.extension = deepcopy(EXTENSION)
        self.narrative: str = NARRATIVE
        self.files: dict[str, str] = {}

    def write(self) -> Path:
        folder = self.root / "ward" / "visit"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "extend.yaml").write_text(yaml.safe_dump(self.extension, sort_keys=False), encoding="utf-8")
        (folder / "narrative.en.j2").write_text(self.narrative, encoding="utf-8")
        for name, content in self.files.items():
            path = self.root / "ward" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return folder

    def compile(self) -> Template:
        templates = self.root / "templates"
        folder = self.visit.write(templates)
        (templates / "_macros").mkdir(exist_ok=True)
        (templates / "_macros" / "common.j2").write_text(COMMON, encoding="utf-8")
        return library.compile_template(folder, templates, self.write())

    def refusal(self) -> str:
        """Return the one sentence with which the extension is refused."""
        with pytest.raises(TemplateError) as refused:
            self.compile()
        sentence = str(refused.value)
        assert "\n" not in sentence
        return sentence


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


# --- what an extension makes of a template -------------------------------------------------------------------------


def test_the_extended_template_keeps_its_id_and_names_the_extension_in_its_version(ward: Ward) -> None:
    found = ward.compile()
    assert (found.id, found.version) == ("visit", "1.0.0+ward.3")
    assert str(found.extension) == "The ward (ward.3)"


def test_sections_elements_and_rows_stand_where_they_are_put(ward: Ward) -> None:
    ward.extension["sections"]["home"]["after"] = "patient"
    found = ward.compile()
    assert [section.name for section in found.sections] == ["note", "patient", "home", "visit"]
    assert [*found.elements].index("visit.chair") == [*found.elements].index("visit.seen") + 1
    rows = [row.name for row in found.elements["visit.items"].rows]
    assert rows == ["size", "colour", "flag", "why"]


def test_elements_of_the_pack_have_codes_under_its_own_address_and_ours_keep_theirs(ward: Ward) -> None:
    found = ward.compile()
    theirs = {element.path for element in found.elements.values() if element.base == "https://ward.example/fhir"}
    assert theirs == {*EXTENSION["add"]}
    assert {element.base for element in found.elements.values() if element.path not in theirs} == {OURS}


def test_a_shared_element_of_ours_that_a_pack_takes_stays_ours_and_one_of_the_pack_is_its_own(ward: Ward) -> None:
    ward.extension["add"]["home.note"] = {"$ref": "../_elements/note.json#/$defs/late"}
    ward.extension["add"]["home.bus"] = {"$ref": "../_elements/travel.json#/$defs/bus", "after": "alone"}
    ward.files["_elements/travel.json"] = json.dumps({"$defs": {"bus": {"title": "Bus", "type": "boolean"}}})
    shared = ward.root / "templates" / "_elements" / "own.json"
    shared.parent.mkdir(parents=True)
    shared.write_text(json.dumps({"$defs": {"late": {"title": "Late", "type": "boolean"}}}))
    ward.extension["add"]["home.note"]["$ref"] = "../_elements/own.json#/$defs/late"
    said = (
        "{% if home.note %}Late.{% else %}In time.{% endif %} {% if home.bus %}By bus.{% else %}Not by bus.{% endif %}"
    )
    ward.narrative = NARRATIVE.replace("{% block home %}", "{% block home %}" + said)
    found = ward.compile()
    assert (found.elements["home.note"].id, found.elements["home.note"].base) == ("own.late", OURS)
    assert (found.elements["home.bus"].id, found.elements["home.bus"].base) == (
        "travel.bus",
        "https://ward.example/fhir",
    )


def test_how_an_element_of_ours_is_asked_may_be_another(ward: Ward) -> None:
    ward.extension["change"] = {
        "visit.length": {"x-ci": {"usual": [20, 50]}},
        "visit.reason": {"x-ci": {"asked": None}},
    }
    ward.extension["change"]["visit.items.flag"] = {"x-ci": {"required": False}}
    found = ward.compile()
    assert found.elements["visit.length"].usual == (20, 50)
    assert found.elements["visit.length"].codes
    assert (found.elements["visit.reason"].asked, found.elements["visit.reason"].required) == ("", "true")
    assert found.elements["visit.items.flag"].required == ""


def sentences(found: Template, **more: Any) -> list[str]:
    note = derive.note(found, {**tiny.visit_note(), **more})
    assert not note.problems
    return [sentence.text for sentence in render(note, trace=True)]


def test_a_block_says_ours_and_more_or_takes_its_place_and_a_new_section_stands_behind_the_one_before(
    ward: Ward,
) -> None:
    more = {"visit": {"seen": True, "chair": "a stool"}, "home": {"alone": True}}
    assert sentences(ward.compile(), **more) == [
        "The patient was seen.",
        "She sat on a stool.",
        "She lives alone.",
    ]
    ward.narrative = NARRATIVE.replace("{{ super() }}", "{{ super() }} Welcome.")
    assert "Welcome." in sentences(ward.compile(), **more)


def test_what_ours_says_within_a_block_of_the_pack_is_told_anew_when_it_changes(ward: Ward) -> None:
    for name in ("visit.chair", "visit.items.colour"):
        del ward.extension["add"][name]
    before, _, home = NARRATIVE.partition("{% block home %}")
    visit = before[: before.index("{% if visit.chair")] + "{% if home.alone %} Alone.{% endif %}{% endblock %}\n"
    ward.narrative = f"{visit}{{% block home %}}{home}"
    found = ward.compile()
    seen, unseen = (sentences(found, visit={"seen": one}, home={"alone": True}) for one in (True, False))
    assert seen != unseen


def test_a_whole_narrative_takes_the_place_of_ours_if_it_says_so(ward: Ward) -> None:
    ward.extension["narrative"] = "whole"
    ward.narrative = NARRATIVE.replace("{{ super() }}", tiny.NARRATIVE.split("\n", 1)[1].rsplit("{% endblock %}", 1)[0])
    assert sentences(ward.compile(), home={"alone": True})[-1] == "She lives alone."


def test_resources_are_added_and_replaced_by_name(ward: Ward) -> None:
    ward.files["visit/fhir.yaml"] = yaml.safe_dump(
        {
            "author": {"resourceType": "Practitioner", "name": [{"text": "somebody"}]},
            "home": {"resourceType": "Basic", "code": {"text": "home"}, "extension": []},
        }
    )
    found = ward.compile()
    assert found.skeleton["author"]["name"][0]["text"] == "somebody"
    assert list(found.skeleton)[-1] == "home"


def test_rules_are_added_switched_off_and_made_less_serious(ward: Ward) -> None:
    ward.files["visit/rules.yaml"] = yaml.safe_dump({"rules": [tiny.rule("WARD001", "home.alone")]})
    found = {rule.id: rule for rule in ward.compile().rules}
    assert (found["T001"].off, found["T001"].off_by) == ("we have a rule of our own", "The ward (ward.3)")
    assert (found["T002"].severity, found["T002"].changed) == (
        "info",
        "warning made info by The ward (ward.3): agreed at the ward round",
    )
    assert (found["WARD001"].pack, found["T004"].pack) == ("The ward (ward.3)", "")
    note = derive.note(ward.compile(), tiny.visit_note(length=15, stitch=True) | {"home": {"alone": True}})
    assert {one.rule for one in check(note)} >= {"WARD001", "T002", "T003"}
    assert "T001" not in {one.rule for one in check(note)}


def test_a_contraindication_can_be_switched_off_with_a_reason(ward: Ward) -> None:
    ward.extension["rules"] = {"T003": {"off": "seen by the senior consultant"}}
    assert {rule.id: rule.off for rule in ward.compile().rules}["T003"] == "seen by the senior consultant"


# --- what is refused -----------------------------------------------------------------------------------------------

Break = Callable[[Ward], Any]


def put(*keys: str, value: Any) -> Break:
    def change(ward: Ward) -> None:
        held = ward.extension
        for key in keys[:-1]:
            held = held.setdefault(key, {})
        held[keys[-1]] = value

    return change


def told(narrative: str) -> Break:
    return lambda ward: setattr(ward, "narrative", narrative)


def file(name: str, content: Any) -> Break:
    return lambda ward: ward.files.update({name: content if isinstance(content, str) else yaml.safe_dump(content)})


TEXT = {"title": "X", "type": "string"}

REFUSED: list[tuple[str, Break, str]] = [
    ("misspelt key", put("ad", value={}), "«ad» is not known here; did you mean «add»?"),
    ("no name", lambda ward: ward.extension.pop("name"), "'name' is a required property"),
    ("version as text", put("version", value="1.0"), "version: '1.0' is not of type 'integer'"),
    ("our address", put("canonical", value=OURS), f"canonical: {OURS} is ours"),
    ("below our address", put("canonical", value=f"{OURS}/ward"), f"canonical: {OURS} is ours"),
    ("no list", put("add", value=[]), "add: [] is not of type 'object'"),
    ("element without a title", put("add", "home.x", value={"type": "string"}), "'title' is a required property"),
    (
        "misspelt key of an element",
        put("add", "home.x", value={**TEXT, "tite": 1}),
        "«tite» is not known here; did you",
    ),
    ("unknown section", put("add", "hom.x", value=TEXT), "add: there is no section «hom»; did you mean «home»?"),
    ("the header", put("add", "note.x", value=TEXT), "add: note.x is of what every note has"),
    ("an element that is there", put("add", "visit.seen", value=TEXT), "add: visit.seen is in the template already"),
    ("a place that is not", put("add", "home.x", value={**TEXT, "after": "alon"}), "there is no «alon»; did you mean"),
    ("no group", put("add", "visit.seen.x", value=TEXT), "there is no group «visit.seen» that repeats"),
    ("unknown reference", put("add", "home.x", value={"$ref": "a.json#/$defs/b"}), "there is no _elements/a.json"),
    ("section that is there", put("sections", "visit", value={"title": "V"}), "«visit» is a section of the template"),
    (
        "section behind none",
        put("sections", "home", "after", value="visti"),
        "there is no «visti»; did you mean «visit»",
    ),
    ("a type changed", put("change", "visit.seen", value={"type": "string"}), "visit.seen: «type» cannot be changed"),
    ("codes changed", put("change", "visit.seen", value={"x-ci": {"codes": []}}), "«codes» cannot be changed, since a"),
    ("misspelt change", put("change", "visit.seen", value={"x-ci": {"requird": True}}), "did you mean «required»?"),
    (
        "change of nothing",
        put("change", "visit.sen", value={"title": "S"}),
        "no element «visit.sen»; did you mean «seen»",
    ),
    (
        "condition that names nothing",
        put("change", "visit.seen", value={"x-ci": {"required": "visit.lenght > 3"}}),
        "visit.seen, required: there is no element «visit.lenght»; did you mean",
    ),
    (
        "condition that names what the template leaves out",
        lambda ward: (
            file("_elements/bus.json", json.dumps({"$defs": {"late": {"title": "Late", "type": "boolean"}}}))(ward),
            put("change", "visit.seen", value={"x-ci": {"required": "bus.late"}})(ward),
        ),
        "change, visit.seen, required: «bus.late» names an element that visit leaves out",
    ),
    (
        "unknown rule",
        put("rules", "T0O1", value={"off": "a reason of ours"}),
        "there is no rule «T0O1» in visit; did you",
    ),
    ("a check of the program", put("rules", "shape", value={"off": "a reason of ours"}), "checks by itself stays on"),
    ("short reason", put("rules", "T001", value={"off": "because"}), "T001: the reason has fewer than 10 characters"),
    ("no reason", put("rules", "T001", value={"severity": "info"}), "T001: write {off: reason}, or {severity:"),
    ("off and less", put("rules", "T001", "severity", value="info"), "T001: write {off: reason}"),
    ("off already", put("rules", "T008", value={"off": "a reason of ours"}), "T008: it is off already: kept for later"),
    (
        "less serious contraindication",
        put("rules", "T003", value={"severity": "info", "because": "a reason of ours"}),
        "T003: a contraindication is switched off with a reason or stays",
    ),
    (
        "same severity",
        put("rules", "T002", value={"severity": "warning", "because": "a reason of ours"}),
        "its severity is warning already",
    ),
    (
        "a block of ours that is none",
        told(NARRATIVE + "{% block patient %}{% endblock %}"),
        "ours has no block «patient»",
    ),
    ("loose text", told(NARRATIVE + "Goodbye."), "what stands outside of blocks would never be said"),
    ("loose value", told("{{ visit.chair }}" + NARRATIVE), "what stands outside of blocks would never be said"),
    (
        "unknown element said",
        told(NARRATIVE.replace("home.pets", "home.pet")),
        "there is no element «home.pet»; did you",
    ),
    (
        "an element that is not said",
        told(NARRATIVE.replace("visit.chair", "visit.reason")),
        "ward: visit, visit.chair:",
    ),
    (
        "a row's element that is not said",
        told(NARRATIVE.replace("row.colour", "row.size")),
        "visit.items.colour: no sentence tells «first words» from nothing recorded",
    ),
    (
        "an answer that is not said",
        told(NARRATIVE.replace("{% else %}She lives with others.", "")),
        "home.alone: no sentence tells «False» from nothing recorded",
    ),
    (
        "two answers alike",
        told(NARRATIVE.replace("There is a {{ home.pets }}.", "There is a pet.")),
        "home.pets: no sentence tells «dog» from «cat»",
    ),
    (
        "an absence that is not said",
        told(NARRATIVE.replace("{{ gaps(home) }}", "")),
        "home.alone: no sentence tells its reason of absence from nothing recorded; end the block with gaps(section)",
    ),
    (
        "a value of ours that is no longer said",
        told(NARRATIVE.replace("{{ super() }}", "{% if visit.seen %}Seen.{% else %}Unseen.{% endif %}")),
        "ward: visit, visit.length: no sentence tells",
    ),
    (
        "a macro that hides ours",
        file("_macros/common.j2", COMMON),
        "ward/_macros/common.j2 would hide ours of that name",
    ),
    ("elements that hide ours", file("_elements/note.json", '{"$defs": {}}'), "_elements/note.json would hide ours"),
    (
        "a rule of ours again",
        file("visit/rules.yaml", {"rules": [tiny.rule("T001", "home.alone")]}),
        "rule T001 is given twice",
    ),
    (
        "a fact of ours again",
        file("visit/rules.yaml", {"facts": {"flagged": "count(visit.items)"}}),
        "fact «flagged» is",
    ),
    (
        "a resource that names nothing",
        file("visit/fhir.yaml", {"home": {"resourceType": "Basic", "code": {"$concept": "home.pet"}}}),
        "there is no element «home.pet»",
    ),
    (
        "its own rule judged",
        lambda ward: (
            file("visit/rules.yaml", {"rules": [tiny.rule("WARD001", "home.alone")]})(ward),
            put("rules", "WARD001", value={"off": "a reason of ours"})(ward),
        ),
        "WARD001: it is your own; change it in rules.yaml",
    ),
]


@pytest.mark.parametrize(("broken", "said"), [pytest.param(*rest, id=name) for name, *rest in REFUSED])
def test_what_a_pack_may_not_do_or_misspells_fails_with_a_sentence(ward: Ward, broken: Break, said: str) -> None:
    broken(ward)
    assert said in ward.refusal()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"held": "The program holds it by itself."}, "the program itself holds it, so it stays on"),
        ({"category": "conformance"}, "it says whether a note can be read at all"),
        ({"grade": "U", "severity": "info"}, "its source was not seen (grade U)"),
    ],
)
def test_rules_that_no_pack_may_touch(ward: Ward, more: dict[str, str], said: str) -> None:
    more = {"class" if key == "category" else key: value for key, value in more.items()}
    record = tiny.rule("T009", "visit.stitch", **more)
    for key in ("when", "message", "examples") if "held" in more else ():
        del record[key]
    ward.visit.rules["rules"].append(record)
    wanted = {"severity": "warning", "because": "a reason of ours"} if "grade" in more else {"off": "a reason of ours"}
    ward.extension["rules"] = {"T009": wanted}
    assert said in ward.refusal()


def test_sources_of_a_pack_have_keys_of_their_own(ward: Ward) -> None:
    source = {"cite": "Ward (2026)", "document": "The ward's own guideline", "year": 2026}
    cited = tiny.rule("WARD001", "home.alone", grade="V1", sources=["H01"])
    ward.files["_rules/sources.yaml"] = yaml.safe_dump({"H01": source})
    ward.files["visit/rules.yaml"] = yaml.safe_dump({"rules": [cited]})
    assert {rule.id: rule.citation for rule in ward.compile().rules}["WARD001"].startswith("Ward (2026)")
    ours = ward.root / "templates" / "_rules" / "sources.yaml"
    ours.parent.mkdir()
    ours.write_text(yaml.safe_dump({"H01": source}))
    assert "H01 is ours already" in ward.refusal()


# --- found in folders and packages ---------------------------------------------------------------------------------


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A folder with a template and two packs that extend it, to be given with --templates."""
    ward = Ward(tmp_path)
    ward.visit.write(tmp_path / "templates")
    ward.write()
    shutil.copytree(tmp_path / "ward", tmp_path / "other")
    return tmp_path


def test_a_folder_given_extends_what_is_there(packs: Path) -> None:
    given = [packs / "templates", packs / "ward"]
    assert library.load_template("visit", given).version == "1.0.0+ward.3"
    assert library.load_template("visit", [packs / "templates", packs / "ward" / "visit"]).version == "1.0.0+ward.3"
    assert library.load_template("visit", given[:1]).version == "1.0.0"
    assert library.load_template(packs / "templates" / "visit").version == "1.0.0"
    assert library.load_template(str(packs / "ward" / "visit"), given[:1]).version == "1.0.0+ward.3"


def test_a_pack_that_extends_what_is_not_there_is_refused_whatever_is_loaded(packs: Path) -> None:
    with pytest.raises(TemplateError, match="extends the template «visit», which is not there"):
        library.load_template("assessment", [packs / "ward"])


def test_two_packs_that_extend_one_template_are_refused_but_not_the_same_one_twice(packs: Path) -> None:
    given = [packs / "templates", packs / "other", packs / "ward"]
    assert library.load_template("visit", given).version == "1.0.0+ward.3"
    path = packs / "other" / "visit" / "extend.yaml"
    path.write_text(path.read_text().replace("name: ward", "name: other"))
    with pytest.raises(TemplateError, match=r"visit is extended twice, by «other» in .* and by «ward» in "):
        library.load_template("visit", given)


def test_a_folder_is_a_template_or_extends_one(packs: Path) -> None:
    shutil.copy(packs / "templates" / "visit" / "schema.json", packs / "ward" / "visit")
    with pytest.raises(TemplateError, match=r"holds both a schema.json and an extend.yaml"):
        library.load_template("visit", [packs / "templates", packs / "ward"])


@pytest.mark.parametrize("name", ["visit/extend.yaml", "visit/narrative.en.j2", "_macros/own.j2"])
def test_a_change_to_an_extension_is_seen_at_once_and_none_is_read_twice(packs: Path, name: str) -> None:
    given = [packs / "templates", packs / "ward"]
    before = library.load_template("visit", given)
    assert library.load_template("visit", given) is before
    path = packs / "ward" / name
    path.parent.mkdir(exist_ok=True)
    comment = "# more\n" if name.endswith("yaml") else "{# more #}"
    path.write_text((path.read_text() if path.exists() else "") + comment)
    assert library.load_template("visit", given) is not before
    library.compiled._LOADED.clear()
    assert library.load_template("visit", given).version == "1.0.0+ward.3"


def test_an_installed_package_extends_ours_without_being_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(HOSPITAL, tmp_path / "hospital_pack")
    (about := tmp_path / "hospital-1.dist-info").mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hospital\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[ci_notes.templates]\nhospital = hospital_pack\n")
    plain = library.load_template("assessment").version
    monkeypatch.syspath_prepend(tmp_path)
    assert library.load_template("assessment").version == f"{plain}+st-example.1"
    assert library.load_template("assessment", [HOSPITAL]).version == f"{plain}+st-example.1"


# --- notes exchanged with and without the pack ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def hospital() -> Template:
    return library.load_template("assessment", [HOSPITAL])


@pytest.fixture
def transfer() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(TRANSFER.read_text(encoding="utf-8"))
    return data


def test_a_note_of_the_pack_goes_there_and_back(hospital: Template, transfer: dict[str, Any]) -> None:
    note = derive.note(hospital, transfer)
    assert not note.problems + note.unread
    bundle = to_fhir(note, render(note))
    assert from_fhir(bundle, hospital) == transfer
    assert unread(bundle, hospital) == []
    for entry in bundle["entry"]:
        entry["resource"].pop("identifier", None)  # as a server may
    assert from_fhir(bundle, hospital)["support"] == transfer["support"]


def test_codes_of_the_pack_stand_under_its_address_alone(hospital: Template, transfer: dict[str, Any]) -> None:
    written = json.dumps(to_fhir(derive.note(hospital, transfer)))
    assert "https://st-example.example/ci-notes/CodeSystem/elements" in written
    assert f'"system": "{OURS}/CodeSystem/elements", "code": "assessment.support' not in written
    assert f'"system": "{OURS}/CodeSystem/options", "code": "assessment.support' not in written
    lean = to_fhir(derive.note(hospital, transfer), detail="lean")["entry"]
    resources = [one["resource"] for one in lean if one["resource"]["resourceType"] != "QuestionnaireResponse"]
    assert "support.travel" not in json.dumps(resources)


def test_where_the_pack_is_absent_its_fields_are_kept_and_named(assessment: Template, transfer: dict[str, Any]) -> None:
    note = derive.note(assessment, transfer)
    assert not note.problems
    assert note.data == transfer
    found = {one.rule: one for one in check(note)}
    assert found["not-read"].severity == "warning"
    assert set(found["not-read"].places) == {
        "history.prior[p1].hospital",
        "history.prior[p2].hospital",
        "vitals.position",
        "support",
    }
    assert "extension «st-example.1», which is not here" in found["not-read"].message
    assert found["version"].severity == "warning"
    assert render(note)
    with pytest.raises(InputError, match=r"belongs to the extension «st-example\.1» of assessment, which is not here"):
        to_fhir(note)


def test_a_misspelt_field_is_an_error_with_and_without_the_pack(
    assessment: Template, hospital: Template, transfer: dict[str, Any]
) -> None:
    transfer["vitals"]["positon"] = "lying"
    assert [one.path for one in derive.note(hospital, transfer).problems] == ["vitals.positon"]
    transfer["version"] = assessment.version
    assert len(derive.note(assessment, transfer).problems) == 5
    transfer["version"] = hospital.version
    transfer["vitals"]["sbp"] = {"absent": "asked-unknown", "by": "me"}
    assert [one.path for one in derive.note(assessment, transfer).problems] == ["vitals.sbp.by"]


@pytest.mark.parametrize(
    ("written", "severity", "said"),
    [
        ("{release}", "info", "was written without St Example (st-example.1)"),
        ("{release}+st-example.1", "", ""),
        ("{release}+st-example.2", "warning", "was written with version {release}+st-example.2"),
        ("{release}+other.1", "warning", "was written with version {release}+other.1"),
        ("0.0.1+st-example.1", "warning", "was written with version 0.0.1+st-example.1"),
    ],
)
def test_versions_are_compared_with_and_without_the_extension(
    hospital: Template, assessment: Template, written: str, severity: str, said: str
) -> None:
    version = written.format(release=assessment.version)
    found = [one for one in check(derive.note(hospital, bare_note(version=version))) if one.rule == "version"]
    assert [one.severity for one in found] == ([severity] if severity else [])
    assert all(said.format(release=assessment.version) in one.message for one in found)


def test_a_bundle_of_the_pack_is_imported_without_it_and_what_was_not_read_is_said(
    hospital: Template, transfer: dict[str, Any], tmp_path: Path, run: Callable[..., Ran]
) -> None:
    note = derive.note(hospital, transfer)
    (path := tmp_path / "bundle.json").write_text(json.dumps(to_fhir(note, render(note))))
    done = run("import", path)
    assert done.code == 0
    assert done.err.startswith("ci-notes: not read: Hospital, Position for the blood pressure, Lives alone, Travel")
    assert "with the extension «st-example.1» of assessment, which is not here" in done.err
    assert json.loads(done.out)["version"] == hospital.version
    assert json.loads(done.out)["vitals"] == {"sbp": 112, "dbp": 70, "rr": 16}
    done = run("import", path, "--templates", HOSPITAL)
    assert (done.err, json.loads(done.out)) == ("", transfer)


def test_what_is_carried_into_a_note_without_the_pack_is_what_that_can_hold(
    assessment: Template, transfer: dict[str, Any]
) -> None:
    handed = carrying.carried(assessment, [transfer])
    assert handed["history"]["prior"][0] == {"id": "p1", "ga_end": "20w3d", "outcome": "loss_2T"}
    assert not derive.note(assessment, bare_note(history={"prior": handed["history"]["prior"]})).problems


def test_reports_say_which_rules_a_pack_switched_off(run: Callable[..., Ran]) -> None:
    given = ("--templates", HOSPITAL)
    text = run("check", TRANSFER, *given).out
    assert "1 switched off by St Example (st-example.1), 1 of another severity by St Example (st-example.1)." in text
    (report,) = json.loads(run("check", TRANSFER, "--format", "json", *given).out)
    assert [(one["rule"], one["by"]) for one in report["rules_off"]] == [("D012", "St Example (st-example.1)")]
    assert [one["rule"] for one in report["rules_changed"]] == ["R011"]
    (report,) = json.loads(run("check", TRANSFER, "--format", "json").out)
    assert report["rules_off"] == report["rules_changed"] == []
    listed = run("rule", *given).out
    assert "(off by St Example (st-example.1): The ward system of St Example records when a note was signed.)" in listed
    assert "Off       by St Example (st-example.1): The ward system" in run("rule", "D012", *given).out
    assert "Changed   warning made info by St Example" in run("rule", "R011", *given).out
    assert "Added by  St Example (st-example.1)" in run("rule", "STE001", *given).out


def test_listing_says_what_extends_a_template_and_what_it_added(run: Callable[..., Ran]) -> None:
    text = run("templates", "assessment", "--templates", HOSPITAL).out
    assert "extended by St Example (st-example.1), https://st-example.example/ci-notes" in text
    assert text.count("added by the extension, under https://st-example.example/ci-notes") == 6 - 1
    assert "+st-example.1" in run("templates", "--templates", HOSPITAL).out
    assert "+st-example.1" not in run("templates").out


def test_a_pack_author_is_told_by_the_listing_what_no_block_says(tmp_path: Path, run: Callable[..., Ran]) -> None:
    pack = Path(shutil.copytree(HOSPITAL, tmp_path / "pack"))
    path = pack / "assessment" / "narrative.en.j2"
    path.write_text(path.read_text().replace("support.transport", "support.travel"))
    done = run("templates", "assessment", "--templates", pack)
    assert done.code == 2
    assert "st-example: assessment, support.transport: no sentence tells «own_car» from nothing recorded" in done.err


# --- the contract holds for the extended template ------------------------------------------------------------------

CHAPTERS = [contract.Chapter(TRANSFER, name) for name in contract.sections_in(TRANSFER)]
CONTRACT = [
    contract.test_no_two_recordings_of_an_element_read_alike,
    contract.test_no_two_recordings_of_an_element_make_the_same_bundle,
    contract.test_what_is_taken_out_of_a_note_is_not_denied_or_called_normal,
    contract.test_what_a_reader_would_expect_is_named_when_it_is_missing,
    contract.test_every_recorded_element_is_traced_to_a_sentence,
    contract.test_a_change_touches_no_sentence_that_does_not_name_it,
    contract.test_one_unusable_value_is_a_finding_and_the_rest_is_told,
    contract.test_every_sentence_is_one_whatever_is_left_out,
]


@pytest.fixture(scope="module")
def with_the_pack() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contract, "load", lambda path: load(path, [HOSPITAL]))
        yield
    for made in (contract.example, contract.homes, contract.as_recorded, contract.told, contract.told_alone):
        made.cache_clear()


@pytest.mark.usefixtures("with_the_pack")
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.section)
def test_the_contract_holds_for_the_extended_template(chapter: contract.Chapter) -> None:
    for holds in CONTRACT:
        holds(chapter)


def test_the_example_of_the_pack_reads_as_ours_with_what_the_pack_says(
    hospital: Template, assessment: Template, transfer: dict[str, Any]
) -> None:
    # Not stored whole: most of it is ours, and changes with our template.
    told = [(one.section, one.text) for one in render(derive.note(hospital, transfer))]
    ours = [(one.section, one.text) for one in render(derive.note(assessment, transfer))]
    more = [one for one in told if one not in ours]
    assert more == [
        ("history", "Not known: hospital."),
        ("history", "The first pregnancy was looked after at Elsewhere General."),
        ("vitals", "The blood pressure was taken lying on the left side."),
        ("support", "She lives alone."),
        ("support", "The hospital is 45 minutes away."),
        ("support", "She would come in her own car."),
    ]
    assert [one for one in told if one in ours] == ours


def test_every_element_that_the_pack_adds_is_recorded_in_its_example(
    hospital: Template, transfer: dict[str, Any]
) -> None:
    added = {element.path for element in hospital.elements.values() if element.base != OURS}
    recorded = {spot.element.path for spot in contract.spots(hospital, transfer)}
    assert added
    assert added <= recorded


@pytest.mark.parametrize(("key", "expected"), [("fires", ["found"]), ("quiet", [])])
def test_rules_of_the_pack_do_what_their_examples_say(hospital: Template, key: str, expected: list[str]) -> None:
    for rule in (rule for rule in hospital.rules if rule.pack):
        for example in rule.examples[key]:
            note = derive.note(hospital, {**bare_note(), **example})
            assert not note.problems
            assert [one.outcome for one in check(note) if one.rule == rule.id] == expected


@pytest.mark.parametrize("name", ["extend.yaml", "narrative.en.j2"])
def test_the_contributing_page_shows_the_pack_as_it_is(name: str) -> None:
    page = Path(__file__).parents[1] / "CONTRIBUTING.md"
    assert (HOSPITAL / "assessment" / name).read_text().rstrip() in page.read_text()


def test_a_draft_of_the_pack_is_continued_without_it_and_loses_nothing(
    transfer: dict[str, Any], tmp_path: Path, run: Callable[..., Ran]
) -> None:
    transfer["status"] = "draft"
    (path := tmp_path / "draft.json").write_text(json.dumps(transfer))
    run("new", "assessment", "-o", path, stdin=b"y\n62\n")
    transfer["vitals"]["weight"] = 62
    assert json.loads(path.read_text()) == transfer
