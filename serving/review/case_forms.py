"""What the form of a step must hold, and a sentence for every field that is missing or cannot be.

One function for each kind of asking; which step asks for what is declared in `case`. Pure: no store, no
clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from features.language import Text
from features.outcomes import OUTCOMES
from serving.review.case import (
    SNOOZE_DAYS,
    Answer,
    Ask,
    Disposition,
    Incomplete,
    Met,
    Objector,
    Refused,
    Step,
    View,
)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the form of a step was filled with; a blank or unreadable field is None or empty.

    `record` is the source and the record number of what is objected to, the number blank if nobody knows
    which record it was.
    """

    reason: str = ""
    person: str | None = None
    view: View | None = None
    happened_on: date | None = None
    met: Met | None = None
    note: str = ""
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)
    findings: Mapping[str, str] = field(default_factory=dict)
    until: date | None = None
    where_to: str = ""
    raised_by: Objector | None = None
    record: tuple[str, str] | None = None
    wrong: str = ""
    objection: str | None = None
    answer: Answer | None = None
    answered_on: date | None = None


def disposition_field(risk: str) -> str:
    """The name of the form field that takes the disposition of a risk."""
    return f"disposition_{risk}"


def finding_field(risk: str) -> str:
    """The name of the form field that takes what an assessment found about a risk."""
    return f"finding_{risk}"


def check_given(step: Step, given: Given, *, today: date, entered_on: date) -> None:
    """Raises Incomplete with a sentence for every field of the step's form that is missing or cannot be.

    `entered_on`: the day the case last came into the queue; no contact or visit before it answers it.
    """
    problems = problems_of(step.asks, given, today, entered_on)
    if problems:
        raise Incomplete(problems)


def problems_of(
    asks: Iterable[Ask], given: Given, today: date, entered_on: date = date.min
) -> tuple[Refused, ...]:
    """A sentence for every field, of those asked for, that is missing or cannot be."""
    return tuple(problem for ask in asks for problem in _PROBLEMS[ask](given, today, entered_on))


def _reason(given: Given, _today: date, _entered_on: date) -> Iterator[Refused]:
    if not given.reason.strip():
        yield Refused(Text("请写明理由。", "Give the reason."), "reason")


def _person(given: Given, _today: date, _entered_on: date) -> Iterator[Refused]:
    if not given.person:
        yield Refused(Text("请选择指派给谁。", "Choose whom to assign the case to."), "person")


def _colleague(given: Given, _today: date, _entered_on: date) -> Iterator[Refused]:
    if not given.person:
        yield Refused(Text("请选择请教谁。", "Choose whom to ask."), "person")
    if not given.note.strip():
        yield Refused(Text("请写下要请教的问题。", "Write down what you want to ask."), "note")


def _view(given: Given, _today: date, _entered_on: date) -> Iterator[Refused]:
    if given.view is None:
        yield Refused(Text("请选择您的判断。", "Choose your own view."), "view")


def _note(given: Given, _today: date, _entered_on: date) -> Iterator[Refused]:
    if not given.note.strip():
        yield Refused(Text("请写下内容。", "Write something here."), "note")


def _findings(given: Given, _today: date, _entered_on: date) -> Iterator[Refused]:
    for outcome in OUTCOMES:
        if not given.findings.get(outcome.name, "").strip():
            yield Refused(
                Text(
                    f"请写下对“{outcome.title.zh}”的评估所见。",
                    f"Write down what the assessment found about “{outcome.title.en}”.",
                ),
                finding_field(outcome.name),
            )


def _dispositions(given: Given, _today: date, _entered_on: date) -> Iterator[Refused]:
    for outcome in OUTCOMES:
        if outcome.name not in given.dispositions:
            yield Refused(
                Text(
                    f"请选择“{outcome.title.zh}”的结论。",
                    f"Choose a conclusion for “{outcome.title.en}”.",
                ),
                disposition_field(outcome.name),
            )


def _until(given: Given, today: date, _entered_on: date) -> Iterator[Refused]:
    last = today + timedelta(days=SNOOZE_DAYS)
    if given.until is None or not today < given.until <= last:
        yield Refused(
            Text(
                f"请填写明天到 {last.isoformat()} 之间的日期。",
                f"Give a date from tomorrow to {last.isoformat()}.",
            ),
            "until",
        )


def _where_to(given: Given, _today: date, _entered_on: date) -> Iterator[Refused]:
    if not given.where_to.strip():
        yield Refused(
            Text("请写明搬到哪里；不知道也请写“不知道”。", "Say where to; if nobody knows, write so."),
            "where_to",
        )


def _record(given: Given, _today: date, _entered_on: date) -> Iterator[Refused]:
    if given.raised_by is None:
        yield Refused(Text("请选择谁提出的异议。", "Choose who objects."), "raised_by")
    if given.record is None:
        yield Refused(Text("请选择对哪条信息有异议。", "Choose the record that is objected to."), "record")
    if not given.wrong.strip():
        yield Refused(Text("请写明哪里不对。", "Say what is wrong with it."), "wrong")


def _objection_answer(given: Given, today: date, _entered_on: date) -> Iterator[Refused]:
    if not given.objection:
        yield Refused(Text("请选择答复的是哪项异议。", "Choose which objection is answered."), "objection")
    if given.answer is None:
        yield Refused(Text("请选择部门的答复。", "Choose what the department answered."), "answer")
    if given.answered_on is None or given.answered_on > today:
        yield Refused(
            Text("请填写答复日期，不能在今天之后。", "Give the date of the answer, not after today."),
            "answered_on",
        )
    yield from _reason(given, today, _entered_on)


def _fact(given: Given, today: date, entered_on: date) -> Iterator[Refused]:
    if given.happened_on is None:
        yield Refused(
            Text("请填写日期，例如 2026-10-08。", "Give the date, for example 2026-10-08."), "happened_on"
        )
    elif given.happened_on > today:
        yield Refused(Text("日期不能在今天之后。", "The date cannot be after today."), "happened_on")
    elif given.happened_on < entered_on:
        yield Refused(
            Text(
                f"日期不能早于个案进入队列的那天（{entered_on.isoformat()}）。",
                f"The date cannot be before the case came into the queue ({entered_on.isoformat()}).",
            ),
            "happened_on",
        )
    if given.met is None:
        yield Refused(Text("请选择见到或联系到了谁。", "Choose whom you reached."), "met")
    if not given.note.strip():
        yield Refused(Text("请写下看到或了解到的情况。", "Write down what you saw or learnt."), "note")


_PROBLEMS: Mapping[Ask, Callable[[Given, date, date], Iterator[Refused]]] = {
    Ask.REASON: _reason,
    Ask.PERSON: _person,
    Ask.COLLEAGUE: _colleague,
    Ask.VIEW: _view,
    Ask.FACT: _fact,
    Ask.FINDINGS: _findings,
    Ask.NOTE: _note,
    Ask.UNTIL: _until,
    Ask.WHERE_TO: _where_to,
    Ask.RECORD: _record,
    Ask.OBJECTION_ANSWER: _objection_answer,
    Ask.DISPOSITIONS: _dispositions,
}
