"""Answers by item number in; total, subscales, band, validity and safety items out, or why not.

Pure, and about one filled-in form. What cannot be scored by the instrument's own rules is not scored
and says so in words; nothing is filled in beyond the declared proration. Safety items are read before
anything else can fail: a form that is void, unfinished or otherwise not to be scored still says them.
Only answers to items of another instrument say nothing, because nobody knows what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from features.instruments.declaration import Band, Instrument, Norms, Subscale
from features.language import Text


class Why(Enum):
    """Why a form has no value. The first five are faults of the record, the others facts about it."""

    WRONG_FORM = "wrong_form"
    UNKNOWN_ITEM = "unknown_item"
    OUT_OF_RANGE = "out_of_range"
    CONTRADICTION = "contradiction"
    NO_NORMS = "no_norms"
    NOT_FOR_AGE = "not_for_age"
    INCOMPLETE = "incomplete"
    INVALID = "invalid"

    @property
    def is_fault(self) -> bool:
        """Whether whoever delivered the record has to put it right."""
        return self not in (Why.NOT_FOR_AGE, Why.INCOMPLETE, Why.INVALID)


@dataclass(frozen=True)
class NotScored:
    """The reason, and the sentence for whoever entered or delivered the form."""

    why: Why
    text: Text


@dataclass(frozen=True)
class ScaleResult:
    """A subscale's value and its band, where the norms have bands of it."""

    value: int
    band: Band | None


@dataclass(frozen=True)
class InstrumentResult:
    """What a form amounts to. `total` and `band` are None exactly where `not_scored_reason` is not.

    `valid` is None where the instrument has no validity scale, or it was not answered.
    """

    total: int | None = None
    band: Band | None = None
    subscales: Mapping[str, ScaleResult] = field(default_factory=dict)
    valid: bool | None = None
    safety_items: tuple[int, ...] = ()
    not_scored_reason: NotScored | None = None


def score(
    instrument: Instrument,
    answers: Mapping[int, int],
    *,
    informant: str = "self",
    age: int | None = None,
    norms: str | None = None,
) -> InstrumentResult:
    """Score a form by item number. `norms` is a version of its bands, the usual one unless given.

    Without `age` it is not asked whether the form is for it.
    """
    foreign = sorted(item for item in answers if not 1 <= item <= instrument.items)
    if foreign:
        return InstrumentResult(not_scored_reason=_unknown_item(instrument, foreign[0]))
    safety = tuple(
        item for item in instrument.safety_items if instrument.low < answers.get(item, 0) <= instrument.high
    )
    valid, reason = None, _fault(instrument, answers, informant, norms)
    if reason is None:
        valid = _valid(instrument, answers)
        reason = _hindrance(instrument, answers, informant, age, valid)
    if reason is not None:
        return InstrumentResult(valid=valid, safety_items=safety, not_scored_reason=reason)
    found = _norms(instrument, norms)
    sums = {each.code: _sum(instrument, each, answers) for each in instrument.subscales}
    values = {code: value for code, value in sums.items() if value is not None}
    if instrument.grades:
        total = max((instrument.grades[item] for item, answer in answers.items() if answer), default=0)
    else:
        total = sum(values[each.code] for each in instrument.subscales if each.in_total)
    return InstrumentResult(
        total=total,
        band=found.band(informant, "total", total),
        subscales={
            code: ScaleResult(value, found.band(informant, code, value)) for code, value in values.items()
        },
        valid=valid,
        safety_items=safety,
    )


def place(
    instrument: Instrument,
    total: int,
    *,
    informant: str = "self",
    age: int | None = None,
    norms: str | None = None,
) -> InstrumentResult:
    """The band of a total that was scored elsewhere; of its items nothing is known."""
    low, high = instrument.bounds
    reason = _wrong_form(instrument, informant, norms)
    if reason is None and not low <= total <= high:
        reason = NotScored(
            Why.OUT_OF_RANGE,
            Text(
                f"{instrument.title.zh}的总分在{low}至{high}之间，不可能是{total}。",
                f"The total of the {instrument.title.en} lies from {low} to {high} and cannot be {total}.",
            ),
        )
    reason = reason or _wrong_age(instrument, informant, age)
    if reason is not None:
        return InstrumentResult(not_scored_reason=reason)
    return InstrumentResult(total=total, band=_norms(instrument, norms).band(informant, "total", total))


# --- why not ------------------------------------------------------------------------------------


def _norms(instrument: Instrument, version: str | None) -> Norms:
    return instrument.norms[version or instrument.default_norms]


def _unknown_item(instrument: Instrument, item: int) -> NotScored:
    return NotScored(
        Why.UNKNOWN_ITEM,
        Text(
            f"{instrument.title.zh}只有第1至{instrument.items}题，没有第{item}题。",
            f"The {instrument.title.en} has items 1 to {instrument.items} and no item {item}.",
        ),
    )


def _wrong_form(instrument: Instrument, informant: str, version: str | None) -> NotScored | None:
    if informant not in instrument.informants:
        return NotScored(
            Why.WRONG_FORM,
            Text(
                f"{instrument.title.zh}没有由该填写人填写的版本。",
                f"The {instrument.title.en} has no form for this informant.",
            ),
        )
    if version is not None and informant not in getattr(instrument.norms.get(version), "ranges", ()):
        return NotScored(
            Why.NO_NORMS,
            Text(
                f"所写的界值版本不适用于{instrument.title.zh}的这一填写人版本。",
                f"The norms named have no bands for this form of the {instrument.title.en}.",
            ),
        )
    return None


def _fault(
    instrument: Instrument, answers: Mapping[int, int], informant: str, version: str | None
) -> NotScored | None:
    reason = _wrong_form(instrument, informant, version)
    if reason is not None:
        return reason
    for item, answer in sorted(answers.items()):
        if not instrument.low <= answer <= instrument.high:
            return NotScored(
                Why.OUT_OF_RANGE,
                Text(
                    f"第{item}题的作答须为{instrument.low}至{instrument.high}，不可能是{answer}。",
                    f"The answer to item {item} lies from {instrument.low} to {instrument.high}"
                    f" and cannot be {answer}.",
                ),
            )
    for item, other in instrument.asked_if.items():
        if answers.get(item) and other in answers and not answers[other]:
            return NotScored(
                Why.CONTRADICTION,
                Text(
                    f"第{other}题为“否”时不问第{item}题，但第{item}题答了“是”。",
                    f"Item {item} is not asked after a no to item {other}, yet it was answered with yes.",
                ),
            )
    return None


def _wrong_age(instrument: Instrument, informant: str, age: int | None) -> NotScored | None:
    low, high = instrument.informants[informant]
    if age is None or low <= age <= high:
        return None
    return NotScored(
        Why.NOT_FOR_AGE,
        Text(
            f"这一填写人版本的{instrument.title.zh}适用于{low}至{high}岁，不适用于{age}岁。",
            f"This form of the {instrument.title.en} is for ages {low} to {high}, not {age}.",
        ),
    )


def _hindrance(
    instrument: Instrument, answers: Mapping[int, int], informant: str, age: int | None, valid: bool | None
) -> NotScored | None:
    reason = _wrong_age(instrument, informant, age)
    if reason is not None:
        return reason
    if valid is False:
        return NotScored(
            Why.INVALID,
            Text(
                "效度分量表过高，本次作答无效，不作为结果使用，请另约时间重测。",
                "The validity scale is too high: this form is void and is no result; repeat it later.",
            ),
        )
    if _unfinished(instrument, answers):
        return NotScored(
            Why.INCOMPLETE,
            Text(
                f"缺答过多，不能计分。{instrument.missing.zh}",
                f"Too many answers are missing. {instrument.missing.en}",
            ),
        )
    return None


def _unfinished(instrument: Instrument, answers: Mapping[int, int]) -> bool:
    if instrument.grades:
        spared = {item for item, other in instrument.asked_if.items() if answers.get(other) == instrument.low}
        return any(item not in answers and item not in spared for item in instrument.grades)
    if instrument.validity and any(item not in answers for item in instrument.validity.items):
        return True
    return any(
        _answered(each, answers) < each.least_answered for each in instrument.subscales if each.in_total
    )


def _valid(instrument: Instrument, answers: Mapping[int, int]) -> bool | None:
    validity = instrument.validity
    if validity is None:
        return None
    told = sum(answers.get(item, 0) for item in validity.items)
    if told >= validity.void_from:
        return False
    return True if all(item in answers for item in validity.items) else None


# --- sums ---------------------------------------------------------------------------------------


def _answered(subscale: Subscale, answers: Mapping[int, int]) -> int:
    return sum(item in answers for item in subscale.items)


def _sum(instrument: Instrument, subscale: Subscale, answers: Mapping[int, int]) -> int | None:
    """The subscale's value, prorated to all its items and rounded half up; None with too few answers."""
    given = [
        instrument.low + instrument.high - answers[item] if item in instrument.reversed else answers[item]
        for item in subscale.items
        if item in answers
    ]
    if len(given) < subscale.least_answered:
        return None
    return (2 * sum(given) * len(subscale.items) + len(given)) // (2 * len(given))
