"""What a grown booster does with a value that was never unknown while it grew, and is unknown later.

LightGBM takes such a value for 0, and with that a department's silence for "nothing happened". Here it
goes the way most children went at each split instead. Known values, and values that were unknown while
the booster grew, go where they went before. Works on the booster's text; pure.
"""

from __future__ import annotations

import re

# LightGBM's decision types: bit 1 says that unknown goes left, bits 2 and 3 what counts as unknown.
_UNKNOWN_LEFT, _UNKNOWN_BITS, _UNKNOWN_IS_NAN = 2, 12, 8


def unknown_goes_with_most(booster_text: str) -> str:
    """The same booster with that one difference."""
    head, *trees = re.split(r"(?=^Tree=\d+$)", booster_text, flags=re.MULTILINE)
    last, mark, tail = trees.pop().partition("end of trees")
    trees = [_tree(tree) for tree in [*trees, last]]
    # The head tells a reader how many bytes each tree has.
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    head = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", head, flags=re.MULTILINE)
    return "".join([head, *trees, mark, tail])


def _tree(tree: str) -> str:
    fields = dict(line.split("=", 1) for line in tree.splitlines() if "=" in line)
    if not fields.get("decision_type"):  # a tree of a single leaf asks nothing
        return tree
    kinds, left, right, inner, leaves = (
        [int(number) for number in fields[name].split()]
        for name in ("decision_type", "left_child", "right_child", "internal_count", "leaf_count")
    )

    def rows(child: int) -> int:
        return inner[child] if child >= 0 else leaves[~child]

    asked = [
        kind
        if kind & _UNKNOWN_BITS
        else kind & ~_UNKNOWN_LEFT | _UNKNOWN_IS_NAN | (_UNKNOWN_LEFT if rows(low) >= rows(high) else 0)
        for kind, low, high in zip(kinds, left, right, strict=True)
    ]
    line = " ".join(str(kind) for kind in asked)
    return re.sub(r"^decision_type=.*$", f"decision_type={line}", tree, flags=re.MULTILINE)
