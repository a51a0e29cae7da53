"""What may happen to a case: statuses, roles, dispositions, and one row per step.

Everything else about steps is derived from the rows: `check_can`, the buttons of a page, the names
of audit events, the diagram in STEPS.md, and a test of every verb, status and role. Rules that
depend on *which* person acts are in `permissions`. Pure: no store, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import TypeVar, assert_never

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
    IN_REVIEW = ("in_review", "处理中", "In review")
    CLOSED = ("closed", "已结案", "Closed")


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


class View(Worded):
    """The reviewer's own view, before the screening's reasons are shown. The values are stored."""

    CONCERN = ("concern", "有需要关注的情况", "There is something to look into")
    NO_CONCERN = ("no_concern", "暂无需要关注的情况", "Nothing that needs attention now")
    CANNOT_TELL = ("cannot_tell", "暂时说不准", "Cannot tell yet")


class FactKind(Worded):
    """What was done in the world. The values are stored."""

    CONTACT = ("contact", "联系", "Contact")
    VISIT = ("visit", "走访", "Visit")


class Met(Worded):
    """Whom a contact or visit reached. Reaching nobody is worth recording and closes nothing."""

    CHILD = ("child", "孩子本人", "The child")
    GUARDIAN = ("guardian", "监护人", "A guardian")
    BOTH = ("both", "孩子和监护人", "The child and a guardian")
    OTHER = ("other", "其他照料人、老师或邻居", "Another carer, a teacher or a neighbour")
    NOBODY = ("nobody", "没有见到或联系上", "Nobody was reached")


class Verb(Worded):
    """The name of a step: a button, a form, an audit event."""

    CLAIM = ("claim", "领取", "Claim")
    ASSIGN = ("assign", "指派", "Assign")
    RETURN = ("return", "退回队列", "Return to the queue")
    RECORD_VIEW = ("record_view", "记录我的判断", "Record my own view")
    RECORD_CONTACT = ("record_contact", "记录联系", "Record a contact")
    RECORD_VISIT = ("record_visit", "记录走访", "Record a visit")
    DISPOSE = ("dispose", "作出结论并结案", "Conclude and close")
    REOPEN = ("reopen", "重新打开", "Reopen")


class Ask(Enum):
    """What the form of a step asks for."""

    REASON = "reason"
    PERSON = "person"
    VIEW = "view"
    FACT = "fact"
    DISPOSITIONS = "dispositions"


class Need(Enum):
    """What must have been recorded before the step."""

    FACT = "fact"
    OWN_VIEW = "own_view"
    NO_OWN_VIEW = "no_own_view"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One allowed thing done to a case.

    `by`: the roles that may. On a case that has a holder only the holder may, except the roles in
    `others_by`, who may do it to a case of somebody else. A closed case keeps its last holder.
    """

    verb: Verb
    start: Status
    end: Status
    by: frozenset[Role]
    others_by: frozenset[Role] = frozenset()
    asks: tuple[Ask, ...] = ()
    needs: tuple[Need, ...] = ()


WORKERS = frozenset({Role.CHILD_DIRECTOR, Role.SUPERVISOR, Role.SCREENER, Role.ASSESSOR})
COORDINATORS = frozenset({Role.SUPERVISOR, Role.SCREENER})

_WAITING, _IN_REVIEW, _CLOSED = Status.WAITING, Status.IN_REVIEW, Status.CLOSED

STEPS: tuple[Step, ...] = (
    Step(verb=Verb.CLAIM, start=_WAITING, end=_IN_REVIEW, by=WORKERS),
    Step(verb=Verb.ASSIGN, start=_WAITING, end=_IN_REVIEW, by=COORDINATORS, asks=(Ask.PERSON,)),
    Step(
        verb=Verb.RECORD_VIEW, start=_IN_REVIEW, end=_IN_REVIEW, by=WORKERS,
        asks=(Ask.VIEW,), needs=(Need.NO_OWN_VIEW,),
    ),
    Step(verb=Verb.RECORD_CONTACT, start=_IN_REVIEW, end=_IN_REVIEW, by=WORKERS, asks=(Ask.FACT,)),
    Step(verb=Verb.RECORD_VISIT, start=_IN_REVIEW, end=_IN_REVIEW, by=WORKERS, asks=(Ask.FACT,)),
    Step(
        verb=Verb.DISPOSE, start=_IN_REVIEW, end=_CLOSED, by=WORKERS,
        asks=(Ask.DISPOSITIONS, Ask.REASON), needs=(Need.OWN_VIEW, Need.FACT),
    ),
    Step(
        verb=Verb.ASSIGN, start=_IN_REVIEW, end=_IN_REVIEW, by=COORDINATORS, others_by=COORDINATORS,
        asks=(Ask.PERSON, Ask.REASON),
    ),
    Step(
        verb=Verb.RETURN, start=_IN_REVIEW, end=_WAITING, by=WORKERS, others_by=COORDINATORS,
        asks=(Ask.REASON,),
    ),
    Step(
        verb=Verb.REOPEN, start=_CLOSED, end=_WAITING, by=COORDINATORS, others_by=COORDINATORS,
        asks=(Ask.REASON,),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class CaseState:
    """What the rules need to know of a case.

    `has_fact`: a contact or visit that reached somebody is recorded since the case was last opened.
    `awaits_view`: reasons are hidden until the holder's own view is in, and it is not in yet.
    """

    status: Status
    holder: str | None
    has_fact: bool
    awaits_view: bool


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the form of a step was filled with; a blank or unreadable field is None or empty."""

    reason: str = ""
    person: str | None = None
    view: View | None = None
    happened_on: date | None = None
    met: Met | None = None
    note: str = ""
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)


_NEED_SENTENCES = {
    Need.FACT: Text(
        "结案前需要先记录一次走访或联系（并且联系上了人）。",
        "Before closing, record a visit or a contact that reached somebody.",
    ),
    Need.OWN_VIEW: Text(
        "这件个案需要先记录您自己的判断。",
        "This case needs your own view first.",
    ),
    Need.NO_OWN_VIEW: Text(
        "这件个案不需要（或已经有了）您自己的判断。",
        "This case does not ask for your own view, or already has it.",
    ),
}


def step_named(verb: Verb, start: Status) -> Step | None:
    """The step of this verb from this status, or None if there is none."""
    for step in STEPS:
        if step.verb is verb and step.start is start:
            return step
    return None


def check_can(verb: Verb, state: CaseState, role: Role) -> Step:
    """The step that this verb is now; raises Refused with a sentence if the role or the case forbids it."""
    step = step_named(verb, state.status)
    if step is None:
        raise Refused(
            Text(
                f"个案处于“{state.status.title.zh}”时不能“{verb.title.zh}”。",
                f"“{verb.title.en}” is not possible while the case is “{state.status.title.en}”.",
            )
        )
    if role not in step.by:
        raise Refused(
            Text(
                f"“{role.title.zh}”不能“{verb.title.zh}”。",
                f"“{verb.title.en}” is not open to the role “{role.title.en}”.",
            )
        )
    for need in step.needs:
        if not _is_met(need, state):
            raise Refused(_NEED_SENTENCES[need])
    return step


def can(verb: Verb, state: CaseState, role: Role) -> bool:
    """The twin of `check_can` for pages."""
    try:
        check_can(verb, state, role)
    except Refused:
        return False
    return True


def steps_from(status: Status) -> Iterator[Step]:
    """The steps that leave this status, in the order of the rows."""
    return (step for step in STEPS if step.start is status)


def _is_met(need: Need, state: CaseState) -> bool:
    if need is Need.FACT:
        return state.has_fact
    return state.awaits_view is (need is Need.NO_OWN_VIEW)


def disposition_field(risk: str) -> str:
    """The name of the form field that takes the disposition of a risk."""
    return f"disposition_{risk}"


def check_given(step: Step, given: Given, *, today: date, entered_on: date) -> None:
    """Raises Incomplete with a sentence for every field of the step's form that is missing or cannot be.

    `entered_on`: the day the case last came into the queue; no contact or visit before it answers it.
    """
    problems = tuple(
        problem for ask in step.asks for problem in _problems(ask, step, given, today, entered_on)
    )
    if problems:
        raise Incomplete(problems)


def _problems(ask: Ask, step: Step, given: Given, today: date, entered_on: date) -> Iterator[Refused]:
    match ask:
        case Ask.REASON:
            if not given.reason.strip():
                yield Refused(Text("请写明理由。", "Give the reason."), "reason")
        case Ask.PERSON:
            if not given.person:
                yield Refused(Text("请选择指派给谁。", "Choose whom to assign the case to."), "person")
        case Ask.VIEW:
            if given.view is None:
                yield Refused(Text("请选择您的判断。", "Choose your own view."), "view")
        case Ask.FACT:
            yield from _fact_problems(given, today, entered_on)
        case Ask.DISPOSITIONS:
            for outcome in OUTCOMES:
                if outcome.name not in given.dispositions:
                    yield Refused(
                        Text(
                            f"请选择“{outcome.title.zh}”的结论。",
                            f"Choose a conclusion for “{outcome.title.en}”.",
                        ),
                        disposition_field(outcome.name),
                    )
        case _:
            assert_never(ask)


def _fact_problems(given: Given, today: date, entered_on: date) -> Iterator[Refused]:
    if given.happened_on is None:
        yield Refused(
            Text("请填写日期，例如 2026-10-08。", "Give the date, for example 2026-10-08."), "happened_on"
        )
    elif given.happened_on > today:
        yield Refused(Text("日期不能在今天之后。", "The date cannot be after today."), "happened_on")
    elif given.happened_on < entered_on:
        yield Refused(
            Text(
                f"日期不能早于个案进入队列的那天（{entered_on.isoformat()}）。",
                f"The date cannot be before the case came into the queue ({entered_on.isoformat()}).",
            ),
            "happened_on",
        )
    if given.met is None:
        yield Refused(Text("请选择见到或联系到了谁。", "Choose whom you reached."), "met")
    if not given.note.strip():
        yield Refused(Text("请写下看到或了解到的情况。", "Write down what you saw or learnt."), "note")
