"""Kinds are a closed set: every table knows each, and what is written is read back as the same value."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import kinds, shape, wording


def test_every_kind_has_a_shape_a_wording_and_a_name_for_what_is_wanted() -> None:
    assert set(kinds.SHAPES) == set(wording.SAY) == set(shape._WANTED) == set(kinds.KINDS)
    assert set(kinds.UNSPAN) <= set(kinds.SPANS) <= set(kinds.KINDS)
    assert {about["format"] for about in kinds.SHAPES.values() if "format" in about} == set(kinds.FORMATS)


@given(st.integers(-(10**9), 10**9))
def test_numbers_come_back_from_the_number_line(number: int) -> None:
    assert kinds.UNSPAN["integer"](kinds.SPANS["integer"](number)) == number


@given(st.floats(-1e9, 1e9))
def test_quantities_come_back_from_the_number_line(number: float) -> None:
    assert kinds.UNSPAN["quantity"](kinds.SPANS["quantity"](number)) == number


@given(st.dates())
def test_dates_come_back_from_the_number_line_and_keep_their_order(day: date) -> None:
    span = kinds.SPANS["date"](str(day))
    assert kinds.is_date(str(day))
    assert kinds.UNSPAN["date"](span) == str(day)
    if day < date.max:
        assert kinds.SPANS["date"](str(day + timedelta(days=1)))[0] == span[0] + 1


@given(st.datetimes(), st.sampled_from(["Z", "+00:00", "-12:00", "+14:00", "+05:45"]))
def test_moment_stands_at_the_day_that_was_written_whatever_its_offset(when: datetime, offset: str) -> None:
    written = when.replace(microsecond=0).isoformat() + offset
    assert kinds.is_moment(written)
    assert kinds.SPANS["datetime"](written) == kinds.SPANS["date"](written[:10])


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-1-3",
        "03.11.2026",
        "20261103",
        "2026-W45-2",
        "2026-11-03 ",
        "",
        "0000-01-01",
        "2026-11-03T10:00:00Z",
        "2026-11-03\n",
        "٢٠٢٦-١١-٠٣",
    ],
)
def test_what_is_no_calendar_day_is_refused(text: str) -> None:
    assert not kinds.is_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-03",
        "2026-11-03T14:20:00",
        "2026-11-03T14:20Z",
        "2026-11-03 14:20:00Z",
        "2026-02-29T10:00:00Z",
        "2026-11-03T24:00:00Z",
        "2026-11-03T14:60:00Z",
        "2026-11-03T14:20:00+1:00",
        "2026-11-03t14:20:00z",
        "2026-11-03T14:20:00+25:00",
        "2026-11-03T14:20:00+01:75",
        "2026-11-03T14:20:00+٠١:٠٠",
    ],
)
def test_what_is_no_moment_with_an_offset_is_refused(text: str) -> None:
    assert not kinds.is_moment(text)


@pytest.mark.parametrize(("text", "fits"), [("22w3d", True), ("22w", True), ("23w-24w", True), ("22w3d-23w1d", True)])
def test_gestation_has_one_written_form(text: str, fits: bool) -> None:
    assert kinds.is_gestation(text) is fits


@pytest.mark.parametrize("text", ["22w0d-22w6d", "05w", "22w03d", "23w-23w", "22w3d-22w3d", "22+3", "٢٢w"])
def test_other_ways_to_write_the_same_gestation_are_refused(text: str) -> None:
    assert not kinds.is_gestation(text)


def test_only_what_is_measured_alike_has_the_same_dimension() -> None:
    alike = {kinds.dimension("date", None), kinds.dimension("datetime", None)}
    assert alike == {"date"}
    distinct = [
        kinds.dimension("gestational-age", None),
        kinds.dimension("quantity", "mm"),
        kinds.dimension("quantity", "cm"),
        kinds.dimension("integer", None),
        "date",
    ]
    assert len(set(distinct)) == len(distinct)
