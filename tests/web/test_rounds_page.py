"""What changed between rounds: told in parts, or why it cannot be; and what stands beside a case's reasons."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from features.lake import Lake
from features.language import Text
from serving import comparing
from serving.comparing import Comparer
from serving.review.case import Role
from serving.review.tables import Case, DispositionRow
from serving.web.around import changed_facts
from tests import support_changes
from tests import support_review as support
from tests.support_review import NOW, Browser, alert, open_cases

BEFORE = date(2026, 4, 1)


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


def two_rounds():
    """A screening and the one before it, which knew of fewer absences."""
    now = support.screening("c-one")
    family = now.reasons[0]
    earlier = family.features[0]._replace(value=0.0)
    families = (replace(family, features=(earlier, *family.features[1:])), *now.reasons[1:])
    return replace(now, as_of=BEFORE, reasons=families, band="usual", risk=0.05, low=0.03, high=0.08), now


def browser_of(store, *, blind=False, role=Role.SCREENER, **changes):
    support.add_account(store, role)
    open_cases(store, [alert("c-one", blind=blind)])
    before, now = two_rounds()
    support.add_screenings(store, [before, now])
    browser = Browser(support.deps(store, **changes))
    browser.sign_in(role.value)
    with store.read() as session:
        return browser, session.scalars(select(Case)).one().id


def words_at(browser, address):
    browser.get(address)
    return browser.words()


def test_a_case_says_which_facts_changed_since_the_round_before(store):
    browser, case_id = browser_of(store)

    words = words_at(browser, f"/cases/{case_id}")

    assert "与上一轮相比：需要心理支持 近90天无故缺勤天数：0天 → 1天" in words
    assert f'href="/cases/{case_id}/rounds"' in browser.page


def test_facts_that_did_not_change_are_not_told():
    _, now = two_rounds()

    assert changed_facts(now, now, "zh") == []
    assert changed_facts(replace(now, reasons=()), now, "zh") == []


def test_the_rounds_are_drawn_in_bands_with_the_table_behind(store):
    browser, case_id = browser_of(store)

    words = words_at(browser, f"/cases/{case_id}/rounds")

    assert "历次筛查：需要心理支持" in words
    assert "2026-04-01 一般 100名情况相近的儿童中约有5名（3至8名）" in words
    assert "2026-10-01 明显较高 100名情况相近的儿童中约有12名（8至17名）" in words
    assert browser.page.count('<circle class="dot"') == 2
    assert "0.12" not in browser.page


def test_without_records_the_page_says_why_nothing_is_compared(store):
    browser, case_id = browser_of(store)

    assert comparing.NO_RECORDS.zh in words_at(browser, f"/cases/{case_id}/rounds")


def test_what_changed_is_told_part_by_part(store):
    absences = [support_changes.absence(f"A{n}", date(2026, 9, 1 + n)) for n in range(3)]
    given = support_changes.versions(residence=[support_changes.residence()], absences=absences)
    told = support_changes.changes(given)
    browser, case_id = browser_of(store, changes=lambda before, now: told)

    words = words_at(browser, f"/cases/{case_id}/rounds")

    assert "新的事实：更需要关注" in words


def test_a_first_screening_has_nothing_to_be_compared_with(store):
    browser, case_id = browser_of(store)
    support.add_screenings(store, [support.screening("c-one", "guardianship")])

    assert "这是第一次筛查，还没有可以比较的。" in words_at(browser, f"/cases/{case_id}/rounds")


def test_before_the_own_view_neither_rounds_nor_changes_nor_similar_cases_are_shown(store):
    browser, case_id = browser_of(store, blind=True)

    words = words_at(browser, f"/cases/{case_id}")
    assert "与上一轮相比" not in words
    assert "类似个案" not in words
    words = words_at(browser, f"/cases/{case_id}/rounds")
    assert "无故缺勤" not in words
    assert "<circle" not in browser.page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_shown_in_both_languages(store, language):
    browser, case_id = browser_of(store)
    browser.get(f"/cases/{case_id}/rounds")

    browser.switch(language)

    assert browser.status == 200
    assert browser.response.url.path == f"/cases/{case_id}/rounds"


def close_similar(store, count, confirmed):
    open_cases(store, [alert(f"s{n}") for n in range(count)])
    with store.write() as session:
        for n in range(count):
            case = session.scalars(select(Case).where(Case.child_key == f"s{n}")).one()
            case.status, case.closed_at = "closed", NOW - timedelta(days=n)
            found = "confirmed" if n < confirmed else "not_confirmed"
            session.add(
                DispositionRow(
                    case_id=case.id, risk="psychological", disposition=found, visited=True, reason="",
                    disposed_by=session.scalars(select(support.accounts.Account.id)).first(), disposed_at=NOW,
                )
            )  # fmt: skip


def test_a_case_tells_how_similar_ones_ended_with_counts(store):
    browser, case_id = browser_of(store)
    close_similar(store, 20, 8)

    words = words_at(browser, f"/cases/{case_id}")

    assert (
        "最近走访后结案的 20 件同等级、同来由的个案中，8 件属实（约 40%，可能在 22% 至 61% 之间）。" in words
    )


def test_few_similar_cases_are_not_told(store):
    browser, case_id = browser_of(store)
    close_similar(store, 20, 2)

    assert "类似的、走访后结案的个案还太少，不显示。" in words_at(browser, f"/cases/{case_id}")


# --- comparing --------------------------------------------------------------------------------------------------


def test_a_screener_that_said_nothing_or_is_gone_is_no_ground_to_compare(tmp_path):
    compare = Comparer(Lake(tmp_path / "lake"), tmp_path / "champions")
    before, now = two_rounds()

    assert compare(replace(before, abstained="age_unknown"), now) == comparing.ABSTAINED
    assert compare(before, now) == comparing.NO_RECORDS
    assert isinstance(compare(before, now), Text)


@pytest.mark.parametrize("blind", [False, True])
def test_the_childs_own_page_draws_the_rounds_once_the_reasons_may_be_seen(store, blind):
    browser, case_id = browser_of(store, blind=blind)

    browser.get(f"/cases/{case_id}/child")
    browser.post(f"/cases/{case_id}/child", purpose="visit")

    assert browser.status == 200
    assert ('<svg class="course"' in browser.page) is not blind
