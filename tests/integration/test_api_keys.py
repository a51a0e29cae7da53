"""Keys of case systems: kept as a hash, opening what their scopes say, followed by another without a gap."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from serving.clients import KEY_USE_EVERY, Clients
from serving.review import accounts, api_keys, audit
from serving.review.case import Refused
from serving.review.tables import Account, ApiKey
from tests.support_door import make_key
from tests.support_review import NOW, PASSWORD, Clock

WEEK = NOW + timedelta(days=7)


def caller(store, key, now=NOW):
    with store.read() as session:
        return api_keys.caller(session, key, now=now)


def test_a_key_opens_until_it_is_revoked_and_only_its_hash_is_kept(store):
    key = make_key(store, scopes=["score"], area="330109")

    found = caller(store, key)

    assert (found.title, found.scopes, found.area_prefix) == ("样例系统", {"score"}, "330109")
    assert found.client == found.name
    assert caller(store, key[:-1] + "x") is None
    assert caller(store, "") is None
    with store.write() as session:
        assert key not in str(session.execute(text("SELECT * FROM api_keys")).all())
        api_keys.revoke(session, found.name, now=NOW)
    assert caller(store, key) is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"secret": "short"}, "A key needs at least 32 random characters."),
        (
            {"scopes": ["everything"]},
            "The scopes there are: score, read, work, raise, support, correct, tables.",
        ),
        ({"scopes": []}, "The scopes there are: score, read, work, raise, support, correct, tables."),
        ({"area_prefix": "x"}, "The area is an area code, or empty for everywhere."),
    ],
)
def test_a_key_that_cannot_be_is_refused(store, changes, sentence):
    with store.write() as session, pytest.raises(Refused) as refused:
        api_keys.create(session, **({"title": "t", "secret": "s" * 32, "now": NOW} | changes))

    assert refused.value.sentence.en == sentence


def test_a_key_is_followed_by_another_and_both_open_until_the_older_ones_time_is_up(store):
    old = make_key(store)
    with store.write() as session:
        new = api_keys.rotate(session, caller(store, old).name, secret="n" * 32, now=NOW, keep_until=WEEK)

    before, after = caller(store, old), caller(store, new)

    assert (before.client, before.scopes, before.area_prefix) == (
        after.client,
        after.scopes,
        after.area_prefix,
    )
    assert before.name != after.name
    assert caller(store, old, WEEK - timedelta(seconds=1)) is not None
    assert caller(store, old, WEEK) is None
    assert caller(store, new, WEEK) is not None


def test_a_client_never_has_more_than_two_live_keys(store):
    first = make_key(store)
    with store.write() as session:
        second = api_keys.rotate(
            session, caller(store, first).name, secret="b" * 32, now=NOW, keep_until=WEEK
        )
    with store.write() as session:
        third = api_keys.rotate(
            session, caller(store, second).name, secret="c" * 32, now=NOW, keep_until=WEEK
        )

    assert [caller(store, key) is not None for key in (first, second, third)] == [False, True, True]
    with store.write() as session:
        for unknown in ("knothing", session.query(ApiKey).filter_by(prefix=first[:12]).one().id):
            with pytest.raises(KeyError):
                api_keys.rotate(session, unknown, secret="d" * 32, now=NOW, keep_until=WEEK)
        with pytest.raises(KeyError):
            api_keys.revoke(session, "knothing", now=NOW)
        audit.verify(session)


def test_a_client_that_works_on_cases_has_an_account_nobody_can_sign_in_to(store):
    working, reading = caller(store, make_key(store)), caller(store, make_key(store, scopes=["read"]))

    with store.write() as session:
        account = session.get(Account, f"key:{working.client}")
        assert session.get(Account, f"key:{reading.client}") is None
        assert (account.role, account.area_prefix) == (api_keys.ROLE.value, working.area_prefix)
        assert account.disabled_at is not None
        for right in (False, True):
            said = accounts.sign_in(
                session, username=account.username, right=right, token="t", csrf_token="c", now=NOW
            )
            assert said is accounts.WRONG
        assert not accounts.has_password(session, username=account.username, password=PASSWORD)


def test_the_last_use_of_a_key_is_written_down_now_and_then(store):
    clock = Clock()
    key = make_key(store)
    clients = Clients(store, clock)

    def used_at():
        with store.read() as session:
            return session.query(ApiKey).one().last_used_at

    assert clients.find("mh_nobody") is None
    for minutes, noted in ((0, NOW), (9, NOW), (11, NOW + timedelta(minutes=11))):
        clock.now = NOW + timedelta(minutes=minutes)
        assert clients.find(key) is not None
        assert used_at() == noted
    assert timedelta(minutes=10) == KEY_USE_EVERY
