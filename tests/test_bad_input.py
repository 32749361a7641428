"""Whatever is sent, a run ends in time, with a sentence for what cannot be read, and checks the notes beside it."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tiny
from running import run_program

GOOD = (Path(__file__).parents[1] / "templates/ultrasound/examples/short.note.json").read_bytes()
LINE = json.dumps(json.loads(GOOD)).encode()
DEEP = 1_000_000
MB, GB = 1 << 20, 1 << 30

# Seconds of processor and megabytes of memory of a whole run, its start and its templates among them.
SECONDS, MEGABYTES = 30, 600

PROGRAM = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
resource.setrlimit(resource.RLIMIT_AS, ({3 * GB}, {3 * GB}))
from ci_notes.cli import main
try:
    main()
finally:
    with open("/proc/self/status") as status:  # getrusage would tell of the process that began this one
        peak = next(line for line in status if line.startswith("VmHWM"))
    print("\\nMB", int(peak.split()[1]) // 1024, file=sys.stderr)
"""


@dataclass(frozen=True)
class Measured:
    """How a run in a process of its own ended, what it wrote, and the most memory it had (MB)."""

    code: int
    out: str
    err: str
    megabytes: int

    @property
    def findings(self) -> list[dict[str, Any]]:
        return [one for one in map(json.loads, self.out.splitlines()) if one["type"] == "finding"]

    @property
    def summary(self) -> dict[str, Any]:
        return dict(json.loads(self.out.splitlines()[-1]))


def measured(*arguments: str | Path, stdin: Iterable[bytes] = ()) -> Measured:
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin
        try:
            for piece in stdin:
                process.stdin.write(piece)
        except BrokenPipeError:
            pass
        out, err = process.communicate(timeout=300)
    said, _, memory = err.decode().rpartition("\nMB ")
    assert memory, f"the run was ended: {err.decode()[-2000:]}"
    assert "Traceback" not in said
    return Measured(process.returncode, out.decode(), said, int(memory))


def nothing_else_suffered(ran: Measured, notes: int) -> None:
    """Hold a run over some good notes and something bad to what a run must be."""
    assert ran.code == 2
    assert ran.summary["notes"] == notes
    assert ran.megabytes < MEGABYTES
    unread = [one for one in ran.findings if one["rule"] == "unreadable"]
    assert len(unread) == ran.summary["unreadable"] > 0
    assert all(one["message"] and one["file"] for one in unread)


# --- what is long, deep or wide ------------------------------------------------------------------------------------

INSIDE = b'{"template": "assessment", "history": %s}'
WIDE = b'{"resourceType": "Bundle", "entry": [' + b"{}," * 10_000_000 + b"{}]}"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "lists.json": (lambda: INSIDE % (b"[" * DEEP + b"]" * DEEP), "at most 60 levels"),
    "groups.json": (lambda: INSIDE % (b'{"a": ' * DEEP + b"1" + b"}" * DEEP), "at most 60 levels"),
    "open.json": (lambda: b"[" * DEEP, "at most 60 levels"),
    "lists.yaml": (lambda: b"template: assessment\nhistory: " + b"[" * DEEP, "line 2: is nested too deeply"),
    "rows.yaml": (lambda: b"template: assessment\nhistory:\n" + b"- " * DEEP, "line 3: is nested too deeply"),
    "wide.json": (lambda: INSIDE % (b"[" + b"{}," * 2_600_000 + b"1]"), "more than 10,000 values"),
    "wide.yaml": (lambda: b"template: assessment\nhistory:\n" + b"- 1\n" * 2_000_000, "more than 10,000 values"),
    "names.json": (
        lambda: b'{"template": "assessment"' + b"".join(b', "n%d": 1' % n for n in range(500_000)) + b"}",
        "more than 10,000 values",
    ),
    "bundle.json": (lambda: WIDE, "more than 1,000,000 values"),
    "digits.json": (lambda: INSIDE % (b"9" * 5_000_000), "a number of 5000000 digits"),
    "large.json": (lambda: INSIDE % (b'"' + b"x" * 33_000_000 + b'"'), "at most 32 MB"),
    "bomb.yaml": (
        lambda: b"a: &a [x, x]\n" + b"".join(b"b%d: &b%d [*a, *a]\n" % (n, n) for n in range(99)),
        "line 1: uses an alias",
    ),
    "latin.json": (lambda: b'{"template": "assessment",\n "id": "\xfc"}', "byte 0xfc in line 2"),
    "twice.json": (lambda: b'{"template": "assessment", "id": "a", "id": "b"}', "twice in one place"),
    "twice.yaml": (lambda: b"template: assessment\nid: a\nid: b\n", "twice in one place"),
    "long.json": (lambda: json.dumps({"template": "a" * 5000}).encode(), "there is no template «aaa"),
    "path.json": (lambda: json.dumps({"template": "../" * 5000}).encode(), "a template is named by its id"),
    "nan.json": (lambda: INSIDE % b'{"gravida": NaN}', "holds NaN"),
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """One run over a folder with all of them and a note before, among and after them."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, (made, _) in HOSTILE.items():
        (folder / name).write_bytes(made())
    for name in ("a.json", "n.json", "z.json"):
        (folder / name).write_bytes(GOOD)
    return measured("check", folder, "--format", "jsonl")


def test_the_run_goes_on_whatever_stands_in_a_folder(hostile: Measured) -> None:
    nothing_else_suffered(hostile, notes=3)
    assert hostile.summary["unreadable"] == len(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_said_with_its_place(hostile: Measured, name: str) -> None:
    (complaint,) = (line for line in hostile.err.splitlines() if f"/{name}" in line)
    assert HOSTILE[name][1] in complaint
    assert len(complaint) < 500


@pytest.mark.parametrize("verb", ["render", "fhir", "import", "lint", "deidentify"])
@pytest.mark.parametrize("name", ["lists.json", "open.json", "rows.yaml", "wide.json", "wide.yaml", "bundle.json"])
def test_every_verb_refuses_it_in_a_sentence(tmp_path: Path, verb: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[name][0]())
    ran = measured(verb, path)
    assert (ran.code == 2 and len(ran.err) < 500) or (verb == "lint" and ran.code == 1)
    assert ran.megabytes < MEGABYTES


def long_line() -> Iterator[bytes]:
    yield LINE + b"\n"
    piece = b"x" * MB
    for _ in range(2 * GB // MB):
        yield piece
    yield b"\n" + LINE + b"\n"


def test_a_line_of_two_gigabytes_is_passed_over() -> None:
    ran = measured("check", "-", "--format", "jsonl", stdin=long_line())
    nothing_else_suffered(ran, notes=2)
    (unread,) = (one for one in ran.findings if one["rule"] == "unreadable")
    assert (unread["file"], unread["line"]) == ("-", 2)
    assert "is too large" in unread["message"]
    assert ran.megabytes < 300


# --- what unpacks to more than it is -------------------------------------------------------------------------------


def gzipped(path: Path, *pieces: tuple[bytes, int]) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for piece, times in pieces:
            for _ in range(times):
                file.write(piece)


def tarred(path: Path, *files: tuple[str, bytes | int]) -> None:
    """Write a tar with gzip; of a number of bytes in place of a content, each is zero."""
    with gzip.open(path, "wb", compresslevel=1) as packed, tarfile.open(fileobj=packed, mode="w|") as archive:
        for name, content in files:
            about = tarfile.TarInfo(name)
            about.size = content if isinstance(content, int) else len(content)
            archive.addfile(about, Zeros() if isinstance(content, int) else io.BytesIO(content))


class Zeros(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        return bytes(size)


def zipped(path: Path, *files: tuple[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files:
            archive.writestr(name, content)


BOMBS: dict[str, tuple[Callable[[Path], None], int, str]] = {
    "a line without end": (
        lambda folder: gzipped(folder / "b.ndjson.gz", (LINE + b"\n", 1), (b"[" * MB, 1500)),
        2,
        "the rest of the file is not read",
    ),
    "empty lines": (
        lambda folder: gzipped(folder / "b.ndjson.gz", (LINE + b"\n", 1), (b"\n" * MB, 1500)),
        2,
        "the rest of the file is not read",
    ),
    "a document": (lambda folder: gzipped(folder / "b.json.gz", (b" " * MB, 1500)), 1, "at most 32 MB"),
    "a large file in a tar": (
        lambda folder: tarred(folder / "b.tgz", ("a.json", GOOD), ("b.json", GB), ("c.json", GOOD)),
        2,
        "the rest of it is not read",
    ),
    "a file that is no note": (
        lambda folder: tarred(folder / "b.tgz", ("a.json", GOOD), ("b.bin", GB), ("c.json", GOOD)),
        2,
        "the rest of it is not read",
    ),
    "a large file in a zip": (
        lambda folder: zipped(folder / "b.zip", ("a.json", bytes(200 * MB)), ("b.json", GOOD)),
        2,
        "at most 32 MB",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_takes_neither_memory_nor_the_other_notes(tmp_path: Path, bomb: str) -> None:
    write, notes, said = BOMBS[bomb]
    write(tmp_path)
    (tmp_path / "z.json").write_bytes(GOOD)
    ran = measured("check", tmp_path, "--format", "jsonl")
    nothing_else_suffered(ran, notes)
    assert said in ran.err
    assert ran.megabytes < 300


# --- notes of another version --------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["99.7.0", "0.0.1", "1", "newest", "0.2.0+nowhere.9"])
def test_a_note_of_an_unknown_version_is_read_and_said_to_be_one(tmp_path: Path, version: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({**json.loads(GOOD), "version": version, "unheard_of": {"a": 1}}))
    ran = run_program("check", path, "--format", "jsonl")
    found = [json.loads(one) for one in ran.out.splitlines()]
    assert ran.code in (0, 1)
    assert any(version in one.get("message", "") and one["rule"] == "version" for one in found)


# --- templates of others -------------------------------------------------------------------------------------------


def rule(when: str) -> Callable[[tiny.Pack], None]:
    return lambda pack: pack.rules["rules"].append(tiny.rule("T100", when))


def prose(text: str) -> Callable[[tiny.Pack], None]:
    def change(pack: tiny.Pack) -> None:
        pack.narrative += text

    return change


def element(**declared: Any) -> Callable[[tiny.Pack], None]:
    return lambda pack: pack.visit.update(declared)


def nested(inside: str, times: int = 9) -> str:
    return "{% for a in visit.items %}" * times + inside + "{% endfor %}" * times


def patterned(pattern: str) -> Callable[[tiny.Pack], None]:
    return element(word={"title": "Word", "type": "string", "pattern": pattern})


TEMPLATES: dict[str, tuple[Callable[[tiny.Pack], Any], str]] = {
    "a rule that reads a file": (rule("open('/etc/passwd')"), "there is no function «open»"),
    "a rule that loops": (rule("visit.length in range(1000000000)"), "there is no function «range»"),
    "a rule that is a statement": (rule("{% for x in visit.items %}"), "cannot read"),
    "a rule that reaches behind": (rule("visit.__class__.__mro__"), "there is no element"),
    "a rule that takes for ever to compute": (rule("visit.length < 9**9**9"), "a Pow cannot be used here"),
    "a rule that is nested": (rule("(" * 5000 + "visit.stitch" + ")" * 5000), "nested too deeply"),
    "a rule that denies": (rule("not " * 5000 + "visit.stitch"), "nested too deeply"),
    "a rule that goes on": (rule(" or ".join(["visit.stitch"] * 5000)), "nested too deeply"),
    "a number of thousands of digits": (rule("visit.length < " + "9" * 6000), "too many digits"),
    "a number beyond all": (rule("visit.length < 1e999"), "inf cannot be used here"),
    "facts in a circle": (
        lambda pack: pack.rules["facts"].update(a="facts.b > 1", b="facts.a > 1"), "there is no fact «b»",
    ),
    "computed in a circle": (
        element(
            a={"title": "A", "type": "integer", "readOnly": True, "x-ci": {"computed": "visit.b"}},
            b={"title": "B", "type": "integer", "readOnly": True, "x-ci": {"computed": "visit.a"}},
        ),
        "computed from one another in a circle",
    ),
    "a reference to a file elsewhere": (element(a={"$ref": "../../../etc/passwd.json#/$defs/a"}), "is no file of"),
    "a reference to a server": (element(a={"$ref": "http://127.0.0.1:1/a.json#/$defs/a"}), "is no file of _elements"),
    "a pattern that tries all ways": (patterned("^(a+)+$"), "pattern"),
    "a pattern with a way too many": (patterned(r"^\S*\S*\S*\S*b$"), "pattern"),
    "prose that reads a file": (prose('{% include "/etc/passwd" %}'), "there is no «/etc/passwd»"),
    "prose that counts": (prose("{% for i in range(1000000000) %}x{% endfor %}"), "«range» is not a section"),
    "prose that fills": (prose('{{ "{:9999999999}".format(1) }}'), "only macros can be called"),
    "prose that multiplies": (prose('{{ "a" * 999999999 }}'), "arithmetic belongs in a computed element"),
    "prose that is nested": (prose("{% if visit.seen %}" * 300 + "{% endif %}" * 300), "nested too deeply"),
    "prose in more loops than Python has": (prose(nested("", 25)), "nested too deeply"),
    "prose with a long number": (prose("{{ " + "9" * 6000 + " }}"), "too many digits"),
    "prose that reaches behind": (prose('{{ "".__class__.__mro__ }}'), "is not a section"),
}  # fmt: skip


def written(pack: tiny.Pack, root: Path) -> Path:
    """Write a pack and a note of it."""
    pack.write(root)
    note = tiny.visit_note(items=[{"id": f"i{n}", "size": 3} for n in range(40)])
    (root / "a.json").write_text(json.dumps(note))
    return root / "a.json"


@pytest.mark.parametrize("what", TEMPLATES)
def test_a_template_that_cannot_be_good_is_refused_and_other_notes_are_checked(tmp_path: Path, what: str) -> None:
    change, said = TEMPLATES[what]
    change(pack := tiny.Pack())
    note = written(pack, tmp_path)
    (tmp_path / "b.ndjson").write_bytes(note.read_bytes() + b"\n" + LINE)
    ran = run_program("check", tmp_path / "b.ndjson", "--format", "jsonl", "--templates", tmp_path)
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err) < 800
    assert json.loads(ran.out.splitlines()[-1])["notes"] == 1


PROSE: dict[str, tuple[str, str]] = {
    "prints on and on": (nested("{{ a.size }}"), "more than 200000 characters"),
    "loops and prints nothing": (nested("", 12), "more than 100000 passes"),
    "tests and prints nothing": (nested("{% if a.size is known %}{% endif %}"), "more than 100000 passes"),
    "loops in a macro": (
        "{% macro m(rows) %}" + nested("x").replace("visit.items", "rows") + "{% endmacro %}{{ m(visit.items) }}",
        "more than 100000 passes",
    ),
    "macros that call macros": (
        "{% macro a() %}" + "x" * 1000 + "{% endmacro %}{% macro b() %}" + "{{ a() }}" * 1000 + "{% endmacro %}"
        "{% macro c() %}" + "{{ b() }}" * 1000 + "{% endmacro %}{{ c() }}",
        "a macro of it printed more than 200000 characters",
    ),
    "a macro that calls itself": ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "calls itself without end"),
    "letters of a word": (
        "".join('{% for a in "' + "x" * 1000 + '" %}' for _ in range(3)) + "{% endfor %}" * 3,
        "more than 100000 passes",
    ),
    "includes itself": ('{% include "narrative.en.j2" %}', "more than 200000 characters"),
}


@pytest.mark.parametrize("what", PROSE)
def test_prose_without_end_is_given_up(tmp_path: Path, what: str) -> None:
    text, said = PROSE[what]
    prose(text)(pack := tiny.Pack())
    ran = run_program("render", written(pack, tmp_path), "--templates", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_what_a_pack_calls_in_its_macros_is_named(tmp_path: Path) -> None:
    pack = tiny.Pack()
    pack.narrative = '{% from "_macros/own.j2" import own %}' + pack.narrative + "{{ own() }}"
    note = written(pack, tmp_path)
    (tmp_path / "_macros").mkdir()
    (tmp_path / "_macros/own.j2").write_text('{% macro own() %}{{ "a".ljust(99999999999) }}{% endmacro %}')
    ran = run_program("check", note, "--templates", tmp_path)
    assert ran.code == 2
    assert "visit/_macros/own.j2: line 1: only macros can be called" in ran.err


@pytest.mark.parametrize("name", ["rules.yaml", "other.j2"])
def test_a_file_of_a_template_that_is_too_large_is_not_read(tmp_path: Path, name: str) -> None:
    note = written(tiny.Pack(), tmp_path)
    with (tmp_path / "visit" / name).open("ab") as file:
        file.truncate(6 * GB)
    ran = measured("check", note, "--templates", tmp_path)
    assert ran.code == 2
    assert f"{name} is too large for a file of a template" in ran.err
    assert ran.megabytes < 100


def test_an_alias_in_a_rule_file_is_refused(tmp_path: Path) -> None:
    note = written(tiny.Pack(), tmp_path)
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(99))
    (tmp_path / "visit/rules.yaml").write_text(bomb)
    ran = run_program("check", note, "--templates", tmp_path)
    assert "visit/rules.yaml, line 1: uses an alias or anchor" in ran.err
