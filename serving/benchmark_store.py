"""A made-up review store of any size, for measuring pages: everything in it is simulated.

Rows are written in bulk, past the actions that would make them one by one, but as those leave them: the log
is a whole chain and every row points to one that is there. Only the cases of one village have screenings,
since pages read those of one child at a time. Whoever is asked for pages answers for that village.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import exists, insert, text, update
from sqlalchemy.orm import Session

from features.catalogue import FEATURES
from features.language import Text
from models.explanation import FamilyReason, FeatureReason
from models.policy import Lane
from models.screening import Screening
from serving.benchmark_records import fill_beside, put
from serving.review import accounts, audit, screenings
from serving.review.case import RISKS, Disposition, FactKind, Met, Role, Status
from serving.review.permissions import Actor
from serving.review.store import Store
from serving.review.tables import (
    Account,
    AlertRow,
    AuditEvent,
    AuditHead,
    Case,
    DispositionRow,
    FactRow,
    Round,
)

COUNTY = "330109"
TOWNS, VILLAGES = 20, 25
# Where everybody who is asked for pages sees every case.
VILLAGE = f"{COUNTY}001001"
CLOSED_SHARE, HELD_SHARE = 0.6, 0.1
AREAS = {
    Role.CHILD_DIRECTOR: VILLAGE,
    Role.SUPERVISOR: f"{COUNTY}001",
    Role.SCREENER: COUNTY,
    Role.ASSESSOR: COUNTY,
    Role.MANAGER: COUNTY,
    Role.AUDITOR: "",
}
_ROUNDS = 4
_LONGEST = timedelta(days=28)
# So many cases at least lie in the village, however small the store.
_AT_LEAST = 12
# By queue class. None comes by entitlement: a lane that is empty is the hardest to find the first alerts of.
_LANES = (Lane.TRIGGER, Lane.REQUEST, Lane.MODEL)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
# Three features of each family, as the reasons card shows them.
_FAMILIES = {
    family: tuple(islice((f.name for f in FEATURES if f.family.name == family), 3))
    for family in sorted({feature.family.name for feature in FEATURES})
}


@dataclass(frozen=True)
class Size:
    """How much to make."""

    children: int
    cases: int
    alerts: int
    screened: int


@dataclass(frozen=True)
class Made:
    """What to look at: somebody of each role, cases of the village by id, and numbers of records by table."""

    people: Mapping[Role, Actor]
    screened: tuple[str, ...]
    closed: tuple[str, ...]
    waiting: tuple[str, ...]
    numbers: Mapping[str, tuple[int, ...]]


def fill(store: Store, size: Size, rng: Random, now: datetime, password: str) -> Made:
    """Fill an empty store."""
    today = now.date()
    days = [today - timedelta(days=180 * number) for number in range(_ROUNDS)]
    people, others = _people(store, now, password)
    cases = _cases(size, rng, days, now, [*others, people[Role.CHILD_DIRECTOR].account_id])
    seen = [case for case in cases if case["area_code"] == VILLAGE]
    screened = seen[: size.screened]
    with store.write() as session:
        versions = {"psychological": "v1", "guardianship": "v1"}
        rounds = [
            {"id": day.isoformat(), "as_of": day, "screeners": versions, "opened_at": now} for day in days
        ]
        put(session, Round, rounds)
        put(session, Case, cases)
        put(session, AlertRow, _alerts(size, rng, cases, now))
        put(session, FactRow, _facts(cases))
        put(session, DispositionRow, _dispositions(cases, rng))
        _keep_visits(session)
        put(session, AuditEvent, _chained(audit.head(session), _events(cases)))
        _set_head(session)
        for day in days:
            some = [_screening(case["child_key"], day, risk, rng) for case in screened for risk in RISKS
                    if case["as_of"] == day]  # fmt: skip
            screenings.add_screenings(session, some, now=now, round_id=day.isoformat())
        ids = {role.value: actor.account_id for role, actor in people.items()}
        numbers = fill_beside(session, cases, ids, others, rng, now, VILLAGE)
    _gather_statistics(store)

    def standing(status: Status) -> tuple[str, ...]:
        return tuple(case["id"] for case in seen if case["status"] == status.value)

    return Made(
        people, tuple(case["id"] for case in screened), standing(Status.CLOSED), standing(Status.WAITING),
        numbers,
    )  # fmt: skip


def _people(store: Store, now: datetime, password: str) -> tuple[dict[Role, Actor], list[str]]:
    people = {}
    with store.write() as session:
        for role, area in AREAS.items():
            account = accounts.create(
                session, username=f"made_up_{role.value}", display_name=f"{role.title.zh}（模拟）", role=role,
                area_prefix=area, password=password, now=now,
            )  # fmt: skip
            people[role] = accounts.actor_of(account)
        first = {column.name: getattr(account, column.name) for column in Account.__table__.columns}
        others = [f"a{number}" for number in range(TOWNS * VILLAGES)]
        rows = [
            {**first, "id": one, "username": one, "role": Role.CHILD_DIRECTOR.value,
             "area_prefix": _village(number)}
            for number, one in enumerate(others)
        ]  # fmt: skip
        session.execute(insert(Account), rows)
    return people, others


def _village(number: int) -> str:
    return f"{COUNTY}{number % TOWNS + 1:03d}{number // TOWNS % VILLAGES + 1:03d}"


def area_names() -> dict[str, Text]:
    """The table of areas a deployer would supply."""
    towns = [f"{COUNTY}{town + 1:03d}" for town in range(TOWNS)]
    codes = [*towns, *(_village(number) for number in range(TOWNS * VILLAGES))]
    return {code: Text(f"模拟地区{code[6:]}", f"Simulated area {code[6:]}") for code in codes}


def _cases(
    size: Size, rng: Random, days: list[date], now: datetime, holders: list[str]
) -> list[dict[str, Any]]:
    made = []
    for number in range(size.cases):
        # The first are one closed, one held and one waiting, and again.
        lot = rng.random() if number >= _AT_LEAST else (0.0, CLOSED_SHARE, 1.0)[number % 3]
        closed, held = lot < CLOSED_SHARE, CLOSED_SHARE <= lot < CLOSED_SHARE + HELD_SHARE
        day = rng.choice(days)
        order = rng.randrange(4)
        opened_at = now - timedelta(days=(now.date() - day).days, minutes=rng.randrange(12 * 60))
        in_hand = Status.SECOND_REVIEW if number % 20 == 0 else Status.CLAIMED
        status = Status.CLOSED if closed else in_hand if held else Status.WAITING
        made.append({
            "id": _letters(number), "child_key": f"c{number % size.children:08d}",
            "area_code": _village(rng.randrange(TOWNS * VILLAGES) if number >= _AT_LEAST else 0),
            "age_years": rng.uniform(3, 16),
            # Three children a household, so that lists look for brothers and sisters.
            "stage": "primary", "status": status.value, "household": f"h{number // 3:07d}",
            "holder_id": rng.choice(holders) if held or closed else None,
            "version": 1 + 3 * closed + held, "queue_class": rng.choice((0, 1, 2, 2, 2, 2, 2, 2)),
            "tier": ("first", "second", "third", "watch")[order], "tier_order": order,
            "rank": rng.randrange(5000), "due_on": day + timedelta(days=rng.randrange(3, 40)), "as_of": day,
            "reveal_after_view": number % 10 == 0, "opened_at": opened_at, "entry": 1, "entered_on": day,
            # Few cases are escalated or set aside, but some are.
            "escalated_at": now if held and number % 50 == 0 else None,
            "asleep_until": now.date() + timedelta(days=9) if held and number % 40 == 0 else None,
            "closed_at": opened_at + rng.random() * min(now - opened_at, _LONGEST) if closed else None,
        })  # fmt: skip
    return made


def _letters(number: int) -> str:
    # Scattered as real ids are: consecutive ids would lie side by side in the index.
    number = number * 2_654_435_761 % 2**50
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(10))


def _alerts(size: Size, rng: Random, cases: list[dict[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(size.alerts):
        case = cases[number % len(cases)]
        yield {
            "once": f"made up {number}", "round_id": case["as_of"].isoformat(), "case_id": case["id"],
            "child_key": case["child_key"], "as_of": case["as_of"],
            "lane": _LANES[case["queue_class"]].value,
            "screener": RISKS[number % 2], "rank": rng.randrange(5000), "tier": case["tier"],
            "raised_at": now,
        }  # fmt: skip


def _facts(cases: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for case in cases:
        if case["closed_at"] is not None:
            yield {
                "case_id": case["id"], "entry": 1, "kind": FactKind.VISIT.value,
                "happened_on": case["due_on"], "met": Met.GUARDIAN.value, "note": "模拟的走访记录",
                "recorded_by": case["holder_id"],
                "recorded_at": case["closed_at"],
            }  # fmt: skip


def _dispositions(cases: Iterable[Mapping[str, Any]], rng: Random) -> Iterator[dict[str, Any]]:
    values = [one.value for one in Disposition]
    for case in cases:
        for risk in RISKS if case["closed_at"] is not None else ():
            yield {
                "case_id": case["id"], "risk": risk, "disposition": rng.choice(values), "visited": True,
                "reason": "模拟", "disposed_by": case["holder_id"], "disposed_at": case["closed_at"],
            }  # fmt: skip


def _keep_visits(session: Session) -> None:
    is_confirmed = DispositionRow.disposition == str(Disposition.CONFIRMED.value)
    visited = (DispositionRow.case_id == Case.id, DispositionRow.visited)
    session.execute(
        update(Case)
        .where(exists().where(*visited))
        # Whoever is closed here was visited once, on the day it was due (`_facts`).
        .values(confirmed=exists().where(*visited, is_confirmed), visited_on=Case.due_on)
        .execution_options(synchronize_session=False)
    )


def _events(cases: Iterable[Mapping[str, Any]]) -> Iterator[tuple[datetime, str, str, str]]:
    for case in cases:
        yield case["opened_at"], audit.SYSTEM, "open_case", case["id"]
        if case["holder_id"] is not None:
            yield case["opened_at"], case["holder_id"], "claim", case["id"]
        if case["closed_at"] is not None:
            yield case["closed_at"], case["holder_id"], "record_visit", case["id"]
            yield case["closed_at"], case["holder_id"], "dispose", case["id"]


def _chained(head: audit.Head, events: Iterable[tuple[datetime, str, str, str]]) -> Iterator[dict[str, Any]]:
    number, previous = head.number, head.own_hash
    for at, actor, verb, subject in events:
        number += 1
        own = audit.hash_of(number, at, actor, verb, subject, {}, previous)
        yield {
            "number": number, "at": at, "actor": actor, "verb": verb, "subject": subject, "detail": {},
            "previous_hash": previous, "own_hash": own,
        }  # fmt: skip
        previous = own


def _set_head(session: Session) -> None:
    newest = session.query(AuditEvent).order_by(AuditEvent.number.desc()).limit(1).one()
    session.merge(AuditHead(id=1, number=newest.number, own_hash=newest.own_hash))


def _screening(child_key: str, day: date, screener: str, rng: Random) -> Screening:
    reasons = tuple(
        FamilyReason(
            family,
            rng.uniform(-1, 1),
            tuple(FeatureReason(name, 1.0, rng.uniform(-1, 1), ()) for name in features),
        )
        for family, features in _FAMILIES.items()
    )
    return Screening(
        child_key=child_key, as_of=day, screener=screener, version="v1", margin=-2.0, risk=0.12, low=0.08,
        high=0.17, percentile=0.97, band="high", reasons=reasons, base=-2.0, silent=(),
    )  # fmt: skip


def _gather_statistics(store: Store) -> None:
    """What the database would have done by now, as it does by itself in the minutes after many writes."""
    if store.dialect == "postgresql":
        with store.connection() as connection:
            # Not possible within a transaction.
            alone = connection.execution_options(isolation_level="AUTOCOMMIT", writing=True)
            alone.execute(text("VACUUM ANALYZE"))
        return
    with store.write() as session:
        session.execute(text("ANALYZE"))
