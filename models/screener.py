"""A trained screener: features in; margin, calibrated risk with its range, and all reasons out.

The same row gives the same screening, to the bit, on every run and after every reload: one thread,
fixed text files, no pickle. It refuses a matrix without its columns and a folder whose features have
since been declared otherwise. LightGBM is loaded when the first booster is, so that importing is cheap.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.calibration import Calibration
from models.explanation import EvidenceFor, family_reasons, with_evidence
from models.screeners import SCREENERS, ScreenerSpec, meaning
from models.screening import Screening

if TYPE_CHECKING:
    import lightgbm

Floats = npt.NDArray[np.float64]

NO_BAND = "none"


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
    """One screener, ready to serve. Made by `training.fit`, or read back by `load`."""

    def __init__(
        self,
        spec: ScreenerSpec,
        booster_text: str,
        calibration: Calibration,
        base_rate: float,
        reference: Sequence[float],
        training: Training,
    ) -> None:
        """`reference` is the sorted margins of the calibration cohort, for placing a single child."""
        if not 0 < base_rate < 1 or not len(reference):
            raise ScreenerError("A screener needs a base rate between 0 and 1 and a reference cohort.")
        self.spec = spec
        self.calibration = calibration
        self.base_rate = base_rate
        self.reference = tuple(float(margin) for margin in reference)
        self.training = training
        self._booster_text = booster_text
        self._booster: lightgbm.Booster | None = None
        digest = hashlib.sha256(f"{booster_text}\n{self._notes()}".encode()).hexdigest()
        self.version = digest[:12]

    def _notes(self) -> str:
        return json.dumps(
            {
                "name": self.spec.name,
                "features": {feature.name: meaning(feature) for feature in self.spec.features},
                "calibration": asdict(self.calibration),
                "base_rate": self.base_rate,
                "reference": self.reference,
                "training": asdict(self.training),
            },
            ensure_ascii=False,
            sort_keys=True,
            default=date.isoformat,
        )

    @property
    def booster(self) -> lightgbm.Booster:
        """The booster itself, read from its text on first use."""
        if self._booster is None:
            import lightgbm

            self._booster = lightgbm.Booster(model_str=self._booster_text)
        return self._booster

    def values(self, matrix: pd.DataFrame) -> Floats:
        """The feature columns of the matrix in the screener's order; ScreenerError if one is missing."""
        missing = [
            name for name in ("child_key", "as_of", "age_years", *self.spec.columns) if name not in matrix
        ]
        if missing:
            raise ScreenerError(f"The matrix for {self.spec.name} lacks columns: {', '.join(missing)}.")
        return np.ascontiguousarray(
            matrix[list(self.spec.columns)].to_numpy(dtype=np.float64, na_value=np.nan)
        )

    def margins(self, matrix: pd.DataFrame) -> Floats:
        """The margin of each row, those it would abstain on included."""
        values = self.values(matrix)
        if not len(values):
            return np.empty(0)
        return np.asarray(self.booster.predict(values, raw_score=True, num_threads=1), dtype=np.float64)

    def abstains(self, matrix: pd.DataFrame) -> list[str | None]:
        """For each row, why the screener declines to speak (a code of `wording.ABSTAINED`), or None."""
        known = np.mean(~np.isnan(self.values(matrix)), axis=1)
        ages = pd.to_numeric(matrix["age_years"]).to_numpy(dtype=np.float64, na_value=np.nan)
        return [
            "age_unknown"
            if np.isnan(age)
            else "too_little_known"
            if share < self.spec.least_known_share
            else None
            for age, share in zip(ages, known, strict=True)
        ]

    def screen(
        self,
        matrix: pd.DataFrame,
        silent: Mapping[date, frozenset[str]],
        evidence: EvidenceFor | None = None,
        among: Sequence[float] | None = None,
    ) -> list[Screening]:
        """One screening per row, in the order of the rows.

        `matrix` has child_key, as_of, age_years and the screener's features (NaN = not known); `silent`
        the silent sources of each as-of date. A percentile is the place among the rows given, so give a
        whole cohort; for single children give `among=screener.reference`, the cohort it was calibrated on.
        """
        abstained = self.abstains(matrix)
        speaks = np.array([reason is None for reason in abstained], dtype=bool)
        spoken = matrix[speaks]
        values = self.values(spoken)
        margins = self.margins(spoken)
        risk = self.calibration.risk(margins)
        low, high = self.calibration.bounds(margins) if len(margins) else (margins, margins)
        places = percentiles(margins, margins if among is None else np.asarray(among, dtype=np.float64))
        contributions = self.contributions(values)
        features = {feature.name: feature for feature in self.spec.features}
        screenings = []
        row = -1
        for child_key, as_of, reason in zip(matrix["child_key"], matrix["as_of"], abstained, strict=True):
            if as_of not in silent:
                raise ScreenerError(f"Say which sources were silent on {as_of} (none: an empty set).")
            unheard = tuple(sorted(silent[as_of] & {f.source.name for f in self.spec.features}))
            if reason is not None:
                screenings.append(self._declined(child_key, as_of, unheard, reason))
                continue
            row += 1
            reasons = family_reasons(
                self.spec.features, contributions[row, :-1].tolist(), values[row].tolist()
            )
            if evidence is not None:
                reasons = with_evidence(reasons, features, child_key, as_of, evidence)
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
                    silent=unheard,
                )
            )
        return screenings

    def _declined(self, child_key: str, as_of: date, silent: tuple[str, ...], reason: str) -> Screening:
        nothing = float("nan")
        return Screening(
            child_key, as_of, self.spec.name, self.version, nothing, nothing, nothing, nothing, nothing,
            NO_BAND, (), nothing, silent, reason,
        )  # fmt: skip

    def contributions(self, values: Floats) -> Floats:
        """Exact path-dependent TreeSHAP, one column a feature, then the base; each row sums to the margin."""
        if not len(values):
            return np.empty((0, len(self.spec.features) + 1))
        return np.asarray(self.booster.predict(values, pred_contrib=True, num_threads=1), dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write the screener as plain files into `folder`, which is made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "booster.txt").write_text(self._booster_text, encoding="utf-8")
        (folder / "screener.json").write_text(self._notes() + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, known: Sequence[ScreenerSpec] = SCREENERS) -> Screener:
        """The screener saved in `folder`; ScreenerError if its features are no longer declared alike."""
        path = folder / "screener.json"
        if not path.is_file():
            raise ScreenerError(f"There is no screener in the folder {folder.name}.")
        notes: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
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
        line = notes["calibration"]
        made = notes["training"]
        return cls(
            spec,
            (folder / "booster.txt").read_text(encoding="utf-8"),
            Calibration(line["slope"], line["intercept"], tuple((a, b) for a, b in line["draws"])),
            notes["base_rate"],
            notes["reference"],
            Training(
                **{
                    **made,
                    "trained_on": date.fromisoformat(made["trained_on"]),
                    **{
                        name: tuple(date.fromisoformat(day) for day in made[name])
                        for name in ("fit_dates", "calibrate_dates", "judge_dates")
                    },
                }
            ),
        )


def percentiles(margins: Floats, among: Floats) -> Floats:
    """The place of each margin among others, 0 to 100; those equal to it count half."""
    ordered = np.sort(among)
    below = np.searchsorted(ordered, margins, side="left")
    upto = np.searchsorted(ordered, margins, side="right")
    return np.asarray(100.0 * (below + upto) / 2 / max(len(ordered), 1), dtype=np.float64)


__all__ = ["NO_BAND", "Screener", "ScreenerError", "Screening", "Training", "percentiles"]
