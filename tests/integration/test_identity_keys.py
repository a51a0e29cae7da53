"""Keys: both ciphers and digests, the master key from a file or the environment, and its rotation."""

import os
import sqlite3
from datetime import date

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from features.identity import Identity, IdentityError, IdentityStore, Known, open_identity
from features.keyring import rewrap
from features.keys import (
    Cipher,
    Digest,
    cipher_of,
    key_of_text,
    keyed_digest,
    read_or_make_key,
    rotate_key_file,
    seal,
    unseal,
)
from features.link_store import LinkStore
from features.settings import Settings, SettingsError
from tests.support_intake import MASTER_KEY, id_number

OTHER_KEY = bytes(range(100, 132))
DAY = date(2024, 3, 25)


def url(tmp_path):
    return f"sqlite:///{tmp_path}/identity.db"


def filled(tmp_path, **how):
    store = IdentityStore.open(url(tmp_path), MASTER_KEY, **how)
    store.remember([(id_number(1), "诸葛晓溪"), (id_number(2), "司马若兰")], on=DAY)
    store.keep_unresolved("absences", "d1", DAY, [("R1", {"name": "欧阳晓晨"})])
    return store


@settings(deadline=None)  # the first sealing loads a library
@given(st.sampled_from(Cipher), st.binary(max_size=300), st.text(max_size=20))
def test_what_is_sealed_opens_with_its_key_in_its_place_only(cipher, values, about):
    key = bytes(range(32))

    sealed = seal(cipher, key, values, about)

    assert cipher_of(sealed) is cipher
    assert unseal(key, sealed, about) == values
    for spoiled in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:1], b"\x09" + sealed[1:]):
        with pytest.raises(IdentityError):
            unseal(key, spoiled, about)
    with pytest.raises(IdentityError, match="does not open"):
        unseal(key, sealed, about + "x")
    with pytest.raises(IdentityError, match="does not open"):
        unseal(bytes(32), sealed, about)


class Published(str):
    """A place whose bytes are no text, as the published example has them."""

    __slots__ = ()

    def encode(self, *_):
        return bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")


def test_sm4_gcm_is_the_published_one():
    # RFC 8998, appendix A.1.
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )

    plain = unseal(key, b"\x02" + nonce + sealed, Published())

    assert (
        plain.hex() == "a" * 16 + "b" * 16 + "c" * 16 + "d" * 16 + "e" * 16 + "f" * 16 + "e" * 16 + "a" * 16
    )


def test_pseudonyms_with_sm3_are_hmac_sm3():
    # GB/T 32905 gives SM3; the keyed form is checked against a second computation of HMAC.
    def sm3(data):
        digest = hashes.Hash(hashes.SM3())
        digest.update(data)
        return digest.finalize()

    key, text = bytes(range(32)), "110101201501011234"
    padded = key.ljust(64, b"\0")
    inner = sm3(bytes(b ^ 0x36 for b in padded) + text.encode())

    assert keyed_digest(Digest.SM3, key, text) == sm3(bytes(b ^ 0x5C for b in padded) + inner)
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.mark.parametrize("cipher", Cipher)
def test_a_store_works_with_either_cipher(tmp_path, cipher):
    store = filled(tmp_path, cipher=cipher)
    key = store.child_key(id_number(1))

    assert store.reveal(key) == Identity("诸葛晓溪", id_number(1))
    [(_, _, cells)] = store.unresolved_cells()
    assert cells == {"name": "欧阳晓晨"}
    with sqlite3.connect(tmp_path / "identity.db") as database:
        marks = {bytes(sealed)[:1] for [sealed] in database.execute("select sealed from identities")}
    assert marks == {b"\x01" if cipher is Cipher.AES else b"\x02"}


def test_the_cipher_can_be_changed_and_what_was_sealed_before_still_opens(tmp_path):
    filled(tmp_path).close()

    store = IdentityStore.open(url(tmp_path), MASTER_KEY, cipher=Cipher.SM4)
    store.remember([(id_number(3), "上官云")])

    assert sorted(known.name for known in store.known()) == ["上官云", "司马若兰", "诸葛晓溪"]


def test_the_digest_of_pseudonyms_cannot_be_changed(tmp_path):
    one = filled(tmp_path, digest=Digest.SM3)
    with_sm3 = one.child_key(id_number(1))
    one.close()

    with pytest.raises(IdentityError, match="made with sm3, not sha256"):
        IdentityStore.open(url(tmp_path), MASTER_KEY, digest=Digest.SHA256)
    again = IdentityStore.open(url(tmp_path), MASTER_KEY)
    assert again.child_key(id_number(1)) == with_sm3
    assert IdentityStore.open(f"sqlite:///{tmp_path}/b.db", MASTER_KEY).child_key(id_number(1)) != with_sm3


@pytest.mark.parametrize("cipher", Cipher)
def test_rotation_changes_no_pseudonym_and_no_value(tmp_path, cipher):
    store = filled(tmp_path, cipher=cipher)
    keys = [store.child_key(id_number(n)) for n in (1, 2)]
    sealed = store.seal(b"refused row", "delivery/1")
    store.close()

    assert rewrap(url(tmp_path), MASTER_KEY, OTHER_KEY) is True
    assert rewrap(url(tmp_path), MASTER_KEY, OTHER_KEY) is False

    store = IdentityStore.open(url(tmp_path), OTHER_KEY)
    assert [store.child_key(id_number(n)) for n in (1, 2)] == keys
    assert store.names(keys) == {keys[0]: "诸葛晓溪", keys[1]: "司马若兰"}
    assert store.unseal(sealed, "delivery/1") == b"refused row"
    assert store.unresolved()[0].masked_name == "欧*"
    with pytest.raises(IdentityError, match="another master key"):
        IdentityStore.open(url(tmp_path), MASTER_KEY)
    with pytest.raises(IdentityError, match="another master key"):
        rewrap(url(tmp_path), MASTER_KEY, bytes(32))


def test_no_key_of_before_stays_in_the_database(tmp_path):
    filled(tmp_path).close()
    with sqlite3.connect(tmp_path / "identity.db") as database:
        before = [bytes(row[0]) for row in database.execute(
            "select wrapped_key from identities union all select wrapped_key from keyring"
        )]  # fmt: skip

    rewrap(url(tmp_path), MASTER_KEY, OTHER_KEY)

    on_disk = (tmp_path / "identity.db").read_bytes()
    assert len(before) == 4
    assert not any(wrapped in on_disk for wrapped in before)


def test_a_program_that_runs_on_with_the_old_key_adds_nobody(tmp_path):
    store = filled(tmp_path)
    rewrap(url(tmp_path), MASTER_KEY, OTHER_KEY)

    with pytest.raises(IdentityError, match="start it again"):
        store.remember([(id_number(3), "上官云")])


class Interrupted(Exception):
    """What stands for a power cut."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_rotation_stopped_anywhere_is_finished_by_the_next(tmp_path, moment):
    path = tmp_path / "keys" / "master.key"
    old = read_or_make_key(path)
    store = IdentityStore.open(url(tmp_path), old)
    store.remember([(id_number(1), "诸葛晓溪")])
    key = store.child_key(id_number(1))
    store.close()

    def stopped(before, after):
        if moment == "after":
            rewrap(url(tmp_path), before, after)
        raise Interrupted

    with pytest.raises(Interrupted):
        rotate_key_file(path, stopped)
    rotate_key_file(path, lambda before, after: rewrap(url(tmp_path), before, after))

    new = read_or_make_key(path)
    assert new != old
    assert IdentityStore.open(url(tmp_path), new).names([key]) == {key: "诸葛晓溪"}
    assert sorted(os.listdir(path.parent)) == ["master.key"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_there_is_nothing_to_rotate_before_there_is_a_key(tmp_path):
    with pytest.raises(IdentityError, match="no master key to rotate"):
        rotate_key_file(tmp_path / "master.key", lambda before, after: True)


def test_the_key_can_come_from_the_environment(tmp_path):
    settings = Settings.read(
        {"MIAOHU_HOME": str(tmp_path), "MIAOHU_MASTER_KEY": OTHER_KEY.hex(), "MIAOHU_CIPHER": "sm4-gcm",
         "MIAOHU_PSEUDONYMS": "sm3"}
    )  # fmt: skip

    store = open_identity(settings)

    assert (store.cipher, store.digest) == (Cipher.SM4, Digest.SM3)
    assert not settings.key_file.exists()
    assert OTHER_KEY.hex() not in repr(settings)
    for text in ("", "zz" * 32, "00" * 31):
        with pytest.raises(IdentityError, match="MIAOHU_MASTER_KEY must hold 64 hexadecimal digits"):
            key_of_text(text, "MIAOHU_MASTER_KEY")


@pytest.mark.parametrize(
    ("name", "words"), [("MIAOHU_CIPHER", "aes-gcm or sm4-gcm"), ("MIAOHU_PSEUDONYMS", "sha256 or sm3")]
)
def test_an_unknown_way_of_sealing_is_refused(name, words):
    with pytest.raises(SettingsError, match=f"{name} must be {words}"):
        Settings.read({name: "rot13"})


def test_other_names_are_kept_beside_the_first_and_gone_with_the_child(tmp_path):
    store = filled(tmp_path)
    key = store.child_key(id_number(1))

    store.remember([(id_number(1), "诸葛明")])
    store.remember_known([Known(key, "", "", {"phone": ("13900000001",)})])
    store.remember([(id_number(1), "诸葛明"), (id_number(1), "诸葛晓溪")])

    [known] = store.known([key])
    assert (known.name, dict(known.also)) == ("诸葛晓溪", {"name": ("诸葛明",), "phone": ("13900000001",)})
    assert "诸葛" not in repr(known)
    store.forget(key)
    assert list(store.known([key])) == []


def test_a_merged_child_is_deleted_under_every_key(tmp_path):
    store = filled(tmp_path)
    one, two = (store.child_key(id_number(n)) for n in (1, 2))
    LinkStore(store).merge(one, two, DAY, 1)

    store.forget(one, on=DAY)

    assert store.forgotten([one, two]) == {one, two}
    assert store.names([one, two]) == {}
