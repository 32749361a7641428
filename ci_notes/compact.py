"""A narrative for the text box of an electronic record: ASCII, one line a section, never longer than fits.

What does not fit is left out by whole sentences, and what was left out is named: half a sentence could say the
opposite of the whole one.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from anyascii import anyascii

from ci_notes import wording
from ci_notes.derive import Note
from ci_notes.narrative import Sentence, heading
from ci_notes.printing import UNSIGNED

LONGEST = 4000
"""Characters that a text box of an electronic record takes."""

_ASCII = {
    "°": "", "º": "", "≥": ">=", "≤": "<=", "±": "+/-", "∓": "-/+", "−": "-", "×": "x", "·": ".", "µ": "u", "μ": "u",
    "≠": "!=", "≉": "not ~", "≢": "not =", "≮": "not <", "≯": "not >", "≰": "not <=", "≱": "not >=", "‰": " per mille",
    "→": "->", "←": "<-", "↔": "<->", "⇒": "=>", "↑": "up", "↓": "down", "«": '"', "»": '"', "‹": "'", "›": "'",
}  # fmt: skip
"""Signs that a plain transliteration would make ambiguous: µg is no mg, ≤ no <, and ≠ no =."""

_RAISED = re.compile("[⁺⁻⁰¹²³⁴-⁹]+")
_FRACTION = re.compile("(\\d?)([¼-¾⅐-⅞↉])")

_KEPT = ("summary", "closing")


def ascii_only(words: str) -> str:
    """Return text in ASCII: 9.8 x 10^9/L, 38.1 C, Zoe."""
    if words.isascii() and words.isprintable():
        return words
    words = _FRACTION.sub(_fraction, _RAISED.sub(_raised, unicodedata.normalize("NFC", words)))
    plain = anyascii("".join(_ASCII.get(sign, sign) for sign in words))
    return "".join(sign if " " <= sign <= "~" else " " for sign in plain)


def _raised(found: re.Match[str]) -> str:
    """Return an exponent: 10⁹ is no 109, and 10⁻¹² is 10^-12."""
    return f"^{unicodedata.normalize('NFKC', found[0]).replace('−', '-')}"


def _fraction(found: re.Match[str]) -> str:
    """Return a fraction apart from a number before it: 2½ is no 21/2."""
    before, fraction = found.groups()
    return f"{before}{' ' if before else ''}{unicodedata.normalize('NFKC', fraction)}"


def compact(note: Note, sentences: Sequence[Sentence], longest: int = LONGEST) -> str:
    """Return a traced narrative in ASCII, at most `longest` characters, one line for each section."""
    kept, left_out = list(sentences), dict[str, None]()
    for spare in _spare(note, sentences):
        if len(_laid_out(note, kept, left_out)) <= longest:
            break
        kept = [one for one in kept if one is not spare]
        left_out[spare.section] = None
    return _laid_out(note, kept, left_out)


def _spare(note: Note, sentences: Sequence[Sentence]) -> Iterator[Sentence]:
    """Yield what can be left out, the most dispensable first: as the template orders, then whatever is longest."""
    first = note.template.compact
    details = [one for name in first for one in sentences if one.section == name and _is_detail(note, one)]
    yield from details
    for name in first:
        yield from reversed([one for one in sentences if one.section == name and one not in details])
    rest = [one for one in sentences if one.section not in (*first, *_KEPT)]
    yield from sorted(rest, key=lambda one: -len(one.text))
    yield from sorted((one for one in sentences if one.section in _KEPT), key=lambda one: -len(one.text))


def _is_detail(note: Note, sentence: Sentence) -> bool:
    """Return whether a sentence says only what nobody is asked for in turn; what somebody wrote freely is no detail."""
    elements = note.template.elements
    said = [elements.get(re.sub(r"\[[^\]]*\]", "", path)) for path in sentence.says or sentence.because]
    return bool(said) and all(one is not None and one.on_request and one.kind != "text" for one in said)


def _laid_out(note: Note, sentences: Sequence[Sentence], left_out: dict[str, None]) -> str:
    lines = [UNSIGNED[note.status]] if note.status in UNSIGNED else []
    for section, members in groupby(sentences, key=lambda one: one.section):
        title = heading(note.template, section, note.jurisdiction).upper()
        said = " ".join(f"- {one.text}" if one.opens == "item" else one.text for one in members)
        lines.append(f"{title}: {said}" if title and section != _KEPT[0] else said)
    if left_out:
        whole = {one.section for one in sentences}
        names = [_left(note, section, section in whole) for section in left_out]
        lines.append(f"LEFT OUT HERE FOR LENGTH: {wording.listed(names)}. See the full note.")
    return "\n".join(map(ascii_only, lines)) + "\n"


def _left(note: Note, section: str, partly: bool) -> str:
    title = heading(note.template, section, note.jurisdiction) or note.template.title
    return f"part of {title}" if partly else title
