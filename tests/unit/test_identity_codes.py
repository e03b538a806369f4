from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from secure_mail.domain.identity_codes import CodeKind, find, without_codes

CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
SEPARATORS = "+-YXWVUABCDEF"


def code_of(birth: str, separator: str, number: int) -> str:
    return f"{birth}{separator}{number:03}{CHECKS[int(f'{birth}{number:03}') % 31]}"


days = st.tuples(st.integers(1, 28), st.integers(1, 12), st.integers(0, 99)).map(
    lambda day: f"{day[0]:02}{day[1]:02}{day[2]:02}"
)


@given(days, st.sampled_from(SEPARATORS), st.integers(2, 999))
@example("290200", "A", 2)  # 2000 was a leap year
@example("290296", "Y", 999)
def test_every_valid_code_is_found(birth: str, separator: str, number: int):
    code = code_of(birth, separator, number)
    (found,) = find(f"About {code}, please")
    assert (found.kind, found.start, found.end) == (CodeKind.PERSON, 6, 6 + len(code))
    assert [each.kind for each in find(f" {code.lower()} ")] == [CodeKind.PERSON]


@given(days, st.sampled_from(SEPARATORS), st.integers(2, 999), st.integers(1, 30))
def test_a_wrong_check_character_is_no_code(birth, separator, number, shift):
    code = code_of(birth, separator, number)
    wrong = CHECKS[(CHECKS.index(code[-1]) + shift) % 31]
    assert find(code[:-1] + wrong) == ()


@pytest.mark.parametrize(
    "text",
    [
        code_of("290201", "A", 123),  # 2001 had no 29 February
        code_of("290200", "-", 123),  # nor had 1900
        code_of("320101", "-", 123),
        code_of("011301", "-", 123),
        code_of("010170", "-", 1),  # individual numbers begin at 002
        code_of("010170", "Z", 123),
        code_of("010170", "-", 123) + "9",
        "9" + code_of("010170", "-", 123),
        "a" + code_of("010170", "-", 123),
        "",
        "131052308T",
    ],
)
def test_what_only_looks_like_a_code(text: str):
    assert find(text) == ()


@pytest.mark.parametrize(
    "text", ["131052-308T", "131052–308t", "１３１０５２‐３０８Ｔ", "131052Y308T"]
)
def test_ways_to_write_a_code(text: str):
    assert [(found.kind, found.end) for found in find(text)] == [(CodeKind.PERSON, len(text))]


def test_a_code_in_a_file_name_is_found():
    assert [found.kind for found in find("payslip_131052-308T.pdf")] == [CodeKind.PERSON]


@pytest.mark.parametrize(
    "text",
    [
        "FI2112345600000785",
        "FI21 1234 5600 0007 85",
        "fi21 1234 5600 0007 85",
        "DE89 3704 0044 0532 0130 00",
        "SE45 5000 0000 0583 9825 7466",
        "NO93 8601 1117 947",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    ],
)
def test_an_iban_is_found_and_taken_out(text: str):
    subject = f"Pay to {text} today"
    (found,) = find(subject)
    assert found.kind is CodeKind.IBAN
    assert subject[found.start : found.end] == text
    assert without_codes(subject) == "Pay to today"


@pytest.mark.parametrize(
    "text",
    [
        "FI2112345600000786",  # check digits
        "FI211234560000078",  # too short
        "FI21123456000007850",  # too long
        "FI21  1234 5600 0007 85",  # two spaces: two things
        "XX2112345600000785",  # no such country
        "FI21",
        "invoice AB12",
    ],
)
def test_what_only_looks_like_an_iban(text: str):
    assert find(text) == ()


def test_both_kinds_in_their_order_and_the_gaps_closed():
    text = "A 131052-308T b FI2112345600000785 c"
    assert [found.kind for found in find(text)] == [CodeKind.PERSON, CodeKind.IBAN]
    assert without_codes(text) == "A b c"


@given(st.text())
@example("FI21 1234 5600 0007 8")
@example("ﬁ21 1234")  # a ligature that folds into two letters
def test_no_text_breaks_it(text: str):
    for found in find(text):
        assert 0 <= found.start < found.end <= len(text)


def test_a_found_code_does_not_repeat_itself():
    assert "308T" not in repr(find("131052-308T"))
