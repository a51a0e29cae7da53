"""Pictures for the run's record: all candidates side by side, and how each one is calibrated.

Axes carry names of measures and candidates only: a machine that trains need not have Chinese fonts. Groups,
never a child.
"""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from models.measures import Interval

Floats = npt.NDArray[np.float64]

INK, SOFT, MARK = "#1f3a4d", "#9fb3c1", "#b5651d"
GROUPS = 10


def candidates_plot(measures: Mapping[str, Mapping[str, Interval]]) -> Figure:
    """AUROC and average precision of every candidate with their intervals."""
    matplotlib.use("Agg")
    figure = Figure(figsize=(8, 3), layout="constrained")
    names = list(measures)
    for axes, measure in zip(figure.subplots(1, 2, sharey=True), ("auroc", "average_precision"), strict=True):
        found = [measures[name][measure] for name in names]
        axes.hlines(range(len(names)), [one.low for one in found], [one.high for one in found], color=SOFT)
        axes.plot([one.value for one in found], range(len(names)), "o", color=INK)
        axes.set(yticks=range(len(names)), yticklabels=names, xlabel=measure)
    return figure


def calibration_plot(label: Floats, risk: Floats) -> Figure:
    """Mean risk against the rate seen in ten groups of equal size."""
    matplotlib.use("Agg")
    figure = Figure(figsize=(4, 3.4), layout="constrained")
    axes = figure.subplots()
    parts = [part for part in np.array_split(np.argsort(risk, kind="stable"), GROUPS) if len(part)]
    said = [float(risk[part].mean()) for part in parts]
    seen = [float(label[part].mean()) for part in parts]
    limit = 1.1 * max(*said, *seen)
    axes.plot([0, limit], [0, limit], color=SOFT)
    axes.plot(said, seen, "o", color=MARK)
    axes.set(xlim=(0, limit), ylim=(0, limit), xlabel="risk", ylabel="rate")
    return figure
