"""The verbs of whoever works a case: taking it, recording what was done, concluding.

Each runs in the caller's one write transaction, checks the rules, changes the case and writes one audit
event (`acting`); what the lake must learn goes to the outbox. A case outside the actor's area raises
`NotFound`, as does one that is not there. Whoever changes a case names the version they saw; if somebody was
faster it raises `Conflict` and nothing is changed. Verbs between colleagues are in `teamwork`, those of a
second review in `second_review`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from features.language import Text
from serving.review import audit, closing, ledger_clocks, queries
from serving.review.accounts import actor_of
from serving.review.acting import NotFound, begin, finish
from serving.review.case import (
    REOPENED_DUE_DAYS,
    RISKS,
    WORKERS,
    Disposition,
    Ending,
    FactKind,
    Incomplete,
    Met,
    Refused,
    Role,
    Second,
    Verb,
    View,
    coded,
)
from serving.review.case_forms import Given
from serving.review.case_rules import asks_second_opinion
from serving.review.life_tables import FindingRow
from serving.review.one_child import KeysOf, only_itself, open_case_of_person
from serving.review.permissions import Actor, may_reveal_name, sees_area
from serving.review.tables import Account, Case, FactRow, ViewRow
from serving.review.working_days import day_in_china, due_after


def claim(session: Session, *, actor: Actor, case_id: str, version: int, now: datetime) -> Case:
    """The actor takes a waiting case, or a second review that waits for somebody."""
    doing = begin(session, Verb.CLAIM, actor=actor, case_id=case_id, version=version, now=now)
    return finish(doing, holder=actor.account_id)


def claim_next(session: Session, *, actor: Actor, now: datetime) -> Case | None:
    """The actor takes the first case of the queue; None if nothing waits in their area."""
    case = session.scalars(queries.waiting(actor, day_in_china(now)).limit(1)).first()
    if case is None:
        return None
    return claim(session, actor=actor, case_id=case.id, version=case.version, now=now)


def assign(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    person: str | None,
    reason: str,
    now: datetime,
    today: date,
) -> Case:
    """Give a case to an account that may work on it; one that somebody works on needs a reason."""
    given = Given(person=person, reason=reason)
    doing = begin(
        session, Verb.ASSIGN, actor=actor, case_id=case_id, version=version, now=now, today=today, given=given
    )
    account = session.get(Account, person)
    if account is None or account.disabled_at is not None or coded(Role, account.role) not in WORKERS:
        raise _not_this_person(Text("请选择一位在岗的工作人员。", "Choose a member of staff."))
    if not sees_area(actor_of(account), doing.case.area_code):
        raise _not_this_person(
            Text("这位工作人员不负责这个区域。", "This member of staff does not work in the area.")
        )
    if account.id in queries.concluded_by(session, doing.case):
        raise _not_this_person(Text("复核需要由另一个人来做。", "Somebody else must do the second review."))
    return finish(doing, holder=account.id, detail={"to": account.id}, note=reason, escalated_at=None)


def _not_this_person(sentence: Text) -> Incomplete:
    return Incomplete((Refused(sentence, "person"),))


def return_to_queue(
    session: Session, *, actor: Actor, case_id: str, version: int, reason: str, now: datetime, today: date
) -> Case:
    """Put a case back into the queue, or a second review back among those that wait, with a reason."""
    given = Given(reason=reason)
    doing = begin(
        session, Verb.RETURN, actor=actor, case_id=case_id, version=version, now=now, today=today, given=given
    )
    return finish(doing, holder=None, note=reason, escalated_at=None)


def record_view(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    view: View | None,
    note: str,
    now: datetime,
    today: date,
) -> Case:
    """The holder's own view; from then on the reasons are shown."""
    given = Given(view=view, note=note)
    doing = begin(
        session, Verb.RECORD_VIEW, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    assert view is not None, "check_given lets no blank view pass"
    after_reasons = queries.reasons_shown(session, doing.case, actor)
    session.add(
        ViewRow(
            case_id=doing.case.id,
            account_id=actor.account_id,
            view=view.value,
            note=note.strip(),
            after_reasons=after_reasons,
            recorded_at=now,
        )
    )
    return finish(doing, holder=doing.case.holder_id, detail={"after_reasons": after_reasons})


def record_contact(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    happened_on: date | None,
    met: Met | None,
    note: str,
    now: datetime,
    today: date,
) -> Case:
    """A contact by telephone, message or in passing."""
    given = Given(happened_on=happened_on, met=met, note=note)
    return _record_fact(
        session, actor, case_id, version, Verb.RECORD_CONTACT, FactKind.CONTACT, given, now, today
    )


def record_visit(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    happened_on: date | None,
    met: Met | None,
    note: str,
    now: datetime,
    today: date,
) -> Case:
    """A visit in person."""
    given = Given(happened_on=happened_on, met=met, note=note)
    return _record_fact(
        session, actor, case_id, version, Verb.RECORD_VISIT, FactKind.VISIT, given, now, today
    )


def record_follow_up(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    happened_on: date | None,
    met: Met | None,
    note: str,
    now: datetime,
    today: date,
) -> Case:
    """Looking after the family again while support runs."""
    given = Given(happened_on=happened_on, met=met, note=note)
    return _record_fact(
        session, actor, case_id, version, Verb.RECORD_FOLLOW_UP, FactKind.FOLLOW_UP, given, now, today
    )


def _record_fact(
    session: Session,
    actor: Actor,
    case_id: str,
    version: int,
    verb: Verb,
    kind: FactKind,
    given: Given,
    now: datetime,
    today: date,
) -> Case:
    doing = begin(
        session, verb, actor=actor, case_id=case_id, version=version, now=now, today=today, given=given
    )
    case, happened_on, met = doing.case, given.happened_on, given.met
    assert happened_on is not None, "check_given lets no blank date pass"
    assert met is not None, "check_given lets no blank choice pass"
    session.add(
        FactRow(
            case_id=case.id,
            entry=case.entry,
            kind=kind.value,
            happened_on=happened_on,
            met=met.value,
            note=given.note.strip(),
            recorded_by=actor.account_id,
            recorded_at=now,
        )
    )
    first, visited = case.contacted_on, case.visited_on
    if met is not Met.NOBODY:
        first = min(filter(None, (first, happened_on)))
        if kind is FactKind.VISIT:
            visited = min(filter(None, (visited, happened_on)))
        ledger_clocks.reached(session, case.child_key, happened_on, visit=kind is FactKind.VISIT)
    # A first visit that found nobody is an attempt at making contact and no more.
    end = doing.step.or_end if met is Met.NOBODY else None
    return finish(doing, holder=case.holder_id, end=end, contacted_on=first, visited_on=visited)


def record_assessment(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    findings: Mapping[str, str],
    now: datetime,
    today: date,
) -> Case:
    """What an assessment found about each risk."""
    given = Given(findings=findings)
    doing = begin(
        session, Verb.RECORD_ASSESSMENT, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    for risk in RISKS:
        session.add(
            FindingRow(
                case_id=doing.case.id,
                entry=doing.case.entry,
                risk=risk,
                finding=findings[risk].strip(),
                recorded_by=actor.account_id,
                recorded_at=now,
            )
        )
    return finish(doing, holder=doing.case.holder_id)


def start_support(
    session: Session, *, actor: Actor, case_id: str, version: int, note: str, now: datetime, today: date
) -> Case:
    """Support or a referral begins: what, in a sentence."""
    given = Given(note=note)
    doing = begin(
        session, Verb.START_SUPPORT, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    return finish(doing, holder=doing.case.holder_id, note=note)


def dispose(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    dispositions: Mapping[str, Disposition],
    reason: str,
    now: datetime,
    today: date,
) -> Case:
    """Conclude on every risk: the case closes, or waits for a second person where a rule asks for one."""
    given = Given(dispositions=dispositions, reason=reason)
    doing = begin(
        session, Verb.DISPOSE, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    conclusion = closing.Conclusion(actor.account_id, dict(dispositions), reason.strip())
    because = asks_second_opinion(
        doing.case.tier_order, dispositions, closing.high_risks(session, doing.case)
    )
    if because is None:
        return closing.close(doing, conclusion, today)
    closing.keep(doing, closing.FIRST, conclusion)
    return finish(
        doing,
        holder=None,
        end=doing.step.or_end,
        detail={"second_review": because},
        second=Second.OPINION.value,
        ending=Ending.REVIEWED.value,
        escalated_at=None,
    )


def cannot_reach(
    session: Session, *, actor: Actor, case_id: str, version: int, reason: str, now: datetime, today: date
) -> Case:
    """Nobody could be reached on several days: the case closes if a coordinator agrees."""
    given = Given(reason=reason)
    doing = begin(
        session, Verb.CANNOT_REACH, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    closing.keep(doing, closing.FIRST, closing.cannot_tell(actor.account_id, reason))
    return finish(
        doing,
        holder=None,
        second=Second.AGREEMENT.value,
        ending=Ending.CANNOT_REACH.value,
        escalated_at=None,
    )


def moved_away(
    session: Session, *, actor: Actor, case_id: str, version: int, where_to: str, now: datetime, today: date
) -> Case:
    """The family moved away: the case closes; of the most pressing tier only if a coordinator agrees."""
    given = Given(where_to=where_to)
    doing = begin(
        session, Verb.MOVED_AWAY, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    conclusion = closing.cannot_tell(actor.account_id, where_to)
    if asks_second_opinion(doing.case.tier_order, conclusion.dispositions, frozenset()) is None:
        return closing.close(doing, conclusion, today, ending=Ending.MOVED_AWAY)
    closing.keep(doing, closing.FIRST, conclusion)
    return finish(
        doing,
        holder=None,
        end=doing.step.or_end,
        second=Second.AGREEMENT.value,
        ending=Ending.MOVED_AWAY.value,
        escalated_at=None,
    )


def reopen(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    reason: str,
    now: datetime,
    today: date,
    keys_of: KeysOf = only_itself,
) -> Case:
    """Put a closed case back into the queue; it closes again only with a new contact or visit.

    Refused while another case of the child is open, under whichever of its keys.
    """
    given = Given(reason=reason)
    doing = begin(
        session, Verb.REOPEN, actor=actor, case_id=case_id, version=version, now=now, today=today, given=given
    )
    if open_case_of_person(session, keys_of(doing.case.child_key)) is not None:
        raise Refused(
            Text(
                "这名儿童已有一件未结的个案，请在那件个案里继续。",
                "The child already has an open case; go on there.",
            )
        )
    due = due_after(today, REOPENED_DUE_DAYS)
    return finish(
        doing,
        holder=None,
        note=reason,
        entry=doing.case.entry + 1,
        entered_on=today,
        closed_at=None,
        ending=None,
        contacted_on=None,
        due_on=due.on,
        due_provisional=due.provisional,
    )


def reveal_name(session: Session, *, actor: Actor, case_id: str, now: datetime) -> str:
    """The child key whose name may be shown to the actor once; the log keeps that it was."""
    case = queries.case_for(session, actor, case_id)
    if case is None:
        raise NotFound(case_id)
    if not may_reveal_name(actor, queries.state_of(session, case)):
        raise Refused(
            Text(
                "只有负责这件个案的人和督导员、筛查员可以查看姓名。",
                "Only who holds the case, supervisors and screeners may see the name.",
            )
        )
    audit.write(session, actor=actor.account_id, verb="reveal_name", subject=case.id, now=now)
    return case.child_key
