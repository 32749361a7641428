"""What people see: what is not signed says so, nothing typed becomes markup, findings name place and source."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from tiny import Pack, visit_note

from ci_notes import check, derive, library, printing, render, reporting
from ci_notes.narrative import Sentence
from ci_notes.template import Template

Json = dict[str, Any]


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def laid_out(template: Template, data: Json) -> dict[str, str]:
    note = derive.note(template, data)
    return {name: layout(note, render(note)) for name, layout in printing.LAYOUTS.items()}


@pytest.mark.parametrize(
    ("status", "notice"),
    [("draft", "DRAFT"), ("entered-in-error", "ENTERED IN ERROR"), ("final", ""), ("amended", "")],
)
def test_what_must_not_be_taken_for_a_signed_note_says_so_before_anything_else(
    assessment: Template, note_data: Json, status: str, notice: str
) -> None:
    for name, text in laid_out(assessment, note_data | {"status": status}).items():
        top = (Page(text).words.split("}")[-1] if name == "html" else text).lstrip()[:200]
        if notice:
            assert top.partition(assessment.title)[0].count(notice) == 1, name
        assert notice or not re.search("DRAFT|ERROR", top), name


def test_a_note_that_does_not_say_its_status_is_a_draft(assessment: Template, note_data: Json) -> None:
    del note_data["status"]
    note = derive.note(assessment, note_data)
    assert printing.text(note, []).startswith("DRAFT")


def test_every_layout_says_every_sentence_under_its_heading(assessment: Template, note_data: Json) -> None:
    note = derive.note(assessment, note_data)
    sentences = render(note)
    for name, text in laid_out(assessment, note_data).items():
        plain = Page(text).words if name == "html" else text.replace("\\", "")
        squeezed = " ".join(plain.split())
        places = [squeezed.find(sentence.text) for sentence in sentences]
        assert -1 not in places, (name, sentences[places.index(-1)])
        assert "obstetric history" in plain.lower()
        assert places == sorted(places)


def test_text_is_paragraphs_and_items_line_by_line(assessment: Template, note_data: Json) -> None:
    note = derive.note(assessment, note_data)
    sentences = [
        Sentence("comment", "One.", opens="paragraph"),
        Sentence("comment", "Two."),
        Sentence("comment", "First.", opens="item"),
        Sentence("comment", "Still first."),
        Sentence("comment", "Second.", opens="item"),
        Sentence("exam", "Other.", opens="paragraph"),
    ]
    assert printing.text(note, sentences).endswith(
        "COMMENT\nOne. Two.\n- First. Still first.\n- Second.\n\nEXAMINATION\nOther.\n"
    )
    tags = Page(printing.page(note, sentences)).tags
    assert [tag for tag in tags if tag in ("p", "ul", "li")][-5:] == ["p", "ul", "li", "li", "p"]


MARKUP = [
    "*bold* _it_ `code` ~~gone~~",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "1) item",
    "> quote",
    "---",
    "***",
    "```",
    "| a | b |",
    "[link](http://x.invalid) ![img](http://x.invalid)",
    "<b>bold</b> <!-- hidden -->",
    "&lt;b&gt; &amp; &copy;",
    "<http://x.invalid>",
    "back\\slash \\* star",
    "Title\n=====",
]


@pytest.mark.parametrize("typed", MARKUP)
def test_nothing_typed_is_markup_in_markdown(assessment: Template, note_data: Json, typed: str) -> None:
    note = derive.note(assessment, note_data)
    shown = Page(
        MarkdownIt("commonmark")
        .enable(["strikethrough", "table"])
        .render(printing.markdown(note, [Sentence("comment", " ".join(typed.split()), opens="paragraph")]))
    )
    assert shown.tags == ["p", "strong", "h1", "h2", "p"]  # the notice, the title, the heading, the text
    assert shown.words.strip().endswith("\n" + " ".join(typed.split()))


@pytest.mark.parametrize("typed", MARKUP)
def test_nothing_typed_is_markup_in_a_page(assessment: Template, note_data: Json, typed: str) -> None:
    note = derive.note(assessment, note_data)
    plain, shown = (
        Page(printing.page(note, [Sentence("comment", text, opens="paragraph")])) for text in ("Words.", typed)
    )
    assert shown.tags == plain.tags
    assert typed in shown.words


def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing(assessment: Template, note_data: Json) -> None:
    page = laid_out(assessment, note_data)["html"]
    assert not re.search(r"<script|<link|<img|url\(|\bsrc=|href=|\bon\w+=", page)


def test_a_trace_lists_each_sentence_with_its_fields(assessment: Template, note_data: Json) -> None:
    sentences = [Sentence("exam", "So it is.", ("exam.dilation",), ("exam.membranes",)), Sentence("exam", "Nothing.")]
    assert printing.traced(sentences).splitlines() == [
        "So it is.",
        "    says     exam.dilation",
        "    because  exam.membranes",
        "Nothing.",
        "    says     –",
        "    because  –",
    ]


# --- findings ------------------------------------------------------------------------------------------------------


def test_findings_name_their_rule_message_place_and_source(assessment: Template, note_data: Json) -> None:
    note_data["history"]["gravida"] = "many"
    note_data["kept"] = [{"id": "k1", "rule": "required", "rationale": "Known, and left out on purpose."}]
    del note_data["diagnosis"]
    note = derive.note(assessment, note_data)
    found = check(note, today="2026-11-21")
    shown = reporting.findings(note, found, "ada.note.json")
    assert shown.splitlines()[0].startswith("ada.note.json: ")
    assert {one.outcome for one in found if one.rule == "required"} == {"kept"}
    for one in found:
        assert one.message in shown
        assert all(said in shown for said in one.positions or [one.source])
        assert all(place in shown for place in one.places)
    assert "kept because: Known, and left out on purpose." in shown
    assert "history.gravida" in shown


def test_what_is_required_and_missing_is_named_in_one_line_a_section(tmp_path: Path) -> None:
    pack = Pack()
    pack.schema["properties"]["patient"]["properties"]["name"]["x-ci"]["required"] = True
    pack.visit["length"]["x-ci"] |= {"required": True, "say": "length of the cervix"}
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    data = visit_note(items=[{"id": "a", "size": 3}, {"id": "b", "size": 3, "flag": True}], stitch=False)
    del data["visit"]["reason"]
    note = derive.note(template, data)
    shown = reporting.findings(note, check(note), "n.json").splitlines()

    assert [line.strip() for line in shown if "required" in line] == [
        "warning  required       Patient: not recorded: name",
        "warning  required       The visit: not recorded: length of the cervix, reason; item 1: flag; item 2: why",
    ]
    assert shown[-1].startswith("  5 warnings")  # counted one by one all the same


def test_a_missing_element_that_somebody_kept_stands_by_itself_and_the_rest_together(visit: Template) -> None:
    data = visit_note(items=[{"id": "a", "size": 3}, {"id": "b", "size": 3}])
    del data["visit"]["reason"]
    data["kept"] = [{"id": "k", "rule": "required", "at": "visit.items[b].flag", "rationale": "Known, and left out."}]
    note = derive.note(visit, data)
    shown = reporting.findings(note, check(note), "n.json")
    assert "  warning  required       The visit: not recorded: reason; item 1: flag\n" in shown
    assert "  kept     required       Item 2, flag: not recorded\n" in shown
    assert "kept because: Known, and left out." in shown


@pytest.mark.parametrize(("width", "under"), [(90, 26), (60, 2)])
def test_a_long_finding_goes_on_below_its_message_where_there_is_room(width: int, under: int) -> None:
    words = " ".join(["word"] * 40)
    first, *more = reporting.wrapped(f"  warning  required       {words}", width).split("\n")
    assert first.startswith("  warning  required       word word")
    assert more
    assert all(len(line) <= width and len(line) - len(line.lstrip()) == under for line in more)
    assert " ".join([first, *more]).split() == ["warning", "required", *words.split()]


def test_a_summary_counts_what_was_found_and_what_nobody_has_reviewed(assessment: Template, note_data: Json) -> None:
    note_data["history"]["gravida"] = "many"
    note = derive.note(assessment, note_data)
    found = check(note, today="2026-11-21")
    errors = sum(one.severity == "error" and one.outcome == "found" for one in found)
    shown = reporting.summary(note, found)
    assert re.match(rf"{errors} errors?\b", shown)
    assert f"{len(assessment.active_rules)} rules" in shown
    assert re.search(r"\d+ not yet reviewed by a clinician", shown)
    assert reporting.summary(note, []).startswith("Nothing found;")
