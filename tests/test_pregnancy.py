"""Two whole pregnancies as records: clean as they are, and with one fault each that its rule finds, and no other."""

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import ci_notes
from ci_notes import Finding, printing
from ci_notes.checks import at_or_above

FOLDER = Path(__file__).parent / "pregnancy"
TODAY = "2026-11-21"
GONE: Any = object()
"""In place of a value: the field is taken away."""

Data = dict[str, Any]
Run = Callable[..., Any]
Findings = dict[str, list[Finding]]


@dataclass(frozen=True)
class Fault:
    """One change to a clean record, the rule that finds it, and what else is said of the same fault.

    `note` is the record and the note in it, as uk/05. The finding is expected there, unless `found` names another note;
    it names the changed place, unless `place` names another. `also` are other errors that the same change is.
    """

    note: str
    at: str
    value: Any
    rule: str
    also: tuple[str, ...] = ()
    found: str = ""
    place: str = ""
    jurisdiction: str = ""

    @property
    def who(self) -> str:
        return self.note[:2]


STITCH = {"placed_on": "2026-07-28", "indication": "ultrasound", "technique": "mcdonald", "suture": "polyester_tape"}

FAULTS = {
    # --- slips of typing
    "millimetres typed as centimetres": Fault("uk/05", "ultrasound.lengths[m1].length", 1.8, "R014"),
    "previous length in centimetres": Fault("uk/05", "ultrasound.previous_length", 2.8, "D118"),
    "temperature in °F": Fault("uk/07", "vitals.temp", 98.2, "shape"),
    "temperature in °F at the removal": Fault("uk/10", "vitals.temp", 98.2, "shape"),
    "cefazolin in milligrams": Fault("us/02", "operation.antibiotics[a1].unit", "mg", "R103", place="operation"),
    "blood pressures exchanged": Fault("uk/07", "vitals.sbp", 60, "D005"),
    "prior pregnancy of a year": Fault("uk/01", "history.prior[p2].ga_end", "51w4d", "D010"),
    "next visit in the year before": Fault("uk/08", "plan.followup", "2025-09-25", "D025"),
    "an answer that is no option": Fault("uk/06", "cerclage.technique", "MacDonald", "shape"),
    # --- dating
    "day and month of the due date exchanged": Fault("uk/07", "pregnancy.edd", "2026-11-12", "R009"),
    "day and month of the due date exchanged, scan": Fault("uk/04", "pregnancy.edd", "2026-11-12", "R009", ("D031",)),
    "due date changed without a reason": Fault("uk/08", "pregnancy.edd", "2026-12-18", "R009"),
    "due date changed without a reason, US": Fault("us/04", "pregnancy.edd", "2026-12-12", "R008"),
    "due date of another pregnancy": Fault("uk/09", "pregnancy.edd", "2027-12-11", "D001", ("D016", "R009")),
    "due date that the dating scan does not give": Fault("uk/01", "pregnancy.edd", "2026-12-01", "D031", ("R009",)),
    "due date that the last period does not give": Fault("us/01", "pregnancy.edd", "2026-12-25", "R002", ("R008",)),
    "gestation stated otherwise": Fault("uk/04", "pregnancy.ga_stated", "20w0d", "R001"),
    "last period after the note": Fault("uk/01", "pregnancy.lmp", "2026-06-05", "R013a", ("R012e",)),
    "note in the future": Fault("uk/12", "date", "2026-12-19T11:00:00+00:00", "R013", ("R012i", "D025"), place="date"),
    "signed before it was written": Fault("uk/08", "signed_at", "2026-08-27T10:00:00+01:00", "R012i"),
    # --- who she is, and what was before
    "date of birth with day and month exchanged": Fault("uk/08", "patient.birth_date", "1992-03-04", "D101"),
    "blood group changed": Fault("uk/07", "patient.rh_d", "neg", "D102"),
    "another name under the same number": Fault("uk/08", "patient.name", "Vera Sample", "D120"),
    "one loss too many": Fault("uk/01", "history.abortions", 2, "R017"),
    "more living than born": Fault("us/02", "history.living", 1, "R019"),
    "formula that the counts contradict": Fault("uk/06", "history.formula", "G4P1+2", "R022a"),
    "gravida changed": Fault("uk/04", "history.gravida", 4, "D105"),
    "a prior pregnancy not listed": Fault("us/01", "history.gravida", 3, "R021", ("R017", "D105")),
    "painless dilation with pain": Fault("uk/01", "history.prior[p1].painless", False, "D032"),
    "twins in one note": Fault("uk/04", "pregnancy.plurality", 2, "D103"),
    "a second fetus in one note": Fault(
        "uk/07", "fetal.fetuses", [{"id": "f1", "fhr": 146}, {"id": "f2", "fhr": 150}], "D013"
    ),
    "allergy lost before the operation": Fault("uk/06", "allergies", {"any": False}, "D119"),
    "allergy lost before the removal": Fault("uk/11", "allergies", {"any": False}, "D119"),
    # --- scans
    "previous length that was not measured": Fault("uk/05", "ultrasound.previous_length", 38, "D118"),
    "a shortest length of its own": Fault("uk/05", "ultrasound.shortest", 19, "shape"),
    "a share of the funnel of its own": Fault("uk/05", "ultrasound.funnel_share", 20, "shape"),
    "impression that the length contradicts": Fault("uk/05", "ultrasound.impression", "normal", "D033"),
    "length not measured through the vagina": Fault("uk/05", "ultrasound.approach", "transabdominal", "R046a"),
    "short cervix without a senior review": Fault("uk/05", "ultrasound.review_on", GONE, "R061"),
    "scan not compared": Fault("uk/05", "ultrasound.previous_length", GONE, "R066b"),
    "compared with the scan before the last": Fault("uk/05", "ultrasound.previous_date", "2026-06-26", "D122"),
    "previous scan after this one": Fault("uk/05", "ultrasound.previous_date", "2026-08-10", "R012a"),
    "scan without its measurements": Fault("uk/05", "ultrasound.lengths", GONE, "R066"),
    "scan after its note": Fault("uk/04", "ultrasound.scan_date", "2026-10-07", "R012b"),
    # --- the operation
    "placed in spite of bleeding": Fault("uk/06", "exam.bleeding", "heavy", "R076"),
    "placed in spite of ruptured membranes": Fault("uk/06", "exam.membranes", "ruptured", "R077"),
    "placed in spite of fever": Fault("uk/06", "vitals.temp", 39.2, "R078", place="vitals.temp"),
    "placed in spite of contractions": Fault("uk/06", "symptoms.contractions", True, "R075"),
    "placed without a fetal heart": Fault("uk/06", "fetal.fetuses[f1].fhr", 0, "R079"),
    "membranes ruptured and no complication": Fault("uk/06", "cerclage.membranes_after", "ruptured", "R107"),
    "two litres of blood and no complication": Fault("uk/06", "cerclage.blood_loss", 2000, "R107a"),
    "heart stopped and no complication": Fault("uk/06", "fetal.fetuses_after[f1].fhr", 0, "R107b"),
    "no fetal heart before": Fault("uk/06", "fetal.fetuses[f1].fhr", GONE, "R092"),
    "no fetal heart after": Fault("uk/06", "fetal.fetuses_after", GONE, "R092a"),
    "penicillin in spite of allergy": Fault("uk/06", "operation.antibiotics[a1].drug", "penicillin", "R106"),
    "iodine in spite of allergy": Fault(
        "us/02", "allergies", {"any": True, "list": [{"id": "g1", "substance": "iodine"}]}, "R106c"
    ),
    "position of the knot missing": Fault("uk/06", "cerclage.knot_clock", GONE, "R095"),
    "suture material missing": Fault("us/02", "cerclage.suture", GONE, "R095"),
    "anaesthesia missing": Fault("uk/06", "cerclage.anaesthesia", GONE, "R101"),
    "description missing, US": Fault("us/02", "operation.description", GONE, "R086"),
    "diagnosis after the operation missing": Fault("uk/06", "operation.postop_diagnosis", GONE, "R091"),
    "consent without most risks": Fault("uk/06", "counselling.risks", ["bleeding", "infection"], "D206"),
    "ended before it began": Fault("uk/06", "operation.ended", "2026-07-28T10:05:00+01:00", "D201"),
    "antibiotic a month later": Fault("uk/06", "operation.antibiotics[a1].at", "2026-08-28T10:15:00+01:00", "R012q"),
    "placed though consent was declined": Fault("uk/06", "counselling.consent", "declined", "D210"),
    "begun on the day before": Fault("uk/06", "operation.started", "2026-07-27T10:35:00+01:00", "D204"),
    "year of the operation": Fault("uk/06", "cerclage.placed_on", "2025-07-28", "D016", ("D110",)),
    "abdominal stitch and vaginal birth": Fault("us/03", "cerclage.technique", "tac_laparoscopic", "R124", ("D111",)),
    # --- the stitch from note to note
    "technique changed": Fault("uk/08", "cerclage.technique", "shirodkar", "D111"),
    "suture changed": Fault("uk/07", "cerclage.suture", "nylon", "D112"),
    "knot moved": Fault("uk/10", "cerclage.knot_clock", 6, "D114"),
    "indication changed": Fault("uk/08", "cerclage.indication", "history", "D115"),
    "day of placement changed": Fault("uk/09", "cerclage.placed_on", "2026-07-18", "D110"),
    "placed after the note": Fault("uk/07", "cerclage.placed_on", "2026-08-28", "R012", ("D110",)),
    "sutures counted otherwise": Fault("uk/06", "cerclage.sutures_n", 2, "D113", found="uk/07"),
    "removal plan vanished": Fault("uk/08", "removal", GONE, "R148", ("R117",)),
    "stitch gone without a removal": Fault("uk/09", "cerclage", {"in_place": False}, "D116"),
    "stitch back after its removal": Fault("uk/12", "cerclage", {"in_place": True, **STITCH}, "D117", ("R117", "R148")),
    "stitch not seen": Fault("uk/07", "exam.stitch_seen", False, "R147"),
    "removal planned too late": Fault("uk/07", "removal.target", "39w0d", "R118"),
    "removal planned too early to be meant": Fault("uk/07", "removal.target", "26w3d", "D020"),
    # --- treatment
    "bed rest": Fault("uk/07", "plan.activity", "bed_rest", "R139"),
    "17-OHPC, US": Fault("us/03", "plan.progesterone_drug", "17OHPC", "R134"),
    "17-OHPC, held to US guidelines": Fault("uk/07", "plan.progesterone_drug", "17OHPC", "R134", jurisdiction="US"),
    "progesterone by mouth": Fault("uk/07", "plan.progesterone_route", "oral", "R135"),
    "progesterone stopped early": Fault("uk/03", "plan.progesterone_stop", "24w0d", "R132a"),
    "progesterone gone from the medicines": Fault("uk/08", "medications", {"any": False}, "D082"),
    "steroids given in the future": Fault("uk/12", "followup.steroids_on", "2026-12-05", "R012o"),
    "leak of fluid and nothing done": Fault("uk/09", "symptoms.fluid_leak", True, "R146", place="followup"),
    "remark copied from the visit before": Fault(
        "uk/08", "followup.comment", "The discharge of the first days has settled and she feels well", "R163"
    ),
    "reason for keeping a finding too short": Fault("uk/05", "kept[k1].rationale", "fine", "R168"),
    # --- rupture of the membranes
    "rupture without a decision": Fault("uk/10", "pprom.decision", GONE, "R122", jurisdiction="US"),
    "kept for over 48 hours": Fault("uk/10", "pprom.retain_until", "2026-10-12T10:00:00+01:00", "R123"),
    "kept in spite of infection": Fault("uk/10", "pprom.infection_signs", True, "R123a"),
    "fever and no signs of infection": Fault("uk/10", "vitals.temp", 38.6, "R123b"),
    "kept in labour": Fault("uk/10", "suture_removal.reason", "labour", "R121"),
    "decided to remove, and kept": Fault("uk/10", "pprom.decision", "remove_now", "R122a"),
    "amoxicillin in spite of allergy": Fault("uk/10", "pprom.antibiotics", ["amoxicillin"], "R106g"),
    "rupture after the note": Fault("uk/10", "pprom.at", "2026-10-15T10:40:00+01:00", "R012l", ("R012m",)),
    "rupture at another time": Fault("uk/11", "pprom.at", "2026-10-01T10:40:00+01:00", "D121"),
    "first dose of steroids after the note": Fault("uk/10", "pprom.steroids_at", "2026-10-15T13:30:00+01:00", "R012p"),
    # --- the removal
    "one suture more out than in": Fault("uk/11", "suture_removal.removed_n", 2, "R127a"),
    "not wholly removed": Fault("uk/11", "suture_removal.complete", False, "R127"),
    "all out, and still in place": Fault("uk/11", "cerclage.in_place", True, "R127d", ("D116",)),
    "elective removal before 36 weeks": Fault("us/05", "suture_removal.at", "2026-10-12T09:40:00-05:00", "R120"),
    "removed before it was placed": Fault("uk/11", "suture_removal.at", "2026-07-10T09:10:00+01:00", "R012j"),
    "removed after the note": Fault("uk/11", "suture_removal.at", "2026-10-17T09:10:00+01:00", "R012k"),
    "membranes intact again": Fault("uk/11", "suture_removal.membranes_after", "intact", "R122b"),
    "cervix torn and no complication": Fault(
        "uk/11", "suture_removal.laceration", True, "R127e", place="suture_removal"
    ),
    "samples after the note": Fault("uk/11", "labs.collected_on", "2026-10-17", "R012n"),
}


# --- the records ---------------------------------------------------------------------------------------------------


@cache
def files(who: str) -> dict[str, Path]:
    """Return the notes of a record by their short names, as uk/05."""
    return {f"{who}/{path.name[:2]}": path for path in sorted((FOLDER / who).glob("*.note.json"))}


def record(who: str) -> dict[str, Data]:
    return {name: json.loads(path.read_text("utf-8")) for name, path in files(who).items()}


def changed(data: Data, at: str, value: Any) -> Data:
    """Return a note with one place changed, as fetal.fetuses[f1].fhr; with GONE the field is taken away."""
    found = copy.deepcopy(data)
    *way, last = re.findall(r"[^.\[\]]+", at)
    here: Any = found
    for step in way:
        here = here[step] if isinstance(here, dict) else next(row for row in here if row["id"] == step)
    if value is GONE:
        del here[last]
    else:
        assert here.get(last) != value, "a fault changes something"
        here[last] = value
    return found


def with_fault(fault: Fault) -> dict[str, Data]:
    notes = record(fault.who)
    return notes | {fault.note: changed(notes[fault.note], fault.at, fault.value)}


@cache
def findings_of(name: str) -> Findings:
    return check(with_fault(FAULTS[name]), FAULTS[name].jurisdiction)


def check(notes: Mapping[str, Data], jurisdiction: str = "") -> Findings:
    read = ci_notes.load_record(notes.values(), jurisdiction=jurisdiction)
    return {
        name: ci_notes.check(note, today=TODAY, page=printing.page_text(note))
        for name, note in zip(notes, read, strict=True)
    }


def found(findings: Findings, severities: Iterable[str]) -> set[tuple[str, str]]:
    """Return the note and the rule of what was found or could not be told, at one of these severities."""
    return {
        (name, one.rule)
        for name, every in findings.items()
        for one in every
        if one.severity in severities and one.outcome != "kept"
    }


@pytest.mark.parametrize("who", ["uk", "us"])
def test_whole_pregnancy_is_clean(who: str) -> None:
    assert found(check(record(who)), ("error", "warning")) == set()


def test_program_finds_the_folder_clean(run: Run) -> None:
    ran = run("check", "--fail-on", "warning", FOLDER)
    assert ran.code == 0, ran.out
    assert ran.out.count("not yet reviewed") == len(files("uk")) + len(files("us"))


@pytest.mark.parametrize("who", ["uk", "us"])
def test_record_is_one_patient_signed_note_by_note(who: str) -> None:
    notes = [*record(who).values()]
    same = [[note["patient"][key] for key in ("identifier_system", "identifier", "birth_date")] for note in notes]
    assert all(one == same[0] for one in same)
    assert {note["pregnancy"]["edd"] for note in notes} == {notes[0]["pregnancy"]["edd"]}
    assert all(note["status"] == "final" and note["author"]["role"] for note in notes)
    assert len({note["id"] for note in notes}) == len(notes)
    dates = [note["date"] for note in notes]
    assert dates == sorted(dates)


def test_uk_record_runs_through_all_kinds_of_note() -> None:
    assert {note["template"] for note in record("uk").values()} == set(ci_notes.catalogue())


# --- one fault each ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAULTS)
def test_its_rule_finds_the_fault_and_no_other_error_appears(name: str) -> None:
    fault, findings = FAULTS[name], findings_of(name)
    where = fault.found or fault.note
    seen = [one for one in findings[where] if one.rule == fault.rule]
    assert [one.outcome for one in seen] == ["found"], f"{fault.rule} in {where}"
    assert any(same(place, fault.place or fault.at) for place in seen[0].places), seen[0].places
    assert {rule for _, rule in found(findings, ["error"])} - {fault.rule} == set(fault.also)


def same(place: str, at: str) -> bool:
    """Return whether a place of a finding is the changed one, holds it or is in it."""
    return place.startswith(at) or at.startswith(place)


@pytest.mark.parametrize("name", FAULTS)
def test_program_names_the_place_and_fails_where_it_is_an_error(name: str, run: Run, tmp_path: Path) -> None:
    fault, findings = FAULTS[name], findings_of(name)
    where = fault.found or fault.note
    paths = {note: str(tmp_path / path.name) for note, path in files(fault.who).items() if note <= where}
    for note, path in paths.items():
        Path(path).write_text(json.dumps(with_fault(fault)[note]), "utf-8")
    ran = run("check", tmp_path, *(["--jurisdiction", fault.jurisdiction] if fault.jurisdiction else []))
    assert ran.code == int(any(at_or_above(findings[note], "error") for note in paths))
    (seen,) = [one for one in findings[where] if one.rule == fault.rule]
    report = ran.out.split(paths[where])[1].split(str(tmp_path))[0]
    assert re.search(rf"\b{fault.rule}\b", report)
    assert seen.places[0] in report


def test_more_than_thirty_faults_by_as_many_rules() -> None:
    assert len(FAULTS) > 100
    assert len({fault.rule for fault in FAULTS.values()}) > 75


def test_contraindication_is_kept_only_with_a_real_reason() -> None:
    notes = record("uk")
    notes["uk/06"] = changed(notes["uk/06"], "exam.bleeding", "moderate")

    def errors(rationale: str) -> set[tuple[str, str]]:
        kept = notes["uk/06"] | {"kept": [{"id": "k1", "rule": "R076", "rationale": rationale}]}
        return found(check(notes | {"uk/06": kept}), ["error"])

    assert errors("bleeding from the cervix after a smear, looked at by two consultants") == set()
    assert errors("ok") == {("uk/06", "R076"), ("uk/06", "R168")}


# --- every note is looked at ---------------------------------------------------------------------------------------

EVERY = [name for who in ("uk", "us") for name in files(who)]


@pytest.mark.parametrize("name", EVERY)
def test_without_a_note_the_rest_is_clean_or_says_what_is_missing(name: str) -> None:
    notes = record(name[:2])
    del notes[name]
    missing = {"uk/11": {("uk/12", "D116")}}  # the stitch is gone, and no note says that it was removed
    assert found(check(notes), ["error"]) == missing.get(name, set())


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("at", "value", "rules"),
    [
        ("patient.birth_date", "1991-01-02", {"D101"}),
        ("pregnancy.edd", "2026-12-08", {"R008", "R009"}),
        ("pregnancy.plurality", 2, {"D103"}),
    ],
)
def test_what_cannot_change_is_compared_in_every_note(name: str, at: str, value: Any, rules: set[str]) -> None:
    notes = record(name[:2])
    order = [*notes]
    notes[name] = changed(notes[name], at, value)
    seen = {note for note, rule in found(check(notes), ("error", "warning")) if rule in rules}
    after = order[order.index(name) + 1 : order.index(name) + 2]
    assert seen == {*([] if name == order[0] else [name]), *after}


@pytest.mark.parametrize("who", ["uk", "us"])
def test_order_of_the_files_does_not_matter(who: str) -> None:
    notes = with_fault(FAULTS["technique changed"]) if who == "uk" else record(who)
    assert check(dict(reversed(notes.items()))) == check(notes)


def test_two_patients_in_one_record_know_nothing_of_each_other() -> None:
    both = record("uk") | record("us")
    assert check(both) == check(record("uk")) | check(record("us"))
