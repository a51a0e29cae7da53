"""A trained screener: features in; margin, calibrated risk with its range, and all reasons out.

Whatever form its margin has, the same row gives the same screening, to the bit, on every run and after
every reload: fixed text files, no pickle. It says how much it knew, and says nothing where what it
declares it must know is missing. It reads declared features of children or the columns of a plain table.
It refuses a matrix without its columns and a folder whose features have since been declared otherwise.
"""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.calibration import Calibration
from models.explanation import EvidenceFor, Layout
from models.margins import Booster, MarginModel, from_text
from models.screeners import SCREENERS, ScreenerSpec, meaning
from models.screening import Coverage, Screening

if TYPE_CHECKING:
    import lightgbm

Floats = npt.NDArray[np.float64]

NO_BAND = "none"
MARGIN, NOTES = "margin.txt", "screener.json"
# A county of a million children is screened in parts: the contributions of all at once need gigabytes.
BLOCK = 20_000


class ScreenerError(ValueError):
    """A screener or a matrix that cannot be used; the message says what was wanted."""


@dataclass(frozen=True)
class Training:
    """How a screener was made: what must be known about it for as long as its screenings live."""

    trained_on: date
    fit_dates: tuple[date, ...]
    calibrate_dates: tuple[date, ...]
    judge_dates: tuple[date, ...]
    data_hash: str
    declarations_hash: str
    code_hash: str
    rows: Mapping[str, int] = field(default_factory=dict)
    positives: Mapping[str, int] = field(default_factory=dict)
    parameters: Mapping[str, float | int | str | bool] = field(default_factory=dict)
    simulated: bool = False


class Screener:
    """One screener, ready to serve. Made by `training.candidates`, or read back by `load`."""

    def __init__(
        self,
        spec: ScreenerSpec,
        model: MarginModel,
        calibration: Calibration,
        base_rate: float,
        reference: Sequence[float],
        training: Training,
    ) -> None:
        """`reference` is the sorted margins of the calibration cohort, for placing a single child."""
        if not 0 < base_rate < 1 or not len(reference):
            raise ScreenerError("A screener needs a base rate between 0 and 1 and a reference cohort.")
        if model.columns != spec.columns:
            raise ScreenerError(f"The margin reads other columns than {spec.name} declares.")
        self.spec = spec
        self.model = model
        self.calibration = calibration
        self.base_rate = base_rate
        self.reference = tuple(float(margin) for margin in reference)
        self.training = training
        self._ordered = np.sort(np.asarray(self.reference))
        self._columns = spec.columns
        self._must_know = tuple(np.array(spec.places_of(name), dtype=np.intp) for name in spec.must_know)
        self._sources = frozenset(feature.source.name for feature in spec.declared)
        self._families = _Families.of(spec)
        self._layout = Layout.of(spec.features)
        self._text = model.to_text()
        self.version = _digest(self._text, self._notes())

    def _notes(self) -> dict[str, Any]:
        return {
            "name": self.spec.name,
            "kind": self.model.kind,
            "features": {feature.name: meaning(feature) for feature in self.spec.features},
            "calibration": asdict(self.calibration),
            "base_rate": self.base_rate,
            "reference": self.reference,
            "training": asdict(self.training),
        }

    @property
    def booster(self) -> lightgbm.Booster:
        """LightGBM's own object; ScreenerError if this screener holds no trees."""
        if not isinstance(self.model, Booster):
            raise ScreenerError(f"This {self.spec.name} screener is {self.model.kind} and has no booster.")
        return self.model.trees

    @property
    def columns(self) -> tuple[str, ...]:
        """The feature columns it reads, in order."""
        return self._columns

    def values(self, matrix: pd.DataFrame) -> Floats:
        """The feature columns of the matrix in the screener's order; ScreenerError if one is missing."""
        missing = [name for name in self._columns if name not in matrix]
        if missing:
            raise ScreenerError(f"The matrix for {self.spec.name} lacks columns: {', '.join(missing)}.")
        return np.ascontiguousarray(matrix[list(self._columns)].to_numpy(dtype=np.float64, na_value=np.nan))

    def margins(self, matrix: pd.DataFrame) -> Floats:
        """The margin of each row, those it would abstain on included."""
        parts = [self.model.margins(self.values(part)) for part in _blocks(matrix)]
        return np.concatenate(parts) if parts else np.empty(0)

    def risk(self, matrix: pd.DataFrame) -> Floats:
        """The calibrated risk of each row, those it would abstain on included."""
        return self.calibration.risk(self.margins(matrix))

    def abstains(self, matrix: pd.DataFrame) -> list[str | None]:
        """For each row, why the screener declines to speak (a code of `wording.ABSTAINED`), or None."""
        return self._abstains(self.values(matrix), self._ages(matrix))

    def _ages(self, matrix: pd.DataFrame) -> Floats | None:
        if self.spec.age_column is None:
            return None
        ages = pd.to_numeric(matrix[self.spec.age_column])
        return np.asarray(ages.to_numpy(dtype=np.float64, na_value=np.nan))

    def _abstains(self, values: Floats, ages: Floats | None) -> list[str | None]:
        known = ~np.isnan(values)
        reasons = np.full(len(values), None, dtype=object)
        for places in self._must_know:
            nothing = ~known[:, places].any(axis=1)
            reasons[nothing] = "needed_unknown"
        reasons[known.mean(axis=1) < self.spec.least_known_share] = "too_little_known"
        if ages is not None:
            reasons[np.isnan(ages)] = "age_unknown"
        return list(reasons)

    def screen(
        self,
        matrix: pd.DataFrame,
        silent: Mapping[date, frozenset[str]] | None = None,
        evidence: EvidenceFor | None = None,
        among: Sequence[float] | None = None,
    ) -> list[Screening]:
        """One screening per row, in the order of the rows.

        `matrix` has the screener's features (NaN = not known), its age column, child_key and as_of;
        `silent` the silent sources of each as-of date. Rows of a plain table need neither a key nor a
        date, and have no sources. A percentile is the place among the rows given, so give a whole
        cohort; for single children give `among=screener.reference`, the cohort it was calibrated on.
        """
        keys, days = self._about(matrix)
        unheard = self._unheard(days, silent)
        parts = _blocks(matrix)
        # A table gives its columns slowly: of a single child that was most of the time, so it is asked once.
        once = [self.values(part) for part in parts] if len(parts) == 1 else []
        abstained, margins_of = [], []
        for place, part in enumerate(parts):
            values = once[place] if once else self.values(part)
            abstained.append(self._abstains(values, self._ages(part)))
            margins_of.append(self.model.margins(values))
        margins = np.concatenate(margins_of) if parts else np.empty(0)
        spoken = [np.array([reason is None for reason in reasons]) for reasons in abstained]
        heard = margins[np.concatenate(spoken)] if spoken else margins
        places = percentiles(margins, heard if among is None else np.asarray(among, dtype=np.float64))
        screenings: list[Screening] = []
        with _nothing_collected():
            for place, part in enumerate(parts):
                rows = slice(len(screenings), len(screenings) + len(part))
                screenings += self._speak(
                    once[place] if once else self.values(part), abstained[place], keys[rows],
                    days[rows], [unheard[day] for day in days[rows]],
                    margins[rows], places[rows], evidence,
                )  # fmt: skip
        return screenings

    def screen_values(
        self,
        values: Floats,
        ages: Floats,
        child_keys: Sequence[str],
        as_of: date,
        silent: frozenset[str],
        evidence: EvidenceFor | None = None,
    ) -> list[Screening]:
        """As `screen` among the reference, to the bit, of children whose features are numbers already.

        `values` has the columns of the declaration in its order; who waits for one child's answer would
        wait for a table of one row longer than for everything else here. At most BLOCK rows.
        """
        unheard = self._unheard((as_of,), {as_of: silent})[as_of]
        margins = self.model.margins(values)
        abstained = self._abstains(values, ages if self.spec.age_column else None)
        days, silences = [as_of] * len(values), [unheard] * len(values)
        with _nothing_collected():
            return self._speak(
                values, abstained, child_keys, days, silences, margins,
                _places_among(margins, self._ordered), evidence,
            )  # fmt: skip

    def _about(self, matrix: pd.DataFrame) -> tuple[list[str], list[Any]]:
        """Key and date of each row."""
        needed = ["child_key", "as_of"] if self.spec.declared else []
        needed += [self.spec.age_column] if self.spec.age_column else []
        missing = [name for name in needed if name not in matrix]
        if missing:
            raise ScreenerError(f"The matrix for {self.spec.name} lacks columns: {', '.join(missing)}.")
        keys = matrix.get("child_key", matrix.index)
        days = matrix["as_of"].tolist() if "as_of" in matrix else [None] * len(matrix)
        return [str(key) for key in keys], days

    def _unheard(
        self, days: Sequence[Any], silent: Mapping[date, frozenset[str]] | None
    ) -> dict[Any, tuple[str, ...]]:
        sources = self._sources
        found: dict[Any, tuple[str, ...]] = {}
        for day in dict.fromkeys(days):
            if sources and (silent is None or day not in silent):
                raise ScreenerError(f"Say which sources were silent on {day} (none: an empty set).")
            found[day] = tuple(sorted(silent[day] & sources)) if sources and silent is not None else ()
        return found

    def _speak(
        self,
        values: Floats,
        abstained: Sequence[str | None],
        keys: Sequence[str],
        days: Sequence[Any],
        unheard: Sequence[tuple[str, ...]],
        margins: Floats,
        places: Floats,
        evidence: EvidenceFor | None,
    ) -> list[Screening]:
        risk = self.calibration.risk(margins)
        low, high = self.calibration.bounds(margins)
        speaks = np.flatnonzero([reason is None for reason in abstained])
        contributions = np.zeros((len(values), len(self._columns) + 1))
        contributions[speaks] = self.contributions(values[speaks])
        coverage = self._families.coverage(values)
        nothing = float("nan")
        screenings = []
        for row, (child_key, as_of, reason) in enumerate(zip(keys, days, abstained, strict=True)):
            if reason is not None:
                screenings.append(
                    Screening(
                        child_key, as_of, self.spec.name, self.version, nothing, nothing, nothing, nothing,
                        nothing, NO_BAND, (), nothing, unheard[row], reason, coverage[row],
                    )
                )  # fmt: skip
                continue
            behind = evidence(child_key, as_of) if evidence is not None and self._sources else None
            reasons = self._layout.reasons(contributions[row, :-1].tolist(), values[row].tolist(), behind)
            screenings.append(
                Screening(
                    child_key=child_key,
                    as_of=as_of,
                    screener=self.spec.name,
                    version=self.version,
                    margin=float(margins[row]),
                    risk=float(risk[row]),
                    low=float(low[row]),
                    high=float(high[row]),
                    percentile=float(places[row]),
                    band=self.spec.band(float(risk[row]) / self.base_rate).code,
                    reasons=reasons,
                    base=float(contributions[row, -1]),
                    silent=unheard[row],
                    coverage=coverage[row],
                )
            )
        return screenings

    def contributions(self, values: Floats) -> Floats:
        """What each feature adds, exactly, then the base; each row sums to the margin."""
        return self.model.contributions(values)

    def save(self, folder: Path) -> None:
        """Write the screener as plain files into `folder`, which is made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARGIN).write_text(self._text, encoding="utf-8")
        notes = _as_json({**self._notes(), "version": self.version})
        (folder / NOTES).write_text(notes + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, known: Sequence[ScreenerSpec] = SCREENERS) -> Screener:
        """The screener saved in `folder`.

        ScreenerError if its features are no longer declared alike, or its files are not those that were
        saved: LightGBM reads trees that were cut off, and ends the process when they are asked.
        """
        notes = _read_notes(folder)
        spec = next((spec for spec in known if spec.name == notes["name"]), None)
        if spec is None:
            raise ScreenerError(f"No screener is declared under the name {notes['name']!r} any more.")
        declared = {feature.name: meaning(feature) for feature in spec.features}
        if notes["features"] != declared:
            changed = sorted(
                name
                for name in declared.keys() | notes["features"].keys()
                if declared.get(name) != notes["features"].get(name)
            )
            raise ScreenerError(
                f"The screener {spec.name} was trained on features since declared otherwise"
                f" ({', '.join(changed[:5])}): train it again."
            )
        version = notes.pop("version", None)
        if version is None or "kind" not in notes or not (folder / MARGIN).is_file():
            raise ScreenerError(f"The screener {spec.name} was saved by an earlier version: train it again.")
        text = (folder / MARGIN).read_text(encoding="utf-8", errors="replace")
        if _digest(text, notes) != version:
            raise ScreenerError(
                f"The files of the screener {spec.name} {version} are not those that were saved:"
                " take them from a backup, or train it again."
            )
        line = notes["calibration"]
        return cls(
            spec,
            from_text(notes["kind"], text),
            Calibration(line["slope"], line["intercept"], tuple((a, b) for a, b in line["draws"])),
            notes["base_rate"],
            notes["reference"],
            _training(notes["training"]),
        )


def told_in(folder: Path) -> dict[str, Any]:
    """The parameters a saved screener was made with, whatever its features have since become."""
    notes: dict[str, Any] = json.loads((folder / NOTES).read_text(encoding="utf-8"))
    parameters: dict[str, Any] = notes["training"]["parameters"]
    return parameters


def _read_notes(folder: Path) -> dict[str, Any]:
    path = folder / NOTES
    if not path.is_file():
        raise ScreenerError(f"There is no screener in the folder {folder.name}.")
    try:
        notes: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        notes["name"], notes["features"]
    except (ValueError, TypeError, KeyError):
        raise ScreenerError(f"The {NOTES} in the folder {folder.name} is damaged.") from None
    return notes


def _as_json(notes: Mapping[str, Any]) -> str:
    return json.dumps(notes, ensure_ascii=False, sort_keys=True, default=date.isoformat)


def _digest(text: str, notes: Mapping[str, Any]) -> str:
    """What a screener is, in twelve digits: its version, and what its files are checked by."""
    return hashlib.sha256(f"{text}\n{_as_json(notes)}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class _Families:
    """Which columns are of which family, laid out so that all families are asked in one step."""

    names: tuple[str, ...]
    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, spec: ScreenerSpec) -> _Families:
        families: dict[str, list[int]] = {}
        for place, feature in enumerate(spec.features):
            families.setdefault(feature.family.name, []).append(place)
        order = [place for places in families.values() for place in places]
        ends = np.cumsum([len(places) for places in families.values()])
        return cls(tuple(families), np.array(order, dtype=np.intp), np.concatenate([[0], ends[:-1]]))

    def coverage(self, values: Floats) -> list[Coverage]:
        """How much is known of each row."""
        known = ~np.isnan(values)
        heard = np.logical_or.reduceat(known[:, self.order], self.starts, axis=1).tolist()
        shares = known.mean(axis=1).tolist()
        return [
            Coverage(share, tuple(name for name, some in zip(self.names, row, strict=True) if not some))
            for share, row in zip(shares, heard, strict=True)
        ]


def _training(made: dict[str, Any]) -> Training:
    dates = ("fit_dates", "calibrate_dates", "judge_dates")
    return Training(
        **{
            **made,
            "trained_on": date.fromisoformat(made["trained_on"]),
            **{name: tuple(date.fromisoformat(day) for day in made[name]) for name in dates},
        }
    )


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Reasons are made by the million and none is let go: looking for garbage took two thirds of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _blocks(matrix: pd.DataFrame) -> list[pd.DataFrame]:
    return [matrix.iloc[start : start + BLOCK] for start in range(0, len(matrix), BLOCK)]


def percentiles(margins: Floats, among: Floats) -> Floats:
    """The place of each margin among others, 0 to 100; those equal to it count half."""
    return _places_among(margins, np.sort(among))


def _places_among(margins: Floats, ordered: Floats) -> Floats:
    below = np.searchsorted(ordered, margins, side="left")
    upto = np.searchsorted(ordered, margins, side="right")
    return np.asarray(100.0 * (below + upto) / 2 / max(len(ordered), 1), dtype=np.float64)


__all__ = ["NO_BAND", "Screener", "ScreenerError", "Screening", "Training", "percentiles"]
