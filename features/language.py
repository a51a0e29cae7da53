"""The words declarations are written in: Source, Feature, Outcome, Trigger and what they are made of.

Nothing here computes anything. A declaration that could not be computed, explained or lawfully
used refuses to exist: it raises `DeclarationError` with a sentence that says what was wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from enum import Enum
from typing import Literal

from features.derivation import Derivation


class DeclarationError(ValueError):
    """A declaration that must not exist; the message says why in one sentence."""


@dataclass(frozen=True)
class Text:
    """One wording in both languages; neither may be blank."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh.strip() or not self.en.strip():
            raise DeclarationError(f"A wording needs both languages, got {self.zh!r} / {self.en!r}.")

    def __getitem__(self, language: str) -> str:
        if language not in ("zh", "en"):
            raise KeyError(f"Languages are zh and en, not {language!r}.")
        return self.zh if language == "zh" else self.en


class Worded(Enum):
    """An enum whose members carry a wording in both languages."""

    title: Text

    def __new__(cls, code: str, zh: str, en: str) -> Worded:
        """Keep `code` as the stored value and the wording beside it."""
        member = object.__new__(cls)
        member._value_ = code
        member.title = Text(zh, en)
        return member


class Group(Worded):
    """The three groups of features; a section of the catalogue each."""

    FAMILY = ("family", "家庭", "Family")
    SCHOOL = ("school", "学校", "School")
    HEALTH = ("health", "健康", "Health")


class Department(Worded):
    """Who delivers. The value is the name of the department's delivery folder in English."""

    POLICE = ("police", "公安", "Police")
    EDUCATION = ("education", "教育", "Education")
    HEALTH = ("health", "卫健", "Health commission")
    CIVIL_AFFAIRS = ("civil_affairs", "民政", "Civil affairs")
    JUSTICE = ("justice", "司法", "Justice")
    INSURANCE = ("insurance", "医保", "Medical insurance")
    DISABLED = ("disabled_federation", "残联", "Disabled persons' federation")
    LABOUR = ("labour", "人社", "Human resources and social security")
    HOUSING = ("housing", "住建", "Housing")
    WOMEN_YOUTH = ("women_youth", "妇联团委", "Women's federation and youth league")
    GRID = ("grid", "社区网格", "Community grid")
    COURT = ("court", "法院", "Courts")
    PROCURATORATE = ("procuratorate", "检察", "Procuratorate")
    REVIEW = ("review", "复核队列", "Review queue")


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    ANSWERS = "answers"  # to the items of a questionnaire, by number


class Personal(Enum):
    """How close a column is to the person. DIRECT never leaves the identity store."""

    NO = "no"
    QUASI = "quasi"
    DIRECT = "direct"


class Use(Enum):
    """What a column may be used for. Only SIGNAL columns may enter a feature."""

    SIGNAL = "signal"
    ELIGIBILITY = "eligibility"
    AUDIT = "audit"
    INTAKE = "intake"  # read when it is delivered, to derive other columns from; not kept


# Inputs that must never decide anything about a child (law and the failures of earlier systems):
# a word of these in the name or title of a feature, of its source, of a column it uses (whatever
# title that is delivered under) or of a code it asks for makes the declaration fail. Eligibility
# and the fairness audit may hold such columns. A word matches inside longer ones too ("relocation"
# for "location"): a harmless wording can be reworded, a harmful input cannot be taken back.
FORBIDDEN_INPUTS: Mapping[str, tuple[str, ...]] = {
    "ethnicity": ("民族", "族别", "ethnic", "minzu", "nationality", "国籍", "racial"),
    "hukou type": ("户口性质", "户口类型", "户籍类型", "户别", "hukou_type", "hukou type"),
    "origin province": (
        "户籍地", "户籍省", "户口所在地", "籍贯", "原籍", "来源地", "来源省", "hukou", "origin", "birthplace",
        "出生地", "hometown", "home province", "home_province",
    ),
    "the child's own offence or punishment records": (
        "犯罪", "违法", "处分", "矫治", "前科", "offence", "offense", "offend", "punish", "convict", "crime",
        "criminal", "delinquen",
    ),
    "credit records (征信)": ("征信", "信用", "失信", "credit"),
    "location trace": ("轨迹", "定位", "location", "trace", "gps", "geofence"),
    "religion": ("宗教", "信仰", "religio"),
}  # fmt: skip


def forbidden_meaning(*words: str) -> str | None:
    """The forbidden input that any of these names or titles speaks of, or None."""
    said = " ".join(words).lower()
    for meaning, marks in FORBIDDEN_INPUTS.items():
        if any(mark in said for mark in marks):
            return meaning
    return None


# Coverage columns stand beside the features in a matrix; no feature may take their names.
COVERAGE_PREFIX = "heard_days_"


@dataclass(frozen=True)
class Proxy:
    """Something that is lawful to hold, yet as a feature would tell what no feature may tell.

    `marks` are words, as in FORBIDDEN_INPUTS, by which it is recognised wherever a feature names it.
    """

    title: Text
    marks: tuple[str, ...]
    why: Text


KNOWN_PROXIES: tuple[Proxy, ...] = (
    Proxy(
        Text("学校标识码", "School code"),
        ("school_code", "学校标识码", "学校代码", "school code"),
        Text("一校学生常来自同一地方", "pupils of one school often come from one place"),
    ),
    Proxy(
        Text("学校类型", "School type"),
        ("school_type", "学校类型", "民工子弟", "school type"),
        Text("随迁子女学校几乎只收外来儿童", "schools for migrant children take hardly anybody else"),
    ),
    Proxy(
        Text("区划与住址", "Area and address"),
        ("area_code", "hukou_area", "区划", "住址", "地址", "address", "area of"),
        Text("同乡聚居，家境相近", "people of one origin and of like means live together"),
    ),
    Proxy(
        Text("证件号码", "Identity numbers"),
        ("id_number", "身份证", "证件号", "学籍号", "id number", "identity card"),
        Text("号码里写着最初登记的地方", "the number holds the place of first registration"),
    ),
    Proxy(
        Text("姓名", "Name"),
        ("姓名", "姓氏", "surname", "given name", "full name", "pinyin"),
        Text("姓名常透露民族与来源地", "names often tell ethnicity and origin"),
    ),
    Proxy(
        Text("电话号码", "Telephone number"),
        ("phone", "手机", "电话号"),
        Text("号段带有归属地", "its prefix names the place it was issued in"),
    ),
    Proxy(
        Text("方言与母语", "Dialect and mother tongue"),
        ("方言", "口音", "母语", "dialect", "accent", "mother tongue"),
        Text("乡音等于来源地与民族", "speech tells origin and ethnicity"),
    ),
    Proxy(
        Text("饮食禁忌", "Diet"),
        ("清真", "饮食禁忌", "halal", "dietary"),
        Text("等于宗教与民族", "it tells religion and ethnicity"),
    ),
    Proxy(
        Text("积分", "Settlement points"),
        ("积分", "settlement point"),
        Text("由户籍、学历与守法记录算出", "made of registration, schooling and conduct"),
    ),
)


def known_proxy(*words: str) -> Proxy | None:
    """The known proxy that any of these names or titles speaks of, or None."""
    said = " ".join(words).lower()
    for proxy in KNOWN_PROXIES:
        if any(mark in said for mark in proxy.marks):
            return proxy
    return None


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


# --- conditions -----------------------------------------------------------------------------


@dataclass(frozen=True)
class OneOf:
    """The column holds one of these codes. An empty cell never does."""

    column: str
    values: tuple[str, ...]

    def __init__(self, column: str, *values: str) -> None:
        object.__setattr__(self, "column", column)
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class AtLeast:
    """The number in the column is at least `limit`. An empty cell never is."""

    column: str
    limit: float


@dataclass(frozen=True)
class AtMost:
    """The number in the column is at most `limit`. An empty cell never is."""

    column: str
    limit: float


Condition = OneOf | AtLeast | AtMost
Where = tuple[Condition, ...]


def _check_where(source: Source, where: Where) -> None:
    for condition in where:
        column = source.column(condition.column)
        if isinstance(condition, OneOf):
            if column.kind is Kind.CODE:
                known = {code.value for code in column.codes}
                unknown = [value for value in condition.values if value not in known]
                if unknown or not condition.values:
                    raise DeclarationError(f"{source.name}.{column.name} has no code {unknown or 'named'}.")
            elif column.kind is Kind.FLAG:
                if not set(condition.values) <= {"yes", "no"} or not condition.values:
                    raise DeclarationError(
                        f"{source.name}.{column.name} is a flag: its codes are yes and no."
                    )
            else:
                raise DeclarationError(f"{source.name}.{column.name} holds no codes; use AtLeast or AtMost.")
        elif column.kind not in (Kind.INTEGER, Kind.NUMBER):
            raise DeclarationError(f"{source.name}.{column.name} is not a number; use OneOf.")


# --- forms ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """A half-open span before the as-of date: as_of - days <= occurred_on < as_of."""

    days: int

    def __post_init__(self) -> None:
        if self.days < 1:
            raise DeclarationError("A window is at least one day long.")


class Aggregation(Enum):
    """How the counting records of a window become one number."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """Records in the window that satisfy `where`, counted, or their `column` aggregated.

    An empty cell in `column` is left out; if nothing is left the feature takes `when_no_records`.
    """

    of: Aggregation
    window: Window
    column: str | None = None
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class Latest:
    """The value of `column` in the latest record (by date of occurring) where it is not empty.

    With `among` given: 1 if that value is one of those codes, else 0. Of records of one day the one
    known later counts, then the one with the greater record number.
    """

    column: str
    window: Window
    where: Where = ()
    among: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ever:
    """1 if any record satisfies `where`, else 0. The window is the forgetting time: no flag is for ever."""

    window: Window
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class DaysSince:
    """Days from the latest record that satisfies `where` to the as-of date (1 = the day before)."""

    window: Window
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class YearsSince:
    """Years (of 365.25 days) from the date in `column` of the latest record to the as-of date.

    For facts that do not lapse, such as a date of birth; hence no window.
    """

    column: str
    where: Where = ()

    @property
    def window(self) -> None:
        """No window: the fact does not lapse."""
        return None


@dataclass(frozen=True, kw_only=True)
class Trend:
    """How fast the number in `column` rises, per 365 days: the least-squares slope over the window.

    Empty cells are left out. Below two different days there is no slope, and the feature takes
    `when_no_records`. The column must be bounded: the slope is made of products of whole numbers.
    """

    column: str
    window: Window
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class DistinctCount:
    """How many different codes of `column` the counting records hold; an empty cell is none."""

    column: str
    window: Window
    where: Where = ()


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Of the records that satisfy `where`, the share that also satisfies `part`, from 0 to 1.

    A record whose cell is empty satisfies no condition on it: to leave it out of the whole as well,
    `where` asks for the column's codes.
    """

    part: Where
    window: Window
    where: Where = ()


Form = Aggregate | Latest | Ever | DaysSince | YearsSince | Trend | DistinctCount | Ratio


class RiskDirection(Enum):
    """Which way risk may move when the feature rises; the booster is held to it."""

    RISES = 1
    FALLS = -1
    EITHER = 0


# --- worked examples ---------------------------------------------------------------------------

EXAMPLE_AS_OF = date(2024, 4, 1)


@dataclass(frozen=True)
class ExampleRecord:
    """One record of a worked example, as the engines see it."""

    record_id: str
    occurred_on: date
    known_on: date
    values: Mapping[str, str | float | date | None]


@dataclass(frozen=True, init=False)
class Example:
    """A table in, a value out: the meaning of a feature in a form anybody can check.

    The first line names the columns, each further line is a record. `occurred` and `known` are days
    before the as-of date (known 0 = learnt on the as-of date, which is too late); without `known` a
    record was known on the day it occurred. `record` gives a record number, so that two lines can be
    two versions of one record. Dates in other columns are days before the as-of date too; a dash is
    an empty cell.
    """

    lines: tuple[str, ...]
    expect: float | None

    def __init__(self, *lines: str, expect: float | None) -> None:
        object.__setattr__(self, "lines", lines)
        object.__setattr__(self, "expect", expect)

    @property
    def header(self) -> tuple[str, ...]:
        """The column names of the table; empty for the example without records."""
        return tuple(cell.strip() for cell in self.lines[0].split("|")) if self.lines else ()

    @property
    def cells(self) -> tuple[tuple[str, ...], ...]:
        """The cells of the table as written."""
        return tuple(tuple(cell.strip() for cell in line.split("|")) for line in self.lines[1:])

    def records(self, source: Source, as_of: date = EXAMPLE_AS_OF) -> tuple[ExampleRecord, ...]:
        """The example's records; DeclarationError if a line does not fit the source."""
        return tuple(self._records(source, as_of))

    def _records(self, source: Source, as_of: date) -> Iterator[ExampleRecord]:
        for number, cells in enumerate(self.cells, start=1):
            if len(cells) != len(self.header):
                raise DeclarationError(
                    f"Example line {number} has {len(cells)} cells, its header {len(self.header)}."
                )
            row = dict(zip(self.header, cells, strict=True))
            if "occurred" not in row:
                raise DeclarationError("An example says when each record occurred.")
            record_id = row.pop("record", str(number))
            known = row.pop("known", row["occurred"])
            occurred = _example_days(row.pop("occurred"))
            yield ExampleRecord(
                record_id=record_id,
                occurred_on=as_of - timedelta(days=occurred),
                known_on=as_of - timedelta(days=_example_days(known)),
                values={name: _example_value(source.column(name), cell, as_of) for name, cell in row.items()},
            )


def _example_value(column: Column, cell: str, as_of: date) -> str | float | date | None:
    if cell in ("", "-"):
        return None
    if column.kind is Kind.DATE:
        return as_of - timedelta(days=_example_days(cell))
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
            raise DeclarationError(f"{column.name} holds a number, not {cell!r}.")
        return float(cell)
    if column.kind is Kind.CODE and cell not in {code.value for code in column.codes}:
        raise DeclarationError(f"{column.name} has no code {cell!r}.")
    if column.kind is Kind.FLAG and cell not in ("yes", "no"):
        raise DeclarationError(f"A flag is yes or no, not {cell!r}.")
    return cell


def _example_days(cell: str) -> int:
    if not re.fullmatch(r"-?\d+", cell):
        raise DeclarationError(f"Days before the as-of date are a whole number, not {cell!r}.")
    return int(cell)


# --- families and features ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Family:
    """Features that tell one story; their contributions are summed into one reason."""

    title: Text
    group: Group
    ask: Text
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    def __hash__(self) -> int:
        return hash(self.name)


Unit = Literal[
    "times", "days", "years", "yuan", "yes_no", "sessions", "percentile", "level", "hours", "subjects",
    "kinds", "share", "percentile_a_year", "hours_a_year", "subjects_a_year", "sessions_a_year",
    "points", "points_a_year",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A declared input: what it means, which way it may move the risk, and why we ask.

    `when_no_records` is the value of a child of whom the department, though heard from, holds no
    counting record; None means that even then nothing is known. A silent department always gives
    "not known" (NaN).
    """

    title: Text
    family: Family
    source: Source
    form: Form
    risk: RiskDirection
    unit: Unit
    why: str
    examples: tuple[Example, ...]
    when_no_records: float | None = 0.0
    actionable: bool = False
    sensitive: bool = False
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)
        self._check_name()

    def __hash__(self) -> int:
        return hash(self.name)

    def __post_init__(self) -> None:
        form, source = self.form, self.source
        _check_where(source, form.where)
        self._check_column()
        self._check_lawful()
        if not self.examples:
            raise DeclarationError(f"Feature {self.title.en}: a feature needs a worked example.")
        if self.sensitive and self.actionable:
            raise DeclarationError(
                f"Feature {self.title.en}: what is sensitive cannot be offered as actionable."
            )
        if not self.why.strip():
            raise DeclarationError(f"Feature {self.title.en}: say why we ask.")
        for example in self.examples:
            example.records(source)

    def _check_column(self) -> None:
        form, source = self.form, self.source
        if isinstance(form, Aggregate):
            if (form.of is Aggregation.COUNT) != (form.column is None):
                raise DeclarationError(
                    f"Feature {self.title.en}: a count takes no column, every other aggregate one."
                )
            if form.column and source.column(form.column).kind not in (Kind.INTEGER, Kind.NUMBER):
                raise DeclarationError(f"Feature {self.title.en}: {form.column} is not a number.")
        if isinstance(form, Trend):
            column = source.column(form.column)
            if column.kind not in (Kind.INTEGER, Kind.NUMBER):
                raise DeclarationError(
                    f"Feature {self.title.en}: {form.column} is no number to have a trend."
                )
            if column.minimum is None or column.maximum is None:
                raise DeclarationError(f"Feature {self.title.en}: a trend needs bounds of {form.column}.")
        if isinstance(form, DistinctCount) and source.column(form.column).kind is not Kind.CODE:
            raise DeclarationError(f"Feature {self.title.en}: {form.column} holds no codes to tell apart.")
        if isinstance(form, Ratio):
            _check_where(source, form.part)
            if not form.part:
                raise DeclarationError(f"Feature {self.title.en}: a ratio says what it is the share of.")
        if isinstance(form, Latest):
            kind = source.column(form.column).kind
            if form.among:
                _check_where(source, (OneOf(form.column, *form.among),))
            elif kind not in (Kind.INTEGER, Kind.NUMBER):
                raise DeclarationError(
                    f"Feature {self.title.en}: the latest {form.column} is not a number; name codes in among."
                )
        if isinstance(form, YearsSince) and source.column(form.column).kind is not Kind.DATE:
            raise DeclarationError(f"Feature {self.title.en}: {form.column} is not a date.")

    def _check_lawful(self) -> None:
        source = self.source
        if source.department is Department.REVIEW:
            # A screener fed with what its own alerts led to would learn where people looked.
            raise DeclarationError(
                f"Feature {self.title.en}: what the review queue decided may not feed a screener."
            )
        meaning = forbidden_meaning(source.name, source.title.zh, source.title.en)
        if meaning:
            raise DeclarationError(
                f"Feature {self.title.en}: source {source.title.en} may not be used ({meaning})."
            )
        for column_name in self.columns_used:
            column = source.column(column_name)
            if column not in source.lake_columns:
                raise DeclarationError(
                    f"Feature {self.title.en}: column {column.name} is none of the source's own in the lake."
                )
            words = (column.name, column.title.zh, column.title.en, *column.aliases)
            meaning = forbidden_meaning(*words)
            if column.use is not Use.SIGNAL or meaning:
                raise DeclarationError(
                    f"Feature {self.title.en}: column {column.name} may not be used"
                    f" ({meaning or 'kept for ' + column.use.value + ' only'})."
                )
            self._check_proxy(*words)
        words = (self.title.zh, self.title.en, *self._codes_asked_for())
        meaning = forbidden_meaning(*words)
        if meaning:
            raise DeclarationError(f"Feature {self.title.en} speaks of a forbidden input: {meaning}.")
        self._check_proxy(*words)

    def _check_proxy(self, *words: str) -> None:
        proxy = known_proxy(*words)
        if proxy:
            raise DeclarationError(
                f"Feature {self.title.en} rests on a known proxy, {proxy.title.en}: {proxy.why.en}."
            )

    def _codes_asked_for(self) -> Iterator[str]:
        """The values and wordings of the codes the form names."""
        asked = [(item.column, item.values) for item in self._conditions if isinstance(item, OneOf)]
        if isinstance(self.form, Latest):
            asked.append((self.form.column, self.form.among))
        if isinstance(self.form, DistinctCount):  # it tells every code from every other
            codes = self.source.column(self.form.column).codes
            asked.append((self.form.column, tuple(code.value for code in codes)))
        for column_name, values in asked:
            for code in self.source.column(column_name).codes:
                if code.value in values:
                    yield from (*code.forms, code.title.en)

    def _check_name(self) -> None:
        meaning = forbidden_meaning(self.name)
        if meaning:
            raise DeclarationError(f"Feature {self.name} speaks of a forbidden input: {meaning}.")
        self._check_proxy(self.name)
        if self.name.startswith(COVERAGE_PREFIX):
            raise DeclarationError(f"Feature {self.name}: names in {COVERAGE_PREFIX} are those of coverage.")
        window = self.form.window
        if window is not None and not self.name.endswith(f"_{window.days}d"):
            raise DeclarationError(f"Feature {self.name}: its name must end in _{window.days}d, its window.")

    def check(self) -> None:
        """Refuse again whatever could not be declared; for features made from others by `with_form`."""
        self.__post_init__()
        self._check_name()

    @property
    def _conditions(self) -> Where:
        """Every condition the form sets, the part of a ratio included."""
        return (*self.form.where, *(self.form.part if isinstance(self.form, Ratio) else ()))

    @property
    def columns_used(self) -> tuple[str, ...]:
        """The source's own columns the feature reads, dates of occurring and knowing aside."""
        used = [condition.column for condition in self._conditions]
        column = getattr(self.form, "column", None)
        if column:
            used.append(column)
        return tuple(dict.fromkeys(used))

    @property
    def group(self) -> Group:
        """The group of its family."""
        return self.family.group

    def with_form(self, **changes: object) -> Feature:
        """The same declaration with its form changed: what the misreading tests and planted faults use."""
        form = replace(self.form, **changes)  # type: ignore[arg-type]  # the caller names fields of this form
        changed = object.__new__(Feature)
        for item in fields(self):
            object.__setattr__(changed, item.name, form if item.name == "form" else getattr(self, item.name))
        return changed


# --- outcomes and triggers ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Records of a source that establish something, by themselves."""

    source: Source
    where: Where = ()

    def __post_init__(self) -> None:
        _check_where(self.source, self.where)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What we hope to prevent: any of `facts` occurring in the label window, or a disposition.

    `confirmed` and `refuted` are facts of the review queue: confirmed after a visit is 1, not
    confirmed after a visit is 0. A child with a fact in the last `already_days` before the as-of
    date is already positive and leaves the screener's rows.
    """

    title: Text
    facts: tuple[Fact, ...]
    confirmed: Fact
    refuted: Fact
    already_days: int
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A fact that goes straight to a person: no score gates it, none ranks it down.

    `younger_than_years`: only for children below this age on the day it occurred.
    `report_duty`: the situation must be reported at once (未成年人保护法 art. 11).
    """

    title: Text
    fact: Fact
    within_days: int
    report_duty: bool
    basis: Text
    younger_than_years: int | None = None
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)


def declared(owner: type, kind: type) -> tuple:  # type: ignore[type-arg]  # members of `kind`, whatever it is
    """The declarations of one kind that a class holds, in reading order."""
    return tuple(value for value in vars(owner).values() if isinstance(value, kind))
