"""All that is made from the templates, by the name of the file it stands in."""

from collections.abc import Sequence
from typing import Any

from ci_notes.fhir.profiling.gathering import NEVER_OBSERVED, elements_of, titles_of
from ci_notes.fhir.profiling.observations import profiles
from ci_notes.fhir.profiling.terminology import code_systems, value_sets
from ci_notes.template import Template

Json = dict[str, Any]


def generated(templates: Sequence[Template]) -> dict[str, Json]:
    """Return profiles, code systems and value sets of templates by file name, as TYPE-id.json."""
    elements = elements_of(templates)
    observed = [one for one in elements.values() if one.id not in NEVER_OBSERVED]
    made = [
        *profiles(observed),
        *code_systems(templates, elements.values(), titles_of(templates)),
        *value_sets(elements.values()),
    ]
    return {file_name(one): one for one in made}


def file_name(resource: Json) -> str:
    """Return the name of the file that a resource stands in."""
    return f"{resource['resourceType']}-{resource['id']}.json"
