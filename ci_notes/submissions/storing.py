"""Text as the temporary databases of a run keep it.

As bytes: the name of a file may be no UTF-8, and a text may hold half a character, which a database takes for none.
"""


def stored(text: str) -> bytes:
    """Return a text as it is kept."""
    return text.encode("utf-8", "surrogatepass")


def restored(kept: bytes) -> str:
    """Return a text that was kept, as it was."""
    return kept.decode("utf-8", "surrogatepass")
