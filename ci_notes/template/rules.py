"""The rules of a template: read, held to their sources and grades, left out where their elements are lacking."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ci_notes.errors import ExpressionError, TemplateError
from ci_notes.expression import EARLIER, INPUTS, Names, Node, UnknownNameError, fields_of, nearest, parse
from ci_notes.template import charts, files
from ci_notes.template.extending import Pack, judged
from ci_notes.template.guidance import Position, Rule, Source, message_paths, rule_condition
from ci_notes.template.model import Name, Pair, Template, Words

NO_RULES = ("course.yaml", "sources.yaml", "words.yaml")
"""Files among those of rules that hold none."""


def with_rules(template: Template, folder: Path, roots: list[Path], pack: Pack | None = None) -> Template:
    """Return the template with the shared rules that apply to it, its own, and those of a pack that extends it.

    Raises TemplateError.
    """
    sources = _sources(roots, pack)
    facts: dict[str, str] = {}
    parsed: dict[str, Node] = {}
    rules: list[Rule] = []
    for path, own, whose in _rule_files(folder, roots, pack):
        data = files.checked(path, "rules")
        for name, source in data.get("facts", {}).items():
            if whose and name in facts:
                raise TemplateError(f"{path.name}: the fact «{name}» is ours already; give yours another name")
            fact = _fact(source, template, parsed, f"{path.name}, fact {name}", own)
            if fact is not None:
                facts[name], parsed[name] = source, fact
        known = Names(template.elements, parsed)
        for record in data.get("rules", []):
            rule = replace(_rule(record, sources), pack=whose)
            if rule.id in {other.id for other in rules}:
                raise TemplateError(f"rule {rule.id} is given twice")
            if _rule_applies(rule, template, known, own):
                rules.append(rule)
    rules = judged(rules, pack) if pack else rules
    ordered = tuple(sorted(rules, key=lambda rule: rule.id))
    chart = charts.chart(template, roots, sources)
    return replace(template, rules=ordered, facts=facts, words=_words(template, roots), chart=chart)


def _rule_files(folder: Path, roots: list[Path], pack: Pack | None) -> Iterator[tuple[Path, bool, str]]:
    """Yield the shared rule files, a pack's own in place of ours of the same name, then the template's.

    Last come those of a pack that extends the template. With each: whether every name in it must be known, and whose.
    """
    shared = {path.name: path for root in reversed(roots) for path in sorted((root / "_rules").glob("*.yaml"))}
    for name, path in sorted(shared.items()):
        if name not in NO_RULES:
            yield path, False, ""
    if (folder / "rules.yaml").is_file():
        yield folder / "rules.yaml", True, ""
    if pack:
        for path in sorted((pack.root / "_rules").glob("*.yaml")):
            if path.name not in NO_RULES:
                yield path, False, str(pack.about)
        if (pack.folder / "rules.yaml").is_file():
            yield pack.folder / "rules.yaml", True, str(pack.about)


def _words(template: Template, roots: list[Path]) -> Words:
    """Return what is known of the words of free text; a pack's file takes the place of ours."""
    path = next((root / "_rules" / "words.yaml" for root in roots if (root / "_rules" / "words.yaml").is_file()), None)
    if path is None:
        return Words()
    data = files.checked(path, "words")
    named = [one for name in data.get("means", ()) for one in name["elements"]]
    named += data.get("copied", []) + data.get("lasting", [])
    for one in named:
        known = one in template.elements or any(f"{one}.".startswith(f"{path}.") for path in template.foreign)
        if not known:
            raise TemplateError(f"{path.name}: there is no element «{one}»{nearest(one, template.elements)}")
    here = [
        Name(tuple(name["say"]), tuple(one for one in name["elements"] if one in template.elements))
        for name in data.get("means", ())
    ]
    return Words(
        pairs=tuple(Pair(one["id"], tuple(one["one"]), tuple(one["other"])) for one in data.get("pairs", ())),
        course=tuple(data.get("course", ())),
        means=tuple(name for name in here if name.elements),
        copied=tuple(one for one in data.get("copied", ()) if one in template.elements),
        lasting=tuple(one for one in data.get("lasting", ()) if one in template.elements),
    )


def _sources(roots: list[Path], pack: Pack | None) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for root in reversed(roots):
        path = root / "_rules" / "sources.yaml"
        if path.is_file():
            found.update(_sources_in(path))
    own = pack.root / "_rules" / "sources.yaml" if pack else None
    for key, source in _sources_in(own).items() if own and own.is_file() else ():
        if key in found:
            raise TemplateError(
                f"sources.yaml: {key} is ours already; give your source a key of your own, as H{key[-2:]}"
            )
        found[key] = source
    return found


def _sources_in(path: Path) -> dict[str, Source]:
    return {key: Source(key=key, **value) for key, value in files.checked(path, "sources").items()}


def _rule(record: Mapping[str, Any], sources: Mapping[str, Source]) -> Rule:
    where = f"rule {record['id']}"
    _known_sources(record.get("sources", ()), sources, where)
    positions = tuple(_position(one, sources, where) for one in record.get("positions", ()))
    named = record.get("sources") or list(
        dict.fromkeys(key for one in record.get("positions", ()) for key in one["sources"])
    )
    if record["grade"] not in ("D", "U") and not named:
        raise TemplateError(
            f"{where}: a rule of grade {record['grade']} names its sources; one without is grade D or U"
        )
    spoken = [key for key in ("when", "message", "examples", "each", "at", "off") if key in record]
    if "held" in record and spoken:
        raise TemplateError(f"{where}: a rule that the engine holds never fires, so it has no «{spoken[0]}»")
    if record["grade"] in ("U", "V3") and record["severity"] != "info" and not record.get("off"):
        raise TemplateError(f"{where}: grade {record['grade']} ships as info, or off with a reason")
    return Rule(
        id=record["id"],
        name=record["name"],
        severity=record["severity"],
        category=record["class"],
        grade=record["grade"],
        statement=record["statement"],
        why=record["why"],
        when=record.get("when", ""),
        message=record.get("message", ""),
        examples=record.get("examples", {}),
        sources=tuple(sources[key] for key in named),
        positions=positions,
        templates=tuple(record.get("templates", ())),
        where=record.get("where", ""),
        jurisdictions=tuple(record.get("jurisdictions", ())),
        each=record.get("each", ""),
        at=tuple(record.get("at", ())),
        contraindication=record.get("contraindication", False),
        off=record.get("off", ""),
        held=record.get("held", ""),
        reviewed=record["review"],
    )


def _position(record: Mapping[str, Any], sources: Mapping[str, Source], where: str) -> Position:
    _known_sources(record["sources"], sources, f"{where}, positions")
    named = tuple(sources[key] for key in record["sources"])
    return Position(tuple(record["jurisdictions"]), record["says"], named, record["grade"])


def _known_sources(keys: Iterable[str], sources: Mapping[str, Source], where: str) -> None:
    for key in keys:
        if key not in sources:
            raise TemplateError(f"{where}: source {key} is not in sources.yaml{nearest(key, sources)}")


def _fact(source: str, template: Template, facts: Mapping[str, Node], where: str, own: bool) -> Node | None:
    """Return a fact in the names of those before it; None for a shared one of shared elements this template lacks."""
    try:
        return parse(source, Names(template.elements, facts))
    except ExpressionError as error:
        _missing_here(error, where, template, own)
    return None


def _rule_applies(rule: Rule, template: Template, known: Names, own: bool) -> bool:
    where = f"rule {rule.id}"
    if rule.templates and template.id not in rule.templates:
        return False
    if rule.held:
        return True
    try:
        condition = rule_condition(rule, known)
        for path in [*rule.at, *message_paths(rule)]:
            _named(path, known, earlier=path not in rule.at)
        if not (rule.at or fields_of(condition.node)):
            raise ExpressionError("the condition names no element, so say in «at» where it belongs")
    except ExpressionError as error:
        return _missing_here(error, where, template, own)
    return True


def _named(path: str, known: Names, earlier: bool) -> None:
    """Refuse a path that names nothing; one of the earlier note has no place in this one, but may be printed."""
    own = path.removeprefix(EARLIER) if earlier else path
    if own not in known.elements and path not in INPUTS:
        raise UnknownNameError("element", own, known.elements)
    if own != path:
        parse(f"{path} is known", known.with_earlier())


def _missing_here(error: ExpressionError, where: str, template: Template, own: bool) -> bool:
    """Return False where a shared rule names shared elements that this template lacks; else raise TemplateError."""
    if not own and isinstance(error, UnknownNameError):
        inside = f"{error.name}."  # a whole section
        if error.what == "fact" or any(f"{one}.".startswith(inside) for one in template.foreign):
            return False
    raise TemplateError(f"{where}: {error}")
