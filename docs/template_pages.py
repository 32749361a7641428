"""The pages of note kinds: one for each template, and the index of all."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import layout
from rule_pages import UNREVIEWED, Rules, state

from ci_notes import _data, library, listing, printing, reporting
from ci_notes.checks import SEVERITIES, BuiltIn
from ci_notes.narrative import render
from ci_notes.template import Template

HERE = Path(__file__).parent
NARRATIVES = ("normal", "complete")
"""The example whose narrative stands on the page of a template: the first of these that it has."""


def templates_index(templates: list[Template]) -> str:
    """Return the list of note kinds."""
    rows = (
        [
            f"[{one.id}]({one.id}.md)",
            layout.text(one.title),
            one.version,
            one.status,
            str(len(one.elements)),
            str(len(one.rules)),
        ]
        for one in templates
    )
    parts = [
        layout.made("the templates"),
        "# Note kinds\n",
        "What each asks, with kinds, ranges, answers and codes. How one is written is told in\n"
        "[adding a template](../adding-a-template.md).\n",
        layout.table(["Template", "Title", "Version", "Status", "Elements", "Rules"], rows),
    ]
    return "\n".join(parts)


def template_page(found: Template, rules: Rules) -> str:
    """Return the page of a note kind."""
    folder = _data.folder("templates") / found.id
    declared = {one["path"]: one for one in json.loads(listing.template(found, "json"))}
    parts = [
        layout.made("the template"),
        f"# {found.title}\n",
        f"{_purpose(folder)}\n",
        layout.facts(_about_template(found)),
        layout.paragraph(
            "**Takes**: what may be recorded; in brackets what is usual, and a value outside of that is asked back and",
            "kept when confirmed. **When**: *required* means that a missing value is a finding, never that the note",
            "is refused; any value may be replaced by the reason why there is none. What is *on request* is asked",
            "after `+`.",
        ),
    ]
    for section in found.sections:
        every = [each for element in section for each in (element, *element.rows)]
        parts += [f"## {section.title}\n"]
        parts += [f"{layout.text(section.help)}\n"] if section.help else []
        parts += [f"Asked if `{section.asked}`.\n"] if section.asked else []
        rows = (_element(declared[each.path], section.asked) for each in every)
        parts += [layout.table(["Element", "Takes", "When", "Codes"], rows)]
    parts += [*_narrative(folder), *_its_rules(found, rules), "[All note kinds](README.md)\n"]
    return "\n".join(parts)


def _purpose(folder: Path) -> str:
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    return layout.text(schema.get("description", ""))


def _about_template(found: Template) -> dict[str, str]:
    more = [f"[README](../../templates/{found.id}/README.md)"]
    if (HERE / "catalogue" / f"{found.id}.md").is_file():
        more.append(f"[each field of the evidence base](../catalogue/{found.id}.md)")
    status = f"{found.status}: {UNREVIEWED}" if found.status == "draft" else found.status
    code = f"{listing.SYSTEMS[found.document.system]} {found.document.code}" if found.document else ""
    return {
        "Template": f"`{found.id}` {found.version}",
        "Status": status,
        "Elements": str(len(found.elements)),
        **({"Kind of document": f"{code} {layout.text(found.document.display)}"} if found.document else {}),
        "More": ", ".join(more),
    }


def _element(one: Mapping[str, Any], whole: str) -> list[str]:
    name = f"`{one['path']}`<br>{layout.text(one['title'])}"
    return [name, "<br>".join(_takes(one)), "<br>".join(_asked(one, whole)), "<br>".join(_codes(one))]


def _takes(one: Mapping[str, Any]) -> Iterator[str]:
    kind = {"group": "rows", "boolean": "yes/no", "datetime": "date and time", "choices": "any of", "choice": "one of"}
    usual = one["usual"] or {"minimum": None, "maximum": None}
    words = [
        kind.get(one["type"], one["type"].replace("-", " ")),
        _between(one["minimum"], one["maximum"]),
        one["unit"] or "",
        f"({_between(**usual)})" if one["usual"] else "",
    ]
    yield " ".join(word for word in words if word)
    yield from (f"`{option['value']}` {layout.text(option['title'])}" for option in one["options"])


def _between(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f"{minimum:g} to {maximum:g}"
    return f"at least {minimum:g}" if minimum is not None else f"at most {maximum:g}" if maximum is not None else ""


def _asked(one: Mapping[str, Any], whole: str) -> Iterator[str]:
    """Yield when an element is asked; the condition of its whole section stands above."""
    asked = listing.own_condition(one["asked"] or "", whole)
    if one["computed"]:
        yield f"computed: `{one['computed']}`"
    if asked:
        yield f"if `{asked}`"
    if one["on_request"] or one["in_turn"]:
        yield f"on request, and in turn if `{one['in_turn']}`" if one["in_turn"] else "on request"
    if one["required"]:
        yield "required" if one["required"] == "true" else f"required if `{one['required']}`"
    if one["suggested"]:
        yield f"suggested: `{one['suggested']}`"
    if one["carried"]:
        yield "carried forward" if one["carried"] is True else f"carried forward from `{one['carried']}`"


def _codes(one: Mapping[str, Any]) -> Iterator[str]:
    yield from map(_code, one["codes"])
    yield from (f"method {_code(code)}" for code in one["method"])
    yield from (f"body site {_code(code)}" for code in one["body_site"])
    for option in one["options"]:
        yield from (f"`{option['value']}` {_code(code)}" for code in option["codes"])


def _code(code: Mapping[str, str]) -> str:
    return f"{listing.SYSTEMS.get(code['system'], code['system'])} {code['code']}"


def _narrative(folder: Path) -> Iterator[str]:
    examples = sorted(path.name.removesuffix(".note.json") for path in (folder / "examples").glob("*.note.json"))
    shown = next((name for name in NARRATIVES if name in examples), None)
    if shown is None:
        return
    note = library.load(folder / "examples" / f"{shown}.note.json")
    told = printing.text(note, render(note)).rstrip()
    here = f"../../templates/{folder.name}/examples"
    yield "## An example\n"
    yield f"The narrative of the invented note [`{shown}`]({here}/{shown}.note.json):\n"
    yield layout.fenced("text", reporting.wrapped(told, 110))
    others = (f"[{name}]({here}/{name}.txt)" for name in examples if name != shown)
    yield f"Others: {', '.join(others)}.\n"
    if (folder / "examples" / f"{shown}.patient.txt").is_file():
        yield f"What the patient is given of it: [her page]({here}/{shown}.patient.txt).\n"


def _its_rules(found: Template, rules: Rules) -> Iterator[str]:
    every = [one for one in rules.checks.values() if isinstance(one, BuiltIn) or found in rules.holders[one.id]]
    yield "## Rules\n"
    yield layout.paragraph(
        f"{len(every)} of [all rules](../rules/README.md): {len(found.active_rules)} fire by a condition,",
        f"{sum(state(one) in ('held', 'built in') for one in every)} are held by the program,",
        f"{sum(state(one) == 'off' for one in every)} off.",
    )
    rows = (
        [severity, str(len(there)), ", ".join(there)]
        for severity in SEVERITIES
        if (there := [f"[{one.id}](../rules/{one.id}.md)" for one in every if one.severity == severity])
    )
    yield layout.table(["Severity", "Number", "Rules"], rows)
