"""What a person adds that is not asked in turn, picked from what was typed behind the plus sign."""

from ci_notes import wording
from ci_notes.questions import Question

PLUS = "+"


def picked(offered: list[Question], words: str) -> tuple[Question | str, str]:
    """Return what is meant by a number or by part of a title, and the answer typed behind it, if there is one.

    «2», «ethn», «comment: no partner with her» and «comment no partner with her» are understood; a sentence comes in
    place of the question where it is not clear which is meant.
    """
    parts = words.split()
    if parts[0].isdecimal():
        number = int(parts[0])
        known = 1 <= number <= len(offered)
        return (offered[number - 1] if known else f"Type a number from 1 to {len(offered)}."), " ".join(parts[1:])
    fitting, answer = _named(offered, words)
    rows = [one for one in fitting if one.row]
    fitting = rows if len(rows) == 1 else fitting
    if len(fitting) == 1:
        return fitting[0], answer
    titles = [wording.lower_first(one.title) for one in fitting or offered]
    said = wording.listed(titles, "or")
    return (f"That could be {said}; type its number." if fitting else f"What can be added here is {said}."), ""


def _named(offered: list[Question], words: str) -> tuple[list[Question], str]:
    """Return the questions that words name, and what is typed behind the name."""
    before, colon, after = words.partition(":")
    tries = [(words, "")] + ([(before, after.strip())] if colon else [])
    for name, answer in tries:
        found = _like(offered, name.strip().lower())
        if found:
            return found, answer
    parts = words.split()
    for length in range(len(parts) - 1, 0, -1):
        name = " ".join(parts[:length]).lower()
        found = [one for one in offered if name in _names(one)]
        if found:
            return found, " ".join(parts[length:])
    return [], ""


def _like(offered: list[Question], words: str) -> list[Question]:
    exact = [one for one in offered if words in _names(one)]
    begun = [one for one in offered if any(name.startswith(words) for name in _names(one))]
    return exact or begun or [one for one in offered if words in one.title.lower()]


def _names(question: Question) -> tuple[str, ...]:
    """Return the names that a question goes by: its title, the first word of it, and its key in the note."""
    title = question.title.lower()
    name = question.element.name.replace("_", " ") if question.element else title
    return title, title.split()[0], name
