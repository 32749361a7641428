"""What generated pages are made of: tables, blocks, and prose that Markdown leaves as it is."""

import re
import textwrap
from collections.abc import Iterable, Mapping


def made(of: str) -> str:
    """Return the first line of a page that nobody edits."""
    return f"<!-- Made by docs/pages.py from {of}; do not edit: make accept. -->\n"


def text(words: str) -> str:
    """Return prose on one line, as Markdown that shows just these words."""
    return re.sub(r"([*_<>\[\]`|])", r"\\\1", " ".join(words.split()))


def paragraph(*sentences: str) -> str:
    """Return a paragraph of Markdown, broken between words."""
    return textwrap.fill(" ".join(sentences), 118, break_long_words=False, break_on_hyphens=False) + "\n"


def facts(facts: Mapping[str, str]) -> str:
    """Return a table of names and what they are."""
    return table(["", ""], [[f"**{name}**", said] for name, said in facts.items()])


def fenced(language: str, text: str) -> str:
    """Return a block of code or of text as it is."""
    return f"```{language}\n{text}\n```\n"


def table(heads: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table of Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.strip() for cell in row)} |" for row in lines) + "\n"
