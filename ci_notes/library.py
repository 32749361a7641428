"""Finds templates (ours, a folder's, an installed pack's), holds them to the contract, and keeps them compiled.

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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

from ci_notes import _data, derive, document, expression
from ci_notes.errors import InputError, TemplateError, plain
from ci_notes.expression import nearest
from ci_notes.series import Series
from ci_notes.template import Template

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
        inside = dict(_templates_in(root))
        if not inside and not dict(_extensions_in(root)):
            raise InputError(
                f"{root} holds no template; a template is a folder with a schema.json or extend.yaml in it"
            )
        found |= {name: path for name, path in inside.items() if name not in found}
    for root in (_data.folder("templates"), *_installed_packs()):
        found |= {name: path for name, path in _templates_in(root) if name not in found}
    return found


def _templates_in(root: Path) -> Iterator[tuple[str, Path]]:
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


def _pack_is_installed() -> bool:
    """Return whether any installed package declares templates: to ask importlib would take longer than a note."""
    for place in dict.fromkeys(sys.path):
        with suppress(OSError):
            for name in os.listdir(place or "."):  # noqa: PTH208  a path of each costs more than the whole question
                if name.endswith((".dist-info", ".egg-info")):
                    with suppress(OSError):
                        path = os.path.join(place, name, "entry_points.txt")  # noqa: PTH118
                        if _declares(path, _seen(os.stat(path))):  # noqa: PTH116
                            return True
    return False


@lru_cache(maxsize=4096)
def _declares(path: str, _now: "_Seen") -> bool:
    return ENTRY_POINTS.encode() in Path(path).read_bytes()


_Seen = tuple[int, int, int, int]


def _seen(file: os.stat_result) -> _Seen:
    """Return by what one knows that a file is still what it was."""
    return file.st_ino, file.st_size, file.st_mtime_ns, file.st_ctime_ns


def _installed_packs() -> Iterator[Path]:
    if not _pack_is_installed():
        return
    from importlib.metadata import entry_points  # noqa: PLC0415  costs start-up time
    from importlib.util import find_spec  # noqa: PLC0415

    for entry in entry_points(group=ENTRY_POINTS):
        spec = find_spec(entry.module)
        if spec is not None and spec.submodule_search_locations:
            yield from (Path(location) for location in spec.submodule_search_locations)


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
    if is_ours and not folders and not _pack_is_installed():
        return _load(ours)
    known = catalogue(folders)
    if name not in known:
        close = nearest(name[:100], known)
        raise InputError(f"there is no template «{plain(name)}»{close} (there are: {', '.join(known)})")
    return _load(known[name], _extension(name, known, folders))


def _extension(name: str, known: Mapping[str, Path], folders: Iterable[str | Path]) -> Path | None:
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


# --- the compiled file ---------------------------------------------------------------------------------------------

_SHARED = ("_elements", "_rules", "_macros", "_fhir")
_KEPT_DAYS = 30


def compile_own(into: Path) -> list[Path]:
    """Compile our own templates into files that a wheel carries as `ci_notes/_data/compiled`; return them."""
    shared = _data.folder("templates")
    made = []
    for _, folder in _templates_in(shared):
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


_FINGERPRINTS: dict[tuple[Path, Path, Path | None], tuple[list[tuple[str, _Seen]], str]] = {}


@cache  # what runs is what was there when the program started
def _of_our_code() -> Any:
    """Return a digest of all of our code: a change in what reads or checks a template must leave no old verdict."""
    digest = hashlib.sha256()
    _take_in(digest, _named("code", Path(__file__).parent, ["**/*.py", "schemas/*.json"]))
    return digest


def _take_in(digest: Any, named: Iterable[tuple[str, Path]]) -> None:
    for name, path in named:
        with path.open("rb") as file:
            content = file.read(document.LARGEST + 1)
        if len(content) > document.LARGEST:
            raise TemplateError(f"{name.partition('/')[2]} is too large for a file of a template; take it away")
        digest.update(f"{name}\0{len(content)}\0".encode() + content)


def _state(folder: Path, shared: Path, extension: Path | None) -> list[tuple[str, _Seen]]:
    """Return what the files of a template look like from outside."""
    own = [folder, *([extension] if extension else [])]
    roots = {one.parent for one in own} | {shared}
    found = []
    for place in (*own, *(root / name for root in roots for name in _SHARED)):
        with suppress(OSError), os.scandir(place) as entries:  # most packs have but one or two of them
            found += [(entry.path, _seen(entry.stat())) for entry in entries if "." in entry.name and entry.is_file()]
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
    return Path(__file__).parent / "_data" / "compiled"


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


# --- notes ---------------------------------------------------------------------------------------------------------


def read_data(source: str | Path | bytes, name: str = "") -> dict[str, Any]:
    """Return the data of a note file (JSON or YAML) or of its bytes; raises InputError."""
    if isinstance(source, bytes):
        raw, name = source, name or "the input"
    else:
        raw, name = read_bytes(Path(source)), name or str(source)
    data = document.read(raw, name)
    if not isinstance(data, dict):
        raise InputError(f"{name} is no note: it holds {what(data)}, not a group of fields")
    return data


def read_bytes(path: Path, largest: int = document.LARGEST) -> bytes:
    """Return a file's bytes, at most one more than it may have; raises InputError."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a note in it")
        with path.open("rb") as file:
            return file.read(largest + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None


_NOTE_FILES = (".json", ".yaml", ".yml")


def notes_in(folder: Path) -> tuple[list[Path], int]:
    """Return the note files in a folder and those below it, by name, and how many other files are among them.

    What cannot be read counts as a note, so that somebody hears of it.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix in _NOTE_FILES and path.is_file())
    notes = [path for path in files if _may_be_note(path)]
    return notes, len(files) - len(notes)


def _may_be_note(path: Path) -> bool:
    try:
        data = document.read(read_bytes(path), str(path))
    except InputError:
        return True
    return isinstance(data, dict) and "template" in data and "resourceType" not in data


def what(data: Any) -> str:
    """Return what data are that should be a group of fields, as in "it holds a list"."""
    kinds = {list: "a list", str: "text", int: "a number", float: "a number", bool: "yes or no"}
    return kinds.get(type(data), "nothing")


def load(
    source: str | Path | bytes | Mapping[str, Any],
    folders: Iterable[str | Path] = (),
    jurisdiction: str = "",
    earlier: Sequence[derive.Note] = (),
) -> derive.Note:
    """Return a note read against its template; `source` is a file, bytes or data.

    `earlier` are the notes of the same pregnancy written before, in order; rules may hold this one against them.

    Raises InputError for what is no note, TemplateError where its template is at fault.
    """
    data = dict(source) if isinstance(source, Mapping) else read_data(source)
    name = str(source) if isinstance(source, str | Path) else "the note"
    return derive.note(load_template(template_of(data, name), folders), data, jurisdiction, earlier)


def load_record(
    sources: Iterable[str | Path | bytes | Mapping[str, Any]],
    folders: Iterable[str | Path] = (),
    jurisdiction: str = "",
) -> list[derive.Note]:
    """Return notes read as one record, in the order given: each stands beside those of its pregnancy before it.

    Raises what `load` raises.
    """
    given = [*folders]
    return as_record([load(source, given, jurisdiction) for source in sources], jurisdiction)


def as_record(alone: Sequence[derive.Note], jurisdiction: str = "") -> list[derive.Note]:
    """Return notes that were read one by one as one record: each beside those of its pregnancy before it."""
    series = Series()
    for number, note in enumerate(alone):
        series.add(str(number), note.data)
    return [
        derive.note(note.template, note.data, jurisdiction, [alone[int(one)] for one in series.before(note.data)])
        for note in alone
    ]


def template_of(data: Mapping[str, Any], name: str) -> str:
    """Return the template id that a note names; raises InputError with what it looks like instead."""
    if "resourceType" in data:
        raise InputError(
            f"{name} is a FHIR {data['resourceType']}, not a note; `ci-notes import` makes a note of a bundle"
        )
    given = data.get("template")
    if not isinstance(given, str):
        raise InputError(f'{name} is no note: it does not name its template, as in "template": "assessment"')
    if os.sep in given:
        raise TemplateError(f"{name} names the template «{plain(given)}»; a template is named by its id")
    return given
