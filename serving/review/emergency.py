"""Opening a case outside one's own area in an emergency: for a reason, for some hours, and reviewed after.

An opening lets a worker read the case and its child's page, and record a mandatory report; no step, no full
name, no list. It ends by itself, or at once when its holder or whoever answers for the area says so. Opening,
looking in vain, ending and reviewing each leave an audit event; whoever answers for the area, or audits, says
of each opening whether it was justified. Nobody reviews their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from features.language import Text, Worded
from serving.review import audit, queries
from serving.review.access import Group, roles_that_see
from serving.review.access_tables import OpeningRow
from serving.review.acting import NotFound
from serving.review.case import COORDINATORS, WORKERS, Refused, Role
from serving.review.permissions import Actor, sees_area
from serving.review.record_store import in_area
from serving.review.records import Blank, Fill, Sheet, read
from serving.review.tables import AuditEvent, Case

# As long as an opening lasts unless the deployment says otherwise (MIAOHU_EMERGENCY_HOURS).
LASTS = timedelta(hours=4)
OPENED = "open_in_emergency"
IN_VAIN = "open_in_vain"
REVIEWED = "review_opening"
ENDED = "end_opening"
OPENERS = WORKERS
REVIEWERS = roles_that_see(Group.OPENINGS)
# Who answers for a case's area may end what others opened there; auditors look and change nothing.
ENDERS = COORDINATORS | (REVIEWERS - {Role.AUDITOR})
# As many openings as a review list shows.
PART = 100


class Why(Worded):
    """What a case outside the area is opened for. The values are stored."""

    DANGER = ("danger", "孩子正处于危险之中", "A child is in danger now")
    FOUND = ("found", "在本区域发现外区域的孩子", "A child of another area was found here")
    COVER = ("cover", "同事不在岗，事情不能等", "A colleague is away and it cannot wait")
    ASKED = ("asked", "公安、学校、医院等紧急联系", "Police, a school or a hospital asks urgently")


class Verdict(Worded):
    """What a review says of an opening. The values are stored."""

    JUSTIFIED = ("justified", "有正当理由", "Justified")
    NOT_JUSTIFIED = ("not_justified", "理由不充分", "Not justified")


OPEN = Sheet(
    verb="open",
    title=Text("紧急查看", "Open in an emergency"),
    help=Text(
        "只在来不及请同事办理时使用。打开后可阅读个案和一人一档，可登记强制报告，不能办理其他事项；"
        "到时自动关闭。每次打开都会记录，并由管理者或审计员逐一复核。",
        "Only when there is no time to ask whoever answers for the area. You may then read the case and the"
        " child's page and record a mandatory report, and do nothing else; it closes by itself. Every opening"
        " is recorded and reviewed by a manager or auditor.",
    ),
    blanks=(
        Blank(
            name="child",
            fill=Fill.LINE,
            title=Text("个案编号，或孩子的证件号码", "Case number, or the child's ID number"),
            hint=Text("证件号码只用于查找，不会保存。", "An ID number is only looked up and not kept."),
        ),
        Blank(
            name="reason",
            fill=Fill.ONE,
            title=Text("为什么现在必须打开", "Why it must be opened now"),
            choices=tuple((why.value, why.title) for why in Why),
        ),
        Blank(
            name="words",
            fill=Fill.LONG,
            title=Text("发生了什么", "What has happened"),
            hint=Text(
                "复核的人会看到。请勿写姓名和证件号码。", "The reviewer reads this. No names or numbers."
            ),
        ),
    ),
)
REVIEW = Sheet(
    verb="review",
    title=Text("复核这次打开", "Review this opening"),
    blanks=(
        Blank(
            name="verdict",
            fill=Fill.ONE,
            title=Text("这次打开", "This opening was"),
            choices=tuple((verdict.value, verdict.title) for verdict in Verdict),
        ),
        Blank(name="words", fill=Fill.LONG, title=Text("说明", "In words")),
    ),
)


def check_may_open(actor: Actor) -> None:
    """Raises Refused with a sentence unless the actor works on cases."""
    if actor.role not in OPENERS:
        raise Refused(
            Text("只有办理个案的人可以紧急查看。", "Only who works on cases may open one in an emergency.")
        )


def open_case(
    session: Session,
    *,
    actor: Actor,
    case_id: str | None,
    given: Mapping[str, str],
    now: datetime,
    today: date,
    lasts: timedelta = LASTS,
) -> OpeningRow | None:
    """Open a case for some hours; None, with a trace, if there is none. Incomplete as the form says.

    A case in the actor's own area needs no opening and gets none: Refused says so.
    """
    check_may_open(actor)
    filled = read(OPEN, given, today)
    case = session.get(Case, case_id) if case_id else None
    if case is None:
        audit.write(session, actor=actor.account_id, verb=IN_VAIN, subject=actor.account_id, now=now)
        return None
    if sees_area(actor, case.area_code):
        raise Refused(
            Text(
                "这件个案在您负责的区域内，可以直接打开。", "This case lies in your area; open it as usual."
            ),
            "child",
        )
    row = OpeningRow(
        case_id=case.id, area_code=case.area_code, account_id=actor.account_id, reason=filled.text("reason"),
        words=filled.text("words"), opened_at=now, until=now + lasts, verdict=None, verdict_words="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.write(
        session, actor=actor.account_id, verb=OPENED, subject=case.id, now=now,
        detail={"opening": row.id, "reason": row.reason, "until": row.until.isoformat()},
    )  # fmt: skip
    return row


def case_of_child(session: Session, child_keys: Collection[str]) -> str | None:
    """The child's case that is open, else the one closed last; None if there is none."""
    for key in child_keys:
        case = queries.open_case_of(session, key)
        if case is not None:
            return case.id
    return session.scalar(
        select(Case.id)
        .where(Case.child_key.in_(child_keys))
        .order_by(Case.closed_at.desc(), Case.id)
        .limit(1)
    )


def visible_case(session: Session, actor: Actor, case_id: str) -> Case | None:
    """As `queries.readable_case`, or if the actor opened it in an emergency: to be read and nothing else."""
    case = queries.readable_case(session, actor, case_id)
    return session.get(Case, case_id) if case is None and case_id in actor.opened else case


def open_until(session: Session, actor: Actor, case_id: str) -> datetime:
    """When the actor's last opening of this case ends; `datetime.min` in UTC if there was none."""
    until = session.scalar(
        select(func.max(OpeningRow.until)).where(
            OpeningRow.case_id == case_id, OpeningRow.account_id == actor.account_id
        )
    )
    return until or datetime.min.replace(tzinfo=UTC)


def mine(session: Session, actor: Actor, now: datetime) -> Sequence[OpeningRow]:
    """The actor's openings that are not over, the newest first."""
    return session.scalars(
        select(OpeningRow)
        .where(OpeningRow.account_id == actor.account_id, OpeningRow.until > now)
        .order_by(OpeningRow.id.desc())
    ).all()


def open_here(session: Session, actor: Actor, now: datetime) -> Sequence[OpeningRow]:
    """What others have open now in the area the actor answers for, the newest first."""
    if actor.role not in ENDERS:
        return []
    return session.scalars(
        select(OpeningRow)
        .where(
            in_area(actor, OpeningRow.area_code),
            OpeningRow.until > now,
            OpeningRow.account_id != actor.account_id,
        )
        .order_by(OpeningRow.id.desc())
        .limit(PART)
    ).all()


def end(session: Session, *, actor: Actor, number: int, now: datetime) -> OpeningRow:
    """Close what was opened, now: every opening of this case by the same account.

    For its holder, and for who answers for the case's area; NotFound for others, Refused if it is over.
    """
    row = session.get(OpeningRow, number)
    is_own = row is not None and row.account_id == actor.account_id
    if row is None or not (is_own or (actor.role in ENDERS and sees_area(actor, row.area_code))):
        raise NotFound(str(number))
    if row.until <= now:
        raise Refused(Text("这次紧急查看已经结束。", "This opening is over already."))
    session.execute(
        update(OpeningRow)
        .where(
            OpeningRow.case_id == row.case_id, OpeningRow.account_id == row.account_id, OpeningRow.until > now
        )
        .values(until=now)
    )
    audit.write(
        session, actor=actor.account_id, verb=ENDED, subject=row.case_id, now=now,
        detail={"opening": row.id, "by_holder": is_own},
    )  # fmt: skip
    return row


def to_review(session: Session, actor: Actor, *, every: bool = False) -> Sequence[OpeningRow]:
    """The openings of cases in the actor's area, the newest first: those without a verdict, or all."""
    found = select(OpeningRow).where(in_area(actor, OpeningRow.area_code))
    if not every:
        found = found.where(OpeningRow.verdict.is_(None))
    return session.scalars(found.order_by(OpeningRow.id.desc()).limit(PART)).all()


def count_to_review(session: Session, actor: Actor) -> int:
    """How many openings of the actor's area wait for a verdict."""
    waiting = select(func.count()).select_from(OpeningRow)
    return (
        session.scalar(waiting.where(in_area(actor, OpeningRow.area_code), OpeningRow.verdict.is_(None))) or 0
    )


def looks(session: Session, row: OpeningRow) -> int:
    """How many recorded things its account did with the case while it was open, the opening among them."""
    return (
        session.scalar(
            select(func.count())
            .select_from(AuditEvent)
            .where(
                AuditEvent.subject == row.case_id,
                AuditEvent.actor == row.account_id,
                AuditEvent.at >= row.opened_at,
                AuditEvent.at <= row.until,
            )
        )
        or 0
    )


def check_may_review(actor: Actor) -> None:
    """Raises Refused with a sentence unless the table shows openings to this role."""
    if actor.role not in REVIEWERS:
        raise Refused(
            Text(
                "只有管理者和审计员可以复核紧急查看。",
                "Only managers and auditors review emergency openings.",
            )
        )


def review(
    session: Session, *, actor: Actor, number: int, given: Mapping[str, str], now: datetime, today: date
) -> OpeningRow:
    """Say whether an opening was justified; said once, it stands. NotFound outside the actor's area."""
    check_may_review(actor)
    row = session.get(OpeningRow, number)
    if row is None or not sees_area(actor, row.area_code):
        raise NotFound(str(number))
    filled = read(REVIEW, given, today)
    if row.verdict is not None or row.account_id == actor.account_id:
        raise Refused(Text("这次打开已有复核结论。", "This opening has been reviewed already."))
    row.verdict, row.verdict_words = filled.text("verdict"), filled.text("words")
    row.reviewed_by, row.reviewed_at = actor.account_id, now
    audit.write(
        session, actor=actor.account_id, verb=REVIEWED, subject=row.case_id, now=now,
        detail={"opening": row.id, "verdict": row.verdict},
    )  # fmt: skip
    return row
