"""Templates by name: held to the contract, and kept compiled.

Parsing and checking a template takes longer than checking a note, so the outcome is stored as one file: built into the
wheel, or kept in the user's cache folder under a hash of everything that it was made from.
"""

import hashlib
import marshal
import os
import pickle
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

from ci_notes import _data, document, expression
from ci_notes.errors import InputError, TemplateError, plain
from ci_notes.expression import nearest
from ci_notes.library.finding import EXTENDS, Seen, catalogue, extension_of, pack_is_installed, seen, templates_in
from ci_notes.template import Template

_OURS = Path(__file__).parents[1]


def load_template(name: str | Path, folders: Iterable[str | Path] = ()) -> Template:
    """Return a template by id, with the pack that extends it; raises TemplateError or InputError.

    By the path of its folder it is that template alone, or, where the folder extends one, that one so extended.
    """
    folders = [*folders]
    if isinstance(name, Path) or os.sep in str(name):
        path = Path(name).resolve()
        if (path / EXTENDS).is_file():
            return load_template(path.name, [path, *folders])
        if not (path / "schema.json").is_file():
            raise InputError(f"{name} is not a template: it has no schema.json")
        return _load(path)
    ours = _data.folder("templates") / name
    is_ours = re.fullmatch(r"[A-Za-z0-9][\w-]{0,99}", name) and (ours / "schema.json").is_file()
    if is_ours and not folders and not pack_is_installed():
        return _load(ours)
    known = catalogue(folders)
    if name not in known:
        close = nearest(name[:100], known)
        raise InputError(f"there is no template «{plain(name)}»{close} (there are: {', '.join(known)})")
    return _load(known[name], extension_of(name, known, folders))


_LOADED: dict[tuple[Path, Path | None], tuple[str, Template]] = {}


def _load(folder: Path, extension: Path | None = None) -> Template:
    shared, place = _data.folder("templates"), (folder, extension)
    key = _fingerprint(folder, shared, extension)
    if place in _LOADED and _LOADED[place][0] == key:
        return _LOADED[place][1]
    found = _from_cache(key)
    if found is None:
        found = compile_template(folder, shared, extension)
        _to_cache(key, _stored(found))
    _prepare(key, found)
    _LOADED[place] = (key, found)
    return found


def compile_template(folder: Path, shared: Path, extension: Path | None = None) -> Template:
    """Return a template read and held to the whole contract; raises TemplateError with a sentence.

    One that a pack extends must say all that the template alone says, and all that the pack adds.
    """
    from ci_notes.fhir import skeleton  # noqa: PLC0415  a compiled template needs none of these
    from ci_notes.narrative import check_narrative, losing  # noqa: PLC0415
    from ci_notes.template.codes import check_codes  # noqa: PLC0415
    from ci_notes.template.folder import read  # noqa: PLC0415

    found = read(folder, shared, extension)
    check_codes(found)
    check_narrative(found)
    skeleton.check_skeleton(found)
    if extension:
        losing.check_told(found, read(folder, shared))
    return found


# --- stored and found again ------------------------------------------------------------------------------------------

_SHARED = ("_elements", "_rules", "_macros", "_fhir")
_KEPT_DAYS = 30


def compile_own(into: Path) -> list[Path]:
    """Compile our own templates into files that a wheel carries as `ci_notes/_data/compiled`; return them."""
    shared = _data.folder("templates")
    made = []
    for _, folder in templates_in(shared):
        path = into / _fingerprint(folder, shared)
        found = compile_template(folder, shared)
        path.write_bytes(_stored(found))
        code = into / _code_name(path.name)
        code.write_bytes(_code(found))
        made += [path, code]
    return made


def _fingerprint(folder: Path, shared: Path, extension: Path | None = None) -> str:
    """Return the name of a compiled template's file: its id, and a hash of all it depends on.

    Files are named from their own root and nothing of this machine or this Python goes in, so that what was compiled
    while the wheel was built is found wherever the wheel is installed. Files that are still what they were are not
    read again: this is asked for every note.
    """
    place, now = (folder, shared, extension), _state(folder, shared, extension)
    known = _FINGERPRINTS.get(place)
    if known is None or known[0] != now:
        digest = _of_our_code().copy()
        _take_in(digest, _ingredients(folder, shared, extension))
        known = _FINGERPRINTS[place] = now, f"{folder.name}-{digest.hexdigest()[:32]}"
    return known[1]


_FINGERPRINTS: dict[tuple[Path, Path, Path | None], tuple[list[tuple[str, Seen]], str]] = {}


@cache  # what runs is what was there when the program started
def _of_our_code() -> Any:
    """Return a digest of all of our code: a change in what reads or checks a template must leave no old verdict."""
    digest = hashlib.sha256()
    _take_in(digest, _named("code", _OURS, ["**/*.py", "schemas/*.json"]))
    return digest


def _take_in(digest: Any, named: Iterable[tuple[str, Path]]) -> None:
    for name, path in named:
        with path.open("rb") as file:
            content = file.read(document.LARGEST + 1)
        if len(content) > document.LARGEST:
            raise TemplateError(f"{name.partition('/')[2]} is too large for a file of a template; take it away")
        digest.update(f"{name}\0{len(content)}\0".encode() + content)


def _state(folder: Path, shared: Path, extension: Path | None) -> list[tuple[str, Seen]]:
    """Return what the files of a template look like from outside."""
    own = [folder, *([extension] if extension else [])]
    roots = {one.parent for one in own} | {shared}
    found = []
    for place in (*own, *(root / name for root in roots for name in _SHARED)):
        with suppress(OSError), os.scandir(place) as entries:  # most packs have but one or two of them
            found += [(entry.path, seen(entry.stat())) for entry in entries if "." in entry.name and entry.is_file()]
    return sorted(found)


def _ingredients(folder: Path, shared: Path, extension: Path | None) -> Iterator[tuple[str, Path]]:
    yield from _named("template", folder, ["*.*"])
    if folder.parent != shared:
        yield from _named("pack", folder.parent, [f"{name}/*.*" for name in _SHARED])
    if extension:
        yield from _named("extension", extension, ["*.*"])
        yield from _named("extending pack", extension.parent, [f"{name}/*.*" for name in _SHARED])
    yield from _named("shared", shared, [f"{name}/*.*" for name in _SHARED])


def _named(label: str, root: Path, patterns: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                yield f"{label}/{path.relative_to(root).as_posix()}", path


def _stored(found: Template) -> bytes:
    """Return a template as it is stored: plain data and source text, which any supported Python reads."""
    _ = found.elements, found.names, found.asked, found.required, found.active_rules  # kept with it once worked out
    for rule in found.active_rules:
        found.places(rule)  # the condition itself is only wanted again to say what would decide it
        if not rule.shown_undecided:
            found.forget(rule)
    return pickle.dumps(found, protocol=5)


def _packaged_folder() -> Path:
    return _OURS / "_data" / "compiled"


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ci-notes"


def _from_cache(key: str) -> Template | None:
    for place in (_packaged_folder, _cache_folder):
        with suppress(Exception):  # a damaged or foreign cache, or no home to keep it in, is as good as none
            found = pickle.loads((place() / key).read_bytes())  # noqa: S301  written by us, in the user's own files
            if isinstance(found, Template):
                return found
    return None


def _prepare(key: str, found: Template) -> None:
    """Have the code of a template's conditions at hand, stored for this Python beside the template or made now."""
    name = _code_name(key)
    for place in (_packaged_folder, _cache_folder):
        with suppress(Exception):  # as above
            codes, prose = marshal.loads((place() / name).read_bytes())  # noqa: S302  written by us
            expression.prepare(found.programs, codes)
            found.prepared.update(prose)
            return
    _to_cache(name, _code(found))


def _code_name(key: str) -> str:
    """Return the name of the file with a template's code: code is for one Python alone."""
    return f"{key}.{sys.implementation.cache_tag}-{MAGIC_NUMBER.hex()}"


def _code(found: Template) -> bytes:
    from ci_notes.narrative import prepared  # noqa: PLC0415

    codes, prose = [expression.code_of(source) for source in found.programs], prepared(found)
    expression.prepare(found.programs, codes)
    found.prepared.update(prose)
    return marshal.dumps((codes, prose), 2)  # the form that is the same each time: two builds give the same wheel


def _to_cache(name: str, content: bytes) -> None:
    with suppress(OSError, RuntimeError):  # without a writable cache folder every start is merely slower
        folder = _cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(content)
        Path(file.name).replace(folder / name)
        _forget_old(folder)


def _forget_old(folder: Path) -> None:
    """Remove what was compiled long ago; what is still wanted is made anew."""
    oldest = time.time() - _KEPT_DAYS * 24 * 3600
    for path in folder.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink()
