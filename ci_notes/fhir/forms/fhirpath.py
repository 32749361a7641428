"""Our conditions and computations as FHIRPath over a QuestionnaireResponse: surely true, surely false, in spans.

The same plan as `expression.writer`: an ordered value is a lowest and a highest bound, a condition is what makes it
surely true and what makes it surely false. FHIRPath's empty collection stands for a bound that is not known, and makes
of a comparison neither; `and` and `or` then are what they are for us. What an answer is needed for more than once is a
`variable` of the Questionnaire (SDC), or of the repeating group whose row it belongs to.
"""

import re
from collections.abc import Callable

from ci_notes.derive import LATEST
from ci_notes.element import ABSENCES, Element
from ci_notes.expression import Field, Node, Truth, parse_value
from ci_notes.expression.nodes import (
    Always,
    And,
    Arithmetic,
    Choose,
    Compare,
    FirstKnown,
    Is,
    Not,
    Number,
    OneOf,
    Or,
    OverRows,
    States,
    Yes,
)
from ci_notes.fhir import datatypes
from ci_notes.fhir.forms.items import ABSENCE, OFFSET, is_quantity, no_rows
from ci_notes.template import HEADER, Template

Pair = tuple[str, str]
"""Two expressions: surely true and surely false, or lowest and highest."""


class UnsayableError(Exception):
    """FHIRPath has no word for what a condition asks, or no standard one: obstetric formulas, earlier notes, prose."""


EMPTY = "{}"

_DAY = (
    "select($this.substring(8, 2).toInteger() - 306 + ($this.substring(0, 4).toInteger() * 12"
    " + $this.substring(5, 2).toInteger() - 3).select(365 * ($this div 12) + ($this div 48) - ($this div 1200)"
    " + ($this div 4800) + (153 * ($this mod 12) + 2) div 5))"
)
"""The day of a date as a number: years and months counted from March, so that February's end is no special case."""

_MINUTES = (
    "select(iif($this.startsWith('-'), 0 - 1, 1) * ($this.substring(1, 2).toInteger() * 60"
    " + $this.substring(4, 2).toInteger()))"
)
"""An offset, as +05:45, in minutes."""

_MINUTE_OF_DAY = "$this.substring(11, 2).toInteger() * 60 + $this.substring(14, 2).toInteger()"

_MARCH_2000 = 730180
"""The number of 2000-03-01, as `date.toordinal` counts."""

_GESTATION = "^[0-9]{1,2}w([0-6]d)?(-[0-9]{1,2}w([0-6]d)?)?$"
_PLAIN = (
    f"toString().replace(' ', '').replaceMatches('([0-9])[+]([0-6])', '$1w$2d').where($this.matches('{_GESTATION}'))"
)
"""A gestational age as it may be typed, in the form in which notes have it."""

_EARLIEST_DAY = (
    "select($this.replaceMatches('^([0-9]+)w.*$', '$1').toInteger() * 7"
    " + ('0' + $this.replaceMatches('^[0-9]+w(([0-6])d)?.*$', '$2')).toInteger())"
)
_LATEST_DAY = (
    "select($this.replaceMatches('^.*-', '')).select($this.replaceMatches('^([0-9]+)w.*$', '$1').toInteger() * 7"
    " + iif($this.endsWith('d'), $this.replaceMatches('^[0-9]+w', '').replace('d', '').toInteger(), 6))"
)


class Expressions:
    """Writes a template's conditions; keeps the variables that they need, in the order in which they need one another.

    `variables` are those of the Questionnaire, `of_rows` those of each repeating group. `flags` are yes/no items that
    stand for no element and that a condition may name.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        self.variables: dict[str, str] = {}
        self.of_rows: dict[str, dict[str, str]] = {}
        self.flags: dict[str, Element] = {}
        self._rows: str | None = None
        self._within = ""
        self._computed: dict[str, Pair] = {}

    # what the Questionnaire asks for

    def holds(self, node: Truth, group: str = "") -> str:
        """Return when a condition surely holds, true or false and never empty; raises UnsayableError."""
        self._rows = group or None
        return f"iif({_bare(self.truth(node)[0])}, true, false)"

    def calculated(self, element: Element) -> str:
        """Return what a computed element is, of the type of its item; raises UnsayableError."""
        self._rows = None
        lo, hi = self._of_computed(element)
        return _bare(_RESULTS[element.kind](element, lo, hi))

    def day_of(self, path: str) -> str:
        """Return the variable that holds the day of a date as a number."""
        element = self.template.elements[path]
        self._rows = None
        return self._span_of(Field(path, element.kind, "date"))[0]

    # surely true and surely false

    def truth(self, node: Node) -> Pair:
        match node:
            case Always(value):
                return str(value).lower(), str(not value).lower()
            case And(parts):
                pairs = [self.truth(part) for part in parts]
                return _join("and", [t for t, _ in pairs]), _join("or", [f for _, f in pairs])
            case Or(parts):
                pairs = [self.truth(part) for part in parts]
                return _join("or", [t for t, _ in pairs]), _join("and", [f for _, f in pairs])
            case Not(part):
                true, false = self.truth(part)
                return false, true
            case OneOf(field, values):
                return self._one_of(field, values)
            case Is(state, field):
                return self._is(state, field)
            case Compare(op, left, right):
                return _compare(op, self.span(left), self.span(right))
        raise UnsayableError(type(node).__name__.lower())

    def _one_of(self, field: Field, values: tuple[str | bool, ...]) -> Pair:
        value = self._value(field)
        if field.kind == "boolean":
            return f"({value} = {str(values[0]).lower()})", f"({value} = {str(not values[0]).lower()})"
        element = self._element(field)
        listed = [f"'{element.id}.{one}'" if element.options else f"'{one}'" for one in values]
        if field.kind == "choices":
            among = _join("or", [f"({one} in {value})" for one in listed])
            return f"({value}.exists() and {among})", f"({value}.exists() and {among}.not())"
        if len(listed) == 1:
            return f"({value} = {listed[0]})", f"({value} != {listed[0]})"
        return f"({value} in ({' | '.join(listed)}))", f"({value} in ({' | '.join(listed)})).not()"

    def _is(self, state: str, field: Field) -> Pair:
        if state == "exact":
            lo, hi = self.span(field)
            return f"({lo} = {hi})", f"iif({lo} = {hi}, false, true)"
        if state == "known":
            return self._known(field)
        absent = self._absent(field)
        if state == "absent":
            return absent, f"{absent}.not()"
        known, unknown = self._known(field)
        return f"({unknown} and {absent}.not())", f"({known} or {absent})"

    def _known(self, field: Field) -> Pair:
        element = self._element(field)
        if field.kind == "group":
            known = f"({self._answered_rows(field.path)}.exists() or {self._denied(field.path)})"
            return known, f"{known}.not()"
        computed = _RESULTS[element.kind] if element.computed else None
        value = computed(element, *self._of_computed(element)) if computed else self._value(field)
        return f"{value}.exists()", f"{value}.empty()"

    def _absent(self, field: Field) -> str:
        if field.row:
            raise UnsayableError("why a value in a row is missing")
        system, code = datatypes.own_code(self._element(field))
        codes = " | ".join(f"'{one}'" for one in ABSENCES)
        return (
            f"%resource.item.where(linkId = '{ABSENCE}').where(item.where(linkId = '{ABSENCE}.element').answer.value"
            f".where(system = '{system}' and code = '{code}').exists() and item.where(linkId = '{ABSENCE}.why')"
            f".answer.value.where(code in ({codes})).exists()).exists()"
        )

    # answers

    def _element(self, field: Field) -> Element:
        path = f"{HEADER}.jurisdiction" if field.path == "jurisdiction" else field.path
        element = self.template.elements.get(path) or self.flags.get(path)
        if element is None:
            raise UnsayableError(field.path)
        return element

    def _answers(self, element: Element) -> str:
        if element.group:
            return f"item.where(linkId = '{element.path}').answer.value"
        section = section_of(element.path)
        return f"%resource.item.where(linkId = '{section}').item.where(linkId = '{element.path}').answer.value"

    def _value(self, field: Field) -> str:
        """Return the answer to an element: the code of a choice, the number of a quantity, else the answer itself."""
        element = self._element(field)
        if element.computed:
            raise UnsayableError(field.path)
        tail = ".code" if element.kind in ("choice", "choices") else ".value" if is_quantity(element) else ""
        return self._variable(element, "", self._answers(element) + tail)

    def _variable(self, element: Element, part: str, expression: str) -> str:
        """Return what stands for an expression: a variable, but for what is looked at in each of several rows."""
        if element.group and element.group != self._rows:
            return expression
        holder = self.of_rows.setdefault(element.group, {}) if element.group else self.variables
        return _put(holder, _camel(element.path) + part, expression)

    # lowest and highest value

    def span(self, node: Node) -> Pair:
        match node:
            case Number(value):
                written = str(int(value)) if value == int(value) else repr(value)
                return (written, written) if value >= 0 else (f"({written})", f"({written})")
            case Field():
                return self._span_of(node)
            case Arithmetic(op, left, right, _):
                return self._arithmetic(op, self.span(left), self.span(right))
            case FirstKnown(options, _):
                return self._kept("first", _first_known([self.span(one) for one in options]))
            case Choose(condition, yes, no, _):
                return self._kept("chosen", _choose(self.truth(condition), self.span(yes), self.span(no)))
            case OverRows():
                return self._kept("counted" if node.op == "count" else node.op, self._over_rows(node))
            case States(state, fields):
                held = [f"iif({self._is(state, field)[0]}, 1, 0)" for field in fields]
                return (_join("+", held),) * 2
            case Yes(fields, asked):
                return self._yes(fields, asked)
        raise UnsayableError(type(node).__name__.lower())

    def _span_of(self, field: Field) -> Pair:
        element = self._element(field)
        if element.computed:
            return self._of_computed(element)
        if element.kind in ("date", "datetime"):
            moment = f"{self._answers(element)}.toString()"
            day = f"{moment}.select({self._shifted()})" if element.kind == "datetime" else f"{moment}.{_DAY}"
            return (self._variable(element, "Day", day),) * 2
        if element.kind == "gestational-age":
            typed = self._variable(element, "", f"{self._answers(element)}.{_PLAIN}")
            lo = self._variable(element, "Lo", f"{typed}.{_EARLIEST_DAY}")
            return lo, self._variable(element, "Hi", f"{typed}.{_LATEST_DAY}")
        return (self._value(field),) * 2

    def _shifted(self) -> str:
        """Return the day of a moment at the place of care: as it is written, but for what a form wrote in UTC."""
        items = f"%resource.item.where(linkId = '{HEADER}').item.where(linkId = '{OFFSET}')"
        minutes = f"{items}.answer.value.where($this.matches('^[+-][0-9]{{2}}:[0-9]{{2}}$')).{_MINUTES}"
        offset = _put(self.variables, "offsetMinutes", f"iif({minutes}.exists(), {minutes}, 0)")
        return (
            f"$this.{_DAY} + iif($this.matches('[.][0-9]{{3}}Z$'), ({_MINUTE_OF_DAY} + {offset}).select("
            "iif($this < 0, 0 - 1, iif($this >= 1440, 1, 0))), 0)"
        )

    def _of_computed(self, element: Element) -> Pair:
        if element.path not in self._computed:
            outside, self._within = self._within, _camel(element.path)
            lo, hi = self.span(parse_value(element.computed, self.template.names))
            self._within = outside
            name = _camel(element.path)
            first = _put(self.variables, f"{name}Lo", lo)
            self._computed[element.path] = (first, first if lo == hi else _put(self.variables, f"{name}Hi", hi))
        return self._computed[element.path]

    def _kept(self, name: str, pair: Pair) -> Pair:
        """Return a pair as variables, so that what is long is written once; not what belongs to a row."""
        if self._rows is not None and "item.where" in pair[0].replace("%resource.item.where", ""):
            return pair
        name = self._within + name[:1].upper() + name[1:] if self._within else name
        lo = _put(self.variables, f"{name}Lo", pair[0])
        return (lo, lo) if pair[0] == pair[1] else (lo, _put(self.variables, f"{name}Hi", pair[1]))

    def _arithmetic(self, op: str, left: Pair, right: Pair) -> Pair:
        (a, b), (c, d) = left, right
        if op == "+":
            return _pair(left, right, f"({a} + {c})", f"({b} + {d})")
        if op == "-":
            return _pair(left, right, f"({a} - {d})", f"({b} - {c})")
        if op == "abs" and a != b:
            lo, hi = f"iif({a} > 0, {a}, iif({b} < 0, 0 - {b}, 0))", f"iif(0 - {a} > {b}, 0 - {a}, {b})"
            known = f"({a}.exists() and {b}.exists())"
            return self._kept("abs", (f"iif({known}, {lo}, {EMPTY})", f"iif({known}, {hi}, {EMPTY})"))
        exact = _ARITHMETIC[op](a, c)
        sure = [f"{one} = {other}" for one, other in (left, right) if one != other]
        whole = f"iif({' and '.join(sure)}, {exact}, {EMPTY})" if sure else exact
        return whole, whole

    def _yes(self, fields: tuple[Field, ...], asked: tuple[Truth | None, ...]) -> Pair:
        values = [self._value(field) for field in fields]
        surely = [f"iif({value} = true, 1, 0)" for value in values]
        possibly = []
        for value, condition in zip(values, asked, strict=True):
            open_ = f"{value}.empty()"
            if condition is not None:
                open_ = f"({open_} and iif({self.truth(condition)[1]}, false, true))"
            possibly.append(f"iif({value} = true or {open_}, 1, 0)")
        return self._kept("yes", (_join("+", surely), _join("+", possibly)))

    # rows

    def _answered_rows(self, group: str) -> str:
        section = group.partition(".")[0]
        # No variable: a form would hold whole rows against each other to see whether it has changed.
        return f"%resource.item.where(linkId = '{section}').item.where(linkId = '{group}' and item.answer.exists())"

    def _denied(self, group: str) -> str:
        section = group.partition(".")[0]
        items = f"%resource.item.where(linkId = '{section}').item.where(linkId = '{no_rows(group)}')"
        return f"{items}.answer.where(value = true).exists()"

    def _over_rows(self, node: OverRows) -> Pair:
        rows = self._answered_rows(node.group)
        outside, self._rows = self._rows, ""
        try:
            if node.op != "count" and node.each is not None:
                return self._extreme(node.op, rows, self.span(node.each))
            true, false = self.truth(node.each) if node.each is not None else ("true", "false")
        finally:
            self._rows = outside
        known = f"({rows}.exists() or {self._denied(node.group)})"
        surely = f"{rows}.where({_bare(true)}).count()"
        possibly = f"{rows}.where(iif({_bare(false)}, false, true)).count()"
        return surely, f"iif({known}, {possibly}, {EMPTY})"

    def _extreme(self, op: str, rows: str, span: Pair) -> Pair:
        step = {
            "min": "iif($total.empty(), $this, iif($this < $total, $this, $total))",
            "max": "iif($total.empty(), $this, iif($this > $total, $this, $total))",
            "sum": "iif($total.empty(), $this, $this + $total)",
        }[op]
        lo, hi = (f"{rows}.select({end}).aggregate({step})" for end in span)
        return lo, hi


def section_of(link_id: str) -> str:
    """Return the section that an item stands in."""
    return re.split(r"[.-]", link_id)[0]


def _put(holder: dict[str, str], name: str, expression: str) -> str:
    """Return a variable that holds an expression, made if there is none; a name means one thing."""
    free, number = name, 1
    while holder.get(free, expression) != expression:
        number += 1
        free = f"{name}{number}"
    holder[free] = expression
    return f"%{free}"


def _camel(path: str) -> str:
    """Return a name that FHIR allows for a variable, which has no _."""
    first, *rest = re.split(r"[._-]", path)
    return first + "".join(one[:1].upper() + one[1:] for one in rest)


def _join(word: str, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({f' {word} '.join(parts)})"


def _bare(expression: str) -> str:
    """Return an expression without brackets around the whole of it."""
    if not (expression.startswith("(") and expression.endswith(")")):
        return expression
    depth = 0
    for at, letter in enumerate(expression):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return expression[1:-1] if at == len(expression) - 1 else expression
    return expression


def _compare(op: str, left: Pair, right: Pair) -> Pair:
    (a_lo, a_hi), (b_lo, b_hi) = left, right
    if op in ("<", "<="):
        other = ">=" if op == "<" else ">"
        return f"({a_hi} {op} {b_lo})", f"({a_lo} {other} {b_hi})"
    if op in (">", ">="):
        other = "<=" if op == ">" else "<"
        return f"({a_lo} {op} {b_hi})", f"({a_hi} {other} {b_lo})"
    same = _join("and", [f"({a_lo} = {b_lo})", *(f"({lo} = {hi})" for lo, hi in (left, right) if lo != hi)])
    apart = f"(({a_hi} < {b_lo}) or ({b_hi} < {a_lo}))"
    return (same, apart) if op == "==" else (apart, same)


def _pair(left: Pair, right: Pair, lo: str, hi: str) -> Pair:
    """Return the ends of what is computed; one expression for both where both operands are exact."""
    return (lo, lo) if left[0] == left[1] and right[0] == right[1] else (lo, hi)


def _first_known(spans: list[Pair]) -> Pair:
    def end(at: int) -> str:
        written = spans[-1][at]
        for span in reversed(spans[:-1]):
            known = _join("or", [f"{one}.exists()" for one in dict.fromkeys(span)])
            written = f"iif({known}, {span[at]}, {written})"
        return written

    return end(0), end(1)


def _choose(condition: Pair, yes: Pair, no: Pair) -> Pair:
    true, false = map(_bare, condition)

    def end(at: int, sign: str) -> str:
        one, other = yes[at], no[at]
        either = f"iif({one} {sign} {other}, {one}, iif(({one}).exists(), {other}, {EMPTY}))"
        return f"iif({true}, {one}, iif({false}, {other}, {either}))"

    return end(0, "<="), end(1, ">=")


_ARITHMETIC: dict[str, Callable[[str, str], str]] = {
    "*": lambda a, c: f"({a} * {c})",
    "/": lambda a, c: f"({a} / {c})",
    "round": lambda a, _: f"iif({a} >= 0, ({a} + 0.5).floor(), 0 - (0.5 - {a}).floor())",
    "abs": lambda a, _: f"iif({a} >= 0, {a}, 0 - {a})",
}


# --- what a computed element is, as the answer to its item ---------------------------------------------------------


def _only_exact(lo: str, hi: str, written: str) -> str:
    return written if lo == hi else f"iif({lo} = {hi}, {written}, {EMPTY})"


def _number(element: Element, lo: str, hi: str) -> str:
    value = _only_exact(lo, hi, lo)
    if element.unit is None:
        return value
    return f"({value}.toString() + ' \\'{element.unit}\\'').toQuantity()"


def _date(_element: Element, lo: str, hi: str) -> str:
    later = f"(@2000-03-01 + (({lo} - {_MARCH_2000}).toString() + ' days').toQuantity())"
    return _only_exact(lo, hi, later)


def _weeks(day: str) -> str:
    return f"({day} div 7).toString() + 'w'"


def _gestation(_element: Element, lo: str, hi: str) -> str:
    """Return a gestational age as notes have it: 23w4d, 23w for a whole week, 23w-24w."""
    to_the_day = f"{_weeks(lo)} + ({lo} mod 7).toString() + 'd'"
    last_day = f"{_weeks(hi)} + ({hi} mod 7).toString() + 'd'"
    if lo == hi:
        return f"iif({lo} >= 0 and {lo} <= {LATEST}, {to_the_day}, {EMPTY})"
    whole = f"iif({lo} + 6 = {hi}, {_weeks(lo)}, {_weeks(lo)} + '-' + {_weeks(hi)})"
    wide = f"iif({lo} mod 7 = 0 and {hi} mod 7 = 6, {whole}, {to_the_day} + '-' + {last_day})"
    return f"iif({lo} >= 0 and {hi} <= {LATEST}, iif({lo} = {hi}, {to_the_day}, {wide}), {EMPTY})"


_RESULTS: dict[str, Callable[[Element, str, str], str]] = {
    "integer": _number,
    "quantity": _number,
    "date": _date,
    "gestational-age": _gestation,
}
"""How each kind that can be computed becomes an answer."""
