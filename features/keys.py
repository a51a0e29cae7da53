"""Keys and what is done with them: sealing, keyed digests, the master key and its rotation.

    master key ── seals ──┬─ the pseudonym key    made once, never changed: child keys stay as they are
    (file, environment)   ├─ the key of sealed rows
                          └─ a data key for each child, which seals that child's values

AES-GCM and HMAC-SHA-256 by default, SM4-GCM and HMAC-SM3 by setting. What was sealed names its own
cipher, so both can stand in one store. Keys and nonces come from the operating system; no seed may
ever replace that. Nothing here logs, and no error says a value.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import hmac as keyed
from cryptography.hazmat.primitives.ciphers import Cipher as Block
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from features.person_numbers import IdentityError

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16


class Cipher(Enum):
    """What names and numbers are sealed with. The value is the setting's word."""

    AES = "aes-gcm"
    SM4 = "sm4-gcm"

    @property
    def key_bytes(self) -> int:
        """AES with 256 bits; SM4 knows 128 only."""
        return 32 if self is Cipher.AES else 16


class Digest(Enum):
    """What pseudonyms are made with. The value is the setting's word."""

    SHA256 = "sha256"
    SM3 = "sm3"


# The first byte of everything sealed.
_MARKS = {Cipher.AES: b"\x01", Cipher.SM4: b"\x02"}


def seal(cipher: Cipher, key: bytes, values: bytes, about: str) -> bytes:
    """The values sealed under this key; `about` (whose they are, where they stand) is needed to open them."""
    nonce = os.urandom(_NONCE_BYTES)
    if cipher is Cipher.AES:
        return _MARKS[cipher] + nonce + AESGCM(key).encrypt(nonce, values, about.encode())
    encryptor = Block(SM4(key[: cipher.key_bytes]), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(about.encode())
    return _MARKS[cipher] + nonce + encryptor.update(values) + encryptor.finalize() + encryptor.tag


def cipher_of(sealed: bytes) -> Cipher:
    """The cipher something was sealed with."""
    for cipher, mark in _MARKS.items():
        if sealed[:1] == mark:
            return cipher
    raise IdentityError("What was sealed names no cipher that is known.")


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """What `seal` sealed; IdentityError if key, place or bytes are not the same."""
    mark, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        if mark == _MARKS[Cipher.AES]:
            return AESGCM(key).decrypt(nonce, rest, about.encode())
        if mark == _MARKS[Cipher.SM4] and len(rest) >= _TAG_BYTES:
            tag = rest[-_TAG_BYTES:]
            decryptor = Block(SM4(key[: Cipher.SM4.key_bytes]), GCM(nonce, tag)).decryptor()
            decryptor.authenticate_additional_data(about.encode())
            return decryptor.update(rest[:-_TAG_BYTES]) + decryptor.finalize()
    except (InvalidTag, ValueError):
        pass
    raise IdentityError("What was sealed does not open: another key, or bytes that were changed.")


def new_key() -> bytes:
    """A key from the operating system, long enough for either cipher."""
    return os.urandom(KEY_BYTES)


def derived(master_key: bytes, purpose: str) -> bytes:
    """A key for one purpose, computed from the master key."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"miaohu {purpose}".encode()).derive(master_key)


def keyed_digest(digest: Digest, key: bytes, text: str) -> bytes:
    """32 bytes that say nothing of the text to whoever lacks the key."""
    if digest is Digest.SHA256:
        return hmac.new(key, text.encode(), hashlib.sha256).digest()
    computed = keyed.HMAC(key, hashes.SM3())
    computed.update(text.encode())
    return computed.finalize()


def read_or_make_key(path: Path) -> bytes:
    """The master key in this file; the file is made, readable by its owner only, if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise IdentityError(f"The master key file {path} does not hold {KEY_BYTES} bytes.") from None
        return key
    key = new_key()
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def key_of_text(text: str, setting: str) -> bytes:
    """The key in an environment variable, written as 64 hexadecimal digits."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise IdentityError(f"{setting} must hold {2 * KEY_BYTES} hexadecimal digits.")
    return key


def rotate_key_file(path: Path, rewrap: Callable[[bytes, bytes], bool]) -> None:
    """Give the store another master key, made here, and put it in the place of the old one.

    `rewrap(old, new)` brings the store from one to the other in one transaction, and does nothing if
    the store is at the new one already. The new key is on disk before the store needs it: stopped at any
    moment, the same call again finishes the work, and no key the store needs is ever lost.
    """
    if not path.exists():
        raise IdentityError("There is no master key to rotate yet.")
    waiting = path.with_name(path.name + ".next")
    rewrap(read_or_make_key(path), read_or_make_key(waiting))
    os.replace(waiting, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
