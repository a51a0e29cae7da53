"""Outcomes and hard triggers, and the facts that establish them."""

from __future__ import annotations

from dataclasses import dataclass, field

from features.language.columns import Source
from features.language.forms import Where, check_where
from features.language.words import Text


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Records of a source that establish something, by themselves."""

    source: Source
    where: Where = ()

    def __post_init__(self) -> None:
        check_where(self.source, self.where)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What we hope to prevent: any of `facts` occurring in the label window, or a disposition.

    `confirmed` and `refuted` are facts of the review queue: confirmed after a visit is 1, not
    confirmed after a visit is 0. A child with a fact in the last `already_days` before the as-of
    date is already positive and leaves the screener's rows.
    """

    title: Text
    facts: tuple[Fact, ...]
    confirmed: Fact
    refuted: Fact
    already_days: int
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A fact that goes straight to a person: no score gates it, none ranks it down.

    `younger_than_years`: only for children below this age on the day it occurred.
    `report_duty`: the situation must be reported at once (未成年人保护法 art. 11).
    """

    title: Text
    fact: Fact
    within_days: int
    report_duty: bool
    basis: Text
    younger_than_years: int | None = None
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)


def declared(owner: type, kind: type) -> tuple:  # type: ignore[type-arg]  # members of `kind`, whatever it is
    """The declarations of one kind that a class holds, in reading order."""
    return tuple(value for value in vars(owner).values() if isinstance(value, kind))
