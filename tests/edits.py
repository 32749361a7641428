"""Edits of a narrative that contradict its note: a number changed, a denial turned, another option put in."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from ci_notes import printing, render, wording
from ci_notes.derive import Note
from ci_notes.element import Element
from ci_notes.narrative import Sentence

RULES = {"number": {"R164"}, "negation": {"R162", "R016"}, "option": {"R162", "R164"}}
"""What finds each kind of edit."""

Edit = tuple[str, str, str, str]
"""Kind of the edit, the sentence as it was and as it is, the whole text."""


def edits(note: Note, chance: random.Random) -> Iterator[Edit]:
    """Yield a narrative with each number changed in turn, each denial turned, each option exchanged."""
    sentences = render(note, trace=True)
    for at, one in enumerate(sentences):
        changed = [
            *(("number", text) for text in numbers(one.text, chance)),
            *(("negation", text) for text in negations(note, one)),
            *(("option", text) for text in options(note, one, chance)),
        ]
        for kind, text in changed:
            edited = [*sentences[:at], replace(one, text=text), *sentences[at + 1 :]]
            yield kind, one.text, text, printing.text(note, edited)


def numbers(text: str, chance: random.Random) -> Iterator[str]:
    for match in re.finditer(r"\d+(?![\d⁹³])", text, re.ASCII):
        other = match[0]
        while int(other) == int(match[0]):
            first = chance.choice("123456789") if len(other) > 1 else chance.choice("0123456789")
            other = first + "".join(chance.choice("0123456789") for _ in match[0][1:])
        yield text[: match.start()] + other + text[match.end() :]


def negations(note: Note, one: Sentence) -> Iterator[str]:
    answers = {element.path: value for element, value in _answers(note, one)}
    free = [path for path in one.says if note.template.elements.get(path, _NONE).kind == "text"]
    if free:
        return
    known = [path for path in (*one.says, *one.because) if note.record.state(_path(path)) == "known" or "[" in path]
    for match in re.finditer(r"\b(no|not) ", one.text, re.IGNORECASE) if known and ": " not in one.text else ():
        rest = one.text[: match.start()] + one.text[match.end() :]
        yield rest[:1].upper() + rest[1:]
    if re.fullmatch(r"No [^,]+(, [^,]+)* was reported\.", one.text):
        items = re.split(r", | or ", one.text.removeprefix("No ").removesuffix(" was reported."))
        if len(items) > 2 and "cramping" not in items[1]:
            yield f"No {wording.listed([items[0], *items[2:]], 'or')} was reported. She reports {items[1]}."
    if any(value is True for value in answers.values()):
        yield from _denied(one.text)


def _denied(text: str) -> Iterator[str]:
    if re.search(r"\d", text):
        return
    reports = re.fullmatch(r"She reports (.*)\.", text)
    if reports:
        yield f"No {reports[1]}."
        yield f"She denies {reports[1]}."
    elif text.startswith("Funnel"):
        yield "There was no funnelling."
        yield "No funnelling."
    else:
        turned = re.sub(r" (was|were|is|are) ", r" \1 not ", text, count=1)
        if turned != text:
            yield turned


_NONE = Element("", "", "", "")


def _path(place: str) -> str:
    return place if "." in place else f"note.{place}"


def _answers(note: Note, one: Sentence) -> Iterator[tuple[Element, bool]]:
    for path in (*one.says, *one.because):
        element = note.template.elements.get(path)
        value = note.record.values.get(path)
        if element is not None and isinstance(value, bool):
            yield element, value


def options(note: Note, one: Sentence, chance: random.Random) -> Iterator[str]:
    for path in one.says:
        element, value = note.template.elements.get(path), note.record.values.get(path)
        if element is None or element.kind not in ("choice", "choices") or value is None:
            continue
        given = value if isinstance(value, list) else [value]
        others = [wording.spelled(o.say, note.jurisdiction) for o in element.options if o.value not in given]
        for each in given:
            option = element.option(each)
            said = wording.spelled(option.say, note.jurisdiction) if option else ""
            if others and one.text.lower().count(said.lower()) == 1:
                yield re.sub(re.escape(said), lambda _: chance.choice(others), one.text, count=1, flags=re.IGNORECASE)  # noqa: B023
