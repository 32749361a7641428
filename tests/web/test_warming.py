"""A department's workers make before the first form what it would have to wait for."""

from typing import Any

import pytest
from browsing import Browser
from noting import begin
from starlette.applications import Starlette

from ci_notes.narrative.compiling import NarrativeEnvironment
from ci_notes.web import warming


def test_the_first_form_waits_for_no_narrative(
    app: Starlette, clinician: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    warming.warm(app)

    def refuse(*_given: Any, **_more: Any) -> Any:
        raise AssertionError("a narrative was compiled while somebody waited")

    monkeypatch.setattr(NarrativeEnvironment, "compile", refuse)
    draft = begin(app, clinician)
    assert clinician.get(f"/drafts/{draft.id}").status_code == 200
