"""A reviewer does the work, in-process: sign in, take the next case, read, visit, conclude, closed."""

from sqlalchemy import select

from serving.review import audit, outbox
from serving.review.case import Role
from serving.review.tables import Case
from tests import support_review as support
from tests.support_review import Browser, alert, open_cases


def test_from_the_queue_to_a_closed_case(store):
    support.add_account(store)
    open_cases(store, [alert("c-one"), alert("c-two", tier="watch", due_days=30)])
    support.add_screenings(store, [support.screening("c-one")])
    browser = Browser(support.deps(store))

    browser.sign_in("child_director")
    assert "待领取 2 件" in browser.words()
    browser.post("/cases/next")
    assert "“领取”已完成。" in browser.page
    assert "张*" in browser.page
    assert "记录一次联系上人的走访或联系之后，就可以作出结论。" in browser.page
    assert "作出结论并结案" not in browser.page
    case_id = browser.response.url.path.rsplit("/", 1)[1]

    browser.post(
        f"/cases/{case_id}/record_visit",
        version=browser.version(),
        happened_on="2026-10-06",
        met="both",
        note="与母亲和孩子谈了半小时",
    )
    assert "与母亲和孩子谈了半小时" in browser.page
    assert "作出结论并结案" in browser.page

    browser.post(
        f"/cases/{case_id}/dispose",
        version=browser.version(),
        disposition_psychological="confirmed",
        reason="孩子说睡不好，愿意见心理老师",
    )
    assert browser.status == 422
    assert '<a href="#dispose-disposition_guardianship">请选择“需要监护支持”的结论。</a>' in browser.page
    assert 'value="confirmed" id="dispose-disposition_psychological" checked' in browser.page
    assert "孩子说睡不好，愿意见心理老师</textarea>" in browser.page

    browser.post(
        f"/cases/{case_id}/dispose",
        version=browser.version(),
        disposition_psychological="confirmed",
        disposition_guardianship="not_confirmed",
        reason="孩子说睡不好，愿意见心理老师",
    )
    assert "“作出结论并结案”已完成。" in browser.page
    assert "已结案" in browser.page
    browser.get("/closed")
    assert "需要心理支持：属实" in browser.page
    assert "需要监护支持：未属实" in browser.page
    assert "筛查提示，建议走访" in browser.page
    assert "待领取 1 件" in (browser.get("/"), browser.words())[1]

    with store.read() as session:
        case = session.get_one(Case, case_id)
        assert (case.status, case.child_key) == ("closed", "c-one")
        sent = [row.record for row in outbox.pending(session) if row.source == "dispositions"]
        assert [(row["risk"], row["disposition"], row["visited"]) for row in sent] == [
            ("psychological", "confirmed", "yes"),
            ("guardianship", "not_confirmed", "yes"),
        ]
        assert audit.verify(session) > 8


def test_a_supervisor_assigns_moves_and_reopens(store):
    director = support.add_account(store, display_name="陈丽")
    support.add_account(store, Role.SUPERVISOR)
    open_cases(store, [alert("c-one")])
    with store.read() as session:
        case_id = session.scalars(select(Case)).one().id
    browser = Browser(support.deps(store))
    browser.sign_in("supervisor")
    browser.get(f"/cases/{case_id}")

    browser.post(f"/cases/{case_id}/assign", version=browser.version(), person="")
    assert browser.status == 422
    assert '<a href="#assign-person">请选择指派给谁。</a>' in browser.page
    browser.post(f"/cases/{case_id}/assign", version=browser.version(), person=director.account_id)
    assert "指派给陈丽" in browser.page

    browser.get("/?list=others")
    assert "其他人处理中 1 件" in browser.words()
    browser.get(f"/cases/{case_id}")
    browser.post(f"/cases/{case_id}/return", version=browser.version(), reason="")
    assert '<a href="#return-reason">请写明理由。</a>' in browser.page
    browser.post(f"/cases/{case_id}/return", version=browser.version(), reason="陈丽请假")

    assert "理由：陈丽请假" in browser.page
    assert "待领取 1 件" in (browser.get("/"), browser.words())[1]
