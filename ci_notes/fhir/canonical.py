"""Canonical addresses of what describes our FHIR: profiles, questionnaires, and US Core's profiles beside ours."""

from functools import lru_cache

from ci_notes.element import OURS, Element
from ci_notes.template import Template

PACKAGE = "ci-notes.fhir"
"""The name of the FHIR package that holds them."""

US_CORE = "http://hl7.org/fhir/us/core"
US_CORE_VERSION = "6.1.0"
"""The version that certified US EHRs must support."""


def identifier_of(name: str) -> str:
    """Return the FHIR id of what is described, from an element's id or a skeleton's name."""
    return name.replace("_", "-")


def profile_of_element(element: Element) -> str:
    """Return the profile of the Observation that an element becomes."""
    return f"{element.base}/StructureDefinition/{identifier_of(element.id)}"


@lru_cache(maxsize=4096)  # there are as many names as elements, and each is wanted for every note
def profile_of_resource(name: str) -> str:
    """Return our profile of the resource that a skeleton, or an element, of this name becomes."""
    return f"{OURS}/StructureDefinition/{identifier_of(name)}"


def questionnaire_of(template: Template) -> str:
    """Return the Questionnaire of a template."""
    return f"{OURS}/Questionnaire/{identifier_of(template.id)}"


def us_core(name: str) -> str:
    """Return a profile of US Core by the last part of its address."""
    return f"{US_CORE}/StructureDefinition/{name}"
