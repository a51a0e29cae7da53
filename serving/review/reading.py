"""Who may open a child's whole page, for what, and which departments' records they see there.

Opening it is a step of its own: it needs a purpose from the list and leaves one audit event. Health, the
counsellor, instruments, custody and violence are for those who assess or coordinate. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from features.language import Text, Worded
from serving.review.access import Group, Reach, roles_that_see, shown
from serving.review.case import Incomplete, Refused, Role

OPENED = "open_child"

MAY_READ_SENSITIVE: frozenset[Role] = roles_that_see(Group.SENSITIVE)

# Sources whose very presence says what a family may not wish the village to know.
SENSITIVE: frozenset[str] = frozenset(
    {
        "admonitions", "bullying_reports", "child_disorder_management", "counsellor_visits", "custody_cases",
        "disability_cards", "family_orders", "guardian_custody", "guardian_illness", "guardianship_measures",
        "guardianship_urgings", "hotline_calls", "instrument_results", "large_bills", "missing_found",
        "rehabilitation", "visits",
    }
)  # fmt: skip


class Purpose(Worded):
    """What a child's page is opened for. The values are kept in the log."""

    VISIT = ("visit", "准备联系或走访", "To prepare a contact or visit")
    ASSESS = ("assess", "评估", "To assess")
    SUPPORT = ("support", "安排帮扶或转介", "To arrange support or a referral")
    CONSULT = ("consult", "会商或复核", "To consult or review")
    OBJECTION = ("objection", "核实异议或更正", "To look into an objection or correction")
    HAND_OVER = ("hand_over", "交接工作", "To hand the work over")


def check_may_open(role: Role, near: Collection[Reach]) -> None:
    """Raises Refused with a sentence unless the table shows the page to this role of a case this near."""
    if shown(Group.RECORDS, role, near):
        return
    raise Refused(
        Text(
            "只有负责这件个案的人和督导员、筛查员可以打开一人一档。",
            "Only who holds the case, supervisors and screeners may open the child's page.",
        )
    )


def may_open(role: Role, near: Collection[Reach]) -> bool:
    """The twin of `check_may_open` for pages."""
    return shown(Group.RECORDS, role, near)


def check_purpose(purpose: Purpose | None) -> Purpose:
    """The purpose given; raises Incomplete if there is none."""
    if purpose is None:
        raise Incomplete((Refused(Text("请选择打开的目的。", "Choose what you open it for."), "purpose"),))
    return purpose


def sources_for(role: Role, every: Iterable[str]) -> frozenset[str]:
    """The sources whose records this role sees."""
    return frozenset(every) if role in MAY_READ_SENSITIVE else frozenset(every) - SENSITIVE
