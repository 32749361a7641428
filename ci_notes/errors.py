"""What can go wrong with input, said in the words of the person who can mend it."""

from typing import Any


class InputError(Exception):
    """Something given to the program cannot be used; the message says what, where and what would be right."""


class NotJsonError(InputError):
    """A text that should be JSON is not, or not to its end."""


class TemplateError(InputError):
    """A template, rule or code breaks the contract; found while loading, never while a note is being written."""


class ExpressionError(TemplateError):
    """A condition or computation in a template cannot be understood."""


class NarrativeError(TemplateError):
    """A narrative prints something that it did not first test to be recorded."""


def plain(words: Any, longest: int = 80) -> str:
    """Return words of somebody else on one line, printable and not too long, as a message may show them."""
    kept = "".join(letter if letter.isprintable() else " " for letter in str(words))
    return " ".join(kept.split())[:longest]
