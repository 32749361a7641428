"""Looks in new sentences for what the note knows by name: denied, affirmed, measured, or another option of it.

Only plain wording counts ("no bleeding", "funnelling was present", "cervical length 28 mm"): what is said of another
time, another person or a possibility is passed over, since a false alarm does more harm than a silence.
"""

from collections.abc import Iterator, Sequence

from ci_notes.proofreading import vocabulary
from ci_notes.proofreading.aligning import Said
from ci_notes.proofreading.comparing import Clash
from ci_notes.proofreading.facts import Fact, Facts, Words, figures_in, words
from ci_notes.proofreading.figures import ORDERED, Figure, same
from ci_notes.proofreading.reading import Piece
from ci_notes.wording import lower_first

_BETWEEN = 3
"""Words that may stand between a negation and what it denies, or between items of a list."""


def found(facts: Facts, noted: Sequence[Said], changed: Sequence[Piece]) -> Iterator[Clash]:
    """Yield what sentences contradict that do not stand in the narrative as they are."""
    known = _Known(facts, noted)
    for piece in changed:
        texts = {token.text for token in piece.tokens}
        if "?" not in piece.text and not texts & (vocabulary.ELSEWHERE | vocabulary.UNCERTAIN):
            yield from _Search(facts, known, piece).clashes()


class _Known:
    """What the narrative of the note says of each name: denied, affirmed, with which figures."""

    def __init__(self, facts: Facts, noted: Sequence[Said]) -> None:
        self.polarities: dict[Words, set[bool]] = {}
        self.figures: dict[Words, list[Figure]] = {}
        for one in noted:
            says = [facts.by_place[place] for place in one.sentence.says if place in facts.by_place]
            if says and all(fact.state != "known" for fact in says):
                continue  # it says what is missing
            tokens = one.piece.tokens
            for start, end, name in facts.names_in(tokens):
                self.polarities.setdefault(name, set()).add(not any(one.piece.negated[start:end]))
                self.figures.setdefault(name, []).extend(token.figure for token in tokens if token.figure)


class _Search:
    def __init__(self, facts: Facts, known: _Known, piece: Piece) -> None:
        self.facts = facts
        self.known = known
        self.piece = piece
        self.tokens = piece.tokens
        self.names = list(facts.names_in(self.tokens))

    def clashes(self) -> Iterator[Clash]:
        for start, end, name in self.names:
            elements = self.facts.named[name]
            if any(element.kind == "boolean" for element in elements):
                yield from self._answered(start, end, name)
            if any(element.kind in ORDERED for element in elements):
                yield from self._measured(start, end, name)
            if any(element.kind == "choice" for element in elements):
                yield from self._chosen(start, end, name)

    def _facts(self, name: Words, *of: str) -> list[Fact]:
        elements = [element for element in self.facts.named[name] if element.kind in of]
        return [fact for element in elements for fact in self.facts.by_path.get(element.path, ())]

    # --- yes and no ------------------------------------------------------------------------------------------------

    def _answered(self, start: int, end: int, name: Words) -> Iterator[Clash]:
        denied = self._denied(start, end)
        if not denied and not self._affirmed(start, end):
            return
        facts = self._facts(name, "boolean")
        own = tuple(fact for fact in facts if fact.row is None)
        said_so = (not denied) in self.known.polarities.get(name, ())
        if not own or said_so or any(fact.value is (not denied) for fact in facts):
            return
        line, said = self.piece.line(self.tokens[start]), lower_first(self.piece.written(start, end))
        against = tuple(fact for fact in own if fact.value is denied)
        if against:
            yield Clash("R162", line, f"«{'no ' if denied else ''}{said}»", "yes" if denied else "no", against)
        elif denied:
            yield Clash("R016", line, f"«no {said}»", own[0].lacking, own)

    def _denied(self, start: int, end: int) -> bool:
        return self._denied_before(start, end) or self._says_behind(end, vocabulary.GONE, negated=True)

    def _denied_before(self, start: int, end: int) -> bool:
        """Tell whether a negation stands before, with nothing between them but a list."""
        if not self._ends(end):
            return False
        named = {at for first, last, _ in self.names for at in range(first, last)}
        apart, joined = 0, False
        for at in range(start - 1, -1, -1):
            token = self.tokens[at]
            if self.tokens[at + 1].gap not in ("", ",") or token.clause != self.tokens[start].clause or token.figure:
                return False
            if token.text in vocabulary.DENIES:
                return not joined or token.text in vocabulary.DENIED
            joined = joined or token.text == "and"
            if at in named or token.text in vocabulary.LISTS:
                apart = 0
            elif token.text in vocabulary.ENDS or apart == _BETWEEN:
                return False
            else:
                apart += 1
        return False

    def _affirmed(self, start: int, end: int) -> bool:
        if self.piece.negated[start]:
            return False
        before = " ".join(token.text for token in self.tokens[max(0, start - 3) : start])
        plain = before.removesuffix(" a").removesuffix(" an").removesuffix(" some").removesuffix(" the")
        if self.tokens[start].gap in ("", ":") and plain.endswith(vocabulary.REPORTS):
            return not (
                end < len(self.tokens)
                and self.tokens[end].gap == ""
                and self.tokens[end].text not in vocabulary.FOLLOWS
            )
        return self._says_behind(end, vocabulary.THERE, negated=False)

    def _ends(self, end: int) -> bool:
        """Tell whether a name ends here, and is not the beginning of the name of another thing."""
        after = self.tokens[end] if end < len(self.tokens) else None
        return after is None or after.gap != "" or after.text in vocabulary.FOLLOWS

    def _says_behind(self, end: int, what: tuple[str, ...], negated: bool) -> bool:
        """Tell whether "was present", "absent", ": none" or "was not seen" stands right behind a name."""
        behind = self.tokens[end : end + 3]
        while behind and behind[0].text in ("is", "was", "are", "were") and behind[0].gap == "":
            behind = behind[1:]
        if not behind or behind[0].gap not in ("", ":", "-"):
            return False
        if negated and behind[0].text == "not" and len(behind) > 1:
            return behind[1].text in vocabulary.THERE
        return behind[0].text in what and not (len(behind) > 1 and behind[1].gap == "" and behind[0].text == "no")

    # --- figures and options ---------------------------------------------------------------------------------------

    def _behind(self, end: int) -> int | None:
        """Return where the value of a name stands that is followed by "was", "=" or nothing at all."""
        for at in range(end, min(end + 5, len(self.tokens))):
            token = self.tokens[at]
            if token.gap not in ("", ":", "=", "-", ":=") or token.clause != self.tokens[end - 1].clause:
                return None
            if token.figure or token.text not in vocabulary.MEASURES:
                return at
        return None

    def _measured(self, start: int, end: int, name: Words) -> Iterator[Clash]:
        at = self._behind(end)
        written = self.tokens[at].figure if at is not None else None
        if at is None or written is None or self.piece.negated[start]:
            return
        facts = [fact for fact in self._facts(name, *ORDERED) if fact.value is not None]
        if any(same(figure, written) for figure in self.known.figures.get(name, ())):
            return
        held = [
            (fact, same(figure, written, fact.element.title))
            for fact in facts
            for figure in figures_in(self.facts.say(fact))
        ]
        differ = tuple(fact for fact, alike in held if alike is False)
        if differ and not any(alike for _, alike in held):
            line = self.piece.line(self.tokens[at])
            yield Clash("R164", line, self.piece.written(at, at + 1), self.facts.say(differ[0]), differ[:1])

    def _chosen(self, start: int, end: int, name: Words) -> Iterator[Clash]:
        at = self._behind(end)
        facts = [fact for fact in self._facts(name, "choice") if fact.value is not None]
        if at is None or not facts or self.piece.negated[start] or any(self.piece.negated[end : at + 1]):
            return
        texts = tuple(token.text for token in self.tokens[at:])
        said = {
            (option.value, words(option.say))
            for fact in facts
            for option in fact.element.options
            if texts[: len(words(option.say))] == words(option.say)
        }
        longest = max((len(one) for _, one in said), default=0)
        meant = {value for value, one in said if len(one) == longest}
        rows = any(fact.row is not None for fact in facts)
        if meant and not rows and not any(fact.value in meant for fact in facts):
            line = self.piece.line(self.tokens[at])
            yield Clash("R162", line, self.piece.written(at, at + longest), self.facts.say(facts[0]), tuple(facts[:1]))
