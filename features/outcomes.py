"""The two outcomes Miaohu hopes to prevent, and the facts that establish them.

A disposition counts only after a visit; every other disposition leaves the outcome unknown.
"""

from features.language import Fact, OneOf, Outcome, Text, declared
from features.sources import CivilAffairs, Community, Education, Health, Justice, Police, Review
from features.sources.health import PSYCHOLOGICAL_BLOCKS


def _disposed(risk: str, disposition: str) -> Fact:
    return Fact(
        source=Review.dispositions,
        where=(OneOf("risk", risk), OneOf("disposition", disposition), OneOf("visited", "yes")),
    )


class Outcomes:
    psychological = Outcome(
        title=Text("需要心理支持", "Needs psychological support"),
        facts=(
            Fact(source=Health.visits, where=(OneOf("block", *PSYCHOLOGICAL_BLOCKS),)),
            Fact(source=Education.counsellor_visits, where=(OneOf("level", "crisis"),)),
        ),
        confirmed=_disposed("psychological", "confirmed"),
        refuted=_disposed("psychological", "not_confirmed"),
        already_days=365,
    )
    guardianship = Outcome(
        title=Text("需要监护支持", "Needs guardianship support"),
        facts=(
            Fact(source=CivilAffairs.guardianship_measures),
            Fact(source=Police.admonitions),
            Fact(source=Justice.family_orders),
            Fact(
                source=Community.grid_reports,
                where=(OneOf("kind", "unattended", "neglect", "abuse"), OneOf("verified", "substantiated")),
            ),
            Fact(
                source=CivilAffairs.guardianship_assessments,
                where=(OneOf("conclusion", "improper", "absent"),),
            ),
        ),
        confirmed=_disposed("guardianship", "confirmed"),
        refuted=_disposed("guardianship", "not_confirmed"),
        already_days=365,
    )


OUTCOMES: tuple[Outcome, ...] = declared(Outcomes, Outcome)
