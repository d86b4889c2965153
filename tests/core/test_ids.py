"""Codes that people read aloud, and time-ordered uuids."""

from hypothesis import given
from hypothesis import strategies as st

from opencme.core.ids import (
    ALPHABET,
    CODE_LENGTH,
    check_character,
    is_well_formed,
    new_code,
    read_code,
    spaced_code,
    uuid7,
)

codes = st.text(alphabet=ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


def test_a_new_code_is_well_formed():
    assert is_well_formed(new_code())


def test_a_code_of_another_length_is_not_well_formed():
    assert not is_well_formed(new_code() + "0")


@given(code=codes, place=st.integers(0, CODE_LENGTH - 1), other=st.sampled_from(ALPHABET))
def test_any_single_slip_changes_the_check_character(code, place, other):
    slipped = code[:place] + other + code[place + 1 :]
    assert (check_character(slipped) == check_character(code)) == (slipped == code)


@given(code=codes)
def test_a_printed_code_is_read_back(code):
    assert read_code(spaced_code(code).lower()) == code


def test_letters_that_look_like_digits_are_read_as_digits():
    assert read_code("oil-0") == "0110"


def test_uuids_follow_time():
    first, second = uuid7(), uuid7()
    assert first.version == 7
    assert str(first)[:13] <= str(second)[:13]
