"""Draws the pictures of the README from the real program: `make screens`.

Each picture is what a terminal showed while the program ran in it, as an SVG with real text.
"""

import html
import os
import sys
import tempfile
from pathlib import Path

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
    """Draw a first visit at the ultrasound: a length typed in centimetres has been asked back."""
    terminal = Terminal(["new", "assessment", "-o", "visit.note.json", "--jurisdiction", "UK"], 96, 46, folder)
    for expected, typed in (
        ("Name", "Ada Example"), ("Date of birth", "2 May 1994"), ("gender", "female"), ("identifier", ""),
        ("Author:", "Dr Bea Sample"), ("identifier", ""), ("role", "2"), ("Facility", "Sample Maternity Hospital"),
        ("menstrual period", "1/6/2026"), ("Agreed due date", "8/3/2027"), ("Dating method", "2"), ("as stated", ""),
        ("Gravida", "2"), ("Term", "0"), ("Preterm", "0"), ("Losses", "1"), ("Living", "0"), ("threshold:", "2"),
        ("how many", "1"), ("its end", "20+3"), ("outcome", "second"), ("onset", "painless"), ("painless", "y"),
        ("contractions", "n"), ("bleeding", "n"), ("rupture", "n"), ("abruption", "n"), ("infection", "?"),
        ("cerclage", "n"), ("Any of these", "1"), ("dilation", "0"), ("effacement", ""), ("measurements", "22, 2.4 cm"),
        ("Record that", "y"), ("Funnelling .y", "y"), ("Funnel length", "8"), ("Cervical insufficiency", "suspected"),
    ):  # fmt: skip
        terminal.say(expected, typed, enter=typed != "?")
    terminal.program.expect("Cerclage in place")
    terminal.settle()
    terminal.draw(IMAGES / "new.svg")
    terminal.program.close()


def narrative(folder: str) -> None:
    """Draw the narrative of the complete example."""
    note = ROOT / "templates/assessment/examples/complete.note.json"
    terminal = Terminal(["render", str(note)], 100, 60, folder)
    terminal.settle()
    terminal.draw(IMAGES / "narrative.svg")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        filling(work)
        narrative(work)
