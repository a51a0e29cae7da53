"""What a delivery must satisfy, derived from the source's declaration and checked by Great Expectations.

Each rule of a declared column becomes one expectation. `critical` refuses the row, `warning` accepts
and counts it. The frame that is checked holds meanings, not values (`features.cells`), and the ID
number only as valid, invalid or empty, so no result of a check can hold what identifies a child.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from features.cells import ADULT, INVALID, PERSONAL, UNREADABLE, VALID
from features.intake_rules import CRITICAL, LATE_AFTER_DAYS, WARNING, Rule
from features.language import ID_NUMBER, NAME, RECORD_ID, Column, Kind, Personal, Source

with warnings.catch_warnings():
    # Importing it touches modules that Python has deprecated, which is not ours to mend.
    warnings.simplefilter("ignore", DeprecationWarning)
    import great_expectations as gx
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
    from great_expectations.expectations.core.expect_column_pair_values_a_to_be_greater_than_b import (
        ExpectColumnPairValuesAToBeGreaterThanB,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
        ExpectColumnValuesToBeInSet,
    )
    from great_expectations.expectations.core.expect_column_values_to_match_regex import (
        ExpectColumnValuesToMatchRegex,
    )
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
        ExpectColumnValuesToNotBeNull,
    )
    from great_expectations.expectations.core.expect_column_values_to_not_match_regex import (
        ExpectColumnValuesToNotMatchRegex,
    )
    from great_expectations.expectations.core.expect_compound_columns_to_be_unique import (
        ExpectCompoundColumnsToBeUnique,
    )
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.metadata_types import FailureSeverity

_EPOCH = date(1970, 1, 1)


class Contract:
    """The expectation suite of one source, ready to check any number of frames. Made by `contract_of`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        lines = tuple(_lines(source))
        self.rules = tuple(rule for rule, _ in lines)
        self.suite = gx.ExpectationSuite(
            name=f"{source.name} contract", expectations=[expectation for _, expectation in lines]
        )
        context, frames = _context()
        asset = frames.add_dataframe_asset(source.name)
        self._validation = context.validation_definitions.add(
            gx.ValidationDefinition(
                name=source.name,
                data=asset.add_batch_definition_whole_dataframe("files"),
                suite=context.suites.add(self.suite),
            )
        )

    def breaches(self, frame: pd.DataFrame) -> dict[str, list[int]]:
        """Rule id → the index labels of the rows that break it; rules in the contract's order.

        `frame` comes from `checkable`, with a unique whole-number index.
        """
        if frame.empty:
            return {}
        # The frame's own index tells the rows: GX returns it ten times faster than columns beside it.
        result = self._validation.run(
            batch_parameters={"dataframe": frame}, result_format={"result_format": "COMPLETE"}
        )
        broken: dict[str, list[int]] = {rule.id: [] for rule in self.rules}
        for line in result.results:
            assert line.expectation_config is not None
            assert line.expectation_config.meta is not None
            rule = line.expectation_config.meta["rule"]
            if line.exception_info["raised_exception"]:
                raise RuntimeError(f"Great Expectations could not check {rule} of {self.source.name}.")
            if not line.success:
                broken[rule] = sorted(int(row) for row in line.result["unexpected_index_list"])
        return {rule: rows for rule, rows in broken.items() if rows}


def checkable(
    source: Source,
    meanings: pd.DataFrame,
    *,
    file: pd.Series,
    ragged: pd.Series,
    repeats: pd.Series,
    received_on: Mapping[int, date],
    refused: pd.Series,
) -> pd.DataFrame:
    """The frame a contract is checked on.

    `meanings` holds our columns as `features.cells` writes them. `file` numbers the file of each row;
    `ragged` and `repeats` mark rows whose cells do not fit the titles and rows that repeat another.
    `refused` holds the rule by which the source's derivation refuses a row.
    Dates and numbers are put beside the text as numbers, so that ranges can be checked.
    """
    # A ragged row's cells stand in the wrong columns: what they seem to say is not checked.
    frame = meanings.mask(ragged)
    # A copy of a row is refused as a copy, and does not make its original contradictory.
    frame["distinct_record"] = frame[RECORD_ID.name].mask(repeats)
    frame["refused"] = refused.mask(ragged, None)
    frame["file"] = file
    frame["whole_row"] = (~ragged).astype("int64")
    frame["first_of_its_kind"] = (~repeats).astype("int64")
    received = file.map({number: (day - _EPOCH).days for number, day in received_on.items()})
    for column in source.all_columns:
        if column.kind is Kind.DATE:
            frame[f"{column.name} day"] = days(frame[column.name])
            frame[f"{column.name} days to receipt"] = received - frame[f"{column.name} day"]
        elif column.kind in (Kind.INTEGER, Kind.NUMBER):
            frame[f"{column.name} number"] = pd.to_numeric(frame[column.name], errors="coerce")
    frame["days to recording"] = frame["recorded_on day"] - frame["occurred_on day"]
    return frame


def days(texts: pd.Series) -> pd.Series:
    """Days since 1970 of dates like 2024-03-01, empty for anything else."""
    instants = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")
    return (instants - pd.Timestamp(_EPOCH)) / pd.Timedelta(days=1)


Line = tuple[Rule, Expectation]


def _line(rule: Rule, expectation: type[Expectation], **settings: Any) -> Line:
    return rule, expectation(severity=FailureSeverity(rule.severity), meta={"rule": rule.id}, **settings)


def _lines(source: Source) -> Iterator[Line]:
    """The whole contract, in the order in which a row's reason is chosen: the first broken rule names it."""
    yield _line(
        Rule("ragged_row", CRITICAL), ExpectColumnValuesToBeInSet, column="whole_row", value_set=[1]
    )  # fmt: skip
    for column in source.delivered_columns:
        if column.name != NAME.name:
            yield from _column_lines(column)
    for refusal in source.derive.refusals if source.derive else ():
        kind, _, name = refusal.partition(":")
        yield _line(
            Rule(kind, CRITICAL, name or None), ExpectColumnValuesToNotMatchRegex,
            column="refused", regex=f"^{re.escape(refusal)}$",
        )  # fmt: skip
    yield _line(
        Rule("recorded_before_occurring", CRITICAL), ExpectColumnPairValuesAToBeGreaterThanB,
        column_A="recorded_on day", column_B="occurred_on day",
        or_equal=True, ignore_row_if="either_value_is_missing",
    )  # fmt: skip
    yield _line(
        Rule("recorded_after_receipt", CRITICAL), ExpectColumnValuesToBeBetween,
        column="recorded_on days to receipt", min_value=0,
    )  # fmt: skip
    yield _line(
        Rule("duplicate", CRITICAL), ExpectColumnValuesToBeInSet, column="first_of_its_kind", value_set=[1]
    )  # fmt: skip
    yield _line(
        Rule("conflicting_record", CRITICAL), ExpectCompoundColumnsToBeUnique,
        column_list=["file", "distinct_record"], ignore_row_if="any_value_is_missing",
    )  # fmt: skip
    for column in source.columns:
        if column.kind is Kind.DATE:
            yield _line(
                Rule("date_after_receipt", WARNING, column.name), ExpectColumnValuesToBeBetween,
                column=f"{column.name} days to receipt", min_value=0,
            )  # fmt: skip
    yield _line(
        Rule("late_record", WARNING), ExpectColumnValuesToBeBetween,
        column="days to recording", max_value=LATE_AFTER_DAYS,
    )  # fmt: skip


def _column_lines(column: Column) -> Iterator[Line]:
    name = column.name
    if column.required:
        yield _line(Rule("empty_required", CRITICAL, name), ExpectColumnValuesToNotBeNull, column=name)
    if name == ID_NUMBER.name:
        for kind, sound in (("invalid_id_number", [VALID, ADULT]), ("adult_id_number", [VALID, INVALID])):
            yield _line(Rule(kind, CRITICAL), ExpectColumnValuesToBeInSet, column=name, value_set=sound)
    elif column.kind is Kind.CODE:
        values = [code.value for code in column.codes]
        yield _line(
            Rule("wrong_code", CRITICAL, name), ExpectColumnValuesToBeInSet, column=name, value_set=values
        )  # fmt: skip
    elif column.kind is Kind.FLAG:
        flags = ["yes", "no"]
        yield _line(
            Rule("wrong_flag", CRITICAL, name), ExpectColumnValuesToBeInSet, column=name, value_set=flags
        )  # fmt: skip
    elif column.kind is Kind.ANSWERS:
        yield _line(
            Rule("unreadable_answers", CRITICAL, name), ExpectColumnValuesToNotMatchRegex,
            column=name, regex=f"^{re.escape(UNREADABLE)}$",
        )  # fmt: skip
    elif column.kind is Kind.TEXT:
        marks = [("unreadable_text", UNREADABLE), ("personal_text", PERSONAL)]
        # A column that is there to name a person may: it never comes near the lake.
        for kind, mark in marks[:1] if column.personal is Personal.DIRECT else marks:
            yield _line(
                Rule(kind, CRITICAL, name), ExpectColumnValuesToNotMatchRegex,
                column=name, regex=f"^{re.escape(mark)}$",
            )  # fmt: skip
    else:
        kind, regex = {
            Kind.DATE: ("impossible_date", r"^\d{4}-\d{2}-\d{2}$"),
            Kind.INTEGER: ("not_whole", r"^-?\d+$"),
            Kind.NUMBER: ("not_a_number", r"^-?[\d.]+(?:e[-+]\d+)?$"),
        }[column.kind]
        yield _line(Rule(kind, CRITICAL, name), ExpectColumnValuesToMatchRegex, column=name, regex=regex)
    if column.minimum is not None or column.maximum is not None:
        yield _line(
            Rule("out_of_range", CRITICAL, name), ExpectColumnValuesToBeBetween,
            column=f"{name} number", min_value=column.minimum, max_value=column.maximum,
        )  # fmt: skip


@cache
def _context() -> tuple[AbstractDataContext, PandasDatasource]:
    """One context in memory for the process."""
    # Its INFO lines say nothing about a delivery, and its DEBUG lines hold frames.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    # Said in full, because its default leaves an empty folder for pages behind in every run.
    config = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults())
    context = gx.get_context(mode="ephemeral", project_config=config)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context, context.data_sources.add_pandas("deliveries")


@cache
def contract_of(source: Source) -> Contract:
    """The contract of a source, built once."""
    return Contract(source)
