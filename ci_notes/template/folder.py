"""Reads a template from its folder: the only place where template files are opened.

Everything is held to a schema and to the template's own names, so that a typing error fails here with a sentence and
never while a note is being written.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ci_notes.element import OURS, Element, Section
from ci_notes.errors import ExpressionError, TemplateError
from ci_notes.expression import Node, fields_of, nearest, parse_value, write_conditions, write_value
from ci_notes.template import extending, files, filling
from ci_notes.template.elements import Pool, coding, sections
from ci_notes.template.guidance import rule_condition
from ci_notes.template.model import Template
from ci_notes.template.rules import with_rules


def read(folder: Path, shared: Path, extension: Path | None = None) -> Template:
    """Return the template in a folder; raises TemplateError with the file and what would be right.

    `shared` is a folder that holds `_elements`, `_rules` and `_macros` for what the pack itself does not have.
    `extension` is the folder in which another pack extends the template.
    """
    roots = [folder.parent, shared]
    schema = files.raw(folder / "schema.json")
    pack = extending.read(extension, roots) if extension else None
    pool = Pool(folder.name, [*roots, *([pack.root] if pack else [])])
    parts = sections(schema, Pool(folder.name, roots))
    if pack:
        ours = Pool(folder.name, roots).declared()
        parts = extending.owned(sections(extending.extended(schema, pack, pool), pool), pack, ours)
    about = schema["x-ci"]
    skeleton = _skeletons(folder, roots, pack)
    told = {path.name: files.text(path) for path in sorted(folder.glob("*.j2"))}
    template = Template(
        id=folder.name,
        title=schema["title"],
        version=f"{about['version']}+{pack.about.build}" if pack else about["version"],
        status=about.get("status", "draft"),
        sections=parts,
        document=coding(about["document"]) if "document" in about else None,
        headings=about.get("headings", {}),
        compact=_compact(about.get("compact", []), parts),
        narratives=extending.narratives(told, pack, parts) if pack else told,
        macros=_macros(pool.roots),
        skeleton=skeleton,
        profiled=_profiled(folder, shared, parts, skeleton),
        foreign=pool.declared(),
        extension=pack.about if pack else None,
    )
    relaxed = _relaxed(replace(template, skeleton=_pruned_skeletons(template)))
    if pack:
        extending.check_kept(template.elements, relaxed.elements, pack)
    template = filling.applied(relaxed)
    _distinct(template)
    return _compiled(with_rules(template, folder, roots, pack))


def _compact(names: list[str], parts: tuple[Section, ...]) -> tuple[str, ...]:
    """Return the sections that a compact narrative leaves out first; raises TemplateError for one that is none."""
    known = [section.name for section in parts]
    for name in names:
        if name not in known:
            raise TemplateError(f"schema.json, compact: there is no section «{name}»{nearest(name, known)}")
    return tuple(names)


def _macros(roots: list[Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for root in reversed(roots):
        for path in sorted((root / "_macros").glob("*.j2")):
            found[f"_macros/{path.name}"] = files.text(path)
    return found


def _skeletons(folder: Path, roots: list[Path], pack: extending.Pack | None) -> dict[str, Any]:
    """Return the shared FHIR resources, each replaced by the template's own of the same name, or by a pack's."""
    found: dict[str, Any] = {}
    shared = [path for root in reversed(roots) for path in sorted((root / "_fhir").glob("*.yaml"))]
    for path in [*shared, folder / "fhir.yaml", *(extending.skeleton_files(pack) if pack else [])]:
        data = files.yaml(path) if path.is_file() else {}
        if not isinstance(data, dict):
            raise TemplateError(f"{path.parent.name}/{path.name}: resources by name are wanted")
        found |= data
    return found


def _profiled(folder: Path, shared: Path, parts: tuple[Section, ...], skeleton: dict[str, Any]) -> frozenset[str]:
    """Return what is as we declare it: the ids of our elements and the names of our resources."""
    home = folder.parent.resolve() == shared.resolve()
    declared = {element.id for part in parts for element in part if element.base == OURS}
    known = declared if home else declared & Pool(folder.name, [shared]).declared()
    ours = _skeletons(folder if home else shared, [shared], None)
    return frozenset({*known, *(name for name, shape in skeleton.items() if ours.get(name) == shape)})


def _relaxed(template: Template) -> Template:
    """Return the template without conditions of shared elements that name elements it leaves out.

    A shared element is asked, or required, depending on others; where those are not in the template it simply is asked.
    """
    lacking = template.foreign - set(template.elements)
    lacking |= {f"{name.partition('.')[0]}.*" for name in lacking}
    present = {section.name for section in template.sections}

    def relax(element: Element) -> Element:
        kept = {what: getattr(element, what) for what in ("asked", "required", "suggested", "in_turn", "pair", "dated")}
        kept = {what: "" if _names(source, present) & lacking else source for what, source in kept.items()}
        known = element.carried_from not in lacking
        carried, carried_from = (element.carried, element.carried_from) if known else (False, "")
        rows = tuple(map(relax, element.rows))
        return replace(element, **kept, carried=carried, carried_from=carried_from, rows=rows)

    sections = tuple(replace(part, elements=tuple(map(relax, part.elements))) for part in template.sections)
    return replace(template, sections=sections)


_NAMED = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")
_WHOLE = re.compile(r"\byes\(([a-z][a-z0-9_]*)\)")


def _names(source: str, present: set[str]) -> set[str]:
    """Return the elements that a condition names; for a whole section that is not there, its elements elsewhere."""
    sections = [name for name in _WHOLE.findall(source) if name not in present]
    return {*_NAMED.findall(source), *(f"{name}.*" for name in sections)}


def _pruned_skeletons(template: Template) -> dict[str, Any]:
    """Return the skeletons without the holes, and the resources, for shared elements that this template leaves out."""
    lacking = template.foreign - set(template.elements)
    pruned = {name: _pruned(shape, lacking) for name, shape in template.skeleton.items()}
    kept = {name: shape for name, shape in pruned.items() if shape is not None}
    gone = frozenset(pruned.keys() - kept.keys())
    return {name: _pruned(shape, gone) for name, shape in kept.items()}


_HOLES = ("$", "$concept", "$concepts", "$coding", "$choose", "$quantity", "$absent", "$said", "$ref")


def _pruned(node: Any, lacking: frozenset[str]) -> Any:
    """Return a part of a skeleton without holes for what is lacking; a part whose holes are all gone goes with them."""
    if isinstance(node, list):
        items = [_pruned(item, lacking) for item in node]
        return [item for item in items if item is not None] or None
    if not isinstance(node, dict):
        return node
    if node.get("$each") in lacking or not lacking.isdisjoint(_NAMED.findall(str(node.get("$when", "")))):
        return None
    if any(isinstance(node.get(hole), str) and node[hole] in lacking for hole in _HOLES):
        return None
    parts = {key: _pruned(value, lacking) for key, value in node.items()}
    kept = {key: value for key, value in parts.items() if value is not None or node[key] is None}
    return None if not kept or (_holes_in(node) and not _holes_in(kept)) else kept


def _holes_in(node: Any) -> int:
    """Count the holes for elements in a part of a skeleton; references are none."""
    if isinstance(node, list):
        return sum(map(_holes_in, node))
    if not isinstance(node, dict):
        return 0
    return sum(hole in node for hole in _HOLES if hole != "$ref") + sum(map(_holes_in, node.values()))


def _distinct(template: Template) -> None:
    """Refuse two elements that FHIR could not tell apart, and option lists that repeat themselves."""
    seen: dict[object, str] = {}
    for element in template.elements.values():
        keys: list[object] = [element.id]
        keys += [(element.group, code.system, code.code, element.method, element.body_site) for code in element.codes]
        for key in keys:
            if key in seen:
                raise TemplateError(
                    f"{element.path} and {seen[key]} share the code {key}, so they could not be read back"
                )
            seen[key] = element.path
        values = [option.value for option in element.options]
        if len(set(values)) != len(values):
            raise TemplateError(f"{element.path} lists an option twice")


def _compiled(template: Template) -> Template:
    """Return the template with its conditions written as Python, ready to be stored and run."""
    filling.check_carried(template)
    filling.check_pairs(template)
    filling.check_in_turn(template)
    filling.check_dated(template)
    rules = [rule_condition(rule, template.names) for rule in template.active_rules]
    return replace(
        template,
        computed=tuple(_computed(template)),
        suggested=tuple(filling.suggestions(template)),
        asked_source=write_conditions(list(template.asked)),
        required_source=write_conditions(list(template.required)),
        rules_source=write_conditions(rules),
    )


def _computed(template: Template) -> Iterator[tuple[str, str]]:
    """Yield computed elements with the source that computes them, each after those it needs."""
    nodes: dict[str, Node] = {}
    for element in template.elements.values():
        if element.computed:
            if element.group:
                raise TemplateError(f"{element.path}: an element inside a repeating group cannot be computed")
            try:
                nodes[element.path] = parse_value(element.computed, template.names)
            except ExpressionError as error:
                raise TemplateError(f"{element.path}, computed: {error}") from None
    done: list[str] = []
    while len(done) < len(nodes):
        ready = [
            path
            for path, node in nodes.items()
            if path not in done and all(other.path in done or other.path not in nodes for other in fields_of(node))
        ]
        if not ready:
            circle = ", ".join(path for path in nodes if path not in done)
            raise TemplateError(f"{circle}: computed from one another in a circle")
        done += ready
    for path in done:
        yield path, write_value(nodes[path])
