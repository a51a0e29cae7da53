"""Carries out granted deletions: first everywhere the lake and the identity store reach, then the request.

A page cannot delete from the lake, so a granted request waits here for the worker. Killed anywhere between,
the next turn finishes: deleting again finds nothing, and a request whose child is gone is done. A case that
a report of danger has opened since the request was granted comes first, and so does a mandatory report that
waits for its receipt: people settle these, and not this.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from serving.review import rights
from serving.review.case import Refused
from serving.review.forgetting import DELETED, forget
from serving.review.one_child import KeysOf, only_itself
from serving.review.store import Store

# Deletes one child by its key, on a basis, from lake, identity store, quarantine and reports.
Erase = Callable[[str, str], None]


def erase_settled(
    store: Store, keys: Collection[str], erase: Callable[[], list[str]], now: Callable[[], datetime]
) -> list[str]:
    """Delete the child with these keys here and, by `erase`, elsewhere; what that said is gone.

    Raises Refused while something of it is unsettled.
    """
    with store.read() as session:
        unsettled = rights.not_settled(session, keys)
    if unsettled is not None:
        raise Refused(unsettled)
    gone = erase()
    forget(store, keys, now())
    return gone


def erase_granted(
    store: Store, erase: Erase, now: Callable[[], datetime], keys_of: KeysOf = only_itself
) -> int:
    """Carry out every granted deletion of a child of whom nothing is unsettled under any key; how many."""
    with store.read() as session:
        waiting = [
            (row.id, row.child_key)
            for row in rights.to_erase(session)
            if rights.not_settled(session, keys_of(row.child_key)) is None
        ]
    for number, child_key in waiting:
        if child_key != DELETED:
            erase(child_key, f"request {number}")
            forget(store, [child_key], now())
        with store.write() as session:
            rights.erased(session, number, now())
    return len(waiting)
