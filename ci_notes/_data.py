"""Where the templates and profiles live: inside an installed wheel, or at the top of a checkout."""

from pathlib import Path


def folder(name: str) -> Path:
    """Return the `templates` or `fhir_profiles` folder."""
    packaged = Path(__file__).parent / "_data" / name
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / name
