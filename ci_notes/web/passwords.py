"""Passwords: as argon2 keeps them, and which are too easy."""

import threading
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 1000
_READ = 4 * LONGEST  # characters as typed: to put accents in order takes a time that grows with the square of them

_OBVIOUS = (
    "password", "passwort", "letmein", "welcome", "changeme", "qwertyuiop", "administrator", "hospital", "midwife",
    "correcthorsebatterystaple", "iloveyou",
)  # fmt: skip
_RUNS = ("01234567890123456789", "09876543210987654321", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")

_hasher = PasswordHasher()
_gate = threading.BoundedSemaphore(2)  # each takes 64 MB while it works


def kept(password: str) -> str:
    """Return what is kept of a password."""
    with _gate:
        return _hasher.hash(_same(password))


def fits(held: str, password: str) -> bool:
    """Return whether a password is the one that is held; takes as long where none is held."""
    with _gate:
        try:
            return _hasher.verify(held or _nobodys(), _same(password)[:LONGEST]) and bool(held)
        except (VerificationError, InvalidHashError):
            return False


def outdated(held: str) -> bool:
    """Return whether a password was kept with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(held)


def fault(password: str, login: str, full_name: str = "") -> str:
    """Return why a password cannot be taken, as a sentence; empty where it can."""
    plain = _same(password).casefold()
    bare = "".join(letter for letter in plain if letter.isalnum())
    if len(plain) < SHORTEST:
        return f"A password has at least {SHORTEST} characters; several words in a row are easy to remember."
    if max(len(plain), len(password) // 4) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    names = {"".join(letter for letter in name.casefold() if letter.isalnum()) for name in (login, full_name)} - {""}
    if any(_without(bare, name) for name in names):
        return "A password may not be the name of the account."
    if len(set(bare)) < 5 or any(bare in run for run in _RUNS) or any(_without(bare, word) for word in _OBVIOUS):
        return "That is one of the first passwords that somebody would try; take several words in a row."
    return ""


def _without(bare: str, word: str) -> bool:
    """Return whether next to nothing but digits is left of a password without a word."""
    rest = bare.replace(word, "")
    return rest != bare and (len(rest) < 3 or rest.isdecimal())


def _same(password: str) -> str:
    """Return the same password however a keyboard composed its letters."""
    return unicodedata.normalize("NFKC", password[:_READ])


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
