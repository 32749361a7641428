"""Contradictions within one text (guidelines R162): words of which both can hardly be true, listed as data."""

import re
from collections.abc import Iterator, Sequence
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
    pairs = [pair for pair in words.pairs if _may_say(pair.one, lower) and _may_say(pair.other, lower)]
    if not pairs:
        return
    sentences = [_plain(one) for one in re.split(r"(?<=[.!?;])\s+|\n", text)]
    course = [index for index, one in enumerate(sentences) if any(f" {word} " in one for word in words.course)]
    for pair in pairs:
        both = product(_found(pair.one, sentences), _found(pair.other, sentences))
        for (first, one), (second, other) in both:
            told = range(min(first, second), max(first, second) + 1)
            if not any(index in told for index in course):
                yield one, other
                break


def suspects(words: Words, texts: Sequence[str]) -> list[int]:
    """Return which of some texts may contradict themselves: most notes have none, and are not read any further."""
    lower = [text.lower() for text in texts]
    everything = "\n".join(lower)
    found: set[int] = set()
    for pair in words.pairs:
        if _may_say(pair.one, everything) and _may_say(pair.other, everything):
            one = [index for index, text in enumerate(lower) if _may_say(pair.one, text)]
            found.update(index for index in one if _may_say(pair.other, lower[index]))
    return sorted(found)


def _may_say(said: tuple[str, ...], lower: str) -> bool:
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
