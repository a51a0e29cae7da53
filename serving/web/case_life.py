"""Fills the blocks of a case's life: findings, second review, questions, objections, the household.

What this actor may not see now is not in here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from features.catalogue import feature_named
from features.sources import source_named
from models.policy import Lane
from models.screening import Screening
from models.wording import LANES
from serving.review import audit, closing, emergency, export_answers, queries
from serving.review.case import (
    STEPS,
    Answer,
    Disposition,
    Ending,
    Objector,
    Second,
    Status,
    Verb,
    coded,
)
from serving.review.life_tables import ConclusionRow, ObjectionRow
from serving.review.objections import Stage, stage_of
from serving.review.permissions import Actor
from serving.review.reading import OPENED
from serving.review.tables import AlertRow, AuditEvent, Case
from serving.web import lines
from serving.web.components import Cell, Table
from serving.web.deps import CHINA, Deps
from serving.web.forms import Offered, Pairs, step_form
from serving.web.life_blocks import (
    ChangedLine,
    ConsultationLine,
    FindingLine,
    Life,
    ObjectionLine,
    OpinionLine,
    RequestLine,
    SiblingLine,
)
from serving.web.pages import HistoryLine
from serving.web.reasons import records_behind
from serving.web.text import Translate, translator

Names = Mapping[str, str]


def life_of(
    session: Session,
    deps: Deps,
    actor: Actor,
    case: Case,
    language: str,
    holders: Names,
    *,
    free_text: bool,
    reasons_shown: bool,
    changed: tuple[ChangedLine, ...] = (),
    entered: Pairs = (),
) -> Life:
    """The blocks of this case for this actor; scores in no block before `reasons_shown`."""
    t = translator(language)
    shown = judgements_shown(case, actor)
    return Life(
        marks=_marks(case, deps.today(), t, language),
        ending=coded(Ending, case.ending).title[language]
        if case.ending and case.status == Status.CLOSED.value
        else "",
        findings=_findings(session, case, language, holders, free_text) if shown else (),
        opinions=_opinions(session, case, actor, language, holders, free_text),
        hidden="" if shown else t("findings.hidden"),
        consultations=_consultations(session, case, t, holders, free_text),
        objections=tuple(
            _objection(row, t, language, free_text, reasons_shown)
            for row in queries.objections_of(session, case.id)
        ),
        requests=_requests(session, case, language, holders, free_text),
        siblings=_siblings(session, deps, actor, case, language),
        changed=changed,
        entered=entered,
    )


# What the log says of a case without its having moved on.
_ONLY_SEEN = frozenset(
    {"reveal_name", "raise_by_hand", export_answers.TAKEN, OPENED, emergency.OPENED, emergency.REVIEWED}
)


def changed_since(
    session: Session, case: Case, version: int, history: Sequence[HistoryLine], *, free_text: bool
) -> tuple[ChangedLine, ...]:
    """What happened to the case after this version of it was read, oldest first, with what was recorded.

    Every step moves the case on by one and leaves one event, so the last of them are those since.
    """
    events = audit.history(session, case.id)
    moved = [
        (event, line) for event, line in zip(events, history, strict=True) if event.verb not in _ONLY_SEEN
    ]
    facts = {(row.recorded_at, row.recorded_by): row for row in queries.facts_of(session, case.id)}

    def note(event: AuditEvent, line: HistoryLine) -> str:
        row = facts.get((event.at, event.actor))
        if row is None or not free_text:
            return line.note
        return f"{row.happened_on.isoformat()} {row.note}"

    missed = max(case.version - version, 0)
    return tuple(
        ChangedLine(line.at, line.what, line.who, note(event, line))
        for event, line in moved[len(moved) - min(missed, len(moved)) :]
    )


def entered_in(verb: Verb, values: Mapping[str, str], language: str, offered: Offered) -> Pairs:
    """What a form held, each field by its label, whether or not the step is possible now."""
    step = next(step for step in STEPS if step.verb is verb)
    form = step_form(
        step, language=language, action="", today=date.min, offered=offered, is_open=False, values=values
    )
    said = []
    for field in form.fields:
        chosen = [choice.title for choice in field.choices if choice.chosen and choice.value]
        value = chosen[0] if chosen else values.get(field.name, "") if not field.choices else ""
        if value.strip():
            said.append((field.label, value))
    return tuple(said)


def judgements_shown(case: Case, actor: Actor) -> bool:
    """Whether findings and others' own views are shown: not to who concludes second, until they have."""
    return not (queries.is_blinded(case) and case.holder_id == actor.account_id)


def _marks(case: Case, today: date, t: Translate, language: str) -> tuple[str, ...]:
    marks = []
    if case.escalated_at is not None:
        marks.append(t("case.escalated"))
    if case.asleep_until is not None and case.asleep_until > today:
        marks.append(t("case.asleep", day=case.asleep_until.isoformat()))
    if case.second:
        marks.append(coded(Second, case.second).title[language])
    if case.due_provisional and case.status != Status.CLOSED.value:
        marks.append(t("case.provisional"))
    return tuple(marks)


def _findings(
    session: Session, case: Case, language: str, holders: Names, free_text: bool
) -> tuple[FindingLine, ...]:
    hidden = translator(language)("records.note_hidden")
    return tuple(
        FindingLine(
            risk=lines.RISK_TITLES[row.risk][language],
            finding=row.finding if free_text else hidden,
            day=row.recorded_at.astimezone(CHINA).date().isoformat(),
            by=holders.get(row.recorded_by, ""),
        )
        for row in queries.findings_of(session, case.id)
    )


def _opinions(
    session: Session, case: Case, actor: Actor, language: str, holders: Names, free_text: bool
) -> tuple[OpinionLine, ...]:
    t = translator(language)
    by_place: dict[str, list[ConclusionRow]] = {}
    for row in queries.conclusions_shown(session, case, actor):
        by_place.setdefault(row.place, []).append(row)
    found = []
    for place in (closing.FIRST, closing.SECOND, closing.SETTLED):
        newest = {row.risk: row for row in by_place.get(place, ())}
        if not newest:
            continue
        last = next(reversed(newest.values()))
        found.append(
            OpinionLine(
                who=t(f"second.{place}", name=holders.get(last.account_id, "")),
                lines=tuple(
                    f"{lines.RISK_TITLES[risk][language]}{'：' if language == 'zh' else ': '}"
                    f"{coded(Disposition, row.disposition).title[language]}"
                    for risk, row in newest.items()
                ),
                reason=last.reason if free_text else t("records.note_hidden"),
            )
        )
    return tuple(found)


def _consultations(
    session: Session, case: Case, t: Translate, holders: Names, free_text: bool
) -> tuple[ConsultationLine, ...]:
    hidden = t("records.note_hidden")
    return tuple(
        ConsultationLine(
            title=t(
                "consult.asked", asker=holders.get(row.asked_by, ""), asked=holders.get(row.asked_of, "")
            ),
            day=row.asked_at.astimezone(CHINA).date().isoformat(),
            question=row.question if free_text else hidden,
            answer=t("consult.waits") if row.answer is None else row.answer if free_text else hidden,
        )
        for row in queries.consultations_of(session, case.id)
    )


def _objection(
    row: ObjectionRow, t: Translate, language: str, free_text: bool, reasons_shown: bool
) -> ObjectionLine:
    hidden = t("records.note_hidden")
    standing = t("objection.waits")
    if row.answer is not None and row.answered_on is not None:
        answer = coded(Answer, row.answer).title[language]
        standing = t("objection.answered", day=row.answered_on.isoformat(), answer=answer)
    return ObjectionLine(
        about=about_source(row.source, language),
        dates=record_dates(row, t),
        by=t("objection.by", who=coded(Objector, row.raised_by).title[language]),
        day=row.recorded_at.astimezone(CHINA).date().isoformat(),
        wrong=row.wrong if free_text else hidden,
        standing=standing,
        awaited=t("objection.changing") if stage_of(row) is Stage.CHANGING else "",
        reason=(row.answer_reason or "") if free_text or not row.answer_reason else hidden,
        change=_changes(row, language) if reasons_shown else (),
        scores=_scores(row, t, language) if reasons_shown and row.change else None,
    )


def record_dates(row: ObjectionRow, t: Translate) -> str:
    """When the record objected to happened and became known; empty where that is not kept."""
    if row.occurred_on is None or row.known_on is None:
        return ""
    return t("objection.dates", occurred=row.occurred_on.isoformat(), known=row.known_on.isoformat())


def _scores(row: ObjectionRow, t: Translate, language: str) -> Table | None:
    """The risk as given, as of then with today's knowledge, and now, of each screener."""
    found = [each for each in (row.change or {}).get("screeners", ()) if "then" in each]
    if not found:
        return None
    now = row.rescored_at.astimezone(CHINA).date().isoformat() if row.rescored_at else ""
    return Table(
        t("objection.scores"),
        (
            t("objection.risk"),
            t("objection.then", day=found[0]["as_of"]),
            t("objection.as_known_today", day=found[0]["as_of"]),
            t("objection.now", day=now),
        ),
        tuple(
            (
                Cell(lines.RISK_TITLES[each["screener"]][language]),
                *(Cell(each[which][language]) for which in ("then", "corrected", "now")),
            )
            for each in found
        ),
    )


def _changes(row: ObjectionRow, language: str) -> tuple[str, ...]:
    """What scoring again after the correction showed, a sentence at a time."""
    found = (row.change or {}).get("screeners", ())
    return tuple(
        f"{lines.RISK_TITLES[each['screener']][language]}{'：' if language == 'zh' else ': '}{said[language]}"
        for each in found
        for said in each["sentences"]
    )


def _requests(
    session: Session, case: Case, language: str, holders: Names, free_text: bool
) -> tuple[RequestLine, ...]:
    hidden = translator(language)("records.note_hidden")
    return tuple(
        RequestLine(
            title=LANES[Lane(row.lane)][language],
            day=row.recorded_at.astimezone(CHINA).date().isoformat(),
            reason=row.reason if free_text else hidden,
            by=holders.get(row.recorded_by, ""),
        )
        for row in queries.requests_of(session, case.id)
    )


def about_source(source_name: str, language: str) -> str:
    """A source with the department that delivers it."""
    source = source_named(source_name)
    return f"{source.department.title[language]} · {source.title[language]}"


def _siblings(
    session: Session, deps: Deps, actor: Actor, case: Case, language: str
) -> tuple[SiblingLine, ...]:
    others = queries.in_household(session, actor, case)
    names = lines.child_names(deps, actor, others, language)
    return tuple(
        SiblingLine(
            address=lines.case_address(other.id),
            id=other.id,
            child=names[other.child_key],
            status=coded(Status, other.status).title[language],
        )
        for other in others
    )


def objectionable(
    deps: Deps, case: Case, alerts: list[AlertRow], found: Sequence[Screening], language: str
) -> Pairs:
    """The records somebody may object to: those that set the case off, those behind reasons, then each kind.

    `found`: the screenings whose reasons the reader is shown.
    """
    t = translator(language)
    pairs = []
    for alert in alerts:
        trigger = lines.TRIGGER_BY_NAME.get(alert.trigger or "")
        if trigger is None or not alert.trigger_record:
            continue
        source = trigger.fact.source
        dates = deps.evidence(case.child_key, source.name, alert.trigger_record)
        day = dates.occurred_on.isoformat() if dates else t("unknown")
        pairs.append(
            (f"{source.name} {alert.trigger_record}", f"{about_source(source.name, language)} · {day}")
        )
    delivered = {source.name for source in lines.DELIVERED_SOURCES}
    for record, feature in records_behind(found):
        if record.source in delivered:
            title = t(
                "objection.behind", about=about_source(record.source, language),
                feature=feature_named(feature).title[language], occurred=record.occurred_on.isoformat(),
                known=record.known_on.isoformat(),
            )  # fmt: skip
            pairs.append((f"{record.source} {record.record_id}", title))
    for source in lines.DELIVERED_SOURCES:
        title = t(
            "objection.any", department=source.department.title[language], source=source.title[language]
        )
        pairs.append((source.name, title))
    return tuple(pairs)


def objections_open(session: Session, case: Case, language: str) -> Pairs:
    """The objections that wait for an answer."""
    return tuple(
        (
            row.id,
            f"{about_source(row.source, language)} {row.recorded_at.astimezone(CHINA).date().isoformat()}",
        )
        for row in queries.open_objections(session, case.id)
    )
