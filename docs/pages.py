"""Writes docs/rules/*.md, a page for each rule, and docs/templates/*.md, a page for each note kind, with an index each.

All of it is read from the templates: rules by `rule_pages`, note kinds by `template_pages`; `foreign_pages` writes
docs/recognised-codes.md. `make accept` writes the
pages anew; `tests/test_docs.py` says when that is due.
"""

from collections.abc import Mapping
from pathlib import Path

from foreign_pages import codes_page
from rule_pages import Rules, rule_page, rules_index
from template_pages import template_page, templates_index

from ci_notes import _data, library
from ci_notes.template import Template

HERE = Path(__file__).parent


def ours() -> list[Template]:
    """Return our own templates, without what an installed pack adds to them."""
    folders = sorted(path.parent for path in _data.folder("templates").glob("[!_.]*/schema.json"))
    return [library.load_template(folder) for folder in folders]


def pages() -> dict[Path, str]:
    """Return every page, by the file it stands in."""
    rules = Rules(ours())
    found = {HERE / "rules" / f"{name}.md": rule_page(one, rules) for name, one in rules.checks.items()}
    found[HERE / "rules" / "README.md"] = rules_index(rules)
    found |= {HERE / "templates" / f"{one.id}.md": template_page(one, rules) for one in rules.templates}
    found[HERE / "templates" / "README.md"] = templates_index(rules.templates)
    found[HERE / "recognised-codes.md"] = codes_page(rules.templates)
    return found


def write() -> None:
    """Write every page, and remove those of what is no longer there."""
    fresh = pages()
    for path in stale(fresh):
        path.unlink()
    for path, text in fresh.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def stale(fresh: Mapping[Path, str]) -> list[Path]:
    """Return the pages that stand there for nothing."""
    kept = [path for name in ("rules", "templates") for path in (HERE / name).glob("*.md")]
    return sorted(set(kept) - set(fresh))


if __name__ == "__main__":
    write()
