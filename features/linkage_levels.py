"""What two descriptions of a person can have in common, level by level, best first.

Pure: SQL in words, no data. Names are compared character by character and by pinyin: DuckDB's own
distances count UTF-8 bytes, so one wrong Chinese character would never be "at most one edit" to them.
An ID number with a right check digit can only be equal or another: the numbers of twins differ in
two places, and a distance would take one twin for the other. Distances are for numbers that are wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

# What a person is described by; any of them may be empty.
FIELDS = ("id_number", "name", "birth_on", "sex", "area_code", "guardian", "phone")
# What is derived of them before anything is compared.
DERIVED = (
    "id_valid", "surname", "given", "surname_py", "given_py", "py", "initials", "birth_month",
    "guardian_py", "town", "county",
)  # fmt: skip


@dataclass(frozen=True)
class Level:
    """One degree of agreement: its name, the SQL that holds for it, and whether rare values weigh more."""

    name: str
    sql: str
    rare: str | None = None


@dataclass(frozen=True)
class Comparison:
    """One thing compared; a pair stands on the first level that holds, `else` if none does.

    `empty` holds for pairs of which this says nothing.
    """

    name: str
    empty: str
    levels: tuple[Level, ...]

    @property
    def level_names(self) -> tuple[str, ...]:
        """All levels, best first, `else` last."""
        return (*(level.name for level in self.levels), "else")


def _empty(column: str) -> str:
    return f'"{column}_l" is null or "{column}_r" is null'


def _same(*columns: str) -> str:
    return " and ".join(f'"{column}_l" = "{column}_r"' for column in columns)


_SAME_PLACES = " + ".join(
    f'(case when substr("name_l", {place}, 1) = substr("name_r", {place}, 1) then 1 else 0 end)'
    for place in range(1, 5)
)
# Places beyond the end are equal blanks: they are taken off again.
_ONE_OTHER_CHARACTER = (
    'length("name_l") = length("name_r") and length("name_l") between 3 and 4'
    f' and {_SAME_PLACES} - (4 - length("name_l")) = length("name_l") - 1'
)

NAME = Comparison(
    "name",
    _empty("name"),
    (
        Level("same", _same("name"), rare="name"),
        Level("same reading", _same("py"), rare="py"),
        Level(
            "characters swapped",
            'length("given_l") > 1 and "surname_l" = "surname_r" and "given_l" = reverse("given_r")',
        ),
        # Letters, so bytes: here the distance counts what it should.
        Level(
            "reading off by one", f'{_same("surname_py")} and levenshtein("given_py_l", "given_py_r") <= 1'
        ),
        Level("other surname", f'length("given_l") > 1 and {_same("given")}'),
        Level("one other character", _ONE_OTHER_CHARACTER),
        Level("same surname", _same("surname_py")),
    ),
)  # fmt: skip
BIRTH = Comparison(
    "birth_on",
    _empty("birth_on"),
    (
        Level("same", _same("birth_on")),
        Level("one digit off", 'damerau_levenshtein("birth_on_l", "birth_on_r") <= 1'),
        Level("same month", _same("birth_month")),
        Level("same year", 'substr("birth_on_l", 1, 4) = substr("birth_on_r", 1, 4)'),
    ),
)  # fmt: skip
SEX = Comparison("sex", _empty("sex"), (Level("same", _same("sex")),))
ID_NUMBER = Comparison(
    "id_number",
    _empty("id_number"),
    (
        Level("same", _same("id_number")),
        *(
            Level(
                f"{edits} off",
                'not ("id_valid_l" and "id_valid_r")'
                f' and damerau_levenshtein("id_number_l", "id_number_r") <= {edits}',
            )
            for edits in (1, 2)
        ),
        # Twins, nearly always. A child with two numbers is rare, and a person finds it by other means.
        Level("two valid numbers", '"id_valid_l" and "id_valid_r"'),
    ),
)  # fmt: skip
AREA = Comparison(
    "area_code",
    _empty("area_code"),
    (
        Level("same", f'length("area_code_l") = 12 and {_same("area_code")}'),
        Level("same town", _same("town")),
        Level("same county", _same("county")),
    ),
)  # fmt: skip
PHONE = Comparison(
    "phone",
    _empty("phone"),
    (
        Level("same", _same("phone")),
        Level("one digit off", 'damerau_levenshtein("phone_l", "phone_r") <= 1'),
    ),
)  # fmt: skip
GUARDIAN = Comparison(
    "guardian",
    _empty("guardian"),
    (Level("same", _same("guardian"), rare="guardian"), Level("same reading", _same("guardian_py"))),
)  # fmt: skip

COMPARISONS = (NAME, BIRTH, SEX, ID_NUMBER, AREA, PHONE, GUARDIAN)

# Brothers and sisters share telephone, guardian and home, and twins a birth date and often all but one
# character or one sound of the name too: a twin nobody knows yet fits the known one in everything a
# department delivers. However sure it seems, such a pair is a person's to decide.
_CLOSE_NAMES = ("same", "same reading", "characters swapped")
_LOOSE_NAMES = ("other surname",)


def is_personal(name: str | None, birth_on: str | None) -> bool:
    """Whether agreement in these levels (None: empty) is about the child and not about the family."""
    if name in _CLOSE_NAMES:
        return birth_on in (None, "same", "one digit off")
    return name in _LOOSE_NAMES and birth_on == "same"


# Pairs that share none of these are never looked at. A homophone keeps its reading and its initials; a
# wrong digit of a number stands in its first fourteen places or its last eight, seldom in both.
BLOCKING: tuple[tuple[str, ...], ...] = (
    ("py",),
    ("birth_on",),
    ("initials", "birth_month"),
    ("substr(id_number, 1, 14)",),
    ("substr(id_number, 11, 8)",),
    ("phone",),
)
# The two passes from which weights are learnt: each finds what the other must take for granted.
LEARNING: tuple[tuple[str, ...], ...] = (("birth_on",), ("py",))
