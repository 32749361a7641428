"""Writes conditions as Python: for each, what makes it surely true and what makes it surely false."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from ci_notes.errors import ExpressionError
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
    Says,
    States,
    Truth,
    Yes,
)

_ROW = re.compile(r"\b[sv]\d+r|\brow\.")
"""What belongs to the row at hand."""

_NAME = re.compile(r"\b(?:[sv]\d+r?|h\d+)(?=\b|_lo\b|_hi\b)")
"""A local: the span or the value of an element, of a row with an r behind it; or a pair, computed once for a note."""

_PARTS = {"V": "values", "S": "spans", "A": "absent", "W": "wrong", "R": "rows"}
"""The parts of a record, and the locals that hold them in every function."""

_PAIR = re.compile(r"\bh(\d+)_(lo|hi)\b")
"""An end of a pair."""

_ARITHMETIC = {"*": "times", "/": "divided", "round": "rounded", "abs": "absolute"}

_UNRECORDED = ("absent", "wrong")
"""Where a record holds what was answered and is no value."""


def _called(source: str) -> str:
    """Return source in which the ends of a pair are taken from what its function gives, or gave before."""
    return _PAIR.sub(lambda one: f"(memo.get({one[1]}) or h{one[1]}(note, memo))[{int(one[2] == 'hi')}]", source)


def _parts(source: str, lines: list[str]) -> list[str]:
    """Return lines with those before them that take what they use of the record."""
    text = "\n".join([*lines, source])
    used = [name for name in _PARTS if re.search(rf"\b{name}\b", text)]
    return [f"    {name} = note.{_PARTS[name]}" for name in used] + lines


class _Writer:
    """Writes nodes as Python source, in which values are locals and what many conditions need is a pair.

    Which locals a piece of source needs is read off it; `loading` writes the lines that make them.
    """

    def __init__(self) -> None:
        self.loads: dict[tuple[str, str, bool], str] = {}
        self.pairs: list[str] = []
        self.of_rows: list[list[str]] = []
        self.outside = False

    def load(self, what: str, field: Field) -> str:
        key = (what, field.path, field.row)
        self.outside |= not field.row
        return self.loads.setdefault(key, f"{what}{len(self.loads)}{'r' if field.row else ''}")

    def loading(self, source: str, indent: str, ready: Collection[str] = ()) -> list[str]:
        """Return the lines that make the locals of a piece of source, but for those that are ready."""
        wanted, lines = set(_NAME.findall(source)) - set(ready), []
        for (what, path, of_row), name in self.loads.items():
            if name in wanted and what == "s":
                lines.append(f"{indent}{name}_lo, {name}_hi = {'row.spans' if of_row else 'S'}.get({path!r}, UNKNOWN)")
            elif name in wanted:
                lines.append(f"{indent}{name} = {'row.values' if of_row else 'V'}.get({path!r})")
        return lines

    def functions(self) -> list[str]:
        """Return a function for each test of rows, and for each pair: called where it is needed, once for a note."""
        lines = [line for number, body in enumerate(self.of_rows) for line in (f"def r{number}(row):", *body)]
        for number, call in enumerate(self.pairs):
            lines += [f"def h{number}(note, memo):", *_parts(call, self.loading(call, "    "))]
            lines += [f"    found = memo[{number}] = {_called(call)}", "    return found"]
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
            case Says(field, phrases, negated):
                name = self.load("v", field)
                found = f"says({name}, {phrases!r}, {negated})"
                return f"({name} is not None and {found})", f"({name} is not None and not {found})"
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
        holds = self._state(state, field)
        return holds, f"not {holds}"

    def _state(self, state: str, field: Field) -> str:
        self.outside |= not field.row
        known = f"{field.path!r} in {'R' if field.kind == 'group' else 'row.values' if field.row else 'V'}"
        absent, wrong = (f"{field.path!r} in {f'row.{word}' if field.row else word[0].upper()}" for word in _UNRECORDED)
        return {"known": f"({known})", "absent": f"({absent})"}.get(state, f"(not ({known} or {absent} or {wrong}))")

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
                call = self._call(node)
                # What is of a row cannot be computed once for the note, so it stands where it is used.
                return (f"{call}[0]", f"{call}[1]") if _ROW.search(call) else self._pair(call)
            case States(state, fields):
                total = " + ".join(self._state(state, field) for field in fields)
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
        if _ROW.search(call):
            raise ExpressionError("a row can be compared, added to and counted, nothing more")
        if call not in self.pairs:
            self.pairs.append(call)
        name = f"h{self.pairs.index(call)}"
        return f"{name}_lo", f"{name}_hi"

    def _over_rows(self, node: OverRows) -> str:
        if node.each is None:
            return f"count_rows(R.get({node.group!r}))"
        inner = _Writer()
        if node.op == "count":
            lines = inner.row_test(node.each)  # type: ignore[arg-type]
        else:
            low, high = inner.span(node.each)
            lines = [*inner.loading(f"{low}, {high}", "    "), f"    return {low}, {high}"]
        if inner.pairs or inner.outside:
            raise ExpressionError("inside the brackets, only the row's own elements can be used")
        if lines not in self.of_rows:
            self.of_rows.append(lines)
        return f"{node.op}_rows(R.get({node.group!r}), r{self.of_rows.index(lines)})"

    def row_test(self, node: Truth) -> list[str]:
        """Return the body of a function that says of a row whether a condition surely holds, and surely fails."""
        (first, *rest) = sorted((self.truth(part) for part in _conjuncts(node)), key=lambda one: _cost(" ".join(one)))
        true = _join(" and ", [one for one, _ in (first, *rest)])
        false = _join(" or ", [other for _, other in rest or [first]])
        quick = self.loading(first[1], "    ")
        ready = set(_NAME.findall(first[1]))
        if rest:
            quick.append(f"    if {first[1]}: return False, True")
        return [*quick, *self.loading(true + false, "    ", ready), f"    return {true}, {false}"]


def _join(word: str, parts: list[str]) -> str:
    return f"({word.join(parts)})"


@dataclass(frozen=True)
class Condition:
    """A condition to be compiled: a key to report it by, and the group of which each row is tested, if any.

    `undecided` says whether anybody wants to know that it cannot be decided; without that, finding out costs nothing.
    """

    key: str
    node: Truth
    each: str = ""
    jurisdictions: tuple[str, ...] = ()
    undecided: bool = True


@dataclass
class _Test:
    """A condition as source: what lets it be passed over at once, what at second sight, and what then decides it.

    `indices` has several where conditions are the same, as when many elements are asked after one answer.
    """

    indices: list[int]
    jurisdictions: tuple[str, ...]
    guard: str
    second: str
    true: str
    false: str

    def lines(self, writer: _Writer, indent: str, row: str, ready: set[str]) -> list[str]:
        """Return the statements behind its guard that report it; `ready` are locals that have been made before."""
        lines = []
        if self.second:
            lines += [*writer.loading(self.second, indent, ready), f"{indent}if {_called(self.second)}:"]
            ready = ready | set(_NAME.findall(self.second))
            indent += "    "
        lines += writer.loading(self.true + self.false, indent, ready)
        lines.append(f"{indent}if {_called(self.true)}: {self._report(row, True)}")
        if self.false and not _opposite(self.true, self.false):
            lines.append(f"{indent}elif not ({_called(self.false)}): {self._report(row, None)}")
        return lines

    def _report(self, row: str, answer: bool | None) -> str:
        told = [f"({index}, {row}, {answer})" for index in self.indices]
        return f"out.append({told[0]})" if len(told) == 1 else f"out += ({', '.join(told)})"


def _opposite(true: str, false: str) -> bool:
    """Return whether one of two always holds, as where all that matters is whether something was recorded."""
    true, false = _bare(true), _bare(false)
    return false == f"not ({true})" or true == f"not ({false})"


def _bare(source: str) -> str:
    """Return source without brackets around the whole of it."""
    while source[:1] == "(" and _closing(source) == len(source) - 1:
        source = source[1:-1]
    return source


def _closing(source: str) -> int:
    """Return where the bracket that source begins with is closed."""
    depth = 0
    for at, sign in enumerate(source):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return at
    return -1


def _guarded(tests: list[_Test], writer: _Writer, indent: str, row: str, ready: set[str]) -> list[str]:
    """Return the statements of tests that share a guideline set and a guard, which are looked at once for all."""
    lines = []
    first = tests[0]
    for guard in (f"J in {first.jurisdictions!r}" if first.jurisdictions else "", _called(first.guard)):
        if guard:
            lines.append(f"{indent}if {guard}:")
            indent += "    "
    return lines + [line for test in tests for line in test.lines(writer, indent, row, ready)]


def _alike(tests: list[_Test]) -> list[list[_Test]]:
    """Return tests by what they are looked at for together, those that are the same as one."""
    groups: dict[tuple[tuple[str, ...], str], list[_Test]] = {}
    for test in tests:
        group = groups.setdefault((test.jurisdictions, test.guard), [])
        same = [one for one in group if (one.second, one.true, one.false) == (test.second, test.true, test.false)]
        if same:
            same[0].indices += test.indices
        else:
            group.append(test)
    return [*groups.values()]


def _are_several(tests: list[_Test]) -> bool:
    """Return whether tests that are looked at together may report out of their order."""
    return any(len(test.indices) > 1 for test in tests)


def _test(writer: _Writer, index: int, condition: Condition) -> _Test:
    """Return a condition as source, with the cheapest of its parts before all others and what must be computed last.

    Most conditions fail, most of them by one answer: then nothing else of them is looked at.
    """
    written = [writer.truth(part) for part in _conjuncts(condition.node)]
    written.sort(key=lambda one: _cost(" ".join(one)))
    plain = [one for one in written if _cost(" ".join(one)) < _COMPUTED]
    open_ = [f"not ({false})" if condition.undecided else true for true, false in plain]
    first = open_[0] if open_ and len(written) > 1 else ""
    second = " and ".join(open_[1:]) if len(plain) < len(written) and not condition.undecided else ""
    true, false = writer.truth(condition.node)
    if condition.undecided:
        return _Test([index], condition.jurisdictions, first, second, true, false)
    passed = len(plain) if second else int(bool(first))
    rest = _join(" and ", [one for one, _ in written[passed:]])
    return _Test([index], condition.jurisdictions, first, second, rest, "")


_COMPUTED = 1000
"""What a piece of source costs at least that has to compute a pair."""


_READ = 50
"""What it costs to search a text for a phrase."""


def _cost(source: str) -> int:
    """Return how much there is to look up for a piece of source."""
    names = set(_NAME.findall(source))
    looked_up = len(names) + source.count(" in ") + _READ * source.count("says(")
    return looked_up + _COMPUTED * any(name.startswith("h") for name in names)


def _conjuncts(node: Truth) -> list[Truth]:
    """Return the parts of which all must hold."""
    match node:
        case And(parts):
            return [one for part in parts for one in _conjuncts(part)]  # type: ignore[arg-type]
        case Not(Or(parts)):
            return [one for part in parts for one in _conjuncts(Not(part))]
        case Not(Not(part)):
            return _conjuncts(part)  # type: ignore[arg-type]
    return [node]


def write_conditions(conditions: list[Condition]) -> str:
    """Return Python source of one function that evaluates all conditions on a record.

    The function takes `note` (values, spans, absent, wrong and rows), and a list that receives (index, row, True) for
    each condition that holds and (index, row, None) for each that the recorded facts cannot decide.
    """
    writer = _Writer()
    tests = [(condition.each, _test(writer, index, condition)) for index, condition in enumerate(conditions)]
    guards = " ".join(test.guard for _, test in tests)
    shared = {name for name in _NAME.findall(guards) if not name.endswith("r")}
    plain = _alike([test for each, test in tests if not each])
    body = [line for alike in plain for line in _guarded(alike, writer, "    ", "None", shared)]
    body += ["    out.sort(key=first)"] if len(plain) > 1 or any(map(_are_several, plain)) else []
    for group in dict.fromkeys(each for each, _ in tests if each):
        members = [test for each, test in tests if each == group]
        own = " ".join(test.guard for test in members)
        here = set(_NAME.findall(own)) - shared
        body += [f"    for row in R.get({group!r}, ()):", *writer.loading(own, "        ", shared)]
        body += [line for test in members for line in _guarded([test], writer, "        ", "row", shared | here)]
    top = [line for line in writer.loading(guards, "    ") if not _ROW.search(line)]
    head = ["    J, memo = note.values.get('jurisdiction'), {}", *_parts("\n".join(body), top)]
    return "\n".join([*writer.functions(), "def conditions(note, out):", *head, *body, "    return out", ""])


def write_value(node: Node) -> str:
    """Return Python source of a function of `note` that computes a span."""
    writer = _Writer()
    low, high = writer.span(node)
    found = _called(f"{low}, {high}")
    lines = ["    memo = {}", *_parts(found, writer.loading(found, "    "))]
    return "\n".join([*writer.functions(), "def value(note):", *lines, f"    return {found}", ""])
