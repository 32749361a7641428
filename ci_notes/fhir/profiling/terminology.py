"""Our code systems and value sets: elements, answers, rules and note kinds, made from the templates."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ci_notes.checks import BUILT_IN
from ci_notes.element import ABSENCES, OURS, Element
from ci_notes.fhir import canonical, datatypes
from ci_notes.fhir.forms.items import NONE_OF_THESE
from ci_notes.fhir.profiling.gathering import with_rows
from ci_notes.fhir.profiling.observations import GENERATED, name_of
from ci_notes.fhir.profiling.values import answers_of
from ci_notes.template import Template

Json = dict[str, Any]

RULES = f"{OURS}/CodeSystem/rules"

_NONE = {
    "code": NONE_OF_THESE["code"],
    "display": NONE_OF_THESE["display"],
    "definition": "The answer to any question with several answers that none of them is true.",
}


def code_systems(
    templates: Sequence[Template], elements: Iterable[Element], titles: Mapping[str, list[str]]
) -> list[Json]:
    """Return the code systems of the elements, their answers, the rules and the note kinds."""
    every = with_rows(elements)
    return [
        _code_system(datatypes.ELEMENTS, "Elements", "What can be recorded, by the name it is declared under.",
                     [_element(one, titles[one.id]) for one in every]),
        _code_system(datatypes.OPTIONS, "Answers", "Answers of elements, each by its element and its value.",
                     [_NONE, *(_option(one, option.value, option.title) for one in every for option in one.options)]),
        _code_system(RULES, "Rules", "Rules whose findings can be kept with a reason.", _rules(templates)),
        _code_system(datatypes.TEMPLATES, "Note kinds", "The kinds of note that there are.",
                     [{"code": one.id, "display": one.title} for one in templates]),
    ]  # fmt: skip


def _code_system(url: str, title: str, about: str, concepts: list[Json]) -> Json:
    name = url.rpartition("/")[2]
    return {
        "resourceType": "CodeSystem",
        "id": name,
        "url": url,
        "name": name_of(name),
        "title": title,
        "status": "active",
        "experimental": False,
        "description": about,
        "purpose": GENERATED,
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }


def _element(element: Element, titles: Sequence[str]) -> Json:
    """Return the concept of an element; other titles that templates give it are known too."""
    others = [{"language": "en", "value": title} for title in titles if title != element.title]
    return {
        "code": element.id,
        "display": element.title,
        **({"definition": element.help} if element.help else {}),
        **({"designation": others} if others else {}),
    }


def _option(element: Element, value: str, title: str) -> Json:
    return {"code": f"{element.id}.{value}", "display": title, "definition": f"{element.title}: {title}"}


def _rules(templates: Iterable[Template]) -> list[Json]:
    written = {rule.id: (rule.name, rule.statement) for template in templates for rule in template.rules}
    built_in = {one.id: (one.id, one.statement) for one in BUILT_IN.values()}
    known = sorted({**built_in, **written}.items())
    return [{"code": code, "display": name, "definition": statement} for code, (name, statement) in known]


def value_sets(elements: Iterable[Element]) -> list[Json]:
    """Return the value sets of the answers of elements, and that of the reasons why a value is missing."""
    return [_absences(), *(_answers(one) for one in with_rows(elements) if one.options)]


def _answers(element: Element) -> Json:
    codes = [{"code": f"{element.id}.{option.value}", "display": option.title} for option in element.options]
    return _value_set(
        canonical.identifier_of(element.id),
        answers_of(element),
        f"Answers to: {element.title}",
        {"system": datatypes.OPTIONS, "concept": codes},
    )


def _absences() -> Json:
    codes = [{"code": code} for code in ABSENCES]
    return _value_set(
        "absences",
        f"{OURS}/ValueSet/absences",
        "Why a value is missing",
        {"system": datatypes.ABSENT, "concept": codes},
    )


def _value_set(name: str, url: str, title: str, include: Json) -> Json:
    return {
        "resourceType": "ValueSet",
        "id": name,
        "url": url,
        "name": f"{name_of(name)}Answers",
        "title": title,
        "status": "active",
        "experimental": False,
        "description": f"{title}.",
        "purpose": GENERATED,
        "compose": {"include": [include]},
    }
