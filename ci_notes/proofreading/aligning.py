"""Finds for each sentence of a text the sentence of the narrative that it was, if it was one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ci_notes.narrative import Sentence
from ci_notes.proofreading.reading import Piece, sentences
from ci_notes.proofreading.vocabulary import LITTLE

NEAR = 0.55
"""Share of words in common, figures counting alike, from which two sentences are taken for one that was edited."""


AKIN = 0.4
"""The same, for a sentence that stands exactly where another one stood."""

Matcher = SequenceMatcher[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the narrative as the note gives it, with its words."""

    piece: Piece
    sentence: Sentence


def said(narrative: Sequence[Sentence]) -> list[Said]:
    """Return a narrative cut as a text is."""
    return [Said(piece, sentence) for sentence in narrative for piece in sentences(sentence.text)]


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence of the text beside that of the narrative which it was; `near` if they are alike in most words."""

    said: Said
    piece: Piece
    near: bool


def aligned(noted: Sequence[Said], text: Sequence[Piece]) -> tuple[list[Match], list[Piece]]:
    """Return what was edited, beside what it was, and what is new; what stands there unchanged is left out."""
    steps = SequenceMatcher(None, [one.piece.exact for one in noted], [piece.exact for piece in text], autojunk=False)
    gone, changed = _unchanged(noted, text, steps)
    where = {id(one): place / max(1, len(noted)) for place, one in enumerate(noted)}
    there = {id(piece): place / max(1, len(text)) for place, piece in enumerate(text)}
    likely = (
        (likeness, -abs(where[id(gone[i])] - there[id(changed[j])]), i, j) for likeness, i, j in _likely(gone, changed)
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _likeness, _near, i, j in sorted(likely, reverse=True):
        if j not in pairs and i not in taken:
            pairs[j] = i
            taken.add(i)
    edited = [Match(gone[i], changed[j], near=True) for j, i in sorted(pairs.items())]
    unpaired = {id(gone[i]) for i in set(range(len(gone))) - taken}
    new = [piece for j, piece in enumerate(changed) if j not in pairs]
    fresh = {id(piece) for piece in new}
    for one, piece in _in_place(noted, text, steps):
        if id(one) in unpaired and id(piece) in fresh:
            edited.append(Match(one, piece, near=False))
    return edited, new


def _in_place(noted: Sequence[Said], text: Sequence[Piece], steps: Matcher) -> Iterator[tuple[Said, Piece]]:
    """Yield sentences that took the place of another between the same neighbours, and begin or go as it did."""
    for kind, old, old_end, new, new_end in steps.get_opcodes():
        if kind == "replace" and old_end - old == new_end - new:
            for one, piece in zip(noted[old:old_end], text[new:new_end], strict=True):
                ours, theirs = one.piece.keys, piece.keys
                first = ours[0] == theirs[0] and ours[0] not in LITTLE
                if first or SequenceMatcher(None, ours, theirs, autojunk=False).ratio() >= AKIN:
                    yield one, piece


def _unchanged(noted: Sequence[Said], text: Sequence[Piece], steps: Matcher) -> tuple[list[Said], list[Piece]]:
    """Return what the text no longer has, and what it has anew; a sentence moved elsewhere is neither."""
    blocks = steps.get_matching_blocks()
    kept = {block.a + offset for block in blocks for offset in range(block.size)}
    held = {block.b + offset for block in blocks for offset in range(block.size)}
    gone = [one for at, one in enumerate(noted) if at not in kept]
    moved = Counter(one.piece.exact for one in gone) & Counter(
        piece.exact for at, piece in enumerate(text) if at not in held
    )
    left, there = Counter(moved), Counter(moved)
    fresh = [piece for at, piece in enumerate(text) if at not in held and not _take(there, piece)]
    return [one for one in gone if not _take(left, one.piece)], fresh


def _take(from_: Counter[tuple[str, ...]], piece: Piece) -> bool:
    """Take a sentence from those counted, if it is among them."""
    found = from_[piece.exact] > 0
    from_[piece.exact] -= found
    return found


def _likely(gone: Sequence[Said], changed: Sequence[Piece]) -> Iterator[tuple[float, int, int]]:
    counted = [Counter(one.piece.keys) for one in gone]
    telling: dict[str, set[int]] = {}
    for i, words in enumerate(counted):
        for word in words.keys() - LITTLE - {"#"}:
            telling.setdefault(word, set()).add(i)
    for j, piece in enumerate(changed):
        words, size = Counter(piece.keys), len(piece.tokens)
        for i in sorted(set().union(*(telling.get(word, ()) for word in words))):
            other = len(gone[i].piece.tokens)
            common = min(size, other) if 2 * min(size, other) < NEAR * (size + other) else (words & counted[i]).total()
            if 2 * common >= NEAR * (size + other):
                likeness = SequenceMatcher(None, gone[i].piece.keys, piece.keys, autojunk=False).ratio()
                if likeness >= NEAR:
                    yield likeness, i, j
