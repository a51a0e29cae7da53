"""The keyring of an identity store: the keys everything else hangs on, sealed under the master key.

A new master key seals the same keys again. So no pseudonym changes, no value is sealed anew, and the
whole is one short transaction.
"""

from __future__ import annotations

from sqlalchemy import Engine, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from features.identity_tables import IDENTITIES, KEYRING, METADATA, open_database
from features.keys import Cipher, Digest, cipher_of, derived, new_key, seal, unseal
from features.person_numbers import IdentityError

PSEUDONYMS, ROWS = "pseudonyms", "sealed rows"
# Purpose → the digest it is used with, and the key, sealed.
Keyring = dict[str, tuple[str, bytes]]


def wrapping_key(master_key: bytes) -> bytes:
    """What the keyring and the data keys are sealed with."""
    return derived(master_key, "data keys")


def place(purpose: str) -> str:
    """Where a key of the ring belongs, said when it is sealed and opened."""
    return f"keyring/{purpose}"


def opens(key: bytes, sealed: bytes, about: str) -> bool:
    """Whether this key opens what was sealed."""
    try:
        unseal(key, sealed, about)
    except IdentityError:
        return False
    return True


def read_keyring(engine: Engine) -> Keyring:
    """The keyring of a store, empty before it was begun."""
    with engine.connect() as connection:
        rows = connection.execute(select(KEYRING)).all()
    return {row.purpose: (row.algorithm, row.wrapped_key) for row in rows}


def begin_keyring(engine: Engine, master_key: bytes, cipher: Cipher, digest: Digest) -> Keyring:
    """The keyring of a new store. The pseudonym key is computed from the first master key.

    So a store made again under that key gives every child its key again.
    """
    wrapping = wrapping_key(master_key)
    keys = {PSEUDONYMS: (digest.value, derived(master_key, "pseudonym")), ROWS: ("-", new_key())}
    rows = [
        {
            "purpose": purpose,
            "algorithm": algorithm,
            "wrapped_key": seal(cipher, wrapping, key, place(purpose)),
        }
        for purpose, (algorithm, key) in keys.items()
    ]
    try:
        with engine.begin() as connection:
            connection.execute(insert(KEYRING), rows)
    except IntegrityError:
        # Another program began the store in the same moment: its keyring is the store's.
        return read_keyring(engine)
    return read_keyring(engine)


def rewrap(url: str, old: bytes, new: bytes) -> bool:
    """Bring every sealed key of a store from one master key to another, in one transaction.

    False if there is nothing to do: no store yet, or one that is at the new key. Child keys, values and
    sealed rows stay as they are. A program still running with the old key can read no name any more and
    refuses to add one. Copies of the database made before still open with the old key only.
    """
    engine = open_database(url)
    before, after = wrapping_key(old), wrapping_key(new)
    try:
        METADATA.create_all(engine)
        with engine.begin() as connection:
            ring = connection.execute(select(KEYRING)).all()
            if not ring or opens(after, ring[0].wrapped_key, place(ring[0].purpose)):
                return False
            if not opens(before, ring[0].wrapped_key, place(ring[0].purpose)):
                raise IdentityError("This identity store was made with another master key.")
            connection.execute(
                update(KEYRING).where(KEYRING.c.purpose == bindparam("of")),
                [
                    {
                        "of": row.purpose,
                        "wrapped_key": _again(row.wrapped_key, place(row.purpose), before, after),
                    }
                    for row in ring
                ],
            )
            children = connection.execute(select(IDENTITIES.c.child_key, IDENTITIES.c.wrapped_key)).all()
            if children:
                connection.execute(
                    update(IDENTITIES).where(IDENTITIES.c.child_key == bindparam("of")),
                    [
                        {
                            "of": row.child_key,
                            "wrapped_key": _again(row.wrapped_key, row.child_key, before, after),
                        }
                        for row in children
                    ],
                )
    finally:
        engine.dispose()
    return True


def _again(wrapped: bytes, about: str, before: bytes, after: bytes) -> bytes:
    """The same key sealed under another, with the cipher it was sealed with."""
    return seal(cipher_of(wrapped), after, unseal(before, wrapped, about), about)
