"""A walk over the ledger and the cases of three children, and the plain recount its days are held to."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.review import queries, record_actions
from serving.review.acting import NotFound
from serving.review.case import RISKS, Disposition, Incomplete, Met, Refused, Role, Verb
from serving.review.case_forms import Given
from serving.review.perform import Wanted, perform
from serving.review.permissions import allowed_steps
from serving.review.record_store import About
from serving.review.record_tables import LedgerEntry, RecordStep
from serving.review.records import Kind
from serving.review.store import Store
from serving.review.tables import Case, FactRow
from tests import support_records as records
from tests import support_review as support
from tests.support_life import case_now
from tests.support_review import ELSEWHERE, NOW, TODAY, VILLAGE

AREAS = {"c-one": VILLAGE, "c-two": VILLAGE, "c-three": ELSEWHERE}
LEDGER = ("care_contact", "care_visit", "leave_ledger")
CASE = (
    Verb.CLAIM, Verb.RECORD_CONTACT, Verb.RECORD_VISIT, Verb.RECORD_ASSESSMENT, Verb.START_SUPPORT,
    Verb.RECORD_FOLLOW_UP, Verb.DISPOSE, Verb.REOPEN,
)  # fmt: skip
Days = dict[str, tuple[date, date]]


def recounted(session: Session) -> Days:
    """The days of every open entry, by looking at everything that was ever recorded."""
    steps = session.scalars(select(RecordStep)).all()
    facts = session.execute(select(Case.child_key, FactRow).join(FactRow, FactRow.case_id == Case.id)).all()
    days = {}
    for entry in session.scalars(select(LedgerEntry).where(LedgerEntry.state == "open")):
        contacts, visits = [entry.entered_on], [entry.entered_on]
        for step in steps:
            if step.child_key == entry.child_key and step.code != "nobody":
                if step.verb in ("care_contact", "care_visit"):
                    contacts.append(step.happened_on)
                if step.verb == "care_visit":
                    visits.append(step.happened_on)
        for child_key, fact in facts:
            if child_key == entry.child_key and fact.met != "nobody":
                contacts.append(fact.happened_on)
                if fact.kind == "visit":
                    visits.append(fact.happened_on)
        days[entry.child_key] = (max(contacts), max(visits))
    return days


def kept(session: Session) -> Days:
    """The days that the open entries have."""
    entries = session.scalars(select(LedgerEntry).where(LedgerEntry.state == "open"))
    return {entry.child_key: (entry.contacted_on, entry.visited_on) for entry in entries}


class Walk:
    """Somebody who records this and that of three children, backdated as they like."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store, self.rng, self.today = store, Random(seed), TODAY
        self.actor = support.add_account(store, Role.SCREENER, area_prefix="")
        self.done: set[str] = set()
        support.open_cases(store, [support.alert(key) for key in AREAS], areas=AREAS)

    def move(self) -> None:
        """One thing recorded, or refused."""
        self.today += timedelta(days=self.rng.randrange(3))
        child_key = self.rng.choice(list(AREAS))
        try:
            with self.store.write() as session:
                if self.rng.random() < 0.5:
                    self._ledger(session, child_key)
                else:
                    self._case(session, child_key)
        except (Refused, Incomplete, NotFound):
            return

    def _day(self) -> date:
        return self.today - timedelta(days=self.rng.randrange(40))

    def _met(self) -> Met:
        return self.rng.choice([Met.NOBODY, Met.CHILD, Met.BOTH])

    def _found(self) -> list[Disposition]:
        return self.rng.choices(list(Disposition), (2, 1, 1, 1, 1), k=2)

    def _ledger(self, session: Session, child_key: str) -> None:
        doing = records.doing(self.actor, self.today)
        entry = session.scalar(
            select(LedgerEntry).where(LedgerEntry.child_key == child_key, LedgerEntry.state == "open")
        )
        if entry is None:
            about = About(child_key, AREAS[child_key], None)
            given = records.ENTER | {"entered_on": self._day().isoformat()}
            record_actions.enter_ledger(session, doing, about, given)
            self.done.add("enter_ledger")
            return
        verb = self.rng.choices(LEDGER, (4, 4, 1))[0]
        given = {
            "happened_on": self._day().isoformat(), "met": self._met().value, "reason": "moved", "note": "…",
        }  # fmt: skip
        record_actions.do(session, doing, Kind.LEDGER, entry.id, entry.version, verb, given)
        self.done.add(verb)

    def _case(self, session: Session, child_key: str) -> None:
        case = case_now(self.store, child_key)
        allowed = {step.verb for step in allowed_steps(queries.state_of(session, case), self.actor)}
        possible = [verb for verb in CASE if verb in allowed]
        if not possible:
            return
        verb = self.rng.choice(possible)
        given = Given(
            happened_on=self._day(), met=self._met(), note="…", reason="…",
            findings=dict.fromkeys(RISKS, "…"), dispositions=dict(zip(RISKS, self._found(), strict=False)),
        )  # fmt: skip
        perform(session, verb, Wanted(self.actor, case.id, case.version, NOW, self.today), given)
        self.done.add(verb.value)
