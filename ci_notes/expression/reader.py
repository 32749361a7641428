"""Reads conditions: Jinja's syntax, a closed set of nodes, names and types checked while a template loads."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from math import isfinite

from jinja2 import Environment, TemplateSyntaxError, nodes

from ci_notes import dating, parity
from ci_notes.element import Element
from ci_notes.errors import ExpressionError
from ci_notes.expression.names import EARLIER, INPUTS, JURISDICTIONS, TEXTS, Names, UnknownNameError, nearest
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
    Ordered,
    OverRows,
    Says,
    States,
    Text,
    Truth,
    Yes,
)
from ci_notes.expression.units import common_unit, dimension_of, name_of, result_unit, same_unit, unit_of
from ci_notes.kinds import SPANS

_PARSER = Environment(autoescape=False)  # noqa: S701  nothing is rendered with it, it only parses
_SYMBOLS = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "eq": "==", "ne": "!="}
_SHOWN = 200
"""Characters of a condition that a message shows; few conditions are longer."""

_STATES = ("known", "absent", "untouched", "exact")


def parse(source: str, names: Names) -> Node:
    """Return the checked form of a condition or computation; raises ExpressionError with a sentence."""
    try:
        body = _body(source)
    except TemplateSyntaxError as error:
        raise ExpressionError(f"cannot read «{_short(source)}»: {error}") from error
    except RecursionError:
        raise ExpressionError(f"cannot read «{_short(source)}»: it is nested too deeply") from None
    except ValueError:  # Python reads no number of thousands of digits
        raise ExpressionError(f"cannot read «{_short(source)}»: it holds a number of too many digits") from None
    if len(body) != 1 or not isinstance(body[0], nodes.Output) or len(body[0].nodes) != 1:
        raise ExpressionError(f"cannot read «{_short(source)}»: write one condition, without braces")
    try:
        return _Reader(names).node(body[0].nodes[0])
    except UnknownNameError as error:
        raise UnknownNameError(error.what, error.name, error.known, within=_short(source)) from None
    except ExpressionError as error:
        raise ExpressionError(f"{error} in «{_short(source)}»") from None
    except RecursionError:
        raise ExpressionError(f"cannot read «{_short(source)}»: it is nested too deeply") from None


def _short(source: str) -> str:
    return source if len(source) <= _SHOWN else f"{source[:_SHOWN]}…"


@lru_cache(maxsize=4096)  # templates share most of their conditions; what is made of the nodes is made anew each time
def _body(source: str) -> list[nodes.Node]:
    return _PARSER.parse("{{ " + source + " }}").body


def parse_truth(source: str, names: Names) -> Truth:
    """Return the checked form of a condition, which must be something that holds or does not."""
    node = parse(source, names)
    return _as_truth(node, source)


def parse_value(source: str, names: Names) -> Node:
    """Return the checked form of a computation, which must give a number, a date, days or a length."""
    node = parse(source, names)
    if not isinstance(node, Ordered):
        raise ExpressionError(f"«{source}» gives a condition where a value is wanted")
    return node


class _Reader:
    """Turns Jinja's nodes into ours; one method a kind of node, so that what is not listed cannot be written."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def node(self, tree: nodes.Node) -> Node:
        method = getattr(self, f"_{type(tree).__name__.lower()}", None)
        if method is None:
            raise ExpressionError(f"a {type(tree).__name__} cannot be used here")
        result: Node = method(tree)
        return result

    def truth(self, tree: nodes.Node) -> Truth:
        return _as_truth(self.node(tree), "a part")

    def ordered(self, tree: nodes.Node) -> Ordered:
        node = self.node(tree)
        if not isinstance(node, Ordered) or (isinstance(node, Field) and node.kind not in SPANS):
            raise ExpressionError(f"{name_of(node)} is not a number, date or gestational age")
        return node

    def field(self, tree: nodes.Node) -> Field:
        node = self.node(tree)
        if not isinstance(node, Field):
            raise ExpressionError("the name of an element is wanted here")
        return node

    def _const(self, tree: nodes.Const) -> Node:
        value = tree.value
        if isinstance(value, bool):
            return Always(value)
        if isinstance(value, int | float) and isfinite(value):
            return Number(value)
        if isinstance(value, str):
            return Text(value)
        raise ExpressionError(f"{value!r} cannot be used here")

    def _name(self, tree: nodes.Name) -> Node:
        if tree.name in TEXTS and not self.names.earlier:
            raise ExpressionError(f"«{tree.name}»: only a rule can look at it")
        if tree.name in INPUTS:
            return INPUTS[tree.name]
        raise ExpressionError(f"«{tree.name}» is not known; elements are written section.element")

    def _getattr(self, tree: nodes.Getattr) -> Node:
        path = _dotted(tree)
        if path.startswith("facts."):
            name = path.removeprefix("facts.")
            if name not in self.names.facts:
                raise UnknownNameError("fact", name, self.names.facts)
            return self.names.facts[name]
        if path.startswith("row."):
            if not self.names.group:
                raise ExpressionError(f"«{path}» has no row here")
            return self._element(f"{self.names.group}.{path.removeprefix('row.')}", row=True)
        return self._earlier(path) if path.startswith(EARLIER) else self._element(path, row=False)

    def _earlier(self, path: str) -> Field:
        if not self.names.earlier:
            raise ExpressionError(f"«{path}»: only a rule can look at the earlier note")
        own = path.removeprefix(EARLIER)
        element = self.names.element(path)
        if element is not None and (element.group or element.kind == "group"):
            group = f"{EARLIER}{element.group or own}"
            raise ExpressionError(f"«{path}»: rows of the earlier note can only be counted: count({group}, ...)")
        return replace(self._element(own, row=False), path=path)

    def _element(self, path: str, row: bool) -> Field:
        element = self.names.elements.get(path)
        if element is None:
            raise UnknownNameError("element", path, self.names.elements)
        if element.group and not row:
            raise ExpressionError(f"«{path}» is in a repeating group: count({element.group}, row.{element.name} ...)")
        return Field(path, element.kind, dimension_of(element), row)

    def _compare(self, tree: nodes.Compare) -> Truth:
        if len(tree.ops) != 1:
            raise ExpressionError("compare two things at a time and join them with «and»")
        op, right = tree.ops[0].op, tree.ops[0].expr
        if op in ("in", "notin"):
            found = self._member(tree.expr, right)
            return found if op == "in" else Not(found)
        left_node, right_node = self.node(tree.expr), self.node(right)
        if isinstance(right_node, Text | Always) and op in ("eq", "ne"):
            value = right_node.value
            same = self._one_of(self.field(tree.expr), (value,))
            return same if op == "eq" else Not(same)
        self._comparable(left_node, right_node)
        return Compare(_SYMBOLS[op], left_node, right_node)

    def _comparable(self, left: Node, right: Node) -> None:
        for node in (left, right):
            if not isinstance(node, Ordered) or (isinstance(node, Field) and node.kind not in SPANS):
                raise ExpressionError(f"{name_of(node)} has no order and cannot be compared")
        same_unit(left, right)

    def _member(self, item: nodes.Expr, container: nodes.Expr) -> OneOf:
        if isinstance(container, nodes.List | nodes.Tuple):
            texts = [self.node(part) for part in container.items]
            if not texts or not all(isinstance(text, Text) for text in texts):
                raise ExpressionError("a list here holds quoted options")
            return self._one_of(self.field(item), tuple(text.value for text in texts if isinstance(text, Text)))
        text, field = self.node(item), self.field(container)
        if not isinstance(text, Text) or field.kind != "choices":
            raise ExpressionError("write 'option' in element, for an element with several answers")
        return self._one_of(field, (text.value,))

    def _one_of(self, field: Field, values: tuple[str | bool, ...]) -> OneOf:
        element = self.names.element(field.path)
        if field.kind == "boolean":
            if not all(isinstance(value, bool) for value in values):
                raise ExpressionError(f"«{field.path}» is yes or no")
        elif field.kind not in ("choice", "choices", "text"):
            raise ExpressionError(f"«{field.path}» is a {field.kind}, not a choice")
        else:
            known = [option.value for option in element.options] if element else [*JURISDICTIONS]
            for value in values:
                if isinstance(value, bool) and not known:
                    raise ExpressionError(f"«{field.path}» is not yes or no")
                if known and value not in known:
                    raise ExpressionError(f"«{value}» is not an option of {field.path} ({', '.join(known)})")
        return OneOf(field, values)

    def _and(self, tree: nodes.And) -> And:
        return And((self.truth(tree.left), self.truth(tree.right)))

    def _or(self, tree: nodes.Or) -> Or:
        return Or((self.truth(tree.left), self.truth(tree.right)))

    def _not(self, tree: nodes.Not) -> Not:
        return Not(self.truth(tree.node))

    def _test(self, tree: nodes.Test) -> Is:
        if tree.name not in _STATES:
            raise ExpressionError(f"«is {tree.name}» is not known; there are: {', '.join(_STATES)}")
        field = self.field(tree.node)
        if tree.name == "exact" and field.kind not in SPANS:
            raise ExpressionError(f"«is exact» is for numbers, dates and gestational ages, not {field.path}")
        return Is(tree.name, field)

    def _add(self, tree: nodes.Add) -> Arithmetic:
        return self._arithmetic("+", tree)

    def _sub(self, tree: nodes.Sub) -> Arithmetic:
        return self._arithmetic("-", tree)

    def _mul(self, tree: nodes.Mul) -> Arithmetic:
        return self._arithmetic("*", tree)

    def _div(self, tree: nodes.Div) -> Arithmetic:
        return self._arithmetic("/", tree)

    def _neg(self, tree: nodes.Neg) -> Ordered:
        node = self.node(tree.node)
        if isinstance(node, Number):
            return Number(-node.value)
        raise ExpressionError("write a difference instead of a minus sign before a name")

    def _arithmetic(self, op: str, tree: nodes.BinExpr) -> Arithmetic:
        left, right = self.ordered(tree.left), self.ordered(tree.right)
        return Arithmetic(op, left, right, result_unit(op, left, right))

    def _condexpr(self, tree: nodes.CondExpr) -> Choose:
        if tree.expr2 is None:
            raise ExpressionError("say also what it is otherwise: a if condition else b")
        condition, yes, no = self.truth(tree.test), self.ordered(tree.expr1), self.ordered(tree.expr2)
        return Choose(condition, yes, no, common_unit(yes, no))

    def _call(self, tree: nodes.Call) -> Node:
        if not isinstance(tree.node, nodes.Name) or tree.kwargs or tree.dyn_args or tree.dyn_kwargs:
            raise ExpressionError("only the functions of the language can be called")
        function = _FUNCTIONS.get(tree.node.name)
        if function is None:
            raise ExpressionError(f"there is no function «{tree.node.name}»{nearest(tree.node.name, _FUNCTIONS)}")
        return function(self, tree.args)

    def weeks(self, args: list[nodes.Expr]) -> Number:
        """weeks(24, 0): a gestational age or a stretch of time, in days."""
        values = [self.node(arg) for arg in args]
        if not 1 <= len(values) <= 2 or not all(isinstance(value, Number) for value in values):
            raise ExpressionError("write weeks(24) or weeks(24, 3)")
        return Number(dating.days(*(int(value.value) for value in values if isinstance(value, Number))))

    def first_known(self, args: list[nodes.Expr]) -> FirstKnown:
        """first_known(a, b): a if it is recorded, otherwise b."""
        if not args:
            raise ExpressionError("write first_known(a, b)")
        options = tuple(self.ordered(arg) for arg in args)
        for option in options[1:]:
            same_unit(options[0], option)
        return FirstKnown(options, unit_of(options[0]) or "")

    def absolute(self, args: list[nodes.Expr]) -> Arithmetic:
        """abs(x): how far from zero."""
        (value,) = self._exactly(1, args, "abs(a - b)")
        return Arithmetic("abs", self.ordered(value), Number(0), unit_of(self.ordered(value)) or "")

    def rounded(self, args: list[nodes.Expr]) -> Arithmetic:
        """round(x): to the nearest whole number, halves up."""
        (value,) = self._exactly(1, args, "round(x)")
        return Arithmetic("round", self.ordered(value), Number(0), unit_of(self.ordered(value)) or "")

    def count(self, args: list[nodes.Expr]) -> OverRows:
        """count(group) or count(group, condition on row.x): how many rows."""
        group = self._group(args, 2)
        inside = self._inside(group)
        return OverRows("count", group, inside.truth(args[1]) if len(args) == 2 else None, "")

    def least(self, args: list[nodes.Expr]) -> OverRows:
        """min(group, row.x): the least recorded value."""
        return self._extreme("min", args)

    def greatest(self, args: list[nodes.Expr]) -> OverRows:
        """max(group, row.x): the greatest recorded value."""
        return self._extreme("max", args)

    def total(self, args: list[nodes.Expr]) -> OverRows:
        """sum(group, row.x): all recorded values together."""
        return self._extreme("sum", args)

    def formula(self, args: list[nodes.Expr]) -> Formula:
        """formula(text, 'gravida'): a part of the obstetric formula written there; 'readable' is 1 or 0."""
        text, part = map(self.node, self._exactly(2, args, "formula(element, 'gravida')"))
        if not isinstance(text, Field) or text.kind != "text" or not isinstance(part, Text):
            raise ExpressionError("write formula(element, 'gravida') for an element that holds text")
        if part.value not in parity.PARTS:
            listed = ", ".join(parity.PARTS)
            raise ExpressionError(f"a formula has no part «{part.value}»{nearest(part.value, parity.PARTS)} ({listed})")
        return Formula(text, part.value)

    def differs(self, args: list[nodes.Expr]) -> Differs:
        """differs(a, earlier.a): both are recorded, and not the same."""
        one, other = (self.field(arg) for arg in self._exactly(2, args, "differs(a, earlier.a)"))
        if one.kind == "group" or (one.kind, one.unit) != (other.kind, other.unit):
            raise ExpressionError(f"{name_of(one)} and {name_of(other)} do not record the same kind of thing")
        return Differs(one, other)

    def hours(self, args: list[nodes.Expr]) -> Elapsed:
        """hours(later, earlier): the time between two moments."""
        return self._elapsed(args, "h", "hours(later, earlier)")

    def minutes(self, args: list[nodes.Expr]) -> Elapsed:
        """minutes(later, earlier): the time between two moments."""
        return self._elapsed(args, "min", "minutes(later, earlier)")

    def _elapsed(self, args: list[nodes.Expr], unit: str, example: str) -> Elapsed:
        later, earlier = (self.field(arg) for arg in self._exactly(2, args, example))
        for field in (later, earlier):
            if field.kind != "datetime":
                raise ExpressionError(f"«{field.path}» is a {field.kind}; {example} wants two dates with their time")
        return Elapsed(later, earlier, unit)

    def untouched(self, args: list[nodes.Expr]) -> States:
        """untouched(a, b, c): how many of these nobody has answered in any way."""
        return self._states("untouched", args)

    def known(self, args: list[nodes.Expr]) -> States:
        """known(a, b, c): how many of these have a recorded value."""
        return self._states("known", args)

    def yes(self, args: list[nodes.Expr]) -> Yes:
        """yes(section): how many of the yes/no elements of a section were answered yes."""
        (section,) = self._exactly(1, args, "yes(section)")
        if not isinstance(section, nodes.Name):
            raise ExpressionError("write yes(section), with the name of a section")
        within = f"{section.name}."
        answers = [one for path, one in self.names.elements.items() if path.startswith(within) and not one.group]
        found = tuple(Field(one.path, one.kind, "") for one in answers if one.kind == "boolean")
        if not found:
            raise UnknownNameError("section with yes/no elements", section.name, {})
        return Yes(found, tuple(self._applies(one) for one in answers if one.kind == "boolean"))

    def says(self, args: list[nodes.Expr]) -> Says:
        """says(text, 'phrase', ...): one of the phrases stands there and is not negated in its sentence."""
        return self._phrases("says", args)

    def mentions(self, args: list[nodes.Expr]) -> Says:
        """mentions(text, 'phrase', ...): one of the phrases stands there, negated or not."""
        return self._phrases("mentions", args)

    def _phrases(self, name: str, args: list[nodes.Expr]) -> Says:
        nodes_ = [self.node(arg) for arg in args]
        field, phrases = nodes_[:1], [node.value for node in nodes_[1:] if isinstance(node, Text)]
        if not phrases or len(phrases) != len(nodes_) - 1 or not all(any(map(str.isalnum, one)) for one in phrases):
            raise ExpressionError(f"write {name}(text, 'phrase', 'other phrase')")
        if not isinstance(field[0], Field) or field[0].kind != "text":
            raise ExpressionError(
                f"{name_of(field[0])} is no text: {name}() takes an element of kind text, page or free_text"
            )
        return Says(field[0], tuple(phrases), name == "mentions")

    def _applies(self, element: Element) -> Truth | None:
        """Return when an element applies; what itself counts a section is left out, since that could go in circles."""
        if not element.asked or "yes(" in element.asked:
            return None
        node = parse(element.asked, self.names)
        return node if isinstance(node, Truth) else _as_truth(node, element.asked)

    def _states(self, state: str, args: list[nodes.Expr]) -> States:
        if not args:
            raise ExpressionError(f"write {state}(a, b, c)")
        return States(state, tuple(self.field(arg) for arg in args))

    def _extreme(self, op: str, args: list[nodes.Expr]) -> OverRows:
        group = self._group(args, 2)
        if len(args) != 2:
            raise ExpressionError(f"write {op}(group, row.element)")
        each = self._inside(group).ordered(args[1])
        return OverRows(op, group, each, unit_of(each) or "")

    def _inside(self, group: str) -> "_Reader":
        """Return a reader in a row of a group; the rows of the earlier note name their elements as this one's do."""
        return _Reader(self.names.within(group.removeprefix(EARLIER)))

    def _group(self, args: list[nodes.Expr], most: int) -> str:
        if not 1 <= len(args) <= most or not isinstance(args[0], nodes.Getattr):
            raise ExpressionError("the first thing in the brackets is a repeating group")
        path = _dotted(args[0])
        element = self.names.element(path) if path.startswith(EARLIER) and self.names.earlier else None
        if element is not None and element.kind == "group":
            return path
        field = self.field(args[0])
        if field.kind != "group":
            raise ExpressionError(f"«{field.path}» does not repeat")
        return field.path

    def _exactly(self, number: int, args: list[nodes.Expr], example: str) -> list[nodes.Expr]:
        if len(args) != number:
            raise ExpressionError(f"write {example}")
        return args


_FUNCTIONS: dict[str, Callable[[_Reader, list[nodes.Expr]], Node]] = {
    "weeks": _Reader.weeks,
    "first_known": _Reader.first_known,
    "abs": _Reader.absolute,
    "round": _Reader.rounded,
    "count": _Reader.count,
    "min": _Reader.least,
    "max": _Reader.greatest,
    "sum": _Reader.total,
    "formula": _Reader.formula,
    "differs": _Reader.differs,
    "hours": _Reader.hours,
    "minutes": _Reader.minutes,
    "untouched": _Reader.untouched,
    "known": _Reader.known,
    "yes": _Reader.yes,
    "says": _Reader.says,
    "mentions": _Reader.mentions,
}


def _dotted(tree: nodes.Node) -> str:
    if isinstance(tree, nodes.Name):
        return tree.name
    if isinstance(tree, nodes.Getattr):
        return f"{_dotted(tree.node)}.{tree.attr}"
    raise ExpressionError("a name is written section.element")


def _as_truth(node: Node, source: str) -> Truth:
    if isinstance(node, Field) and node.kind == "boolean":
        return OneOf(node, (True,))
    if isinstance(node, Truth):
        return node
    raise ExpressionError(f"{source} ({name_of(node)}) is not something that holds or does not: compare it")
