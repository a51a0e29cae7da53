"""The store on both databases: transactions, append-only tables, the chained log, leases, outbox."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError

from serving.review import accounts, actions, audit, checking, leases, outbox, queries, screenings
from serving.review.case import Refused, Role
from serving.review.schema import METADATA
from serving.review.store import Store, StoreError
from serving.review.tables import APPEND_ONLY, Account, AuditEvent, Case, LeaseRow, ScreeningRow
from tests import support_review as support
from tests.support_postgres import PAST_GUARDS
from tests.support_review import AS_OF, NOW, PASSWORD, ROUND

# --- every column says what it is ---------------------------------------------------------------


def test_every_column_of_every_table_says_whether_it_is_about_a_person():
    unmarked = [
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.info.get("personal") not in (True, False)
    ]

    assert unmarked == []


def test_whatever_names_a_child_or_holds_free_text_is_marked_personal():
    telling = {"child_key", "note", "reason", "display_name", "username", "body", "disposition", "once"}

    for table in METADATA.sorted_tables:
        for column in table.columns:
            if column.name in telling:
                assert column.info["personal"] is True, f"{table.name}.{column.name}"


def test_the_log_has_no_foreign_keys():
    assert not METADATA.tables["audit_events"].foreign_keys


# --- transactions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite:///:memory:", "postgresql://somewhere", "mysql://somewhere/review"]
)
def test_the_store_wants_a_sqlite_file_or_a_postgresql_database(address):
    with pytest.raises(StoreError, match="needs a SQLite file or a PostgreSQL database"):
        Store.open(address)


def test_a_sqlite_store_runs_in_wal_mode_with_foreign_keys(tmp_path):
    store = support.open_store(tmp_path)
    with store.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    store.close()


def test_a_server_that_does_not_answer_is_named_in_a_sentence(tmp_path):
    store = Store.open(f"postgresql+psycopg://miaohu:secret@/review?host={tmp_path}")

    with pytest.raises(
        StoreError, match="The PostgreSQL database of MIAOHU_REVIEW_DB cannot be used"
    ) as said:
        store.migrate()

    assert "secret" not in str(said.value)


def test_a_database_that_is_not_there_is_named_in_a_sentence(postgres):
    with pytest.raises(StoreError, match=r'cannot be used: .*"nowhere" does not exist'):
        Store.open(postgres.address("nowhere")).migrate()


def test_a_database_that_sorts_otherwise_is_refused(postgres):
    postgres.run("CREATE DATABASE otherwise TEMPLATE template0 LC_COLLATE 'C.UTF-8'")
    store = Store.open(postgres.address("otherwise"))

    with pytest.raises(StoreError, match="must sort by bytes"):
        store.migrate()
    store.close()


def test_a_reading_session_cannot_write(store):
    with pytest.raises(DatabaseError, match=r"read-?only"), store.read() as session:
        leases.acquire(session, name="x", holder="me", lasts=timedelta(minutes=1), now=NOW)


def test_a_reading_session_sees_one_state_of_the_store(store):
    with store.read() as session:
        before = session.scalar(select(func.count()).select_from(Account))
        support.add_account(store)
        after = session.scalar(select(func.count()).select_from(Account))

    assert (before, after) == (0, 0)


def test_a_writer_waits_until_the_one_before_is_done(store):
    """Two transactions that each read a count and write it back, one higher: neither is lost."""
    with store.write() as session:
        leases.acquire(session, name="x", holder="0", lasts=timedelta(0), now=NOW)

    def count_up(_):
        with store.write() as session:
            seen = int(session.scalar(select(LeaseRow.holder)))
            session.execute(update(LeaseRow).values(holder=str(seen + 1)))

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(count_up, range(40)))

    with store.read() as session:
        assert session.scalar(select(LeaseRow.holder)) == "40"


def test_a_failed_transaction_leaves_nothing(store):
    def take_and_fail():
        with store.write() as session:
            leases.acquire(session, name="x", holder="me", lasts=timedelta(minutes=1), now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        take_and_fail()

    with store.write() as session:
        assert leases.acquire(session, name="x", holder="you", lasts=timedelta(minutes=1), now=NOW)


def test_a_failed_statement_carries_no_values(store):
    support.add_account(store)
    support.add_account(store, Role.SCREENER)
    # A name that is taken: PostgreSQL says which.
    again = text("UPDATE accounts SET username = :name WHERE username <> :name")

    with pytest.raises(IntegrityError) as failed, store.write() as session:
        session.execute(again, {"name": "child_director"})

    assert "child_director" not in str(failed.value)


def test_a_moment_without_a_time_zone_is_refused(store):
    with pytest.raises(StatementError, match="needs its time zone"), store.write() as session:
        leases.acquire(
            session,
            name="x",
            holder="me",
            lasts=timedelta(minutes=1),
            now=datetime(2026, 10, 6),  # noqa: DTZ001  # what the test is about
        )


# --- append-only ------------------------------------------------------------------------------------


@pytest.fixture
def filled(store):
    support.add_account(store)
    support.open_cases(store, [support.alert("c-one")])
    support.add_screenings(store, [support.screening("c-one")])
    with store.write() as session:
        screenings.add_feature_row(
            session, child_key="c-one", as_of=AS_OF, features={"a": 1.0}, silent=[], now=NOW
        )
    checking.look_at_log(store, NOW)
    return store


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_append_only_refuses_every_change(filled, table, change):
    with filled.read() as session:
        before = session.scalar(text(f"SELECT count(*) FROM {table}"))
    assert before > 0
    if change.startswith("TRUNCATE") and filled.dialect == "sqlite":
        return  # SQLite has no such statement
    column = METADATA.tables[table].columns.keys()[0]

    with pytest.raises(IntegrityError, match=f"{table} is append-only"), filled.write() as session:
        session.execute(text(change.format(table, column, column)))

    with filled.read() as session:
        assert session.scalar(text(f"SELECT count(*) FROM {table}")) == before


# --- the chained log --------------------------------------------------------------------------------


def without_guard(store, *statements):
    """What somebody with the database in hands could do."""
    with store.write() as session:
        if store.dialect == "postgresql":
            session.execute(text(PAST_GUARDS))
        else:
            for change in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER audit_events_no_{change}"))
        for statement in statements:
            session.execute(text(statement))


def log_of_five(store):
    with store.write() as session:
        for number in range(5):
            audit.write(session, actor="u", verb="claim", subject=f"case{number}", now=NOW)
    with store.read() as session:
        return audit.head(session)


def test_an_intact_log_verifies_and_agrees_with_its_witness(store):
    head = log_of_five(store)

    with store.read() as session:
        assert audit.verify(session) == 5
        assert audit.verify(session, head) == 5


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE audit_events SET subject = 'other' WHERE number = 3", "Event 3 of the log is not as it was"),
        ("UPDATE audit_events SET at = '2020-01-01 00:00:00' WHERE number = 2", "Event 2 of the log is not"),
        ("DELETE FROM audit_events WHERE number = 2", "The log has no event 2"),
        ("DELETE FROM audit_events WHERE number = 5", "The log ends at event 4, its head says 5"),
        ("DELETE FROM audit_events", "The log ends at event 0, its head says 5"),
    ],
)
def test_a_log_that_was_tampered_with_is_found_out(store, statement, sentence):
    log_of_five(store)

    without_guard(store, statement)

    with store.read() as session, pytest.raises(audit.AuditBroken, match=sentence):
        audit.verify(session)


def test_two_events_that_changed_places_are_found_out(store):
    log_of_five(store)

    without_guard(
        store,
        "UPDATE audit_events SET number = 99 WHERE number = 2",
        "UPDATE audit_events SET number = 2 WHERE number = 3",
        "UPDATE audit_events SET number = 3 WHERE number = 99",
    )

    with store.read() as session, pytest.raises(audit.AuditBroken, match="Event 2 of the log"):
        audit.verify(session)


def test_a_log_cut_off_together_with_its_head_is_found_out_by_a_witness(store):
    head = log_of_five(store)

    without_guard(
        store,
        "DELETE FROM audit_events WHERE number = 5",
        "UPDATE audit_head SET number = 4, own_hash = (SELECT own_hash FROM audit_events WHERE number = 4)",
    )

    with store.read() as session:
        assert audit.verify(session) == 4
        with pytest.raises(audit.AuditBroken, match="not the one the witness saw"):
            audit.verify(session, head)


def test_the_log_holds_no_name_note_or_reason(store):
    actor = support.add_account(store, display_name="名字很特别")
    support.open_cases(store, [support.alert("c-one")])
    with store.write() as session:
        case = actions.claim_next(session, actor=actor, now=NOW)
        actions.return_to_queue(
            session,
            actor=actor,
            case_id=case.id,
            version=case.version,
            reason="理由很特别",
            now=NOW,
            today=support.TODAY,
        )

    with store.read() as session:
        said = [f"{event.detail} {event.subject}" for event in session.scalars(select(AuditEvent))]
        assert queries.notes_of(session, case.id)
    assert not [line for line in said if "特别" in line or "c-one" in line]


# --- accounts -----------------------------------------------------------------------------------------


def try_sign_in(store, password=PASSWORD, username="child_director", now=NOW, token="t" * 32):
    with store.read() as session:
        right = accounts.has_password(session, username=username, password=password)
    with store.write() as session:
        return accounts.sign_in(session, username=username, right=right, token=token, csrf_token="c", now=now)


def test_a_password_is_kept_as_argon2id_only(store):
    with store.write() as session:
        accounts.create(
            session,
            username="wang",
            display_name="王",
            role=Role.AUDITOR,
            area_prefix="",
            password=PASSWORD,
            now=NOW,
        )

    with store.read() as session:
        kept = session.scalar(select(Account.password_hash))
    # The least that OWASP holds to be enough.
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in kept


def test_after_five_failures_the_account_pauses_and_the_right_password_waits_too(store):
    support.add_account(store)

    answers = [try_sign_in(store, "wrong") for _ in range(5)]

    assert answers == [accounts.WRONG] * 5
    assert try_sign_in(store) == accounts.WRONG
    assert try_sign_in(store, now=NOW + timedelta(minutes=14, seconds=59)) == accounts.WRONG
    assert try_sign_in(store, now=NOW + timedelta(minutes=15)) is None


def test_a_success_forgets_earlier_failures(store):
    support.add_account(store)

    for _ in range(4):
        try_sign_in(store, "wrong")
    assert try_sign_in(store) is None
    for _ in range(4):
        try_sign_in(store, "wrong")
    assert try_sign_in(store, token="u" * 32) is None


def test_unknown_wrong_closed_and_paused_accounts_get_one_answer(store):
    actor = support.add_account(store)
    unknown = try_sign_in(store, username="nobody")
    wrong = try_sign_in(store, "wrong")
    with store.write() as session:
        accounts.disable(session, account_id=actor.account_id, now=NOW)

    assert unknown == wrong == try_sign_in(store) == accounts.WRONG


def test_a_session_ends_by_time_by_signing_out_and_with_its_account(store):
    actor = support.add_account(store)
    for token in ("a", "b", "c"):
        try_sign_in(store, token=token)

    def who(token, now=NOW):
        with store.read() as session:
            return accounts.signed_in(session, token=token, now=now)

    assert who("a").actor == actor
    assert who("a", NOW + timedelta(hours=7, minutes=59)) is not None
    assert who("a", NOW + timedelta(hours=8)) is None
    with store.write() as session:
        accounts.sign_out(session, token="b", now=NOW)
    assert who("b") is None
    with store.write() as session:
        accounts.disable(session, account_id=actor.account_id, now=NOW)
    assert who("c") is None
    assert who("never given") is None


def test_a_session_token_is_kept_as_its_hash_only(store):
    support.add_account(store)
    try_sign_in(store, token="the token of the browser")

    with store.read() as session:
        kept = session.execute(text("SELECT * FROM sessions")).all()
    assert "the token of the browser" not in str(kept)


@pytest.mark.parametrize(
    ("changes", "sentence", "field"),
    [
        ({"password": "short"}, "A password needs at least 12 characters.", "password"),
        ({"username": " "}, "Give a user name and a display name.", "username"),
        ({"area_prefix": "Hangzhou"}, "The area is an area code, or empty for everywhere.", "area_prefix"),
        ({"username": "taken"}, "This user name is taken.", "username"),
    ],
)
def test_an_account_that_cannot_be_is_refused(store, changes, sentence, field):
    support.add_account(store, username="taken")
    given = {"username": "new", "display_name": "新", "area_prefix": "3301", "password": PASSWORD} | changes

    with store.write() as session, pytest.raises(Refused) as refused:
        accounts.create(session, role=Role.SCREENER, now=NOW, **given)

    assert (refused.value.sentence.en, refused.value.field) == (sentence, field)


# --- leases, outbox -----------------------------------------------------------------------------


def test_a_lease_has_one_holder_until_it_runs_out(store):
    def acquire(holder, now):
        with store.write() as session:
            return leases.acquire(session, name="work", holder=holder, lasts=timedelta(minutes=5), now=now)

    assert acquire("one", NOW)
    assert not acquire("two", NOW + timedelta(minutes=4))
    assert acquire("one", NOW + timedelta(minutes=4))
    assert not acquire("two", NOW + timedelta(minutes=8))
    assert acquire("two", NOW + timedelta(minutes=9))
    with store.write() as session:
        leases.release(session, name="work", holder="one")
    assert not acquire("one", NOW + timedelta(minutes=9))
    with store.write() as session:
        leases.release(session, name="work", holder="two")
    assert acquire("one", NOW + timedelta(minutes=9))


def test_the_outbox_gives_each_record_until_it_is_marked(store):
    with store.write() as session:
        for number in range(3):
            outbox.put(
                session,
                source="alerts",
                record={
                    "record_id": str(number),
                    "occurred_on": "2026-10-06",
                    "child_key": "c",
                    "case_id": "x",
                },
                now=NOW,
            )
    with store.read() as session:
        first = outbox.pending(session, limit=2)
    assert [row.record["record_id"] for row in first] == ["0", "1"]
    assert first[0].record["occurred_on"] == date(2026, 10, 6)

    with store.write() as session:
        outbox.mark(session, [row.id for row in first], now=NOW)

    with store.read() as session:
        assert [row.record["record_id"] for row in outbox.pending(session)] == ["2"]


# --- screenings ----------------------------------------------------------------------------------------


def test_a_screening_comes_back_to_the_bit_and_is_kept_once(store):
    support.open_cases(store, [support.alert("c-one")])
    given = support.screening("c-one", risk=0.1 + 0.2)

    support.add_screenings(store, [given])
    support.add_screenings(store, [given])

    with store.read() as session:
        assert screenings.behind_case(session, child_keys=["c-one"], round_ids=[ROUND]) == [given]
        row = session.scalars(select(ScreeningRow)).one()
        assert (row.expires_on, row.body) == (date(2027, 3, 30), given.to_json())


def test_of_one_screener_the_newest_screening_of_the_round_counts(store):
    support.open_cases(store, [support.alert("c-one")])
    support.add_screenings(store, [support.screening("c-one", risk=0.10)])
    support.add_screenings(store, [support.screening("c-one", risk=0.11)])
    with store.write() as session:
        screenings.add_screenings(session, [support.screening("c-one", risk=0.12)], now=NOW)

    with store.read() as session:
        found = screenings.behind_case(session, child_keys=["c-one"], round_ids=[ROUND])
    assert [one.risk for one in found] == [0.11]


def test_a_feature_row_keeps_what_is_not_known_as_null(store):
    with store.write() as session:
        one = screenings.add_feature_row(
            session, child_key="c", as_of=AS_OF, features={"a": 1.5, "b": float("nan")}, silent=["x"], now=NOW
        )
        two = screenings.add_feature_row(
            session, child_key="c", as_of=AS_OF, features={"a": 1.5, "b": None}, silent=["x"], now=NOW
        )
        other = screenings.add_feature_row(
            session, child_key="c", as_of=AS_OF, features={"a": 1.5, "b": 0.0}, silent=["x"], now=NOW
        )

    assert one == two != other
    with store.read() as session:
        assert screenings.features_of(session, child_key="c", as_of=date(2026, 4, 1)) == {}
        assert set(screenings.features_of(session, child_key="c", as_of=AS_OF)) == {"a", "b"}


# --- several at once -----------------------------------------------------------------------------------


def test_eight_at_once_never_take_the_same_case(store):
    support.open_cases(store, [support.alert(f"c{number}", rank=number) for number in range(40)])
    people = [support.add_account(store, username=f"worker{number}") for number in range(8)]
    taken: dict[str, list[str]] = {actor.account_id: [] for actor in people}
    failures: list[BaseException] = []

    def work(actor):
        try:
            while True:
                with store.write() as session:
                    case = actions.claim_next(session, actor=actor, now=NOW)
                if case is None:
                    return
                taken[actor.account_id].append(case.id)
        except BaseException as failure:  # noqa: BLE001  # handed to the test, which fails on it
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(actor,)) for actor in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = [case_id for of_one in taken.values() for case_id in of_one]
    assert failures == []
    assert len(ids) == len(set(ids)) == 40
    with store.read() as session:
        held = {case.id: case.holder_id for case in session.scalars(select(Case))}
        assert held == {case_id: holder for holder, cases in taken.items() for case_id in cases}
        assert audit.verify(session) > 80


def test_nobody_else_on_the_machine_may_read_the_store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'review.db'}")

    store.migrate()
    store.close()

    assert (tmp_path / "review.db").stat().st_mode & 0o777 == 0o600
