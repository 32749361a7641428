"""The checks as a Spark job: row by row the findings that `ci-notes check --format jsonl` gives of the same records."""
# ruff: noqa: PLC0415  the extra may be missing

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from running import run_program

from ci_notes import load, render, to_fhir
from ci_notes.series import MOST_EARLIER

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "templates").glob("*/examples/*.note.json"))
PREGNANCIES = sorted((ROOT / "tests/pregnancy").rglob("*.json"))
TODAY = date.today().isoformat()
BROKEN = [
    b"{", b"[1]", b'{"template": "none"}', b'{"a": 1, "a": 2}', b"\xff", b'{"x":' * 2000,
    b'{"resourceType": "Patient"}', b'{"template": "' + b"a" * 5000 + b'"}', b'{"template": "ultrasound", "id": NaN}',
]  # fmt: skip

Found = Counter[str]


def compact(path: Path) -> bytes:
    return json.dumps(json.loads(path.read_bytes()), ensure_ascii=False, separators=(",", ":")).encode()


def crowd(number: int) -> Iterator[bytes]:
    """Yield drafts and signed notes of one placeholder, a few of one moment, with lengths that fall and rise."""
    data = json.loads((ROOT / "templates/ultrasound/examples/short.note.json").read_bytes())
    data["patient"] = {"pseudonym": "unknown"}
    for one in range(number):
        scan = {**data["ultrasound"], "lengths": [{"id": "m1", "length": 20 + one * 7 % 13}]}
        status = "draft" if one % 4 == 0 else "final"
        day = f"2026-03-{one // 3 + 1:02}T10:00:00Z"
        yield json.dumps({**data, "id": f"n{one}", "date": day, "status": status, "ultrasound": scan}).encode()


def void(paths: Iterable[Path]) -> Iterator[bytes]:
    """Yield notes once more, under other ids, as entered in error."""
    for path in paths:
        data = json.loads(path.read_bytes())
        yield json.dumps({**data, "id": f"{data['id']}-void", "status": "entered-in-error"}).encode()


def ours(note: Path) -> bytes:
    read = load(note)
    return json.dumps(to_fhir(read, render(read))).encode()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every example, every pregnancy in no order, a bundle, empty and broken lines."""
    lines = [*map(compact, EXAMPLES), b"", *BROKEN, b"  ", *map(compact, reversed(PREGNANCIES)), ours(EXAMPLES[0])]
    lines += [*crowd(MOST_EARLIER + 5), *void(PREGNANCIES)]
    path = tmp_path_factory.mktemp("year") / "the year.ndjson"
    path.write_bytes(b"\n".join(lines))
    return path


def of_this_machine(*paths: Path, **how: str) -> Found:
    options = [text for name, value in how.items() for text in (f"--{name}", value)]
    ran = run_program("check", *paths, "--format", "jsonl", *options)
    return counted(one for one in map(json.loads, ran.out.splitlines()) if one["type"] == "finding")


def counted(findings: Iterable[dict[str, Any]]) -> Found:
    """Count findings, each as text without what is empty."""
    return Counter(
        json.dumps({key: value for key, value in one.items() if value is not None and key != "type"}, sort_keys=True)
        for one in findings
    )


def of_rows(rows: Iterable[Any]) -> Found:
    return counted(row.asDict(recursive=True) for row in rows)


def same(found: Found, expected: Found) -> None:
    assert sum(expected.values()) > 0
    assert sorted((expected - found).elements())[:3] == []
    assert sorted((found - expected).elements())[:3] == []


def test_the_findings_are_those_of_this_machine_row_by_row(spark: Any, year: Path) -> None:
    from ci_notes.spark import checked, reading

    lines = reading.lines(spark, [str(year)])
    found = checked(lines, today=TODAY, file="file", line="line").collect()
    expected = of_this_machine(year)
    same(of_rows(found), expected)
    assert sum('"unreadable"' in one for one in expected) >= len(BROKEN)
    assert any('"D101"' in one or '"D1' in one for one in expected), "nothing was held against an earlier note"


def test_a_number_of_many_patients_makes_no_pairs_of_all_their_notes(spark: Any) -> None:
    from pyspark.sql import functions as f

    from ci_notes.spark import checking

    job = checking._Job(checking.Looking("parquet", TODAY), "", ())
    rows = [{"file": "", "line": number, "note": note, "fault": ""} for number, note in enumerate(crowd(90), 1)]
    read = spark.createDataFrame(rows, "file string, line long, note binary, fault string")
    beside = checking._with_those_before(read.mapInArrow(job.read, checking.struct(checking.NOTES)))
    held = beside.select(f.max(f.size("before")).alias("most")).collect()[0]["most"]
    assert held <= 2 * MOST_EARLIER, "signed notes and drafts"


def test_two_processes_check(spark: Any, year: Path) -> None:
    from ci_notes.spark import reading

    def who(batches: Any) -> Any:
        import pyarrow as pa

        for one in batches:
            yield pa.RecordBatch.from_pylist([{"process": os.getpid(), "rows": one.num_rows}])

    rows = reading.lines(spark, [str(year)]).repartition(4).mapInArrow(who, "process long, rows long").collect()
    processes = {row["process"] for row in rows}
    assert len(processes) >= 2
    assert os.getpid() not in processes


def test_lines_are_numbered_across_the_pieces_of_a_file(spark: Any, year: Path) -> None:
    from ci_notes.spark import reading

    found = reading.lines(spark, [str(year)])
    assert found.rdd.getNumPartitions() > 1
    lines = year.read_bytes().split(b"\n")
    rows = {row["line"]: bytes(row["note"]) for row in found.collect()}
    assert rows == {number: line for number, line in enumerate(lines, 1) if line.strip()}
    assert {row["file"] for row in found.select("file").distinct().collect()} == {str(year)}


def test_files_of_every_kind_are_read_as_on_this_machine(spark: Any, tmp_path: Path) -> None:
    from ci_notes.spark import checked, reading

    (tmp_path / "a.note.json").write_bytes(EXAMPLES[0].read_bytes())
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(b"\n".join([*map(compact, EXAMPLES[1:4]), b"{"])))
    (tmp_path / "c.json").write_bytes(b"\xff")
    (tmp_path / "d.note.yaml").write_text("template: ultrasound\nid: d\n")
    files = reading.files(spark, [str(tmp_path)])
    found = checked(files, today=TODAY, file="file", line="line", fault="fault").collect()
    same(of_rows(found), of_this_machine(*sorted(tmp_path.iterdir())))


def test_a_folder_is_read_by_the_names_in_it_and_a_named_file_whatever_it_is_called(spark: Any, tmp_path: Path) -> None:
    from ci_notes.spark import reading

    folder = tmp_path / "notes"
    (folder / "below").mkdir(parents=True)
    for name in ("a.note.json", "a.bundle.json", "a.txt", "below/b.bundle.json"):
        (folder / name).write_bytes(compact(EXAMPLES[0]))
    alone = tmp_path / "c.sent"
    alone.write_bytes(compact(EXAMPLES[1]))
    found = {row["file"] for row in reading.files(spark, [str(folder), str(alone)]).collect()}
    assert found == {str(folder / "a.note.json"), str(folder / "below/b.bundle.json"), str(alone)}


def test_what_is_no_note_in_a_folder_or_an_archive_is_passed_over_as_on_this_machine(
    spark: Any, tmp_path: Path
) -> None:
    from ci_notes.spark import checked, reading

    others = {"package.json": b'{"name": "x"}', "theirs.json": b'{"resourceType": "Patient"}', "broken.json": b"{"}
    archived, kept = ({"x.note.json": compact(one), "x.bundle.json": ours(one), **others} for one in EXAMPLES[:2])
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, content in archived.items():
            archive.writestr(name, content)
    (tmp_path / "below").mkdir()
    for name, content in kept.items():
        (tmp_path / "below" / name).write_bytes(content)
    files = reading.files(spark, [str(tmp_path)])
    found = checked(files, today=TODAY, file="file", line="line", fault="fault").collect()
    same(of_rows(found), of_this_machine(tmp_path))
    assert {row["file"] for row in found if row["rule"] == "unreadable"} == {
        str(tmp_path / "below" / "broken.json"),
        f"{tmp_path / 'all.zip'}: broken.json",
    }


def test_a_table_without_names_gives_the_same_ids(spark: Any) -> None:
    from ci_notes.spark import checked

    notes = [(compact(path).decode(),) for path in EXAMPLES]
    rows = checked(spark.createDataFrame(notes, "body string"), today=TODAY, note="body").collect()
    lines = (json.loads(one) for path in EXAMPLES for one in of_this_machine(path).elements())
    together = {one["id"] for one in lines if not one["rule"].startswith("D1")}
    assert together <= {row["id"] for row in rows}
    assert not [row for row in rows if row["rule"] == "unreadable"]


@pytest.mark.parametrize("jurisdiction", ["UK", "US"])
def test_notes_alone_and_by_other_guidelines(spark: Any, tmp_path: Path, jurisdiction: str) -> None:
    from ci_notes.spark import checked, reading

    path = tmp_path / "one.ndjson"
    path.write_bytes(compact(ROOT / "templates/assessment/examples/sparse.note.json"))
    for together in (True, False):
        lines = reading.lines(spark, [str(path)])
        found = checked(lines, today=TODAY, jurisdiction=jurisdiction, file="file", line="line", together=together)
        same(of_rows(found.collect()), of_this_machine(path, jurisdiction=jurisdiction))


def test_a_day_that_is_none_is_refused(spark: Any) -> None:
    from ci_notes.errors import InputError
    from ci_notes.spark import checked

    with pytest.raises(InputError, match="«soon» is no day"):
        checked(spark.createDataFrame([("{}",)], "note string"), today="soon")


def submitted(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ci_notes.spark", *map(str, arguments)],
        capture_output=True, text=True, timeout=300, check=False, cwd=ROOT, env={**os.environ, "MASTER": "local[2]"},
    )  # fmt: skip


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("form", ["parquet", "ndjson"])
def test_the_command_writes_what_this_machine_finds(spark: Any, year: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "findings"
    ran = submitted(year, "-o", out, "--output-format", form, "--today", TODAY, "--fail-on", "error")
    assert ran.returncode == 1, ran.stderr[-2000:]
    assert "records that could not be read: 9" in ran.stderr
    read = spark.read.parquet if form == "parquet" else spark.read.json
    same(of_rows(read(str(out)).collect()), of_this_machine(year))
    if form == "parquet":
        again = submitted(year, "-o", out, "--output-format", form)
        assert again.returncode == 2
        assert "Traceback" not in again.stderr
        assert "ci-notes: " in again.stderr


@pytest.mark.parametrize(
    "program",
    [
        "from ci_notes.spark.__main__ import main; main()",
        "from ci_notes.errors import InputError\ntry:\n from ci_notes.spark import checked\n"
        "except InputError as error:\n sys.exit(f'ci-notes: {error}')",
    ],
)
def test_without_the_extra_it_is_said_how_to_get_it(program: str) -> None:
    without = f"import sys; sys.modules['pyspark'] = None\n{program}"
    ran = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode != 0
    said = "ci-notes: the Spark job needs pyspark, which is not installed: pip install 'ci-notes[spark]'"
    assert ran.stderr.strip() == said
