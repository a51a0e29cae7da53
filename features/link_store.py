"""Links, pairs for a person, decisions and merges in the identity store: dated, and never changed.

A link row says whose a record is from `known_on` on; the last row of a record stands. A decision says
what a person concluded of a pair; the last one stands, and undoing one is deciding again. Nothing here
looks for links (`features.links` does), and nothing leaves unsealed that names a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select

from features.identity import IdentityStore
from features.identity_tables import (
    DECISIONS,
    LINKED,
    LINKS,
    MERGES,
    PAIRS,
    STUDENT_NUMBERS,
    UNRESOLVED,
    batches,
    merged,
)
from features.person_numbers import normalise_student_number

SAME, DIFFERENT = "same", "different"
# How a link was found: by a number, by description, by a person, or as nobody who was known before.
EXACT, SPLINK, PERSON, NEW = "exact", "splink", "person", "new"
# One number told of two children: either is wrong somewhere or both are one, and nothing says which.
_EVEN = 0.5


class LinkError(ValueError):
    """A decision or link that cannot be made; the message says why and names nobody."""


@dataclass(frozen=True)
class Link:
    """Whose a record is, since when, how sure and how that was found; no child means nobody's."""

    source: str
    record_id: str
    child_key: str | None
    confidence: float
    method: str
    known_on: date
    superseded: bool = False
    decision: int | None = None


@dataclass(frozen=True)
class Pair:
    """A record and a child who may be meant, or (without source) two children who may be one."""

    pair: str
    source: str | None
    record_id: str | None
    left_key: str | None
    right_key: str
    confidence: float
    agreement: str
    listed_on: date


@dataclass(frozen=True)
class Decision:
    """What a person concluded of a pair. `reason` is None once a child it may name was deleted by right."""

    number: int
    pair: str
    verdict: str
    decided_by: str
    decided_at: datetime
    reason: str | None


class LinkStore:
    """The linking tables of one identity store."""

    def __init__(self, identity: IdentityStore) -> None:
        self.identity = identity
        self._engine = identity.engine

    # --- student numbers ------------------------------------------------------------------------

    def remember_student_numbers(self, rows: Iterable[tuple[str, str]], on: date) -> int:
        """Keep whose these (student number, child key) are; the child first told of stays.

        Two children of whom the same number is told are listed for a person; returned is how many.
        """
        told: dict[str, list[str]] = {}
        for number, child_key in rows:
            told.setdefault(self._student_token(number), []).append(child_key)
        clashes = set()
        with self._engine.begin() as connection:
            for tokens in batches(told):
                query = select(STUDENT_NUMBERS).where(STUDENT_NUMBERS.c.token.in_(tokens))
                known = {row.token: row.child_key for row in connection.execute(query)}
                for token in tokens:
                    first = known.get(token) or told[token][0]
                    clashes |= {(first, other) for other in told[token] if other != first}
                new = [{"token": t, "child_key": told[t][0]} for t in tokens if t not in known]
                if new:
                    connection.execute(insert(STUDENT_NUMBERS), new)
        self.list_pairs(
            Pair(self.pair_name(*each), None, None, min(each), max(each), _EVEN, "student_number=same", on)
            for each in clashes
        )
        return len(clashes)

    def child_of_student_number(self, number: str) -> str | None:
        """The child a student number stands for, None if nobody told; it is only ever compared whole."""
        query = select(STUDENT_NUMBERS.c.child_key).where(
            STUDENT_NUMBERS.c.token == self._student_token(number)
        )
        with self._engine.connect() as connection:
            return connection.scalar(query)

    def _student_token(self, number: str) -> str:
        return self.identity.token(f"student {normalise_student_number(number)}")

    # --- links ------------------------------------------------------------------------------------

    def add_links(self, links: Iterable[Link]) -> None:
        """Add links; one that says what already stands is left out."""
        standing = self.standing()
        rows = [
            {
                "source": each.source, "record_id": each.record_id, "child_key": each.child_key,
                "confidence": each.confidence, "method": each.method, "known_on": each.known_on,
                "decision": each.decision,
            }
            for each in links
            if (last := standing.get((each.source, each.record_id))) is None
            or (last.child_key, last.method, last.decision) != (each.child_key, each.method, each.decision)
        ]  # fmt: skip
        if rows:
            with self._engine.begin() as connection:
                connection.execute(insert(LINKS), rows)

    def history(self, source: str, record_id: str) -> tuple[Link, ...]:
        """Every link a record ever had, in order; all but the last are superseded."""
        query = (
            select(LINKS)
            .where(LINKS.c.source == source, LINKS.c.record_id == record_id)
            .order_by(LINKS.c.number)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(_link(row, superseded=row is not rows[-1]) for row in rows)

    def standing(self) -> dict[tuple[str, str], Link]:
        """The link that stands, of every record that has any."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(LINKS).order_by(LINKS.c.number)).all()
        return {(row.source, row.record_id): _link(row) for row in rows}

    def settle(self, records: Iterable[tuple[str, str]]) -> None:
        """These records are linked and in the lake: what they said of their child is kept beside the link."""
        self._carry(records, UNRESOLVED.name, LINKED.name)

    def reopen(self, records: Iterable[tuple[str, str]]) -> None:
        """The links of these records no longer stand: they wait for their child again."""
        self._carry(records, LINKED.name, UNRESOLVED.name)

    def drop(self, records: Iterable[tuple[str, str]]) -> None:
        """Destroy what these records said: their child was deleted by right."""
        with self._engine.begin() as connection:
            for source, record_id in records:
                for name in (UNRESOLVED.name, LINKED.name):
                    _take(connection, name, source, record_id)

    def _carry(self, records: Iterable[tuple[str, str]], out_of: str, into: str) -> None:
        with self._engine.begin() as connection:
            for source, record_id in records:
                row = _take(connection, out_of, source, record_id)
                if row is not None:
                    _take(connection, into, source, record_id)
                    connection.execute(insert(PAIRS.metadata.tables[into]).values(**row))

    # --- pairs and decisions ----------------------------------------------------------------------

    def pair_name(self, left: str, right: str) -> str:
        """The short name of a pair; `left` is a child key or source/record number."""
        first, second = sorted((left, right)) if "/" not in left else (left, right)
        return self.identity.token(f"pair {first} {second}")[:12]

    def list_pairs(self, pairs: Iterable[Pair]) -> None:
        """Put pairs before a person; one listed before gets its newest confidence."""
        rows = {each.pair: dict(vars(each)) for each in pairs}
        with self._engine.begin() as connection:
            for names in batches(rows):
                query = select(PAIRS.c.pair, PAIRS.c.listed_on).where(PAIRS.c.pair.in_(names))
                before = {row.pair: row.listed_on for row in connection.execute(query)}
                connection.execute(delete(PAIRS).where(PAIRS.c.pair.in_(list(before))))
                connection.execute(
                    insert(PAIRS),
                    [
                        {**rows[name], "listed_on": before.get(name, rows[name]["listed_on"])}
                        for name in names
                    ],
                )

    def pairs(self) -> dict[str, Pair]:
        """Every pair ever listed, surest first."""
        query = select(PAIRS).order_by(PAIRS.c.confidence.desc(), PAIRS.c.pair)
        with self._engine.connect() as connection:
            return {row.pair: Pair(**row._mapping) for row in connection.execute(query)}

    def decide(self, pair: str, verdict: str, *, by: str, at: datetime, reason: str) -> int:
        """Add a person's decision on a pair, and return its number. An earlier one no longer stands."""
        if verdict not in (SAME, DIFFERENT):
            raise LinkError(f"A decision is {SAME} or {DIFFERENT}.")
        by, reason = by.strip(), reason.strip()
        if not by or not reason:
            raise LinkError("A decision names who made it, and why.")
        with self._engine.begin() as connection:
            if connection.scalar(select(PAIRS.c.pair).where(PAIRS.c.pair == pair)) is None:
                raise LinkError("No pair of this name was ever listed.")
            sealed = self.identity.seal(reason.encode(), f"decision/{pair}")
            result = connection.execute(
                insert(DECISIONS).values(
                    pair=pair, verdict=verdict, decided_by=by[:64], sealed=sealed,
                    decided_at=at.replace(tzinfo=None, microsecond=0),
                )
            )  # fmt: skip
        [number] = result.inserted_primary_key or (0,)
        return int(number)

    def decisions(self, pair: str | None = None) -> tuple[Decision, ...]:
        """Every decision on a pair (on all, if None), in order."""
        query = select(DECISIONS).order_by(DECISIONS.c.number)
        if pair is not None:
            query = query.where(DECISIONS.c.pair == pair)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Decision(
                row.number, row.pair, row.verdict, row.decided_by, row.decided_at,
                self.identity.unseal(row.sealed, f"decision/{row.pair}").decode() if row.sealed else None,
            )
            for row in rows
        )  # fmt: skip

    def verdicts(self) -> dict[str, Decision]:
        """The decision that stands on each pair decided, in the order they were made."""
        standing = {each.pair: each for each in self.decisions()}
        return dict(sorted(standing.items(), key=lambda item: item[1].number))

    # --- merges -----------------------------------------------------------------------------------

    def merge(self, child_key: str, into: str | None, known_on: date, decision: int) -> None:
        """From now on the records of this child are those of `into` (of itself again, if None)."""
        with self._engine.begin() as connection:
            connection.execute(
                insert(MERGES).values(
                    child_key=child_key, into_key=into, known_on=known_on, decision=decision
                )
            )

    def merged(self) -> dict[str, str]:
        """Children merged into another, by key: whose their records are now."""
        with self._engine.connect() as connection:
            return merged(connection)

    def merge_history(self) -> list[tuple[str, str | None, date]]:
        """(child, into whom or None if parted again, since when) of every merge and parting, in order.

        Screenings, alerts and cases keep the key they were made under: they say what was seen then. By
        this list a queue can bring a case of a merged child to the child that stayed, and back.
        """
        query = select(MERGES.c.child_key, MERGES.c.into_key, MERGES.c.known_on).order_by(MERGES.c.number)
        with self._engine.connect() as connection:
            return [(row.child_key, row.into_key, row.known_on) for row in connection.execute(query)]

    def merges(self) -> list[tuple[str, str]]:
        """Every (child, into whom) that was ever merged, undone since or not."""
        query = select(MERGES.c.child_key, MERGES.c.into_key).where(MERGES.c.into_key.is_not(None))
        with self._engine.connect() as connection:
            return [(row.child_key, row.into_key) for row in connection.execute(query)]


def _link(row: object, *, superseded: bool = False) -> Link:
    kept = row._mapping  # type: ignore[attr-defined]  # a row of LINKS
    values = {name: kept[name] for name in kept if name != "number"}
    return Link(**values, superseded=superseded)


def _take(connection: Connection, name: str, source: str, record_id: str) -> dict[str, object] | None:
    """Remove one record from a table and return it."""
    table = PAIRS.metadata.tables[name]
    of_record = (table.c.source == source) & (table.c.record_id == record_id)
    row = connection.execute(select(table).where(of_record)).one_or_none()
    connection.execute(delete(table).where(of_record))
    return dict(row._mapping) if row is not None else None
