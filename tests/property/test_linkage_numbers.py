"""Numbers and names, for inputs nobody thought of."""

import string
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.chinese_names import name_parts
from features.person_numbers import (
    IdentityError,
    birth_in,
    is_adults,
    masked_name,
    masked_number,
    normalise_id_number,
    normalise_student_number,
    sex_in,
)
from features.synthetic import names
from features.synthetic.linkage_sample import wrong_digits
from tests.support_linkage import number

births = st.dates(date(1930, 1, 1), date(2026, 1, 1))
sequences = st.integers(0, 999)
numbers = st.builds(lambda born, sequence: number(born.isoformat(), sequence), births, sequences)


@given(numbers, st.integers(0, 2**32))
def test_a_number_with_swapped_or_wrong_digits_is_never_valid(right, seed):
    wrong = wrong_digits(np.random.default_rng(seed), right)

    with pytest.raises(IdentityError) as refused:
        normalise_id_number(wrong)
    assert wrong not in str(refused.value)


@given(numbers, st.sampled_from("GJ"), st.booleans())
def test_a_formal_student_number_is_a_letter_and_a_number_by_the_rule(right, letter, lower):
    written = f" {letter}{right} "

    assert normalise_student_number(written.lower() if lower else written) == letter + right


@given(numbers, st.sampled_from("GJ"), st.integers(0, 9))
def test_a_formal_student_number_has_a_right_check_digit(right, letter, digit):
    check = "0123456789X".index(right[17])
    spoiled = right[:17] + "0123456789X"[(check + 1 + digit) % 11]

    with pytest.raises(IdentityError, match="check digit of this student number"):
        normalise_student_number(letter + spoiled)


@given(births, st.integers(0, 9999))
def test_a_temporary_student_number_needs_a_birth_date_and_no_check_digit(born, rest):
    written = f"L330109{born:%Y%m%d}{rest:04d}"

    assert normalise_student_number(written) == written
    with pytest.raises(IdentityError, match="date of birth in this student number"):
        normalise_student_number(f"L330109{born:%Y}1399{rest:04d}")


@given(st.text(string.ascii_letters + string.digits + "汉字 ", min_size=6, max_size=24))
def test_anything_else_is_no_student_number_and_is_not_said(text):
    with pytest.raises(IdentityError) as refused:
        normalise_student_number(f"Q{text}")

    assert text not in str(refused.value)


@given(births, sequences, st.integers(-400, 400))
def test_somebody_is_an_adult_from_the_eighteenth_birthday_on(born, sequence, days):
    said = number(born.isoformat(), sequence)
    try:
        birthday = born.replace(year=born.year + 18)
    except ValueError:
        birthday = date(born.year + 18, 3, 1)

    assert birth_in(said) == born
    assert is_adults(said, birthday + timedelta(days)) == (days >= 0)
    assert sex_in(said) == ("male" if sequence % 2 else "female")


@given(numbers)
def test_a_masked_number_hides_birth_date_and_sequence(said):
    masked = masked_number(said)

    assert len(masked) == 18
    assert masked[:6] == said[:6]
    assert masked[6:16] == "*" * 10


@given(
    st.sampled_from([surname for surname, _ in names.SURNAMES]),
    st.text(names.BOYS + names.GIRLS, min_size=1, max_size=2),
)
def test_a_name_is_its_surname_and_given_name_and_is_read_by_letters(surname, given_name):
    parts = name_parts(f" {surname} {given_name}")

    assert (parts.surname, parts.given) == (surname, given_name)
    assert parts.py == parts.py.lower()
    assert parts.py.replace(" ", "").isalpha()
    assert parts.initials[0] == parts.surname_py[0]
    assert len(parts.initials) == 1 + len(given_name)
    assert masked_name(parts.name) == f"{surname[0]}*"
    assert given_name not in repr(parts)


@pytest.mark.parametrize(
    ("name", "reading"),
    [("曾子涵", "zeng zihan"), ("单伟", "shan wei"), ("仇梓轩", "qiu zixuan"), ("区小明", "ou xiaoming"), ("解语", "xie yu"),
     ("查乐", "zha le"), ("尉迟恭", "yuchi gong"), ("欧阳修", "ouyang xiu"), ("任乐", "ren le"), ("阿依古丽·买买提", "maimaiti ayiguli"),
     ("Lee JOHN Smith", "smith leejohn"), ("", "")],
)  # fmt: skip
def test_surnames_are_read_as_surnames(name, reading):
    assert name_parts(name).py == reading
