"""Features and the families they tell their stories in.

A feature that could not be computed, explained or lawfully used does not come into being: its column, its
codes, its source and its own name are all asked what they speak of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Literal

from features.language.columns import Source
from features.language.examples import Example
from features.language.forbidden import forbidden_meaning, known_proxy
from features.language.forms import (
    Aggregate,
    Aggregation,
    DistinctCount,
    Form,
    Latest,
    OneOf,
    Ratio,
    RiskDirection,
    Trend,
    Where,
    YearsSince,
    check_where,
)
from features.language.words import DeclarationError, Department, Group, Kind, Text, Use

# Coverage columns stand beside the features in a matrix; no feature may take their names.
COVERAGE_PREFIX = "heard_days_"


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
        check_where(source, form.where)
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
            check_where(source, form.part)
            if not form.part:
                raise DeclarationError(f"Feature {self.title.en}: a ratio says what it is the share of.")
        if isinstance(form, Latest):
            kind = source.column(form.column).kind
            if form.among:
                check_where(source, (OneOf(form.column, *form.among),))
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
