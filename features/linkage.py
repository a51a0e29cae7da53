"""Finding the child behind a description without a usable number: Splink on DuckDB, in memory only.

    described rows ─┐                      ┌─ link     at or above `link_at`, and nobody else comes near
                    ├─ pairs, confidence ──┼─ a person at or above `look_at`
    known children ─┘                      └─ nothing

Confidence is the chance that this child is meant, of all children the description could mean and
none of them: two children who fit equally well leave one half at most, so twins reach a person and
never a link. A brother or sister nobody knew would fit the family's telephone and home: a link without
a person needs the child's own name and birth date to agree. Nothing here is written to disk or logged.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison

from features.chinese_names import name_parts
from features.linkage_levels import (
    BLOCKING,
    COMPARISONS,
    DERIVED,
    FIELDS,
    LEARNING,
    Comparison,
    is_personal,
)
from features.linkage_model import Chances, LinkageError, LinkageModel
from features.person_numbers import IdentityError, normalise_id_number

# Chance pairs drawn to see how often two people agree. A level met by none of them is taken to be
# half as frequent as one pair in all, a level no true pair was seen on to be this rare.
_CHANCE_PAIRS = 1_000_000
_HARDLY_EVER = 1e-3
# Pairs less likely than this are not worth carrying to the end.
_FAINT = 1e-4
# Share of described rows whose child is expected among the known ones.
EXPECTED_FOUND = 0.9


def described(rows: Iterable[Mapping[str, str | None]], keys: Iterable[str]) -> pd.DataFrame:
    """People as comparisons need them: `key`, FIELDS and what is derived of them; empty is None.

    Several rows may share a key: another name of the same child, for instance.
    """
    people = [{field: row.get(field) or None for field in FIELDS} for row in rows]
    columns: dict[str, list[Any]] = {field: [each[field] for each in people] for field in FIELDS}
    parts = [name_parts(name or "") for name in columns["name"]]
    guardians = [name_parts(name or "") for name in columns["guardian"]]
    for column in ("name", "surname", "given", "surname_py", "given_py", "initials", "py"):
        columns[column] = [getattr(part, column) or None for part in parts]
    columns["guardian"] = [part.name or None for part in guardians]
    columns["guardian_py"] = [part.py or None for part in guardians]
    columns["birth_month"] = [birth[:7] if birth else None for birth in columns["birth_on"]]
    areas = columns["area_code"]
    columns["town"] = [area[:9] if area and len(area) >= 9 else None for area in areas]
    columns["county"] = [area[:6] if area else None for area in areas]
    columns["id_valid"] = [number is not None and _valid(number) for number in columns["id_number"]]
    columns["key"] = list(keys)
    columns["row"] = [f"{number:09d}" for number in range(len(people))]
    frame = pd.DataFrame(columns, dtype=object)
    return frame[["row", "key", *FIELDS, *DERIVED]]


def candidates(
    rows: pd.DataFrame, known: pd.DataFrame, model: LinkageModel, *, expected: float = EXPECTED_FOUND
) -> pd.DataFrame:
    """Who of `known` may be meant by each of `rows` (both from `described`), with the confidence.

    Columns: row, child (keys), confidence, odds, and a level for each comparison (None if empty on
    either side). Ordered by row and confidence.
    """
    if rows.empty or known.empty:
        return _no_pairs("row", "child")
    prior = min(expected / known["key"].nunique(), 0.5)
    pairs = _pairs(model, {"rows": rows, "known": known}, "link_only", prior)
    pairs = _best(pairs.rename(columns={"key_l": "row", "key_r": "child"}), ["row", "child"])
    # The chances of all who may be meant and of nobody add up to one.
    rivals = pairs.groupby("row")["odds"].transform("sum")
    pairs["confidence"] = pairs["odds"] / (1 + rivals)
    return pairs.sort_values(["row", "confidence"], ascending=[True, False], ignore_index=True)


def sure(found: pd.DataFrame, link_at: float) -> pd.DataFrame:
    """Of `candidates`, those that may be linked without a person.

    They are the likeliest of their row, likely enough, and alike in what is the child's own.
    """
    best = found.drop_duplicates("row")
    return best[_personal(best) & (best["confidence"] >= link_at)]


def _personal(pairs: pd.DataFrame) -> pd.Series:
    alike = [
        is_personal(*(level if isinstance(level, str) else None for level in levels))
        for levels in zip(pairs["name"], pairs["birth_on"], strict=True)
    ]
    return pd.Series(alike, index=pairs.index, dtype=bool)


def lookalikes(known: pd.DataFrame, model: LinkageModel, *, doubled: float = 0.01) -> pd.DataFrame:
    """Pairs of known children who may be one child, as `candidates`, in columns left and right.

    Left out are pairs alike only in what a family has in common, and two with valid numbers whose names
    are read differently: twins.

    `doubled` is the share of children expected to be known twice.
    """
    children = known["key"].nunique()
    if children < 2:
        return _no_pairs("left", "right")
    pairs = _pairs(model, {"known": known}, "dedupe_only", min(2 * doubled / children, 0.5))
    first = pairs["key_l"] < pairs["key_r"]
    pairs["left"] = pairs["key_l"].where(first, pairs["key_r"])
    pairs["right"] = pairs["key_r"].where(first, pairs["key_l"])
    namesakes = pairs["name"].isin(("same", "same reading"))
    two = (pairs["id_number"] == "two valid numbers") & ~namesakes
    pairs = pairs[(pairs["left"] != pairs["right"]) & ~two & _personal(pairs)]
    pairs = _best(pairs, ["left", "right"])
    pairs["confidence"] = pairs["odds"] / (1 + pairs["odds"])
    return pairs.sort_values(["confidence", "left"], ascending=[False, True], ignore_index=True)


def learn(
    rows: pd.DataFrame, known: pd.DataFrame, *, seed: int = 1, chance_pairs: int = _CHANCE_PAIRS
) -> LinkageModel:
    """Chances learnt without labels: u from pairs of known children, m by expectation maximisation.

    Known children are all different people, so their chance pairs hold no true ones; pairs of rows and
    known children would, and so many of them in a small sample that agreement looked common.
    """
    seen, unseen = _learn_u(known, seed, chance_pairs)
    u = {
        name: {level: each or (1.0 if level == "else" else unseen) for level, each in levels.items()}
        for name, levels in seen.items()
    }
    start = {
        name: {level: {"u_probability": chance} for level, chance in levels.items()}
        for name, levels in u.items()
    }
    with _linker(start, {"rows": rows, "known": known}, "link_only", 1e-4) as linker:
        for rule in LEARNING:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
        learnt = _read(linker, "m_probability")
    return LinkageModel(
        {
            name: {
                level: _chances(level, learnt[name].get(level), chance, unseen)
                for level, chance in levels.items()
            }
            for name, levels in seen.items()
        }
    )


def _chances(level: str, m: float | None, u: float | None, unseen: float) -> Chances:
    if level == "else":
        # To agree in nothing never speaks for anybody; if chance pairs never did, it speaks against.
        return Chances(max(m or 0.0, _HARDLY_EVER), max(u or 1.0, m or 0.0))
    if not m and not u:
        # Met by no pair of either kind: it must not speak for anybody.
        return Chances(_HARDLY_EVER, _HARDLY_EVER)
    return Chances(min(max(m or 0.0, _HARDLY_EVER), 1.0), u or unseen)


def _learn_u(
    known: pd.DataFrame, seed: int, chance_pairs: int
) -> tuple[dict[str, dict[str, float | None]], float]:
    """How often two people agree, None where no pair did, and what to take for a level nobody met."""
    if len(known) < 100:
        raise LinkageError("Learning takes a hundred known children at least.")
    once = known.drop_duplicates("key")
    with _linker({}, {"known": once}, "dedupe_only", 1e-4) as linker:
        linker.training.estimate_u_using_random_sampling(
            max_pairs=chance_pairs, seed=seed, min_count_per_level=None
        )
        learnt = _read(linker, "u_probability")
    unseen = 0.5 / min(chance_pairs, len(once) * (len(once) - 1) / 2)
    levels = {
        comparison.name: {level: learnt[comparison.name].get(level) for level in comparison.level_names}
        for comparison in COMPARISONS
    }
    return levels, unseen


def _read(linker: Linker, which: str) -> dict[str, dict[str, float | None]]:
    settings = linker.misc.save_model_to_json()
    return {
        comparison["output_column_name"]: {
            level["label_for_charts"]: level.get(which)
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
        }
        for comparison in settings["comparisons"]
    }


def _pairs(
    model: LinkageModel, frames: Mapping[str, pd.DataFrame], link_type: str, prior: float
) -> pd.DataFrame:
    chances = {
        name: {level: {"m_probability": each.m, "u_probability": each.u} for level, each in levels.items()}
        for name, levels in model.chances.items()
    }
    with _linker(chances, frames, link_type, prior) as linker:
        found = linker.inference.predict(threshold_match_probability=_FAINT, warning_mode="never")
        sides = ["key_l", "key_r"]
        if link_type == "link_only":
            # The sides are told apart by the frames' names, whose order is the database's own.
            sides = [
                f"case when source_dataset_{one} = 'rows' then key_l else key_r end as key_{one}"
                for one in "lr"
            ]
        levels = [f"gamma_{comparison.name}" for comparison in COMPARISONS]
        pairs: pd.DataFrame = linker.misc.query_sql(  # type: ignore[no-untyped-call]  # Splink's own
            # Names of columns and of a table that Splink made; no value.
            f"select {', '.join((*sides, 'match_weight', *levels))}"  # noqa: S608  # nosec B608  # see above
            f" from {found.physical_name}",
            output_type="pandas",
        )
    pairs["odds"] = 2.0 ** pairs["match_weight"].clip(upper=200)
    for comparison in COMPARISONS:
        top = len(comparison.levels)
        names = {top - place: name for place, name in enumerate(comparison.level_names)}
        pairs[comparison.name] = pairs[f"gamma_{comparison.name}"].map(names)
    return pairs[["key_l", "key_r", "odds", *(comparison.name for comparison in COMPARISONS)]]


def _best(pairs: pd.DataFrame, sides: Sequence[str]) -> pd.DataFrame:
    """Of the pairs of two people, known under several names perhaps, the one that fits best."""
    pairs = pairs.sort_values("odds", ascending=False, kind="stable").drop_duplicates(list(sides))
    return pairs[[*sides, "odds", *(comparison.name for comparison in COMPARISONS)]].copy()


def _no_pairs(*sides: str) -> pd.DataFrame:
    names = [comparison.name for comparison in COMPARISONS]
    return pd.DataFrame(columns=[*sides, "odds", *names, "confidence"])


# Comparison → level → what Splink is told of its chances; what it is not told it learns.
Told = Mapping[str, Mapping[str, Mapping[str, float]]]


@contextmanager
def _linker(told: Told, frames: Mapping[str, pd.DataFrame], link_type: Any, prior: float) -> Iterator[Linker]:
    # It tells its progress in many lines, and its debug lines hold what it compares.
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type=link_type,
        unique_id_column_name="row",
        comparisons=[_splink_comparison(each, told.get(each.name, {})) for each in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in BLOCKING],
        probability_two_random_records_match=prior,
        additional_columns_to_retain=["key"],
        # Without what was compared it would keep no levels either; only those are fetched.
        retain_matching_columns=True,
    )
    with duckdb.connect() as connection:
        # Too much for memory would be written to disk in plain; it is refused instead.
        connection.execute("SET temp_directory = ''")
        database = DuckDBAPI(connection=connection)
        tables = [
            database.register(_table(frame), dataset_display_name=name) for name, frame in frames.items()
        ]
        linker = Linker(tables, settings, log_level=None)
        for column in sorted({level.rare for each in COMPARISONS for level in each.levels if level.rare}):
            lookup = _table(_frequencies(frames["known"], column))
            linker.table_management.register_term_frequency_lookup(database.register(lookup), column)
        yield linker


def _frequencies(known: pd.DataFrame, column: str) -> pd.DataFrame:
    """How common each value is among known children.

    Rows would tell how many records speak of one child, and make the names of the busy look common.
    """
    said = known[["key", column]].dropna().drop_duplicates()[column].value_counts(sort=False)
    common = {column: said.index, f"tf_{column}": said.to_numpy() / known["key"].nunique()}
    return pd.DataFrame(common).sort_values(column, ignore_index=True)


def _splink_comparison(comparison: Comparison, told: Mapping[str, Mapping[str, float]]) -> CustomComparison:
    levels: list[Any] = [
        {"sql_condition": comparison.empty, "label_for_charts": "empty", "is_null_level": True}
    ]
    for level in comparison.levels:
        each = {"sql_condition": level.sql, "label_for_charts": level.name}
        levels.append(each | ({"tf_adjustment_column": level.rare} if level.rare else {}))
    levels.append({"sql_condition": "ELSE", "label_for_charts": "else"})
    for each in levels[1:]:
        each.update(told.get(each["label_for_charts"], {}))
    return CustomComparison(output_column_name=comparison.name, comparison_levels=levels)


def _table(frame: pd.DataFrame) -> pa.Table:
    """Texts as texts, also where a column is empty throughout."""
    kinds = {"id_valid": pa.bool_()} | {name: pa.float64() for name in frame if str(name).startswith("tf_")}
    fields = [(name, kinds.get(name, pa.string())) for name in frame.columns]
    return pa.Table.from_pandas(frame, schema=pa.schema(fields), preserve_index=False)


def _valid(number: str) -> bool:
    try:
        normalise_id_number(number)
    except IdentityError:
        return False
    return True
