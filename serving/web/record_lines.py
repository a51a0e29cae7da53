"""From records to the facts, lines and tables of a page, in one language.

A name is masked; what anybody wrote is not shown to auditors; whatever was not given says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from features.guardianship import Axis, Conclusion, Grade, TreeError, score, tree_named
from features.identity import masked_name
from features.language import Text
from features.services import service
from serving.review.case import Met, coded
from serving.review.channels import CHAIN, Authority, Situation, Stage, awaited_title, channel_title
from serving.review.permissions import Actor, may_read_notes, may_see_name
from serving.review.record_choices import awaited_of, categories
from serving.review.record_entries import AGREEMENTS, BASES, CONSENT_BY, CONSENTS, LEAVING, OUTCOMES, STEPS
from serving.review.record_queries import actions_of, concluded, dues_of
from serving.review.record_store import KINDS, Row, steps_of_records
from serving.review.record_tables import (
    AssessmentRow,
    LedgerEntry,
    PlanRow,
    RecordStep,
    ReferralRow,
    ReportRow,
)
from serving.review.records import Choice, State
from serving.review.rhythm import Rhythm
from serving.web.components import Cell, Fact, Table
from serving.web.deps import CHINA, Deps
from serving.web.lines import area_words, case_address, tier_words
from serving.web.text import WORDS, Translate, translator

_STEP_TITLES = {entry.verb: entry.title for entry in STEPS}


@dataclass(frozen=True)
class Saying:
    """What filling in a page of records needs at hand. `free_text`: whether what people wrote is shown."""

    session: Session
    deps: Deps
    actor: Actor
    language: str
    t: Translate
    people: Mapping[str, str]

    @classmethod
    def of(
        cls, session: Session, deps: Deps, actor: Actor, language: str, people: Mapping[str, str]
    ) -> Saying:
        """With the words of a language."""
        return cls(session, deps, actor, language, translator(language), people)

    @property
    def free_text(self) -> bool:
        """Whether this actor reads what people wrote."""
        return may_read_notes(self.actor)

    def wrote(self, text: str) -> str:
        """What somebody wrote, or that it is not shown."""
        if not text:
            return self.t("support.none_chosen")
        return text if self.free_text else self.t("support.hidden")

    def names(self, keys: Collection[str]) -> dict[str, str]:
        """Masked names by child key, or that no name is shown."""
        known = self.deps.names(set(keys)) if may_see_name(self.actor) else {}
        none = self.t("no_name")
        return {key: masked_name(known[key]) if key in known else none for key in keys}


def record_address(row: Row) -> str:
    """Where a record lies: its kind and number, nothing about anybody."""
    return f"/records/{KINDS[type(row)].value}/{row.id}"


def listed_table(say: Saying, rows: Sequence[Row], caption: str, *, child: bool = True) -> Table:
    """Records as a table; without `child` they are all of one child."""
    t = say.t
    names = say.names({row.child_key for row in rows if row.child_key})
    briefs = brief(say, rows)
    head = [
        t("support.number"),
        t("support.child"),
        t("support.what"),
        t("support.state"),
        t("support.since"),
    ]
    lines = []
    for row, words in zip(rows, briefs, strict=True):
        who = names[row.child_key] if row.child_key else t("support.nobody")
        cells = [
            Cell(f"{KINDS[type(row)].title[say.language]} {row.id}", address=record_address(row)),
            Cell(who, note=area_words(say.deps, row.area_code, say.language)),
            Cell(words),
            Cell(coded(State, row.state).title[say.language]),
            Cell(row.made_at.astimezone(CHINA).date().isoformat(), "day"),
        ]
        lines.append(tuple(cells if child else [cells[0], *cells[2:]]))
    if not child:
        del head[1]
    return Table(
        caption, tuple(head), tuple(lines), t("support.child_none" if not child else "support.empty")
    )


def brief(say: Saying, rows: Sequence[Row]) -> list[str]:
    """One line about each record: what it is, never what was written."""
    reports = [row for row in rows if isinstance(row, ReportRow)]
    awaited = awaited_of(say.session, reports) if reports else {}
    assessments = [row for row in rows if isinstance(row, AssessmentRow)]
    ends = concluded(say.session, assessments) if assessments else {}
    words = []
    for row in rows:
        match row:
            case LedgerEntry():
                words.append(_several(row.categories, categories(say.deps.profile), say))
            case AssessmentRow():
                words.append(_concluded_words(say, *ends[row.id]))
            case ReportRow():
                left = _join([awaited_title(code) for code in awaited[row.id]], say)
                words.append(f"{t_awaited(say, left)}" if left else say.t("support.no"))
            case ReferralRow():
                words.append(
                    f"{service(row.service).title[say.language]} · {channel_title(row.channel)[say.language]}"
                )
            case PlanRow():
                words.append(f"{say.t('plan.review')} {row.review_on.isoformat()}")
    return words


def t_awaited(say: Saying, left: str) -> str:
    """Whose receipts are out, in words."""
    return f"{say.t('report.awaited')}{'：' if say.language == 'zh' else ': '}{left}"


def facts(say: Saying, row: Row, today: date) -> tuple[Fact, ...]:
    """The record at a glance."""
    t = say.t
    names = say.names({row.child_key} if row.child_key else ())
    case = Fact(t("support.case"), row.case_id, address=case_address(row.case_id)) if row.case_id else None
    common = [
        Fact(t("support.child"), names[row.child_key] if row.child_key else t("support.nobody")),
        Fact(t("support.area"), area_words(say.deps, row.area_code, say.language)),
        Fact(t("support.state"), coded(State, row.state).title[say.language]),
        *([case] if case else []),
    ]
    match row:
        case LedgerEntry():
            own = _ledger_facts(say, row, today)
        case AssessmentRow():
            own = _assessment_facts(say, row, today)
        case ReportRow():
            own = _report_facts(say, row, today)
        case ReferralRow():
            own = _referral_facts(say, row, today)
        case PlanRow():
            own = _plan_facts(say, row, today)
    made = Fact(
        t("support.by"),
        say.people.get(row.made_by, ""),
        row.made_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"),
    )
    return (*common, *own, made)


def notes(say: Saying, row: Row) -> tuple[Fact, ...]:
    """What was written in the record."""
    if isinstance(row, ReportRow):
        return (
            Fact(say.t("report.about"), say.wrote(row.about)),
            Fact(say.t("support.note"), say.wrote(row.note)),
        )
    title = "plan.goals" if isinstance(row, PlanRow) else "support.note"
    return (Fact(say.t(title), say.wrote(row.note)),)


def tables(say: Saying, row: Row) -> tuple[Table, ...]:
    """What a record holds line by line, and what happened to it."""
    found = []
    if isinstance(row, PlanRow):
        found.append(_actions_table(say, row))
    if isinstance(row, AssessmentRow) and say.free_text:
        found += _grades_table(say, row)
    if isinstance(row, ReportRow):
        found.append(_chain_table(say))
    found.append(_steps_table(say, steps_of_records(say.session, KINDS[type(row)], [row.id])[row.id]))
    return tuple(found)


# --- facts of each kind ---------------------------------------------------------------------------


def _ledger_facts(say: Saying, row: LedgerEntry, today: date) -> list[Fact]:
    t = say.t
    due = dues_of(say.actor, row, Rhythm.of(say.deps.profile))
    return [
        Fact(t("ledger.categories"), _several(row.categories, categories(say.deps.profile), say)),
        Fact(t("ledger.basis"), _chosen(row.basis, BASES, say)),
        Fact(t("ledger.entered"), row.entered_on.isoformat()),
        Fact(t("ledger.reviewed"), _day(row.reviewed_on, say)),
        *([Fact(t("ledger.left"), row.left_on.isoformat())] if row.left_on else []),
        *(
            Fact(t("due.next", duty=each.duty.title[say.language]), each.on.isoformat(), late=each.on < today)
            for each in due
        ),
    ]


def _assessment_facts(say: Saying, row: AssessmentRow, today: date) -> list[Fact]:
    t = say.t
    conclusion, level = concluded(say.session, [row])[row.id]
    team = "、".join(say.people.get(one, "") for one in (row.made_by, row.second_id))
    found = [
        Fact(t("assessment.on"), row.assessed_on.isoformat()),
        Fact(t("assessment.kind"), coded(Conclusion, conclusion).title[say.language]),
        Fact(t("assessment.level"), tier_words(say.deps, level, say.language)),
        Fact(t("assessment.team"), team, t("assessment.two")),
        Fact(t("assessment.next"), row.next_on.isoformat(), late=row.next_on < today),
    ]
    try:
        tree = tree_named(row.tree)
    except TreeError:
        return found
    grades = {code: coded(Grade, value) for code, value in row.grades.items()}
    for title, axis in (("assessment.capability", Axis.CAPABILITY), ("assessment.risk", Axis.RISK)):
        value = row.capability_score if axis is Axis.CAPABILITY else row.risk_score
        now = score(tree, axis, grades)
        name = "assessment.no_score" if value is None else "assessment.score"
        found.append(Fact(t(title), t(name, value=value, seen=now.of, looked=now.looked_at)))
    tree_words = f"{tree.title[say.language]} · {row.tree_version}"
    if row.replaces:
        found.append(
            Fact(t("record.replaces"), str(row.replaces), address=f"/records/assessment/{row.replaces}")
        )
    return [*found, Fact(t("assessment.tree"), tree_words, t("assessment.score_note"))]


def _report_facts(say: Saying, row: ReportRow, today: date) -> list[Fact]:
    t = say.t
    late = (row.reported_on - row.found_on).days
    left = awaited_of(say.session, [row])[row.id]
    return [
        Fact(t("report.situation"), coded(Situation, row.situation).title[say.language]),
        Fact(t("report.found"), row.found_on.isoformat()),
        Fact(
            t("report.made"),
            row.reported_on.isoformat(),
            t("report.late", days=late) if late else t("report.at_once"),
            late=late > 0,
        ),
        Fact(t("report.told"), _join([coded(Authority, code).title for code in row.told], say)),
        Fact(
            t("report.awaited"),
            _join([awaited_title(code) for code in left], say) or t("support.no"),
            t("report.waits", days=(today - row.reported_on).days) if left else "",
        ),
    ]


def _referral_facts(say: Saying, row: ReferralRow, today: date) -> list[Fact]:
    t, wanted = say.t, service(row.service)
    consent = (
        f"{_chosen(row.consent, CONSENTS, say)} · {_chosen(row.consent_by, CONSENT_BY, say)}"
        f" · {row.consent_on.isoformat()}"
    )
    late = row.state == State.SENT.value and row.answer_by is not None and row.answer_by < today
    return [
        Fact(t("referral.service"), f"{row.service} {wanted.title[say.language]}"),
        Fact(t("referral.who"), wanted.responsible[say.language]),
        Fact(t("referral.channel"), channel_title(row.channel)[say.language]),
        Fact(t("referral.stage"), coded(Stage, row.stage).title[say.language]),
        Fact(t("referral.consent"), consent),
        Fact(t("referral.answer_by"), _day(row.answer_by, say), late=late),
        *(
            [Fact(t("record.follows"), str(row.follows), address=f"/records/referral/{row.follows}")]
            if row.follows
            else []
        ),
    ]


def _plan_facts(say: Saying, row: PlanRow, today: date) -> list[Fact]:
    t = say.t
    asked = " · ".join(part for part in (say.wrote(row.agreement_by), _day(row.agreed_on, say)) if part)
    return [
        Fact(t("plan.edition"), str(row.edition)),
        Fact(t("plan.agreement"), _chosen(row.agreement, AGREEMENTS, say), asked),
        Fact(
            t("plan.review"),
            row.review_on.isoformat(),
            late=row.state == State.OPEN.value and row.review_on < today,
        ),
        *(
            [Fact(t("record.replaces"), str(row.replaces), address=f"/records/plan/{row.replaces}")]
            if row.replaces
            else []
        ),
    ]


# --- tables ---------------------------------------------------------------------------------------


def _actions_table(say: Saying, row: PlanRow) -> Table:
    t = say.t
    return Table(
        t("plan.actions"),
        (t("plan.what"), t("plan.who"), t("plan.by"), t("support.state"), t("support.note")),
        tuple(
            (
                Cell(say.wrote(action.what), note=t("plan.carried") if action.carried_from else ""),
                Cell(say.wrote(action.who)),
                Cell(action.by_on.isoformat(), "day"),
                Cell(
                    coded(State, action.state).title[say.language],
                    note=action.ended_on.isoformat() if action.ended_on else "",
                ),
                Cell(say.wrote(action.note)),
            )
            for action in actions_of(say.session, [row.id])[row.id]
        ),
        t("support.no"),
    )


def _grades_table(say: Saying, row: AssessmentRow) -> list[Table]:
    t = say.t
    try:
        tree = tree_named(row.tree)
    except TreeError:
        return []
    return [
        Table(
            t("assessment.grades"),
            (t("assessment.item"), t("assessment.grade")),
            tuple(
                (
                    Cell(
                        f"{each.dimension[say.language]} · {each.title[say.language]}",
                        note=t("assessment.stays") if each.stays_here else "",
                    ),
                    Cell(
                        coded(Grade, row.grades[each.code]).title[say.language]
                        if each.code in row.grades
                        else t("assessment.not_seen")
                    ),
                )
                for each in tree.indicators
            ),
        )
    ]


def _chain_table(say: Saying) -> Table:
    t = say.t
    return Table(
        t("report.chain"),
        (t("support.what"), t("report.who"), t("report.clock"), t("report.basis")),
        tuple(
            (
                Cell(step.title[say.language]),
                Cell(step.authority[say.language]),
                Cell(step.clock[say.language]),
                Cell(step.basis[say.language]),
            )
            for step in CHAIN
        ),
    )


def _steps_table(say: Saying, steps: Sequence[RecordStep]) -> Table:
    t = say.t
    return Table(
        t("record.steps"),
        (t("support.what"), t("support.since"), t("support.note"), t("support.by")),
        tuple(
            (
                Cell(_STEP_TITLES[step.verb][say.language], note=_step_words(say, step)),
                Cell(step.happened_on.isoformat(), "day"),
                Cell(say.wrote(step.note)),
                Cell(say.people.get(step.made_by, "")),
            )
            for step in steps
        ),
        t("support.no"),
    )


def _step_words(say: Saying, step: RecordStep) -> str:
    match step.verb:
        case "care_contact" | "care_visit":
            return coded(Met, step.code).title[say.language]
        case "leave_ledger":
            return _chosen(step.code, LEAVING, say)
        case "record_result":
            return _chosen(step.code, OUTCOMES, say)
        case "dispute_assessment" | "settle_dispute":
            return _concluded_words(say, step.code, step.number or None)
        case "receipt" | "chain_step":
            number = say.wrote(step.number) if step.number else ""
            return " · ".join(part for part in (awaited_title(step.code)[say.language], number) if part)
        case _:
            return ""


# --- words ----------------------------------------------------------------------------------------


def _concluded_words(say: Saying, conclusion: str, level: str | None) -> str:
    kind = coded(Conclusion, conclusion).title[say.language]
    return kind if level is None else f"{kind} · {tier_words(say.deps, level, say.language)}"


def _chosen(code: str, choices: Sequence[Choice], say: Saying) -> str:
    return {value: title[say.language] for value, title in choices}.get(code, WORDS["unknown"][say.language])


def _several(codes: Sequence[str], choices: Sequence[Choice], say: Saying) -> str:
    titles = dict(choices)
    return _join([titles[code] for code in codes if code in titles], say) or say.t("support.none_chosen")


def _join(titles: Sequence[Text], say: Saying) -> str:
    return say.t("separator").join(title[say.language] for title in titles)


def _day(day: date | None, say: Saying) -> str:
    return day.isoformat() if day else say.t("support.none_chosen")
