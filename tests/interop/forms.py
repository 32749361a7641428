"""LHC-Forms and its FHIRPath, started over our Questionnaires; and what of a note the terminal asks."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import installing
from installing import HERE, missing, program

from ci_notes import derive
from ci_notes.checks import is_asked
from ci_notes.element import Element, Section
from ci_notes.expression import decide
from ci_notes.fhir.forms.items import more
from ci_notes.fhir.forms.questionnaire import to_questionnaire
from ci_notes.template import HEADER, Template

Json = dict[str, Any]
Place = tuple[str, str]
"""The path of an element, and the id of its row."""

FOLDER = HERE / "lforms"
SET_BY_PROGRAM = (f"{HEADER}.status", f"{HEADER}.kept", f"{HEADER}.carried")


@cache
def node() -> str:
    """Return Node, with LHC-Forms installed beside our scripts."""
    npm = program("npm", "install Node with npm (packages nodejs and npm of Debian); any version from 18 on will do")
    lock, done = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".installed.json"
    if not done.exists() or done.read_bytes() != lock.read_bytes():
        installing._install([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], FOLDER)
        shutil.copy(lock, done)
    return program("node", "install Node with npm (packages nodejs and npm of Debian)")


@cache
def chromium() -> str:
    """Return the path of Chromium or Chrome on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = [path for path in map(shutil.which, names) if path]
    return found[0] if found else missing("Chromium", "install it (package chromium of Debian), or Google Chrome")


class Script:
    """One of our scripts while it runs: a line of JSON in, a line of JSON out."""

    def __init__(self, name: str, *arguments: str) -> None:
        command = [node(), str(FOLDER / name), *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=FOLDER)

    def tell(self, said: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(said) + "\n")
        self.process.stdin.flush()

    def ask(self, said: Mapping[str, Any]) -> Json:
        """Return what a script answers; raises RuntimeError where it ended instead."""
        self.tell(said)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended with status {self.process.wait(10)}")
        answered: Json = json.loads(line)
        return answered

    def end(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


_WRITTEN: dict[str, Json] = {}


def questionnaire(template: Template) -> Json:
    if template.id not in _WRITTEN:
        _WRITTEN[template.id] = to_questionnaire(template)
    return _WRITTEN[template.id]


def open_sections(answered: Json) -> set[str]:
    """Return the sections in which a response shows what is asked on request."""
    sections = [section for section in answered["item"] if section["linkId"] != "absent"]
    return {
        section["linkId"]
        for section in sections
        for item in section.get("item", [])
        if item["linkId"] == more(section["linkId"]) and item["answer"][0].get("valueBoolean")
    }


def asked(note: derive.Note, shown: set[str]) -> set[Place]:
    """Return what the terminal asks of a note, where `+` was typed in the sections `shown`."""
    found: set[Place] = set()
    for section in note.template.sections:
        for element in section:
            if element.path in SET_BY_PROGRAM or element.computed or not _asks(note, section, element, shown):
                continue
            found.add((element.path, ""))
            for row in note.record.rows.get(element.path, ()):
                found |= {(one.path, row.row) for one in element.rows if _asks(note, section, one, shown, row)}
    return found


def _asks(
    note: derive.Note, section: Section, element: Element, shown: set[str], row: derive.Record | None = None
) -> bool:
    in_turn = not element.on_request
    if element.in_turn:
        in_turn = decide(note.template.truth(element.in_turn), note.record) is True
    return (in_turn or section.name in shown) and is_asked(note, element, row) is True


def elements_of(template: Template, link_ids: Iterator[Any] | list[Any]) -> set[Place]:
    """Return those of a form's items that are a question about an element: not what is computed or hidden."""
    hidden = [path for path in template.elements if path.startswith(SET_BY_PROGRAM)]
    kept = {path for path, one in template.elements.items() if not one.computed and path not in hidden}
    return {(path, row) for path, row in link_ids if path in kept}


def example_paths(folder: Path) -> list[Path]:
    return sorted((folder / "examples").glob("*.note.json"))
