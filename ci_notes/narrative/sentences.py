"""Cuts marked text into sentences, each with the fields it says and the fields it was said because of."""

import re
from dataclasses import dataclass
from functools import lru_cache

# Private marks: said paths and text; branch opened by paths, and closed; start of a section.
SAID, TEXT, END, OPEN, SHUT, SECTION = "\ue000", "\ue001", "\ue002", "\ue003", "\ue005", "\ue006"
# Where something could have been said and was not: its line is no blank line, and begins no paragraph.
SILENT = "\ue007"
MARKS = re.compile("[\ue000-\ue007]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a narrative: its section, the paths it printed and the paths it was printed because of."""

    section: str
    text: str
    says: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    opens: str = ""
    """"paragraph" or "item" where a new one begins with this sentence."""


_Begun = tuple[tuple[tuple[str, ...], ...], int, bool]
"""What stands open where a section begins: branches, lines that were blank, and whether the last one was silent."""


def sentences(text: str, remember: bool = False) -> list[Sentence]:
    """Cut marked text into sentences; with `remember`, a section that was cut before is taken as it was."""
    cut = _remembered if remember else _cut
    found: list[Sentence] = []
    begun: _Begun = ((), 0, False)
    for number, section in enumerate(text.split(SECTION)):
        told, begun = cut(f"{SECTION}{section}" if number else section, begun)
        found += told
    return found


def _cut(section: str, begun: _Begun) -> tuple[tuple[Sentence, ...], _Begun]:
    """Cut one section, which ends whatever sentence stands open; return what stands open behind it, too."""
    splitter = Splitter(begun)
    splitter.split(section)
    return tuple(splitter.ready), (tuple(splitter.branches), splitter.lines, splitter.silent)


_remembered = lru_cache(maxsize=2000)(_cut)


class Splitter:
    """Cuts marked text into sentences; a full stop inside a printed value ends nothing unless it ends the value."""

    token = re.compile(
        f"{SAID}([^{TEXT}]*){TEXT}([^{END}]*){END}|{OPEN}([^{TEXT}]*){TEXT}|{SHUT}|{SECTION}([^{TEXT}]*){TEXT}|\n|{SILENT}"
    )
    stop = re.compile(r"(?<=[.!?])\s+")

    def __init__(self, begun: "_Begun") -> None:
        self.section = ""
        branches, self.lines, self.silent = begun
        self.branches = [*branches]
        self.words: list[str] = []
        self.says: dict[str, None] = {}
        self.because: dict[str, None] = {}
        self.opens = "paragraph"
        self.ready: list[Sentence] = []

    def split(self, text: str) -> None:
        end = 0
        for match in self.token.finditer(text):
            begins = match.start()
            if begins > end:
                self.literal(text[end:begins])
            end = match.end()
            self.take(match)
        if end < len(text):
            self.literal(text[end:])
        self.finish()

    def take(self, match: re.Match[str]) -> None:
        mark = match[0][0]
        if mark == SAID:
            said, words = match.group(1, 2)
            self.begin(words)
            if said:
                self.says.update(dict.fromkeys(said.split(",")))
            self.word(words)
        elif mark == "\n":
            self.lines += not self.silent
            self.silent = False
            self.space()
        elif mark == SILENT:
            self.silent = True
        elif mark == OPEN:
            self.branches.append(tuple(filter(None, match[3].split(","))))
        elif mark == SHUT:
            self.branches.pop()
        else:
            self.finish("paragraph")
            self.section = match[4]

    def literal(self, text: str) -> None:
        if text[0].isspace():
            self.space()
        bare = text.strip()
        if not bare:
            return
        text = self.begin(text)
        if bare[0] in ",;:.)":
            text = self.close_up(text)
        *sentences, rest = self.stop.split(text)
        for sentence in sentences:
            self.word(sentence)
            self.finish()
        self.word(rest)

    def close_up(self, text: str) -> str:
        """Take back the white space before a punctuation mark of ours."""
        while self.words and not self.words[-1].strip():
            self.words.pop()
        return text.lstrip()

    def begin(self, text: str) -> str:
        """Open a paragraph or an item where blank lines or a dash say so; marks between the lines change nothing."""
        if not self.lines:
            return text
        lines, self.lines = self.lines, 0 if text.strip() else self.lines
        if lines and text.lstrip().startswith("- "):
            self.finish("item")
            return text.lstrip()[2:]
        if lines > 1 and text.strip():
            self.finish("paragraph")
        return text

    def space(self) -> None:
        """Take white space: it ends a sentence behind a full stop, and otherwise parts two words."""
        if self.words and self.words[-1].rstrip().endswith((".", "!", "?")):
            self.finish()
        elif self.words:
            self.words.append(" ")

    def word(self, text: str) -> None:
        if not text:
            return
        if text.strip():
            self.silent = False
            for branch in self.branches:
                self.because.update(dict.fromkeys(branch))
        self.words.append(text)

    def finish(self, opens: str = "") -> None:
        text = " ".join("".join(self.words).split())
        if text:
            self.ready.append(Sentence(self.section, text, tuple(self.says), tuple(self.because), self.opens))
            self.opens = opens
        else:
            self.opens = opens or self.opens
        self.words, self.says, self.because = [], {}, {}
