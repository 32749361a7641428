"""The course of the cervix over one pregnancy: what the picture and the table say, and that labels stand apart."""

import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from ci_notes import charting, library
from ci_notes.charting import Course
from ci_notes.errors import TemplateError

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
Data = dict[str, Any]


def series(country: str) -> list[Data]:
    folder = ROOT / "tests" / "pregnancy" / country
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def example(name: str, template: str = "ultrasound") -> Data:
    data: Data = json.loads((TEMPLATES / template / "examples" / f"{name}.note.json").read_text("utf-8"))
    return data


def course(*data: Data) -> Course:
    return charting.cervical_lengths(library.load_record(data))


def scan(day: str, *lengths: float, **more: Any) -> Data:
    data = example("minimal")
    rows = [{"id": f"m{number}", "length": length} for number, length in enumerate(lengths)]
    scanned = {"done": True, "approach": "transvaginal", "lengths": rows, **more}
    pregnancy = {"edd": "2026-12-11", "dating_method": "US_CRL", "plurality": 1}
    return {**data, "id": f"scan-{day}", "date": f"{day}T09:00:00+01:00", "pregnancy": pregnancy, "ultrasound": scanned}


def rows(found: Course) -> list[tuple[str, str, str]]:
    return [(row.gestation, row.what, row.value) for row in charting.table(found)]


def test_a_pregnancy_is_told_in_order_of_time_each_thing_once() -> None:
    assert rows(course(*series("uk"))) == [
        ("16+0 weeks", "Cervical length", "31 mm"),
        ("16+4 weeks", "Progesterone begun", ""),
        ("18+0 weeks", "Cervical length", "28 mm"),
        ("20+0 weeks", "Cervical length", "18 mm"),
        ("20+4 weeks", "Cerclage", ""),
        ("30+3 weeks", "PPROM", ""),
        ("30+3 weeks", "Steroids", ""),
        ("30+5 weeks", "Stitch removed", ""),
    ]


def test_what_several_notes_say_is_that_of_the_first_of_them() -> None:
    notes = series("uk")
    found = course(*notes)
    told = {row.what: row.note for row in charting.table(found)}
    assert told["Cerclage"] == notes[5]["id"]
    assert [point.note for point in found.points] == [notes[number]["id"] for number in (1, 3, 4)]


def test_a_length_that_is_only_told_is_marked_as_such_and_gives_way_to_the_measured_one() -> None:
    alone = course(example("stitch"))
    assert [(point.length, point.told) for point in alone.points] == [(18.0, True), (29.0, False)]
    assert "told in a later note" in charting.table(alone)[0].remarks
    both = course(scan("2026-07-10", 28), scan("2026-07-24", 20, previous_length=29, previous_date="2026-07-10"))
    assert [(point.length, point.told) for point in both.points] == [(28.0, False), (20.0, False)]


def test_what_was_seen_with_a_length_stands_beside_it() -> None:
    (row,) = charting.table(course(example("open")))
    assert row.remarks.split(", ") == [
        "funnelling",
        "funnel 91%",
        "internal os open 22 mm",
        "cervix dilated",
        "membranes in the canal",
    ]


def test_a_transabdominal_length_is_neither_joined_nor_drawn_like_the_others() -> None:
    found = course(
        scan("2026-06-26", 33),
        scan("2026-07-03", 20, approach="transabdominal"),
        scan("2026-07-10", 31),
    )
    assert [point.usual for point in found.points] == [True, False, True]
    drawn = charting.svg(found)
    (joined,) = re.findall(r'<polyline[^>]* points="([^"]+)"', drawn)
    assert len(joined.split()) == 2
    assert "not transvaginal" in drawn


@pytest.mark.parametrize(
    ("begun", "what"),
    [
        ({}, ["Progesterone planned"]),
        (
            {"medications": {"any": True, "list": [{"id": "d", "drug": "progesterone", "since": "2026-07-01"}]}},
            ["Progesterone begun"],
        ),
    ],
)
def test_a_plan_gives_way_to_what_happened(begun: Data, what: list[str]) -> None:
    visit = next(note for note in series("uk") if note["template"] == "follow-up") | begun
    assert [event.say for event in course(visit).events] == what


def test_ages_are_by_the_due_date_of_the_latest_note_and_a_change_is_told() -> None:
    first, later = scan("2026-06-26", 33), scan("2026-07-10", 31)
    later["pregnancy"]["edd"] = "2026-12-18"
    found = course(first, later)
    assert [point.days for point in found.points] == [15 * 7, 17 * 7]
    assert any("11 December 2026 and 18 December 2026" in one for one in charting.caption(found))


def test_without_a_due_date_the_stated_age_dates_the_others() -> None:
    first, later = scan("2026-06-26", 33), scan("2026-07-10", 31)
    first["pregnancy"], later["pregnancy"] = {}, {"ga_stated": "18w0d"}
    assert [point.days for point in course(first, later).points] == [16 * 7, 18 * 7]
    later["pregnancy"] = {}
    unknown = course(first, later)
    assert [row.gestation for row in charting.table(unknown)] == ["not known", "not known"]
    assert charting.svg(unknown) == ""
    assert any("2 of the entries have no gestational age" in one for one in charting.caption(unknown))


def test_what_was_before_the_pregnancy_is_no_age() -> None:
    found = course(example("abdominal", "removal"))
    assert charting.table(found)[0].gestation == "before this pregnancy"
    assert "Cerclage before" in charting.svg(found)


def test_a_note_entered_in_error_counts_for_nothing() -> None:
    assert course(scan("2026-06-26", 33) | {"status": "entered-in-error"}) == Course()
    assert charting.svg(Course()) == ""
    assert charting.table(Course()) == charting.caption(Course()) == []


# --- what is drawn beside ------------------------------------------------------------------------------------------


def test_the_published_lengths_are_those_of_the_abstract_at_its_two_weeks() -> None:
    at_24, at_28 = course(scan("2026-06-26", 33)).published
    assert (at_24.days, at_24.mean, at_24.deviation) == (168, 35.2, 8.3)
    assert at_24.percentiles == ((1, 13), (5, 22), (10, 26), (25, 30), (50, 35), (75, 40))
    assert (at_28.days, at_28.mean, at_28.deviation, at_28.percentiles) == (196, 33.7, 8.5, ())


def test_the_caption_says_where_the_published_lengths_are_from_and_how_far_that_was_seen() -> None:
    said = next(one for one in charting.caption(course(scan("2026-06-26", 33))) if one.startswith("Iams 1996:"))
    assert "at 24 weeks (2915 women) mean 35.2 ± 8.3 mm" in said
    assert "Source: Iams 1996 (seen in the source's own text)" in said


def test_in_a_multiple_pregnancy_they_are_not_drawn_and_that_is_said() -> None:
    found = course(example("twins"))
    assert found.published == ()
    assert "The lengths of Iams 1996 are not drawn in a multiple pregnancy." in charting.caption(found)
    assert "Iams" not in charting.svg(found)


@pytest.mark.parametrize(
    ("jurisdiction", "plurality", "lines"),
    [
        ("US", 1, [(25, None, 168), (20, None, 168)]),
        ("UK", 1, [(25, 112, 168)]),
        ("CA", 1, [(25, None, None)]),
        ("INTL", 1, [(25, None, None)]),
        ("US", 2, []),
        ("UK", 2, [(25, None, None)]),
        ("CA", 2, [(25, None, None), (15, None, None)]),
        ("INTL", 2, [(15, None, None)]),
    ],
)
def test_thresholds_are_those_of_the_guidelines_of_the_note(jurisdiction: str, plurality: int, lines: Any) -> None:
    data = scan("2026-06-26", 33) | {"jurisdiction": jurisdiction}
    data["pregnancy"]["plurality"] = plurality
    found = course(data)
    assert [(line.length, line.begins, line.ends) for line in found.lines] == lines
    assert all(said.startswith(f"{jurisdiction}: ") and "(" in said for line in found.lines for said in line.says)


# --- the picture ---------------------------------------------------------------------------------------------------


def many(number: int) -> Course:
    return course(
        *(scan(f"2026-{6 + day // 30:02}-{1 + day % 30:02}", 40 - day / 4) for day in range(0, number * 3, 3))
    )


PICTURES = {
    "uk": lambda: course(*series("uk")),
    "us": lambda: course(*series("us")),
    "one": lambda: course(example("open")),
    "twins": lambda: course(example("twins")),
    "before": lambda: course(example("abdominal", "removal")),
    "dozens": lambda: many(40),
}


@pytest.fixture(params=PICTURES, scope="module")
def picture(request: pytest.FixtureRequest) -> str:
    return charting.svg(PICTURES[request.param]())


def test_the_picture_has_a_name_and_a_description_for_who_does_not_see_it(picture: str) -> None:
    root = ET.fromstring(picture)
    named = {one.get("id"): one.text for one in root if one.get("id")}
    told = [named[root.get(about) or ""] or "" for about in ("aria-labelledby", "aria-describedby")]
    assert root.get("role") == "img"
    assert told[0] == "Cervical length over gestational age"
    assert told[1].endswith("The table has the same content.")


def test_two_pictures_on_a_page_have_ids_of_their_own() -> None:
    ids = [set(re.findall(r' id="([^"]+)"', charting.svg(PICTURES[name]()))) for name in ("uk", "us")]
    assert ids[0].isdisjoint(ids[1])
    assert all(ids)


def test_the_picture_keeps_to_a_strict_policy_and_to_the_colour_of_its_page(picture: str) -> None:
    assert not re.search(r"style|<script|href|on\w+=", picture)
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', picture))
    assert colours <= {"currentColor", "none", "Canvas"}


def _box(text: ET.Element) -> tuple[float, float, float, float]:
    x, y, size = float(text.get("x", 0)), float(text.get("y", 0)), float(text.get("font-size", 12))
    length = len(text.text or "") * size * 0.52
    left = x - {"middle": 0.5, "end": 1.0}.get(text.get("text-anchor", ""), 0.0) * length
    return left, y - size * 0.75, left + length, y + size * 0.2


def test_no_label_stands_on_another_or_leaves_the_picture(picture: str) -> None:
    root = ET.fromstring(picture)
    width, height = map(float, (root.get("viewBox") or "").split()[2:])
    boxes = [(_box(one), one.text) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    for number, (one, said) in enumerate(boxes):
        assert min(one) >= 0, said
        assert one[2] <= width, said
        assert one[3] <= height, said
        for other, words in boxes[number + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, f"{said} on {words}"


def test_the_picture_has_every_measurement_and_event_that_has_an_age() -> None:
    found = PICTURES["uk"]()
    drawn = charting.svg(found)
    assert drawn.count('<g class="point') == len(found.points)
    assert drawn.count('<g class="event') == len(found.events)
    assert "<title>18 mm at 20+0 weeks, funnelling, funnel 33%</title>" in drawn


def test_with_addresses_what_is_drawn_leads_to_its_note() -> None:
    found = PICTURES["uk"]()
    root = ET.fromstring(charting.svg(found, lambda note: f"/notes/{note}?a=1&b=2"))
    links = list(root.iter("{http://www.w3.org/2000/svg}a"))
    assert root.get("role") == "group", "what is in an image cannot be reached"
    assert {one.get("href") for one in links} == {
        f"/notes/{one.note}?a=1&b=2" for one in (*found.points, *found.events)
    }
    assert links[0].get("aria-label") == "Steroids at 30+3 weeks"


def test_the_shortest_of_dozens_keeps_its_number() -> None:
    shown = re.findall(r'font-weight="600">([\d.]+)<', charting.svg(many(40)))
    assert str(min(one.length for one in many(40).points)) in shown
    assert len(shown) <= 3


def test_events_of_one_day_and_of_the_last_week_are_all_named() -> None:
    drawn = charting.svg(PICTURES["uk"]())
    for said in ("Progesterone begun 16+4", "Cerclage 20+4", "PPROM 30+3", "Steroids 30+3", "Stitch removed 30+5"):
        assert f">{said}</text>" in drawn


def test_the_axis_reaches_to_what_was_measured() -> None:
    found = course(scan("2026-05-15", 71), scan("2026-12-08", 12))
    texts = re.findall(r">(\d+)</text>", charting.svg(found))
    assert {"10", "80"} <= set(texts)
    assert max(int(one) for one in texts if int(one) < 45) >= 38


# --- the data ------------------------------------------------------------------------------------------------------


def drawn_by(tmp_path: Path, change: Data) -> Any:
    ours = yaml.safe_load((TEMPLATES / "_rules" / "course.yaml").read_text("utf-8"))
    pack = tmp_path / "pack"
    (pack / "_rules").mkdir(parents=True)
    (pack / "_rules" / "course.yaml").write_text(yaml.safe_dump(ours | change), "utf-8")
    shutil.copytree(TEMPLATES / "ultrasound", pack / "scan", ignore=shutil.ignore_patterns("examples"))
    return library.load_template(pack / "scan").chart


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"edd": "pregnancy.ed"}, "«pregnancy.ed»; did you mean"),
        ({"events": [{"kind": "cerclage", "say": "Cerclage", "on": "cerclage.placed"}]}, "«cerclage.placed»"),
        (
            {"events": [{"kind": "cerclage", "say": "Cerclage", "on": "cerclage.placed_on", "at": ""}]},
            "«at» is not known here",
        ),
        (
            {
                "reference": {
                    "name": "X",
                    "sources": ["S99"],
                    "grade": "V1",
                    "at": [{"age": "24w0d", "women": 1, "mean": 3, "deviation": 1}],
                }
            },
            "S99 is not in sources.yaml",
        ),
    ],
)
def test_what_is_misspelt_fails_while_the_template_loads(tmp_path: Path, change: Data, named: str) -> None:
    with pytest.raises(TemplateError) as refused:
        drawn_by(tmp_path, change)
    assert "course.yaml" in str(refused.value)
    assert named in str(refused.value)


def test_a_pack_may_draw_what_its_guideline_has(tmp_path: Path) -> None:
    assert drawn_by(tmp_path, {"events": [], "thresholds": []}).thresholds == ()
