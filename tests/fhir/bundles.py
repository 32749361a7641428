"""What happens to a bundle on its way, and how to look into one."""

import random
import uuid
from typing import Any

from ci_notes.element import OURS
from ci_notes.fhir.datatypes import RESOURCE

Json = dict[str, Any]


def resources(bundle: Json, kind: str = "") -> list[Json]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return [one for one in found if one["resourceType"] == kind] if kind else found


def anonymous(bundle: Json) -> Json:
    """Return a bundle as a server may give it back: no ids, identifiers or tags of ours, other addresses."""
    fresh = {entry["fullUrl"]: f"urn:uuid:{uuid.uuid4()}" for entry in bundle["entry"]}

    def stripped(node: Any) -> Any:
        if isinstance(node, list):
            return [stripped(one) for one in node if not (isinstance(one, dict) and one.get("system") == RESOURCE)]
        if not isinstance(node, dict):
            return fresh.get(node, node) if isinstance(node, str) else node
        ours = [key for key, one in node.items() if isinstance(one, dict) and one.get("system") == RESOURCE]
        dropped = {"id", "meta", *ours, "request"}
        kept = {key: stripped(value) for key, value in node.items() if key not in dropped}
        return {key: value for key, value in kept.items() if value != [] or node[key] == []}

    return dict(stripped(bundle))


def discrete(bundle: Json) -> Json:
    """Return a bundle without its QuestionnaireResponse and without extensions of ours: what an EHR keeps of it."""

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(one) for one in node]
        if not isinstance(node, dict):
            return node
        kept = {key: plain(value) for key, value in node.items() if key not in ("extension", "modifierExtension")}
        theirs = [one for one in node.get("extension", []) if not str(one.get("url")).startswith(OURS)]
        return kept | ({"extension": theirs} if theirs else {})

    entries = [one for one in bundle["entry"] if one["resource"]["resourceType"] != "QuestionnaireResponse"]
    return dict(plain({**bundle, "entry": entries}))


def shuffled(bundle: Json) -> Json:
    """Return a bundle with its resources in another order, the same each time."""
    entries = [*bundle["entry"]]
    random.Random(7).shuffle(entries)
    return {**bundle, "entry": entries}
