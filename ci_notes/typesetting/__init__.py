"""A narrative as a tagged PDF (PDF/UA-1), set by Typst in memory with the fonts that its wheel brings."""

import json
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from typing import Any

from ci_notes import wording
from ci_notes.derive import Note
from ci_notes.errors import InputError
from ci_notes.fhir.provenance import Signature
from ci_notes.narrative import SIGNED, Sentence, heading
from ci_notes.printing import UNSIGNED
from ci_notes.template import HEADER

NEEDS_TYPST = "a PDF is set by Typst, which is not installed: pip install 'ci-notes[web]'"

_BOXED = "call_us_now"
"""The block of the patient's page that must be seen first."""

_REGIONS = {"US": "us", "CA": "ca"}
_PAPERS = {"US": "us-letter", "CA": "us-letter"}

Json = dict[str, Any]


def pdf(
    note: Note, sentences: Sequence[Sentence], title: str = "", signatures: Sequence[Signature] = (), origin: str = ""
) -> bytes:
    """Return a narrative as a PDF: the same bytes for the same note.

    With a title of its own it is the patient's page, in large type. `signatures` are the acts on the note in order:
    who signed, co-signed, amended and added to it; without them the foot says who signed by the note itself. `origin`
    says how a note came in that was signed elsewhere, in place of that. Raises InputError where Typst is not installed.
    """
    return _compiled(_page(note, sentences, title, signatures, origin))


# --- what stands on the page ---------------------------------------------------------------------------------------


def _page(note: Note, sentences: Sequence[Sentence], title: str, signatures: Sequence[Signature], origin: str) -> Json:
    sections = [*_sections(note, sentences, bool(title))]
    told = [*([origin] if origin else ()), *(_told(one, note.jurisdiction) for one in signatures)]
    acts = told or _signed_by_itself(note)
    if told and not title:
        sections.append(_section("Signatures and changes", [{"items": acts, "text": None}]))
        sections += [*_addenda(signatures, note.jurisdiction)]
    return {
        "title": title or note.template.title,
        "author": [one] if (one := _value(note, "author.name")) else [],
        "region": _REGIONS.get(note.jurisdiction, "gb"),
        "paper": _PAPERS.get(note.jurisdiction, "a4"),
        "large": bool(title),
        "mark": UNSIGNED.get(note.status, ""),
        "about": _about(note),
        "foot": [*_foot(note, signatures, acts)],
        "sections": sections,
    }


def _section(named: str, blocks: list[Json], boxed: bool = False) -> Json:
    return {"heading": named, "boxed": boxed, "blocks": blocks}


def _sections(note: Note, sentences: Sequence[Sentence], large: bool) -> Iterator[Json]:
    for name, members in groupby(sentences, key=lambda sentence: sentence.section):
        named = heading(note.template, name, note.jurisdiction)
        yield _section(named, [*_blocks([*members])], boxed=large and name == _BOXED)


def _blocks(sentences: Sequence[Sentence]) -> Iterator[Json]:
    """Yield the paragraphs and lists of a section."""
    parts: list[tuple[bool, str]] = []
    for sentence in sentences:
        if sentence.opens or not parts:
            parts.append((sentence.opens == "item", sentence.text))
        else:
            parts[-1] = (parts[-1][0], f"{parts[-1][1]} {sentence.text}")
    for listed, run in groupby(parts, key=lambda part: part[0]):
        words = [text for _, text in run]
        if listed:
            yield {"items": words, "text": None}
        else:
            yield from ({"items": None, "text": text} for text in words)


def _value(note: Note, path: str) -> str:
    return str(note.record.values.get(path, ""))


def _about(note: Note) -> str:
    """Return by what the patient is known, as it stands above each page."""
    born = _value(note, "patient.birth_date")
    parts = [
        _value(note, "patient.name") or _value(note, "patient.pseudonym"),
        f"born {wording.say_date(born, note.jurisdiction)}" if born else "",
        _value(note, "patient.identifier"),
    ]
    return " · ".join(filter(None, parts))


def _foot(note: Note, signatures: Sequence[Signature], acts: Sequence[str]) -> Iterator[str]:
    version = max((one.version for one in signatures), default=1)
    numbered = f", version {version}" if version > 1 else ""
    yield f"Note {note.id} · {note.template.id} {note.template.version}{numbered}"
    if note.status in UNSIGNED:
        yield UNSIGNED[note.status]
    elif acts:
        yield acts[-1] if len(acts) == 1 else f"{acts[0]} See the signatures for what followed."


_ACTS = {
    "sign": "Signed by {by} on {at}.",
    "cosign": "Co-signed by {by} on {at}.",
    "amend": "Amended by {by} on {at} (version {version}): {reason}",
    "addend": "Addendum by {by} on {at}; it stands below.",
    "void": "Marked as entered in error by {by} on {at}: {reason}",
}


def _told(one: Signature, jurisdiction: str) -> str:
    reason = one.reason.strip() or "no reason is recorded"
    at = wording.say_time(one.at, jurisdiction)
    words = _ACTS[one.act].format(by=_Plain(one.by), at=at, version=one.version, reason=_Plain(reason))
    return words if words.endswith((".", "!", "?")) else f"{words}."


class _Plain(str):
    """Words of a person, which are put in as they are."""

    __slots__ = ()

    def __format__(self, _how: str) -> str:
        return str(self)


def _signed_by_itself(note: Note) -> list[str]:
    """Return who signed a note by what it holds itself."""
    at, by = _value(note, f"{HEADER}.signed_at"), _value(note, "author.name")
    if note.status not in SIGNED or not (at or by):
        return []
    named = f" by {by}" if by else ""
    when = f" on {wording.say_time(at, note.jurisdiction)}" if at else ""
    return [f"Signed{named}{when}."]


def _addenda(signatures: Sequence[Signature], jurisdiction: str) -> Iterator[Json]:
    for one in signatures:
        if one.act == "addend" and one.text.strip():
            named = f"Addendum by {one.by}, {wording.say_time(one.at, jurisdiction)}"
            lines = [line.strip() for line in one.text.splitlines() if line.strip()]
            yield _section(named, [{"items": None, "text": line} for line in lines])


# --- Typst ---------------------------------------------------------------------------------------------------------

_ROUNDS = 40
"""How often a page is set anew because of characters that no font here has."""

_LACKING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')


def _compiled(page: Json) -> bytes:
    try:
        import typst  # noqa: PLC0415  an extra
    except ImportError:
        raise InputError(NEEDS_TYPST) from None
    source = files("ci_notes.typesetting").joinpath("page.typ").read_bytes()
    told = _breakable(page)
    for _ in range(_ROUNDS):
        inputs = {"note": json.dumps(told, ensure_ascii=False)}
        try:
            made = typst.compile(
                source, format="pdf", pdf_standards="ua-1", sys_inputs=inputs, ignore_system_fonts=True
            )
        except typst.TypstError as error:
            lacking = {_unescaped(one) for one in _LACKING.findall(error.diagnostic)}
            if not lacking:
                raise
            told = _without(told, lacking)
        else:
            return bytes(made)
    raise InputError("a PDF of this note cannot be set: it holds characters that the fonts of the page do not have")


def _without(told: Any, lacking: set[str]) -> Any:
    """Return what is told with characters that no font here has written by their number: U+6F22."""
    table = {ord(letter): f"[U+{ord(letter):04X}]" for text in lacking for letter in text if not letter.isascii()}
    return _each_text(told, lambda text: text.translate(table))


def _unescaped(written: str) -> str:
    """Return a text as Rust writes it in a message, as it is."""
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: chr(int(match[1], 16)), written).replace("\\", "")


_RUN = re.compile(r"\S{60,}")


def _breakable(page: Json) -> Any:
    """Return a page of which no word is longer than a line, and that holds nothing but characters."""

    def broken(match: re.Match[str]) -> str:
        return "\u200b".join(match[0][begin : begin + 30] for begin in range(0, len(match[0]), 30))

    return _each_text(page, lambda text: _RUN.sub(broken, text.encode("utf-8", "replace").decode()))


def _each_text(told: Any, change: Any) -> Any:
    if isinstance(told, str):
        return change(told)
    if isinstance(told, list):
        return [_each_text(one, change) for one in told]
    if isinstance(told, dict):
        return {key: _each_text(one, change) for key, one in told.items()}
    return told
