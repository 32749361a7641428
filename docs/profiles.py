"""Writes fhir_profiles/*.json: profiles, code systems and value sets, made from the templates by `make accept`."""

import json
from pathlib import Path
from typing import Any

from pages import ours

from ci_notes.fhir.profiling.generated import generated

FOLDER = Path(__file__).parents[1] / "fhir_profiles"


def files() -> dict[Path, str]:
    """Return every generated file with its text."""
    return {FOLDER / name: written(one) for name, one in generated(ours()).items()}


def written(resource: dict[str, Any]) -> str:
    """Return a resource as it stands in its file: small, and still a line a fact."""
    return json.dumps(resource, indent=1, ensure_ascii=False) + "\n"


def write() -> None:
    """Write every file, and remove those of what is no longer there."""
    fresh = files()
    for path in set(FOLDER.glob("*.json")) - set(fresh):
        path.unlink()
    for path, text in fresh.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
