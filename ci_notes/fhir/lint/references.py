"""References: that each leads somewhere, to a resource it may lead to, of the same patient, and never in a circle."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ci_notes.fhir.datatypes import objects
from ci_notes.fhir.lint.fault import ERROR, WARNING, shown
from ci_notes.fhir.lint.r4 import is_resource
from ci_notes.fhir.lint.shape import Link, Place, Seen, text_of

_LOCAL = re.compile(r"([A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(/_history/[A-Za-z0-9\-.]{1,64})?")
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_CIRCULAR = ("derivedFrom", "hasMember", "partOf", "basedOn", "replaces", "parent", "supportingInfo")
_OF_SOMEBODY = {
    "Observation": "subject",
    "DiagnosticReport": "subject",
    "DocumentReference": "subject",
    "DetectedIssue": "patient",
    "Encounter": "subject",
    "QuestionnaireResponse": "subject",
    "Media": "subject",
}
"""Resources that R4 lets be of nobody, and that no chart can hold then; for the others R4 itself asks."""
_SUBJECTS = ("subject", "patient", "beneficiary", "individual")


class Entries:
    """The entries of a bundle, to be found by their addresses."""

    def __init__(self, bundle: Mapping[str, Any], seen: Seen) -> None:
        self.type = bundle.get("type")
        by_body = {id(place.body): place for place in seen.places}
        self.by_address: dict[str, Place] = {}
        self.by_name: dict[str, Place] = {}
        self.rows: list[tuple[int, Mapping[str, Any], Place | None]] = []
        self.lower: set[str] = set()
        self.inside: dict[int, dict[str, Place]] = {}
        for inner in seen.places:
            if inner.parent is not None:
                self.inside.setdefault(id(inner.parent), {}).setdefault(text_of(inner.body, "id"), inner)
        for index, entry in enumerate(bundle["entry"] if isinstance(bundle.get("entry"), list) else []):
            if not isinstance(entry, Mapping):
                continue
            place = by_body.get(id(entry.get("resource")))
            self.rows.append((index, entry, place))
            if place is None:
                continue
            address = entry.get("fullUrl")
            if isinstance(address, str) and address:
                self.by_address.setdefault(address, place)
                self.lower.add(address.lower())
            if not (isinstance(address, str) and address.startswith("urn:")):
                self.by_name.setdefault(f"{place.kind}/{text_of(place.body, 'id')}", place)

    def find(self, reference: str) -> Place | None:
        """Return the resource that a reference leads to within the bundle."""
        plain, _, _ = reference.partition("/_history/")
        return self.by_address.get(reference) or self.by_address.get(plain) or self.by_name.get(plain)


def check(seen: Seen, entries: Entries) -> None:
    """Check every reference of a bundle."""
    edges: dict[int, list[tuple[Place, Link]]] = {}
    for place in seen.places:
        for link in place.references:
            target = _check(seen, place, link, entries)
            if target is not None and link.element in _CIRCULAR:
                edges.setdefault(id(place), []).append((target, link))
    _circles(seen, edges)
    _contained(seen)
    _patients(seen, entries)


def _check(seen: Seen, place: Place, link: Link, entries: Entries) -> Place | None:
    """Check one reference and return the resource it leads to."""
    text = link.held.get("reference")
    said = link.held.get("type")
    if not isinstance(text, str) or not text.strip():
        if not any(key in link.held for key in ("identifier", "display", "extension", "reference", "_reference")):
            words = "the reference leads nowhere: it has no reference, identifier or display"
            seen.add("reference-unresolved", place, link.where, words)
        return None
    if text.startswith("#"):
        return _inside(seen, place, link, text, entries)
    target = entries.find(text)
    if target is None:
        _unresolved(seen, place, link, text, entries)
    kind = target.kind if target is not None else _type_named(text)
    if link.targets and is_resource(kind) and kind not in link.targets:
        allowed = ", ".join(sorted(link.targets))
        seen.add("reference-type", place, link.where, f"this leads to a {kind}; R4 allows {allowed} here")
    if isinstance(said, str) and kind and is_resource(said) and said != kind:
        words = f"the reference says that it is to a {said}, and leads to a {kind}"
        seen.add("reference-type", place, f"{link.where}.type", words)
    return target


def _inside(seen: Seen, place: Place, link: Link, text: str, entries: Entries) -> Place | None:
    home = place.parent or place
    found = home if text == "#" else entries.inside.get(id(home), {}).get(text[1:])
    if found is None:
        words = f"«{shown(text)}» is a contained resource that is not there"
        seen.add("reference-unresolved", place, link.where, words)
    elif link.targets and is_resource(found.kind) and found.kind not in link.targets:
        allowed = ", ".join(sorted(link.targets))
        seen.add("reference-type", place, link.where, f"this leads to a {found.kind}; R4 allows {allowed} here")
    return found


def _unresolved(seen: Seen, place: Place, link: Link, text: str, entries: Entries) -> None:
    where = f"{link.where}.reference"
    if text.lower().startswith(("urn:uuid:", "urn:oid:")):
        if text.lower() in entries.lower:
            words = "no entry has this fullUrl, one has it in other letters; write it as there"
        elif text.lower().startswith("urn:uuid:") and not _UUID.fullmatch(text):
            words = f"«{shown(text)}» is no whole uuid, and no entry of the bundle has it as its fullUrl"
        else:
            words = f"no entry of the bundle has the fullUrl {shown(text)}"
        seen.add("reference-unresolved", place, where, words)
    elif "?" in text:
        if entries.type not in ("transaction", "batch"):
            words = f"«{shown(text)}» is a search, which only a transaction may have in the place of a reference"
            seen.add("reference-unresolved", place, where, words)
    elif _LOCAL.fullmatch(text):
        words = f"{shown(text)} is on some server, not in this bundle; it means whatever is at that address there"
        severity = ERROR if entries.type == "document" else WARNING
        if entries.type not in ("searchset", "history", "batch-response", "transaction-response"):
            seen.add("reference-unresolved", place, where, words, severity)
    elif not re.match(r"https?://\S+$", text):
        words = f"«{shown(text)}» is no address; write Type/id, urn:uuid:..., #id or https://..."
        seen.add("reference-unresolved", place, where, words)


def _type_named(text: str) -> str:
    """Return the type that a reference names itself."""
    parts = text.partition("?")[0].partition("/_history/")[0].split("/")
    name = parts[0] if "?" in text else parts[-2] if len(parts) > 1 else ""
    return name if is_resource(name) else ""


def _circles(seen: Seen, edges: dict[int, list[tuple[Place, Link]]]) -> None:
    """Find resources that lead back to themselves; each circle is told once, where it closes."""
    done: set[int] = set()
    for start in [*edges]:
        path: list[int] = []
        on_path: set[int] = set()
        stack: list[tuple[int, int]] = [(start, 0)]
        while stack:
            node, at = stack.pop()
            if at == 0:
                if node in done:
                    continue
                path.append(node)
                on_path.add(node)
            following = edges.get(node, [])
            if at < len(following):
                stack.append((node, at + 1))
                target, link = following[at]
                if id(target) in on_path:
                    _closes(seen, target, link)
                elif id(target) not in done:
                    stack.append((id(target), 0))
            else:
                done.add(node)
                on_path.discard(path.pop())


def _closes(seen: Seen, target: Place, link: Link) -> None:
    words = f"{link.element} leads back to {target.label or target.kind}, from which one comes here: a circle"
    seen.add("reference-loop", target, link.where, words)


def _contained(seen: Seen) -> None:
    named: dict[int, set[Any]] = {}
    for place in seen.places:
        texts = (link.held.get("reference") for link in place.references)
        named.setdefault(id(place.parent or place), set()).update(text for text in texts if isinstance(text, str))
    for place, _, text in seen.canonicals:
        named.setdefault(id(place.parent or place), set()).add(text)
    for place in seen.places:
        if place.parent is not None:
            _contained_one(seen, place, place.parent, named[id(place.parent)])


def _contained_one(seen: Seen, place: Place, home: Place, named: set[Any]) -> None:
    name = place.body.get("id")
    if home.parent is not None or "contained" in place.body:
        words = "a contained resource contains none itself (dom-2); put it beside, in the outer resource"
        seen.add("contained", place, place.where, words)
    elif not isinstance(name, str) or not name:
        seen.add("contained", place, place.where, "a contained resource has an id, by which it is referred to")
    elif f"#{name}" not in named and not any(link.held.get("reference") == "#" for link in place.references):
        words = f"nothing refers to #{shown(name)}, so a server drops it (dom-3); refer to it, or leave it out"
        seen.add("contained", place, place.where, words, WARNING)


# --- patients ------------------------------------------------------------------------------------------------------


def _patients(seen: Seen, entries: Entries) -> None:
    top = [place for _, _, place in entries.rows if place is not None]
    patients = [place for place in top if place.kind == "Patient"]
    composition = next((place for place in top if place.kind == "Composition"), None)
    hers = _subject(composition, entries) if composition is not None else None
    if composition is not None and patients and hers is None and "subject" not in composition.body:
        words = "the note does not say whom it is about; write its subject, the Patient of this bundle"
        seen.add("section-patient", composition, composition.where, words)
    several = len(patients) > 1 and len({_who(place) for place in patients}) > 1
    if several and (composition is not None or entries.type in ("document", "transaction")):
        words = f"the bundle has {len(patients)} patients; a note is of one, and an import stops here"
        seen.add("other-patient", patients[1], patients[1].where, words)
    for place in top:
        _of_whom(seen, place, entries, hers)


def _who(place: Place) -> str:
    identifiers = objects(place.body.get("identifier"))
    named = [(text_of(one, "system"), text_of(one, "value")) for one in identifiers]
    return str(named) if named else str(id(place))


def _of_whom(seen: Seen, place: Place, entries: Entries, hers: Place | None) -> None:
    wanted = _OF_SOMEBODY.get(place.kind)
    if wanted and wanted not in place.body:
        words = f"the {place.kind} is of nobody; write its {wanted}: no chart can hold it otherwise"
        seen.add("subject-missing", place, place.where, words, WARNING)
    subject = _subject(place, entries)
    if subject is not None and hers is not None and subject is not hers and subject.kind == "Patient":
        words = f"this is of {subject.label}, while the note is of {hers.label}"
        seen.add("other-patient", place, place.where, words)


def _subject(place: Place, entries: Entries) -> Place | None:
    for key in _SUBJECTS:
        held = place.body.get(key)
        if isinstance(held, Mapping) and isinstance(held.get("reference"), str):
            return entries.find(held["reference"])
    return None


def reached(start: Place, entries: Entries) -> Iterator[Place]:
    """Yield the resources that one leads to, and those that they lead to."""
    known = {id(start)}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        yield here
        for link in here.references:
            text = link.held.get("reference")
            target = entries.find(text) if isinstance(text, str) else None
            if target is not None and id(target) not in known:
                known.add(id(target))
                waiting.append(target)
