"""Runs and versions of screeners in MLflow; the only module here that knows it.

    tracking database (SQLite)   one run a training, inside it one run a candidate: parameters, hashes,
                                 measures with intervals, plots
    registry, by screener name   a version a candidate; alias `challenger` = up for promotion,
                                 `champion` = in use; every decision, with who, why and when

A version is a folder of plain files (models.screener), wrapped for MLflow as code and never as a pickle.
Serving does not come here: a promotion exports the files (models.champions).
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from models.card import Decision
from models.measures import Interval
from models.screener import Screener

# MLflow asks its makers for settings the moment it is imported, and tells them what is used. Nothing here
# may reach out, whoever imports it: a command, a test or somebody's notebook.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # noqa: TID251  # it is read from nowhere else

with warnings.catch_warnings():
    # MLflow warns of its own type hints while it is imported; nothing a reader of ours could act on.
    warnings.simplefilter("ignore")
    import mlflow
    import mlflow.pyfunc
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from mlflow.models import ModelSignature
    from mlflow.pyfunc.model import PythonModel
    from mlflow.types import ColSpec, Schema

EXPERIMENT = "miaohu-screeners"
CHALLENGER, CHAMPION = "challenger", "champion"
# Exactly what a screener needs to be read and run; named so that MLflow does not guess.
REQUIREMENTS = ("duckdb", "lightgbm", "numpy", "pandas", "pyarrow")
ROOT = Path(__file__).parents[1]

_CODE = '''"""A screener as MLflow reads it; the screener itself is the folder of plain files beside this."""

from mlflow.models import set_model

from models.registry import LoggedScreener

set_model(LoggedScreener())
'''


class LoggedScreener(PythonModel):
    """A screener behind MLflow's own interface: features in; margin, risk, range and band out."""

    def load_context(self, context: Any) -> None:
        """Read the plain files that were logged with it."""
        self.screener = Screener.load(Path(context.artifacts["screener"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """One row a child; where the screener abstains, `abstained` says why and the rest is empty."""
        rows = model_input.assign(child_key=[str(place) for place in range(len(model_input))], as_of=None)
        screenings = self.screener.screen(rows, {None: frozenset()}, among=self.screener.reference)  # type: ignore[dict-item]  # a plain table has no date
        columns = ("margin", "risk", "low", "high", "percentile", "band", "abstained")
        return pd.DataFrame([{name: getattr(s, name) for name in columns} for s in screenings])


@dataclass(frozen=True)
class Version:
    """One registered version of a screener: which candidate of which training, and who chose it, if any."""

    screener: str
    number: str
    run_id: str
    content: str
    candidate: str
    training: str
    chosen_by: str = ""
    chosen_why: str = ""


class Registry:
    """Runs and versions under one database. Nothing is created before the first run."""

    def __init__(self, url: str, artifacts: Path) -> None:
        self.url = url
        self.artifacts = artifacts

    @property
    def client(self) -> MlflowClient:
        """MLflow's client on this database."""
        return MlflowClient(tracking_uri=self.url, registry_uri=self.url)

    def exists(self) -> bool:
        """Whether the database is there; asking MLflow itself would create it."""
        return not self.url.startswith("sqlite:///") or Path(self.url.removeprefix("sqlite:///")).is_file()

    @contextmanager
    def run(self, name: str, tags: Mapping[str, str]) -> Iterator[str]:
        """One run of training; what is logged inside belongs to it. Yields its id."""
        mlflow.set_tracking_uri(self.url)
        mlflow.set_registry_uri(self.url)
        if self.client.get_experiment_by_name(EXPERIMENT) is None:
            self.artifacts.mkdir(parents=True, exist_ok=True)
            self.client.create_experiment(EXPERIMENT, artifact_location=self.artifacts.resolve().as_uri())
        mlflow.set_experiment(EXPERIMENT)
        with mlflow.start_run(run_name=name, tags=dict(tags), log_system_metrics=False) as run:
            yield str(run.info.run_id)

    @contextmanager
    def candidate(self, name: str, tags: Mapping[str, str]) -> Iterator[str]:
        """A candidate inside the run."""
        with mlflow.start_run(run_name=name, tags=dict(tags), nested=True, log_system_metrics=False) as run:
            yield str(run.info.run_id)

    def log(self, parameters: Mapping[str, object], measures: Mapping[str, Interval]) -> None:
        """Parameters and measures of the candidate at hand; an interval becomes three figures."""
        if parameters:
            mlflow.log_params({name: str(value) for name, value in parameters.items()})
        figures = {
            f"{name}{end}": value
            for name, interval in measures.items()
            for end, value in (("", interval.value), ("_low", interval.low), ("_high", interval.high))
            if value == value
        }
        if figures:
            mlflow.log_metrics(figures)

    def draw(self, figure: Figure, name: str) -> None:
        """A picture of the run or candidate at hand."""
        mlflow.log_figure(figure, name)

    def register(self, screener: Screener, folder: Path, candidate: str, training: str) -> Version:
        """Log the screener saved in `folder` with the candidate at hand, as a version of its own."""
        with tempfile.TemporaryDirectory() as place:
            code = Path(place) / "logged_screener.py"
            code.write_text(_CODE, encoding="utf-8")
            packages = [
                shutil.copytree(
                    ROOT / name, Path(place) / name, ignore=shutil.ignore_patterns("__pycache__", "synthetic")
                )
                for name in ("features", "models")
            ]
            requirements = [f"{package}=={installed(package)}" for package in ("mlflow", *REQUIREMENTS)]
            with warnings.catch_warnings():
                # Nothing a reader of ours could act on: it warns of its own way to read the example back.
                warnings.simplefilter("ignore")
                logged = mlflow.pyfunc.log_model(
                    name=screener.spec.name,
                    python_model=str(code),
                    artifacts={"screener": str(folder)},
                    code_paths=[str(package) for package in packages],
                    signature=signature(screener),
                    input_example=input_example(screener),
                    pip_requirements=requirements,
                )
        name = screener.spec.name
        if not self.client.search_registered_models(f"name = '{name}'"):
            self.client.create_registered_model(name)
        run = mlflow.active_run()
        made = self.client.create_model_version(
            name,
            logged.model_uri,
            run_id=run.info.run_id if run else None,
            tags={"content": screener.version, "candidate": candidate, "training": training},
        )
        return _version(made)

    def attach(self, version: Version, files: Sequence[Path]) -> None:
        """Keep these files with the run that made the version."""
        for path in files:
            self.client.log_artifact(version.run_id, str(path), "evaluation")

    def challenge(self, version: Version, by: str, why: str) -> Version:
        """Put this version up for promotion, and record who wanted it and why."""
        for name, said in (("chosen_by", by), ("chosen_why", why)):
            self.client.set_model_version_tag(version.screener, version.number, name, said)
        self.client.set_registered_model_alias(version.screener, CHALLENGER, version.number)
        return replace(version, chosen_by=by, chosen_why=why)

    def versions(self, name: str) -> list[Version]:
        """All versions of this screener, the newest first."""
        if not self.exists():
            return []
        found = self.client.search_model_versions(f"name = '{name}'", max_results=10_000)
        return sorted((_version(one) for one in found), key=lambda version: -int(version.number))

    def siblings(self, version: Version) -> list[Version]:
        """The candidates made of the same rows in the same training, this one included."""
        same = [one for one in self.versions(version.screener) if one.training == version.training]
        return sorted(same, key=lambda one: int(one.number))

    def version(self, name: str, alias: str) -> Version | None:
        """The version this alias names, None if there is none."""
        if not self.exists():
            return None
        try:
            found = self.client.get_model_version_by_alias(name, alias)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise
        return _version(found)

    def folder(self, version: Version, target: Path) -> Path:
        """Copy the version's plain files below `target`; the folder the screener can be loaded from."""
        uri = self.client.get_model_version_download_uri(version.screener, version.number)
        mlflow.set_tracking_uri(self.url)
        got = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(target)))
        notes = next(got.rglob("screener.json"), None)
        if notes is None:
            raise FileNotFoundError(f"Version {version.number} of {version.screener} holds no screener.")
        return notes.parent

    def crown(self, version: Version, decision: Decision, gates: Mapping[str, str]) -> None:
        """Make this version the champion; keep the decision, and beside the version what the gates found."""
        for gate, found in gates.items():
            self.client.set_model_version_tag(version.screener, version.number, f"gate.{gate}", found)
        number = len(self.decisions(version.screener)) + 1
        self.client.set_registered_model_tag(
            version.screener, f"decision.{number:04d}", json.dumps(asdict(decision), ensure_ascii=False)
        )
        self.client.set_registered_model_alias(version.screener, CHAMPION, version.number)

    def decisions(self, name: str) -> list[Decision]:
        """Every decision about which version is in use, the oldest first; none is ever changed."""
        if not self.exists() or not self.client.search_registered_models(f"name = '{name}'"):
            return []
        tags = self.client.get_registered_model(name).tags
        return [Decision(**json.loads(tags[key])) for key in sorted(tags) if key.startswith("decision.")]

    def read(self, version: Version) -> Any:
        """The version through MLflow's own interface, as another system would load it."""
        mlflow.set_tracking_uri(self.url)
        mlflow.set_registry_uri(self.url)
        return mlflow.pyfunc.load_model(f"models:/{version.screener}/{version.number}")


def _version(found: Any) -> Version:
    said = ("content", "candidate", "training", "chosen_by", "chosen_why")
    return Version(
        str(found.name), str(found.version), str(found.run_id), *(found.tags.get(name, "") for name in said)
    )


def input_example(screener: Screener) -> pd.DataFrame:
    """A row that shows the form of the input: a child of ten of whom nothing is recorded. Nobody's row."""
    names = list(dict.fromkeys(["age_years", *screener.spec.columns]))
    return pd.DataFrame([dict.fromkeys(names, 0.0) | {"age_years": 10.0}])


def signature(screener: Screener) -> ModelSignature:
    """Written by hand: a signature inferred from rows makes each column with a gap optional."""
    names: Sequence[str] = list(dict.fromkeys(["age_years", *screener.spec.columns]))
    outputs = [ColSpec("double", name) for name in ("margin", "risk", "low", "high", "percentile")]
    return ModelSignature(
        inputs=Schema([ColSpec("double", name, required=True) for name in names]),
        outputs=Schema([*outputs, ColSpec("string", "band"), ColSpec("string", "abstained", required=False)]),
    )
