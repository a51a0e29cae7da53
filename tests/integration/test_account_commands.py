"""Accounts made and closed by command."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from serving.__main__ import main
from serving.review import accounts, audit
from serving.review.store import Store
from serving.review.tables import Account, AuditEvent
from tests import support_review as support
from tests.support_serving import settings_at

MADE = ("accounts", "--add", "wang", "--name", "王主任", "--role", "child_director", "--area", "330109")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    home = tmp_path / "home"
    home.mkdir()
    support.migrated_file(home)
    monkeypatch.setenv("MIAOHU_HOME", str(home))

    def run(*words):
        ended = main(list(words))
        return ended, capsys.readouterr().out

    run.store = Store.open(settings_at(home).review_url)
    yield run
    run.store.close()


def test_an_account_is_made_with_a_password_that_is_shown_once(run):
    ended, said = run(*MADE)

    password = re.search(r"in the clear\): (\S+)", said)[1]
    assert ended == 0
    with run.store.read() as session:
        assert accounts.has_password(session, username="wang", password=password)
        audit.verify(session)
        assert session.scalars(select(AuditEvent.verb)).all() == ["create_account"]
    assert password not in run("accounts")[1]


def test_a_closed_account_is_listed_as_closed_and_closed_once(run):
    run(*MADE)

    assert run("accounts", "--close", "wang") == (0, "wang: closed\n")
    assert run("accounts", "--close", "wang") == (1, "There is no open account wang.\n")
    assert "closed" in run("accounts")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (MADE, "This user name is taken."),
        (("accounts", "--add", "li"), "Give a user name and a display name."),
        (("accounts", "--add", "li", "--name", "李", "--area", "x"), "The area is an area code"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_nothing_is_made(run, words, sentence):
    run(*MADE)

    ended, said = run(*words)

    assert ended == 1
    assert sentence in said
    with run.store.read() as session:
        assert session.scalars(select(Account.username)).all() == ["wang"]
