"""The items that a Questionnaire and the responses to it have in common: their linkIds, codings and units."""

import re
from typing import Any

from ci_notes import wording
from ci_notes.element import Element
from ci_notes.fhir import datatypes
from ci_notes.fhir.datatypes import ABSENT, OPTIONS
from ci_notes.template import HEADER

Json = dict[str, Any]

NOTE_ID = f"{HEADER}.id"
"""The item that holds the id of the note."""

TEMPLATE_ID = f"{HEADER}.template"
"""The item that holds the id of the template: a form may leave out which Questionnaire a response answers."""

OFFSET = f"{HEADER}.offset"
"""The item that holds the offset of the clock at the place of care: some forms write every moment in UTC.

Where it stands, a moment in UTC with milliseconds is read as the clock there showed it; other moments stay as written.
"""

IN_UTC = re.compile(r"(.*)\.\d{3}Z", re.ASCII)
"""A moment as such forms write it."""

ABSENCE = "absent"
"""The group, and before a dot its items, in which each row says why one element has no value."""

NONE_OF_THESE = {"system": OPTIONS, "code": "none", "display": "None of these"}
"""The answer to a question with several answers that none of them is true."""


def row_id(group: str) -> str:
    """Return the linkId of the item that holds a row's id."""
    return f"{group}.id"


def no_rows(group: str) -> str:
    """Return the linkId of the yes/no item that says that a group has no rows; no element can have such a name."""
    return f"{group}-none"


def more(section: str) -> str:
    """Return the linkId of the yes/no item that shows what a section asks only on request."""
    return f"{section}-more"


def element_coding(element: Element) -> Json:
    """Return an element as the answer to which element has no value."""
    system, code = datatypes.own_code(element)
    return {"system": system, "code": code, "display": element.title}


_DISPLAYS = {
    "not-asked": "Not Asked",
    "asked-declined": "Asked But Declined",
    "asked-unknown": "Asked But Unknown",
    "not-performed": "Not Performed",
    "not-applicable": "Not Applicable",
}
"""The names that data-absent-reason itself has for its codes; with others a Coding would not be valid."""


def absence_coding(code: str) -> Json:
    """Return a reason of absence as an answer."""
    return {"system": ABSENT, "code": code, "display": _DISPLAYS[code]}


def is_quantity(element: Element) -> bool:
    """Return whether an element is answered with a number and its unit."""
    return element.kind in ("integer", "quantity") and element.unit is not None


def unit_shown(unit: str) -> str:
    """Return a UCUM unit as forms show it."""
    return wording.UNITS.get(unit) or unit
