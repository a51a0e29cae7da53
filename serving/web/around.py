"""What stands beside the reasons of a case: facts that changed, how similar cases ended, where to go on.

Facts that changed are read from the two stored screenings; what share of a change is new, corrected, time or
the model takes the records, and a page of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.catalogue import feature_named
from models.screening import Screening
from models.wording import value_text
from serving.review import screenings, tallies
from serving.review.case import WORKERS, Status
from serving.review.listing import visible
from serving.review.permissions import Actor, reaches
from serving.review.reading import may_open
from serving.review.suppression import share_is_told
from serving.review.tables import IS_OPEN, Case
from serving.web import lines
from serving.web.components import Link
from serving.web.deps import Deps
from serving.web.pages import Around, ChangeBlock
from serving.web.text import Translate, translator

_CHANGED_FACTS = 5


def around(session: Session, deps: Deps, actor: Actor, case: Case, language: str, *, shown: bool) -> Around:
    """What stands beside the reasons: facts that changed, how similar cases ended, where to go on."""
    t = translator(language)
    found = screenings.of_child(session, deps.keys_of(case.child_key)) if shown else {}
    changed = tuple(
        ChangeBlock(
            t("rounds.changes", risk=lines.RISK_TITLES[screener][language]),
            tuple(changed_facts(each[-2], each[-1], language)),
        )
        for screener, each in found.items()
        if len(each) > 1 and each[-1].as_of == case.as_of
    )
    address = lines.case_address(case.id)
    links = [
        Link(lines.case_address(other), t("around.same_child", id=other))
        for other in _of_the_same_child(session, deps, actor, case)
    ]
    if found:
        links.append(Link(f"{address}/rounds", t("rounds.link")))
    near = reaches(actor, case.id, case.area_code, case.holder_id)
    if may_open(actor.role, near):
        links.append(Link(f"{address}/child", t("page_of_child.link")))
    links.append(Link(f"{address}/support", t("support.of_case")))
    links.append(Link(f"{address}/add/report", t("support.report")))
    return Around(
        changed=tuple(block for block in changed if block.sentences),
        similar=_similar(session, case, t) if found else "",
        links=tuple(links),
        may_take=actor.role in WORKERS and case.status == Status.CLOSED.value,
    )


def _of_the_same_child(session: Session, deps: Deps, actor: Actor, case: Case) -> Sequence[str]:
    """Other open cases of who this child was found to be, of those that exist for the actor."""
    keys = deps.keys_of(case.child_key)
    if len(keys) < 2:
        return ()
    return session.scalars(
        select(Case.id)
        .where(Case.child_key.in_(keys), Case.id != case.id, IS_OPEN, visible(actor))
        .order_by(Case.opened_at, Case.id)
    ).all()


def changed_facts(before: Screening, now: Screening, language: str) -> list[str]:
    """The features whose values are not what they were, those that weigh most now first."""
    then = {reason.feature: reason.value for family in before.reasons for reason in family.features}
    moved = [
        (abs(reason.contribution), reason.feature, then[reason.feature], reason.value)
        for family in now.reasons
        for reason in family.features
        if reason.feature in then and then[reason.feature] != reason.value
    ]
    return [
        f"{feature.title[language]}{'：' if language == 'zh' else ': '}"
        f"{value_text(feature, earlier)[language]} → {value_text(feature, later)[language]}"
        for _, name, earlier, later in sorted(moved, key=lambda one: (-one[0], one[1]))[:_CHANGED_FACTS]
        for feature in (feature_named(name),)
    ]


def _similar(session: Session, case: Case, t: Translate) -> str:
    alike = tallies.similar(session, case)
    if not share_is_told(alike.confirmed, alike.closed):
        return t("similar.few")
    low, high = tallies.likely_range(alike.confirmed, alike.closed)
    return t(
        "similar.told",
        whole=alike.closed,
        part=alike.confirmed,
        percent=round(100 * alike.confirmed / alike.closed),
        low=round(100 * low),
        high=round(100 * high),
    )
