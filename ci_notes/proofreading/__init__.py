"""Holds a narrative that somebody edited against the note that it was made from (guidelines R016, R162, R164).

Found are, each with its line: a number other than the recorded one, a denial of what was recorded and the other way
round, an option other than the recorded one, a denial of what nobody recorded, and words that contradict each other.
A sentence that stands there as it was rendered is never looked at, so an unedited narrative has no findings.

What this cannot see: what was left out; words of a person's own that say something new or in a new way ("the cervix
looks fine"); a number that belongs to nothing the note names; a sentence about another time, another person or a
possibility; an option or a number that the narrative says in words of its own ("a twin pregnancy"); two values that
were exchanged between sentences that are otherwise new; a contradiction across sentences that were rewritten.
"""

import re
from collections.abc import Iterator, Sequence

from ci_notes import checks, derive, document
from ci_notes.checks import Finding
from ci_notes.derive import Note
from ci_notes.errors import InputError
from ci_notes.narrative import LONGEST, heading, render
from ci_notes.pairs import contradictions
from ci_notes.printing import UNSIGNED
from ci_notes.proofreading import aligning, searching
from ci_notes.proofreading.comparing import Clash, Edited
from ci_notes.proofreading.facts import Facts
from ci_notes.proofreading.reading import Piece, pieces

LARGEST = LONGEST // 2
"""Bytes; ten times a long narrative."""

__all__ = ["Proof", "proofread", "read_text"]

_SPELLINGS = ("UK", "US")
"""Jurisdictions that dates and words are written by, for a text rendered for another reader than the note's own."""


def read_text(raw: bytes, name: str) -> str:
    """Return the text of an edited narrative; raises InputError unless it is text and of an acceptable size."""
    if len(raw) > LARGEST:
        raise InputError(f"{name} is too large: a narrative has at most {LARGEST:,} bytes, usually a few thousand")
    text = document.decode(raw, name)
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        raise InputError(f"{name} is no text: it holds control characters; save the narrative as plain text")
    if re.match(r"\s*<(!doctype|html|\?xml)", text, re.IGNORECASE):
        raise InputError(f"{name} is a page of markup; give its text, as `ci-notes render` prints it")
    if re.match(r"\s*\{\s*(\"|\\rtf|\}|\\)", text):
        raise InputError(f"{name} is no narrative but data; give the text, as `ci-notes render` prints it")
    return text


def proofread(note: Note, text: str) -> list[Finding]:
    """Return where a narrative, as somebody edited it, contradicts its note; most serious first."""
    return Proof(note).read(text)


class Proof:
    """A note with its narrative, against which texts are held."""

    def __init__(self, note: Note) -> None:
        self.note = note
        self.facts = Facts(note)
        self.furniture = _furniture(note)
        self._narratives: dict[str, list[aligning.Said]] = {}

    def read(self, text: str) -> list[Finding]:
        """Return where a text contradicts the note, most serious first."""
        given = pieces(text, self.furniture)
        noted = self._nearest(given)
        matches, new = aligning.aligned(noted, given)
        edited = [match.piece for match in matches if match.near]
        clashes = list(self._clashes(noted, matches, new))
        found = [_finding(self.facts, clash) for clash in sorted(clashes, key=lambda clash: clash.line)]
        found += _against_itself(self.note, [*new, *edited])
        return sorted(dict.fromkeys(found), key=lambda one: checks.SEVERITIES.index(one.severity))

    def _clashes(
        self, noted: Sequence[aligning.Said], matches: Sequence[aligning.Match], new: Sequence[Piece]
    ) -> Iterator[Clash]:
        told = set()
        for match in matches:
            for clash in Edited(match, self.facts).clashes():
                told |= {(clash.line, clash.text), *((clash.line, fact.place) for fact in clash.facts)}
                yield clash
        for clash in searching.found(self.facts, noted, [*new, *(match.piece for match in matches if match.near)]):
            if not told & {(clash.line, clash.text), *((clash.line, fact.place) for fact in clash.facts)}:
                yield clash

    def _nearest(self, given: Sequence[Piece]) -> list[aligning.Said]:
        """Return the narrative as it is rendered, spelled as the text is if that is for readers elsewhere."""
        texts = {piece.exact for piece in given}
        own = self._rendered(self.note.jurisdiction)
        if all(one.piece.exact in texts for one in own):
            return own
        spelled = [own, *(self._rendered(place) for place in _SPELLINGS if place != self.note.jurisdiction)]
        return max(spelled, key=lambda said: sum(one.piece.exact in texts for one in said))

    def _rendered(self, place: str) -> list[aligning.Said]:
        if place not in self._narratives:
            own = place == self.note.jurisdiction
            note = self.note if own else derive.note(self.note.template, self.note.data, place)
            self._narratives[place] = aligning.said(render(note, trace=True))
        return self._narratives[place]


def _furniture(note: Note) -> list[str]:
    """Return what a page has beside its sentences."""
    titles = [heading(note.template, section.name, place) for section in note.template.sections for place in ("", "US")]
    return [*titles, *note.template.headings.values(), note.template.title, *UNSIGNED.values()]


def _finding(facts: Facts, clash: Clash) -> Finding:
    names = ", ".join(dict.fromkeys(facts.name(fact) for fact in clash.facts[:3]))
    about = f" ({names})" if names else ""
    verb = "" if clash.rule == "R016" else "the note has "
    message = f"line {clash.line}: the text says {clash.text}; {verb}{clash.note}{about}"
    places = tuple(dict.fromkeys(fact.place for fact in clash.facts))
    labels = tuple(facts.name(facts.by_place[place]) for place in places)
    return checks.built_in(clash.rule, message, places=places, labels=labels)


def _against_itself(note: Note, changed: Sequence[Piece]) -> Iterator[Finding]:
    """Yield contradictions within what was written anew, sentence by sentence and from one to the next."""
    ordered = sorted(changed, key=lambda piece: piece.line())
    for at, piece in enumerate(ordered):
        following = ordered[at + 1 : at + 2]
        near = [one for one in following if one.line() - piece.line(piece.tokens[-1]) <= 1]
        for one, other in contradictions(note.template.words, "\n".join(each.text for each in [piece, *near])):
            message = f"line {piece.line()}: the text says «{one}» and «{other}»"
            yield checks.built_in("R162", message)
