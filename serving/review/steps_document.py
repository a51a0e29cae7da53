"""Writes STEPS.md from the declared steps: the diagram and the table nobody keeps by hand."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from serving.review.case import ATTEMPTS, STEPS, Need, Only, Role, Status, Step, Verb

STEPS_FILE = Path(__file__).parent / "STEPS.md"

_HEADINGS = (
    "step 操作",
    "from 从",
    "to 到",
    "by 由",
    "also on others' cases 也可用于他人的个案",
    "asks for 填写",
    "needs 前提",
)
_ONLY = {
    Only.ASKED: "only who was asked 仅限被请教的人",
    Only.FRESH: "only who has not concluded on it 仅限尚未对本案作出结论的人",
}
_NEEDS: Mapping[Need, str] = {
    Need.FACT: "a contact or visit that reached somebody 已有联系上人的走访或联系",
    Need.OWN_VIEW: "the holder's own view, where the case asks for it 需要时，负责人已记录自己的判断",
    Need.NO_OWN_VIEW: "the case asks for an own view and has none yet 个案要求先判断，且尚未记录",
    Need.ATTEMPTS: f"nobody reached on {ATTEMPTS} different days 在 {ATTEMPTS} 个不同的日子都没有联系上人",
    Need.UNHELD: "nobody holds it 尚无人领取",
    Need.HELD: "somebody holds it 已有人领取",
    Need.NO_TRIGGER: "no hard trigger 没有强制触发",
    Need.ESCALATED: "it was escalated 已上报",
    Need.NOT_ESCALATED: "it is not escalated 未上报",
    Need.OPINION: "a second person's own conclusion is awaited 等待第二人独立判断",
    Need.SETTLEMENT: "two conclusions differ 两人结论不同",
    Need.AGREEMENT: "it waits for agreement to closing 等待同意结案",
    Need.OPEN_OBJECTION: "an objection waits for an answer 有异议等待答复",
}


def steps_markdown() -> str:
    """The whole of STEPS.md."""
    lines = [
        "# Steps of a case 个案的操作",
        "",
        "Generated from `serving/review/case.py`; renew it with `python -m serving document`.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f'    state "{status.title.zh} {status.title.en}" as {status.value}' for status in Status),
        f"    [*] --> {Status.WAITING.value}",
        *_arrows(),
        "```",
        "",
        f"| {' | '.join(_HEADINGS)} |",
        "|---" * len(_HEADINGS) + "|",
        *_rows(),
        "",
    ]
    return "\n".join(lines)


def write() -> Path:
    """Renew STEPS.md and return its path."""
    STEPS_FILE.write_text(steps_markdown(), encoding="utf-8")
    return STEPS_FILE


def _arrows() -> list[str]:
    """The steps that lead to another status, one arrow for each pair; what leaves it as it is has none."""
    verbs: dict[tuple[Status, Status], list[Verb]] = {}
    for step in STEPS:
        for end in (step.end, step.or_end):
            if end is not None and end is not step.start:
                verbs.setdefault((step.start, end), []).append(step.verb)
    return [
        f"    {start.value} --> {end.value}: {'、'.join(verb.title.zh for verb in found)}"
        for (start, end), found in verbs.items()
    ]


def _rows() -> list[str]:
    """One row for the steps that differ in where they start only."""
    return [_row(list(same)) for _, same in groupby(STEPS, key=_sameness)]


def _sameness(step: Step) -> tuple[object, ...]:
    stays = step.end is step.start
    return (
        step.verb,
        stays or step.end,
        step.or_end,
        step.by,
        step.others_by,
        step.asks,
        step.needs,
        step.only,
    )


def _row(steps: list[Step]) -> str:
    step = steps[0]
    end = "（不变）" if step.end is step.start else step.end.title.zh
    needs = [_NEEDS[need] for need in step.needs]
    if step.only is not None:
        needs.append(_ONLY[step.only])
    cells = (
        f"{step.verb.title.zh} {step.verb.title.en}",
        "、".join(one.start.title.zh for one in steps),
        end if step.or_end is None else f"{end}（或{step.or_end.title.zh}）",
        _roles(step.by),
        _roles(step.others_by),
        ", ".join(ask.value for ask in step.asks) or "–",
        "; ".join(needs) or "–",
    )
    return f"| {' | '.join(cells)} |"


def _roles(roles: frozenset[Role]) -> str:
    return "、".join(role.title.zh for role in Role if role in roles) or "–"
