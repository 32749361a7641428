"""What a FHIR package says of itself: its ImplementationGuide, its package.json and the index of its files."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from ci_notes.element import OURS
from ci_notes.fhir.canonical import PACKAGE
from ci_notes.fhir.notices import with_notice
from ci_notes.fhir.profiling.generated import file_name

Json = dict[str, Any]

CORE = "hl7.fhir.r4.core"
FHIR = "4.0.1"
SDC = "hl7.fhir.uv.sdc"
SDC_VERSION = "4.0.0-ballot"
"""Whose profiles our Questionnaires are of: the version that they are validated with."""

TITLE = "Cervical insufficiency notes"
ABOUT = "What the FHIR bundles of ci-notes hold: profiles, code systems, value sets, questionnaires and examples."
PUBLISHER = "The ci_notes authors"
LICENCE = "Copyright the ci_notes authors; Apache License 2.0, which does not cover the codes and terms of others."

_VERSIONED = (
    "StructureDefinition",
    "ValueSet",
    "CodeSystem",
    "Questionnaire",
    "CapabilityStatement",
    "ImplementationGuide",
)
_GROUPS = {
    "StructureDefinition": "Profiles",
    "ValueSet": "Answers",
    "CodeSystem": "Codes",
    "NamingSystem": "Identifiers",
    "Questionnaire": "Questionnaires",
    "CapabilityStatement": "What a server must support",
    "Bundle": "Examples",
}
_INDEXED = ("url", "version", "kind", "type", "supplements", "content", "valueSet", "derivation")


def stamped(resource: Json, version: str) -> Json:
    """Return a resource with what all of a package have: where it stands, whose it is and its version."""
    kind = resource["resourceType"]
    head = {"resourceType": kind, "id": resource["id"], "text": resource.get("text") or _told(resource)}
    if kind in _VERSIONED:  # a Questionnaire has the version of its template
        head |= {"url": f"{OURS}/{kind}/{resource['id']}", "version": resource.get("version", version)}
    whole = {**head, **{key: value for key, value in resource.items() if key not in head}, "publisher": PUBLISHER}
    return with_notice(whole, own=LICENCE) if kind in _VERSIONED else whole


def _told(resource: Json) -> Json:
    """Return the narrative of a resource that describes: its title and what it is about."""
    said = dict.fromkeys(str(resource[key]) for key in ("title", "description") if key in resource)
    words = "".join(f"<p>{html.escape(one, quote=False)}</p>" for one in said)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'}


def supporting(statement: Json, profiles: Iterable[Json]) -> Json:
    """Return a CapabilityStatement that names for each type the profiles of it."""
    known = [*profiles]

    def named(resource: Json) -> Json:
        urls = [one["url"] for one in known if one["type"] == resource["type"]]
        return {"type": resource["type"], "supportedProfile": urls, **resource} if urls else resource

    rest = [{**one, "resource": [*map(named, one["resource"])]} for one in statement["rest"]]
    return {**statement, "rest": rest}


def guide(resources: Sequence[Json], examples: Sequence[tuple[str, Json]], version: str) -> Json:
    """Return the ImplementationGuide that lists the resources of a package and its examples, each by its name."""
    listed = [_listed(one, str(one.get("title") or one.get("name") or one["id"])) for one in resources]
    listed += [{**_listed(one, name), "exampleBoolean": True} for name, one in examples]
    groups = dict.fromkeys(one["groupingId"] for one in listed)
    described = {
        "resourceType": "ImplementationGuide",
        "id": PACKAGE,
        "name": "CiNotes",
        "title": TITLE,
        "status": "active",
        "description": ABOUT,
        "packageId": PACKAGE,
        "license": "Apache-2.0",
        "fhirVersion": [FHIR],
        "dependsOn": [
            {
                "id": SDC.replace(".", "-"),
                "uri": f"http://hl7.org/fhir/uv/sdc/ImplementationGuide/{SDC}",
                "packageId": SDC,
                "version": SDC_VERSION,
            }
        ],
        "definition": {
            "grouping": [{"id": kind, "name": _GROUPS.get(kind, kind)} for kind in groups],
            "resource": listed,
        },
    }
    return stamped(with_notice(described, *resources, *(one for _, one in examples), own=LICENCE), version)


def _listed(resource: Json, name: str) -> Json:
    kind = resource["resourceType"]
    return {"reference": {"reference": f"{kind}/{resource['id']}"}, "name": name, "groupingId": kind}


def manifest(version: str) -> Json:
    """Return the package.json."""
    return {
        "name": PACKAGE,
        "version": version,
        "type": "IG",
        "license": "Apache-2.0",
        "canonical": OURS,
        "url": OURS,
        "title": TITLE,
        "description": ABOUT,
        "fhirVersions": [FHIR],
        "dependencies": {CORE: FHIR, SDC: SDC_VERSION},
        "author": PUBLISHER,
        "directories": {"lib": "package", "example": "example"},
    }


def index(resources: Iterable[Json]) -> Json:
    """Return the .index.json of a folder of resources."""
    files = []
    for one in resources:
        facts = {key: one[key] for key in _INDEXED if isinstance(one.get(key), str)}
        files.append({"filename": file_name(one), "resourceType": one["resourceType"], "id": one["id"], **facts})
    return {"index-version": 2, "files": files}
