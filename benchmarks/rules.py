"""All rules of the assessment on one complete note, beside the same rules as Jinja expressions compiled one by one.

Bound: under 0.05 ms on one core. Jinja cannot count rows with a condition, so it is given those counts for nothing, and
unknown values fail its comparisons; it answers less, and still it is the peer that a rule author would reach for.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, UndefinedError

from benchmarks.measuring import in_process
from ci_notes import dating, derive, expression, load_template
from ci_notes.derive import Note
from ci_notes.template import Rule, Template

ROOT = Path(__file__).parents[1]
NOTE = ROOT / "templates/assessment/examples/complete.note.json"
BOUND = 0.05
_COUNTED = re.compile(r"\b(?:count|min|max|sum|formula|yes|known|untouched|says|mentions|hours|minutes|differs)\(")


def _without_counts(source: str) -> str:
    """Return a condition in which each call over rows, words or states is a number."""
    while found := _COUNTED.search(source):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(source[end], 0)
            end += 1
        source = f"{source[: found.start()]}1{source[end:]}"
    return source


def _jinja(template: Template, rules: list[Rule]) -> list[Callable[..., Any]]:
    """Return the conditions as Jinja expressions, facts written out."""
    environment = Environment(undefined=ChainableUndefined, autoescape=False)
    environment.globals["weeks"] = dating.days
    environment.globals["first_known"] = lambda *options: next((one for one in options if one is not None), None)
    environment.globals["abs"] = abs
    environment.globals["round"] = round
    for state in ("known", "absent", "untouched", "exact"):
        environment.tests[state] = lambda value, state=state: (value is not None) == (state in ("known", "exact"))
    compiled = []
    for rule in rules:
        source = rule.when
        for _ in range(6):
            source = re.sub(r"facts\.([a-z0-9_]+)", lambda one: f"({template.facts[one[1]]})", source)
        compiled.append(environment.compile_expression(_without_counts(source)))
    return compiled


def _context(note: Note) -> dict[str, Any]:
    """Return a note's values by section, ordered ones as numbers."""
    context: dict[str, Any] = {name: note.record.values.get(name) for name in ("jurisdiction", "today")}
    for path in note.template.elements:
        section, _, name = path.partition(".")
        span, value = note.record.spans.get(path), note.record.values.get(path)
        context.setdefault(section, {})[name] = span[0] if span else value
        context.setdefault("earlier", {}).setdefault(section, {})[name] = None
    context["row"] = {}
    return context


def _each(expressions: list[Callable[..., Any]], context: dict[str, Any]) -> int:
    fired = 0
    for one in expressions:
        try:
            fired += bool(one(**context))
        except (TypeError, UndefinedError):  # something unknown was compared
            continue
    return fired


def main() -> int:
    template = load_template("assessment")
    note = derive.note(template, json.loads(NOTE.read_text()))
    rules = list(template.active_rules)
    ours = expression.compile_conditions(template.rules_source)
    expressions, context = _jinja(template, rules), _context(note)
    found = in_process(
        {
            f"{len(rules)} rules, one function": lambda: ours(note.record, []),
            f"{len(expressions)} Jinja expressions": lambda: _each(expressions, context),
        },
        seconds=3,
        of=min,  # what else the machine does must not count against a bound this small
    )
    (own, peer) = found.values()
    for name, milliseconds in found.items():
        print(f"{milliseconds:8.4f} ms  {milliseconds / peer:6.3f} x Jinja  {name}")
    if own >= BOUND:
        print(f"  OVER the bound of {BOUND} ms")
    return int(own >= BOUND)


if __name__ == "__main__":
    sys.exit(main())
