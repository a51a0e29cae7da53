"""A stored screening made again from its stored features, and compared with what was stored.

What is stored is checked first: a row's number is the digest of what it holds, so a value changed behind
the triggers' back is seen even where it would make no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from models.replay import Replayed, replay
from models.screener import Screener, ScreenerError
from models.screening import Screening
from serving.review.forgetting import DELETED
from serving.review.screenings import feature_row_id, screening_id
from serving.review.tables import FeatureRow, ScreeningRow


class CannotReplay(LookupError):
    """A screening that cannot be made again; the message says what is missing."""


@dataclass(frozen=True)
class Answer:
    """What came of it: each line says one thing that is not as it was."""

    screening: Screening
    of_round: bool
    differs: tuple[str, ...]
    made_otherwise: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether it is the same to the bit, and stored as it was."""
        return not self.differs


def replay_stored(session: Session, screening: str, champions: Path) -> Answer:
    """The stored screening of this number made again; CannotReplay if it, or what made it, is not here."""
    row = session.get(ScreeningRow, screening)
    if row is None:
        raise CannotReplay(f"No screening has the number {screening}.")
    if row.child_key == DELETED:
        raise CannotReplay(f"The child of screening {screening} was deleted by right; nothing of it is kept.")
    features = session.get(FeatureRow, row.feature_row_id) if row.feature_row_id else None
    if features is None:
        raise CannotReplay(f"The features that screening {screening} was made of are not stored.")
    screener = _screener(champions / row.screener / row.version, row)
    stored = Screening.from_json(row.body)
    changed = []
    if screening_id(row.round_id, row.body) != row.id:
        changed.append("the stored screening is not the one that was stored: its digest differs")
    digest = feature_row_id(features.child_key, features.as_of, features.features, features.silent)
    if digest != features.id:
        changed.append("the stored features are not those that were stored: their digest differs")
    try:
        found: Replayed = replay(
            screener, stored, features.features, row.made_with, of_round=row.round_id is not None
        )
    except ScreenerError as error:
        raise CannotReplay(str(error)) from error
    return Answer(
        stored,
        row.round_id is not None,
        (*changed, *(str(difference) for difference in found.differences)),
        tuple(str(difference) for difference in found.made_otherwise),
    )


def _screener(folder: Path, row: ScreeningRow) -> Screener:
    try:
        screener = Screener.load(folder)
    except ScreenerError as error:
        raise CannotReplay(f"{row.screener} {row.version} cannot be used: {error}") from error
    if screener.version != row.version:
        raise CannotReplay(
            f"The files of {row.screener} {row.version} have been changed: they are {screener.version} now."
        )
    return screener
