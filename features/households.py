"""Which children are registered as one household: a keyed pseudonym they share, for one visit together.

The household's number lies sealed beside each child's name and never leaves the identity store. Nothing here
reaches the lake, so no feature can be made of it: siblings are visited together and never scored together.
"""

from __future__ import annotations

from collections.abc import Iterable

from features.identity import IdentityStore
from features.known import HOUSEHOLD


def households(identity: IdentityStore, child_keys: Iterable[str]) -> dict[str, str]:
    """Child key → pseudonym of the household last told of; children of whom none was told are left out."""
    return {
        known.child_key: f"h{identity.token(f'household {told[-1]}')}"
        for known in identity.known(child_keys)
        if (told := known.also.get(HOUSEHOLD))
    }
