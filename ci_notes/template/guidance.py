"""What guidelines say of notes: the documents, where they differ, and the rules that rest on them."""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ci_notes.errors import ExpressionError, TemplateError
from ci_notes.expression import EARLIER, Condition, Names, UnknownNameError, parse_truth


@dataclass(frozen=True)
class Source:
    """A document that a rule rests on, as listed in `_rules/sources.yaml`."""

    key: str
    cite: str
    document: str
    year: int | None
    seen: str = ""

    @property
    def dated(self) -> str:
        """How it is cited, with its year where its short name lacks one."""
        return self.cite if self.year is None or str(self.year) in self.cite else f"{self.cite} ({self.year})"


@dataclass(frozen=True)
class Position:
    """What the guidelines of some jurisdictions say where others say something else."""

    jurisdictions: tuple[str, ...]
    says: str
    sources: tuple[Source, ...]
    grade: str

    def __str__(self) -> str:
        return f"{', '.join(self.jurisdictions)}: {self.says} · {cited(self.sources, self.grade)}"


@dataclass(frozen=True)
class Rule:
    """One check as data: when it fires, what it says, on whose authority, and examples that show it.

    A rule that the engine itself holds never fires; `held` says where and how it is held, in place of `when`,
    `message` and `examples`. `templates` restricts it to some note kinds. `positions` are what guidelines say
    side by side where they differ. `pack` is the extension that added the rule; `off_by` the one that switched it off,
    `changed` what an extension did to its severity, and why.
    """

    id: str
    name: str
    severity: str
    category: str
    grade: str
    statement: str
    why: str
    when: str = ""
    message: str = ""
    examples: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    where: str = ""
    jurisdictions: tuple[str, ...] = ()
    positions: tuple[Position, ...] = ()
    templates: tuple[str, ...] = ()
    each: str = ""
    at: tuple[str, ...] = ()
    contraindication: bool = False
    off: str = ""
    held: str = ""
    reviewed: Mapping[str, Any] = field(default_factory=dict)
    pack: str = ""
    off_by: str = ""
    changed: str = ""

    @property
    def shown_undecided(self) -> bool:
        """Whether it is a finding that the recorded facts cannot decide this rule."""
        return self.severity == "error" or self.contraindication

    @property
    def citation(self) -> str:
        """The source as printed with a finding, with how far it was seen."""
        return cited(self.sources, self.grade, self.where)

    def positions_for(self, jurisdiction: str) -> tuple[str, ...]:
        """Return what the guidelines say side by side, those of a jurisdiction first."""
        ordered = sorted(self.positions, key=lambda one: jurisdiction not in one.jurisdictions)
        return tuple(map(str, ordered))


GRADES = {
    "V1": "seen in the source's own text",
    "V2": "as summarised by a secondary source",
    "V3": "unconfirmed secondary source",
    "U": "unverified",
    "D": "data quality",
}
"""How a rule's authority is worded, by evidence grade (guidelines §0)."""


def cited(sources: tuple[Source, ...], grade: str, where: str = "") -> str:
    """Return sources as printed, with the place in them and how far they were seen."""
    if grade == "D" or not sources:
        return GRADES[grade]
    place = f", {where}" if where else ""
    return f"{'; '.join(source.dated for source in sources)}{place} ({GRADES[grade]})"


def rule_condition(rule: Rule, known: Names) -> Condition:
    """Return a rule's condition, checked against a template's names."""
    if rule.each and rule.each not in known.elements:
        raise UnknownNameError("element", rule.each, known.elements)
    if rule.each and known.elements[rule.each].kind != "group":
        raise ExpressionError(f"«{rule.each}» does not repeat")
    here = known.with_earlier().within(rule.each)
    node = parse_truth(rule.when, here)
    return Condition(rule.id, node, rule.each, rule.jurisdictions, undecided=rule.shown_undecided)


def message_paths(rule: Rule) -> list[str]:
    """Return the elements whose values a rule's message prints, written {section.element} or {row.element}.

    {earlier.section.element:date} prints the date of the note that an earlier value is from.
    """
    try:
        parts = [(name, form) for _, name, form, _ in string.Formatter().parse(rule.message) if name is not None]
    except ValueError as error:
        raise TemplateError(f"rule {rule.id}, message: {error}") from None
    for name, form in parts:
        if form and (form != "date" or not name.startswith(EARLIER)):
            raise TemplateError(f"rule {rule.id}, message: «{name}:{form}»; write {{{EARLIER}section.element:date}}")
    named = [name for name, _ in parts]
    return [f"{rule.each}.{name.removeprefix('row.')}" if name.startswith("row.") else name for name in named]
