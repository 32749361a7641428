"""The page of interoperability was made by the present program; its figures are those of the last whole run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

import interop


def test_the_page_has_the_form_that_its_program_gives_it() -> None:
    page, at = interop.PAGE.read_text(encoding="utf-8"), 0
    for part in interop.skeleton():
        assert part in page[at:], "run make interop"
        at = page.index(part, at) + len(part)


def test_every_table_of_the_page_has_figures() -> None:
    page = interop.PAGE.read_text(encoding="utf-8")
    empty = [one.title for one in interop.SECTIONS if f"{one.head()}| " not in page]
    assert empty == []
