"""A note kind as plain data: sections of elements, rules, narrative text, FHIR skeletons and compiled conditions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ci_notes.element import OURS, Coding, Element, Section
from ci_notes.errors import ExpressionError, TemplateError
from ci_notes.expression import Condition, Names, Node, Truth, fields_of, parse, parse_truth, parse_value
from ci_notes.template.course import Chart
from ci_notes.template.guidance import Rule, rule_condition

HEADER = "note"
"""The section whose elements stand at the top of a note: status, date, jurisdiction, kept findings."""

PARENT = "extended"
"""Where a narrative of ours stands among those of a template in which a pack replaces blocks of it."""


@dataclass(frozen=True)
class Suggestion:
    """What is suggested for an element: Python that computes it, or conditions, one for each of some `options`."""

    path: str
    source: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Extension:
    """What a pack adds to a template that is not its own: who, which version of it, and where its codes stand."""

    name: str
    title: str
    version: int
    canonical: str

    def __str__(self) -> str:
        return f"{self.title} ({self.build})"

    @property
    def build(self) -> str:
        """The part of a note's version that names the extension: hospital.1 in 0.2.0+hospital.1."""
        return f"{self.name}.{self.version}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Words of which, in one text, both can hardly be true; `#` stands for a number."""

    id: str
    one: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """Words that name elements in free text, beside their own titles."""

    say: tuple[str, ...]
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What is known of the words of free text, as `_rules/words.yaml` has it.

    `course` are words of a course of events, in which one may follow the other; `copied` are the elements whose change
    makes a text that did not change look copied forward; `lasting` are texts that may well stay the same.
    """

    pairs: tuple[Pair, ...] = ()
    course: tuple[str, ...] = ()
    means: tuple[Name, ...] = ()
    copied: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Template:
    """A note kind. Everything in it is plain data, read once; the sources are Python written from its conditions."""

    id: str
    title: str
    version: str
    status: str
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    document: Coding | None = None
    headings: Mapping[str, str] = field(default_factory=dict)
    compact: tuple[str, ...] = ()
    narratives: Mapping[str, str] = field(default_factory=dict)
    macros: Mapping[str, str] = field(default_factory=dict)
    skeleton: Mapping[str, Any] = field(default_factory=dict)
    profiled: frozenset[str] = frozenset()
    """Ids of elements and names of resources that our FHIR package has profiles of: what is as we declare it."""
    foreign: frozenset[str] = frozenset()
    words: Words = Words()
    chart: Chart = field(default_factory=Chart)
    computed: tuple[tuple[str, str], ...] = ()
    suggested: tuple[Suggestion, ...] = ()
    asked_source: str = ""
    required_source: str = ""
    rules_source: str = ""
    extension: Extension | None = None

    @property
    def programs(self) -> list[str]:
        """The sources that every check of a note runs."""
        return [self.rules_source, self.asked_source, self.required_source, *(source for _, source in self.computed)]

    def __repr__(self) -> str:
        return f"Template({self.id!r}, {self.version!r})"

    def __iter__(self) -> Iterator[Element]:
        for section in self.sections:
            yield from section

    @cached_property
    def elements(self) -> dict[str, Element]:
        """Every element by path, those inside rows included."""
        found: dict[str, Element] = {}
        for element in self:
            found[element.path] = element
            found.update((row.path, row) for row in element.rows)
        return found

    @cached_property
    def recorded(self) -> dict[str, dict[str, Element]]:
        """By section, the elements that a person records (the others are computed), by the name they have there."""
        return {
            section.name: {element.name: element for element in section if not element.computed}
            for section in self.sections
        }

    @cached_property
    def conditional(self) -> dict[str, Element]:
        """The elements that are asked under a condition, by path."""
        return {path: element for path, element in self.elements.items() if element.asked}

    @cached_property
    def asked_paths(self) -> tuple[str, ...]:
        """The elements of the conditions under which elements are asked, in their order."""
        return tuple(condition.key for condition in self.asked)

    @cached_property
    def required_paths(self) -> tuple[str, ...]:
        """The elements of the conditions under which elements are required, in their order."""
        return tuple(condition.key for condition in self.required)

    @cached_property
    def on_request(self) -> dict[str, tuple[Element, ...]]:
        """By section, the elements that are not always asked in turn, or have such among their rows."""
        found = {
            section.name: tuple(
                element for element in section if any(one.on_request or one.in_turn for one in (element, *element.rows))
            )
            for section in self.sections
        }
        return {name: elements for name, elements in found.items() if elements}

    @cached_property
    def bounded(self) -> tuple[Element, ...]:
        """The elements that have a usual range."""
        return tuple(element for element in self.elements.values() if element.usual is not None)

    @cached_property
    def texts(self) -> tuple[Element, ...]:
        """The elements that hold free text."""
        return tuple(element for element in self.elements.values() if element.kind == "text")

    @cached_property
    def bases(self) -> frozenset[str]:
        """The canonical addresses under which codes of this template's elements stand."""
        return frozenset({OURS, *(element.base for element in self.elements.values())})

    @cached_property
    def names(self) -> Names:
        """What this template's conditions may name."""
        return names(self.elements, self.facts)

    @cached_property
    def asked(self) -> tuple[Condition, ...]:
        """The conditions under which elements are asked, by path."""
        return tuple(_conditions(self.elements.values(), "asked", self.names))

    @cached_property
    def required(self) -> tuple[Condition, ...]:
        """The conditions under which elements must be recorded, by path."""
        return tuple(_conditions(self.elements.values(), "required", self.names))

    @cached_property
    def active_rules(self) -> tuple[Rule, ...]:
        """The rules that can fire, neither off nor held by the engine, in the order in which they were compiled."""
        return tuple(rule for rule in self.rules if not rule.off and not rule.held)

    @cached_property
    def prepared(self) -> dict[str, bytes]:
        """The code of its narratives, if the library kept some: compiling prose takes longer than rendering a note."""
        return {}

    @cached_property
    def _parsed(self) -> dict[str, Any]:
        """What has been parsed so far: conditions and origins are wanted again for every note."""
        return {}

    def condition(self, rule: Rule) -> Condition:
        """Return a rule's condition."""
        key = f"rule {rule.id}"
        if key not in self._parsed:
            self._parsed[key] = rule_condition(rule, self.names)
        found: Condition = self._parsed[key]
        return found

    def forget(self, rule: Rule) -> None:
        """Let go of a rule's condition until it is asked for again."""
        self._parsed.pop(f"rule {rule.id}", None)

    def places(self, rule: Rule) -> tuple[str, ...]:
        """Return the elements that a rule is about: those it says, else those its condition names."""
        key = f"places {rule.id}"
        if key not in self._parsed:
            named = [field_.path for field_ in fields_of(self.condition(rule).node)]
            self._parsed[key] = rule.at or tuple(path for path in named if path in self.elements)
        found: tuple[str, ...] = self._parsed[key]
        return found

    def truth(self, source: str, group: str = "") -> Truth:
        """Return a condition written in this template's names, or in those that stand in the rows of a group."""
        key = f"{group}: {source}" if group else source
        if key not in self._parsed:
            self._parsed[key] = parse_truth(source, self.names.within(group) if group else self.names)
        found: Truth = self._parsed[key]
        return found

    def origins(self, path: str) -> tuple[str, ...]:
        """Return the recorded elements that an element traces back to: itself, or what it is computed from."""
        key = f"origins {path}"
        if key not in self._parsed:
            self._parsed[key] = tuple(dict.fromkeys(self._origins(path)))
        found: tuple[str, ...] = self._parsed[key]
        return found

    def asked_of(self, path: str) -> tuple[str, ...]:
        """Return the elements on which it depends whether an element is asked."""
        key = f"asked {path}"
        if key not in self._parsed:
            nodes = [condition.node for condition in self.asked if condition.key == path]
            named = [field_.path for node in nodes for field_ in fields_of(node) if field_.path in self.elements]
            self._parsed[key] = tuple(dict.fromkeys(origin for one in named for origin in self.origins(one)))
        found: tuple[str, ...] = self._parsed[key]
        return found

    def _origins(self, path: str) -> Iterator[str]:
        element = self.elements[path]
        if not element.computed:
            yield path
            return
        for field_ in fields_of(parse_value(element.computed, self.names)):
            if not field_.row and field_.path in self.elements:
                yield from self._origins(field_.path)

    def section(self, name: str) -> Section | None:
        """Return a section by name."""
        return next((section for section in self.sections if section.name == name), None)


def names(elements: Mapping[str, Element], facts: Mapping[str, str]) -> Names:
    """Return the names of a template, each fact parsed with those before it."""
    parsed: dict[str, Node] = {}
    for name, source in facts.items():
        parsed[name] = parse(source, Names(elements, parsed))
    return Names(elements, parsed)


def _conditions(elements: Iterable[Element], what: str, known: Names) -> Iterator[Condition]:
    for element in elements:
        source = getattr(element, what)
        if not source:
            continue
        here = known.within(element.group) if element.group else known
        try:
            node = parse_truth(source, here)
        except ExpressionError as error:
            raise TemplateError(f"{element.path}, {what}: {error}") from None
        yield Condition(element.path, node, element.group, undecided=what == "asked")
