"""Many notes of about 6 kB on one core: read, shape and all rules, beside jsonschema alone; narrative and full bundle,
beside fhir.resources building the same resources. All in turn in one run, and where the time goes.

Wanted: shape and rules 10,000 notes a second and 15 times jsonschema alone; bundles 60,000 resources a second and 20
times fhir.resources. A draft has no page for the patient; of a signed note the page is made, and read by eleven rules.
"""

import gc
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterable
from time import process_time
from typing import Any

import jsonschema
from fhir.resources.R4B.bundle import Bundle

from benchmarks.mutations.clean import clean_notes
from ci_notes import check, derive, document, load_template, printing, render, shape, to_fhir
from ci_notes.cli.sharing import COLLECTED
from ci_notes.derive import Note
from ci_notes.template import Template

TODAY = "2026-11-22"
SMALLEST, LARGEST = 4_500, 9_000
"""Bytes of the notes that are taken."""
NUMBER = 200
ROUNDS = 7


def corpus() -> list[bytes]:
    """Return notes of every kind, whole ones, as they are sent: JSON without white space."""
    found = []
    for one in clean_notes(20 * NUMBER, seed=1):
        raw = json.dumps(one.note, ensure_ascii=False, separators=(",", ":")).encode()
        if SMALLEST < len(raw) < LARGEST:
            found.append(raw)
    return found[:NUMBER]


def as_draft(raw: bytes) -> bytes:
    data = json.loads(raw)
    return json.dumps({**data, "status": "draft"}, ensure_ascii=False, separators=(",", ":")).encode()


def each(todo: Callable[[Any], object], of: Iterable[Any]) -> float:
    """Return how long something takes for one of many, in microseconds of one core."""
    items = [*of]
    began = process_time()
    for one in items:
        todo(one)
    return (process_time() - began) / len(items) * 1e6


def in_turn(tasks: dict[str, tuple[Callable[[Any], object], list[Any]]]) -> dict[str, float]:
    """Return for each task the median of rounds in which all take their turn, in microseconds for one note."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(ROUNDS + 1):
        for name, (todo, of) in tasks.items():
            took = each(todo, of)
            if number:
                times[name].append(took)
    return {name: statistics.median(found) for name, found in times.items()}


class Stations:
    """The road of a note in its steps, each from what the one before it gave."""

    def __init__(self) -> None:
        self.templates: dict[str, Template] = {}

    def read(self, raw: bytes) -> dict[str, Any]:
        return document.quickly(raw) or dict(document.read(raw, "note.json"))

    def template(self, data: dict[str, Any]) -> Template:
        kind = data["template"]
        if kind not in self.templates:
            self.templates[kind] = load_template(kind)
        return self.templates[kind]

    def note(self, data: dict[str, Any]) -> Note:
        return derive.note(self.template(data), data)

    def page(self, note: Note) -> str:
        return printing.page_text(note)

    def whole(self, raw: bytes) -> object:
        note = self.note(self.read(raw))
        return check(note, today=TODAY, page=self.page(note))


def main() -> int:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    road, signed = Stations(), corpus()
    drafts = [*map(as_draft, signed)]
    data = [road.read(raw) for raw in drafts]
    notes = [road.note(one) for one in data]
    final = [road.note(road.read(raw)) for raw in signed]
    pages = [(note, road.page(note)) for note in final]
    bundles = [to_fhir(note) for note in final[:20]]
    validators = {
        kind: jsonschema.Draft202012Validator(shape.schema(template)) for kind, template in road.templates.items()
    }
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED)  # as in a run of `check`
    found = in_turn(
        {
            "jsonschema alone": (lambda one: [*validators[one["template"]].iter_errors(one)], data[:20]),
            "a draft: read, shape, all rules": (road.whole, drafts),
            "  read": (road.read, drafts),
            "  shape": (lambda one: shape.problems(road.template(one), one), data),
            "  what is recorded and computed": (lambda one: derive.record(road.template(one), one), data),
            "  all checks": (lambda note: check(note, today=TODAY), notes),
            "a signed note: the same, and its page": (road.whole, signed),
            "  the page": (road.page, final),
            "  all checks, its page read": (lambda pair: check(pair[0], today=TODAY, page=pair[1]), pages),
            "narrative": (render, final),
            "full bundle": (to_fhir, final[:20]),
            "fhir.resources: the same resources": (lambda one: Bundle.model_validate(one).model_dump_json(), bundles),
        }
    )
    return told(found, sum(map(len, signed)) / len(signed), sum(len(one["entry"]) for one in bundles) / len(bundles))


def told(found: dict[str, float], size: float, resources: float) -> int:
    print(f"{NUMBER} notes of {size:.0f} bytes on average, {resources:.0f} resources in a bundle; one core")
    schema, models = found["jsonschema alone"], found["fhir.resources: the same resources"]
    for name, microseconds in found.items():
        peer, times = ("fhir.resources", models) if name[0] in "nf" else ("jsonschema", schema)
        print(
            f"{microseconds:10.1f} us {1e6 / microseconds:9.0f} a second {times / microseconds:7.1f} x {peer:15} {name}"
        )
    print(f"{resources * 1e6 / found['full bundle']:10.0f} resources a second in full bundles")
    road, bundle = found["a draft: read, shape, all rules"], found["full bundle"]
    both = bundle + found["narrative"]
    print(f"{models / both:10.1f} x fhir.resources, narrative and full bundle together")
    measured = {
        "notes a second, shape and rules": (1e6 / road, 10_000),
        "times jsonschema alone": (schema / road, 15),
        "times fhir.resources, the narrative told besides": (models / both, 20),
        "resources a second": (resources * 1e6 / bundle, 60_000),
    }
    missed = {name: (is_, wanted) for name, (is_, wanted) in measured.items() if is_ < wanted}
    for name, (is_, wanted) in missed.items():
        print(f"  UNDER what is wanted: {is_:,.0f} of {wanted:,} {name}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
