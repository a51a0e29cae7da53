"""The Bento: the champions exported into BentoML's model store, and the service built with them.

The Bento holds features, models and serving; no training code, no test, no record of anybody. It finds the
champions of the data home first, then its own, and answers that none is in use if there are neither.
BentoML is imported when it is needed: it reads its home from the environment when it is first imported.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from features.settings import Settings
from models.champions import copy_champions, load_champions

ROOT = Path(__file__).parents[1]
CHAMPIONS = "miaohu-champions"


@dataclass(frozen=True)
class Built:
    """A built Bento: its tag, where it lies, how large it is, and the screeners it carries."""

    tag: str
    folder: Path
    size_bytes: int
    screeners: tuple[str, ...]


def store_home(settings: Settings) -> Path:
    """BentoML's own store, under the data home like everything else: what BENTOML_HOME must be."""
    return settings.home / "bentoml"


def is_built(settings: Settings, tag: str) -> bool:
    """Whether this Bento lies in the data home's store; a name alone means its newest."""
    name, _, version = tag.partition(":")
    built = store_home(settings) / "bentos" / name
    return bool(name) and (built / (version or "latest")).exists()


def build(settings: Settings, progress: Callable[[str], None]) -> Built:
    """Export the champions and build the Bento with them; without any, the Bento says that none is in use."""
    import bentoml
    import yaml  # type: ignore[import-untyped]  # it has no stubs here

    plan: dict[str, Any] = yaml.safe_load((ROOT / "bentofile.yaml").read_text(encoding="utf-8"))
    screeners = load_champions(settings.champions)
    if screeners:
        version = "-".join(screener.version for screener in screeners.values())
        plan["models"] = [_exported(settings, version)]
        progress(f"exported {', '.join(screeners)} as {plan['models'][0]}")
    else:
        progress("no screener has been promoted: the Bento will answer that none is in use")
    progress("building the Bento")
    with tempfile.TemporaryDirectory() as folder:
        bentofile = Path(folder) / "bentofile.yaml"
        bentofile.write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
        bento = bentoml.bentos.build_bentofile(str(bentofile), build_ctx=str(ROOT))
    built = Path(bento.path)
    size = sum(path.stat().st_size for path in built.rglob("*") if path.is_file())
    return Built(str(bento.tag), built, size, tuple(screeners))


def _exported(settings: Settings, version: str) -> str:
    """The champions in BentoML's model store, under their own versions: exported once."""
    import bentoml

    tag = f"{CHAMPIONS}:{version}"
    try:
        return str(bentoml.models.get(tag).tag)
    except bentoml.exceptions.NotFound:
        with bentoml.models.create(tag, labels={"kind": "champions"}) as model:
            copy_champions(settings.champions, Path(model.path))
        return tag


def bundled_champions(service: Any) -> Path | None:
    """The champions of the Bento this service was loaded from; None if it carries none or is no Bento."""
    import bentoml

    if service.bento is None:
        return None
    for model in service.bento.info.models:
        if model.tag.name == CHAMPIONS:
            return Path(bentoml.models.get(model.tag).path)
    return None
