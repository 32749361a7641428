"""A small template in which everything stands that a person meets while filling: blocks, suggestions, extras."""

from typing import Any

from tiny import Pack

LISTED = ("Pressure", "Fever", "Bleeding")


def yes_no(title: str, **about: Any) -> dict[str, Any]:
    return {"title": title, "type": "boolean", "x-ci": about}


def number(title: str, unit: str, limits: tuple[float, float], usual: tuple[float, float], **about: Any) -> Any:
    low, high = limits
    about = {"unit": unit, "usual": list(usual), **about}
    return {"title": title, "type": "number", "minimum": low, "maximum": high, "x-ci": about}


def text(title: str, **about: Any) -> dict[str, Any]:
    return {"title": title, "type": "string", "x-ci": about}


SECTIONS: dict[str, Any] = {
    "dates": {
        "title": "Dates",
        "type": "object",
        "properties": {
            "lmp": {"title": "Last period", "type": "string", "format": "date"},
            "edd": {
                "title": "Due date",
                "type": "string",
                "format": "date",
                "x-ci": {"suggested": "dates.lmp + 280"},
            },
            "threshold": {
                "title": "Threshold",
                "type": "string",
                "oneOf": [{"const": "w20", "title": "20 weeks"}, {"const": "w24", "title": "24 weeks"}],
                "x-ci": {"suggested": "'w24' if jurisdiction == 'UK' else 'w20'"},
            },
            "temperature": number("Temperature", "Cel", (30, 43), (35, 42)),
            "fluid": number("Fluid", "Cel", (30, 43), (35, 37), suggested="dates.temperature + 1"),
            "seen_at": {"title": "Seen at", "type": "string", "format": "moment"},
            "comment": text("Comment", on_request=True, carried=True),
            "origin": text("Country of birth", on_request=True),
        },
    },
    "complaints": {
        "title": "Complaints",
        "type": "object",
        "x-ci": {
            "asked": "dates.threshold is known",
            "blocks": {
                "any": {"ask": "Any of these symptoms?"},
                "met": {"ask": "All of these met?", "normal": True},
            },
        },
        "properties": {
            "onset": text("Onset", carried=True),
            "pressure": yes_no("Pressure", block="any", required=True),
            "pressure_since": text("Pressure since", asked="complaints.pressure"),
            "fever": yes_no("Fever", block="any"),
            "bleeding": yes_no("Bleeding", block="any", asked="dates.temperature > 38"),
            "consent": yes_no("Consent", block="met"),
            "fasted": yes_no("Fasted", block="met"),
        },
    },
    "prior": {
        "title": "Prior pregnancies",
        "type": "object",
        "properties": {
            "rows": {
                "title": "Prior pregnancies",
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "year": {"title": "Year", "type": "integer"},
                        "painless": yes_no("Painless", block="how"),
                        "sudden": yes_no("Sudden", block="how"),
                        "place": text("Place"),
                        "remark": text("Remark", on_request=True),
                    },
                },
                "x-ci": {"row_title": "Pregnancy", "blocks": {"how": {"ask": "Any of these circumstances?"}}},
            },
            "losses": {
                "title": "Other losses",
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"month": {"title": "Month", "type": "integer"}, "note": text("Detail")},
                },
                "x-ci": {"row_title": "Loss", "on_request": True},
            },
            "remark": text("Remark", on_request=True),
        },
    },
    "scan": {
        "title": "Scan",
        "type": "object",
        "properties": {
            "previous": number("Previous length", "mm", (0, 80), (10, 60), carried="scan.shortest"),
            "previous_on": {
                "title": "Previous scan",
                "type": "string",
                "format": "date",
                "x-ci": {"carried": "note.date"},
            },
            "upper": number("Upper", "mm[Hg]", (40, 260), (80, 180), pair="lower"),
            "lower": number("Lower", "mm[Hg]", (20, 200), (40, 110)),
            "cuff": text("Cuff", on_request=True, asked="scan.upper > 100"),
            "lengths": {
                "title": "Lengths",
                "type": "array",
                "items": {"type": "object", "properties": {"length": number("Length", "mm", (0, 80), (10, 60))}},
            },
            "shortest": {
                "title": "Shortest",
                "type": "number",
                "readOnly": True,
                "x-ci": {"unit": "mm", "computed": "min(scan.lengths, row.length)"},
            },
        },
    },
}


class EntryPack(Pack):
    """The small template before it is written."""

    def __init__(self) -> None:
        super().__init__()
        import copy  # noqa: PLC0415

        self.schema["properties"] = copy.deepcopy(SECTIONS)
        self.schema["title"] = "Entry"
        self.rules = {"facts": {}, "rules": []}
        self.fhir = {
            "patient": {"resourceType": "Patient", "name": [{"text": "nobody"}]},
            "author": {"resourceType": "Practitioner", "name": [{"text": "nobody"}]},
        }
        self.narrative = "".join(f"{{% block {name} %}}{{% endblock %}}\n" for name in SECTIONS)

    def elements(self, section: str) -> dict[str, Any]:
        """The elements of a section, to be changed."""
        found: dict[str, Any] = self.schema["properties"][section]["properties"]
        return found
