"""Writes STEPS.md from the declared steps: the diagram and the table nobody keeps by hand."""

from __future__ import annotations

from pathlib import Path

from serving.review.case import STEPS, Need, Role, Status, Step

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
_NEEDS = {
    Need.FACT: "a contact or visit that reached somebody 已有联系上人的走访或联系",
    Need.OWN_VIEW: "the holder's own view, where the case asks for it 需要时，负责人已记录自己的判断",
    Need.NO_OWN_VIEW: "the case asks for an own view and has none yet 个案要求先判断，且尚未记录",
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
        *(
            f"    {step.start.value} --> {step.end.value}: {step.verb.title.zh} {step.verb.title.en}"
            for step in STEPS
        ),
        "```",
        "",
        f"| {' | '.join(_HEADINGS)} |",
        "|---" * len(_HEADINGS) + "|",
        *(_row(step) for step in STEPS),
        "",
    ]
    return "\n".join(lines)


def write() -> Path:
    """Renew STEPS.md and return its path."""
    STEPS_FILE.write_text(steps_markdown(), encoding="utf-8")
    return STEPS_FILE


def _row(step: Step) -> str:
    cells = (
        f"{step.verb.title.zh} {step.verb.title.en}",
        step.start.title.zh,
        step.end.title.zh,
        _roles(step.by),
        _roles(step.others_by),
        ", ".join(ask.value for ask in step.asks) or "–",
        "; ".join(_NEEDS[need] for need in step.needs) or "–",
    )
    return f"| {' | '.join(cells)} |"


def _roles(roles: frozenset[Role]) -> str:
    return "、".join(role.title.zh for role in Role if role in roles) or "–"
