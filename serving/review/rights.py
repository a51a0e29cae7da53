"""Requests of guardians and children about personal data: what may be asked, by when, and how it is answered.

A request is received with how its asker's identity was checked, answered in writing within the clock, and
refused only on a declared ground. A granted deletion waits for the worker, which alone can reach every
place (`serving/erasing.py`); a copy is made on its page; the others are done by a person, who says what was
done. A deletion takes two people, since nothing brings back what is gone: a manager grants it who did not
receive it. It is not granted, and not carried out, while a case of the child is open or a mandatory report
waits for a receipt. Every step leaves one audit event.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from features.language import Text, Worded
from serving.review import audit
from serving.review.access import Group, roles_that_see
from serving.review.access_tables import RightsRow
from serving.review.acting import NotFound
from serving.review.case import Incomplete, Refused, Role, coded
from serving.review.one_child import open_case_of_person
from serving.review.opening import ChildFacts
from serving.review.permissions import Actor, sees_area
from serving.review.record_store import advance, in_area
from serving.review.record_tables import ReportRow
from serving.review.records import Blank, Fill, Filled, Sheet, read
from serving.review.records import State as RecordState
from serving.review.tables import Case
from serving.review.working_days import due_after

READERS = roles_that_see(Group.RIGHTS)
RECEIVERS = READERS - {Role.AUDITOR}
# No document read states a number of days for answering; this promise is our own, and the pages say so.
WORKING_DAYS = 15
DAYS_STATED = False
# From this age a child asks for itself (PIPL art. 31 speaks of those below it).
OWN_AGE = 14
PART = 100
RECEIVED, ANSWERED, FINISHED, COPIED = "receive_right", "answer_right", "finish_right", "copy_for_right"


class Right(Worded):
    """What may be asked for. The values are stored."""

    VIEW = ("view", "查阅、复制", "See and have a copy")
    CORRECT = ("correct", "更正、补充", "Correct or complete")
    OBJECT = ("object", "对提示或自动化处理提出异议", "Object to a notice or to automated processing")
    WITHDRAW = ("withdraw", "撤回同意", "Withdraw consent")
    DELETE = ("delete", "删除", "Delete")
    LEAVE = ("leave", "离开本地后删除，只留计数", "Delete on leaving, keeping counts only")


# What a right rests on, for the written answer.
BASIS: Mapping[Right, Text] = {
    Right.VIEW: Text("《个人信息保护法》第四十五条", "PIPL art. 45"),
    Right.CORRECT: Text("《个人信息保护法》第四十六条", "PIPL art. 46"),
    Right.OBJECT: Text("《个人信息保护法》第二十四条、第四十四条", "PIPL art. 24, 44"),
    Right.WITHDRAW: Text("《个人信息保护法》第十五条", "PIPL art. 15"),
    Right.DELETE: Text("《个人信息保护法》第四十七条", "PIPL art. 47"),
    Right.LEAVE: Text("《个人信息保护法》第十九条、第四十七条", "PIPL art. 19, 47"),
}
# Done by the worker, which reaches every place.
ERASING = frozenset({Right.DELETE, Right.LEAVE})
# Who may grant what cannot be taken back, unless it was they who received the request.
GRANT_ERASING = frozenset({Role.MANAGER})


class AskedBy(Worded):
    """Who asks. The values are stored."""

    GUARDIAN = ("guardian", "监护人", "A guardian")
    CHILD = ("child", "年满十四周岁的孩子本人", "The child, aged 14 or more")


class Identity(Worded):
    """How it was made sure who asks. The values are stored; no copy of a document is kept."""

    CARD = ("card", "当面核验本人身份证件", "Own identity document seen in person")
    REGISTER = (
        "register",
        "当面核验户口簿或监护证明",
        "Household register or proof of guardianship seen in person",
    )
    COURT = ("court", "核验法院或民政的监护文书", "Court or civil-affairs papers on guardianship seen")


class State(Worded):
    """Where a request stands. The values are stored."""

    OPEN = ("open", "待答复", "To be answered")
    GRANTED = ("granted", "已同意，待办理", "Granted, to be done")
    DONE = ("done", "已办结", "Done")
    REFUSED = ("refused", "已书面拒绝", "Refused in writing")


class Ground(Worded):
    """The only reasons a request may be refused for, each with what it rests on. The values are stored."""

    IDENTITY = (
        "identity",
        "无法确认申请人是监护人或本人（《个人信息保护法》第三十一条）",
        "It could not be established that the asker is the guardian or the child (PIPL art. 31)",
    )
    DUTY = (
        "duty",
        "处理依据为法定职责而非同意，撤回同意不适用（《个人信息保护法》第十三条、第十五条）",
        "The processing rests on a statutory duty and not on consent (PIPL art. 13, 15)",
    )
    KEPT_BY_LAW = (
        "kept_by_law",
        "法律、行政法规规定的保存期限未满；在此之前只存储，不作其他处理（《个人信息保护法》第四十七条）",
        "A period of keeping set by law is not over; until then it is only stored (PIPL art. 47)",
    )
    HINDERS = (
        "hinders",
        "告知将妨碍履行法定职责，或应当保密（《个人信息保护法》第十八条、第三十五条）",
        "Telling would hinder a statutory duty, or secrecy is ordered (PIPL art. 18, 35)",
    )
    CHILD_FIRST = (
        "child_first",
        "不符合最有利于未成年人原则（《未成年人保护法》第四条）",
        "It is not in the child's best interest (Law on the Protection of Minors art. 4)",
    )
    UNSETTLED = (
        "unsettled",
        "还有未结的个案或未收齐回执的强制报告，法定职责尚未履行完毕（《未成年人保护法》第十一条）",
        "A case is open or a mandatory report waits for a receipt (Law on the Protection of Minors art. 11)",
    )
    NOTHING = ("nothing", "没有这个孩子的相应信息", "Nothing of the kind is held about this child")


class Decision(Worded):
    """What is answered."""

    GRANT = ("grant", "同意", "Grant")
    REFUSE = ("refuse", "拒绝", "Refuse")


def _choices(kind: type[Worded]) -> tuple[tuple[str, Text], ...]:
    return tuple((each.value, each.title) for each in kind)


def _ground_if_refused(filled: Filled, today: date) -> Sequence[Refused]:
    if filled.text("decision") == Decision.REFUSE.value and not filled.text("ground"):
        return (Refused(Text("拒绝须选择法定理由。", "A refusal needs one of the grounds."), "ground"),)
    return ()


RECEIVE = Sheet(
    verb="receive",
    title=Text("登记申请", "Receive a request"),
    blanks=(
        Blank(
            name="child", fill=Fill.LINE, title=Text("孩子的证件号码", "The child's ID number"),
            hint=Text("只用于查找，不会保存。", "It is only looked up and not kept."),
        ),
        Blank(name="right", fill=Fill.PICK, title=Text("申请事项", "What is asked"), choices=_choices(Right)),
        Blank(name="asked_by", fill=Fill.ONE, title=Text("申请人", "Who asks"), choices=_choices(AskedBy)),
        Blank(
            name="identity", fill=Fill.ONE, title=Text("身份核验", "How identity was checked"),
            choices=_choices(Identity),
        ),
        Blank(name="wish", fill=Fill.LONG, title=Text("具体要求", "What exactly is wished"), required=False),
        Blank(name="received_on", fill=Fill.DAY, title=Text("收到日期", "Received on")),
    ),
)  # fmt: skip
ANSWER = Sheet(
    verb="answer",
    title=Text("答复", "Answer"),
    blanks=(
        Blank(name="decision", fill=Fill.ONE, title=Text("决定", "Decision"), choices=_choices(Decision)),
        Blank(
            name="ground", fill=Fill.PICK, title=Text("拒绝的法定理由", "Ground of a refusal"),
            choices=_choices(Ground), required=False,
        ),
        Blank(
            name="answer", fill=Fill.LONG, title=Text("书面答复内容", "The answer in writing"),
            hint=Text("会印在答复书上。", "It is printed on the letter."),
        ),
    ),
    check=_ground_if_refused,
)  # fmt: skip
FINISH = Sheet(
    verb="finish",
    title=Text("登记已办结", "Record that it is done"),
    help=Text(
        "更正与异议：请在个案中登记异议并转部门核实。撤回同意：请停止依同意进行的转介和计划。办完后在此说明。",
        "Corrections and objections: record an objection in the case, which goes to the department. Withdrawn"
        " consent: stop referrals and plans that rest on it. Then say here what was done.",
    ),
    blanks=(Blank(name="answer", fill=Fill.LONG, title=Text("办理情况", "What was done")),),
)


@dataclass(frozen=True)
class Doing:
    """Who acts on a request, and when."""

    actor: Actor
    now: datetime
    today: date


def check_may_read(actor: Actor) -> None:
    """Raises Refused with a sentence unless the table shows requests to this role."""
    if actor.role not in READERS:
        raise Refused(Text("您的角色不办理个人信息权利申请。", "Your role does not handle such requests."))


def check_may_act(actor: Actor) -> None:
    """Raises Refused with a sentence unless this role receives and answers requests."""
    if actor.role not in RECEIVERS:
        raise Refused(Text("您的角色只能查看申请。", "Your role may only read requests."))


def receive(
    session: Session, doing: Doing, child_key: str | None, facts: ChildFacts, given: Mapping[str, str]
) -> RightsRow:
    """Register a request; the clock starts on the day it was received."""
    check_may_act(doing.actor)
    filled = read(RECEIVE, given, doing.today)
    if child_key is None:
        raise Incomplete((Refused(Text("没有找到这个孩子。", "No child of this number is known."), "child"),))
    young = facts.age_years is not None and facts.age_years < OWN_AGE
    if filled.text("asked_by") == AskedBy.CHILD.value and young:
        raise Incomplete(
            (
                Refused(
                    Text("不满十四周岁的，由监护人提出。", "For a child under 14 the guardian asks."),
                    "asked_by",
                ),
            )
        )
    due = due_after(filled.day("received_on"), WORKING_DAYS)
    row = RightsRow(
        child_key=child_key, area_code=facts.area_code or doing.actor.area_prefix,
        right=filled.text("right"), asked_by=filled.text("asked_by"), identity=filled.text("identity"),
        wish=filled.text("wish"), received_on=filled.day("received_on"), due_on=due.on,
        due_provisional=due.provisional, state=State.OPEN.value, version=1, answer="",
        made_by=doing.actor.account_id, made_at=doing.now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _log(session, doing, row, RECEIVED, {"right": row.right, "by": row.asked_by, "identity": row.identity})
    return row


def answer(
    session: Session, doing: Doing, number: int, version: int, given: Mapping[str, str], keys: Sequence[str]
) -> RightsRow:
    """Grant or refuse, with the text of the letter. `keys`: every key of the child."""
    check_may_act(doing.actor)
    row = visible(session, doing.actor, number)
    filled = read(ANSWER, given, doing.today)
    _check_state(row, State.OPEN)
    grants = filled.text("decision") == Decision.GRANT.value
    right = coded(Right, row.right)
    if grants and right in ERASING:
        _check_may_erase(doing.actor, row)
        if (unsettled := not_settled(session, keys)) is not None:
            raise Refused(unsettled)
    state = State.GRANTED if grants else State.REFUSED
    ground = None if grants else filled.text("ground")
    advance(
        session, row, version, state=state.value, ground=ground, answer=filled.text("answer"),
        answered_on=doing.today, answered_by=doing.actor.account_id,
    )  # fmt: skip
    _log(session, doing, row, ANSWERED, {"right": row.right, "state": row.state, "ground": ground})
    return row


def not_settled(session: Session, keys: Collection[str]) -> Text | None:
    """Why the child with these keys may not be deleted yet; None if nothing stands in the way."""
    if open_case_of_person(session, keys) is not None:
        return Text(
            "这个孩子还有未结的个案，不能删除。请先结案，或按法定理由书面拒绝。",
            "A case of this child is open. Close it first, or refuse on a legal ground.",
        )
    cases = select(Case.id).where(Case.child_key.in_(keys))
    waiting = select(ReportRow.id).where(
        or_(ReportRow.child_key.in_(keys), ReportRow.case_id.in_(cases)),
        ReportRow.state == RecordState.OPEN.value,
    )
    if session.scalar(waiting.limit(1)) is not None:
        return Text(
            "这个孩子有强制报告还没有收齐回执，不能删除。请先登记回执，或按法定理由书面拒绝。",
            "A mandatory report about this child waits for a receipt. Record it first, or refuse on a legal"
            " ground.",
        )
    return None


def finish(session: Session, doing: Doing, number: int, version: int, given: Mapping[str, str]) -> RightsRow:
    """Record that a granted request was done by a person; copies and deletions are not done this way."""
    check_may_act(doing.actor)
    row = visible(session, doing.actor, number)
    filled = read(FINISH, given, doing.today)
    _check_state(row, State.GRANTED)
    if coded(Right, row.right) in ERASING | {Right.VIEW}:
        raise Refused(Text("这项申请由系统办理。", "The system does what this asks for."))
    said = f"{row.answer}\n{filled.text('answer')}"
    advance(session, row, version, state=State.DONE.value, answer=said, done_at=doing.now)
    _log(session, doing, row, FINISHED, {"right": row.right, "state": row.state})
    return row


def copied(session: Session, doing: Doing, number: int) -> RightsRow:
    """The request for which a copy is shown now; with the first copy it is done."""
    check_may_act(doing.actor)
    row = visible(session, doing.actor, number)
    if row.right != Right.VIEW.value or row.state not in (State.GRANTED.value, State.DONE.value):
        raise Refused(Text("没有同意查阅、复制的申请。", "No request for a copy has been granted here."))
    if row.state == State.GRANTED.value:
        advance(session, row, row.version, state=State.DONE.value, done_at=doing.now)
    _log(session, doing, row, COPIED, {"right": row.right, "state": row.state})
    return row


def visible(session: Session, actor: Actor, number: int) -> RightsRow:
    """The request, if it lies in the actor's area; NotFound otherwise."""
    check_may_read(actor)
    row = session.get(RightsRow, number)
    if row is None or not sees_area(actor, row.area_code):
        raise NotFound(str(number))
    return row


def listed(session: Session, actor: Actor, *, every: bool = False) -> Sequence[RightsRow]:
    """The requests of the actor's area that wait, the most pressing first; or all, the newest first."""
    check_may_read(actor)
    found = select(RightsRow).where(in_area(actor, RightsRow.area_code))
    if every:
        return session.scalars(found.order_by(RightsRow.id.desc()).limit(PART)).all()
    waiting = found.where(RightsRow.state.in_((State.OPEN.value, State.GRANTED.value)))
    return session.scalars(waiting.order_by(RightsRow.due_on, RightsRow.id).limit(PART)).all()


def to_erase(session: Session) -> Sequence[RightsRow]:
    """The granted deletions the worker has to carry out, oldest first."""
    rights = [right.value for right in ERASING]
    return session.scalars(
        select(RightsRow)
        .where(RightsRow.state == State.GRANTED.value, RightsRow.right.in_(rights))
        .order_by(RightsRow.id)
    ).all()


def erased(session: Session, number: int, now: datetime) -> None:
    """Record that a granted deletion was carried out everywhere."""
    row = session.get_one(RightsRow, number)
    row.state, row.done_at, row.version = State.DONE.value, now, row.version + 1
    audit.write(
        session, actor=audit.SYSTEM, verb=FINISHED, subject=f"right-{row.id}", now=now,
        detail={"right": row.right, "state": row.state},
    )  # fmt: skip


def counts(session: Session) -> dict[tuple[str, str], int]:
    """How many requests of each right stand in each state."""
    rows = session.execute(
        select(RightsRow.right, RightsRow.state, func.count()).group_by(RightsRow.right, RightsRow.state)
    )
    return {(right, state): int(number) for right, state, number in rows}


def _check_state(row: RightsRow, state: State) -> None:
    if row.state != state.value:
        raise Refused(Text("这项申请已经办过这一步。", "This step of the request has been done already."))


def _check_may_erase(actor: Actor, row: RightsRow) -> None:
    if actor.account_id == row.made_by:
        raise Refused(
            Text(
                "删除须由另一人同意：登记申请的人不能自己同意。",
                "A deletion takes a second person: who received the request cannot grant it.",
            )
        )
    if actor.role not in GRANT_ERASING:
        raise Refused(Text("删除须由管理员同意。", "Only a manager grants a deletion."))


def _log(session: Session, doing: Doing, row: RightsRow, verb: str, detail: audit.Detail) -> None:
    audit.write(
        session, actor=doing.actor.account_id, verb=verb, subject=f"right-{row.id}", now=doing.now,
        detail=detail,
    )  # fmt: skip
