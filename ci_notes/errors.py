"""What can go wrong with input, said in the words of the person who can mend it."""


class InputError(Exception):
    """Something given to the program cannot be used; the message says what, where and what would be right."""


class TemplateError(InputError):
    """A template, rule or code breaks the contract; found while loading, never while a note is being written."""


class ExpressionError(TemplateError):
    """A condition or computation in a template cannot be understood."""


class NarrativeError(TemplateError):
    """A narrative prints something that it did not first test to be recorded."""
