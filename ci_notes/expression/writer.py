"""Writes conditions as Python: for each, what makes it surely true and what makes it surely false."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ci_notes.dating import Span
from ci_notes.errors import ExpressionError
from ci_notes.expression.names import INPUTS
from ci_notes.expression.nodes import (
    Always,
    And,
    Arithmetic,
    Choose,
    Compare,
    Differs,
    Elapsed,
    Field,
    FirstKnown,
    Formula,
    Is,
    Node,
    Not,
    Number,
    OneOf,
    Or,
    OverRows,
    States,
    Truth,
    Yes,
)
from ci_notes.expression.spans import CALLABLE

_ROW = re.compile(r"\b[svq]\d+r")
"""A local that holds a value of the row at hand."""

_ARITHMETIC = {"*": "times", "/": "divided", "round": "rounded", "abs": "absolute"}


class _Writer:
    """Writes a node as Python source; a value is loaded into a local the first time it is needed."""

    def __init__(self) -> None:
        self.loads: dict[tuple[str, str, bool], str] = {}
        self.pairs: list[str] = []

    def load(self, what: str, field: Field) -> str:
        key = (what, field.path, field.row)
        return self.loads.setdefault(key, f"{what}{len(self.loads)}{'r' if field.row else ''}")

    def prologue(self, row: bool, indent: str) -> list[str]:
        lines = []
        for (what, path, of_row), name in self.loads.items():
            if of_row != row:
                continue
            record = "row" if of_row else "note"
            if what == "s":
                lines.append(f"{indent}{name}_lo, {name}_hi = {record}.spans.get({path!r}, UNKNOWN)")
            elif what == "v":
                lines.append(f"{indent}{name} = {record}.values.get({path!r})")
            else:
                lines.append(f"{indent}{name} = {record}.state({path!r})")
        return lines

    # surely true and surely false

    def truth(self, node: Truth) -> tuple[str, str]:
        match node:
            case Always(value):
                return str(value), str(not value)
            case And(parts):
                pairs = [self.truth(part) for part in parts]  # type: ignore[arg-type]
                return _join(" and ", [t for t, _ in pairs]), _join(" or ", [f for _, f in pairs])
            case Or(parts):
                pairs = [self.truth(part) for part in parts]  # type: ignore[arg-type]
                return _join(" or ", [t for t, _ in pairs]), _join(" and ", [f for _, f in pairs])
            case Not(part):
                true, false = self.truth(part)  # type: ignore[arg-type]
                return false, true
            case OneOf(field, values):
                return self._one_of(field, values)
            case Is() | Differs():
                return self._recorded(node)
            case Compare(op, left, right):
                return self._compare(op, self.span(left), self.span(right))

    def _yes(self, field: Field, asked: Truth | None) -> tuple[str, str]:
        name = self.load("v", field)
        if asked is None:
            return f"({name} is True)", f"({name} is not False)"
        _, inapplicable = self.truth(asked)
        return f"({name} is True)", f"({name} is True or ({name} is None and not ({inapplicable})))"

    def _one_of(self, field: Field, values: tuple[str | bool, ...]) -> tuple[str, str]:
        name = self.load("v", field)
        if field.kind == "boolean":
            wanted = values[0]
            return f"{name} is {wanted}", f"{name} is {not wanted}"
        if field.kind == "choices":
            hit = _join(" or ", [f"{value!r} in {name}" for value in values])
            return f"({name} is not None and {hit})", f"({name} is not None and not {hit})"
        if len(values) == 1:
            return f"{name} == {values[0]!r}", f"({name} is not None and {name} != {values[0]!r})"
        return f"{name} in {values!r}", f"({name} is not None and {name} not in {values!r})"

    def _recorded(self, node: Is | Differs) -> tuple[str, str]:
        if isinstance(node, Is):
            return self._is(node.state, node.field)
        one, other = self.load("v", node.left), self.load("v", node.right)
        both = f"{one} is not None and {other} is not None"
        return f"({both} and {one} != {other})", f"({both} and {one} == {other})"

    def _is(self, state: str, field: Field) -> tuple[str, str]:
        if state == "exact":
            name = self.load("s", field)
            return f"{name}_lo == {name}_hi", f"{name}_lo != {name}_hi"
        name = self.load("q", field)
        return f"{name} == {state!r}", f"{name} != {state!r}"

    def _compare(self, op: str, left: tuple[str, str], right: tuple[str, str]) -> tuple[str, str]:
        (a_lo, a_hi), (b_lo, b_hi) = left, right
        if op == "<":
            return f"{a_hi} < {b_lo}", f"{a_lo} >= {b_hi}"
        if op == "<=":
            return f"{a_hi} <= {b_lo}", f"{a_lo} > {b_hi}"
        if op == ">":
            return f"{a_lo} > {b_hi}", f"{a_hi} <= {b_lo}"
        if op == ">=":
            return f"{a_lo} >= {b_hi}", f"{a_hi} < {b_lo}"
        same, apart = f"{a_lo} == {a_hi} == {b_lo} == {b_hi}", f"({a_hi} < {b_lo} or {b_hi} < {a_lo})"
        return (same, apart) if op == "==" else (apart, same)

    # lowest and highest value

    def span(self, node: Node) -> tuple[str, str]:
        match node:
            case Number(value):
                return repr(value), repr(value)
            case Field():
                name = self.load("s", node)
                return f"{name}_lo", f"{name}_hi"
            case Arithmetic(op, left, right, _):
                return self._arithmetic(op, self.span(left), self.span(right))
            case FirstKnown(options, _):
                pairs = ", ".join(f"({lo}, {hi})" for lo, hi in map(self.span, options))
                return self._pair(f"first_known({pairs})")
            case Choose(condition, yes, no, _):
                return self._choose(condition, self.span(yes), self.span(no))
            case Formula() | Elapsed() | OverRows():
                return self._pair(self._call(node))
            case States(state, fields):
                total = " + ".join(f"({self.load('q', field)} == {state!r})" for field in fields)
                return f"({total})", f"({total})"
            case Yes(fields, asked):
                each = [self._yes(field, condition) for field, condition in zip(fields, asked, strict=True)]
                return f"({' + '.join(one for one, _ in each)})", f"({' + '.join(other for _, other in each)})"
        raise ExpressionError(f"a {type(node).__name__.lower()} has no order")

    def _call(self, node: Formula | Elapsed | OverRows) -> str:
        match node:
            case Formula(field, part):
                return f"formula({self.load('v', field)}, {part!r})"
            case Elapsed(later, earlier, unit):
                return f"elapsed({self.load('v', later)}, {self.load('v', earlier)}, {unit!r})"
            case OverRows():
                return self._over_rows(node)

    def _arithmetic(self, op: str, left: tuple[str, str], right: tuple[str, str]) -> tuple[str, str]:
        (a, b), (c, d) = left, right
        if op == "+":
            return f"({a} + {c})", f"({b} + {d})"
        if op == "-":
            return f"({a} - {d})", f"({b} - {c})"
        return self._pair(f"{_ARITHMETIC[op]}({a}, {b}, {c}, {d})")

    def _choose(self, condition: Truth, yes: tuple[str, str], no: tuple[str, str]) -> tuple[str, str]:
        true, false = self.truth(condition)
        (a, b), (c, d) = yes, no
        low, high = f"lower({true}, {false}, {a}, {c})", f"higher({true}, {false}, {b}, {d})"
        # What belongs to a row cannot be computed before the rows are gone through, so it stands where it is used.
        return (low, high) if _ROW.search(low) or _ROW.search(high) else self._pair(f"{low}, {high}")

    def _pair(self, call: str) -> tuple[str, str]:
        """Compute a pair once, before the conditions that use it, in the order in which they need one another."""
        if _ROW.search(call.partition("lambda")[0]):
            raise ExpressionError("a row can be compared, added to and counted, nothing more")
        for index, line in enumerate(self.pairs):
            if line.endswith(f" = {call}"):
                return f"h{index}_lo", f"h{index}_hi"
        name = f"h{len(self.pairs)}"
        self.pairs.append(f"{name}_lo, {name}_hi = {call}")
        return f"{name}_lo", f"{name}_hi"

    def _over_rows(self, node: OverRows) -> str:
        inner = _Writer()
        if node.each is None:
            body = "(True, False)"
        elif node.op == "count":
            body = "({}, {})".format(*inner.truth(node.each))  # type: ignore[arg-type]
        else:
            body = "({}, {})".format(*inner.span(node.each))
        if inner.pairs or any(not row for _, _, row in inner.loads):
            raise ExpressionError("inside the brackets, only the row's own elements can be used")
        for (what, path, _), name in inner.loads.items():
            body = _inline(body, what, path, name)
        return f"{node.op}_rows(note.rows.get({node.group!r}), lambda row: {body})"


def _inline(body: str, what: str, path: str, name: str) -> str:
    if what == "s":
        source = f"row.spans.get({path!r}, UNKNOWN)"
        return body.replace(f"{name}_lo", f"{source}[0]").replace(f"{name}_hi", f"{source}[1]")
    source = f"row.values.get({path!r})" if what == "v" else f"row.state({path!r})"
    return body.replace(name, source)


def _join(word: str, parts: list[str]) -> str:
    return f"({word.join(parts)})"


@dataclass(frozen=True)
class Condition:
    """A condition to be compiled: a key to report it by, and the group of which each row is tested, if any."""

    key: str
    node: Truth
    each: str = ""
    jurisdictions: tuple[str, ...] = ()


def write_conditions(conditions: list[Condition]) -> str:
    """Return Python source of one function that evaluates all conditions on a record.

    The function takes `note` (values, spans, state and rows), and a list that receives (index, row, True) for each
    condition that holds and (index, row, None) for each that the recorded facts cannot decide.
    """
    writer, body = _Writer(), []
    by_group: dict[str, list[tuple[int, Condition]]] = {}
    for index, condition in enumerate(conditions):
        if condition.each:
            by_group.setdefault(condition.each, []).append((index, condition))
        else:
            body += _report(writer, index, condition, "    ", "None")
    for group, members in by_group.items():
        rows: list[str] = []
        for index, condition in members:
            rows += _report(writer, index, condition, "        ", "row")
        body += [f"    for row in note.rows.get({group!r}, ()):", *writer.prologue(True, "        "), *rows]
    head = ["def conditions(note, out):", *writer.prologue(False, "    ")]
    return "\n".join([*head, *(f"    {line}" for line in writer.pairs), *body, "    return out", ""])


def _report(writer: _Writer, index: int, condition: Condition, indent: str, row: str) -> list[str]:
    true, false = writer.truth(condition.node)
    lines = [
        f"{indent}if {true}: out.append(({index}, {row}, True))",
        f"{indent}elif not {_join('', [false])}: out.append(({index}, {row}, None))",
    ]
    if not condition.jurisdictions:
        return lines
    place = writer.load("v", INPUTS["jurisdiction"])
    return [f"{indent}if {place} in {condition.jurisdictions!r}:", *("    " + line for line in lines)]


def compile_conditions(source: str) -> Callable[[Any, list[Any]], list[tuple[int, Any, bool | None]]]:
    """Return the function that `write_conditions` wrote."""
    names = dict(CALLABLE)
    exec(compile(source, "<conditions>", "exec"), names)  # noqa: S102  our own writer's output, from checked nodes
    function: Callable[[Any, list[Any]], list[tuple[int, Any, bool | None]]] = names["conditions"]
    return function


def write_value(node: Node) -> str:
    """Return Python source of a function of `note` that computes a span."""
    writer = _Writer()
    low, high = writer.span(node)
    lines = [*writer.prologue(False, "    "), *(f"    {line}" for line in writer.pairs)]
    return "\n".join(["def value(note):", *lines, f"    return {low}, {high}", ""])


def compile_value(source: str) -> Callable[[Any], Span]:
    """Return the function that `write_value` wrote."""
    names = dict(CALLABLE)
    exec(compile(source, "<value>", "exec"), names)  # noqa: S102  our own writer's output, from checked nodes
    function: Callable[[Any], Span] = names["value"]
    return function
