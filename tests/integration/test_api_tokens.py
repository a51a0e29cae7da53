"""Client credentials: a key changed for a short-lived token that opens some of what the key opens."""

import base64
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, text

from serving.api.client import Client, MiaohuProblem
from serving.clients import Clients
from serving.rates import Rate
from serving.review import api_keys, tokens
from serving.review.machine_tables import AccessToken
from serving.review.tables import ApiKey, AuditEvent
from tests.support_door import Transport, kind, make_api, make_key, system_app
from tests.support_review import NOW, Clock, alert, open_cases

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def app(store, clock):
    open_cases(store, [alert("c-one")])
    return system_app(store, make_api(store, clock))


def client_of(store, key):
    with store.read() as session:
        return api_keys.caller(session, key, now=NOW)


def ask(app, client_id, key, **form):
    form = {"grant_type": "client_credentials", **form}
    return app.post("/api/v1/token", data=form, auth=(client_id, key))


def opened(app, token, where="/key"):
    return app.get(f"/api/v1{where}", headers={"Authorization": f"Bearer {token}"})


def error(answer):
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert set(said) == {"error", "error_description"}
    assert answer.status_code == (401 if said["error"] == "invalid_client" else 400)
    return said["error"]


def test_a_token_opens_what_was_asked_for_until_it_is_over_and_only_its_hash_is_kept(store, app, clock):
    key = make_key(store, scopes=["read", "work"])
    client = client_of(store, key).client

    answer = ask(app, client, key, scope="read")
    given = answer.json()
    token = given["access_token"]

    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 900, "read")
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    found = opened(app, token).json()
    assert (found["client"], found["scopes"]) == (client, ["read"])
    assert opened(app, token, "/cases").status_code == 200
    claim = app.post(
        "/api/v1/cases/a/claim",
        headers={"Authorization": f"Bearer {token}", "If-Match": '"1"', "Idempotency-Key": "claim-number-1"},
    )
    assert kind(claim) == "missing-scope"
    with store.read() as session:
        assert token not in str(session.execute(text("SELECT * FROM access_tokens")).all())
        assert session.scalars(select(ApiKey.last_used_at)).one() is not None
    clock.now = NOW + timedelta(seconds=899)
    assert opened(app, token).status_code == 200
    clock.now = NOW + timedelta(seconds=900)
    assert (kind(opened(app, token)), opened(app, token[:-1] + "x").status_code) == ("unauthenticated", 401)


def test_the_id_and_the_key_may_come_in_the_form_and_no_scope_means_all(store, app):
    key = make_key(store, scopes=["read", "work"])
    form = {
        "grant_type": "client_credentials", "client_id": client_of(store, key).client, "client_secret": key,
    }  # fmt: skip

    answer = app.post("/api/v1/token", data=form)

    assert answer.json()["scope"] == "read work"
    assert opened(app, answer.json()["access_token"]).json()["scopes"] == ["read", "work"]


def test_a_token_ends_with_its_key_at_once_and_opens_what_both_open(store, app):
    key, other = make_key(store), make_key(store)
    token = ask(app, client_of(store, key).client, key).json()["access_token"]
    others = ask(app, client_of(store, other).client, other).json()["access_token"]

    with store.write() as session:
        session.get(ApiKey, client_of(store, key).name).scopes = ["score"]
    assert opened(app, token).json()["scopes"] == ["score"]
    with store.write() as session:
        api_keys.revoke(session, client_of(store, key).name, now=NOW)

    assert kind(opened(app, token)) == "unauthenticated"
    assert opened(app, others).status_code == 200


def test_a_token_never_outlives_its_key(store, app):
    key = make_key(store, expires_at=NOW + timedelta(minutes=5))

    assert ask(app, client_of(store, key).client, key).json()["expires_in"] == 300


def test_the_tokens_of_a_key_are_ended_alone(store, app):
    key = make_key(store)
    client = client_of(store, key)
    taken = [ask(app, client.client, key).json()["access_token"] for _ in range(2)]

    with store.write() as session:
        assert tokens.end(session, client.name, now=NOW) == 2
        with pytest.raises(KeyError):
            tokens.end(session, "knothing", now=NOW)

    assert [opened(app, token).status_code for token in taken] == [401, 401]
    assert opened(app, key).status_code == 200


@pytest.mark.parametrize("wrong", ["another client's id", "another client's key", "a revoked key", "nobody"])
def test_one_answer_for_every_pair_that_is_not_a_clients(store, app, wrong):
    mine, other = make_key(store), make_key(store)
    client, stranger = client_of(store, mine), client_of(store, other)
    given = {
        "another client's id": (stranger.client, mine),
        "another client's key": (client.client, other),
        "a revoked key": (client.client, mine),
        "nobody": ("", ""),
    }[wrong]
    if wrong == "a revoked key":
        with store.write() as session:
            api_keys.revoke(session, client.name, now=NOW)

    answer = ask(app, *given)

    assert error(answer) == "invalid_client"
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert answer.json()["error_description"] == "The client's id and secret are not those of a live key."
    with store.read() as session:
        assert session.scalars(select(AccessToken)).all() == []


def test_a_token_gets_no_other_token(store, app):
    key = make_key(store)
    client = client_of(store, key).client
    token = ask(app, client, key).json()["access_token"]

    assert error(ask(app, client, token)) == "invalid_client"
    bearer = app.post(
        "/api/v1/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert error(bearer) == "invalid_client"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("grant_type=client_credentials&scope=score", "invalid_scope"),
        ("grant_type=client_credentials&scope=read+%E5%BC%A0%E5%B0%8F%E6%98%8E", "invalid_scope"),
        ("grant_type=client_credentials&scope=read++work", "invalid_scope"),
        ("grant_type=password&username=%E5%BC%A0%E5%B0%8F%E6%98%8E", "unsupported_grant_type"),
        ("scope=read", "invalid_request"),
        ("", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=client_credentials&client_id=other", "invalid_request"),
        ("grant_type=client_credentials&client_secret=x", "invalid_request"),
        ("grant_type=client_credentials&" + "&".join(f"a{n}=1" for n in range(30)), "invalid_request"),
        ("grant_type=%FF", "invalid_request"),
        ("nonsense", "invalid_request"),
    ],
)
def test_what_cannot_be_is_refused_by_its_word_and_not_repeated(store, app, body, expected, caplog):
    key = make_key(store, scopes=["read", "work"])

    answer = app.post(
        "/api/v1/token",
        content=body,
        headers={"Content-Type": FORM},
        auth=(client_of(store, key).client, key),
    )

    assert error(answer) == expected
    assert "张小明" not in answer.text + caplog.text
    with store.read() as session:
        assert session.scalars(select(AccessToken)).all() == []


@pytest.mark.parametrize(
    "authorization", ["Basic", "Basic %%%", "Basic " + base64.b64encode(b"\xff:x").decode()]
)
def test_an_authorization_that_cannot_be_read_is_nobodys(app, authorization):
    answer = app.post(
        "/api/v1/token", data={"grant_type": "client_credentials"}, headers={"Authorization": authorization}
    )

    assert error(answer) == "invalid_client"


def test_another_media_type_and_another_method_are_refused(store, app):
    json = app.post("/api/v1/token", json={"grant_type": "client_credentials"})

    assert error(json) == "invalid_request"
    assert kind(app.get("/api/v1/token")) == "method-not-allowed"


def test_a_client_that_asks_for_tokens_too_often_waits_and_others_do_not(store):
    app = system_app(store, make_api(store, token_rate=Rate(per_second=0.5, burst=2)))
    key, other = make_key(store), make_key(store)
    client, calm = client_of(store, key).client, client_of(store, other).client

    answers = [ask(app, client, key) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (kind(answers[2]), answers[2].headers["retry-after"]) == ("too-many-requests", "2")
    assert ask(app, calm, other).status_code == 200


def test_the_log_tells_of_each_token_and_holds_none(store, app, clock):
    key = make_key(store, scopes=["read", "work"])
    client = client_of(store, key)
    token = ask(app, client.client, key, scope="work").json()["access_token"]

    with store.read() as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.verb == tokens.ISSUED)).all()
    assert (event.actor, event.subject) == (f"key:{client.client}", client.name)
    assert event.detail == {"scopes": "work", "seconds": 900}
    assert token not in str(event.detail)
    clock.now = NOW + timedelta(hours=1)
    ask(app, client.client, key)
    with store.read() as session:
        assert len(session.scalars(select(AccessToken)).all()) == 1


def test_a_token_opens_the_other_door_too_and_shows_when_its_key_was_used(store, app, clock):
    key = make_key(store, scopes=["score"])
    client = client_of(store, key)
    token = ask(app, client.client, key).json()["access_token"]

    found = Clients(store, clock).find(token)

    assert (found.client, found.scopes, found.name) == (client.client, {"score"}, client.name)
    with store.read() as session:
        assert session.get(ApiKey, client.name).last_used_at == NOW


def test_the_typed_client_sends_its_key_only_for_tokens_and_gets_a_new_one_when_one_is_over(
    store, app, clock
):
    key = make_key(store, scopes=["read"])
    transport = Transport(app)
    client_id = client_of(store, key).client

    with Client("http://testserver", key, client_id=client_id, transport=transport) as miaohu:
        assert miaohu.describe_key()["client"] == client_id
        clock.now = NOW + timedelta(hours=1)
        assert len(list(miaohu.cases())) == 1
    with (
        Client("http://testserver", "mh_wrong", client_id=client_id, transport=transport) as wrong,
        pytest.raises(MiaohuProblem, match="not those of a live key"),
    ):
        wrong.describe_key()
    with (
        Client("http://testserver", key, transport=transport) as plain,
        pytest.raises(ValueError, match="client_id"),
    ):
        plain.new_token()

    sent = [(one.url.path, one.headers["authorization"]) for one in transport.sent]
    assert [path for path, _ in sent].count("/api/v1/token") == 3
    for path, authorization in sent:
        assert authorization.startswith("Basic" if path.endswith("/token") else "Bearer mt_")


def test_an_answer_of_a_proxy_to_a_request_for_a_token_is_a_refusal(store):
    transport = Transport(None, httpx.Response(502, text="<html>"))

    with (
        Client("http://testserver", "mh_x", client_id="kx", transport=transport) as miaohu,
        pytest.raises(MiaohuProblem, match="status 502"),
    ):
        miaohu.describe_key()
