"""May requests come here? What is in the way, in sentences for the log; they name no person and no case."""

from __future__ import annotations

from serving.review.checking import newest_look
from serving.review.store import Store, StoreError, newest_revision


def troubles(store: Store) -> list[str]:
    """Why this service should not be asked; empty if it may be.

    A log that is not whole is a reason too: somebody has had the database in hands, and a person must look.
    """
    try:
        store.check_reachable()
    except StoreError as unreachable:
        return [str(unreachable)]
    revision = store.revision()
    if revision != newest_revision():
        return [f"The tables stand at revision {revision}, this version wants {newest_revision()}."]
    with store.read() as session:
        look = newest_look(session)
    if look is not None and look.fault is not None:
        return [f"The log of the review store is not whole. {look.fault}"]
    return []
