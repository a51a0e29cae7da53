"""Exact path-dependent TreeSHAP of a whole cohort, or of one child, to the same bits.

What each feature adds to the margin of each row, as LightGBM defines it (`pred_contrib`), looked up in
the booster's tables instead of worked out row by row. Many rows are answered part by part, few rows
row by row; both add the same numbers in the same order, so a child screened alone gets the reasons it
got with the county. What the tables do not hold, `models.margins` leaves to LightGBM.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.tree_tables import Bit, DeepLeaf, Group, Tables, Test, Unknown

Floats = npt.NDArray[np.float64]
_Bits = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.intp]

# Rows worked on at once: enough that numpy's own cost per call vanishes, few enough for the cache.
BLOCK = 4096
# Up to so many rows, row by row is faster than part by part.
FEW = 32
# Tests answered at once, so that the values gathered for them stay in the cache.
_TESTS = 64
# What LightGBM takes for nought: a float of this size, both ends included.
_NOUGHT = float(np.float32(1e-35))


@dataclass(frozen=True)
class Asked:
    """The tests, those that treat what is not known alike together, so that each is one comparison."""

    number: int
    by_unknown: tuple[tuple[Unknown, _Places, _Places, Floats], ...]  # tests, their features and limits
    by_kind: tuple[tuple[int, Test], ...]
    features: _Places  # of each test, for one row
    limits: Floats
    if_unknown: npt.NDArray[np.bool_]
    if_nought: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, tests: Sequence[Test]) -> Asked:
        alike = {
            unknown: [n for n, test in enumerate(tests) if test.unknown is unknown and test.among is None]
            for unknown in Unknown
        }
        return cls(
            number=len(tests),
            by_unknown=tuple(
                (
                    unknown,
                    _whole(part),
                    _whole(tests[n].feature for n in part),
                    np.array([tests[n].limit for n in part])[:, None],
                )
                for unknown, numbers in alike.items()
                for part in (numbers[at : at + _TESTS] for at in range(0, len(numbers), _TESTS))
            ),
            by_kind=tuple((n, test) for n, test in enumerate(tests) if test.among is not None),
            features=_whole(test.feature for test in tests),
            limits=np.array([test.limit for test in tests], dtype=np.float64),
            if_unknown=np.array([_if_unknown(test) for test in tests], dtype=np.bool_),
            if_nought=np.array([_if_nought(test) for test in tests], dtype=np.bool_),
        )

    def answers(self, rows: Floats) -> _Bits:
        """1 where a row passes a test; one line a test. `rows` has one line a feature."""
        # What is not known becomes a value that goes where the test sends it: -inf is at most
        # everything, even a limit of -inf, and NaN is at most nothing, not even inf.
        unknown = np.isnan(rows)
        known = np.where(unknown | (np.abs(rows) <= _NOUGHT), 0.0, rows)
        nought = known == 0.0
        given = {
            Unknown.AS_NOUGHT: lambda: known,
            Unknown.LEFT: lambda: np.where(unknown, -np.inf, known),
            Unknown.RIGHT: lambda: np.where(unknown, np.nan, known),
            Unknown.NOUGHT_TOO_LEFT: lambda: np.where(nought, -np.inf, known),
            Unknown.NOUGHT_TOO_RIGHT: lambda: np.where(nought, np.nan, known),
        }
        read = {kind: given[kind]() for kind in {kind for kind, *_ in self.by_unknown}}
        found = np.empty((self.number, rows.shape[1]), dtype=np.uint8)
        for kind, places, features, limits in self.by_unknown:
            found[places] = read[kind][features] <= limits
        for place, test in self.by_kind:
            found[place] = _among(rows[test.feature], test.among or frozenset())
        return found

    def answers_of_one(self, row: Floats) -> _Bits:
        """The same for one row, each test with what it says of the unknown and of nought beside it."""
        cells = row[self.features]
        found = cells <= self.limits
        np.copyto(found, self.if_unknown, where=np.isnan(cells))
        np.copyto(found, self.if_nought, where=np.abs(cells) <= _NOUGHT)
        for place, test in self.by_kind:
            at = slice(test.feature, test.feature + 1)
            found[place] = _among(row[at], test.among or frozenset())[0]
        return found.view(np.uint8)


def _if_unknown(test: Test) -> bool:
    if test.unknown is Unknown.AS_NOUGHT:
        return test.limit >= 0.0
    return test.unknown in (Unknown.LEFT, Unknown.NOUGHT_TOO_LEFT)


def _if_nought(test: Test) -> bool:
    if test.unknown in (Unknown.NOUGHT_TOO_LEFT, Unknown.NOUGHT_TOO_RIGHT):
        return test.unknown is Unknown.NOUGHT_TOO_LEFT
    return test.limit >= 0.0


@dataclass(frozen=True)
class _Bitted:
    """The bits of many groups or leaves end to end: which tests, as wanted or not, make which pattern."""

    tests: _Places
    wanted: npt.NDArray[np.bool_]
    bit_starts: _Places
    shifts: _Places
    part_starts: _Places

    @classmethod
    def of(cls, parts: Sequence[Group | DeepLeaf]) -> _Bitted:
        bits = [bit for part in parts for bit in part.bits]
        tests = [test for bit in bits for test in bit]
        return cls(
            tests=_whole(test for test, _ in tests),
            wanted=np.array([wanted for _, wanted in tests], dtype=np.bool_),
            bit_starts=_starts(len(bit) for bit in bits),
            shifts=_whole(place for part in parts for place in range(len(part.bits))),
            part_starts=_starts(len(part.bits) for part in parts),
        )

    def patterns(self, answers: _Bits) -> _Places:
        """The pattern of each part, for one row's answers."""
        if not len(self.tests):
            return np.empty(0, dtype=np.intp)
        as_wanted = answers[self.tests] == self.wanted
        on = np.logical_and.reduceat(as_wanted, self.bit_starts).astype(np.intp)
        return np.add.reduceat(on << self.shifts, self.part_starts)


@dataclass(frozen=True)
class _OneRow:
    """All groups and deep leaves end to end, for answering one row with a handful of numpy calls."""

    groups: _Bitted
    group: _Places  # of each line of a table
    lines: _Places  # where the line begins in `table`
    table: Floats
    deep: _Bitted
    leaf: _Places  # of each feature of a deep leaf
    bits: _Places
    through: Floats  # 1 - share
    leaf_starts: _Places  # where the feature's leaf begins in `size` and `weight`
    size: Floats
    weight: Floats
    features: _Places  # of the lines, then of the deep leaves

    @classmethod
    def of(cls, tables: Tables) -> _OneRow:
        groups = list(itertools.chain(*tables.groups))
        deep = list(itertools.chain(*tables.deep))
        parts: list[Group | DeepLeaf] = [*groups, *deep]
        starts = _starts(len(leaf.size) for leaf in deep)
        leaf = _whole(place for place, leaf in enumerate(deep) for _ in leaf.features)
        return cls(
            groups=_Bitted.of(groups),
            group=_whole(place for place, group in enumerate(groups) for _ in group.features),
            lines=_starts(group.table.shape[1] for group in groups for _ in group.features),
            table=np.concatenate([np.empty(0), *(group.table.ravel() for group in groups)]),
            deep=_Bitted.of(deep),
            leaf=leaf,
            bits=_whole(1 << place for leaf in deep for place in range(len(leaf.features))),
            through=1.0 - np.array([share for leaf in deep for share in leaf.shares], dtype=np.float64),
            leaf_starts=starts[leaf],
            size=np.concatenate([np.empty(0), *(leaf.size for leaf in deep)]),
            weight=np.concatenate([np.empty(0), *(leaf.weight for leaf in deep)]),
            features=_whole(feature for part in parts for feature in part.features),
        )

    def sums(self, answers: _Bits, columns: int) -> Floats:
        """What each feature adds for one row's answers."""
        from_groups = self.table[self.lines + self.groups.patterns(answers)[self.group]]
        pattern = self.deep.patterns(answers)[self.leaf]
        on = (pattern & self.bits) > 0
        weight = self.weight[self.leaf_starts + (pattern & ~self.bits)]
        from_deep = np.where(on, self.through, -1.0) * weight * self.size[self.leaf_starts + pattern]
        adds = np.concatenate([from_groups, from_deep])
        return np.asarray(np.bincount(self.features, adds, minlength=columns), dtype=np.float64)


@dataclass(frozen=True)
class Ready:
    """The tables of a booster, laid out for whoever looks something up in them."""

    tables: Tables
    asked: Asked
    one_row: _OneRow

    @classmethod
    def of(cls, tables: Tables) -> Ready:
        """Laid out once, which takes as long as looking up some hundred rows."""
        return cls(tables, Asked.of(tables.tests), _OneRow.of(tables))

    def contributions(self, values: Floats) -> Floats:
        """One column a feature, then the base; a row sums to its margin."""
        if values.shape[1] != self.tables.columns:
            raise ValueError(f"The booster reads {self.tables.columns} columns, not {values.shape[1]}.")
        found = np.empty((len(values), self.tables.columns + 1))
        for start in range(0, len(values), BLOCK):
            part = values[start : start + BLOCK]
            into = found[start : start + BLOCK]
            if len(part) > FEW:
                answers = self.asked.answers(np.ascontiguousarray(part.T, dtype=np.float64))
                into[:, :-1] = _part_by_part(self.tables, answers).T
            else:
                for row, line in zip(part, into, strict=True):
                    line[:-1] = self.one_row.sums(self.asked.answers_of_one(row), self.tables.columns)
        found[:, -1] = self.tables.base
        return found


def _among(values: Floats, among: frozenset[int]) -> npt.NDArray[np.bool_]:
    """Whether a value, cut to a whole number as LightGBM cuts it, is one of these; unknown is none."""
    inside = (values > -1.0) & (values < 2.0**31)
    return inside & np.isin(np.where(inside, values, 0.0).astype(np.int64), sorted(among))


def _part_by_part(tables: Tables, answers: _Bits) -> Floats:
    """What each feature adds, one line a feature, for many rows' answers."""
    sums = np.zeros((tables.columns, answers.shape[1]))
    lines = np.empty(
        (max((len(g.features) for g in itertools.chain(*tables.groups)), default=0), len(sums[0]))
    )
    for tree in tables.groups:
        worked_out: dict[Bit, _Bits] = {}  # the groups of a tree share the way from its root
        for group in tree:
            pattern = _pattern(group.bits, answers, worked_out)
            # A pattern is never outside its table; "clip" only spares numpy a second buffer.
            found = lines[: len(group.features)]
            np.take(group.table, pattern, axis=1, out=found, mode="clip")
            for feature, line in zip(group.features, found, strict=True):
                sums[feature] += line
    for leaves in tables.deep:
        worked_out = {}
        for leaf in leaves:
            pattern = _pattern(leaf.bits, answers, worked_out)
            size = leaf.size.take(pattern)
            without = -leaf.weight.take(pattern) * size
            for place, (feature, share) in enumerate(zip(leaf.features, leaf.shares, strict=True)):
                through = leaf.weight.take(pattern & ~(1 << place))
                through *= 1.0 - share
                through *= size
                sums[feature] += np.where(worked_out[leaf.bits[place]], through, without)
    return sums


def _pattern(bits: Sequence[Bit], answers: _Bits, worked_out: dict[Bit, _Bits]) -> _Places:
    found = np.zeros(answers.shape[1], dtype=np.uint32)
    for place, bit in enumerate(bits):
        if bit not in worked_out:
            worked_out[bit] = _bit(bit, answers)
        found |= np.left_shift(worked_out[bit], place, dtype=np.uint32)
    return found.astype(np.intp)


def _bit(bit: Bit, answers: _Bits) -> _Bits:
    (test, wanted), *others = bit
    found: _Bits = answers[test] if wanted else answers[test] ^ 1
    for test, wanted in others:
        found = found & (answers[test] if wanted else answers[test] ^ 1)
    return found


def _whole(numbers: Iterable[int]) -> _Places:
    return np.fromiter(numbers, dtype=np.intp)


def _starts(lengths: Iterable[int]) -> _Places:
    ends = np.cumsum(_whole(lengths))
    return np.concatenate([np.zeros(1, dtype=np.intp), ends])[: len(ends)]
