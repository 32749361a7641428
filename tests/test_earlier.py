"""A note is held against the patient's earlier note: given from outside, or found among the notes of one run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Pack, rule, visit_note

import ci_notes
from ci_notes import derive, library
from ci_notes.checks import check
from ci_notes.errors import TemplateError
from ci_notes.series import Series
from ci_notes.template import Template

Run = Callable[..., Any]

GREW = rule(
    "E001",
    "earlier.visit.length is known and visit.length > earlier.visit.length",
    message="{visit.length} after {earlier.visit.length} on {earlier.note.date}.",
)
SIGNED = rule("E002", "earlier.note.status == 'final' and visit.stitch", message="Signed before.")
CHANGED = rule("E003", "earlier.visit.reason == 'fear' and not earlier.visit.stitch is known", severity="warning")


STATES = ("known", "absent", "untouched")


def pack_with(*rules: dict[str, Any]) -> Pack:
    pack = Pack()
    pack.rules = {"rules": list(rules or (GREW, SIGNED, CHANGED))}
    text = {"type": "string"}
    for name in ("identifier_system", "identifier", "pseudonym"):
        pack.schema["properties"]["patient"]["properties"][name] = {"title": name.title(), **text}
    pack.narrative += "{% block patient %}{% endblock %}"
    return pack


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny template, its rules about an earlier note, and a second kind of note beside it."""
    root = tmp_path_factory.mktemp("templates")
    pack_with().write(root)
    other = pack_with()
    other.visit["length"]["x-ci"]["unit"] = "cm"
    other.write(root, "other")
    return root


@pytest.fixture(scope="module")
def series(root: Path) -> Template:
    return library.compile_template(root / "visit", root)


def found(template: Template, data: dict[str, Any], earlier: dict[str, Any] | None) -> dict[str, str]:
    before = [] if earlier is None else [derive.note(template, earlier)]
    return {
        one.rule: f"{one.outcome}: {one.message}"
        for one in check(derive.note(template, data, earlier=before))
        if one.rule[0] == "E"
    }


# --- what rules see of it ------------------------------------------------------------------------------------------


def test_value_is_compared_with_that_of_the_earlier_note_and_both_are_printed(series: Template) -> None:
    said = found(series, visit_note(length=30), visit_note(length=20) | {"date": "2026-10-01T09:00:00Z"})
    assert said == {"E001": "found: 30 mm after 20 mm on 1 October 2026 at 09:00."}
    assert not found(series, visit_note(length=20), visit_note(length=20))


def test_without_an_earlier_note_such_rules_are_silent(series: Template) -> None:
    assert not found(series, visit_note(length=30, stitch=True), None)


def test_what_this_note_lacks_could_not_be_told(series: Template) -> None:
    assert found(series, visit_note(), visit_note(length=20))["E001"].startswith("could not tell")
    assert not found(series, visit_note(), visit_note(length={"absent": "not-performed"}))


@pytest.mark.parametrize(("status", "fires"), [("final", True), ("amended", False), ("draft", False)])
def test_status_of_the_earlier_note_can_be_asked_for(series: Template, status: str, fires: bool) -> None:
    assert ("E002" in found(series, visit_note(stitch=True), visit_note() | {"status": status})) is fires


def test_what_is_recorded_here_is_not_taken_for_what_was_recorded_then(series: Template) -> None:
    assert "E003" in found(series, visit_note(reason="pain", stitch=True), visit_note(reason="fear"))
    assert "E003" not in found(series, visit_note(reason="fear"), visit_note(reason="fear", stitch=False))


@pytest.mark.parametrize(
    ("recorded", "state"),
    [(5, "known"), ({"absent": "not-performed"}, "absent"), (None, "untouched"), ("five", "wrong")],
)
def test_states_of_the_earlier_note_are_told_apart(tmp_path: Path, recorded: Any, state: str) -> None:
    rules = [rule(f"E00{number}", f"earlier.visit.length is {one}") for number, one in enumerate(STATES)]
    template = library.compile_template(pack_with(*rules).write(tmp_path), tmp_path)
    before = visit_note() if recorded is None else visit_note(length=recorded)
    assert list(found(template, visit_note(length=3), before)) == [
        f"E00{number}" for number, one in enumerate(STATES) if one == state
    ]


def test_rows_of_the_earlier_note_are_counted_as_its_own(tmp_path: Path) -> None:
    sums = ("sum(earlier.visit.items, row.size)", "sum(visit.items, row.size)")
    same = f"count(earlier.visit.items) == count(visit.items) and {' == '.join(sums)}"
    template = library.compile_template(pack_with(rule("E001", same, severity="warning")).write(tmp_path), tmp_path)

    def items(*sizes: int) -> dict[str, Any]:
        return visit_note(items=[{"id": f"i{number}", "size": size} for number, size in enumerate(sizes)])

    assert "E001" in found(template, items(3, 4), items(4, 3))
    assert not found(template, items(3, 4), items(3, 5))
    assert not found(template, items(3, 4), visit_note())
    assert not found(template, items(3, 4), None)


def test_earlier_note_leaves_no_trace_in_the_note_that_is_held_against_it(series: Template) -> None:
    data = visit_note(length=30)
    before, alone = derive.note(series, visit_note(length=20)), derive.note(series, data)
    after = derive.note(series, data, earlier=[before])
    assert ci_notes.render(after) == ci_notes.render(alone)
    assert {path: after.record.values.get(path) for path in alone.record.values} == alone.record.values
    assert after.data == data


def test_earlier_note_may_be_of_another_kind_but_millimetres_are_no_centimetres(root: Path, series: Template) -> None:
    other = library.compile_template(root / "other", root)
    before = derive.note(other, visit_note(length=2, reason="fear") | {"template": "other"})
    assert not before.problems
    assert {one.rule for one in check(derive.note(series, visit_note(length=30), earlier=[before]))} & {
        "E001",
        "E003",
    } == {"E003"}


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ([{"length": 20}, {}], "30 mm after 20 mm on 1 October 2026 at 09:00"),
        ([{"length": 10}, {"length": 20}], "30 mm after 20 mm on 2 October 2026 at 09:00"),
        ([{"length": 20}, {"length": {"absent": "not-performed"}}], "30 mm after 20 mm on 1 October 2026 at 09:00"),
        ([{"length": {"absent": "not-performed"}}, {"length": 20}], "30 mm after 20 mm on 2 October 2026 at 09:00"),
        ([{"length": 20}, {"length": "short"}], "30 mm after 20 mm on 1 October 2026 at 09:00"),
        ([{"length": 20}, {"length": 40}], ""),
    ],
)
def test_each_value_is_that_of_the_latest_note_that_has_one_and_says_which(
    tmp_path: Path, notes: list[dict[str, Any]], said: str
) -> None:
    dated = {
        **GREW,
        "message": "{visit.length} after {earlier.visit.length} on {earlier.visit.length:date}, {earlier.note.date}.",
    }
    template = library.compile_template(pack_with(dated).write(tmp_path), tmp_path)
    earlier = [
        derive.note(template, visit_note(**one) | {"date": f"2026-10-0{day}T09:00:00Z"})
        for day, one in enumerate(notes, 1)
    ]
    after = check(derive.note(template, visit_note(length=30), earlier=earlier))
    found = next((one.message for one in after if one.rule == "E001"), "")
    assert said in found
    assert bool(found) is bool(said)
    assert not found or found.endswith(", 2 October 2026 at 09:00.")


def test_notes_of_another_pregnancy_precede_nothing() -> None:
    def of(date: str, edd: str | None, name: str) -> dict[str, Any]:
        return {"id": name, "date": f"{date}T10:00:00Z", "status": "final", "patient": ADA, "pregnancy": {"edd": edd}}

    series = Series()
    for name, date, edd in (("loss", "2026-01-10", "2026-07-01"), ("scan", "2026-09-01", "2027-03-10")):
        series.add(name, of(date, edd, name))
    assert series.before(of("2026-10-01", "2027-03-10", "now")) == ["scan"]
    assert series.before(of("2026-10-01", None, "now")) == ["loss", "scan"], "without a due date, what is near enough"
    assert series.before(of("2027-10-01", None, "now")) == []
    assert series.before(of("2026-10-01", "2027-03-24", "now")) == ["scan"], "a due date that changed is the same one"
    assert series.before(of("2026-10-01", "2028-03-10", "now")) == ["loss", "scan"], "one that cannot be is none"


def test_amended_note_takes_the_place_of_what_it_amends() -> None:
    series = Series()
    series.add("first", {**dated(1, "final"), "id": "a"})
    series.add("amended", {**dated(2, "amended"), "id": "a"})
    series.add("second", {**dated(3, "final"), "id": "b"})
    assert series.before(dated(9)) == ["amended", "second"]


def test_note_is_loaded_with_its_earlier_note(root: Path) -> None:
    before = ci_notes.load(visit_note(length=20), [root])
    after = ci_notes.load(visit_note(length=30), [root], earlier=[before])
    assert "E001" in {one.rule for one in ci_notes.check(after)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"when": "earlier.visit.lenght > 3"}, "there is no element «visit.lenght»; did you mean «visit.length»?"),
        ({"when": "earlier.visit.items is known"}, "count(earlier.visit.items, ...)"),
        ({"when": "earlier.visit.items.size > 3"}, "count(earlier.visit.items, ...)"),
        ({"when": "count(earlier.visit.items, row.sise > 3) > 1"}, "did you mean «visit.items.size»?"),
        ({"when": "count(earlier.visit.itens) > 3"}, "did you mean «visit.items»?"),
        ({"when": "earlier.visit.reason == 'joy'"}, "«joy» is not an option"),
        ({"when": "earlier.visit.length > visit.on"}, "cannot be compared"),
        ({"message": "{earlier.visit.lenght}"}, "did you mean «visit.length»?"),
        ({"message": "{earlier.visit.items}"}, "count(earlier.visit.items, ...)"),
        ({"at": ["earlier.visit.length"]}, "there is no element «earlier.visit.length»"),
    ],
)
def test_what_an_earlier_note_cannot_have_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    pack_with({**rule("E001", "earlier.visit.length > 3"), **change}).write(tmp_path)
    with pytest.raises(TemplateError, match="E001") as refused:
        library.compile_template(tmp_path / "visit", tmp_path)
    assert said in str(refused.value)


@pytest.mark.parametrize("where", ["asked", "required", "computed"])
def test_only_rules_look_at_the_earlier_note(tmp_path: Path, where: str) -> None:
    pack = pack_with()
    pack.visit["total"]["x-ci"] = {where: "earlier.visit.length > 3" if where != "computed" else "earlier.visit.length"}
    pack.write(tmp_path)
    with pytest.raises(TemplateError, match="only a rule can look at the earlier note"):
        library.compile_template(tmp_path / "visit", tmp_path)


# --- which note it is ----------------------------------------------------------------------------------------------

ADA = {"identifier_system": "https://hospital.example", "identifier": "1"}


def dated(day: int, status: str = "draft", patient: Any = ADA, hour: str = "10:00:00Z") -> dict[str, Any]:
    return {"date": f"2026-11-{day:02}T{hour}", "status": status, "patient": patient}


def before(data: dict[str, Any], *others: dict[str, Any]) -> str | None:
    series = Series()
    for number, one in enumerate(others):
        series.add(str(number), one)
    return next(reversed(series.before(data)), None)


def test_latest_of_the_earlier_notes_is_the_one_before() -> None:
    assert before(dated(9), dated(1), dated(5), dated(9), dated(12), dated(3)) == "1"
    assert before(dated(1), dated(1), dated(2)) is None


def test_signed_note_goes_before_a_later_draft() -> None:
    assert before(dated(9), dated(1, "final"), dated(2, "amended"), dated(5)) == "1"
    assert before(dated(9), dated(1), dated(2), dated(5, "entered-in-error"), dated(6, "lost")) == "1"


def test_of_two_versions_of_one_moment_the_amended_one_counts() -> None:
    assert before(dated(9), dated(1, "amended"), dated(1, "final")) == "0"
    assert before(dated(9), dated(1, "final"), dated(1)) == "0"


def test_moments_are_compared_wherever_they_were_written() -> None:
    assert before(dated(5, hour="01:00:00+10:00"), dated(4, hour="16:00:00-02:00")) is None
    assert before(dated(5, hour="01:00:00-10:00"), dated(5, hour="02:00:00+02:00")) == "0"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ADA, ADA, True),
        (ADA, {**ADA, "identifier": "2"}, False),
        (ADA, {**ADA, "identifier_system": "https://elsewhere.example"}, False),
        ({"identifier": "1"}, {"identifier": "1"}, False),
        ({"name": "Ada"}, {"name": "Ada"}, False),
        ({"pseudonym": "P7"}, {"pseudonym": "P7"}, True),
        ({"pseudonym": "P7"}, {"pseudonym": "P8"}, False),
        ({**ADA, "pseudonym": "P7"}, {"pseudonym": "P7"}, True),
        ({"pseudonym": {"absent": "not-asked"}}, {"pseudonym": {"absent": "not-asked"}}, False),
        ("Ada", "Ada", False),
        (None, None, False),
    ],
)
def test_same_patient_has_the_same_number_of_the_same_place_or_the_same_pseudonym(
    one: Any, other: Any, same: bool
) -> None:
    assert (before(dated(9, patient=one), dated(1, patient=other)) == "0") is same


@pytest.mark.parametrize("date", [None, "yesterday", "2026-11-01", 5, {"absent": "not-asked"}])
def test_note_without_a_moment_is_before_none_and_after_none(date: Any) -> None:
    undated = {**dated(1), "date": date}
    assert before(dated(9), undated) is None
    assert before(undated, dated(1)) is None


@given(
    st.lists(st.tuples(st.integers(1, 28), st.sampled_from(["draft", "final", "amended"])), max_size=6), st.randoms()
)
def test_order_in_which_notes_are_given_does_not_matter(notes: list[tuple[int, str]], random: Any) -> None:
    named = {f"{day}-{status}": dated(day, status) for day, status in notes}

    def found(names: list[str]) -> str | None:
        series = Series()
        for name in names:
            series.add(name, named[name])
        return next(reversed(series.before(dated(20))), None)

    names = sorted(named)
    first = found(names)
    random.shuffle(names)
    assert found(names) == first
    signed = [(day, status) for day, status in notes if day < 20 and status != "draft"]
    assert first is None or not signed or int(first.split("-")[0]) == max(day for day, _ in signed)


# --- the command line ----------------------------------------------------------------------------------------------


def note_file(folder: Path, name: str, day: int, length: float, **more: Any) -> Path:
    data = {**visit_note(length=length), "id": name, **dated(day), **more}
    path = folder / f"{name}.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def grew(ran: Any) -> dict[str, list[str]]:
    """Return for each file of a report what the rule about growth said."""
    return {
        Path(one["file"]).stem: [two["message"] for two in one["findings"] if two["rule"] == "E001"]
        for one in json.loads(ran.out)
    }


def test_notes_of_one_run_are_held_each_against_the_one_before(run: Run, root: Path, tmp_path: Path) -> None:
    paths = [
        note_file(tmp_path, "third", 9, 40),
        note_file(tmp_path, "first", 1, 20),
        note_file(tmp_path, "second", 5, 30),
        note_file(tmp_path, "stranger", 8, 35, patient={**ADA, "identifier": "2"}),
    ]
    ran = run("check", *paths, "--templates", root, "--format", "json")
    assert grew(ran) == {
        "third": ["40 mm after 30 mm on 5 November 2026 at 10:00."],
        "first": [],
        "second": ["30 mm after 20 mm on 1 November 2026 at 10:00."],
        "stranger": [],
    }
    assert ran.code == 1
    (alone,) = grew(run("check", paths[0], "--templates", root, "--format", "json")).values()
    assert alone == []


def test_notes_that_cannot_be_read_stand_in_no_other_notes_way(run: Run, root: Path, tmp_path: Path) -> None:
    paths = [note_file(tmp_path, "one", 1, 20), note_file(tmp_path, "two", 5, 30)]
    lost = note_file(tmp_path, "lost", 3, 10, template="nothing")
    (tmp_path / "bad.json").write_text("{")
    ran = run("check", lost, tmp_path / "bad.json", *paths, "--templates", root, "--format", "json")
    assert ran.code == 2
    assert sorted(grew(ran)) == ["one", "two"]
    assert ran.err.count("ci-notes: ") == 2


def test_note_from_standard_input_is_held_against_the_others(run: Run, root: Path, tmp_path: Path) -> None:
    earlier = note_file(tmp_path, "one", 1, 20)
    raw = note_file(tmp_path, "two", 5, 30).read_bytes()
    ran = run("check", "-", earlier, "--templates", root, "--format", "json", stdin=raw)
    assert grew(ran)["-"] == ["30 mm after 20 mm on 1 November 2026 at 10:00."]


def test_earlier_note_can_be_named(run: Run, root: Path, tmp_path: Path) -> None:
    one, two, three = (note_file(tmp_path, str(day), day, 20 + day) for day in (1, 2, 3))
    ran = run("check", two, three, "--earlier", one, "--templates", root, "--format", "json")
    assert [said[0].partition(" after ")[2][:5] for said in grew(ran).values()] == ["21 mm", "21 mm"]
    ran = run("check", three, "--earlier", two, "--earlier", one, "--templates", root, "--format", "json")
    assert [said[0].partition(" after ")[2][:5] for said in grew(ran).values()] == ["22 mm"]


def test_notes_of_a_folder_are_checked_together_and_what_is_no_note_is_passed_over(
    run: Run, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "scans").mkdir()
    note_file(tmp_path, "one", 1, 20)
    note_file(tmp_path / "scans", "two", 5, 30)
    (tmp_path / "one.bundle.json").write_text('{"resourceType": "Bundle"}')
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "one.txt").write_text("A narrative.")
    ran = run("check", tmp_path, "--templates", root, "--format", "json")
    assert grew(ran) == {"one": [], "two": ["30 mm after 20 mm on 1 November 2026 at 10:00."]}
    assert ran.err == f"ci-notes: in {tmp_path}, files passed over because they are no notes: 2\n"
    (tmp_path / "bad.json").write_text("{")
    ran = run("check", tmp_path, "--templates", root)
    assert ran.code == 2
    assert "bad.json" in ran.err


def test_new_note_takes_what_lasts_from_several_earlier_ones(run: Run, root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "earlier"
    folder.mkdir()
    note_file(folder, "one", 1, 20)
    note_file(folder, "stranger", 2, 20, patient={**ADA, "identifier": "2"})
    ran = run("new", "visit", "--from", folder, "-o", tmp_path / "new.json", "--templates", root, stdin=b"")
    assert ran.code == 2
    assert "holds notes of several patients; name those of one" in ran.err


def test_named_note_that_cannot_be_the_earlier_one_is_refused(run: Run, root: Path, tmp_path: Path) -> None:
    note = note_file(tmp_path, "note", 5, 30)
    stranger = note_file(tmp_path, "stranger", 1, 20, patient={**ADA, "identifier": "2"})
    later = note_file(tmp_path, "later", 5, 20)
    for path, said in ((stranger, "is of another patient than"), (later, "is not earlier than"), ("none", "none")):
        ran = run("check", note, "--earlier", path, "--templates", root)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err


def test_new_note_is_held_against_the_one_it_was_begun_from(run: Run, root: Path, tmp_path: Path) -> None:
    earlier = note_file(tmp_path, "one", 1, 20)
    draft = note_file(tmp_path, "two", 5, 30, status="draft")
    ran = run("new", "visit", "--from", earlier, "-o", draft, "--templates", root, stdin=b"y\n")
    assert (ran.code, ran.out) == (0, "")
    assert "  error: 30 mm after 20 mm on 1 November 2026 at 10:00. (data quality)\n" in ran.err
    alone = run("new", "visit", "-o", draft, "--templates", root, stdin=b"y\n")
    assert "Saved in" in alone.err
    assert "30 mm" not in alone.err


def test_note_to_begin_from_may_be_of_another_kind_and_keeps_its_own_units(
    run: Run, root: Path, tmp_path: Path
) -> None:
    earlier = note_file(tmp_path, "one", 1, 2, template="other", status="final")
    draft = note_file(tmp_path, "two", 5, 30, status="draft", visit={"seen": True, "length": 30, "stitch": True})
    ran = run("new", "visit", "--from", earlier, "-o", draft, "--templates", root, stdin=b"y\n")
    assert ran.code == 0
    assert "Signed before." in ran.err
    assert "30 mm after" not in ran.err
