"""Any screening again, from the values it was made of, to the bit; or what differs, in words.

What decides a screening is the stored feature values, the version of the screener and this code with
its two numeric libraries. The place among a round's children is not made of one child's values: it is
taken as stored, and said to be. The records behind the reasons are not recomputed either.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from models.explanation import FamilyReason
from models.policy import POLICY_FILE
from models.screener import Screener
from models.screening import Screening

LIBRARIES = ("lightgbm", "numpy")
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was stored."""

    what: str
    stored: object
    again: object

    def __str__(self) -> str:
        return f"{self.what}: stored {self.stored}, again {self.again}"


@dataclass(frozen=True)
class Replayed:
    """The screening made again, what differs from the stored one, and what it was made with that changed."""

    again: Screening
    differences: tuple[Difference, ...]
    made_otherwise: tuple[Difference, ...]

    @property
    def identical(self) -> bool:
        """Whether every number and word is the same to the bit."""
        return not self.differences


@cache
def made_with(folder: Path = _HERE, policy: Path = POLICY_FILE) -> Mapping[str, str]:
    """What decides a screening beside the values and the screener, to be kept with it."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return {
        "code": digest.hexdigest()[:12],
        "policy": hashlib.sha256(policy.read_bytes()).hexdigest()[:12],
        **{library: version(library) for library in LIBRARIES},
    }


def replay(
    screener: Screener,
    stored: Screening,
    values: Mapping[str, float | None],
    was_made_with: Mapping[str, str] | None = None,
    is_made_with: Mapping[str, str] | None = None,
    *,
    of_round: bool = True,
) -> Replayed:
    """Screen the stored values again and compare. `of_round`: its place was among a round's children."""
    row: dict[str, object] = {
        name: math.nan if value is None else float(value) for name, value in values.items()
    }
    matrix = pd.DataFrame([{"child_key": stored.child_key, "as_of": stored.as_of, **row}])
    silent = {stored.as_of: frozenset(stored.silent)}
    (again,) = screener.screen(matrix, silent, among=screener.reference)
    if of_round:
        again = replace(again, percentile=stored.percentile)
    if stored.coverage is None:  # kept from before coverage was
        again = replace(again, coverage=None)
    now_with = made_with() if is_made_with is None else is_made_with
    return Replayed(
        again,
        tuple(_differences(stored, again)),
        tuple(
            Difference(name, was, now_with.get(name, "nothing"))
            for name, was in (was_made_with or {}).items()
            if was != now_with.get(name)
        ),
    )


def _differences(stored: Screening, again: Screening) -> Iterator[Difference]:
    for field in fields(Screening):
        if field.name != "reasons":
            was, now = getattr(stored, field.name), getattr(again, field.name)
            if not _same(was, now):
                yield Difference(field.name, was, now)
    was_by, now_by = ({reason.family: reason for reason in one.reasons} for one in (stored, again))
    if list(was_by) != list(now_by):
        yield Difference("order of the families", ", ".join(was_by), ", ".join(now_by))
    for family in was_by.keys() & now_by.keys():
        yield from _in_family(was_by[family], now_by[family])


def _in_family(stored: FamilyReason, again: FamilyReason) -> Iterator[Difference]:
    if stored.contribution != again.contribution:
        yield Difference(f"family {stored.family}", stored.contribution, again.contribution)
    was = [(reason.feature, reason.value, reason.contribution) for reason in stored.features]
    now = [(reason.feature, reason.value, reason.contribution) for reason in again.features]
    now_by = {name: (value, adds) for name, value, adds in now}
    for name, value, adds in was:
        if now_by.get(name) != (value, adds):
            yield Difference(f"feature {name}", (value, adds), now_by.get(name))
    if was != now and [name for name, *_ in was] != [name for name, *_ in now]:
        yield Difference(
            f"order of the features of {stored.family}", [n for n, *_ in was], [n for n, *_ in now]
        )


def _same(was: object, now: object) -> bool:
    if isinstance(was, float) and isinstance(now, float) and math.isnan(was) and math.isnan(now):
        return True
    return was == now
