"""The screener a notebook looks at: the champion, or the challenger where no screener is in use yet."""

from __future__ import annotations

import tempfile
from pathlib import Path

from features.settings import Settings
from models.champions import load_champions
from models.registry import CHALLENGER, Registry
from models.screener import Screener
from models.screeners import SCREENERS


def screener_at_hand(settings: Settings, name: str = SCREENERS[0].name) -> Screener:
    """The screener of this name; LookupError before the first training run."""
    champions = load_champions(settings.champions)
    if name in champions:
        return champions[name]
    registry = Registry(settings.mlflow_url, settings.mlflow_artifacts)
    version = registry.version(name, CHALLENGER)
    if version is None:
        raise LookupError(f"No {name} screener was ever trained: run python -m training run first.")
    with tempfile.TemporaryDirectory() as place:
        return Screener.load(registry.folder(version, Path(place)))
