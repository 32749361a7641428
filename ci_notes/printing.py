"""Sentences laid out for people: plain text, Markdown, HTML; what is not signed says so."""

import html
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ci_notes.derive import Note
from ci_notes.fhir.composition import xhtml
from ci_notes.narrative import Sentence, heading

UNSIGNED = {"draft": "DRAFT – not signed", "entered-in-error": "ENTERED IN ERROR"}
"""What stands above a note that must not be taken for a signed one."""


def _by_section(sentences: Sequence[Sentence]) -> Iterator[tuple[str, list[Sentence]]]:
    for section, group in groupby(sentences, key=lambda sentence: sentence.section):
        yield section, list(group)


def _paragraphs(sentences: Sequence[Sentence], bullet: str) -> Iterator[str]:
    text = ""
    for sentence in sentences:
        if sentence.opens and text:
            yield text
            text = ""
        text += f" {sentence.text}" if text else f"{bullet if sentence.opens == 'item' else ''}{sentence.text}"
    if text:
        yield text


def text(note: Note, sentences: Sequence[Sentence]) -> str:
    """Return a narrative as plain text, as it is pasted into a record."""
    parts = [UNSIGNED[note.status]] if note.status in UNSIGNED else []
    parts.append(note.template.title.upper())
    for section, members in _by_section(sentences):
        title = heading(note.template, section, note.jurisdiction)
        paragraphs = "\n".join(_paragraphs(members, "- "))
        parts.append(f"{title.upper()}\n{paragraphs}" if title else paragraphs)
    return "\n\n".join(parts) + "\n"


def markdown(note: Note, sentences: Sequence[Sentence]) -> str:
    """Return a narrative as Markdown; what people typed is escaped."""
    parts = [f"**{UNSIGNED[note.status]}**"] if note.status in UNSIGNED else []
    parts.append(f"# {note.template.title}")
    for section, members in _by_section(sentences):
        title = heading(note.template, section, note.jurisdiction)
        escaped = [Sentence(one.section, _escape_markdown(one.text), opens=one.opens) for one in members]
        parts += [f"## {title}"] if title else []
        parts.append("\n".join(_loosened(list(_paragraphs(escaped, "- ")))))
    return "\n\n".join(parts) + "\n"


def _loosened(paragraphs: list[str]) -> Iterator[str]:
    """Put a blank line between paragraphs, none between the items of a list."""
    for index, paragraph in enumerate(paragraphs):
        if index and not (paragraph.startswith("- ") and paragraphs[index - 1].startswith("- ")):
            yield ""
        yield paragraph


def _escape_markdown(words: str) -> str:
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", words)
    # At the beginning of a line these would open a list, a rule or a heading.
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", re.sub(r"^([-+=])", r"\\\1", escaped))


_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
body { color: #1a1a1a; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.05rem; margin: 1.4rem 0 .2rem; } p { margin: .2rem 0; }
.unsigned { border: 2px solid #8a1c1c; color: #8a1c1c; padding: .3rem .6rem; font-weight: 700; }
@media print { body { margin: 0; } }
"""


def page(note: Note, sentences: Sequence[Sentence]) -> str:
    """Return a narrative as one self-contained HTML page."""
    title = html.escape(note.template.title)
    body = [f'<p class="unsigned">{html.escape(UNSIGNED[note.status])}</p>'] if note.status in UNSIGNED else []
    body.append(f"<h1>{title}</h1>")
    for section, members in _by_section(sentences):
        named = heading(note.template, section, note.jurisdiction)
        body.append(f"<section>{f'<h2>{html.escape(named)}</h2>' if named else ''}{xhtml(members)}</section>")
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body>\n{chr(10).join(body)}\n</body>\n</html>\n"
    )


def traced(sentences: Sequence[Sentence]) -> str:
    """Return each sentence with the fields it says and the fields it was said because of."""
    lines = []
    for sentence in sentences:
        lines.append(sentence.text)
        lines.append(f"    says     {', '.join(sentence.says) or '–'}")
        lines.append(f"    because  {', '.join(sentence.because) or '–'}")
    return "\n".join(lines) + "\n"


LAYOUTS = {"text": text, "markdown": markdown, "html": page}
