"""Sentences laid out for people: plain text, Markdown, HTML; what is not signed says so."""

import html
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ci_notes.derive import Note
from ci_notes.errors import InputError, TemplateError
from ci_notes.narrative import SIGNED, Sentence, has_page, heading, render_page

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


def text(note: Note, sentences: Sequence[Sentence], title: str = "") -> str:
    """Return a narrative as plain text, as it is pasted into a record."""
    parts = [UNSIGNED[note.status]] if note.status in UNSIGNED else []
    parts.append((title or note.template.title).upper())
    for section, members in _by_section(sentences):
        named = heading(note.template, section, note.jurisdiction)
        paragraphs = "\n".join(_paragraphs(members, "- "))
        parts.append(f"{named.upper()}\n{paragraphs}" if named else paragraphs)
    return "\n\n".join(parts) + "\n"


def markdown(note: Note, sentences: Sequence[Sentence], title: str = "") -> str:
    """Return a narrative as Markdown; what people typed is escaped."""
    parts = [f"**{UNSIGNED[note.status]}**"] if note.status in UNSIGNED else []
    parts.append(f"# {title or note.template.title}")
    for section, members in _by_section(sentences):
        named = heading(note.template, section, note.jurisdiction)
        escaped = [Sentence(one.section, _escape_markdown(one.text), opens=one.opens) for one in members]
        parts += [f"## {named}"] if named else []
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


_LARGE = """
body { font: 19px/1.4 system-ui, sans-serif; max-width: 42rem; margin: 1.5rem auto; padding: 0 1rem; }
body { color: #000; background: #fff; }
h1 { font-size: 1.6rem; margin: 0 0 .4rem; } h2 { font-size: 1.15em; margin: .8em 0 .15em; } p { margin: .15em 0; }
ul { margin: .1em 0; padding-left: 1.2em; } section { break-inside: avoid; }
.call_us_now { border: 3px solid #000; padding: .1em .7em .5em; margin-top: .8em; }
.call_us_now h2 { margin-top: .3em; }
@media print {
  @page { margin: 12mm; }
  body { font-size: 12.5pt; line-height: 1.25; margin: 0; padding: 0; max-width: none; }
  .call_us_now ul { columns: 2; }
}
"""
"""Large type, one sheet: the patient's page."""


def page(note: Note, sentences: Sequence[Sentence], title: str = "") -> str:
    """Return a narrative as one self-contained HTML page; with a title of its own, as the patient's page."""
    style = _LARGE if title else _STYLE
    title = html.escape(title or note.template.title)
    body = [f'<p class="unsigned">{html.escape(UNSIGNED[note.status])}</p>'] if note.status in UNSIGNED else []
    body.append(f"<h1>{title}</h1>")
    for section, members in _by_section(sentences):
        named = heading(note.template, section, note.jurisdiction)
        opening = f'<section class="{section}">{f"<h2>{html.escape(named)}</h2>" if named else ""}'
        body.append(f"{opening}{xhtml(members)}</section>")
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>\n'
        f"<body>\n{chr(10).join(body)}\n</body>\n</html>\n"
    )


def xhtml(sentences: Sequence[Sentence]) -> str:
    """Return sentences as the XHTML of a narrative: paragraphs, and items where they are listed."""
    out: list[str] = []
    item = False
    for sentence in sentences:
        text = html.escape(sentence.text, quote=False)
        if sentence.opens or not out:
            out.append("</li></ul>" if item else "</p>" if out else "")
            item = sentence.opens == "item"
            out.append(f"<ul><li>{text}" if item else f"<p>{text}")
        else:
            out.append(f" {text}")
    out.append("</li></ul>" if item else "</p>")
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{"".join(out)}</div>'.replace("</ul><ul>", "")


def traced(sentences: Sequence[Sentence]) -> str:
    """Return each sentence with the fields it says and the fields it was said because of."""
    lines = []
    for sentence in sentences:
        lines.append(sentence.text)
        lines.append(f"    says     {', '.join(sentence.says) or '–'}")
        lines.append(f"    because  {', '.join(sentence.because) or '–'}")
    return "\n".join(lines) + "\n"


LAYOUTS = {"text": text, "markdown": markdown, "html": page}

PAGE_TITLE = "Information for you"
"""What stands at the top of a page for the patient."""


def page_text(note: Note) -> str:
    """Return the page for the patient as plain text; empty for a note that has none, as one that is not signed."""
    if note.status not in SIGNED or not has_page(note.template):
        return ""
    try:
        sentences = render_page(note)
    except TemplateError:
        raise
    except InputError:
        return ""
    return text(note, sentences, PAGE_TITLE)
