"""Pages of tables for other platforms and of messages nobody took, in both languages, and who sees them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from features.language import Text
from serving.callers import KeyScope
from serving.review import audit, webhooks
from serving.review.case import Role
from serving.review.export_templates import HERE, read_templates
from serving.review.exports import EXPORTERS
from serving.review.machine_tables import WebhookMessage
from serving.review.tables import AuditEvent, Case
from serving.review.undelivered import PART, READERS, SENDERS
from tests import support_review as support
from tests.support_door import system
from tests.support_exports import sheet, table
from tests.support_review import NOW, Browser, alert, open_cases

ASKED = {"template": "small", "names": "masked", "purpose": "update", "words": "报市局"}


@pytest.fixture
def make(store):
    """A browser of somebody with this role."""
    templates = {"small": table(), **read_templates([HERE])}
    given = support.deps(store, templates=templates)

    def browser(role, language="zh", **account):
        support.add_account(store, role, **account)
        one = Browser(given)
        one.client.cookies.set("miaohu_language", language)
        one.sign_in(account.get("username", role.value))
        return one

    return browser


def case_id(store):
    open_cases(store, [alert("c-one")])
    with store.read() as session:
        return session.scalars(select(Case.id)).one()


def send_file(browser, content, template="small", token=None):
    return browser._keep(
        browser.client.post(
            "/exports/answers",
            data={"csrf": browser.token() if token is None else token, "template": template},
            files={"file": ("filled.csv", content, "text/csv")} if content is not None else None,
        )
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_table_is_asked_for_approved_by_another_and_fetched_once(store, make, language):
    case_id(store)
    asks, allows = make(Role.SCREENER, language), make(Role.MANAGER, language)
    asks.get("/exports")
    asks.post("/exports", **ASKED)
    here = str(asks.response.url.path)
    assert "报市局" in asks.words()
    assert "download" not in asks.page

    allows.get("/exports")
    assert f'href="{here}"' in allows.page
    allows.get(here)
    allows.post(f"{here}/decide", version=allows.version(), decision="yes", words="同意")
    asks.get(here)
    version = asks.version()
    asks.post(f"{here}/fetch", version=version)

    assert asks.status == 200
    assert asks.response.headers["content-type"].startswith("text/csv")
    assert "张*" in asks.page
    assert "张小明" not in asks.page
    asks.get(here)
    assert "同意" in asks.words()
    asks.post(f"{here}/fetch", version="3")
    assert asks.status == 403
    with store.read() as session:
        audit.verify(session)


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_asked(store, make):
    browser = make(Role.MANAGER)
    browser.get("/exports")

    browser.post("/exports", template="small", area="330109")

    assert browser.status == 422
    assert browser.page.count("is-wrong") == 3
    browser.get("/exports")
    browser.post("/exports", **ASKED, area="440300")
    assert "不在您负责的范围内" in browser.words()
    browser.get("/exports")
    assert "还没有申请" in browser.words()


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "不含姓名（由业务系统申请）"), ("en", "None; a case system asks")]
)
def test_who_decides_sees_that_a_case_system_asks_and_gets_no_names(store, make, language, said):
    with_key = system(store, scopes=[KeyScope.TABLES.value])
    number = with_key.post("/exports", {"template": "zheli_humiao", "purpose": "update", "words": "同步"})
    allows = make(Role.MANAGER, language)

    allows.get(f"/exports/{number.json()['id']}")

    assert said in allows.words()
    assert "样例系统" in allows.words()


def test_a_manager_is_not_offered_full_names(make):
    browser = make(Role.MANAGER)

    assert 'value="full"' not in browser.get("/exports")
    browser.post("/exports", **(ASKED | {"names": "full"}))
    assert browser.status == 422


@pytest.mark.parametrize("role", Role)
def test_pages_open_for_their_roles_and_for_no_other(make, role):
    browser = make(role)

    for place, allowed in {
        "/exports": EXPORTERS,
        "/exports/answers": EXPORTERS,
        "/undelivered": READERS,
    }.items():
        browser.get(place)
        assert browser.status == (200 if role in allowed else 403)


@pytest.mark.parametrize("place", ["/exports/999", "/exports/none", "/exports/99999999999"])
def test_a_request_that_is_not_there_is_not_found(make, place):
    browser = make(Role.MANAGER)

    browser.get(place)

    assert browser.status == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_filled_file_is_taken_in_and_each_wrong_row_says_why(store, make, language):
    case = case_id(store)
    browser = make(Role.SCREENER, language)
    browser.get("/exports/answers")

    send_file(browser, sheet((case, "属实", "2026-10-05", ""), ("gone", "属实", "2026-10-05", "")))

    said = {"zh": "收 1 行", "en": "Rows taken: 1"}[language]
    assert said in browser.words()
    assert {"zh": "这个编号不是您区域内的个案", "en": "No case of your area"}[language] in browser.words()
    browser.get(f"/cases/{case}")
    assert {"zh": "其他平台回填结果", "en": "Another platform answered"}[language] in browser.words()
    assert {"zh": "属实或已办理 2026-10-05", "en": "Confirmed or done 2026-10-05"}[
        language
    ] in browser.words()


def test_a_file_needs_our_token_our_site_and_something_in_it(make):
    browser = make(Role.SCREENER)
    browser.get("/exports/answers")

    send_file(browser, sheet(), token="another")
    assert browser.status == 403
    browser.get("/exports/answers")
    send_file(browser, b"")
    assert browser.status == 422
    assert "请选择文件" in browser.words()
    send_file(browser, b"x" * (4 * 1024 * 1024))
    assert browser.status == 413


# --- messages nobody took --------------------------------------------------------------------------------


def dead_message(store, area_prefix="330109"):
    with store.write() as session:
        endpoint = webhooks.add(
            session, url="https://cases.example.org/hooks/SECRETPATH", title="案件系统", events=["case.closed"],
            area_prefix=area_prefix, internal=False, now=NOW,
        )  # fmt: skip
        session.add(
            WebhookMessage(
                id="msg_one", endpoint_id=endpoint, event="case.closed", case_id=None, child_key="c-secret",
                occurred_at=NOW, attempts=9, next_at=None, dead_at=NOW, last_result="503",
            )
        )  # fmt: skip
    return endpoint


@pytest.mark.parametrize("language", ["zh", "en"])
def test_messages_nobody_took_are_listed_by_ids_and_sent_again(store, make, language):
    endpoint = dead_message(store)
    browser = make(Role.MANAGER, language)

    browser.get("/undelivered")

    assert re.search(r"msg_\w+", browser.page)
    happened = {"zh": "个案结案", "en": "A case was closed"}[language]
    answered = {"zh": "对方暂时停止服务", "en": "It was out of service"}[language]
    for told in (happened, "case.closed", "cases.example.org", answered, "503", "9"):
        assert told in browser.words()
    for hidden in ("SECRETPATH", "c-secret"):
        assert hidden not in browser.page
    browser.post(f"/undelivered/{endpoint}/again")
    assert {"zh": "已安排重发 1 条", "en": "To be sent again: 1."}[language] in browser.words()
    assert {"zh": "没有未送达的消息", "en": "Every message was taken"}[language] in browser.words()
    with store.read() as session:
        assert session.scalars(select(WebhookMessage)).one().next_at == NOW
        event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "replay_webhooks")).one()
        assert (event.subject, event.detail) == (endpoint, {"messages": 1})
        assert event.actor.startswith("u")


@pytest.mark.parametrize("role", sorted(READERS - SENDERS, key=lambda role: role.value))
def test_who_only_checks_sends_nothing_again(store, make, role):
    endpoint = dead_message(store)
    browser = make(role)

    assert "/again" not in browser.get("/undelivered")
    browser.post(f"/undelivered/{endpoint}/again")
    assert browser.status == 404


def test_receivers_of_other_areas_are_not_shown(store, make):
    endpoint = dead_message(store, "440300")
    browser = make(Role.MANAGER)

    assert "msg_" not in browser.get("/undelivered")
    browser.post(f"/undelivered/{endpoint}/again")
    assert browser.status == 404


def test_a_closed_receiver_is_shown_and_sent_nothing_and_a_long_list_says_what_is_left_out(store, make):
    endpoint = dead_message(store)
    with store.write() as session:
        for number in range(PART + 4):
            session.add(
                WebhookMessage(
                    id=f"msg_more_{number:03}", endpoint_id=endpoint, event="case.closed", case_id=None,
                    child_key="c-secret", occurred_at=NOW, attempts=9, next_at=None, dead_at=NOW,
                )
            )  # fmt: skip
        webhooks.disable(session, endpoint, now=NOW)
    browser = make(Role.MANAGER)

    browser.get("/undelivered")

    assert "已停用，不能重发" in browser.words()
    assert "另有 5 条未列出" in browser.words()
    assert "/again" not in browser.page
    browser.post(f"/undelivered/{endpoint}/again")
    assert browser.status == 404


def test_the_area_of_a_table_is_chosen_by_name_where_areas_have_names(store):
    def below(prefix):
        return [("330109001", Text("城厢街道", "Chengxiang"))]

    def title(code):
        return dict(below("")).get(code)

    templates = {"small": table(), **read_templates([HERE])}
    support.add_account(store, Role.MANAGER)
    browser = Browser(support.deps(store, templates=templates, areas_below=below, area_title=title))
    browser.sign_in("manager")
    browser.get("/exports")
    assert '<option value="330109001">城厢街道</option>' in browser.page
    assert re.search(r'<option value=""[^>]*>您负责的全部区域</option>', browser.page)

    browser.post("/exports", **ASKED, area="330109001")

    assert browser.status == 200
    assert "城厢街道" in browser.words()
