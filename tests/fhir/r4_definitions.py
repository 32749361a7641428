"""Writes ci_notes/fhir/lint/r4_table.py from HL7's packages: what R4 says of the types that our lint knows.

    python tests/fhir/r4_definitions.py

The packages are looked for in ~/.fhir/packages, where every FHIR tool puts them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PACKAGES = Path.home() / ".fhir" / "packages"
CORE = PACKAGES / "hl7.fhir.r4.core#4.0.1" / "package"
US_CORE = PACKAGES / "hl7.fhir.us.core#6.1.0" / "package"
TABLE = Path(__file__).parents[2] / "ci_notes" / "fhir" / "lint" / "r4_table.py"

_KNOWN = """
AllergyIntolerance Appointment Basic Binary BodyStructure Bundle CapabilityStatement CarePlan CareTeam
ClinicalImpression Communication CommunicationRequest Composition Condition Consent Coverage DetectedIssue Device
DeviceRequest DeviceUseStatement DiagnosticReport DocumentReference Encounter EpisodeOfCare FamilyMemberHistory Flag
Goal Group HealthcareService ImagingStudy Immunization List Location Media Medication MedicationAdministration
MedicationDispense MedicationRequest MedicationStatement Observation OperationOutcome Organization Parameters
Patient Person Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson
RiskAssessment ServiceRequest Specimen Substance Task
"""
KNOWN = _KNOWN.split()
"""The resources that a note of ours becomes, and those that may well stand beside them."""

_EXTENDED = """
Age Annotation Attachment ContactDetail Contributor Count DataRequirement Distance Dosage Duration Expression Money
ParameterDefinition Ratio Reference RelatedArtifact SampledData Signature Timing TriggerDefinition UsageContext
"""
EXTENDED = _EXTENDED.split()
"""Data types that stand in extensions, or are named nowhere else."""

LARGEST = 200
"""Code systems with more codes than this are left to terminology servers."""

SYSTEM_STRING = "http://hl7.org/fhirpath/System."
BASES = ("Resource", "DomainResource", "Element", "BackboneElement")
HEADER = '''"""What R4 (4.0.1) says of its types. Made from HL7's packages by tests/fhir/r4_definitions.py; do not edit.

A line is an element: its name, how often it may stand (? at most once, 1 once, * any number, + at least once), its
types. Behind = is the value set that its codes are of; @ is a part of the type itself.
"""

# ruff: noqa: E501, SIM905
# fmt: off
'''


def read(name: str, package: Path = CORE) -> Json:
    found: Json = json.loads((package / f"{name}.json").read_text("utf-8"))
    return found


def by_url(kind: str) -> dict[str, Json]:
    found = (json.loads(path.read_text("utf-8")) for path in sorted(CORE.glob(f"{kind}-*.json")))
    return {one["url"]: one for one in found}


class Terms:
    """The code systems and value sets of the core package."""

    def __init__(self) -> None:
        self.systems, self.sets = by_url("CodeSystem"), by_url("ValueSet")

    def codes(self, system: str, below: str = "") -> list[str] | None:
        found = self.systems.get(system)
        if found is None or found.get("content") != "complete":
            return None
        return [*_codes(found.get("concept", []), below, not below)]

    def expanded(self, url: str) -> dict[str, list[str]] | None:
        """Return the codes of a value set by system, or None where the package does not hold them all."""
        held = self.sets.get(url.partition("|")[0], {}).get("compose", {})
        if not held or held.get("exclude"):
            return None
        found: dict[str, list[str]] = {}
        for part in held["include"]:
            for system, codes in self._part(part):
                if codes is None:
                    return None
                found.setdefault(system, []).extend(codes)
        return found

    def _part(self, part: Json) -> Iterator[tuple[str, list[str] | None]]:
        for url in part.get("valueSet", []):
            inner = self.expanded(url)
            yield from inner.items() if inner is not None else [("", None)]
        if "concept" in part:
            yield part["system"], [one["code"] for one in part["concept"]]
        elif part.get("filter"):
            yield part["system"], None
        elif "system" in part:
            yield part["system"], self.codes(part["system"])


def _codes(concepts: list[Json], below: str, inside: bool) -> Iterator[str]:
    for one in concepts:
        here = inside or one["code"] == below
        if here:
            yield one["code"]
        yield from _codes(one.get("concept", []), below, here)


class Table:
    """The table while it is made."""

    def __init__(self) -> None:
        self.terms = Terms()
        self.types: dict[str, list[str]] = {}
        self.sets: dict[str, dict[str, list[str]]] = {}
        self.systems: dict[str, list[str]] = {}

    def add(self, name: str) -> None:
        """Add a type, and those that its elements are of."""
        if name in self.types or not (CORE / f"StructureDefinition-{name}.json").exists():
            return
        definition = read(f"StructureDefinition-{name}")
        if definition["kind"] == "primitive-type":
            return
        self.types[name] = []
        inherited = {
            element["path"].partition(".")[2]
            for base in BASES
            if base != name and name not in BASES
            for element in read(f"StructureDefinition-{base}")["snapshot"]["element"]
        } & _inherited(definition)
        for element in definition["snapshot"]["element"][1:]:
            self._element(name, element, inherited)

    def _element(self, name: str, element: Json, inherited: set[str]) -> None:
        holder, _, last = element["path"].rpartition(".")
        own = {"id", "extension", "modifierExtension"} if holder != name else inherited
        if last in own:
            return
        count = {(0, "1"): "?", (1, "1"): "1", (0, "*"): "*"}.get((element["min"], element["max"]))
        count = count or ("" if element["max"] == "0" else "+" if element["max"] != "1" else "1")
        if count:
            types = ",".join(self._types(element, name))
            self.types.setdefault(holder, []).append(f"{last} {count} {types}")

    def _types(self, element: Json, name: str) -> Iterator[str]:
        if "contentReference" in element:
            yield "@" + element["contentReference"].removeprefix("#")
        types = element.get("type", [])
        if len(types) > 20:
            yield "*"
            return
        for kind in types:
            code = kind["code"].removeprefix(SYSTEM_STRING)
            if code in ("BackboneElement", "Element") and element["path"] != name:
                yield "@" + element["path"]
            elif code == "Reference":
                targets = sorted(one.rpartition("/")[2] for one in kind.get("targetProfile", []))
                yield f"Reference({'|'.join(targets)})"
            else:
                self.add(code)
                yield code.replace("String", "string") + self._bound(element, code)

    def _bound(self, element: Json, code: str) -> str:
        binding = element.get("binding", {})
        url = binding.get("valueSet", "").partition("|")[0]
        if code not in ("code", "Coding", "CodeableConcept") or not url:
            return ""
        expanded = self.terms.expanded(url)
        if code != "code":
            self._systems(url)
        if expanded is None or binding["strength"] != "required" or sum(map(len, expanded.values())) > LARGEST:
            return ""
        name = url.rpartition("/")[2]
        self.sets[name] = expanded
        return f"={name}"

    def _systems(self, url: str) -> None:
        for part in self.terms.sets.get(url, {}).get("compose", {}).get("include", []):
            system = part.get("system", "")
            codes = self.terms.codes(system) if system.startswith("http://terminology.hl7.org/") else None
            if codes and len(codes) <= LARGEST:
                self.systems[system] = codes

    def text(self) -> str:
        """Return the module."""
        names = sorted(path.stem.partition("-")[2] for path in CORE.glob("StructureDefinition-*.json"))
        kinds = {name: read(f"StructureDefinition-{name}") for name in names if name[:1].isupper()}
        resources = [
            name
            for name, one in kinds.items()
            if one["kind"] == "resource" and one.get("derivation") == "specialization" and not one["abstract"]
        ]
        lines = [HEADER, "RESOURCES = frozenset(", '    """', *wrapped(resources), '    """.split()', ")"]
        lines += ['"""Every type of resource in R4."""', "", "TYPES = {"]
        for name, held in sorted(self.types.items()):
            lines += [f'    "{name}": """', *held, '""",']
        lines += ["}", "", "VALUE_SETS = {"]
        for name, systems in sorted(self.sets.items()):
            pairs = ", ".join(f'"{system}": "{" ".join(codes)}"' for system, codes in sorted(systems.items()))
            lines.append(f'    "{name}": {{{pairs}}},')
        lines += ["}", "", "CODE_SYSTEMS = {"]
        lines += [f'    "{system}": "{" ".join(codes)}",' for system, codes in sorted(self.systems.items())]
        lines += ["}", '"""Code systems of HL7 with all their codes."""', "", "US_CORE = {"]
        lines += [f'    "{name}": "{kind}",' for name, kind in sorted(us_core())]
        return "\n".join([*lines, "}", '"""The profiles of US Core 6.1.0 and what they are of."""', ""])


def _inherited(definition: Json) -> set[str]:
    """Return the elements that a type has from the type it is based on."""
    paths = definition["snapshot"]["element"][1:]
    return {
        one["path"].partition(".")[2] for one in paths if not one["base"]["path"].startswith(definition["id"] + ".")
    }


def us_core() -> Iterator[tuple[str, str]]:
    for path in sorted(US_CORE.glob("StructureDefinition-*.json")):
        found = json.loads(path.read_text("utf-8"))
        if found["kind"] == "resource":
            yield found["url"].rpartition("/")[2], found["type"]


def wrapped(names: list[str], width: int = 116) -> Iterator[str]:
    line = ""
    for name in names:
        if len(line) + len(name) + 1 > width:
            yield "    " + line
            line = ""
        line = f"{line} {name}".strip()
    yield "    " + line


def table() -> str:
    """Return the text of the module."""
    made = Table()
    for name in (*BASES, *KNOWN):
        made.add(name)
    for name in EXTENDED:
        made.add(name)
    return made.text()


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
