"""The checks on a cluster: a DataFrame of notes becomes one of findings, the same as `ci-notes check` gives here."""

from typing import TYPE_CHECKING, Any

from ci_notes.errors import InputError

if TYPE_CHECKING:
    from ci_notes.spark.checking import checked
    from ci_notes.spark.columns import FINDINGS

__all__ = ["FINDINGS", "checked", "lacking"]


def lacking(error: ImportError) -> InputError:
    """Return what is said where the extra is not installed."""
    package = str(error.name).partition(".")[0]
    return InputError(f"the Spark job needs {package}, which is not installed: pip install 'ci-notes[spark]'")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__} has no {name}")
    try:
        from ci_notes.spark import checking, columns  # noqa: PLC0415  the extra may be missing
    except ImportError as error:
        raise lacking(error) from None
    return checking.checked if name == "checked" else columns.FINDINGS
