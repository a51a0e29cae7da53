"""What a person says about a table before any screener reads it: columns, outcomes, groups, ways to split.

A text file (TOML). A declaration refuses what could not be computed, judged or defended, naming the key
and what is allowed: an unknown key, a column without a type, a forbidden input, an outcome nobody can
tell, a split that would let the future into the past. There is no place for code and none for free text.

    name, title, source         what the table is, where it is from and on what terms
    [table]                     missing, row_id, person, cluster, weight, weight_within, as_of, separator …
    [families]                  the stories columns tell; a reason is given for each
    [columns]                   name = "flag", or { type, family, risk, zh, en, from, missing, … }
    [groups]                    by whom figures are compared; never read by a screener
    [outcomes.NAME]             any_of = { column = [values] }, without, strong, splits
    [splits.NAME]               folds, or time with fit_until and judge_from; calibrate_share; only
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from evaluation.external.declaration import (
    Condition,
    Declaration,
    DeclaredColumn,
    DeclaredGroup,
    DeclaredOutcome,
    DeclaredSplit,
    Layout,
)
from evaluation.external.entry import Entry, TableError, code, read_toml
from features.language import RiskDirection, Text, forbidden_meaning, known_proxy

SHIPPED = Path(__file__).parent / "tables"

TYPES = ("flag", "number", "ordered", "category", "date")
RISKS = {direction.name.lower(): direction for direction in RiskDirection}
MOST_LEVELS = 30
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OTHER = Text("其他", "Other")

# Words the constitution's own list need not know, since no source here delivers them; whole words, for
# "race" stands inside many harmless ones.
_ETHNICITY = re.compile(r"race\w*|tribe|tribal|caste|skin|hispanic|latino|indigenous|aboriginal")
_SEX = re.compile(r"sex|sexes|gender|male|female")
# What no wording makes harmless. For the others a declaration may say what is really meant.
_NEVER = frozenset({"ethnicity", "religion", "hukou type", "origin province"})


def shipped() -> tuple[str, ...]:
    """The declarations that ship with the project."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def read_declaration(named: str) -> Declaration:
    """The declaration in this file, or the shipped one of this name; TableError says what is wrong."""
    path = SHIPPED / f"{named}.toml" if named in shipped() else Path(named)
    if not path.is_file():
        raise TableError(
            f"There is no declaration {named}: give a TOML file, or one of {', '.join(shipped())}."
        )
    return declare(read_toml(path), path.name)


def declare(held: Mapping[str, Any], file: str) -> Declaration:
    """The declaration that a file's contents make."""
    top = Entry(file, "", dict(held))
    name = top.word("name")
    title = top.wording("title", Text(name, name))
    source = top.wording("source", Text("未说明", "not stated"))
    simulated = top.flag("simulated", False)
    layout = _layout(top.entry("table"))
    families = {one.key: one.own_wording(one.key) for one in top.entries("families")}
    columns = tuple(_column(one, families) for one in top.entries("columns", "type"))
    groups = tuple(_group(one) for one in top.entries("groups", "from"))
    splits = tuple(_split(one) for one in top.entries("splits")) or (_FOLDS,)
    outcomes = tuple(_outcome(one, splits) for one in top.entries("outcomes"))
    top.finish()
    families = {**families, **({} if all(c.family for c in columns) else {"": OTHER})}
    declaration = Declaration(
        name, title, source, simulated, layout, families, columns, groups, outcomes, splits
    )
    _check(declaration, top)
    return declaration


_FOLDS = DeclaredSplit(
    "folds", Text("分折", "Folds"), (), 5, "", 0.0, None, 0.0, calibrate_share=0.2
)  # fmt: skip


def _layout(entry: Entry) -> Layout:
    layout = Layout(
        separator=entry.text("separator", ""),
        encoding=entry.text("encoding", "utf-8"),
        decimal=entry.text("decimal", "."),
        missing=entry.codes("missing", ()),
        row_id=entry.text("row_id", ""),
        person=entry.text("person", ""),
        cluster=entry.text("cluster", ""),
        weight=entry.text("weight", ""),
        weight_within=entry.text("weight_within", ""),
        as_of=entry.text("as_of", ""),
        made_by=entry.text("made_by", ""),
    )
    entry.finish()
    if layout.separator and len(layout.separator) != 1:
        raise entry.refuse("separator", "one character, as in separator = ';' or separator = \"\\t\"")
    if layout.decimal not in (".", ",") or layout.decimal == layout.separator:
        raise entry.refuse("decimal", "a point or a comma, and not the separator")
    if layout.weight_within and not layout.weight:
        raise entry.refuse("weight_within", "left out where there is no weight")
    return layout


def _column(entry: Entry, families: Mapping[str, Text]) -> DeclaredColumn:
    kind = entry.choice("type", TYPES, None)
    family = entry.choice("family", tuple(families), "")
    column = DeclaredColumn(
        name=entry.key,
        read_from=entry.text("from", entry.key),
        type=kind,
        title=entry.own_wording(entry.key, last=False),
        family=family,
        risk=RISKS[entry.choice("risk", tuple(RISKS), "either")],
        missing=entry.codes("missing", ()),
        levels=entry.codes("levels", ()),
        yes=entry.codes("yes", ("1", "true")),
        no=entry.codes("no", ("0", "false")),
        mapping=entry.numbers_by_code("map"),
        low=entry.number("low", None),
        high=entry.number("high", None),
        date_format=entry.text("date_format", "ISO8601"),
        sensitive=entry.flag("sensitive", False),
        harmless=entry.text("harmless", ""),
    )
    entry.finish()
    if not _NAME.fullmatch(entry.key):
        raise TableError(
            f"{entry.where}: a column's name is letters, digits and underscores, and no digit first;"
            ' what it is called in the table goes into from = "…".'
        )
    _check_type(entry, column)
    _check_lawful(entry, column)
    return column


def _check_type(entry: Entry, column: DeclaredColumn) -> None:
    levelled = column.type in ("ordered", "category")
    if levelled and not 2 <= len(column.levels) <= MOST_LEVELS:
        raise entry.refuse(
            "levels", f"2 to {MOST_LEVELS} values, the lowest first" if column.type == "ordered"
            else f"2 to {MOST_LEVELS} values; what holds more is text, and text is not read",
        )  # fmt: skip
    if len(set(column.levels)) != len(column.levels):
        raise entry.refuse("levels", "each value once")
    if set(column.yes) & set(column.no) or not column.yes or not column.no:
        raise entry.refuse("yes", "at least one value, and none that also means no")
    only_for = {
        "levels": ("ordered", "category"), "yes": ("flag",), "no": ("flag",), "map": ("number",),
        "low": ("number",), "high": ("number",), "date_format": ("date",),
    }  # fmt: skip
    for key, types in only_for.items():
        if key in entry.held and column.type not in types:
            raise entry.refuse(key, f"left out: it is for {' and '.join(types)} columns")
    if column.type == "category" and column.risk is not RiskDirection.EITHER:
        raise entry.refuse("risk", "left out: the values of a category have no order")
    if column.low is not None and column.high is not None and column.low > column.high:
        raise entry.refuse("low", "not above high")


def _check_lawful(entry: Entry, column: DeclaredColumn) -> None:
    words = (column.name, column.read_from, column.title.zh, column.title.en, *column.levels)
    said = re.findall(r"[a-z]+", " ".join(words).lower())
    meaning = forbidden_meaning(*words)
    if any(_ETHNICITY.fullmatch(word) for word in said):
        meaning = "ethnicity"
    proxy = known_proxy(*words)
    if meaning in _NEVER or (meaning is not None and not column.harmless):
        raise TableError(
            f"{entry.where} speaks of a forbidden input: {meaning}. No screener may read it; to compare"
            " groups by it, declare it under [groups]."
            + ("" if meaning in _NEVER else ' If it means something else, say what: harmless = "…".')
        )
    if proxy is not None and not column.harmless:
        raise TableError(
            f"{entry.where} stands in for a forbidden input: {proxy.title.en} ({proxy.why.en}). If it means"
            ' something else, say what: harmless = "…".'
        )
    if any(_SEX.fullmatch(word) for word in said) and not column.sensitive:
        raise TableError(
            f"{entry.where} speaks of sex. Declare it under [groups] to compare groups by it; if a screener"
            " must read it, say sensitive = true, and it is never shown as a reason."
        )


def _group(entry: Entry) -> DeclaredGroup:
    group = DeclaredGroup(
        entry.key,
        entry.text("from", entry.key),
        entry.own_wording(entry.key, last=False),
        entry.rising("bands"),
        {code(one.key): one.own_wording(one.key) for one in entry.entries("names")},
    )
    entry.finish()
    if group.bands and group.names:
        raise entry.refuse("names", "left out: bands name themselves")
    return group


def _conditions(entry: Entry, key: str) -> tuple[Condition, ...]:
    found = []
    for column, held in entry.mapping(key).items():
        inner = Entry(entry.file, f"{entry.path}.{key}.{column}", held if isinstance(held, dict) else {})
        if isinstance(held, dict):
            condition = Condition(
                column,
                at_least=inner.number("at_least", None),
                at_most=inner.number("at_most", None),
            )
            inner.finish()
            if condition.at_least is None and condition.at_most is None:
                raise TableError(f"{inner.where} needs at_least, at_most or both.")
        else:
            condition = Condition(column, Entry(entry.file, entry.path, {column: held}).codes(column, ()))
            if not condition.values:
                raise TableError(f"{inner.where} names no value.")
        found.append(condition)
    return tuple(found)


def _outcome(entry: Entry, splits: tuple[DeclaredSplit, ...]) -> DeclaredOutcome:
    names = tuple(split.name for split in splits)
    outcome = DeclaredOutcome(
        name=entry.key,
        title=entry.own_wording(entry.key, last=False),
        any_of=_conditions(entry, "any_of"),
        without=entry.texts("without"),
        strong={name: str(why) for name, why in entry.mapping("strong").items()},
        splits=entry.texts("splits") or names,
    )
    entry.finish()
    if not outcome.any_of:
        raise entry.refuse("any_of", "at least one condition, as in any_of = { column = [1] }")
    for name in outcome.splits:
        if name not in names:
            raise entry.refuse("splits", f"of the declared splits {', '.join(names)}")
    return outcome


def _split(entry: Entry) -> DeclaredSplit:
    time = entry.text("time", "")
    fit_until, until, judge_from = (
        entry.moment(key) for key in ("fit_until", "calibrate_until", "judge_from")
    )
    split = DeclaredSplit(
        name=entry.key,
        title=entry.own_wording(entry.key, last=False),
        only=_conditions(entry, "only"),
        folds=0 if time else round(entry.number("folds", 5.0) or 0),
        time=time,
        fit_until=fit_until or 0.0,
        calibrate_until=until,
        judge_from=judge_from or 0.0,
        calibrate_share=0.0 if until is not None else (entry.number("calibrate_share", 0.2) or 0.0),
    )
    entry.finish()
    if not time:
        for key in ("fit_until", "calibrate_until", "judge_from"):
            if key in entry.held:
                raise entry.refuse(key, "left out where no time is named")
        if not 2 <= split.folds <= 20:
            raise entry.refuse("folds", "2 to 20")
    else:
        _check_time(entry, [fit_until, judge_from] if until is None else [fit_until, until, judge_from])
    if until is None and not 0.05 <= split.calibrate_share <= 0.5:
        raise entry.refuse("calibrate_share", "0.05 to 0.5")
    return split


def _check_time(entry: Entry, limits: list[float | str | None]) -> None:
    """Fitting, calibrating and judging follow each other."""
    for key in ("fit_until", "judge_from"):
        if key not in entry.held:
            raise entry.refuse(key, "the value of the time column where that set ends or begins")
    alike = len({type(limit) for limit in limits}) == 1
    if not alike or any(not first < then for first, then in pairwise(limits)):  # type: ignore[operator]  # all alike
        raise TableError(
            f"{entry.where}: fitting, calibrating and judging follow each other in time: fit_until, then"
            " calibrate_until if it is given, then judge_from, each later than the one before."
        )


def _check(declaration: Declaration, top: Entry) -> None:
    if not declaration.columns:
        raise top.refuse("columns", "at least one column")
    if not declaration.outcomes:
        raise top.refuse("outcomes", "at least one outcome")
    layout = declaration.layout
    keys = {layout.row_id, layout.person, layout.cluster, layout.weight, layout.weight_within, layout.as_of}
    keys |= {split.time for split in declaration.splits}
    for column in declaration.columns:
        if column.read_from in keys:
            raise TableError(
                f"{top.file}: [columns.{column.name}] reads {column.read_from}, which says whose row it is,"
                " when or how much it counts. That is no sign of anything: leave it out of [columns]."
            )
    made = [name for column in declaration.columns for name, _ in column.made]
    twice = sorted({name for name in made if made.count(name) > 1})
    if twice:
        raise TableError(f"{top.file}: two columns would be called {', '.join(twice)}: rename one.")
    dates = [column.name for column in declaration.columns if column.type == "date"]
    if dates and not declaration.layout.as_of:
        raise TableError(
            f"{top.file}: [columns.{dates[0]}] is a date, and dates are read as days before the as-of date:"
            ' name the column that holds it, [table] as_of = "…".'
        )
    names = {column.name for column in declaration.columns}
    known = names | {column.read_from for column in declaration.columns} | set(declaration.families)
    for outcome in declaration.outcomes:
        where = f"{top.file}: [outcomes.{outcome.name}]"
        for name in outcome.without:
            if name not in known:
                raise TableError(f"{where} is without {name!r}, which is no declared column and no family.")
        for name, why in outcome.strong.items():
            if name not in names or not why.strip():
                raise TableError(f"{where} strong names declared columns, each with the reason why it stays.")
        if not declaration.inputs_of(outcome):
            raise TableError(f"{where} leaves no column to read.")
