"""The published rule set: what ranks children before any screener has been promoted. Pure.

The form is that of a registered public data product (浙爱童, Chun'an): each rule turns one fact yellow or
red, reds count before yellows. The thresholds it publishes are kept where we hold the same fact; the rest
are ours and say so. What is not known lights no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from features.language import DeclarationError, Feature, Text


@dataclass(frozen=True)
class Rule:
    """One fact and from where it counts. `basis` says whether the threshold is published or ours."""

    feature: Feature
    at_least: float
    level: Literal["yellow", "red"]
    title: Text
    basis: str

    def __post_init__(self) -> None:
        if self.feature.sensitive:
            raise DeclarationError(f"The rule {self.title.en} would use a sensitive feature.")


@dataclass(frozen=True)
class RuleFinding:
    """What the rules found in one child: how many red, how many yellow, and which."""

    reds: int
    yellows: int
    rules: tuple[Rule, ...] = ()


def find(values: Mapping[str, float | None], rules: tuple[Rule, ...]) -> RuleFinding:
    """Apply the rules to one child's feature values (None or NaN = not known, lights nothing).

    A feature counts once, at its most pressing level.
    """
    lit: dict[str, Rule] = {}
    for rule in rules:
        value = values.get(rule.feature.name)
        if value is None or not value >= rule.at_least:
            continue
        other = lit.get(rule.feature.name)
        if other is None or (rule.level == "red" and other.level == "yellow"):
            lit[rule.feature.name] = rule
    found = tuple(sorted(lit.values(), key=lambda rule: (rule.level != "red", rules.index(rule))))
    reds = sum(rule.level == "red" for rule in found)
    return RuleFinding(reds, len(found) - reds, found)
