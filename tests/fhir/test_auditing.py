"""The audit trail as AuditEvents: who, what, of which note and patient, and whether it was let."""

from types import SimpleNamespace
from typing import Any

import pytest
from bundles import resources

from ci_notes.fhir.auditing import audit_events
from ci_notes.fhir.lint import lint
from ci_notes.fhir.typed import typed

Json = dict[str, Any]


def entry(**told: str) -> Any:
    usual = {
        "action": "read",
        "kind": "note",
        "entity": "note-1",
        "patient": "patient-1",
        "outcome": "done",
        "detail": "",
    }
    return SimpleNamespace(
        at="2026-11-03T15:02:00+00:00", who="account-1", who_name="Dr Bea Sample", **{**usual, **told}
    )


def event(**told: str) -> Json:
    (found,) = resources(audit_events([entry(**told)]), "AuditEvent")
    return found


ACTIONS = [
    ("read", "note", "110110", ["read"], "R"),
    ("begin", "draft", "110110", ["create"], "C"),
    ("write", "draft", "110110", ["update"], "U"),
    ("sign", "note", "110110", ["update"], "U"),
    ("cosign", "note", "110110", ["update"], "U"),
    ("void", "note", "110110", ["update"], "U"),
    ("discard", "draft", "110110", ["delete"], "D"),
    ("export", "note", "110106", ["read"], "R"),
    ("push", "note", "110106", ["read"], "R"),
    ("import", "draft", "110107", ["create"], "C"),
    ("search", "patient", "110112", ["search"], "E"),
    ("read", "audit", "110101", ["read"], "R"),
    ("sign-in", "account", "110114", ["110122"], "E"),
    ("sign-out", "account", "110114", ["110123"], "E"),
    ("roles changed", "account", "110113", ["110136"], "E"),
    ("password", "account", "110113", ["110137"], "E"),
    ("what nobody thought of", "", "110100", [], "E"),
]


@pytest.mark.parametrize(("action", "kind", "type_", "subtypes", "does"), ACTIONS)
def test_an_action_has_the_codes_of_r4(action: str, kind: str, type_: str, subtypes: list[str], does: str) -> None:
    found = event(action=action, kind=kind)
    assert found["type"]["code"] == type_
    assert [one["code"] for one in found.get("subtype", [])] == subtypes
    assert found["action"] == does
    assert found["entity"][0]["detail"] == [{"type": "action", "valueString": action}]


@pytest.mark.parametrize(("outcome", "code"), [("done", "0"), ("refused", "4"), ("failed", "8"), ("crashed", "8")])
def test_an_outcome_is_told_with_its_words(outcome: str, code: str) -> None:
    found = event(outcome=outcome, detail="the account is locked")
    assert (found["outcome"], found["outcomeDesc"]) == (code, "the account is locked")


def test_who_did_it_is_named_by_name_and_by_our_id() -> None:
    (agent,) = event()["agent"]
    assert agent["name"] == agent["who"]["display"] == "Dr Bea Sample"
    assert agent["who"]["identifier"]["value"] == "account-1"
    assert agent["requestor"] is True


def test_somebody_who_is_not_signed_in_is_nobody() -> None:
    one = entry(action="sign-in", kind="account", entity="", patient="", outcome="refused")
    one.who = one.who_name = ""
    (found,) = resources(audit_events([one]))
    assert "who" not in found["agent"][0]
    typed(audit_events([one]))


def test_the_note_and_the_patient_are_named_by_our_ids() -> None:
    note, patient = event()["entity"]
    assert (note["what"]["type"], note["what"]["identifier"]["value"]) == ("Composition", "note-1")
    assert (patient["what"]["type"], patient["what"]["identifier"]["value"]) == ("Patient", "patient-1")
    assert patient["role"]["display"] == "Patient"
    assert len(event(kind="patient", entity="patient-1")["entity"]) == 1


def test_everybody_whom_a_search_showed_is_named() -> None:
    found = event(action="search", kind="patient", entity="patient-1 patient-2", patient="")
    assert [one["what"]["identifier"]["value"] for one in found["entity"]] == ["patient-1", "patient-2"]
    assert {one["what"]["type"] for one in found["entity"]} == {"Patient"}
    nobody = event(action="search", kind="patient", entity="", patient="")
    assert ["what" in one for one in nobody["entity"]] == [False]
    shown = [entry(action="search", kind="patient", entity=ids, patient="") for ids in ("patient-1 patient-2", "")]
    assert [one.message for one in lint(audit_events(shown))] == []


def test_the_bundle_is_sound_fhir_in_the_order_given() -> None:
    bundle = audit_events([entry(action=action, kind=kind) for action, kind, *_ in ACTIONS])
    typed(bundle)
    assert [one.message for one in lint(bundle)] == []
    told = [one["entity"][0]["detail"][0]["valueString"] for one in resources(bundle)]
    assert told == [action for action, *_ in ACTIONS]


def test_no_entries_are_an_empty_bundle() -> None:
    typed(audit_events([]))
    assert "entry" not in audit_events([])


def test_the_same_entries_have_the_same_ids_and_what_was_done_twice_has_two() -> None:
    once, again = audit_events([entry(), entry()]), audit_events([entry(), entry()])
    assert once == again
    assert len({one["id"] for one in resources(once)}) == 2
