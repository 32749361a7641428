"""The filters and tests that a narrative can use: phrases in, phrases out, so that no path is lost on the way."""

from collections.abc import Callable
from typing import Any

from ci_notes import wording
from ci_notes.checks import place
from ci_notes.narrative.prose import GroupView, Phrase, Recorded, RowView, SectionView, clean


def phrase_of(thing: Any) -> Phrase:
    """Return what is printed as words with their paths."""
    if isinstance(thing, Phrase):
        return thing
    if isinstance(thing, Recorded | GroupView):
        return thing.phrase()
    return Phrase(str(thing), ())


def _on_words(change: Callable[..., str]) -> Callable[..., Phrase]:
    """Make a filter of a function on text that keeps the paths."""

    def filtered(thing: Any, *args: Any) -> Phrase:
        phrase = phrase_of(thing)
        return Phrase(change(phrase.words, *args), phrase.paths)

    return filtered


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _sentence(words: str) -> str:
    """End free text as a sentence, whatever the writer ended it with."""
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _listed(things: Any, word: str = "and") -> Phrase:
    phrases = [phrase_of(thing) for thing in things if thing is not None]
    paths = tuple(path for phrase in phrases for path in phrase.paths)
    return Phrase(wording.listed([phrase.words for phrase in phrases], word), paths)


def _counted(thing: Any, one: str, many: str) -> Phrase | None:
    """Say how many; nothing for a number that was not recorded, so that `listed` passes over it."""
    if isinstance(thing, Recorded) and thing.value is None:
        return None
    phrase = phrase_of(thing)
    return Phrase(f"{phrase.words} {one if phrase.words == '1' else many}", phrase.paths)


def _day(thing: Recorded) -> Phrase:
    """Say only the day of a date and time."""
    phrase = thing.phrase()
    return Phrase(wording.say_date(thing.value, thing._view.note.jurisdiction), phrase.paths)


def _with_answer(answer: bool) -> Callable[[Any], list[Phrase]]:
    def filtered(section: SectionView | RowView) -> list[Phrase]:
        view = section._view
        found = [view.recorded(element, row) for element, row in section.members() if element.kind == "boolean"]
        return [
            Phrase(wording.spelled(one.element.say, view.note.jurisdiction), one.paths)
            for one in found
            if one.value is answer
        ]

    return filtered


def _column(group: GroupView, name: str) -> list[Phrase]:
    return [row[name].phrase() for row in group if row[name].value is not None]


_ABSENT = {
    "not-asked": ("was not asked about", "were not asked about"),
    "asked-declined": ("was declined", "were declined"),
    "asked-unknown": ("is not known", "are not known"),
    "not-performed": ("was not assessed", "were not assessed"),
    "not-applicable": ("does not apply", "do not apply"),
}


def _gaps(part: SectionView | RowView, before: str = "") -> list[Phrase]:
    """Say what is missing: one sentence for each reason of absence, one for what a reader would expect.

    `before` opens each sentence, where it would not be clear what it is about: "Measurement 2: length is not known."
    """
    view = part._view
    reasons: dict[tuple[str, str], list[Phrase]] = {}
    silent: list[Phrase] = []
    for element, row in part.members():
        record = row if row is not None else view.note.record
        phrase = Phrase(wording.spelled(element.say, view.note.jurisdiction), (place(element.path, row),))
        absence = record.absent.get(element.path)
        if absence is not None:
            reasons.setdefault((absence.code, absence.reason), []).append(phrase)
        elif element.expected and record.state(element.path) == "untouched" and view.applies(element, row):
            silent.append(phrase)
    return _gap_sentences(f"{before}: " if before else "", reasons, silent)


def _gap_sentences(before: str, reasons: dict[tuple[str, str], list[Phrase]], silent: list[Phrase]) -> list[Phrase]:
    said = []
    for (code, reason), phrases in reasons.items():
        names = _listed(phrases)
        verb = _ABSENT[code][len(phrases) > 1]
        words = f"{names.words} {verb}{f' ({clean(reason)})' if reason else ''}."
        said.append(Phrase(before + (words if before else _capital(words)), names.paths))
    if silent:
        names = _listed(silent)
        said.append(Phrase(f"{before}{'not' if before else 'Not'} recorded: {names.words}.", names.paths))
    return said


FILTERS: dict[str, Callable[..., Any]] = {
    "capital": _on_words(_capital),
    "lower_first": _on_words(lambda words: words[:1].lower() + words[1:]),
    "sentence": _on_words(_sentence),
    "without_unit": _on_words(lambda words: words.partition(" ")[0].removesuffix("%")),
    "listed": _listed,
    "counted": _counted,
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
