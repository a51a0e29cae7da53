"""On both databases the migrations build exactly the declared tables, can be undone, and can be done again."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from serving.review.case import Met, Role, Verb
from serving.review.schema import METADATA
from serving.review.store import MIGRATIONS, Store, newest_revision
from serving.review.tables import APPEND_ONLY
from tests import support_review as support
from tests.support_clocks import Walk, kept, recounted
from tests.support_life import CONFIRMED, NOT_CONFIRMED, case_now, opened
from tests.support_life import do as life
from tests.support_review import TODAY


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    """A database without tables."""
    if request.param == "sqlite":
        store = Store.open(f"sqlite:///{tmp_path / 'a folder' / '100% review.db'}")
        yield store
        store.close()
        return
    server = request.getfixturevalue("postgres")
    name = server.make()
    store = Store.open(server.address(name))
    yield store
    store.close()
    server.drop(name)


def test_the_newest_migration_makes_exactly_the_declared_tables(store):
    store.migrate()

    with store.connection() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        made = set(inspect(connection).get_table_names()) - {"alembic_version"}
        assert made == set(METADATA.tables)


def test_the_revision_wanted_is_the_end_of_the_chain():
    assert newest_revision() == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def test_tables_that_were_never_made_stand_at_no_revision_and_made_ones_at_the_newest(store):
    store.check_reachable()
    before = store.revision()
    store.migrate()

    assert (before, store.revision()) == (None, newest_revision())


def test_the_migration_guards_what_is_append_only(store):
    store.migrate()

    on_both = {f"{table}_no_{change}" for table in APPEND_ONLY for change in ("update", "delete")}
    with store.connection() as connection:
        if store.dialect == "sqlite":
            made = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            assert set(made) == on_both
        else:
            made = connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
            assert set(made) == on_both | {f"{table}_no_truncate" for table in APPEND_ONLY}


def test_the_migrations_can_be_undone_and_done_again(store):
    store.migrate()
    store.migrate("base")

    with store.connection() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}

    store.migrate()
    with store.connection() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_migrating_twice_changes_nothing(store):
    store.migrate()
    with store.write() as session:
        session.execute(text("INSERT INTO leases VALUES ('work', 'me', '2026-10-06 00:00:00')"))

    store.migrate()

    with store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM leases")) == 1


def test_a_child_cannot_have_two_open_cases(store):
    names = [column.name for column in METADATA.tables["cases"].columns if not column.nullable]
    assert {"child_key", "status"} <= set(names)
    store.migrate()

    with store.connection() as connection:
        indexes = {index["name"]: index for index in inspect(connection).get_indexes("cases")}
    assert indexes["uq_cases_open_child"]["unique"]
    assert "closed" in str(indexes["uq_cases_open_child"]["dialect_options"][f"{store.dialect}_where"])


def test_a_case_in_review_is_claimed_and_goes_back_as_it_was(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'review.db'}")
    store.migrate("+2")
    with store.write() as session:
        session.execute(
            text(
                "INSERT INTO accounts (id, username, display_name, role, area_prefix, password_hash,"
                " failed_attempts, created_at) VALUES ('u1', 'a', 'a', 'screener', '', 'x', 0, '2026-10-01')"
            )
        )
        session.execute(
            text(
                "INSERT INTO cases (id, child_key, area_code, status, holder_id, version, queue_class,"
                " tier_order, due_on, as_of, reveal_after_view, opened_at, entry, entered_on) VALUES"
                " ('one', 'c1', '', 'in_review', 'u1', 2, 2, 1, '2026-10-09', '2026-10-01', 1,"
                " '2026-10-01', 1, '2026-10-01')"
            )
        )
        session.execute(
            text(
                "INSERT INTO facts (case_id, entry, kind, happened_on, met, note, recorded_by, recorded_at)"
                " VALUES ('one', 1, 'contact', '2026-10-02', 'nobody', 'n', 'u1', '2026-10-02'),"
                " ('one', 1, 'visit', '2026-10-03', 'child', 'n', 'u1', '2026-10-03')"
            )
        )

    store.migrate()
    with store.read() as session:
        after = session.execute(text("SELECT status, asks_view, contacted_on FROM cases")).one()
    store.migrate("0002")
    with store.read() as session:
        before = session.execute(text("SELECT status, holder_id FROM cases")).one()
    store.close()

    assert tuple(after) == ("claimed", 1, "2026-10-03")
    assert tuple(before) == ("in_review", "u1")


def test_the_clocks_of_entries_that_are_there_are_found_and_the_entries_survive_going_back(store):
    store.migrate()
    walk = Walk(store, 5)
    for _ in range(60):
        walk.move()
    with store.read() as session:
        before, entries = kept(session), session.scalar(text("SELECT count(*) FROM ledger_entries"))
    assert any(contacted != visited for contacted, visited in before.values())

    store.migrate("0020")
    with store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM ledger_entries")) == entries
    store.migrate()

    with store.read() as session:
        assert kept(session) == before == recounted(session)
    with store.connection() as connection:
        indexes = {index["name"]: index for index in inspect(connection).get_indexes("ledger_entries")}
    assert "open" in str(indexes["uq_ledger_entries_open_child"]["dialect_options"][f"{store.dialect}_where"])


def test_what_visits_found_before_and_when_is_found_and_kept_with_the_case(store):
    store.migrate()
    worker = support.add_account(store, Role.SCREENER)
    for child_key, found in {"c-one": CONFIRMED, "c-two": NOT_CONFIRMED, "c-three": None}.items():
        opened(store, child_key)
        life(store, Verb.CLAIM, worker, child_key=child_key)
        life(
            store, Verb.RECORD_VISIT, worker, child_key=child_key, happened_on=TODAY,
            met=Met.NOBODY if found is None else Met.BOTH, note="…",
        )  # fmt: skip
        if found is not None:
            life(store, Verb.DISPOSE, worker, child_key=child_key, dispositions=found, reason="…")

    store.migrate("0022")
    store.migrate()

    cases = {key: case_now(store, key) for key in ("c-one", "c-two", "c-three")}
    assert {key: case.confirmed for key, case in cases.items()} == {
        "c-one": True, "c-two": False, "c-three": None,
    }  # fmt: skip
    assert {key: case.visited_on for key, case in cases.items()} == {
        "c-one": TODAY, "c-two": TODAY, "c-three": None,
    }  # fmt: skip
