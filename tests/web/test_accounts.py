"""Looking after accounts and reading the audit trail, in the browser."""

from typing import Any

from browsing import Browser, account, signed_in

from ci_notes.record.model import Event


def act(browser: Browser, act: str, **fields: Any) -> Any:
    return browser.post("/accounts", data={"act": act, **fields})


def link_in(page: Any) -> str:
    return page.text.partition("<code>http://testserver")[2].partition("<")[0]


def test_an_admin_adds_somebody_who_signs_in_by_a_link(app: Any, admin: Browser) -> None:
    page = act(admin, "add", login="Nora", full_name="Nora Example", role=["clinician", "co-signer"])
    assert "nora was added" in page.text
    nora = Browser(app)
    assert nora.open(link_in(page)).status_code == 303
    assert "Nora Example" in nora.get("/password").text
    assert app.state.record.accounts.find("nora").roles == ("clinician", "co-signer")


def test_what_cannot_be_an_account_is_refused_with_the_reason(app: Any, admin: Browser) -> None:
    assert "an account ada already" in act(admin, "add", login="ada", full_name="Ada", role="qa").text.lower().replace(
        "there is ", ""
    )
    assert "letters, digits" in act(admin, "add", login="no spaces", full_name="x", role="qa").text
    assert "needs a role" in act(admin, "add", login="nora", full_name="x").text
    assert "needs a role" in act(admin, "add", login="nora", full_name="x", role="superuser").text
    assert "no such account" in act(admin, "disable", account="somebody").text
    assert "nothing that can be done" in act(admin, "explode").text
    assert len(app.state.record.accounts.all()) == 1


def test_disabling_ends_the_sessions_and_enabling_lets_in_again(app: Any, admin: Browser, qa: Browser) -> None:
    assert "may not sign in any more" in act(admin, "disable", account=qa.account.id).text
    assert qa.get("/password").status_code == 303
    act(admin, "enable", account=qa.account.id)
    assert qa.get("/password").status_code == 303  # the old session is gone for good
    assert signed_in(app, app, qa.account).get("/password").status_code == 200


def test_other_roles_hold_at_once(admin: Browser, qa: Browser) -> None:
    assert qa.get("/accounts").status_code == 403
    act(admin, "roles", account=qa.account.id, role=["qa", "admin"])
    assert qa.get("/accounts").status_code == 200


def test_somebody_remains_who_looks_after_accounts(admin: Browser) -> None:
    for refused in (
        act(admin, "disable", account=admin.account.id),
        act(admin, "roles", account=admin.account.id, role="qa"),
    ):
        assert refused.status_code == 422
        assert "only admin" in refused.text
    assert admin.get("/accounts").status_code == 200


def test_every_change_of_an_account_is_in_the_trail(app: Any, admin: Browser, qa: Browser) -> None:
    act(admin, "roles", account=qa.account.id, role="clinician")
    act(admin, "link", account=qa.account.id)
    act(admin, "disable", account=qa.account.id)
    told = [(each.event.who, each.event.action, each.event.entity) for each in app.state.record.audit.entries()]
    assert told == [
        (admin.account.id, done, qa.account.id) for done in ("roles changed", "link made", "account disabled")
    ]


def events(app: Any, number: int, who: str, entity: str, day: str = "2026-11-03") -> None:
    for _ in range(number):
        app.state.record.audit.add(Event(who, "Carla Example", "read", "note", entity, "p-1"), f"{day}T10:00:00+00:00")


def test_the_trail_is_found_by_person_note_patient_and_day(app: Any, admin: Browser) -> None:
    carla = account(app, "carla", "clinician")
    events(app, 1, carla.id, "note-one", "2026-11-01")
    events(app, 1, "somebody", "note-two", "2026-11-03")

    def found(**asked: str) -> tuple[bool, bool]:
        page = admin.get("/audit", params=asked).text
        return "note-one</code>" in page, "note-two</code>" in page

    assert found() == (True, True)
    assert found(who=carla.id) == (True, False)
    assert found(entity="note-two") == (False, True)
    assert found(entity="p-1") == (True, True)
    assert found(**{"from": "2026-11-02"}) == (False, True)
    assert found(to="2026-11-01") == (True, False)
    assert found(to="2026-11-03") == (True, True)
    refused = admin.get("/audit", params={"from": "yesterday"})
    assert refused.status_code == 422
    assert "2026-11-03" in refused.text


def test_a_long_trail_is_read_page_by_page(app: Any, admin: Browser) -> None:
    events(app, 150, "somebody", "note-one")
    first = admin.get("/audit?who=somebody")
    assert first.text.count("note-one</code>") == 100
    older = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = admin.get(older)
    assert second.text.count("note-one</code>") == 50
    assert 'rel="next"' not in second.text


def test_the_trail_goes_out_as_fhir_and_that_is_in_it(app: Any, admin: Browser) -> None:
    events(app, 2, "somebody", "note-one")
    answer = admin.get("/audit.json?entity=note-one")
    assert answer.headers["content-type"] == "application/fhir+json"
    bundle = answer.json()
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == ["AuditEvent"] * 2
    assert app.state.record.audit.entries()[-1].event.action == "export"
    assert admin.get("/audit.json?from=yesterday").status_code == 422
