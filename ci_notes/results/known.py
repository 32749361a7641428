"""What results say of a template, worked out once: its rules, which of them were reviewed, and which set they are."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from ci_notes import expression
from ci_notes.checks import BUILT_IN
from ci_notes.template import Rule, Template, message_paths


@dataclass(frozen=True)
class Known:
    """A template, and what results say of it."""

    template: Template

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules that can fire, by id."""
        return {rule.id: rule for rule in self.template.active_rules}

    @cached_property
    def not_reviewed(self) -> int:
        """How many of them no clinician has reviewed."""
        return sum(1 for rule in self.rules.values() if not rule.reviewed.get("by"))

    @cached_property
    def identifying(self) -> tuple[str, ...]:
        """The paths of elements that identify somebody."""
        return tuple(path for path, element in self.template.elements.items() if element.identifying)

    @cached_property
    def printing(self) -> frozenset[str]:
        """The rules whose messages print such an element."""
        found = (rule for rule in self.rules.values() if not set(self.identifying).isdisjoint(_printed(rule)))
        return frozenset(rule.id for rule in found)

    @cached_property
    def rule_set(self) -> str:
        """Twelve hexadecimal digits that change when what can be found does, and not when it is worded anew."""
        parts = [
            *sorted(map(_of_rule, self.rules.values())),
            *sorted([one.id, one.severity, one.category] for one in BUILT_IN.values()),
            *sorted([name, source] for name, source in self.template.facts.items()),
            *sorted(
                [
                    element.path,
                    element.required,
                    element.asked,
                    element.computed,
                    repr(element.usual),
                    repr(element.shape),
                ]
                for element in self.template.elements.values()
            ),
        ]
        return blake2b(repr(parts).encode(), digest_size=6).hexdigest()


def _printed(rule: Rule) -> set[str]:
    return {path.removeprefix(expression.EARLIER) for path in message_paths(rule)}


def _of_rule(rule: Rule) -> list[Any]:
    """Return what of a rule decides what it finds, and on whose authority; its words and its review do not."""
    sources = [(source.key, source.year) for source in rule.sources]
    positions = [(one.jurisdictions, [source.key for source in one.sources], one.grade) for one in rule.positions]
    return [
        rule.id, rule.severity, rule.category, rule.when, rule.each, rule.at, rule.jurisdictions, rule.templates,
        rule.contraindication, rule.grade, rule.where, sources, positions,
    ]  # fmt: skip


_KNOWN: dict[int, Known] = {}


def known(template: Template) -> Known:
    """Return what results say of a template; by which one it is, since hashing one costs more than checking a note."""
    held = _KNOWN.get(id(template))
    if held is None or held.template is not template:
        held = _KNOWN[id(template)] = Known(template)
    return held
