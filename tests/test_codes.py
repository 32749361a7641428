"""A mistyped code is refused while its template loads."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import TemplateError, _data, catalogue, library
from ci_notes.template.codes import _declared, is_icd, is_loinc, is_snomed

DECLARED = [
    found for name in catalogue() for found in _declared(library.load_template(name))
]  # every one was seen with its meaning before it came in, so the check has to let each of them pass
SNOMED = sorted({code for _, system, code in DECLARED if system.endswith("sct")})
LOINC = sorted({code for _, system, code in DECLARED if system.endswith("loinc.org")})


def test_codes_of_our_templates_are_codes() -> None:
    assert all(map(is_snomed, SNOMED))
    assert all(map(is_loinc, LOINC))


@given(st.sampled_from(SNOMED), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_makes_no_snomed_code(code: str, place: int, by: int) -> None:
    place %= len(code)
    assert not is_snomed(code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :])


@given(st.sampled_from(SNOMED), st.integers(0, 16))
def test_two_swapped_digits_make_no_snomed_code(code: str, place: int) -> None:
    place %= len(code) - 1
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or not is_snomed(swapped)


@given(st.sampled_from(LOINC), st.integers(0, 6), st.integers(1, 9))
def test_one_wrong_digit_makes_no_loinc_code(code: str, place: int, by: int) -> None:
    digits, _, check = code.partition("-")
    place %= len(digits)
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert not is_loinc(f"{wrong}-{check}")


@pytest.mark.parametrize(("code", "fits"), [("O34.32", True), ("N88.3", True), ("034.32", False), ("O34,32", False)])
def test_an_icd_code_has_its_form(code: str, fits: bool) -> None:
    assert is_icd(code) is fits


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("_elements/pregnancy.json", "8665-2", "8665-3"),
        ("_fhir/diagnosis.yaml", "17382005", "17382006"),
        ("_elements/cerclage.json", "236946009", "236946090"),
    ],
)
def test_a_mistyped_code_is_refused_with_its_place(tmp_path: Path, file: str, right: str, wrong: str) -> None:
    shutil.copytree(_data.folder("templates"), tmp_path / "pack")
    path = tmp_path / "pack" / file
    path.write_text(path.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    with pytest.raises(TemplateError, match=f"{wrong} is no (LOINC|SNOMED CT) code"):
        library.compile_template(tmp_path / "pack" / "assessment", _data.folder("templates"))


def test_every_declared_code_has_a_name_to_show() -> None:
    for path in (_data.folder("templates") / "_elements").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert text.count('"code":') == text.count('"display":'), path.name
        json.loads(text)
