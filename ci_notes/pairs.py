"""Contradictions within one text (guidelines R162): words of which both can hardly be true, listed as data."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from ci_notes.template import Words

_NOT = ("no", "not", "without", "denies", "denied", "never", "nor", "tests", "test", "if", "unless", "risk", "for")
"""Before one of the words, these say that it is not so, or not yet known."""

_SCOPE = 3
"""Words before it that are looked at for one of those."""


def contradictions(words: Words, text: str) -> Iterator[tuple[str, str]]:
    """Yield the words of a text that contradict each other, unless it tells of a course of events.

    >>> pair = Pair("painless", ("painless",), ("painful contractions",))
    >>> list(contradictions(Words((pair,)), "Painless dilation. Painful contractions since noon."))
    [('painless', 'painful contractions')]
    """
    lower = text.lower()
    likely = [pair for pair in words.pairs if _likely(pair.one, lower) and _likely(pair.other, lower)]
    if not likely:
        return
    sentences = [_plain(one) for one in re.split(r"(?<=[.!?;])\s+|\n", text)]
    course = [index for index, one in enumerate(sentences) if any(f" {word} " in one for word in words.course)]
    for pair in likely:
        both = product(_found(pair.one, sentences), _found(pair.other, sentences))
        for (first, one), (second, other) in both:
            told = range(min(first, second), max(first, second) + 1)
            if not any(index in told for index in course):
                yield one, other
                break


def _likely(said: tuple[str, ...], lower: str) -> bool:
    """Return whether one of some words can be in a text: most texts have none, and are not read any further."""
    return any(word in lower for word in _longest(said))


@lru_cache(maxsize=256)
def _longest(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(max(one.split(), key=len) for one in said))


def _plain(sentence: str) -> str:
    return f" {' '.join(re.findall(r'[a-z]+|#', re.sub(r'[0-9]+(?:[.,][0-9]+)?', ' # ', sentence.lower())))} "


def _found(said: tuple[str, ...], sentences: list[str]) -> Iterator[tuple[int, str]]:
    for index, sentence in enumerate(sentences):
        for one in said:
            before, there, _ = sentence.partition(f" {one} ")
            if there and not any(word in _NOT for word in before.split()[-_SCOPE:]):
                yield index, one
