"""Who the children are: the one place that holds names and ID numbers, sealed.

Everything else knows a child by its key, a keyed pseudonym of the normalised ID number that nobody
can compute without the pseudonym key. What is known of each child is sealed under a data key of its
own, which is itself sealed under the master key (`features.keys`): destroying the data key destroys
the child's values for good, in every copy of the database made afterwards.

This module refuses to store or compare invalid numbers, to open a store with another master key, to
make pseudonyms in another way than the store was begun with, and to say any value in an error. It
never logs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from sqlalchemy import Connection, Engine, delete, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError

from features.identity_rows import NO_NUMBER, Identity, UnresolvedRecord, Waiting
from features.identity_tables import (
    DECISIONS,
    DELETIONS,
    FORGOTTEN,
    FORGOTTEN_AS,
    IDENTITIES,
    KEYRING,
    LINKED,
    LINKS,
    METADATA,
    PAIRS,
    UNRESOLVED,
    batches,
    forgotten_among,
    linked_to,
    merged,
    open_database,
)
from features.keyring import PSEUDONYMS, ROWS, begin_keyring, opens, place, read_keyring, wrapping_key
from features.keys import (
    KEY_BYTES,
    Cipher,
    Digest,
    key_of_text,
    keyed_digest,
    new_key,
    read_or_make_key,
    seal,
    unseal,
)
from features.known import Known, joined
from features.person_numbers import IdentityError, masked_name, normalise_id_number, normalise_student_number
from features.settings import Settings


def open_identity(settings: Settings) -> IdentityStore:
    """The identity store of a data home, with the ciphers its settings ask for."""
    settings.home.mkdir(parents=True, exist_ok=True)
    return IdentityStore.open(
        settings.identity_url,
        key_of_text(settings.master_key, "MIAOHU_MASTER_KEY")
        if settings.master_key
        else read_or_make_key(settings.key_file),
        cipher=Cipher(settings.cipher),
        digest=Digest(settings.pseudonyms),
    )


class IdentityStore:
    """Names and ID numbers on one database. Open it with `IdentityStore.open`."""

    def __init__(
        self, engine: Engine, wrapping: bytes, cipher: Cipher, keyring: Mapping[str, tuple[str, bytes]]
    ) -> None:
        self.engine = engine
        self.cipher = cipher
        self.digest = Digest(keyring[PSEUDONYMS][0])
        self._wrapping = wrapping
        self._keyring = dict(keyring)
        self._pseudonym_key, self._row_key = (
            unseal(wrapping, keyring[purpose][1], place(purpose)) for purpose in (PSEUDONYMS, ROWS)
        )

    @classmethod
    def open(
        cls, url: str, master_key: bytes, *, cipher: Cipher = Cipher.AES, digest: Digest | None = None
    ) -> IdentityStore:
        """Open the store at this address, making it if it is not there. The master key must be its own.

        `cipher` is what new values are sealed with; both ciphers can be read. `digest` (SHA-256 if none)
        is fixed when the store is made, since another would make another child of every child.
        """
        if len(master_key) != KEY_BYTES:
            raise IdentityError(f"A master key has {KEY_BYTES} bytes.")
        engine = open_database(url)
        try:
            if inspect(engine).has_table("seal"):
                raise IdentityError(
                    "This identity store was made before keys could be rotated: take the deliveries in again"
                    " into a new data home."
                )
            METADATA.create_all(engine)
            keyring = read_keyring(engine) or begin_keyring(
                engine, master_key, cipher, digest or Digest.SHA256
            )
            if not opens(wrapping_key(master_key), keyring[ROWS][1], place(ROWS)):
                raise IdentityError("This identity store was made with another master key.")
            if digest is not None and keyring[PSEUDONYMS][0] != digest.value:
                raise IdentityError(
                    f"The child keys of this store are made with {keyring[PSEUDONYMS][0]}, not"
                    f" {digest.value}: changing that would part every child from its records."
                )
            return cls(engine, wrapping_key(master_key), cipher, keyring)
        except IdentityError:
            engine.dispose()
            raise
        except DBAPIError:
            engine.dispose()
            raise IdentityError(
                "The identity store cannot be used: its database does not open or is not one."
            ) from None

    def close(self) -> None:
        """Give back the database connections."""
        self.engine.dispose()

    # --- pseudonyms -----------------------------------------------------------------------------

    def child_key(self, id_number: str) -> str:
        """The child's pseudonym: the same for every way of writing the same number. Stores nothing."""
        return self._key_of(normalise_id_number(id_number))

    def key_without_number(self, source: str, record_id: str) -> str:
        """The pseudonym of a child without any number, known by the first record that spoke of it."""
        return self._key_of(f"record {source}/{record_id}")

    def token(self, text: str) -> str:
        """A short keyed digest, to tell things apart that must not be named."""
        return base64.b32encode(keyed_digest(self.digest, self._pseudonym_key, text)).decode()[:26].lower()

    def _key_of(self, text: str) -> str:
        return "c" + self.token(text)

    def people(self, child_keys: Iterable[str]) -> list[str]:
        """The same children in the same order, one merged into another under the key that stayed.

        What was written down under the old key (cases, alerts, screenings) stays as it was; its records
        are those of the child that stayed.
        """
        with self.engine.connect() as connection:
            into = merged(connection)
        return [into.get(key, key) for key in child_keys]

    # --- names and numbers ----------------------------------------------------------------------

    def remember(self, rows: Iterable[tuple[str, str]], on: date | None = None) -> None:
        """Keep these (ID number, name) pairs. A child keeps the name it first had; others are kept beside.

        Children deleted by right stay deleted.
        """
        told: dict[str, Known] = {}
        for id_number, name in rows:
            number = normalise_id_number(id_number)
            key = self._key_of(number)
            told[key] = joined(told.get(key), Known(key, name.strip(), number))
        self.remember_known(told.values(), on)

    def remember_known(self, children: Iterable[Known], on: date | None = None) -> None:
        """Keep what is known of these children, beside what was known before."""
        told = {each.child_key: each for each in children}
        with self.engine.begin() as connection:
            self._refuse_if_rotated(connection)
            for keys in batches(told):
                rows = connection.execute(select(IDENTITIES).where(IDENTITIES.c.child_key.in_(keys))).all()
                before = {row.child_key: (row, self._opened(row)) for row in rows}
                gone = forgotten_among(connection, keys)
                for key, (row, known) in before.items():
                    together = joined(known, told[key])
                    if together != known:
                        sealed = self._sealed_values(together, self._data_key(row))
                        connection.execute(
                            update(IDENTITIES).where(IDENTITIES.c.child_key == key).values(sealed=sealed)
                        )
                new = [self._new_row(told[key], on) for key in keys if key not in before and key not in gone]
                if new:
                    connection.execute(insert(IDENTITIES), new)

    def reveal(self, child_key: str) -> Identity | None:
        """Name and number of one child; None if unknown or deleted by right."""
        return next((Identity(known.name, known.id_number) for known in self.known([child_key])), None)

    def names(self, child_keys: Iterable[str]) -> dict[str, str]:
        """The names of those of these children who are known."""
        return {known.child_key: known.name for known in self.known(child_keys)}

    def known(self, child_keys: Iterable[str] | None = None) -> Iterator[Known]:
        """All that is known of these children (of all, if None), one by one."""
        with self.engine.connect() as connection:
            if child_keys is None:
                child_keys = connection.scalars(
                    select(IDENTITIES.c.child_key).order_by(IDENTITIES.c.child_key)
                ).all()
            for keys in batches(child_keys):
                for row in connection.execute(select(IDENTITIES).where(IDENTITIES.c.child_key.in_(keys))):
                    yield self._opened(row)

    def forget(self, child_key: str, on: date | None = None, basis: str | None = None) -> tuple[str, ...]:
        """Deletion by right: destroy the child's data key and values, keep only that it happened.

        A child forgotten once is not remembered again, whatever is delivered later. What records linked
        to the child said of it, and the reasons of decisions about it, are destroyed too. Returned are
        all keys the child ever had. With `basis` the deletion is entered in the log of deletions.
        """
        with self.engine.begin() as connection:
            keys = self._keys_of_person(connection, child_key)
            if basis is not None and on is not None and not forgotten_among(connection, [child_key]):
                self._log_deletion(connection, child_key, "forgotten", on, basis)
            for key in keys:
                self._forget(connection, key, on)
        return keys

    def readmit(self, child_key: str, on: date, basis: str) -> tuple[str, ...]:
        """Let a deleted child be taken in again from the next delivery on; nothing deleted comes back."""
        with self.engine.begin() as connection:
            keys = self._keys_of_person(connection, child_key)
            if not forgotten_among(connection, list(keys)):
                raise IdentityError("No child of this key was deleted by right.")
            for table in (FORGOTTEN, FORGOTTEN_AS):
                connection.execute(delete(table).where(table.c.child_key.in_(keys)))
            self._log_deletion(connection, child_key, "readmitted", on, basis)
        return keys

    def deletions(self) -> list[tuple[str, str, date]]:
        """(child key, forgotten or readmitted, day) of every deletion by right, in order."""
        query = select(DELETIONS).order_by(DELETIONS.c.number)
        with self.engine.connect() as connection:
            return [(row.child_key, row.event, row.done_on) for row in connection.execute(query)]

    def is_known_key(self, child_key: str) -> bool:
        """Whether a child of this key is known, or was deleted by right."""
        with self.engine.connect() as connection:
            here = select(IDENTITIES.c.child_key).where(IDENTITIES.c.child_key == child_key)
            return connection.scalar(here) is not None or bool(forgotten_among(connection, [child_key]))

    def described_like_forgotten(self, name: str, birth_on: str) -> bool:
        """Whether a child deleted by right was known under this name with this date of birth."""
        query = select(FORGOTTEN_AS.c.token).where(FORGOTTEN_AS.c.token == self._token_of(name, birth_on))
        with self.engine.connect() as connection:
            return connection.scalar(query) is not None

    def _token_of(self, name: str, birth_on: str) -> str:
        return self.token(f"described {name.strip()} {birth_on}")

    def _keys_of_person(self, connection: Connection, child_key: str) -> tuple[str, ...]:
        """Every key a child ever had: those merged, and those its records had while nobody knew whose."""
        into = merged(connection)
        person = into.get(child_key, child_key)
        keys = {child_key, person, *(key for key, end in into.items() if end == person)}
        return tuple(sorted(keys | {self.key_without_number(*each) for each in linked_to(connection, keys)}))

    def _log_deletion(self, connection: Connection, child_key: str, event: str, on: date, basis: str) -> None:
        sealed = self.seal(basis.strip().encode(), f"deletion/{child_key}")
        connection.execute(
            insert(DELETIONS).values(child_key=child_key, event=event, done_on=on, sealed=sealed)
        )

    def _forget(self, connection: Connection, child_key: str, on: date | None) -> None:
        row = connection.execute(select(IDENTITIES).where(IDENTITIES.c.child_key == child_key)).one_or_none()
        if row is not None:
            tokens = {self._token_of(name, birth) for name, birth in self._opened(row).names_with_birth}
            rows = [{"token": token, "child_key": child_key} for token in sorted(tokens)]
            if rows:
                connection.execute(insert(FORGOTTEN_AS), rows)
        connection.execute(delete(IDENTITIES).where(IDENTITIES.c.child_key == child_key))
        own = connection.execute(
            select(LINKS.c.source, LINKS.c.record_id).where(LINKS.c.child_key == child_key).distinct()
        ).all()
        for table in (LINKED, UNRESOLVED):
            for source, record_id in own:
                connection.execute(
                    delete(table).where(table.c.source == source, table.c.record_id == record_id)
                )
        about = select(PAIRS.c.pair).where((PAIRS.c.left_key == child_key) | (PAIRS.c.right_key == child_key))
        connection.execute(update(DECISIONS).where(DECISIONS.c.pair.in_(about)).values(sealed=None))
        if not forgotten_among(connection, [child_key]):
            connection.execute(insert(FORGOTTEN).values(child_key=child_key, forgotten_on=on))

    def forgotten(self, child_keys: Iterable[str]) -> frozenset[str]:
        """Those of these children who were deleted by right."""
        with self.engine.connect() as connection:
            gone = [forgotten_among(connection, keys) for keys in batches(child_keys)]
        return frozenset().union(*gone)

    def _data_key(self, row: object) -> bytes:
        return unseal(self._wrapping, row.wrapped_key, row.child_key)  # type: ignore[attr-defined]  # a row of IDENTITIES

    def _opened(self, row: object) -> Known:
        child_key: str = row.child_key  # type: ignore[attr-defined]  # a row of IDENTITIES
        kept = json.loads(unseal(self._data_key(row), row.sealed, child_key))  # type: ignore[attr-defined]
        also = {name: tuple(values) for name, values in kept.get("also", {}).items()}
        return Known(child_key, kept["name"], kept["id_number"], also)

    def _sealed_values(self, known: Known, data_key: bytes) -> bytes:
        values = {"name": known.name, "id_number": known.id_number, "also": dict(known.also)}
        return seal(self.cipher, data_key, json.dumps(values, ensure_ascii=False).encode(), known.child_key)

    def _new_row(self, known: Known, on: date | None) -> dict[str, object]:
        data_key = new_key()
        return {
            "child_key": known.child_key,
            "wrapped_key": seal(self.cipher, self._wrapping, data_key, known.child_key),
            "sealed": self._sealed_values(known, data_key),
            "remembered_on": on,
        }

    def _refuse_if_rotated(self, connection: Connection) -> None:
        now = connection.scalar(select(KEYRING.c.wrapped_key).where(KEYRING.c.purpose == ROWS))
        if now != self._keyring[ROWS][1]:
            raise IdentityError("The master key was changed while this program ran: start it again.")

    # --- records nobody could be found for --------------------------------------------------------

    def keep_unresolved(
        self,
        source: str,
        delivery: str,
        received_on: date,
        rows: Iterable[tuple[str, Mapping[str, str | None]]],
        reason: str = NO_NUMBER,
    ) -> None:
        """Keep (record number, cells) of records whose child is not known, sealed; the later of two stays."""
        kept = {
            record_id: {
                "source": source,
                "record_id": record_id,
                "delivery": delivery,
                "received_on": received_on,
                "reason": reason,
                "sealed": self.seal(
                    json.dumps(dict(cells), ensure_ascii=False).encode(), f"{source}/{record_id}"
                ),
            }
            for record_id, cells in rows
        }
        with self.engine.begin() as connection:
            for keys in batches(kept):
                connection.execute(
                    delete(UNRESOLVED).where(UNRESOLVED.c.source == source, UNRESOLVED.c.record_id.in_(keys))
                )
                connection.execute(insert(UNRESOLVED), [kept[key] for key in keys])

    def resolved(self, source: str, record_ids: Iterable[str]) -> None:
        """These records came with a number: they leave the list, and any link by description ends."""
        ids = set(record_ids)
        with self.engine.begin() as connection:
            for table in (UNRESOLVED, LINKED):
                # The lists are short and deliveries are long: ask for the list, not for every record.
                of_source = table.c.source == source
                listed = set(connection.scalars(select(table.c.record_id).where(of_source)))
                for keys in batches(listed & ids):
                    connection.execute(delete(table).where(of_source, table.c.record_id.in_(keys)))

    def unresolved(self) -> tuple[UnresolvedRecord, ...]:
        """The records without ID number, with the name masked, for a person to look into."""
        return tuple(
            UnresolvedRecord(
                row.source, row.record_id, row.delivery, row.received_on,
                masked_name(str(row.cells.get("name") or "")),
            )
            for row in self.waiting() if row.reason == NO_NUMBER
        )  # fmt: skip

    def unresolved_cells(self) -> Iterator[tuple[str, str, dict[str, str | None]]]:
        """(source, record number, cells as delivered) of each record without ID number."""
        for row in self.waiting():
            if row.reason == NO_NUMBER:
                yield row.source, row.record_id, dict(row.cells)

    def waiting(self) -> list[Waiting]:
        """Every record whose child is not known, also those whose number cannot be the child's."""
        return self.opened_records(UNRESOLVED.name)

    def opened_records(self, table: str) -> list[Waiting]:
        """The records of `unresolved` or `linked`, opened."""
        rows = METADATA.tables[table]
        query = select(rows).order_by(rows.c.source, rows.c.record_id)
        with self.engine.connect() as connection:
            return [
                Waiting(
                    row.source, row.record_id, row.delivery, row.received_on, row.reason,
                    json.loads(self.unseal(row.sealed, f"{row.source}/{row.record_id}")),
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def places(self, table: str) -> dict[tuple[str, str], tuple[str, str]]:
        """(source, record number) → (delivery, reason) of what `unresolved` or `linked` holds, unopened."""
        rows = METADATA.tables[table]
        query = select(rows.c.source, rows.c.record_id, rows.c.delivery, rows.c.reason)
        with self.engine.connect() as connection:
            return {
                (row.source, row.record_id): (row.delivery, row.reason) for row in connection.execute(query)
            }

    # --- links ------------------------------------------------------------------------------------

    def link_confidence(self, source: str, record_id: str) -> float:
        """How sure it is whose record this is: 1.0 by number, less by description, 0.0 if it is nobody's."""
        return self.link_confidences(source).get(record_id, 1.0)

    def link_confidences(self, source: str) -> dict[str, float]:
        """The confidence of every record of a source that stands by description and not by number."""
        with self.engine.connect() as connection:
            described = set(connection.scalars(select(LINKED.c.record_id).where(LINKED.c.source == source)))
            described |= set(
                connection.scalars(select(UNRESOLVED.c.record_id).where(UNRESOLVED.c.source == source))
            )
            rows = connection.execute(
                select(LINKS.c.record_id, LINKS.c.confidence)
                .where(LINKS.c.source == source)
                .order_by(LINKS.c.number)
            ).all()
        return {row.record_id: row.confidence for row in rows if row.record_id in described}

    # --- sealing for others -----------------------------------------------------------------------

    def seal(self, values: bytes, about: str) -> bytes:
        """Seal bytes of no known child, such as refused rows; the same `about` is needed to open them."""
        return seal(self.cipher, self._row_key, values, about)

    def unseal(self, sealed: bytes, about: str) -> bytes:
        """Open what `seal` sealed; IdentityError if key, place or bytes are not the same."""
        return unseal(self._row_key, sealed, about)


__all__ = [
    "NO_NUMBER", "Identity", "IdentityError", "IdentityStore", "Known", "UnresolvedRecord", "Waiting",
    "masked_name", "normalise_id_number", "normalise_student_number", "open_identity", "read_or_make_key",
]  # fmt: skip
