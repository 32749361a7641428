"""Whether a text says something: phrases as whole words, and whether their sentence takes them back."""

import re
from functools import lru_cache

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_CLAUSE = re.compile(r"[;:–—]|,?\s\b(?:but|however|although|though|then|instead)\b", re.IGNORECASE)
"""What a negation before it does not reach over: «No fever, but bed rest»."""

_BEFORE = re.compile(
    r"\b(?:no|not|never|without|neither|nor|none|cannot|rather than|instead of)\b|n['’]t\b", re.IGNORECASE
)
_AFTER = re.compile(
    r"\s*(?:[\w-]+\s+){0,2}?(?:(?:is|are|was|were|has|have|had|does|do|did|will|would|should|can|could|need)\s+"
    r"(?:not|never|no)\b|(?:is|are|was|were|has|have|does|do|did|would|should|could|need)n['’]t\b|cannot\b|won['’]t\b)",
    re.IGNORECASE,
)
"""What takes a phrase back from behind: «bed rest is not advised», «bed rest for you has never helped»."""


_GAP = r"[\s-]+"


@lru_cache(maxsize=128)
def says(text: str, phrases: tuple[str, ...], negated: bool) -> bool:
    """Return whether one of the phrases stands in a text: anyhow if `negated`, else where its sentence affirms it.

    What a text says is asked twice in a row, whether it surely does and whether it surely does not: it is remembered.
    """
    lowered = text.lower()
    begun = tuple(phrase for phrase in phrases if re.split(r"[\s-]", phrase.lower().strip(), maxsplit=1)[0] in lowered)
    if not begun:
        return False
    pattern = _pattern(begun)
    if negated:
        return pattern.search(text) is not None
    return any(_affirmed(sentence, match) for sentence in _sentences(text) for match in pattern.finditer(sentence))


@lru_cache(maxsize=4)
def _sentences(text: str) -> list[str]:
    return _SENTENCE.split(text)


@lru_cache(maxsize=1024)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds any of the phrases as whole words, whatever white space or hyphens part them."""
    parts = [_GAP.join(map(re.escape, phrase.split())) for phrase in phrases]
    parts = [part.replace(rf"{_GAP}°", r"\s*°") for part in parts]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def _affirmed(sentence: str, match: re.Match[str]) -> bool:
    clause = _CLAUSE.split(sentence[: match.start()])[-1]
    return not _BEFORE.search(clause) and not _AFTER.match(sentence, match.end())
