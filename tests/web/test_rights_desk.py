"""What a guardian or child asks about their data is received, answered in writing, and carried out."""

import secrets
from datetime import date

import pytest
from sqlalchemy import select

from features.language import Text
from features.triggers import TRIGGERS
from serving.erasing import erase_granted
from serving.held import WITHHELD, HeldRecord
from serving.review import rights
from serving.review.access_tables import RightsRow
from serving.review.case import Role
from serving.review.opening import ChildFacts
from serving.review.record_tables import ReportRow
from serving.review.rights import BASIS, Ground, Right
from serving.review.tables import Account, AuditEvent, Case, ScreeningRow
from tests import support_records as records
from tests import support_review as support
from tests.support_review import COUNTY, NOW, TODAY, VILLAGE, Browser, add_account, alert, open_cases

NUMBER = "330109201605124011"
ASKED = {
    "child": NUMBER, "right": "view", "asked_by": "guardian", "identity": "card", "received_on": "2026-10-05",
    "wish": "想知道记录了什么",
}  # fmt: skip


def desk(store, role=Role.SCREENER, age=9.5, **changes):
    add_account(store, role, area_prefix=COUNTY)
    given = {
        "find_child": lambda said: "c-one" if said == NUMBER else None,
        "about_child": lambda key: ChildFacts(area_code=VILLAGE, age_years=age, stage="primary"),
        "held": lambda key: [HeldRecord("absences", date(2026, 9, 1), date(2026, 9, 3), {"days": 4})],
        "new_token": lambda: secrets.token_urlsafe(24),
    }
    browser = Browser(support.deps(store, **(given | changes)))
    browser.sign_in(role.value)
    return browser


def asked(browser, **changes):
    browser.get("/rights/new")
    browser.post("/rights/new", **(ASKED | changes))
    return browser.response.url.path


def answered(browser, address, decision="grant", **more):
    browser.get(address)
    browser.post(f"{address}/answer", version=browser.version(), decision=decision, answer="见附件", **more)


def granted_by_a_manager(store, address):
    """A second person grants: what a deletion takes."""
    manager = desk(store, Role.MANAGER)
    answered(manager, address)
    return manager


def row_of(store):
    with store.read() as session:
        return session.scalars(select(RightsRow)).one()


def test_a_request_is_received_with_its_clock_and_without_the_number(store):
    browser = desk(store)

    asked(browser)

    row = row_of(store)
    assert (row.child_key, row.right, row.identity, row.state) == ("c-one", "view", "card", "open")
    assert row.due_on == date(2026, 10, 27), (
        "15 working days, the holiday left out and the Saturday worked for it counted"
    )
    assert NUMBER not in browser.page
    browser.get("/rights")
    assert "没有写明天数" in browser.words()


@pytest.mark.parametrize("missing", ["child", "right", "asked_by", "identity", "received_on"])
def test_what_is_missing_comes_back_beside_its_field_and_never_the_number(store, missing):
    browser = desk(store)

    asked(browser, **{missing: ""})

    assert browser.status == 422
    assert f'href="#receive-{missing}"' in browser.page
    assert NUMBER not in browser.page


def test_a_child_under_fourteen_does_not_ask_alone(store):
    browser = desk(store, age=13.9)

    asked(browser, asked_by="child")

    assert browser.status == 422
    assert "由监护人提出" in browser.words()


def test_a_refusal_needs_one_of_the_declared_grounds_and_says_it_in_the_letter(store):
    browser = desk(store)
    address = asked(browser, right="withdraw")

    answered(browser, address, "refuse")
    assert browser.status == 422
    answered(browser, address, "refuse", ground="duty")
    browser.post(f"{address}/letter")

    words = browser.words()
    assert "不同意" in words
    assert Ground.DUTY.title.zh in words
    assert BASIS[Right.WITHDRAW].zh in words
    assert "人民法院" in words
    assert "打印于" in browser.page
    # It is theirs to keep.
    assert "用后销毁" not in browser.page
    assert row_of(store).state == "refused"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_copy_holds_what_is_held_in_plain_words_and_is_recorded(store, language):
    open_cases(store, [alert("c-one")])
    support.add_screenings(store, [support.screening("c-one")])
    browser = desk(store)
    if language == "en":
        browser.switch("en")
    address = asked(browser)
    browser.get(address)
    browser.post(f"{address}/copy")
    assert browser.status == 403, "nothing is granted yet"
    answered(browser, address)

    browser.post(f"{address}/copy")

    words = browser.words()
    assert ("教育 · 缺勤记录" if language == "zh" else "Education") in words
    assert "2026-09-01" in words
    assert ("各部门的记录" if language == "zh" else "Records of departments") in words
    assert "c-one" not in words
    assert row_of(store).state == "done"
    with store.read() as session:
        of_requests = select(AuditEvent.verb).where(AuditEvent.subject.startswith("right-"))
        verbs = session.scalars(of_requests.order_by(AuditEvent.number)).all()
    assert verbs == ["receive_right", "answer_right", "copy_for_right"]


def test_nothing_is_deleted_while_a_case_is_open(store):
    open_cases(store, [alert("c-one")])
    browser = desk(store)
    address = asked(browser, right="delete")

    manager = granted_by_a_manager(store, address)

    assert manager.status == 409
    assert "还有未结的个案" in manager.words()
    assert row_of(store).state == "open"
    answered(browser, address, "refuse", ground="unsettled")
    assert row_of(store).state == "refused"


def test_nothing_is_deleted_while_a_mandatory_report_waits_for_a_receipt(store):
    case = records.a_case(store)
    number = records.report(store, add_account(store, Role.CHILD_DIRECTOR), case)
    with store.write() as session:
        session.scalars(select(Case)).one().status = "closed"
    address = asked(desk(store), right="delete")

    manager = granted_by_a_manager(store, address)

    assert manager.status == 409
    assert "没有收齐回执" in manager.words()
    with store.write() as session:
        session.get_one(ReportRow, number).state = "answered"
    answered(manager, address)
    assert manager.status == 200


@pytest.mark.parametrize("right", ["delete", "leave"])
def test_a_deletion_takes_a_second_person_who_is_a_manager(store, right):
    browser = desk(store, Role.MANAGER)
    address = asked(browser, right=right)

    answered(browser, address)
    assert browser.status == 409
    assert "登记申请的人不能自己同意" in browser.words()
    screener = desk(store)
    answered(screener, address)
    assert screener.status == 409
    assert "须由管理员同意" in screener.words()

    assert row_of(store).state == "open"


@pytest.mark.parametrize("right", ["delete", "leave"])
def test_a_granted_deletion_waits_for_the_worker_and_leaves_only_that_it_was_done(store, right):
    open_cases(store, [alert("c-one"), alert("c-two")])
    support.add_screenings(store, [support.screening("c-one"), support.screening("c-two")])
    with store.write() as session:
        for case in session.scalars(select(Case)):
            case.status, case.closed_at = "closed", NOW
    browser = desk(store)
    address = asked(browser, right=right)
    manager = granted_by_a_manager(store, address)
    assert "后台将在下一轮删除" in manager.words()
    erased = []

    assert erase_granted(store, lambda key, basis: erased.append((key, basis)), lambda: NOW) == 1
    assert erase_granted(store, lambda key, basis: erased.append((key, basis)), lambda: NOW) == 0

    row = row_of(store)
    assert erased == [("c-one", f"request {row.id}")]
    assert (row.state, row.child_key, row.wish, row.answer) == ("done", "deleted", "", "")
    with store.read() as session:
        assert set(session.scalars(select(ScreeningRow.child_key))) == {"deleted", "c-two"}
        assert set(session.scalars(select(Case.child_key))) == {"deleted", "c-two"}
    browser.get(address)
    assert browser.status == 200


def test_a_case_opened_after_a_deletion_was_granted_comes_first(store):
    """A report of danger came between the answer and the worker."""
    browser = desk(store)
    granted_by_a_manager(store, asked(browser, right="delete"))
    open_cases(store, [alert("c-old")])

    def erase(keys_of):
        return erase_granted(store, lambda key, basis: None, lambda: NOW, keys_of)

    assert erase(lambda key: (key, "c-old")) == 0
    assert row_of(store).state == "granted"
    with store.write() as session:
        session.scalars(select(Case)).one().status = "closed"
    assert erase(lambda key: (key, "c-old")) == 1


def test_killed_between_deleting_and_saying_so_the_next_turn_says_so(store):
    open_cases(store, [alert("c-one")])
    with store.write() as session:
        session.scalars(select(Case)).one().status = "closed"
    browser = desk(store)
    granted_by_a_manager(store, asked(browser, right="delete"))

    def killed(key, basis):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        erase_granted(store, killed, lambda: NOW)
    assert row_of(store).state == "granted"
    assert erase_granted(store, lambda key, basis: None, lambda: NOW) == 1
    assert row_of(store).state == "done"


def test_what_a_person_does_is_recorded_as_done_once(store):
    browser = desk(store)
    address = asked(browser, right="correct")
    answered(browser, address)

    browser.post(f"{address}/finish", version=browser.version(), answer="已转教育部门核实并更正")
    assert row_of(store).state == "done"
    browser.post(f"{address}/finish", version="3", answer="再来一次")
    assert browser.status == 409


@pytest.mark.parametrize("role", list(Role))
def test_the_desk_is_for_screeners_and_managers_and_an_auditor_reads_without_words(store, role):
    browser = desk(store, role)
    with store.write() as session:
        session.add(
            RightsRow(
                child_key="c-one", area_code=VILLAGE, right="view", asked_by="guardian", identity="card",
                wish="手写的要求", received_on=TODAY, due_on=TODAY, due_provisional=False, state="open",
                version=1, answer="", made_by=session.scalars(select(Account.id)).one(), made_at=NOW,
            )
        )  # fmt: skip
    address = f"/rights/{row_of(store).id}"

    browser.get(address)

    if role not in rights.READERS:
        assert browser.status == 403
        return
    assert ("手写的要求" in browser.page) is (role is not Role.AUDITOR)
    assert ("答复" in browser.page and 'name="decision"' in browser.page) is (role in rights.RECEIVERS)
    browser.get("/rights/new")
    assert (browser.status == 200) is (role in rights.RECEIVERS)


def test_a_request_of_another_area_is_not_there(store):
    browser = desk(store, about_child=lambda key: ChildFacts(area_code="330110001001"))
    asked(browser)

    assert browser.status == 404
    browser.get("/rights?which=all")
    assert "查阅、复制" not in browser.words()


def test_what_could_tell_on_a_reporter_is_withheld_from_every_copy():
    assert {"hotline_calls", "bullying_reports", "alerts"} <= WITHHELD
    of_triggers = {trigger.fact.source.name for trigger in TRIGGERS}
    # What the family said itself, a child brought back to it, and a test the law has guardians told of.
    assert of_triggers - WITHHELD == {"self_declarations", "missing_found", "instrument_results"}
    assert all(isinstance(text, Text) for text in BASIS.values())
    assert set(BASIS) == set(Right)
