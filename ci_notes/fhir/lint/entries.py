"""The bundle itself: its type, its entries, their addresses and requests, and the Composition of a document."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from ci_notes.fhir.datatypes import RESOURCE, objects
from ci_notes.fhir.filling import SHARED
from ci_notes.fhir.lint.fault import ERROR, INFO, WARNING, shown
from ci_notes.fhir.lint.r4 import is_resource
from ci_notes.fhir.lint.references import Entries, reached
from ci_notes.fhir.lint.shape import Place, Seen, is_in_error, text_of

Row = tuple[int, Mapping[str, Any], Place | None]

WITH_REQUESTS = ("transaction", "batch", "history")
_UUID = re.compile(r"urn:uuid:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_ADDRESS = re.compile(r"(https?://|urn:(uuid|oid):)\S+")
_RESTFUL = re.compile(r"https?://.*/([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_CLINICAL_WORDS = (
    "AllergyIntolerance CarePlan CareTeam Condition DetectedIssue DiagnosticReport FamilyMemberHistory Goal "
    "ImagingStudy Immunization MedicationAdministration MedicationDispense MedicationRequest MedicationStatement "
    "Observation Procedure RiskAssessment ServiceRequest"
)
_CLINICAL = frozenset(_CLINICAL_WORDS.split())
"""What a reader of a document looks for in its sections."""


def check(seen: Seen, bundle: Mapping[str, Any], entries: Entries) -> None:
    """Check the entries of a bundle, and the bundle around them."""
    whole = seen.places[0]
    _doubles(seen, entries)
    for row in entries.rows:
        _entry(seen, row, whole, entries.type)
    if entries.type == "document":
        _document(seen, bundle, whole, entries)
    _retracted(seen, entries)
    _targets(seen, entries)


# --- addresses -----------------------------------------------------------------------------------------------------


def _doubles(seen: Seen, entries: Entries) -> None:
    addresses: dict[str, int] = {}
    names: dict[str, Place] = {}
    ours: dict[str, Place] = {}
    for index, entry, place in entries.rows:
        address = entry.get("fullUrl")
        if isinstance(address, str) and address:
            first = addresses.setdefault(address, index)
            if first != index and entries.type != "history":
                words = f"entry[{first}] has this fullUrl too; a reference to it would be to either"
                seen.add("duplicate-full-url", place or seen.places[0], f"Bundle.entry[{index}].fullUrl", words)
        if place is None or entries.type == "history":
            continue
        if isinstance(place.body.get("id"), str) and names.setdefault(place.label, place) is not place:
            words = f"{names[place.label].where} has this id too; on a server one would overwrite the other"
            seen.add("duplicate-id", place, f"{place.where}.id", words)
        for value in _own_identifiers(place):
            if ours.setdefault(value, place) is not place:
                words = f"{ours[value].label} has our identifier «{shown(value)}» too; each resource has its own"
                seen.add("duplicate-identifier", place, f"{place.where}.identifier", words)


def _own_identifiers(place: Place) -> Iterable[str]:
    held = place.body.get("identifier")
    found = {
        text_of(one, "value")
        for one in ([held] if isinstance(held, Mapping) else objects(held))
        if one.get("system") == RESOURCE and text_of(one, "value")
    }
    # A Composition has the identifier of its note, as the document around it and the answers beside it may.
    return found if place.kind not in ("Composition", "QuestionnaireResponse", "DocumentReference") else ()


def _entry(seen: Seen, row: Row, whole: Place, kind: Any) -> None:
    index, entry, place = row
    at = f"Bundle.entry[{index}]"
    request = entry.get("request")
    if place is None and not request and "response" not in entry:
        seen.add("entry", whole, at, "the entry holds no resource; give it one, or leave it out")
    _full_url(seen, entry.get("fullUrl"), place or whole, at, kind)
    if kind in WITH_REQUESTS:
        if not isinstance(request, Mapping):
            words = f"an entry of a {kind} says in its request what the server is to do with it (bdl-3)"
            seen.add("request", place or whole, at, words)
        elif place is not None and kind != "history":
            _request(seen, request, place, f"{at}.request")
    elif request is not None:
        words = f"a bundle of type {shown(kind)} is not carried out; only a transaction or batch has requests"
        seen.add("request", place or whole, f"{at}.request", words)


def _full_url(seen: Seen, address: Any, place: Place, at: str, kind: Any) -> None:
    if address is None:
        if kind in ("document", "collection", "message", "searchset"):
            words = "the entry has no fullUrl, so that nothing can refer to it; write urn:uuid: and its id"
            seen.add("full-url", place, at, words, ERROR if kind == "document" else WARNING)
        return
    if not isinstance(address, str):
        return
    name = text_of(place.body, "id")
    restful, plain = _RESTFUL.fullmatch(address), _UUID.fullmatch(address)
    where = f"{at}.fullUrl"
    if not _ADDRESS.fullmatch(address):
        words = (
            f"«{shown(address)}» is no absolute address; write urn:uuid: and a uuid in small letters, or https://..."
        )
        seen.add("full-url", place, where, words)
    elif address.startswith("urn:uuid:") and not plain:
        words = f"«{shown(address)}» is no uuid; write all 32 digits, in small letters"
        seen.add("full-url", place, where, words)
    elif restful and is_resource(restful[1]) and f"{restful[1]}/{restful[2]}" != f"{place.kind}/{name}":
        seen.add("full-url", place, where, f"{shown(address)} is not the address of {place.label}")
    elif plain and _UUID.fullmatch(f"urn:uuid:{name}") and plain[1] != name:
        words = f"the fullUrl is of {plain[1]}, the resource's id is {name}; write one and the same"
        seen.add("full-url", place, where, words)


# --- requests ------------------------------------------------------------------------------------------------------


def _request(seen: Seen, request: Mapping[str, Any], place: Place, at: str) -> None:
    method, url = request.get("method"), request.get("url")
    if not isinstance(url, str) or not isinstance(method, str):
        return
    kind, name = place.kind, text_of(place.body, "id")
    path, _, search = url.partition("?")
    if re.match(r"[a-z]+:|/", url):
        words = f"«{shown(url)}» is the address of one server; write it from the type on, as {kind}/{name}"
        seen.add("request-url", place, f"{at}.url", words)
    elif path.partition("/")[0] != kind:
        seen.add("request-url", place, f"{at}.url", f"«{shown(url)}» is no address of a {kind}, which this entry holds")
    elif method == "POST" and path != kind:
        words = f"a POST is addressed to the type: {kind}; with an id it is a PUT"
        seen.add("request-url", place, f"{at}.url", words)
    elif method in ("PUT", "PATCH") and not search and path != f"{kind}/{name}":
        seen.add("request-url", place, f"{at}.url", f"a {method} of this resource is addressed to {kind}/{name}")
    if method in ("DELETE", "GET", "HEAD"):
        words = f"{method} with a resource beside it; to take it back, PUT it as entered-in-error"
        seen.add("request-method", place, f"{at}.method", words)
    elif method in ("PUT", "PATCH") and kind in SHARED:
        words = f"a {method} of a {kind} overwrites what others know of it; POST it with ifNoneExist"
        seen.add("request-method", place, f"{at}.method", words)
    _if_none_exist(seen, request, place, at)


def _if_none_exist(seen: Seen, request: Mapping[str, Any], place: Place, at: str) -> None:
    given, method = request.get("ifNoneExist"), request.get("method")
    if given is None:
        if method == "POST" and place.kind in SHARED:
            words = f"every push makes one more {place.kind}; write ifNoneExist: identifier=SYSTEM|VALUE"
            seen.add("if-none-exist", place, at, words, WARNING)
        return
    if not isinstance(given, str):
        return
    where = f"{at}.ifNoneExist"
    if method != "POST":
        seen.add("if-none-exist", place, where, f"ifNoneExist goes with POST, not with {shown(method)}")
        return
    if given.startswith("?") or "/" in given.partition("=")[0]:
        seen.add("if-none-exist", place, where, "write only what stands behind the question mark of a search")
        return
    tokens = [value for name, value in parse_qsl(given, keep_blank_values=True) if name == "identifier"]
    tokens = tokens or [unquote(given.partition("identifier=")[2])] if "identifier=" in given else []
    if not tokens:
        words = "this does not look for an identifier, so that it may find somebody else; write identifier=SYSTEM|VALUE"
        seen.add("if-none-exist", place, where, words)
        return
    for token in tokens:
        _token(seen, token, place, where)


def _token(seen: Seen, token: str, place: Place, where: str) -> None:
    system, bar, value = token.partition("|")
    if not bar or not system or not value:
        words = f"«{shown(token)}» does not say whose number it is; write SYSTEM|VALUE"
        seen.add("if-none-exist", place, where, words)
        return
    held = place.body.get("identifier")
    own = [(one.get("system"), one.get("value")) for one in ([held] if isinstance(held, Mapping) else objects(held))]
    if (system, value) not in own:
        words = f"«{shown(token)}» is no identifier of the resource that is created; the next push creates it again"
        seen.add("if-none-exist", place, where, words)


def _targets(seen: Seen, entries: Entries) -> None:
    """Check that no two entries of a transaction change one resource."""
    if entries.type != "transaction":
        return
    known: set[str] = set()
    for index, entry, place in entries.rows:
        request = entry.get("request")
        url = request.get("url") if isinstance(request, Mapping) and request.get("method") in ("PUT", "PATCH") else None
        if isinstance(url, str) and url in known:
            words = f"{shown(url)} is changed by another entry too, which servers refuse"
            seen.add("request-url", place or seen.places[0], f"Bundle.entry[{index}].request.url", words)
        elif isinstance(url, str):
            known.add(url)


# --- documents -----------------------------------------------------------------------------------------------------


def _document(seen: Seen, bundle: Mapping[str, Any], whole: Place, entries: Entries) -> None:
    identifier = bundle.get("identifier")
    if not isinstance(identifier, Mapping) or not identifier.get("system") or not identifier.get("value"):
        words = "a document has an identifier with system and value (bdl-9), by which it is known again"
        seen.add("document", whole, "Bundle.identifier", words)
    if not bundle.get("timestamp"):
        seen.add("document", whole, "Bundle.timestamp", "a document says when it was made, with its offset (bdl-10)")
    tops = [place for _, _, place in entries.rows if place is not None]
    compositions = [place for place in tops if place.kind == "Composition"]
    if not compositions:
        words = "a document has a Composition, and begins with it (bdl-11)"
        seen.add("composition", whole, "Bundle.entry", words)
        return
    if tops[0] is not compositions[0]:
        words = f"a document begins with its Composition (bdl-11); here a {tops[0].kind} is the first entry"
        seen.add("composition", compositions[0], compositions[0].where, words)
    for other in compositions[1:]:
        words = "a document has one Composition; send two notes as two documents"
        seen.add("composition", other, other.where, words)
    _sections(seen, compositions[0], tops, entries)


def _sections(seen: Seen, composition: Place, tops: list[Place], entries: Entries) -> None:
    placed: Counter[int] = Counter()
    for link in composition.references:
        if ".section[" in link.where and link.element == "entry" and isinstance(link.held.get("reference"), str):
            target = entries.find(link.held["reference"])
            if target is not None:
                placed[id(target)] += 1
    known = {id(place) for place in reached(composition, entries)}
    for place in tops:
        if place.kind == "Composition" or is_in_error(place.body) or _tells_of(place, known, entries):
            continue
        if id(place) not in known:
            words = "nothing in the document leads to this resource, so that no reader finds it; list it in a section"
            seen.add("not-in-section", place, place.where, words, WARNING)
        elif place.kind in _CLINICAL and id(place) not in placed:
            words = "this stands in no section of the Composition, so that a reader of the document does not see it"
            seen.add("not-in-section", place, place.where, words, WARNING)
        elif placed[id(place)] > 1:
            words = f"this stands in {placed[id(place)]} sections; a reader may count it twice"
            seen.add("not-in-section", place, place.where, words, INFO)


def _tells_of(place: Place, known: Collection[int], entries: Entries) -> bool:
    """Return whether this says who made what a document holds: it points at it, and nothing points here."""
    if place.kind != "Provenance":
        return False
    told = (link.held.get("reference") for link in place.references if link.element == "target")
    return any(id(entries.find(one)) in known for one in told if isinstance(one, str))


def _retracted(seen: Seen, entries: Entries) -> None:
    """Check that nothing of a note stands when the note itself was entered in error."""
    tops = [place for _, _, place in entries.rows if place is not None]
    compositions = [place for place in tops if place.kind == "Composition"]
    if not compositions or compositions[0].body.get("status") != "entered-in-error":
        return
    for place in tops:
        has_state = "status" in place.body or "verificationStatus" in place.body
        if place.kind not in (*SHARED, "Composition") and has_state and not is_in_error(place.body):
            words = "the note was entered in error, and this still stands; write entered-in-error here too"
            seen.add("status", place, place.where, words)
