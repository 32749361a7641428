"""Holds an edited sentence against the one that it was: figures, negations, and options of the same element."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ci_notes.proofreading.aligning import Match
from ci_notes.proofreading.facts import Fact, Facts, Words, words
from ci_notes.proofreading.figures import same
from ci_notes.proofreading.reading import Token, sentences
from ci_notes.proofreading.vocabulary import ELSEWHERE, LITTLE, NEGATIONS
from ci_notes.wording import lower_first


@dataclass(frozen=True, slots=True)
class Clash:
    """A place of the text that contradicts the note."""

    rule: str
    line: int
    text: str
    note: str
    facts: tuple[Fact, ...]


class Edited:
    """Two sentences with the words that they share."""

    def __init__(self, match: Match, facts: Facts) -> None:
        said, piece = match.said, match.piece
        self.said, self.piece, self.near = said, piece, match.near
        self.old, self.new = said.piece.tokens, piece.tokens
        self.facts = facts
        self.steps = SequenceMatcher(None, said.piece.keys, piece.keys, autojunk=False).get_opcodes()
        self.there = {
            old + step: new + step
            for kind, old, end, new, _ in self.steps
            if kind == "equal"
            for step in range(end - old)
        }
        self.known = facts.said_in(said.sentence.says)
        self.reported = set[int]()
        self.tested = [facts.by_place[one] for one in said.sentence.because if one in facts.by_place]

    def clashes(self) -> Iterator[Clash]:
        if self._says_what_is_missing():
            return
        if self.near:
            yield from self.figures()
        chosen = list(self.options())
        yield from chosen
        if self.near:
            told = {fact.place for clash in chosen for fact in clash.facts}
            yield from (clash for clash in self.flips() if not told & {fact.place for fact in clash.facts})

    def _says_what_is_missing(self) -> bool:
        facts = [self.facts.by_place[one] for one in self.said.sentence.says if one in self.facts.by_place]
        return bool(facts) and all(fact.state != "known" for fact in facts)

    # --- figures ---------------------------------------------------------------------------------------------------

    def figures(self) -> Iterator[Clash]:
        """Yield the figures that stand where the narrative has another one."""
        if self._elsewhere(()):
            return
        pairs = list(self._facing())
        matched = {i for i, j in pairs if self._same(i, j)}
        for i, j in pairs:
            if i in matched or self._same(i, j) is None or self._moved(j, matched):
                continue
            fact = self._fact(i)
            found = (fact,) if fact else tuple(self.known) or tuple(self.tested)
            self.reported.add(j)
            written, noted = self.piece.written(j, j + 1), self.said.piece.written(i, i + 1)
            yield Clash("R164", self.piece.line(self.new[j]), written, noted, found)

    def _elsewhere(self, but: Words) -> bool:
        """Tell whether words were put in, others than these, that speak of another time or person."""
        added = {token.text for token in self.new} - {token.text for token in self.old} - set(but)
        return bool(added & ELSEWHERE)

    def _facing(self) -> Iterator[tuple[int, int]]:
        for kind, old, old_end, new, new_end in self.steps:
            ours = [i for i in range(old, old_end) if self.old[i].figure]
            theirs = [j for j in range(new, new_end) if self.new[j].figure]
            if kind in ("equal", "replace"):
                yield from zip(ours, theirs, strict=False)

    def _same(self, i: int, j: int) -> bool | None:
        noted, written = self.old[i].figure, self.new[j].figure
        if noted is None or written is None or (noted.kind == "number" and written.unit and not noted.unit):
            return None
        return same(noted, written, self._about(i))

    def _about(self, i: int) -> str:
        fact = self._fact(i) if self.old[i].figure and self.old[i].figure.unit in ("mg/dL", "mmol/L") else None  # type: ignore[union-attr]
        return fact.element.title if fact else ""

    def _moved(self, j: int, matched: set[int]) -> bool:
        """Tell whether a figure only stands elsewhere in the sentence: with the words it had, or in the same list."""
        for i, token in enumerate(self.old):
            if token.figure and i not in matched and self._same(i, j):
                here, there = _beside(self.old, i), _beside(self.new, j)
                if here & there or self._listed(i):
                    return True
        return False

    def _listed(self, i: int) -> bool:
        """Tell whether a figure is one of several values of the same element of rows."""
        fact = self._fact(i)
        if fact is not None and fact.element.kind == "choices":
            return True
        return fact is not None and sum(one.element.path == fact.element.path for one in self.known) > 1

    def _fact(self, i: int) -> Fact | None:
        """Return the fact that a figure of the narrative says: that of its value, best named by the sentence."""
        figure, spoken = self.old[i].figure, {token.text for token in self.old}
        if figure is None:
            return None
        ours = [
            fact
            for fact in self.known
            if any(token.figure and same(token.figure, figure) for token in _said(self.facts.say(fact)))
        ]
        before = sum(
            token.figure is not None and token.figure == figure for token in self.old[:i]
        )  # the same number twice in a sentence
        ours.sort(key=lambda fact: -len(spoken & set(words(fact.element.title)) - LITTLE))
        return ours[before % len(ours)] if ours else None

    # --- negations -------------------------------------------------------------------------------------------------

    def flips(self) -> Iterator[Clash]:
        """Yield what the narrative denies and the text affirms, or the other way round."""
        turned = [
            (i, j)
            for i, j in sorted(self.there.items())
            if self.said.piece.negated[i] != self.piece.negated[j]
            and not self.old[i].figure
            and self.old[i].text not in LITTLE | NEGATIONS
        ]
        seen: set[str] = set()
        for start, end, name in self.facts.names_in(self.new):
            if any(start <= j < end for _, j in turned):
                facts = tuple(fact for fact in (*self.known, *self.tested) if fact.element in self.facts.named[name])
                if facts and facts[0].place not in seen:
                    seen.add(facts[0].place)
                    yield self._flip(start, lower_first(self.piece.written(start, end)), facts)
        if turned and not seen and len(self.said.sentence.says) <= len({token.clause for token in self.old}) + 1:
            facts, line = tuple(self.known or self.tested), self.piece.line(self.new[turned[0][1]])
            yield Clash("R162", line, f"«{_short(self.piece.text)}»", f"«{_short(self.said.piece.text)}»", facts)

    def _flip(self, j: int, name: str, facts: tuple[Fact, ...]) -> Clash:
        said = f"no {name}" if self.piece.negated[j] else name
        return Clash("R162", self.piece.line(self.new[j]), f"«{said}»", f"«{_short(self.said.piece.text)}»", facts)

    # --- options ---------------------------------------------------------------------------------------------------

    def options(self) -> Iterator[Clash]:
        """Yield options of an element other than the recorded ones, standing where these stood."""
        at = 0
        for fact in dict.fromkeys((*self.known, *self.tested)):
            if fact.element.kind not in ("choice", "choices") or fact.value is None:
                continue
            values = fact.value if fact.element.kind == "choices" else [fact.value]
            for value in values:
                said = _option(fact, value)
                found = _where(said, self.old, at) if said else None
                if found is None:
                    continue
                at = found[1] if fact.element.kind == "choice" else at
                other = self._other(fact, values, *found)
                if other and not self.reported & set(range(other[1], other[2])):
                    name, j, _ = other
                    yield Clash("R162", self.piece.line(self.new[j]), name, self.facts.say_one(fact, value), (fact,))

    def _other(self, fact: Fact, values: Sequence[str], start: int, end: int) -> tuple[str, int, int] | None:
        low = max((j + 1 for i, j in self.there.items() if i < start), default=0)
        high = min((j for i, j in self.there.items() if i >= end), default=len(self.new))
        read = list(self._options_in(fact, low, high))
        if any(option in values for option, _, _ in read):
            return None
        kept = _within([token.text for token in self.old[start:end]], [token.text for token in self.new[low:high]])
        for _, first, last in read:
            name = tuple(token.text for token in self.new[first:last])
            if not self._elsewhere(name) and not (kept and last - first <= end - start):
                return self.piece.written(first, last), first, last
        return None

    def _options_in(self, fact: Fact, low: int, high: int) -> Iterator[tuple[str, int, int]]:
        """Yield the options of an element that stand between two places, a longer one before one within it."""
        options = [(words(option.say), option.value) for option in fact.element.options]
        options.sort(key=lambda one: -len(one[0]))
        at, texts = low, tuple(token.text for token in self.new[:high])
        while at < high:
            found = next(
                ((name, value) for name, value in options if name and texts[at : at + len(name)] == name), None
            )
            if found:
                yield found[1], at, at + len(found[0])
            at += len(found[0]) if found else 1


def _within(words_: Sequence[str], text: Sequence[str]) -> bool:
    """Tell whether words stand in a text in their order, whatever stands between them."""
    left = iter(text)
    return all(word in left for word in words_)


def _option(fact: Fact, value: str) -> Words:
    option = fact.element.option(value)
    return words(option.say) if option else ()


def _where(name: Words, tokens: Sequence[Token], start: int = 0) -> tuple[int, int] | None:
    texts = tuple(token.text for token in tokens)
    places = (at for at in range(start, len(texts) - len(name) + 1) if texts[at : at + len(name)] == name)
    at = next(places, None)
    if at is None and start:
        return _where(name, tokens)
    return None if at is None or not name else (at, at + len(name))


def _said(text: str) -> list[Token]:
    return [token for piece in sentences(text) for token in piece.tokens]


def _beside(tokens: Sequence[Token], at: int) -> set[tuple[str, str]]:
    """Return the telling words before and behind a figure."""
    before = next((one.text for one in reversed(tokens[:at]) if one.text not in LITTLE and not one.figure), "")
    after = next((one.text for one in tokens[at + 1 :] if one.text not in LITTLE and not one.figure), "")
    near = {("before", before), ("after", after)}
    return {one for one in near if one[1]}


def _short(text: str, longest: int = 80) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3].rsplit(' ', 1)[0]} ..."
