"""How often screeners spoke or declined, and why, round by round: counted in the transaction that keeps them.

What a screening said lies packed in its body; counted here once, nobody has to unpack a county to know it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.screening import Screening
from serving.review.machine_tables import RoundTally
from serving.review.tables import Round

# What stands for a screening that did speak; the others stand under their code of `models.wording`.
SPOKEN = "spoken"
# As many rounds as are told of: labels stay few.
ROUNDS = 4


@dataclass(frozen=True)
class Said:
    """How many screenings of a round one screener declined, for one reason."""

    as_of: date
    screener: str
    reason: str
    number: int


def add(session: Session, round_id: str, screenings: Iterable[Screening]) -> None:
    """Count screenings of a round that are kept in this transaction."""
    counted = Counter((one.screener, one.abstained or SPOKEN) for one in screenings)
    for (screener, said), number in sorted(counted.items()):
        row = session.get(RoundTally, (round_id, screener, said))
        if row is None:
            session.add(RoundTally(round_id=round_id, screener=screener, said=said, number=number))
        else:
            row.number += number
    session.flush()


def abstentions(session: Session) -> Sequence[Said]:
    """What screeners declined in the newest rounds, the newest first."""
    newest = select(Round.id).order_by(Round.as_of.desc(), Round.opened_at.desc()).limit(ROUNDS)
    rows = session.execute(
        select(Round.as_of, RoundTally.screener, RoundTally.said, RoundTally.number)
        .join(RoundTally, RoundTally.round_id == Round.id)
        .where(RoundTally.said != SPOKEN, Round.id.in_(newest))
        .order_by(Round.as_of.desc(), RoundTally.screener, RoundTally.said)
    )
    return [Said(*row) for row in rows]
