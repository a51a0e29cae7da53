"""The choices of a form that only the store or the jurisdiction knows, drawn anew when it is read."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.jurisdiction import Profile, ProfileUnknown
from features.language import Text
from serving.review.accounts import actor_of
from serving.review.case import Role, coded
from serving.review.channels import awaited, awaited_title, channels_for
from serving.review.permissions import Actor, sees_area
from serving.review.record_entries import ASSESSORS
from serving.review.record_store import Row, steps_of_records
from serving.review.record_tables import PlanAction, PlanRow, ReportRow
from serving.review.records import Choice, Entry, Kind, State
from serving.review.tables import Account


def drawn_entry(
    session: Session, entry: Entry, *, profile: Profile, actor: Actor, area_code: str, row: Row | None = None
) -> Entry:
    """The entry with every choice it needs for this child's area, this actor and this record."""
    wanted = {blank.drawn for blank in entry.blanks if blank.drawn}
    drawn: dict[str, tuple[Choice, ...]] = {}
    if "categories" in wanted:
        drawn["categories"] = categories(profile)
    if "levels" in wanted:
        drawn["levels"] = levels(profile)
    if "channels" in wanted:
        drawn["channels"] = channels_for(_lines(profile))
    if "assessors" in wanted:
        drawn["assessors"] = assessors(session, actor, area_code)
    if "awaited" in wanted and isinstance(row, ReportRow):
        drawn["awaited"] = tuple((code, awaited_title(code)) for code in awaited_of(session, [row])[row.id])
    if "actions" in wanted and isinstance(row, PlanRow):
        drawn["actions"] = open_actions(session, row)
    return entry.drawn_with(drawn)


def categories(profile: Profile) -> tuple[Choice, ...]:
    """The jurisdiction's reasons to enter the ledger; none if no document states any."""
    try:
        return tuple((category.code, category.title) for category in profile.categories)
    except ProfileUnknown:
        return ()


def levels(profile: Profile) -> tuple[Choice, ...]:
    """The jurisdiction's levels; none if it has none."""
    try:
        return tuple((tier.code, tier.title) for tier in profile.tiers)
    except ProfileUnknown:
        return ()


def assessors(session: Session, actor: Actor, area_code: str) -> tuple[Choice, ...]:
    """Who may be the second of the team: an assessor at work in the area who is not the first."""
    accounts = session.scalars(
        select(Account)
        .where(Account.disabled_at.is_(None), Account.id != actor.account_id)
        .order_by(Account.display_name)
    )
    return tuple(
        (account.id, Text(account.display_name, account.display_name))
        for account in accounts
        if coded(Role, account.role) in ASSESSORS and sees_area(actor_of(account), area_code)
    )


def awaited_of(session: Session, reports: list[ReportRow]) -> Mapping[int, tuple[str, ...]]:
    """Whose receipt is still out, for each report."""
    steps = steps_of_records(session, Kind.REPORT, [report.id for report in reports])
    return {
        report.id: awaited(
            report.told,
            [step.code for step in steps[report.id] if step.verb == "chain_step"],
            [step.code for step in steps[report.id] if step.verb == "receipt"],
        )
        for report in reports
    }


def open_actions(session: Session, plan: PlanRow) -> tuple[Choice, ...]:
    """What is still to be done under a plan."""
    return tuple(
        (str(action.id), Text(action.what, action.what))
        for action in session.scalars(
            select(PlanAction)
            .where(PlanAction.plan_id == plan.id, PlanAction.state == State.OPEN.value)
            .order_by(PlanAction.id)
        )
    )


def _lines(profile: Profile) -> frozenset[str]:
    try:
        return frozenset(line.number for line in profile.hotlines)
    except ProfileUnknown:
        return frozenset()
