"""The pages of rules and templates equal the data, the tutorials do what they say, and no link leads nowhere."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# The generators import one another, as they do when they run by themselves.
sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

import layout
import pages
import rule_pages

from ci_notes import document
from ci_notes.checks import BUILT_IN

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PACK = ROOT / "tests" / "packs" / "example_pack"


# --- generated pages -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh(accept: bool) -> dict[Path, str]:
    if accept:
        pages.write()
    return pages.pages()


@pytest.fixture(scope="module")
def index() -> str:
    return (DOCS / "rules" / "README.md").read_text(encoding="utf-8")


def written() -> dict[str, dict[str, Any]]:
    """Every rule as it stands in a file, read without the program that reads templates."""
    files = [*(ROOT / "templates" / "_rules").glob("*.yaml"), *(ROOT / "templates").glob("[!_]*/rules.yaml")]
    read = (document.read_yaml(path.read_text(encoding="utf-8"), path.name) for path in files)
    return {rule["id"]: rule for data in read for rule in data.get("rules", [])}


RULES = written()


def test_every_page_is_up_to_date(fresh: dict[Path, str]) -> None:
    old = [path.name for path, text in fresh.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    assert old == [], "run make accept"


def test_no_page_is_left_of_what_is_gone(fresh: dict[Path, str], tmp_path: Path) -> None:
    assert pages.stale(fresh) == []
    less = {path: text for path, text in fresh.items() if path.name != "R031.md"}
    assert pages.stale(less) == [DOCS / "rules" / "R031.md"]


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_has_its_page_and_what_a_reviewer_needs_stands_on_it(name: str) -> None:
    rule = RULES[name]
    page = (DOCS / "rules" / f"{name}.md").read_text(encoding="utf-8")
    for key in ("statement", "why", "held", "off"):
        assert layout.text(rule.get(key, "")) in page, key
    assert f"| **Evidence** | {rule['grade']}: " in page
    assert ("no clinician has reviewed it" in page) == (rule["review"]["by"] is None)
    for one in [rule, *rule.get("positions", [])]:
        assert all(f"- {key}: " in page for key in one.get("sources", []))
    assert all(layout.text(one["says"]) in page for one in rule.get("positions", []))
    shown = sum(block.count("\n- ") for block in re.findall(r"```yaml(\n.*?)```", page, re.DOTALL))
    assert shown >= sum(map(len, rule.get("examples", {}).values()))


def test_a_fact_that_a_note_kind_has_otherwise_stands_on_the_page() -> None:
    of = {template.id: template for template in pages.ours()}
    page = (DOCS / "rules" / "R031.md").read_text(encoding="utf-8")
    here, there = (of[name].facts["history_planned"] for name in ("assessment", "cerclage"))
    assert here != there
    before, after = page.split("and in a note of the kind [cerclage]")
    for fact, part in ((here, before), (there, after)):
        assert f"facts.history_planned = {fact}" in " ".join(part.split())


def test_a_check_that_is_built_in_has_its_page() -> None:
    for name, check in BUILT_IN.items():
        assert layout.text(check.statement) in (DOCS / "rules" / f"{name}.md").read_text(encoding="utf-8")


def cells(page: str, heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables under a heading."""
    part = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for line in part.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def test_the_counts_of_the_index_are_true(index: str) -> None:
    every = [*RULES.values(), *({"severity": one.severity, "class": one.category} for one in BUILT_IN.values())]
    counted: Counter[tuple[str, str]] = Counter()
    for rule in every:
        for key in (rule.get("grade", "D"), rule["class"], *rule.get("jurisdictions", ["all"])):
            counted[key, rule["severity"]] += 1
    said = {}
    for first, *numbers in cells(index, "Counted"):
        if numbers[-1].isdigit():
            *parts, together = map(int, numbers)
            key = first.partition(":")[0]
            said |= {(key, one): number for one, number in zip(("error", "warning", "info"), parts, strict=True)}
            assert together == sum(parts)
    assert {key: number for key, number in said.items() if number} == dict(counted)
    assert f"\n{len(every)} rules: " in index


def test_every_rule_stands_in_order_once(index: str) -> None:
    listed = [re.findall(r"\[(.+?)\]", row[0]) for row in cells(index, "In order")][1:]
    assert sorted(name for names in listed for name in names) == sorted([*RULES, *BUILT_IN])


def test_every_document_names_the_rules_that_rest_on_it(index: str) -> None:
    resting: dict[str, set[str]] = {}
    for name, rule in RULES.items():
        for one in [rule, *rule.get("positions", [])]:
            for key in one.get("sources", []):
                resting.setdefault(key, set()).add(name)
    rows = [row for row in cells(index, "By document") if row[0] != "Key"]
    assert {row[0]: set(re.findall(r"\[(\w+)\]", row[3])) for row in rows} == resting


def test_every_rule_of_the_evidence_base_is_accounted_for(index: str) -> None:
    part = index.partition("\n## As the evidence base numbers them\n")[2]
    placed = re.findall(r"\[(R\d{3}[a-z]?)\]", part)
    assert len(placed) == len(set(placed)), "each is held in one way"
    assert set(placed) == {name for name in [*RULES, *BUILT_IN] if rule_pages.of_evidence_base(name)}
    assert {name[:4] for name in placed} == {f"R{number:03}" for number in range(1, 169)}


@pytest.mark.parametrize(
    ("how", "mark"), [("held", "**By the program**"), ("off", "**Off**"), ("info", "**As a remark**")]
)
def test_what_is_not_held_by_a_condition_says_why(index: str, how: str, mark: str) -> None:
    part = index.partition(mark)[2].partition("\n**")[0]
    remarks = {name for name, rule in RULES.items() if rule["grade"] in ("U", "V3") and not rule.get("off")}
    expected = remarks if how == "info" else {name for name, rule in RULES.items() if how in rule}
    named = set(re.findall(r"\[(R\d{3}[a-z]?)\]", part))
    assert named - set(BUILT_IN) == {name for name in expected if rule_pages.of_evidence_base(name)}
    for name in named - set(BUILT_IN) if how != "info" else ():
        assert layout.text(RULES[name][how]) in part


def test_a_template_has_its_page_with_every_element_and_answer() -> None:
    for template in pages.ours():
        page = (DOCS / "templates" / f"{template.id}.md").read_text(encoding="utf-8")
        rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
        assert set(rows) == set(template.elements)
        for element in template.elements.values():
            assert all(f"`{option.value}` " in rows[element.path] for option in element.options)
            assert all(code.code in rows[element.path] for code in element.codes)
            assert ("on request" in rows[element.path]) == bool(element.on_request or element.in_turn)


# --- links ---------------------------------------------------------------------------------------------------------

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def prose(page: Path) -> str:
    """Return a page without what is code in it."""
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"^    .*$", "", text, flags=re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the names under which GitHub offers the headings of a page."""
    found: Counter[str] = Counter()
    for title in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", title).lower()).strip().replace(" ", "-")
        found[name] += 1
    return {name if not number else f"{name}-{number}" for name, times in found.items() for number in range(times)}


def lost(page: Path) -> Iterator[str]:
    """Yield the links of a page that lead to no file, or to no heading of it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(page))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(lost(page)) == []


def test_a_lost_link_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Here, and `there`\n[a](page.md#here-and-there) [b](gone.md) [c](#gone)\n```\n[d](code.md)\n```\n"
    )
    assert list(lost(page)) == ["gone.md", "#gone"]


# --- tutorials -----------------------------------------------------------------------------------------------------

TUTORIALS = ["adding-a-template", "adding-a-rule"]
BLOCK = re.compile(
    r'^(?P<fence>`{3,})(?P<kind>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<body>.*?)^(?P=fence)$', re.M | re.S
)
each_tutorial = pytest.mark.parametrize("name", TUTORIALS)


@dataclass(frozen=True)
class Step:
    """A block of a tutorial: a file, or commands with what the page says they print, and where that stands."""

    title: str
    body: str
    printed: str = ""
    span: tuple[int, int] = (0, 0)


def steps(page: str) -> Iterator[Step]:
    found = list(BLOCK.finditer(page))
    for one, after in zip(found, [*found[1:], None], strict=True):
        if one["title"]:
            yield Step(one["title"], one["body"])
        elif one["kind"] == "sh":
            assert after, "what a command prints stands below it"
            assert after["kind"] == "text", one["body"]
            yield Step("", one["body"], after["body"], after.span("body"))


def programs(at: Path) -> Path:
    """Make a folder with the programs that a tutorial calls, as they are in this checkout."""
    at.mkdir()
    for name, arguments in {"ci-notes": '-c "from ci_notes.cli import main; main()"', "python": ""}.items():
        (at / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        (at / name).chmod(0o755)
    return at


def follow(page: str, folder: Path, bin_folder: Path) -> Iterator[tuple[Step, str]]:
    """Do what a tutorial says in an empty folder; yields each step with what it printed."""
    kept = {key: value for key, value in os.environ.items() if key not in ("CI", "PYTEST_ADDOPTS", "FORCE_COLOR")}
    kept |= {"PATH": f"{bin_folder}:{kept['PATH']}", "PYTHONPATH": str(ROOT), "COLUMNS": "100", "NO_COLOR": "1"}
    kept |= {"PYTHONDONTWRITEBYTECODE": "1"}
    for step in steps(page):
        if step.title:
            (folder / step.title).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.title).write_text(step.body)
            yield step, ""
            continue
        done = subprocess.run(
            ["sh", "-c", step.body],
            cwd=folder,
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        yield step, re.sub(r" in \d+\.\d+s( \(\d+:\d+:\d+\))?$", "", done.stdout, flags=re.MULTILINE)


def trodden(name: str, folder: Path, bin_folder: Path, accept: bool) -> str:
    """Return what a tutorial would be if it told what happened; with `accept` that is written down."""
    path = DOCS / f"{name}.md"
    page = path.read_text(encoding="utf-8")
    printed = [(step.span, said) for step, said in follow(page, folder, bin_folder) if not step.title]
    for (start, end), said in reversed(printed):
        page = page[:start] + said + page[end:]
    if accept:
        path.write_text(page, encoding="utf-8")
    return page


@each_tutorial
def test_a_tutorial_does_what_it_says(name: str, tmp_path: Path, accept: bool) -> None:
    (folder := tmp_path / "empty").mkdir()
    told = trodden(name, folder, programs(tmp_path / "bin"), accept)
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == told
    if name == "adding-a-template":
        assert contents(folder) == contents(PACK), "what the page makes is the pack that the tests install"


def contents(folder: Path) -> dict[str, str]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path.read_text() for name, path in named.items() if not re.search(r"(^|/)(\.|__pycache__/)", name)}


@each_tutorial
def test_a_tutorial_ends_green(name: str) -> None:
    tests = [step.printed for step in steps((DOCS / f"{name}.md").read_text(encoding="utf-8")) if "pytest" in step.body]
    assert tests
    assert re.search(r"^\d+ passed$", tests[-1], re.MULTILINE)


def test_the_tutorial_of_rules_shows_it_red_firing_and_quiet() -> None:
    commands = [step for step in steps((DOCS / "adding-a-rule.md").read_text(encoding="utf-8")) if not step.title]
    first = next(step.printed for step in commands if "pytest" in step.body)
    assert "FAILED test_rules.py::test_example[STX001-quiet-2]" in first
    checked = next(step.printed for step in commands if "before.note.json" in step.body)
    assert "warning  STX001" in checked
    assert checked.splitlines()[-1] == "0", "and says nothing of the other note"


def test_a_step_that_prints_something_else_would_be_seen(tmp_path: Path) -> None:
    page = '```text title="a/word.txt"\nyes\n```\n```sh\ncat a/word.txt; false || echo no >&2\n```\n```text\n```\n'
    (folder := tmp_path / "empty").mkdir()
    done = list(follow(page, folder, programs(tmp_path / "bin")))
    assert [said for _, said in done] == ["", "yes\nno\n"]
    assert done[1][0].printed == ""
