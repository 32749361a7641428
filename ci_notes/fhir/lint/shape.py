"""The shape of resources against R4's own types, and on the way everything that the other checks look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ci_notes.expression import nearest
from ci_notes.fhir.datatypes import objects
from ci_notes.fhir.lint.fault import ERROR, Fault, shown
from ci_notes.fhir.lint.primitives import PRIMITIVES, is_id, problem
from ci_notes.fhir.lint.r4 import Field, Shape, is_resource, shape_of

Json = Mapping[str, Any]

DEEPEST = 40
"""No resource of R4 needs as many levels; a JSON reader may stumble over many more."""

_R5_TYPES_WORDS = (
    "ActorDefinition ArtifactAssessment BiologicallyDerivedProductDispense ConditionDefinition DeviceAssociation "
    "DeviceDispense DeviceUsage EncounterHistory FormularyItem GenomicStudy ImagingSelection InventoryItem "
    "InventoryReport MedicationUsage NutritionIntake NutritionProduct Permission RequestOrchestration Requirements "
    "SubscriptionStatus SubscriptionTopic TestPlan Transport"
)
_R5_TYPES = frozenset(_R5_TYPES_WORDS.split())
_R5_ELEMENTS = {
    ("MedicationRequest", "medication"): "medicationCodeableConcept or medicationReference",
    ("MedicationStatement", "medication"): "medicationCodeableConcept or medicationReference",
    ("MedicationAdministration", "medication"): "medicationCodeableConcept or medicationReference",
    ("MedicationAdministration", "occurenceDateTime"): "effectiveDateTime",
    ("MedicationAdministration", "encounter"): "context",
    ("MedicationStatement", "encounter"): "context",
    ("Encounter", "actualPeriod"): "period",
    ("Encounter", "reason"): "reasonCode or reasonReference",
    ("Procedure", "occurrenceDateTime"): "performedDateTime",
    ("Procedure", "occurrencePeriod"): "performedPeriod",
    ("Procedure", "reason"): "reasonCode or reasonReference",
    ("Procedure", "recorded"): "performedDateTime",
    ("ServiceRequest", "reason"): "reasonCode or reasonReference",
    ("Condition", "participant"): "recorder or asserter",
    ("AllergyIntolerance", "participant"): "recorder or asserter",
    ("DetectedIssue", "subject"): "patient",
    ("Observation", "triggeredBy"): "derivedFrom",
    ("Composition", "participant"): "attester",
}
"""How R5 names what R4 has another name for."""


@dataclass(slots=True)
class Place:
    """A resource with where it stands; `parent` is the one that contains it."""

    where: str
    body: Json
    kind: str
    label: str
    parent: "Place | None" = None
    references: list["Link"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Link:
    """A reference with where it stands and what it may be to."""

    where: str
    held: Json
    targets: frozenset[str]
    element: str


@dataclass(slots=True)
class Seen:
    """What a walk through a bundle came by, in order."""

    faults: list[Fault] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    codings: list[tuple[Place, str, Json]] = field(default_factory=list)
    quantities: list[tuple[Place, str, Json]] = field(default_factory=list)
    narratives: list[tuple[Place, str, Any]] = field(default_factory=list)
    periods: list[tuple[Place, str, Json]] = field(default_factory=list)
    dates: list[tuple[Place, str, str]] = field(default_factory=list)
    canonicals: list[tuple[Place, str, str]] = field(default_factory=list)
    guesses: int = 200
    """How many more times what was meant is guessed at: a guess takes longer than all else that is done for a code."""

    def add(self, code: str, place: Place, where: str, message: str, severity: str = ERROR) -> None:
        """Note a fault."""
        self.faults.append(Fault(code, severity, where, message, place.label))

    def guess(self, name: str, known: Iterable[str]) -> str:
        """Return "; did you mean «…»?" for the nearest known name, or nothing."""
        self.guesses -= 1
        return nearest(name[:80], [*known]) if self.guesses > 0 else ""


def label_of(body: Json) -> str:
    """Return a resource's type and id as messages name it."""
    kind, name = text_of(body, "resourceType"), text_of(body, "id")
    return shown(f"{kind}/{name}" if name else kind, 100)


def walk(bundle: Json) -> Seen:
    """Return what a bundle holds, and what of it does not have the shape that R4 asks for."""
    seen = Seen()
    _Walk(seen).resource(bundle, "Bundle", None, 0)
    return seen


class _Walk:
    """Walks through resources, each in its own place."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def resource(self, body: Json, where: str, parent: Place | None, depth: int, contained: bool = False) -> None:
        """Walk through one resource."""
        kind = body.get("resourceType")
        place = Place(where, body, kind if isinstance(kind, str) else "", label_of(body), parent if contained else None)
        self.seen.places.append(place)
        if not is_resource(kind):
            self._no_type(place, kind)
        name = body.get("id")
        if isinstance(name, str) and name and not is_id(name):
            self._bad_id(place, name)
        shape = shape_of(place.kind)
        if shape is None:
            self._anything(body, where, place, depth)
        else:
            self._object(body, place.kind, shape, where, place, depth)

    def _no_type(self, place: Place, kind: Any) -> None:
        if kind is None:
            words = "the resource does not say its resourceType"
        elif isinstance(kind, str) and kind in _R5_TYPES:
            words = f"{kind} is a resource of R5; R4 (4.0.1), which is read here, has none of that name"
        else:
            from ci_notes.fhir.lint.r4_table import RESOURCES  # noqa: PLC0415

            guess = self.seen.guess(kind, sorted(RESOURCES)) if isinstance(kind, str) else ""
            words = f"R4 has no resource «{shown(kind)}»{guess}"
        self.seen.add("resource-type", place, f"{place.where}.resourceType", words)

    def _bad_id(self, place: Place, name: str) -> None:
        words = f"«{shown(name)}» is no id of FHIR; write letters, digits, - and ., at most 64 of them"
        self.seen.add("value-format", place, f"{place.where}.id", words)

    # what is of a type that we know

    def _object(self, held: Json, kind: str, shape: Shape, where: str, place: Place, depth: int) -> None:
        if depth > DEEPEST:
            self.seen.add("too-deep", place, where, f"more than {DEEPEST} levels stand in one another here")
            return
        fields = shape.fields
        chosen: dict[str, str] = {}
        for key, value in held.items():
            found = fields.get(key)
            at = f"{where}.{key}"
            if found is None:
                self._strange(key, kind, fields, at, place)
            elif value is None or value in ("", [], {}):
                self.seen.add("empty", place, at, f"{key} is {_nothing(value)}; give it a value, or leave it out")
            else:
                if found.choice:
                    self._chosen(found.choice, key, chosen, at, place)
                self._element(value, key, found, at, place, depth)
        for name, keys in shape.required:
            if not any(key in held or f"_{key}" in held for key in keys):
                self._missing(name, keys, kind, fields, where, place)

    def _chosen(self, choice: str, key: str, chosen: dict[str, str], at: str, place: Place) -> None:
        if choice in chosen:
            words = f"{chosen[choice]} and {key} both stand here; {choice} is one of them"
            self.seen.add("two-values", place, at, words)
        chosen[choice] = key

    def _strange(self, key: str, kind: str, fields: Mapping[str, Field], at: str, place: Place) -> None:
        if key.removeprefix("_") in fields or (key == "resourceType" and is_resource(kind)):
            return
        newer = _R5_ELEMENTS.get((kind, key))
        hint = f"; this is how R5 writes it, R4 has {newer}" if newer else self.seen.guess(key, fields)
        self.seen.add("unknown-element", place, shown(at, 200), f"R4's {kind} has no «{shown(key)}»{hint}")

    def _missing(
        self, name: str, keys: tuple[str, ...], kind: str, fields: Mapping[str, Field], where: str, place: Place
    ) -> None:
        codes = sorted(code for _, held in fields[keys[0]].codes for code in held)
        hint = f"; one of {', '.join(codes)}" if 0 < len(codes) <= 12 else ""
        self.seen.add("missing-element", place, where, f"{kind}.{name} is required in R4 and is not there{hint}")

    def _element(self, value: Any, key: str, found: Field, at: str, place: Place, depth: int) -> None:
        if found.many and isinstance(value, list):
            for index, one in enumerate(value):
                if one is not None:
                    self._value(one, found, f"{at}[{index}]", key, place, depth)
                elif f"_{key}" not in place.body and found.kind not in PRIMITIVES:
                    self.seen.add("empty", place, f"{at}[{index}]", "null stands in a list; leave it out")
        elif found.many:
            self.seen.add("json-type", place, at, f"{key} repeats, so it is a list even where there is only one")
            self._value(value, found, at, key, place, depth)
        elif isinstance(value, list):
            self.seen.add("json-type", place, at, f"{key} does not repeat in R4, so it is no list")
        else:
            self._value(value, found, at, key, place, depth)

    def _value(self, value: Any, found: Field, at: str, key: str, place: Place, depth: int) -> None:
        kind = found.kind
        if kind in PRIMITIVES:
            self._primitive(value, found, at, place)
        elif not isinstance(value, Mapping):
            self.seen.add("json-type", place, at, f"{key} is {_json_type(value)} here; R4 wants an object ({kind})")
        elif not value:
            self.seen.add("empty", place, at, "an empty object; give it something to say, or leave it out")
        elif kind == "Resource":
            self.resource(value, at, place, depth + 1, contained=key == "contained")
        else:
            self._collect(value, found, at, key, place)
            shape = shape_of(kind)
            if shape is None:
                self._anything(value, at, place, depth + 1)
            else:
                self._object(value, kind, shape, at, place, depth + 1)

    def _primitive(self, value: Any, found: Field, at: str, place: Place) -> None:
        kind = found.kind
        wrong = problem(kind, value)
        if wrong is not None:
            code, words = wrong
            self.seen.add(code, place, at, f"«{shown(value)}» is not what a {kind} is: write {words}")
            return
        if kind in ("date", "dateTime", "instant"):
            self.seen.dates.append((place, at, value))
        elif kind == "canonical":
            self.seen.canonicals.append((place, at, value))
        elif kind == "xhtml":
            self.seen.narratives.append((place, at, value))
        elif found.codes and not any(value in codes for _, codes in found.codes):
            self._not_in_set(value, found, at, place)

    def _not_in_set(self, value: Any, found: Field, at: str, place: Place) -> None:
        codes = sorted({code for _, held in found.codes for code in held})
        listed = ", ".join(codes) if len(codes) <= 30 else f"{', '.join(codes[:30])} ..."
        self.seen.add("value-set", place, at, f"«{shown(value)}» is not allowed here in R4; one of {listed}")

    def _collect(self, value: Json, found: Field, at: str, key: str, place: Place) -> None:
        kind = found.kind
        if kind == "Reference":
            place.references.append(Link(at, value, found.targets, key))
        elif kind == "Coding":
            self.seen.codings.append((place, at, value))
        elif kind == "Quantity":
            self.seen.quantities.append((place, at, value))
        elif kind == "Period":
            self.seen.periods.append((place, at, value))
        elif kind == "CodeableConcept" and found.codes:
            self._required_concept(value, found, at, place)
        elif kind == "Extension" and "extension" in value and any(name.startswith("value") for name in value):
            words = "an extension has a value or extensions of its own, never both (ext-1)"
            self.seen.add("constraint", place, at, words)

    def _required_concept(self, value: Json, found: Field, at: str, place: Place) -> None:
        codings = objects(value.get("coding"))
        known = dict(found.codes)
        fitting = [one for one in codings if text_of(one, "system") in known]
        if any(text_of(one, "code") in known[text_of(one, "system")] for one in fitting):
            return
        said = fitting[0].get("code") if fitting else value.get("text") or "what stands here"
        self._not_in_set(said, found, at, place)

    # what is of a type that we do not know

    def _anything(self, held: Any, where: str, place: Place, depth: int) -> None:
        """Look through what has no type here for references and codes all the same."""
        if depth > DEEPEST:
            self.seen.add("too-deep", place, where, f"more than {DEEPEST} levels stand in one another here")
        elif isinstance(held, Mapping):
            if isinstance(held.get("reference"), str):
                place.references.append(Link(where, held, frozenset(), where.rpartition(".")[2]))
            if isinstance(held.get("system"), str) and "code" in held and "value" not in held:
                self.seen.codings.append((place, where, held))
            if isinstance(held.get("div"), str):
                self.seen.narratives.append((place, f"{where}.div", held["div"]))
            for key, value in held.items():
                self._anything(value, f"{where}.{key}", place, depth + 1)
        elif isinstance(held, list):
            for index, one in enumerate(held):
                self._anything(one, f"{where}[{index}]", place, depth + 1)


def _nothing(value: Any) -> str:
    return {"": "an empty text", "[]": "an empty list", "{}": "an empty object"}.get(str(value), "null")


def _json_type(value: Any) -> str:
    names = {str: "text", bool: "true or false", list: "a list"}
    return names.get(type(value), "a number") if value is not None else "null"


def status_code(body: Json, key: str) -> str:
    """Return the code of a status that is a concept."""
    concept = body.get(key)
    listed = concept.get("coding") if isinstance(concept, Mapping) else None
    for coding in listed if isinstance(listed, list) else ():
        if isinstance(coding, Mapping) and isinstance(coding.get("code"), str):
            return str(coding["code"])
    return ""


def text_of(body: Json, key: str) -> str:
    """Return the text at a key; empty where there is something else."""
    found = body.get(key)
    return found if isinstance(found, str) else ""


def is_in_error(body: Json) -> bool:
    """Return whether a resource was entered in error, the way its type says so."""
    return "entered-in-error" in (body.get("status"), status_code(body, "verificationStatus"))
