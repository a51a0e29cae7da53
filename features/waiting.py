"""Records whose child nobody knows yet, as far as they are of a kind that goes straight to a person.

A report of danger without a usable number is the one that must not lie on a list: whose child it is may take
days to find. Each stands here under a key of its own, as a child without number would, until a link gives it
a child. Names and numbers are left where they are sealed.
"""

from __future__ import annotations

import json

import pandas as pd
from sqlalchemy import select

from features.identity import IdentityStore, Waiting, open_identity
from features.identity_tables import UNRESOLVED
from features.language import NAME
from features.link_store import PERSON, Link
from features.linked_records import from_cells
from features.settings import Settings
from features.triggers import TRIGGERS

SOURCES = tuple(dict.fromkeys(trigger.fact.source.name for trigger in TRIGGERS))


def waiting_reports(settings: Settings) -> dict[str, pd.DataFrame]:
    """The waiting records of this data home, as `in_waiting` gives them."""
    identity = open_identity(settings)
    try:
        return in_waiting(identity)
    finally:
        identity.close()


def in_waiting(identity: IdentityStore) -> dict[str, pd.DataFrame]:
    """Source name → its waiting records in the lake's columns, each the only version of its record.

    Only sources of hard triggers and requests; a source nobody waits in is left out.
    """
    query = select(UNRESOLVED).where(UNRESOLVED.c.source.in_(SOURCES)).order_by(UNRESOLVED.c.record_id)
    with identity.engine.connect() as connection:
        rows = connection.execute(query).all()
    found = []
    for row in rows:
        cells = json.loads(identity.unseal(row.sealed, f"{row.source}/{row.record_id}"))
        waits = Waiting(row.source, row.record_id, row.delivery, row.received_on, row.reason, cells)
        key = identity.key_without_number(row.source, row.record_id)
        found.append((waits, Link(row.source, row.record_id, key, 0.0, PERSON, row.received_on)))
    return {
        name: frame.drop(columns=[NAME.name], errors="ignore").assign(
            version=1, superseded_on=pd.Series(pd.NaT, index=frame.index)
        )
        for name, frame in from_cells(found).items()
    }


__all__ = ["SOURCES", "in_waiting", "waiting_reports"]
