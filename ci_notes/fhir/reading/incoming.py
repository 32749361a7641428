"""What comes from elsewhere: its resources in one list, by name, and whose each of them is.

Nothing is followed further than one reference, so that references in a circle do no harm.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ci_notes.errors import InputError, plain
from ci_notes.fhir.datatypes import codes_of

Json = dict[str, Any]

MOST = 20_000
"""Resources of one bundle: a long chart has some thousand."""

OF_R5 = ("ActorDefinition", "ArtifactAssessment", "BiologicallyDerivedProductDispense", "ConditionDefinition",
         "DeviceAssociation", "DeviceDispense", "DeviceUsage", "EncounterHistory", "FormularyItem", "GenomicStudy",
         "ImagingSelection", "InventoryItem", "InventoryReport", "NutritionIntake", "NutritionProduct", "Permission",
         "RequestOrchestration", "Requirements", "TestPlan", "Transport")  # fmt: skip
"""Resource types that R4 does not have."""

_LISTS_OF_R5 = {"Encounter": "class", "Composition": "identifier", "MedicationRequest": "device"}
_KEYS_OF_R5 = {
    "MedicationRequest": ("medication", "renderedDosageInstruction"),
    "MedicationStatement": ("medication", "renderedDosageInstruction", "adherence"),
    "MedicationAdministration": ("medication", "occurenceDateTime", "occurencePeriod"),
    "Procedure": ("occurrenceDateTime", "occurrencePeriod", "reported"),
    "Encounter": ("actualPeriod", "admission", "plannedStartDate", "subjectStatus"),
    "Condition": ("participant",),
    "AllergyIntolerance": ("participant",),
    "Observation": ("triggeredBy", "bodyStructure", "instantiatesCanonical"),
    "Bundle": ("issues",),
}
"""Where R5 has a list and R4 one thing, and keys that only R5 has."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource, with its address in the bundle (empty where it has none) and its number there."""

    number: int
    address: str
    resource: Json

    @property
    def kind(self) -> str:
        """The resource's type."""
        return str(self.resource.get("resourceType", ""))

    @property
    def name(self) -> str:
        """What a person calls it: Observation/abc, or by its number where it has no id."""
        own = self.resource.get("id")
        kind = " ".join(self.kind[:40].split()) or "something without a type"
        return f"{kind}/{own[:64]}" if isinstance(own, str) and own.isprintable() else f"{kind} (entry {self.number})"


def addressed(bundle: Any) -> list[Entry]:
    """Return the resources of a Bundle in order; raises InputError for what is no R4 bundle."""
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle":
        found = bundle.get("resourceType") if isinstance(bundle, Mapping) else None
        if isinstance(bundle, Mapping) and "template" in bundle:
            raise InputError("this is a note already; a FHIR Bundle is wanted")
        raise InputError(f"a FHIR Bundle is wanted, not {_article(plain(found, 60)) if found else 'this'}")
    refuse_other_versions(bundle)
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        raise InputError("the Bundle's entry is not a list")
    if len(listed) > MOST:
        raise InputError(
            f"the bundle has {len(listed)} resources; at most {MOST} are read: send those of this pregnancy"
        )
    entries = []
    for number, entry in enumerate(listed, 1):
        held = entry.get("resource") if isinstance(entry, Mapping) else None
        if isinstance(held, Mapping):
            refuse_other_versions(held)
            entries.append(Entry(number, str(entry.get("fullUrl") or ""), dict(held)))
    return entries


def _article(kind: str) -> str:
    return f"an {kind}" if kind[:1] in "AEIO" else f"a {kind}"


def refuse_other_versions(resource: Mapping[str, Any]) -> None:
    """Refuse what is written in R5 or another version of FHIR than R4; raises InputError that says by what it shows."""
    kind = str(resource.get("resourceType"))
    version = resource.get("fhirVersion")
    shown = ""
    if isinstance(version, str) and not version.startswith("4."):
        shown = f"fhirVersion is {version[:20]}"
    elif kind in OF_R5:
        shown = f"{kind} is a resource of R5"
    elif kind in _LISTS_OF_R5 and isinstance(resource.get(_LISTS_OF_R5[kind]), list):
        shown = f"{kind}.{_LISTS_OF_R5[kind]} is a list"
    else:
        strange = [key for key in _KEYS_OF_R5.get(kind, ()) if key in resource]
        profiles = [one for one in _profiles(resource) if one.rpartition("|")[2].startswith("5.")]
        shown = (
            f"{kind}.{strange[0]} is of R5" if strange else f"meta.profile is {profiles[0][:90]}" if profiles else ""
        )
    if shown:
        raise InputError(f"this looks like FHIR R5, not R4 ({shown}); send it as FHIR R4 (4.0.1)")


def _profiles(resource: Mapping[str, Any]) -> list[str]:
    meta = resource.get("meta")
    listed = meta.get("profile") if isinstance(meta, Mapping) else None
    core = "http://hl7.org/fhir/StructureDefinition/"
    return [str(one) for one in listed if str(one).startswith(core)] if isinstance(listed, list) else []


def in_error(resource: Mapping[str, Any]) -> bool:
    """Return whether a resource was retracted; a Composition speaks for the note itself."""
    if resource.get("resourceType") == "Composition":
        return False
    status = resource.get("verificationStatus")
    return resource.get("status") == "entered-in-error" or any(
        code == "entered-in-error" for _, code in codes_of(status)
    )


def listed(value: Any) -> list[Any]:
    """Return a list, empty for anything else."""
    return value if isinstance(value, list) else []


def references(value: Any) -> list[str]:
    """Return the targets of a Reference or a list of them."""
    held = value if isinstance(value, list) else [value]
    return [str(one["reference"]) for one in held if isinstance(one, Mapping) and one.get("reference")]


def is_at(reference: str, entry: Entry) -> bool:
    """Return whether a reference means a resource, by its address or by type and id."""
    bare = reference.partition("/_history/")[0]
    own = f"{entry.kind}/{entry.resource.get('id')}"
    if bare in (entry.address, own) or bare == f"urn:uuid:{entry.resource.get('id')}":
        return True
    if "://" in bare and "://" in entry.address:
        return False
    return bare.endswith(f"/{own}") or ("://" not in bare and "/" in bare and entry.address.endswith(f"/{bare}"))


# --- whose it is ---------------------------------------------------------------------------------------------------

ABOUT = ("subject", "patient")
"""Where a resource says whose it is."""


def the_patient(entries: Sequence[Entry]) -> Entry | None:
    """Return the one Patient of a bundle, or None where it has none; raises InputError that names them if several."""
    patients: list[Entry] = []
    for entry in entries:
        if entry.kind == "Patient" and not any(_is_same(entry, one) for one in patients):
            patients.append(entry)
    if len(patients) > 1:
        names = "; ".join(said_patient(one) for one in patients[:5])
        raise InputError(f"the bundle has {len(patients)} patients ({names}); a note has one")
    if not patients or not _can_be_meant(patients[0]):
        _one_subject(entries)
    return patients[0] if patients else None


def _can_be_meant(patient: Entry) -> bool:
    """Return whether a reference could mean a Patient: one without address and id is meant by all."""
    return bool(patient.address or patient.resource.get("id"))


def _one_subject(entries: Sequence[Entry]) -> None:
    """Refuse a bundle without a Patient whose resources are about several."""
    found = dict.fromkeys(
        one.partition("/_history/")[0]
        for entry in entries
        for key in ABOUT
        for one in references(entry.resource.get(key))
        if "Group/" not in one
    )
    if len({one.rpartition("/")[2] for one in found}) > 1:
        raise InputError(
            f"the bundle is about {len(found)} patients ({plain('; '.join([*found][:5]), 300)}); a note has one"
        )


def _is_same(entry: Entry, other: Entry) -> bool:
    """Return whether two Patients are one and the same, as the pages of a search repeat it."""
    return entry.resource == other.resource or bool(entry.address and entry.address == other.address)


def said_patient(entry: Entry) -> str:
    """Return how a patient is named to a person: the name, and a number."""
    resource = entry.resource
    name = next((say for one in listed(resource.get("name")) if (say := human_name(one))), "")
    number = next(
        (
            str(one["value"])
            for one in listed(resource.get("identifier"))
            if isinstance(one, Mapping) and one.get("value")
        ),
        "",
    )
    return plain(", ".join([*filter(None, [name, number])])) or entry.name


def human_name(name: Any) -> str:
    """Return a HumanName as it is said: its text, else given names and family name."""
    if not isinstance(name, Mapping):
        return ""
    if isinstance(name.get("text"), str) and name["text"].strip():
        return " ".join(name["text"].split())
    parts = [*listed(name.get("given")), name.get("family")]
    return " ".join(" ".join(part.split()) for part in parts if isinstance(part, str) and part.strip())


def best_named(names: Any) -> Any:
    """Return the name that a person goes by: the official one, else the usual one, never an old one."""
    kept = [
        one for one in listed(names) if isinstance(one, Mapping) and one.get("use") not in ("old", "maiden", "temp")
    ]
    kept = [one for one in kept if not (isinstance(one.get("period"), Mapping) and one["period"].get("end"))] or kept
    return min(kept, key=lambda one: {"official": 0, "usual": 1}.get(str(one.get("use")), 2), default=None)


def numbers_of(resource: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """Return the number that a patient is known by, and her others; one with a system first, and the usual one."""
    kept = [one for one in listed(resource.get("identifier")) if isinstance(one, Mapping) and one.get("value")]
    kept = [one for one in kept if one.get("use") != "old"]
    kept.sort(key=lambda one: (not is_full(one), {"usual": 0, "official": 1}.get(str(one.get("use")), 2)))
    return (kept[0], kept[1:]) if kept else ({}, [])


def is_full(identifier: Any) -> bool:
    """Return whether an identifier is a number with the system it belongs to."""
    return isinstance(identifier, Mapping) and bool(identifier.get("system")) and bool(identifier.get("value"))


def whose(entry: Entry, patient: Entry | None) -> str:
    """Return "hers", "another's", or "unsaid" where a resource does not say whom it is about."""
    held = [entry.resource[key] for key in ABOUT if key in entry.resource]
    if not held:
        return "unsaid"
    if patient is None or not _can_be_meant(patient):
        return "hers" if any(references(one) for one in held) else "unsaid"
    return "hers" if any(_means(one, patient) for one in held) else "another's"


def _means(reference: Any, patient: Entry) -> bool:
    if any(is_at(one, patient) for one in references(reference)):
        return True
    number = reference.get("identifier") if isinstance(reference, Mapping) else None
    return isinstance(number, Mapping) and _number(number) in {*_numbers(patient)} and _number(number) != ("", "")


def _numbers(patient: Entry) -> Iterator[tuple[str, str]]:
    for one in listed(patient.resource.get("identifier")):
        if isinstance(one, Mapping):
            yield _number(one)


def _number(identifier: Mapping[str, Any]) -> tuple[str, str]:
    return str(identifier.get("system", "")), str(identifier.get("value", ""))
