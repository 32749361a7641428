"""Finds templates (ours, a folder's, an installed pack's), keeps them compiled, and reads notes against them."""

from ci_notes.library.compiled import compile_own, compile_template, load_template
from ci_notes.library.finding import catalogue
from ci_notes.library.notes import as_record, load, load_record, notes_in, read_bytes, read_data, template_of, what

__all__ = [
    "as_record",
    "catalogue",
    "compile_own",
    "compile_template",
    "load",
    "load_record",
    "load_template",
    "notes_in",
    "read_bytes",
    "read_data",
    "template_of",
    "what",
]
