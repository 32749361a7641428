"""Prose from a template: what it says, what it must not say, and what it refuses to be written with."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci_notes import TemplateError, _data, derive, library, printing, render
from ci_notes.errors import NarrativeError
from ci_notes.library import compile_template
from ci_notes.narrative.sentences import Sentence
from ci_notes.template import Template

ELEMENTS: dict[str, Any] = {
    "words": {"title": "Words", "type": "string"},
    "more": {"title": "More words", "type": "string"},
    "pain": {"title": "Pain", "type": "boolean", "x-ci": {"expected": True}},
    "fever": {"title": "Fever", "type": "boolean", "x-ci": {"expected": True}},
    "cough": {"title": "Cough", "type": "boolean", "x-ci": {"expected": True}},
    "labour": {"title": "Labour", "type": "boolean"},
    "length": {"title": "Length", "type": "number", "x-ci": {"unit": "mm", "expected": True}},
    "twice": {"title": "Double length", "type": "number", "x-ci": {"unit": "mm", "computed": "visit.length * 2"}},
    "day": {"title": "Day", "type": "string", "format": "date"},
    "began": {"title": "Began", "type": "string", "format": "moment"},
    "ended": {"title": "Ended", "type": "string", "format": "moment"},
    "grade": {
        "title": "Grade",
        "type": "string",
        "oneOf": [
            {"const": "low", "title": "Low"},
            {"const": "high", "title": "High", "x-ci": {"say": "high. Very high"}},
            {"const": "caesarean", "title": "After caesarean"},
        ],
    },
    "rows": {
        "title": "Rows",
        "type": "array",
        "items": {"type": "object", "properties": {"size": {"title": "Size", "type": "integer"}}},
    },
}

Told = Callable[..., list[Sentence]]


def template_of(folder: Path, narrative: str) -> Template:
    folder.mkdir(exist_ok=True)
    schema = {
        "title": "Tiny",
        "x-ci": {"version": "0.1.0", "headings": {"closing": "End"}},
        "properties": {"visit": {"title": "Visit", "type": "object", "properties": ELEMENTS}},
    }
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "narrative.en.j2").write_text(narrative)
    return compile_template(folder, _data.folder("templates"))


def note_of(template: Template, jurisdiction: str = "", **visit: Any) -> derive.Note:
    header = {"id": "n1", "template": template.id, "status": "final", "date": "2026-11-03T14:20:00+00:00"}
    country = {"jurisdiction": jurisdiction} if jurisdiction else {}
    return derive.note(template, header | country | ({"visit": visit} if visit else {}))


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Return a function that tells a note in a narrative: told("{{ visit.words }}", words="Hello")."""

    def tell(narrative: str, jurisdiction: str = "", **visit: Any) -> list[Sentence]:
        template = template_of(tmp_path / "tiny", f"{{% block visit %}}{narrative}{{% endblock %}}")
        note = note_of(template, jurisdiction, **visit)
        traced = render(note, trace=True)
        assert " ".join(texts(render(note))) == " ".join(texts(traced))
        return traced

    return tell


def texts(sentences: list[Sentence]) -> list[str]:
    return [sentence.text for sentence in sentences]


# --- sentences -----------------------------------------------------------------------------------------------------


def test_a_full_stop_inside_a_value_ends_no_sentence(told: Told) -> None:
    sentences = told("She saw {{ visit.words }} on that day. All was said.", words="Dr. Sample, i.e. the 2nd. one")
    assert texts(sentences) == ["She saw Dr. Sample, i.e. the 2nd. one on that day.", "All was said."]
    assert [one.says for one in sentences] == [("visit.words",), ()]


def test_a_value_that_ends_with_a_stop_ends_its_sentence(told: Told) -> None:
    assert texts(
        told("{{ visit.words | sentence }} {{ visit.more | sentence }}", words="It rained.", more="Then not")
    ) == [
        "It rained.",
        "Then not.",
    ]


@pytest.mark.parametrize("end", [".", "!", "?"])
def test_free_text_ends_as_its_writer_ended_it(told: Told, end: str) -> None:
    assert texts(told("{{ visit.words | sentence }}", words=f"Really{end}")) == [f"Really{end}"]


def test_an_option_said_with_a_stop_stays_in_one_sentence(told: Told) -> None:
    assert texts(told("The grade is {{ visit.grade }}, so far.", grade="high")) == [
        "The grade is high. Very high, so far."
    ]


def test_each_sentence_knows_its_own_fields_only(told: Told) -> None:
    first, second = told("It is {{ visit.length }}. {% if visit.pain %}There is pain.{% endif %}", length=3, pain=True)
    assert (first.says, first.because) == (("visit.length",), ())
    assert (second.says, second.because) == ((), ("visit.pain",))


def test_a_branch_inside_a_branch_rests_on_both_tests(told: Told) -> None:
    (sentence,) = told(
        "{% if visit.pain %}Pain{% if visit.fever %} and fever{% endif %}.{% endif %}", pain=True, fever=True
    )
    assert set(sentence.because) == {"visit.pain", "visit.fever"}


def test_a_computed_value_traces_to_what_was_recorded(told: Told) -> None:
    (sentence,) = told("Twice is {{ visit.twice }}.", length=4)
    assert sentence.text == "Twice is 8 mm."
    assert sentence.says == ("visit.length",)


@pytest.mark.parametrize("break_", ["\n\n", "\n \n", "\n\n\n", "\n\n{% if visit.pain %}{% endif %}\n\n"])
def test_a_blank_line_opens_a_paragraph(told: Told, break_: str) -> None:
    sentences = told(f"One. Two.{break_}Three.", pain=True)
    assert [(one.text, one.opens) for one in sentences] == [
        ("One.", "paragraph"),
        ("Two.", ""),
        ("Three.", "paragraph"),
    ]


def test_lines_with_a_dash_are_items_of_a_list(told: Told) -> None:
    rows = "Rows:\n{% for row in visit.rows %}\n- Size {{ row.size }}.\n{% endfor %}"
    sentences = told(rows, rows=[{"id": "a", "size": 1}, {"id": "b", "size": 2}])
    assert [(one.text, one.opens) for one in sentences][-2:] == [("Size 1.", "item"), ("Size 2.", "item")]


def test_a_blank_line_before_a_list_makes_no_difference_to_its_items(told: Told) -> None:
    rows = "Rows follow.\n\n{% for row in visit.rows %}\n\n- Size {{ row.size }}.\n{% endfor %}"
    sentences = told(rows, rows=[{"id": "a", "size": 1}, {"id": "b", "size": 2}])
    assert [(one.text, one.opens) for one in sentences][-2:] == [("Size 1.", "item"), ("Size 2.", "item")]


def test_paragraphs_are_the_same_with_and_without_the_trace(tmp_path: Path) -> None:
    narrative = (
        "{% block visit %}{% if visit.pain %}Pain.{% endif %}\n\n{% if visit.fever %}Fever.{% endif %}\n"
        "{% if visit.cough %}{% endif %}\nEnd.\n\n- {{ visit.words }}.\n{% endblock %}"
    )
    note = note_of(template_of(tmp_path / "tiny", narrative), pain=True, fever=True, words="x")
    assert printing.text(note, render(note)) == printing.text(note, render(note, trace=True))


def test_a_dash_that_a_person_typed_is_no_list(told: Told) -> None:
    (sentence,) = told("Said: {{ visit.words }}.", words="one\n\n- two\n- three")
    assert (sentence.text, sentence.opens) == ("Said: one - two - three.", "paragraph")


# --- three-valued --------------------------------------------------------------------------------------------------

TESTS = [
    ("visit.pain", {"pain": True}, {"pain": False}),
    ("not visit.pain", {"pain": False}, {"pain": True}),
    ("visit.pain and visit.fever", {"pain": True, "fever": True}, {"pain": False}),
    ("visit.pain or visit.fever", {"fever": True}, {"pain": False, "fever": False}),
    ("visit.grade == 'low'", {"grade": "low"}, {"grade": "high"}),
    ("visit.grade != 'low'", {"grade": "high"}, {"grade": "low"}),
    ("visit.grade in ['low', 'high']", {"grade": "low"}, {"grade": "caesarean"}),
    ("visit.length > 10", {"length": 11}, {"length": 10}),
    ("visit.twice > 10", {"length": 6}, {"length": 5}),
    ("visit.rows", {"rows": [{"id": "a"}]}, {"rows": []}),
]


@pytest.mark.parametrize(("test", "yes", "no"), TESTS)
def test_an_else_is_taken_only_where_the_test_surely_fails(
    told: Told, test: str, yes: dict[str, Any], no: dict[str, Any]
) -> None:
    narrative = f"{{% if {test} %}}Surely.{{% else %}}Surely not.{{% endif %}}"
    assert texts(told(narrative, **yes)) == ["Surely."]
    assert texts(told(narrative, **no)) == ["Surely not."]
    assert texts(told(narrative)) == []
    assert texts(told(narrative, **{name: {"absent": "not-asked"} for name in yes})) == []


@pytest.mark.parametrize("unknown", [{}, {"fever": False}])
def test_an_else_after_an_elif_waits_for_both(told: Told, unknown: dict[str, Any]) -> None:
    narrative = "{% if visit.pain %}Pain.{% elif visit.fever %}Fever.{% else %}Neither.{% endif %}"
    assert texts(told(narrative, **unknown)) == []
    assert texts(told(narrative, pain=False, fever=False)) == ["Neither."]


def test_a_loop_with_an_else_is_refused_since_it_would_deny_what_nobody_recorded(told: Told) -> None:
    with pytest.raises(TemplateError, match="would deny rows"):
        told("{% for row in visit.rows %}Size {{ row.size }}.{% else %}No rows.{% endfor %}")


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"pain": True}, "There is pain."),
        ({"pain": True, "fever": True}, "There is pain and fever."),
        ({"pain": True, "fever": True, "cough": True}, "There is pain, fever and cough."),
    ],
)
def test_what_is_there_is_listed_as_a_person_would(told: Told, answers: dict[str, bool], said: str) -> None:
    (sentence,) = told("{% if visit | yes %}There is {{ visit | yes | listed }}.{% endif %}", **answers)
    assert sentence.text == said
    assert sentence.says == tuple(f"visit.{name}" for name in answers)


def test_what_is_not_there_is_listed_with_or(told: Told) -> None:
    narrative = '{% if visit | no %}No {{ visit | no | listed("or") }}.{% endif %}'
    assert texts(told(narrative, pain=False, cough=False)) == ["No pain or cough."]
    assert texts(told(narrative, pain=True)) == []


def test_our_own_words_are_spelled_as_in_the_readers_country(told: Told) -> None:
    narrative = "Labour, a caesarean and {{ visit.grade }}; {{ visit.words }}."
    visit = {"grade": "caesarean", "words": "labour ward, Centre"}
    assert texts(told(narrative, "US", **visit)) == ["Labor, a cesarean and after cesarean; labour ward, Centre."]
    assert texts(told(narrative, "UK", **visit)) == ["Labour, a caesarean and after caesarean; labour ward, Centre."]


def test_the_name_of_an_element_is_spelled_as_in_the_readers_country(told: Told) -> None:
    narrative = "{% if visit | yes %}{{ visit | yes | listed | capital }}.{% endif %}"
    assert texts(told(narrative, "US", labour=True)) == ["Labor."]


@pytest.mark.parametrize(
    ("jurisdiction", "said"), [("US", "February 3, 2026"), ("UK", "3 February 2026"), ("", "3 February 2026")]
)
def test_dates_are_written_as_in_the_readers_country(told: Told, jurisdiction: str, said: str) -> None:
    assert texts(told("On {{ visit.day }}.", jurisdiction, day="2026-02-03")) == [f"On {said}."]


@pytest.mark.parametrize(
    ("began", "ended", "said"),
    [
        ("2026-11-03T23:10:00+00:00", "2026-11-03T23:40:00+00:00", "at 23:40"),
        ("2026-11-03T23:10:00+00:00", "2026-11-04T00:10:00+00:00", "on 4 November 2026 at 00:10"),
        ("2026-11-03T23:10:00+00:00", "2026-11-03T23:40:00+01:00", "on 3 November 2026 at 23:40"),
        (None, "2026-11-03T23:40:00+00:00", "on 3 November 2026 at 23:40"),
    ],
)
def test_a_second_moment_of_one_day_is_said_without_the_day(
    told: Told, began: str | None, ended: str, said: str
) -> None:
    moments = {"ended": ended} | ({"began": began} if began else {})
    sentences = told("{{ [visit.ended | moment(visit.began)] | within('Ended ', '.') }}", **moments)
    assert texts(sentences) == [f"Ended {said}."]
    assert "visit.ended" in sentences[0].says


# --- gaps ----------------------------------------------------------------------------------------------------------


def test_what_a_reader_expects_and_nobody_touched_is_one_sentence(told: Told) -> None:
    sentences = told("{{ visit | gaps }}", cough=False)
    assert texts(sentences) == ["Not recorded: pain, fever and length."]
    assert sentences[0].says == ("visit.pain", "visit.fever", "visit.length")


def test_each_reason_of_absence_is_a_sentence_of_its_own(told: Told) -> None:
    everything = {"pain": False, "fever": False, "cough": False, "length": 2}
    reasons = ["not-asked", "asked-declined", "asked-unknown", "not-performed", "not-applicable"]
    said = [texts(told("{{ visit | gaps }}", **everything | {"length": {"absent": reason}})) for reason in reasons]
    assert all(len(one) == 1 and "length" in one[0] for one in said)
    assert len({one[0] for one in said}) == len(reasons)


def test_elements_missing_for_one_reason_share_a_sentence_and_others_do_not(told: Told) -> None:
    declined, other = {"absent": "asked-declined"}, {"absent": "asked-declined", "reason": "too tired"}
    sentences = told("{{ visit | gaps }}", pain=declined, fever=declined, cough=other, length=1)
    assert [set(one.says) for one in sentences] == [{"visit.pain", "visit.fever"}, {"visit.cough"}]
    assert "too tired" in sentences[1].text


def test_a_missing_value_in_a_row_names_its_row(told: Told) -> None:
    rows = [{"id": "a", "size": 1}, {"id": "b", "size": {"absent": "not-performed"}}]
    (sentence,) = told('{% for row in visit.rows %} {{ row | gaps("Row " ~ row.number) }}{% endfor %}', rows=rows)
    assert "Row 2" in sentence.text
    assert sentence.says == ("visit.rows[b].size",)


# --- what a person typed -------------------------------------------------------------------------------------------

TYPED = [
    "{{ visit.pain }} {% if true %}x{% endif %} {# y #}",
    "<script>alert('x')</script> & <b>bold</b>",
    "# *not* _bold_ [link](http://x.invalid) `code` | cell",
    "C:\\path\\new",
    "100 % {0} %s ${HOME}",
    "«quoted» – “dash” – ¿qué? 𝔘 é",
]


@pytest.mark.parametrize("typed", TYPED)
def test_what_a_person_typed_is_printed_as_typed(told: Told, typed: str) -> None:
    assert texts(told("Said: {{ visit.words }};", words=typed)) == [f"Said: {typed};"]


@pytest.mark.parametrize("typed", TYPED)
def test_what_a_person_gave_as_a_reason_is_printed_as_typed(told: Told, typed: str) -> None:
    assert f"({typed})" in texts(told("{{ visit | gaps }}", words={"absent": "not-performed", "reason": typed}))[0]


@pytest.mark.parametrize("typed", TYPED)
def test_what_a_person_typed_is_never_markup_in_a_page(tmp_path: Path, typed: str) -> None:
    template = template_of(tmp_path / "tiny", "{% block visit %}Said: {{ visit.words }};{% endblock %}")
    note = note_of(template, words=typed)
    page = printing.page(note, render(note))
    assert f"Said: {html.escape(typed, quote=False)};" in page
    assert "<script" not in page


@pytest.mark.parametrize("mark", ["\ue000", "\ue001", "\ue002", "\ue003", "\ue005", "\ue006", "\ue000x\ue001", "\x00"])
def test_characters_that_could_forge_a_trace_are_refused_as_unprintable(tmp_path: Path, mark: str) -> None:
    template = template_of(
        tmp_path / "tiny", "{% block visit %}{% if visit.words is known %}{{ visit.words }}{% endif %}{% endblock %}"
    )
    note = note_of(template, words=f"before{mark}after")
    assert "cannot be printed" in note.problems[0].message
    assert render(note) == []


def test_lines_and_tabs_that_a_person_typed_become_spaces(told: Told) -> None:
    assert texts(told("{{ visit.words }}.", words=" one\r\n\ttwo\u2028three ")) == ["one two three."]


# --- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("narrative", "why"),
    [
        ("{{ 'a' if visit.pain else 'b' }}", "line 1: write {% if %}"),
        ("{% set x = visit.pain %}", "loses the trace"),
        ("{{ visit.pian }}", "no element «visit.pian»; did you mean «visit.pain»"),
        ("{{ nowhere.pain }}", "«nowhere» is not a section"),
        ("{% for row in visit.rows %}{{ row.sise }}{% endfor %}", "has no «sise»; did you mean «size»"),
        ("{{ visit.words | upper }}", "upper"),
        ("{% if visit.pain %}", "line 1"),
    ],
)
def test_a_narrative_that_cannot_be_trusted_is_refused_when_it_is_loaded(
    tmp_path: Path, narrative: str, why: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        template_of(tmp_path / "tiny", f"{{% block visit %}}{narrative}{{% endblock %}}")
    assert why in str(refused.value)
    assert "tiny/narrative.en.j2" in str(refused.value)


def test_a_block_that_is_no_section_needs_a_heading(tmp_path: Path) -> None:
    template_of(tmp_path / "tiny", "{% block closing %}Bye.{% endblock %}")
    with pytest.raises(TemplateError, match="did you mean «closing»"):
        template_of(tmp_path / "tiny", "{% block closin %}Bye.{% endblock %}")


def test_printing_what_was_not_tested_says_which_test_is_missing(told: Told) -> None:
    with pytest.raises(NarrativeError, match=re.escape("{% if visit.words is known %}")):
        told("{{ visit.words }}")


@pytest.mark.parametrize(
    "attack",
    [
        "{% include '/etc/passwd' %}",
        "{{ visit.words.__class__ }}",
        "{{ visit.__class__.__mro__ }}",
        "{{ visit['_view'] }}",
        "{{ visit._view.note }}",
        "{{ ''.__class__ }}",
        "{{ _yes.__globals__ }}",
        "{{ visit.words | attr('__class__') }}",
        "{% for x in [1, 2] %}{{ self.__init__ }}{% endfor %}",
    ],
)
def test_a_narrative_reaches_nothing_but_the_note(told: Told, attack: str) -> None:
    with pytest.raises(TemplateError):
        told(attack, words="x")


def test_a_loop_gone_wrong_is_stopped(told: Told) -> None:
    rows = [{"id": f"r{number}", "size": number} for number in range(200)]
    line = "{% for row in visit.rows %}" + "x" * 2000 + "{% endfor %}"
    with pytest.raises(NarrativeError, match="more than 200000 characters"):
        told(line, rows=rows)


@pytest.mark.parametrize("loop", ["range(1000000000)", "lipsum(10000)"])
def test_a_narrative_cannot_keep_the_machine_busy(told: Told, loop: str) -> None:
    with pytest.raises(TemplateError):
        told(f"{{% for x in {loop} %}}x{{% endfor %}}")


@pytest.mark.parametrize("costly", ["{% for x in 'ab' * 9999 %}{% endfor %}", "{{ 9 ** 9 }}", "{{ [1] * 9999 }}"])
def test_power_and_repetition_are_refused_when_a_narrative_is_loaded(tmp_path: Path, costly: str) -> None:
    with pytest.raises(TemplateError, match="line 1"):
        template_of(tmp_path / "tiny", f"{{% block visit %}}{costly}{{% endblock %}}")


def test_a_shared_macro_passes_over_elements_that_a_template_leaves_out() -> None:
    template = library.load_template("ultrasound")
    note = note_of(template)
    assert "patient.rh_d" not in template.elements
    assert not any("rh d" in one.text.lower() for one in render(note))


# --- things and their details --------------------------------------------------------------------------------------

DETAILS = '{{ [visit.pain | if_yes("pain") | detailed([visit.words]), visit.fever] | within("Told: ", ".") }}'


@pytest.mark.parametrize(
    ("pain", "said"),
    [
        ({"pain": True}, ["Told: pain (at night)."]),
        ({"pain": False}, []),
        ({}, ["Told: at night."]),
        ({"pain": {"absent": "asked-declined"}}, ["Told: at night."]),
    ],
)
def test_details_of_what_was_denied_are_not_said_as_if_it_were_there(
    told: Told, pain: dict[str, Any], said: list[str]
) -> None:
    assert texts(told(DETAILS, words="at night", **pain)) == said


def test_details_of_a_bare_no_are_not_said(told: Told) -> None:
    narrative = '{{ [visit.pain | detailed([visit.words])] | within("Pain: ", ".") }}'
    assert texts(told(narrative, pain=False, words="at night")) == []


def test_words_for_one_answer_are_silent_for_the_other(told: Told) -> None:
    narrative = 'So {{ visit.pain | if_yes("pain") | capital }}it is.'
    assert texts(told(narrative, pain=False)) == ["So it is."]


@pytest.mark.parametrize(
    ("words", "said"), [("Why?", "Comment: Why?"), ("No!", "Comment: No!"), ("Yes.", "Comment: Yes.")]
)
def test_a_question_within_words_of_ours_gets_no_full_stop(told: Told, words: str, said: str) -> None:
    narrative = '{{ [visit.words] | within("Comment: ", ".") }} {{ [visit.more] | within("More: ", ".") }}'
    assert texts(told(narrative, words=words, more="so")) == [said, "More: so."]


def test_a_dating_scan_without_its_gestational_age_has_a_verb() -> None:
    dated = {"id": "n", "template": "assessment", "status": "draft", "date": "2026-11-03T14:20:00+00:00"}
    for more, told in (({}, "was on 1 September 2026."), ({"us_ga": "12w4d"}, "on 1 September 2026 gave 12+4 weeks")):
        said = render(library.load(dated | {"pregnancy": {"current": True, "us_date": "2026-09-01", **more}}))
        assert f"The dating scan {told}" in " ".join(texts(said))
