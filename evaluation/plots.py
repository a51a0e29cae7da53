"""The plots of the evaluation report, from figures that were already computed.

No words stand inside a plot, for a machine that draws need not have Chinese fonts: captions name the axes in
the language of the page. Shapes, not colours alone, tell lines apart.
"""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Sequence

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.curves import CalibrationCurve, DecisionPoint
from models.measures import Interval
from models.screener import Screener

Floats = npt.NDArray[np.float64]

INK, SOFT, MARK, BAND = "#1f3a4d", "#9fb3c1", "#b5651d", "#dbe5ec"
SUMMARY_ROWS = 800
MOST_BARS = 15


def new_figure(width: float = 4.6, height: float = 3.6) -> Figure:
    """An empty figure drawn without a screen."""
    matplotlib.use("Agg")
    return Figure(figsize=(width, height), layout="constrained")


def calibration_plot(curve: CalibrationCurve) -> Figure:
    """Risk promised against the rate seen: a smooth curve with its band, and groups with theirs."""
    figure = new_figure()
    axes = figure.subplots()
    at = [point.risk for point in curve.points]
    axes.fill_between(at, [p.rate.low for p in curve.points], [p.rate.high for p in curve.points], color=BAND)
    axes.plot(at, [point.rate.value for point in curve.points], color=INK, linewidth=1.5)
    promised = [group.promised for group in curve.groups]
    seen = [group.seen for group in curve.groups]
    _whiskers(axes, promised, seen)
    limit = 1.1 * max(*at, *promised, *(interval.value for interval in seen))
    axes.plot([0, limit], [0, limit], color=SOFT, linewidth=1, linestyle="--")
    axes.set(xlim=(0, limit), ylim=(0, limit))
    return figure


def decision_plot(points: Sequence[DecisionPoint]) -> Figure:
    """Net benefit at each threshold beside visiting everybody and nobody."""
    figure = new_figure()
    axes = figure.subplots()
    at = [point.threshold for point in points]
    axes.fill_between(at, [p.screener.low for p in points], [p.screener.high for p in points], color=BAND)
    axes.plot(at, [point.screener.value for point in points], color=INK, linewidth=1.5)
    axes.plot(at, [point.visit_all for point in points], color=MARK, linewidth=1, linestyle="--")
    axes.plot(at, [point.visit_none for point in points], color=SOFT, linewidth=1, linestyle=":")
    top = max(point.screener.high for point in points)
    axes.set(xlim=(at[0], at[-1]), ylim=(-top / 3, 1.1 * top))
    return figure


def visits_plot(label: Floats, risk: Floats) -> Figure:
    """Share of those with the outcome who are reached, by share of children visited."""
    figure = new_figure()
    axes = figure.subplots()
    order = np.argsort(-risk, kind="stable")
    reached = np.cumsum(label[order]) / max(label.sum(), 1)
    visited = np.arange(1, len(order) + 1) / len(order)
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle="--")
    axes.plot(visited, reached, color=INK, linewidth=1.5)
    axes.set(xlim=(0, 0.5), ylim=(0, 1))
    return figure


def reasons_plot(screener: Screener, values: Floats) -> Figure:
    """What the screener looks at: the mean size of each feature's contribution, the greatest first.

    For trees the sizes come from SHAP's own explainer, as a check on ours; other forms are exact by sums.
    """
    values = values[:: max(1, len(values) // SUMMARY_ROWS)][:SUMMARY_ROWS]
    if screener.model.kind == "booster":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shap warns of what its own libraries are about to drop
            import shap

            explainer = shap.TreeExplainer(screener.booster, feature_perturbation="tree_path_dependent")
            size = np.abs(np.asarray(explainer.shap_values(values))).mean(axis=0)
    else:
        size = np.abs(screener.contributions(values)[:, :-1]).mean(axis=0)
    return bars_plot(
        [screener.spec.columns[place] for place in np.argsort(-size)[:MOST_BARS]], np.sort(size)[::-1]
    )


def bars_plot(names: Sequence[str], sizes: npt.ArrayLike) -> Figure:
    """Named bars, the first at the top."""
    figure = new_figure(6.0, 1.0 + 0.21 * len(names))
    axes = figure.subplots()
    axes.barh(list(names)[::-1], np.asarray(sizes)[: len(names)][::-1], color=INK)
    axes.tick_params(axis="y", labelsize=7)
    return figure


def lines_plot(at: Sequence[float], lines: Sequence[Sequence[float]]) -> Figure:
    """Up to three lines over the same places: full, dashed, dotted."""
    figure = new_figure(6.0, 3.0)
    axes = figure.subplots()
    for values, colour, style in zip(lines, (INK, MARK, SOFT), ("-", "--", ":"), strict=False):
        axes.plot(at, values, color=colour, linestyle=style, linewidth=1.5)
    axes.set(ylim=(0, None))
    return figure


def steps_plot(values: Sequence[float]) -> Figure:
    """How many have at most so much: for days gained."""
    figure = new_figure()
    axes = figure.subplots()
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    axes.step(ordered, np.arange(1, len(ordered) + 1) / max(len(ordered), 1), color=INK, where="post")
    axes.set(ylim=(0, 1))
    return figure


def inline(figure: Figure) -> str:
    """The figure as an image that stands in the page itself."""
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=110, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(held.getvalue()).decode('ascii')}"


def _whiskers(axes: Axes, at: Sequence[float], seen: Sequence[Interval]) -> None:
    down = [interval.value - interval.low for interval in seen]
    up = [interval.high - interval.value for interval in seen]
    axes.errorbar(
        at, [interval.value for interval in seen], yerr=np.maximum([down, up], 0), fmt="o", color=MARK,
        markersize=4, elinewidth=1,
    )  # fmt: skip
