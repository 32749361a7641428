"""What a screen reader makes of a tagged PDF: its structure in reading order, each part with its words."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

Part = tuple[str, str]
"""A tag, as H1 or P, and the words in it."""


def parts(raw: bytes) -> list[Part]:
    """Return the parts of a document in the order in which they are read: headings, paragraphs, items."""
    with pikepdf.open(io.BytesIO(raw)) as document:
        words = {page.objgen: _marked(page) for page in document.pages}
        return [part for element in document.Root.StructTreeRoot.K for part in _read(element, words)]


_LEAVES = ("H1", "H2", "P", "Lbl", "LBody")


def _read(element: Any, words: dict[Any, dict[int, str]]) -> Iterator[Part]:
    tag = str(element.S).lstrip("/")
    if tag in _LEAVES and not any(_tag(kid) in _LEAVES for kid in _kids(element)):
        yield tag, "".join(_said(element, element.get("/Pg"), words))
        return
    for kid in _kids(element):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from _read(kid, words)


def _said(element: Any, page: Any, words: dict[Any, dict[int, str]]) -> Iterator[str]:
    for kid in _kids(element):
        if isinstance(kid, pikepdf.Dictionary):
            here = kid.get("/Pg", page)
            if "/MCID" in kid:
                yield words[here.objgen][int(kid.MCID)]
            elif "/S" in kid:
                yield from _said(kid, here, words)
        else:
            yield words[page.objgen][int(kid)]


def _kids(element: Any) -> list[Any]:
    held = element.get("/K", [])
    return list(held) if isinstance(held, pikepdf.Array | list) else [held]


def _tag(kid: Any) -> str:
    return str(kid.S).lstrip("/") if isinstance(kid, pikepdf.Dictionary) and "/S" in kid else ""


def artifacts(raw: bytes) -> str:
    """Return the words that stand on the pages beside what is read: heads and feet."""
    with pikepdf.open(io.BytesIO(raw)) as document:
        return " ".join(_marked(page).get(-1, "") for page in document.pages)


def _marked(page: pikepdf.Page) -> dict[int, str]:
    """Return the words of a page by the number of their mark; those of no mark have -1."""
    letters = {str(name): _letters(font) for name, font in page.Resources.get("/Font", {}).items()}
    found: dict[int, list[str]] = {}
    open_marks, font = [-1], ""
    for operands, operator in pikepdf.parse_content_stream(page):
        does = str(operator)
        if does in ("BDC", "BMC"):
            about = operands[1] if len(operands) > 1 else {}
            numbered = isinstance(about, pikepdf.Dictionary) and "/MCID" in about
            open_marks.append(int(about.MCID) if numbered else open_marks[-1])
        elif does == "EMC":
            open_marks.pop()
        elif does == "Tf":
            font = str(operands[0])
        elif does in ("TJ", "Tj"):
            shown = operands[0] if does == "TJ" else [operands[0]]
            codes = b"".join(bytes(one) for one in shown if isinstance(one, pikepdf.String))
            pairs = (codes[at : at + 2] for at in range(0, len(codes), 2))
            found.setdefault(open_marks[-1], []).extend(letters[font].get(pair, "\ufffd") for pair in pairs)
    return {mark: "".join(said) for mark, said in found.items()}


def _letters(font: Any) -> dict[bytes, str]:
    told = font.ToUnicode.read_bytes().decode("latin-1")
    pairs = re.findall(r"<([0-9A-F]{4})> <([0-9A-F]+)>\n", told)
    return {bytes.fromhex(code): bytes.fromhex(letter).decode("utf-16-be") for code, letter in pairs}
