"""The commands about case systems: what is shown once, what is listed, what cannot be."""

import re

import pytest
from sqlalchemy import select

from serving.__main__ import main
from serving.review import api_keys, webhooks
from serving.review.machine_tables import WebhookMessage
from serving.review.store import Store
from tests.support_review import NOW
from tests.support_serving import settings_at


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MIAOHU_HOME", str(tmp_path / "home"))

    def run(*words: str) -> tuple[int, str]:
        ended = main(list(words))
        return ended, capsys.readouterr().out

    run.home = tmp_path / "home"
    return run


def store_of(run) -> Store:
    return Store.open(settings_at(run.home).review_url)


def test_a_key_is_made_followed_and_revoked(run):
    ended, said = run(
        "keys", "add", "--title", "样例系统", "--scopes", "read,work", "--area", "330109", "--days", "90"
    )
    assert ended == 0
    key = re.search(r"mh_\S{43}", said)[0]

    _, listed = run("keys", "list")
    [key_id] = re.findall(r"^(k\w{12})  client \1  read work", listed, flags=re.MULTILINE)
    assert "never used" in listed
    assert key not in listed
    assert "0 tokens" in listed
    assert run("keys", "end-tokens", key_id) == (
        0, f"0 tokens of {key_id} open nothing more; the key goes on\n",
    )  # fmt: skip
    ended, said = run("keys", "rotate", key_id)
    assert ended == 0
    assert "the old one opens until" in said
    _, listed = run("keys", "list")
    assert len(re.findall(rf"client {key_id}", listed)) == 2
    assert run("keys", "revoke", key_id)[0] == 0
    assert "revoked" in run("keys", "list")[1]
    assert run("keys", "rotate", key_id) == (1, "There is nothing of this id, or it is not open any more.\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("keys", "add", "--title", "x", "--scopes", "everything"),
            "The scopes there are: score, read, work, raise, support, correct, tables.",
        ),
        (("keys", "revoke", "knothing"), "There is nothing of this id"),
        (("keys", "end-tokens", "knothing"), "There is nothing of this id"),
        (("webhooks", "add", "--title", "x", "--url", "http://a.example.org/"), "without https"),
        (("webhooks", "add", "--title", "x", "--url", "https://a/", "--events", "x"), "The events there are"),
        (("webhooks", "rotate", "wnothing"), "There is nothing of this id"),
        (("webhooks", "disable", "wnothing"), "There is nothing of this id"),
        (("webhooks", "replay", "msg_nothing"), "There is nothing of this id"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(run, words, sentence):
    ended, said = run(*words)

    assert ended == 1
    assert sentence in said


def test_a_receiver_is_registered_renewed_and_disabled_and_its_secret_shown_once(run):
    ended, said = run("webhooks", "add", "--title", "x", "--url", "https://cases.example.org/hooks")
    assert ended == 0
    endpoint, secret = re.search(r"w\w{12}", said)[0], re.search(r"whsec_\S+", said)[0]
    assert "alert.raised, disposition.recorded, case.closed, score.superseded" in said

    _, again = run("webhooks", "rotate", endpoint)
    assert re.search(r"whsec_\S+", again)[0] != secret
    _, listed = run("webhooks", "list")
    assert "whsec_" not in listed
    assert "0 waiting" in listed
    store = store_of(run)
    with store.write() as session:
        webhooks.announce(session, webhooks.Event.CASE_CLOSED, once="x", child_key="c", case_id=None, now=NOW)
        for message in session.scalars(select(WebhookMessage)):
            message.next_at, message.dead_at, message.last_result = None, NOW, "timeout"
    store.close()
    assert "last: timeout" in run("webhooks", "dead")[1]
    assert run("webhooks", "replay", endpoint) == (0, "1 messages will be sent again\n")
    assert run("webhooks", "dead") == (0, "No message is dead.\n")
    assert run("webhooks", "disable", endpoint)[0] == 0
    assert "disabled" in run("webhooks", "list")[1]


def test_empty_lists_say_what_to_do(run):
    assert "keys add makes one" in run("keys", "list")[1]
    assert "webhooks add registers one" in run("webhooks", "list")[1]


def test_the_secrets_come_from_a_file_nobody_else_may_read(run):
    run("webhooks", "add", "--title", "x", "--url", "https://cases.example.org/hooks")

    key = settings_at(run.home).key_file.with_name("webhooks.key")
    assert key.stat().st_mode & 0o077 == 0
    assert api_keys.PREFIX_LENGTH == 12
