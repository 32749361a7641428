"""What is printed and written: the product on stdout or whole into a file, messages on stderr."""

import io
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import click

from ci_notes.cli.options import STANDARD_OUTPUT
from ci_notes.errors import InputError


def show(text: str) -> None:
    """Print prose: broken between words on a terminal, untouched in a pipe."""
    click.echo(laid_out(text, sys.stdout), nl=False)


def laid_out(text: str, stream: TextIO) -> str:
    """Return prose as it is written to a stream: broken between words for a terminal, else as it is."""
    from ci_notes import reporting  # noqa: PLC0415

    return reporting.wrapped(text, _width()) if stream.isatty() else text


def _width() -> int:
    import shutil  # noqa: PLC0415

    return max(40, min(shutil.get_terminal_size().columns, 100))


def write(text: str, output: str | None, force: bool) -> None:
    """Print the product, or write it whole into a file and say so; raises InputError."""
    if output is None or output == STANDARD_OUTPUT:
        show(text)
        return
    write_file(Path(output), text, force)
    click.echo(f"written to {output}", err=True)


def write_file(path: Path, content: str | bytes, force: bool = False) -> None:
    """Write a file whole or not at all; asks before writing over one; raises InputError."""
    ask_to_write(path, force)
    from ci_notes.drafts import save_bytes  # noqa: PLC0415

    save_bytes(path, content.encode() if isinstance(content, str) else content)


def ask_to_write(path: Path, force: bool) -> None:
    """Ask before a file is written over; raises InputError where it must not be, or there is no folder for it."""
    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder; name a file in it")
    if not path.parent.is_dir():
        raise InputError(f"cannot write {path}: there is no folder {path.parent}")
    if path.exists() and not force:
        if not sys.stdin.isatty():
            raise InputError(f"{path} exists; give --force to write over it")
        if not click.confirm(f"{path} exists. Write over it?", err=True):
            raise InputError(f"{path} was left as it is")


@contextmanager
def writing_to(output: str | None, force: bool, mark: str = "") -> Iterator[TextIO]:
    """Return a stream for what is written bit by bit: stdout, or a file that is there whole or not at all.

    `mark` is for a run that goes on if it is cut off, as in `drafts.saving`.
    """
    if output is None or output == STANDARD_OUTPUT:
        yield cast("TextIO", _Printed())
        return
    with writing_bytes_to(output, force, mark) as file:
        stream = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="")
        yield stream
        stream.detach()


@contextmanager
def writing_bytes_to(output: str | None, force: bool, mark: str = "") -> Iterator[BinaryIO]:
    """Return a stream as `writing_to` does, for what is no text."""
    if output is None or output == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    ask_to_write(path, force)
    from ci_notes.drafts import saving  # noqa: PLC0415

    with saving(path, mark) as file:
        yield file
    click.echo(f"written to {output}", err=True)


class _Printed(io.TextIOBase):
    """Standard output as a stream, which prints what a terminal cannot show in the way of `click.echo`."""

    def write(self, text: str) -> int:
        click.echo(text, nl=False)
        return len(text)

    def isatty(self) -> bool:
        return sys.stdout.isatty()


def complain(error: Exception | str) -> None:
    """Say on stderr what was wrong; a bar that shows how far a run is makes room for it."""
    with _room():
        click.echo(f"ci-notes: {error}", err=True)


def _room() -> AbstractContextManager[None]:
    tqdm = sys.modules.get("tqdm")
    room: AbstractContextManager[None] = tqdm.tqdm.external_write_mode(file=sys.stderr) if tqdm else nullcontext()
    return room
