"""When a step may be done: what the rules know of a case, and every refusal in a sentence.

`check_can` knows roles and the state of the case; which person may act is in `permissions`. What asks for a
second review is here too. Pure: no store, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from features.language import Text
from serving.review.case import (
    ATTEMPTS,
    Disposition,
    Need,
    Refused,
    Role,
    Second,
    Status,
    Step,
    Verb,
    step_named,
)


@dataclass(frozen=True)
class CaseState:
    """What the rules need to know of a case.

    `has_fact`: a contact or visit that reached somebody is recorded since the case was last opened.
    `awaits_view`: the case asks for the holder's own view, and it is not in yet. `attempts`: days on which
    nobody was reached, since it was last opened. `concluded`: who has concluded on it since then. `asked`:
    colleagues who were asked about it and have not answered.
    """

    status: Status
    holder: str | None
    has_fact: bool
    awaits_view: bool
    attempts: int = 0
    has_trigger: bool = False
    escalated: bool = False
    second: Second | None = None
    concluded: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    open_objections: int = 0


@dataclass(frozen=True)
class _Rule:
    """Whether a need is met, and what is said if it is not."""

    met: Callable[[CaseState], bool]
    zh: str
    en: str


_RULES: Mapping[Need, _Rule] = {
    Need.FACT: _Rule(
        lambda state: state.has_fact,
        "需要先记录一次走访或联系（并且联系上了人）。",
        "First record a visit or a contact that reached somebody.",
    ),
    Need.OWN_VIEW: _Rule(
        lambda state: not state.awaits_view,
        "这件个案需要先记录您自己的判断。",
        "This case needs your own view first.",
    ),
    Need.NO_OWN_VIEW: _Rule(
        lambda state: state.awaits_view,
        "这件个案不需要（或已经有了）您自己的判断。",
        "This case does not ask for your own view, or already has it.",
    ),
    Need.ATTEMPTS: _Rule(
        lambda state: state.attempts >= ATTEMPTS and not state.has_fact,
        f"需要在 {ATTEMPTS} 个不同的日子联系或走访过、都没有联系上人。",
        f"Contacts or visits on {ATTEMPTS} different days must have reached nobody.",
    ),
    Need.UNHELD: _Rule(
        lambda state: state.holder is None,
        "这件个案已经有人领取。",
        "Somebody has taken this case already.",
    ),
    Need.HELD: _Rule(
        lambda state: state.holder is not None,
        "请先领取这件复核。",
        "Take the second review first.",
    ),
    Need.NO_TRIGGER: _Rule(
        lambda state: not state.has_trigger,
        "强制触发的个案不能暂缓。",
        "A case with a hard trigger cannot be set aside.",
    ),
    Need.ESCALATED: _Rule(
        lambda state: state.escalated,
        "这件个案没有上报。",
        "This case has not been escalated.",
    ),
    Need.NOT_ESCALATED: _Rule(
        lambda state: not state.escalated,
        "这件个案已经上报，正在等待答复。",
        "This case has been escalated and waits for an answer.",
    ),
    Need.OPINION: _Rule(
        lambda state: state.second is Second.OPINION,
        "这件个案不是在等待第二人独立判断。",
        "This case does not wait for a second person's own conclusion.",
    ),
    Need.SETTLEMENT: _Rule(
        lambda state: state.second is Second.SETTLEMENT,
        "这件个案没有两个不同的结论需要协调。",
        "There are no two different conclusions to settle between.",
    ),
    Need.AGREEMENT: _Rule(
        lambda state: state.second is Second.AGREEMENT,
        "这件个案不是在等待同意结案。",
        "This case does not wait for anybody to agree to closing.",
    ),
    Need.OPEN_OBJECTION: _Rule(
        lambda state: state.open_objections > 0,
        "这件个案没有等待答复的异议。",
        "No objection in this case waits for an answer.",
    ),
}


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
        rule = _RULES[need]
        if not rule.met(state):
            raise Refused(Text(rule.zh, rule.en))
    return step


def can(verb: Verb, state: CaseState, role: Role) -> bool:
    """The twin of `check_can` for pages."""
    try:
        check_can(verb, state, role)
    except Refused:
        return False
    return True


def asks_second_opinion(
    tier_order: int, dispositions: Mapping[str, Disposition], high: Set[str]
) -> str | None:
    """Why a second person must conclude before the case closes, or None.

    A case of the most pressing tier always; else if a risk is said not to be confirmed whose screener put
    the child in its high band (`high`). The word is for the log.
    """
    if tier_order == 0:
        return "top_tier"
    if any(dispositions[risk] is Disposition.NOT_CONFIRMED for risk in dispositions.keys() & high):
        return "against_high"
    return None
