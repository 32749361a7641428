"""What happens to a bundle on its way, and how to look into one."""

import uuid
from typing import Any

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
