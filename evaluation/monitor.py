"""What changed since a champion was judged: after each round, drift, calibration, who is missed, freshness.

The reference is pinned: the last date the champion was fitted on, for as long as it is in use. Outcomes
arrive half a year later, so each date says whether its label window has closed; an open one gives no figure.
Nothing here changes what is in use. Writes reports/monitor/monitor.json, which the queue's dashboard reads,
a copy under the date of the round, and a page in each language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from evaluation.drift import LARGE_PSI, Drift, drift
from evaluation.figures import TITLES, Figures, NotEnough, figures
from evaluation.findings import columns_of, selection_of
from evaluation.report import FEATURE_TITLES, plain
from evaluation.selection import Missed
from features.lake import Lake
from features.language import Department, Text
from features.sources import SOURCES
from models.measures import Interval
from models.screener import Screener
from training.labels import label_rows, mature
from training.matrix import Matrices, last_heard

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")
SEED = 20250403
# The zones of the calibration gates: an interval wholly outside them alarms.
SLOPE = (0.8, 1.25)
OBSERVED_TO_EXPECTED = (0.8, 1.25)


@dataclass(frozen=True)
class Followed:
    """One date since the champion was judged: whether its outcomes are in, and how the risks held."""

    as_of: date
    closed: bool
    figures: Figures | None


@dataclass(frozen=True)
class Watched:
    """One champion. `reference` is the pinned date; `drift` is empty if its rows are no longer there."""

    screener: str
    title: Text
    version: str
    reference: date
    newest: date
    drift: tuple[Drift, ...]
    followed: tuple[Followed, ...]
    missed: Missed | NotEnough
    alarms: tuple[Text, ...]


@dataclass(frozen=True)
class Heard:
    """One source: when it was last heard, and whether that is longer ago than its rhythm allows."""

    source: str
    title: Text
    department: Text
    last: date | None
    days: int | None
    silent: bool


@dataclass(frozen=True)
class Monitored:
    """Everything that was looked at after one round."""

    made_on: date
    simulated: bool
    round: date
    screeners: tuple[Watched, ...]
    freshness: tuple[Heard, ...]

    @property
    def alarms(self) -> tuple[Text, ...]:
        """Every alarm, those of silent sources last."""
        silent = tuple(
            Text(
                f"{heard.department.zh}“{heard.title.zh}”未按期提供",
                f"{heard.department.en}: “{heard.title.en}” is overdue",
            )
            for heard in self.freshness
            if heard.silent
        )
        return (*(alarm for watched in self.screeners for alarm in watched.alarms), *silent)


def monitor(
    champions: Mapping[str, Screener], matrices: Matrices, lake: Lake, today: date, simulated: bool
) -> Monitored:
    """Look at every champion as of today; the same lake and champions always give the same."""
    newest = max(matrices.dates)
    return Monitored(
        today,
        simulated,
        newest,
        tuple(_watch(screener, matrices, lake, today) for screener in champions.values()),
        tuple(_heard(lake, today)),
    )


def _watch(screener: Screener, matrices: Matrices, lake: Lake, today: date) -> Watched:
    reference, newest = max(screener.training.fit_dates), max(matrices.dates)
    before, now = (matrices.rows[matrices.rows["as_of"] == day] for day in (reference, newest))
    shifts = drift(columns_of(screener, before), columns_of(screener, now)) if len(before) else ()
    followed = tuple(_follow(screener, matrices, lake, today))
    return Watched(
        screener.spec.name,
        screener.spec.title,
        screener.version,
        reference,
        newest,
        shifts,
        followed,
        selection_of(screener, lake.tables(), today),
        tuple(_alarms(screener, shifts, followed)),
    )


def _follow(screener: Screener, matrices: Matrices, lake: Lake, today: date) -> list[Followed]:
    """The dates later than any the champion was judged on; rows whose outcome is not known are left out."""
    spec, made = screener.spec, screener.training
    later = [day for day in matrices.dates if day > max(made.judge_dates)]
    heard = last_heard(lake, spec, today)
    ripe = tuple(day for day in later if mature(spec, day, today, heard))
    found = []
    for day in later:
        if day not in ripe:
            found.append(Followed(day, closed=False, figures=None))
            continue
        rows = matrices.rows[matrices.rows["as_of"] == day].reset_index(drop=True)
        label = label_rows(spec, rows, lake.tables(), today, ripe)["label"].to_numpy(dtype=np.float64)
        rng = np.random.default_rng(SEED)
        told = figures(label, screener.risk(rows), rows["child_key"].tolist(), rng)
        found.append(Followed(day, closed=True, figures=told))
    return found


def _alarms(screener: Screener, shifts: Sequence[Drift], followed: Sequence[Followed]) -> list[Text]:
    title = screener.spec.title
    found = []
    for shift in shifts:
        if shift.alarms and shift.name == "risk":
            found.append(
                Text(
                    f"{title.zh}：风险的分布变化较大（PSI {shift.psi:.2f}）",
                    f"{title.en}: the distribution of risks has changed by much (PSI {shift.psi:.2f})",
                )
            )
    moved = [shift.name for shift in shifts if shift.alarms and shift.name != "risk"]
    if moved:
        names = [FEATURE_TITLES[name] for name in moved[:3]]
        zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
        more = len(moved) > len(names)
        found.append(
            Text(
                f"{title.zh}：{len(moved)}个特征变化较大（{zh}{'等' if more else ''}）",
                f"{title.en}: {len(moved)} features have changed by much ({en}{' and more' if more else ''})",
            )
        )
    for each in followed:
        if each.figures is None:
            continue
        for name, zone in (("calibration_slope", SLOPE), ("observed_to_expected", OBSERVED_TO_EXPECTED)):
            seen = each.figures.measures.get(name)
            if seen is not None and _outside(seen, zone):
                about = TITLES[name]
                found.append(
                    Text(
                        f"{title.zh}，{each.as_of}：{about.zh} {seen}，超出 {zone[0]}–{zone[1]}",
                        f"{title.en}, {each.as_of}: {about.en.lower()} {seen},"
                        f" outside {zone[0]} to {zone[1]}",
                    )
                )
    return found


def _outside(seen: Interval, zone: tuple[float, float]) -> bool:
    return seen.low > zone[1] or seen.high < zone[0]


def _heard(lake: Lake, today: date) -> list[Heard]:
    silent = lake.silent(today)
    found = []
    for source in SOURCES:
        if source.department is Department.REVIEW:
            continue
        last = lake.last_heard(source.name, today)
        found.append(
            Heard(
                source.name,
                source.title,
                source.department.title,
                last,
                None if last is None else (today - last).days,
                source.name in silent,
            )
        )
    return sorted(found, key=lambda heard: (not heard.silent, heard.source))


def as_json(monitored: Monitored) -> str:
    """All of it, for the dashboard and for keeping."""
    told: dict[str, Any] = {each.name: plain(getattr(monitored, each.name)) for each in fields(monitored)}
    told["alarms"] = plain(monitored.alarms)
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_html(monitored: Monitored, language: str) -> str:
    """The page in one language."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(say=lambda zh, en: Text(zh, en)[language], report=monitored, language=language)
    return environment.get_template("monitor.html").render(
        style=(HERE / "report.css").read_text(encoding="utf-8"),
        measure_titles=TITLES,
        feature_titles=FEATURE_TITLES,
        large=LARGE_PSI,
    )


def write(monitored: Monitored, folder: Path) -> list[Path]:
    """Write the newest state, the same under the round's date, and both pages; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    text = as_json(monitored)
    texts = {"monitor.json": text, f"{monitored.round}.json": text}
    texts |= {f"monitor.{language}.html": as_html(monitored, language) for language in LANGUAGES}
    for name, content in texts.items():
        waiting = folder / f".{name}.part"
        waiting.write_text(content, encoding="utf-8")
        waiting.replace(folder / name)
    return [folder / name for name in texts]
