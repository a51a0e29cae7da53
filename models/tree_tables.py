"""A booster laid out as tables, so that reasons are looked up instead of worked out for every row.

What a leaf adds to the reasons (path-dependent TreeSHAP) depends on the row only through which of the
features on the leaf's path let the row through. Those are few, so all patterns can be worked out once:

    tests     every distinct question the booster asks: is this feature at most so much?
    bits      a test, or several tests that must all turn out as wanted
    group     a part of a tree whose leaves hang on few bits; its table has a line for every pattern of
              bits and in it, for every feature, the sum over the group's leaves
    deep leaf a leaf whose path asks about too many features for a group of its own; see `DeepLeaf`
    walk      the tree itself, for the margin

Nothing here looks at a row. A booster that does not fit is refused with a sentence, never approximated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Bits of a group: more make fewer, larger tables, which no longer fit the processor's cache.
MOST_BITS = 10
# Features on one path: beyond these even the table of a single leaf would not fit.
MOST_FEATURES = 20
# Numbers in all tables together, 800 MB.
MOST_NUMBERS = 100_000_000


class NotInTables(ValueError):
    """A booster that cannot be laid out in tables; the message says why."""


class Unknown(Enum):
    """What a test does with a value that is not known (or is nought, where nought stands for that)."""

    AS_NOUGHT = 0
    LEFT = 1
    RIGHT = 2
    NOUGHT_TOO_LEFT = 3
    NOUGHT_TOO_RIGHT = 4


@dataclass(frozen=True)
class Test:
    """One question: is the feature at most `limit`, or, where `among` is given, one of these kinds?"""

    feature: int
    limit: float
    unknown: Unknown
    among: frozenset[int] | None = None


# A bit is 1 where each of these tests (by number) turns out as wanted.
Bit = tuple[tuple[int, bool], ...]


@dataclass(frozen=True)
class Group:
    """A part of a tree: one line of the table a feature, one column a pattern of bits (the first lowest)."""

    bits: tuple[Bit, ...]
    features: tuple[int, ...]
    table: Floats


@dataclass(frozen=True)
class DeepLeaf:
    """A leaf by itself. Bit j says whether feature j lets the row through, as it does `shares[j]` of all.

    With pattern A, feature j adds `(1 - shares[j]) * weight[A without j] * size[A]` where it lets the
    row through, and `-weight[A] * size[A]` where it does not.
    """

    bits: tuple[Bit, ...]
    features: tuple[int, ...]
    shares: tuple[float, ...]
    size: Floats
    weight: Floats


@dataclass(frozen=True)
class Walk:
    """A tree as rows go through it: the test of each node, where it sends them; below 0 to the leaf ~way."""

    tests: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaf_values: tuple[float, ...]


@dataclass(frozen=True)
class Tables:
    """A whole booster: groups, deep leaves and the walk of each tree, and what all rows have in common."""

    columns: int
    base: float
    tests: tuple[Test, ...]
    groups: tuple[tuple[Group, ...], ...]
    deep: tuple[tuple[DeepLeaf, ...], ...]
    walks: tuple[Walk, ...]


def tables_of(
    booster_text: str,
    most_bits: int = MOST_BITS,
    most_features: int = MOST_FEATURES,
    most_numbers: int = MOST_NUMBERS,
) -> Tables:
    """The tables of a booster in LightGBM's text; NotInTables if it asks or adds up in another way."""
    head, *parts = re.split(r"^Tree=\d+$", booster_text.partition("end of trees")[0], flags=re.MULTILINE)
    about = _fields(head)
    if about.get("num_class") != "1" or about.get("num_tree_per_iteration") != "1":
        raise NotInTables("the booster tells more than two classes apart")
    if re.search(r"^average_output$", head, flags=re.MULTILINE):
        raise NotInTables("the booster averages its trees")
    building = _Building(most_bits, most_features, most_numbers)
    trees = [_tree(_fields(part)) for part in parts]
    cut = [tuple(building.cut(tree)) for tree in trees]
    return Tables(
        columns=int(about["max_feature_idx"]) + 1,
        base=math.fsum(tree.mean for tree in trees),
        tests=tuple(building.tests),
        groups=tuple(tuple(part for part in parts if isinstance(part, Group)) for parts in cut),
        deep=tuple(tuple(part for part in parts if isinstance(part, DeepLeaf)) for parts in cut),
        walks=tuple(building.walk(tree) for tree in trees),
    )


def _fields(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


@dataclass(frozen=True)
class _Tree:
    """One tree; a child below 0 is the leaf ~child."""

    tests: tuple[Test, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    rows: tuple[int, ...]
    leaf_rows: tuple[int, ...]
    leaf_values: tuple[float, ...]

    def count(self, child: int) -> int:
        return self.rows[child] if child >= 0 else self.leaf_rows[~child]

    def share(self, node: int, goes_left: bool) -> float:
        """The part of a node's children that went this way while the booster grew."""
        return self.count((self.left if goes_left else self.right)[node]) / self.rows[node]

    @property
    def mean(self) -> float:
        """What the tree adds on average."""
        if not self.tests:
            return self.leaf_values[0]
        return math.fsum(
            rows / self.rows[0] * value for rows, value in zip(self.leaf_rows, self.leaf_values, strict=True)
        )


def _tree(fields: dict[str, str]) -> _Tree:
    def whole(name: str) -> tuple[int, ...]:
        return tuple(int(number) for number in fields.get(name, "").split())

    if fields.get("is_linear", "0") != "0":
        raise NotInTables("the booster has lines in its leaves")
    rows = whole("internal_count")
    values = tuple(float(number) for number in fields["leaf_value"].split())
    if 0 in rows:
        raise NotInTables("a node of the booster saw no child while it grew")
    words, starts = whole("cat_threshold"), whole("cat_boundaries")
    limits = [float(number) for number in fields.get("threshold", "").split()]
    tests = tuple(
        _test(feature, limit, kind, words, starts)
        for feature, limit, kind in zip(whole("split_feature"), limits, whole("decision_type"), strict=True)
    )
    return _Tree(tests, whole("left_child"), whole("right_child"), rows, whole("leaf_count"), values)


def _test(feature: int, limit: float, kind: int, words: Sequence[int], starts: Sequence[int]) -> Test:
    # LightGBM's decision types: bit 0 categorical, bit 1 unknown goes left, bits 2 and 3 what is unknown.
    if kind & 1:
        part = words[starts[int(limit)] : starts[int(limit) + 1]]
        among = frozenset(
            32 * place + bit for place, word in enumerate(part) for bit in range(32) if word >> bit & 1
        )
        return Test(feature, 0.0, Unknown.RIGHT, among)
    goes_left = bool(kind & 2)
    match kind >> 2 & 3:
        case 0:
            return Test(feature, limit, Unknown.AS_NOUGHT)
        case 1:
            return Test(feature, limit, Unknown.NOUGHT_TOO_LEFT if goes_left else Unknown.NOUGHT_TOO_RIGHT)
        case _:
            return Test(feature, limit, Unknown.LEFT if goes_left else Unknown.RIGHT)


# The way from the root: nodes, and whether it leaves each to the left.
_Path = tuple[tuple[int, bool], ...]


@dataclass
class _Building:
    """The tests met so far and the room taken, while the trees are cut."""

    most_bits: int
    most_features: int
    most_numbers: int
    tests: dict[Test, int] = field(default_factory=dict)
    numbers: int = 0

    def cut(self, tree: _Tree) -> Iterator[Group | DeepLeaf]:
        """The parts of a tree; none if it asks nothing."""
        if tree.tests:
            yield from self._cut(tree, 0, ())

    def walk(self, tree: _Tree) -> Walk:
        """The tree itself, once it was cut."""
        return Walk(tuple(self.tests[test] for test in tree.tests), tree.left, tree.right, tree.leaf_values)

    def _cut(self, tree: _Tree, node: int, path: _Path) -> Iterator[Group | DeepLeaf]:
        above = _features(tree, path)
        if len(above) + len(_nodes(tree, node)) <= self.most_bits:
            yield self._group(tree, node, path)
        elif node < 0:
            yield self._deep_leaf(tree, node, path)
        else:
            yield from self._cut(tree, tree.left[node], (*path, (node, True)))
            yield from self._cut(tree, tree.right[node], (*path, (node, False)))

    def _bit(self, tree: _Tree, ways: _Path) -> Bit:
        return tuple(
            (self.tests.setdefault(tree.tests[node], len(self.tests)), goes_left) for node, goes_left in ways
        )

    def _above(self, tree: _Tree, path: _Path) -> dict[int, Bit]:
        """For each feature asked about on the way: whether it lets a row through all along."""
        return {
            feature: self._bit(tree, tuple(way for way in path if tree.tests[way[0]].feature == feature))
            for feature in _features(tree, path)
        }

    def _group(self, tree: _Tree, top: int, path: _Path) -> Group:
        above = self._above(tree, path)
        own = {node: len(above) + place for place, node in enumerate(_nodes(tree, top))}
        bits = (*above.values(), *(self._bit(tree, ((node, True),)) for node in own))
        features = tuple(dict.fromkeys([*above, *(tree.tests[node].feature for node in own)]))
        self._room_for(len(features) << len(bits))
        patterns = np.arange(1 << len(bits))
        is_on = [(patterns >> place & 1).astype(bool) for place in range(len(bits))]
        place_above = {feature: place for place, feature in enumerate(above)}
        table = np.zeros((len(features), len(patterns)))
        for leaf, whole_path in _leaves(tree, top, path):
            shares = _shares(tree, whole_path)
            through = {feature: is_on[place_above[feature]] for feature in shares if feature in above}
            for node, goes_left in whole_path[len(path) :]:
                feature = tree.tests[node].feature
                passes = is_on[own[node]] if goes_left else ~is_on[own[node]]
                through[feature] = through[feature] & passes if feature in through else passes
            pattern = np.zeros(len(patterns), dtype=np.intp)
            for place, feature in enumerate(shares):
                pattern |= through[feature].astype(np.intp) << place
            size, weight = _size_and_weight(tree.leaf_values[~leaf], tuple(shares.values()))
            without = -weight.take(pattern) * size.take(pattern)
            for place, (feature, share) in enumerate(shares.items()):
                lets_through = (1.0 - share) * weight.take(pattern & ~(1 << place)) * size.take(pattern)
                table[features.index(feature)] += np.where(through[feature], lets_through, without)
        return Group(bits, features, table)

    def _deep_leaf(self, tree: _Tree, leaf: int, path: _Path) -> DeepLeaf:
        above = self._above(tree, path)
        if len(above) > self.most_features:
            raise NotInTables(f"a leaf of the booster hangs on {len(above)} features")
        self._room_for(2 << len(above))
        shares = tuple(_shares(tree, path).values())
        size, weight = _size_and_weight(tree.leaf_values[~leaf], shares)
        return DeepLeaf(tuple(above.values()), tuple(above), shares, size, weight)

    def _room_for(self, numbers: int) -> None:
        self.numbers += numbers
        if self.numbers > self.most_numbers:
            raise NotInTables("the booster's tables would not fit into memory")


def _features(tree: _Tree, path: _Path) -> tuple[int, ...]:
    return tuple(dict.fromkeys(tree.tests[node].feature for node, _ in path))


def _nodes(tree: _Tree, top: int) -> list[int]:
    """The nodes from `top` downwards; none if it is a leaf."""
    if top < 0:
        return []
    return [top, *_nodes(tree, tree.left[top]), *_nodes(tree, tree.right[top])]


def _leaves(tree: _Tree, top: int, path: _Path) -> Iterator[tuple[int, _Path]]:
    if top < 0:
        yield top, path
    else:
        yield from _leaves(tree, tree.left[top], (*path, (top, True)))
        yield from _leaves(tree, tree.right[top], (*path, (top, False)))


def _shares(tree: _Tree, path: _Path) -> dict[int, float]:
    """For each feature on the way, the part of children it lets through, all its nodes together."""
    shares: dict[int, float] = {}
    for node, goes_left in path:
        feature = tree.tests[node].feature
        shares[feature] = shares.get(feature, 1.0) * tree.share(node, goes_left)
    return shares


def _size_and_weight(value: float, shares: Sequence[float]) -> tuple[Floats, Floats]:
    """Shapley's sum for every pattern A of d features that let a row through.

    `size` is the leaf's value times the shares of the features outside A. `weight` is the sum over all
    subsets S of A of |S|! (d - |S| - 1)! / d! times the shares of A without S: with e[m] the coefficient
    of x^m in the product over A of (share + x), that is the sum of m! (d - m - 1)! / d! e[m].
    """
    d = len(shares)
    size = np.full(1, value)
    e = np.zeros((d, 1))
    e[0] = 1.0
    for share in shares:
        larger = share * e
        larger[1:] += e[:-1]
        e = np.concatenate([e, larger], axis=1)
        size = np.concatenate([size * share, size])
    weight = np.zeros(1 << d)
    for m in range(d):
        weight += math.factorial(m) * math.factorial(d - m - 1) / math.factorial(d) * e[m]
    return size, weight
