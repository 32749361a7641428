"""Where answers come from: a real terminal, where one key can answer an empty line, or a pipe of lines."""

import shutil
import sys
from typing import Protocol

import click

from ci_notes.answers import ABSENCE_KEYS
from ci_notes.reporting import wrapped

BACK = "<"


class Line(Protocol):
    """Where answers come from: a line of text for a prompt; EOFError when there are no more."""

    def __call__(self, prompt: str, keys: bool = True) -> str:
        """Return what was typed; with `keys`, a single key can be a whole answer."""


def reader() -> Line:
    """Return the reader that fits where the program runs."""
    return _keyboard() if sys.stdin.isatty() and sys.stdout.isatty() else piped


def piped(prompt: str, keys: bool = True) -> str:  # noqa: ARG001  without a terminal every answer is a line
    """Read a line as it comes, with nobody at the keyboard."""
    click.echo(prompt, nl=False, err=True)
    typed = sys.stdin.readline()
    if not typed:
        raise EOFError
    click.echo("", err=True)
    return typed.rstrip("\n")


def _keyboard() -> Line:
    """Return a reader for a real terminal, where one key answers an empty line."""
    from prompt_toolkit import PromptSession  # noqa: PLC0415  heavy, and only for a terminal
    from prompt_toolkit.filters import Condition  # noqa: PLC0415
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent  # noqa: PLC0415

    session: PromptSession[str] = PromptSession()
    bindings = KeyBindings()
    at_once = {"on": True, "enter follows": False}
    empty = Condition(lambda: at_once["on"] and not session.default_buffer.text)

    def answer(event: KeyPressEvent) -> None:
        event.app.current_buffer.insert_text(event.data)
        event.app.exit(result=event.data)
        at_once["enter follows"] = event.data != BACK

    for key in (*ABSENCE_KEYS, BACK):
        bindings.add(key, filter=empty)(answer)

    def line(prompt: str, keys: bool = True) -> str:
        at_once["on"] = keys
        *above, last = prompt.split("\n")
        if above:
            click.echo(wrapped("\n".join(above), max(40, shutil.get_terminal_size().columns)))
        followed, at_once["enter follows"] = at_once["enter follows"], False
        typed = session.prompt(last, key_bindings=bindings)
        # Enter typed from habit behind a single key belongs to that key; it never passes over the next question.
        return session.prompt(last, key_bindings=bindings) if followed and not typed else typed

    return line
