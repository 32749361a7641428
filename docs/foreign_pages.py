"""The page of the codes by which FHIR of others is recognised, made of the elements and of `fhir.recognised`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import layout

from ci_notes.fhir.reading import recognised
from ci_notes.fhir.reading.recognised import Code
from ci_notes.template import Template

_SYSTEMS = {
    recognised.LOINC: "LOINC",
    recognised.SNOMED: "SNOMED CT",
    recognised.ICD10CM: "ICD-10-CM",
    recognised.RXNORM: "RxNorm",
    recognised.OPCS4: "OPCS-4",
}


def codes_page(templates: Sequence[Template]) -> str:
    """Return the page: Observations by element, then Conditions, Procedures and medicines by code."""
    parts = [
        "# Codes by which FHIR of others is recognised\n",
        layout.made("the elements and ci_notes/fhir/reading/recognised.py"),
        layout.paragraph(
            "How a bundle that somebody else wrote becomes a note is told in",
            "[importing foreign bundles](importing-foreign-bundles.md). A code that stands further left is preferred.",
        ),
        "## Observations, and components of them\n",
        layout.table(["Element", "Unit", "Codes"], sorted(_observed(templates))),
        "## Conditions\n",
        layout.table(["Code", "What it says"], _told(recognised.CONDITIONS)),
        "## Procedures, where they are completed\n",
        layout.table(["Code", "What it says"], [*_told(recognised.PROCEDURES), *_cerclages()]),
        "## Medicines\n",
        layout.table(["Medicine", "Codes"], _drugs(templates)),
    ]
    return "\n".join(parts)


def _said(codes: Iterable[Code]) -> str:
    return ", ".join(f"{_SYSTEMS.get(system, system)} {code}" for system, code in codes)


def _observed(templates: Sequence[Template]) -> Iterator[list[str]]:
    seen: set[str] = set()
    for template in templates:
        for element in template.elements.values():
            own = [(one.system, one.code) for one in element.codes]
            codes = [one for one in (*own, *recognised.ALSO.get(element.path, ())) if one not in recognised.TOO_BROAD]
            if codes and not element.computed and element.path not in seen:
                seen.add(element.path)
                yield [f"`{element.path}`", element.unit or "", _said(codes)]


def _told(table: Mapping[Code, Mapping[str, Any]]) -> Iterator[list[str]]:
    for code, says in table.items():
        told = ", ".join(f"`{path}`: {layout.text(_value(value))}" for path, value in says.items())
        yield [_said([code]), told]


def _value(value: Any) -> str:
    return "yes" if value is True else str(value)


def _cerclages() -> Iterator[list[str]]:
    for code, technique in recognised.CERCLAGES.items():
        named = f", `cerclage.technique`: {technique}" if technique else ""
        yield [_said([code]), f"in this pregnancy `cerclage.placed_on`{named}; before it `risk.prior_stitch`: yes"]


def _drugs(templates: Sequence[Template]) -> Iterator[list[str]]:
    element = next(one for one in templates[0].elements.values() if one.path == "medications.list.drug")
    for option in element.options:
        products = [code for code, drug in recognised.DRUGS.items() if drug == option.value]
        codes = [*((one.system, one.code) for one in option.codes), *products]
        if codes:
            yield [option.title, _said(codes)]
