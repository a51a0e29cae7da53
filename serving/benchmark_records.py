"""What stands beside the cases of a made-up store: records, objections, requests, tables, openings.

Rows are written in bulk as the actions would leave them; everything in them is simulated. How many there are
is a share of the cases, ample beside what a county has, so that no list of a page is measured empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from features.guardianship import tree_named
from features.rounds import Change
from serving.review import ledger_clocks
from serving.review.access_tables import OpeningRow, RightsRow
from serving.review.case import View
from serving.review.channels import Authority, Situation
from serving.review.door_tables import ExportRequest
from serving.review.life_tables import AbsenceRow, ConsultationRow, ObjectionRow
from serving.review.machine_tables import WebhookEndpoint, WebhookMessage
from serving.review.objection_tables import objection_templates
from serving.review.record_tables import (
    AssessmentRow,
    LedgerEntry,
    PlanAction,
    PlanRow,
    RecordStep,
    ReferralRow,
    ReportRow,
    RosterChangeRow,
    RosterRound,
)
from serving.review.tables import ViewRow

Rows = Iterator[dict[str, Any]]
# One record for so many cases.
_EVERY: Mapping[type[Any], int] = {
    LedgerEntry: 20, AssessmentRow: 50, ReportRow: 100, ReferralRow: 20, PlanRow: 50, ObjectionRow: 100,
    OpeningRow: 500, RightsRow: 500, ExportRequest: 1500, ConsultationRow: 2000,
    RosterChangeRow: 10, WebhookMessage: 500, ViewRow: 25,
}  # fmt: skip
_AT_ONCE = 5000
_TREE = tree_named("xiaoshan")
_TEMPLATE = next(iter(objection_templates()))


def put(session: Session, table: type[Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert these rows, some thousand at a time."""
    statement, left = insert(table.__table__), iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        session.execute(statement, some)


def fill_beside(
    session: Session, cases: Sequence[Mapping[str, Any]], people: Mapping[str, str], holders: Sequence[str],
    rng: Random, now: datetime, village: str,
) -> dict[str, tuple[int, ...]]:  # fmt: skip
    """Fill every list beside the cases; the numbers, by table, of those that everybody of the village sees.

    `people`: account ids by role.
    """
    today = now.date()
    # Those of the village come first, so that even a small store has some of everything there.
    ordered = sorted(cases, key=lambda case: case["area_code"] != village)
    seen: dict[str, list[int]] = {}

    def some(table: type[Any]) -> list[tuple[int, Mapping[str, Any]]]:
        chosen = [*ordered[:2], *ordered[2 :: _EVERY[table]]]
        made = list(enumerate(chosen, start=1))
        seen[str(table.__tablename__)] = [n for n, case in made if case["area_code"] == village]
        return made

    worker = people["child_director"]
    tables: list[tuple[type[Any], Rows]] = [
        (LedgerEntry, _ledger(some(LedgerEntry), today, now, worker)),
        (AssessmentRow, _assessments(some(AssessmentRow), today, now, worker, people["assessor"])),
        (ReportRow, _reports(some(ReportRow), today, now, worker)),
        (ReferralRow, _referrals(some(ReferralRow), today, now, worker)),
        (PlanRow, _plans(some(PlanRow), today, now, worker)),
        (PlanAction, _actions(some(PlanRow), today)),
        (RecordStep, _steps(some(LedgerEntry), rng, today, now, worker)),
        (ObjectionRow, _objections(some(ObjectionRow), today, now, worker)),
        (OpeningRow, _openings(some(OpeningRow), now, people["screener"])),
        (RightsRow, _rights(some(RightsRow), today, now, worker)),
        (ExportRequest, _exports(some(ExportRequest), now, people)),
        (ConsultationRow, _consultations(some(ConsultationRow), now, people, holders)),
        (AbsenceRow, _absences(holders[::40], today, now)),
        (ViewRow, _views(some(ViewRow), now)),
        (RosterChangeRow, _roster(some(RosterChangeRow), rng, today)),
        (WebhookEndpoint, _endpoint(now)),
        (WebhookMessage, _messages(some(WebhookMessage), now)),
    ]
    for table, rows in tables:
        if table is RosterChangeRow:
            changes = len(seen[RosterChangeRow.__tablename__])
            put(session, RosterRound, [{"as_of": today, "before": today - timedelta(days=180),
                                        "changes": changes, "made_at": now}])  # fmt: skip
        put(session, table, rows)
    entries = iter(session.scalars(select(LedgerEntry)).all())
    while part := list(islice(entries, _AT_ONCE)):
        ledger_clocks.start(session, *part)
    return {name: tuple(numbers) for name, numbers in seen.items()}


def _of(case: Mapping[str, Any], now: datetime, by: str) -> dict[str, Any]:
    return {
        "child_key": case["child_key"], "area_code": case["area_code"], "case_id": case["id"], "version": 1,
        "note": "模拟", "made_by": by, "made_at": now,
    }  # fmt: skip


def _ledger(some: list[tuple[int, Mapping[str, Any]]], today: date, now: datetime, by: str) -> Rows:
    met: Counter[str] = Counter()
    for number, case in some:
        met[case["child_key"]] += 1
        # A child has one open entry.
        state = "open" if met[case["child_key"]] == 1 else "left"
        yield _of(case, now, by) | {
            "id": number, "state": state, "categories": ["hardship"], "basis": "case",
            "entered_on": (on := today - timedelta(days=number % 200)), "contacted_on": on, "visited_on": on,
            "reviewed_on": None, "left_on": None,
        }  # fmt: skip


def _assessments(
    some: list[tuple[int, Mapping[str, Any]]], today: date, now: datetime, by: str, second: str
) -> Rows:
    grades = {each.code: "1" for each in _TREE.indicators}
    for number, case in some:
        yield _of(case, now, by) | {
            "id": number, "state": "awaits_second" if number % 4 == 0 else "signed", "tree": _TREE.code,
            "tree_version": _TREE.version, "assessed_on": today, "grades": grades, "capability_score": 33.3,
            "risk_score": 33.3, "conclusion": "insufficient", "level": "second", "second_id": second,
            "next_on": today + timedelta(days=180), "replaces": None,
        }  # fmt: skip


def _reports(some: list[tuple[int, Mapping[str, Any]]], today: date, now: datetime, by: str) -> Rows:
    for number, case in some:
        yield _of(case, now, by) | {
            "id": number, "state": "open" if number % 3 == 0 else "answered", "about": "",
            "situation": Situation.INJURY.value, "found_on": today, "reported_on": today,
            "told": [Authority.POLICE.value],
        }  # fmt: skip


def _referrals(some: list[tuple[int, Mapping[str, Any]]], today: date, now: datetime, by: str) -> Rows:
    for number, case in some:
        yield _of(case, now, by) | {
            "id": number, "state": "sent" if number % 3 == 0 else "done", "service": "F17",
            "channel": "line_96525", "stage": "prevention", "consent": "given", "consent_by": "guardian",
            "consent_on": today, "answer_by": today + timedelta(days=number % 30 - 10), "follows": None,
        }  # fmt: skip


def _plans(some: list[tuple[int, Mapping[str, Any]]], today: date, now: datetime, by: str) -> Rows:
    for number, case in some:
        yield _of(case, now, by) | {
            "id": number, "state": "open", "edition": 1, "agreement": "agreed", "agreement_by": "模拟",
            "agreed_on": today, "review_on": today + timedelta(days=60), "replaces": None,
        }  # fmt: skip


def _actions(some: list[tuple[int, Mapping[str, Any]]], today: date) -> Rows:
    for number, _ in some:
        for what in ("模拟一", "模拟二", "模拟三"):
            yield {
                "plan_id": number, "what": what, "who": "模拟", "by_on": today, "state": "open",
                "ended_on": None, "note": "", "carried_from": None,
            }  # fmt: skip


def _steps(
    some: list[tuple[int, Mapping[str, Any]]], rng: Random, today: date, now: datetime, by: str
) -> Rows:
    for number, case in some:
        for verb in ("care_contact", "care_visit"):
            yield {
                "kind": "ledger", "record_id": number, "child_key": case["child_key"], "verb": verb,
                "happened_on": today - timedelta(days=rng.randrange(200)), "code": "guardian", "number": "",
                "note": "模拟", "made_by": by, "made_at": now,
            }  # fmt: skip


def _objections(some: list[tuple[int, Mapping[str, Any]]], today: date, now: datetime, by: str) -> Rows:
    for number, case in some:
        answered = number % 3 == 0
        yield {
            "id": f"o{number:08d}", "case_id": case["id"], "child_key": case["child_key"],
            "raised_by": "guardian", "source": "residence", "record_id": f"r{number}", "occurred_on": today,
            "known_on": today, "wrong": "模拟", "recorded_by": by, "recorded_at": now, "forwarded_at": now,
            "answer": "corrected" if answered else None, "answer_reason": "模拟" if answered else None,
            "answered_on": today if answered else None, "answered_by": by if answered else None,
            "answered_at": now if answered else None, "change": None, "rescored_at": None,
        }  # fmt: skip


def _openings(some: list[tuple[int, Mapping[str, Any]]], now: datetime, by: str) -> Rows:
    for number, case in some:
        reviewed = number % 2 == 0
        yield {
            "id": number, "case_id": case["id"], "area_code": case["area_code"], "account_id": by,
            "reason": "danger", "words": "模拟", "opened_at": now - timedelta(days=2),
            "until": now - timedelta(days=1), "verdict": "justified" if reviewed else None,
            "verdict_words": "模拟" if reviewed else "", "reviewed_by": None, "reviewed_at": None,
        }  # fmt: skip


def _rights(some: list[tuple[int, Mapping[str, Any]]], today: date, now: datetime, by: str) -> Rows:
    for number, case in some:
        yield {
            "id": number, "child_key": case["child_key"], "area_code": case["area_code"],
            "asked_right": "view", "asked_by": "guardian", "identity": "card", "wish": "模拟",
            "received_on": today, "due_on": today + timedelta(days=20), "due_provisional": False,
            "state": "open", "version": 1, "ground": None, "answer": "", "answered_on": None,
            "answered_by": None, "done_at": None, "made_by": by, "made_at": now,
        }  # fmt: skip


def _exports(some: list[tuple[int, Mapping[str, Any]]], now: datetime, people: Mapping[str, str]) -> Rows:
    for number, case in some:
        yield {
            "id": number, "template": _TEMPLATE, "area_prefix": case["area_code"][:9],
            "full_names": False, "purpose": "verify", "words": "模拟", "state": "asked", "version": 1,
            "asked_by": people["screener"], "asked_at": now, "decided_by": None, "decided_at": None,
            "decision_words": "", "fetched_at": None, "rows": None,
        }  # fmt: skip


def _consultations(
    some: list[tuple[int, Mapping[str, Any]]], now: datetime, people: Mapping[str, str],
    holders: Sequence[str],
) -> Rows:  # fmt: skip
    asked = (people["supervisor"], people["screener"], people["child_director"])
    for number, case in some:
        yield {
            "case_id": case["id"], "asked_by": holders[0], "asked_of": asked[number % len(asked)],
            "question": "模拟", "asked_at": now, "answer": None, "answered_at": None,
        }  # fmt: skip


def _absences(away: Sequence[str], today: date, now: datetime) -> Rows:
    for account_id in away:
        yield {
            "account_id": account_id, "first_day": today, "last_day": today + timedelta(days=3),
            "declared_by": account_id, "declared_at": now, "withdrawn_at": None,
        }  # fmt: skip


def _views(some: list[tuple[int, Mapping[str, Any]]], now: datetime) -> Rows:
    for _, case in some:
        if case["holder_id"] is not None:
            yield {
                "case_id": case["id"], "account_id": case["holder_id"], "view": View.CONCERN.value,
                "note": "", "after_reasons": False, "recorded_at": now,
            }  # fmt: skip


def _roster(some: list[tuple[int, Mapping[str, Any]]], rng: Random, today: date) -> Rows:
    changes = [change.value for change in Change]
    met = set()
    for number, case in some:
        if case["child_key"] not in met:
            met.add(case["child_key"])
            yield {
                "id": number, "as_of": today, "before": today - timedelta(days=180),
                "child_key": case["child_key"], "area_code": case["area_code"], "from_area": None,
                "change": rng.choice(changes),
            }  # fmt: skip


def _endpoint(now: datetime) -> Rows:
    yield {
        "id": "made-up", "url": "https://receiver.invalid/", "title": "模拟", "events": ["case.closed"],
        "area_prefix": "", "internal": False, "created_at": now, "disabled_at": None,
    }  # fmt: skip


def _messages(some: list[tuple[int, Mapping[str, Any]]], now: datetime) -> Rows:
    for number, case in some:
        yield {
            "id": f"m{number:08d}", "endpoint_id": "made-up", "event": "case.closed", "case_id": case["id"],
            "child_key": case["child_key"], "occurred_at": now, "attempts": 9, "next_at": None,
            "delivered_at": None, "dead_at": now, "last_result": "503",
        }  # fmt: skip
