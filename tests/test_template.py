"""A template that breaks the contract fails while it is loaded, with a sentence that names the place and the mend."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tiny import Pack, rule, visit_note

from ci_notes import _data, derive, document, library
from ci_notes.checks import check
from ci_notes.errors import ExpressionError, InputError, TemplateError
from ci_notes.narrative import render
from ci_notes.suggesting import suggested
from ci_notes.template import Template


def compile_in(root: Path, name: str = "visit") -> Template:
    return library.compile_template(root / name, root)


def refusal(root: Path, name: str = "visit") -> str:
    """Return the one sentence with which a template is refused."""
    with pytest.raises(TemplateError) as refused:
        compile_in(root, name)
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence


# --- the clinical templates, with one thing broken -----------------------------------------------------------------


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return Path(shutil.copytree(_data.folder("templates"), tmp_path / "templates"))


def edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change a JSON file in place."""
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def test_every_template_of_ours_keeps_the_contract(templates: Path) -> None:
    names = [path.name for path in templates.iterdir() if (path / "schema.json").is_file()]
    assert "assessment" in names
    for name in names:
        assert compile_in(templates, name).elements


def test_reference_to_an_element_that_is_not_declared(templates: Path) -> None:
    def change(schema: Any) -> None:
        schema["properties"]["exam"]["properties"]["dilation"] = {"$ref": "../_elements/exam.json#/$defs/dilatation"}

    edit(templates / "assessment" / "schema.json", change)
    assert "exam.json#/$defs/dilatation is not declared; did you mean «dilation»?" in refusal(templates, "assessment")


def test_reference_to_a_file_that_is_not_there(templates: Path) -> None:
    def change(schema: Any) -> None:
        schema["properties"]["exam"]["properties"]["dilation"] = {"$ref": "../_elements/exams.json#/$defs/dilation"}

    edit(templates / "assessment" / "schema.json", change)
    assert "there is no _elements/exams.json" in refusal(templates, "assessment")


def test_element_used_twice_in_one_template(templates: Path) -> None:
    def change(schema: Any) -> None:
        schema["properties"]["exam"]["properties"]["again"] = {"$ref": "../_elements/exam.json#/$defs/dilation"}

    edit(templates / "assessment" / "schema.json", change)
    sentence = refusal(templates, "assessment")
    assert "exam.again and exam.dilation share" in sentence


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "not JSON"), ("[]", "exam.json"), ("{}", "exam.json"), ('{"$defs": []}', "exam.json"), ("", "is empty")],
)
def test_damaged_file_of_shared_elements_is_named(templates: Path, content: str, said: str) -> None:
    (templates / "_elements" / "exam.json").write_text(content)
    sentence = refusal(templates, "assessment")
    assert "exam.json" in sentence
    assert said in sentence


def test_shared_rule_with_a_misspelt_name_is_not_quietly_left_out(templates: Path) -> None:
    path = templates / "_rules" / "history.yaml"
    data = document.read_yaml(path.read_text(encoding="utf-8"), path.name)
    data["rules"][0]["when"] = "history.gravidity > 1"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    sentence = refusal(templates, "assessment")
    assert data["rules"][0]["id"] in sentence
    assert "there is no element «history.gravidity»" in sentence


def test_shared_rule_about_an_element_that_a_template_leaves_out_is_left_out_there(templates: Path) -> None:
    def change(schema: Any) -> None:
        del schema["properties"]["symptoms"]
        schema["x-ci"]["compact"] = []

    edit(templates / "assessment" / "schema.json", change)
    narrative = templates / "assessment" / "narrative.en.j2"
    text = narrative.read_text(encoding="utf-8")
    start, end = text.index("{% block symptoms %}"), text.index("{% block exam %}")
    narrative.write_text(text[:start] + text[end:], encoding="utf-8")
    shutil.rmtree(templates / "assessment" / "examples", ignore_errors=True)
    ids = {one.id for one in compile_in(templates, "assessment").rules}
    assert "R028" not in ids
    assert "R027" in ids


# --- a tiny template, with one thing broken ------------------------------------------------------------------------


Break = Callable[[Pack], None]
number = {"title": "N", "type": "number", "x-ci": {"unit": "mm"}}


def about(element: str, **more: Any) -> Break:
    """Return a change that adds to what x-ci says of an element."""

    def change(pack: Pack) -> None:
        pack.visit[element].setdefault("x-ci", {}).update(more)

    return change


def element(name: str, declared: Any) -> Break:
    def change(pack: Pack) -> None:
        pack.visit[name] = declared

    return change


def row_element(name: str, declared: Any) -> Break:
    def change(pack: Pack) -> None:
        pack.visit["items"]["items"]["properties"][name] = declared

    return change


def about_row(name: str, **more: Any) -> Break:
    def change(pack: Pack) -> None:
        pack.visit["items"]["items"]["properties"][name].setdefault("x-ci", {}).update(more)

    return change


def top(**more: Any) -> Break:
    return lambda pack: pack.schema.update(more)


def ruled(when: str = "visit.stitch", **more: Any) -> Break:
    return lambda pack: pack.rules["rules"].append({**rule("X001", when), **more})


def fact(source: str) -> Break:
    return lambda pack: pack.rules["facts"].update(extra=source)


def prose(text: str) -> Break:
    def change(pack: Pack) -> None:
        pack.narrative = pack.narrative.replace("{% endblock %}", text + "{% endblock %}")

    return change


def whole_prose(text: str) -> Break:
    def change(pack: Pack) -> None:
        pack.narrative = text

    return change


def resource(name: str, **shape: Any) -> Break:
    return lambda pack: pack.fhir.update({name: {"resourceType": "Observation", **shape}})


def _same_code(pack: Pack) -> None:
    pack.visit["other"] = {**number, "x-ci": {"unit": "mm", "codes": pack.visit["length"]["x-ci"]["codes"]}}


def _doubled_option(pack: Pack) -> None:
    pack.visit["reason"]["oneOf"].append({"const": "pain", "title": "Pain again"})


def _named_like_another(pack: Pack) -> None:
    first, second = pack.visit["reason"]["oneOf"][:2]
    second["x-ci"] = {**second.get("x-ci", {}), "also": [first["title"].upper()]}


def _not_named(pack: Pack) -> None:
    pack.visit["reason"]["oneOf"][0]["x-ci"] = {"also": [" "]}


def _circle(pack: Pack) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        pack.visit[name] = {"title": name, "type": "integer", "x-ci": {"computed": f"visit.{other} + 1"}}


CIRCLE_ALONE = {"title": "A", "type": "integer", "x-ci": {"computed": "visit.alone + 1"}}

BREACHES: list[tuple[str, Break, list[str]]] = [
    # schema.json
    ("misspelt x-ci key", about("seen", requierd=True), ["visit/schema.json", "seen", "«requierd»", "«required»"]),
    ("misspelt key", element("n", {**number, "minimun": 0}), ["visit/schema.json", "«minimun»", "«minimum»"]),
    ("misspelt kind", element("n", {"title": "N", "type": "numbr"}), ["visit/schema.json", "numbr"]),
    ("misspelt format", element("n", {"title": "N", "type": "string", "format": "day"}), ["visit/schema.json", "day"]),
    ("no title", element("n", {"type": "boolean"}), ["visit/schema.json", "title"]),
    ("no kind", element("n", {"title": "N"}), ["visit.n", "no type"]),
    ("no version", top(**{"x-ci": {}}), ["visit/schema.json", "version"]),
    ("sections in a list", top(properties=[]), ["visit/schema.json"]),
    ("section that is text", top(properties={"visit": "x"}), ["visit/schema.json", "visit"]),
    ("capital name", element("Length", number), ["visit/schema.json", "Length"]),
    ("number without unit", element("n", {"title": "N", "type": "number"}), ["visit.n", "needs a unit"]),
    ("row called id", row_element("id", {"title": "Id", "type": "string"}), ["visit/schema.json", "id"]),
    ("list of nothing", element("n", {"title": "N", "type": "array", "items": {}}), ["visit.n", "options", "rows"]),
    (
        "rows in rows",
        row_element("inner", {"title": "I", "type": "array", "items": {"properties": {"n": number}}}),
        ["visit.items.inner", "inside a repeating group"],
    ),
    ("option twice", _doubled_option, ["visit.reason", "option twice"]),
    ("two elements with one code", _same_code, ["visit.other and visit.length", "code"]),
    ("impossible pattern", element("n", {"title": "N", "type": "string", "pattern": "["}), ["visit/schema.json", "n"]),
    ("option also called what another is", _named_like_another, ["visit.reason", "also called", "another answer"]),
    ("option also called nothing", _not_named, ["visit/schema.json", "also"]),
    ("code without display", about("seen", codes=[{"system": "s", "code": "c"}]), ["visit/schema.json", "display"]),
    ("usual range of three", about("length", usual=[1, 2, 3]), ["visit/schema.json", "usual"]),
    # conditions
    (
        "unknown element in asked",
        about("reason", asked="visit.sen"),
        ["visit.reason, asked", "«visit.sen»", "«visit.seen»"],
    ),
    ("unknown element in required", about("on", required="visit.sen"), ["visit.on, required", "«visit.seen»"]),
    (
        "unknown element in computed",
        about("total", computed="visit.lenght"),
        ["visit.total, computed", "«visit.length»"],
    ),
    ("condition that is none", about("reason", asked="visit.length"), ["visit.reason, asked", "holds or does not"]),
    ("value that is none", about("total", computed="visit.seen and visit.stitch"), ["visit.total, computed"]),
    ("unreadable condition", about("reason", asked="visit.seen and"), ["visit.reason, asked", "cannot read"]),
    ("row out of a row", about("reason", asked="row.flag"), ["visit.reason, asked", "no row here"]),
    ("unknown row element", about_row("why", asked="row.flg"), ["visit.items.why, asked", "«visit.items.flag»"]),
    ("unknown option", about("on", asked="visit.reason == 'Pain'"), ["visit.on, asked", "«Pain» is not an option"]),
    ("computed in a circle", _circle, ["visit.one", "visit.two", "circle"]),
    ("computed from itself", element("alone", CIRCLE_ALONE), ["visit.alone", "circle"]),
    (
        "computed in a row",
        row_element("twice", {"title": "T", "type": "integer", "x-ci": {"computed": "row.size * 2"}}),
        ["visit.items.twice", "cannot be computed"],
    ),
    # rules.yaml
    ("misspelt rule key", ruled(severty="error"), ["visit/rules.yaml", "«severty»", "«severity»"]),
    ("unknown severity", ruled(severity="fatal"), ["visit/rules.yaml", "fatal"]),
    ("unknown guideline set", ruled(jurisdictions=["USA"]), ["visit/rules.yaml", "USA"]),
    ("no example", ruled(examples={"fires": [{}]}), ["visit/rules.yaml", "quiet"]),
    ("empty examples", ruled(examples={"fires": [], "quiet": [{}]}), ["visit/rules.yaml", "fires"]),
    ("unknown element in a rule", ruled("visit.stich"), ["X001", "«visit.stich»", "«visit.stitch»"]),
    ("unknown element in a message", ruled(message="On {visit.onn}."), ["X001", "«visit.onn»", "«visit.on»"]),
    ("unknown element in at", ruled(at=["visit.stich"]), ["X001", "«visit.stitch»"]),
    ("rows of what does not repeat", ruled("row.flag", each="visit.seen"), ["X001", "«visit.seen»"]),
    ("unknown fact", ruled("facts.flaged > 1"), ["X001", "«flaged»", "«flagged»"]),
    ("unknown element in a fact", fact("count(visit.item)"), ["rules.yaml, fact extra", "«visit.item»"]),
    ("unbalanced message", ruled(message="Only {visit.length"), ["X001"]),
    ("held rule that speaks", ruled(held="by the engine itself"), ["X001", "never fires", "«when»"]),
    ("held rule of few words", ruled(held="by us"), ["visit/rules.yaml", "by us"]),
    ("rule without a condition", lambda pack: pack.rules["rules"][0].pop("when"), ["visit/rules.yaml", "when"]),
    ("positional message", ruled(message="Only {}"), ["X001"]),
    ("row in the message of no row", ruled(message="Only {row.size}"), ["X001"]),
    ("doubled rule", ruled(id="T001"), ["T001", "twice"]),
    ("unknown source", ruled(grade="V1", sources=["S99"]), ["X001", "S99", "sources.yaml"]),
    ("graded without source", ruled(grade="V1"), ["X001", "V1", "names its sources"]),
    ("unverified as warning", ruled(grade="U", severity="warning", sources=["S01"]), ["X001", "grade U", "info"]),
    ("unconfirmed as error", ruled(grade="V3", sources=["S01"]), ["X001", "grade V3", "info"]),
    ("date in a condition", ruled("visit.on > visit.length"), ["X001", "cannot be compared"]),
    # narrative
    (
        "inline if",
        prose("{{ visit.length if visit.seen else visit.on }}"),
        ["visit/narrative.en.j2", "line", "loses its trace"],
    ),
    ("set", prose("{% set seen = visit.seen %}"), ["visit/narrative.en.j2", "line", "{% set %}"]),
    ("filter block", prose("{% filter upper %}x{% endfilter %}"), ["visit/narrative.en.j2", "line"]),
    ("unknown block", prose("{% endblock %}{% block visits %}x"), ["visit/narrative.en.j2", "«visits»", "«visit»"]),
    ("unknown filter", prose("{{ visit.length | upper }}"), ["visit/narrative.en.j2", "upper"]),
    (
        "unknown filter in a branch",
        prose("{% if visit.seen %}{{ visit.length | upper }}{% endif %}"),
        ["visit/narrative.en.j2", "upper"],
    ),
    ("unknown test", prose("{% if visit.length is odd %}x{% endif %}"), ["visit/narrative.en.j2", "odd"]),
    ("unknown element", prose("{{ visit.lenght }}"), ["visit/narrative.en.j2", "«visit.lenght»", "«visit.length»"]),
    ("unknown section", prose("{{ visits.length }}"), ["visit/narrative.en.j2", "«visits»"]),
    (
        "unknown row element",
        prose("{% for row in visit.items %}{{ row.siez }}{% endfor %}"),
        ["visit/narrative.en.j2", "«siez»", "«size»"],
    ),
    ("unclosed if", prose("{% if visit.seen %}x"), ["visit/narrative.en.j2", "line"]),
    (
        "unknown macro file",
        whole_prose("{% from '_macros/none.j2' import gaps %}{% block visit %}{% endblock %}"),
        ["visit/narrative.en.j2", "none.j2"],
    ),
    ("bare name", prose("{{ nobody }}"), ["visit/narrative.en.j2", "nobody"]),
    ("dunder", prose("{{ visit.__class__ }}"), ["visit/narrative.en.j2", "__class__"]),
    ("call", prose("{{ visit.items.append(1) }}"), ["visit/narrative.en.j2"]),
    ("range", prose("{% for n in range(9) %}{{ n }}{% endfor %}"), ["visit/narrative.en.j2", "range"]),
    # fhir.yaml
    (
        "unknown element in fhir",
        resource("x", status={"$": "visit.lenght"}),
        ["visit/fhir.yaml, x.status", "«visit.length»"],
    ),
    (
        "unknown hole",
        resource("x", status={"$value": "visit.length"}),
        ["visit/fhir.yaml, x.status", "«$value»", "no hole"],
    ),
    ("two holes in one", resource("x", status={"$": "visit.on", "$ref": "patient"}), ["visit/fhir.yaml, x.status"]),
    (
        "unknown option in fhir",
        resource("x", code={"$choose": "visit.reason", "pian": {"text": "Pain"}}),
        ["visit/fhir.yaml, x.code", "«pian»", "«pain»"],
    ),
    (
        "concept of a number",
        resource("x", code={"$concept": "visit.length"}),
        ["visit/fhir.yaml, x.code", "a quantity", "choice"],
    ),
    ("unknown reference", resource("x", subject={"$ref": "pateint"}), ["visit/fhir.yaml, x.subject", "«patient»"]),
    (
        "unknown condition in fhir",
        resource("x", **{"$when": "visit.sen"}),
        ["visit/fhir.yaml, x, $when", "«visit.seen»"],
    ),
    (
        "rows that do not repeat",
        resource("x", **{"$each": "visit.seen"}),
        ["visit/fhir.yaml, x", "«visit.seen» does not repeat"],
    ),
    ("no resource type", lambda pack: pack.fhir.update(x={"status": "final"}), ["visit/fhir.yaml, x", "resourceType"]),
    ("resource that is text", lambda pack: pack.fhir.update(x="final"), ["visit/fhir.yaml, x"]),
    ("hole of a list", resource("x", status={"$": ["visit.on"]}), ["visit/fhir.yaml, x.status"]),
    ("reference of a list", resource("x", subject={"$ref": ["patient"]}), ["visit/fhir.yaml, x.subject"]),
    ("condition that is true", resource("x", **{"$when": True}), ["visit/fhir.yaml, x"]),
]


@pytest.mark.parametrize(
    ("change", "said"), [breach[1:] for breach in BREACHES], ids=[breach[0] for breach in BREACHES]
)
def test_breach_of_the_contract_is_refused_with_a_sentence(tmp_path: Path, change: Break, said: list[str]) -> None:
    pack = Pack()
    pack.write(tmp_path)
    assert compile_in(tmp_path), "the template is sound before it is broken"
    (tmp_path / "_rules").mkdir()
    source = {"cite": "An invented source", "document": "A document", "year": None}
    (tmp_path / "_rules" / "sources.yaml").write_text(yaml.safe_dump({"S01": source}))
    change(pack)
    pack.write(tmp_path)
    sentence = refusal(tmp_path)
    assert not [words for words in said if words not in sentence], sentence


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("schema.json", "{", "visit/schema.json is not JSON"),
        ("schema.json", "[]", "visit/schema.json"),
        ("schema.json", "", "schema.json is empty"),
        ("rules.yaml", "rules: [", "visit/rules.yaml is not YAML"),
        ("rules.yaml", "- one", "visit/rules.yaml"),
        ("rules.yaml", "rules:\n- id: X001\n  id: X002\n", "«id» twice"),
        ("fhir.yaml", "- one", "visit/fhir.yaml: resources by name are wanted"),
        ("fhir.yaml", "a: *b", "visit/fhir.yaml"),
        ("narrative.en.j2", "{% block visit %}", "visit/narrative.en.j2, line 1"),
        ("narrative.en.j2", "\xe9", "narrative.en.j2"),
    ],
)
def test_damaged_file_of_a_template_is_named(tmp_path: Path, file: str, content: str, said: str) -> None:
    (Pack().write(tmp_path) / file).write_bytes(content.encode("latin-1"))
    assert said in refusal(tmp_path)


def test_folder_without_a_schema_is_no_template(tmp_path: Path) -> None:
    (Pack().write(tmp_path) / "schema.json").unlink()
    assert "has no schema.json, so it is not a template" in refusal(tmp_path)


def test_kind_of_a_breach_is_one_that_callers_can_tell() -> None:
    assert issubclass(ExpressionError, TemplateError)
    assert issubclass(TemplateError, InputError)


# --- what a template may do ----------------------------------------------------------------------------------------


def test_element_may_be_used_again_in_another_template_with_additions(tmp_path: Path) -> None:
    pack = Pack()
    (tmp_path / "_elements").mkdir()
    shared = {"$defs": {"pain": {"title": "Pain", "type": "boolean", "x-ci": {"say": "pain", "expected": True}}}}
    (tmp_path / "_elements" / "own.json").write_text(json.dumps(shared))
    pack.visit["hurts"] = {
        "$ref": "../_elements/own.json#/$defs/pain",
        "title": "Does it hurt",
        "x-ci": {"required": True},
    }
    pack.write(tmp_path)
    found = compile_in(tmp_path).elements["visit.hurts"]
    assert (found.id, found.title, found.say, found.expected, found.required) == (
        "own.pain",
        "Does it hurt",
        "pain",
        True,
        "true",
    )


def test_name_of_an_element_may_be_any_word(tmp_path: Path) -> None:
    pack = Pack()
    for name in ("value", "name", "paths", "state", "items_", "rows", "number", "span", "note"):
        pack.visit[name] = {"title": name.title(), "type": "string"}
    pack.narrative = "{% block visit %}{% if visit.value is known %}Value {{ visit.value }}.{% endif %}{% endblock %}"
    pack.write(tmp_path)
    template = compile_in(tmp_path)
    (sentence,) = render(derive.note(template, visit_note(value="v", state="s", rows="r", number="n")))
    assert sentence.text == "Value v."


def test_rule_that_is_added_as_data_alone_fires(tmp_path: Path) -> None:
    pack = Pack()
    pack.rules["rules"].append(rule("X001", "visit.length > 70", grade="U", severity="info", sources=["S01"]))
    pack.write(tmp_path)
    (tmp_path / "_rules").mkdir()
    source = {"cite": "An invented source (2020)", "document": "A document", "year": 2020}
    (tmp_path / "_rules" / "sources.yaml").write_text(yaml.safe_dump({"S01": source}))
    (one,) = [one for one in check(derive.note(compile_in(tmp_path), visit_note(length=75))) if one.rule == "X001"]
    assert one.source == "An invented source (2020) (unverified)"


def test_unverified_rule_needs_no_source_and_says_that_it_is_unverified(tmp_path: Path) -> None:
    pack = Pack()
    pack.rules["rules"].append(rule("X001", "visit.length > 70", grade="U", severity="info"))
    pack.write(tmp_path)
    (one,) = [one for one in check(derive.note(compile_in(tmp_path), visit_note(length=75))) if one.rule == "X001"]
    assert one.source == "unverified"


def test_a_pack_replaces_shared_rules_by_a_file_of_the_same_name(tmp_path: Path) -> None:
    shutil.copytree(_data.folder("templates"), tmp_path / "pack")
    (tmp_path / "pack" / "_rules" / "history.yaml").write_text("rules: []\n")
    rules = {
        rule.id for rule in library.compile_template(tmp_path / "pack" / "assessment", _data.folder("templates")).rules
    }
    assert "R017" not in rules
    assert "R001" in rules


def test_rule_that_the_engine_holds_is_listed_and_never_fires(tmp_path: Path) -> None:
    pack = Pack()
    held = rule("X001", "visit.seen", held="by the shape of the element", severity="warning")
    for spoken in ("when", "message", "examples"):
        del held[spoken]
    pack.rules["rules"].append(held)
    pack.write(tmp_path)
    template = compile_in(tmp_path)
    (one,) = [one for one in template.rules if one.id == "X001"]
    assert one.held == "by the shape of the element"
    assert one not in template.active_rules
    assert not [found for found in check(derive.note(template, visit_note())) if found.rule == "X001"]


@pytest.mark.parametrize(
    ("category", "offered"), [("history_indicated", "history"), ("preterm_labour", None), (None, None)]
)
def test_an_indication_is_suggested_where_the_category_says_it_and_nowhere_else(
    category: str | None, offered: str | None
) -> None:
    template = library.load_template("cerclage")
    data = {"id": "n1", "template": "cerclage", "status": "draft"} | (
        {"diagnosis": {"category": category}} if category else {}
    )
    note = derive.note(template, data)
    assert suggested(note, template.elements["cerclage.indication"]) == offered
