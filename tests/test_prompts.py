"""How many questions a visit takes: a routine one at most 40, a full first assessment at most 90, a scan at most 35.

The notes are filled question by question from a finished note, as a clinician who knows all the answers would; what
comes out must be complete, so that no question was saved by not asking.
"""

import json
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from typing import Any

import pytest

from ci_notes import check, derive, load_template
from ci_notes.interview import Interview
from ci_notes.questions import Question

TEMPLATES = Path(__file__).parent.parent / "templates"
Data = dict[str, Any]


def example(name: str, of: str = "assessment", **sections: Any) -> Data:
    """Return an example with sections replaced (or, where a dict is given for a dict, with values added)."""
    data: Data = json.loads((TEMPLATES / of / "examples" / f"{name}.note.json").read_text("utf-8"))
    for section, held in sections.items():
        data[section] = {**data.get(section, {}), **held} if isinstance(held, dict) else held
    return data


def short_cervix() -> Data:
    """Return a repeat visit at which the cervix is found short and progesterone is begun."""
    return example(
        "normal",
        visit={"reason": "short_cervix"},
        ultrasound={"lengths": [{"id": "m1", "length": 22}, {"id": "m2", "length": 23}], "impression": "short_21_25"},
        diagnosis={"category": "ultrasound_indicated", "short_cervix": True, "criteria": ["short_cervix"]},
        counselling={"options": ["progesterone", "cerclage"]},
        plan={"choice": ["vaginal_progesterone", "tvus_surveillance"], "progesterone_drug": "micronised",
              "progesterone_dose": 200, "progesterone_route": "vaginal", "progesterone_start": "19w2d",
              "progesterone_stop": "36w0d"},
    )  # fmt: skip


def first_assessment() -> Data:
    """Return a full first assessment of a woman with one term birth, on no medicines and without a stitch."""
    birth = {"id": "p1", "ga_end": "39w2d", "outcome": "livebirth", "mode": "vaginal", "living": 1, "cerclage": False}
    return example(
        "normal",
        visit={"first": True},
        history={"formula": "G2P1001", "term": 1, "preterm": 0, "prior": [birth]},
        vitals={"height": 168, "hr": 78, "temp": 36.7},
        labs={"done": True, "ua": "neg", "urine_culture": "neg", "vaginal_swab": "neg", "wbc": 8, "crp": 3},
        fetal={"aneuploidy_screen": "done_normal"},
        counselling={"options": ["expectant"]},
        plan={"mfm_consult": True},
    )


def fill(target: Data, earlier: Data | None = None) -> tuple[int, Data, list[str]]:
    """Return how many questions were asked, the note that came of it, and what was asked without an answer."""
    template, numbers = load_template(target["template"]), count()
    begun = {key: target[key] for key in ("id", "template", "version", "date")} | {"status": "draft"}
    interview = Interview(template, begun, lambda: f"r{next(numbers)}", [earlier] if earlier else [])
    header = template.sections[0]
    if header.name in interview.carried:
        interview.settle(header, take=True)
    rows: dict[str, Data] = {}
    asked, open_ends = 0, []
    for question in chain(iter(interview.forward, None), once_more(interview)):
        asked += 1
        if not answer(interview, question, target, rows):
            open_ends.append(question.title)
    return asked, interview.data, open_ends


def once_more(interview: Interview) -> Iterator[Question]:
    """Yield what is required and still open at the end, as the terminal offers it: later answers asked for it."""
    yield from interview.unanswered()


def answer(interview: Interview, question: Question, target: Data, rows: dict[str, Data]) -> bool:
    """Answer a question from the finished note; return whether it holds an answer."""
    section = target if question.section.name == "note" else target.get(question.section.name, {})
    held = rows.get(question.row, {}) if question.row else section
    element = question.element
    if question.kind == "carry":
        interview.settle(question.section, take=True)
    elif question.block is not None:
        normal = question.block.normal
        interview.put_block(question, {one.name for one in question.members if held[one.name] != normal})
    elif element is None or element.name not in held:
        return False
    elif question.kind == "rows":
        interview.put_rows(question, len(held[element.name]))
        made = interview.data[question.section.name][element.name]
        rows.update({row["id"]: source for row, source in zip(made, held[element.name], strict=True)})
    elif question.kind == "list":
        interview.put_list(question, [row[element.rows[0].name] for row in held[element.name]])
    elif element.pair:
        interview.put_pair(question, (held[element.name], held[element.pair.rpartition(".")[2]]))
    else:
        interview.put(question, held[element.name])
    return True


def missing(data: Data) -> list[str]:
    note = derive.note(load_template(data["template"]), data)
    return [one.message for one in check(note) if one.rule in ("required", "shape", "not-asked-for")]


def test_a_routine_visit_for_a_short_cervix_takes_at_most_forty_questions() -> None:
    earlier = example("normal") | {"id": "earlier", "date": "2026-10-23T11:30:00-05:00"}
    asked, data, open_ends = fill(short_cervix(), earlier)
    assert asked <= 40
    assert missing(data) == []
    assert open_ends == []
    assert data["ultrasound"]["previous_length"] == 35, "carried from the shortest of the earlier note"


def test_a_full_first_assessment_takes_at_most_ninety_questions() -> None:
    asked, data, _ = fill(first_assessment())
    assert asked <= 90
    assert missing(data) == []


@pytest.mark.parametrize("name", ["rescue", "preconception", "twins"])
def test_what_is_asked_makes_a_complete_note(name: str) -> None:
    _, data, _ = fill(example(name))
    assert missing(data) == []


def scanned_before(name: str, length: float) -> tuple[Data, Data]:
    """Return the note of a scan, and the one of the scan two weeks before that it goes on from."""
    target = example(name, of="ultrasound")
    measured = {"lengths": [{"id": "m1", "length": length}], "action": ["continue"]}
    earlier = example(name, of="ultrasound", id="earlier", date="2026-10-27T09:00:00-06:00", ultrasound=measured)
    return target, earlier


def test_a_routine_scan_takes_at_most_thirty_five_questions() -> None:
    asked, data, open_ends = fill(*scanned_before("normal", 37))
    assert asked <= 35
    assert missing(data) == []
    assert open_ends == []
    assert (data["ultrasound"]["previous_length"], data["ultrasound"]["previous_date"]) == (37, "2026-10-27")


@pytest.mark.parametrize("name", ["normal", "short", "stitch", "twins", "open", "scan"])
def test_what_is_asked_at_a_scan_makes_a_complete_note(name: str) -> None:
    _, data, _ = fill(example(name, of="ultrasound"))
    assert missing(data) == []
