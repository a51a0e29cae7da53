"""Every page in both languages through the real application; who sees what; what is refused and how."""

import re
import time
from dataclasses import replace
from datetime import date
from string import Formatter

import pytest
from sqlalchemy import select

from features.jurisdiction import load_profile
from features.language import Text
from models.explanation import FamilyReason
from models.policy import Lane
from serving.review import actions, audit, opening, screenings
from serving.review.case import RISKS, Disposition, Met, Role, Verb, View
from serving.review.tables import AuditEvent, Case, WebSession
from serving.web.forms import given
from serving.web.text import WORDS, translator
from tests import support_review as support
from tests.support_review import AS_OF, ELSEWHERE, NOW, TODAY, Browser, Clock, alert, open_cases


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def browser(store, clock):
    return Browser(support.deps(store, clock))


def sign_in(browser, store, role=Role.CHILD_DIRECTOR, **account):
    actor = support.add_account(store, role, **account)
    browser.sign_in(account.get("username", role.value))
    return actor


def only_case(store):
    with store.read() as session:
        return session.scalars(select(Case)).one()


def claimed_case(browser, store, **changes):
    """The one case, with both screenings, held by who is signed in."""
    open_cases(store, [alert("c-one", **changes)])
    support.add_screenings(
        store, [support.screening("c-one"), support.screening("c-one", "guardianship", percentile=0.5)]
    )
    browser.get("/")
    browser.post("/cases/next")
    return only_case(store)


# --- wording --------------------------------------------------------------------------------------------


def fields_of(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", WORDS)
def test_a_wording_says_the_same_in_both_languages(name):
    text = WORDS[name]

    assert fields_of(text.zh) == fields_of(text.en)
    assert name == "language.other" or re.search(r"[\u4e00-\u9fff]", text.zh) or text.zh == "、"
    assert name == "language.other" or not re.search(r"[\u4e00-\u9fff，。：；]", text.en)


def test_no_wording_calls_a_child_abnormal_or_diagnoses():
    for text in WORDS.values():
        for word in ("异常", "问题儿童", "诊断为", "高危"):
            assert word not in text.zh
        for word in ("abnormal", "suspicious", "dangerous", "score"):
            assert word not in text.en.lower()


def test_chinese_wording_uses_chinese_punctuation():
    for name, text in WORDS.items():
        assert not re.search(r"[\u4e00-\u9fff][,;:?!]", text.zh), name


def test_every_wording_is_used():
    folder = support.Path(__file__).parents[2] / "serving" / "web"
    files = [*folder.glob("*.py"), *folder.glob("templates/*.html")]
    said = "".join(
        path.read_text(encoding="utf-8")
        for path in files
        if path.name != "text.py" and not path.name.startswith("words_")
    )
    built = (
        "event.",
        "error.",
        "help.",
        "strength.",
        "rules.",
        "sign_in.",
        "keys.",
        "queue.empty.",
        "measure.",
    )
    built += ("field.reason.", "field.note.", "second.", "raise.lane.", "coordination.", "swayed.", "held.")

    unused = [name for name in WORDS if f'"{name}"' not in said and not name.startswith(built)]

    assert unused == []


# --- every page in both languages ---------------------------------------------------------------------------


def every_page(browser, store):
    """The addresses of all pages, over a store with one of everything."""
    sign_in(browser, store, Role.SCREENER)
    open_cases(
        store,
        [
            alert("c-one"),
            alert("c-two", Lane.TRIGGER, trigger="suspected_abuse"),
            alert("c-three", Lane.AUDIT),
            alert("c-four", Lane.REQUEST),
            alert("c-five", Lane.RULE),
        ],
    )
    support.add_screenings(
        store,
        [
            support.screening("c-one"),
            support.screening("c-three"),
            support.screening("c-four", abstained="age_unknown", reasons=()),
        ],
    )
    with store.write() as session:
        screenings.add_feature_row(
            session,
            child_key="c-five",
            as_of=AS_OF,
            features={"parents_divorced_730d": 1.0, "parent_or_guardian_lost_730d": 2.0},
            silent=[],
            now=NOW,
        )
        ids = [case.id for case in session.scalars(select(Case))]
    return ["/", "/closed", *(f"/cases/{case_id}" for case_id in ids), "/nowhere"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_shown_in_both_languages(browser, store, language):
    addresses = every_page(browser, store)
    browser.get("/")
    browser.switch(language)

    for address in addresses:
        page = browser.get(address)

        assert browser.status == (404 if address == "/nowhere" else 200), address
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in page
        assert "异常" not in page
        if language == "en":
            chinese = re.sub(r">中文<|张\*|李\*|欧\*|县级筛查员甲", "", page)
            assert not re.search(r"[\u4e00-\u9fff]", chinese), (address, chinese)


def test_the_language_stays_as_chosen_and_comes_back_to_the_page(browser, store):
    addresses = every_page(browser, store)
    browser.get(addresses[2])

    browser.switch("en")

    assert browser.response.url.path == addresses[2]
    assert "Sign out" in browser.get("/")
    browser.switch("zh")
    assert "退出" in browser.get("/closed")


def test_the_sign_in_page_can_change_its_language_too(browser):
    assert "用户名" in browser.get("/sign-in")

    assert "User name" in browser.switch("en")


def test_every_answer_says_what_may_be_loaded_and_no_page_is_kept(browser, store):
    for address in every_page(browser, store):
        browser.get(address)
        headers = browser.response.headers

        assert headers["content-security-policy"].startswith(
            "default-src 'none'; script-src 'self'; style-src 'self'"
        )
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    browser.get("/static/miaohu.css")
    assert browser.status == 200
    assert "max-age" in browser.response.headers["cache-control"]


def test_pages_name_one_script_of_ours_and_carry_none_inside_nor_any_inline_style(browser, store):
    for address in every_page(browser, store):
        page = browser.get(address)

        assert re.findall(r"<script[^>]*>[^<]*", page) == re.findall(
            r'<script src="/static/miaohu\.js\?v=[0-9a-f]{12}" defer>', page
        )
        assert page.count("<script") == 1
        assert not re.search(r"\son[a-z]+=", page)
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_no_address_on_any_page_holds_a_child_key_or_a_name(browser, store):
    for address in every_page(browser, store):
        for link in re.findall(r'(?:href|action)="([^"]*)"', browser.get(address)):
            assert "c-" not in link
            assert re.fullmatch(r"[/#][\w/?=&.-]*|tel:\d+", link), link


# --- signing in -------------------------------------------------------------------------------------------------


def test_pages_lead_to_sign_in_and_back_again(browser, store):
    support.add_account(store)
    open_cases(store, [alert("c-one")])
    address = f"/cases/{only_case(store).id}"

    browser.get(address)
    assert browser.response.url.path == "/sign-in"
    browser.post("/sign-in", username="child_director", password=support.PASSWORD, onward=address)

    assert browser.response.url.path == address


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example", "/sign-out", "x"])
def test_signing_in_leads_nowhere_but_to_our_own_pages(browser, store, onward):
    support.add_account(store)
    browser.get(f"/sign-in?onward={onward}")
    assert 'name="onward" value="/"' in browser.page

    browser.post("/sign-in", username="child_director", password=support.PASSWORD, onward=onward)

    assert str(browser.response.url) == "http://testserver/"


def test_no_address_takes_long_to_be_refused(browser):
    started = time.process_time()

    browser.get("/sign-in?onward=/?a" + "%3Daaaaaaaaaaaaaa" * 7 + "!")

    assert 'name="onward" value="/"' in browser.page
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "address",
    [
        "/?list=all&area=330109001&q=&tier=&by=&due=&sort=queue",
        "/closed?after=abcdefg234",
        "/records/ledger?before=100&state=all",
        "/records/due?which=later&after=2026-01-01.123456789.contact",
        "/records/roster?before=7&change=moved",
        "/objections?department=disabled_federation&stage=asked",
        "/statistics?period=2026-07-01",
        "/rights?which=all",
    ],
)
def test_a_page_stays_the_part_and_filter_it_is_in_the_other_language(browser, store, address):
    role = Role.MANAGER if address.startswith("/statistics") else Role.SCREENER
    sign_in(browser, store, role, area_prefix="330109")
    browser.get(address)

    for language in ("en", "zh"):
        browser.switch(language)

        assert str(browser.response.url) == f"http://testserver{address}"
        assert f'<html lang="{"en" if language == "en" else "zh-CN"}">' in browser.page


def test_a_sign_in_with_something_missing_comes_back_filled_but_for_the_password(browser, store):
    browser.get("/sign-in")

    browser.post("/sign-in", username="陈丽", password="")

    assert browser.status == 422
    assert 'value="陈丽"' in browser.page
    assert '<a href="#password">请填写密码。</a>' in browser.page
    assert '<span class="wrong" id="password-error">请填写密码。</span>' in browser.page
    assert 'aria-describedby="password-error" aria-invalid="true"' in browser.page


def test_a_wrong_password_is_refused_and_does_not_come_back(browser, store):
    support.add_account(store)
    browser.get("/sign-in")

    browser.post("/sign-in", username="child_director", password="not the password")

    assert browser.status == 403
    assert "没有登录成功 用户名或密码不对。" in browser.words()
    assert "not the password" not in browser.page
    browser.get("/")
    assert browser.response.url.path == "/sign-in"


def test_after_five_wrong_passwords_the_right_one_waits(browser, store, clock):
    support.add_account(store)
    for _ in range(5):
        browser.sign_in("child_director", "not the password")

    browser.sign_in("child_director")
    assert browser.status == 403
    clock.forward(minutes=15)
    browser.sign_in("child_director")

    assert browser.status == 200
    assert "待领取" in browser.words()


def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(store):
    support.add_account(store)
    browser = Browser(support.deps(store, secure_cookies=True))
    browser.client.base_url = "https://testserver"
    page = browser.client.get("/sign-in")
    browser.page = page.text
    form = {"csrf": browser.token(), "username": "child_director", "password": support.PASSWORD}

    answer = browser.client.post("/sign-in", data=form, follow_redirects=False)

    cookies = answer.headers.get_list("set-cookie") + page.headers.get_list("set-cookie")
    assert any(cookie.startswith("miaohu_session=token-") for cookie in cookies)
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" in cookie


def test_a_session_ends_after_eight_hours_and_says_so(browser, store, clock):
    sign_in(browser, store)
    clock.forward(hours=7, minutes=59)
    assert "待领取" in browser.get("/")

    clock.forward(minutes=1)

    assert "登录已过期，请重新登录。" in browser.get("/")
    assert browser.response.url.path == "/sign-in"


def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(browser, store):
    sign_in(browser, store)
    kept = browser.client.cookies["miaohu_session"]

    browser.post("/sign-out")

    assert "您已退出。" in browser.page
    browser.client.cookies.set("miaohu_session", kept)
    browser.get("/")
    assert browser.response.url.path == "/sign-in"
    with store.read() as session:
        assert session.scalars(select(WebSession)).one().ended_at == NOW


# --- forms come from our own pages only ----------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "another token", "token-1-" + "x" * 24])
def test_a_form_without_our_token_is_refused_everywhere(browser, store, token):
    sign_in(browser, store)
    case = claimed_case(browser, store)
    addresses = ["/sign-out", "/cases/next", "/language?lang=en"]
    addresses += [f"/cases/{case.id}/{name}" for name in ("return", "record_visit", "dispose", "name")]

    for address in addresses:
        browser.post(address, token=token, version=str(case.version), reason="x")
        assert browser.status == 403, address
        assert "这一步没有完成" in browser.page

    assert only_case(store).version == case.version


def test_a_form_sent_from_another_site_is_refused(browser, store):
    sign_in(browser, store)

    answer = browser.client.post(
        "/cases/next", data={"csrf": browser.token()}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 403


def test_a_sign_in_without_the_token_of_the_page_is_refused(browser, store):
    support.add_account(store)
    browser.get("/sign-in")

    browser.post("/sign-in", token="made up", username="child_director", password=support.PASSWORD)

    assert browser.status == 403
    browser.get("/")
    assert browser.response.url.path == "/sign-in"


def test_a_form_that_does_not_say_how_long_it_is_is_refused(browser, store):
    sign_in(browser, store)
    pieces = iter([b"csrf=" + browser.token().encode()])

    answer = browser.client.post(
        "/cases/next", content=pieces, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )

    assert answer.status_code == 403


def test_a_form_that_is_far_too_long_is_refused(browser, store):
    sign_in(browser, store)
    case = claimed_case(browser, store)

    browser.post(f"/cases/{case.id}/return", version=str(case.version), reason="长" * 30_000)

    assert browser.status == 413
    assert "内容太长" in browser.page


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/cases/aaaaaaaaaa", 404),
        ("GET", "/cases/next", 404),
        ("POST", "/cases/aaaaaaaaaa/claim", 404),
        ("POST", "/cases/aaaaaaaaaa/explode", 404),
        ("POST", "/cases/aaaaaaaaaa/name", 404),
        ("POST", "/language?lang=fr", 404),
        ("PUT", "/closed", 405),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("GET", "/static/../views.py", 404),
    ],
)
def test_what_is_not_there_is_refused_with_a_page_of_our_own(browser, store, method, address, status):
    sign_in(browser, store)
    token = browser.token()

    body = {"data": {"csrf": token, "version": "1"}} if method == "POST" else {}
    answer = browser.client.request(method, address, **body)

    assert answer.status_code == status
    assert "回到待办" in answer.text


def test_a_page_that_breaks_says_so_and_logs_no_values(store, caplog):
    support.add_account(store)

    def broken(keys):
        raise RuntimeError("张小明 should not be in a log")

    browser = Browser(support.deps(store, names=broken))
    browser.client = support.TestClient(browser.client.app, raise_server_exceptions=False)
    open_cases(store, [alert("c-one")])

    browser.sign_in("child_director")

    assert browser.status == 500
    assert "系统出了问题" in browser.page
    assert [record.message for record in caplog.records if record.name == "miaohu.web"] == [
        "A page failed with RuntimeError."
    ]


# --- who sees what -------------------------------------------------------------------------------------------------


def test_a_case_outside_ones_area_gets_the_same_answer_as_one_that_is_not_there(browser, store):
    open_cases(store, [alert("c-one")])
    address = f"/cases/{only_case(store).id}"
    sign_in(browser, store, area_prefix=ELSEWHERE)
    there = browser.get(address)
    assert browser.status == 404

    assert there == browser.get("/cases/aaaaaaaaaa")
    for verb in ("claim", "name"):
        browser.get("/")
        browser.post(f"{address}/{verb}", version="1")
        assert browser.status == 404
    assert "张" not in browser.get("/")


def test_names_are_masked_for_staff_and_absent_for_auditors(browser, store):
    open_cases(store, [alert("c-one")])
    case = only_case(store)
    sign_in(browser, store)
    for address in ("/", f"/cases/{case.id}"):
        assert "张*" in browser.get(address)
        assert "小明" not in browser.page
    browser.post("/sign-out")

    sign_in(browser, store, Role.AUDITOR)

    for address in ("/", f"/cases/{case.id}"):
        assert "张" not in browser.get(address)
        assert "不显示姓名" in browser.page


def test_the_full_name_is_shown_once_after_it_was_logged(browser, store):
    sign_in(browser, store)
    case = claimed_case(browser, store)
    assert "查看姓名" in browser.page

    browser.post(f"/cases/{case.id}/name")

    assert "张小明" in browser.page
    assert str(browser.response.url) == f"http://testserver/cases/{case.id}/name"
    assert "小明" not in browser.get(f"/cases/{case.id}")
    with store.read() as session:
        assert audit.history(session, case.id)[-1].verb == "reveal_name"


def test_who_does_not_hold_the_case_is_not_shown_the_name(browser, store):
    open_cases(store, [alert("c-one")])
    sign_in(browser, store)
    case = only_case(store)
    browser.get(f"/cases/{case.id}")
    assert "查看姓名" not in browser.page

    browser.post(f"/cases/{case.id}/name")

    assert browser.status == 403
    assert "小明" not in browser.page
    assert "只有负责这件个案的人" in browser.page


def test_a_child_whose_name_was_deleted_by_right_says_so(browser, store):
    sign_in(browser, store)
    open_cases(store, [alert("nobody knows")])
    browser.get("/")
    browser.post("/cases/next")

    browser.post(f"/cases/{only_case(store).id}/name")

    assert "没有姓名记录，或已依法删除。" in browser.page


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
def test_who_only_reads_gets_no_step(browser, store, role):
    open_cases(store, [alert("c-one")])
    case = only_case(store)
    sign_in(browser, store, role)
    assert "领取下一件" not in browser.page

    browser.get(f"/cases/{case.id}")
    assert "您目前没有可以对这件个案做的操作。" in browser.page
    browser.post(f"/cases/{case.id}/claim", version="1")

    assert browser.status == 403
    assert f"“{role.title.zh}”不能“领取”。" in browser.page


def test_an_auditor_reads_no_free_text(browser, store):
    director = support.add_account(store)
    open_cases(store, [alert("c-one", blind=True)])
    with store.write() as session:
        common = {"actor": director, "case_id": only_case(store).id, "now": NOW}
        case = actions.claim(session, version=1, **common)
        common["today"] = TODAY
        case = actions.record_view(session, version=2, view=View.CONCERN, note="甲的秘密", **common)
        case = actions.record_visit(
            session, version=3, happened_on=TODAY, met=Met.CHILD, note="乙的秘密", **common
        )
        case = actions.return_to_queue(session, version=4, reason="丙的秘密", **common)
        case = actions.claim(session, version=5, **{k: v for k, v in common.items() if k != "today"})
        case = actions.dispose(
            session,
            version=6,
            dispositions=dict.fromkeys(RISKS, Disposition.CONFIRMED),
            reason="丁的秘密",
            **common,
        )
    sign_in(browser, store, Role.AUDITOR)

    browser.get(f"/cases/{case.id}")

    assert browser.status == 200
    assert "秘密" not in browser.page
    assert browser.page.count("内容不对审计员显示。") == 4


# --- the queue --------------------------------------------------------------------------------------------------------


def test_before_any_round_the_queue_says_so(browser, store):
    sign_in(browser, store)

    assert "还没有开展过筛查轮次" in browser.page
    assert "没有启用筛查模型" not in browser.page


def test_before_any_champion_the_queue_says_what_it_runs_on(browser, store):
    open_cases(store, [alert("c-one", Lane.TRIGGER)], screeners={})
    sign_in(browser, store)

    assert "目前没有启用筛查模型。待办来自强制触发、主动求助和已公布的规则。" in browser.page


def test_the_queue_shows_triggers_by_name_and_does_not_tell_screener_rule_and_draw_apart(browser, store):
    open_cases(
        store,
        [
            alert("c-one", Lane.TRIGGER),
            alert("m", Lane.MODEL),
            alert("r", Lane.RULE),
            alert("a", Lane.AUDIT),
        ],
    )
    sign_in(browser, store)

    why = re.findall(r'<span class="why">([^<]*)</span>', browser.page)
    assert why == ["家庭暴力告诫书", "筛查轮次", "筛查轮次", "筛查轮次"]
    assert "抽查" not in browser.page


def test_a_draw_and_a_model_case_beside_it_look_the_same_until_the_case_is_closed(browser, store):
    open_cases(store, [alert("c-one", Lane.AUDIT), alert("c-two", blind=True)])
    support.add_screenings(store, [support.screening("c-one"), support.screening("c-two")])
    sign_in(browser, store)

    def plain(text):
        return re.sub(r"[a-z2-7]{10}|张|李", "", text)

    rows = re.findall(r"<tr data-row>.*?</tr>", browser.page, re.DOTALL)
    assert plain(rows[0]) == plain(rows[1])
    with store.read() as session:
        ids = [case.id for case in session.scalars(select(Case))]
    pages = [plain(browser.get(f"/cases/{case_id}")) for case_id in ids]
    assert pages[0] == pages[1]
    assert "情况相近" not in pages[0]


def test_dates_are_worded_from_today(browser, store, clock):
    open_cases(
        store,
        [
            alert("t", tier="first", due_days=0),
            alert("m", tier="first", due_days=1),
            alert("l", tier="first", due_days=5),
        ],
    )
    sign_in(browser, store)
    said = re.compile(r'<span class="soft">(今天|明天|还有 \d+ 天)</span>')
    # The seventh is a public holiday, and the tenth a Saturday that is worked.
    assert said.findall(browser.page) == ["今天", "还有 2 天", "还有 7 天"]
    clock.forward(days=1)
    browser.sign_in("child_director")
    assert said.findall(browser.page) == ["明天", "还有 6 天"]

    clock.forward(days=2)
    browser.sign_in("child_director")

    assert re.findall(r'<span class="soft">([^<]*天[^<]*)</span>', browser.page) == [
        "已过 3 天",
        "已过 1 天",
        "还有 4 天",
    ]
    assert browser.page.count('class="cell-due is-over"') == 2


def test_what_is_not_known_of_a_child_or_not_stated_by_a_jurisdiction_says_so(store):
    with store.write() as session:
        opening.open_round(session, round_id="r", as_of=AS_OF, screeners={}, now=NOW)
        opening.open_cases(
            session,
            [alert("c-one", Lane.TRIGGER)],
            round_id="r",
            children={},
            tier_days=support.TIER_DAYS,
            now=NOW,
            today=TODAY,
        )
    browser = Browser(support.deps(store, profile=load_profile("national")))

    sign_in(browser, store, Role.SCREENER)
    assert "未分级" in browser.page
    browser.get(f"/cases/{only_case(store).id}")

    assert "年龄 未知 学段 未知 区域 未知" in browser.words()
    assert "96525" not in browser.page


def test_an_area_without_a_name_is_shown_by_its_code(store):
    browser = Browser(support.deps(store, area_title=lambda code: None))
    open_cases(store, [alert("c-one")])

    sign_in(browser, store)

    assert support.VILLAGE in browser.page


def test_taking_the_next_case_when_nothing_waits_says_so(browser, store):
    sign_in(browser, store)

    browser.post("/cases/next")

    assert "目前没有可以领取的个案。" in browser.page


# --- a case ---------------------------------------------------------------------------------------------------------


def test_a_case_shows_risk_as_a_frequency_families_facts_and_what_is_not_known(browser, store):
    sign_in(browser, store)
    claimed_case(browser, store)
    words = browser.words()

    assert "100名情况相近的儿童中约有12名（8至17名）" in words
    assert "0.12" not in words
    assert "有效期至 2027-03-30" in words
    raising, protecting = words.index("哪些方面提示需要关注"), words.index("哪些方面起保护作用")
    assert (
        raising < words.index("出勤") < words.index("照料与陪伴") < protecting < words.index("家校联系与辅导")
    )
    assert "近90天无故缺勤天数 1天 教育 2026-07-03 2026-09-25 90 天" in words
    assert "没去上学的那些天发生了什么？" in words
    assert re.search(r'<rect class="part" x="0" y="0" width="100" height="6"/>', browser.page)
    assert re.search(r'<rect class="part" x="0" y="0" width="44" height="6"/>', browser.page)


def test_a_silent_department_is_named_with_the_day_it_was_heard_from_last(browser, store):
    sign_in(browser, store)
    open_cases(store, [alert("c-one")])
    families = (("sleep", 0.4), ("attendance", 0.9))
    unknown = ("sleep_hours_latest_365d", "absences_sick_90d")
    support.add_screenings(
        store, [support.screening("c-one", families=families, unknown=unknown, silent=["checkups"])]
    )
    browser.get("/")
    browser.post("/cases/next")
    words = browser.words()

    assert "卫健“儿童健康体检”：2026-03-25 之后没有收到数据" in words
    assert "因此不知道：近一年最近一次体检所记每日睡眠小时" in words
    assert re.search(r"教育“[^”]*”：没有此项记录 因此不知道：近90天病假天数", words)


def test_a_department_never_heard_from_is_named(browser, store):
    sign_in(browser, store)
    open_cases(store, [alert("c-one")])
    support.add_screenings(
        store,
        [
            support.screening(
                "c-one",
                families=(("care", 0.4),),
                unknown=["night_shifts_365d"],
                silent=["care_visits"],
            )
        ],
    )
    browser.get("/")
    browser.post("/cases/next")

    assert re.search(r"民政“[^”]*”：从未收到数据", browser.words())


def test_a_fact_without_a_record_says_that_there_is_none(browser, store):
    one = support.screening("c-one", unknown=[], families=(("attendance", 0.9),))
    bare = tuple(
        FamilyReason(
            family.family,
            family.contribution,
            tuple(feature._replace(evidence=(), value=0.0) for feature in family.features),
        )
        for family in one.reasons
    )
    sign_in(browser, store)
    open_cases(store, [alert("c-one")])
    support.add_screenings(store, [replace(one, reasons=bare)])
    browser.get("/")
    browser.post("/cases/next")

    assert "近90天无故缺勤天数 0天 教育 没有此类记录" in browser.words()
    assert "用到的信息都有记录。" in browser.words()


def test_a_family_that_counts_for_what_is_not_known_says_so_instead_of_naming_no_record(browser, store):
    one = support.screening("c-one", families=(("attendance", 0.9), ("sleep", 0.6)))
    silent_part = tuple(
        replace(family, features=tuple(f._replace(value=None, evidence=()) for f in family.features))
        if family.family == "sleep"
        else family
        for family in one.reasons
    )
    sign_in(browser, store)
    open_cases(store, [alert("c-one")])
    support.add_screenings(store, [replace(one, reasons=silent_part)])
    browser.get("/")
    browser.post("/cases/next")

    said = "这方面的影响主要来自不知道的情况（见下），走访时请问清。"
    assert f"睡眠与屏幕时间 {said}" in browser.words()
    assert browser.page.count(said) == 1


def test_a_screening_that_has_expired_says_so(browser, store, clock):
    sign_in(browser, store)
    case = claimed_case(browser, store)
    clock.forward(days=176)
    browser.sign_in("child_director")
    assert "有效期至 2027-03-30" not in browser.get(f"/cases/{case.id}") or date(2027, 3, 31) > TODAY

    assert "这次筛查已于 2027-03-30 过期" in browser.words()


def test_a_screener_that_abstained_says_why_and_gives_no_reasons(browser, store):
    sign_in(browser, store)
    open_cases(store, [alert("c-one")])
    support.add_screenings(store, [support.screening("c-one", abstained="age_unknown", reasons=())])
    browser.get("/")
    browser.post("/cases/next")

    assert "年龄未知，筛查模型不作判断" in browser.page
    assert "哪些方面提示需要关注" not in browser.page


def test_of_two_screeners_the_one_that_places_the_child_highest_leads(browser, store):
    sign_in(browser, store)
    open_cases(store, [alert("c-one")])
    support.add_screenings(
        store,
        [
            support.screening("c-one", percentile=0.6),
            support.screening("c-one", "guardianship", percentile=0.9),
        ],
    )
    browser.get("/")
    browser.post("/cases/next")

    assert re.search(r"<section[^>]*screening[^>]*>\s*<h2>筛查提示：需要监护支持</h2>", browser.page)
    assert "<summary><h2>筛查提示：需要心理支持</h2></summary>" in browser.page


def test_a_hard_trigger_with_a_duty_to_report_shows_law_police_and_lines(browser, store):
    sign_in(browser, store)
    case = claimed_case(browser, store)
    assert "依法应当立即报告" not in browser.page
    open_cases(store, [alert("c-one", Lane.TRIGGER, trigger="suspected_abuse")], release=2)

    words = (browser.get(f"/cases/{case.id}"), browser.words())[1]

    assert "依法应当立即报告" in words
    assert "应当立即向公安、民政、教育等有关部门报告" in words
    assert '<a class="number" href="tel:110">110</a>' in browser.page
    assert '<a class="number" href="tel:12355">12355</a>' in browser.page
    assert "未成年人保护法第十一条；高检发〔2020〕9号" in words
    assert "社区网格 · 网格员报告 发生：2026-09-20 获知：2026-09-25" in words


def test_published_rules_that_put_a_child_in_the_queue_are_named(browser, store):
    addresses = every_page(browser, store)
    pages = [browser.get(address) for address in addresses]

    named = [page for page in pages if "命中的已公布规则" in page]
    assert len(named) == 1
    assert "家庭变故：父母离婚" in named[0]


def test_the_own_view_comes_first_and_then_the_reasons_are_shown(browser, store):
    sign_in(browser, store)
    case = claimed_case(browser, store, blind=True)
    assert "请先写下您自己的判断" in browser.page
    assert "记录您自己的判断，并记录一次联系上人的走访或联系之后，就可以作出结论。" in browser.page
    assert "情况相近" not in browser.page
    assert "出勤" not in browser.page

    browser.post(
        f"/cases/{case.id}/record_view", version=browser.version(), view="no_concern", note="熟悉这家"
    )

    assert "情况相近" in browser.page
    assert ">记录一次联系上人的走访或联系之后，就可以作出结论。" in browser.page
    assert "暂无需要关注的情况" in browser.page
    assert "熟悉这家" in browser.page
    with store.read() as session:
        assert [e.verb for e in session.scalars(select(AuditEvent))][-1] == "record_view"


def test_somebody_else_is_told_that_the_holder_judges_first(browser, store):
    sign_in(browser, store)
    case = claimed_case(browser, store, blind=True)
    browser.post("/sign-out")
    sign_in(browser, store, Role.SUPERVISOR)

    browser.get(f"/cases/{case.id}")

    assert "筛查提示和原因将在负责人记录自己的判断之后显示。" in browser.page
    assert "情况相近" not in browser.page


# --- forms that come back ----------------------------------------------------------------------------------------------


def test_a_visit_with_something_missing_comes_back_filled(browser, store):
    sign_in(browser, store)
    case = claimed_case(browser, store)

    browser.post(
        f"/cases/{case.id}/record_visit",
        version=browser.version(),
        happened_on="2027-01-01",
        met="guardian",
        note="",
    )

    assert browser.status == 422
    assert '<a href="#record_visit-happened_on">日期不能在今天之后。</a>' in browser.page
    assert '<a href="#record_visit-note">请写下看到或了解到的情况。</a>' in browser.page
    assert 'id="record_visit-happened_on-error">日期不能在今天之后。</span>' in browser.page
    assert 'type="date" value="2027-01-01"' in browser.page
    assert re.search(r'name="met" value="guardian" checked', browser.page)
    assert re.search(
        r'<details class="step step-main" id="step-record_visit" open>\s*<summary>记录走访</summary>',
        browser.page,
    )
    assert only_case(store).version == case.version


def test_what_was_written_survives_somebody_elses_change(browser, store):
    sign_in(browser, store)
    case = claimed_case(browser, store)
    old = browser.version()
    open_cases(store, [alert("c-one", Lane.TRIGGER)], release=2)

    browser.post(
        f"/cases/{case.id}/record_visit",
        version=old,
        happened_on="2026-10-06",
        met="both",
        note="写了很久的内容",
    )

    assert browser.status == 409
    assert "这件个案刚刚被别人更改过，您的操作没有保存。" in browser.page
    assert "写了很久的内容</textarea>" in browser.page
    assert browser.version() != old
    browser.post(
        f"/cases/{case.id}/record_visit",
        version=browser.version(),
        happened_on="2026-10-06",
        met="both",
        note="写了很久的内容",
    )
    assert browser.status == 200
    assert "“记录走访”已完成。" in browser.page


def test_what_a_form_holds_is_shown_as_text(browser, store):
    sign_in(browser, store)
    case = claimed_case(browser, store)
    nasty = '<img src=x onerror="alert(1)">'

    browser.post(
        f"/cases/{case.id}/record_visit",
        version=browser.version(),
        happened_on="2026-10-06",
        met="both",
        note=nasty,
    )

    assert nasty not in browser.page
    assert "&lt;img src=x" in browser.page


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-10-06", date(2026, 10, 6)),
        ("2026/10/6", date(2026, 10, 6)),
        ("2026年10月6日", date(2026, 10, 6)),
        (" 2026-10-06 ", date(2026, 10, 6)),
        ("2026-02-30", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read_as_people_write_them(written, read):
    assert given({"happened_on": written}).happened_on == read


def test_choices_that_do_not_exist_count_as_not_given():
    read = given({"view": "???", "met": "", "disposition_psychological": "guilty", "person": ""})

    assert (read.view, read.met, read.person, dict(read.dispositions)) == (None, None, None, {})


def test_a_wording_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        translator("zh")("no such wording")
    assert translator("en")("days", days=3) == "3 days"
    assert Text("甲", "one")["zh"] == "甲"


def test_what_a_case_system_read_stands_in_the_history_of_the_case(browser, store):
    open_cases(store, [alert("c-one")])
    support.add_account(store)
    with store.write() as session:
        case = session.scalars(select(Case)).one()
        audit.write(
            session, actor="key:k1", verb="api_get_case", subject=case.id, now=NOW, detail={"rows": 1}
        )
    browser.sign_in("child_director")

    browser.get(f"/cases/{case.id}")

    assert browser.status == 200
    assert "业务系统读取" in browser.words()


def test_who_can_do_nothing_with_a_case_is_led_to_no_step(browser, store):
    open_cases(store, [alert("c-one")])
    support.add_account(store, Role.AUDITOR, area_prefix="")
    with store.read() as session:
        case = session.scalars(select(Case)).one()
    browser.sign_in("auditor")

    browser.get(f"/cases/{case.id}")

    assert "您目前没有可以对这件个案做的操作" in browser.words()
    assert 'class="jump' not in browser.page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_next_step_is_named_above_the_reasons_and_leads_to_its_form(browser, store, language):
    open_cases(store, [alert("c-one")])
    support.add_account(store)
    with store.read() as session:
        case = session.scalars(select(Case)).one()
    browser.sign_in("child_director")
    browser.get(f"/cases/{case.id}")
    if language == "en":
        browser.switch("en")
        browser.get(f"/cases/{case.id}")

    said = translator(language)("steps.next", step=Verb.CLAIM.title[language])
    assert f'<a class="button" href="#step-claim">{said}</a>' in browser.page
    assert browser.page.count('id="step-claim"') == 1
