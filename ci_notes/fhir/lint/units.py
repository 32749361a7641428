"""Units of UCUM, those that clinical data are measured in: whether a code is one, and what it measures."""

import re
from functools import lru_cache

Dimension = tuple[tuple[str, int], ...]
"""What a unit measures: base quantities with their powers, in order; empty for a bare number."""

LONGEST = 60

_PREFIXES = ("Y", "Z", "E", "P", "T", "G", "M", "k", "h", "da", "d", "c", "m", "u", "n", "p", "f", "a", "z", "y")

_METRIC = {
    "m": "length", "g": "mass", "s": "time", "L": "length3", "l": "length3", "mol": "amount", "K": "temperature",
    "Cel": "temperature", "Hz": "time-1", "Pa": "mass length-1 time-2", "bar": "mass length-1 time-2",
    "m[Hg]": "mass length-1 time-2", "m[H2O]": "mass length-1 time-2", "N": "mass length time-2",
    "J": "mass length2 time-2", "cal": "mass length2 time-2", "[Cal]": "mass length2 time-2",
    "W": "mass length2 time-3", "A": "current", "C": "current time", "V": "mass length2 time-3 current-1",
    "Ohm": "mass length2 time-3 current-2", "S": "mass-1 length-2 time3 current2", "cd": "light", "lm": "light",
    "lx": "light length-2", "Bq": "time-1", "Gy": "length2 time-2", "Sv": "length2 time-2", "eq": "amount",
    "osm": "amount", "kat": "amount time-1", "U": "amount time-1", "[iU]": "iu", "[IU]": "iu", "B": "level",
    "B[SPL]": "level", "t": "mass", "rad": "", "sr": "", "By": "", "bit": "", "[CFU]": "",
}  # fmt: skip
"""Units that take a prefix, with what they measure."""

_PLAIN = {
    **dict.fromkeys(["min", "h", "d", "wk", "mo", "mo_g", "mo_j", "mo_s", "a", "a_g", "a_j", "a_t"], "time"),
    **dict.fromkeys(["[in_i]", "[ft_i]", "[yd_i]", "[mi_i]", "[in_us]", "[ft_us]", "[Ch]"], "length"),
    **dict.fromkeys(["[lb_av]", "[oz_av]", "[stone_av]", "[gr]", "[dr_av]", "[lb_tr]", "[oz_tr]"], "mass"),
    **dict.fromkeys(
        ["[gal_us]", "[qt_us]", "[pt_us]", "[cup_us]", "[foz_us]", "[tbs_us]", "[tsp_us]", "[drp]"], "length3"
    ),
    **dict.fromkeys(["[degF]", "[degRe]"], "temperature"),
    **dict.fromkeys(["%", "10*", "10^", "[ppth]", "[ppm]", "[ppb]", "[pi]", "deg", "'", "''", "circ"], ""),
    **dict.fromkeys(["[pH]", "[arb'U]", "[USP'U]", "[beth'U]", "[PFU]", "[HPF]", "[LPF]", "[MPL'U]", "[GPL'U]"], ""),
    "[diop]": "length-1",
    "[psi]": "mass length-1 time-2",
    "atm": "mass length-1 time-2",
}

_ANNOTATION = re.compile(r"\{[^{}]*\}")
_TOKEN = re.compile(r"[./()]|(?:\[[^\]]*\]|[^./()\[])+")
_POWER = re.compile(r"(.*?)([+-]?\d+)?")


@lru_cache(1024)
def dimension(code: str) -> Dimension | None:
    """Return what a UCUM code measures; None where it is no unit that is known here.

    >>> dimension("mm") == dimension("[in_i]"), dimension("mm[Hg]") == dimension("kPa"), dimension("mmHg")
    (True, True, None)
    """
    plain = _ANNOTATION.sub("", code)
    tokens = _TOKEN.findall(plain)
    if not code or len(code) > LONGEST or re.search(r"\s", code) or "".join(tokens) != plain:
        return None
    reader = _Reader()
    if not all(map(reader.take, tokens)) or not reader.is_whole(plain):
        return None
    return tuple(sorted((name, power) for name, power in reader.powers.items() if power))


class _Reader:
    """Reads the units of a term and adds up their powers; what stands behind a / counts the other way."""

    def __init__(self) -> None:
        self.powers: dict[str, int] = {}
        self.outer = [1]
        self.sign = 1
        self.wanting = True

    def take(self, token: str) -> bool:
        """Take one unit, sign or parenthesis; returns whether it can stand there."""
        match token:
            case "." | "/":
                self.sign = -1 if token == "/" else 1  # noqa: S105  a sign
                self.wanting = True
            case "(":
                self.outer.append(self.outer[-1] * self.sign)
                self.sign = 1
            case ")":
                self.outer.pop()
                return bool(self.outer)
            case _:
                return self._unit(_part(token))
        return True

    def _unit(self, part: dict[str, int] | None) -> bool:
        for name, power in (part or {}).items():
            self.powers[name] = self.powers.get(name, 0) + self.outer[-1] * self.sign * power
        self.wanting = False
        return part is not None

    def is_whole(self, term: str) -> bool:
        """Return whether nothing was left open at the end."""
        return len(self.outer) == 1 and not (self.wanting and term)


def _part(token: str) -> dict[str, int] | None:
    """Return what one unit with its power measures."""
    if token.isdigit():
        return {}
    if token[:3] in ("10*", "10^"):
        return {} if re.fullmatch(r"[+-]?\d*", token[3:]) else None
    match = _POWER.fullmatch(token)
    measured = _atom(match[1]) if match else None
    if match is None or measured is None:
        return None
    times = int(match[2] or 1)
    powers = (re.fullmatch(r"(\w+?)(-?\d)?", one) for one in measured.split())
    return {one[1]: int(one[2] or 1) * times for one in powers if one}


def _atom(symbol: str) -> str | None:
    known = _METRIC.get(symbol, _PLAIN.get(symbol))
    if known is not None:
        return known
    for prefix in _PREFIXES:
        if symbol.startswith(prefix) and symbol.removeprefix(prefix) in _METRIC:
            return _METRIC[symbol.removeprefix(prefix)]
    return None


def means_the_same(text: str, code: str, spelled: str) -> bool:
    """Return whether the words of a unit may stand beside its code; `spelled` is the code that the words name.

    Words that name no unit at all (fetuses, beats) say nothing against it.
    """
    if code in (text, spelled):
        return True
    return dimension(spelled) is None and dimension(text) is None
