"""The filters and tests that a narrative can use: phrases in, phrases out, so that no path is lost on the way."""

from collections.abc import Callable, Iterator
from typing import Any

from ci_notes import wording
from ci_notes.derive import Record
from ci_notes.element import Element
from ci_notes.narrative.prose import Framed, GroupView, Phrase, Recorded, RowView, SectionView, View, clean
from ci_notes.narrative.sentences import SILENT
from ci_notes.places import place


class _Otherwise:
    """What stands for words of ours that the opposite answer leaves unsaid: silent, and so are details of it."""


_OTHERWISE = _Otherwise()


def phrase_of(thing: Any) -> Phrase:
    """Return what is printed as words with their paths."""
    if isinstance(thing, Phrase):
        return thing
    if isinstance(thing, Recorded | GroupView):
        return thing.phrase()
    if thing is _OTHERWISE:
        return Phrase("", ())
    return Phrase(str(thing), ())


def _on_words(change: Callable[..., str]) -> Callable[..., Phrase | _Otherwise | None]:
    """Make a filter of a function on text that keeps the paths."""

    def filtered(thing: Any, *args: Any) -> Phrase | _Otherwise | None:
        if _silent(thing):
            return _OTHERWISE if thing is _OTHERWISE else None
        phrase = phrase_of(thing)
        return Phrase(change(phrase.words, *args), phrase.paths, phrase.because)

    return filtered


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _sentence(words: str) -> str:
    """End free text as a sentence, whatever the writer ended it with."""
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _listed(things: Any, word: str = "and") -> Phrase:
    """Say several things as a list; with a joiner such as ", " in place of a word, one after the other."""
    parts: list[str] = []
    paths: list[str] = []
    because: dict[str, None] = {}
    for phrase in _said(things):
        parts.append(phrase.words)
        paths += phrase.paths
        because.update(dict.fromkeys(phrase.because))
    return Phrase(wording.listed(parts, word) if word.isalpha() else word.join(parts), tuple(paths), tuple(because))


def _said(things: Any) -> Iterator[Phrase]:
    """Yield what has words of several things, those in lists among them."""
    for thing in things:
        if isinstance(thing, list):
            yield from _said(thing)
        elif not _silent(thing):
            phrase = phrase_of(thing)
            if phrase.words:
                yield phrase


def _counted(thing: Any, one: str, many: str) -> Phrase | None:
    """Say how many; nothing for a number that was not recorded, so that `listed` passes over it."""
    if _silent(thing):
        return None
    phrase = phrase_of(thing)
    number = "no" if phrase.words == "0" else phrase.words
    return Phrase(f"{number} {one if phrase.words == '1' else many}", phrase.paths)


def _day(thing: Recorded) -> Phrase:
    """Say only the day of a date and time."""
    phrase = thing.phrase()
    return Phrase(wording.say_date(thing.value, thing._view.note.jurisdiction), phrase.paths)


def _plain_weeks(thing: Recorded) -> Phrase | None:
    """Say a gestational age for the patient: "22 weeks and 1 day" for 22+1 weeks."""
    if _silent(thing):
        return None
    phrase = thing.phrase()
    return Phrase(wording.plain_weeks(phrase.words), phrase.paths)


def _moment(thing: Recorded, earlier: Recorded) -> Phrase | None:
    """Say when: "at 09:52" on the day of an earlier moment, "on 4 November 2026 at 00:10" on any other."""
    if _silent(thing):
        return None
    phrase = thing.phrase()
    one, other = str(thing.value), str(earlier.value)
    if one[:10] == other[:10] and one[16:] == other[16:]:
        return Phrase(f"at {one[11:16]}", phrase.paths, earlier.paths)
    return Phrase(f"on {phrase.words}", phrase.paths, earlier.paths)


def _otherwise(thing: Any) -> bool:
    """Tell whether a thing was answered no, or otherwise than the words for it ask for."""
    return thing is _OTHERWISE or (isinstance(thing, Recorded) and thing.value is False)


def _silent(thing: Any) -> bool:
    return thing is None or thing is _OTHERWISE or (isinstance(thing, Recorded) and thing.value is None)


def _after(thing: Any, before: str) -> Phrase | None:
    """Say something after a word of ours; nothing where it was not recorded."""
    if _silent(thing):
        return None
    phrase = phrase_of(thing)
    return Phrase(before + phrase.words, phrase.paths)


def _bracketed(things: Any) -> Phrase:
    """Say what was recorded of several things, in brackets; nothing at all where nothing was."""
    phrases = [phrase_of(thing) for thing in things if not _silent(thing)]
    paths = tuple(path for phrase in phrases for path in phrase.paths)
    return Phrase(f" ({', '.join(phrase.words for phrase in phrases)})" if phrases else "", paths)


def _within(things: Any, before: str, after: str, word: str = "and") -> Framed | str:
    """Say what was recorded of several things between words of ours; nothing at all where nothing was."""
    phrase = _listed(things, word)
    if not phrase.words:
        return SILENT
    # Free text may bring its own full stop; ours ends the sentence, unless its writer asked or exclaimed.
    words = phrase.words.rstrip(" .") if after.startswith(".") else phrase.words
    ended = after.startswith(".") and words.endswith(("?", "!"))
    return Framed(before, Phrase(words, phrase.paths, phrase.because), after[1:] if ended else after)


def _detailed(thing: Any, details: Any) -> Phrase:
    """Add what was recorded in detail, in brackets; the details alone where the thing itself was not recorded.

    Details of what was answered no are not said, as if it were there.
    """
    if _otherwise(thing):
        return Phrase("", ())
    more = _listed(details, ", ")
    if _silent(thing):
        return more
    phrase = phrase_of(thing)
    words = f"{phrase.words} ({more.words})" if more.words else phrase.words
    return Phrase(words, phrase.paths + more.paths)


def _rows(group: GroupView, first: str, *others: str) -> list[Phrase]:
    """Say each row in a few words: its first element, the others in brackets, dates after their own words."""
    return [_told(row, first, others) for row in group]


def _told(row: RowView, first: str, others: tuple[str, ...]) -> Phrase:
    """Say a row; where the list had only «other» for it, its name comes first."""
    if row[first].value == "other" and others and not _silent(row[others[0]]):
        named, *rest = others
        phrase = _detailed(row[named], [_dated(row[name]) for name in rest])
        return Phrase(phrase.words, row[first].paths + phrase.paths)
    return _detailed(row[first], [_dated(row[name]) for name in others])


def _dated(thing: Recorded) -> Phrase | None:
    if _silent(thing):
        return None
    return _after(thing, f"{thing.element.say} ") if thing.element.kind == "date" else thing.phrase()


def _if_answer(answer: bool) -> Callable[[Recorded, str], Phrase | _Otherwise | None]:
    """Make the filter that says something of ours where an element was answered yes, or no."""

    def filtered(thing: Recorded, words: str) -> Phrase | _Otherwise | None:
        given = thing.yes()
        return None if given is None else Phrase(words, thing.paths) if given is answer else _OTHERWISE

    return filtered


def _either(thing: Recorded) -> Phrase:
    """Say several answers as alternatives."""
    options = [thing.element.option(value) for value in thing.value or ()]
    jurisdiction = thing._view.note.jurisdiction
    said = [wording.spelled(option.say, jurisdiction) for option in options if option]
    return Phrase(wording.listed(said, "or"), thing.paths)


def _some(thing: Recorded) -> bool | None:
    """Tell whether any of several answers was given; undecided where none was recorded."""
    return None if thing.value is None else bool(thing.value)


def _yes_or_no(among: SectionView | RowView | list[Recorded]) -> list[Recorded]:
    """Return the yes/no elements of a section or row, or those that were named."""
    if isinstance(among, list):
        return among
    return [among._view.recorded(one, row) for one, row in among.members() if one.kind == "boolean"]


def _with_answer(answer: bool) -> Callable[..., list[Phrase]]:
    """Make the filter that names what was answered yes, or no, leaving out what the prose says in its own words."""

    def named(one: Recorded, jurisdiction: str) -> str:
        words = wording.spelled(one.element.say, jurisdiction)
        return words if answer else words.removeprefix("a ").removeprefix("an ")

    def filtered(among: SectionView | RowView | list[Recorded], *but: str) -> list[Phrase]:
        found = [one for one in _yes_or_no(among) if one.value is answer and one.element.name not in but]
        return [Phrase(named(one, one._view.note.jurisdiction), one.paths) for one in found]

    return filtered


def _all_yes(among: list[Recorded]) -> bool:
    """Tell whether every one of several was answered yes; anything else, an open answer too, is not that."""
    return all(one.value is True for one in among)


def _column(group: GroupView, name: str) -> list[Phrase]:
    return [row[name].phrase() for row in group if row[name].value is not None]


_ABSENT = {
    "not-asked": "Not asked about",
    "asked-declined": "Declined",
    "asked-unknown": "Not known",
    "not-performed": "Not assessed",
    "not-applicable": "Not applicable",
}
"""How each reason of absence opens its sentence; every name fits behind it, one or many."""


def _gaps(part: SectionView | RowView, where: str = "") -> list[Phrase]:
    """Say what is missing: one sentence for each reason of absence, one for what a reader would expect.

    `where` ends the names of a row that does not speak for itself: "Not assessed: cervical length in measurement 2."
    """
    view = part._view
    reasons: dict[tuple[str, str], list[Phrase]] = {}
    for element, row in part.members():
        key = _lacking(view, element, row)
        if key is not None:
            reasons.setdefault(key, []).append(_named(view, element, row))
    ordered = sorted(reasons.items(), key=lambda item: item[0][0] == "Not recorded")
    return [_gap(opening, reason, _listed(phrases), where) for (opening, reason), phrases in ordered]


def _lacking(view: View, element: Element, row: Record | None) -> tuple[str, str] | None:
    """Return how a missing value is spoken of, and the reason in words; None where nothing is to be said."""
    record = row if row is not None else view.note.record
    if element.path in record.values:
        return None
    state = record.state(element.path)
    if state == "absent":
        absence = record.absent[element.path]
        return _ABSENT[absence.code], absence.reason
    if state == "wrong":
        return "Recorded, but not readable", ""
    missed = state == "untouched" and element.expected and view.applies(element, row)
    return ("Not recorded", "") if missed else None


def _named(view: View, element: Element, row: Record | None) -> Phrase:
    """Name an element that is missing, because of all that makes it one to be asked for."""
    elements = view.note.template.elements
    asked_of = view.note.template.asked_of(element.path)
    tested = tuple(place(path, row if elements[path].group else None) for path in asked_of)
    return Phrase(wording.spelled(element.say, view.note.jurisdiction), (place(element.path, row),), tested)


def _gap(opening: str, reason: str, names: Phrase, where: str) -> Phrase:
    because = f" ({clean(reason)})" if reason else ""
    words = f"{opening}: {names.words}{f' in {where}' if where else ''}{because}."
    return Phrase(words, names.paths, names.because)


FILTERS: dict[str, Callable[..., Any]] = {
    "capital": _on_words(_capital),
    "sentence": _on_words(_sentence),
    "within": _within,
    "detailed": _detailed,
    "rows": _rows,
    "without_unit": _on_words(lambda words: words.partition(" ")[0].removesuffix("%")),
    "listed": _listed,
    "after": _after,
    "bracketed": _bracketed,
    "counted": _counted,
    "either": _either,
    "ending": _on_words(lambda words, end: words + end),
    "if_yes": _if_answer(True),
    "if_no": _if_answer(False),
    "some": _some,
    "many": lambda things: len(things) > 1,
    "day": _day,
    "moment": _moment,
    "plain_weeks": _plain_weeks,
    "yes": _with_answer(True),
    "no": _with_answer(False),
    "all_yes": _all_yes,
    "unsigned": _on_words(lambda words: words.lstrip(wording.MINUS)),
    "column": _column,
    "gaps": _gaps,
}
"""The only filters a narrative can use."""

WORDED = ("after", "ending", "within", "counted", "if_yes", "if_no")
"""Filters whose arguments are words of ours, to be spelled as the reader spells."""

TESTS: dict[str, Callable[..., bool]] = {
    "known": lambda thing: thing.state == "known",
    "absent": lambda thing: thing.state == "absent",
    "untouched": lambda thing: thing.state == "untouched",
    "exact": lambda thing: thing.span[0] == thing.span[1],
    # Never undecided: what could still be either is neither.
    "reached": lambda thing, least: thing.span[0] >= least,
    "below": lambda thing, limit: thing.span[1] < limit,
}
