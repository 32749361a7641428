"""Invented notes that tests start from; each call returns a new one, so a test may change it freely."""

from typing import Any

Note = dict[str, Any]


def rich_note() -> Note:
    """Return a valid assessment: history, scan and stitch, rows that repeat, and an examination that was declined."""
    return {
        "id": "note-1",
        "template": "assessment",
        "version": "0.2.0",
        "status": "draft",
        "date": "2026-11-03T14:20:00+00:00",
        "jurisdiction": "UK",
        "patient": {
            "name": "Ada Example",
            "birth_date": "1998-05-02",
            "gender": "female",
            "identifier_system": "https://hospital.example/patients",
            "identifier": "EX-0001",
        },
        "author": {"name": "Dr Bea Sample", "role": "MFM", "facility": "Sample Hospital"},
        "pregnancy": {"lmp": "2026-06-01", "edd": "2027-03-08", "dating_method": "LMP", "ga_stated": "22w1d"},
        "history": {
            "gravida": 3,
            "term": 0,
            "preterm": 2,
            "abortions": 0,
            "living": 1,
            "parity_threshold": "UK_24wk",
            "prior": [
                {
                    "id": "p1",
                    "ga_end": "23w-24w",
                    "outcome": "livebirth",
                    "onset": "painless_dilation",
                    "painless": True,
                    "contractions": False,
                    "bleeding": False,
                    "rom_first": False,
                    "abruption": False,
                    "infection": {"absent": "asked-unknown"},
                    "dilation_cerclage": False,
                },
                {"id": "p2", "ga_end": "28w", "outcome": "livebirth", "onset": {"absent": "asked-unknown"}},
            ],
        },
        "symptoms": {
            "pelvic_pressure": True,
            "discharge": False,
            "bleeding": False,
            "cramping": False,
            "back_pain": True,
            "contractions": False,
            "fluid_leak": False,
            "fever": False,
        },
        "exam": {
            "dilation": {"absent": "asked-declined", "reason": "prefers the scan"},
            "membranes": {"absent": "not-performed"},
        },
        "ultrasound": {
            "lengths": [{"id": "a", "length": 22}, {"id": "b", "length": 24.5}],
            "funnelling": True,
            "funnel_length": 8,
        },
        "diagnosis": {"insufficiency": "suspected"},
        "cerclage": {
            "in_place": True,
            "technique": "mcdonald",
            "indication": "history",
            "suture": "polyester_tape",
            "placed_on": "2026-09-14",
        },
        "removal": {"target": "37w0d", "triggers": ["labour", "pprom"]},
        "comment": {"text": "Seen with her sister; leaflet given."},
    }


def bare_note(**more: Any) -> Note:
    """Return the least that is a valid assessment, with more beside it."""
    return {
        "id": "note-bare",
        "template": "assessment",
        "status": "draft",
        "date": "2026-11-03T14:20:00+00:00",
        **more,
    }
