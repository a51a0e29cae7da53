"""Nothing lost, nobody in: checks, backups and restores on both databases, and what the service's user may do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from serving.__main__ import main
from serving.review import actions, audit, backup, checking, grants, readiness, screenings
from serving.review.case import Role
from serving.review.schema import METADATA
from serving.review.store import Store, StoreError
from serving.review.tables import APPEND_ONLY, AlertRow, AuditCheck, AuditEvent, Case, ScreeningRow
from tests import support_review as support
from tests.support_postgres import PAST_GUARDS
from tests.support_review import AS_OF, NOW, ROUND, alert


@pytest.fixture
def filled(store):
    """A store with a little of most things."""
    worker = support.add_account(store)
    support.open_cases(store, [alert(key, rank=place) for place, key in enumerate(("c-one", "c-two"))])
    support.add_screenings(store, [support.screening("c-one", risk=0.1 + 0.2)])
    with store.write() as session:
        screenings.add_feature_row(
            session, child_key="c-one", as_of=AS_OF, features={"a": 1.5, "b": None}, silent=["x"], now=NOW
        )
        actions.claim_next(session, actor=worker, now=NOW)
    return store


@pytest.fixture
def fresh(tmp_path):
    """An empty SQLite store beside the other."""
    store = Store.open(f"sqlite:///{tmp_path / 'fresh.db'}")
    yield store
    store.close()


def everything(store):
    with store.read() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in METADATA.sorted_tables
        }


def past_guards(store, *statements):
    """What somebody with the database in hands could do."""
    with store.write() as session:
        if store.dialect == "postgresql":
            session.execute(text(PAST_GUARDS))
        else:
            session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            for change in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER audit_events_no_{change}"))
        for statement in statements:
            session.execute(text(statement))


# --- backup and restore -----------------------------------------------------------------------------------


def test_a_backup_holds_everything_to_the_letter_and_passes_its_check(filled, tmp_path):
    file = tmp_path / "backup.db"

    found = backup.back_up(filled, file)

    copy = Store.open(f"sqlite:///{file}")
    assert everything(copy) == everything(filled)
    copy.close()
    assert found.faults == ()
    assert found.rows["alerts"] == 2
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("backup.db*")] == ["backup.db"]


def test_a_restored_store_holds_everything_and_goes_on_where_it_stopped(filled, fresh, tmp_path):
    backup.back_up(filled, tmp_path / "backup.db")

    found = backup.restore(tmp_path / "backup.db", fresh)

    assert found.faults == ()
    assert everything(fresh) == everything(filled)
    support.open_cases(fresh, [alert("c-three")], release=2)
    with fresh.read() as session:
        [kept] = screenings.behind_case(session, child_keys=["c-one"], round_ids=[ROUND])
        audit.verify(session, found.head)
    assert kept == support.screening("c-one", risk=0.1 + 0.2)


def test_a_backup_goes_into_postgresql_and_its_numbers_go_on(postgres, tmp_path):
    store, target = support.open_store(tmp_path), Store.open(postgres.address(postgres.make()))
    support.open_cases(store, [alert("c-one"), alert("c-two")])
    backup.back_up(store, tmp_path / "backup.db")

    found = backup.restore(tmp_path / "backup.db", target)
    support.open_cases(target, [alert("c-three")], release=2)

    with target.read() as session:
        numbers = session.scalars(select(AlertRow.id).order_by(AlertRow.id)).all()
    assert found.faults == ()
    assert list(numbers) == [1, 2, 3]
    store.close()
    target.close()


def test_a_backup_is_of_one_moment_while_work_goes_on(filled, tmp_path):
    with filled.read() as session:
        before = session.scalar(select(audit.AuditHead.number))
        support.open_cases(filled, [alert("c-later")], release=2)
        copy = Store.open(f"sqlite:///{tmp_path / 'copy.db'}")
        copy.migrate()
        with copy.write() as target:
            backup.copy_rows(session, target)

    found = checking.check(copy)
    copy.close()
    assert found.faults == ()
    assert (found.head.number, found.rows["cases"]) == (before, 2)


def test_a_backup_writes_over_nothing(filled, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(StoreError, match="is there already"):
        backup.back_up(filled, tmp_path / "notes.txt")
    with pytest.raises(StoreError, match="cannot be written: No such file"):
        backup.back_up(filled, tmp_path / "no folder" / "backup.db")

    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_restore_writes_over_nothing(filled, fresh, tmp_path):
    backup.back_up(filled, tmp_path / "backup.db")
    before = everything(filled)

    with pytest.raises(StoreError, match="is not empty"):
        backup.restore(tmp_path / "backup.db", filled)
    with pytest.raises(StoreError, match="There is no backup"):
        backup.restore(tmp_path / "elsewhere.db", fresh)

    assert everything(filled) == before


def test_what_is_no_backup_is_refused(fresh, tmp_path):
    (tmp_path / "text.db").write_text("not a database at all, but long enough to look at")
    (tmp_path / "empty.db").touch()

    for name in ("text.db", "empty.db"):
        with pytest.raises(StoreError, match="no backup of a review store"):
            backup.restore(tmp_path / name, fresh)


def test_a_backup_of_an_older_version_is_brought_up_to_date(fresh, tmp_path):
    old = Store.open(f"sqlite:///{tmp_path / 'old.db'}")
    old.migrate("+4")
    body = support.screening("c-one").to_json()
    with old.write() as session:
        session.execute(
            text(
                "INSERT INTO screenings (id, number, child_key, as_of, screener, version, body, expires_on,"
                " created_at) VALUES ('s', 1, 'c-one', '2026-10-01', 'psychological', 'v1', :body,"
                " '2027-03-30', '2026-10-06 01:30:00')"
            ),
            {"body": body},
        )
    old.close()

    found = backup.restore(tmp_path / "old.db", fresh)

    with fresh.read() as session:
        assert session.scalars(select(ScreeningRow)).one().body == body
    assert found.faults == ()


# --- checking -----------------------------------------------------------------------------------------------


def test_a_check_of_a_whole_store_counts_and_gives_a_witness(filled):
    found = checking.check(filled)

    assert found.faults == ()
    assert (found.rows["cases"], found.rows["alerts"], found.rows["screenings"]) == (2, 2, 1)
    assert checking.check(filled, found.head).faults == ()
    other = replace(found.head, own_hash="0" * 64)
    assert checking.check(filled, other).faults == ("The log is not the one the witness saw.",)


def test_a_check_finds_rows_that_point_nowhere(filled):
    if filled.dialect == "postgresql":
        past_guards(filled, "DELETE FROM rounds")
    else:
        with filled.connection() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("PRAGMA query_only=0")
            connection.exec_driver_sql("DELETE FROM rounds")
            connection.exec_driver_sql("BEGIN")

    assert "2 rows of alerts point to no row of rounds." in checking.check(filled).faults


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_check_says_that_a_table_may_be_changed_that_must_not(filled, table):
    assert checking.check(filled).faults == ()

    guard = f"{table}_no_update"
    taken = f"DROP TRIGGER {guard}"
    if filled.dialect == "postgresql":
        taken = f"ALTER TABLE {table} DISABLE TRIGGER {guard}"
    with filled.write() as session:
        session.execute(text(taken))
    found = checking.check(filled).faults
    if filled.dialect == "postgresql":  # the tests of one server share their tables
        with filled.write() as session:
            session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER {guard}"))

    assert found == (f"The guard that keeps {table} append-only is gone.",)


def test_a_check_says_that_tables_are_of_another_version(fresh):
    fresh.migrate("+1")

    assert checking.check(fresh).faults[0].startswith("The tables stand at revision 0001, this version wants")


def test_the_log_is_looked_at_once_a_day(filled):
    assert checking.look_at_log(filled, NOW).fault is None
    assert checking.look_at_log(filled, NOW + timedelta(hours=23)) is None
    assert checking.look_at_log(filled, NOW + timedelta(hours=24)).fault is None


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (["UPDATE audit_events SET verb = 'dispose' WHERE number = 2"], "Event 2 of the log is not as it was"),
        (["DELETE FROM audit_events WHERE number = 2"], "The log has no event 2"),
        (["UPDATE audit_events SET number = number + 90 WHERE number IN (2, 3)",
          "UPDATE audit_events SET number = 3 WHERE number = 92",
          "UPDATE audit_events SET number = 2 WHERE number = 93"], "Event 2 of the log is not as it was"),
        (["DELETE FROM audit_events"], "The log ends at event 0"),
        (["DELETE FROM audit_events WHERE number > 2",
          "UPDATE audit_head SET number = 2, own_hash = (SELECT own_hash FROM audit_events WHERE number = 2)"],
         "not the one the witness saw"),
    ],
    ids=["edited", "deleted", "reordered", "emptied", "cut off with its head"],
)  # fmt: skip
def test_a_log_that_was_changed_is_found_at_the_next_look_and_stays_found(filled, statements, sentence):
    checking.look_at_log(filled, NOW)
    assert readiness.troubles(filled, NOW) == []

    past_guards(filled, *statements)

    found = checking.look_at_log(filled, NOW + timedelta(days=1))
    assert sentence in found.fault
    assert sentence in readiness.troubles(filled, NOW)[0].sentence
    assert any(sentence in fault for fault in checking.check(filled).faults)
    assert sentence in checking.look_at_log(filled, NOW + timedelta(days=2)).fault


def test_a_store_that_cannot_be_reached_or_is_of_another_version_is_not_ready(fresh, tmp_path):
    fresh.migrate("+1")
    away = Store.open(f"postgresql://miaohu@/review?host={tmp_path}")

    assert "this version wants" in readiness.troubles(fresh, NOW)[0].sentence
    assert "cannot be used" in readiness.troubles(away, NOW)[0].sentence
    away.close()


# --- the service's own database user ---------------------------------------------------------------------------


@pytest.fixture
def service(postgres, filled_postgres):
    """The store as the service's own user sees it."""
    postgres.run("CREATE ROLE miaohu_service LOGIN")
    grants.apply(filled_postgres, "miaohu_service")
    store = Store.open(postgres.address("migrated", user="miaohu_service"))
    yield store
    store.close()
    postgres.run("DROP OWNED BY miaohu_service", database="migrated")
    postgres.run("DROP ROLE miaohu_service")


@pytest.fixture
def filled_postgres(postgres):
    postgres.clear("migrated")
    store = Store.open(postgres.address("migrated"))
    support.add_account(store, Role.SUPERVISOR)
    support.open_cases(store, [alert("c-one")])
    support.add_screenings(store, [support.screening("c-one")])
    checking.look_at_log(store, NOW)
    yield store
    store.close()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_services_own_user_can_change_nothing_that_is_append_only(service, table, change):
    column = METADATA.tables[table].columns.keys()[0]

    with pytest.raises(DatabaseError, match="permission denied"), service.write() as session:
        session.execute(text(change.format(table, column, column)))


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE audit_events",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_events_no_update ON audit_events",
        "SET LOCAL session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
)
def test_the_services_own_user_cannot_take_the_guards_away(service, statement):
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), service.write() as session:
        session.execute(text(statement))


def test_the_services_own_user_can_do_all_the_work(service):
    service.migrate()  # nothing to do, and nothing it may not do
    worker = support.add_account(service)
    support.open_cases(service, [alert("c-two")], release=2)
    support.add_screenings(service, [support.screening("c-two")])
    with service.write() as session:
        case = actions.claim_next(session, actor=worker, now=NOW)
        actions.return_to_queue(
            session, actor=worker, case_id=case.id, version=case.version, reason="不在本村", now=NOW,
            today=support.TODAY,
        )  # fmt: skip
    found = checking.check(service)

    assert found.faults == ()
    assert not found.may_change_log


def test_a_check_tells_the_owner_that_it_could_change_the_log(filled_postgres):
    assert checking.check(filled_postgres).may_change_log


def test_a_user_who_may_not_make_tables_is_told_who_must(postgres, service):
    name = postgres.make()
    store = Store.open(postgres.address(name, user="miaohu_service"))

    with pytest.raises(
        StoreError, match="may not make tables: run `python -m serving migrate` once as the owner"
    ):
        store.migrate()
    store.close()


def test_grants_that_cannot_be_are_refused(store, postgres):
    with pytest.raises(StoreError, match="small letters"):
        grants.statements('x"; DROP TABLE cases; --')
    wanted = (
        "Grants are for PostgreSQL" if store.dialect == "sqlite" else "There is no database user nobody_here"
    )
    with pytest.raises(StoreError, match=wanted):
        grants.apply(store, "nobody_here")


# --- the commands ------------------------------------------------------------------------------------------------


@pytest.fixture
def home(database, tmp_path, monkeypatch):
    monkeypatch.setenv("MIAOHU_HOME", str(tmp_path))
    monkeypatch.setenv("MIAOHU_REVIEW_DB", database)
    store = Store.open(database)
    support.open_cases(store, [alert("c-one")])
    store.close()
    return tmp_path


def test_the_commands_back_up_check_and_restore(home, capsys, monkeypatch):
    assert main(["backup", str(home / "b.db")]) == 0
    assert main(["check", "--file", str(home / "b.db")]) == 0
    said = capsys.readouterr().out
    assert "1 cases" in said
    witness = said.split("its witness is ")[1].split()[0]
    assert main(["check", "--witness", witness]) == 0
    assert main(["check", "--witness", "1:" + "0" * 64]) == 1
    assert "NOT WHOLE: The log is not the one the witness saw." in capsys.readouterr().out

    monkeypatch.setenv("MIAOHU_REVIEW_DB", f"sqlite:///{home / 'new.db'}")
    assert main(["restore", str(home / "b.db")]) == 0
    assert main(["restore", str(home / "b.db")]) == 1
    assert "The store is not empty" in capsys.readouterr().out


def test_grants_are_printed_as_sql(home, capsys):
    assert main(["grants", "miaohu_service"]) == 0

    said = capsys.readouterr().out
    assert f"GRANT SELECT, INSERT ON {', '.join(APPEND_ONLY)} TO miaohu_service;" in said
    assert "audit_events" not in next(line for line in said.splitlines() if "UPDATE, DELETE" in line)


def test_a_look_is_kept_where_it_cannot_be_changed():
    assert AuditCheck.__tablename__ in APPEND_ONLY
    assert {AuditEvent.__tablename__, Case.__tablename__} & set(APPEND_ONLY) == {"audit_events"}
