"""Sections and elements of a template, with references to what is declared once in `_elements` followed."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ci_notes import wording
from ci_notes.element import Block, Coding, Element, Option, Section
from ci_notes.errors import TemplateError
from ci_notes.expression import nearest
from ci_notes.template import files
from ci_notes.template.model import HEADER
from ci_notes.template.patterns import too_slow


class Pool:
    """The elements declared in `_elements`, looked up by reference."""

    def __init__(self, template: str, roots: list[Path]) -> None:
        self.template = template
        self.roots = roots
        self.files: dict[str, dict[str, Any]] = {}

    def file(self, stem: str) -> dict[str, Any]:
        if not re.fullmatch(r"[\w-]+", stem):
            raise TemplateError(
                f"«{stem}» is no file of _elements; a reference is written _elements/FILE.json#/$defs/NAME"
            )
        if stem not in self.files:
            path = next(
                (
                    root / "_elements" / f"{stem}.json"
                    for root in self.roots
                    if (root / "_elements" / f"{stem}.json").is_file()
                ),
                None,
            )
            if path is None:
                raise TemplateError(f"there is no _elements/{stem}.json")
            self.files[stem] = files.definitions(path)
        return self.files[stem]

    def resolve(self, declared: Mapping[str, Any], default_id: str) -> tuple[str, dict[str, Any]]:
        """Return the id and the full declaration of what may be a reference with additions beside it."""
        if "$ref" not in declared:
            return default_id, _without_none(declared)
        if not isinstance(declared["$ref"], str) or not isinstance(declared.get("x-ci", {}), dict):
            raise TemplateError(f"{default_id}: a reference is text, and what stands beside it in x-ci a group")
        stem, _, name = declared["$ref"].removeprefix("../").removeprefix("_elements/").partition(".json#/$defs/")
        definitions = self.file(stem)
        if name not in definitions:
            raise TemplateError(f"{declared['$ref']} is not declared{nearest(name, definitions)}")
        base = definitions[name]
        merged = {**base, **{key: value for key, value in declared.items() if key != "$ref"}}
        merged["x-ci"] = {**base.get("x-ci", {}), **declared.get("x-ci", {})}
        return f"{stem}.{name}", _without_none(merged)

    def followed(self, declared: Any, path: str) -> Any:
        """Return an element with its references followed, those of its rows too."""
        return _resolved(self, declared, path, {path.rpartition(".")[0]: ""})

    def declared(self) -> frozenset[str]:
        """Return the ids of all shared elements, so that a shared rule may name what this template lacks."""
        found = set()
        for root in self.roots:
            for path in (root / "_elements").glob("*.json"):
                for name, definition in self.file(path.stem).items():
                    found.add(f"{path.stem}.{name}")
                    items = definition.get("items", {})
                    inner = items.get("properties", {}) if isinstance(items, dict) else {}
                    found.update(f"{path.stem}.{name}.{row}" for row in inner)
        return frozenset(found)


def _without_none(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return a declaration without the keys of x-ci that null takes away, and without an x-ci that holds nothing."""
    about = declared.get("x-ci", {})
    kept = {key: value for key, value in about.items() if value is not None} if isinstance(about, dict) else about
    rest = {key: value for key, value in declared.items() if key != "x-ci"}
    return {**rest, "x-ci": kept} if kept else rest


def sections(schema: Any, pool: Pool) -> tuple[Section, ...]:
    """Return the sections of a schema.json, the header first; raises TemplateError."""
    ids: dict[str, str] = {}
    declared = schema.get("properties", {}) if isinstance(schema, dict) else {}
    if not isinstance(declared, dict):
        files.check_data(schema, "template", f"{pool.template}/schema.json")
    full = {
        name: _resolved(pool, {"$ref": "_elements/note.json#/$defs/note"} if name == HEADER else section, name, ids)
        for name, section in {HEADER: None, **declared}.items()
    }
    files.check_data(
        {**schema, "properties": full} if isinstance(schema, dict) else schema,
        "template",
        f"{pool.template}/schema.json",
    )
    return tuple(_section(name, section, ids) for name, section in full.items())


def _resolved(pool: Pool, declared: Any, path: str, ids: dict[str, str]) -> Any:
    """Return a section, element or row element with its references followed, noting the id each was declared under."""
    if not isinstance(declared, dict):
        return declared
    parent, _, name = path.rpartition(".")
    own = path.count(".") > 1 or parent == HEADER
    default = f"{ids[parent]}.{name}" if own else f"{pool.template}.{path}"
    ids[path], full = pool.resolve(declared, default)
    if path == HEADER:
        ids[path] = HEADER
    holder = full.get("items") if full.get("type") == "array" else full
    if isinstance(holder, dict) and isinstance(holder.get("properties"), dict):
        inner = {key: _resolved(pool, value, f"{path}.{key}", ids) for key, value in holder["properties"].items()}
        whole = {**holder, "properties": inner}
        full = {**full, "items": whole} if full.get("type") == "array" else whole
    return full


def _section(name: str, full: Mapping[str, Any], ids: Mapping[str, str]) -> Section:
    about = full.get("x-ci", {})
    elements = tuple(_element(f"{name}.{key}", value, ids) for key, value in full["properties"].items())
    section = Section(
        name=name,
        title=full["title"],
        elements=elements,
        help=full.get("description", ""),
        asked=about.get("asked", ""),
        blocks=_blocks(about),
        code=coding(about["code"]) if "code" in about else None,
        category=about.get("category", ""),
    )
    _check_blocks(f"section {name}", section.blocks, elements)
    return section


def _blocks(about: Mapping[str, Any]) -> tuple[Block, ...]:
    declared = about.get("blocks", {})
    return tuple(Block(key, block["ask"], block.get("normal", False)) for key, block in declared.items())


def _check_blocks(holder: str, blocks: tuple[Block, ...], elements: tuple[Element, ...]) -> None:
    """Refuse a block that nobody declared, one without members, and a member that is not answered with yes or no."""
    known = [block.key for block in blocks]
    for element in elements:
        if element.block and element.block not in known:
            close = nearest(element.block, known)
            raise TemplateError(f"{element.path}: {holder} declares no block «{element.block}»{close}")
        if element.block and element.kind != "boolean":
            raise TemplateError(f"{element.path} is not a yes/no element, so it cannot be in block «{element.block}»")
    empty = [key for key in known if not any(element.block == key for element in elements)]
    if empty:
        raise TemplateError(f"{holder} declares the block «{empty[0]}», but no element is in it")


def _element(path: str, declared: Mapping[str, Any], ids: Mapping[str, str], group: str = "") -> Element:
    about = declared.get("x-ci", {})
    kind = _kind(declared, path)
    shape_keys = ("minimum", "maximum", "minLength", "maxLength", "pattern")
    rows = declared.get("items", {}).get("properties", {}) if kind == "group" else {}
    if group and rows:
        raise TemplateError(f"{path}: a repeating group inside a repeating group cannot be recorded")
    if "blocks" in about and kind != "group":
        raise TemplateError(f"{path}: only a section or a repeating group declares blocks")
    title, carried = declared["title"], about.get("carried", False)
    element = Element(
        id=ids[path],
        path=path,
        title=title,
        kind=kind,
        shape={key: declared[key] for key in shape_keys if key in declared},
        options=_options(declared, kind, path),
        unit=about.get("unit"),
        usual=tuple(about["usual"]) if "usual" in about else None,
        say=about.get("say") or wording.lower_first(title),
        help=declared.get("description", ""),
        codes=tuple(map(coding, about.get("codes", ()))),
        method=tuple(map(coding, about.get("method", ()))),
        body_site=tuple(map(coding, about.get("bodySite", ()))),
        asked=about.get("asked", ""),
        required=_required(about.get("required", "")),
        computed=about.get("computed", ""),
        suggested=about.get("suggested", ""),
        block=about.get("block", ""),
        on_request=about.get("on_request", False),
        in_turn=about.get("in_turn", ""),
        dated=about.get("dated", ""),
        pair=f"{path.rpartition('.')[0]}.{about['pair']}" if "pair" in about else "",
        expected=about.get("expected", False),
        unsaid=about.get("unsaid", ""),
        carried=bool(carried),
        carried_from=carried if isinstance(carried, str) else "",
        ages=tuple(about["ages"]) if "ages" in about else None,
        from_gestation=about.get("from_gestation", False),
        identifying=about.get("identifying", False),
        group=group,
        rows=tuple(_element(f"{path}.{key}", value, ids, path) for key, value in rows.items()),
        row_title=about.get("row_title", ""),
        blocks=_blocks(about),
    )
    _check_blocks(path, element.blocks, element.rows)
    _check_entry(element)
    return element


def _check_entry(element: Element) -> None:
    """Refuse what contradicts itself in how an element is filled."""
    filled = {"in a block": element.block, "on request": element.on_request, "suggested": element.suggested}
    how = next((words for words, holds in filled.items() if holds), "")
    if element.computed and how:
        raise TemplateError(f"{element.path} is computed, so it cannot be {how}")
    if element.computed and element.carried:
        raise TemplateError(f"{element.path} is computed, so it cannot be carried forward")
    if element.kind != "date" and (element.ages or element.from_gestation):
        raise TemplateError(f"{element.path} is no date: ages and from_gestation say how a date may be typed")
    if element.on_request and element.required:
        raise TemplateError(f"{element.path} is on request, so it cannot be required: nobody would be asked for it")
    if slow := too_slow(element.shape.get("pattern", "")):
        raise TemplateError(f"{element.path}: the pattern {slow}, so it may take for ever; write a simpler one")
    if element.in_turn and (element.group or element.block or element.computed or element.on_request):
        raise TemplateError(f"{element.path}: in_turn is for an element of its own, not of a row, block or on request")
    if element.on_request and element.block:
        raise TemplateError(f"{element.path} is in block «{element.block}», so it is asked with it, not on request")


def _required(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value)


def _kind(declared: Mapping[str, Any], path: str) -> str:
    kind, about = str(declared.get("type", "")), declared.get("x-ci", {})
    if kind == "array":
        items = declared.get("items", {})
        if "oneOf" not in items and "properties" not in items:
            raise TemplateError(f"{path}: an array holds options (oneOf) or rows (properties)")
        return "choices" if "oneOf" in items else "group"
    if kind == "string":
        if "oneOf" in declared:
            return "choice"
        written = str(declared.get("format", "text"))
        return {"moment": "datetime"}.get(written, written)
    if kind == "number" and "unit" not in about:
        raise TemplateError(f"{path}: a number needs a unit in x-ci (UCUM, for example mm); a bare count is an integer")
    kinds = {"boolean": "boolean", "integer": "integer", "number": "quantity"}
    if kind not in kinds:
        raise TemplateError(f"{path} has no type")
    return kinds[kind]


def _options(declared: Mapping[str, Any], kind: str, path: str) -> tuple[Option, ...]:
    if kind not in ("choice", "choices"):
        return ()
    listed = declared["oneOf"] if kind == "choice" else declared["items"]["oneOf"]
    options = tuple(
        Option(
            value=option["const"],
            title=option["title"],
            say=option.get("x-ci", {}).get("say") or wording.lower_first(option["title"]),
            codes=tuple(map(coding, option.get("x-ci", {}).get("codes", ()))),
            status=option.get("x-ci", {}).get("status", ""),
            also=tuple(option.get("x-ci", {}).get("also", ())),
        )
        for option in listed
    )
    _no_name_of_another(options, path)
    return options


def _no_name_of_another(options: Sequence[Option], path: str) -> None:
    """Raise TemplateError where an option is also called what another one is: who types that means the other."""
    titles = {one.title.lower(): one for one in options}
    for option in options:
        for also in option.also:
            other = titles.get(also.lower(), option)
            if other is not option:
                raise TemplateError(f"{path}: «{option.title}» is also called «{also}», which is another answer here")


def coding(data: Mapping[str, str]) -> Coding:
    """Return a code as an element keeps it."""
    return Coding(data["system"], data["code"], data["display"])
