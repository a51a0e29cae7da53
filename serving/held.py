"""Everything held about one child, in plain words, for the copy a guardian or the child asked for.

Records of departments with what they say, screenings in words, what the queue and its staff did. Left out,
for every child alike, is what could tell who reported a danger or put the child in one: mandatory reports,
sources of protection (`WITHHELD`: a neighbour's report, what a child told a counsellor or a visitor, why the
queue took it up), and notes of staff, which may name others. The copy says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.lake import Lake
from features.language import Kind, Text
from features.outcomes import OUTCOMES
from features.reference import standing
from features.sources import source_named
from models.wording import risk_sentence
from serving.review import audit, exported, exports, queries, screenings
from serving.review.case import Disposition, FactKind, Met, Role, Status, coded
from serving.review.record_queries import records_of
from serving.review.record_store import KINDS
from serving.review.records import Kind as RecordKind
from serving.review.records import State
from serving.review.tables import Account, AuditEvent, Case
from serving.review.working_days import day_in_china

WITHHELD: frozenset[str] = frozenset(
    {
        "admonitions", "alerts", "bullying_reports", "care_visits", "counsellor_visits", "family_orders",
        "grid_reports", "guardianship_measures", "guardianship_urgings", "hotline_calls",
    }
)  # fmt: skip
_OUTCOMES = {outcome.name: outcome.title for outcome in OUTCOMES}
_TAKEN = Text("导出到表格：{purpose}", "taken out in a table: {purpose}")
_LOOKS = ("open_child", "reveal_name", "open_in_emergency", "copy_for_right", "print")


@dataclass(frozen=True)
class HeldRecord:
    """One record of a department, in the version that stands, with what it says by column."""

    source: str
    occurred_on: date
    known_on: date
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of the copy: a day, what, and in which words."""

    day: str
    what: str
    words: str


@dataclass(frozen=True)
class Section:
    """One part of the copy; `name` is its wording."""

    name: str
    lines: tuple[Line, ...]


def held_records(lake: Lake, child_key: str) -> list[HeldRecord]:
    """The records of a child that stand now, without those of withheld sources."""
    return [
        HeldRecord(source, record.occurred_on, record.known_on, record.values)
        for source, found in lake.child_records(child_key).items()
        if source not in WITHHELD
        for record in standing(found, date.max)
    ]


def everything(
    session: Session, child_keys: Collection[str], records: Sequence[HeldRecord], language: str
) -> tuple[Section, ...]:
    """The parts of the copy, in this language."""
    cases = list(
        session.scalars(select(Case).where(Case.child_key.in_(child_keys)).order_by(Case.opened_at, Case.id))
    )
    return (
        Section("held.records", tuple(_record(record, language) for record in _in_order(records))),
        Section("held.screenings", tuple(_screenings(session, child_keys, language))),
        Section("held.cases", tuple(_cases(session, cases, language))),
        Section("held.support", tuple(_support(session, child_keys, language))),
        Section("held.looked", tuple(_looked(session, cases, language))),
    )


def _in_order(records: Sequence[HeldRecord]) -> list[HeldRecord]:
    return sorted(records, key=lambda record: (record.occurred_on, record.source), reverse=True)


def _record(record: HeldRecord, language: str) -> Line:
    source = source_named(record.source)
    said = []
    for column in source.lake_columns:
        value = record.values.get(column.name)
        if value is None:
            continue
        words = column.code(str(value)).title[language] if column.kind is Kind.CODE else str(value)
        said.append(f"{column.title[language]}{'：' if language == 'zh' else ': '}{words}")
    what = f"{source.department.title[language]} · {source.title[language]}"
    return Line(record.occurred_on.isoformat(), what, ("；" if language == "zh" else "; ").join(said))


def _screenings(session: Session, keys: Collection[str], language: str) -> list[Line]:
    return [
        Line(one.as_of.isoformat(), _OUTCOMES[screener][language],
             risk_sentence(one, _OUTCOMES[screener])[language])
        for screener, each in screenings.of_child(session, keys).items()
        for one in each
    ]  # fmt: skip


def _cases(session: Session, cases: Sequence[Case], language: str) -> list[Line]:
    ids = [case.id for case in cases]
    found = [
        Line(day_in_china(case.opened_at).isoformat(), case.id, coded(Status, case.status).title[language])
        for case in cases
    ]
    found += [
        Line(
            fact.happened_on.isoformat(), coded(FactKind, fact.kind).title[language],
            coded(Met, fact.met).title[language],
        )
        for fact in queries.facts_of_cases(session, ids)
    ]  # fmt: skip
    for rows in queries.dispositions_of(session, ids).values():
        found += [
            Line(
                day_in_china(row.disposed_at).isoformat(), _OUTCOMES[row.risk][language],
                coded(Disposition, row.disposition).title[language],
            )
            for row in rows
        ]  # fmt: skip
    return found


def _support(session: Session, keys: Collection[str], language: str) -> list[Line]:
    return [
        Line(
            day_in_china(row.made_at).isoformat(), KINDS[type(row)].title[language],
            coded(State, row.state).title[language],
        )
        for row in records_of(session, *sorted(keys)).rows()
        if KINDS[type(row)] is not RecordKind.REPORT
    ]  # fmt: skip


def _looked(session: Session, cases: Sequence[Case], language: str) -> list[Line]:
    roles = {one.id: one.role for one in session.execute(select(Account.id, Account.role))}
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject.in_([case.id for case in cases]), AuditEvent.verb.in_(_LOOKS))
        .order_by(AuditEvent.number)
    )
    looks = [
        Line(day_in_china(event.at).isoformat(), coded(Role, roles[event.actor]).title[language], "")
        for event in events
        if event.actor != audit.SYSTEM
    ]
    taken = [
        Line(
            day_in_china(row.fetched_at).isoformat(),
            coded(Role, roles[row.asked_by]).title[language],
            _TAKEN[language].format(purpose=coded(exports.Purpose, row.purpose).title[language]),
        )
        for row in exported.of_cases(session, [case.id for case in cases])
        if row.fetched_at is not None
    ]
    return sorted(looks + taken, key=lambda line: line.day)
