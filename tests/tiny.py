"""A tiny template of our own, so that tests of the engine do not depend on what the clinical templates say today."""

import json
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from ci_notes import _data

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Visit",
    "type": "object",
    "x-ci": {"version": "1.0.0"},
    "properties": {
        "patient": {
            "title": "Patient",
            "type": "object",
            "properties": {"name": {"title": "Name", "type": "string", "x-ci": {"identifying": True}}},
        },
        "visit": {
            "title": "The visit",
            "type": "object",
            "properties": {
                "seen": {"title": "Seen", "type": "boolean", "x-ci": {"required": True, "expected": True}},
                "length": {
                    "title": "Length",
                    "type": "number",
                    "minimum": 0,
                    "maximum": 80,
                    "x-ci": {
                        "unit": "mm",
                        "usual": [10, 60],
                        "codes": [{"system": "https://codes.example", "code": "length", "display": "Length"}],
                    },
                },
                "reason": {
                    "title": "Reason",
                    "type": "string",
                    "oneOf": [{"const": "pain", "title": "Pain"}, {"const": "fear", "title": "Fear"}],
                    "x-ci": {"asked": "visit.seen", "required": True},
                },
                "stitch": {"title": "Stitch", "type": "boolean"},
                "on": {"title": "Day", "type": "string", "format": "date"},
                "items": {
                    "title": "Items",
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "size": {"title": "Size", "type": "integer", "x-ci": {"usual": [None, 9]}},
                            "flag": {"title": "Flag", "type": "boolean", "x-ci": {"required": "row.size > 2"}},
                            "why": {
                                "title": "Why",
                                "type": "string",
                                "x-ci": {"asked": "row.flag", "required": True},
                            },
                        },
                    },
                    "x-ci": {"row_title": "Item"},
                },
                "total": {
                    "title": "Total",
                    "type": "integer",
                    "readOnly": True,
                    "x-ci": {"computed": "sum(visit.items, row.size)"},
                },
            },
        },
    },
}


def rule(rule_id: str, when: str, **more: Any) -> dict[str, Any]:
    """Return a rule as it stands in rules.yaml."""
    return {
        "id": rule_id,
        "name": f"rule-{rule_id.lower()}",
        "severity": "error",
        "class": "plausibility",
        "grade": "D",
        "statement": f"What {rule_id} asks for holds.",
        "why": "It is invented.",
        "when": when,
        "message": f"{rule_id} fires.",
        "examples": {"fires": [{}], "quiet": [{}]},
        "review": {"by": None, "on": None},
        **more,
    }


RULES: dict[str, Any] = {
    "facts": {"flagged": "count(visit.items, row.flag)"},
    "rules": [
        rule("T001", "visit.length < 20 and visit.stitch", message="Only {visit.length} on {note.date}."),
        rule("T002", "visit.length < 20 and visit.stitch", severity="warning"),
        rule("T003", "visit.length < 20 and visit.stitch", severity="warning", contraindication=True),
        rule("T004", "visit.stitch", severity="warning", jurisdictions=["UK", "CA"]),
        rule("T005", "row.size > 5", each="visit.items", message="An item of {row.size}.", at=["visit.items.size"]),
        rule("T006", "facts.flagged > 1", severity="info", at=["visit.items"]),
        rule("T007", "visit.on > today"),
        rule("T008", "visit.stitch", off="kept for later, see T001"),
    ],
}

NARRATIVE = """\
{% block visit %}
{% if visit.seen %}The patient was seen.{% else %}The patient was not seen.{% endif %}
{% if visit.length is known %} The length was {{ visit.length }}.{% endif %}
{% for row in visit.items %}

- Item {{ row.ordinal }}: {% if row.size is known %}{{ row.size }}{% endif %}.
{% endfor %}
{% endblock %}
"""

FHIR: dict[str, Any] = {
    "patient": {"resourceType": "Patient", "name": [{"text": {"$": "patient.name"}}]},
    "author": {"resourceType": "Practitioner", "name": [{"text": "nobody"}]},
    "visit": {
        "$when": "visit.seen",
        "resourceType": "Encounter",
        "status": "finished",
        "subject": {"$ref": "patient"},
        "reasonCode": [{"$concept": "visit.reason"}],
    },
}


class Pack:
    """The parts of a template before they are written, so that a test may break one of them."""

    def __init__(self) -> None:
        self.schema = deepcopy(SCHEMA)
        self.rules = deepcopy(RULES)
        self.fhir = deepcopy(FHIR)
        self.narrative = NARRATIVE

    @property
    def visit(self) -> dict[str, Any]:
        """The elements of the section «visit»."""
        elements: dict[str, Any] = self.schema["properties"]["visit"]["properties"]
        return elements

    def write(self, root: Path, name: str = "visit") -> Path:
        """Write the template below a folder and return its own folder."""
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        (root / "_elements").mkdir(exist_ok=True)
        shutil.copy(_data.folder("templates") / "_elements" / "note.json", root / "_elements" / "note.json")
        (folder / "schema.json").write_text(json.dumps(self.schema), encoding="utf-8")
        (folder / "rules.yaml").write_text(yaml.safe_dump(self.rules), encoding="utf-8")
        (folder / "fhir.yaml").write_text(yaml.safe_dump(self.fhir), encoding="utf-8")
        (folder / "narrative.en.j2").write_text(self.narrative, encoding="utf-8")
        return folder


def visit_note(**visit: Any) -> dict[str, Any]:
    """Return a note of the tiny template."""
    return {
        "id": "visit-1",
        "template": "visit",
        "status": "draft",
        "date": "2026-11-03T14:20:00+00:00",
        "jurisdiction": "UK",
        "visit": {"seen": True, "reason": "pain", **visit},
    }
