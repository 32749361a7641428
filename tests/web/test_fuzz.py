"""Requests that nobody thought of: made from the OpenAPI document by schemathesis, and from notes with damaged places.

A sample; `make nightly` takes many more.
"""

import copy
import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from asking import API, Description, Program, program
from browsing import Browser
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sampling import NIGHTLY
from starlette.applications import Starlette

from ci_notes.web.api import VERBS
from ci_notes.web.app import create_app
from ci_notes.web.settings import Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.config import SchemathesisConfig

EXAMPLES = sorted((Path(__file__).parents[2] / "templates").glob("*/examples/*.note.json"))
_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
def fuzzed(databases: Callable[[], AbstractContextManager[str]]) -> Iterator[Starlette]:
    with databases() as db:
        app = create_app(Settings(db=db))
        yield app
        app.state.record.dispose()


@pytest.fixture(scope="module")
def robot(fuzzed: Starlette) -> Program:
    return program(fuzzed, "clinician")


@pytest.fixture(scope="module")
def told(fuzzed: Starlette) -> dict[str, Any]:
    """The document, without the schemas of whole notes: whatever names a note kind is taken for a note."""
    found = Browser(fuzzed).get(f"{API}/openapi.json").json()
    schemas = found["components"]["schemas"]
    found["components"]["schemas"] = {
        name: schema for name, schema in schemas.items() if not name.startswith(("Note-", "CompleteNote"))
    }
    return dict(found)


OPERATIONS = {f"{verb.method} {verb.path}": verb for verb in VERBS}
ASKED = [(GenerationMode.POSITIVE, one) for one in sorted(OPERATIONS)]
ASKED += [
    (GenerationMode.NEGATIVE, one)
    for one, verb in sorted(OPERATIONS.items())
    if "{" in verb.path or verb.query or verb.takes  # else nothing can be said wrongly
]


REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]
"""What answers a request that the document forbids; 413 is for more notes than are taken at once."""


@pytest.fixture(scope="module")
def operations(fuzzed: Starlette, told: dict[str, Any]) -> dict[str, Any]:
    refusing = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
    found = schemathesis.openapi.from_dict(told, config=SchemathesisConfig.from_dict(refusing))
    found.app = fuzzed
    return {f"{one.ok().method.upper()} {one.ok().path}": one.ok() for one in found.get_all_operations()}


@pytest.mark.parametrize(("mode", "operation"), ASKED, ids=[f"{mode.value} {one}" for mode, one in ASKED])
@pytest.mark.filterwarnings("ignore")
def test_whatever_the_document_allows_or_forbids_is_answered_as_it_says(
    operations: dict[str, Any], robot: Program, operation: str, mode: GenerationMode
) -> None:
    asked = operations[operation]

    @seed(20261121)
    @settings(
        max_examples=400 if NIGHTLY else 8,
        deadline=None,
        suppress_health_check=_QUIET,
        database=None,
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=asked.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        # A schema does not say all that makes a note or a bundle, so what it allows may still be refused in words.
        excluded = [schemathesis.checks.positive_data_acceptance] if operation.startswith("POST") else []
        case.call_and_validate(headers={"Authorization": robot.headers["authorization"]}, excluded_checks=excluded)

    ask()


# --- notes with damaged places -------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(
        ["2026-02-30", "9999-12-31", "0001-01-01T00:00:00Z", "99w9d", "1e400", "\u202e", "a" * 5000, "0000"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def holders(data: Any) -> list[Any]:
    """Every object and list in data that has something in it."""
    found, level = [], [data]
    while level:
        inner = [one for one in level if isinstance(one, dict | list) and one]
        found += inner
        level = [each for one in inner for each in (one.values() if isinstance(one, dict) else one)]
    return found


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    data = copy.deepcopy(json.loads(draw(st.sampled_from(EXAMPLES)).read_text(encoding="utf-8")))
    for _ in range(draw(st.integers(1, 4))):
        holder = draw(st.sampled_from(holders(data)))
        key = draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        if draw(st.booleans()):
            holder[key] = draw(VALUES)
        elif isinstance(holder, dict):
            holder[draw(st.text(max_size=10))] = holder.pop(key)
        else:
            holder.append(holder[key])
    return dict(data)


@seed(20261121)
@settings(max_examples=2000 if NIGHTLY else 60, deadline=None, suppress_health_check=_QUIET, database=None)
@given(note=damaged())
def test_a_damaged_note_is_answered_whatever_was_done_to_it(
    robot: Program, told: dict[str, Any], note: dict[str, Any]
) -> None:
    description = Description(told)
    body = json.dumps(note)
    for path in ("/check", "/render", "/fhir"):
        answer = robot.post(API + path, content=body, headers={"content-type": "application/json"})
        description.hold("POST", path, answer)
    several = robot.post(f"{API}/check", json={"notes": [note, note]})
    description.hold("POST", "/check", several)


@seed(20261121)
@settings(max_examples=1000 if NIGHTLY else 30, deadline=None, suppress_health_check=_QUIET, database=None)
@given(data=st.data())
def test_a_damaged_bundle_is_answered_whatever_was_done_to_it(
    robot: Program, told: dict[str, Any], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from([one for one in EXAMPLES if one.stat().st_size < 4000]))
    bundle = json.loads(path.with_name(path.name.replace(".note.", ".bundle.")).read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 4))):
        holder = data.draw(st.sampled_from(holders(bundle)))
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        holder[key] = data.draw(VALUES)
    for there in ("/import", "/import?template=ultrasound", "/lint"):
        answer = robot.post(API + there, content=json.dumps(bundle), headers={"content-type": "application/fhir+json"})
        Description(told).hold("POST", there.partition("?")[0], answer)
