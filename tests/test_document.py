"""Whatever file is handed in, it is read strictly or refused with its name, the place and what would be right."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from bounded import at_most
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import document, library
from ci_notes.errors import InputError


def refusal(raw: bytes, name: str = "visit.note.json") -> str:
    """Return the one sentence with which a document is refused."""
    with pytest.raises(InputError) as caught:
        document.read(raw, name)
    sentence = str(caught.value)
    assert name in sentence, "the message names the file"
    assert "\n" not in sentence, "the message is one line"
    assert len(sentence) < 400
    return sentence


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    """Hold every test here to a few seconds: what is refused is refused soon."""
    with at_most(20):
        yield


JSON = [
    (b'{"id": "n1",\n "status": }', "not JSON: line 2, column 12"),
    (b'{"id": "n1"', "not JSON: column"),
    (b'{"id": "n1"} {}', "not JSON: column 14"),
    (b"{'id': 'n1'}", "not JSON: column 2"),
    (b'{"length": NaN}', "NaN, which is no number"),
    (b'{"length": [1, Infinity]}', "Infinity, which is no number"),
    (b'{"length": -Infinity}', "-Infinity, which is no number"),
    (b'{"length": 1e999}', "too large a number"),
    (b'{"length": ' + b"9" * 5000 + b"}", "a number of 5000 digits; the most is 30"),
    (b'{"exam": {"dilation": 2, "dilation": 3}}', "«dilation» twice"),
    (b'{"id": "a", "id": "a"}', "«id» twice"),
    (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"a": ' + b"[" * 61 + b"]" * 61 + b"}", "nested too deeply; a note has at most 60 levels"),
    (b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}", "nested too deeply; a note has at most 60 levels"),
    (b"", "is empty"),
    (b" \n\t\n", "is empty"),
    (b"\xef\xbb\xbf", "is empty"),
    (b"\x1f\x8b\x08\x00\x00", "is compressed (gzip); unpack it first"),
    ('{"name":\n"Zoë"}'.encode("latin-1"), "not UTF-8 text: byte 0xeb in line 2"),
    ('{"name": "Zoë"}'.encode("utf-16"), "UTF-16"),
    ('{"name": "Zoe"}'.encode("utf-16-be"), "not JSON"),
    (b'{"name": "\x00"}', "not JSON"),
    (b'{"name": "\\ud800"}', "visit.note.json"),
]


@pytest.mark.parametrize(("raw", "sentence"), JSON, ids=[sentence for _, sentence in JSON])
def test_json_that_is_refused(raw: bytes, sentence: str) -> None:
    assert sentence in refusal(raw)


BILLION_LAUGHS = b"a: &a [lol]\n" + b"".join(
    b"%c: &%c [%s]\n" % (letter, letter, b", ".join([b"*%c" % (letter - 1)] * 10)) for letter in range(98, 110)
)
YAML = [
    (b"id: n1\nexam: [1, 2", "not YAML: line"),
    (b"id: n1\n  exam: 2\n", "not YAML: line 2"),
    (b"id: n1\n\tstatus: draft\n", "not YAML: line 2"),
    (b"id: n1\nname: !!python/object/apply:os.system [ls]\n", "line 2: has a tag"),
    (b"id: n1\nday: !!timestamp 2026-11-03\n", "line 2: has a tag"),
    (b"id: !local n1\n", "line 1: has a tag «!local»"),
    (b"id: &anchor n1\n", "line 1: uses an alias or anchor"),
    (b"id: n1\nother: *gone\n", "line 2"),
    (BILLION_LAUGHS, "line 1: uses an alias or anchor"),
    (b"id: n1\n---\nid: n2\n", "holds 2 YAML documents; one is wanted"),
    (b"# nothing but a remark\n", "holds 0 YAML documents"),
    (b"1: one\n", "line 1: has a key that is not text"),
    (b"id: n1\nexam:\n  true: 2\n", "line 3: has a key that is not text"),
    (b"? [a, b]\n: c\n", "has a key that is not text"),
    (b"id: n1\nid: n2\n", "«id» twice"),
    (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    (b"[" * 100_000, "nested too deeply"),
    (b"{a: " * 100_000, "nested too deeply"),
    (b"- " * 100_000, "nested too deeply"),
    (b"a:\n" + b"".join(b" " * depth + b"a:\n" for depth in range(1, 400)), "nested too deeply"),
    (b"", "is empty"),
    ("name: Zoë\n".encode("latin-1"), "not UTF-8 text: byte 0xeb in line 1"),
    ("name: Zoë\n".encode("utf-16"), "UTF-16"),
    (b"name: \x00\n", "not YAML"),
    (b"name: \x07\n", "not YAML"),
    (b'name: "\\ud800"\n', "visit.note.yaml"),
]


@pytest.mark.parametrize(("raw", "sentence"), YAML, ids=[sentence for _, sentence in YAML])
def test_yaml_that_is_refused(raw: bytes, sentence: str) -> None:
    assert sentence in refusal(raw, "visit.note.yaml")


@pytest.mark.parametrize("name", ["big.note.json", "big.note.yaml", "big"])
def test_file_of_a_hundred_megabytes_is_refused_without_being_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(InputError) as refused:
        library.read_data(path)
    sentence = str(refused.value)
    assert str(path) in sentence
    assert "at most 8 MB" in sentence
    assert "is 8 MB" not in sentence, "a file of 100 MB is not said to have 8"


def test_largest_document_allowed_is_read_and_one_byte_more_is_not() -> None:
    head = b'{"id": "'
    fits = head + b"x" * (document.LARGEST - len(head) - 2) + b'"}'
    assert len(document.read(fits, "n.json")["id"]) > 8_000_000
    assert "at most" in refusal(fits + b" ", "n.json")


@pytest.mark.parametrize(
    ("raw", "what"),
    [(b"[]", "a list"), (b"3", "a number"), (b'"text"', "text"), (b"true", "yes or no"), (b"null", "nothing")],
)
def test_document_that_is_no_note_says_what_it_is(tmp_path: Path, raw: bytes, what: str) -> None:
    (path := tmp_path / "n.json").write_bytes(raw)
    with pytest.raises(InputError) as refused:
        library.read_data(path)
    assert f"{path} is no note: it holds {what}, not a group of fields" in str(refused.value)


@pytest.mark.parametrize(
    "written",
    [
        "no",
        "yes",
        "on",
        "off",
        "NO",
        "y",
        "2026-11-03",
        "2026-11-03T14:20:00+01:00",
        "12:30",
        "1_000",
        "0x10",
        "0o17",
        "017",
        ".5",
        "5.",
        "1e3",
        ".inf",
        ".nan",
        "22w3d",
        "=",
        "<<",
        "'null'",
        "'12'",
        '"true"',
        "'-'",
    ],
)
def test_yaml_keeps_as_text_what_only_looks_like_something_else(written: str) -> None:
    read = document.read(f"answer: {written}\n".encode(), "n.yaml")
    assert read == {"answer": written.strip("'\"")}


@pytest.mark.parametrize(
    ("written", "value"),
    [("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("22", 22), ("-3", -3), ("24.5", 24.5)],
)
def test_yaml_reads_what_json_can_say(written: str, value: Any) -> None:
    read = document.read(f"answer: {written}\n".encode(), "n.yaml")["answer"]
    assert read == value
    assert type(read) is type(value)


def test_yaml_reads_lists_and_running_text() -> None:
    read = document.read(b"text: |\n  one\n  two\nnone: []\nempty: {}\nzero: 0\n", "n.yaml")
    assert read == {"text": "one\ntwo\n", "none": [], "empty": {}, "zero": 0}


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcß é_", max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(plain.map(lambda data: {"data": data}), st.booleans(), st.sampled_from(["n.json", "n", "standard input"]))
def test_any_json_comes_back_as_it_was_written(data: Any, as_ascii: bool, name: str) -> None:
    assert document.read(json.dumps(data, ensure_ascii=as_ascii).encode(), name) == data


printable = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"]), max_size=10)
without_floats = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | printable,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(printable, inner, max_size=4),
    max_leaves=20,
)


class WithoutAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  PyYAML's signature
        return True


@given(st.dictionaries(printable, without_floats, max_size=4))
def test_yaml_and_json_say_the_same(data: Any) -> None:
    written = yaml.dump(data, Dumper=WithoutAliases, allow_unicode=True)
    assert document.read(written.encode(), "n.yaml") == document.read(json.dumps(data).encode(), "n.json")


def refused(raw: bytes, name: str) -> str:
    """Return why a document is refused, or its name where it is read."""
    try:
        document.read(raw, name)
    except InputError as error:
        return str(error)
    return name


@given(st.binary(max_size=200), st.sampled_from(["n.json", "n.yaml", "n"]))
def test_any_bytes_are_read_or_refused_in_a_sentence(raw: bytes, name: str) -> None:
    assert refused(raw, name).startswith(name)


@given(st.text("{}[]:,-&*!|>'\"%@`#?~ \n\tab1.", max_size=60))
def test_any_punctuation_is_read_or_refused_in_a_sentence(text: str) -> None:
    for name in ("n.json", "n.yaml"):
        assert refused(text.encode(), name).startswith(name)


def test_name_tells_json_from_yaml_and_without_one_the_first_sign_does() -> None:
    assert document.read(b"id: n1", "n.yml") == document.read(b"id: n1", "standard input") == {"id": "n1"}
    assert document.read(b'\xef\xbb\xbf  {"id": "n1"}', "standard input") == {"id": "n1"}
    assert "not JSON" in refusal(b"id: n1", "n.json")
    assert document.read(b"{id: n1}", "n.yaml") == {"id": "n1"}
