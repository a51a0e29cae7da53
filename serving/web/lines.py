"""From cases to the lines of a list, in one language. A name is masked here or does not come here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from features.entitlement_rules import ENTITLEMENTS
from features.identity import masked_name
from features.language import Department, Text, Trigger
from features.outcomes import OUTCOMES
from features.sources import SOURCES, Education
from features.triggers import TRIGGERS
from models.policy import Lane
from models.wording import LANES
from serving.review import queries
from serving.review.case import STEPS, Disposition, Verb, coded
from serving.review.listing import BOUND
from serving.review.permissions import Actor, may_see_name
from serving.review.tables import Case, DispositionRow
from serving.review.together import together_with
from serving.web.components import Link
from serving.web.deps import CHINA, Deps
from serving.web.pages import CaseLine, ClosedLine
from serving.web.text import WORDS, Translate, translator

TRIGGER_BY_NAME: Mapping[str, Trigger] = {trigger.name: trigger for trigger in TRIGGERS}
RISK_TITLES: Mapping[str, Text] = {outcome.name: outcome.title for outcome in OUTCOMES}
# What departments deliver; what the queue itself keeps is no department's to correct.
DELIVERED_SOURCES = tuple(source for source in SOURCES if source.department is not Department.REVIEW)
_SERVICE_TITLES = {rule.name: rule.finding for rule in ENTITLEMENTS}
_STAGES = {code.value: code.title for code in Education.enrolments.column("stage").codes}


def case_address(case_id: str) -> str:
    """Where a case lies. Addresses carry case ids and nothing else."""
    return f"/cases/{case_id}"


def case_lines(
    session: Session, deps: Deps, actor: Actor, cases: Sequence[Case], language: str
) -> tuple[CaseLine, ...]:
    """The lines of a queue: a few questions to the store however many cases there are."""
    ways = queries.ways_of(session, [case.id for case in cases])
    names = child_names(deps, actor, cases, language)
    holders = queries.display_names(session, {case.holder_id for case in cases if case.holder_id})
    today = deps.today()
    shown = queries.reasons_shown_of(session, cases, actor)
    siblings = together_with(session, actor, cases)
    claimable = {step.start.value for step in STEPS if step.verb is Verb.CLAIM and actor.role in step.by}
    return tuple(
        CaseLine(
            address=case_address(case.id),
            id=case.id,
            child=names[case.child_key],
            age=age_words(case, language),
            area=area_words(deps, case.area_code, language),
            why=why_words(ways[case.id], language, is_closed=False),
            urgent=case.queue_class == 0,
            tier=tier_words(deps, case.tier, language),
            tier_level=tier_level(deps, case.tier),
            due=case.due_on.isoformat(),
            due_words=due_words(case.due_on, today, translator(language)),
            overdue=is_overdue(case, today),
            holder=holders.get(case.holder_id or "", ""),
            own_view_first=case.id not in shown,
            version=case.version,
            may_claim=case.status in claimable and case.holder_id is None,
            together=tuple(Link(case_address(other.id), other.id) for other in siblings[case.id]),
        )
        for case in cases
    )


def closed_lines(
    session: Session, deps: Deps, actor: Actor, cases: Sequence[Case], language: str
) -> tuple[ClosedLine, ...]:
    """The lines of the closed cases."""
    ids = [case.id for case in cases]
    ways, dispositions = queries.ways_of(session, ids), queries.dispositions_of(session, ids)
    names = child_names(deps, actor, cases, language)
    return tuple(
        ClosedLine(
            address=case_address(case.id),
            id=case.id,
            child=names[case.child_key],
            area=area_words(deps, case.area_code, language),
            why=why_words(ways[case.id], language, is_closed=True),
            closed_on=case.closed_at.astimezone(CHINA).date().isoformat() if case.closed_at else "",
            conclusions=tuple(
                f"{RISK_TITLES[row.risk][language]}{'：' if language == 'zh' else ': '}"
                f"{coded(Disposition, row.disposition).title[language]}"
                for row in latest_dispositions(dispositions[case.id])
            ),
        )
        for case in cases
    )


def latest_dispositions(rows: Sequence[DispositionRow]) -> list[DispositionRow]:
    """The conclusion that stands for each risk: a case closed again has earlier ones too."""
    return list({row.risk: row for row in rows}.values())


def child_names(deps: Deps, actor: Actor, cases: Sequence[Case], language: str) -> dict[str, str]:
    """Masked names by child key, or that no name is shown to this actor."""
    if not may_see_name(actor):
        return {case.child_key: WORDS["no_name"][language] for case in cases}
    names = deps.names({case.child_key for case in cases})
    return {
        case.child_key: masked_name(names[case.child_key])
        if case.child_key in names
        else WORDS["no_name"][language]
        for case in cases
    }


def why_words(ways: Sequence[queries.Way], language: str, *, is_closed: bool) -> tuple[str, ...]:
    """How a case came to be: triggers by their titles; the other lanes only once the case is closed.

    Until then screener, rules and audit draws read the same, so that the reviewer judges unswayed.
    """
    words = []
    for way in ways:
        trigger = TRIGGER_BY_NAME.get(way.trigger or "")
        lane = Lane(way.lane)
        if trigger is not None:
            words.append(trigger.title[language])
        elif lane is Lane.ENTITLEMENT and way.trigger in _SERVICE_TITLES:
            words.append(_SERVICE_TITLES[way.trigger][language])
        elif lane not in (Lane.MODEL, Lane.RULE, Lane.AUDIT) or is_closed:
            words.append(LANES[lane][language])
        else:
            words.append(WORDS["lane.screening"][language])
    return tuple(dict.fromkeys(words))


def age_words(case: Case, language: str) -> str:
    """The child's age in whole years when the case was opened."""
    if case.age_years is None:
        return WORDS["unknown"][language]
    t, years = translator(language), int(case.age_years)
    return t("age.one") if years == 1 else t("age", years=years)


def stage_words(case: Case, language: str) -> str:
    """Kindergarten, primary, …, or that it is not known."""
    return _STAGES[case.stage][language] if case.stage in _STAGES else WORDS["unknown"][language]


def area_words(deps: Deps, area_code: str, language: str) -> str:
    """The name of the area, or its code if it has none."""
    if not area_code:
        return WORDS["unknown"][language]
    title = deps.area_title(area_code)
    return area_code if title is None else title[language]


def tier_words(deps: Deps, code: str | None, language: str) -> str:
    """The jurisdiction's word for a tier."""
    titles = {tier.code: tier.title for tier in deps.tiers()}
    return titles[code][language] if code in titles else WORDS["tier.none"][language]


def tier_level(deps: Deps, code: str | None) -> int:
    """How far down the tier stands, 1 the most pressing; 0 without one."""
    codes = [tier.code for tier in deps.tiers()]
    return codes.index(code) + 1 if code in codes else 0


def is_overdue(case: Case, today: date) -> bool:
    """Whether the date to contact by has passed with nobody reached; the twin of `queries.late`."""
    return case.closed_at is None and case.contacted_on is None and case.due_on < today


def due_words(due_on: date, today: date, t: Translate) -> str:
    """How far away the date is."""
    days = (due_on - today).days
    if days == 0:
        return t("due.today")
    if days == 1:
        return t("due.tomorrow")
    if days == -1:
        return t("due.over_one")
    return t("due.days", days=days) if days > 0 else t("due.over", days=-days)


def count_words(count: int, t: Translate) -> str:
    """A number of cases, or that there are more than were counted."""
    return t("queue.count_more", count=BOUND - 1) if count >= BOUND else t("queue.count", count=count)
