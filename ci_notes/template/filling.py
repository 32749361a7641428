"""How a template is filled: sections that apply as a whole, suggested values, values carried forward."""

import re
from collections.abc import Iterator
from dataclasses import replace

from ci_notes.element import Element, Section
from ci_notes.errors import ExpressionError, TemplateError
from ci_notes.expression import Condition, Names, nearest, parse_truth, parse_value, write_conditions, write_value
from ci_notes.expression.nodes import Always
from ci_notes.expression.units import dimension_of, unit_of
from ci_notes.kinds import UNSPAN
from ci_notes.template.model import Suggestion, Template


def applied(template: Template) -> Template:
    """Return the template with the condition of each section made part of the condition of each of its elements."""
    return replace(template, sections=tuple(map(_applied, template.sections)))


def _applied(section: Section) -> Section:
    if not section.asked:
        return section
    return replace(section, elements=tuple(_asked_within(section.asked, element) for element in section))


def _asked_within(condition: str, element: Element) -> Element:
    if element.computed:
        return element  # it is never asked, and follows from what was
    return replace(element, asked=f"({condition}) and ({element.asked})" if element.asked else condition)


def suggestions(template: Template) -> Iterator[Suggestion]:
    """Yield what is suggested for elements, compiled; raises TemplateError."""
    for element in template.elements.values():
        if element.suggested:
            make = _options if element.kind == "choice" else _computation
            try:
                yield make(element, template.names)
            except ExpressionError as error:
                raise TemplateError(f"{element.path}, suggested: {error}") from None


def _computation(element: Element, names: Names) -> Suggestion:
    if element.group:
        raise ExpressionError("in a repeating group, only the option of a choice can be suggested")
    if element.kind not in (*UNSPAN, "group"):
        raise ExpressionError(
            "only a number, a date, a gestational age, the option of a choice or the number of rows can be suggested"
        )
    node = parse_value(element.suggested, names)
    if (element.kind == "group" and unit_of(node)) or not _fits(dimension_of(element), unit_of(node)):
        raise ExpressionError(f"it is a {element.kind}, its suggestion in {unit_of(node) or 'plain numbers'}")
    return Suggestion(element.path, write_value(node))


_OPTION = re.compile(
    r"(['\"])(?P<option>[^'\"]+)\1(?:\s+if\s+(?P<condition>.+?)(?:\s+else\s+(?P<rest>['\"].+))?)?", re.DOTALL
)


def _options(element: Element, names: Names) -> Suggestion:
    """Return the suggestion of a choice: a quoted option, or several as 'one' if condition else 'other'.

    Where the last of them has a condition, nothing is suggested if none holds.
    """
    here = names.within(element.group) if element.group else names
    options, conditions, rest = [], [], element.suggested.strip()
    while rest:
        match = _OPTION.fullmatch(rest)
        if match is None:
            raise ExpressionError("write 'option', or 'option' if condition else 'other'")
        options.append(_known_option(element, match["option"]))
        node = parse_truth(match["condition"], here) if match["condition"] else Always(True)
        conditions.append(Condition(match["option"], node, element.group))
        rest = match["rest"] or ""
    return Suggestion(element.path, write_conditions(conditions), tuple(options))


def _known_option(element: Element, value: str) -> str:
    if element.option(value) is None:
        close = nearest(value, [option.value for option in element.options])
        raise ExpressionError(f"«{value}» is not one of its options{close}")
    return value


def _fits(wanted: str, given: str | None) -> bool:
    """Return whether a computation can give an element's value; ages in years are computed from days, so days fit."""
    if "date" in (wanted, given):
        return wanted == given
    return not wanted or given in (wanted, "days", "", None)


def check_dated(template: Template) -> None:
    """Refuse an element that is dated by what is no date."""
    for element in template.elements.values():
        other = template.elements.get(element.dated)
        if element.dated and (other is None or other.kind not in ("date", "datetime") or other.group):
            close = nearest(element.dated, [one.path for one in template.elements.values() if one.kind == "date"])
            raise TemplateError(f"{element.path}, dated: there is no date «{element.dated}»{close}")


def check_in_turn(template: Template) -> None:
    """Refuse a condition of being asked in turn that cannot be read."""
    for element in template.elements.values():
        if element.in_turn:
            try:
                template.truth(element.in_turn)
            except ExpressionError as error:
                raise TemplateError(f"{element.path}, in_turn: {error}") from None


def check_pairs(template: Template) -> None:
    """Refuse a pair whose other half does not exist, or that could not be typed as two numbers with a stroke."""
    for element in template.elements.values():
        other = template.elements.get(element.pair)
        if not element.pair:
            continue
        if other is None:
            close = nearest(element.pair, list(template.elements))
            raise TemplateError(f"{element.path}, pair: there is no element «{element.pair}»{close}")
        if element.group:
            raise TemplateError(f"{element.path}, pair: two numbers are typed together only outside of rows")
        if (element.kind, element.unit) != (other.kind, other.unit) or element.kind not in ("integer", "quantity"):
            raise TemplateError(f"{element.path}, pair: it and {other.path} are not two numbers of one unit")


def check_carried(template: Template) -> None:
    """Refuse an element that is carried forward from one which does not exist or is of another kind."""
    for element in template.elements.values():
        if not element.carried_from:
            continue
        source = template.elements.get(element.carried_from)
        if source is None:
            close = nearest(element.carried_from, list(template.elements))
            raise TemplateError(f"{element.path}, carried: there is no element «{element.carried_from}»{close}")
        if element.group or source.group:
            raise TemplateError(f"{element.path}, carried: rows are carried forward only as a whole group, with true")
        if not _carries(source, element):
            raise TemplateError(
                f"{element.path} ({element.kind}) cannot be carried from {source.path} ({source.kind}): "
                "kind, unit and options must agree"
            )


def _carries(source: Element, element: Element) -> bool:
    if (source.kind, element.kind) == ("datetime", "date"):
        return True
    options = {option.value for option in source.options} <= {option.value for option in element.options}
    return source.kind == element.kind and source.unit == element.unit and options and source.kind != "group"
