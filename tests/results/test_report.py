"""The page for those who look after quality: its numbers are those of the notes, and it points to nobody."""

import copy
import io
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import planting
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notes import bare_note, rich_note

from ci_notes.checks import check, prepared
from ci_notes.results import Unread, histogram, report
from ci_notes.results.counted import STATES, Counted, counted, fields
from ci_notes.results.reckoning import rate
from ci_notes.results.tally import MOST_UNREAD, Tally
from ci_notes.results.verdicts import ruled

Json = dict[str, Any]
KINDS = sorted({path.parts[-3] for path in planting.EXAMPLES})
TEMPLATES = [planting.template(kind) for kind in KINDS]


def count(data: Json) -> Counted:
    note = planting.read(data)
    return counted(prepared(note, planting.TODAY), check(note, today=planting.TODAY))


def page(*results: Counted | Unread, day: str = "2026-11-21") -> str:
    stream = io.StringIO()
    report.write(iter(results), stream, TEMPLATES, "1.2.3", day)
    return stream.getvalue()


class Tables(HTMLParser):
    """The tables of a page by their captions: each row by its first cell, its other cells as text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, dict[str, list[str]]] = {}
        self._row: list[str] = []
        self._caption, self._open = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag == "caption":
            self._caption, self._open = "", tag
        elif tag == "tr":
            self._row = []
        elif tag in ("td", "th"):
            self._open = "cell"
            self._row.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("caption", "td", "th"):
            self._open = ""
        elif tag == "tr" and self._row:
            said = [" ".join(cell.split()) for cell in self._row]
            self.tables.setdefault(self._caption, {})[said[0]] = said[1:]

    def handle_data(self, data: str) -> None:
        if self._open == "caption":
            self._caption += data
        elif self._open == "cell":
            self._row[-1] += data


@pytest.fixture(scope="module")
def examples() -> list[Counted]:
    return [count(planting.example(path)) for path in planting.EXAMPLES]


# --- what is counted of a note -------------------------------------------------------------------------------------


def states(data: Json) -> dict[str, str]:
    note = planting.read(data)
    letters = count(data).fields
    return {one.path: STATES[letter] for one, letter in zip(fields(note.template), letters, strict=True)}


def test_a_field_is_recorded_absent_with_a_reason_overlooked_or_not_asked() -> None:
    told = states(rich_note())
    assert told["symptoms.discharge"] == "recorded"
    assert told["exam.membranes"] == "reason why not"
    assert told["ultrasound.approach"] == "nothing"
    assert told["removal.at_caesarean"] == "not asked"  # since how she gives birth is not known
    assert "pregnancy.ga" not in told  # computed
    data = rich_note()
    data["ultrasound"]["funnelling"] = "perhaps"
    assert states(data)["ultrasound.funnelling"] == "nothing"


def test_a_field_in_rows_is_what_it_is_in_every_row_that_asks() -> None:
    told = states(rich_note())
    assert told["history.prior"] == told["history.prior.outcome"] == "recorded"
    assert told["history.prior.onset"] == "reason why not"
    assert told["history.prior.painless"] == "recorded"  # the second one does not ask for it
    data = rich_note()
    del data["history"]["prior"][1]["outcome"]
    assert states(data)["history.prior.outcome"] == "nothing"
    assert states(bare_note())["history.prior.outcome"] == "not asked"


def test_a_note_is_counted_by_length_week_month_and_site_and_not_by_name() -> None:
    one = count(rich_note())
    assert (one.length, one.week, one.month, one.site) == (22, 22, "2026-11", "Sample Hospital")
    assert one.author
    assert "Bea" not in str(one)
    again = count(rich_note() | {"author": {"name": "Dr Bea Sample", "role": "registrar"}})
    assert again.author == one.author


def test_a_length_of_another_approach_is_left_out_and_an_inexact_week_too() -> None:
    data = copy.deepcopy(rich_note())
    data["ultrasound"]["approach"] = "transabdominal"
    one = count(data)
    assert (one.length, one.not_alike) == (None, True)
    assert count(bare_note()).week is None


# --- the sums ------------------------------------------------------------------------------------------------------


@given(st.data())
def test_it_does_not_matter_how_a_run_is_shared_out(data: st.DataObject) -> None:
    results = data.draw(st.lists(st.sampled_from(SOME), max_size=12))
    cut = data.draw(st.integers(0, len(results)))
    whole, first, second = Tally(), Tally(), Tally()
    for one in results:
        whole.add(one)
    for one in results[:cut]:
        first.add(one)
    for one in results[cut:]:
        second.add(one)
    first.merge(second)
    assert report.rendered(first, TEMPLATES, "1", "2026-11-21") == report.rendered(whole, TEMPLATES, "1", "2026-11-21")


SOME: list[Counted | Unread] = [
    *(count(planting.example(path)) for path in planting.EXAMPLES[::9]),
    Unread("a.ndjson", 1, "it is empty"),
    Unread("b.ndjson", 7, "it is no JSON"),
]


def test_the_rows_of_a_rule_have_each_note_once(examples: list[Counted]) -> None:
    tables = Tables(page(*examples)).tables
    shown = tables["Rules that had something to say"] | tables["Rules that passed or did not apply in every note"]
    for kind in KINDS:
        of_kind = [one for one in examples if one.template == kind]
        rows = tables[f"Rules in notes of the kind {kind}"]
        for cells in [*rows.values()][1:]:
            assert sum(number(cell) for cell in cells[2:]) == len(of_kind)
        assert rows.keys() <= shown.keys()
    fired = sum(one.verdicts.count("f") for one in examples)
    assert fired == sum(number(cells[2]) for rule, cells in shown.items() if rule != "Rule")
    assert fired == sum(number(cells[2]) for name, cells in tables["Verdicts by note kind"].items() if "(" in name)


def number(cell: str) -> int:
    return int(cell.split(maxsplit=1)[0].replace(",", ""))


def test_rates_are_of_the_notes_that_a_rule_applies_to() -> None:
    scan = rich_note()
    notes = [changed(scan, duration=1)] * 2 + [changed(scan, duration=5)] * 6 + [scan] * 2
    told = Tables(page(*map(count, notes))).tables["Rules that had something to say"]["R054"]
    assert told[2:] == ["2 25.0 %", "6 75.0 %", "0 0.0 %", "0 0.0 %", "2 20.0 %"]


def changed(data: Json, **scan: Any) -> Json:
    return data | {"ultrasound": data["ultrasound"] | scan}


def test_what_is_kept_is_overridden() -> None:
    kept = {"kept": [{"id": "k", "rule": "R054", "rationale": "Stopped since she was in pain"}]}
    told = Tables(page(count(changed(rich_note(), duration=1) | kept))).tables["Rules that had something to say"]
    assert told["R054"][2:] == ["0 0.0 %", "0 0.0 %", "0 0.0 %", "1 100.0 %", "0 0.0 %"]


def test_no_share_is_told_as_none_or_all_that_is_not() -> None:
    assert [rate(*one) for one in ((0, 0), (0, 9), (1, 9), (9, 9), (1, 5000), (4999, 5000))] == [
        "–", "0.0 %", "11.1 %", "100.0 %", "<0.1 %", ">99.9 %",
    ]  # fmt: skip


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_head_says_when_what_by_which_rules_and_how_many_nobody_reviewed(examples: list[Counted]) -> None:
    text = page(*examples, day="2026-11-21")
    assert "2026-11-21, with ci-notes 1.2.3" in text
    assert re.search(r"(\d+) of \1 rules no clinician has reviewed", text)
    kinds = Tables(text).tables["Note kinds and their rules"]
    for template in TEMPLATES:
        row = kinds[f"{template.title} ({template.id})"]
        of_kind = [one for one in examples if one.template == template.id]
        assert row == [template.version, of_kind[0].rule_set, row[2], row[2], str(len(of_kind))]


def test_what_could_not_be_read_is_named_with_its_place_and_reason_and_only_so_many() -> None:
    text = page(Unread("<b>.ndjson", 7, "it is no JSON"))
    assert Tables(text).tables["Records that could not be read, with the reason"]["<b>.ndjson"] == [
        "7",
        "it is no JSON",
    ]
    assert "No note was read" in text
    many = page(*(Unread(f"{at}.json", 0, "it is empty") for at in range(MOST_UNREAD + 5)))
    assert f"{MOST_UNREAD + 5:,} records; the first {MOST_UNREAD:,} are listed" in many
    assert many.count("it is empty") == MOST_UNREAD


def test_each_rule_leads_to_its_text_and_every_address_is_on_the_page(examples: list[Counted]) -> None:
    text = page(*examples)
    there = set(re.findall(r' id="([^"]+)"', text))
    named = re.findall(r'href="([^"]+)"', text)
    assert {one.removeprefix("#") for one in named} <= there
    assert len(there) == len(re.findall(r' id="', text))
    rule = next(one for one in TEMPLATES[0].active_rules if one.id == "R054")
    article = text.split('<article id="rule-R054"')[1].split("</article>")[0]
    for said in (rule.statement, rule.why, rule.citation, rule.grade, "no clinician has reviewed it"):
        assert said in article.replace("&#39;", "'")


def test_it_needs_no_network_and_no_script(examples: list[Counted]) -> None:
    text = page(*examples)
    assert re.findall(r"<(?:script|link|img|iframe|object)|\son\w+=|\sstyle=|@import|url\(", text) == []
    assert "default-src 'none'" in text


def test_a_group_that_is_too_small_has_no_row_of_its_own() -> None:
    one = count(rich_note())
    notes = [replace(one, site="Large", author="a")] * 9 + [replace(one, site="Fair", author="b")] * 6
    few = [replace(one, site=f"Small {at}", author=f"c{at}", month=f"2026-0{at}") for at in (1, 2)]
    tables = Tables(page(*notes, *few)).tables
    assert "Small" not in str(tables)
    # Two notes alone would be what is left over from the sum, so the next small one stands with them.
    assert [*tables["Verdicts by site"]][1:] == ["Large", "3 others together"]
    assert [*tables["Verdicts by author"]][1:] == ["Author 1", "3 others together"]
    assert [*tables["Verdicts by month of the note"]][1:] == ["3 others together"]
    assert "too few for this table" in page(one)


def test_rules_that_fire_most_are_named_from_a_number_of_notes_on() -> None:
    scan = replace(one := count(rich_note()), verdicts="p" * len(one.verdicts))
    at = ruled(planting.template("assessment")).index("R054")
    short = replace(scan, verdicts=f"{scan.verdicts[:at]}f{scan.verdicts[at + 1 :]}")
    few = Tables(page(*[short] * 4, *[scan] * 6)).tables["Verdicts by site"]["Sample Hospital"]
    many = Tables(page(*[short] * 5, *[scan] * 5)).tables["Verdicts by site"]["Sample Hospital"]
    assert "R054" not in few[-1]
    assert "R054 5" in many[-1].replace("\xa0", " ")


def test_months_stand_in_their_order_and_what_is_not_recorded_is_told() -> None:
    one = count(rich_note())
    months = [replace(one, month=month, author="") for month in ("2026-03", "2025-12", "2026-01") for _ in range(5)]
    tables = Tables(page(*months)).tables
    assert [*tables["Verdicts by month of the note"]][1:] == ["2025-12", "2026-01", "2026-03"]
    assert [*tables["Verdicts by author"]][1:] == ["not recorded"]


def test_lengths_and_weeks_are_drawn_and_stand_in_a_table() -> None:
    scan = rich_note()
    one = count(scan)
    text = page(one, replace(one, length=24.5), replace(one, length=71, week=40), replace(one, length=None, week=None))
    tables = Tables(text).tables
    assert tables["Notes by shortest cervical length"]["20–24"] == ["2 66.7 %"]
    assert tables["Notes by shortest cervical length"]["60+"] == ["1 33.3 %"]
    assert tables["Notes by gestational age"]["22"] == ["2 66.7 %"]
    assert tables["Notes by gestational age, continued"]["40"] == ["1 33.3 %"]
    assert "Half of the lengths are 24 mm or shorter" in text
    assert text.count('role="img"') == 2
    assert "3 notes. Most of them, 2, at 20–24." in text


def test_columns_are_as_tall_as_they_are_many() -> None:
    drawn = histogram.svg([("a", 50), ("b", 100), ("c", 0)], "x", "T", "below", "D")
    heights = [float(one) for one in re.findall(r'height="([\d.]+)"', drawn)]
    assert len(heights) == 2
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert ">100<" in drawn


def test_a_page_holds_nothing_of_anybody() -> None:
    examples = [next(path for path in planting.EXAMPLES if path.parts[-3] == kind) for kind in KINDS]
    notes = [count(note) for path in examples for note in planting.every_planting(planting.example(path))]
    text = page(*notes, *notes)
    assert [sign for sign in planting.SIGNS if sign in text] == []
    assert [sign for sign in planting.SIGNS if sign in str(notes)] == []


def test_a_site_that_is_the_patient_is_left_out() -> None:
    home = rich_note()
    home["author"]["facility"] = f"Home of {home['patient']['name']}"
    assert count(home).site == "Home of [left out]"


def test_memory_is_flat() -> None:
    one = count(rich_note())

    def many(number: int) -> Iterator[Counted | Unread]:
        for at in range(number):
            if at % 3:
                yield replace(one, author=f"author {at % 50}", verdicts="".join(one.verdicts), length=at % 70)
            else:
                yield Unread("a.ndjson", at, "it is empty " * 5)

    def highest(number: int) -> int:
        tracemalloc.start()
        tally = Tally()
        for each in many(number):
            tally.add(each)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    few = highest(4_000)
    assert highest(12_000) - few < 200_000
