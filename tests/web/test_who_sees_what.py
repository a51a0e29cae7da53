"""What the table of access does not show to a role appears on no page it can open; what it shows does."""

from html import unescape

import pytest
from sqlalchemy import select

from serving.callers import KeyScope
from serving.review.access import (
    MACHINES,
    NOBODY,
    TABLE,
    Group,
    Reach,
    on_asking,
    roles_that_see,
    shown,
)
from serving.review.case import WORKERS, Role
from serving.review.tables import AuditEvent
from tests.support_access import CHILDREN, addresses, browser_of, marks, plant, reaches_for, reader_of
from tests.support_door import system
from tests.support_review import VILLAGE

# Groups that are pages of their own: who does not see them is refused the page.
PAGES = {
    Group.DASHBOARD: "/dashboard",
    Group.STATISTICS: "/statistics",
    Group.OPENINGS: "/emergency/review",
    Group.RIGHTS: "/rights",
}


def read_all(browser, case_ids, store):
    """The text of every page, by address; scripts and forms' hidden values included."""
    pages = {}
    for address in addresses(browser, case_ids, store):
        browser.get(address)
        assert browser.status in (200, 403, 404), (address, browser.status)
        if browser.status == 200:
            pages[address] = unescape(browser.page)
    return pages


@pytest.mark.parametrize("role", list(Role))
def test_a_page_shows_what_the_table_shows_and_nothing_else(store, role):
    cases = plant(store, reader_of(store, role))
    browser = browser_of(store, role)

    pages = read_all(browser, cases.values(), store)

    for child in CHILDREN:
        near = reaches_for(child, role)
        for group, words in marks(child, cases[child.key]).items():
            there = [where for where, page in pages.items() if any(word in page for word in words)]
            allowed = shown(group, role, near) and not on_asking(group)
            if group is Group.CASE:
                # Its own number stands on the page that says that there is none.
                there = [where for where in there if cases[child.key] not in where]
            if group is Group.AREA and child.reaches & {Reach.AREA}:
                continue  # two children share the area; `far`, `asked` and `opened` have their own
            if not allowed:
                assert there == [], (group, child.key, there)
            elif group is not Group.CASE:
                assert there, (group, child.key, "is shown nowhere")


@pytest.mark.parametrize("role", list(Role))
def test_what_is_shown_on_asking_is_shown_to_whom_the_table_says_and_recorded(store, role):
    cases = plant(store, reader_of(store, role))
    browser = browser_of(store, role)

    for child in CHILDREN:
        near, case_id = reaches_for(child, role), cases[child.key]
        said = marks(child, case_id)
        browser.get("/profile")
        browser.post(f"/cases/{case_id}/name")
        named = browser.page
        browser.get("/profile")
        browser.post(f"/cases/{case_id}/child", purpose="visit")
        opened = browser.page
        expected = {group: shown(group, role, near) for group in Group if on_asking(group)}
        assert (said[Group.FULL_NAME][0] in named) is expected[Group.FULL_NAME], child.key
        assert (said[Group.RECORDS][0] in opened) is expected[Group.RECORDS], child.key
        assert (said[Group.SENSITIVE][0] in opened) is expected[Group.SENSITIVE], child.key
        assert said[Group.FULL_NAME][0] not in opened
        assert said[Group.CHILD_KEY][0] not in named + opened
        with store.read() as session:
            verbs = session.scalars(
                select(AuditEvent.verb).where(AuditEvent.subject == case_id, AuditEvent.verb != "open_case")
            ).all()
        assert ("open_child" in verbs) is expected[Group.RECORDS]
        assert verbs.count("reveal_name") == 1 + expected[Group.FULL_NAME]


@pytest.mark.parametrize("role", list(Role))
def test_a_group_that_is_a_page_is_refused_to_who_does_not_see_it(store, role):
    reader_of(store, role)
    browser = browser_of(store, role)

    for group, address in PAGES.items():
        browser.get(address)
        assert (browser.status == 200) is shown(group, role), address


@pytest.mark.parametrize("typed", ["330109201605124011", "%E8%AF%B8%E8%91%9B%E7%92%9F"])
def test_what_was_typed_into_an_address_is_in_no_other_address(store, typed):
    reader_of(store, Role.SCREENER)
    browser = browser_of(store, Role.SCREENER)

    browser.get(f"/?q={typed}&area={typed}")
    assert typed not in browser.page
    browser.client.cookies.clear()
    browser.get(f"/cases/{typed}")

    assert browser.response.url.path == "/sign-in"
    assert typed not in str(browser.response.url)
    assert typed not in browser.page


def test_what_is_declared_for_nobody_is_in_no_row_and_everything_else_is():
    declared = {row.group for row in TABLE}

    assert declared.isdisjoint(NOBODY)
    assert declared | NOBODY == set(Group)


def test_names_and_notes_never_go_to_machines_and_full_names_only_to_workers_on_asking():
    for groups in MACHINES.values():
        assert groups.isdisjoint({Group.MASKED_NAME, Group.FULL_NAME, Group.NOTES, Group.ID_NUMBER})
    assert roles_that_see(Group.FULL_NAME) == WORKERS
    assert on_asking(Group.FULL_NAME)
    assert Role.AUDITOR not in roles_that_see(Group.MASKED_NAME) | roles_that_see(Group.NOTES)


def test_being_asked_or_let_in_shows_nothing_to_who_does_not_work_on_cases():
    for row in TABLE:
        if row.reaches & {Reach.ASKED, Reach.OPENED}:
            assert row.roles <= WORKERS, row


def test_a_case_system_reads_what_its_scope_says_of_its_area_and_nothing_else(store):
    cases = plant(store, reader_of(store, Role.CHILD_DIRECTOR))
    reader = system(store, scopes=(KeyScope.READ.value,), area=VILLAGE)
    answers = [reader.get(where).text for where in ("/alerts", "/cases", "/outcomes")]
    answers += [reader.get(f"/cases/{case_id}").text for case_id in cases.values()]
    said = "\n".join(answers)

    for child in CHILDREN:
        for group, words in marks(child, cases[child.key]).items():
            there = [word for word in words if word in said]
            near = Reach.AREA in child.reaches
            if group is Group.CASE and not near:
                continue  # its number comes back in the answer that there is no such case, at most
            if not near or group not in MACHINES[KeyScope.READ]:
                assert there == [], (group, child.key)
            elif group in (Group.CASE, Group.CHILD_KEY):
                assert there, (group, child.key)
