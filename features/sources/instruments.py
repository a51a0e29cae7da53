"""Results of psychological instruments that schools give, and what of them is kept.

A school's system exports either the answers by item number or a total it has scored itself; one row is
one filled-in form. Answers are the most private thing here, and nothing but the score needs them: they
are read at intake, scored by `features.instruments`, and not kept. What stays is which instrument and
form, the total and its band, whether there is a result at all, and whether a safety item was positive.
(A refused row and a row whose child is not found yet are kept as delivered, sealed, until settled.)

- A void, unfinished or unsuitable form has no total and no level: it counts as not known, never as a risk.
- A row with a positive safety item is not refused for its other answers: it comes in without a result, so
  that the hard trigger fires. Only answers to another instrument's items say nothing.
- The C-SSRS screener has a band and no level. Whatever is positive in it goes straight to a person, and is
  not ranked again.
"""

from __future__ import annotations

from features.cells import read_answers
from features.derivation import Cells, Derivation, Derived
from features.instruments import (
    Instrument,
    InstrumentResult,
    Why,
    instrument_named,
    instruments,
    place,
    score,
)
from features.language import Code, Column, Department, Kind, Personal, Source, Text, Use

SCORED, INVALID, UNVERIFIED, INCOMPLETE = "scored", "invalid", "unverified", "incomplete"
NOT_FOR_AGE, UNSCORABLE, SAFETY_ONLY = "not_for_age", "unscorable", "safety_only"
# What can be put right by giving the instrument once more, or by asking the school.
TO_REPEAT = (INVALID, UNVERIFIED, INCOMPLETE, UNSCORABLE)

_STATE_OF = {Why.INVALID: INVALID, Why.INCOMPLETE: INCOMPLETE, Why.NOT_FOR_AGE: NOT_FOR_AGE}
_CUT_OFF_LEVEL = 2


def _refusal(why: Why, by_answers: bool) -> str:
    if why is Why.WRONG_FORM:
        return "unfitting_form:informant"
    if why is Why.NO_NORMS:
        return "unfitting_norms:norms"
    return "unfitting_answers:answers" if by_answers else "impossible_total:total"


def _derive(cells: Cells) -> Derived:
    """The columns kept of one delivered form, or the rule that refuses it."""
    name, informant = cells["instrument"], cells["informant"]
    assert name is not None
    assert informant is not None
    answers = read_answers(cells["answers"] or "")
    total = _whole(cells["total"])
    if answers is None and total is None:
        if cells["safety_item"] is None:
            return Derived(refused="nothing_answered:answers")
        return _without_result(SAFETY_ONLY, cells["safety_item"])
    instrument, age, norms = instrument_named(name), _whole(cells["pupil_age"]), cells["norms"]
    if answers is not None:
        result = score(instrument, answers, informant=informant, age=age, norms=norms)
    else:
        assert total is not None
        result = place(instrument, total, informant=informant, age=age, norms=norms)
    safety = _safety(instrument, result, answers or {}, cells["safety_item"])
    reason, refused = result.not_scored_reason, None
    if reason is not None and reason.why.is_fault:
        refused = _refusal(reason.why, answers is not None)
    elif reason is None and total is not None and total != result.total:
        refused = "total_disagrees:total"
    if refused is not None:
        return _without_result(UNSCORABLE, safety) if safety == "yes" else Derived(refused=refused)
    if reason is not None:
        return _without_result(_STATE_OF[reason.why], safety)
    if instrument.validity and cells["validity_passed"] == "no":
        return _without_result(INVALID, safety)
    if instrument.validity and result.valid is None and cells["validity_passed"] is None:
        return _without_result(UNVERIFIED, safety)
    return Derived(
        {**_kept(instrument, result), "norms": norms or instrument.default_norms, "safety_item": safety}
    )


def _whole(cell: str | None) -> int | None:
    return None if cell is None else int(cell)


def _safety(
    instrument: Instrument, result: InstrumentResult, answers: dict[int, int], delivered: str | None
) -> str | None:
    """Positive if the answers or whoever delivered them say so; negative only if it was asked."""
    if result.safety_items or delivered == "yes":
        return "yes"
    asked = [item for item in instrument.safety_items if item not in instrument.asked_if]
    return "no" if asked and all(item in answers for item in asked) else delivered


def _without_result(state: str, safety: str | None) -> Derived:
    return Derived({"state": state, "safety_item": safety, "total": None, "norms": None})


def _kept(instrument: Instrument, result: InstrumentResult) -> dict[str, str | None]:
    assert result.band is not None
    scales = {code: each.value for code, each in result.subscales.items()}
    level = None if instrument.grades else result.band.level
    return {
        "state": SCORED,
        "total": str(result.total),
        "band": result.band.code,
        "level": None if level is None else str(level),
        "at_cut_off": None if level is None else "yes" if level >= _CUT_OFF_LEVEL else "no",
        "internalising": _together(scales, "emotional", "peer"),
        "externalising": _together(scales, "conduct", "hyperactivity"),
    }


def _together(scales: dict[str, int], one: str, other: str) -> str | None:
    return str(scales[one] + scales[other]) if one in scales and other in scales else None


_BANDS = {
    each.band.code: each.band
    for instrument in instruments().values()
    for norms in instrument.norms.values()
    for scales in norms.ranges.values()
    for each in scales["total"]
}


class Instruments:
    instrument_results = Source(
        title=Text("心理测评结果", "Instrument results"),
        department=Department.EDUCATION,
        occurred=Text("测评日期", "Given on"),
        occurred_aliases=("作答日期",),
        legal_basis=Text(
            "民发〔2023〕61号：引导主动接受测评；精神卫生法第十六条",
            "Minzhengbu notice 61 of 2023: guided to take tests of their own accord; Mental Health Law, art. 16",
        ),
        rhythm_days=184,
        delay_days=14,
        meaning=Text(
            "一份由学生、家长或教师自愿填写的心理量表；作答只用于接收时计分，不保存，更不含题目。",
            "One form of an instrument, filled in of their own accord by pupil, parent or teacher; answers are"
            " read to score it and not kept, and there is no item text.",
        ),
        derive=Derivation(
            _derive,
            refusals=(
                "nothing_answered:answers", "unfitting_form:informant", "unfitting_norms:norms",
                "unfitting_answers:answers", "impossible_total:total", "total_disagrees:total",
            ),
        ),
        columns=(
            Column(
                "instrument", Text("量表", "Instrument"), Kind.CODE,
                tuple(Code(each.name, each.title, each.delivered_as) for each in instruments().values()),
                required=True, aliases=("量表名称", "测评工具"),
            ),
            Column(
                "informant", Text("填写人", "Informant"), Kind.CODE,
                (
                    Code("self", Text("学生本人", "The pupil"), ("1", "学生", "自评")),
                    Code("parent", Text("家长", "A parent"), ("2", "家长评")),
                    Code("teacher", Text("教师", "A teacher"), ("3", "教师评")),
                ),
                required=True,
            ),
            Column(
                "norms", Text("界值版本", "Norms"), Kind.CODE,
                tuple(
                    Code(norms.version, norms.title)
                    for instrument in instruments().values() for norms in instrument.norms.values()
                ),
                aliases=("常模",),
            ),
            Column(
                "pupil_age", Text("填写时年龄", "Age when given"), Kind.INTEGER, minimum=3, maximum=20,
                personal=Personal.QUASI, use=Use.INTAKE,
            ),
            Column(
                "answers", Text("逐题作答", "Answers by item"), Kind.ANSWERS,
                personal=Personal.QUASI, use=Use.INTAKE, aliases=("答案", "答案串"),
            ),
            Column("validity_passed", Text("效度合格", "Validity scale passed"), Kind.FLAG, use=Use.INTAKE),
            Column("total", Text("总分", "Total"), Kind.INTEGER, minimum=0, maximum=100, aliases=("量表总分",)),
            Column("safety_item", Text("安全题阳性", "Safety item positive"), Kind.FLAG),
            Column(
                "state", Text("计分情况", "State of the result"), Kind.CODE,
                (
                    Code(SCORED, Text("已计分", "Scored")),
                    Code(INVALID, Text("效度不合格", "Void by its validity scale")),
                    Code(UNVERIFIED, Text("效度未知", "Validity not known")),
                    Code(INCOMPLETE, Text("缺答过多", "Too many answers missing")),
                    Code(NOT_FOR_AGE, Text("不适用该年龄", "Not for this age")),
                    Code(UNSCORABLE, Text("作答有误，只记安全题", "Faulty, only the safety item is read")),
                    Code(SAFETY_ONLY, Text("只交安全题", "Only the safety item was delivered")),
                ),
                derived=True,
            ),
            Column(
                "band", Text("分段", "Band"), Kind.CODE,
                tuple(Code(band.code, band.title) for band in _BANDS.values()), derived=True,
            ),
            Column("level", Text("等级", "Level"), Kind.INTEGER, minimum=0, maximum=3, derived=True),
            Column("at_cut_off", Text("达到界值", "At or above the cut-off"), Kind.FLAG, derived=True),
            Column(
                "internalising", Text("情绪与同伴分", "Emotional and peer difficulties"), Kind.INTEGER,
                minimum=0, maximum=20, derived=True,
            ),
            Column(
                "externalising", Text("品行与多动分", "Conduct and attention difficulties"), Kind.INTEGER,
                minimum=0, maximum=20, derived=True,
            ),
        ),
    )  # fmt: skip
