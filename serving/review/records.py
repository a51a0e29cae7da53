"""What a form about a record asks and what may be given: one declared row per thing a worker may record.

Everything else is derived from the rows: the form, its reading, its refusals beside the field, who may,
the names of audit events, and a test of every entry, state and role. What depends on the store or on the
jurisdiction (people, categories, levels, lines) is drawn when the form is made. Pure: no store, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from features.language import Text, Worded
from serving.review.case import Incomplete, Refused, Role

Choice = tuple[str, Text]


class Kind(Worded):
    """The kinds of records. The values are stored and stand in addresses."""

    LEDGER = ("ledger", "重点关爱台账", "Key-care ledger")
    ASSESSMENT = ("assessment", "家庭监护评估", "Guardianship assessment")
    REPORT = ("report", "强制报告", "Mandatory report")
    REFERRAL = ("referral", "服务与转介", "Service or referral")
    PLAN = ("plan", "一人一策", "Plan for the child")


class State(Worded):
    """Where a record stands. The values are stored; not every kind knows every state."""

    OPEN = ("open", "进行中", "Open")
    LEFT = ("left", "已移出", "Left")
    AWAITS_SECOND = ("awaits_second", "等待第二位评估员", "Waits for the second assessor")
    DISPUTED = ("disputed", "有异议，待裁定", "Disputed")
    SIGNED = ("signed", "两人已签", "Signed by both")
    SETTLED = ("settled", "异议已裁定", "Settled")
    ANSWERED = ("answered", "回执已齐", "Every receipt is in")
    CONSENT_REFUSED = ("consent_refused", "家庭不同意", "The family declined")
    SENT = ("sent", "已转出，待答复", "Sent, answer awaited")
    ACCEPTED = ("accepted", "对方已受理", "Accepted")
    DECLINED = ("declined", "对方未受理", "Declined")
    DONE = ("done", "已有结果", "Result is in")
    WITHDRAWN = ("withdrawn", "已撤回", "Withdrawn")
    REPLACED = ("replaced", "已有新版", "Replaced by a newer one")
    ENDED = ("ended", "已结束", "Ended")
    NOT_DONE = ("not_done", "未完成", "Not done")


class Fill(Enum):
    """How a blank is filled."""

    DAY = "day"
    LINE = "line"
    LONG = "long"
    ONE = "one"
    PICK = "pick"
    SEVERAL = "several"


class When(Enum):
    """Which days a blank takes."""

    PAST = "past"
    AHEAD = "ahead"


@dataclass(frozen=True, kw_only=True)
class Blank:
    """One blank of a form.

    `drawn` names the choices that are known only when the form is made. `not_before` names another
    blank whose day this one may not precede. Blanks that follow one another and name the same `part` stand
    together under its head.
    """

    name: str
    fill: Fill
    title: Text
    hint: Text | None = None
    choices: tuple[Choice, ...] = ()
    drawn: str = ""
    required: bool = True
    when: When = When.PAST
    not_before: str = ""
    part: Text | None = None


@dataclass(frozen=True)
class Filled:
    """What a form was filled with, read and found possible. A blank left empty is not in it."""

    values: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A line, a note or a choice; empty if none was given."""
        return self.values.get(name, "")

    def day(self, name: str) -> date:
        """A day that the form required."""
        return self.days[name]


Check = Callable[[Filled, date], Iterable[Refused]]


def _nothing_more(filled: Filled, today: date) -> Iterable[Refused]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A form: its blanks, and what no blank alone can tell, which `check` refuses."""

    verb: str
    title: Text
    blanks: tuple[Blank, ...] = ()
    help: Text | None = None
    check: Check = _nothing_more


@dataclass(frozen=True, kw_only=True)
class Entry(Sheet):
    """One thing a worker may record about a child.

    Without `starts` it makes a record; with them it is done to one that stands there.
    """

    kind: Kind
    by: frozenset[Role]
    starts: frozenset[State] = frozenset()

    def drawn_with(self, drawn: Mapping[str, tuple[Choice, ...]]) -> Entry:
        """The same entry with the choices that are known only now; KeyError if one is not given."""
        blanks = tuple(
            replace(blank, choices=drawn[blank.drawn]) if blank.drawn else blank for blank in self.blanks
        )
        return replace(self, blanks=blanks)


def check_role(entry: Entry, role: Role) -> None:
    """Raises Refused with a sentence if this role may not record this."""
    if role not in entry.by:
        raise Refused(
            Text(
                f"“{role.title.zh}”不能“{entry.title.zh}”。",
                f"“{entry.title.en}” is not open to the role “{role.title.en}”.",
            )
        )


def check_state(entry: Entry, state: State) -> None:
    """Raises Refused with a sentence if the record does not stand where this may be done."""
    if state not in entry.starts:
        raise Refused(
            Text(
                f"“{state.title.zh}”时不能“{entry.title.zh}”。",
                f"“{entry.title.en}” is not possible while it is “{state.title.en}”.",
            )
        )


def read(entry: Sheet, given: Mapping[str, str], today: date) -> Filled:
    """What the form says. Raises Incomplete with a sentence for every blank that is missing or cannot be."""
    values: dict[str, str] = {}
    days: dict[str, date] = {}
    several: dict[str, tuple[str, ...]] = {}
    problems: list[Refused] = []
    for blank in entry.blanks:
        try:
            match blank.fill:
                case Fill.DAY:
                    day = _day(blank, given.get(blank.name, ""), today)
                    if day is not None:
                        days[blank.name] = day
                case Fill.SEVERAL:
                    several[blank.name] = _several(blank, given)
                case _:
                    values[blank.name] = _value(blank, given.get(blank.name, ""))
        except Refused as problem:
            problems.append(problem)
    problems += _out_of_order(entry, days)
    filled = Filled(values, days, several)
    if not problems:
        problems += entry.check(filled, today)
    if problems:
        raise Incomplete(tuple(problems))
    return filled


def box(blank: str, value: str) -> str:
    """The name of the box of one choice, where several may be chosen."""
    return f"{blank}-{value}"


def a_date(text: str) -> date | None:
    """A date as the browser sends it, or as people write it: 2026-10-08, 2026/10/8, 2026年10月8日."""
    parts = text.strip().replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        return None


def _day(blank: Blank, text: str, today: date) -> date | None:
    if not text.strip():
        if blank.required:
            raise _refused(blank, "请填写", "Give")
        return None
    day = a_date(text)
    if day is None:
        raise Refused(
            Text("日期看不懂，例如 2026-10-08。", "This is no date; write it as 2026-10-08."), blank.name
        )
    if blank.when is When.PAST and day > today:
        raise Refused(Text("日期不能在今天之后。", "The date cannot be after today."), blank.name)
    if blank.when is When.AHEAD and day < today:
        raise Refused(Text("日期不能在今天之前。", "The date cannot be before today."), blank.name)
    return day


def _several(blank: Blank, given: Mapping[str, str]) -> tuple[str, ...]:
    chosen = tuple(value for value, _ in blank.choices if given.get(box(blank.name, value)))
    if blank.required and not chosen:
        raise _refused(blank, "请至少选择一项", "Choose at least one")
    return chosen


def _value(blank: Blank, text: str) -> str:
    chooses = blank.fill in (Fill.ONE, Fill.PICK)
    value = text.strip()
    if chooses and value not in {code for code, _ in blank.choices}:
        value = ""
    if blank.required and not value:
        raise _refused(blank, "请选择" if chooses else "请填写", "Choose" if chooses else "Give")
    return value


def _refused(blank: Blank, zh: str, en: str) -> Refused:
    return Refused(Text(f"{zh}：{blank.title.zh}。", f"{en}: {blank.title.en}."), blank.name)


def _out_of_order(entry: Sheet, days: Mapping[str, date]) -> Iterator[Refused]:
    titles = {blank.name: blank.title for blank in entry.blanks}
    for blank in entry.blanks:
        other = blank.not_before
        if other and blank.name in days and other in days and days[blank.name] < days[other]:
            yield Refused(
                Text(
                    f"不能早于“{titles[other].zh}”（{days[other].isoformat()}）。",
                    f"It cannot be before “{titles[other].en}” ({days[other].isoformat()}).",
                ),
                blank.name,
            )
