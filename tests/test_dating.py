"""Due dates and gestational ages are counted in whole days, on every day and in every time zone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notes import bare_note

from ci_notes import dating, derive
from ci_notes.checks import check
from ci_notes.narrative import render
from ci_notes.template import Template

TEN_YEARS = [date(2019, 1, 1) + timedelta(days=number) for number in range(3653)]
ZONES = ["America/New_York", "Pacific/Kiritimati", "Australia/Sydney", "UTC"]


def gestation(weeks: int, extra: int) -> int:
    return 7 * weeks + extra


@pytest.mark.parametrize(
    ("lmp", "edd"), [("2025-01-01", "2025-10-08"), ("2024-02-29", "2024-12-05"), ("2023-02-28", "2023-12-05")]
)
def test_due_date_of_the_published_vectors(lmp: str, edd: str) -> None:
    assert dating.due_date(date.fromisoformat(lmp)) == date.fromisoformat(edd)


@pytest.mark.parametrize(
    ("day", "weeks", "extra"),
    [("2025-05-20", 19, 6), ("2025-06-18", 24, 0), ("2025-07-15", 27, 6), ("2025-09-10", 36, 0)],
)
def test_gestation_of_the_published_vectors(assessment: Template, day: str, weeks: int, extra: int) -> None:
    assert dating.gestation_on(date.fromisoformat(day), date(2025, 10, 8)) == gestation(weeks, extra)
    for dated_by in ({"lmp": "2025-01-01"}, {"edd": "2025-10-08"}):
        note = derive.note(assessment, bare_note(date=f"{day}T09:00:00Z", pregnancy=dated_by))
        assert note.record.values["pregnancy.ga"] == f"{weeks}w{extra}d"


def test_every_last_period_of_ten_years_is_280_days_before_its_due_date() -> None:
    for lmp in TEN_YEARS:
        edd = dating.due_date(lmp)
        assert (edd - lmp).days == 280
        assert [dating.gestation_on(lmp + timedelta(days=later), edd) for later in range(-2, 301)] == list(
            range(-2, 301)
        )


def test_every_last_period_of_ten_years_is_dated_to_the_day_in_a_note(assessment: Template) -> None:
    for number, lmp in enumerate(TEN_YEARS):
        later = number % 301
        day = lmp + timedelta(days=later)
        data = bare_note(date=f"{day}T23:59:00-11:00", pregnancy={"lmp": str(lmp)})
        record = derive.record(assessment, data)
        assert record.values["pregnancy.lmp_edd"] == str(lmp + timedelta(days=280))
        assert record.values["pregnancy.ga"] == f"{later // 7}w{later % 7}d"
        data["pregnancy"] = {"edd": record.values["pregnancy.lmp_edd"]}
        assert derive.record(assessment, data).values["pregnancy.ga"] == f"{later // 7}w{later % 7}d"


def test_gestation_advances_by_one_on_each_day_of_a_pregnancy_over_a_leap_day(assessment: Template) -> None:
    lmp = date(2023, 11, 20)
    ages = []
    for later in range(301):
        day = lmp + timedelta(days=later)
        data = bare_note(date=f"{day}T00:00:00+14:00", pregnancy={"lmp": str(lmp)})
        ages.append(derive.note(assessment, data).record.spans["pregnancy.ga"])
    assert ages == [(later, later) for later in range(301)]


def test_agreed_due_date_stands_before_the_last_period_and_the_stated_age(assessment: Template) -> None:
    pregnancy = {"lmp": "2026-06-01", "edd": "2027-03-01", "ga_stated": "10w0d"}
    seen = []
    for left_out in ("", "edd", "lmp", "ga_stated"):
        pregnancy.pop(left_out, None)
        seen.append(derive.note(assessment, bare_note(pregnancy=pregnancy)).record.values.get("pregnancy.ga"))
    assert seen == ["23w1d", "22w1d", "10w0d", None]


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


OFFSETS = ["Z", *(f"{sign}{hour:02}:{minute}" for sign in "+-" for hour in range(15) for minute in ("00", "30"))]


@pytest.mark.parametrize("clock", ["00:00:00", "00:30:00", "12:00:00", "23:59:59"])
def test_calendar_day_as_written_counts_whatever_the_offset_and_the_zone(
    assessment: Template, zone: str, clock: str
) -> None:
    for offset in OFFSETS:
        data = bare_note(date=f"2025-06-18T{clock}{offset}", pregnancy={"lmp": "2025-01-01"})
        note = derive.note(assessment, data)
        assert not note.problems
        assert note.record.values["pregnancy.ga"] == "24w0d", (zone, offset)
        fires = {one.rule for one in check(note, today="2025-06-18") if one.outcome == "found"}
        assert "R013" not in fires, "a note of today is not in the future"


@pytest.mark.parametrize("where", ["America/New_York", "Pacific/Kiritimati"])
def test_whole_program_gives_the_same_narrative_in_every_zone(where: str, tmp_path: Path) -> None:
    path = tmp_path / "visit.note.json"
    path.write_text(json.dumps(bare_note(date="2025-05-20T23:30:00-04:00", pregnancy={"lmp": "2025-01-01"})))
    done = subprocess.run(
        [sys.executable, "-c", "from ci_notes.cli import main; main()", "render", str(path)],
        env={**os.environ, "TZ": where},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "20 May 2025 at 19+6 weeks" in done.stdout


# --- written gestational ages --------------------------------------------------------------------------------------

spans = st.tuples(st.integers(0, 693), st.integers(0, 693)).map(lambda pair: (min(pair), max(pair)))


@given(spans)
def test_written_gestation_reads_back_to_the_same_days(span: tuple[int, int]) -> None:
    assert dating.read_gestation(dating.write_gestation(span)) == span


@given(st.integers(0, 99), st.integers(0, 6), st.integers(0, 99), st.integers(0, 6))
def test_every_way_of_writing_a_gestation_means_the_days_it_covers(week: int, day: int, to: int, last: int) -> None:
    first = 7 * week
    assert dating.read_gestation(f"{week}w") == (first, first + 6)
    assert dating.read_gestation(f"{week}w{day}d") == (first + day, first + day)
    expected = (first, 7 * to + 6) if week <= to else None
    assert dating.read_gestation(f"{week}w-{to}w") == expected
    low, high = first + day, 7 * to + last
    assert dating.read_gestation(f"{week}w{day}d-{to}w{last}d") == ((low, high) if low <= high else None)


@pytest.mark.parametrize(
    "text", ["", "22", "22w7d", "22+3", "22w3", "w3d", "-1w", "22w3d ", "22W3D", "22w3d-", "100w0d", "24w-23w", "22w\n"]
)
def test_what_is_no_gestation_is_not_read_as_one(text: str) -> None:
    assert dating.read_gestation(text) is None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("22w3d", "22+3 weeks"),
        ("23w", "23 weeks"),
        ("23w-24w", "23 to 24 weeks"),
        ("22w3d-23w1d", "22+3 to 23+1 weeks"),
        ("0w0d", "0+0 weeks"),
    ],
)
def test_gestation_is_said_as_precisely_as_it_was_recorded(written: str, said: str) -> None:
    span = dating.read_gestation(written)
    assert span is not None
    assert dating.say_gestation(span) == said


@pytest.mark.parametrize(
    "pregnancy",
    [{"lmp": "9999-12-31"}, {"edd": "0001-01-01"}, {"lmp": "1990-01-01"}, {"edd": "1990-01-01", "ga_stated": "20w0d"}],
    ids=lambda value: ",".join(f"{key} {text}" for key, text in value.items()),
)
def test_impossible_dates_are_findings_and_not_accidents(assessment: Template, pregnancy: dict[str, str]) -> None:
    data = bare_note(pregnancy=pregnancy, removal={"target": "1w0d"})
    note = derive.note(assessment, data)
    check(note, today="2026-11-03")
    assert render(note, trace=True)
