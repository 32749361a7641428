"""What is printed and written: the product on stdout or whole into a file, messages on stderr."""

import sys
from pathlib import Path

import click

from ci_notes.errors import InputError


def show(text: str) -> None:
    """Print prose: broken between words on a terminal, untouched in a pipe."""
    from ci_notes import reporting  # noqa: PLC0415

    click.echo(reporting.wrapped(text, _width()) if sys.stdout.isatty() else text, nl=False)


def _width() -> int:
    import shutil  # noqa: PLC0415

    return max(40, min(shutil.get_terminal_size().columns, 100))


def write(text: str, output: str | None, force: bool) -> None:
    """Print the product, or write it whole into a file and say so; raises InputError."""
    if output is None:
        show(text)
        return
    write_file(Path(output), text, force)
    click.echo(f"written to {output}", err=True)


def write_file(path: Path, content: str | bytes, force: bool = False) -> None:
    """Write a file whole or not at all; asks before writing over one; raises InputError."""
    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder; name a file in it")
    if path.exists() and not force:
        if not sys.stdin.isatty():
            raise InputError(f"{path} exists; give --force to write over it")
        if not click.confirm(f"{path} exists. Write over it?", err=True):
            raise InputError(f"{path} was left as it is")
    from ci_notes.drafts import save_bytes  # noqa: PLC0415

    save_bytes(path, content.encode() if isinstance(content, str) else content)


def complain(error: Exception | str) -> None:
    """Say on stderr what was wrong."""
    click.echo(f"ci-notes: {error}", err=True)
