"""The fast road and the explaining one: what is read and judged in a hurry is read and judged as it is at leisure."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import document, gate, load_template, shape
from ci_notes.errors import InputError
from ci_notes.shape import problems

pytest.importorskip("orjson", reason="reads fast: pip install 'ci-notes[bulk]'")
pytest.importorskip("jsonschema_rs", reason="judges fast: pip install 'ci-notes[bulk]'")

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(ROOT.glob("templates/*/examples/*.note.json"))
KINDS = sorted({path.parts[-3] for path in EXAMPLES})
GATES = {kind: gate.gate(json.dumps(shape.schema(load_template(kind)))) for kind in KINDS}
WHOLE = {kind: json.loads((ROOT / f"templates/{kind}/examples/complete.note.json").read_bytes()) for kind in KINDS}

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(),
    st.sampled_from([
        "2026-02-29", "2026-02-28", "0000-01-01", "2026-11-03T24:00:00Z", "2026-11-03T23:59:60Z", "22w7d", "22w",
        "23w-22w",
        "2026-11-03T14:20:00+01:00", "023w", "23w0d-23w6d", "2026-11-03\n", "٢٣w", " ", "\x07", "\ue000",
        "x" * 20_001, 3.0, -0.0,
    ]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["absent", "reason", "id"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_an_example_passes_the_gate_and_is_read_the_same(path: Path) -> None:
    raw = json.dumps(json.loads(path.read_bytes()), ensure_ascii=False, separators=(",", ":")).encode()
    assert document.quickly(raw) == document.read(raw, path.name)
    assert document.quickly(path.read_bytes()) == document.read(path.read_bytes(), path.name)
    assert GATES[path.parts[-3]](json.loads(raw))


def places(data: Any) -> list[tuple[Any, Any]]:
    """Return every holder with each key or index in it."""
    keys = data.keys() if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    return [one for key in [*keys] for one in [(data, key), *places(data[key])]]


@given(st.sampled_from(KINDS), st.data())
def test_what_passes_the_gate_has_its_shape(kind: str, data: st.DataObject) -> None:
    note = json.loads(json.dumps(WHOLE[kind]))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(places(note)))
        holder[key] = data.draw(ANYTHING)
    found = [one for one in problems(load_template(kind), note, anew=True) if "two rows" not in one.message]
    assert not (GATES[kind](note) and found)


@given(st.sampled_from(KINDS), st.data())
def test_a_value_of_its_own_kind_elsewhere_gets_one_verdict(kind: str, data: st.DataObject) -> None:
    note = json.loads(json.dumps(WHOLE[kind]))
    (holder, key), (other, there) = (data.draw(st.sampled_from(places(note))) for _ in range(2))
    holder[key] = json.loads(json.dumps(other[there]))
    passes = GATES[kind](note)
    assert passes == (not [*problems(load_template(kind), note, anew=True)]) or "two rows" in str(
        problems(load_template(kind), note, anew=True)
    )


@given(st.data())
def test_whatever_is_read_fast_is_what_is_read_at_leisure(data: st.DataObject) -> None:
    text = json.dumps(
        data.draw(ANYTHING), ensure_ascii=data.draw(st.booleans()), indent=data.draw(st.none() | st.just(1))
    )
    raw = f'{{"a":{text}}}'.encode("utf-8", "surrogatepass")
    fast = document.quickly(raw)
    if fast is not None:
        slow = document.read(raw, "a.json")
        assert json.dumps(fast) == json.dumps(slow)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a":1,"a" :2}',
        '{"b":{"a":1,"a" \n:2}}',
        '{"a":"\\u0022:","b":1,"b":2}',
        '{"a":"\\u003Ax","b":1,"b":2}',
        '{"\\u0061":1,"a":2}',
        '{"a":"\\":","a":"\\":"}',
        '{"a":123456789012345678901234567890}',
        '{"a":1e999}',
        '{"a":NaN}',
        '{"a":"\\ud800"}',
        '{"a":' + "[" * 70 + "]" * 70 + "}",
        '{"a":' + "[" * 500 + "]" * 500 + "}",
        "[1]",
        '{"a":1} x',
    ],
)
def test_what_is_at_fault_is_never_read_fast(text: str) -> None:
    assert document.quickly(text.encode()) is None
    if text != "[1]" and "890" not in text:
        with pytest.raises(InputError):
            document.read(text.encode(), "a.json")


def test_many_notes_get_the_verdict_that_one_gets() -> None:
    template = load_template("assessment")
    for number in range(2 * shape.FEW):
        note = {**WHOLE["assessment"], "date": "yesterday" if number % 2 else WHOLE["assessment"]["date"]}
        assert problems(template, note) == problems(template, note, anew=True)
