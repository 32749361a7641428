"""Whose the codes are that a resource quotes: what their owners ask to be said wherever their codes are passed on."""

import json
from typing import Any

Json = dict[str, Any]

_NOTICES = {
    "http://snomed.info/sct": (
        "This material includes codes and terms of SNOMED Clinical Terms (SNOMED CT), which is the property of the "
        "International Health Terminology Standards Development Organisation, trading as SNOMED International. Using "
        "it in a system needs a licence of SNOMED International or of a national release centre; this gives nobody one."
    ),
    "http://loinc.org": (
        "This material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief Institute, Inc. "
        "and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available at no cost under "
        "the license at http://loinc.org/license. LOINC is a registered United States trademark of Regenstrief "
        "Institute, Inc."
    ),
    "http://www.nlm.nih.gov/research/umls/rxnorm": (
        "RxNorm is made publicly available by courtesy of the U.S. National Library of Medicine (NLM), National "
        "Institutes of Health, Department of Health and Human Services; NLM is not responsible for this product and "
        "neither endorses nor recommends it."
    ),
    "http://hl7.org/fhir/sid/icd-10-cm": (
        "ICD-10-CM is the clinical modification by the National Center for Health Statistics of the International "
        "Classification of Diseases, which is copyright the World Health Organization."
    ),
    "http://unitsofmeasure.org": (
        "UCUM is copyright Regenstrief Institute, Inc. and is used under its terms at https://ucum.org/license."
    ),
}


def with_notice(resource: Json, *quoted: Json, own: str = "") -> Json:
    """Return a resource that describes with its copyright: ours, and that of each terminology that it quotes.

    `quoted` is what it lists. One that has a copyright already keeps it before the others.
    """
    text = json.dumps([resource, *quoted])
    held = resource.get("copyright", own)
    said = [notice for system, notice in _NOTICES.items() if f'"{system}"' in text and notice not in held]
    told = "\n\n".join(filter(None, [held, *said]))
    return {**resource, "copyright": told} if told else resource
