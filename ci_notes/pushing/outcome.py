"""What a server answered, in plain words: its OperationOutcome, or what the status alone means."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ci_notes.fhir.datatypes import objects

Json = dict[str, Any]

_SAID_AT_MOST = 5
"""Issues of one refusal that are told; a server may list hundreds that have one cause."""

_LONGEST = 300
_TAG = re.compile(r"<[^>]*>")
_ENTRY = re.compile(r"entry\[(\d+)\]")
_SERIOUS = ("fatal", "error")


def cleaned(text: Any, longest: int = _LONGEST) -> str:
    """Return words of a server that are fit for a terminal: one line, without markup or control characters."""
    plain = "".join(one if one.isprintable() else " " for one in _TAG.sub(" ", str(text)))
    joined = " ".join(plain.split())
    return joined if len(joined) <= longest else joined[: longest - 1].rstrip() + "…"


def issues(outcome: Any) -> list[Json]:
    """Return what an OperationOutcome complains of, the most serious alone where there are such."""
    found = objects(outcome.get("issue")) if _is(outcome, "OperationOutcome") else []
    return [dict(one) for one in found if one.get("severity") in _SERIOUS] or [*map(dict, found)]


def explained(outcome: Any, titles: Mapping[str, str], entries: Iterable[str] = ()) -> list[str]:
    """Return a sentence for each thing that a server complains of, with the part of the note it is about.

    `titles` are the titles of resources by their ids; `entries` the ids of what was sent, in order, since servers name
    the place in the bundle.
    """
    sent = [*entries]
    told = dict.fromkeys(_sentence(one, titles, sent) for one in issues(outcome))
    more = len(told) - _SAID_AT_MOST
    return [*told][:_SAID_AT_MOST] + ([f"and {more} more of the kind"] if more > 0 else [])


def _sentence(issue: Json, titles: Mapping[str, str], sent: list[str]) -> str:
    details = issue.get("details")
    text = (details.get("text") if isinstance(details, Mapping) else "") or issue.get("diagnostics") or ""
    said = cleaned(text) or f"it says no more than «{cleaned(issue.get('code', 'unknown'), 40)}»"
    places = [*_places(issue)]
    about = _about(" ".join([*places, str(text)]), titles, sent)
    where = f" (at {cleaned(places[0], 120)})" if places else ""
    return f"{about}: {said}{where}" if about else f"{said}{where}"


def _places(issue: Json) -> Iterator[str]:
    for key in ("expression", "location"):
        listed = issue.get(key)
        yield from map(str, listed) if isinstance(listed, list) else ()


def _about(text: str, titles: Mapping[str, str], sent: list[str]) -> str:
    """Return the title of the resource that a complaint names, by its id or by its place in the bundle."""
    for number in _ENTRY.findall(text):
        if int(number) < len(sent):
            return titles.get(sent[int(number)], "")
    return next((title for identifier, title in titles.items() if identifier in text), "")


def _is(answer: Any, kind: str) -> bool:
    return isinstance(answer, Mapping) and answer.get("resourceType") == kind
