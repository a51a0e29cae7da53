"""The pages that the head of every page leads to, one row each; who sees which follows from the rows."""

from __future__ import annotations

from dataclasses import dataclass

from serving.review import emergency, exports, undelivered
from serving.review.access import Group, roles_that_see
from serving.review.case import WORKERS, Role
from serving.web.components import Link
from serving.web.text import Translate

# Who answers for how the work goes, or checks it, beside those who do it.
OVERSEERS = roles_that_see(Group.DASHBOARD)
# Who may take counts out of the house.
STATISTICIANS = roles_that_see(Group.STATISTICS)


@dataclass(frozen=True)
class Entry:
    """One page in the head: `place` as the page's own frame says it, and the roles that see it."""

    place: str
    address: str
    wording: str
    by: frozenset[Role] = frozenset(Role)


ENTRIES: tuple[Entry, ...] = (
    Entry("queue", "/", "nav.queue"),
    Entry("mine", "/?list=mine", "nav.mine", WORKERS),
    Entry("coordination", "/coordination", "nav.coordination", WORKERS),
    Entry("raise", "/raise", "nav.raise", WORKERS),
    Entry("closed", "/closed", "nav.closed"),
    Entry("support", "/records/due", "nav.support"),
    Entry("dashboard", "/dashboard", "nav.dashboard", OVERSEERS),
    Entry("statistics", "/statistics", "nav.statistics", STATISTICIANS),
    Entry("emergency", "/emergency", "nav.emergency", emergency.OPENERS),
    Entry("exports", "/exports", "nav.exports", exports.EXPORTERS),
    Entry("undelivered", "/undelivered", "nav.undelivered", undelivered.READERS),
    Entry("openings", "/emergency/review", "nav.openings", emergency.REVIEWERS),
    Entry("rights", "/rights", "nav.rights", roles_that_see(Group.RIGHTS)),
)


def entries_for(role: Role, place: str, t: Translate) -> tuple[Link, ...]:
    """The links in the head for this role, with the one of this place marked."""
    return tuple(
        Link(entry.address, t(entry.wording), entry.place == place) for entry in ENTRIES if role in entry.by
    )
