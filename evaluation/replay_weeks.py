"""What reviewers would have faced, week by week: who arrives, who is visited, who waits, what is found.

Every area has its own capacity a week and visits its highest risks first, as a release does; equal risks
stand in the order of a hash. A child waits from the week of arrival until visited. It replays the order and
the numbers, not the visits' effect: nobody leaves the queue because a visit helped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Week:
    """One week of one area, or of all areas. Waiting is in weeks, of those visited in this week."""

    week: int
    arrivals: int
    handled: int
    backlog: int
    mean_wait: float
    positives_found: int
    unknown_found: int


@dataclass(frozen=True)
class Replay:
    """All areas together, week by week, and each area by its code."""

    weeks: tuple[Week, ...]
    by_area: Mapping[str, tuple[Week, ...]]
    positives: int

    @property
    def found(self) -> int:
        """Children with the outcome visited in all weeks."""
        return sum(week.positives_found for week in self.weeks)


def replay(
    child_keys: Sequence[str],
    areas: Sequence[str],
    risk: Floats,
    label: Floats,
    arrived: Sequence[int],
    capacity: Mapping[str, int],
    weeks: int,
) -> Replay:
    """Replay `weeks` weeks. `arrived`: the week each child joins the queue, from 0; `capacity`: by area.

    Refuses an area without a capacity: nobody would be visited there, and nobody would notice.
    """
    if not len(child_keys) == len(areas) == len(risk) == len(label) == len(arrived):
        raise ValueError("Children, areas, risks, labels and weeks of arrival must be of one length.")
    silent = sorted(set(areas) - set(capacity))
    if silent:
        raise ValueError(f"No capacity is given for the areas {', '.join(silent[:5])}.")
    lot = [hashlib.sha256(key.encode()).hexdigest() for key in child_keys]
    order = sorted(range(len(child_keys)), key=lambda place: (-risk[place], lot[place]))
    handled_in = np.full(len(child_keys), -1)
    for area in sorted(set(areas)):
        waiting = [place for place in order if areas[place] == area]
        for week in range(weeks):
            here = [place for place in waiting if arrived[place] <= week][: capacity[area]]
            handled_in[here] = week
            gone = set(here)
            waiting = [place for place in waiting if place not in gone]
    come = np.asarray(arrived)
    everywhere = np.ones(len(child_keys), dtype=bool)
    return Replay(
        _weeks(everywhere, come, handled_in, label, weeks),
        {
            area: _weeks(np.asarray(areas) == area, come, handled_in, label, weeks)
            for area in sorted(set(areas))
        },
        int(np.nansum(label)),
    )


def _weeks(
    mine: npt.NDArray[np.bool_],
    arrived: npt.NDArray[np.intp],
    handled_in: npt.NDArray[np.intp],
    label: Floats,
    weeks: int,
) -> tuple[Week, ...]:
    found = []
    for week in range(weeks):
        visited = mine & (handled_in == week)
        waits = week - arrived[visited]
        queued = mine & (arrived <= week) & ((handled_in > week) | (handled_in < 0))
        found.append(
            Week(
                week=week,
                arrivals=int((mine & (arrived == week)).sum()),
                handled=int(visited.sum()),
                backlog=int(queued.sum()),
                mean_wait=float(waits.mean()) if len(waits) else 0.0,
                positives_found=int(np.nansum(label[visited])),
                unknown_found=int(np.isnan(label[visited]).sum()),
            )
        )
    return tuple(found)
