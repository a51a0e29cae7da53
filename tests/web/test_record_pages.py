"""Every page of the records beside the case in both languages; who sees what; what comes back filled."""

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from features.jurisdiction import load_profile
from serving.review import accounts, record_queries
from serving.review.case import Role
from serving.review.record_tables import LedgerEntry, ReferralRow, ReportRow, RosterChangeRow, RosterRound
from serving.review.records import Kind
from serving.review.tables import Account, AuditEvent
from tests import support_records as records
from tests import support_review as support
from tests.integration.test_records_of_support import do
from tests.support_records import a_case
from tests.support_review import NOW, Browser, Clock

KINDS = [kind.value for kind in Kind]


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def browser(store):
    return Browser(support.deps(store, Clock()))


def sign_in(browser, store, role=Role.CHILD_DIRECTOR, **account):
    actor = support.add_account(store, role, **account)
    browser.sign_in(account.get("username", role.value))
    return actor


def actor_named(store, username):
    with store.read() as session:
        return accounts.actor_of(session.scalars(select(Account).where(Account.username == username)).one())


def one_of_each(store, actor):
    """A case with one record of every kind, each with a step."""
    case_id = a_case(store)
    supervisor = support.add_account(store, Role.SUPERVISOR, username="second")
    assessor = support.add_account(store, Role.ASSESSOR, username="first")
    made = {
        Kind.LEDGER: records.enter(store, actor, case_id),
        Kind.ASSESSMENT: records.assess(store, assessor, supervisor, case_id),
        Kind.REPORT: records.report(store, actor, case_id),
        Kind.REFERRAL: records.refer(store, actor, case_id),
        Kind.PLAN: records.plan(store, actor, case_id),
    }
    do(
        store,
        actor,
        Kind.LEDGER,
        made[Kind.LEDGER],
        "care_contact",
        happened_on="2026-10-02",
        met="nobody",
        note="没人接",
    )
    do(
        store,
        supervisor,
        Kind.ASSESSMENT,
        made[Kind.ASSESSMENT],
        "dispute_assessment",
        conclusion="absent",
        level="first",
        note="看法不同",
    )
    do(
        store,
        actor,
        Kind.REPORT,
        made[Kind.REPORT],
        "receipt",
        **{"from": "police", "happened_on": "2026-10-06", "number": "公 7"},
    )
    do(
        store,
        actor,
        Kind.REFERRAL,
        made[Kind.REFERRAL],
        "accept_referral",
        happened_on="2026-10-06",
        note="好",
    )
    return case_id, made


def every_page(store, actor):
    case_id, made = one_of_each(store, actor)
    with store.write() as session:
        session.add(RosterRound(as_of=date(2026, 10, 1), before=date(2026, 4, 1), changes=2, made_at=NOW))
        for number, change in enumerate(("new", "moved", "left")):
            session.add(
                RosterChangeRow(
                    as_of=date(2026, 10, 1),
                    before=date(2026, 4, 1),
                    child_key=f"c-{number}",
                    area_code=support.VILLAGE,
                    from_area=None if change == "new" else support.VILLAGE,
                    change=change,
                )
            )
    return [
        "/profile",
        "/records/due",
        "/records/roster",
        "/records/roster?change=new",
        "/records/report/new",
        *(f"/records/{kind}" for kind in KINDS),
        *(f"/records/{kind}?state=all" for kind in KINDS),
        *(f"/records/{kind.value}/{number}" for kind, number in made.items()),
        f"/cases/{case_id}/support",
        *(f"/cases/{case_id}/add/{kind}" for kind in KINDS),
        f"/cases/{case_id}/add/assessment?tree=hubei",
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", [Role.SCREENER, Role.AUDITOR])
def test_every_page_is_whole_in_its_language(browser, store, role, language):
    maker = support.add_account(store, Role.SCREENER, username="maker")
    addresses = every_page(store, maker)
    sign_in(browser, store, role)
    if language == "en":
        browser.switch("en")

    for address in addresses:
        page = browser.get(address)
        if role is Role.AUDITOR and "/add/" in address and not address.endswith("report"):
            assert browser.status == 403, address
            continue
        assert browser.status == 200, address
        assert page.count("<h1") == 1, address
        assert "None" not in browser.words().replace("None yet", "").replace(
            "None", "", page.count(">None<")
        ), address
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids)), address
        if language == "en" and role is Role.AUDITOR:
            # What people wrote is hidden from auditors, so all Chinese left would be ours.
            main = re.sub(
                r"<option.*?</option>", "", page[page.index("<main") : page.index("</main>")], flags=re.S
            )
            left = re.sub(r"浙民儿〔2024〕124号一（二）|评估员甲|县级筛查员甲|儿童督导员甲|中文", "", main)
            assert address == "/profile" or not re.search(r"[\u4e00-\u9fff]", left), address


def test_pages_need_a_session_and_unknown_ones_are_not_found(browser, store):
    browser.get("/records/due")
    assert "/sign-in" in str(browser.response.url)
    sign_in(browser, store)
    for address in (
        "/records/made_up",
        "/records/ledger/x",
        "/records/ledger/77",
        "/cases/aaaaaaaaaa/support",
        "/cases/aaaaaaaaaa/add/ledger",
        "/cases/aaaaaaaaaa/add/made_up",
    ):
        browser.get(address)
        assert browser.status == 404, address


def test_a_record_elsewhere_is_not_found_and_not_listed(browser, store):
    maker = support.add_account(store, Role.SCREENER, username="maker")
    case_id, made = one_of_each(store, maker)
    sign_in(browser, store, Role.CHILD_DIRECTOR, username="elsewhere", area_prefix=support.ELSEWHERE)

    for kind, number in made.items():
        browser.get(f"/records/{kind.value}/{number}")
        assert browser.status == 404
        browser.get(f"/records/{kind.value}?state=all")
        assert "张" not in browser.words()
    for part in ("support", "add/ledger"):
        browser.get(f"/cases/{case_id}/{part}")
        assert browser.status == 404
    browser.get("/records/due")
    assert "张" not in browser.words()


def test_names_are_masked_and_auditors_read_nothing_anybody_wrote(browser, store):
    maker = support.add_account(store, Role.SCREENER, username="maker")
    addresses = every_page(store, maker)
    sign_in(browser, store, Role.AUDITOR)

    for address in addresses:
        page = browser.get(address)
        for words in (
            "张小明",
            "张*",
            "停工",
            "没人接",
            "夜班",
            "看法不同",
            "男童",
            "说说话",
            "大人在家",
            "母亲",
        ):
            assert words not in page, (address, words)

    browser.post("/sign-out")
    browser.sign_in("maker")
    browser.get("/records/ledger")
    assert "张小明" not in browser.page
    assert "张" in browser.words()


# --- doing the work -------------------------------------------------------------------------------------


def test_a_child_is_entered_from_its_case_and_shows_in_the_calendar(browser, store):
    case_id = a_case(store)
    sign_in(browser, store)
    browser.get(f"/cases/{case_id}")
    assert f'href="/cases/{case_id}/add/report"' in browser.page
    browser.get(re.search(r'href="(/cases/[a-z0-9]+/support)"', browser.page)[1])
    browser.get(re.search(r'href="(/cases/[a-z0-9]+/add/ledger)"', browser.page)[1])
    assert "心理或行为异常" not in browser.words()

    browser.post(f"/cases/{case_id}/add/ledger", **records.ENTER)
    assert "已保存" in browser.words()
    assert "家庭生活困难" in browser.words()
    browser.get("/records/due")

    assert "已过期限 1 条" in browser.words()
    assert "2026-10-01" in browser.words()


def test_a_form_comes_back_filled_with_what_is_wrong_beside_the_field(browser, store):
    case_id = a_case(store)
    sign_in(browser, store)
    browser.get(f"/cases/{case_id}/add/ledger")

    browser.post(
        f"/cases/{case_id}/add/ledger",
        **{"categories-vagrancy": "yes", "entered_on": "2026-12-01", "note": "在车站过夜"},
    )

    assert browser.status == 422
    assert "在车站过夜" in browser.page
    assert re.search(r'name="categories-vagrancy" value="yes"[^>]* checked', browser.page)
    assert re.search(r'id="enter_ledger-entered_on-error">日期不能在今天之后', browser.page)
    assert 'href="#enter_ledger-basis"' in browser.page
    with store.read() as session:
        assert session.scalars(select(LedgerEntry)).all() == []


def test_the_form_of_a_plan_holds_together_what_belongs_to_one_action(browser, store):
    case_id = a_case(store)
    sign_in(browser, store)

    browser.get(f"/cases/{case_id}/add/plan")

    parts = re.findall(r'<fieldset class="part"><legend>(.*?)</legend>(.*?)</fieldset>', browser.page, re.S)
    assert {title: re.findall(r' name="(\w+)"', fields) for title, fields in parts} == {
        f"第 {number} 项": [f"what_{number}", f"who_{number}", f"by_{number}"] for number in range(1, 5)
    }


def test_a_second_entry_is_refused_with_a_sentence_and_nothing_is_lost(browser, store):
    case_id = a_case(store)
    actor = sign_in(browser, store)
    records.enter(store, actor, case_id)
    browser.get(f"/cases/{case_id}/add/ledger")

    browser.post(f"/cases/{case_id}/add/ledger", **records.ENTER)

    assert browser.status == 409
    assert "已在台账中" in browser.words()
    assert "父亲停工三个月" in browser.page


def test_a_step_comes_back_open_with_its_message_and_then_is_done(browser, store):
    case_id = a_case(store)
    actor = sign_in(browser, store)
    entry = records.enter(store, actor, case_id)
    address = f"/records/ledger/{entry}"
    browser.get(address)

    browser.post(
        f"{address}/care_visit", version=browser.version(), happened_on="2026-10-06", note="见到祖母"
    )
    assert browser.status == 422
    assert re.search(r"<details class=\"step\" open>\s*<summary>记录入户走访", browser.page)
    assert "见到祖母" in browser.page

    browser.post(
        f"{address}/care_visit",
        version=browser.version(),
        happened_on="2026-10-06",
        met="other",
        note="见到祖母",
    )
    assert browser.status == 200
    assert "记录入户走访" in browser.words()
    assert "其他照料人" in browser.words()


def test_who_was_slower_is_told_and_keeps_what_was_written(browser, store):
    case_id = a_case(store)
    actor = sign_in(browser, store)
    entry = records.enter(store, actor, case_id)
    browser.get(f"/records/ledger/{entry}")
    seen = browser.version()
    do(store, actor, Kind.LEDGER, entry, "care_contact", happened_on="2026-10-06", met="child", note="先到")

    browser.post(
        f"/records/ledger/{entry}/leave_ledger",
        version=seen,
        happened_on="2026-10-06",
        reason="moved",
        note="回老家",
    )

    assert browser.status == 409
    assert "刚刚被别人更改过" in browser.words()
    assert "回老家" in browser.page
    with store.read() as session:
        assert session.get(LedgerEntry, entry).state == "open"


def test_a_form_without_its_token_changes_nothing(browser, store):
    case_id = a_case(store)
    sign_in(browser, store)
    browser.post(f"/cases/{case_id}/add/ledger", token="made up", **records.ENTER)

    assert browser.status == 403
    with store.read() as session:
        assert session.scalars(select(LedgerEntry)).all() == []


@pytest.mark.parametrize("role", Role)
def test_everybody_may_record_a_mandatory_report_without_any_case(browser, store, role):
    sign_in(browser, store, role)
    browser.get("/records/report/new")
    assert "110" in browser.words()

    browser.post("/records/report/new", **(records.REPORT | {"found_on": "2026-10-04"}))

    assert browser.status == 200
    with store.read() as session:
        row = session.scalars(select(ReportRow)).one()
    assert (row.child_key, row.case_id) == (None, None)
    if role is not Role.AUDITOR:
        assert "发现后 2 天才报告" in browser.words()
        browser.get("/records/report")
        assert "尚缺回执：公安、民政" in browser.words()


def test_the_form_of_an_assessment_names_the_published_items_and_what_was_not_read(browser, store):
    case_id = a_case(store)
    sign_in(browser, store, Role.ASSESSOR)

    browser.get(f"/cases/{case_id}/add/assessment")
    assert "被评估的监护人：经济和征信情况" in browser.words()
    assert "全文未读到" in browser.words()
    browser.get(f"/cases/{case_id}/add/assessment?tree=hubei")
    assert "监护保障：邻里" in browser.words()
    browser.get(f"/cases/{case_id}/add/assessment?tree=made_up")
    assert browser.status == 404


def test_two_people_assess_and_only_the_second_is_asked_to_sign(browser, store):
    case_id = a_case(store)
    support.add_account(store, Role.SUPERVISOR, username="second")
    second = actor_named(store, "second")
    sign_in(browser, store, Role.ASSESSOR)
    browser.get(f"/cases/{case_id}/add/assessment")
    browser.post(f"/cases/{case_id}/add/assessment", **(records.ASSESS | {"second": second.account_id}))
    assert "等待第二位评估员" in browser.words()
    address = str(browser.response.url).partition("?")[0].removeprefix("http://testserver")
    browser.post(f"{address}/sign_assessment", version=browser.version())
    assert browser.status == 409

    browser.post("/sign-out")
    browser.sign_in("second")
    browser.get(address)
    browser.post(f"{address}/sign_assessment", version=browser.version())

    assert "两人已签" in browser.words()
    assert "66.7（满分 100，看了 5 项中的 5 项）" in browser.words()


def test_a_late_answer_is_said_on_the_list_of_referrals(store):
    clock = Clock()
    browser = Browser(support.deps(store, clock))
    case_id = a_case(store)
    actor = sign_in(browser, store)
    records.refer(store, actor, case_id)
    clock.forward(days=15)
    browser.post("/sign-out")
    browser.sign_in(Role.CHILD_DIRECTOR.value)

    browser.get("/records/referral")

    assert "1 件转介过了约定日期" in browser.words()
    with store.read() as session:
        assert session.scalars(select(ReferralRow)).one().answer_by == date(2026, 10, 20)


def test_printing_leaves_an_event_and_says_who_printed_and_when(browser, store):
    case_id = a_case(store)
    actor = sign_in(browser, store)
    plan = records.plan(store, actor, case_id)
    browser.get(f"/records/plan/{plan}")

    browser.post(f"/records/plan/{plan}/print")

    assert "已登记打印" in browser.words()
    assert "儿童主任甲" in browser.words()
    assert "2026-10-06 09:30" in browser.words()
    assert "结束方案" not in browser.words()
    with store.read() as session:
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert (last.verb, last.subject, last.actor) == ("print", f"plan-{plan}", actor.account_id)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "hangzhou",
            ("至少每 3 个月一次（按 92 天计）", "浙民儿〔2024〕124号一（二）", "本部署自定", "没有写明"),
        ),
        (
            "xiamen",
            ("跨设区的市", "至少每 1 个月一次（按 31 天计）", "厦民〔2025〕82号", "没有读到，由其他文件转引"),
        ),
        ("national", ("所读文件都没有写", "民发〔2024〕35号")),
    ],
)
def test_the_profile_page_says_what_applies_what_we_chose_and_what_nobody_states(store, name, said):
    browser = Browser(replace(support.deps(store, Clock()), profile=load_profile(name)))
    sign_in(browser, store)
    browser.get("/profile")

    for words in said:
        assert words in browser.words(), (name, words)


def test_where_no_document_states_an_interval_the_calendar_says_so(store):
    browser = Browser(replace(support.deps(store, Clock()), profile=load_profile("national")))
    sign_in(browser, store)

    browser.get("/records/due")

    assert "没有联系期限" in browser.words()
    assert "没有走访期限" in browser.words()


def test_a_long_list_leads_on(browser, store):
    case_id = a_case(store)
    actor = sign_in(browser, store)
    for _ in range(record_queries.PART + 1):
        records.refer(store, actor, case_id)

    browser.get("/records/referral")
    after = re.search(r'href="(/records/referral\?before=\d+)" rel="next"', browser.page)
    browser.get(after[1])

    assert browser.page.count('href="/records/referral/') == 1
