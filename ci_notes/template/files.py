"""The files of a template, read strictly and held to our schemas."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from ci_notes import document
from ci_notes.errors import InputError, TemplateError
from ci_notes.expression import nearest
from ci_notes.recent import Recent


def text(path: Path) -> str:
    """Return a text file of a template; of one that is too large no more is read than shows it."""
    name = f"{path.parent.name}/{path.name}"
    if not path.is_file():  # to open a pipe would wait for somebody to write into it
        raise TemplateError(f"{name} is no file")
    try:
        with path.open("rb") as file:
            return document.decode(file.read(document.LARGEST + 1), name, what="a file of a template")
    except InputError as error:
        raise TemplateError(str(error)) from None
    except OSError as error:
        raise TemplateError(f"cannot read {name}: {(error.strerror or str(error)).lower()}") from None


def yaml(path: Path) -> Any:
    """Return a YAML file of a template, not yet held to a schema."""
    return _as_yaml(text(path), f"{path.parent.name}/{path.name}")


def _as_yaml(written: str, name: str) -> Any:
    try:
        return document.read_yaml(written, name)
    except InputError as error:
        raise TemplateError(str(error)) from None


def _schema(kind: str) -> Any:
    return json.loads((Path(__file__).parents[1] / "schemas" / f"{kind}.schema.json").read_bytes())


@cache
def _validator(kind: str) -> Any:
    import jsonschema  # noqa: PLC0415  a compiled template is used without it

    schema = _schema(kind)
    if kind == "extension":  # an element that a pack adds may hold what any other may
        schema["$defs"] = _schema("template")["$defs"]
    validator = jsonschema.validators.validator_for(schema)
    return validator(schema, format_checker=validator.FORMAT_CHECKER)


def raw(path: Path) -> Any:
    """Return a JSON file of a template, not yet held to a schema."""
    if not path.is_file():
        raise TemplateError(f"{path.parent.name} has no {path.name}, so it is not a template")
    name = f"{path.parent.name}/{path.name}"
    try:
        return document.read_json(text(path), name)
    except TemplateError:
        raise
    except InputError as error:
        raise TemplateError(str(error)) from None


def definitions(path: Path) -> dict[str, Any]:
    """Return the declarations of an `_elements` file by name."""
    data = raw(path)
    held = data.get("$defs") if isinstance(data, dict) else None
    if not isinstance(held, dict) or not all(isinstance(one, dict) for one in held.values()):
        raise TemplateError(f'{path.parent.name}/{path.name}: declarations are wanted, as {{"$defs": {{…}}}}')
    return held


def checked(path: Path, kind: str) -> Any:
    """Return a rule file, held to its schema; nobody changes what is in it, since all templates share it."""
    written, name = text(path), f"{path.parent.name}/{path.name}"

    def read() -> Any:
        data = _as_yaml(written, name)
        check_data(data, kind, name)
        return data

    return _CHECKED.get((name, kind, written), read)


_CHECKED: Recent[Any] = Recent(32)
"""Every template is held to the same two dozen files of rules, and to read one takes longer than to apply it."""


def check_data(data: Any, kind: str, name: str) -> None:
    """Hold a data file to one of our schemas; raises TemplateError that names the place and the mend."""
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    error = best_match(_validator(kind).iter_errors(data))
    if error is None:
        return
    place = " › ".join(str(part) for part in error.absolute_path) or "the whole file"
    message = error.message
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        extra = next((key for key in error.instance if key not in known), "")
        message = f"«{extra}» is not known here{nearest(extra, known)} (there are: {', '.join(known)})"
    raise TemplateError(f"{name}, {place}: {message}")
