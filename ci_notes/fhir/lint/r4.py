"""R4's types as the lint asks for them: the elements of a type, how often each may stand, and what it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ci_notes.fhir.lint.r4_table import CODE_SYSTEMS, RESOURCES, TYPES, VALUE_SETS

NOT_DOMAIN = ("Bundle", "Binary", "Parameters")
"""Resources without narrative, contained resources and extensions."""

_MODIFIABLE = ("Dosage", "Timing")
"""Data types that may have modifier extensions, as parts of resources may."""

_OPEN_WORDS = (
    "base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time "
    "unsignedInt uri url uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count Distance "
    "Duration HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature Timing "
    "ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition "
    "UsageContext Dosage Meta"
)
_OPEN = _OPEN_WORDS.split()
"""The types of a value that may be of any."""


@dataclass(frozen=True, slots=True)
class Field:
    """An element of a type: its own type, whether it repeats, what it may refer to and which codes it may have."""

    kind: str
    many: bool
    targets: frozenset[str] = frozenset()
    codes: tuple[tuple[str, frozenset[str]], ...] = ()
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """The elements of a type by their JSON name; those that must stand, with the names that will do."""

    fields: dict[str, Field]
    required: tuple[tuple[str, tuple[str, ...]], ...]
    choices: frozenset[str]


def is_resource(name: object) -> bool:
    """Return whether R4 has a resource of this type."""
    return isinstance(name, str) and name in RESOURCES


@cache
def codes_in(system: str) -> frozenset[str]:
    """Return all codes of one of HL7's code systems; none where it is not known here."""
    return frozenset(CODE_SYSTEMS.get(system, "").split())


@cache
def shape_of(kind: str) -> Shape | None:
    """Return the elements of a type, or None where the lint does not know them."""
    if kind not in TYPES:
        return None
    own = TYPES[kind]
    if kind in RESOURCES:
        own += TYPES["Resource" if kind in NOT_DOMAIN else "DomainResource"]
    else:
        own += TYPES["BackboneElement" if "." in kind or kind in _MODIFIABLE else "Element"]
    fields: dict[str, Field] = {}
    required: list[tuple[str, tuple[str, ...]]] = []
    choices: set[str] = set()
    for line in filter(None, own.splitlines()):
        name, count, types = line.split(" ", 2)
        found = dict(_fields(name, count in "*+", types))
        if len(found) > 1:
            choices.add(name)
        fields |= found
        if count in "1+":
            required.append((name, tuple(found)))
    return Shape(fields, tuple(required), frozenset(choices))


def _fields(name: str, many: bool, types: str) -> Iterator[tuple[str, Field]]:
    base, is_choice, _ = name.partition("[x]")
    for kind in _OPEN if types == "*" else types.split(","):
        plain, _, value_set = kind.partition("=")
        plain, _, targets = plain.rstrip(")").partition("(")
        key = base + plain[:1].upper() + plain[1:] if is_choice else base
        among = frozenset(targets.split("|")) if targets else frozenset()
        codes = tuple((system, frozenset(held.split())) for system, held in VALUE_SETS.get(value_set, {}).items())
        yield key, Field(plain.removeprefix("@"), many, among - {"Resource"}, codes, name if is_choice else "")
