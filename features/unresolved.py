"""What became of the delivered rows whose child was not known when they came.

    linked       the child was found later: by student number, by description, by a person, or as a new child
    superseded   the record was delivered again later, and that row counts in place of this one
    deleted      the child was found and has since been deleted by right, or the record was withdrawn
    waiting      nobody knows yet

Every such row is in exactly one of these. Nothing is opened for counting: names stay sealed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow.parquet as pq

from features.identity import NO_NUMBER, IdentityStore
from features.identity_tables import LINKED, UNRESOLVED
from features.lake import Lake
from features.linked_records import LINKS_FILE
from features.quarantine import FileSummary

Record = tuple[str, str]


@dataclass(frozen=True)
class Whereabouts:
    """Where the records without a known child are now, by source and record number → delivery."""

    linked: Mapping[Record, str] = field(default_factory=dict)
    waiting: Mapping[Record, str] = field(default_factory=dict)
    # Refused for a number that cannot be the child's, and found by a person all the same: by source.
    found_refused: Mapping[str, int] = field(default_factory=dict)
    # Records that came with a number too, of those asked about.
    by_number: frozenset[Record] = frozenset()
    # Children deleted by right, and how many of their accepted records went with them, by source.
    forgotten: int = 0
    purged: Mapping[str, int] = field(default_factory=dict)

    def of(self, record: Record, delivery: str) -> str:
        """What became of a row of this record that came in this delivery."""
        if self.linked.get(record) == delivery:
            return "linked"
        if self.waiting.get(record) == delivery:
            return "waiting"
        if record in self.linked or record in self.waiting or record in self.by_number:
            return "superseded"
        return "deleted"

    def counts(self, files: Iterable[FileSummary]) -> Counter[str]:
        """How many rows without a number of these files became what."""
        return Counter(
            self.of((each.source, record_id), each.delivery)
            for each in files
            for record_id in each.unresolved_ids
        )


def whereabouts(lake: Lake, identity: IdentityStore, files: Iterable[FileSummary]) -> Whereabouts:
    """Where the rows without a number of these files are now."""
    linked, waiting = identity.places(LINKED.name), identity.places(UNRESOLVED.name)
    asked = {(each.source, record_id) for each in files for record_id in each.unresolved_ids}
    purged: Counter[str] = Counter()
    for each in lake.purges():
        purged[each["source"]] += each["rows"]
    found = Counter(source for (source, _), place in linked.items() if place[1] != NO_NUMBER)
    return Whereabouts(
        linked={record: place[0] for record, place in linked.items() if place[1] == NO_NUMBER},
        waiting={record: place[0] for record, place in waiting.items() if place[1] == NO_NUMBER},
        found_refused=dict(found),
        by_number=_by_number(lake, asked - set(linked) - set(waiting)),
        forgotten=sum(1 if event == "forgotten" else -1 for _, event, _ in identity.deletions()),
        purged=dict(purged),
    )


def _by_number(lake: Lake, asked: set[Record]) -> frozenset[Record]:
    """Those of these records that stand in the lake by a file and not by a link."""
    links = {row.delivery for row in lake.deliveries() if row.file == LINKS_FILE}
    found: set[Record] = set()
    for name, path in lake.tables().items():
        wanted = [record_id for source, record_id in asked if source == name]
        if wanted:
            rows = pq.read_table(
                path, columns=["record_id", "delivery"], filters=[("record_id", "in", wanted)]
            )
            found |= {(name, row["record_id"]) for row in rows.to_pylist() if row["delivery"] not in links}
    return frozenset(found)


__all__ = ["Whereabouts", "whereabouts"]
