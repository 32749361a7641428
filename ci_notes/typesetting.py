"""A narrative as a tagged PDF (PDF/UA-1), set by Typst in memory with the fonts that its wheel brings."""

from collections.abc import Sequence

from ci_notes.derive import Note
from ci_notes.fhir.provenance import Signature
from ci_notes.narrative import Sentence


def pdf(note: Note, sentences: Sequence[Sentence], title: str = "", signatures: Sequence[Signature] = ()) -> bytes:
    """Return a narrative as a PDF: the same bytes for the same note.

    With a title of its own it is the patient's page, in large type. `signatures` are the acts on the note in order:
    who signed, co-signed, amended and added to it. Raises InputError where typst is not installed.
    """
    raise NotImplementedError
