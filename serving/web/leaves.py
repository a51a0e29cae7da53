"""Long lists in parts, by plain links. A list is never cut short without saying so and leading on."""

from __future__ import annotations

from serving.web.pages import Leaf
from serving.web.text import Translate

# As many lines as a part of a list holds.
LEAF = 100


def leaf_number(count: int, asked: int) -> int:
    """The part to show when this one is asked for; beyond either end, the one at that end.

    A list gets shorter while somebody turns its leaves; an old link then still leads somewhere.
    """
    last = max(1, -(-count // LEAF))
    return min(max(asked, 1), last)


def leaf(count: int, number: int, label: str, address: str, t: Translate) -> Leaf:
    """What is said below a part of a list, and the links to the parts beside it; nothing for a short list."""
    if count <= LEAF:
        return Leaf()
    first, last = LEAF * (number - 1) + 1, min(LEAF * number, count)
    return Leaf(
        shown=t("leaf.shown", first=first, last=last, count=count),
        label=t("leaf.label", list=label),
        before=address.format(number - 1) if number > 1 else "",
        after=address.format(number + 1) if last < count else "",
    )
