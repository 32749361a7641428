"""A text cut into pieces of a sentence each, with the line it begins in, and each piece into words and figures.

What only looks different is made alike on the way: case, dashes, quotes, spelling, Markdown, lines broken anew.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from ci_notes import wording
from ci_notes.compact import ascii_only
from ci_notes.proofreading import figures
from ci_notes.proofreading.figures import Figure
from ci_notes.proofreading.vocabulary import DENIED, NARROW, NEGATIONS, TURNS

_WORD = re.compile(rf"{figures.FORMS.pattern}|[a-z]+(?:'[a-z]+)?", re.ASCII)
_STOP = re.compile(r"(?<=[.!?])[\"')\]*_]*\s+")
_LONGEST = 100
"""Characters of a heading."""
_MOST_HEADINGS = 3
"""Headings and notices that one line may begin with."""
_ITEM = re.compile(r"[-*] ")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]<>#|~&.)+=-])")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a figure, with the punctuation before it and the clause that it stands in."""

    text: str
    at: int
    end: int
    gap: str
    clause: int
    figure: Figure | None = None

    @property
    def key(self) -> str:
        """The word itself; all figures alike."""
        return "#" if self.figure else self.text


@dataclass(slots=True)
class Piece:
    """A sentence, or what stands for one: its words, and the line of the text that each of them is in."""

    text: str
    lines: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])
    tokens: list[Token] = field(init=False)
    negated: list[bool] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = list(_tokens(self.text.lower()))
        self.negated = list(_negated(self.tokens))

    @property
    def exact(self) -> tuple[str, ...]:
        """What two pieces that say the same in the same words have in common."""
        return tuple(token.text for token in self.tokens)

    @property
    def keys(self) -> list[str]:
        return [token.key for token in self.tokens]

    def written(self, first: int, last: int) -> str:
        """Return some tokens as they stand in the text."""
        return self.text[self.tokens[first].at : self.tokens[last - 1].end]

    def line(self, token: Token | None = None) -> int:
        """Return the line of the text that a token, or the piece itself, begins in."""
        at = token.at if token is not None else 0
        return self.lines[max(0, bisect_right(self.lines, (at, 1 << 60)) - 1)][1]


def _tokens(text: str) -> Iterator[Token]:
    end = clause = 0
    for match in _WORD.finditer(text):
        gap = "".join(text[end : match.start()].split())
        end = match.end()
        found = figures.FORMS.fullmatch(match[0])
        word = match[0] if found else wording.AMERICAN.get(match[0], match[0])
        clause += bool(re.search(r"[;.!?]", gap)) or word in TURNS
        yield Token(word, match.start(), match.end(), gap, clause, figures.figure(found) if found else None)


def _negated(tokens: list[Token]) -> Iterator[bool]:
    """Tell of each token whether it stands behind a negation in its clause, up to a figure that is told after all.

    "No" and "denies" reach over a list; "not" ends at a comma unless a colon opens a list; "and" ends what "no" denies.
    """
    clause, cue, listed = -1, "", False
    for at, token in enumerate(tokens):
        listed = listed or ":" in token.gap
        over = token.clause != clause or token.figure is not None
        over |= cue in NARROW and not listed and "," in token.gap
        over |= token.text == "and" and cue not in DENIED
        cue, clause = "" if over else cue, token.clause
        yield bool(cue) and token.text not in NEGATIONS
        opens = token.text != "absent" or (at + 1 < len(tokens) and ":" in tokens[at + 1].gap)
        if opens and (token.text in NEGATIONS or token.text.endswith("n't")):
            cue, listed = token.text if token.text in NEGATIONS else "not", False


def pieces(text: str, furniture: Iterable[str] = ()) -> list[Piece]:
    """Return the sentences of a text; `furniture` are headings and notices of the page, which are none."""
    known = {_plain(one) for one in furniture} - {""}
    return [piece for block in _blocks(text, known) for piece in _cut(block)]


def sentences(text: str) -> list[Piece]:
    """Return what a rendered sentence is cut into by the same rule as a text."""
    return list(_cut([(0, " ".join(ascii_only(text).split()))]))


def _plain(line: str) -> str:
    return " ".join(re.findall(r"\w+", ascii_only(line).lower()))


def _blocks(text: str, known: Collection[str]) -> Iterator[list[tuple[int, str]]]:
    """Yield the paragraphs and items of a text as numbered lines, without headings."""
    block: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = " ".join(_ESCAPED.sub(r"\1", ascii_only(raw)).split())
        rest = _without_heading(line, known)
        ends = rest != line or not line or _ITEM.match(line)
        if ends and block:
            yield block
            block = []
        if rest:
            block.append((number, _ITEM.sub("", rest, count=1) if ends else rest))
    if block:
        yield block


def _without_heading(line: str, known: Collection[str]) -> str:
    """Return a line without the headings that it is, or begins with in capital letters."""
    for _ in range(_MOST_HEADINGS):
        if line.startswith("#") or _plain(line[:_LONGEST]) in known:
            return ""
        if line.lower().startswith("left out here for length"):
            return ""
        rest = _behind_heading(line, known)
        if rest == line:
            break
        line = rest
    return line


def _behind_heading(line: str, known: Collection[str]) -> str:
    if re.match(r"[A-Z]{2,}", line):
        for space in [one.start() for one in re.finditer(r":? ", line[:_LONGEST])][::-1]:
            if _plain(line[:space]) in known:
                return line[space:].lstrip(": *")
    return line


def _cut(block: list[tuple[int, str]]) -> Iterator[Piece]:
    joined, starts = "", []
    for number, line in block:
        if joined and not (re.search(r"\w-$", joined) and line[:1].isalnum()):
            joined += " "
        starts.append((len(joined), number))
        joined += line
    begin = 0
    for end, following in [*((one.start(), one.end()) for one in _STOP.finditer(joined)), (len(joined), len(joined))]:
        first = bisect_right(starts, (begin, 1 << 60)) - 1
        lines = [(max(0, at - begin), number) for at, number in starts[first:] if at < end]
        piece = Piece(joined[begin:end], lines)
        if piece.tokens:
            yield piece
        begin = following
