"""What another platform answered in the columns of a table, taken in row by row.

A row is found by its id, the case's. Sent again, it changes nothing; with another answer, the later one
counts and the earlier one stays. Answers are put beside the case for whoever works on it; they conclude
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.language import Text, Worded
from serving.review import audit
from serving.review.case import coded
from serving.review.door_tables import ExportAnswer
from serving.review.export_templates import Answered, Result, RowError, Template, read_back
from serving.review.exports import check_may_export
from serving.review.permissions import Actor, sees_area
from serving.review.tables import Case

TAKEN = "import_answer"
_AT_ONCE = 500


class Done(Worded):
    """What became of a row."""

    TAKEN = ("taken", "已收", "Taken in")
    CHANGED = ("changed", "已更新", "Changed")
    UNCHANGED = ("unchanged", "与已有相同", "Known already")


@dataclass(frozen=True)
class RowDone:
    """One row that was taken, or was known."""

    line: int
    row_id: str
    done: Done


@dataclass(frozen=True)
class Report:
    """The whole file: each answer was taken, was known, or says what is wrong; `empty` lines hold none."""

    rows: tuple[RowDone, ...]
    errors: tuple[RowError, ...]
    empty: tuple[int, ...]

    def count(self, done: Done) -> int:
        """How many rows ended so."""
        return sum(row.done is done for row in self.rows)


def take_in(
    session: Session, *, actor: Actor, template: Template, content: bytes, now: datetime, today: date
) -> Report:
    """Take the answers of a table in. Rows that cannot be taken are in the report and hold up no other."""
    check_may_export(actor)
    answered, errors, empty = read_back(template, content, today)
    cases = _cases(session, [one.row_id for one in answered])
    before = _answers(session, template, list(cases))
    rows, wrong = [], list(errors)
    for one in answered:
        case = cases.get(one.row_id)
        if case is None or not sees_area(actor, case.area_code):
            reason = Text("这个编号不是您区域内的个案。", "No case of your area has this number.")
            wrong.append(RowError(one.line, template.column("row_id").title, reason))
            continue
        known = before.get(case.id)
        done = _done(one, known)
        if done is not Done.UNCHANGED:
            _keep(session, actor, template, one, now)
        rows.append(RowDone(one.line, one.row_id, done))
    report = Report(tuple(rows), tuple(sorted(wrong, key=lambda error: error.line)), empty)
    audit.write(
        session, actor=actor.account_id, verb="import_answers", subject=f"template:{template.id}", now=now,
        detail={"taken": report.count(Done.TAKEN), "changed": report.count(Done.CHANGED),
                "unchanged": report.count(Done.UNCHANGED), "refused": len({error.line for error in wrong})},
    )  # fmt: skip
    return report


def words_of(answer: ExportAnswer | None, language: str, *, free_text: bool) -> list[str]:
    """What an answer says, with what somebody wrote only where that may be shown."""
    if answer is None:
        return []
    said = [coded(Result, answer.result).title[language], answer.answered_on.isoformat()]
    return [*said, answer.note] if free_text and answer.note else said


def latest(session: Session, case_id: str) -> Sequence[ExportAnswer]:
    """The answers about a case, the newest first."""
    return session.scalars(
        select(ExportAnswer).where(ExportAnswer.case_id == case_id).order_by(ExportAnswer.id.desc())
    ).all()


def _done(one: Answered, known: ExportAnswer | None) -> Done:
    if known is None:
        return Done.TAKEN
    same = (known.result, known.answered_on, known.note) == (one.result.value, one.answered_on, one.note)
    return Done.UNCHANGED if same else Done.CHANGED


def _keep(session: Session, actor: Actor, template: Template, one: Answered, now: datetime) -> None:
    session.add(
        ExportAnswer(
            template=template.id,
            case_id=one.row_id,
            result=one.result.value,
            answered_on=one.answered_on,
            note=one.note,
            imported_by=actor.account_id,
            imported_at=now,
        )
    )
    audit.write(
        session, actor=actor.account_id, verb=TAKEN, subject=one.row_id, now=now,
        detail={"template": template.id, "result": one.result.value},
    )  # fmt: skip


def _cases(session: Session, ids: Sequence[str]) -> dict[str, Case]:
    found: dict[str, Case] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for case in session.scalars(select(Case).where(Case.id.in_(ids[start : start + _AT_ONCE]))):
            found[case.id] = case
    return found


def _answers(session: Session, template: Template, ids: Sequence[str]) -> dict[str, ExportAnswer]:
    """The answer that counts for each case, as one platform gave it."""
    found: dict[str, ExportAnswer] = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = ExportAnswer.case_id.in_(ids[start : start + _AT_ONCE])
        asked = select(ExportAnswer).where(part, ExportAnswer.template == template.id)
        for row in session.scalars(asked.order_by(ExportAnswer.id)):
            found[row.case_id] = row
    return found
