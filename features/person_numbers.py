"""Numbers that stand for a person, put right and checked; and how to show a person without saying who.

    ID number        18 characters (GB 11643): place 6, birth 8, sequence 3, check 1
    student number   G + an ID number   formal
                     J + 18 by the same rule, the place being the school's   formal, for a child without one
                     L + 18 digits: place 6, birth 8, random 4   temporary; has no check digit

No number is ever derived from another: a G number keeps the ID number the child had when it was given.
Errors say what is wrong and never the value.
"""

from __future__ import annotations

import unicodedata
from datetime import date

from stdnum.cn import ric

# From this age on a number is an adult's. Numbers of guardians are given for children's; children
# who have come of age are no longer screened.
ADULT_YEARS = 18


class IdentityError(ValueError):
    """An ID number, key or store that cannot be used; the message echoes no value."""


def _compact(text: str) -> str:
    return ric.compact("".join(unicodedata.normalize("NFKC", text).split()).lstrip("'"))


def normalise_id_number(text: str) -> str:
    """The 18 characters of a valid ID number: plain digits and an upper-case X.

    Full-width characters, spaces and a lower-case x are put right; length, digits, date of birth
    and check digit must be. The place code is not looked up: numbers stay valid when districts are
    dissolved, and lists of districts lag.
    """
    number = _compact(text)
    if len(number) != 18:
        raise IdentityError("An ID number has 18 characters.")
    _check(number, "ID number")
    return number


def normalise_student_number(text: str) -> str:
    """The 19 characters of a valid student number: G, J or L and 18 more, written as an ID number is.

    G and J numbers have a check digit, L numbers a date of birth only.
    """
    number = _compact(text).upper()
    if number[:1] not in ("G", "J", "L") or len(number) != 19:
        raise IdentityError("A student number is G, J or L and 18 characters.")
    if number[0] == "L":
        if not (number.isascii() and number[1:].isdigit()):
            raise IdentityError("A temporary student number is L and 18 digits.")
        _check_birth(number[1:], "student number")
    else:
        _check(number[1:], "student number")
    return number


def birth_in(id_number: str) -> date:
    """The date of birth in a normalised ID number."""
    return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))


def sex_in(id_number: str) -> str:
    """Male or female, as a normalised ID number has it: odd sequence numbers are boys'."""
    return "male" if int(id_number[16]) % 2 else "female"


def is_adults(id_number: str, on: date) -> bool:
    """Whether the holder of this normalised ID number had come of age on this day."""
    born = birth_in(id_number)
    return (on.year - born.year) - ((on.month, on.day) < (born.month, born.day)) >= ADULT_YEARS


def masked_name(name: str) -> str:
    """The first character and one star, whatever the length: 张*."""
    return f"{name.strip()[:1]}*"


def masked_number(text: str) -> str:
    """The first six characters and the last two, for a person to compare: 330109**********1X."""
    plain = _compact(text)
    return f"{plain[:6]}{'*' * (len(plain) - 8)}{plain[-2:]}" if len(plain) > 10 else "*" * len(plain)


def _check(number: str, what: str) -> None:
    if not (number.isascii() and number[:17].isdigit() and (number[17].isdigit() or number[17] == "X")):
        raise IdentityError(f"The 18 characters of this {what} are not 17 digits and a digit or X.")
    if number[17] != ric.calc_check_digit(number):
        raise IdentityError(f"The check digit of this {what} is wrong.")
    _check_birth(number, what)


def _check_birth(number: str, what: str) -> None:
    try:
        ric.get_birth_date(number)
    except ValueError:
        raise IdentityError(f"The date of birth in this {what} does not exist.") from None
