"""A child deleted by right leaves the queue too; that the queue worked stays. On both databases."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from serving.replay import CannotReplay, replay_stored
from serving.review import audit, outbox, screenings
from serving.review.case import FactKind, Met, Role, Status, View
from serving.review.forgetting import DELETED, Forgotten, forget
from serving.review.machine_tables import KeptAnswer
from serving.review.record_tables import ReportRow
from serving.review.schema import METADATA
from serving.review.tables import (
    AlertRow,
    Case,
    FactRow,
    FeatureRow,
    NoteRow,
    OutboxRow,
    ScreeningRow,
    ViewRow,
)
from tests import support_records as records
from tests import support_review as support
from tests.support_review import AS_OF, NOW, TODAY, VILLAGE

GONE, STAYS = "c-gone", "c-stays"
SAID = "said of the child"


@pytest.fixture
def filled(store):
    actor = support.add_account(store, Role.CHILD_DIRECTOR)
    support.open_cases(store, [support.alert(GONE), support.alert(STAYS)])
    support.add_screenings(store, [support.screening(GONE), support.screening(STAYS)])
    with store.write() as session:
        for key in (GONE, STAYS):
            case = session.scalar(select(Case).where(Case.child_key == key))
            screenings.add_feature_row(
                session, child_key=key, as_of=AS_OF, features={"a": 1.0}, silent=[], now=NOW
            )
            session.add(
                FactRow(
                    case_id=case.id, entry=1, kind=FactKind.VISIT.value, happened_on=TODAY, note=f"{SAID} {key}",
                    met=Met.CHILD.value, recorded_by=actor.account_id, recorded_at=NOW,
                )
            )  # fmt: skip
            session.add(
                ViewRow(
                    case_id=case.id, account_id=actor.account_id, view=View.CONCERN.value,
                    note=f"{SAID} {key}", recorded_at=NOW,
                )
            )  # fmt: skip
            session.add(NoteRow(event_number=1000 + len(key), case_id=case.id, note=f"{SAID} {key}"))
            outbox.put(
                session, source="dispositions",
                record={"record_id": f"{key}-1", "child_key": key, "case_id": case.id, "occurred_on": "2026-10-06"}, now=NOW,
            )  # fmt: skip
        session.add(KeptAnswer(id="a", asked="b", status=200, body=f'{{"child_key": "{GONE}"}}', kept_at=NOW))
    return store


def everything(store) -> str:
    """All that the store holds, packed texts opened."""
    with store.read() as session:
        said = [str(row) for table in METADATA.sorted_tables for row in session.execute(select(table))]
        said += session.scalars(select(ScreeningRow.body)).all()
        said += [str(row.record) for row in session.scalars(select(OutboxRow))]
    return "\n".join(said)


def test_nothing_of_a_deleted_child_is_left_and_another_child_keeps_all(filled):
    assert GONE in everything(filled)

    done = forget(filled, [GONE], NOW)

    left = everything(filled)
    assert GONE not in left
    assert f"{SAID} {STAYS}" in left
    assert (done.cases, done.emptied) == (1, 3)
    with filled.read() as session:
        for kind in (Case, AlertRow, ScreeningRow, FeatureRow):
            assert set(session.scalars(select(kind.child_key))) == {DELETED, STAYS}
        case = session.scalar(select(Case).where(Case.child_key == DELETED))
        assert (case.status, case.area_code, case.tier, case.holder_id) == (
            Status.CLOSED.value,
            "",
            None,
            None,
        )
        alert = session.scalar(select(AlertRow).where(AlertRow.child_key == DELETED))
        assert (alert.lane, alert.screener, alert.as_of) == ("model", "psychological", AS_OF)
        audit.verify(session)


def test_it_is_in_the_log_once_with_counts_and_no_key(filled):
    done = forget(filled, [GONE], NOW)

    assert forget(filled, [GONE], NOW) == Forgotten()
    with filled.read() as session:
        [event] = audit.history(session, "forget_child")
        assert event.detail == {"cases": 1, "emptied": 3, "removed": done.removed}
        assert done.removed >= 6  # a visit, a view, a note, two records for the lake, an answer


def test_two_children_deleted_do_not_stand_in_each_others_way(filled):
    forget(filled, [GONE], NOW)
    forget(filled, [STAYS], NOW)

    with filled.read() as session:
        assert session.scalar(select(func.count()).where(Case.child_key == DELETED)) == 2
        assert session.scalar(select(func.count()).select_from(OutboxRow)) == 0


def test_that_a_mandatory_report_was_made_stays_as_proof_with_nothing_of_the_child(filled):
    with filled.read() as session:
        case = session.scalar(select(Case.id).where(Case.child_key == GONE))
    reporter = support.add_account(filled, Role.ASSESSOR)
    number = records.report(filled, reporter, case, about=SAID + GONE, note=SAID + GONE)

    forget(filled, [GONE], NOW)

    assert GONE not in everything(filled)
    with filled.read() as session:
        row = session.get_one(ReportRow, number)
        assert (row.child_key, row.about, row.note) == (DELETED, "", "")
        assert (row.told, row.made_by) == (["police", "civil_affairs"], reporter.account_id)


def test_a_screening_of_a_deleted_child_cannot_be_made_again(filled, tmp_path):
    forget(filled, [GONE], NOW)

    with filled.read() as session:
        number = session.scalar(select(ScreeningRow.id).where(ScreeningRow.child_key == DELETED))
        with pytest.raises(CannotReplay, match="was deleted by right"):
            replay_stored(session, number, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alerts SET child_key = 'deleted', draw_probability = 0.5",
        "UPDATE alerts SET child_key = 'c-other'",
        "UPDATE screenings SET child_key = 'deleted', version = 'another'",
        "UPDATE feature_rows SET features = '{}'",
        "DELETE FROM alerts",
    ],
)
def test_the_guards_let_nothing_through_but_emptying(filled, change):
    with pytest.raises(DatabaseError, match="is append-only"), filled.write() as session:
        session.execute(text(change))


def test_nobody_deleted_writes_nothing(filled):
    before = everything(filled)

    assert forget(filled, [], NOW) == forget(filled, ["c-unknown"], NOW) == Forgotten()
    assert everything(filled) == before
    assert VILLAGE in before
