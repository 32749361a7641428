"""Who signed, co-signed, amended or added to a note: Provenance resources, and what the Composition says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

ACTS = ("sign", "cosign", "amend", "addend", "void")


@dataclass(frozen=True, slots=True)
class Signature:
    """One act on a signed note: which of ACTS, when (ISO with offset), by whom (name; `account` is an id of ours).

    `version` is the version of the note that it made or was done to, from 1. `reason` is given for an amendment and a
    note entered in error; `text` are the words of an addendum.
    """

    act: str
    at: str
    by: str
    account: str = ""
    version: int = 1
    reason: str = ""
    text: str = ""


def signed(bundle: Json, signatures: Sequence[Signature]) -> Json:
    """Return a bundle of ours with the signatures of its note: Provenance resources, attesters, addenda."""
    raise NotImplementedError
