"""Whether a clinical code can be one at all: format and check digit, refused while a template loads.

A check digit finds a code that was mistyped, not one that stands for something else; what a code means is verified
before it enters a template, and never taken from memory.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ci_notes.element import Coding
from ci_notes.errors import TemplateError
from ci_notes.template.model import Template

# Verhoeff's scheme, which SNOMED CT ends its identifiers with: the dihedral group's table, and its permutations.
_PRODUCT = [
    [(a + b) % 5 if b < 5 else 5 + (a + b) % 5 for b in range(10)] if a < 5
    else [5 + (a - b) % 5 if b < 5 else (a - b) % 5 for b in range(10)]
    for a in range(10)
]  # fmt: skip
_FIRST = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]


def _permuted(digit: int, times: int) -> int:
    for _ in range(times):
        digit = _FIRST[digit]
    return digit


def is_snomed(code: str) -> bool:
    """Return whether a text is a SNOMED CT identifier: 6 to 18 digits with Verhoeff's check digit."""
    if not re.fullmatch(r"[1-9][0-9]{5,17}", code):
        return False
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _PRODUCT[check][_permuted(int(digit), place % 8)]
    return check == 0


def is_loinc(code: str) -> bool:
    """Return whether a text is a LOINC code: digits, a dash and a check digit by the Luhn scheme."""
    match = re.fullmatch(r"([1-9][0-9]{0,6})-([0-9])", code)
    if not match:
        return False
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(match[1])))
    return (10 - sum(sum(divmod(one, 10)) for one in doubled) % 10) % 10 == int(match[2])


def is_icd(code: str) -> bool:
    """Return whether a text has the form of an ICD-10-CM code."""
    return re.fullmatch(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", code) is not None


CHECKS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "http://snomed.info/sct": ("SNOMED CT", is_snomed),
    "http://loinc.org": ("LOINC", is_loinc),
    "http://hl7.org/fhir/sid/icd-10-cm": ("ICD-10-CM", is_icd),
}
"""Code systems whose codes have a form: what each is called, and whether a text can be one of its codes."""


def check_codes(template: Template) -> None:
    """Refuse a code that cannot be one; raises TemplateError with its place."""
    for where, system, code in [*_declared(template), *_written(template.skeleton, "fhir.yaml")]:
        name, test = CHECKS.get(system, ("", bool))
        if name and not test(code):
            raise TemplateError(f"{template.id}, {where}: {code} is no {name} code; a digit may be mistyped")


def _declared(template: Template) -> Iterator[tuple[str, str, str]]:
    for element in template.elements.values():
        codings: list[Coding] = [*element.codes, *element.method, *element.body_site]
        codings += [code for option in element.options for code in option.codes]
        yield from ((element.path, code.system, code.code) for code in codings)
    for section in template.sections:
        if section.code:
            yield section.name, section.code.system, section.code.code
    if template.document:
        yield "document", template.document.system, template.document.code


def _written(node: Any, where: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, Mapping):
        if isinstance(node.get("system"), str) and "code" in node and not isinstance(node["code"], Mapping):
            yield where, node["system"], str(node["code"])
        for key, value in node.items():
            yield from _written(value, f"{where}, {key}" if where == "fhir.yaml" else where)
    elif isinstance(node, list):
        for item in node:
            yield from _written(item, where)
