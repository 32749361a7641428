"""Whether a text says something: phrases as whole words, and whether their sentence takes them back."""

import re
from functools import lru_cache

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"\w+")
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


_FIRST: set[str] = set()
"""The words that phrases begin with, of all that were ever looked for: no other word of a text needs to be known."""


@lru_cache(maxsize=128)
def says(text: str, phrases: tuple[str, ...], negated: bool) -> bool:
    """Return whether one of the phrases stands in a text: anyhow if `negated`, else where its sentence affirms it.

    What a text says is asked twice in a row, whether it surely does and whether it surely does not: it is remembered.
    """
    begins = _begun_with(phrases)
    words = _words(text, len(_FIRST))
    # A phrase is looked for in the sentences that have its first word, and nowhere else.
    begun = tuple(phrase for phrase, word in begins if word in words)
    if not begun:
        return False
    sentences = {sentence for _, word in begins if word in words for sentence in words[word]}
    if any(_affirms(one, begun, negated) for one in sentences):
        return True
    # One may begin at the end of a line and go on in the next.
    return negated and not _inner(begun).isdisjoint(_line_ends(text)) and _pattern(begun).search(text) is not None


@lru_cache(maxsize=4)
def _words(text: str, known: int) -> dict[str, list[str]]:
    """Return the first words of phrases that a text has, each with the sentences that it stands in.

    `known` is how many such words there are: with a new one, the text is looked through again.
    """
    found: dict[str, list[str]] = {}
    for line in text.split("\n"):
        for word, sentence in _sentences(line, known):
            if word in found:
                found[word].append(sentence)
            else:
                found[word] = [sentence]
    return found


@lru_cache(maxsize=4096)  # pages for patients are for the most part made of the same lines
def _sentences(line: str, _known: int) -> list[tuple[str, str]]:
    return [
        (word, sentence)
        for sentence in _SENTENCE.split(line)
        for word in _FIRST.intersection(_WORD.findall(sentence.lower()))
    ]


@lru_cache(maxsize=4)
def _line_ends(text: str) -> frozenset[str]:
    """Return the words that lines end with, in small letters."""
    return frozenset(map(_last_word, text.split("\n")))


@lru_cache(maxsize=4096)
def _last_word(line: str) -> str:
    words: list[str] = _WORD.findall(line.lower())
    return words[-1] if words else ""


@lru_cache(maxsize=1024)
def _inner(phrases: tuple[str, ...]) -> frozenset[str]:
    """Return the words of phrases, in small letters, that another one follows."""
    return frozenset(word for phrase in phrases for word in _WORD.findall(phrase.lower())[:-1])


@lru_cache(maxsize=8192)
def _affirms(sentence: str, phrases: tuple[str, ...], negated: bool) -> bool:
    return any(negated or _affirmed(sentence, match) for match in _pattern(phrases).finditer(sentence))


@lru_cache(maxsize=1024)
def _begun_with(phrases: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return phrases with the word that each begins with, in small letters; those words are known from now on."""
    found = [(phrase, word[0]) for phrase in phrases for word in [_WORD.search(phrase.lower())] if word]
    _FIRST.update(word for _, word in found)
    return found


@lru_cache(maxsize=4096)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds any of the phrases as whole words, whatever white space or hyphens part them."""
    parts = [_GAP.join(map(re.escape, phrase.split())) for phrase in phrases]
    parts = [part.replace(rf"{_GAP}°", r"\s*°").replace("'", "['’]") for part in parts]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def _affirmed(sentence: str, match: re.Match[str]) -> bool:
    clause = _CLAUSE.split(sentence[: match.start()])[-1]
    return not _BEFORE.search(clause) and not _AFTER.match(sentence, match.end())
