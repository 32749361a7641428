"""The XHTML of a narrative: read by a real parser that expands no entity, and held to what FHIR allows in it."""

import re
from xml.parsers import expat

from ci_notes.fhir.lint.shape import Seen

NAMESPACE = "http://www.w3.org/1999/xhtml"
LONGEST = 2_000_000

_ELEMENTS_WORDS = (
    "a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img "
    "li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var"
)
_ELEMENTS = frozenset(_ELEMENTS_WORDS.split())
_ATTRIBUTES_WORDS = (
    "abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset "
    "cite class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel "
    "rev rowspan rules scope shape span src start style summary tabindex title type valign value vspace width"
)
_ATTRIBUTES = frozenset(_ATTRIBUTES_WORDS.split())
"""What FHIR allows in a narrative (invariant txt-1)."""

_HARMFUL = ("script", "iframe", "object", "embed", "applet", "form", "input", "button", "link", "meta", "base", "style")
_FETCHING = re.compile(
    r"url\s*\(\s*['\"]?\s*(?!data:image/)([a-z]+:|//)|expression\s*\(|@import|behavior\s*:|-moz-binding|\\",
    re.IGNORECASE,
)
"""Styles that fetch or run something; a backslash can only be there to hide one."""
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*)\s*:", re.IGNORECASE)
_OUTSIDE = re.compile(r"\s*([a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


class _RefusedError(Exception):
    """Raised inside the parser, to stop it at what is not read any further."""


class _Reader:
    """Reads one narrative and gathers (code, message) of what is wrong with it."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], None] = {}
        self.depth = 0
        self.words = False
        parser = expat.ParserCreate("utf-8", " ")  # whatever the text itself says of its encoding
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.ProcessingInstructionHandler = self._instruction
        self.parser = parser

    def read(self, text: str) -> list[tuple[str, str]]:
        """Return what is wrong with a narrative."""
        try:
            self.parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            reason = expat.errors.messages[error.code]
            self._say(
                "xhtml", f"this is no XML ({reason}, character {error.offset + 1} of line {error.lineno}); {_HINT}"
            )
        except _RefusedError as refused:
            self._say("xhtml", str(refused))
        else:
            if not self.words:
                self._say("xhtml", "the narrative has no words in it (txt-2)")
        return [*self.found]

    def _say(self, code: str, message: str) -> None:
        self.found[code, message] = None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        if not self.depth and tag.lower() == "div" and namespace != NAMESPACE:
            self._say("xhtml", f'the div is not in the namespace of XHTML; write <div xmlns="{NAMESPACE}">')
        elif not self.depth and tag != "div":
            self._say("xhtml", f"the narrative begins with <{tag[:20]}>; it is one <div>")
        elif namespace not in (NAMESPACE, "") and tag.lower() not in _HARMFUL:
            self._say("xhtml", f"<{tag[:20]}> is not of XHTML; a narrative has nothing else in it")
        self.depth += 1
        if tag.lower() in _HARMFUL:
            self._say("xhtml-unsafe", f"<{tag[:20].lower()}> may not stand in a narrative; take it out")
        elif tag not in _ELEMENTS:
            self._say("xhtml", f"<{tag[:20]}> may not stand in a narrative (txt-1)")
        self.words = self.words or tag == "img"
        for attribute, value in attributes.items():
            self._attribute(tag, attribute.rpartition(" ")[2], value)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        scheme = _SCHEME.match(value.replace("\t", "").replace("\n", "").replace("\r", ""))
        if name.lower().startswith("on"):
            self._say("xhtml-unsafe", f"{name[:20]} runs a script; take it out")
        elif name in ("href", "src", "cite", "longdesc") and scheme and scheme[1].lower() in ("javascript", "vbscript"):
            self._say("xhtml-unsafe", f"the {name} of <{tag[:20]}> runs a script; take it out")
        elif name == "href" and scheme and scheme[1].lower() == "data":
            self._say("xhtml-unsafe", f"the href of <{tag[:20]}> opens what it carries itself; take it out")
        elif name == "src" and _OUTSIDE.match(value):
            self._say("xhtml-unsafe", "a picture is fetched from elsewhere; carry it as data: or contain it")
        elif name == "style" and _FETCHING.search(value):
            self._say("xhtml-unsafe", "a style fetches or runs something; take it out")
        elif name not in _ATTRIBUTES:
            self._say("xhtml", f"the attribute «{name[:20]}» may not stand in a narrative (txt-1)")

    def _end(self, _name: str) -> None:
        self.depth -= 1

    def _text(self, text: str) -> None:
        self.words = self.words or bool(text.strip())

    def _doctype(self, *_declared: object) -> None:
        raise _RefusedError("a narrative has no DOCTYPE and declares no entities; it is the <div> alone")

    def _instruction(self, *_given: object) -> None:
        raise _RefusedError("a narrative has no processing instructions; it is the <div> alone")


_HINT = "close every tag, and write characters themselves in place of HTML's names for them (&nbsp;)"


def problems(text: str) -> list[tuple[str, str]]:
    """Return (code, message) for what is wrong with the XHTML of a narrative; it never raises.

    >>> problems('<div xmlns="http://www.w3.org/1999/xhtml"><p>Well.</p></div>')
    []
    """
    if len(text) > LONGEST:
        return [("xhtml", f"the narrative is longer than {LONGEST:,} characters; nobody reads it")]
    return _Reader().read(text)


def check(seen: Seen) -> None:
    """Hold every narrative to what FHIR allows in it."""
    for place, where, text in seen.narratives:
        if isinstance(text, str):
            for code, message in problems(text):
                seen.add(code, place, where, message)
