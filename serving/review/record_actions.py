"""Making records of support and doing steps to them, each in the caller's one write transaction.

The form is read here, under the same rules it was shown by; then the record changes, a step is appended and
one audit event written. A mandatory report asks for nothing beforehand; an assessment counts once two people
have signed, or a third has settled their dispute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from features.guardianship import Axis, Grade, Tree, score
from features.language import Text
from serving.review import ledger_clocks, outbox
from serving.review.acting import NotFound
from serving.review.case import Incomplete, Met, Refused, coded
from serving.review.channels import awaited
from serving.review.record_choices import drawn_entry
from serving.review.record_entries import (
    ACTIONS,
    ENTER,
    PLAN,
    REFER,
    REPORT,
    assess_entry,
    step_named,
)
from serving.review.record_queries import concluded
from serving.review.record_store import (
    About,
    Doing,
    Row,
    add_step,
    advance,
    log,
    steps_of_records,
    visible,
)
from serving.review.record_tables import (
    AssessmentRow,
    LedgerEntry,
    PlanAction,
    PlanRow,
    ReferralRow,
    ReportRow,
)
from serving.review.records import Entry, Filled, Kind, State, check_role, check_state, read

Given = Mapping[str, str]
R = TypeVar("R", LedgerEntry, AssessmentRow, ReportRow, ReferralRow, PlanRow)


@dataclass(frozen=True)
class Move:
    """What a step does to its record: where it stands then, what changes, and what the step keeps."""

    state: State
    changes: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    number: str = ""
    detail: Mapping[str, str | int | bool | None] = field(default_factory=dict)


# --- making ---------------------------------------------------------------------------------------


def enter_ledger(
    session: Session, doing: Doing, about: About, given: Given, purpose: str = ""
) -> LedgerEntry:
    """Enter a child in the ledger; refused if it is in it already. `purpose`: what it was looked up for."""
    filled = _read(session, doing, ENTER, about, given)
    child_key = _known(about)
    there = session.scalar(
        select(LedgerEntry.id).where(
            LedgerEntry.child_key.in_(doing.keys_of(child_key)), LedgerEntry.state == State.OPEN.value
        )
    )
    if there is not None:
        raise Refused(
            Text(
                "这名儿童已在台账中，请在那一条里复核。",
                "The child is in the ledger already; review it there.",
            )
        )
    row = LedgerEntry(
        child_key=child_key, area_code=about.area_code, case_id=about.case_id, state=State.OPEN.value,
        categories=list(filled.several["categories"]), basis=filled.text("basis"), note=filled.text("note"),
        entered_on=filled.day("entered_on"), made_by=doing.actor.account_id, made_at=doing.now,
    )  # fmt: skip
    ledger_clocks.start(session, row)
    looked_up = {"purpose": purpose} if purpose else {}
    return _made(
        session, doing, row, ENTER, {"basis": row.basis, "categories": len(row.categories), **looked_up}
    )


def assess(session: Session, doing: Doing, about: About, tree: Tree, given: Given) -> AssessmentRow:
    """Lay an assessment before the second assessor; it names the one before, which stays as it was."""
    entry = assess_entry(tree)
    filled = _read(session, doing, entry, about, given)
    grades = {
        each.code: coded(Grade, chosen)
        for each in tree.indicators
        if (chosen := filled.text(f"item_{each.code}"))
    }
    child_key = _known(about)
    before = session.scalar(
        select(AssessmentRow.id)
        .where(AssessmentRow.child_key.in_(doing.keys_of(child_key)))
        .order_by(AssessmentRow.id.desc())
        .limit(1)
    )
    row = AssessmentRow(
        child_key=child_key, area_code=about.area_code, case_id=about.case_id,
        state=State.AWAITS_SECOND.value, tree=tree.code, tree_version=tree.version,
        assessed_on=filled.day("assessed_on"), grades={code: grade.value for code, grade in grades.items()},
        note=filled.text("note"), capability_score=score(tree, Axis.CAPABILITY, grades).value,
        risk_score=score(tree, Axis.RISK, grades).value, conclusion=filled.text("conclusion"),
        level=filled.text("level") or None, second_id=filled.text("second"), next_on=filled.day("next_on"),
        replaces=before, made_by=doing.actor.account_id, made_at=doing.now,
    )  # fmt: skip
    return _made(session, doing, row, entry, {"tree": tree.code, "to": row.second_id})


def report(session: Session, doing: Doing, about: About, given: Given) -> ReportRow:
    """Record a mandatory report, whatever else is or is not known."""
    filled = _read(session, doing, REPORT, about, given)
    row = ReportRow(
        child_key=about.child_key, area_code=about.area_code, case_id=about.case_id, state=State.OPEN.value,
        about=filled.text("about"), situation=filled.text("situation"), found_on=filled.day("found_on"),
        reported_on=filled.day("reported_on"), told=list(filled.several["told"]), note=filled.text("note"),
        made_by=doing.actor.account_id, made_at=doing.now,
    )  # fmt: skip
    return _made(session, doing, row, REPORT, {"told": len(row.told)})


def refer(session: Session, doing: Doing, about: About, given: Given) -> ReferralRow:
    """Send a referral, or keep that the family declined it."""
    filled = _read(session, doing, REFER, about, given)
    return _made(session, doing, _referral(doing, about, filled), REFER, {"service": filled.text("service")})


def make_plan(session: Session, doing: Doing, about: About, given: Given) -> PlanRow:
    """Make a plan for a child; refused while it has one that has not ended."""
    filled = _read(session, doing, PLAN, about, given)
    child_key = _known(about)
    there = select(PlanRow.id).where(
        PlanRow.child_key.in_(doing.keys_of(child_key)), PlanRow.state == State.OPEN.value
    )
    if session.scalar(there) is not None:
        raise Refused(
            Text("这名儿童已有方案，请在那里调整。", "The child has a plan already; change it there.")
        )
    row = _plan(doing, about, filled, edition=1, replaces=None)
    _made(session, doing, row, PLAN, {"edition": 1})
    _add_actions(session, row, filled)
    return row


# --- steps ----------------------------------------------------------------------------------------


def do(
    session: Session, doing: Doing, kind: Kind, record_id: int, version: int, verb: str, given: Given
) -> Row:
    """Do a step to a record and give back the record it leaves open: a new one if the step made one."""
    row = visible(session, doing.actor, kind, record_id)
    entry = step_named(kind, verb)
    if entry is None:
        raise NotFound(verb)
    check_role(entry, doing.actor.role)
    check_state(entry, coded(State, row.state))
    entry = drawn_entry(
        session, entry, profile=doing.profile, actor=doing.actor, area_code=row.area_code, row=row
    )
    filled = read(entry, given, doing.today)
    happened_on = filled.days.get("happened_on", doing.today)
    if happened_on < began_on(row):
        began = began_on(row).isoformat()
        raise Incomplete(
            (
                Refused(
                    Text(
                        f"不能早于这条记录开始的日期（{began}）。",
                        f"It cannot be before the record began ({began}).",
                    ),
                    "happened_on",
                ),
            )
        )  # fmt: skip
    move = _MOVES[verb](session, doing, row, filled)
    advance(session, row, version, state=move.state.value, **move.changes)
    add_step(
        session, doing, row, verb, happened_on, code=move.code, number=move.number, note=filled.text("note")
    )
    log(session, doing, row, verb, move.detail)
    made = _MAKES[verb](session, doing, row, filled) if verb in _MAKES else row
    if isinstance(row, AssessmentRow) and move.state in (State.SIGNED, State.SETTLED):
        _publish(session, doing, row)
    session.flush()
    return made


def began_on(row: Row) -> date:
    """The day before which nothing can have happened to a record."""
    match row:
        case LedgerEntry():
            return row.entered_on
        case AssessmentRow():
            return row.assessed_on
        case ReportRow():
            return row.found_on
        case ReferralRow():
            return row.consent_on
        case PlanRow():
            return row.made_at.date()


def _stays(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
    code = filled.text("met")
    return Move(coded(State, row.state), code=code, detail={"met": code})


def _cared(verb: str) -> Callable[[Session, Doing, Row, Filled], Move]:
    def move(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
        assert isinstance(row, LedgerEntry)
        if filled.text("met") != Met.NOBODY.value:
            visit = verb == ledger_clocks.VISIT
            ledger_clocks.reached(session, row.child_key, filled.day("happened_on"), visit=visit)
        return _stays(session, doing, row, filled)

    return move


def _reviewed(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
    found = list(filled.several["categories"])
    changes = {"categories": found, "reviewed_on": filled.day("happened_on")}
    return Move(State.OPEN, changes, detail={"categories": len(found)})


def _left(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
    reason = filled.text("reason")
    changes = {"left_on": filled.day("happened_on")}
    return Move(State.LEFT, changes, code=reason, detail={"reason": reason})


def _signed(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
    _check_second(doing, row)
    return Move(State.SIGNED)


def _disputed(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
    _check_second(doing, row)
    return Move(State.DISPUTED, code=filled.text("conclusion"), number=filled.text("level"))


def _settled(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
    if isinstance(row, AssessmentRow) and doing.actor.account_id in (row.made_by, row.second_id):
        raise Refused(
            Text(
                "参与评估的人不能裁定，请另一位督导员或筛查员裁定。",
                "Who was of the team cannot settle it; ask another supervisor or screener.",
            )
        )
    return Move(State.SETTLED, code=filled.text("conclusion"), number=filled.text("level"))


def _check_second(doing: Doing, row: Row) -> None:
    if isinstance(row, AssessmentRow) and doing.actor.account_id != row.second_id:
        raise Refused(
            Text("只有第二位评估员可以签署或提出异议。", "Only the second assessor may sign or dispute it.")
        )


def _receipted(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
    left = _awaited(session, row, receipt=filled.text("from"))
    return Move(
        State.OPEN if left else State.ANSWERED,
        code=filled.text("from"), number=filled.text("number"), detail={"from": filled.text("from")},
    )  # fmt: skip


def _chained(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
    left = _awaited(session, row, step=filled.text("step"))
    return Move(
        State.OPEN if left else State.ANSWERED,
        code=filled.text("step"), number=filled.text("number"), detail={"step": filled.text("step")},
    )  # fmt: skip


def _awaited(session: Session, row: Row, *, step: str = "", receipt: str = "") -> tuple[str, ...]:
    assert isinstance(row, ReportRow)
    before = steps_of_records(session, Kind.REPORT, [row.id])[row.id]
    return awaited(
        row.told,
        [each.code for each in before if each.verb == "chain_step"] + [step],
        [each.code for each in before if each.verb == "receipt"] + [receipt],
    )


def _to(state: State) -> Callable[[Session, Doing, Row, Filled], Move]:
    def move(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
        return Move(state, code=filled.text("result"), detail={"result": filled.text("result") or None})

    return move


def _action_ended(session: Session, doing: Doing, row: Row, filled: Filled) -> Move:
    ended, action = filled.text("ended"), int(filled.text("action"))
    session.execute(
        update(PlanAction)
        .where(PlanAction.id == action, PlanAction.plan_id == row.id)
        .values(state=ended, ended_on=filled.day("happened_on"), note=filled.text("note"))
    )
    return Move(State.OPEN, code=ended, number=str(action), detail={"action": action, "ended": ended})


def _referred_on(session: Session, doing: Doing, row: Row, filled: Filled) -> Row:
    new = _referral(doing, About(row.child_key, row.area_code, row.case_id), filled, follows=row.id)
    return _made(session, doing, new, REFER, {"service": new.service, "follows": row.id})


def _next_edition(session: Session, doing: Doing, row: Row, filled: Filled) -> Row:
    assert isinstance(row, PlanRow)
    about = About(row.child_key, row.area_code, row.case_id)
    new = _plan(doing, about, filled, edition=row.edition + 1, replaces=row.id)
    _made(session, doing, new, PLAN, {"edition": new.edition})
    for action in session.scalars(
        select(PlanAction)
        .where(PlanAction.plan_id == row.id, PlanAction.state == State.OPEN.value)
        .order_by(PlanAction.id)
    ).all():
        session.add(
            PlanAction(
                plan_id=new.id, what=action.what, who=action.who, by_on=action.by_on, state=State.OPEN.value,
                note="", carried_from=action.id,
            )
        )  # fmt: skip
    _add_actions(session, new, filled)
    return new


_MOVES: Mapping[str, Callable[[Session, Doing, Row, Filled], Move]] = {
    **{verb: _cared(verb) for verb in ledger_clocks.VERBS},
    "review_ledger": _reviewed,
    "leave_ledger": _left,
    "sign_assessment": _signed,
    "dispute_assessment": _disputed,
    "settle_dispute": _settled,
    "receipt": _receipted,
    "chain_step": _chained,
    "accept_referral": _to(State.ACCEPTED),
    "decline_referral": _to(State.DECLINED),
    "record_result": _to(State.DONE),
    "withdraw_referral": _to(State.WITHDRAWN),
    "refer_on": _stays,
    "end_action": _action_ended,
    "change_plan": _to(State.REPLACED),
    "end_plan": _to(State.ENDED),
}
_MAKES: Mapping[str, Callable[[Session, Doing, Row, Filled], Row]] = {
    "refer_on": _referred_on,
    "change_plan": _next_edition,
}


# --- parts ----------------------------------------------------------------------------------------


def _read(session: Session, doing: Doing, entry: Entry, about: About, given: Given) -> Filled:
    check_role(entry, doing.actor.role)
    drawn = drawn_entry(session, entry, profile=doing.profile, actor=doing.actor, area_code=about.area_code)
    return read(drawn, given, doing.today)


def _known(about: About) -> str:
    if about.child_key is None:
        raise NotFound("no child")
    return about.child_key


def _made(session: Session, doing: Doing, row: R, entry: Entry, detail: Mapping[str, Any]) -> R:
    session.add(row)
    session.flush()
    log(session, doing, row, entry.verb, detail)
    return row


def _referral(doing: Doing, about: About, filled: Filled, follows: int | None = None) -> ReferralRow:
    agreed = filled.text("consent") == "given"
    return ReferralRow(
        child_key=_known(about), area_code=about.area_code, case_id=about.case_id,
        state=(State.SENT if agreed else State.CONSENT_REFUSED).value, service=filled.text("service"),
        channel=filled.text("channel"), stage=filled.text("stage"), note=filled.text("note"),
        consent=filled.text("consent"), consent_by=filled.text("consent_by"),
        consent_on=filled.day("consent_on"), answer_by=filled.days.get("answer_by") if agreed else None,
        follows=follows, made_by=doing.actor.account_id, made_at=doing.now,
    )  # fmt: skip


def _publish(session: Session, doing: Doing, row: AssessmentRow) -> None:
    """Leave date, kind and level for the lake. Items, scores and notes stay here: they may hold 征信."""
    session.flush()
    conclusion, level = concluded(session, [row])[row.id]
    outbox.put(
        session,
        source="assessments",
        record={
            "record_id": f"assessment-{row.id}", "child_key": row.child_key,
            "occurred_on": row.assessed_on.isoformat(), "conclusion": conclusion, "level": level,
            "case_id": row.case_id,
        },
        now=doing.now,
    )  # fmt: skip


def _plan(doing: Doing, about: About, filled: Filled, *, edition: int, replaces: int | None) -> PlanRow:
    return PlanRow(
        child_key=_known(about), area_code=about.area_code, case_id=about.case_id, state=State.OPEN.value,
        edition=edition, note=filled.text("goals"), agreement=filled.text("agreement"),
        agreement_by=filled.text("agreement_by"), agreed_on=filled.days.get("agreed_on"),
        review_on=filled.day("review_on"), replaces=replaces, made_by=doing.actor.account_id,
        made_at=doing.now,
    )  # fmt: skip


def _add_actions(session: Session, plan: PlanRow, filled: Filled) -> None:
    for number in range(1, ACTIONS + 1):
        if filled.text(f"what_{number}"):
            session.add(
                PlanAction(
                    plan_id=plan.id, what=filled.text(f"what_{number}"), who=filled.text(f"who_{number}"),
                    by_on=filled.day(f"by_{number}"), state=State.OPEN.value, note="",
                )
            )  # fmt: skip
    session.flush()
