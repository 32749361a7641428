"""A signed note as a file: every file of every example, and what each carries."""

import hashlib
import json
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser, said
from noting import EXAMPLES, SCAN, amend, begin, post_signature, sign, standing, unsigned
from starlette.applications import Starlette

Json = dict[str, Any]

FILES = {
    "narrative.txt": "text/plain",
    "narrative.html": "text/html",
    "narrative.pdf": "application/pdf",
    "note.json": "application/json",
    "bundle.json": "application/fhir+json",
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parts[-3]}-{path.name.partition('.')[0]}")
def test_every_example_is_signed_and_downloaded_whole(app: Starlette, clinician: Browser, path: Path) -> None:
    data = {key: value for key, value in unsigned(path).items() if key not in ("carried", "addendum_of")}
    draft = begin(app, clinician, data)
    answer = post_signature(clinician, draft)
    assert answer.status_code == 303, said(answer.text)[:2000]
    for name, media in FILES.items():
        file = clinician.get(f"/notes/{draft.id}/{name}")
        assert file.status_code == 200, (name, said(file.text)[-600:])
        assert file.headers["content-type"].startswith(media)
        how = "inline" if name.endswith((".html", ".pdf")) else "attachment"
        assert file.headers["content-disposition"].startswith(f"{how}; filename=")
    signed = clinician.get(f"/notes/{draft.id}/note.json").json()
    assert signed["status"] == "final"
    left = {key: value for key, value in signed.items() if key in data and key not in ("version", "author")}
    assert left == {key: data[key] for key in left}
    page, pdf = (clinician.get(f"/notes/{draft.id}/patient.{kind}") for kind in ("html", "pdf"))
    has_page = bool(standing(app, draft.id).latest.body["page"])
    assert (page.status_code, pdf.status_code) == ((200, 200) if has_page else (409, 409))
    assert has_page or "no page for the patient" in said(page.text)


def test_a_file_says_nothing_of_the_patient_in_its_name(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    for file in FILES:
        given = clinician.get(f"/notes/{name}/{file}").headers["content-disposition"]
        assert re.fullmatch(rf'(inline|attachment); filename="note-[0-9a-f]+-{re.escape(file)}"', given)


def test_a_printed_page_has_its_own_style_and_may_load_nothing_else(app: Starlette, clinician: Browser) -> None:
    answer = clinician.get(f"/notes/{sign(app, clinician)}/narrative.html")
    rules = dict(one.strip().partition(" ")[::2] for one in answer.headers["content-security-policy"].split(";"))
    style = re.search("<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert rules["style-src"] == f"'self' 'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_narrative_carries_signatures_and_addenda(app: Starlette, clinician: Browser, cosigner: Browser) -> None:
    name = sign(app, clinician)
    cosigner.post(f"/notes/{name}/cosign", data={"number": "1", "read": "yes"})
    clinician.post(f"/notes/{name}/addendum", data={"text": "She rang: <no pain> since."})
    text = clinician.get(f"/notes/{name}/narrative.txt").text
    assert "Signed by Carla Example" in text
    assert "Co-signed by Cosima Example" in text
    assert "She rang: <no pain> since." in text
    assert "She rang: &lt;no pain&gt; since." in clinician.get(f"/notes/{name}/narrative.html").text


def test_an_old_version_is_downloaded_as_it_was(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    amend(app, clinician, name, comment={"text": "Seen alone."})
    old, new = (clinician.get(f"/notes/{name}/narrative.txt?version={number}").text for number in (1, 2))
    assert "Seen with her sister." in old
    assert "Seen alone." not in old
    assert "Amended" not in old
    assert "Seen alone." in new
    assert "A remark was missing." in new
    assert clinician.get(f"/notes/{name}/patient.html?version=1").status_code == 409


def test_the_bundle_carries_the_signatures(app: Starlette, clinician: Browser, cosigner: Browser) -> None:
    name = sign(app, clinician)
    cosigner.post(f"/notes/{name}/cosign", data={"number": "1", "read": "yes"})
    bundle = clinician.get(f"/notes/{name}/bundle.json").json()
    assert bundle["type"] == "document"
    assert [one for one in bundle["entry"] if one["resource"]["resourceType"] == "Provenance"]
    assert "Cosima Example" in json.dumps(bundle)
    assert clinician.get(f"/notes/{name}/bundle.json?type=transaction").json()["type"] == "transaction"


def test_the_bundle_of_an_amendment_takes_back_what_was_removed(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician, {**SCAN, "symptoms": {"back_pain": True}})
    amend(app, clinician, name, symptoms={})
    bundle = clinician.get(f"/notes/{name}/bundle.json").json()
    statuses = {one["resource"].get("status") for one in bundle["entry"]}
    assert {"amended", "entered-in-error"} <= statuses
