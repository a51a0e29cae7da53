"""The manager's page and the half-yearly statistics: who may see them, what they count, what they leave out."""

import csv
import io
import json
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from serving.monitored import MonitoredError, read_monitored
from serving.review import tallies
from serving.review.case import Disposition, Role
from serving.review.tables import AuditEvent, Case, DispositionRow, FactRow
from tests import support_pages
from tests import support_review as support
from tests.support_review import ELSEWHERE, NOW, TODAY, VILLAGE, Browser, Clock, alert, open_cases

SEERS = (Role.SUPERVISOR, Role.SCREENER, Role.MANAGER, Role.AUDITOR)


def browser_of(store, role=Role.MANAGER, clock=None, area_prefix=None, **changes):
    support.add_account(store, role, area_prefix=area_prefix)
    browser = Browser(support_pages.deps_of(store, now=clock or Clock(), **changes))
    browser.sign_in(role.value)
    return browser


def cases_of(store, count, *, areas=None, closed=0, confirmed=0, reached=0, late=0):
    """So many cases; the first are closed after a visit, of these the first confirmed; then some reached, some late."""
    open_cases(store, [alert(f"c{n:02}", rank=n) for n in range(count)], areas=areas)
    worker = support.add_account(store, Role.ASSESSOR)
    with store.write() as session:
        for n, case in enumerate(session.scalars(select(Case).order_by(Case.rank))):
            if n < closed:
                case.status, case.closed_at, case.contacted_on = "closed", NOW, TODAY + timedelta(days=n % 3)
                case.visited_on, case.confirmed = TODAY, n < confirmed
                session.add(
                    FactRow(
                        case_id=case.id, entry=1, kind="visit", happened_on=TODAY, met="both", note="",
                        recorded_by=worker.account_id, recorded_at=NOW,
                    )
                )  # fmt: skip
                for risk in ("psychological", "guardianship"):
                    found = Disposition.CONFIRMED if n < confirmed else Disposition.NOT_CONFIRMED
                    session.add(
                        DispositionRow(
                            case_id=case.id, risk=risk, disposition=found.value, visited=True, reason="",
                            disposed_by=worker.account_id, disposed_at=NOW,
                        )
                    )  # fmt: skip
            elif n < closed + reached:
                case.contacted_on = TODAY
            elif n < closed + reached + late:
                case.due_on = TODAY - timedelta(days=1)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The manager of a busy county, signed in; for tests that only look."""
    store = support_pages.busy_store(tmp_path_factory.mktemp("busy"))
    browser = Browser(support_pages.deps_of(store))
    browser.sign_in("manager")
    yield browser
    store.close()


@pytest.mark.parametrize("address", ["/dashboard", "/statistics"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_are_shown_in_both_languages_full_and_empty(store, full, address, language):
    empty = browser_of(store)
    for browser in (empty, full):
        browser.get("/")
        browser.switch(language)

        browser.get(address)

        assert browser.status == 200
        assert ("工作概览" in browser.page) is (language == "zh")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("address", "seers"), [("/dashboard", SEERS), ("/statistics", (Role.MANAGER, Role.AUDITOR))]
)
def test_each_page_is_for_its_roles_and_the_head_leads_nobody_else_there(store, role, address, seers):
    browser = browser_of(store, role)
    assert (f'href="{address}"' in browser.page) is (role in seers)

    browser.get(address)

    assert browser.status == (200 if role in seers else 403)


def test_the_counts_are_those_of_the_cases(store):
    cases_of(store, 40, closed=20, confirmed=8, reached=10, late=5)
    manager = support.add_account(store, Role.MANAGER)
    with store.read() as session:
        found = tallies.tally(session, manager, TODAY)

    assert found.handled == tallies.Handled(due=35, reached=30)
    assert (found.open, found.overdue) == (20, 5)
    assert found.by_tier == {"third": tallies.Confirmed(20, 8)}
    assert found.by_class == {2: tallies.Confirmed(20, 8)}
    assert found.waits == tallies.Waits(30, 0, 2)
    assert found.loads == ()
    assert found.corrections == tallies.Corrections(0, 0)


def test_another_area_is_not_counted(store):
    cases_of(store, 10, areas={f"c{n:02}": ELSEWHERE for n in range(7)}, late=10)
    here = support.add_account(store, Role.SUPERVISOR)
    with store.read() as session:
        assert tallies.tally(session, here, TODAY).overdue == 3


def test_a_share_comes_with_its_counts_and_its_likely_range(store):
    cases_of(store, 40, closed=20, confirmed=8)
    browser = browser_of(store)

    words = (browser.get("/dashboard"), browser.words())[1]

    assert "三级 20 件中 8 件 约 40% 22% 至 61%" in words
    assert tallies.likely_range(0, 10)[0] == 0.0
    with pytest.raises(ValueError, match="whole"):
        tallies.likely_range(0, 0)


def test_a_share_of_few_is_not_shown(store):
    cases_of(store, 40, closed=20, confirmed=3)
    browser = browser_of(store)

    words = (browser.get("/dashboard"), browser.words())[1]

    assert "三级 件数太少，不显示" in words
    assert "20 件中 3 件" not in words


def test_who_holds_how_much_is_shown_and_nobody_s_speed(store):
    open_cases(store, [alert(f"c{n}", rank=n) for n in range(6)])
    worker = support.add_account(store, Role.CHILD_DIRECTOR, display_name="陈丽")
    with store.write() as session:
        for case in session.scalars(select(Case).limit(4)):
            case.holder_id, case.status = worker.account_id, support_pages.IN_HAND
    browser = browser_of(store)

    words = (browser.get("/dashboard"), browser.words())[1]

    assert "陈丽 4 件，逾期 0" in words
    assert "不按结案快慢给任何人排名" in words


def test_what_monitoring_wrote_is_told_with_its_interval(store):
    words = words_of(browser_of(store))

    assert "名单约发现 41%（30% 至 55%），依据 64 名抽查儿童" in words
    assert "有结论的抽查儿童仅3名，至少需20名，暂不给出" in words
    assert "2026-01-01：实际与预期之比 1.10（0.90 至 1.30）" in words
    assert "风险的分布变化较大（PSI 0.14）" in words
    assert "卫健 体检 2026-03-25 逾期未提供" in words


def words_of(browser):
    browser.get("/dashboard")
    return browser.words()


def test_views_before_and_after_the_reasons_are_set_side_by_side_once_there_are_enough(store):
    words = words_of(browser_of(store))

    assert "工作人员的判断与走访结果一致的比例" in words
    assert "先判断，后看原因 件数太少，不显示" in words


def test_without_monitoring_the_page_says_so(store):
    assert "还没有做过监测" in words_of(browser_of(store, monitored=lambda: None))


def test_what_cannot_be_read_is_said(store):
    def broken():
        raise MonitoredError("no")

    assert "监测结果无法读取" in words_of(browser_of(store, monitored=broken))


def test_figures_are_counted_again_after_some_minutes(store):
    clock = Clock()
    open_cases(store, [alert("c-one")])
    browser = browser_of(store, clock=clock)
    assert "未结个案 1" in words_of(browser)
    open_cases(store, [alert("c-two")])

    assert "未结个案 1" in words_of(browser)
    clock.forward(minutes=6)
    assert "未结个案 2" in words_of(browser)


# --- what evaluation monitor writes ----------------------------------------------------------------------------


def written():
    text = {"zh": "甲", "en": "a"}
    interval = {"value": 0.5, "low": 0.4, "high": 0.6}
    screener = {
        "title": text, "version": "v1", "reference": "2025-10-01", "newest": "2026-10-01", "drift": [],
        "followed": [
            {"as_of": "2026-04-01", "closed": True, "figures": {"measures": {"observed_to_expected": interval}}},
            {"as_of": "2026-10-01", "closed": False, "figures": None},
            {"as_of": "2026-07-01", "closed": True, "figures": {"not_enough": text}},
        ],
        "missed": {"recall": interval, "drawn": 30}, "alarms": [text],
    }  # fmt: skip
    source = {"source": "s", "title": text, "department": text, "last": None, "days": None, "silent": True}
    return {"made_on": "2026-10-02", "round": "2026-10-01", "screeners": [screener], "freshness": [source]}


def test_what_monitoring_writes_is_read(tmp_path):
    path = tmp_path / "monitor.json"
    assert read_monitored(path) is None
    path.write_text(json.dumps(written()), encoding="utf-8")

    found = read_monitored(path)

    [screener] = found.screeners
    assert screener.recall.low == 0.4
    assert [set(each.measures) for each in screener.judged] == [{"observed_to_expected"}, set(), set()]
    assert found.sources[0].last is None


def test_a_recall_that_cannot_be_told_comes_with_its_reason(tmp_path):
    told = written()
    told["screeners"][0]["missed"] = {"not_enough": {"zh": "太少", "en": "too few"}}
    path = tmp_path / "monitor.json"
    path.write_text(json.dumps(told), encoding="utf-8")

    [screener] = read_monitored(path).screeners

    assert screener.recall is None
    assert screener.why_no_recall.zh == "太少"


@pytest.mark.parametrize("text", ["{", "[]", '{"made_on": 3}', "{}"])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "monitor.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(MonitoredError):
        read_monitored(path)


# --- half a year -------------------------------------------------------------------------------------------------


def test_an_area_s_half_year_is_counted(store):
    cases_of(
        store, 30, areas={f"c{n:02}": ELSEWHERE for n in range(20, 30)}, closed=12, confirmed=6, reached=3
    )
    manager = support.add_account(store, Role.MANAGER)
    with store.read() as session:
        found = tallies.half_year(session, manager, date(2026, 7, 1), 9)
        before = tallies.half_year(session, manager, date(2026, 1, 1), 9)

    assert found[VILLAGE[:9]] == {
        "came": 20, "triggers": 0, "reached": 15, "visited": 12, "closed": 12, "confirmed": 6,
    }  # fmt: skip
    assert found[ELSEWHERE[:9]]["came"] == 10
    assert before == {}


def test_small_counts_and_what_gives_them_away_are_left_out(store):
    cases_of(store, 30, areas={f"c{n:02}": ELSEWHERE for n in range(3)}, closed=0)
    browser = browser_of(store)

    words = (browser.get("/statistics"), browser.words())[1]

    assert "临江街道 不显示" in words
    assert "新塘街道 不显示" in words
    assert "合计 30" in words


def test_an_export_holds_what_the_page_shows_and_is_logged(store):
    cases_of(store, 30, areas={f"c{n:02}": ELSEWHERE for n in range(3)}, closed=12, confirmed=6)
    browser = browser_of(store)
    browser.get("/statistics")

    browser.post("/statistics/export", period="2026-07-01")

    assert browser.response.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(browser.response.content.decode("utf-8-sig"))))
    assert "模拟" in rows[0][0]
    assert rows[1] == ["区域", "进入队列", "其中强制触发", "已联系上", "已走访", "已结案", "走访后属实"]
    assert rows[2][:3] == ["新塘街道", "不显示", "0"]
    assert rows[-1][:2] == ["合计", "30"]
    with store.read() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "export_statistics")).one()
        assert event.detail == {"period": "2026-07-01", "areas": 2}


def test_an_export_without_the_token_of_the_page_is_refused(store):
    browser = browser_of(store)
    browser.get("/statistics")

    browser.post("/statistics/export", token="wrong", period="")

    assert browser.status == 403


def test_an_area_named_like_a_formula_does_not_become_one(store):
    cases_of(store, 8)
    browser = browser_of(store, area_title=lambda _: support.Text("=1+1", "=1+1"), simulated=False)
    browser.get("/statistics")

    browser.post("/statistics/export", period="x")

    assert "'=1+1" in browser.page


def test_half_years_without_cases_between_are_offered_too(store):
    cases_of(store, 8)
    with store.write() as session:
        session.scalars(select(Case)).first().entered_on = date(2025, 6, 30)
    manager = support.add_account(store, Role.MANAGER)
    with store.read() as session:
        assert tallies.half_years(session, manager) == (
            date(2026, 7, 1), date(2026, 1, 1), date(2025, 7, 1), date(2025, 1, 1),
        )  # fmt: skip


def test_closed_cases_like_this_one_are_counted(store):
    cases_of(store, 30, closed=20, confirmed=8)
    with store.read() as session:
        waiting = session.scalars(select(Case).where(Case.status == "waiting")).first()
        closed = session.scalars(select(Case).where(Case.status == "closed")).first()
        assert tallies.similar(session, waiting) == tallies.Confirmed(20, 8)
        assert tallies.similar(session, closed).closed == 19


# --- work by area, in place of a map ------------------------------------------------------------------


def area_table(browser):
    """The table behind the bars of areas: name → what is open, what is past its date."""
    figure = re.search(r"<figcaption>各区域的未结个案</figcaption>.*?</figure>", browser.page, re.S)
    assert figure is not None
    rows = re.findall(r"<tr>(.*?)</tr>", figure[0], re.S)
    cells = [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in rows
    ]
    return {row[0]: row[1:] for row in cells[1:]}


def test_open_cases_are_shown_by_area_and_no_small_number_can_be_worked_out(store):
    here, there = {f"c{n:02}": VILLAGE for n in range(9)}, {f"c{n:02}": ELSEWHERE for n in range(9, 12)}
    cases_of(store, 12, areas=here | there, late=6)
    browser = browser_of(store, Role.MANAGER, area_prefix="330109")

    browser.get("/dashboard")

    # 9 and 3 in two towns of 12 in all: leaving out the 3 alone would tell it.
    assert area_table(browser) == {
        "新塘街道": ["不显示", "6"], "临江街道": ["不显示", "0"], "合计": ["12", "6"],
    }  # fmt: skip


def test_areas_with_enough_cases_are_shown_with_their_bars(store):
    areas = {f"c{n:02}": VILLAGE if n < 8 else ELSEWHERE for n in range(14)}
    cases_of(store, 14, areas=areas)
    browser = browser_of(store, Role.MANAGER, area_prefix="330109")

    browser.get("/dashboard")

    assert area_table(browser) == {"新塘街道": ["8", "0"], "临江街道": ["6", "0"], "合计": ["14", "0"]}
    assert "未结 8，逾期 0" in browser.words()


def test_who_answers_for_one_town_sees_its_villages(store):
    areas = {f"c{n:02}": VILLAGE for n in range(6)}
    cases_of(store, 6, areas=areas)
    browser = browser_of(store, Role.SUPERVISOR, area_prefix=VILLAGE[:9])

    browser.get("/dashboard")

    assert list(area_table(browser)) == ["新塘街道一社区", "合计"]
