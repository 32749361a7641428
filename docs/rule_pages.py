"""The pages of rules: one for each rule, and the index of all."""

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import layout
import yaml

from ci_notes import derive
from ci_notes.checks import BUILT_IN, SEVERITIES, BuiltIn, check
from ci_notes.expression import EARLIER, fields_of
from ci_notes.template import GRADES, Rule, Source, Template

EVIDENCE_BASE = range(1, 169)
"""The numbers of the rules that the evidence base lists: R001 to R168."""

SETS = {"US": "ACOG, SMFM", "UK": "RCOG, NICE", "CA": "SOGC", "INTL": "FIGO, ISUOG"}
CLASSES = {
    "conformance": "the note can be read as what it says it is",
    "completeness": "what a reader needs is there, or why it is not",
    "plausibility": "what is recorded can be, and does not contradict itself",
    "guideline": "what is recorded or planned agrees with a guideline",
}
EXIT = {
    "error": "`ci-notes check` ends with exit status 1",
    "warning": "exit status 1 only with `--fail-on warning`",
    "info": "a remark, exit status 1 only with `--fail-on info`",
}
UNREVIEWED = "no clinician has reviewed it"
INPUTS = {
    "today": "The day of the check",
    "jurisdiction": "The guideline set of the note",
    "page": "The page for the patient, as it would be printed",
    "free_text": "All that somebody typed in free words",
}
EMPTY = {"id": "example", "status": "draft", "date": "2026-11-03T14:20:00+00:00"}


class Rules:
    """Every rule of our templates by id, with the templates that hold it; and the checks that all of them have."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self.templates = list(templates)
        self.rules: dict[str, Rule] = {}
        self.holders: dict[str, list[Template]] = {}
        for template in self.templates:
            for rule in template.rules:
                self.rules.setdefault(rule.id, rule)
                self.holders.setdefault(rule.id, []).append(template)
        self.rules = dict(sorted(self.rules.items(), key=lambda one: (not one[0].startswith("R"), one[0])))
        self.checks: dict[str, Rule | BuiltIn] = dict(
            sorted({**self.rules, **BUILT_IN}.items(), key=lambda one: (_rank(one[0]), one[0]))
        )

    def missing(self) -> list[str]:
        """Return the rules of the evidence base that nothing here accounts for."""
        there = {one[:4] for one in self.checks}
        return [number for number in (f"R{one:03}" for one in EVIDENCE_BASE) if number not in there]


def _rank(name: str) -> int:
    return 0 if re.match(r"R\d", name) else 1 if re.match(r"[A-Z]+\d", name) else 2


# --- one rule ------------------------------------------------------------------------------------------------------


def rule_page(one: Rule | BuiltIn, rules: Rules) -> str:
    """Return the page of a rule."""
    parts = _built_in_parts(one) if isinstance(one, BuiltIn) else _rule_parts(one, rules)
    return "\n".join([layout.made("the rule"), *parts, "[All rules](README.md)\n"])


def _built_in_parts(one: BuiltIn) -> Iterator[str]:
    yield f"# {one.id}\n"
    yield f"{layout.text(one.statement)}\n"
    facts = {
        "Severity": f"{one.severity}: {EXIT[one.severity]}",
        "Class": f"{one.category}: {CLASSES[one.category]}",
        "Guideline sets": "all",
        "Note kinds": "all, those of packs too",
        "Evidence": f"D: {GRADES['D']}, which needs no clinical source",
        "Review": UNREVIEWED,
    }
    yield layout.facts(facts)
    yield f"## Why\n\n{layout.text(one.why)}\n"
    yield "## How it is held\n\nIt is built into the program (`ci_notes/checks.py`); no template writes it.\n"


def _rule_parts(one: Rule, rules: Rules) -> Iterator[str]:
    yield f"# {one.id} {one.name}\n"
    yield f"{layout.text(one.statement)}\n"
    yield layout.facts(_about(one, rules))
    yield f"## Why\n\n{layout.text(one.why)}\n"
    if one.off:
        yield f"## Why it is off\n\n{layout.text(one.off)}\n"
    if one.held:
        yield f"## How it is held\n\nNo condition stands for it; the program holds it. {layout.text(one.held)}\n"
    else:
        yield from _when(one, rules.holders[one.id])
    if one.positions:
        yield "## Where guidelines differ\n"
        yield "A finding prints these side by side, those of the note's own guideline set first.\n"
        yield layout.table(["Guideline set", "Position", "Source", "Evidence"], map(_position, one.positions))
    if sources_of(one):
        yield "## Sources\n"
        yield "\n".join(f"- {_source(source)}" for source in sources_of(one)) + "\n"
        if one.where:
            yield f"The place in it: {layout.text(one.where)}.\n"
    if one.examples:
        yield from _examples(one, rules.holders[one.id])


def _about(one: Rule, rules: Rules) -> dict[str, str]:
    by = one.reviewed.get("by")
    facts = {
        "Severity": f"{one.severity}: {EXIT[one.severity]}",
        "Class": f"{one.category}: {CLASSES[one.category]}",
        "Guideline sets": _sets(one),
        "Note kinds": ", ".join(_linked(each) for each in rules.holders[one.id]),
        "Evidence": f"{one.grade}: {GRADES[one.grade]}",
        "Review": f"{by}, {one.reviewed.get('on')}" if by else UNREVIEWED,
    }
    if one.contraindication:
        facts["Contraindication"] = "yes: kept only with a written rationale, and a finding too where it cannot be told"
    if one.off or one.held:
        facts = {"State": "off: it never fires" if one.off else "held by the program: it never fires", **facts}
    return facts


def _linked(template: Template) -> str:
    return f"[{template.id}](../templates/{template.id}.md)"


def _sets(one: Rule | BuiltIn) -> str:
    return ", ".join(getattr(one, "jurisdictions", ())) or "all"


def _when(one: Rule, holders: list[Template]) -> Iterator[str]:
    yield "## When it fires\n"
    if one.each:
        yield f"For each row of `{one.each}` by itself:\n"
    yield layout.fenced("text", broken(one.when))
    facts = used_facts(one.when, holders[0].facts)
    if facts:
        yield "where\n"
        yield _definitions(facts)
    for other in holders[1:]:
        there = used_facts(one.when, other.facts)
        otherwise = {name: fact for name, fact in there.items() if facts.get(name) != fact}
        if otherwise:
            yield f"and in a note of the kind {_linked(other)}\n"
            yield _definitions(otherwise)
    if one.jurisdictions:
        yield f"It is asked of notes of the guideline set {' and '.join(one.jurisdictions)} only.\n"
    undecided = (
        "the check says *could not tell* and names what would decide it"
        if one.shown_undecided
        else "the rule stays quiet: it speaks only where the recorded facts surely fulfil the condition"
    )
    yield layout.paragraph(
        "What nobody recorded is neither yes nor no, and no number: it leaves a part of the condition undecided.",
        f"Where that leaves the whole undecided, {undecided}.",
    )
    yield layout.table(["Element", "Title"], named_in(one, holders))


def _definitions(facts: Mapping[str, str]) -> str:
    said = (f"facts.{name} =\n{textwrap.indent(broken(fact), '    ')}" for name, fact in facts.items())
    return layout.fenced("text", "\n\n".join(said))


def named_in(one: Rule, holders: Iterable[Template]) -> list[list[str]]:
    """Return path and title of each element that a condition names, in any kind of note."""
    rows: dict[str, list[str]] = {}
    for template in holders:
        for field in fields_of(template.condition(one).node):
            element = template.elements.get(field.path.removeprefix(EARLIER))
            before = ", in an earlier note of this pregnancy" if field.path.startswith(EARLIER) else ""
            title = layout.text(element.title) + before if element else INPUTS[field.path]
            rows.setdefault(field.path, [f"`{field.path}`", title])
    return list(rows.values())


def used_facts(condition: str, facts: Mapping[str, str]) -> dict[str, str]:
    """Return the facts that a condition names, and those that these name, each after those it needs."""
    found: dict[str, str] = {}
    for name in re.findall(r"\bfacts\.(\w+)", condition):
        found |= used_facts(facts[name], facts) | {name: facts[name]}
    return found


def broken(condition: str) -> str:
    """Return a condition with a line for each part that stands outside of all brackets."""
    depth, lines = 0, [""]
    for word in condition.split():
        if depth == 0 and word in ("and", "or", "if", "else") and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
        depth += sum(map(word.count, "([{")) - sum(map(word.count, ")]}"))
    wrapped = (textwrap.wrap(line, 112, subsequent_indent="    ", break_long_words=False) for line in lines)
    return "\n".join(part for parts in wrapped for part in parts)


def _position(one: Any) -> list[str]:
    cited = "; ".join(source.dated for source in one.sources)
    return [
        ", ".join(one.jurisdictions),
        layout.text(one.says),
        layout.text(cited),
        f"{one.grade}: {GRADES[one.grade]}",
    ]


def sources_of(one: Rule | BuiltIn) -> list[Source]:
    """Return the documents that a rule rests on, those of its positions among them."""
    if isinstance(one, BuiltIn):
        return []
    of_positions = (source for position in one.positions for source in position.sources)
    return sorted({source.key: source for source in (*one.sources, *of_positions)}.values(), key=lambda each: each.key)


def _source(source: Source) -> str:
    year = f" ({source.year})" if source.year and str(source.year) not in source.document else ""
    seen = f"seen at <{source.seen}>" if source.seen else "no address is kept of the page where it was seen"
    return f"{source.key}: {layout.text(source.document)}{year}, {seen}"


def _examples(one: Rule, holders: Iterable[Template]) -> Iterator[str]:
    yield "## Examples\n"
    tests = "while the rule is off, none of them is run" if one.off else "all of them are tests"
    yield f"Each is part of a note; {tests}.\n"
    for key, title in (("fires", "It fires on"), ("quiet", "It stays quiet on"), ("cannot_tell", "It cannot tell on")):
        if key not in one.examples:
            continue
        yield f"### {title}\n"
        yield layout.fenced("yaml", "\n\n".join(_example(each) for each in one.examples[key]))
        said = "" if one.off or key == "quiet" else spoken(one, holders, one.examples[key][0])
        if said:
            yield f"Of the first of these the check says:\n\n> {layout.text(said)}\n"


def _example(example: Any) -> str:
    text: str = yaml.safe_dump([example], sort_keys=False, default_flow_style=None, width=110, allow_unicode=True)
    return text.rstrip()


def spoken(one: Rule, holders: Iterable[Template], example: Mapping[str, Any]) -> str:
    """Return what a rule says of one of its examples, or an empty text; some kind of note can hold the example."""
    notes = (_note(template, example) for template in holders)
    note = next((found for found in notes if not found.problems), None)
    if note is None:
        return ""
    found = check(note, str(example.get("today", "")), str(example.get("page", "")))
    return next((finding.message.rstrip(".") + "." for finding in found if finding.rule == one.id), "")


def _note(template: Template, example: Mapping[str, Any]) -> derive.Note:
    given = {key: _with_ids(value) for key, value in example.items() if key not in ("today", "earlier", "page")}
    before = example.get("earlier", [])
    earlier = [_note(template, each) for each in (before if isinstance(before, list) else [before])]
    return derive.note(template, {**EMPTY, "template": template.id, **given}, earlier=earlier)


def _with_ids(part: Any) -> Any:
    if isinstance(part, list):
        rows = [_with_ids(item) for item in part]
        return [{"id": f"row{number}", **row} if isinstance(row, dict) else row for number, row in enumerate(rows, 1)]
    return {key: _with_ids(value) for key, value in part.items()} if isinstance(part, dict) else part


# --- all rules -----------------------------------------------------------------------------------------------------


def rules_index(rules: Rules) -> str:
    """Return the list of all rules: counted, in order, by document, and as the evidence base numbers them."""
    every = list(rules.checks.values())
    by_condition = [one for one in every if state(one) in ("condition", "remark")]
    reviewed = sum(1 for one in rules.rules.values() if one.reviewed.get("by"))
    review = f"A clinician has reviewed {reviewed} of them" if reviewed else "No clinician has reviewed any of them"
    contraindications = sum(isinstance(one, Rule) and one.contraindication for one in by_condition)
    parts = [
        layout.made("the rules of all templates"),
        "# Rules\n",
        layout.paragraph(
            f"{len(every)} rules: {len(by_condition)} fire by a condition, and {contraindications} of these are",
            f"contraindications. {review}. [Counted](#counted), [in order](#in-order), [by document](#by-document),",
            "and [as the evidence base numbers them](#as-the-evidence-base-numbers-them). How one is written is told",
            "in [adding a rule](../adding-a-rule.md); in the terminal, `ci-notes rule R031` prints the page of one.",
        ),
        "## Counted\n",
        "A rule of several guideline sets counts in each of them.\n",
        _counts("Evidence", every, {key: f"{key}: {said}" for key, said in GRADES.items()}, _grade),
        _counts("Class", every, {key: f"{key}: {said}" for key, said in CLASSES.items()}, lambda one: [one.category]),
        _counts("Guideline set", every, {"all": "all", **{key: f"{key}: {SETS[key]}" for key in SETS}}, _in_sets),
        "## In order\n",
        layout.paragraph(
            "A statement says what should be; the rule fires where it is not so. *Held*: by the program, without a",
            "condition. *Built in*: every template has it, those of packs too.",
        ),
        layout.table(["Rule", "Statement", "Severity", "Evidence", "Guideline sets", "State"], map(_line, every)),
        "## By document\n",
        "Rules of grade D (data quality) rest on none.\n",
        layout.table(["Key", "Document", "Year", "Rules"], _by_document(every)),
        "## As the evidence base numbers them\n",
        "The evidence base lists R001 to R168; one with a letter is a part of the one without. Each is held thus:\n",
        *_by_state(rules),
    ]
    return "\n".join(parts)


def state(one: Rule | BuiltIn) -> str:
    """Return how a rule is held: condition, remark (for want of a source that was seen), held, built in or off."""
    if isinstance(one, BuiltIn):
        return "built in"
    if one.off or one.held:
        return "off" if one.off else "held"
    return "remark" if one.grade in ("U", "V3") else "condition"


def of_evidence_base(name: str) -> bool:
    """Return whether a rule is one of those that the evidence base numbers, or a part of one."""
    return bool(re.fullmatch(r"R\d{3}[a-z]?", name)) and int(name[1:4]) in EVIDENCE_BASE


def _grade(one: Rule | BuiltIn) -> list[str]:
    return [getattr(one, "grade", "D")]


def _in_sets(one: Rule | BuiltIn) -> list[str]:
    return list(getattr(one, "jurisdictions", ())) or ["all"]


def _counts(
    head: str, every: list[Rule | BuiltIn], keys: Mapping[str, str], of: Callable[[Rule | BuiltIn], list[str]]
) -> str:
    rows = []
    for key, said in keys.items():
        there = [one for one in every if key in of(one)]
        rows.append([said, *(str(sum(one.severity == each for one in there)) for each in SEVERITIES), str(len(there))])
    return layout.table([head, *SEVERITIES, "together"], rows)


def _to(name: str) -> str:
    return f"[{name}]({name}.md)"


def _line(one: Rule | BuiltIn) -> list[str]:
    known = state(one)
    said = "" if known in ("condition", "remark") else known
    return [_to(one.id), layout.text(one.statement), one.severity, _grade(one)[0], _sets(one), said]


def _by_document(every: list[Rule | BuiltIn]) -> Iterator[list[str]]:
    known = {source.key: source for one in every for source in sources_of(one)}
    for key, source in sorted(known.items()):
        named = [_to(one.id) for one in every if key in {each.key for each in sources_of(one)}]
        yield [key, layout.text(source.document), str(source.year or ""), ", ".join(named)]


def _by_state(rules: Rules) -> Iterator[str]:
    there: dict[str, list[Any]] = {}
    for one in rules.checks.values():
        if of_evidence_base(one.id):
            there.setdefault(state(one), []).append(one)
    yield f"**By a condition** ({len(there['condition'])}): {', '.join(_to(one.id) for one in there['condition'])}\n"
    yield f"**By the program**, without a condition ({len(there['held'] + there['built in'])}):\n"
    held = {one.id: one.held for one in there["held"]}
    held |= {one.id: f"Built into the check. {one.why}" for one in there["built in"]}
    yield layout.table(["Rule", "How"], ([_to(name), layout.text(how)] for name, how in sorted(held.items())))
    yield layout.paragraph(
        f"**As a remark**, since its source was not seen, or only on a weak page ({len(there['remark'])}). The",
        "condition stands; the finding is information and says how far its source was seen:",
    )
    rows = ([_to(one.id), layout.text(one.statement), f"{one.grade}: {GRADES[one.grade]}"] for one in there["remark"])
    yield layout.table(["Rule", "Statement", "Evidence"], rows)
    yield f"**Off** ({len(there['off'])}):\n"
    yield layout.table(
        ["Rule", "Evidence", "Why"], ([_to(one.id), one.grade, layout.text(one.off)] for one in there["off"])
    )
    if rules.missing():
        yield f"**Not yet here** ({len(rules.missing())}): {', '.join(rules.missing())}\n"
