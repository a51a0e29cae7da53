"""Which kept screenings say what would be said of their feature row now, on every database?"""

from datetime import date

import pytest
from sqlalchemy import Table, insert, select
from sqlalchemy.exc import DBAPIError

from serving.review import screenings
from serving.review.screenings import feature_row_id
from serving.review.tables import ScreeningRow
from tests.support_models import screening
from tests.support_review import NOW

TABLE: Table = ScreeningRow.__table__
DAY = date(2026, 10, 1)


def test_only_what_was_said_on_request_by_what_is_in_use_is_what_would_be_said_now(store):
    features = {"absences_unexplained_90d": 4.0}
    with store.write() as session:
        row = screenings.add_feature_row(
            session, child_key="c1", as_of=DAY, features=features, silent=(), now=NOW
        )
        rows = {"c1": row}
        [first] = screenings.add_screenings(session, [screening("c1")], now=NOW, feature_rows=rows)
        held = dict(session.connection().execute(select(TABLE).where(TABLE.c.id == first)).mappings().one())
        # Newer than it: by a library of another version, and by a round in which a place has another meaning.
        otherwise = {**held["made_with"], "numpy": "0.1"}
        for number, changed in enumerate(({"made_with": otherwise}, {"round_id": "2026-10-01"}), start=2):
            session.connection().execute(
                insert(TABLE), {**held, "id": f"s{number}", "number": held["number"] + number, **changed}
            )

    with store.connection() as connection, connection.begin():
        [kept] = screenings.rows_read(connection, "c1", after=date.min, until=DAY)

    assert kept.id == feature_row_id("c1", DAY, features, ())
    assert kept.read_by == {("psychological", "0123456789ab")}
    assert kept.said == {("psychological", "0123456789ab"): first}


def test_what_another_version_said_of_a_row_is_kept_apart(store):
    with store.write() as session:
        row = screenings.add_feature_row(session, child_key="c1", as_of=DAY, features={}, silent=(), now=NOW)
        said = [screening("c1"), screening("c1", version="another"), screening("c1", screener="guardianship")]
        ids = screenings.add_screenings(session, said, now=NOW, feature_rows={"c1": row})

    with store.connection() as connection, connection.begin():
        [kept] = screenings.rows_read(connection, "c1", after=date.min, until=DAY)

    assert kept.said == {(one.screener, one.version): number for one, number in zip(said, ids, strict=True)}


def test_a_plain_connection_writes_only_where_it_was_asked_for(store):
    changing = "UPDATE cases SET version = version + 1"
    with store.connection(writing=True) as connection, connection.begin():
        connection.exec_driver_sql(changing)

    # A pool hands the same connection out again: what it was for before must not count.
    with (
        store.connection() as connection,
        pytest.raises(DBAPIError, match=r"readonly|read-only"),
        connection.begin(),
    ):
        connection.exec_driver_sql(changing)
