"""Where templates are: our own, in folders that were given, and in packs that are installed."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from ci_notes import _data
from ci_notes.errors import InputError, TemplateError
from ci_notes.expression import nearest

ENTRY_POINTS = "ci_notes.templates"
"""Entry-point group: an installed package names a module whose folder holds templates."""

EXTENDS = "extend.yaml"
"""The file by which a folder extends the template of its name, in place of a schema.json."""


def catalogue(folders: Iterable[str | Path] = ()) -> dict[str, Path]:
    """Return the folder of every template by id: given folders first, then our own, then installed packs.

    So an installed package cannot take the place of one of ours unseen.

    Raises InputError where a given folder holds no template.
    """
    found: dict[str, Path] = {}
    for given in folders:
        root = Path(given)
        inside = dict(templates_in(root))
        if not inside and not dict(_extensions_in(root)):
            raise InputError(
                f"{root} holds no template; a template is a folder with a schema.json or extend.yaml in it"
            )
        found |= {name: path for name, path in inside.items() if name not in found}
    for root in (_data.folder("templates"), *_installed_packs()):
        found |= {name: path for name, path in templates_in(root) if name not in found}
    return found


def templates_in(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield the folders of templates in a folder, or that folder itself, each with its id."""
    return _folders_with("schema.json", root)


def _extensions_in(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield the folders of a pack that extend a template, each with the id of that template."""
    for name, path in _folders_with(EXTENDS, root):
        if (path / "schema.json").is_file():
            raise TemplateError(f"{path} holds both a schema.json and an {EXTENDS}: a template of its own extends none")
        yield name, path


def _folders_with(file: str, root: Path) -> Iterator[tuple[str, Path]]:
    if (root / file).is_file():
        yield root.resolve().name, root.resolve()
    elif root.is_dir():
        for path in sorted(root.iterdir()):
            if path.is_dir() and path.name[0] not in "_." and (path / file).is_file():
                yield path.name, path


def pack_is_installed() -> bool:
    """Return whether any installed package declares templates: to ask importlib would take longer than a note."""
    for place in dict.fromkeys(sys.path):
        with suppress(OSError):
            for name in os.listdir(place or "."):  # noqa: PTH208  a path of each costs more than the whole question
                if name.endswith((".dist-info", ".egg-info")):
                    with suppress(OSError):
                        path = os.path.join(place, name, "entry_points.txt")  # noqa: PTH118
                        if _declares(path, seen(os.stat(path))):  # noqa: PTH116
                            return True
    return False


@lru_cache(maxsize=4096)
def _declares(path: str, _now: "Seen") -> bool:
    return ENTRY_POINTS.encode() in Path(path).read_bytes()


Seen = tuple[int, int, int, int]
"""By what one knows that a file is still what it was: node, size, when it and its node were changed."""


def seen(file: os.stat_result) -> Seen:
    """Return by what one knows that a file is still what it was."""
    return file.st_ino, file.st_size, file.st_mtime_ns, file.st_ctime_ns


def _installed_packs() -> Iterator[Path]:
    if not pack_is_installed():
        return
    from importlib.metadata import entry_points  # noqa: PLC0415  costs start-up time
    from importlib.util import find_spec  # noqa: PLC0415

    for entry in entry_points(group=ENTRY_POINTS):
        spec = find_spec(entry.module)
        if spec is not None and spec.submodule_search_locations:
            yield from (Path(location) for location in spec.submodule_search_locations)


def extension_of(name: str, known: Mapping[str, Path], folders: Iterable[str | Path]) -> Path | None:
    """Return the folder in which a pack extends a template: a given one before the same pack as installed.

    Raises TemplateError where two packs extend it, since neither could know what the other makes of it, and where a
    pack extends what is not there.
    """
    found: list[Path] = []
    for root in (*map(Path, folders), *_installed_packs()):
        for extended, path in _extensions_in(root):
            if extended not in known:
                close = nearest(extended, known)
                raise TemplateError(f"{path} extends the template «{extended}», which is not there{close}")
            if extended == name and path.resolve() not in found:
                found.append(path.resolve())
    if len(found) < 2:
        return found[0] if found else None
    first, *others = ((path, _name_of(path)) for path in found)
    for path, pack in others:
        if pack != first[1]:
            raise TemplateError(
                f"{name} is extended twice, by «{first[1]}» in {first[0]} and by «{pack}» in {path}; "
                "make one extension of the two"
            )
    return first[0]


def _name_of(extension: Path) -> str:
    """Return the name by which an extension is known to be the same pack, given and installed."""
    from ci_notes.template import files  # noqa: PLC0415

    data = files.yaml(extension / EXTENDS)
    return str(data.get("name")) if isinstance(data, dict) else ""
