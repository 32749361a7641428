"""Notes come out as they were put in, whatever they are packed in; what cannot be read is said with its place."""

import gzip
import io
import itertools
import json
import random
import resource
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import zstandard
from bounded import at_most
from hypothesis import given, settings
from hypothesis import strategies as st

from ci_notes.errors import InputError
from ci_notes.series import MOST_EARLIER, Series
from ci_notes.submissions import LARGEST, Submission, named, submissions
from ci_notes.submissions.spool import Spool

NOTES = [b'{"id": "one"}', b'{"id": "two", "remark": "gr\xc3\xb6\xc3\x9fer"}', b'{"id": "three"}']


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, content in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return held.getvalue()


def read(path: Path) -> list[Submission]:
    return list(submissions([str(path)]))


def contents(path: Path) -> list[bytes]:
    return [one.content for one in read(path)]


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": lambda raw: raw, ".gz": gzip.compress, ".zst": zstandard.compress
}  # fmt: skip


@pytest.mark.parametrize("ending", PACKED)
@given(st.lists(st.sampled_from(NOTES), min_size=1, max_size=8), st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\n\x1e"]))
def test_each_line_comes_out_with_its_number(tmp_path: Path, ending: str, notes: list[bytes], parted: bytes) -> None:
    path = tmp_path / f"notes.ndjson{ending}"
    path.write_bytes(PACKED[ending](parted.join(notes) + parted))
    found = read(path)
    assert [one.content for one in found] == notes
    step = parted.count(b"\n")
    assert [one.line for one in found] == [1 + step * number for number in range(len(notes))]
    assert found[0].place == f"{path}, line 1"


@pytest.mark.parametrize("ending", PACKED)
def test_a_document_comes_out_whole_on_however_many_lines(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.note.json{ending}"
    path.write_bytes(PACKED[ending](b'{\n "id":\n "one"}\n'))
    (found,) = read(path)
    assert (found.content, found.line, found.place) == (b'{\n "id":\n "one"}\n', 0, str(path))


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_gives_what_is_in_it(tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]) -> None:
    files = {"a.json": NOTES[0], "b/c.ndjson": b"\n".join(NOTES[1:]), "d.json.gz": gzip.compress(NOTES[0])}
    path = tmp_path / "all.packed"
    path.write_bytes(pack(files))
    assert contents(path) == [*NOTES, NOTES[0]]
    assert [one.place for one in read(path)][:2] == [f"{path}: a.json", f"{path}: b/c.ndjson, line 1"]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_an_archive_may_be_compressed(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"all.tar{ending}"
    path.write_bytes(PACKED[ending](tarred({"a.json": NOTES[0], "b.json": NOTES[1]})))
    assert contents(path) == NOTES[:2]


def test_what_is_packed_twice_is_said(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(zipped({"inner.zip": zipped({"a.json": NOTES[0]}), "b.json": NOTES[1]}))
    first, second = read(path)
    assert "unpack it first" in first.fault
    assert first.place == f"{path}: inner.zip"
    assert second.content == NOTES[1]


def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        link = tarfile.TarInfo("secret.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    path = tmp_path / "a.tar"
    path.write_bytes(held.getvalue())
    (found,) = read(path)
    assert "link" in found.fault
    assert not found.content


@pytest.mark.parametrize("cut", [1, 20, 60])
@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_what_stands_before_the_damage_is_read(tmp_path: Path, ending: str, cut: int) -> None:
    path = tmp_path / f"notes.ndjson{ending}"
    lines = [b'{"id": "%d", "remark": "%s"}' % (number, bytes(range(65, 91)) * 40) for number in range(2000)]
    raw = PACKED[ending](b"\n".join(lines))
    path.write_bytes(raw[: len(raw) * (100 - cut) // 100])
    *before, last = read(path)
    assert [one.content for one in before] == lines[: len(before)]
    assert "damaged" in last.fault or last.content == lines[len(before)][: len(last.content)]


@pytest.mark.parametrize("share", [3, 50, 90, 99])
def test_of_a_gzip_that_was_cut_off_each_whole_line_is_read_and_the_broken_one_named(
    tmp_path: Path, share: int
) -> None:
    path = tmp_path / "notes.ndjson.gz"
    noise = random.Random(share)
    lines = [b'{"id": "%d", "remark": "%s"}' % (number, noise.randbytes(900).hex().encode()) for number in range(400)]
    raw = gzip.compress(b"\n".join(lines) + b"\n")
    path.write_bytes(raw[: len(raw) * share // 100])
    whole = zlib.decompressobj(31).decompress(path.read_bytes()).count(b"\n")
    *before, last = read(path)
    assert [one.content for one in before] == lines[:whole]
    assert whole > 0
    assert (last.line, last.fault) == (whole + 1, "is damaged from here on (its end is missing); send it again")


def framed(lines: list[bytes]) -> bytes:
    """Pack lines with zstd as a program does that writes as it goes: in frames that do not say how much they hold."""
    parts = (b"".join(line + b"\n" for line in lines[at : at + 150]) for at in range(0, len(lines), 150))
    return b"".join(zstandard.ZstdCompressor(write_content_size=False).compress(part) for part in parts)


@pytest.mark.parametrize("cut", [1, 5, 300, 50_000])
def test_a_zstd_that_was_cut_off_never_passes_for_a_whole_one(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "notes.ndjson.zst"
    noise = random.Random(cut)
    lines = [b'{"id": "%d", "remark": "%s"}' % (number, noise.randbytes(900).hex().encode()) for number in range(400)]
    raw = framed(lines)
    path.write_bytes(raw)
    assert contents(path) == lines
    path.write_bytes(raw[:-cut])
    *before, last = read(path)
    assert [one.content for one in before] == lines[: len(before)]
    assert (last.line, last.fault) == (len(before) + 1, "is damaged from here on (its end is missing); send it again")


def test_a_zstd_that_swells_is_unpacked_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "notes.ndjson.zst"
    path.write_bytes(zstandard.ZstdCompressor(level=19).compress(b"\0" * (1 << 28)))
    tracemalloc.start()
    *_, last = read(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert last.fault
    assert most < 200 << 20


@pytest.mark.parametrize("ending", [".tar", ".tar.gz"])
def test_an_archive_that_was_cut_off_gives_the_files_before_the_damage(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"all{ending}"
    noise = random.Random(1)
    many = b"\n".join(b'{"id": "%s"}' % noise.randbytes(450).hex().encode() for _ in range(400))
    held = tarred({"a.json": NOTES[0], "b.ndjson": many, "c.json": NOTES[1]})
    cut_off = held[: 1024 + 512 + len(many) // 2]
    path.write_bytes(gzip.compress(held, compresslevel=1)[: len(held) // 4] if ending == ".tar.gz" else cut_off)
    first, *lines, last = [one for one in read(path) if one.name != str(path)]
    assert first.content == NOTES[0]
    there = cut_off if ending == ".tar" else zlib.decompressobj(31).decompress(path.read_bytes())
    assert [one.content for one in lines] == many.split(b"\n")[: len(lines)]
    assert len(lines) >= there[1536:].count(b"\n") - 1
    assert (last.name, last.line) == (f"{path}: b.ndjson", len(lines) + 1)
    assert "damaged" in last.fault


@pytest.mark.parametrize("raw", [b"\x1f\x8b\x08rubbish", b"PK\x03\x04rubbish", b"\x28\xb5\x2f\xfdrubbish", b""])
def test_rubbish_is_a_record_with_a_fault(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "notes.json"
    path.write_bytes(raw)
    (found,) = read(path)
    assert found.fault
    assert not found.content


def test_a_file_that_is_not_there_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    there = tmp_path / "a.json"
    there.write_bytes(NOTES[0])
    first, second = submissions([str(tmp_path / "none.json"), str(there)])
    assert "cannot be read: no such file" in first.fault
    assert second.content == NOTES[0]


def test_folders_and_patterns_give_their_files_in_order(tmp_path: Path) -> None:
    for name in ("b/2.json", "b/1.note.yaml", "a.ndjson.gz", "c.txt", "b/3.json.zst", "z.tgz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [str(Path(one).relative_to(tmp_path)) for one in named([str(tmp_path)])]
    assert names == ["a.ndjson.gz", "z.tgz", "b/1.note.yaml", "b/2.json", "b/3.json.zst"]
    assert [Path(one).name for one in named([str(tmp_path / "**" / "*.json")])] == ["2.json"]
    with pytest.raises(InputError, match=r"no file is called .*\*\.xml"):
        list(named([str(tmp_path / "*.xml")]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="folder without notes"):
        list(named([str(tmp_path / "empty")]))


@pytest.mark.parametrize(("raw", "lines"), [(b"\n".join(NOTES), [1, 2, 3]), (b'{\n"id": "one"}', [0])])
def test_standard_input_says_by_its_first_line_what_it_is(
    raw: bytes, lines: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(raw))))
    found = list(submissions(["-"]))
    assert [one.line for one in found] == lines
    assert found[0].place.startswith("standard input")


def test_a_line_without_end_takes_neither_memory_nor_the_lines_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "notes.ndjson.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(NOTES[0] + b"\n")
        for _ in range(150):
            file.write(b"[" * (1 << 20))
        file.write(b"\n" + NOTES[1])
    first, second, third = read(path)
    assert (first.content, third.content, third.line) == (NOTES[0], NOTES[1], 3)
    assert "too large" in second.fault
    assert second.line == 2


def test_a_bomb_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "bomb.ndjson.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(400):
            file.write(bytes(1 << 20))
    program = (
        "import sys; from ci_notes.submissions import submissions\n"
        "print(*(one.fault for one in submissions(sys.argv[1:])), sep='|')"
    )

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (400_000_000, 400_000_000))

    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, preexec_fn=little, check=False)
    assert done.stdout.strip().split("|")[0].startswith("is too large"), done.stderr
    assert "so the rest of the file is not read" in done.stdout


def test_one_document_that_is_too_large_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b" " * (LARGEST + 1))
    (found,) = read(path)
    assert "at most 32 MB" in found.fault


def test_without_zstd_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json.zst"
    path.write_bytes(zstandard.compress(NOTES[0]))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    (found,) = read(path)
    assert "pip install 'ci-notes[bulk]'" in found.fault


def test_of_a_note_that_was_sent_twice_the_later_record_counts() -> None:
    spool = Spool()
    for number in range(12):
        day = "2026-11-04" if number == 11 else "2026-11-03"
        note = {"id": "a" if number in (1, 10) else f"b{number}", "date": f"{day}T10:00:00+00:00", "status": "final"}
        note |= {"patient": {"pseudonym": "p"}, "pregnancy": {"edd": "2027-03-08"}}
        spool.add(Submission("notes.ndjson", number + 1, json.dumps(note).encode()), note)
    *_, last = spool
    lines = [one.record.line for one in spool.before(last)]
    spool.close()
    assert 11 in lines
    assert 2 not in lines


HALF_DAY = timedelta(hours=12)
PAIR = {"identifier_system": "https://hospital.example", "identifier": "1"}
_MOMENT = st.datetimes(
    datetime(2026, 1, 1), datetime(2026, 1, 3), timezones=st.sampled_from([UTC, timezone(-HALF_DAY)])
)


@settings(max_examples=50)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.sampled_from("abcdefgh"),
                "date": _MOMENT.map(lambda one: one.replace(minute=0, second=0).isoformat()),
                "status": st.sampled_from(["draft", "final", "amended", "entered-in-error"]),
                "patient": st.sampled_from(
                    [{"pseudonym": "p"}, {"pseudonym": "q"}, PAIR, PAIR | {"pseudonym": "p"}, {}]
                ),
                "pregnancy": st.sampled_from([{}, {"edd": "2026-10-08"}]),
            }
        ),
        max_size=12,
    ),
    st.integers(1, 4),
)
def test_the_notes_before_one_are_those_that_a_series_has(notes: list[dict[str, Any]], most: int) -> None:
    spool, beside = Spool(), Series()
    with pytest.MonkeyPatch.context() as patch, closing(spool):
        patch.setattr("ci_notes.series.MOST_EARLIER", most)
        patch.setattr("ci_notes.submissions.spool.MOST_EARLIER", most)
        for number, note in enumerate(notes, 1):
            spool.add(Submission("notes.ndjson", number, json.dumps(note).encode()), note)
            beside.add(f"{number:012}", note)
        for kept, note in zip(list(spool), notes, strict=True):
            assert [one.record.line for one in spool.before(kept)] == [int(at) for at in beside.before(note)]


def test_notes_under_one_number_are_looked_at_in_a_time_that_does_not_grow_with_them() -> None:
    note = {"status": "final", "patient": {"pseudonym": "unknown"}}
    spool = Spool()
    with closing(spool):
        for number in range(20_000):
            day = f"2026-03-{number % 28 + 1:02}T10:00:{number % 60:02}Z"
            data = note | {"id": f"n{number}", "date": day}
            spool.add(Submission("notes.ndjson", number + 1, json.dumps(data).encode()), data)
        with at_most(10, "half a second in fact; each against all others takes minutes"):
            held = [len(spool.before(kept)) for kept in itertools.islice(spool, 500)]
    assert max(held) == MOST_EARLIER
    assert spool.crowded > 400


def test_notes_of_one_id_are_looked_at_in_a_time_that_does_not_grow_with_them() -> None:
    spool = Spool()
    with closing(spool):
        with at_most(20, "a second or two in fact; all others each time takes minutes"):
            for number in range(20_000):
                content = f'{{"id": "1", "number": {number}}}'.encode()
                spool.add(Submission("notes.ndjson", number + 1, content), {"id": "1"})
                held = spool.of_id("1", content) or []
        assert [json.loads(one.record.content)["number"] for one in held] == [*range(8)]
        assert spool.of_id("1", b'{"id": "1", "number": 7}') is None
