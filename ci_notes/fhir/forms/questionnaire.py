"""A template as an R4 Questionnaire of HL7's Structured Data Capture: the terminal's questions for any form renderer.

The items are those of `response`: a group a section, an item an element under its path. What is asked when is the
terminal's own condition, as enableWhen where that can say it and else as FHIRPath; what is computed is computed in the
form where FHIRPath can, and else shown without a way to type it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ci_notes.element import ABSENCES, Coding, Element, Section
from ci_notes.expression import Field, Truth, parse_truth
from ci_notes.expression.nodes import And, Is, Not, OneOf, Or
from ci_notes.fhir import datatypes
from ci_notes.fhir.canonical import questionnaire_of
from ci_notes.fhir.datatypes import TEMPLATES, UCUM
from ci_notes.fhir.forms.enabling import enable_when
from ci_notes.fhir.forms.fhirpath import Expressions, UnsayableError
from ci_notes.fhir.forms.items import (
    ABSENCE,
    NONE_OF_THESE,
    NOTE_ID,
    OFFSET,
    TEMPLATE_ID,
    absence_coding,
    element_coding,
    is_quantity,
    more,
    no_rows,
    row_id,
    unit_shown,
)
from ci_notes.fhir.holes import WORDS, path_of
from ci_notes.fhir.notices import with_notice
from ci_notes.template import HEADER, Template

Json = dict[str, Any]

_CORE = "http://hl7.org/fhir/StructureDefinition"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"

_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_CONTROL = "http://hl7.org/fhir/questionnaire-item-control"

_STATUS = f"{HEADER}.status"
_HIDDEN = (_STATUS, f"{HEADER}.kept", f"{HEADER}.carried")
"""What the program sets and nobody is asked."""

_FEW = 4
"""Up to so many answers stand side by side; more are a list to choose from."""

_LONG = 300
"""A text that may have so many letters has a field of several lines."""

_OWN_OFFSET = "now().toString().replaceMatches('^.*T[0-9:.]*', '')"
"""The offset of the clock where the form is filled, of which a form may keep nothing in the moments typed into it."""

_GESTATION = "[0-9]{1,2}(w([0-6]d)?|[+][0-6])(-[0-9]{1,2}(w([0-6]d)?|[+][0-6]))?"


def to_questionnaire(template: Template) -> Json:
    """Return a template as an R4 Questionnaire (dict)."""
    return _Writer(template).questionnaire()


def not_calculated(template: Template) -> list[Element]:
    """Return the computed elements that FHIRPath cannot say: a form shows them and cannot work them out."""
    expressions = Expressions(template)
    return [one for one in template.elements.values() if one.computed and _calculation(expressions, one) is None]


def _calculation(expressions: Expressions, element: Element) -> str | None:
    try:
        return expressions.calculated(element)
    except UnsayableError:
        return None


class _Writer:
    """Writes the items of one template."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.expressions = Expressions(template)
        flags = [more(section.name) for section in template.sections]
        flags += [no_rows(element.path) for element in template if element.kind == "group"]
        self.expressions.flags = {path: Element(path, path, "", "boolean") for path in flags}
        self.placed = _placed(template)

    def questionnaire(self) -> Json:
        template = self.template
        items = [*(self._section(section) for section in template.sections), self._absences()]
        own = {"system": TEMPLATES, "code": template.id, "display": template.title}
        body: Json = {
            "resourceType": "Questionnaire",
            # SDC's profiles are not declared: they need an extension of R5 in a package that few validators can load.
            "extension": [_variable(name, expression) for name, expression in self.expressions.variables.items()],
            "url": questionnaire_of(template),
            "version": template.version,
            "name": "".join(part.title() for part in template.id.replace("_", "-").split("-")),
            "title": template.title,
            "status": "active",
            "experimental": False,
            "subjectType": ["Patient"],
            "code": [own, *([datatypes.coding(template.document)] if template.document else [])],
            "item": items,
        }
        return with_notice({key: value for key, value in body.items() if value != []})

    # sections and groups

    def _section(self, section: Section) -> Json:
        items: list[Json] = [*_help(section.name, section.help)]
        if section.name == HEADER:
            items += self._of_the_note()
        if any(_on_request(one) or any(map(_on_request, one.rows)) for one in section):
            items.append({"linkId": more(section.name), "text": f"More on {_lower(section.title)}", "type": "boolean"})
        for element in section:
            items += self._group(section, element) if element.kind == "group" else [self._item(section, element)]
        item: Json = {"linkId": section.name, "text": section.title, "type": "group", "item": items}
        if section.category:
            category = {"coding": [{"system": _CATEGORY, "code": section.category}]}
            item["extension"] = [_extension(f"{_SDC}/sdc-questionnaire-observation-extract-category", category)]
        if section.code:
            item["code"] = [datatypes.coding(section.code)]
        return self._enabled(item, self.template.truth(section.asked) if section.asked else None)

    def _of_the_note(self) -> Iterator[Json]:
        yield _hidden({"linkId": NOTE_ID, "text": "Id of the note", "type": "string"})
        named = {"linkId": TEMPLATE_ID, "text": "Note kind", "type": "string", "readOnly": True}
        yield _hidden({**named, "initial": [{"valueString": self.template.id}]})
        offset = _extension(f"{_SDC}/sdc-questionnaire-initialExpression", _expression(_OWN_OFFSET))
        yield _hidden({"linkId": OFFSET, "extension": [offset], "text": "Offset of the clock", "type": "string"})

    def _group(self, section: Section, group: Element) -> Iterator[Json]:
        shown = self._shown(section, group)
        if group.path in _HIDDEN:
            shown = None
        else:
            none = {"linkId": no_rows(group.path), "text": f"{group.title}: none", "type": "boolean"}
            yield self._enabled(none, shown)
            flag = Field(no_rows(group.path), "boolean", "")
            open_: Truth = Or((Not(Is("known", flag)), OneOf(flag, (False,))))
            shown = open_ if shown is None else And((shown, open_))
        own = _hidden({"linkId": row_id(group.path), "text": "Id of the row", "type": "string"})
        items = [*_help(group.path, group.help), own, *(self._item(section, row) for row in group.rows)]
        item: Json = {"linkId": group.path, "text": group.row_title or group.title, "type": "group", "repeats": True}
        variables = self.expressions.of_rows.get(group.path, {})
        if variables:
            item["extension"] = [_variable(name, expression) for name, expression in variables.items()]
        item |= {"code": _codes(group), "item": items}
        yield _hidden(item) if group.path in _HIDDEN else self._enabled(item, shown)

    # one element

    def _item(self, section: Section, element: Element) -> Json:
        item: Json = {"linkId": element.path, "extension": [*self._extensions(element)], "code": _codes(element)}
        item |= {"text": element.title, "type": _type(element)}
        item |= _ITEMS[element.kind](element)
        if element.path == f"{HEADER}.date":
            item["required"] = True
        if element.computed:
            item["readOnly"] = True
            item["extension"] += self._calculated(element)
        if element.path == _STATUS:
            item["answerOption"][0]["initialSelected"] = True  # a draft; with options there is no `initial`
        if element.help:
            item["item"] = [*_help(element.path, element.help)]
        if not item["extension"]:
            del item["extension"]
        return _hidden(item) if element.path in _HIDDEN else self._enabled(item, self._shown(section, element))

    def _extensions(self, element: Element) -> Iterator[Json]:
        yield from _EXTENSIONS[element.kind](element)
        extracted = element.kind not in ("choices", "gestational-age", "group") and not element.group
        if extracted and element.path not in self.placed and not element.path.startswith(f"{HEADER}."):
            yield _extension(f"{_SDC}/sdc-questionnaire-observationExtract", True)

    def _calculated(self, element: Element) -> Iterator[Json]:
        written = _calculation(self.expressions, element)
        if written is not None:
            yield _extension(f"{_SDC}/sdc-questionnaire-calculatedExpression", _expression(written))

    # when an item is shown

    def _shown(self, section: Section, element: Element) -> Truth | None:
        """Return when the terminal asks for an element, within its section: where it applies, in turn or on request."""
        parts: list[Truth] = []
        if element.asked:
            names = self.template.names.within(element.group) if element.group else self.template.names
            asked = parse_truth(element.asked, names)
            parts += _without(asked, self.template.truth(section.asked) if section.asked else None)
        if _on_request(element):
            wanted: Truth = OneOf(Field(more(section.name), "boolean", ""), (True,))
            parts.append(Or((self.template.truth(element.in_turn), wanted)) if element.in_turn else wanted)
        return None if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))

    def _enabled(self, item: Json, shown: Truth | None) -> Json:
        """Return an item with when it is shown: as enableWhen where that can say it, else as FHIRPath."""
        if shown is None:
            return item
        simple = enable_when(self.template, shown)
        if simple is not None:
            behavior, conditions = simple
            item["enableWhen"] = conditions
            if len(conditions) > 1:
                item["enableBehavior"] = behavior or "all"
            return item
        element = self.template.elements.get(item["linkId"])
        written = self.expressions.holds(shown, element.group if element else "")
        extension = _extension(f"{_SDC}/sdc-questionnaire-enableWhenExpression", _expression(written))
        item["extension"] = [*item.get("extension", []), extension]
        return item

    # why elements have no value

    def _absences(self) -> Json:
        named = [one for one in self.template.elements.values() if not one.computed]
        options = [self._absent(one) for one in named if one.path not in (_STATUS, f"{HEADER}.date")]
        element = {"linkId": f"{ABSENCE}.element", "extension": [_control("autocomplete")], "text": "Element"}
        reasons = [{"valueCoding": absence_coding(code)} for code in ABSENCES]
        why = {"linkId": f"{ABSENCE}.why", "extension": [_control("drop-down")], "text": "Why"}
        # No enableWhen for it: LHC-Forms would hold each row of this group against every element of every group.
        row = {"linkId": f"{ABSENCE}.row", "text": "Row, of what repeats: 1 for the first", "type": "string"}
        return {
            "linkId": ABSENCE,
            "text": "Not recorded, and why",
            "type": "group",
            "repeats": True,
            "item": [
                *_help(ABSENCE, "For each question that has no answer for a reason: which it is, and why."),
                {**element, "type": "choice", "answerOption": options},
                {**why, "type": "choice", "answerOption": reasons},
                {"linkId": f"{ABSENCE}.reason", "text": "In words", "type": "string"},
                row,
            ],
        }

    def _absent(self, element: Element) -> Json:
        section = self.template.section(element.path.partition(".")[0])
        holder = self.template.elements.get(element.group)
        titles = [section.title if section else "", *([holder.row_title or holder.title] if holder else [])]
        prefix = _extension(f"{_CORE}/questionnaire-optionPrefix", f"{', '.join(titles)}:", "valueString")
        return {"extension": [prefix], "valueCoding": element_coding(element)}


def _on_request(element: Element) -> bool:
    return (element.on_request or bool(element.in_turn)) and not element.computed and element.path not in _HIDDEN


def _placed(template: Template) -> set[str]:
    """Return the elements that stand in a resource of their own kind, and are no Observation by themselves."""

    def found(node: Any, group: str) -> Iterator[str]:
        if isinstance(node, Mapping):
            for key, value in node.items():
                if key in WORDS and isinstance(value, str):
                    yield path_of(value, group)
                yield from found(value, group)
        elif isinstance(node, list):
            for one in node:
                yield from found(one, group)

    return {path for shape in template.skeleton.values() for path in found(shape, shape.get("$each", ""))}


def _without(asked: Truth, section: Truth | None) -> list[Truth]:
    """Return what is left of an element's condition where its section has its own on the group around it."""
    if asked == section:
        return []
    if isinstance(asked, And) and asked.parts[0] == section:
        return [*asked.parts[1:]]  # type: ignore[list-item]
    return [asked]


def _lower(title: str) -> str:
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


# --- kind by kind --------------------------------------------------------------------------------------------------


def _type(element: Element) -> str:
    if is_quantity(element):
        return "quantity"
    if element.kind == "text" and element.shape.get("maxLength", 0) >= _LONG:
        return "text"
    return _TYPES[element.kind]


_TYPES = {
    "text": "string",
    "boolean": "boolean",
    "integer": "integer",
    "quantity": "quantity",
    "date": "date",
    "datetime": "dateTime",
    "gestational-age": "string",
    "choice": "choice",
    "choices": "choice",
    "group": "group",
}
"""The item type of each kind; a number with a unit is a quantity. A range of weeks has no type of its own."""


def _option(element: Element, value: str) -> Json:
    option = element.option(value)
    if option is None:
        return {}
    coding: Json = datatypes.option_coding(element, option)
    if option.codes:
        same = {"coding": [*map(datatypes.coding, option.codes)]}
        coding = {"extension": [_extension(f"{_CORE}/alternate-codes", same)], **coding}
    return coding


def _options(element: Element) -> Json:
    options: list[Json] = [{"valueCoding": _option(element, one.value)} for one in element.options]
    if element.kind != "choices":
        return {"answerOption": options}
    exclusive = _extension(f"{_CORE}/questionnaire-optionExclusive", True)
    none = {"extension": [exclusive], "valueCoding": {**NONE_OF_THESE}}
    return {"repeats": True, "answerOption": [*options, none]}


def _nothing(_element: Element) -> Json:
    return {}


_ITEMS: dict[str, Callable[[Element], Json]] = {
    "text": lambda element: {"maxLength": element.shape["maxLength"]} if "maxLength" in element.shape else {},
    "boolean": _nothing,
    "integer": _nothing,
    "quantity": _nothing,
    "date": _nothing,
    "datetime": _nothing,
    "gestational-age": _nothing,
    "choice": _options,
    "choices": _options,
    "group": _nothing,
}
"""What an item of each kind has beside its type."""


def _limits(element: Element) -> Iterator[Json]:
    for word, key in (("min", "minimum"), ("max", "maximum")):
        limit = element.shape.get(key)
        if limit is None or element.computed:
            continue
        if is_quantity(element):
            held = datatypes.quantity(limit, str(element.unit))
            yield _extension(f"{_SDC}/sdc-questionnaire-{word}Quantity", held, "valueQuantity")
        else:
            yield _extension(f"{_CORE}/{word}Value", limit, "valueInteger")


def _number(element: Element) -> Iterator[Json]:
    if element.unit is not None:
        unit = {"system": UCUM, "code": element.unit, "display": unit_shown(element.unit)}
        yield _extension(f"{_CORE}/questionnaire-unitOption", unit, "valueCoding")
    yield from _limits(element)


def _pattern(element: Element) -> Iterator[Json]:
    if "pattern" in element.shape:
        yield _extension(f"{_CORE}/regex", str(element.shape["pattern"]).removeprefix("^").removesuffix("$"))


def _weeks(element: Element) -> Iterator[Json]:
    if not element.computed:
        yield _extension(f"{_CORE}/regex", _GESTATION)
        yield _extension(f"{_CORE}/entryFormat", "23w4d, 23+4, or 23w where the day is not known")


def _chosen(element: Element) -> Iterator[Json]:
    if element.kind == "choices":
        yield _control("check-box")
    else:
        yield _control("radio-button" if len(element.options) <= _FEW else "drop-down")


def _none(_element: Element) -> Iterator[Json]:
    return iter(())


_EXTENSIONS: dict[str, Callable[[Element], Iterable[Json]]] = {
    "text": _pattern,
    "boolean": _none,
    "integer": _number,
    "quantity": _number,
    "date": _none,
    "datetime": _none,
    "gestational-age": _weeks,
    "choice": _chosen,
    "choices": _chosen,
    "group": _none,
}
"""The extensions that an item of each kind has."""


# --- parts ---------------------------------------------------------------------------------------------------------


def _codes(element: Element) -> list[Json]:
    codes: list[Coding] = [*element.codes]
    return [*map(datatypes.coding, codes), element_coding(element)]


_VALUES: dict[type, str] = {bool: "valueBoolean", str: "valueString", int: "valueInteger"}


def _extension(url: str, value: Any, key: str = "") -> Json:
    return {"url": url, key or _VALUES.get(type(value)) or _value_key(value): value}


def _value_key(value: Json) -> str:
    return "valueExpression" if "expression" in value else "valueCodeableConcept"


def _expression(written: str) -> Json:
    return {"language": "text/fhirpath", "expression": written}


def _variable(name: str, written: str) -> Json:
    return _extension(f"{_CORE}/variable", {"name": name, **_expression(written)})


def _control(code: str) -> Json:
    return _extension(f"{_CORE}/questionnaire-itemControl", {"coding": [{"system": _CONTROL, "code": code}]})


def _hidden(item: Json) -> Json:
    hidden = _extension(f"{_CORE}/questionnaire-hidden", True)
    return {**item, "extension": [*item.get("extension", []), hidden]}


def _help(link_id: str, text: str) -> Iterator[Json]:
    if text:
        yield {"linkId": f"{link_id}-help", "extension": [_control("help")], "text": text, "type": "display"}
