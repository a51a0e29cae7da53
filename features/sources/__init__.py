"""Every table of dated records a department may deliver, one declaration each.

To add a source: declare it in the module of its department and nothing else. Its contract, its
intake mapping, its catalogue page and its place in the inline request schema follow from it.
"""

from features.language import Source, declared
from features.sources.civil_affairs import CivilAffairs
from features.sources.community import Community
from features.sources.education import Education
from features.sources.health import Health
from features.sources.instruments import Instruments
from features.sources.justice import Justice
from features.sources.police import Police
from features.sources.review import Review
from features.sources.welfare import Welfare

SOURCES: tuple[Source, ...] = tuple(
    source
    for owner in (Police, Education, Instruments, Health, CivilAffairs, Justice, Welfare, Community, Review)
    for source in declared(owner, Source)
)


def source_named(name: str) -> Source:
    """The declared source of this name; KeyError if there is none."""
    for source in SOURCES:
        if source.name == name:
            return source
    raise KeyError(f"No source is called {name!r}.")


__all__ = [
    "SOURCES",
    "CivilAffairs",
    "Community",
    "Education",
    "Health",
    "Instruments",
    "Justice",
    "Police",
    "Review",
    "Welfare",
    "source_named",
]
