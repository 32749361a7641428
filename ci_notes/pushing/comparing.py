"""Whether a server holds a resource as we would send it, whatever the server itself writes into it."""

import html
import re
from collections.abc import Mapping
from typing import Any

from ci_notes.fhir.datatypes import may_stay_final

Json = dict[str, Any]

_SERVERS_OWN = ("meta", "id", "implicitRules")
"""What a server writes into every resource, or by which it is found."""

_TAG = re.compile(r"<[^>]*>")
_HISTORY = re.compile(r"/_history/[^/]*$")
_ZULU = re.compile(r"(T[\d:.]+)Z$")


def same(ours: Json, theirs: Json, base: str = "") -> bool:
    """Return whether a resource on the server at `base` says what ours says.

    References are held against each other by what they lead to, text by its words. A narrative that the server made of
    a resource that has none is no difference.
    """
    return bool(_plain(ours, base, top=True) == _plain(theirs, base, top=True, told="text" in ours))


def unchanged(ours: Json, theirs: Json, base: str = "") -> bool:
    """Return whether a resource on the server stays as it is.

    A finding that an amendment left alone stays final there: `amended` would say that it was modified.
    """
    if same(ours, theirs, base):
        return True
    return may_stay_final(ours, theirs) and same({**ours, "status": "final"}, theirs, base)


def _plain(node: Any, base: str, top: bool = False, told: bool = True) -> Any:
    if isinstance(node, Mapping):
        left_out = (*_SERVERS_OWN, *(() if told else ("text",))) if top else ()
        kept = {key: value for key, value in node.items() if key not in left_out}
        if isinstance(kept.get("reference"), str):
            return local(kept["reference"], base)
        return {key: words(value) if key == "div" else _plain(value, base) for key, value in kept.items()}
    if isinstance(node, list):
        return [_plain(value, base) for value in node]
    return _ZULU.sub(r"\1+00:00", node) if isinstance(node, str) else node


def words(markup: Any) -> str:
    """Return the words of XHTML, which servers write anew with marks and blanks of their own."""
    return " ".join(html.unescape(_TAG.sub(" ", str(markup))).split())


def local(reference: str, base: str) -> str:
    """Return a reference as the server at `base` would write it to itself: type and id, of whatever version."""
    inside = reference.removeprefix(base.rstrip("/") + "/") if base else reference
    return _HISTORY.sub("", inside)
