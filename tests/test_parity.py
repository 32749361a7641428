"""The obstetric formula is read as people write it, and where it could mean two things it is not read at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_notes.parity import LONGEST, MOST, PARTS, Parity, read


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("G3P0+2", {"gravida": 3, "births": 0, "losses": 2}),
        ("G3 P0+2", {"gravida": 3, "births": 0, "losses": 2}),
        ("G3 P0 + 2", {"gravida": 3, "births": 0, "losses": 2}),
        ("g3p0+2.", {"gravida": 3, "births": 0, "losses": 2}),
        ("G3 P1+1 (ectopic)", {"gravida": 3, "births": 1, "losses": 1}),
        ("G3 P1+1 (ectopic) (left tube)", {"gravida": 3, "births": 1, "losses": 1}),
        ("P2+5", {"births": 2, "losses": 5}),
        ("para 2+1", {"births": 2, "losses": 1}),
        ("G4 P1021", {"gravida": 4, "term": 1, "preterm": 0, "births": 1, "losses": 2, "living": 1}),
        ("G4P1-0-2-1", {"gravida": 4, "term": 1, "preterm": 0, "births": 1, "losses": 2, "living": 1}),
        ("G4 P1 0 2 1", {"gravida": 4, "term": 1, "preterm": 0, "births": 1, "losses": 2, "living": 1}),
        ("P1-0-12-1", {"term": 1, "preterm": 0, "births": 1, "losses": 12, "living": 1}),
        ("para 1041", {"term": 1, "preterm": 0, "births": 1, "losses": 4, "living": 1}),
        ("G4 P1213", {"gravida": 4, "term": 1, "preterm": 2, "births": 3, "losses": 1, "living": 3}),
        ("G5T1P1A2L2", {"gravida": 5, "term": 1, "preterm": 1, "births": 2, "losses": 2, "living": 2}),
        ("G5 T1, P1, A2, L2", {"gravida": 5, "term": 1, "preterm": 1, "births": 2, "losses": 2, "living": 2}),
        ("T1P1A2L2", {"term": 1, "preterm": 1, "births": 2, "losses": 2, "living": 2}),
        ("gravida 3 para 2", {"gravida": 3, "births": 2}),
        ("Gravida 3, Para 2", {"gravida": 3, "births": 2}),
        ("G3P2A0", {"gravida": 3, "births": 2, "losses": 0}),
        ("G2P1", {"gravida": 2, "births": 1}),
        ("G12P10", {"gravida": 12, "births": 10}),
        ("G1", {"gravida": 1}),
    ],
)
def test_forms_that_people_write(written: str, numbers: dict[str, int]) -> None:
    assert read(written) == Parity(**numbers)


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "two children",
        "P104",  # a digit is missing, and nobody knows which
        "P21",  # 2+1, or twenty-one
        "G3P21",
        "P1 0",
        "P1 0 2",
        "P10211",
        "G41021",
        "G3P2+",
        "G3P0+2+1",
        "G3P1021+1",
        "GIIIPII",
        "G3 P2 twins",
        "P2 G3",
        "G1P2",  # a pregnancy counts once, twins too
        "G2P1+2",
        "G3P1121",
        "G31P1",
        "P5+31",
        "P²+1",
        "G٣P٢",
        "3+2",
        "G3P(2)",
    ],
)
def test_what_cannot_be_or_could_mean_two_things_is_not_read(written: str) -> None:
    assert read(written) is None


def test_prose_is_no_formula_however_long() -> None:
    assert read("G3P0+2" + " " * (LONGEST - 6)) == read("G3P0+2")
    assert read("G3P0+2" + " " * 1_000_000 + "x") is None


digits = st.integers(0, 9)
counts = st.integers(0, MOST // 2)
spaces = st.sampled_from(["", " ", ", ", " / "])
words = st.sampled_from([("G", "P"), ("g", "p"), ("Gravida ", "Para "), ("gravida ", "para ")])


@given(st.tuples(digits, digits, digits, digits), st.booleans(), spaces, words, st.sampled_from(["", "-", " ", ", "]))
def test_four_numbers_are_term_preterm_losses_and_living(
    numbers: tuple[int, int, int, int], with_gravida: bool, gap: str, word: tuple[str, str], apart: str
) -> None:
    term, preterm, losses, living = numbers
    gravida = min(term + preterm + losses + 1, MOST) if with_gravida else None
    head = "" if gravida is None else f"{word[0]}{gravida}{gap}"
    found = read(f"{head}{word[1]}{apart.join(map(str, numbers))}")
    assert found == Parity(gravida, term, preterm, term + preterm, losses, living)


@given(digits, digits, digits, digits, spaces)
def test_lettered_numbers_are_read_by_their_letters(
    term: int, preterm: int, losses: int, living: int, gap: str
) -> None:
    numbers = Parity(term + preterm + losses, term, preterm, term + preterm, losses, living)
    assert read(gap.join([f"G{numbers.gravida}", f"T{term}", f"P{preterm}", f"A{losses}", f"L{living}"])) == numbers


@given(counts, counts, st.integers(0, 1), spaces, words, st.sampled_from(["+", " + ", "+ "]))
def test_births_plus_losses(births: int, losses: int, now: int, gap: str, word: tuple[str, str], plus: str) -> None:
    gravida = min(births + losses + now, MOST)
    parity = f"{word[1]}{births}{plus}{losses}"
    assert read(parity) == Parity(births=births, losses=losses)
    assert read(f"{word[0]}{gravida}{gap}{parity}") == Parity(gravida=gravida, births=births, losses=losses)


@given(digits, counts, digits, spaces)
def test_births_with_lettered_losses(births: int, losses: int, living: int, gap: str) -> None:
    gravida = min(births + losses + 1, MOST)
    parts = [f"G{gravida}", f"P{births}", f"A{losses}"]
    assert read(gap.join(parts)) == Parity(gravida=gravida, births=births, losses=losses)
    whole = Parity(gravida=gravida, births=births, losses=losses, living=living)
    assert read(gap.join([*parts, f"L{living}"])) == whole


@given(st.text(alphabet="GPTALgp0123456789+-, ()", max_size=16))
def test_whatever_is_read_is_possible(written: str) -> None:
    found = read(written)
    if found is not None:
        numbers = {part: getattr(found, part) for part in PARTS if part != "readable"}
        assert any(number is not None for number in numbers.values())
        assert all(number is None or 0 <= number <= MOST for number in numbers.values())
        assert found.gravida is None or (found.births or 0) + (found.losses or 0) <= found.gravida
        assert found.term is None or found.births == found.term + (found.preterm or 0)
