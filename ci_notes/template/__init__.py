"""Note kinds: what they are made of, and how they are read from a folder."""

from ci_notes.template.model import (
    GRADES,
    HEADER,
    PARENT,
    Extension,
    Pair,
    Rule,
    Source,
    Suggestion,
    Template,
    Words,
    message_paths,
    rule_condition,
)

__all__ = [
    "GRADES",
    "HEADER",
    "PARENT",
    "Extension",
    "Pair",
    "Rule",
    "Source",
    "Suggestion",
    "Template",
    "Words",
    "message_paths",
    "rule_condition",
]
