"""How long what lies in the review store is kept, one row for each kind, and letting go of what is over.

No document read states a period for these; every row says so, and a deployment that knows better changes the
row. A child is let go of whole, the way a deletion by right does it, and only when nothing of it is open: no
case, no record of support that waits, no request, and no sign of it in any round for the whole period. The
log is never shortened. Doing it leaves one audit event with the counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, select, union_all
from sqlalchemy.orm import Session

from features.language import Text
from serving.review import audit
from serving.review.access_tables import RightsRow
from serving.review.forgetting import DELETED, forget
from serving.review.life_tables import DraftRow
from serving.review.machine_tables import WebhookMessage
from serving.review.record_store import TABLES
from serving.review.record_tables import RecordStep
from serving.review.records import State
from serving.review.rights import State as RightsState
from serving.review.store import Store
from serving.review.tables import (
    IS_OPEN,
    AuditEvent,
    Case,
    FeatureRow,
    OutboxRow,
    ScreeningRow,
    WebSession,
)
from serving.review.working_days import day_in_china

VERB = "retain"
# As many children as are let go of at one time.
PART = 500
_WAITING = [
    state.value for state in (State.OPEN, State.AWAITS_SECOND, State.DISPUTED, State.SENT, State.ACCEPTED)
]


@dataclass(frozen=True)
class Kept:
    """One kind of data: where it lies, how long it is kept, from when, and whether a document states that."""

    name: str
    title: Text
    tables: tuple[str, ...]
    keeps: timedelta | None
    counted_from: Text
    stated: bool = False


SESSIONS = Kept(
    "sessions", Text("登录会话", "Sign-in sessions"), ("sessions",), timedelta(days=90),
    Text("会话到期", "the session's end"),
)  # fmt: skip
DRAFTS = Kept(
    "drafts", Text("未提交的草稿", "Drafts nobody sent"), ("drafts",), timedelta(days=30),
    Text("最后保存", "the last saving"),
)  # fmt: skip
OUTBOX = Kept(
    "outbox", Text("已写入数据湖的待发记录", "Records that have reached the lake"), ("outbox",),
    timedelta(days=30), Text("写入数据湖", "reaching the lake"),
)  # fmt: skip
DELIVERED = Kept(
    "delivered", Text("接收方已收下的推送消息", "Webhook messages that were taken"), ("webhook_messages",),
    timedelta(days=30), Text("收下", "being taken"),
)  # fmt: skip
DEAD = Kept(
    "dead", Text("放弃投递的推送消息", "Webhook messages given up"), ("webhook_messages",),
    timedelta(days=180), Text("放弃", "being given up"),
)  # fmt: skip
CHILDREN = Kept(
    "children", Text("儿童的个案、筛查与帮扶记录", "Cases, screenings and records of support of a child"),
    ("cases", "alerts", "screenings", "feature_rows", "facts", "dispositions", "notes"),
    timedelta(days=3 * 365),
    Text("全部办结且不再出现在任何轮次", "everything closed and no round with the child"),
)  # fmt: skip
LOG = Kept(
    "log", Text("审计日志", "The log"), ("audit_events",), None,
    Text("不删除；只含编号、代码和计数", "never let go; it holds ids, codes and counts only"),
)  # fmt: skip
KEPT: tuple[Kept, ...] = (SESSIONS, DRAFTS, OUTBOX, DELIVERED, DEAD, CHILDREN, LOG)


@dataclass(frozen=True)
class Over:
    """How much of one kind is over its time; `let_go` if that was done."""

    kept: Kept
    count: int
    let_go: bool


def retain(store: Store, now: datetime, *, do: bool) -> tuple[Over, ...]:
    """What is over its time; with `do` it is let go of, and the log says how much."""
    found = []
    rows: dict[str, Callable[[datetime], tuple[type, ColumnElement[bool]]]] = {
        SESSIONS.name: lambda before: (WebSession, WebSession.expires_at < before),
        DRAFTS.name: lambda before: (DraftRow, DraftRow.saved_at < before),
        OUTBOX.name: lambda before: (OutboxRow, OutboxRow.published_at < before),
        DELIVERED.name: lambda before: (WebhookMessage, WebhookMessage.delivered_at < before),
        DEAD.name: lambda before: (WebhookMessage, WebhookMessage.dead_at < before),
    }
    for kept in KEPT:
        if kept.keeps is None:
            found.append(Over(kept, 0, let_go=False))
        elif kept is CHILDREN:
            with store.read() as session:
                keys = children_over(session, now - kept.keeps)
            if do and keys:
                forget(store, keys, now)
            found.append(Over(kept, len(keys), let_go=do))
        else:
            table, over = rows[kept.name](now - kept.keeps)
            with store.read() as session:
                count = session.scalar(select(func.count()).select_from(table).where(over)) or 0
            if do and count:
                with store.write() as session:
                    session.execute(delete(table).where(over))
            found.append(Over(kept, count, let_go=do))
    if do:
        with store.write() as session:
            audit.write(
                session, actor=audit.SYSTEM, verb=VERB, subject=VERB, now=now,
                detail={over.kept.name: over.count for over in found if over.kept.keeps is not None},
            )  # fmt: skip
    return tuple(found)


def retain_daily(store: Store, now: datetime) -> tuple[Over, ...] | None:
    """As `retain`, once a day in China; None if it was done today."""
    with store.read() as session:
        last = session.scalar(select(func.max(AuditEvent.at)).where(AuditEvent.verb == VERB))
    if last is not None and day_in_china(last) >= day_in_china(now):
        return None
    return retain(store, now, do=True)


def children_over(session: Session, before: datetime) -> Sequence[str]:
    """Children with nothing open and no sign of them since then, some at a time."""
    signs = union_all(
        select(Case.child_key.label("child"), func.coalesce(Case.closed_at, Case.opened_at).label("at")),
        select(FeatureRow.child_key, FeatureRow.created_at),
        select(ScreeningRow.child_key, ScreeningRow.created_at),
        select(RecordStep.child_key, RecordStep.made_at).where(RecordStep.child_key.is_not(None)),
        *(_made(table) for table in TABLES.values()),
    ).subquery()
    open_still = union_all(
        select(Case.child_key).where(IS_OPEN),
        select(RightsRow.child_key).where(
            RightsRow.state.in_((RightsState.OPEN.value, RightsState.GRANTED.value))
        ),
        *(_waiting(table) for table in TABLES.values()),
    ).subquery()
    return session.scalars(
        select(signs.c.child)
        .where(signs.c.child != DELETED, signs.c.child.not_in(select(open_still.c[0])))
        .group_by(signs.c.child)
        .having(func.max(signs.c.at) < before)
        .order_by(signs.c.child)
        .limit(PART)
    ).all()


def _made(table: type) -> Select[str, datetime]:
    rows = table.__table__.c  # type: ignore[attr-defined]
    return select(rows.child_key, rows.made_at).where(rows.child_key.is_not(None))


def _waiting(table: type) -> Select[str]:
    rows = table.__table__.c  # type: ignore[attr-defined]
    return select(rows.child_key).where(rows.child_key.is_not(None), rows.state.in_(_WAITING))


def lines(found: Sequence[Over], today: date) -> list[str]:
    """The report in words."""
    said = [f"{today.isoformat()}: kept and over its time"]
    for over in found:
        title, since = over.kept.title.en, over.kept.counted_from.en
        if over.kept.keeps is None:
            said.append(f"  {title}: {since}")
            continue
        stated = "" if over.kept.stated else " (no document states a period)"
        done = "let go" if over.let_go else "over"
        said.append(f"  {title}: kept {over.kept.keeps.days} days from {since}{stated}; {done}: {over.count}")
    return said
