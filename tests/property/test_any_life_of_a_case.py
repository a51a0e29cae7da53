"""Any order of steps by anybody keeps the promises: a fact before the end, one open case, triggers first."""

from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from models.policy import Lane
from serving.review import audit, queries
from serving.review.acting import NotFound
from serving.review.case import (
    ATTEMPTS,
    RISKS,
    Answer,
    Disposition,
    Incomplete,
    Met,
    Objector,
    Refused,
    Role,
    Status,
    Verb,
    View,
)
from serving.review.case_forms import Given
from serving.review.life_tables import ConclusionRow
from serving.review.perform import Wanted, perform
from serving.review.permissions import allowed_steps
from serving.review.tables import AuditEvent, Case, DispositionRow, FactRow
from tests import support_review as support
from tests.support_review import NOW, TODAY, alert, open_cases

pytestmark = pytest.mark.slow

CHILDREN = ("c-one", "c-two")
PEOPLE = (Role.CHILD_DIRECTOR, Role.SUPERVISOR, Role.SCREENER, Role.ASSESSOR, Role.MANAGER)


class AnyLife(RuleBasedStateMachine):
    """Everybody tries everything, with the version they see or an old one."""

    @initialize()
    def begin(self):
        self.store = support.open_store(Path(mkdtemp()))
        self.people = [support.add_account(self.store, role) for role in PEOPLE]
        self.day = 0
        self.release = 0
        self.raise_alerts("c-one", Lane.MODEL, blind=False)

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()

    @rule(
        child=st.sampled_from(CHILDREN), lane=st.sampled_from([Lane.MODEL, Lane.TRIGGER]), blind=st.booleans()
    )
    def raise_alerts(self, child, lane, blind):
        self.release += 1
        more = {"blind": blind} if lane is Lane.MODEL else {"trigger_record": f"{child} {self.release}"}
        open_cases(self.store, [alert(child, lane, **more)], release=self.release)

    @rule()
    def tomorrow(self):
        self.day += 1

    @rule(
        child=st.sampled_from(CHILDREN),
        verb=st.sampled_from(list(Verb)),
        who=st.integers(0, len(PEOPLE) - 1),
        other=st.integers(0, len(PEOPLE) - 1),
        behind=st.sampled_from([0, 1]),
    )
    def try_anything(self, child, verb, who, other, behind):
        case = self.case_of(child)
        if case is not None:
            self.step(case, verb, who, other, Met.BOTH, Disposition.CONFIRMED, behind)

    @rule(
        child=st.sampled_from(CHILDREN),
        choice=st.integers(0, 10_000),
        other=st.integers(0, len(PEOPLE) - 1),
        met=st.sampled_from([Met.NOBODY, Met.BOTH]),
        disposition=st.sampled_from([Disposition.CONFIRMED, Disposition.NOT_CONFIRMED]),
    )
    def do_what_is_allowed(self, child, choice, other, met, disposition):
        case = self.case_of(child)
        if case is None:
            return
        with self.store.read() as session:
            state = queries.state_of(session, case)
        allowed = [
            (who, step.verb)
            for who, actor in enumerate(self.people)
            for step in allowed_steps(state, actor)
            if step.verb not in (Verb.OBJECT, Verb.SNOOZE)
        ]
        if allowed:
            who, verb = allowed[choice % len(allowed)]
            self.step(case, verb, who, other, met, disposition, 0)

    def case_of(self, child):
        with self.store.read() as session:
            cases = session.scalars(select(Case).where(Case.child_key == child)).all()
        return max(cases, key=lambda one: (one.status != "closed", one.opened_at), default=None)

    def step(self, case, verb, who, other, met, disposition, behind):
        today = TODAY + timedelta(days=self.day)
        with self.store.read() as session:
            objections = queries.open_objections(session, case.id)
        given = Given(
            reason="因为", person=self.people[other].account_id, view=View.CONCERN, happened_on=today, met=met,
            note="看到", dispositions=dict.fromkeys(RISKS, disposition),
            findings=dict.fromkeys(RISKS, "所见"), until=today + timedelta(days=3), where_to="外地",
            raised_by=Objector.CHILD, record=("residence", ""), wrong="不对",
            objection=objections[0].id if objections else None, answer=Answer.STANDS, answered_on=today,
        )  # fmt: skip
        wanted = Wanted(self.people[who], case.id, case.version - behind, NOW, today)
        before = self.events()
        try:
            with self.store.write() as session:
                perform(session, verb, wanted, given)
        except (Refused, Incomplete, NotFound):
            assert self.events() == before
        else:
            assert behind == 0
            assert PEOPLE[who] is not Role.MANAGER
            assert self.events() == before + 1

    def events(self):
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(AuditEvent))

    @invariant()
    def a_case_closes_only_with_a_fact_or_attempts_and_a_code_for_each_risk(self):
        if not hasattr(self, "store"):
            return
        with self.store.read() as session:
            for case in session.scalars(select(Case).where(Case.status == Status.CLOSED.value)):
                facts = session.scalars(
                    select(FactRow).where(FactRow.case_id == case.id, FactRow.entry == case.entry)
                ).all()
                reached = any(row.met != Met.NOBODY.value for row in facts)
                tried = {row.happened_on for row in facts if row.met == Met.NOBODY.value}
                assert reached or (case.ending == "cannot_reach" and len(tried) >= ATTEMPTS)
                risks = set(
                    session.scalars(select(DispositionRow.risk).where(DispositionRow.case_id == case.id))
                )
                assert risks == set(RISKS)
                assert case.closed_at is not None
                assert case.second is None

    @invariant()
    def a_child_has_one_open_case_at_most(self):
        if not hasattr(self, "store"):
            return
        with self.store.read() as session:
            counts = session.scalars(
                select(func.count())
                .select_from(Case)
                .where(Case.status != Status.CLOSED.value)
                .group_by(Case.child_key)
            ).all()
        assert all(count == 1 for count in counts)

    @invariant()
    def hard_triggers_stand_first_and_never_sleep_anew(self):
        if not hasattr(self, "store"):
            return
        with self.store.read() as session:
            classes = [case.queue_class for case in queries.queue(session, self.people[2])]
        assert classes == sorted(classes)

    @invariant()
    def only_work_in_hand_and_second_reviews_have_somebody(self):
        if not hasattr(self, "store"):
            return
        with self.store.read() as session:
            for case in session.scalars(select(Case)):
                if case.status == Status.WAITING.value:
                    assert case.holder_id is None
                elif case.status != Status.SECOND_REVIEW.value:
                    assert case.holder_id is not None
                assert (case.second is not None) is (case.status == Status.SECOND_REVIEW.value)

    @invariant()
    def nobody_concludes_twice_on_one_entry_of_a_case(self):
        if not hasattr(self, "store"):
            return
        with self.store.read() as session:
            places: dict[tuple[str, int, str], set[str]] = {}
            for row in session.scalars(select(ConclusionRow).where(ConclusionRow.place != "first")):
                places.setdefault((row.case_id, row.entry, row.account_id), set()).add(row.place)
            firsts = {
                (row.case_id, row.entry, row.account_id)
                for row in session.scalars(select(ConclusionRow).where(ConclusionRow.place == "first"))
            }
            assert all(len(found) == 1 for found in places.values())
            assert not firsts & places.keys()
            audit.verify(session)


AnyLife.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnyLife = AnyLife.TestCase
