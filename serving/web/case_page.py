"""The page of one case, filled with what this actor may see now and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from features.language import Trigger
from models import rules
from models.policy import Lane
from models.screening import Screening
from serving.review import audit, drafts, emergency, export_answers, queries, screenings, staff
from serving.review.accounts import SignedIn
from serving.review.case import (
    Disposition,
    FactKind,
    Met,
    Need,
    Status,
    Verb,
    View,
    coded,
    steps_from,
)
from serving.review.permissions import Actor, allowed_steps, may_read_notes, may_reveal_name, sees_area
from serving.review.reading import OPENED
from serving.review.tables import AlertRow, AuditEvent, Case
from serving.review.together import to_visit_too
from serving.web import lines
from serving.web.around import around
from serving.web.case_life import (
    changed_since,
    entered_in,
    judgements_shown,
    life_of,
    objectionable,
    objections_open,
)
from serving.web.deps import CHINA, Deps
from serving.web.forms import Errors, Offered, Values, field_id, step_form
from serving.web.pages import (
    CasePage,
    ConclusionLine,
    Frame,
    HistoryLine,
    HotlineLine,
    Problem,
    RecordLine,
    RuleLine,
    StepForm,
    TriggerBlock,
)
from serving.web.reasons import screening_blocks
from serving.web.text import WORDS, Translate, translator

# What the log says of a case beside its steps.
_OTHER_EVENTS = {
    *("open_case", "join_case", "reveal_name", "raise_by_hand", "rescore", OPENED, export_answers.TAKEN),
    *(emergency.OPENED, emergency.REVIEWED),
}


@dataclass(frozen=True)
class Returned:
    """A form that was not accepted: which step, what was in it, and the sentence for each field.

    `refused_at`: the version of the case it was filled in for, if the step itself was refused.
    """

    verb: Verb
    values: Values
    errors: Errors = field(default_factory=dict)
    refused_at: int | None = None


@dataclass(frozen=True)
class Showing:
    """What is particular to this answer: a notice, a refusal, a returned form, a full name once."""

    notice: str = ""
    refusal: str = ""
    returned: Returned | None = None
    full_name: str | None = None


def case_page(
    session: Session, deps: Deps, signed: SignedIn, case: Case, frame: Frame, showing: Showing
) -> CasePage:
    """The page of this case for this account."""
    language, actor = frame.language, signed.actor
    t = translator(language)
    today = deps.today()
    is_closed = case.status == Status.CLOSED.value
    alerts = queries.alerts_of(session, [case.id])[case.id]
    state = queries.state_of(session, case)
    shown = queries.reasons_shown(session, case, actor)
    found = screenings.behind_alerts(session, alerts)
    triggers = [
        (alert, lines.TRIGGER_BY_NAME[alert.trigger])
        for alert in alerts
        if alert.trigger is not None and alert.trigger in lines.TRIGGER_BY_NAME
    ]
    holders = queries.display_names(session)
    free_text = may_read_notes(actor)
    hidden = ""
    if not shown:
        hidden = t("blind.body" if case.holder_id == actor.account_id else "blind.not_yours")
    history = _history(session, case, language, holders, free_text)
    offered = _offered(session, deps, actor, case, alerts, found if shown else (), language)
    forms = _forms(session, signed, case, offered, language, today, showing.returned)
    returned = showing.returned
    late = returned if returned is not None and returned.refused_at is not None else None
    return CasePage(
        frame=frame,
        id=case.id,
        version=case.version,
        notice=showing.notice,
        refusal=showing.refusal,
        problems=_problems(showing.returned),
        child=showing.full_name or lines.child_names(deps, actor, [case], language)[case.child_key],
        revealed=showing.full_name is not None,
        reveal_action=f"{lines.case_address(case.id)}/name"
        if may_reveal_name(actor, state) and sees_area(actor, case.area_code)
        else "",
        age=lines.age_words(case, language),
        stage=lines.stage_words(case, language),
        area=lines.area_words(deps, case.area_code, language),
        status=state.status.title[language],
        is_closed=is_closed,
        holder=holders.get(case.holder_id or "", t("case.holder_none")),
        opened=case.entered_on.isoformat(),
        due=case.due_on.isoformat(),
        due_words=""
        if is_closed or case.contacted_on is not None
        else lines.due_words(case.due_on, today, t),
        overdue=lines.is_overdue(case, today),
        tier=lines.tier_words(deps, case.tier, language),
        tier_level=lines.tier_level(deps, case.tier),
        why=lines.why_words(queries.ways_of(session, [case.id])[case.id], language, is_closed=is_closed),
        duty=any(trigger.report_duty for _, trigger in triggers) and not is_closed,
        duty_basis=tuple(
            dict.fromkeys(trigger.basis[language] for _, trigger in triggers if trigger.report_duty)
        ),
        hotlines=tuple(HotlineLine(line.number, line.title[language]) for line in deps.hotlines()),
        triggers=tuple(_trigger_block(deps, alert, trigger, language, t) for alert, trigger in triggers),
        hidden=hidden,
        screenings=screening_blocks(deps, found if shown else (), language, today),
        rules=_rule_lines(session, deps, alerts, language) if shown else (),
        records=_records(session, case, language, holders, free_text),
        views=_views(session, case, language, holders, free_text)
        if shown and judgements_shown(case, actor)
        else (),
        conclusions=_conclusions(session, case, t, language, free_text),
        history=history,
        forms=forms,
        closes_with=_closes_with(session, signed, case, t),
        life=life_of(
            session,
            deps,
            actor,
            case,
            language,
            holders,
            free_text=free_text,
            reasons_shown=shown,
            changed=()
            if late is None or late.refused_at is None
            else changed_since(session, case, late.refused_at, history, free_text=free_text),
            entered=() if late is None else entered_in(late.verb, late.values, language, offered),
        ),
        around=around(session, deps, actor, case, language, shown=shown),
        may_object=any(form.verb == Verb.OBJECT.value for form in forms),
    )


def _problems(returned: Returned | None) -> tuple[Problem, ...]:
    if returned is None:
        return ()
    return tuple(
        Problem(sentence, field_id(returned.verb, name)) for name, sentence in returned.errors.items()
    )


def _trigger_block(
    deps: Deps, alert: AlertRow, trigger: Trigger, language: str, t: Translate
) -> TriggerBlock:
    source = trigger.fact.source
    dates = deps.evidence(alert.child_key, source.name, alert.trigger_record or "")
    return TriggerBlock(
        title=trigger.title[language],
        # A duty to report stands in a box of its own, with its basis.
        basis="" if trigger.report_duty else t("duty.basis", basis=trigger.basis[language]),
        department=f"{source.department.title[language]} · {source.title[language]}",
        occurred=t("trigger.occurred", day=dates.occurred_on.isoformat() if dates else t("unknown")),
        known=t("trigger.known", day=dates.known_on.isoformat())
        if dates
        else t("trigger.nowhere", record=alert.trigger_record or t("unknown")),
    )


def _rule_lines(session: Session, deps: Deps, alerts: list[AlertRow], language: str) -> tuple[RuleLine, ...]:
    by_rule = [alert for alert in alerts if alert.lane == Lane.RULE.value]
    if not by_rule:
        return ()
    newest = by_rule[-1]
    values = screenings.features_of(session, child_key=newest.child_key, as_of=newest.as_of)
    return tuple(
        RuleLine(rule.title[language], WORDS[f"rules.{rule.level}"][language])
        for rule in rules.find(values, deps.rules).rules
    )


def _records(
    session: Session, case: Case, language: str, holders: dict[str, str], free_text: bool
) -> tuple[RecordLine, ...]:
    return tuple(
        RecordLine(
            title=coded(FactKind, row.kind).title[language],
            day=row.happened_on.isoformat(),
            met=coded(Met, row.met).title[language],
            note=row.note if free_text else WORDS["records.note_hidden"][language],
            by=holders.get(row.recorded_by, ""),
        )
        for row in queries.facts_of(session, case.id)
    )


def _views(
    session: Session, case: Case, language: str, holders: dict[str, str], free_text: bool
) -> tuple[RecordLine, ...]:
    return tuple(
        RecordLine(
            title=coded(View, row.view).title[language],
            day=row.recorded_at.astimezone(CHINA).date().isoformat(),
            met="",
            note=row.note if free_text or not row.note else WORDS["records.note_hidden"][language],
            by=holders.get(row.account_id, ""),
        )
        for row in queries.views_of(session, case.id)
    )


def _conclusions(
    session: Session, case: Case, t: Translate, language: str, free_text: bool
) -> tuple[ConclusionLine, ...]:
    rows = queries.dispositions_of(session, [case.id])[case.id]
    return tuple(
        ConclusionLine(
            risk=lines.RISK_TITLES[row.risk][language],
            disposition=coded(Disposition, row.disposition).title[language],
            visited=t("conclusion.visited" if row.visited else "conclusion.not_visited"),
            reason=row.reason if free_text else t("records.note_hidden"),
        )
        for row in lines.latest_dispositions(rows)
    )


def _history(
    session: Session, case: Case, language: str, holders: dict[str, str], free_text: bool
) -> tuple[HistoryLine, ...]:
    t = translator(language)
    notes = queries.notes_of(session, case.id)
    answers = iter(reversed(export_answers.latest(session, case.id)))

    def line(event: AuditEvent) -> HistoryLine:
        said = []
        if event.detail.get("to"):
            said.append(t("history.to", name=holders.get(str(event.detail["to"]), "")))
        if event.detail.get("asked"):
            said.append(t("history.asked", name=holders.get(str(event.detail["asked"]), "")))
        if event.detail.get("until"):
            said.append(t("history.until", day=_until(str(event.detail["until"]))))
        if event.verb == export_answers.TAKEN:
            said += export_answers.words_of(next(answers, None), language, free_text=free_text)
        if event.number in notes:
            reason = notes[event.number] if free_text else t("records.note_hidden")
            said.append(t("history.reason", reason=reason))
        return HistoryLine(
            at=event.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"),
            what=_event_words(event.verb, language),
            who=t("event.system") if event.actor == audit.SYSTEM else holders.get(event.actor, ""),
            note=" ".join(said),
        )

    return tuple(line(event) for event in audit.history(session, case.id))


def _until(kept: str) -> str:
    """A day as it is kept, a moment as the clock on the wall shows it."""
    if len(kept) == len("2026-10-01"):
        return kept
    return datetime.fromisoformat(kept).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _event_words(verb: str, language: str) -> str:
    if verb.startswith(audit.READ_BY_SYSTEM):
        return WORDS["event.read_by_system"][language]
    return WORDS[f"event.{verb}"][language] if verb in _OTHER_EVENTS else coded(Verb, verb).title[language]


def _offered(
    session: Session, deps: Deps, actor: Actor, case: Case, alerts: list[AlertRow],
    found: Sequence[Screening], language: str,
) -> Offered:  # fmt: skip
    """What the forms of this case offer to choose from."""
    everybody = queries.colleagues(session)

    def titled(one: queries.Member) -> tuple[str, str]:
        role = one.role.title[language]
        return one.id, f"{one.name}（{role}）" if language == "zh" else f"{one.name} ({role})"

    suggested = staff.suggestions(session, everybody, case.area_code, deps.today())
    return Offered(
        people=tuple(titled(account) for account, _ in suggested),
        colleagues=tuple(titled(account) for account in everybody if account.id != actor.account_id),
        records=objectionable(deps, case, alerts, found, language),
        objections=objections_open(session, case, language),
        together=_together(session, deps, actor, case, language),
    )


def _together(
    session: Session, deps: Deps, actor: Actor, case: Case, language: str
) -> tuple[tuple[str, int, str], ...]:
    others = to_visit_too(session, actor, case) if case.holder_id == actor.account_id else []
    names = lines.child_names(deps, actor, others, language)
    return tuple((other.id, other.version, names[other.child_key]) for other in others)


def _forms(
    session: Session,
    signed: SignedIn,
    case: Case,
    offered: Offered,
    language: str,
    today: date,
    returned: Returned | None,
) -> tuple[StepForm, ...]:
    actor, t = signed.actor, translator(language)
    steps = allowed_steps(queries.state_of(session, case), actor, in_area=sees_area(actor, case.area_code))
    kept = drafts.of_case(session, actor, case.id)

    def filled(verb: Verb) -> Values | None:
        if returned is not None and returned.verb is verb:
            return returned.values
        return kept[verb].values if verb in kept else None

    first = _step_to_do([step.verb for step in steps])
    return tuple(
        step_form(
            step,
            language=language,
            action=f"{lines.case_address(case.id)}/{step.verb.value}",
            today=today,
            offered=offered,
            is_open=step.verb is (returned.verb if returned else first),
            draft=t("draft.kept", at=kept[step.verb].saved_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"))
            if step.verb in kept
            else "",
            values=filled(step.verb),
            errors=returned.errors if returned and returned.verb is step.verb else None,
        )
        for step in steps
    )


def _step_to_do(verbs: list[Verb]) -> Verb | None:
    """The step whose form stands open: what the reader was asked, a view, a conclusion, a visit."""
    for verb in (
        Verb.ANSWER,
        Verb.CLAIM,
        Verb.CONCLUDE_SECOND,
        Verb.SETTLE,
        Verb.RECORD_VIEW,
        Verb.DISPOSE,
        Verb.RECORD_VISIT,
    ):
        if verb in verbs:
            return verb
    return None


def _closes_with(session: Session, signed: SignedIn, case: Case, t: Translate) -> str:
    """What this actor must record before concluding; empty if nothing, or if concluding is not theirs."""
    state = queries.state_of(session, case)
    mine = case.holder_id == signed.actor.account_id
    if not mine or state.has_fact or not any(Need.FACT in step.needs for step in steps_from(state.status)):
        return ""
    return t("steps.closes_with_view" if state.awaits_view else "steps.closes_with")
