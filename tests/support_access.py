"""One case for each way a case can be near to its reader, with a mark in every group of fields."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from features.catalogue import FEATURES
from features.identity import masked_name
from features.language import Text
from models.explanation import Evidence
from models.policy import Lane
from serving.review import audit
from serving.review.access import Group, Reach
from serving.review.access_tables import OpeningRow
from serving.review.case import WORKERS, Role
from serving.review.life_tables import ConsultationRow, FindingRow, ObjectionRow, RequestRow
from serving.review.permissions import Actor
from serving.review.record_tables import LedgerEntry, PlanAction, PlanRow, ReferralRow, ReportRow
from serving.review.tables import Case, DispositionRow, FactRow, NoteRow, ViewRow
from serving.web.deps import LakeRecord
from serving.web.text import WORDS
from tests import support_records
from tests import support_review as support
from tests.support_review import NOW, TODAY, VILLAGE, Browser, add_account, alert, open_cases


@dataclass(frozen=True)
class Planted:
    """A child of the store: where its case lies, and what stands for it in each group."""

    place: int
    key: str
    name: str
    area: str
    reaches: frozenset[Reach]

    def day(self, month: int, year: int = 2025) -> date:
        """A day of this child's that nothing else has."""
        return date(year, month, 10 + self.place)


NEAR = frozenset({Reach.AREA})
CHILDREN = (
    Planted(1, "key-of-the-held", "亓标志", VILLAGE, NEAR | {Reach.HELD}),
    Planted(2, "key-of-the-area", "佴标志", VILLAGE, NEAR),
    Planted(3, "key-of-the-far", "訾标志", "330109003001", frozenset()),
    Planted(4, "key-of-the-asked", "郄标志", "330109004001", frozenset({Reach.ASKED})),
    Planted(5, "key-of-the-opened", "厍标志", "330109005001", frozenset({Reach.OPENED})),
)
_FAMILIES = tuple(dict.fromkeys(f.family.name for f in FEATURES if not f.sensitive))
_TITLES = {f.family.name: f.family.title for f in FEATURES}


def family(child: Planted) -> str:
    """The family of features that speaks for this child alone."""
    return _FAMILIES[child.place]


def marks(child: Planted, case_id: str) -> dict[Group, tuple[str, ...]]:
    """What is looked for on every page, by group. A group without a mark has pages of its own."""
    return {
        Group.CASE: (case_id,),
        Group.ORIGIN: (child.day(8).isoformat(),),
        Group.AGE: (f"{child.place + 2} 岁", f"{child.place + 2}岁"),
        Group.AREA: (f"标志社区{child.area}",),
        Group.MASKED_NAME: (masked_name(child.name),),
        Group.FULL_NAME: (child.name,),
        Group.REASONS: (f"{_TITLES[family(child)].zh}</",),
        Group.CONCLUSIONS: (child.day(6, 2026).isoformat(),),
        Group.NOTES: (f"手写标志{child.place}",),
        Group.RECORDS: (child.day(3).isoformat(),),
        Group.SENSITIVE: (child.day(4).isoformat(),),
        Group.LOOKED: (f"旁观者{child.place}",),
        Group.SUPPORT: (child.day(5, 2026).isoformat(),),
        Group.REPORT: (child.day(2, 2026).isoformat(),),
        Group.CHILD_KEY: (child.key,),
        Group.RAW_SCORE: (f"0.31{child.place}7", f"0.943{child.place}"),
    }


def plant(store, reader: Actor) -> dict[str, str]:
    """Everything of every child, near to this reader as declared; the case id by child key."""
    other = add_account(store, Role.ASSESSOR, username="other", display_name="别人")
    for child in CHILDREN:
        add_account(store, Role.AUDITOR, username=f"looker{child.place}", display_name=f"旁观者{child.place}")
    open_cases(
        store,
        [alert(child.key, Lane.TRIGGER, trigger_record=f"t{child.place}") for child in CHILDREN],
        areas={child.key: child.area for child in CHILDREN},
    )
    support.add_screenings(
        store,
        [
            support.screening(
                child.key, families=((family(child), 0.9),), risk=float(f"0.31{child.place}7"), low=0.21, high=0.42,
                percentile=float(f"0.943{child.place}"),
            )
            for child in CHILDREN
        ],
    )  # fmt: skip
    with store.write() as session:
        cases = {case.child_key: case for case in session.scalars(select(Case))}
        for child in CHILDREN:
            _write(session, child, cases[child.key], reader, other)
        return {key: case.id for key, case in cases.items()}


def _write(session, child: Planted, case: Case, reader: Actor, other: Actor) -> None:
    wrote, me = f"手写标志{child.place}", other.account_id
    holds = Reach.HELD in child.reaches and reader.role in WORKERS
    case.status, case.holder_id = "claimed", reader.account_id if holds else me
    case.age_years, case.reveal_after_view, case.asks_view = child.place + 2.4, False, False
    event = audit.write(
        session, actor=_account(session, f"looker{child.place}"), verb="reveal_name", subject=case.id, now=NOW
    )
    here = {
        "child_key": child.key,
        "area_code": child.area,
        "case_id": case.id,
        "made_by": me,
        "made_at": NOW,
    }
    session.add_all(
        [
            NoteRow(event_number=event, case_id=case.id, note=wrote),
            FactRow(
                case_id=case.id, entry=1, kind="visit", happened_on=child.day(6, 2026), met="both", note=wrote,
                recorded_by=me, recorded_at=NOW,
            ),
            ViewRow(case_id=case.id, account_id=me, view="concern", note=wrote, recorded_at=NOW),
            DispositionRow(
                case_id=case.id, risk="psychological", disposition="confirmed", visited=True, reason=wrote,
                disposed_by=me, disposed_at=NOW,
            ),
            FindingRow(case_id=case.id, entry=1, risk="guardianship", finding=wrote, recorded_by=me, recorded_at=NOW),
            RequestRow(
                id=f"r{child.place}", child_key=child.key, case_id=case.id, lane="request", reason=wrote,
                recorded_by=me, recorded_at=NOW,
            ),
            ObjectionRow(
                id=f"o{child.place}", case_id=case.id, child_key=child.key, raised_by="guardian",
                source="absences", record_id="r0", wrong=wrote, recorded_by=me, recorded_at=NOW, forwarded_at=NOW,
            ),
            LedgerEntry(
                **{**here, "made_at": datetime(2026, 5, 10 + child.place, 4, tzinfo=UTC)}, state="open",
                categories=["hardship"], basis="case", note=wrote, entered_on=child.day(5, 2026),
                contacted_on=child.day(5, 2026), visited_on=child.day(5, 2026),
            ),
            ReportRow(
                **{**here, "made_at": datetime(2026, 2, 10 + child.place, 4, tzinfo=UTC)}, state="open", about=wrote, situation="abandoned", found_on=child.day(2, 2026),
                reported_on=child.day(2, 2026), told=["police"], note=wrote,
            ),
            ReferralRow(
                **here, state="sent", service="F17", channel="line_96525", stage="prevention", note=wrote,
                consent="given", consent_by="guardian", consent_on=TODAY, answer_by=TODAY,
            ),
        ]
    )  # fmt: skip
    plan = PlanRow(
        **here, state="open", note=wrote, agreement="agreed", agreement_by=wrote, agreed_on=TODAY,
        review_on=TODAY + timedelta(days=60),
    )  # fmt: skip
    session.add(plan)
    session.flush()
    session.add(
        PlanAction(
            plan_id=plan.id, what=wrote, who=wrote, by_on=TODAY + timedelta(days=9), state="open", note=wrote
        )
    )
    if reader.role in WORKERS and Reach.ASKED in child.reaches:
        session.add(
            ConsultationRow(
                case_id=case.id, asked_by=me, asked_of=reader.account_id, question=wrote, asked_at=NOW
            )
        )
    if reader.role in WORKERS and Reach.OPENED in child.reaches:
        session.add(
            OpeningRow(
                case_id=case.id, area_code=child.area, account_id=reader.account_id, reason="found",
                words=wrote, opened_at=NOW, until=NOW + timedelta(hours=4), verdict_words="",
            )
        )  # fmt: skip


def _account(session, username: str) -> str:
    from serving.review.tables import Account

    return session.scalars(select(Account.id).where(Account.username == username)).one()


def reaches_for(child: Planted, role: Role) -> frozenset[Reach]:
    """How near the child's case is to an account of this role in the planted store."""
    return child.reaches if role in WORKERS else child.reaches & NEAR


def browser_of(store, role: Role) -> Browser:
    """A browser of the reader, on dependencies that know every planted child."""
    by_key = {child.key: child for child in CHILDREN}
    areas = {child.area for child in CHILDREN}
    browser = Browser(
        support.deps(
            store,
            new_token=lambda: secrets.token_urlsafe(24),
            names=lambda keys: {key: by_key[key].name for key in keys if key in by_key},
            evidence=lambda key, source, record: Evidence(
                source, record, by_key[key].day(8), by_key[key].day(8) + timedelta(days=10)
            ),
            records=lambda key: [
                LakeRecord("absences", by_key[key].day(3), by_key[key].day(3)),
                LakeRecord("counsellor_visits", by_key[key].day(4), by_key[key].day(4)),
            ],
            area_title=lambda code: Text(f"标志社区{code}", f"Marked {code}") if code in areas else None,
        )
    )
    browser.sign_in(role.value)
    return browser


def reader_of(store, role: Role) -> Actor:
    """The account that reads."""
    return add_account(store, role, area_prefix=VILLAGE)


def addresses(browser: Browser, case_ids, store) -> list[str]:
    """Every address that answers to GET, with every case and record in the place of each blank."""
    records = {
        "ledger": LedgerEntry, "report": ReportRow, "referral": ReferralRow, "plan": PlanRow,
    }  # fmt: skip
    with store.read() as session:
        numbers = {kind: list(session.scalars(select(table.id))) for kind, table in records.items()}
        openings = list(session.scalars(select(OpeningRow.id)))
    found = []
    for path in get_paths(browser.client.app):
        blanks = set(re.findall(r"\{(\w+)", path))
        if path.startswith("/static"):
            continue
        if not blanks:
            found.append(path)
        elif blanks == {"case_id"}:
            found += [path.format(case_id=case_id) for case_id in case_ids]
        elif blanks == {"case_id", "kind"}:
            kinds = (*records, "assessment")
            found += [path.format(case_id=case_id, kind=kind) for case_id in case_ids for kind in kinds]
        elif blanks == {"kind"}:
            found += [path.format(kind=kind) for kind in (*records, "assessment")]
            found += [f"{path.format(kind=kind)}?state=all" for kind in (*records, "assessment")]
        elif blanks == {"kind", "number"}:
            found += [path.format(kind=kind, number=n) for kind, ns in numbers.items() for n in ns]
        elif blanks == {"number"} and path.startswith("/emergency"):
            found += [path.format(number=number) for number in openings]
        else:
            found += [re.sub(r"\{\w+(:\w+)?\}", "1", path)]
    return [*found, "/?list=all", "/?list=others", "/?list=triggers"]


def get_paths(app) -> list[str]:
    """The paths that answer to GET."""
    return sorted(route.path for route in app.routes if "GET" in (getattr(route, "methods", None) or ()))


GRADES = WORDS["assessment.grades"]
__all__ = [
    "CHILDREN",
    "GRADES",
    "NEAR",
    "addresses",
    "browser_of",
    "marks",
    "plant",
    "reaches_for",
    "reader_of",
    "support_records",
]
