"""What a candidate must satisfy before people are sent by it. Declared before any training.

Each gate is a sentence and a function; a candidate that fails one is not used, and the round goes on with
hard triggers and the published rules. The limits are ours, set low enough for records without
questionnaires and high enough that a useless or leaking screener cannot pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from evaluation.judging import Judged
from features.language import Text
from models.measures import Interval

LEAST_POSITIVES = 50
LEAST_AUROC = 0.60
IMPLAUSIBLE_AUROC = 0.90
LEAST_LIFT = 1.5
SLOPE = (0.8, 1.25)
SLOPE_POINT = (0.6, 1.6)
OBSERVED_TO_EXPECTED = (0.8, 1.25)
WORST_ICI_SHARE = 0.5


@dataclass(frozen=True)
class Gate:
    """One condition: its sentence, what it looks at, and whether that passes.

    A check gives whether it passed, what was found, and, where that takes words, the words.
    """

    name: str
    sentence: Text
    check: Callable[[Judged], tuple[bool, str] | tuple[bool, str, Text]]


@dataclass(frozen=True)
class GateResult:
    """What one gate found in one candidate."""

    gate: Gate
    passed: bool
    found: str
    said: Text | None = None


def _positives(judged: Judged) -> tuple[bool, str]:
    return judged.positives >= LEAST_POSITIVES, str(judged.positives)


def _orders(judged: Judged) -> tuple[bool, str]:
    found = judged.measures["screener"]["auroc"]
    return found.low >= LEAST_AUROC, str(found)


def _plausible(judged: Judged) -> tuple[bool, str]:
    found = judged.measures["screener"]["auroc"]
    return found.value <= IMPLAUSIBLE_AUROC, str(found)


def _lift(judged: Judged) -> tuple[bool, str]:
    rate = judged.positives / len(judged.rows)
    found = judged.measures["screener"]["average_precision"]
    return found.low >= LEAST_LIFT * rate, f"{found}, rate {rate:.3f}"


def _beats_rules(judged: Judged) -> tuple[bool, str]:
    return judged.over_rules.low > 0, str(judged.over_rules)


def _not_below_logistic(judged: Judged) -> tuple[bool, str]:
    return judged.over_logistic.high >= 0, str(judged.over_logistic)


def _slope(judged: Judged) -> tuple[bool, str]:
    found = judged.measures["screener"]["calibration_slope"]
    inside = SLOPE_POINT[0] <= found.value <= SLOPE_POINT[1]
    return inside and _overlaps(found, SLOPE), str(found)


def _in_the_large(judged: Judged) -> tuple[bool, str]:
    found = judged.measures["screener"]["observed_to_expected"]
    return _overlaps(found, OBSERVED_TO_EXPECTED), str(found)


def _curve(judged: Judged) -> tuple[bool, str]:
    rate = judged.positives / len(judged.rows)
    return judged.ici <= WORST_ICI_SHARE * rate, f"{judged.ici:.4f}, rate {rate:.3f}"


def _groups(judged: Judged) -> tuple[bool, str, Text]:
    said = judged.groups.sentence
    return judged.groups.passed, said.en, said


def _no_single_feature(judged: Judged) -> tuple[bool, str]:
    return judged.single_feature_passed, judged.strongest_feature


def _monotone(judged: Judged) -> tuple[bool, str]:
    return judged.wrong_way == 0, str(judged.wrong_way)


def _served_alike(judged: Judged) -> tuple[bool, str]:
    return judged.served_otherwise == 0, str(judged.served_otherwise)


def _overlaps(interval: Interval, limits: tuple[float, float]) -> bool:
    if math.isnan(interval.low) or math.isnan(interval.high):
        return False
    return interval.low <= limits[1] and interval.high >= limits[0]


GATES: tuple[Gate, ...] = (
    Gate(
        "enough_outcomes",
        Text(
            f"评判样本中至少有{LEAST_POSITIVES}名有结局的儿童",
            f"At least {LEAST_POSITIVES} judged rows have the outcome",
        ),
        _positives,
    ),
    Gate(
        "orders",
        Text(f"AUROC区间下限不低于{LEAST_AUROC}", f"The low end of the AUROC is {LEAST_AUROC} or more"),
        _orders,
    ),
    Gate(
        "plausible",
        Text(
            f"AUROC不高于{IMPLAUSIBLE_AUROC}：更高说明有泄漏",
            f"The AUROC is {IMPLAUSIBLE_AUROC} or less: above it, something has leaked",
        ),
        _plausible,
    ),
    Gate(
        "lift",
        Text(
            f"平均精度区间下限不低于发生率的{LEAST_LIFT}倍",
            f"The low end of the average precision is {LEAST_LIFT} times the rate or more",
        ),
        _lift,
    ),
    Gate(
        "beats_rules",
        Text("排序优于公开规则", "It orders children better than the published rules"),
        _beats_rules,
    ),
    Gate(
        "not_below_logistic",
        Text("排序不劣于逻辑回归", "It does not order children worse than the logistic regression"),
        _not_below_logistic,
    ),
    Gate(
        "calibration_slope",
        Text(
            f"校准斜率在{SLOPE_POINT[0]}至{SLOPE_POINT[1]}之间，区间触及{SLOPE[0]}至{SLOPE[1]}",
            f"The calibration slope is {SLOPE_POINT[0]} to {SLOPE_POINT[1]},"
            f" its interval reaches {SLOPE[0]} to {SLOPE[1]}",
        ),
        _slope,
    ),
    Gate(
        "observed_to_expected",
        Text(
            f"观察与预期之比的区间触及{OBSERVED_TO_EXPECTED[0]}至{OBSERVED_TO_EXPECTED[1]}",
            "The interval of observed over expected reaches"
            f" {OBSERVED_TO_EXPECTED[0]} to {OBSERVED_TO_EXPECTED[1]}",
        ),
        _in_the_large,
    ),
    Gate(
        "calibration_curve",
        Text(
            "风险与实际发生率的平均差距不超过发生率的一半",
            "Risks lie on average no further from the rates seen than half the overall rate",
        ),
        _curve,
    ),
    Gate(
        "group_calibration",
        Text(
            "各年龄段、性别、乡镇、学校类型及其两两交叉群体中，"
            "校准斜率、观察/预期和校准平均差距的联合区间均触及允许范围",
            "In every group by age, sex, town and school type, and every pair of these, the joint intervals"
            " of the slope, of observed over expected and of the distance to the curve reach what is allowed",
        ),
        _groups,
    ),
    Gate(
        "no_single_feature",
        Text("没有单一特征近乎等于结局", "No single feature nearly equals the outcome"),
        _no_single_feature,
    ),
    Gate(
        "monotone",
        Text("已知值变差时提示不减弱", "No known value that worsens lowers the margin"),
        _monotone,
    ),
    Gate(
        "served_alike",
        Text("服务给出的边际值与LightGBM逐位相同", "The service gives LightGBM's own margins, to the bit"),
        _served_alike,
    ),
)


def pass_gates(judged: Judged, gates: tuple[Gate, ...] = GATES) -> list[GateResult]:
    """Every gate's result, in the order declared; none is skipped after a failure."""
    return [GateResult(gate, *gate.check(judged)) for gate in gates]
