"""Signing in at an OpenID Connect provider: authorization code with PKCE, state and nonce.

The provider says who somebody is and how they proved it; who may do what stays ours. Its addresses and keys
are read when first needed, never at start, and its keys again when a token names one we do not know. A token
is believed only if one of its own keys signed it, for us, now, and in answer to this very attempt. Nothing of
a token is kept or logged. What reads tokens is heavy to load, so this module is where a provider is set only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from features.settings import OidcSettings, is_safe_address
from serving.rates import SIGN_INS, Limiter
from serving.sign_in_refused import bad_token, declined, no_second_factor, not_ours, unreachable

TIMEOUT_SECONDS = 5.0
MAX_ANSWER_BYTES = 512 * 1024
# What was read is read anew after so long; a failure, and keys that did not help, after less.
KEPT_SECONDS = 3600.0
FAILURE_KEPT_SECONDS = 10.0
LEEWAY_SECONDS = 60
# Signatures anybody can check and only the provider can make; "none" and shared secrets are no signatures.
ALGORITHMS = ("RS256", "PS256", "ES256")
SCOPES = {"sub": "openid", "email": "openid email"}

A = TypeVar("A")


@dataclass(frozen=True)
class Registration:
    """What a provider and this service know of each other. `require`: a claim and its value."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_to: str
    signed_out_at: str
    claim: str
    require: tuple[str, str] | None = None


@dataclass(frozen=True)
class Found:
    """The provider's addresses, as it publishes them."""

    authorize: str
    token: str
    keys: str
    end_session: str | None
    names_itself: bool
    secret_in_body: bool


@dataclass
class _Kept:
    """Something read from the provider, until when it holds; None: it could not be read."""

    value: Any = None
    until: float = float("-inf")


class Provider:
    """One provider; safe to share between threads. `seconds` is a clock that never goes back."""

    def __init__(
        self,
        registration: Registration,
        client: httpx.Client,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
    ) -> None:
        self.registration = registration
        self.client = client
        self.now = now
        self.seconds = seconds
        self.pace = Limiter(SIGN_INS, seconds)
        self._lock = threading.Lock()
        self._found = _Kept()
        self._keys = _Kept()

    # --- the two halves of a sign-in ---------------------------------------------------------------

    def address(self, *, state: str, nonce: str, verifier: str, language: str) -> str:
        """Where to send a browser to sign in."""
        mine = self.registration
        sent: str = prepare_grant_uri(
            self._metadata().authorize,
            mine.client_id,
            "code",
            redirect_uri=mine.redirect_to,
            scope=SCOPES.get(mine.claim, "openid profile"),
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            ui_locales="zh-CN" if language == "zh" else "en",
            acr_values=mine.require[1] if mine.require and mine.require[0] == "acr" else None,
        )
        return sent

    def user_name(self, answer: Mapping[str, str], *, nonce: str, verifier: str) -> str:
        """Whom the provider signed in, by the declared claim. `answer` is what the browser brought back."""
        found = self._metadata()
        named = answer.get("iss")
        if named not in (None, self.registration.issuer) or (found.names_itself and named is None):
            raise not_ours()
        code = answer.get("code", "")
        if "error" in answer or not code:
            raise declined()
        return self._believed(self._exchanged(found, code, verifier), nonce)

    def end_session(self) -> str | None:
        """Where a browser ends its session at the provider, if the provider has such a place."""
        place = self._metadata().end_session
        if place is None:
            return None
        mine = self.registration
        asked = {"client_id": mine.client_id, "post_logout_redirect_uri": mine.signed_out_at}
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    # --- what the provider says ----------------------------------------------------------------------

    def _exchanged(self, found: Found, code: str, verifier: str) -> str:
        mine = self.registration
        method = "client_secret_post" if found.secret_in_body else "client_secret_basic"
        body = urlencode(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": mine.redirect_to,
                "code_verifier": verifier,
            }
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        auth = ClientAuth(mine.client_id, mine.client_secret, method if mine.client_secret else "none")
        uri, headers, body = auth.prepare("POST", found.token, headers, body)
        status, answer = self._ask("POST", uri, headers, body)
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise declined()
        return token

    def _believed(self, token: str, nonce: str) -> str:
        mine = self.registration
        read = self._read(token)
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": mine.issuer},
                "aud": {"essential": True, "value": mine.client_id},
            },
            params={"nonce": nonce, "client_id": mine.client_id},
        )
        try:
            claims.validate(now=int(self.now().timestamp()), leeway=LEEWAY_SECONDS)
        except JoseError as error:
            # The name of a claim is of a known few; its value stays out.
            raise bad_token(str(getattr(error, "claim", None) or error.error)) from None
        if mine.require is not None:
            claim, wanted = mine.require
            held = claims.get(claim)
            if wanted not in (held if isinstance(held, list) else [held]):
                raise no_second_factor()
        if mine.claim == "email" and claims.get("email_verified") is not True:
            raise bad_token("email_verified")
        name = claims.get(mine.claim)
        if not isinstance(name, str) or not name:
            raise bad_token(mine.claim)
        return name

    def _read(self, token: str) -> jwt.Token:
        """The token, if one of the provider's keys signed it; the keys are read again for a new one."""
        try:
            try:
                return jwt.decode(token, self._key_set(), algorithms=list(ALGORITHMS))
            except InvalidKeyIdError:
                return jwt.decode(token, self._key_set(anew=True), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            raise bad_token("signature") from None

    def _metadata(self) -> Found:
        return self._held(self._found, self._discover)

    def _key_set(self, *, anew: bool = False) -> KeySet:
        found = self._metadata()
        if anew:
            with self._lock:
                # Not at every token that comes along: keys just read would be no newer now.
                if self._keys.until - KEPT_SECONDS + FAILURE_KEPT_SECONDS <= self.seconds():
                    self._keys.until = float("-inf")
        return self._held(self._keys, lambda: self._fetch_keys(found.keys))

    def _held(self, kept: _Kept, read: Callable[[], A]) -> A:
        """What was read before, or is read now; a provider that is away is not asked by everybody at once."""
        with self._lock:
            if kept.until <= self.seconds():
                kept.value, kept.until = None, self.seconds() + FAILURE_KEPT_SECONDS
                kept.value = read()
                kept.until = self.seconds() + KEPT_SECONDS
            if kept.value is None:
                raise unreachable()
            value: A = kept.value
            return value

    def _discover(self) -> Found:
        issuer = self.registration.issuer
        status, said = self._ask("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if status != 200 or said.get("issuer") != issuer:
            raise unreachable()
        methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return Found(
            authorize=_place(said, "authorization_endpoint"),
            token=_place(said, "token_endpoint"),
            keys=_place(said, "jwks_uri"),
            end_session=_place(said, "end_session_endpoint") if "end_session_endpoint" in said else None,
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
            secret_in_body="client_secret_basic" not in methods,
        )

    def _fetch_keys(self, place: str) -> KeySet:
        status, said = self._ask("GET", place)
        if status != 200:
            raise unreachable()
        # A provider may hold keys of kinds we have no use for.
        given = [
            key for key in said.get("keys", []) if isinstance(key, dict) and key.get("kty") in ("RSA", "EC")
        ]
        try:
            return KeySet.import_key_set({"keys": given})
        except (JoseError, ValueError, KeyError):
            raise unreachable() from None

    def _ask(
        self, method: str, place: str, headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        try:
            with self.client.stream(method, place, headers=headers, content=body) as response:
                read = bytearray()
                for part in response.iter_bytes():
                    read += part
                    if len(read) > MAX_ANSWER_BYTES:
                        raise unreachable()
            said = httpx.Response(200, content=bytes(read)).json()
        except (httpx.HTTPError, ValueError):
            raise unreachable() from None
        return response.status_code, said if isinstance(said, dict) else {}


def provider_of(
    given: OidcSettings,
    secret: str,
    public_url: str,
    now: Callable[[], datetime],
    seconds: Callable[[], float],
) -> Provider:
    """The provider the settings name, which is not asked yet; people come back to our `public_url`."""
    registration = Registration(
        issuer=given.issuer,
        client_id=given.client_id,
        client_secret=secret,
        redirect_to=f"{public_url}/sign-in/return",
        signed_out_at=f"{public_url}/sign-in",
        claim=given.claim,
        require=given.require,
    )
    return Provider(registration, http_client(), now, seconds)


def http_client() -> httpx.Client:
    """A client that follows nothing, takes no proxy from the environment and does not wait for long."""
    return httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)


def _place(said: Mapping[str, Any], name: str) -> str:
    place = said.get(name)
    if not isinstance(place, str) or not is_safe_address(place):
        raise unreachable()
    return place
