"""Tables for other platforms: asked for with a purpose, allowed by a second person, fetched once.

Names are masked, unless whoever asks may see full names of the area and the request says so. A table holds
the open cases of its area and leaves out what nobody outside needs: no risk, no reason, no note; or it holds
the objections one department is asked to look into. Asking, deciding and fetching each leave an audit event.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.language import Text, Worded
from features.person_numbers import masked_name
from models.policy import Lane
from serving.review import audit, exported, queries
from serving.review.access import Group, Reach, roles_that_see, shown
from serving.review.acting import NotFound
from serving.review.case import Conflict, Refused
from serving.review.door_tables import ExportRequest
from serving.review.export_templates import CellRefused, Template, Value, written
from serving.review.objection_tables import OBJECTIONS, objection_rows
from serving.review.permissions import Actor
from serving.review.record_tables import LedgerEntry
from serving.review.tables import AlertRow, Case
from serving.review.working_days import day_in_china

EXPORTERS = roles_that_see(Group.EXPORTS, Reach.AREA)
# What was allowed may be fetched so long.
FETCH_WITHIN = timedelta(days=7)
PART = 100
# The lots that a screening round draws by are one to whoever is not of the house.
_CAME_BY = {
    Lane.TRIGGER: "trigger",
    Lane.REQUEST: "request",
    Lane.DECLARED: "request",
    Lane.REFERRED: "request",
    Lane.ENTITLEMENT: "entitlement",
}


class ExportState(Worded):
    """Where a request stands. The values are stored."""

    ASKED = ("asked", "待另一人批准", "Waits for a second person")
    APPROVED = ("approved", "已批准，可下载一次", "Approved; may be fetched once")
    REFUSED = ("refused", "未批准", "Not approved")
    FETCHED = ("fetched", "已下载", "Fetched")


class Purpose(Worded):
    """What a table is for. The values are stored."""

    UPDATE = ("update", "部门间数据更新", "Keeping another platform up to date")
    VERIFY = ("verify", "走访核实", "Visits to verify")
    SERVICE = ("service", "落实服务与转介", "Services and referrals")
    OVERSIGHT = ("oversight", "督导检查", "Oversight")


@dataclass(frozen=True)
class Looked:
    """What a table needs from outside: full names by child key, and the name of an area."""

    names: Callable[[Collection[str]], Mapping[str, str]]
    area_title: Callable[[str], Text | None]


@dataclass(frozen=True)
class Fetched:
    """A table as it is handed over, and how many rows it holds."""

    content: bytes
    rows: int


def may_export(actor: Actor) -> bool:
    """Whether the actor asks for tables and decides about those of others."""
    return actor.role in EXPORTERS


def may_have_names(actor: Actor) -> bool:
    """Whether a table for this actor may hold full names."""
    return shown(Group.FULL_NAME, actor.role, (Reach.AREA,))


def check_may_export(actor: Actor) -> None:
    """Raises Refused with a sentence unless the actor may have tables made."""
    if not may_export(actor):
        raise Refused(
            Text(
                "只有县级筛查员和管理者可以导出或导入表格。",
                "Only county screeners and managers have tables made or taken in.",
            )
        )


def ask(
    session: Session,
    *,
    actor: Actor,
    template: Template,
    area_prefix: str,
    full_names: bool,
    purpose: Purpose,
    words: str,
    now: datetime,
) -> ExportRequest:
    """Ask for a table of an area for a purpose. Refused where area or names are not the actor's."""
    check_may_export(actor)
    if not area_prefix.startswith(actor.area_prefix) or not (area_prefix.isdigit() or area_prefix == ""):
        raise Refused(Text("这个区域不在您负责的范围内。", "This area is not yours to export."), "area")
    if full_names and not may_have_names(actor):
        raise Refused(
            Text("您的角色只能导出脱敏姓名。", "Your role may export masked names only."), "full_names"
        )
    if not words.strip():
        raise Refused(Text("请写明交给谁、做什么用。", "Say who gets it and what for."), "words")
    row = ExportRequest(
        template=template.id,
        area_prefix=area_prefix,
        full_names=full_names,
        purpose=purpose.value,
        words=words.strip(),
        state=ExportState.ASKED.value,
        asked_by=actor.account_id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    _write(session, actor, "ask_export", row, now)
    return row


def decide(
    session: Session, *, actor: Actor, number: int, version: int, approve: bool, words: str, now: datetime
) -> ExportRequest:
    """Allow a table or not. Nobody decides about what they asked for themselves."""
    check_may_export(actor)
    row = _of(session, actor, number, version)
    if row.asked_by == actor.account_id:
        raise Refused(
            Text("自己申请的导出须由另一人批准。", "A second person decides about what you asked for.")
        )
    _check_state(row, ExportState.ASKED)
    row.state = (ExportState.APPROVED if approve else ExportState.REFUSED).value
    row.decided_by, row.decided_at, row.decision_words = actor.account_id, now, words.strip()
    row.version += 1
    _write(session, actor, "approve_export" if approve else "refuse_export", row, now)
    return row


def fetch(
    session: Session,
    *,
    actor: Actor,
    number: int,
    version: int,
    templates: Mapping[str, Template],
    looked: Looked,
    now: datetime,
) -> Fetched:
    """The table, made now, once, for who asked for it. Refused if it was not allowed, or too long ago."""
    check_may_export(actor)
    row = _of(session, actor, number, version)
    if row.asked_by != actor.account_id:
        raise Refused(Text("只有申请人可以下载。", "Only who asked for it may fetch it."))
    _check_state(row, ExportState.APPROVED)
    assert row.decided_at is not None, "an approved request was decided"
    if now - row.decided_at > FETCH_WITHIN:
        raise Refused(
            Text(
                f"批准已超过 {FETCH_WITHIN.days} 天，请重新申请。",
                f"It was approved over {FETCH_WITHIN.days} days ago; please ask anew.",
            )
        )
    template = templates.get(row.template)
    if template is None:
        raise Refused(Text("这个表样已不在。", "The template of this table is gone."))
    if row.full_names and not may_have_names(actor):
        raise Refused(Text("您的角色只能导出脱敏姓名。", "Your role may export masked names only."))
    rows = list(rows_of(session, actor, template, row.area_prefix, looked, full_names=row.full_names))
    content = _written(template, rows)
    row.state, row.fetched_at, row.rows = ExportState.FETCHED.value, now, len(rows)
    row.version += 1
    exported.keep(session, row, template, rows)
    _write(session, actor, "fetch_export", row, now, rows=len(rows))
    return Fetched(content, len(rows))


def _written(template: Template, rows: Sequence[Mapping[str, Value]]) -> bytes:
    try:
        return written(template, rows)
    except CellRefused as refused:
        code = str(refused)
        raise Refused(
            Text(f"表样里没有代码“{code}”的写法。", f"The template has no words for the code “{code}”.")
        ) from None


def rows_of(
    session: Session, actor: Actor, template: Template, area_prefix: str, looked: Looked, *, full_names: bool
) -> Iterator[Mapping[str, Value]]:
    """The rows of a table: open cases of the area that the actor may see, or a department's objections."""
    if template.of == OBJECTIONS:
        yield from objection_rows(session, actor, template, area_prefix, looked.names, full_names=full_names)
        return
    cases = session.scalars(
        select(Case)
        .where(
            Case.status != "closed",
            queries.in_area(actor),
            Case.area_code.startswith(area_prefix, autoescape=True),
        )
        .order_by(Case.id)
    ).all()
    in_ledger = set(session.scalars(select(LedgerEntry.child_key).where(LedgerEntry.state == "open")))
    if template.only:
        cases = [case for case in cases if case.child_key in in_ledger]
    lanes = _lanes(session, [case.id for case in cases])
    names = looked.names({case.child_key for case in cases}) if template.wants_names else {}
    for case in cases:
        name = names.get(case.child_key, "")
        area = looked.area_title(case.area_code)
        yield {
            "row_id": case.id,
            "name": name if full_names or not name else masked_name(name),
            "area_code": case.area_code,
            "area": "" if area is None else area.zh,
            "age": "" if case.age_years is None else str(int(case.age_years)),
            "stage": case.stage,
            "status": case.status,
            "tier": case.tier,
            "came_by": lanes.get(case.id, "screening"),
            "opened_on": day_in_china(case.opened_at),
            "due_on": case.due_on,
            "contacted_on": case.contacted_on,
            "in_ledger": "yes" if case.child_key in in_ledger else "no",
        }


def _lanes(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """How each case came, the most pressing way if there were several."""
    order = list(_CAME_BY.values())
    found: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        asked = select(AlertRow.case_id, AlertRow.lane).where(AlertRow.case_id.in_(ids[start : start + 500]))
        for case_id, lane in session.execute(asked):
            came = next((said for known, said in _CAME_BY.items() if known.value == lane), None)
            if came is not None and (case_id not in found or order.index(came) < order.index(found[case_id])):
                found[case_id] = came
    return found


def visible(session: Session, actor: Actor) -> Sequence[ExportRequest]:
    """The newest requests about areas within the actor's."""
    return session.scalars(
        select(ExportRequest)
        .where(ExportRequest.area_prefix.startswith(actor.area_prefix, autoescape=True))
        .order_by(ExportRequest.id.desc())
        .limit(PART)
    ).all()


def request_for(session: Session, actor: Actor, number: int) -> ExportRequest:
    """The request of this number, if it is about an area within the actor's. Raises NotFound."""
    row = session.get(ExportRequest, number)
    if row is None or not row.area_prefix.startswith(actor.area_prefix):
        raise NotFound(str(number))
    return row


def _of(session: Session, actor: Actor, number: int, version: int) -> ExportRequest:
    row = request_for(session, actor, number)
    if row.version != version:
        raise Conflict
    return row


def _check_state(row: ExportRequest, wanted: ExportState) -> None:
    if row.state != wanted.value:
        state = next(one for one in ExportState if one.value == row.state)
        raise Refused(Text(f"“{state.title.zh}”时不能这样做。", f"This is not possible: “{state.title.en}”."))


def _write(
    session: Session, actor: Actor, verb: str, row: ExportRequest, now: datetime, rows: int | None = None
) -> None:
    detail: dict[str, str | int | bool | None] = {
        "template": row.template,
        "area_prefix": row.area_prefix,
        "full_names": row.full_names,
        "purpose": row.purpose,
    }
    if rows is not None:
        detail["rows"] = rows
    audit.write(
        session, actor=actor.account_id, verb=verb, subject=f"export:{row.id}", now=now, detail=detail
    )
