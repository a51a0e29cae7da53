"""Who the children are: the one place that holds names and ID numbers, sealed.

Everything else knows a child by its key, a keyed pseudonym of the normalised ID number that nobody
can compute without the master key. Name and number of each child are sealed under a data key of
their own, which is itself sealed under a key derived from the master key: destroying the data key
destroys the child's values for good, in every copy of the database made afterwards.

This module refuses to store or compare invalid numbers, to open a store with another master key,
and to say any value in an error. It never logs. Keys and nonces come from the operating system;
no seed may ever replace that.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import (
    Column,
    Date,
    Engine,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import DBAPIError
from stdnum.cn import ric

_METADATA = MetaData()
_IDENTITIES = Table(
    "identities",
    _METADATA,
    Column("child_key", String(27), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("remembered_on", Date),
)
_FORGOTTEN = Table(
    "forgotten",
    _METADATA,
    Column("child_key", String(27), primary_key=True),
    Column("forgotten_on", Date),
)
_UNRESOLVED = Table(
    "unresolved",
    _METADATA,
    Column("source", String(64), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Column("delivery", String(120), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
# Sealed once, when the store is made: a store opened with another master key is noticed at once.
_SEAL = Table("seal", _METADATA, Column("sealed", LargeBinary, primary_key=True))

_NONCE_BYTES = 12
_KEY_BYTES = 32
# Below the number of variables one statement may hold on any database.
_BATCH = 500


class IdentityError(ValueError):
    """An ID number, key or store that cannot be used; the message echoes no value."""


@dataclass(frozen=True)
class Identity:
    """A child's name and ID number, revealed. Keep it no longer than showing it takes."""

    name: str
    id_number: str

    def __repr__(self) -> str:
        return "Identity(sealed)"


@dataclass(frozen=True)
class UnresolvedRecord:
    """A record without ID number, waiting for a person: where it came from and whose it may be."""

    source: str
    record_id: str
    delivery: str
    received_on: date
    masked_name: str


def normalise_id_number(text: str) -> str:
    """The 18 characters of a valid ID number: plain digits and an upper-case X.

    Full-width characters, spaces and a lower-case x are put right; length, digits, date of birth
    and check digit must be. The place code is not looked up: numbers stay valid when districts are
    dissolved, and lists of districts lag.
    """
    number = ric.compact("".join(unicodedata.normalize("NFKC", text).split()).lstrip("'"))
    if len(number) != 18:
        raise IdentityError("An ID number has 18 characters.")
    if not (number.isascii() and number[:17].isdigit() and (number[17].isdigit() or number[17] == "X")):
        raise IdentityError("An ID number is 17 digits and a digit or X.")
    if number[17] != ric.calc_check_digit(number):
        raise IdentityError("The check digit of this ID number is wrong.")
    try:
        ric.get_birth_date(number)
    except ValueError:
        raise IdentityError("The date of birth in this ID number does not exist.") from None
    return number


def masked_name(name: str) -> str:
    """The first character and one star, whatever the length: 张*."""
    return f"{name.strip()[:1]}*"


def read_or_make_key(path: Path) -> bytes:
    """The master key in this file; the file is made, readable by its owner only, if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise IdentityError(f"The master key file {path} does not hold {_KEY_BYTES} bytes.") from None
        return key
    key = os.urandom(_KEY_BYTES)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    return key


class IdentityStore:
    """Names and ID numbers on one database. Open it with `IdentityStore.open`."""

    def __init__(self, engine: Engine, master_key: bytes) -> None:
        self._engine = engine
        self._pseudonym_key = _derived(master_key, "pseudonym")
        self._wrapping = AESGCM(_derived(master_key, "data keys"))
        self._sealing = AESGCM(_derived(master_key, "sealed rows"))

    @classmethod
    def open(cls, url: str, master_key: bytes) -> IdentityStore:
        """Open the store at this address, making it if it is not there. The master key must be its own."""
        if len(master_key) != _KEY_BYTES:
            raise IdentityError(f"A master key has {_KEY_BYTES} bytes.")
        engine = _engine(url)
        store = cls(engine, master_key)
        try:
            _METADATA.create_all(engine)
        except DBAPIError:
            engine.dispose()
            raise IdentityError(
                "The identity store cannot be used: its database does not open or is not one."
            ) from None
        with engine.begin() as connection:
            sealed = connection.scalar(select(_SEAL.c.sealed))
            if sealed is None:
                connection.execute(insert(_SEAL).values(sealed=store.seal(b"miaohu", "seal")))
        if sealed is not None:
            try:
                store.unseal(sealed, "seal")
            except IdentityError:
                engine.dispose()
                raise IdentityError("This identity store was made with another master key.") from None
        return store

    def close(self) -> None:
        """Give back the database connections."""
        self._engine.dispose()

    # --- pseudonyms -----------------------------------------------------------------------------

    def child_key(self, id_number: str) -> str:
        """The child's pseudonym: the same for every way of writing the same number. Stores nothing."""
        number = normalise_id_number(id_number)
        digest = hmac.new(self._pseudonym_key, number.encode(), hashlib.sha256).digest()
        return "c" + base64.b32encode(digest).decode()[:26].lower()

    # --- names and numbers ----------------------------------------------------------------------

    def remember(self, rows: Iterable[tuple[str, str]], on: date | None = None) -> None:
        """Keep these (ID number, name) pairs; children already known or deleted by right stay as they are."""
        pairs: dict[str, Identity] = {}
        for id_number, name in rows:
            number = normalise_id_number(id_number)
            key = self.child_key(number)
            # A delivery without the name must not shut out one that has it.
            if key not in pairs or not pairs[key].name:
                pairs[key] = Identity(name.strip(), number)
        with self._engine.begin() as connection:
            for keys in _batches(pairs):
                known = {
                    row.child_key: row
                    for row in connection.execute(
                        select(_IDENTITIES).where(_IDENTITIES.c.child_key.in_(keys))
                    )
                }
                gone = set(connection.scalars(_forgotten_among(keys)))
                nameless = [
                    key for key, row in known.items()
                    if pairs[key].name and not self._revealed(key, row.wrapped_key, row.sealed).name
                ]  # fmt: skip
                if nameless:
                    connection.execute(delete(_IDENTITIES).where(_IDENTITIES.c.child_key.in_(nameless)))
                new = [key for key in keys if key not in gone and (key not in known or key in nameless)]
                if new:
                    connection.execute(
                        insert(_IDENTITIES), [self._sealed_row(key, pairs[key], on) for key in new]
                    )

    def reveal(self, child_key: str) -> Identity | None:
        """Name and number of one child; None if unknown or deleted by right."""
        return self._reveal_all([child_key]).get(child_key)

    def names(self, child_keys: Iterable[str]) -> dict[str, str]:
        """The names of those of these children who are known."""
        return {key: identity.name for key, identity in self._reveal_all(child_keys).items()}

    def forget(self, child_key: str, on: date | None = None) -> None:
        """Deletion by right: destroy the child's data key and values, keep only that it happened.

        A child forgotten once is not remembered again, whatever is delivered later.
        """
        with self._engine.begin() as connection:
            connection.execute(delete(_IDENTITIES).where(_IDENTITIES.c.child_key == child_key))
            known = connection.scalar(
                select(_FORGOTTEN.c.child_key).where(_FORGOTTEN.c.child_key == child_key)
            )
            if known is None:
                connection.execute(insert(_FORGOTTEN).values(child_key=child_key, forgotten_on=on))

    def forgotten(self, child_keys: Iterable[str]) -> frozenset[str]:
        """Those of these children who were deleted by right."""
        gone: set[str] = set()
        with self._engine.connect() as connection:
            for keys in _batches(child_keys):
                gone.update(connection.scalars(_forgotten_among(keys)))
        return frozenset(gone)

    def _reveal_all(self, child_keys: Iterable[str]) -> dict[str, Identity]:
        found = {}
        with self._engine.connect() as connection:
            for keys in _batches(child_keys):
                for row in connection.execute(select(_IDENTITIES).where(_IDENTITIES.c.child_key.in_(keys))):
                    found[row.child_key] = self._revealed(row.child_key, row.wrapped_key, row.sealed)
        return found

    def _sealed_row(self, child_key: str, identity: Identity, on: date | None) -> dict[str, object]:
        data_key = AESGCM.generate_key(bit_length=256)
        values = json.dumps([identity.name, identity.id_number], ensure_ascii=False).encode()
        return {
            "child_key": child_key,
            "wrapped_key": _seal(self._wrapping, data_key, child_key),
            "sealed": _seal(AESGCM(data_key), values, child_key),
            "remembered_on": on,
        }

    def _revealed(self, child_key: str, wrapped_key: bytes, sealed: bytes) -> Identity:
        data_key = _unseal(self._wrapping, wrapped_key, child_key)
        name, id_number = json.loads(_unseal(AESGCM(data_key), sealed, child_key))
        return Identity(name, id_number)

    # --- records nobody could be found for --------------------------------------------------------

    def keep_unresolved(
        self, source: str, delivery: str, received_on: date, rows: Iterable[tuple[str, dict[str, str | None]]]
    ) -> None:
        """Keep (record number, cells) of records without ID number, sealed; the later of two stays."""
        kept = {
            record_id: {
                "source": source,
                "record_id": record_id,
                "delivery": delivery,
                "received_on": received_on,
                "sealed": self.seal(json.dumps(cells, ensure_ascii=False).encode(), f"{source}/{record_id}"),
            }
            for record_id, cells in rows
        }
        self.resolved(source, kept)
        with self._engine.begin() as connection:
            for keys in _batches(kept):
                connection.execute(insert(_UNRESOLVED), [kept[key] for key in keys])

    def resolved(self, source: str, record_ids: Iterable[str]) -> None:
        """These records have found their child, and leave the list of unresolved ones."""
        of_source = _UNRESOLVED.c.source == source
        with self._engine.begin() as connection:
            # The list is short and deliveries are long: ask for the list, not for every record.
            listed = set(connection.scalars(select(_UNRESOLVED.c.record_id).where(of_source)))
            for keys in _batches(listed.intersection(record_ids)):
                connection.execute(delete(_UNRESOLVED).where(of_source, _UNRESOLVED.c.record_id.in_(keys)))

    def unresolved(self) -> tuple[UnresolvedRecord, ...]:
        """The records without ID number, with the name masked, for a person to look into."""
        return tuple(
            UnresolvedRecord(
                row.source, row.record_id, row.delivery, row.received_on,
                masked_name(str(self._cells(row.source, row.record_id, row.sealed).get("name") or "")),
            )
            for row in self._unresolved_rows()
        )  # fmt: skip

    def unresolved_cells(self) -> Iterator[tuple[str, str, dict[str, str | None]]]:
        """(source, record number, cells as delivered) of each unresolved record, for linking it."""
        for row in self._unresolved_rows():
            yield row.source, row.record_id, self._cells(row.source, row.record_id, row.sealed)

    def _unresolved_rows(self) -> list[UnresolvedRow]:
        query = select(_UNRESOLVED).order_by(_UNRESOLVED.c.source, _UNRESOLVED.c.record_id)
        with self._engine.connect() as connection:
            return [
                UnresolvedRow(row.source, row.record_id, row.delivery, row.received_on, row.sealed)
                for row in connection.execute(query)
            ]

    def _cells(self, source: str, record_id: str, sealed: bytes) -> dict[str, str | None]:
        cells: dict[str, str | None] = json.loads(self.unseal(sealed, f"{source}/{record_id}"))
        return cells

    # --- sealing for others -----------------------------------------------------------------------

    def seal(self, values: bytes, about: str) -> bytes:
        """Seal bytes of no known child, such as refused rows; the same `about` is needed to open them."""
        return _seal(self._sealing, values, about)

    def unseal(self, sealed: bytes, about: str) -> bytes:
        """Open what `seal` sealed; IdentityError if key, place or bytes are not the same."""
        return _unseal(self._sealing, sealed, about)


@dataclass(frozen=True)
class UnresolvedRow:
    """An unresolved record as stored."""

    source: str
    record_id: str
    delivery: str
    received_on: date
    sealed: bytes


def _derived(master_key: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=f"miaohu {purpose}".encode()).derive(master_key)


def _seal(cipher: AESGCM, values: bytes, about: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, values, about.encode())


def _unseal(cipher: AESGCM, sealed: bytes, about: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
    except InvalidTag:
        raise IdentityError(
            "What was sealed does not open: another key, or bytes that were changed."
        ) from None


def _engine(url: str) -> Engine:
    address = make_url(url)
    sqlite = address.get_backend_name() == "sqlite"
    if sqlite and address.database and address.database != ":memory:":
        path = Path(address.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    # Parameters are sealed bytes and keys, but an error page is no place for either.
    engine = create_engine(address, hide_parameters=True)
    if sqlite:

        @event.listens_for(engine, "connect")
        def _prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]  # the driver's own type
            connection.execute("pragma busy_timeout = 5000")
            # Deleted pages are overwritten: a destroyed data key must not linger in the file.
            connection.execute("pragma secure_delete = on")

    return engine


def _forgotten_among(keys: list[str]) -> Select[str]:
    return select(_FORGOTTEN.c.child_key).where(_FORGOTTEN.c.child_key.in_(keys))


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    every = list(dict.fromkeys(keys))
    for start in range(0, len(every), _BATCH):
        yield every[start : start + _BATCH]
