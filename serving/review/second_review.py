"""The verbs of a second review.

A second person takes the case and concludes without seeing what the first concluded; equal conclusions
close it, different ones go to a coordinator who sees both. Where nothing could be concluded, because nobody
could be reached or the family moved away, a coordinator agrees or gives the case back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from serving.review import closing
from serving.review.acting import begin, finish
from serving.review.case import Disposition, Ending, Second, Verb, coded
from serving.review.case_forms import Given
from serving.review.permissions import Actor
from serving.review.tables import Case


def conclude_second(
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
    """The second person's conclusion: the same closes the case, another goes to a coordinator."""
    given = Given(dispositions=dispositions, reason=reason)
    doing = begin(
        session, Verb.CONCLUDE_SECOND, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    first = closing.kept(session, doing.case, closing.FIRST)
    second = closing.Conclusion(actor.account_id, dict(dispositions), reason.strip())
    closing.keep(doing, closing.SECOND, second)
    if second.dispositions == first.dispositions:
        return closing.close(doing, first, today)
    return finish(doing, holder=None, end=doing.step.or_end, second=Second.SETTLEMENT.value)


def settle(
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
    """A coordinator who has seen both conclusions settles between them."""
    given = Given(dispositions=dispositions, reason=reason)
    doing = begin(
        session, Verb.SETTLE, actor=actor, case_id=case_id, version=version, now=now, today=today, given=given
    )
    first = closing.kept(session, doing.case, closing.FIRST)
    settled = closing.Conclusion(actor.account_id, dict(dispositions), reason.strip())
    closing.keep(doing, closing.SETTLED, settled)
    return closing.close(doing, settled, today, holder=first.account_id)


def agree(session: Session, *, actor: Actor, case_id: str, version: int, now: datetime, today: date) -> Case:
    """A coordinator agrees that the case ends without a conclusion."""
    doing = begin(session, Verb.AGREE, actor=actor, case_id=case_id, version=version, now=now, today=today)
    first = closing.kept(session, doing.case, closing.FIRST)
    ending = coded(Ending, doing.case.ending or Ending.REVIEWED.value)
    return closing.close(doing, first, today, ending=ending)


def give_back(
    session: Session, *, actor: Actor, case_id: str, version: int, reason: str, now: datetime, today: date
) -> Case:
    """A coordinator does not agree: the case goes back to who worked it."""
    given = Given(reason=reason)
    doing = begin(
        session, Verb.GIVE_BACK, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    first = closing.kept(session, doing.case, closing.FIRST)
    return finish(doing, holder=first.account_id, note=reason, second=None, ending=None)
