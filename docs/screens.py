"""Draws the pictures of the README from the real program: `make screens`.

A picture of the terminal is an SVG with real text; one of the web form is what Debian's Chromium showed of it.
"""

import html
import os
import sys
import tempfile
from pathlib import Path

import browser_screens
import pexpect
import pyte

ROOT = Path(__file__).parents[1]
IMAGES = Path(__file__).parent / "images"
PROGRAM = [sys.executable, "-c", "from ci_notes.cli import main; main()"]
CELL, LINE, MARGIN = 8.4, 18, 14
STYLE = """
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #e6e6e6; white-space: pre; }
.b { font-weight: 700; fill: #fff; }
"""


class Terminal:
    """The program running in a terminal of our own, whose screen can be drawn."""

    def __init__(self, arguments: list[str], columns: int, lines: int, folder: str) -> None:
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.Stream(self.screen)
        environment = {**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        self.program = pexpect.spawn(PROGRAM[0], [*PROGRAM[1:], *arguments], encoding="utf-8", cwd=folder,
                                     dimensions=(lines, columns), env=environment, timeout=20)  # fmt: skip
        self.program.logfile_read = self

    def write(self, text: str) -> None:
        self.stream.feed(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def say(self, expected: str, typed: str, enter: bool = True) -> None:
        self.program.expect(expected)
        (self.program.sendline if enter else self.program.send)(typed)

    def settle(self) -> None:
        """Wait until the program has nothing more to show."""
        try:
            self.program.expect(pexpect.EOF, timeout=1)
        except pexpect.TIMEOUT:
            return

    def draw(self, path: Path) -> None:
        rows = [self.screen.buffer[number] for number in range(self.screen.lines)]
        drawn = [_row(row, self.screen.columns) for row in rows]
        while drawn and not drawn[-1]:
            drawn.pop()
        width, height = self.screen.columns * CELL + 2 * MARGIN, len(drawn) * LINE + 2 * MARGIN
        x, top = MARGIN, MARGIN + 13
        texts = "\n".join(f'<text x="{x}" y="{top + LINE * number}">{row}</text>' for number, row in enumerate(drawn))
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 {width:.0f} {height}"\n'
            f'  width="{width:.0f}" height="{height}">\n<style>{STYLE}</style>\n'
            f'<rect width="100%" height="100%" rx="8" fill="#1e2228"/>\n{texts}\n</svg>\n'
        )


def _row(row: dict[int, pyte.screens.Char], columns: int) -> str:
    """Return a row as runs of bold and plain text, without the blanks at its end."""
    cells = [row[column] for column in range(columns)]
    while cells and cells[-1].data == " ":
        cells.pop()
    runs: list[tuple[bool, str]] = []
    for cell in cells:
        if runs and runs[-1][0] == cell.bold:
            runs[-1] = (cell.bold, runs[-1][1] + cell.data)
        else:
            runs.append((cell.bold, cell.data))
    spans = ((f'<tspan class="b">{html.escape(text)}</tspan>' if bold else html.escape(text)) for bold, text in runs)
    return "".join(spans)


def filling(folder: str) -> None:
    """Draw a repeat visit at the ultrasound: what was carried forward, and a length typed in centimetres."""
    earlier = ROOT / "templates/assessment/examples/normal.note.json"
    terminal = Terminal(["new", "assessment", "--from", str(earlier), "-o", "visit.note.json"], 100, 52, folder)
    for expected, typed in (
        ("Still right", ""), ("Still right", ""), ("Author:", "Dr Nat Example"), ("role:", "1"),
        ("Reason for the visit:", "short"), ("First assess", "n"),
    ):  # fmt: skip
        terminal.say(expected, typed)
    for _ in range(6):  # dating, history, risk factors, allergies, medicines, cerclage
        terminal.say("Still right", "")
    for expected, typed in (
        ("Any of these symptoms", "n"), ("Systolic", "112/70"), ("Weight", "64"), ("Examined", "n"),
        ("Laboratory", "n"), ("Still right", ""), ("how many", "1"), ("presentation", "cephalic"),
        ("heart rate", "146"),
        ("Still right", ""), ("scan today", "y"), ("Indication for", "6"), ("Approach", ""), ("Bladder", "1"),
        ("good image", "y"), ("measurements", "23, 2.2 cm"), ("Record that", "y"),
    ):  # fmt: skip
        terminal.say(expected, typed)
    terminal.program.expect("Any of these seen")
    terminal.settle()
    terminal.draw(IMAGES / "new.svg")
    terminal.program.close()


def narrative(folder: str) -> None:
    """Draw the narrative of twins with a short cervix."""
    note = ROOT / "templates/assessment/examples/twins.note.json"
    terminal = Terminal(["render", str(note)], 110, 64, folder)
    terminal.settle()
    terminal.draw(IMAGES / "narrative.svg")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        filling(work)
        narrative(work)
    browser_screens.draw(IMAGES)
