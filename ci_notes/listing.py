"""What a template holds and what a rule says, printed for a person or as JSON."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from ci_notes.checks import BuiltIn
from ci_notes.element import Coding, Element
from ci_notes.template import GRADES, Rule, Template

_SYSTEMS = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
}


def catalogue(templates: Iterable[Template], form: str) -> str:
    """Return the list of templates."""
    if form == "json":
        return _json(
            [
                {
                    "id": one.id,
                    "title": one.title,
                    "version": one.version,
                    "status": one.status,
                    "elements": len(one.elements),
                    "rules": len(one.active_rules),
                }
                for one in templates
            ]
        )
    return "".join(
        f"{one.id:16} {one.version:8} {one.title} ({len(one.elements)} elements, {len(one.active_rules)} rules)\n"
        for one in templates
    )


def template(found: Template, form: str) -> str:
    """Return a template's elements with type, unit, options, codes and when they are asked."""
    if form == "json":
        return _json([_element_data(element) for element in found.elements.values()])
    lines = [f"{found.title} ({found.id} {found.version})"]
    for section in found.sections:
        lines.append(f"\n{section.title}")
        for element in section:
            lines += _element_lines(element, "  ")
            for row in element.rows:
                lines += _element_lines(row, "    ")
    return "\n".join(lines) + "\n"


def _element_lines(element: Element, indent: str) -> Iterator[str]:
    kind = "repeats" if element.kind == "group" else element.kind.replace("-", " ")
    unit = f" in {element.unit}" if element.unit else ""
    low, high = element.shape.get("minimum"), element.shape.get("maximum")
    limits = f", {low} to {high}" if low is not None and high is not None else ""
    yield f"{indent}{element.path:34} {element.title}: {kind}{unit}{limits}"
    for about in _about(element):
        yield f"{indent}    {about}"


def _about(element: Element) -> Iterator[str]:
    if element.help:
        yield element.help
    if element.options:
        yield "one of: " + ", ".join(option.value + _codes(option.codes) for option in element.options)
    if element.codes:
        yield "code:" + _codes(element.codes)
    if element.asked:
        yield f"asked if {element.asked}"
    if element.required and element.required != "true":
        yield f"required if {element.required}"
    elif element.required:
        yield "required"
    if element.computed:
        yield f"computed: {element.computed}"


def _codes(codes: tuple[Coding, ...]) -> str:
    said = "; ".join(f"{_SYSTEMS.get(code.system, code.system)} {code.code} {code.display}" for code in codes)
    return f" [{said}]" if said else ""


def _element_data(element: Element) -> dict[str, Any]:
    return {
        "path": element.path,
        "id": element.id,
        "title": element.title,
        "type": element.kind,
        "unit": element.unit,
        "minimum": element.shape.get("minimum"),
        "maximum": element.shape.get("maximum"),
        "options": [option.value for option in element.options],
        "codes": [{"system": code.system, "code": code.code, "display": code.display} for code in element.codes],
        "asked": element.asked or None,
        "required": element.required or None,
        "computed": element.computed or None,
    }


def rules(found: Template, form: str = "text") -> str:
    """Return the list of a template's rules."""
    if form == "json":
        return _json([_rule_data(one) for one in found.rules])
    lines = []
    for one in found.rules:
        where = "/".join(one.jurisdictions) or "all"
        off = " (off)" if one.off else ""
        lines.append(f"{one.id:6} {one.severity:8} {one.grade:3} {where:8} {one.statement}{off}")
    return "\n".join(lines) + "\n"


def _rule_data(one: Rule) -> dict[str, Any]:
    return {**asdict(one), "citation": one.citation}


def rule(one: Rule, form: str = "text") -> str:
    """Return a rule's page."""
    if form == "json":
        return _json(_rule_data(one))
    lines = [
        f"{one.id}  {one.name}",
        "",
        one.statement,
        "",
        f"Why       {one.why}",
        f"Severity  {one.severity} ({one.category})",
        f"Scope     {', '.join(one.jurisdictions) or 'all guideline sets'}",
        f"Grade     {one.grade}, {GRADES[one.grade]}",
    ]
    for source in one.sources:
        lines.append(f"Source    {source.key} {source.document}{f' ({source.year})' if source.year else ''}")
        lines += [f"          {source.seen}"] if source.seen else []
    each = f" (for each of {one.each})" if one.each else ""
    lines += [f"Fires if  {' '.join(one.when.split())}{each}"]
    lines += [f"Off       {one.off}"] if one.off else []
    by = one.reviewed.get("by")
    lines += [f"Review    {by + ', ' + str(one.reviewed.get('on')) if by else 'not yet reviewed by a clinician'}", ""]
    for title, key in (("Fires on", "fires"), ("Quiet on", "quiet"), ("Cannot tell on", "cannot_tell")):
        lines += (
            [f"{title}:", *(f"  {json.dumps(example)}" for example in one.examples[key])] if key in one.examples else []
        )
    return "\n".join(lines) + "\n"


def built_in(check: BuiltIn, form: str = "text") -> str:
    """Return the page of a check that every template has."""
    if form == "json":
        return _json(asdict(check))
    return (
        f"{check.id}\n\n{check.statement}\n\nWhy       {check.why}\nSeverity  {check.severity} ({check.category})\n"
        "Scope     every template\nGrade     D, data quality\n"
    )


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
