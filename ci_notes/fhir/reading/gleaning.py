"""What single resources of somebody else say: candidates for elements, or why they are left out.

One reader a resource type. Status comes before code: what was retracted, refuted, cancelled or is only possible is left
out whatever it says, and so is what is about anybody but the patient.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ci_notes import kinds
from ci_notes.element import Element
from ci_notes.errors import plain
from ci_notes.fhir.datatypes import codes_of, codings_of, option_of, own_code
from ci_notes.fhir.reading import values
from ci_notes.fhir.reading.account import Left
from ci_notes.fhir.reading.incoming import (
    Entry,
    best_named,
    human_name,
    in_error,
    is_at,
    is_full,
    listed,
    numbers_of,
    references,
    whose,
)
from ci_notes.fhir.reading.recognised import (
    ALSO,
    BY_STATUS,
    CERCLAGES,
    CONDITIONS,
    DRUGS,
    LASTING,
    LENGTH,
    PROCEDURES,
    REMOVALS,
    SNOMED,
    TOO_BROAD,
    VAGINAL,
    WHY_TOO_BROAD,
    Code,
)
from ci_notes.fhir.reading.standing import doubted, is_over, preliminary, subject, when
from ci_notes.fhir.reading.values import UnfitError
from ci_notes.template import Template

Json = dict[str, Any]

_NEGATED = re.compile(r"\W*(no|nil|none|not|without|denies|negative for|nka|nkda|unknown)\b", re.IGNORECASE)
"""Words that say that something is not there, where its name is wanted."""

_ABSENT_OR_UNKNOWN = "absent-unknown"
"""The part of a code system's name by which summaries say that there is no allergy, no medicine, or nothing known."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value for an element as one resource says it.

    `row` tells its row from others; a lower `rank` says it better.
    """

    path: str
    value: Any
    source: str
    found: str
    on: str = ""
    how: str = ""
    row: str = ""
    rank: int = 0


Gleaned = Iterator[Candidate | Left]


class Gleaning:
    """Reads the resources of a bundle for the elements of a template."""

    def __init__(self, template: Template, entries: Sequence[Entry], patient: Entry | None) -> None:
        self.template = template
        self.entries = entries
        self.patient = patient
        self.known, self.computed = _codes(template)
        self.read: Mapping[str, Callable[[Entry], Gleaned]] = {
            "Patient": self._person,
            "Observation": self._observation,
            "Condition": self._condition,
            "Procedure": self._procedure,
            "AllergyIntolerance": self._allergy,
            "MedicationStatement": self._medicine,
            "MedicationRequest": self._medicine,
            "Encounter": self._encounter,
        }

    def all(self) -> Gleaned:
        """Yield what each resource says, in their order."""
        for entry in self.entries:
            yield from self._of(entry)

    def _of(self, entry: Entry) -> Gleaned:
        what = values.about(entry.resource)
        if in_error(entry.resource):
            yield Left(entry.name, what, "in-error")
        elif entry.resource.get("modifierExtension") or entry.resource.get("implicitRules"):
            yield Left(entry.name, what, "modifier")  # FHIR: what is not understood must not be passed over
        elif entry.kind in _ABOUT_OTHERS:
            yield Left(entry.name, what, "someone-else", _ABOUT_OTHERS[entry.kind])
        elif entry.kind not in self.read:
            yield Left(entry.name, what, "no-place", _NO_PLACE.get(entry.kind, ""))
        elif entry.kind != "Patient" and whose(entry, self.patient) != "hers":
            unsaid = whose(entry, self.patient) == "unsaid"
            yield Left(entry.name, what, "no-patient" if unsaid else "another-patient", subject(entry.resource))
        else:
            try:
                yield from self.read[entry.kind](entry)
            except UnfitError as unfit:
                yield Left(entry.name, what, unfit.why, unfit.because)

    def _has(self, path: str) -> bool:
        return path in self.template.elements

    def _told(self, entry: Entry, says: Mapping[str, Any], on: str, how: str = "") -> Gleaned:
        """Yield what a code says, as far as the template has it."""
        what = values.about(entry.resource)
        here = [path for path in says if self._has(path)]
        if not here:
            yield Left(entry.name, what, "no-element", f"{self.template.id} does not record it")
        for path in here:
            yield Candidate(path, says[path], entry.name, what, on, how)

    # --- people and visits

    def _person(self, entry: Entry) -> Gleaned:
        resource = entry.resource
        name = best_named(resource.get("name"))
        number, others = numbers_of(resource)
        said: dict[str, tuple[Any, str]] = {
            "patient.name": (human_name(name), ""),
            "patient.identifier": (number.get("value"), ""),
            "patient.identifier_system": (number.get("system"), ""),
            "patient.gender": (resource.get("gender"), ""),
            "patient.birth_date": (resource.get("birthDate"), ""),
        }
        for path, (value, how) in said.items():
            if value and self._has(path):
                yield from self._plain(entry, path, value, how)
        for one in others:
            yield Left(entry.name, plain(f"number {one.get('value')}"), "no-place", "a note has one number of hers")

    def _plain(self, entry: Entry, path: str, value: Any, how: str) -> Gleaned:
        element = self.template.elements[path]
        try:
            kept = values.whole_day(value) if element.kind == "date" else values.clean(value, 200)
        except UnfitError as unfit:
            yield Left(entry.name, f"{element.title}: {plain(value)}", unfit.why, unfit.because)
            return
        if element.kind == "choice" and element.option(kept) is None:
            yield Left(entry.name, f"{element.title}: {kept}", "value")
        else:
            yield Candidate(path, kept, entry.name, plain(value), "", how)

    def _encounter(self, entry: Entry) -> Gleaned:
        """A visit that is over is not that of the new note."""
        status = entry.resource.get("status")
        numbers = [one for one in listed(entry.resource.get("identifier")) if is_full(one)]
        if status not in ("in-progress", "arrived", "triaged", "onleave"):
            yield Left(entry.name, values.about(entry.resource), "no-place", "another visit; a note has its own")
        elif not numbers or not self._has("visit.encounter_system"):
            yield Left(entry.name, values.about(entry.resource), "no-place", "it has no number with a system")
        else:
            yield from self._plain(entry, "visit.encounter", numbers[0]["value"], "")
            yield from self._plain(entry, "visit.encounter_system", numbers[0]["system"], "")

    # --- observations

    def _observation(self, entry: Entry) -> Gleaned:
        resource = entry.resource
        status = resource.get("status")
        if status not in ("final", "amended", "corrected", "preliminary"):
            why = "not-done" if status in ("cancelled", "registered") else "status"
            yield Left(entry.name, values.about(resource), why, f"its status is {plain(status)}")
            return
        if resource.get("focus"):
            yield Left(entry.name, values.about(resource), "someone-else", "its focus is not the patient herself")
            return
        parts = [one for one in listed(resource.get("component")) if isinstance(one, Mapping)]
        alone = {key: value for key, value in resource.items() if _holds_value(key)}
        if alone or not (parts or resource.get("hasMember")):
            yield from self._said(entry, resource, alone)
        for part in parts:
            yield from self._said(entry, part, {key: value for key, value in part.items() if _holds_value(key)})

    def _said(self, entry: Entry, part: Mapping[str, Any], held: Mapping[str, Any]) -> Gleaned:
        codes = codes_of(part.get("code"))
        words = values.said_concept(part.get("code"))
        found = " ".join(filter(None, [words, values.found_in(held)]))
        place = self._place(codes)
        if isinstance(place, str):
            yield Left(entry.name, found, place, WHY_TOO_BROAD if place == "ambiguous" else "")
            return
        if part.get("modifierExtension"):
            yield Left(entry.name, found, "modifier")
            return
        path, rank = place
        element = self.template.elements[path]
        try:
            value, how = values.read(element, held, codes)
            how = "; ".join(filter(None, [how, self._scanned(entry, path), preliminary(entry.resource)]))
        except UnfitError as unfit:
            yield Left(entry.name, found, unfit.why, unfit.because)
        else:
            row = entry.name if path == LENGTH else ""
            if not (element.group and isinstance(value, dict)):
                yield Candidate(path, value, entry.name, found, when(entry.resource), how, row, rank)

    def _place(self, codes: set[Code]) -> tuple[str, int] | str:
        """Return the element that codes stand for, or why there is none."""
        found = sorted({self.known[code] for code in codes if code in self.known}, key=lambda one: one[1])
        if len({path for path, _ in found}) > 1:
            return "ambiguous"
        return found[0] if found else self._unknown(codes)

    def _unknown(self, codes: set[Code]) -> str:
        """Return why codes stand for no element."""
        if not any(code for _, code in codes):
            return "no-code"
        return "ambiguous" if codes & TOO_BROAD else "worked-out" if codes & self.computed else "no-element"

    def _scanned(self, entry: Entry, path: str) -> str:
        """Return what is to be said of how a length was measured; raises UnfitError where not transvaginally."""
        if path != LENGTH:
            return ""
        method = values.said_concept(entry.resource.get("method"))
        if re.search(r"abdominal|labial|perineal", method, re.IGNORECASE):
            raise UnfitError("value", f"measured otherwise than transvaginally: {method}")
        return "" if "vaginal" in method.lower() else "whether transvaginally is not said"

    # --- conditions and procedures

    def _condition(self, entry: Entry) -> Gleaned:
        resource, what = entry.resource, values.about(entry.resource)
        verified = {code for _, code in codes_of(resource.get("verificationStatus"))}
        doubt = doubted(resource, verified)
        if doubt:
            yield Left(entry.name, what, *doubt)
            return
        says = self._meant(codes_of(resource.get("code")), CONDITIONS)
        if isinstance(says, str):
            yield Left(entry.name, what, says, WHY_TOO_BROAD if says == "ambiguous" else "")
            return
        over = is_over(resource)
        if BY_STATUS in says.values():
            meant = "suspected" if "provisional" in verified else "history" if over else "confirmed"
            says = {path: meant if value == BY_STATUS else value for path, value in says.items()}
        elif "provisional" in verified:
            yield Left(entry.name, what, "unconfirmed", "its verification status is provisional")
            return
        if over and not set(says) <= LASTING:
            yield Left(entry.name, what, "inactive", "it is no longer active")
            return
        yield from self._told(entry, says, when(resource), "" if verified else "verification is not said")

    def _meant(self, codes: set[Code], table: Mapping[Code, Mapping[str, Any]]) -> Mapping[str, Any] | str:
        """Return what codes say, or why they say nothing here."""
        says: dict[str, Any] = {}
        for code in sorted(codes):
            for path, value in table.get(code, {}).items():
                if says.setdefault(path, value) != value:
                    return "ambiguous"
            element = self.template.elements.get(self.known.get(code, ("", 0))[0])
            if element is not None and element.kind == "boolean" and code[0] == SNOMED and not element.group:
                says[element.path] = True
        return says or self._unknown(codes)

    def _procedure(self, entry: Entry) -> Gleaned:
        resource, what = entry.resource, values.about(entry.resource)
        if resource.get("status") != "completed":
            yield Left(entry.name, what, "not-done", f"its status is {plain(resource.get('status'))}")
            return
        codes = codes_of(resource.get("code"))
        if codes & set(CERCLAGES):
            yield from self._cerclage(entry, codes)
            return
        says = self._meant(codes, PROCEDURES)
        if isinstance(says, str):
            yield Left(entry.name, what, says, WHY_TOO_BROAD if says == "ambiguous" else "")
        else:
            yield from self._told(entry, says, when(resource))

    def _cerclage(self, entry: Entry, codes: set[Code]) -> Gleaned:
        """A cerclage of this pregnancy, or of an earlier one: told by the due date; whether it is in place is not."""
        on = when(entry.resource)[:10]
        due = self._due_date
        if not kinds.is_date(on) or not due:
            because = "of which pregnancy it is cannot be told without its date and a due date"
            yield Left(entry.name, values.about(entry.resource), "ambiguous", because)
            return
        if _days_between(on, due) > 280:
            yield from self._told(entry, {"risk.prior_stitch": True}, on, "before this pregnancy")
            return
        technique = next((CERCLAGES[code] for code in sorted(codes) if CERCLAGES.get(code)), "")
        says = {"cerclage.placed_on": on} | ({"cerclage.technique": technique} if technique else {})
        still = "a removal is recorded too" if self._removed else "whether it is still in place is not said"
        yield from self._told(entry, says, on, still)

    @cached_property
    def _removed(self) -> bool:
        procedures = [one for one in self.entries if one.kind == "Procedure" and not in_error(one.resource)]
        return any(codes_of(one.resource.get("code")) & REMOVALS for one in procedures)

    @cached_property
    def _due_date(self) -> str:
        """The latest due date that the bundle says of her."""
        found = []
        for entry in self.entries:
            if entry.kind == "Observation" and whose(entry, self.patient) == "hers" and not in_error(entry.resource):
                found += [one for one in self._observation(entry) if isinstance(one, Candidate)]
        dates = [one for one in found if one.path == "pregnancy.edd" and isinstance(one.value, str)]
        best = min((one.rank for one in dates), default=0)
        return max((one for one in dates if one.rank == best), key=lambda one: one.on).value if dates else ""

    # --- lists

    def _allergy(self, entry: Entry) -> Gleaned:
        resource, what = entry.resource, values.about(entry.resource)
        verified = {code for _, code in codes_of(resource.get("verificationStatus"))}
        clinical = {code for _, code in codes_of(resource.get("clinicalStatus"))}
        if verified & {"refuted", "unconfirmed", "presumed"}:
            yield Left(entry.name, what, "refuted" if "refuted" in verified else "unconfirmed")
        elif clinical & {"inactive", "resolved"}:
            yield Left(entry.name, what, "inactive")
        elif not self._has("allergies.list"):
            yield Left(entry.name, what, "no-element", f"{self.template.id} does not record it")
        else:
            named = [*self._listed(entry, "allergies.list", "substance", resource.get("code"), "")]
            yield from named
            reaction = ", ".join(filter(None, map(_manifestation, listed(resource.get("reaction")))))
            if reaction and any(isinstance(one, Candidate) for one in named):
                path = "allergies.list.reaction"
                yield Candidate(path, values.clean(reaction, 200), entry.name, reaction, when(resource), "", entry.name)

    def _medicine(self, entry: Entry) -> Gleaned:
        resource = entry.resource
        concept, what = self._drug(entry), values.about(entry.resource)
        status = resource.get("status")
        what = what or values.said_concept(concept)
        if resource.get("doNotPerform") is True:
            yield Left(entry.name, what, "negated", "it says that it is not to be given")
        elif status != "active":
            yield Left(entry.name, what, "inactive" if status in ("completed", "stopped") else "status", plain(status))
        elif entry.kind == "MedicationRequest" and resource.get("intent") in ("proposal", "option"):
            yield Left(entry.name, what, "status", "it is proposed and not ordered")
        elif not self._has("medications.list"):
            yield Left(entry.name, what, "no-element", f"{self.template.id} does not record it")
        else:
            how = "ordered" if entry.kind == "MedicationRequest" else ""
            named = [*self._listed(entry, "medications.list", "drug", concept, how)]
            yield from named
            if any(isinstance(one, Candidate) for one in named):
                yield from self._dosage(entry)

    def _drug(self, entry: Entry) -> Any:
        """Return what a medicine is: its code, or that of the Medication it refers to."""
        if "medicationCodeableConcept" in entry.resource:
            return entry.resource["medicationCodeableConcept"]
        for target in references(entry.resource.get("medicationReference")):
            inside = [one for one in listed(entry.resource.get("contained")) if isinstance(one, Mapping)]
            within = [one for one in inside if f"#{one.get('id')}" == target]
            beside = [one.resource for one in self.entries if one.kind == "Medication" and is_at(target, one)]
            for one in [*within, *beside]:
                return one.get("code")
        return None

    def _listed(self, entry: Entry, group: str, name: str, concept: Any, how: str) -> Gleaned:
        """Yield the name of what is in a list: one of the options, or its own words beside "other"."""
        path, on = f"{group}.{name}", when(entry.resource)
        element = self.template.elements[path]
        words = values.clean(values.said_concept(concept), 200)
        if any(_ABSENT_OR_UNKNOWN in system for system, _ in codes_of(concept)) or _NEGATED.match(words):
            raise UnfitError("negated", "that there is none, or none known, is for a person to answer")
        answer, known_by = self._option(element, concept, words, entry)
        if answer:
            how = "; ".join(filter(None, [how, known_by]))
            yield Candidate(path, answer, entry.name, words, on, how, entry.name)
        elif not _is_named(concept):
            yield Left(entry.name, words, "value", "there is only a code, which is not recognised")
        elif element.option("other"):
            yield Candidate(path, "other", entry.name, words, on, how, entry.name)
            yield Candidate(f"{group}.name", words, entry.name, words, on, "", entry.name)

    def _option(self, element: Element, concept: Any, words: str, entry: Entry) -> tuple[str | None, str]:
        products = {DRUGS[code] for code in codes_of(concept) if code in DRUGS}
        answer = option_of(element, concept) or (products.pop() if len(products) == 1 else None)
        if answer == "progesterone":  # the option says vaginal, which the substance does not
            return (answer, "") if VAGINAL in _routes(entry.resource) else (None, "")
        if answer:
            return answer, ""
        named = [one.value for one in element.options if one.title.casefold() == words.casefold()]
        return (named[0], "known by its words") if named else (None, "")

    def _dosage(self, entry: Entry) -> Gleaned:
        resource, group = entry.resource, "medications.list"
        dosages = [*listed(resource.get("dosage")), *listed(resource.get("dosageInstruction"))]
        text = next((one["text"] for one in dosages if isinstance(one, Mapping) and one.get("text")), "")
        if text:
            yield Candidate(
                f"{group}.dosage", values.clean(text, 500), entry.name, plain(text), when(resource), "", entry.name
            )
        period = resource.get("effectivePeriod")
        start = period.get("start") if isinstance(period, Mapping) else None
        if isinstance(start, str) and kinds.is_date(start[:10]):
            yield Candidate(f"{group}.since", start[:10], entry.name, start, when(resource), "", entry.name)


_ABOUT_OTHERS = {
    "FamilyMemberHistory": "a relative's history is not hers",
    "RelatedPerson": "it is a relative",
}
_NO_PLACE = {
    "Practitioner": "who writes a note is its author",
    "PractitionerRole": "who writes a note is its author",
    "Composition": "a text; its entries are read by themselves",
    "DiagnosticReport": "a report; its results are read by themselves",
    "DocumentReference": "a document is not read",
    "QuestionnaireResponse": "answers to a questionnaire that is not ours",
    "Bundle": "a bundle in a bundle is not read",
    "Provenance": "who wrote and who signed; the note is signed anew",
    "AuditEvent": "who saw and changed what; it is not of the note",
    "Medication": "read with what refers to it",
}


def _codes(template: Template) -> tuple[dict[Code, tuple[str, int]], set[Code]]:
    """Return which element each code stands for, with how well it says it, and the codes of what is worked out."""
    known: dict[Code, tuple[str, int]] = {}
    computed: set[Code] = set()
    # Of two elements with one code, as a heart rate before and after an operation, the plainer one is meant.
    for element in sorted(template.elements.values(), key=lambda one: one.path not in ALSO):
        codes = [(one.system, one.code) for one in element.codes]
        if element.computed:
            computed |= {*codes, own_code(element)}
        elif element.kind != "group":
            known[own_code(element)] = (element.path, 0)
            known |= {code: (element.path, 0) for code in codes if code not in TOO_BROAD and code not in known}
    for path, further in ALSO.items():
        if path in template.elements:
            known |= {code: (path, rank) for rank, code in enumerate(further, 1) if code not in known}
    return known, computed - set(known)


def _is_named(concept: Any) -> bool:
    """Return whether a concept has words that a person can read."""
    if not isinstance(concept, Mapping):
        return False
    return bool(concept.get("text") or any(one.get("display") for one in codings_of(concept)))


def _holds_value(key: str) -> bool:
    return (key.startswith("value") and key[5:6].isupper()) or key == "dataAbsentReason"


def _manifestation(reaction: Any) -> str:
    found = listed(reaction.get("manifestation")) if isinstance(reaction, Mapping) else []
    return ", ".join(filter(None, map(values.said_concept, found)))


def _routes(resource: Mapping[str, Any]) -> set[Code]:
    dosages = [*listed(resource.get("dosage")), *listed(resource.get("dosageInstruction"))]
    return {code for one in dosages if isinstance(one, Mapping) for code in codes_of(one.get("route"))}


def _days_between(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
