"""What linking has learnt: how often true pairs and chance pairs agree, and where to draw the lines.

A model holds rates and no person. The line above which a link is made without a person comes with
what it promises: with `certainty`, at least `precision` of such links are right, on rows like those
of the labelled sample it was chosen from. Where a sample cannot carry the promise, none is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.stats import beta

SHIPPED = Path(__file__).with_name("linkage_model.json")
# Tried from the strictest down, and the search ends at the first that fails: so the promise holds
# for the line that is kept, although several were tried.
LINES = (0.9999, 0.9995, 0.999, 0.998, 0.995, 0.99, 0.98, 0.97, 0.95, 0.93, 0.9)


class LinkageError(ValueError):
    """Linking that cannot be done as asked; the message echoes no personal value."""


@dataclass(frozen=True)
class Chances:
    """How often a level is reached by two descriptions of one person (m) and of two people (u)."""

    m: float
    u: float

    def __post_init__(self) -> None:
        if not (0 < self.m <= 1 and 0 < self.u <= 1):
            raise LinkageError("Chances of a level lie above 0 and not above 1.")


@dataclass(frozen=True)
class Thresholds:
    """The two lines, and what the upper one promises.

    Of `links` links of the labelled sample at or above `link_at`, `wrong` were wrong; with
    `certainty` at least `precision` of such links are right. `found` is the share of true pairs that
    stood at or above `look_at` in the sample.
    """

    link_at: float
    look_at: float
    precision: float
    certainty: float
    links: int
    wrong: int
    found: float
    sample: str

    def __post_init__(self) -> None:
        if not 0 < self.look_at <= self.link_at < 1:
            raise LinkageError("The line for a person lies above 0, and not above the line for a link.")

    def sentence(self) -> str:
        """The promise in words."""
        return (
            f"Links are made at a confidence of {self.link_at} or more: with {self.certainty:.0%} certainty"
            f" at least {self.precision:.1%} of them are right on rows like the {self.sample}"
            f" ({self.wrong} of {self.links:,} links were wrong there). From {self.look_at} a person decides."
        )


@dataclass(frozen=True)
class LinkageModel:
    """Chances by comparison and level, and the thresholds; None before they were chosen."""

    chances: Mapping[str, Mapping[str, Chances]]
    thresholds: Thresholds | None = None

    @property
    def lines(self) -> Thresholds:
        """The thresholds; LinkageError if none were chosen."""
        if self.thresholds is None:
            raise LinkageError("No thresholds were chosen for this model from a labelled sample.")
        return self.thresholds

    def to_json(self) -> str:
        """The model as text, the same for the same model."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> LinkageModel:
        """The model that `to_json` wrote."""
        kept = json.loads(text)
        chances = {
            comparison: {level: Chances(**each) for level, each in levels.items()}
            for comparison, levels in kept["chances"].items()
        }
        thresholds = kept["thresholds"]
        return cls(chances, Thresholds(**thresholds) if thresholds else None)

    @classmethod
    def load(cls, path: Path = SHIPPED) -> LinkageModel:
        """The model in a file, the shipped one by default."""
        return cls.from_json(path.read_text(encoding="utf-8"))


def at_least_right(links: int, wrong: int, certainty: float) -> float:
    """The precision that so many links with so many wrong ones prove (Clopper and Pearson, one-sided)."""
    if links == 0 or wrong == links:
        return 0.0
    return float(beta.ppf(1 - certainty, links - wrong, wrong + 1))


def choose_thresholds(
    confidence: Sequence[float],
    correct: Sequence[bool],
    *,
    true_pairs: int,
    precision: float = 0.99,
    certainty: float = 0.95,
    found: float = 0.99,
    sample: str,
) -> Thresholds:
    """Both lines from a labelled sample: the candidates' confidences, and whether each is right.

    `link_at` is the lowest of LINES down to which every line proves `precision` with `certainty`;
    LinkageError if not even one does. `look_at` is where `found` of the true pairs that were
    candidates at all stand at or above it.
    """
    values, right = np.asarray(confidence, dtype=float), np.asarray(correct, dtype=bool)
    if len(values) != len(right) or right.sum() > true_pairs:
        raise LinkageError(
            "The labelled sample has more right candidates than true pairs, or unlike lengths."
        )
    kept: tuple[float, int, int] | None = None
    for line in LINES:
        above = values >= line
        links, wrong = int(above.sum()), int((above & ~right).sum())
        if at_least_right(links, 0, certainty) < precision:
            # Too few so high up to prove anything, whether right or wrong.
            continue
        if at_least_right(links, wrong, certainty) < precision:
            break
        kept = (line, links, wrong)
    if kept is None:
        raise LinkageError(
            f"This sample proves a precision of {precision} at no line: it is too small, or linking too poor."
        )
    ranked = np.sort(values[right])
    look_at = float(np.floor(ranked[int((1 - found) * len(ranked))] * 1000) / 1000)
    look_at = min(max(look_at, 0.001), kept[0])
    return Thresholds(
        link_at=kept[0],
        look_at=look_at,
        precision=precision,
        certainty=certainty,
        links=kept[1],
        wrong=kept[2],
        found=float((ranked >= look_at).sum() / true_pairs) if true_pairs else 0.0,
        sample=sample,
    )
