"""Who sees which case, whose names, and who may act on a case that somebody holds.

A case outside an account's area does not exist for it: callers answer as for an unknown case.
Pure: no store, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from features.language import Text
from serving.review.access import Group, Reach, shown
from serving.review.case import Only, Refused, Role, Step, Verb, steps_from
from serving.review.case_rules import CaseState, check_can


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, its role and the area (a prefix of area codes) it answers for.

    `opened`: cases outside the area that it may read for now, for a reason it gave (`emergency`).
    """

    account_id: str
    role: Role
    area_prefix: str
    opened: frozenset[str] = frozenset()


def sees_area(actor: Actor, area_code: str) -> bool:
    """Whether a case of this area exists for this actor. An unknown area is the county screener's."""
    if not area_code:
        return actor.role is Role.SCREENER
    return area_code.startswith(actor.area_prefix)


def may_see_name(actor: Actor) -> bool:
    """Whether the actor may see masked names at all."""
    return shown(Group.MASKED_NAME, actor.role)


def may_read_notes(actor: Actor) -> bool:
    """Whether the actor may read what people wrote."""
    return shown(Group.NOTES, actor.role)


def reaches(actor: Actor, case_id: str, area_code: str, holder: str | None) -> frozenset[Reach]:
    """How near a case is to the actor; being asked about it is not looked at."""
    near = {
        Reach.HELD: holder == actor.account_id,
        Reach.AREA: sees_area(actor, area_code),
        Reach.OPENED: case_id in actor.opened,
    }
    return frozenset(reach for reach, holds in near.items() if holds)


def may_reveal_name(actor: Actor, state: CaseState) -> bool:
    """Whether the actor may see the full name: the holder of the case, or who coordinates it."""
    near = {Reach.AREA} | ({Reach.HELD} if state.holder == actor.account_id else set())
    return shown(Group.FULL_NAME, actor.role, near)


def check_may(verb: Verb, state: CaseState, actor: Actor) -> Step:
    """`case.check_can`, and that it is this person's to do. Raises Refused with a sentence."""
    step = check_can(verb, state, actor.role)
    if state.holder is not None and state.holder != actor.account_id and actor.role not in step.others_by:
        raise Refused(
            Text(
                "这件个案由别人负责；如需接手，请督导员重新指派。",
                "Somebody else holds this case; ask a supervisor to assign it to you.",
            )
        )
    if step.only is Only.ASKED and actor.account_id not in state.asked:
        raise Refused(
            Text("没有人就这件个案请教您。", "Nobody has asked you about this case."),
        )
    if step.only is Only.FRESH and actor.account_id in state.concluded:
        raise Refused(
            Text(
                "您已对这件个案作出结论，需要由另一个人来做。",
                "You have concluded on this case already; somebody else must do this.",
            )
        )
    return step


def may(verb: Verb, state: CaseState, actor: Actor) -> bool:
    """The twin of `check_may` for pages."""
    try:
        check_may(verb, state, actor)
    except Refused:
        return False
    return True


def allowed_steps(state: CaseState, actor: Actor, *, in_area: bool = True) -> tuple[Step, ...]:
    """The steps this actor may do now, in the order of the rows: the buttons of the page.

    Outside the actor's area only what they were asked for.
    """
    return tuple(
        step
        for step in steps_from(state.status)
        if may(step.verb, state, actor) and (in_area or step.only is Only.ASKED)
    )
