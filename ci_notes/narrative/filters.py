"""The filters and tests that a narrative can use: phrases in, phrases out, so that no path is lost on the way."""

from collections.abc import Callable
from typing import Any

from ci_notes import wording
from ci_notes.narrative.prose import GroupView, Phrase, Recorded, RowView, SectionView, clean
from ci_notes.places import place


def phrase_of(thing: Any) -> Phrase:
    """Return what is printed as words with their paths."""
    if isinstance(thing, Phrase):
        return thing
    if isinstance(thing, Recorded | GroupView):
        return thing.phrase()
    return Phrase(str(thing), ())


def _on_words(change: Callable[..., str]) -> Callable[..., Phrase | None]:
    """Make a filter of a function on text that keeps the paths."""

    def filtered(thing: Any, *args: Any) -> Phrase | None:
        if _silent(thing):
            return None
        phrase = phrase_of(thing)
        return Phrase(change(phrase.words, *args), phrase.paths, phrase.because)

    return filtered


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _sentence(words: str) -> str:
    """End free text as a sentence, whatever the writer ended it with."""
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _listed(things: Any, word: str = "and") -> Phrase:
    flat = [one for thing in things for one in (thing if isinstance(thing, list) else [thing])]
    phrases = [phrase_of(thing) for thing in flat if not _silent(thing)]
    paths = tuple(path for phrase in phrases for path in phrase.paths)
    because = tuple(dict.fromkeys(path for phrase in phrases for path in phrase.because))
    return Phrase(wording.listed([phrase.words for phrase in phrases], word), paths, because)


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


def _silent(thing: Any) -> bool:
    return thing is None or (isinstance(thing, Recorded) and thing.value is None)


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


def _if_answer(answer: bool) -> Callable[[Recorded, str], Phrase | None]:
    """Make the filter that says something of ours where an element was answered yes, or no."""

    def filtered(thing: Recorded, words: str) -> Phrase | None:
        return Phrase(words, thing.paths) if thing.yes() is answer else None

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


def _with_answer(answer: bool) -> Callable[..., list[Phrase]]:
    """Make the filter that names what was answered yes, or no, leaving out what the prose says in its own words."""

    def named(one: Recorded, jurisdiction: str) -> str:
        words = wording.spelled(one.element.say, jurisdiction)
        return words if answer else words.removeprefix("a ").removeprefix("an ")

    def filtered(section: SectionView | RowView, *but: str) -> list[Phrase]:
        view = section._view
        found = [
            view.recorded(element, row)
            for element, row in section.members()
            if element.kind == "boolean" and element.name not in but
        ]
        return [Phrase(named(one, view.note.jurisdiction), one.paths) for one in found if one.value is answer]

    return filtered


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
        record = row if row is not None else view.note.record
        elements = view.note.template.elements
        asked_of = view.note.template.asked_of(element.path)
        tested = tuple(place(path, row if elements[path].group else None) for path in asked_of)
        phrase = Phrase(wording.spelled(element.say, view.note.jurisdiction), (place(element.path, row),), tested)
        absence = record.absent.get(element.path)
        if absence is not None:
            reasons.setdefault((_ABSENT[absence.code], absence.reason), []).append(phrase)
        elif record.state(element.path) == "wrong":
            reasons.setdefault(("Recorded, but not readable", ""), []).append(phrase)
        elif element.expected and record.state(element.path) == "untouched" and view.applies(element, row):
            reasons.setdefault(("Not recorded", ""), []).append(phrase)
    ordered = sorted(reasons.items(), key=lambda item: item[0][0] == "Not recorded")
    return [_gap(opening, reason, _listed(phrases), where) for (opening, reason), phrases in ordered]


def _gap(opening: str, reason: str, names: Phrase, where: str) -> Phrase:
    because = f" ({clean(reason)})" if reason else ""
    words = f"{opening}: {names.words}{f' in {where}' if where else ''}{because}."
    return Phrase(words, names.paths, names.because)


FILTERS: dict[str, Callable[..., Any]] = {
    "capital": _on_words(_capital),
    "sentence": _on_words(_sentence),
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
    "yes": _with_answer(True),
    "no": _with_answer(False),
    "column": _column,
    "gaps": _gaps,
}
"""The only filters a narrative can use."""

TESTS: dict[str, Callable[[Any], bool]] = {
    "known": lambda thing: thing.state == "known",
    "absent": lambda thing: thing.state == "absent",
    "untouched": lambda thing: thing.state == "untouched",
    "exact": lambda thing: thing.span[0] == thing.span[1],
}
