"""A pack that extends a template which is not its own: what its `extend.yaml` adds, changes and switches off.

The extended template keeps the id of ours, so its notes are read where the pack is absent too. What a value means is
never changed: a pack adds elements under codes of its own, and only how ours are asked and judged may be another.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ci_notes.element import OURS, Element, Section
from ci_notes.errors import TemplateError
from ci_notes.expression import nearest
from ci_notes.template import files
from ci_notes.template.elements import Pool
from ci_notes.template.guidance import Rule
from ci_notes.template.model import HEADER, PARENT, Extension

FILE = "extend.yaml"
SHORTEST_REASON = 10
"""Characters, as for a finding that is kept (guidelines R168)."""

_FIXED = (
    "type", "format", "unit", "codes", "method", "bodySite", "oneOf", "items", "minimum", "maximum", "minLength",
    "maxLength", "pattern", "readOnly", "computed", "dated", "identifying", "unsaid", "blocks",
)  # fmt: skip
_SHARED = ("_elements", "_macros", "_rules")
"""Shared folders in which a file of the pack must not hide one of ours: what it says would be gone unseen."""


@dataclass(frozen=True)
class Pack:
    """An extension while it is read: its folder, the names of its files as an author knows them, its data."""

    folder: Path
    data: Mapping[str, Any]
    about: Extension

    @property
    def root(self) -> Path:
        return self.folder.parent

    @property
    def name(self) -> str:
        return file_name(self.folder)

    def part(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.data.get(key, {})
        return found


def file_name(folder: Path) -> str:
    """Return how the extend.yaml in a folder is named in messages: with its pack, since each has an «assessment»."""
    return f"{folder.parent.name}/{folder.name}/{FILE}"


def read(folder: Path, roots: list[Path]) -> Pack:
    """Return the extension in a folder, held to its schema; raises TemplateError."""
    name = file_name(folder)
    data = files.yaml(folder / FILE)
    pool = Pool(folder.name, [*roots, folder.parent])
    files.check_data(_followed(data, pool), "extension", name)
    about = Extension(data["name"], data["title"], data["version"], data["canonical"])
    if about.canonical == OURS or about.canonical.startswith(f"{OURS}/"):
        raise TemplateError(f"{name}, canonical: {OURS} is ours; give an address of your own for the pack's codes")
    _hiding_none(folder.parent, roots)
    return Pack(folder, data, about)


def _followed(data: Any, pool: Pool) -> Any:
    """Return an extension as it is held to its schema: added elements with references followed, without `after`."""
    if not isinstance(data, dict) or not isinstance(data.get("add", {}), dict):
        return data
    for path, change in (data.get("change") or {}).items() if isinstance(data.get("change"), dict) else ():
        _refuse_fixed(path, change)
    return {**data, "add": {path: pool.followed(_placed(one), path) for path, one in data.get("add", {}).items()}}


def _refuse_fixed(path: str, change: Any) -> None:
    about = change.get("x-ci") if isinstance(change, dict) else None
    fixed = [key for key in (*(change if isinstance(change, dict) else ()), *(about or ())) if key in _FIXED]
    if fixed:
        raise TemplateError(
            f"change, {path}: «{fixed[0]}» cannot be changed, since a note or bundle would mean something else where "
            "the pack is absent; add an element of your own"
        )


def _placed(declared: Any) -> Any:
    return {key: value for key, value in declared.items() if key != "after"} if isinstance(declared, dict) else declared


def _hiding_none(root: Path, roots: list[Path]) -> None:
    instead = {
        "_elements": "add elements under another file name",
        "_macros": "give the file another name, and replace the blocks that use it",
        "_rules": f"give the file another name, and switch rules off in {FILE}",
    }
    for kind in _SHARED:
        for path in sorted((root / kind).glob("*.*")):
            if path.name != "sources.yaml" and any((other / kind / path.name).is_file() for other in roots):
                raise TemplateError(f"{root.name}/{kind}/{path.name} would hide ours of that name; {instead[kind]}")


# --- sections and elements -----------------------------------------------------------------------------------------


def extended(schema: Any, pack: Pack, pool: Pool) -> Any:
    """Return a schema.json with what a pack adds and changes; raises TemplateError."""
    whole = copy.deepcopy(schema)
    try:
        for name, section in pack.part("sections").items():
            _add_section(whole["properties"], name, section)
        for path, declared in pack.part("add").items():
            _add(whole, path, declared, pool)
        for path, change in pack.part("change").items():
            _change(whole, path, change, pool)
    except TemplateError as error:
        raise TemplateError(f"{pack.name}, {error}") from None
    return whole


def _add_section(sections: dict[str, Any], name: str, declared: Mapping[str, Any]) -> None:
    if name in sections or name == HEADER:
        raise TemplateError(f"sections: «{name}» is a section of the template already; add elements to it under «add»")
    about = {"x-ci": declared["x-ci"]} if "x-ci" in declared else {}
    text = {key: declared[key] for key in ("title", "description") if key in declared}
    _insert(sections, name, {**text, "type": "object", **about, "properties": {}}, declared.get("after"), "sections")


def _add(schema: Any, path: str, declared: Mapping[str, Any], pool: Pool) -> None:
    holder, name = _holder(schema, path, pool, "add")
    if name in holder:
        raise TemplateError(f"add: {path} is in the template already; what may be changed of it stands under «change»")
    _insert(holder, name, _placed(declared), declared.get("after"), f"add, {path}")


def _insert(holder: dict[str, Any], name: str, value: Any, after: str | None, where: str) -> None:
    """Put a value behind another of its holder, or at the end."""
    if after is not None and after not in holder:
        raise TemplateError(f"{where}, after: there is no «{after}»{nearest(after, holder)}")
    items = [*holder.items()]
    at = len(items) if after is None else [*holder].index(after) + 1
    holder.clear()
    holder.update([*items[:at], (name, value), *items[at:]])


def _change(schema: Any, path: str, change: Mapping[str, Any], pool: Pool) -> None:
    holder, name = _holder(schema, path, pool, "change")
    if name not in holder:
        raise TemplateError(f"change: there is no element «{path}»{nearest(name, holder)}")
    about = {**holder[name].get("x-ci", {}), **change.get("x-ci", {})}
    text = {key: change[key] for key in ("title", "description") if key in change}
    holder[name] = {**holder[name], **text, **({"x-ci": about} if about else {})}


def _holder(schema: Any, path: str, pool: Pool, where: str) -> tuple[dict[str, Any], str]:
    """Return what holds the element of a path, a section or the rows of a group, to be changed in place; and its name.

    A group that was taken by reference gets the items of what is declared there, so that a row may be added to.
    """
    first, _, rest = path.partition(".")
    sections = schema["properties"]
    if first == HEADER:
        raise TemplateError(f"{where}: {path} is of what every note has, and the same in all")
    if first not in sections:
        raise TemplateError(f"{where}: there is no section «{first}»{nearest(first, sections)}")
    elements: dict[str, Any] = sections[first]["properties"]
    group, _, name = rest.partition(".")
    if not name:
        return elements, group
    items = pool.resolve(elements[group], "")[1].get("items", {}) if group in elements else {}
    if "properties" not in items:
        raise TemplateError(f"{where}: there is no group «{first}.{group}» that repeats{nearest(group, elements)}")
    elements[group] = {**elements[group], "items": copy.deepcopy(items)}
    rows: dict[str, Any] = elements[group]["items"]["properties"]
    return rows, name


def owned(sections: Iterable[Section], pack: Pack, ours: frozenset[str]) -> tuple[Section, ...]:
    """Return sections in which every element that a pack declares has its codes under the pack's own address."""
    added = pack.part("add")

    def own(element: Element) -> Element:
        within = any(element.path == path or element.path.startswith(f"{path}.") for path in added)
        base = pack.about.canonical if within and element.id not in ours else element.base
        return replace(element, base=base, rows=tuple(map(own, element.rows)))

    return tuple(replace(section, elements=tuple(map(own, section))) for section in sections)


def check_kept(wanted: Mapping[str, Element], kept: Mapping[str, Element], pack: Pack) -> None:
    """Refuse a condition of the pack that was dropped, since it names a shared element that is not in the template."""
    for key in ("add", "change"):
        for path, declared in pack.part(key).items():
            for what in ("asked", "required", "suggested", "in_turn", "carried", "pair"):
                asked_for = what in declared.get("x-ci", {}) and getattr(wanted[path], what)
                if asked_for and not getattr(kept[path], what):
                    raise TemplateError(
                        f"{pack.name}, {key}, {path}, {what}: «{declared['x-ci'][what]}» names an element that "
                        f"{pack.folder.name} leaves out"
                    )


# --- narratives ----------------------------------------------------------------------------------------------------

_TAG = re.compile(r"\{%-?\s*(block\s+(\w+)|endblock)\b[^%]*%\}")


def narratives(ours: Mapping[str, str], pack: Pack, sections: Iterable[Section]) -> dict[str, str]:
    """Return the narratives of an extended template: those of the pack, which begin from ours block by block."""
    found = dict(ours)
    for path in sorted(pack.folder.glob("*.j2")):
        source = files.text(path)
        if path.name in ours and pack.data.get("narrative", "blocks") == "blocks":
            order = [section.name for section in sections]
            found[f"{PARENT}/{path.name}"] = _with_places(ours[path.name], order, list(pack.part("sections")))
            source = f'{{% extends "{PARENT}/{path.name}" %}}{source}'
        found[path.name] = source
    return found


def _with_places(source: str, order: list[str], added: list[str]) -> str:
    """Return a narrative with an empty block for each section that was added, behind what stands before it."""
    for name in [one for one in order if one in added]:
        ends = _block_ends(source)
        before = [one for one in order[: order.index(name)] if one in ends]
        at = ends[before[-1]] if before else 0
        source = f"{source[:at]}{{% block {name} %}}{{% endblock %}}{source[at:]}"
    return source


def _block_ends(source: str) -> dict[str, int]:
    ends: dict[str, int] = {}
    opened: list[str] = []
    for tag in _TAG.finditer(source):
        if tag[2]:
            opened.append(tag[2])
        elif opened:
            ends[opened.pop()] = tag.end()
    return ends


# --- resources -----------------------------------------------------------------------------------------------------


def skeleton_files(pack: Pack) -> list[Path]:
    """Return the files in which a pack adds FHIR resources or, by their names, replaces ours."""
    return [*sorted((pack.root / "_fhir").glob("*.yaml")), pack.folder / "fhir.yaml"]


# --- rules ---------------------------------------------------------------------------------------------------------


def judged(rules: list[Rule], pack: Pack) -> list[Rule]:
    """Return rules as a pack wants them: some switched off, some more or less serious, each with a reason."""
    known = {rule.id: rule for rule in rules}
    for rule_id, wanted in pack.part("rules").items():
        if rule_id not in known:
            close = nearest(rule_id, known)
            raise TemplateError(
                f"{pack.name}, rules: there is no rule «{rule_id}» in {pack.folder.name}{close}; what the program "
                "checks by itself stays on"
            )
        try:
            known[rule_id] = _judged(known[rule_id], wanted, pack.about)
        except TemplateError as error:
            raise TemplateError(f"{pack.name}, rules, {rule_id}: {error}") from None
    return [known[rule.id] for rule in rules]


def _judged(rule: Rule, wanted: Mapping[str, str], about: Extension) -> Rule:
    if set(wanted) not in ({"off"}, {"severity", "because"}):
        raise TemplateError("write {off: reason}, or {severity: …, because: reason}")
    reason = wanted.get("off") or wanted.get("because") or ""
    if len(reason.strip()) < SHORTEST_REASON:
        raise TemplateError(f"the reason has fewer than {SHORTEST_REASON} characters")
    if rule.pack:
        raise TemplateError(f"it is your own; change it in {FILE.replace('extend', 'rules')}")
    if rule.held:
        raise TemplateError("the program itself holds it, so it stays on")
    if rule.category == "conformance":
        raise TemplateError("it says whether a note can be read at all (conformance), so it stays on")
    if rule.off:
        raise TemplateError(f"it is off already: {rule.off}")
    return replace(rule, off=reason, off_by=str(about)) if "off" in wanted else _reweighed(rule, wanted, about)


def _reweighed(rule: Rule, wanted: Mapping[str, str], about: Extension) -> Rule:
    """Return a rule of another severity; raises TemplateError where it may have none."""
    if rule.contraindication:
        raise TemplateError("a contraindication is switched off with a reason or stays as serious as it is")
    if rule.grade in ("U", "V3") and wanted["severity"] != "info":
        raise TemplateError(f"its source was not seen (grade {rule.grade}), so it is info, or off with a reason")
    if rule.severity == wanted["severity"]:
        raise TemplateError(f"its severity is {rule.severity} already")
    changed = f"{rule.severity} made {wanted['severity']} by {about}: {wanted['because']}"
    return replace(rule, severity=wanted["severity"], changed=changed)
