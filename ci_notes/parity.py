"""The obstetric formula as people write it: G3P0+2, G4 P1021, para 1041, G5T1P1A2L2 (guidelines §5.1).

Only what can be read in one way is read. What no pregnancies can add up to (more births and losses than gravida), and
what leaves open which number is meant (P104, P21), is unreadable; nothing is guessed.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

PARTS = ("gravida", "term", "preterm", "births", "losses", "living", "readable")
"""What `formula(text, part)` may ask for in a condition."""

MOST = 30
"""The highest count that any part may have (guidelines §2.0)."""

LONGEST = 120
"""Characters: what is longer is prose, not a formula."""


@dataclass(frozen=True, slots=True)
class Parity:
    """The numbers of an obstetric formula; None for those that its form does not give.

    `births` are the pregnancies that ended past the threshold of viability, whichever threshold the writer keeps to;
    `term` and `preterm` divide them at 37+0 weeks. `losses` ended before the threshold. A multifetal pregnancy counts
    once in each of these; `living` are the children alive now.
    """

    gravida: int | None = None
    term: int | None = None
    preterm: int | None = None
    births: int | None = None
    losses: int | None = None
    living: int | None = None


_GAP = r"[\s,;/]*"
_DIGITS = r"(\d{1,2})"
_APART = r"[\s,-]+"
_NUMBER = rf"\s*{_DIGITS}(?!\d)"
_GRAVIDA = re.compile(rf"(?:g|gravida){_NUMBER}{_GAP}", re.ASCII)
_PARA = r"(?:p|para)"
_FORMS = tuple(
    (re.compile(form, re.ASCII), names)
    for form, names in (
        (rf"t{_NUMBER}{_GAP}p{_NUMBER}{_GAP}a{_NUMBER}(?:{_GAP}l{_NUMBER})?", ("term", "preterm", "losses", "living")),
        (rf"{_PARA}\s*(\d)(\d)(\d)(\d)", ("term", "preterm", "losses", "living")),
        (rf"{_PARA}\s*{_APART.join([_DIGITS] * 4)}", ("term", "preterm", "losses", "living")),
        (rf"{_PARA}{_NUMBER}\s*\+{_NUMBER}", ("births", "losses")),
        (rf"{_PARA}{_NUMBER}(?:{_GAP}a{_NUMBER})?(?:{_GAP}l{_NUMBER})?", ("births", "losses", "living")),
    )
)
_REMARK = re.compile(r"\s*\([^()]*\)$")


def read(text: str) -> Parity | None:
    """Return the numbers of a written formula, or None where it is none or can be read in several ways.

    >>> read("G4 P1021")
    Parity(gravida=4, term=1, preterm=0, births=1, losses=2, living=1)
    """
    return _read(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=1024)
def _read(text: str) -> Parity | None:
    written = text.strip().rstrip(".,;").lower()
    while (shorter := _REMARK.sub("", written)) != written:
        written = shorter
    first = _GRAVIDA.match(written)
    numbers = {"gravida": int(first[1])} if first else {}
    rest = written[first.end() :] if first else written
    if rest:
        found = _para(rest)
        if found is None:
            return None
        numbers |= found
    return _possible(numbers) if numbers else None


def _para(written: str) -> dict[str, int] | None:
    """Return the numbers of what follows gravida, by name."""
    for form, names in _FORMS:
        match = form.fullmatch(written)
        if match:
            pairs = zip(names, match.groups(), strict=True)
            return {name: int(digits) for name, digits in pairs if digits is not None}
    return None


def _possible(numbers: dict[str, int]) -> Parity | None:
    """Return the numbers as a formula, or None where no pregnancies can add up to them."""
    if "term" in numbers:
        numbers["births"] = numbers["term"] + numbers["preterm"]
    gravida, births, losses = (numbers.get(name) for name in ("gravida", "births", "losses"))
    if any(number > MOST for number in numbers.values()):
        return None
    if gravida is not None and (births or 0) + (losses or 0) > gravida:
        return None
    if gravida is None and losses is None and births is not None and births > 9:
        return None  # P21 alone may be two births and one loss written together
    return Parity(**numbers)
