"""The identity store: keyed pseudonyms, sealed values, deletion by right."""

import sqlite3
import stat
from datetime import date

import pytest
from sqlalchemy import create_engine, text

from features.identity import (
    Identity,
    IdentityError,
    IdentityStore,
    masked_name,
    normalise_id_number,
    read_or_make_key,
)
from tests.support_intake import MASTER_KEY, id_number

NUMBER = "360426199101010071"
ENDS_IN_X = next(number for number in map(id_number, range(400)) if number.endswith("X"))
OTHER_KEY = bytes(32)


@pytest.fixture
def store(tmp_path):
    opened = IdentityStore.open(f"sqlite:///{tmp_path}/identity.db", MASTER_KEY)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "write",
    [
        str,
        str.lower,
        lambda number: f"  {number}\n",
        lambda number: f"{number[:6]} {number[6:14]} {number[14:]}",
        lambda number: f"{number[:6]}　{number[6:]}",
        lambda number: "".join(chr(ord(character) + 0xFEE0) for character in number),
        lambda number: f"'{number}",
    ],
    ids=[
        "as it is",
        "lower-case x",
        "outer blanks",
        "spaces",
        "wide space",
        "full-width",
        "as text in a spreadsheet",
    ],
)
def test_a_number_is_the_same_however_it_is_written(write):
    assert normalise_id_number(write(ENDS_IN_X)) == ENDS_IN_X
    assert normalise_id_number(write(NUMBER)) == NUMBER


@pytest.mark.parametrize(
    "written",
    ["", "360426199101010072", "36042619910101007", "3604261991010100711", "360426199113010070", "A60426199101010071",
     "360426910101007", "3.60426E+17", "360426１99101010０7Y", "三六零四二六一九九一零一零一零零七一"],
)  # fmt: skip
def test_an_invalid_number_is_refused_without_being_said(store, written):
    with pytest.raises(IdentityError) as refused:
        store.child_key(written)

    assert not written or written not in str(refused.value)


def test_the_pseudonym_is_stable_keyed_and_says_nothing(store, tmp_path):
    again = IdentityStore.open(f"sqlite:///{tmp_path}/other.db", MASTER_KEY)
    keyed_otherwise = IdentityStore.open(f"sqlite:///{tmp_path}/third.db", OTHER_KEY)
    key = store.child_key(NUMBER)

    # Recorded once: a change of this value would orphan every record in every lake.
    assert key == "chlv6u2cr6yhrldrj3ciyipqnwh"
    assert store.child_key(f" {NUMBER} ") == key == again.child_key(NUMBER)
    assert keyed_otherwise.child_key(NUMBER) != key
    assert len(key) == 27
    assert NUMBER not in key


def test_names_and_numbers_are_revealed_to_who_asks_for_a_key(store):
    store.remember([(NUMBER.lower(), " 张三 "), (id_number(1), "李四")], on=date(2024, 3, 25))
    keys = [store.child_key(number) for number in (NUMBER, id_number(1), id_number(2))]

    assert store.reveal(keys[0]) == Identity("张三", NUMBER)
    assert store.names(keys) == {keys[0]: "张三", keys[1]: "李四"}
    assert store.reveal(keys[2]) is None
    assert "张三" not in repr(store.reveal(keys[0]))


def test_asking_for_a_pseudonym_stores_nothing(store):
    key = store.child_key(NUMBER)

    assert store.reveal(key) is None


def test_remembering_again_changes_nothing_but_a_missing_name(store):
    key = store.child_key(NUMBER)
    store.remember([(NUMBER, "")])
    store.remember([(NUMBER, "张三")])

    store.remember([(NUMBER, "王五"), (NUMBER, "赵六")])

    assert store.reveal(key).name == "张三"


def test_many_children_are_remembered_at_once(store):
    numbers = {id_number(n) for n in range(1300)}

    store.remember((number, f"名{number[-4:]}") for number in numbers)

    assert len(store.names(map(store.child_key, numbers))) == len(numbers)


def test_a_child_deleted_by_right_is_gone_and_stays_gone(store, tmp_path):
    store.remember([(NUMBER, "张三"), (id_number(1), "李四")])
    key, other = store.child_key(NUMBER), store.child_key(id_number(1))
    with sqlite3.connect(tmp_path / "identity.db") as database:
        [(wrapped, sealed)] = database.execute(
            "select wrapped_key, sealed from identities where child_key = ?", (key,)
        )

    store.forget(key, on=date(2024, 7, 1))
    store.forget(key, on=date(2024, 8, 1))
    store.remember([(NUMBER, "张三")])

    assert store.reveal(key) is None
    assert store.names([key, other]) == {other: "李四"}
    assert store.forgotten([key, other]) == {key}
    on_disk = (tmp_path / "identity.db").read_bytes()
    assert wrapped not in on_disk
    assert sealed not in on_disk
    with create_engine(f"sqlite:///{tmp_path}/identity.db").connect() as connection:
        kept = connection.execute(text("select child_key, forgotten_on from forgotten")).all()
    assert kept == [(key, "2024-07-01")]


def test_each_child_is_sealed_under_a_key_of_its_own(store, tmp_path):
    store.remember([(NUMBER, "张三"), (id_number(1), "李四")])
    key, other = store.child_key(NUMBER), store.child_key(id_number(1))

    # Another child's data key in the place of one's own opens nothing.
    with sqlite3.connect(tmp_path / "identity.db") as database:
        database.execute(
            "update identities set wrapped_key = (select wrapped_key from identities where child_key = ?)"
            " where child_key = ?",
            (other, key),
        )

    with pytest.raises(IdentityError, match="does not open"):
        store.reveal(key)


def test_no_name_or_number_stands_in_the_database_file(store, tmp_path):
    store.remember([(NUMBER, "诸葛晓溪")])
    store.keep_unresolved(
        "absences", "d1", date(2024, 3, 25), [("R1", {"name": "司马若兰", "id_number": None})]
    )

    on_disk = (tmp_path / "identity.db").read_bytes()

    for secret in (NUMBER, "诸葛晓溪", "司马若兰"):
        assert secret.encode() not in on_disk


def test_another_master_key_is_refused(store, tmp_path):
    with pytest.raises(IdentityError, match="another master key"):
        IdentityStore.open(f"sqlite:///{tmp_path}/identity.db", OTHER_KEY)
    with pytest.raises(IdentityError, match="32 bytes"):
        IdentityStore.open(f"sqlite:///{tmp_path}/identity.db", b"short")


def test_what_was_sealed_opens_only_in_its_own_place(store):
    sealed = store.seal(b"row", "delivery/1")

    assert store.unseal(sealed, "delivery/1") == b"row"
    for spoiled, about in ((sealed, "delivery/2"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), "delivery/1")):
        with pytest.raises(IdentityError, match="does not open"):
            store.unseal(spoiled, about)


def test_the_key_file_is_made_once_and_readable_by_its_owner_only(tmp_path):
    path = tmp_path / "keys" / "master.key"

    key = read_or_make_key(path)

    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_or_make_key(path) == key
    assert read_or_make_key(tmp_path / "other.key") != key


def test_a_key_file_of_another_size_is_refused(tmp_path):
    path = tmp_path / "master.key"
    path.write_bytes(b"not a key")

    with pytest.raises(IdentityError, match="does not hold 32 bytes"):
        read_or_make_key(path)


def test_the_database_file_is_readable_by_its_owner_only(store, tmp_path):
    assert stat.S_IMODE((tmp_path / "identity.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "masked"), [("张三丰", "张*"), ("李四", "李*"), (" 欧阳锋 ", "欧*"), ("", "*")]
)
def test_a_masked_name_shows_the_first_character_only(name, masked):
    assert masked_name(name) == masked


def test_the_later_of_two_unresolved_records_stays(store):
    day = date(2024, 3, 25)
    store.keep_unresolved("absences", "d1", day, [("R1", {"name": "张三"}), ("R2", {"name": None})])
    store.keep_unresolved("absences", "d2", day, [("R1", {"name": "李四"})])
    store.keep_unresolved("transfers", "d3", day, [("R1", {"name": "王五"})])

    assert [(each.source, each.record_id, each.delivery, each.masked_name) for each in store.unresolved()] == [
        ("absences", "R1", "d2", "李*"), ("absences", "R2", "d1", "*"), ("transfers", "R1", "d3", "王*"),
    ]  # fmt: skip

    store.resolved("absences", ["R1", "R9"])

    assert [(source, record_id) for source, record_id, _ in store.unresolved_cells()] == [
        ("absences", "R2"), ("transfers", "R1"),
    ]  # fmt: skip
