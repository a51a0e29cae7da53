"""What may happen to a case: statuses, roles, dispositions, and one row per step.

Everything else about steps is derived from the rows: `case_rules.check_can`, the buttons and forms of a
page, the names of audit events, the diagram in STEPS.md, and a test of every verb, status and role. When a
step may be done is in `case_rules`, what its form must hold in `case_forms`, and who may act on what
somebody else holds in `permissions`. Pure: no store, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from features.language import Text, Worded
from features.outcomes import OUTCOMES

# The risks a case answers, whatever lane it came by: one visit says something about both, and a form
# that asked about one risk only would tell the reviewer which screener had spoken.
RISKS: tuple[str, ...] = tuple(outcome.name for outcome in OUTCOMES)


class Refused(Exception):
    """A step that may not be done; `sentence` says why in both languages, `field` where in the form."""

    def __init__(self, sentence: Text, field: str | None = None) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence
        self.field = field


class Conflict(Refused):
    """Somebody else changed the case after it was read."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "这件个案刚刚被别人更改过，您的操作没有保存。请看过最新内容后再试。",
                "Somebody has just changed this case; your step was not saved. Look again, then retry.",
            )
        )


class Incomplete(Exception):
    """A form in which something is missing or cannot be; one Refused for each field concerned."""

    def __init__(self, problems: tuple[Refused, ...]) -> None:
        super().__init__(" ".join(problem.sentence.en for problem in problems))
        self.problems = problems


W = TypeVar("W", bound=Worded)


def coded(kind: type[W], value: str) -> W:
    """The member whose stored value this is; ValueError if there is none."""
    for member in kind:
        if member.value == value:
            return member
    raise ValueError(f"There is no {kind.__name__} of this value.")


class Status(Worded):
    """Where a case stands. The values are stored."""

    WAITING = ("waiting", "待领取", "Waiting")
    CLAIMED = ("claimed", "已领取", "Claimed")
    CONTACTING = ("contacting", "联系中", "Making contact")
    VISITED = ("visited", "已走访", "Visited")
    ASSESSED = ("assessed", "已评估", "Assessed")
    IN_SUPPORT = ("in_support", "帮扶转介中", "Support and referral")
    FOLLOW_UP = ("follow_up", "跟进中", "Follow-up")
    SECOND_REVIEW = ("second_review", "待复核", "Second review")
    CLOSED = ("closed", "已结案", "Closed")


# Somebody works on the case.
IN_HAND: tuple[Status, ...] = (
    Status.CLAIMED,
    Status.CONTACTING,
    Status.VISITED,
    Status.ASSESSED,
    Status.IN_SUPPORT,
    Status.FOLLOW_UP,
)


class Role(Worded):
    """Who an account is. The values are stored."""

    CHILD_DIRECTOR = ("child_director", "儿童主任", "Child director")
    SUPERVISOR = ("supervisor", "儿童督导员", "Child supervisor")
    SCREENER = ("screener", "县级筛查员", "County screener")
    ASSESSOR = ("assessor", "评估员", "Assessor")
    MANAGER = ("manager", "管理者", "Manager")
    AUDITOR = ("auditor", "审计员", "Auditor")


class Disposition(Worded):
    """What the review concluded about one risk. The values are stored and reach the lake."""

    CONFIRMED = ("confirmed", "属实", "Confirmed")
    WORTH_RAISING = ("worth_raising", "未属实但值得提示", "Worth raising though not confirmed")
    ALREADY_KNOWN = ("already_known", "已在帮扶", "Already known")
    NOT_CONFIRMED = ("not_confirmed", "未属实", "Not confirmed")
    CANNOT_TELL = ("cannot_tell", "无法判断", "Cannot tell")


class Ending(Worded):
    """How a case came to its end. The values are stored."""

    REVIEWED = ("reviewed", "已作出结论", "Reviewed")
    CANNOT_REACH = ("cannot_reach", "多次联系不上", "Could not be reached")
    MOVED_AWAY = ("moved_away", "已搬离", "Moved away")


class View(Worded):
    """The reviewer's own view, before the screening's reasons are shown. The values are stored."""

    CONCERN = ("concern", "有需要关注的情况", "There is something to look into")
    NO_CONCERN = ("no_concern", "暂无需要关注的情况", "Nothing that needs attention now")
    CANNOT_TELL = ("cannot_tell", "暂时说不准", "Cannot tell yet")


class FactKind(Worded):
    """What was done in the world. The values are stored."""

    CONTACT = ("contact", "联系", "Contact")
    VISIT = ("visit", "走访", "Visit")
    FOLLOW_UP = ("follow_up", "跟进", "Follow-up")


class Met(Worded):
    """Whom a contact or visit reached. Reaching nobody is worth recording and closes nothing."""

    CHILD = ("child", "孩子本人", "The child")
    GUARDIAN = ("guardian", "监护人", "A guardian")
    BOTH = ("both", "孩子和监护人", "The child and a guardian")
    OTHER = ("other", "其他照料人、老师或邻居", "Another carer, a teacher or a neighbour")
    NOBODY = ("nobody", "没有见到或联系上", "Nobody was reached")


class Second(Worded):
    """What a second review waits for. The values are stored.

    OPINION: a second person's conclusion, who does not see the first. SETTLEMENT: the two differ.
    AGREEMENT: nothing could be concluded, and a coordinator must agree that the case ends so.
    """

    OPINION = ("opinion", "等待第二人独立判断", "Waits for a second person's own conclusion")
    SETTLEMENT = ("settlement", "两人结论不同，等待协调", "The two conclusions differ; to be settled")
    AGREEMENT = ("agreement", "等待督导员同意结案", "Waits for a coordinator to agree to closing")


class Objector(Worded):
    """Who objects to a record. The values are stored."""

    GUARDIAN = ("guardian", "监护人", "A guardian")
    CHILD = ("child", "孩子本人", "The child")
    WORKER = ("worker", "工作人员", "A member of staff")


class Answer(Worded):
    """What the department says of a record that was objected to. The values are stored."""

    CORRECTED = ("corrected", "已更正", "Corrected")
    WITHDRAWN = ("withdrawn", "已撤回该记录", "Record withdrawn")
    STANDS = ("stands", "经核实无误", "Stands as it is")


# Answers after which the record is no longer what it was, and the child is scored again.
CHANGES_THE_FACT: tuple[Answer, ...] = (Answer.CORRECTED, Answer.WITHDRAWN)


class Verb(Worded):
    """The name of a step: a button, a form, an audit event."""

    CLAIM = ("claim", "领取", "Claim")
    ASSIGN = ("assign", "指派", "Assign")
    RECORD_VIEW = ("record_view", "记录我的判断", "Record my own view")
    RECORD_CONTACT = ("record_contact", "记录联系", "Record a contact")
    RECORD_VISIT = ("record_visit", "记录走访", "Record a visit")
    RECORD_ASSESSMENT = ("record_assessment", "记录评估", "Record an assessment")
    START_SUPPORT = ("start_support", "开始帮扶转介", "Start support")
    RECORD_FOLLOW_UP = ("record_follow_up", "记录跟进", "Record a follow-up")
    DISPOSE = ("dispose", "作出结论并结案", "Conclude and close")
    CANNOT_REACH = ("cannot_reach", "多次联系不上", "Cannot reach the family")
    MOVED_AWAY = ("moved_away", "家庭已搬离", "The family moved away")
    CONSULT = ("consult", "请教同事", "Ask a colleague")
    ANSWER = ("answer", "答复请教", "Answer the question")
    ESCALATE = ("escalate", "上报督导员", "Escalate")
    TAKE_OVER = ("take_over", "接手办理", "Take over")
    ADVISE = ("advise", "给出意见并交回", "Give back with advice")
    SNOOZE = ("snooze", "暂缓到某天", "Set aside until a day")
    RETURN = ("return", "退回队列", "Return to the queue")
    OBJECT = ("object", "记录对信息的异议", "Record an objection to a record")
    ANSWER_OBJECTION = ("answer_objection", "登记部门答复", "Record the department's answer")
    CONCLUDE_SECOND = ("conclude_second", "作出复核结论", "Conclude as second reviewer")
    SETTLE = ("settle", "协调两人结论并结案", "Settle between the two and close")
    AGREE = ("agree", "同意结案", "Agree and close")
    GIVE_BACK = ("give_back", "不同意，交回继续", "Disagree and give back")
    REOPEN = ("reopen", "重新打开", "Reopen")


class Ask(Enum):
    """What the form of a step asks for."""

    REASON = "reason"
    PERSON = "person"
    COLLEAGUE = "colleague"
    VIEW = "view"
    FACT = "fact"
    FINDINGS = "findings"
    NOTE = "note"
    UNTIL = "until"
    WHERE_TO = "where_to"
    RECORD = "record"
    OBJECTION_ANSWER = "objection_answer"
    DISPOSITIONS = "dispositions"


class Need(Enum):
    """What must be so, or must have been recorded, before the step."""

    FACT = "fact"
    OWN_VIEW = "own_view"
    NO_OWN_VIEW = "no_own_view"
    ATTEMPTS = "attempts"
    UNHELD = "unheld"
    HELD = "held"
    NO_TRIGGER = "no_trigger"
    ESCALATED = "escalated"
    NOT_ESCALATED = "not_escalated"
    OPINION = "opinion"
    SETTLEMENT = "settlement"
    AGREEMENT = "agreement"
    OPEN_OBJECTION = "open_objection"


class Only(Enum):
    """Which person of the roles may: the one who was asked, or one who has concluded nothing here yet."""

    ASKED = "asked"
    FRESH = "fresh"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One allowed thing done to a case.

    `by`: the roles that may. On a case that has a holder only the holder may, except the roles in
    `others_by`, who may do it to a case of somebody else. A closed case keeps its last holder. `or_end`:
    where the case goes instead if nobody was reached, or if a second person must look.
    """

    verb: Verb
    start: Status
    end: Status
    by: frozenset[Role]
    others_by: frozenset[Role] = frozenset()
    asks: tuple[Ask, ...] = ()
    needs: tuple[Need, ...] = ()
    only: Only | None = None
    or_end: Status | None = None


WORKERS = frozenset({Role.CHILD_DIRECTOR, Role.SUPERVISOR, Role.SCREENER, Role.ASSESSOR})
COORDINATORS = frozenset({Role.SUPERVISOR, Role.SCREENER})

# So many contacts or visits that reached nobody, each on another day, before a family counts as out of reach.
ATTEMPTS = 3
# The longest a case may be set aside at one time, in days.
SNOOZE_DAYS = 14
# Working days until contact after a case was reopened: somebody has just said that it is not over.
REOPENED_DUE_DAYS = 3


def _each(
    verb: Verb,
    starts: Iterable[Status],
    end: Status | None = None,
    *,
    by: frozenset[Role] = WORKERS,
    others_by: frozenset[Role] = frozenset(),
    asks: tuple[Ask, ...] = (),
    needs: tuple[Need, ...] = (),
    only: Only | None = None,
    or_end: Status | None = None,
) -> tuple[Step, ...]:
    """The same step from several statuses; without an `end` the case stays where it is."""
    return tuple(
        Step(
            verb=verb, start=start, end=end or start, by=by, others_by=others_by,
            asks=asks, needs=needs, only=only, or_end=or_end,
        )
        for start in starts
    )  # fmt: skip


_SECOND = (Status.SECOND_REVIEW,)
_UNSEEN = (Status.CLAIMED, Status.CONTACTING)
_SEEN = (Status.VISITED, Status.ASSESSED, Status.IN_SUPPORT, Status.FOLLOW_UP)
_HELPED = (Status.IN_SUPPORT, Status.FOLLOW_UP)
_CONCLUDES = (Ask.DISPOSITIONS, Ask.REASON)

STEPS: tuple[Step, ...] = (
    *_each(Verb.CLAIM, (Status.WAITING,), Status.CLAIMED),
    *_each(Verb.CLAIM, _SECOND, needs=(Need.OPINION, Need.UNHELD), only=Only.FRESH),
    *_each(Verb.ASSIGN, (Status.WAITING,), Status.CLAIMED, by=COORDINATORS, asks=(Ask.PERSON,)),
    *_each(Verb.RECORD_VIEW, IN_HAND, asks=(Ask.VIEW,), needs=(Need.NO_OWN_VIEW,)),
    *_each(Verb.RECORD_CONTACT, _UNSEEN, Status.CONTACTING, asks=(Ask.FACT,)),
    *_each(Verb.RECORD_CONTACT, _SEEN, asks=(Ask.FACT,)),
    *_each(
        Verb.RECORD_VISIT, _UNSEEN, Status.VISITED, or_end=Status.CONTACTING, asks=(Ask.FACT,)
    ),
    *_each(Verb.RECORD_VISIT, _SEEN, asks=(Ask.FACT,)),
    *_each(
        Verb.RECORD_ASSESSMENT, (*_UNSEEN, Status.VISITED), Status.ASSESSED,
        asks=(Ask.FINDINGS,), needs=(Need.FACT,),
    ),
    *_each(
        Verb.RECORD_ASSESSMENT, (Status.ASSESSED, *_HELPED), asks=(Ask.FINDINGS,), needs=(Need.FACT,)
    ),
    *_each(
        Verb.START_SUPPORT, (*_UNSEEN, Status.VISITED, Status.ASSESSED), Status.IN_SUPPORT,
        asks=(Ask.NOTE,), needs=(Need.FACT,),
    ),
    *_each(Verb.RECORD_FOLLOW_UP, _HELPED, Status.FOLLOW_UP, asks=(Ask.FACT,)),
    *_each(
        Verb.DISPOSE, IN_HAND, Status.CLOSED, or_end=Status.SECOND_REVIEW,
        asks=_CONCLUDES, needs=(Need.OWN_VIEW, Need.FACT),
    ),
    *_each(
        Verb.MOVED_AWAY, IN_HAND, Status.CLOSED, or_end=Status.SECOND_REVIEW,
        asks=(Ask.WHERE_TO,), needs=(Need.FACT,),
    ),
    *_each(
        Verb.CANNOT_REACH, _UNSEEN, Status.SECOND_REVIEW, asks=(Ask.REASON,), needs=(Need.ATTEMPTS,)
    ),
    *_each(Verb.CONSULT, IN_HAND, asks=(Ask.COLLEAGUE,)),
    *_each(
        Verb.ANSWER, (Status.WAITING, *IN_HAND, *_SECOND, Status.CLOSED), others_by=WORKERS,
        asks=(Ask.NOTE,), only=Only.ASKED,
    ),
    *_each(Verb.ESCALATE, IN_HAND, asks=(Ask.REASON,), needs=(Need.NOT_ESCALATED,)),
    *_each(
        Verb.TAKE_OVER, IN_HAND, by=COORDINATORS, others_by=COORDINATORS, needs=(Need.ESCALATED,)
    ),
    *_each(
        Verb.ADVISE, IN_HAND, by=COORDINATORS, others_by=COORDINATORS,
        asks=(Ask.REASON,), needs=(Need.ESCALATED,),
    ),
    *_each(
        Verb.ASSIGN, IN_HAND, by=COORDINATORS, others_by=COORDINATORS, asks=(Ask.PERSON, Ask.REASON)
    ),
    *_each(
        Verb.ASSIGN, _SECOND, by=COORDINATORS, others_by=COORDINATORS,
        asks=(Ask.PERSON,), needs=(Need.OPINION,),
    ),
    *_each(
        Verb.SNOOZE, (Status.WAITING,), by=COORDINATORS, asks=(Ask.UNTIL, Ask.REASON),
        needs=(Need.NO_TRIGGER,),
    ),
    *_each(
        Verb.SNOOZE, IN_HAND, others_by=COORDINATORS, asks=(Ask.UNTIL, Ask.REASON),
        needs=(Need.NO_TRIGGER,),
    ),
    *_each(Verb.RETURN, IN_HAND, Status.WAITING, others_by=COORDINATORS, asks=(Ask.REASON,)),
    *_each(
        Verb.RETURN, _SECOND, others_by=COORDINATORS, asks=(Ask.REASON,),
        needs=(Need.OPINION, Need.HELD),
    ),
    *_each(
        Verb.CONCLUDE_SECOND, _SECOND, Status.CLOSED, or_end=Status.SECOND_REVIEW, asks=_CONCLUDES,
        needs=(Need.OPINION, Need.HELD), only=Only.FRESH,
    ),
    *_each(
        Verb.SETTLE, _SECOND, Status.CLOSED, by=COORDINATORS, asks=_CONCLUDES,
        needs=(Need.SETTLEMENT,), only=Only.FRESH,
    ),
    *_each(
        Verb.AGREE, _SECOND, Status.CLOSED, by=COORDINATORS, needs=(Need.AGREEMENT,), only=Only.FRESH
    ),
    *_each(
        Verb.GIVE_BACK, _SECOND, Status.CONTACTING, by=COORDINATORS, asks=(Ask.REASON,),
        needs=(Need.AGREEMENT,), only=Only.FRESH,
    ),
    *_each(Verb.OBJECT, Status, others_by=WORKERS, asks=(Ask.RECORD,)),
    *_each(
        Verb.ANSWER_OBJECTION, Status, by=COORDINATORS, others_by=COORDINATORS,
        asks=(Ask.OBJECTION_ANSWER,), needs=(Need.OPEN_OBJECTION,),
    ),
    *_each(
        Verb.REOPEN, (Status.CLOSED,), Status.WAITING, by=COORDINATORS, others_by=COORDINATORS,
        asks=(Ask.REASON,),
    ),
)  # fmt: skip


def step_named(verb: Verb, start: Status) -> Step | None:
    """The step of this verb from this status, or None if there is none."""
    for step in STEPS:
        if step.verb is verb and step.start is start:
            return step
    return None


def steps_from(status: Status) -> Iterator[Step]:
    """The steps that leave this status, in the order of the rows."""
    return (step for step in STEPS if step.start is status)
