"""Free text without the names and numbers that its note has elsewhere, and without what looks like one.

It does not find everything, and says so in docs/deidentifying.md. A name is looked for however it was typed; a word
that is a name and an ordinary word as well, and a name of two letters, only with the capitals that were recorded.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ci_notes.wording import composed

NAME = "[name]"

_SHORT = 3
"""Letters: a shorter name is also part of an abbreviation, and a shorter number is one of many."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Not looked for unless a person is called so: titles, who stands by a patient, what a hospital is called after.
_TITLES = _words("dr prof professor mr mrs ms miss sister midwife doctor nurse consultant registrar resident")
_ORDINARY = _TITLES | _words("""
    a an and any are as at be by can did do does for from had has have he her hers him his if in into is it its me my
    no nil none nobody not of on or our out own same she than that the their them then they this to was we were who
    with you your patient partner husband wife mother father parent parents brother daughter son aunt uncle friend
    family relative carer herself himself self interpreter chaperone team staff student male female present unknown
    hospital centre center clinic medical general university teaching women children department unit ward
    health trust maternity obstetrics obstetric gynaecology gynecology fetal medicine service
""")
# Names and words: looked for as they are written.
_BOTH = _words("""
    april august bell best black brown bush cross dawn day faith fields forest good grace gray green grey hall hill
    hope joy june king lake law little long love march mark may moon north page price rose short small stone summer
    walker week west white will winter wood young
""")
_PARTICLES = _words("van von der den de da di du del della dos la le el al bin ben ibn ten ter zu zur")


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a note holds that identifies somebody.

    Of a "name" every word is looked for, of a "number" all of it, of "words" those that have a capital.
    """

    value: str
    kind: Literal["name", "number", "words"] = "words"


class Scrubber:
    """Takes out of a text what the note itself has as a name or number, and what looks like a date, number or name."""

    def __init__(self, quoted: Iterable[Quoted]) -> None:
        """Look for what is quoted; a value in which nothing is a name or number is not looked for."""
        sought = {word for one in quoted for word in _sought(composed(one.value).strip(), one.kind)}
        written = {word for word in sought if len(word) < _SHORT or word.casefold() in _ORDINARY | _BOTH}
        as_written = {form for word in written for form in (word, word.capitalize()) if not form.islower()}
        self.quoted = [found for found in (_any_of(sought - written, re.I), _any_of(as_written)) if found]

    def __call__(self, text: str) -> str:
        """Return a text without them; letters with marks are composed, as most keyboards type them."""
        found = _untitled(composed(text))
        for pattern in self.quoted:
            found = pattern.sub(NAME, found)
        for pattern, instead in _PATTERNS:
            found = pattern.sub(instead, found)
        return found


def _sought(value: str, kind: str) -> Iterator[str]:
    """Yield what is looked for of a value: all of it if it names anybody, and its words that do."""
    names = [*_names(value, kind)]
    if names or (len(value) >= _SHORT and (kind == "number" or re.search(r"\d", value))):
        yield value
    yield from names
    yield from re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)+", value) if names else ()


def _names(value: str, kind: str) -> Iterator[str]:
    """Yield the words of a value that are names."""
    for word in re.findall(r"[^\W\d_]{2,}", value) if kind != "number" else ():
        if kind == "name":
            named = word.casefold() not in _TITLES | _PARTICLES
        else:
            named = word.casefold() not in _ORDINARY | _PARTICLES and not word[0].islower()
        if named:
            yield word


def _any_of(words: set[str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str] | None:
    parts = map(spelt, sorted(words, key=lambda word: (-len(word), word)))
    return re.compile("|".join(parts), flags) if words else None


_LETTER_OR_DIGIT = r"[^\W_]"


def spelt(value: str) -> str:
    """Return a pattern for a name or number however its parts are joined: EX-2044, EX2044, scan_EX_2044, Cleo_Example.

    A name is no part of another word, but for an s behind it; a number is no part of a longer one. Scripts without
    capitals often have no spaces either, so there a name may be part of what stands around it.
    """
    parts = [re.escape(part) for part in re.findall(f"{_LETTER_OR_DIGIT}+", value)] or [re.escape(value)]
    if re.search(r"\d", value):
        return r"(?<!\d)" + r"[\W_]{0,2}".join(parts) + r"(?!\d)"
    if value.isascii() or value.lower() != value.upper():
        return f"(?<!{_LETTER_OR_DIGIT})" + r"[\W_]{1,2}".join(parts) + f"s?(?!{_LETTER_OR_DIGIT})"
    return re.escape(value)


_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
_DATES = (
    r"\b\d{4}-\d\d?-\d\d?(?:T[\d:.+Z-]+)?",
    r"\b\d{4}[./]\d\d?[./]\d\d?\b",
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b",
    rf"\b\d{{1,2}}(?:st|nd|rd|th|\.)?[\s-]*(?:of\s+)?{_MONTH}(?:[,\s./-]*\d{{2,4}}\b)?",
    rf"\b{_MONTH}[\s-]+\d{{1,2}}(?:st|nd|rd|th)?(?:[,\s-]+\d{{2,4}})?\b",
    rf"\b\d{{4}}[\s./-]*{_MONTH}[\s./-]*\d{{1,2}}\b",
)
_PATTERNS = (
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\bhttps?://\S+", re.I), "[address]"),
    (re.compile("|".join(_DATES), re.I), "[date]"),
    (re.compile(r"(?<![\w.])\+?\d[\d ()/-]{5,}\d\b"), "[number]"),
)
_TITLE = re.compile(
    r"\b(?:(?:Dr|Prof|Mr|Mrs|Ms)\b\.?|(?P<alone>Professor|Doctor|Consultant|Miss|Sister|Midwife|Nurse)\b)", re.I
)
"""A title; one that stands alone as well is followed by a name only where that has a capital."""
_WORD = re.compile(r"\s+((?:[^\W\d_]\.)+|[^\W\d_][\w'’-]*)")


def _untitled(text: str) -> str:
    """Return a text without titles that a name follows, and without the name."""
    left, at = [], 0
    for title in _TITLE.finditer(text):
        end = _end_of_name(text, title.end(), small=title["alone"] is None) if title.start() >= at else 0
        if end:
            left += [text[at : title.start()], NAME]
            at = end
    return "".join(left) + text[at:]


def _end_of_name(text: str, at: int, small: bool) -> int:
    """Return where a name ends that begins at a place, or 0 for none; its first word may be small."""
    end = 0
    while word := _WORD.match(text, at):
        at, folded = word.end(), word[1].casefold()
        if folded not in _ORDINARY and (not word[1][0].islower() or (small and not end and folded not in _BOTH)):
            end = at
        elif folded not in _PARTICLES:
            break
    return end
