"""All declared features, in reading order: family, school, health.

To add a feature: declare it in the class of its group, with a worked example that no misreading of
it survives, and nothing else. Data only: a feature that needs code needs a new form in the language.
"""

from features.catalogue.caring import CaringFeatures
from features.catalogue.family import FamilyFeatures
from features.catalogue.growing import GrowingFeatures
from features.catalogue.guardians import GuardianFeatures
from features.catalogue.health import HealthFeatures
from features.catalogue.instruments import InstrumentFeatures
from features.catalogue.learning import LearningFeatures
from features.catalogue.ledgers import LedgerFeatures
from features.catalogue.registers import RegisterFeatures
from features.catalogue.school import SchoolFeatures
from features.catalogue.services import FollowUpFeatures, ServiceFeatures
from features.catalogue.settling import SettlingFeatures
from features.language import Feature, declared

FEATURES: tuple[Feature, ...] = tuple(
    feature
    for owner in (
        FamilyFeatures, SettlingFeatures, CaringFeatures, GuardianFeatures, RegisterFeatures, LedgerFeatures,
        SchoolFeatures, LearningFeatures, FollowUpFeatures,
        HealthFeatures, GrowingFeatures, ServiceFeatures, InstrumentFeatures,
    )
    for feature in declared(owner, Feature)
)  # fmt: skip

_BY_NAME = {feature.name: feature for feature in FEATURES}


def feature_named(name: str) -> Feature:
    """The declared feature of this name; KeyError if there is none."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise KeyError(f"No feature is called {name!r}.") from None


__all__ = ["FEATURES", "feature_named"]
