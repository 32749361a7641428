"""Writes docs/catalogue/*.md: each field the evidence base wants in a note kind, and where its template has it.

What the catalogue asks stands in the yaml file of that template; what the template takes is read from the template.
`make accept` writes the pages anew; `tests/test_catalogue.py` says when that is due.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from ci_notes import library
from ci_notes.element import Element
from ci_notes.template import Template

HERE = Path(__file__).parent / "catalogue"
KEPT = sorted(path.stem for path in HERE.glob("*.yaml"))
"""The templates that have a page."""

KINDS = {"boolean": "yes/no", "choice": "one of", "choices": "any of", "datetime": "date and time", "group": "list"}
ASPECTS = {
    "hard": "Possible",
    "soft": "Unusual",
    "required": "Required",
    "type": "Kind",
    "added": "Answers of our own",
}


def read(template: str) -> dict[str, Any]:
    """Return the fields of the catalogue for a note kind, and what we added to them."""
    data: dict[str, Any] = yaml.safe_load((HERE / f"{template}.yaml").read_text(encoding="utf-8"))
    return {"phrases": {}, "demands": {}, "added": [], **data}


def page_of(template: str) -> Path:
    """Return where the page of a template stands."""
    return HERE / f"{template}.md"


def elements_of(template: Template) -> dict[str, Element]:
    """Return every element of a template, those of its lists included, by path."""
    declared = (element for section in template.sections for element in section)
    return {found.path: found for element in declared for found in (element, *element.rows)}


def paths_of(field: dict[str, Any]) -> list[str]:
    """Return the paths of the elements that record a field."""
    at = field.get("at", [])
    return [at] if isinstance(at, str) else list(at)


def added(group: dict[str, Any], paths: Iterator[str] | list[str]) -> list[str]:
    """Return the paths that a group of added elements names; `*` stands for any section."""
    return [path for path in paths if any(fnmatchcase(path, pattern) for pattern in group["at"])]


def page(template: Template, data: dict[str, Any]) -> str:
    """Return the whole page."""
    elements, phrases = elements_of(template), data["phrases"]
    fields = [field for section in data["catalogue"] for field in section["fields"]]
    placed, gaps = sum("at" in field for field in fields), sum("reason" in field for field in fields)
    parts = [
        f"<!-- Made by docs/catalogue.py from {template.id}.yaml and the template; do not edit: make accept. -->\n",
        f"# {template.title}, field by field\n",
        f"{len(fields)} fields are what the evidence base names for this note kind. {placed} are recorded by elements\n"
        f"of the template `{template.id}`; {gaps} are not in it, with the reason. A range is what is possible, in\n"
        "brackets is what is usual, and a value outside of that is asked back and kept when confirmed. Answers in\n"
        "italics are not in the catalogue. What is required and missing is a finding of completeness, never an error\n"
        "of shape. In the last column is what the catalogue says in words, and after *here* what we do instead.\n"
        f"`ci-notes templates {template.id}` prints every element with its codes.\n",
    ]
    for section in data["catalogue"]:
        rows = [_row(field, elements, phrases) for field in section["fields"]]
        heads = ["Field", "Element", "What it takes", "Required", "Where we differ, or why it is not here"]
        parts += [f"## {section['title']}\n", f"{section['about'].strip()}\n", _table(heads, rows)]
    parts += [
        "## Elements of our own\n",
        "What the catalogue does not have, and why the template does. Texts A to E are the source texts that the\n"
        "[README of the assessment](../../templates/assessment/README.md#the-five-source-texts) goes through.\n",
        _table(["Elements", "Why"], [_own(group, elements) for group in data["added"]]),
    ]
    return "\n".join(parts)


def _row(field: dict[str, Any], elements: dict[str, Element], phrases: dict[str, str]) -> list[str]:
    found = [elements[path] for path in paths_of(field)]
    options = [named if isinstance(named, dict) else {named: named} for named in field.get("options", [])]
    wanted = {ours for named in options for ours in named.values()}
    return [
        f"`{field['field']}`",
        "<br>".join(f"`{element.path}`" for element in found) or "–",
        "<br>".join(_takes(element, wanted) for element in found),
        "<br>".join(_required(element, phrases) for element in found),
        "<br>".join(_why(field)),
    ]


def _why(field: dict[str, Any]) -> Iterator[str]:
    """Yield what the catalogue says in words, what we do instead, and the rules that hold a field."""
    differs = field.get("differs", {})
    if "reason" in field:
        yield field["reason"]
    for aspect in sorted({*differs, *(aspect for aspect in ("hard", "soft") if isinstance(field.get(aspect), str))}):
        theirs = field.get(aspect)
        if isinstance(theirs, list):
            theirs = _range(*theirs)
        said = f"{theirs}. *Here:* " if theirs and aspect in differs and aspect != "type" else ""
        yield f"{ASPECTS[aspect]}: {said}{differs.get(aspect, theirs)}"
    if "rules" in field:
        yield f"Held by {', '.join(field['rules'])}."


def _own(group: dict[str, Any], elements: dict[str, Element]) -> list[str]:
    return [", ".join(f"`{path}`" for path in added(group, list(elements))), group["why"]]


def _takes(element: Element, wanted: set[str]) -> str:
    """Return kind, range, unit and answers of an element."""
    words = [KINDS.get(element.kind, element.kind.replace("-", " "))]
    low, high = element.shape.get("minimum"), element.shape.get("maximum")
    if low is not None or high is not None:
        words.append(_range(low, high))
    if element.unit:
        words.append(element.unit)
    if element.usual:
        words.append(f"({_range(*element.usual)})")
    if element.options:
        ours = bool(wanted)
        named = (f"*{each.value}*" if ours and each.value not in wanted else each.value for each in element.options)
        words.append(", ".join(named))
    return " ".join(words)


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"up to {high:g}"
    return f"{low:g} and more" if high is None else f"{low:g} to {high:g}"


def _required(element: Element, phrases: dict[str, str]) -> str:
    if element.computed:
        return f"computed: `{element.computed}`"
    if element.on_request:
        return "on request"
    if element.in_turn and not element.required:
        return f"asked if {_words(element.in_turn, phrases)}, otherwise on request"
    if not element.required:
        return "asked" if not element.asked else f"asked: {_words(element.asked, phrases)}"
    if element.required == "true":
        return "always" if not element.asked else f"always, where asked: {_words(element.asked, phrases)}"
    return _words(element.required, phrases)


def _words(condition: str, phrases: dict[str, str]) -> str:
    """Return a condition with its long parts in words."""
    for written, said in phrases.items():
        if condition in (written, f"({written})"):
            return said
        condition = condition.replace(written, said)
    return f"`{condition}`"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;').strip() for cell in row)} |" for row in lines) + "\n"


if __name__ == "__main__":
    for kept in KEPT:
        page_of(kept).write_text(page(library.load_template(kept), read(kept)), encoding="utf-8")
