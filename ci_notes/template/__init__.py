"""Note kinds: what they are made of, and how they are read from a folder."""

from ci_notes.template.course import Chart, Happening, Mark, Measured, Published, Threshold
from ci_notes.template.guidance import GRADES, Position, Rule, Source, message_paths, rule_condition
from ci_notes.template.model import HEADER, PARENT, Extension, Pair, Suggestion, Template, Words

__all__ = [
    "GRADES",
    "HEADER",
    "PARENT",
    "Chart",
    "Extension",
    "Happening",
    "Mark",
    "Measured",
    "Pair",
    "Position",
    "Published",
    "Rule",
    "Source",
    "Suggestion",
    "Template",
    "Threshold",
    "Words",
    "message_paths",
    "rule_condition",
]
