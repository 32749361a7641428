"""Each station on one complete assessment, beside jsonschema alone and fhir.resources alone, in the same run."""

import json
from pathlib import Path

import jsonschema
from fhir.resources.R4B.bundle import Bundle

from benchmarks.measuring import in_process
from ci_notes import check, derive, load_template, render, shape, to_fhir
from ci_notes.fhir.lint import lint, vocabulary_of

ROOT = Path(__file__).parents[1]
NOTE = ROOT / "templates/assessment/examples/complete.note.json"


def main() -> None:
    template = load_template("assessment")
    data = json.loads(NOTE.read_text())
    validator = jsonschema.Draft202012Validator(shape.schema(template))
    note = derive.note(template, data)
    sentences = render(note)
    bundle = to_fhir(note, sentences)
    known = vocabulary_of([template])
    found = in_process(
        {
            "jsonschema alone: is the note valid": lambda: validator.is_valid(data),
            "shape and derive": lambda: derive.note(template, data),
            "check: all rules": lambda: check(note),
            "render": lambda: render(note),
            "render with trace": lambda: render(note, trace=True),
            "to_fhir: bundle as plain data": lambda: to_fhir(note, sentences),
            "lint: the same bundle": lambda: lint(bundle, known),
            "fhir.resources alone: the same bundle": lambda: Bundle.model_validate(bundle),
        }
    )
    schema, models = found["jsonschema alone: is the note valid"], found["fhir.resources alone: the same bundle"]
    print(
        f"one note of {len(json.dumps(data))} bytes, {len(template.active_rules)} rules, "
        f"{len(sentences)} sentences, {len(bundle['entry'])} resources"
    )
    for name, milliseconds in found.items():
        print(
            f"{milliseconds:8.3f} ms  {milliseconds / schema:6.2f} x jsonschema  "
            f"{milliseconds / models:6.2f} x fhir.resources  {name}"
        )


if __name__ == "__main__":
    main()
