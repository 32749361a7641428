"""What our templates know of codes, elements, profiles and questionnaires, gathered for the lint."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ci_notes.checks import BUILT_IN
from ci_notes.element import OURS, Coding, Element
from ci_notes.fhir.canonical import profile_of_element, profile_of_resource, questionnaire_of
from ci_notes.fhir.datatypes import BASE, TEMPLATES, coding, element_concept, option_coding, own_code
from ci_notes.fhir.forms.items import NONE_OF_THESE
from ci_notes.template import Template

Code = tuple[str, str]
RULES = f"{BASE}/CodeSystem/rules"

_OF_EVERY_NOTE = {
    "bundle-collection": "Bundle",
    "bundle-document": "Bundle",
    "bundle-transaction": "Bundle",
    "composition": "Composition",
    "document-reference": "DocumentReference",
    "questionnaire-response": "QuestionnaireResponse",
}
"""Our profiles of what no skeleton writes."""

_TAG = re.compile(r"\([^()]*\)\s*$")
_WORD = re.compile(r"[a-z0-9]{2,}")
_STOP_WORDS = "of the in and for with by to on at or an from during other not"
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(slots=True)
class Vocabulary:
    """What is known of codes: their words, the elements and answers they stand for, and what addresses we have."""

    displays: dict[Code, set[str]] = field(default_factory=dict)
    meanings: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    elements: dict[Code, Element] = field(default_factory=dict)
    standard: dict[Code, list[Element]] = field(default_factory=dict)
    answers: dict[Code, str] = field(default_factory=dict)
    systems: dict[str, set[str]] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)
    questionnaires: set[str] = field(default_factory=set)

    def add(self, template: Template) -> None:
        """Add what a template knows."""
        self._name(TEMPLATES, template.id, template.title)
        self.systems.setdefault(TEMPLATES, set()).add(template.id)
        self.systems.setdefault(RULES, set(BUILT_IN)).update(rule.id for rule in template.rules)
        self.questionnaires.add(questionnaire_of(template))
        self.profiles |= {f"{OURS}/StructureDefinition/{name}": kind for name, kind in _OF_EVERY_NOTE.items()}
        self._name(*NONE_OF_THESE.values())
        self.systems.setdefault(NONE_OF_THESE["system"], set()).add(NONE_OF_THESE["code"])
        for element in template.elements.values():
            self._element(element)
        for code in (template.document, *(section.code for section in template.sections)):
            if code is not None:
                self._coding(code)
        for name, skeleton in template.skeleton.items():
            self.profiles[profile_of_resource(name)] = skeleton["resourceType"]
            self._skeleton(skeleton, template)

    def _element(self, element: Element) -> None:
        own = own_code(element)
        self.elements[own] = element
        self.systems.setdefault(own[0], set()).add(own[1])
        if not element.group:  # what stands in a row is a component, and has no profile of its own
            self.profiles[profile_of_element(element)] = "Observation"
        self._concept(element_concept(element))
        for code in (*element.codes, *element.method, *element.body_site):
            self._coding(code)
        for code in element.codes:
            known = self.standard.setdefault((code.system, code.code), [])
            if element not in known:
                known.append(element)
        for option in element.options:
            written = option_coding(element, option)
            self._name(written["system"], written["code"], written["display"])
            self.systems.setdefault(written["system"], set()).add(written["code"])
            self.answers[written["system"], written["code"]] = element.id
            for code in option.codes:
                self._coding(code)

    def _concept(self, concept: Mapping[str, Any]) -> None:
        for one in concept["coding"]:
            self._name(one["system"], one["code"], one["display"])

    def _coding(self, code: Coding) -> None:
        written = coding(code)
        self._name(written["system"], written["code"], written["display"])

    def _skeleton(self, node: Any, template: Template) -> None:
        if isinstance(node, Mapping):
            if isinstance(node.get("system"), str) and isinstance(node.get("code"), str) and "display" in node:
                self._name(node["system"], node["code"], str(node["display"]))
            self._measured(node, template)
            for value in node.values():
                self._skeleton(value, template)
        elif isinstance(node, list):
            for one in node:
                self._skeleton(one, template)

    def _measured(self, node: Mapping[str, Any], template: Template) -> None:
        """Remember which element a component with a fixed code measures: the two parts of a blood pressure."""
        value, code = node.get("valueQuantity"), node.get("code")
        path = value.get("$quantity") if isinstance(value, Mapping) else None
        if isinstance(path, str) and path in template.elements and isinstance(code, Mapping):
            for one in code.get("coding", ()):
                if isinstance(one.get("system"), str) and isinstance(one.get("code"), str):
                    known = self.standard.setdefault((one["system"], one["code"]), [])
                    if template.elements[path] not in known:
                        known.append(template.elements[path])

    def _name(self, system: str, code: str, display: str) -> None:
        self.displays.setdefault((system, code), set()).add(display)
        self.meanings.setdefault((system, plain(display)), set()).add(code)

    def element_of(self, codes: Iterable[Code]) -> Element | None:
        """Return the element that codes stand for: by our own code, else by a standard one that only it has."""
        known = [*codes]
        for code in known:
            if code in self.elements:
                return self.elements[code]
        found = [element for code in known for element in self.standard.get(code, ())]
        alike = {(element.kind, element.unit) for element in found}
        return found[0] if len(alike) == 1 else None

    def bounded(self, element: Element) -> Element:
        """Return an element that says what is possible: itself, else one with the same standard code and unit."""
        if {"minimum", "maximum"} & {*element.shape}:
            return element
        alike = (one for code in element.codes for one in self.standard.get((code.system, code.code), ()))
        found = next((one for one in alike if one.unit == element.unit and "maximum" in one.shape), None)
        return replace(element, shape=found.shape) if found else element


def plain(display: str) -> str:
    """Return a code's words without the tag that SNOMED CT ends them with, for comparison."""
    return " ".join(_TAG.sub("", display[:500]).lower().split())


def share_a_word(display: str, known: Iterable[str]) -> bool:
    """Return whether words have one in common with any of those that are known for a code."""
    words = {*_words(display)}
    return not words or any(words.intersection(_words(one)) for one in known)


def _words(display: str) -> Iterator[str]:
    return (word for word in _WORD.findall(plain(display)) if word not in _STOP)


def vocabulary_of(templates: Iterable[Template]) -> Vocabulary:
    """Return what templates know."""
    found = Vocabulary()
    for template in templates:
        found.add(template)
    return found
