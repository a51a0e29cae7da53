"""Sources: tables of dated records that a department delivers, their columns and codes.

Refuses a column that identifies a person and claims to be a signal, and codes or titles that could be
read as one another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from features.derivation import Derivation
from features.language.words import DeclarationError, Department, Kind, Personal, Text, Use


@dataclass(frozen=True)
class Code:
    """One allowed value: ours, its wording, and every form in which a department may deliver it."""

    value: str
    title: Text
    delivered: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """All delivered forms, our own value and the Chinese wording included."""
        return tuple(dict.fromkeys((self.value, self.title.zh, *self.delivered)))


@dataclass(frozen=True)
class Column:
    """One column of a source.

    `aliases` are other titles under which departments deliver it. `minimum` and `maximum` are
    inclusive and make a row outside them refused. `required` makes an empty cell refused.
    """

    name: str
    title: Text
    kind: Kind
    codes: tuple[Code, ...] = ()
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    personal: Personal = Personal.NO
    use: Use = Use.SIGNAL
    aliases: tuple[str, ...] = ()
    derived: bool = False  # never delivered: the derivation of the source fills it

    def __post_init__(self) -> None:
        if (self.kind is Kind.CODE) != bool(self.codes):
            raise DeclarationError(
                f"Column {self.name}: a code column needs codes, and no other may have them."
            )
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise DeclarationError(f"Column {self.name!r}: names are lower case words joined by underscores.")
        if self.personal is Personal.DIRECT and self.use is Use.SIGNAL:
            raise DeclarationError(f"Column {self.name} identifies a person and cannot be a signal.")
        forms = [form for code in self.codes for form in code.forms]
        if len(forms) != len(set(forms)):
            raise DeclarationError(f"Column {self.name}: two codes share a delivered form.")

    def code(self, value: str) -> Code:
        """The declared code of this value; KeyError if there is none."""
        for code in self.codes:
            if code.value == value:
                return code
        raise KeyError(f"Column {self.name} has no code {value!r}.")


ID_NUMBER = Column(
    "id_number", Text("公民身份号码", "ID number"), Kind.TEXT,
    personal=Personal.DIRECT, use=Use.ELIGIBILITY,
    aliases=("身份证号", "身份证号码", "证件号码", "儿童身份证号"),
)  # fmt: skip
NAME = Column(
    "name", Text("姓名", "Name"), Kind.TEXT,
    personal=Personal.DIRECT, use=Use.ELIGIBILITY, aliases=("儿童姓名", "学生姓名", "患者姓名"),
)  # fmt: skip
# Of a guardian, where a department really holds them: linking compares them, nothing else reads them.
GUARDIAN_NAME = Column(
    "guardian_name", Text("监护人姓名", "Guardian's name"), Kind.TEXT,
    personal=Personal.DIRECT, use=Use.ELIGIBILITY, aliases=("家长姓名", "父母姓名"),
)  # fmt: skip
GUARDIAN_PHONE = Column(
    "guardian_phone", Text("监护人电话", "Guardian's telephone"), Kind.TEXT,
    personal=Personal.DIRECT, use=Use.ELIGIBILITY, aliases=("联系电话", "家长手机号"),
)  # fmt: skip
# Which children are registered as one household. It never leaves the identity store; work knows a pseudonym.
HOUSEHOLD_NUMBER = Column(
    "household_number", Text("户号", "Household number"), Kind.TEXT,
    personal=Personal.DIRECT, use=Use.ELIGIBILITY, aliases=("家庭户编号", "居住户编号"),
)  # fmt: skip
RECORD_ID = Column(
    "record_id", Text("记录编号", "Record number"), Kind.TEXT,
    required=True, use=Use.ELIGIBILITY, aliases=("流水号", "业务编号", "编号"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Source:
    """A table of dated records that one department delivers.

    Every source has the same five columns first: record number, ID number, name, the date it
    happened (`occurred`: its title) and the date the department wrote it down (登记日期).
    `delay_days` is how long after writing it down the record reached others, used only for the
    first historical load. `silent_after_days` without any delivery makes the department silent.
    """

    title: Text
    department: Department
    occurred: Text
    occurred_aliases: tuple[str, ...] = ()
    columns: tuple[Column, ...]
    legal_basis: Text
    rhythm_days: int
    delay_days: int
    meaning: Text
    derive: Derivation | None = field(default=None, repr=False)
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    def __post_init__(self) -> None:
        if any(column.derived for column in self.columns) and self.derive is None:
            raise DeclarationError(f"Source {self.title.en}: nothing derives its derived columns.")
        names = [column.name for column in self.all_columns]
        if len(names) != len(set(names)):
            raise DeclarationError(f"Source {self.title.en}: two columns share a name.")
        titles = [title for column in self.all_columns for title in (column.title.zh, *column.aliases)]
        if len(titles) != len(set(titles)):
            raise DeclarationError(f"Source {self.title.en}: two columns share a delivered title.")
        if self.rhythm_days < 1 or self.delay_days < 0:
            raise DeclarationError(f"Source {self.title.en}: rhythm and delay are in days, from 1 and 0.")

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def silent_after_days(self) -> int:
        """Two missed deliveries and a month of grace."""
        return 2 * self.rhythm_days + 30

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The five common columns, then the source's own."""
        recorded = Text("登记日期", "Recorded on")
        return (
            RECORD_ID,
            ID_NUMBER,
            NAME,
            Column("occurred_on", self.occurred, Kind.DATE, required=True, aliases=self.occurred_aliases),
            Column("recorded_on", recorded, Kind.DATE, required=True, aliases=("录入日期",)),
            *self.columns,
        )

    @property
    def lake_columns(self) -> tuple[Column, ...]:
        """The source's own columns that may stand in the lake: neither identifying nor for intake only."""
        return tuple(c for c in self.columns if c.personal is not Personal.DIRECT and c.use is not Use.INTAKE)

    @property
    def delivered_columns(self) -> tuple[Column, ...]:
        """All columns a department may deliver: those that are derived are not."""
        return tuple(column for column in self.all_columns if not column.derived)

    def column(self, name: str) -> Column:
        """The column of this name; DeclarationError if the source has none."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise DeclarationError(f"Source {self.name or self.title.en} has no column {name!r}.")
