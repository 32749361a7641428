"""What a template holds and what a rule says, printed for a person or as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from ci_notes.checks import BUILT_IN, BuiltIn
from ci_notes.element import OURS, Block, Coding, Element, Option, Section
from ci_notes.errors import InputError, plain
from ci_notes.expression import nearest
from ci_notes.template import GRADES, Rule, Template

SYSTEMS = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
}


def catalogue(templates: Iterable[Template], form: str) -> str:
    """Return the list of templates."""
    if form == "json":
        return _json(
            [
                {
                    "id": one.id,
                    "title": one.title,
                    "version": one.version,
                    "status": one.status,
                    "elements": len(one.elements),
                    "rules": len(one.active_rules),
                }
                for one in templates
            ]
        )
    return "".join(
        f"{one.id:16} {one.version:8} {one.title} ({len(one.elements)} elements, {len(one.active_rules)} rules)\n"
        for one in templates
    )


def template(found: Template, form: str) -> str:
    """Return a template's elements with all that is declared about them: type, limits, codes, how they are asked."""
    if form == "json":
        return _json([_element_data(found, element) for element in found.elements.values()])
    lines = [f"{found.title} ({found.id} {found.version})"]
    lines += [f"extended by {found.extension}, {found.extension.canonical}"] if found.extension else []
    for section in found.sections:
        lines += ["", section.title, *_indented(_section_lines(section), "    ")]
        for element in section:
            lines += _element_lines(element, section, "  ")
            for row in element.rows:
                lines += _element_lines(row, section, "    ")
    return "\n".join(lines) + "\n"


def _indented(lines: Iterable[str], indent: str) -> list[str]:
    return [indent + line for line in lines]


def _section_lines(section: Section) -> Iterator[str]:
    if section.asked:
        yield f"applies if {section.asked}"
    yield from _blocks(section.blocks)


def _blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        yield f"block {block.key}: {block.ask} The others: {'yes' if block.normal else 'no'}"


def _element_lines(element: Element, section: Section, indent: str) -> Iterator[str]:
    yield f"{indent}{element.path:34} {element.title}: {_type(element)}"
    yield from _indented(_about(element, section), indent + "    ")


def _type(element: Element) -> str:
    kind = "repeats" if element.kind == "group" else element.kind.replace("-", " ")
    unit = f" in {element.unit}" if element.unit else ""
    limits = _between(element.shape.get("minimum"), element.shape.get("maximum"))
    usual = _between(*(element.usual or (None, None)))
    return f"{kind}{unit}{f', {limits}' if limits else ''}{f', usually {usual}' if usual else ''}"


def _between(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else ""


def _about(element: Element, section: Section) -> Iterator[str]:
    if element.help:
        yield element.help
    if element.base != OURS:
        yield f"added by the extension, under {element.base}"
    if element.options:
        yield "one of:" if element.kind == "choice" else "any of:"
        yield from (f"  {option.value}: {option.title}{_codes(option.codes)}" for option in element.options)
    for name, codes in (("code", element.codes), ("method", element.method), ("body site", element.body_site)):
        if codes:
            yield f"{name}:{_codes(codes)}"
    yield from _how_filled(element, section)
    yield from _blocks(element.blocks)


def _how_filled(element: Element, section: Section) -> Iterator[str]:
    asked = own_condition(element.asked, section.asked)
    said = {
        f"asked if {asked}": asked,
        "on request": element.on_request,
        f"in turn if {element.in_turn}, otherwise on request": element.in_turn,
        f"may be typed together with {element.pair}": bool(element.pair),
        "may be typed as the gestational age on the day of the note": element.from_gestation,
        f"in block {element.block}": element.block,
        "required": element.required == "true",
        f"required if {element.required}": element.required not in ("", "true"),
        f"computed: {element.computed}": element.computed,
        f"suggested: {element.suggested}": element.suggested,
        f"carried forward{f' from {element.carried_from}' if element.carried_from else ''}": element.carried,
    }
    yield from (words for words, holds in said.items() if holds)


def own_condition(asked: str, whole: str) -> str:
    """Return an element's own condition, without that of its section, which stands above."""
    if whole and asked == whole:
        return ""
    before = f"({whole}) and ("
    return asked.removeprefix(before).removesuffix(")") if whole and asked.startswith(before) else asked


def _codes(codes: tuple[Coding, ...]) -> str:
    said = "; ".join(f"{SYSTEMS.get(code.system, code.system)} {code.code} {code.display}" for code in codes)
    return f" [{said}]" if said else ""


def _element_data(found: Template, element: Element) -> dict[str, Any]:
    low, high = element.usual or (None, None)
    return {
        "path": element.path,
        "id": element.id,
        "base": element.base,
        "section": element.path.partition(".")[0],
        "title": element.title,
        "help": element.help or None,
        "type": element.kind,
        "unit": element.unit,
        "minimum": element.shape.get("minimum"),
        "maximum": element.shape.get("maximum"),
        "usual": {"minimum": low, "maximum": high} if element.usual else None,
        "options": [_option_data(option) for option in element.options],
        "codes": _coding_data(element.codes),
        "method": _coding_data(element.method),
        "body_site": _coding_data(element.body_site),
        "asked": element.asked or None,
        "required": element.required or None,
        "computed": element.computed or None,
        "suggested": element.suggested or None,
        "carried": element.carried_from or element.carried,
        "on_request": element.on_request,
        "in_turn": element.in_turn or None,
        "pair": element.pair or None,
        "block": _block_data(found, element),
    }


def _option_data(option: Option) -> dict[str, Any]:
    return {"value": option.value, "title": option.title, "codes": _coding_data(option.codes)}


def _coding_data(codes: tuple[Coding, ...]) -> list[dict[str, str]]:
    return [asdict(code) for code in codes]


def _block_data(found: Template, element: Element) -> dict[str, Any] | None:
    section = found.section(element.path.partition(".")[0])
    blocks = found.elements[element.group].blocks if element.group else section.blocks if section else ()
    return next((asdict(block) for block in blocks if block.key == element.block), None)


def rules(found: Sequence[Template], form: str = "text") -> str:
    """Return the list of the rules of some templates, each once, and of the checks that every template has.

    A rule that a pack has changed in one template stands there once more.
    """
    held = _held(found)
    everywhere = [one for one in BUILT_IN.values() if one.id not in {one.id for one, _ in held}]
    if form == "json":
        return _json([_rule_data(*each) for each in held] + [asdict(one) | {"grade": "D"} for one in everywhere])
    lines = [_rule_line(one, kinds if one.off_by or one.changed else ()) for one, kinds in held]
    lines += [
        f"{one.id:7} {one.severity:8} D   all      {one.statement} (held by the program itself)" for one in everywhere
    ]
    return "\n".join(sorted(lines)) + "\n"


def _held(found: Sequence[Template]) -> list[tuple[Rule, list[str]]]:
    """Return each rule with the templates that have it as it is."""
    kinds: dict[tuple[str, str, str], tuple[Rule, list[str]]] = {}
    for template in found:
        for one in template.rules:
            kinds.setdefault((one.id, one.off, one.changed), (one, []))[1].append(template.id)
    return [kinds[key] for key in sorted(kinds)]


def _rule_line(one: Rule, kinds: Sequence[str]) -> str:
    where = "/".join(one.jurisdictions) or "all"
    state = _off(one) or (" (held by the program itself)" if one.held else "")
    state += f" ({one.changed})" if one.changed else ""
    state += f" (added by {one.pack})" if one.pack else ""
    state += f" ({', '.join(kinds)})" if kinds else ""
    return f"{one.id:7} {one.severity:8} {one.grade:3} {where:8} {one.statement}{state}"


def _off(one: Rule) -> str:
    return f" (off by {one.off_by}: {one.off})" if one.off_by else " (off)" if one.off else ""


def _rule_data(one: Rule, kinds: Sequence[str]) -> dict[str, Any]:
    return {**asdict(one), "citation": one.citation, "note_kinds": list(kinds)}


def rule_named(name: str, found: Sequence[Template], form: str = "text") -> str:
    """Return the page of the rule or built-in check of an id or name; raises InputError with the nearest one."""
    every = [one for each in found for one in each.rules]
    known = {one.name: one for one in every} | {one.id: one for one in every}
    if name in known:
        return rule(known[name].id, found, form)
    if name in BUILT_IN:
        return built_in(BUILT_IN[name], form)
    where = f"{found[0].id} has" if len(found) == 1 else "there is"
    raise InputError(f"{where} no rule «{plain(name)}»{nearest(name[:80], [*known, *BUILT_IN])}")


def rule(rule_id: str, found: Sequence[Template], form: str = "text") -> str:
    """Return the page of a rule; where a pack has changed it in one template, one page for each form of it."""
    held = forms_of(rule_id, found)
    if form == "json":
        pages = [_rule_data(*each) for each in held]
        return _json(pages[0] if len(pages) == 1 else pages)
    return "\n".join(_rule_page(*each) for each in held)


def forms_of(rule_id: str, found: Sequence[Template]) -> list[tuple[Rule, list[str]]]:
    """Return a rule in each form that it has, with the templates that have it so; empty where there is none."""
    return [each for each in _held(found) if each[0].id == rule_id]


def _rule_page(one: Rule, kinds: Sequence[str]) -> str:
    lines = [
        f"{one.id}  {one.name}",
        "",
        one.statement,
        "",
        f"Why       {one.why}",
        f"Severity  {one.severity} ({one.category})",
        f"Scope     {', '.join(one.jurisdictions) or 'all guideline sets'}",
        f"Grade     {one.grade}, {GRADES[one.grade]}",
    ]
    lines += [f"Position  {position}" for position in one.positions]
    lines += [f"Notes     {', '.join(kinds)}"]
    for source in one.sources:
        lines.append(f"Source    {source.key} {source.document}{f' ({source.year})' if source.year else ''}")
        lines += [f"          {source.seen}"] if source.seen else []
    each = f" (for each of {one.each})" if one.each else ""
    lines += [
        f"Held      {' '.join(one.held.split())}" if one.held else f"Fires if  {' '.join(one.when.split())}{each}"
    ]
    lines += [f"Off       {f'by {one.off_by}: ' if one.off_by else ''}{one.off}"] if one.off else []
    lines += [f"Changed   {one.changed}"] if one.changed else []
    lines += [f"Added by  {one.pack}"] if one.pack else []
    by = one.reviewed.get("by")
    lines += [f"Review    {by + ', ' + str(one.reviewed.get('on')) if by else 'not yet reviewed by a clinician'}", ""]
    for title, key in (("Fires on", "fires"), ("Quiet on", "quiet"), ("Cannot tell on", "cannot_tell")):
        lines += (
            [f"{title}:", *(f"  {json.dumps(example)}" for example in one.examples[key])] if key in one.examples else []
        )
    return "\n".join(lines) + "\n"


def built_in(check: BuiltIn, form: str = "text") -> str:
    """Return the page of a check that every template has."""
    if form == "json":
        return _json(asdict(check))
    return (
        f"{check.id}\n\n{check.statement}\n\nWhy       {check.why}\nSeverity  {check.severity} ({check.category})\n"
        "Scope     every template\nGrade     D, data quality\n"
    )


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
