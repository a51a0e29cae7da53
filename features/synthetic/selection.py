"""Who is visited, and so who has a label: what real labels are like, made from the planted truth.

    all children of a round ── flagged: the highest by some order ──┐
              └─ not flagged ── audit: drawn evenly ────────────────┼─ visited ── found or not found
                                                                    └─ not let in: no label

Only visited children get a label. A family in difficulty is let in less often, so even among the visited
labels are not missing at random. Nothing of this reaches a delivery; it is there to ask what an
estimate made from such labels would say, when the truth is known.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.synthetic.timeline import Array

OUTCOMES = ("psychological", "guardianship")


@dataclass(frozen=True)
class Visiting:
    """How visits go. All assumed."""

    flagged_share: float = 0.05
    audit_share: float = 0.01
    not_let_in: float = -2.4  # log-odds at severity 0
    not_let_in_pull: float = 0.3


def visited(
    rng: np.random.Generator,
    rounds: pd.DataFrame,
    outcome: str,
    order: Array,
    visiting: Visiting | None = None,
) -> pd.DataFrame:
    """One row a visit planned: `lane`, `draw_probability`, and `label` (NaN where nobody was let in).

    `rounds` are rows of the truth's table of one date or several; `order` says whom to flag first.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"Outcomes are {' and '.join(OUTCOMES)}, not {outcome!r}.")
    visiting = visiting or Visiting()
    rows = rounds.reset_index(drop=True)
    if len(order) != len(rows):
        raise ValueError("The order needs a number for each row.")
    parts = []
    for _, each in rows.groupby("as_of", sort=True):
        place = each.index.to_numpy()
        ranked = place[np.argsort(-np.asarray(order)[place], kind="stable")]
        many = round(visiting.flagged_share * len(ranked))
        flagged, rest = ranked[:many], ranked[many:]
        drawn = rng.choice(rest, round(visiting.audit_share * len(rest)), replace=False)
        for lane, chosen, chance in (
            ("model", flagged, 1.0),
            ("audit", drawn, len(drawn) / max(len(rest), 1)),
        ):
            part = rows.loc[chosen, ["child", "as_of"]]
            severity = rows.loc[chosen, f"{outcome}_severity"].to_numpy()
            shut = rng.random(len(chosen)) < 1 / (
                1 + np.exp(-(visiting.not_let_in + visiting.not_let_in_pull * severity))
            )
            found = rows.loc[chosen, f"{outcome}_visit_finds"].to_numpy(dtype=float)
            part["lane"], part["draw_probability"] = lane, chance
            part["label"] = np.where(shut, np.nan, found)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)
