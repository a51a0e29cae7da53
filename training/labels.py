"""What happened next, for each child and as-of date.

                as_of        gap           label window
    ──────────────┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄├──────────────────────────┤
     already ◄────┘               a fact, or a disposition after a visit, known before the training date

The first line that holds gives the label; whatever a record established weighs more than a visit that
found nothing.

    known before the as-of date to have had the outcome lately   leaves the rows
    a fact in the label window                                   1
    confirmed in the label window, after a visit                 1
    a fact or confirmation inside the gap                        unknown
    a fact before the as-of date, learnt only after it           unknown
    the window not closed, or facts still on their way           unknown
    not confirmed in the label window, after a visit             0
    flagged or disposed of otherwise, and nothing came           unknown
    never flagged and without a fact                             0, for the conditional rate only

The audit slice corrects the last line. A fact nobody had learnt of on the as-of date does not make the
child a quiet one: it was in need while it was screened, so its row says nothing of what came next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import Enum

import numpy as np
import pandas as pd

from features.language import Department, Fact, OneOf
from features.sources import Review
from models import facts
from models.facts import Tables
from models.screeners import ScreenerSpec
from training.splits import closes_on


class State(Enum):
    """Why a row has the label it has. The value is what the run's record counts by."""

    FACT = "fact"
    CONFIRMED = "confirmed_after_visit"
    REFUTED = "not_confirmed_after_visit"
    QUIET = "never_flagged_no_fact"
    FLAGGED = "flagged_without_answer"
    IN_GAP = "fact_inside_gap"
    LATE = "fact_learnt_late"
    OPEN = "window_open"
    ALREADY = "already_positive"


LABEL: Mapping[State, float] = {
    State.FACT: 1.0,
    State.CONFIRMED: 1.0,
    State.REFUTED: 0.0,
    State.QUIET: 0.0,
}


def mature(spec: ScreenerSpec, as_of: date, trained_on: date, last_heard: Mapping[str, date | None]) -> bool:
    """Whether the label of this date can be known: its window closed, and every fact had time to arrive.

    `last_heard` gives for each fact source the last delivery before the training date. A source never
    heard of cannot make a date wait; the run's record names it (`never_heard`).
    """
    closed = closes_on(as_of, spec.gap_days, spec.horizon_days)
    if closed > trained_on:
        return False
    for source in _delivered(spec):
        heard = last_heard.get(source.name)
        if heard is not None and heard < closed + timedelta(days=source.rhythm_days):
            return False
    return True


def never_heard(spec: ScreenerSpec, last_heard: Mapping[str, date | None]) -> tuple[str, ...]:
    """Fact sources no department has ever delivered: their part of the outcome cannot be seen."""
    return tuple(sorted({s.name for s in _delivered(spec) if last_heard.get(s.name) is None}))


def _delivered(spec: ScreenerSpec) -> list:  # type: ignore[type-arg]  # of Source
    return [f.source for f in spec.recorded_outcome.facts if f.source.department is not Department.REVIEW]


def label_rows(
    spec: ScreenerSpec,
    rows: pd.DataFrame,
    tables: Tables,
    trained_on: date,
    mature_dates: Sequence[date],
) -> pd.DataFrame:
    """`rows` (child_key, as_of) with `state` and `label` (1, 0 or NaN = unknown), in the same order.

    Children already positive keep their row here with the state that says so; training drops them.
    """
    outcome = spec.recorded_outcome
    established = facts.standing(facts.versions(tables, outcome.facts), trained_on)
    confirmed = facts.standing(facts.versions(tables, (outcome.confirmed,)), trained_on)
    refuted = facts.standing(facts.versions(tables, (outcome.refuted,)), trained_on)
    flagged = facts.standing(facts.versions(tables, _flags(spec)), trained_on)
    known = pd.concat([established, confirmed], ignore_index=True)
    dates = sorted(set(rows["as_of"]))
    already = facts.already_positive(tables, outcome, dates)
    states = np.empty(len(rows), dtype=object)
    keys, days = rows["child_key"].to_numpy(), rows["as_of"].to_numpy()
    for as_of in dates:
        start, end = spec.label_window(as_of)
        with_fact = facts.between(established, start, end)
        said_yes = facts.between(confirmed, start, end)
        said_no = facts.between(refuted, start, end)
        looked_at = facts.between(flagged, as_of, end)
        too_soon = facts.between(known, as_of, start)
        learnt_late = facts.between(known, as_of - timedelta(days=outcome.already_days), as_of)
        closed = as_of in set(mature_dates)
        for place in np.flatnonzero(days == as_of):
            child = keys[place]
            if child in already[as_of]:
                state = State.ALREADY
            elif child in with_fact:
                state = State.FACT
            elif child in said_yes:
                state = State.CONFIRMED
            elif child in too_soon:
                state = State.IN_GAP
            elif child in learnt_late:
                state = State.LATE
            elif not closed:
                state = State.OPEN
            elif child in said_no:
                state = State.REFUTED
            elif child in looked_at:
                state = State.FLAGGED
            else:
                state = State.QUIET
            states[place] = state
    labelled = rows[["child_key", "as_of"]].reset_index(drop=True)
    labelled["state"] = [state.value for state in states]
    labelled["label"] = [LABEL.get(state, float("nan")) for state in states]
    return labelled


def _flags(spec: ScreenerSpec) -> tuple[Fact, ...]:
    return (
        Fact(source=Review.alerts),
        Fact(source=Review.dispositions, where=(OneOf("risk", spec.outcome.name),)),
    )


def count_states(labelled: pd.DataFrame) -> dict[str, int]:
    """Rows by state, every state named even where none has it."""
    counts = labelled["state"].value_counts()
    return {state.value: int(counts.get(state.value, 0)) for state in State}
