"""Templates are found in given folders, in packs and with us; notes are read from files, bytes and data alike."""

import json
import marshal
import sys
from pathlib import Path

import pytest
import yaml
from notes import bare_note, rich_note
from tiny import Pack, visit_note

import ci_notes
from ci_notes import _data, derive, expression, library
from ci_notes.errors import InputError, TemplateError


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A folder with the tiny template in it."""
    (tmp_path / "pack").mkdir()
    Pack().write(tmp_path / "pack")
    return tmp_path / "pack"


def test_our_own_templates_are_found_and_shared_folders_are_none() -> None:
    found = library.catalogue()
    assert "assessment" in found
    assert not [name for name in found if name.startswith("_")]


def test_given_folder_may_hold_templates_or_be_one(pack: Path) -> None:
    assert library.catalogue([pack])["visit"] == pack / "visit"
    assert library.catalogue([pack / "visit"])["visit"] == pack / "visit"
    assert "assessment" in library.catalogue([pack])


def test_given_folder_comes_before_our_own(pack: Path) -> None:
    (pack / "visit").rename(pack / "assessment")
    assert library.load_template("assessment", [pack]).title == "Visit"
    assert library.load_template("assessment").title != "Visit"


def test_first_of_several_folders_comes_first(pack: Path, tmp_path: Path) -> None:
    other = Pack()
    other.schema["title"] = "Another visit"
    (tmp_path / "other").mkdir()
    other.write(tmp_path / "other")
    assert library.load_template("visit", [pack, tmp_path / "other"]).title == "Visit"
    assert library.load_template("visit", [tmp_path / "other", pack]).title == "Another visit"


@pytest.mark.parametrize("name", ["empty", "missing", "file"])
def test_folder_without_templates_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match=f"{name} holds no template"):
        library.catalogue([tmp_path / name])


def test_unknown_template_is_answered_with_the_nearest_and_with_all() -> None:
    with pytest.raises(InputError) as refused:
        library.load_template("asessment")
    assert "there is no template «asessment»; did you mean «assessment»?" in str(refused.value)
    assert "there are: " in str(refused.value)


def test_template_can_be_loaded_by_the_path_of_its_folder(pack: Path) -> None:
    assert library.load_template(pack / "visit").id == "visit"
    with pytest.raises(InputError, match=r"is not a template: it has no schema.json"):
        library.load_template(pack / "nothing")


def test_change_to_a_template_is_seen_at_once(pack: Path) -> None:
    before = library.load_template("visit", [pack])
    assert library.load_template("visit", [pack]) is before
    changed = Pack()
    changed.rules["rules"][0]["severity"] = "info"
    changed.write(pack)
    severities = {rule.id: rule.severity for rule in library.load_template("visit", [pack]).rules}
    assert severities[changed.rules["rules"][0]["id"]] == "info"
    (pack / "visit" / "narrative.en.j2").write_text("{% block visit %}{{ visit.lenght }}{% endblock %}")
    with pytest.raises(TemplateError, match=r"visit\.lenght"):
        library.load_template("visit", [pack])


@pytest.mark.parametrize("folder", ["_rules", "_elements", "_macros", "_fhir"])
def test_change_to_a_shared_file_is_seen_at_once(pack: Path, folder: str) -> None:
    library.load_template("visit", [pack])
    (pack / folder).mkdir(exist_ok=True)
    names = {"_rules": "own.yaml", "_fhir": "own.yaml", "_macros": "own.j2", "_elements": "own.json"}
    contents = {
        "_rules": yaml.safe_dump({"facts": {"counted": "count(visit.items)"}}),
        "_fhir": yaml.safe_dump({"own": {"resourceType": "Basic", "code": {"text": "own"}}}),
        "_macros": "{% macro own() %}{% endmacro %}",
        "_elements": json.dumps({"$defs": {"own": {"title": "Own", "type": "boolean"}}}),
    }
    (pack / folder / names[folder]).write_text(contents[folder])
    found = library.load_template("visit", [pack])
    seen = {
        "_rules": "counted" in found.facts,
        "_fhir": "own" in found.skeleton,
        "_macros": "_macros/own.j2" in found.macros,
        "_elements": "own.own" in found.foreign,
    }
    assert seen[folder]


def test_template_from_the_cache_is_the_template_that_was_compiled(pack: Path) -> None:
    first = library.load_template("visit", [pack])
    library.compiled._LOADED.clear()
    again = library.load_template("visit", [pack])
    assert again is not first
    assert again == first


def test_damaged_cache_is_made_anew(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    library.compiled._LOADED.clear()
    library.load_template("visit", [pack])
    kept = [*(tmp_path / "cache" / "ci-notes").iterdir()]
    assert kept
    for path in kept:
        path.write_bytes(b"damaged")
    library.compiled._LOADED.clear()
    assert library.load_template("visit", [pack]).id == "visit"


@pytest.mark.parametrize("damage", [b"damaged", marshal.dumps([]), marshal.dumps([1] * 99), b""])
def test_code_that_is_kept_with_a_template_is_only_a_shortcut(
    pack: Path, tmp_path: Path, damage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    library.load_template("visit", [pack])
    (kept,) = (tmp_path / "cache" / "ci-notes").glob(f"visit-*.{sys.implementation.cache_tag}-*")
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    library.compiled._LOADED.clear()
    expression.running._PREPARED.clear()
    assert derive.note(library.load_template("visit", [pack]), visit_note(items=[])).template.id == "visit"
    assert kept.read_bytes() == whole
    library.compiled._LOADED.clear()
    expression.running._PREPARED.clear()
    assert set(library.load_template("visit", [pack]).programs) == set(expression.running._PREPARED)


def test_without_a_writable_cache_everything_works_all_the_same(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder can be made here")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert library.load_template("visit", [pack]).id == "visit"


def test_note_is_the_same_from_a_file_from_bytes_and_from_data(tmp_path: Path) -> None:
    written = json.dumps(rich_note())
    (path := tmp_path / "n.note.json").write_text(written)
    (in_yaml := tmp_path / "n.note.yaml").write_text(yaml.safe_dump(rich_note()))
    records = [library.load(source).record for source in (path, str(path), written.encode(), rich_note(), in_yaml)]
    assert all(record == records[0] for record in records)


def test_note_of_a_template_in_a_given_folder_is_loaded(pack: Path) -> None:
    assert library.load(visit_note(), [pack]).template.id == "visit"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"template": "asessment"}, "did you mean «assessment»?"),
        ({"template": None}, 'does not name its template, as in "template": "assessment"'),
        ({"template": 5}, "does not name its template"),
        ({"template": ""}, "there is no template «»"),
        ({"template": "../assessment"}, "a template is named by its id"),
        ({"template": "_elements"}, "there is no template «_elements»"),
        ({"resourceType": "Bundle"}, "is a FHIR Bundle, not a note; `ci-notes import` makes a note of a bundle"),
        ({"resourceType": "Patient"}, "is a FHIR Patient"),
    ],
)
def test_note_of_no_known_template_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as refused:
        library.load({**bare_note(), **change})
    assert said in str(refused.value)


def test_note_without_a_template_is_refused_by_the_name_of_its_file(tmp_path: Path) -> None:
    (path := tmp_path / "n.json").write_text('{"id": "n1"}')
    with pytest.raises(InputError, match=f"{path} is no note"):
        library.load(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Path.mkdir, "is a folder; name a note in it"),
        (str, "cannot read .*no such file"),
        (lambda path: path.symlink_to(path), "cannot read .*symbolic links"),
    ],
)
def test_path_that_cannot_be_read_is_said(tmp_path: Path, make: object, said: str) -> None:
    path = tmp_path / "n.json"
    make(path)  # type: ignore[operator]
    with pytest.raises(InputError, match=said):
        library.load(path)


def test_public_names_are_what_they_say_and_no_others() -> None:
    for name in ci_notes.__all__:
        assert getattr(ci_notes, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = ci_notes.lode
    assert ci_notes.load(rich_note()).id == "note-1"


def test_data_folders_are_found() -> None:
    assert (_data.folder("templates") / "_elements").is_dir()
