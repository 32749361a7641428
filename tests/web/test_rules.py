"""The page of a rule, to which a finding in the form leads."""

import re

from browsing import Browser
from starlette.applications import Starlette
from test_filling import begun, example

from ci_notes.checks import BUILT_IN


def test_a_rule_has_a_page_with_its_reason_its_source_and_what_guidelines_say(app: Starlette, qa: Browser) -> None:
    every = {one.id: one for template in app.state.templates.values() for one in template.rules}
    rule = next(one for one in every.values() if one.positions and one.sources)
    page = qa.get(f"/rules/{rule.id}").text
    for words in (rule.statement, rule.why, rule.sources[0].document, str(rule.positions[0]), f"<dd>{rule.grade}, "):
        assert words.replace("'", "&#39;").replace("<dd", "<dd") in page.replace("&amp;", "&"), words
    assert BUILT_IN["usual-range"].why in qa.get("/rules/usual-range").text


def test_every_rule_has_a_page_and_what_is_none_is_said_to_be_none(app: Starlette, qa: Browser) -> None:
    every = {one.id for template in app.state.templates.values() for one in template.rules} | set(BUILT_IN)
    assert {name for name in every if qa.get(f"/rules/{name}").status_code != 200} == set()
    assert qa.get("/rules/R9999").status_code == 404


def test_a_finding_in_the_form_leads_to_the_page_of_its_rule(app: Starlette, clinician: Browser) -> None:
    draft = begun(app, clinician, example("assessment/examples/complete.note.json"))
    there = f"/drafts/{draft.id}"
    found = re.findall(r"<a href=\.\.(/rules/[^ >]+)", clinician.get(there).text)
    assert found
    assert clinician.get(found[0]).status_code == 200
