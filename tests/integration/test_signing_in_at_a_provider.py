"""Signing in at an OpenID Connect provider: against a real one on the loopback, with everything that may be wrong."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import func, select

from features.settings import OidcSettings, Settings
from serving import bootstrap
from serving.oidc import Provider, Registration, http_client
from serving.rates import SIGN_INS
from serving.review import accounts, audit, sign_ins
from serving.review.door_tables import SignInAttempt
from serving.review.tables import Account, AuditEvent, WebSession
from tests import support_provider
from tests import support_review as support
from tests.support_provider import CLIENT, SECRET
from tests.support_review import NOW, Browser, Clock


@pytest.fixture(scope="module")
def listening():
    with support_provider.provider() as one:
        yield one


@pytest.fixture
def there(listening):
    """The provider, as it is when nothing is wrong."""
    port = listening.issuer
    listening.__init__()
    listening.issuer, listening.now = port, int(NOW.timestamp())
    return listening


class Seconds:
    """A clock that goes on by a minute whenever it is looked at, unless it stands."""

    def __init__(self):
        self.at, self.stand = 0.0, False

    def __call__(self):
        self.at += 0 if self.stand else 60
        return self.at


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def sign_in(store, there, seconds):
    """Makes the pages with a provider, and goes the whole way out and back with a browser."""
    clients = []

    def make(clock=None, **changes):
        client = http_client()
        clients.append(client)
        names = {name: changes.pop(name) for name in ("claim", "require", "issuer") if name in changes}
        given = {"issuer": there.issuer, "claim": "preferred_username", "require": None} | names
        registration = Registration(
            client_id=CLIENT, client_secret=SECRET, redirect_to="http://testserver/sign-in/return",
            signed_out_at="http://testserver/sign-in", **given,
        )  # fmt: skip
        clock = clock or Clock()
        provider = Provider(registration, client, clock, seconds)
        return Way(
            Browser(support.deps(store, clock, provider=provider, new_token=bootstrap.new_token, **changes)),
            store,
        )

    yield make
    for client in clients:
        client.close()


class Way:
    """A browser on its way to the provider and back."""

    def __init__(self, browser, store):
        self.browser, self.store = browser, store
        browser.client.follow_redirects = False

    def leave(self, onward="/"):
        answer = self.browser.client.get("/sign-in/provider", params={"onward": onward})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def ask(self, place):
        """What the provider sends the browser back with."""
        with http_client() as client:
            answer = client.get(place)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def come_back(self, place):
        self.browser._keep(self.browser.client.get(place.removeprefix("http://testserver")))
        return self.browser

    def whole(self, onward="/"):
        return self.come_back(self.ask(self.leave(onward)))

    def signed_in(self):
        return self.browser.client.get("/").status_code == 200

    def events(self):
        with self.store.read() as session:
            return [
                (one.verb, one.subject, one.detail)
                for one in session.scalars(select(AuditEvent).order_by(AuditEvent.number))
                if one.verb != "create_account"
            ]

    def sessions(self):
        with self.store.read() as session:
            return session.scalar(select(func.count()).select_from(WebSession))


def test_a_person_signs_in_at_the_provider_and_lands_where_they_wanted_to_go(store, sign_in):
    actor = support.add_account(store)
    way = sign_in()

    browser = way.whole("/closed")

    assert browser.response.status_code == 303
    assert browser.response.headers["location"] == "/closed"
    assert way.signed_in()
    assert way.events() == [("sign_in", actor.account_id, {"by": "provider"})]
    with store.read() as session:
        audit.verify(session)
        assert session.scalars(select(SignInAttempt)).all() == []


def test_what_the_browser_is_sent_with_is_new_each_time_and_asks_for_little(store, sign_in):
    way = sign_in()

    asked = [parse_qs(urlsplit(way.leave()).query) for _ in range(2)]

    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
    assert asked[0]["scope"] == ["openid profile"]
    assert asked[0]["redirect_uri"] == ["http://testserver/sign-in/return"]


WRONG = {
    "another nonce": ({"nonce": "another"}, "token_nonce"),
    "no nonce": ({"nonce": None}, "token_nonce"),
    "another audience": ({"aud": "somebody-else"}, "token_aud"),
    "two audiences and no word who it is for": ({"aud": [CLIENT, "somebody-else"]}, "token_azp"),
    "issued for another party": ({"aud": [CLIENT, "b"], "azp": "b"}, "token_azp"),
    "an expired token": ({"exp": int(NOW.timestamp()) - 120}, "token_exp"),
    "a token that never ends": ({"exp": None}, "token_exp"),
    "a token from tomorrow": ({"iat": int(NOW.timestamp()) + 86_400}, "token_iat"),
    "another issuer": ({"iss": "https://elsewhere.example"}, "token_iss"),
    "no name": ({"preferred_username": None}, "token_preferred_username"),
    "a name that is no text": ({"preferred_username": ["child_director"]}, "token_preferred_username"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_token_that_does_not_fit_opens_nothing(store, sign_in, there, what):
    support.add_account(store)
    claims, why = WRONG[what]
    there.claims = claims
    way = sign_in()

    browser = way.whole()

    assert browser.status == 403
    assert "没有通过核验" in browser.words()
    assert way.sessions() == 0
    assert way.events() == [("refuse_sign_in", "provider", {"why": why})]


def test_a_token_signed_by_a_key_the_provider_does_not_publish_opens_nothing(store, sign_in, there):
    support.add_account(store)
    there.signs_with = support_provider.new_key("first")
    way = sign_in()

    assert way.whole().status == 403
    assert way.events() == [("refuse_sign_in", "provider", {"why": "token_signature"})]


def test_a_token_sealed_with_the_public_key_as_a_shared_secret_opens_nothing(store, sign_in, there):
    support.add_account(store)
    public = there.published[0].as_pem(private=False)
    there.token = lambda nonce: jwt.encode(
        {"alg": "HS256", "kid": "first"},
        {"iss": there.issuer, "aud": CLIENT, "sub": "x", "iat": there.now, "exp": there.now + 9, "nonce": nonce,
         "preferred_username": "child_director"},
        OctKey.import_key(base64_of(public)), algorithms=["HS256"],
    )  # fmt: skip
    way = sign_in()
    try:
        assert way.whole().status == 403
    finally:
        del there.token
    assert way.sessions() == 0


def test_a_token_that_is_not_signed_at_all_opens_nothing(store, sign_in, there):
    support.add_account(store)
    header, body = ({"alg": "none", "kid": "first"}, {
        "iss": there.issuer, "aud": CLIENT, "sub": "x", "iat": there.now, "exp": there.now + 9,
        "preferred_username": "child_director",
    })  # fmt: skip
    there.token = lambda nonce: ".".join(
        [*(packed({**part}) for part in (header, body | {"nonce": nonce})), ""]
    )
    way = sign_in()
    try:
        assert way.whole().status == 403
    finally:
        del there.token
    assert way.sessions() == 0


def packed(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def base64_of(pem):
    return {"kty": "oct", "k": base64.urlsafe_b64encode(pem).decode().rstrip("=")}


def test_who_has_no_open_account_here_is_told_to_ask_and_no_account_is_made(store, sign_in, there):
    closed = support.add_account(store, username="closed")
    with store.write() as session:
        accounts.disable(session, account_id=closed.account_id, now=NOW)
    way = sign_in()
    said = []

    for name in ("nobody", "closed"):
        there.user = {"sub": "p", "preferred_username": name}
        said.append(way.whole().words())

    assert said[0] == said[1]
    assert "请联系管理员" in said[0]
    assert "nobody" not in said[0]
    assert way.sessions() == 0
    with store.read() as session:
        assert session.scalars(select(Account.username)).all() == ["closed"]
    refusals = [(subject, detail) for verb, subject, detail in way.events() if verb == "refuse_sign_in"]
    assert refusals == [("provider", {"why": "no_account"}), (closed.account_id, {"why": "no_account"})]


def test_an_answer_counts_once(store, sign_in):
    support.add_account(store)
    way = sign_in()
    left = way.leave()
    kept = way.browser.client.cookies["miaohu_attempt"]
    # One state, and a code that is good for each answer.
    first, second = way.ask(left), way.ask(left)

    way.come_back(first)
    way.browser.client.cookies.set("miaohu_attempt", kept)
    again = way.come_back(second)

    assert again.status == 403
    assert "已过期或已用过" in again.words()
    assert way.sessions() == 1


def test_an_answer_counts_only_in_the_browser_that_left(store, sign_in):
    support.add_account(store)
    way, other = sign_in(), sign_in()
    place = way.ask(way.leave())
    other.leave()

    assert other.come_back(place).status == 403
    assert way.come_back(place).status == 303


def test_an_answer_comes_too_late_after_ten_minutes(store, sign_in):
    support.add_account(store)
    clock = Clock()
    way = sign_in(clock)
    place = way.ask(way.leave())
    clock.forward(minutes=10)

    assert way.come_back(place).status == 403
    assert way.sessions() == 0


@pytest.mark.parametrize("changed", [{"iss": "https://elsewhere.example"}, {"iss": None}])
def test_an_answer_of_another_provider_is_not_taken(store, sign_in, changed):
    support.add_account(store)
    way = sign_in()
    place = urlsplit(way.ask(way.leave()))
    query = {name: values[0] for name, values in parse_qs(place.query).items()} | changed

    answer = way.browser.client.get(place.path, params={name: one for name, one in query.items() if one})

    assert answer.status_code == 403
    assert way.sessions() == 0


def test_what_the_provider_gives_as_an_error_is_not_repeated(store, sign_in, there):
    way = sign_in()
    state = parse_qs(urlsplit(way.leave()).query)["state"][0]

    answer = way.browser.client.get("/sign-in/return", params={
        "state": state, "iss": there.issuer, "error": "access_denied",
        "error_description": "ELEPHANT",
    })  # fmt: skip

    assert answer.status_code == 403
    assert "ELEPHANT" not in answer.text
    assert way.events() == []


def test_a_code_that_was_caught_on_its_way_is_worth_nothing_without_the_verifier(store, sign_in, there):
    support.add_account(store)
    victim, thief = sign_in(), sign_in()
    caught = parse_qs(urlsplit(victim.ask(victim.leave())).query)["code"][0]
    own = urlsplit(thief.ask(thief.leave()))
    query = {name: values[0] for name, values in parse_qs(own.query).items()} | {"code": caught}

    answer = thief.browser.client.get(own.path, params=query)

    assert answer.status_code == 403
    assert thief.sessions() == 0


def test_a_changed_key_is_read_again_and_the_old_one_opens_no_longer(store, sign_in, there):
    support.add_account(store)
    way = sign_in()
    way.whole()
    old = there.signs_with
    there.rotate("second")

    assert way.whole().status == 303
    there.signs_with = old
    assert way.whole().status == 403
    assert there.asked["/.well-known/openid-configuration"] == 1


def test_tokens_with_unknown_keys_do_not_make_us_ask_the_provider_each_time(store, sign_in, there, seconds):
    support.add_account(store)
    seconds.stand = True
    there.signs_with = support_provider.new_key("unknown")
    way = sign_in()

    for _ in range(3):
        assert way.whole().status == 403

    assert there.asked["/keys"] == 1


SECOND_FACTORS = [
    (("amr", "mfa"), {"amr": ["pwd", "mfa"]}, 303),
    (("amr", "mfa"), {"amr": ["pwd"]}, 403),
    (("amr", "mfa"), {}, 403),
    (("acr", "silver"), {"acr": "silver"}, 303),
    (("acr", "silver"), {"acr": "bronze"}, 403),
]


@pytest.mark.parametrize(("require", "claims", "status"), SECOND_FACTORS)
def test_a_second_factor_is_insisted_on_where_a_setting_says_so(
    store, sign_in, there, require, claims, status
):
    support.add_account(store)
    there.claims = claims

    assert sign_in(require=require).whole().status == status


def test_an_address_counts_only_if_the_provider_has_checked_it(store, sign_in, there):
    support.add_account(store, username="li@example.cn")
    there.user = {"sub": "p", "email": "li@example.cn", "email_verified": False}
    way = sign_in(claim="email")

    assert way.whole().status == 403
    there.user = {**there.user, "email_verified": True}
    assert way.whole().status == 303


def test_a_wait_after_wrong_passwords_does_not_shut_out_who_signs_in_at_the_provider(store, sign_in):
    support.add_account(store)
    way = sign_in()
    for _ in range(accounts.ATTEMPTS):
        way.browser.sign_in("child_director", "not this one at all")

    assert way.whole().status == 303


PROVIDERS_THAT_CANNOT_BE_USED = {
    "it is away": {},
    "it calls itself otherwise": {"issuer": "https://elsewhere.example"},
    "its token address is open to all": {"token_endpoint": "http://elsewhere.example/token"},
    "its addresses are none": {"authorization_endpoint": "javascript:alert(1)"},
    "its keys are nowhere": {"jwks_uri": None},
}


@pytest.mark.parametrize("what", PROVIDERS_THAT_CANNOT_BE_USED)
def test_a_provider_that_cannot_be_used_is_said_in_plain_words(store, sign_in, there, what):
    there.metadata, there.down = PROVIDERS_THAT_CANNOT_BE_USED[what], what == "it is away"
    way = sign_in()

    answer = way.browser.client.get("/sign-in/provider")

    assert answer.status_code == 403
    assert "统一身份认证暂时无法使用" in answer.text
    assert way.browser.client.get("/sign-in").status_code == 200


def test_nothing_is_asked_of_the_provider_until_somebody_signs_in_and_then_once(store, sign_in, there):
    way = sign_in()
    way.browser.get("/sign-in")
    assert there.asked == {}

    way.leave()
    way.leave()

    assert there.asked == {"/.well-known/openid-configuration": 1}


def test_without_a_provider_there_are_no_such_pages(store):
    browser = Browser(support.deps(store))

    assert "/sign-in/provider" not in browser.get("/sign-in")
    for place in ("/sign-in/provider", "/sign-in/return?state=x", "/sign-in/provider/out"):
        browser.get(place)
        assert browser.status == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sign_in_page_leads_to_the_provider_and_takes_passwords_only_where_they_are_used(
    store, sign_in, language
):
    support.add_account(store)
    both, only = sign_in(), sign_in(password_sign_in=False)
    words = {"zh": "用统一身份认证登录", "en": "Sign in with your organisation's account"}[language]

    for way, takes_passwords in ((both, True), (only, False)):
        way.browser.client.cookies.set("miaohu_language", language)
        way.browser.get("/sign-in?onward=/closed")
        assert words in way.browser.words()
        assert 'href="/sign-in/provider?onward=%2Fclosed"' in way.browser.page
        assert ('type="password"' in way.browser.page) is takes_passwords


def test_a_right_password_opens_nothing_where_passwords_are_not_used(store, sign_in):
    support.add_account(store)
    way = sign_in(password_sign_in=False)

    way.browser.sign_in("child_director")

    assert way.browser.status == 403
    assert way.sessions() == 0


def test_signing_out_ends_our_session_and_offers_to_end_the_provider_s(store, sign_in, there):
    support.add_account(store)
    way = sign_in()
    way.whole()
    way.browser.get("/")

    way.browser.post("/sign-out")
    way.browser.get(way.browser.response.headers["location"])

    assert not way.signed_in()
    assert "同时退出统一身份认证" in way.browser.words()
    out = way.browser.client.get("/sign-in/provider/out")
    asked = urlsplit(out.headers["location"])
    assert out.headers["location"].startswith(f"{there.issuer}/end?")
    assert parse_qs(asked.query) == {
        "client_id": [CLIENT], "post_logout_redirect_uri": ["http://testserver/sign-in"],
    }  # fmt: skip


def test_onward_leads_to_our_own_pages_only(store, sign_in):
    support.add_account(store)

    assert sign_in().whole("https://elsewhere.example/").response.headers["location"] == "/"


def test_a_secret_is_read_from_its_file_or_the_trouble_is_said(tmp_path):
    file = tmp_path / "secret"
    file.write_text("  the secret\n", encoding="utf-8")

    assert bootstrap.read_secret(file) == "the secret"
    for nothing in (tmp_path / "none", tmp_path):
        with pytest.raises(bootstrap.SettingsError, match="MIAOHU_OIDC_CLIENT_SECRET_FILE"):
            bootstrap.read_secret(nothing)


def test_the_provider_of_the_settings_is_taken_with_its_secret_and_nothing_is_asked_of_it(tmp_path):
    (tmp_path / "secret").write_text("the secret\n", encoding="utf-8")
    given = OidcSettings("https://id.example", "us", tmp_path / "secret", "email", ("amr", "mfa"))
    read = Settings.read({"MIAOHU_HOME": str(tmp_path)})
    settings = replace(read, public_url="https://queue.example", oidc=given)

    found = bootstrap.sign_in_provider(settings)

    assert found.registration == Registration(
        issuer="https://id.example",
        client_id="us",
        client_secret="the secret",
        redirect_to="https://queue.example/sign-in/return",
        signed_out_at="https://queue.example/sign-in",
        claim="email",
        require=("amr", "mfa"),
    )
    assert bootstrap.sign_in_provider(replace(settings, oidc=None)) is None
    found.client.close()


def test_a_client_takes_no_proxy_and_follows_nothing():
    with http_client() as client:
        assert client.follow_redirects is False
        assert client.trust_env is False
        assert client.timeout == httpx.Timeout(5.0)


# --- too many at once ---------------------------------------------------------------------------------------------


def test_one_address_begins_only_so_many_sign_ins_and_then_waits(sign_in, seconds):
    one = sign_in()
    one.leave()
    seconds.stand = True
    for _ in range(SIGN_INS.burst):
        one.leave()

    answer = one.browser.client.get("/sign-in/provider")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert "从这个网络地址发起的登录太多" in answer.text


def test_the_store_holds_only_so_many_attempts_and_the_oldest_go(store):
    def begin(number):
        attempt = sign_ins.Attempt("n", "v", "/")
        with store.write() as session:
            sign_ins.begin(
                session, state=f"state-{number}", browser="b", attempt=attempt,
                now=NOW + timedelta(seconds=number), at_most=3,
            )  # fmt: skip

    for number in range(5):
        begin(number)

    def there_is(number):
        with store.write() as session:
            later = NOW + timedelta(seconds=10)
            return sign_ins.take(session, state=f"state-{number}", browser="b", now=later) is not None

    assert [there_is(number) for number in range(5)] == [False, False, True, True, True]
