"""The promoted screeners as plain files, which is all that serving ever loads; no registry in sight.

    champions/<screener>/current.txt      the version in use, replaced in one stroke
    champions/<screener>/<version>/       screener.json, margin.txt, cards

An older version stays until somebody deletes it: a roll-back is one line in `current.txt`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from models.screener import Screener, ScreenerError
from models.screeners import SCREENERS, ScreenerSpec

CURRENT = "current.txt"


def champion_folder(champions: Path, name: str) -> Path | None:
    """The folder of the version in use of this screener, or None if none was ever promoted."""
    pointer = champions / name / CURRENT
    if not pointer.is_file():
        return None
    version = pointer.read_text(encoding="utf-8").strip()
    folder = champions / name / version
    if not version or not folder.is_dir():
        raise ScreenerError(f"The champion of {name} points to version {version!r}, which is not there.")
    return folder


def load_champions(champions: Path, known: Sequence[ScreenerSpec] = SCREENERS) -> dict[str, Screener]:
    """The screeners in use, by name, in the order declared; empty before the first promotion."""
    found = {spec.name: champion_folder(champions, spec.name) for spec in known}
    return {name: _load(name, folder, known) for name, folder in found.items() if folder is not None}


def _load(name: str, folder: Path, known: Sequence[ScreenerSpec]) -> Screener:
    screener = Screener.load(folder, known)
    if (screener.spec.name, screener.version) != (name, folder.name):
        raise ScreenerError(
            f"The champion of {name} should be version {folder.name}; its files are"
            f" {screener.spec.name} {screener.version}."
        )
    return screener


def export_champion(folder: Path, champions: Path, known: Sequence[ScreenerSpec] = SCREENERS) -> Screener:
    """Put the screener saved in `folder` into use; whoever reads meanwhile sees the old one or the new."""
    screener = Screener.load(folder, known)
    home = champions / screener.spec.name
    target = home / screener.version
    home.mkdir(parents=True, exist_ok=True)
    if not target.is_dir():
        half = home / f".{screener.version}.part"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(folder, half)
        half.rename(target)
    waiting = home / f".{CURRENT}.part"
    waiting.write_text(screener.version + "\n", encoding="utf-8")
    os.replace(waiting, home / CURRENT)
    return screener


def copy_champions(champions: Path, target: Path) -> tuple[str, ...]:
    """Copy the versions in use, and no others, into another champions folder; the names copied."""
    copied = []
    for spec in SCREENERS:
        folder = champion_folder(champions, spec.name)
        if folder is not None:
            export_champion(folder, target)
            copied.append(spec.name)
    return tuple(copied)
