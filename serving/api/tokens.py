"""`POST /api/v1/token`: a key for a short-lived token, by OAuth 2.0 client credentials (RFC 6749, 4.4).

The client's id is that of `keys list`, its secret the key. Errors are those of section 5.2 and repeat
nothing that was sent. Written here and not with Authlib's server: that one logs every token it gives out,
tells an unknown client from a wrong secret, repeats an unknown grant type, and takes no request that
arrives behind a proxy without TLS of its own.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, unquote_plus

from starlette.responses import Response

from serving import problems
from serving.api import ROOT
from serving.callers import Caller
from serving.rates import Limiter
from serving.review import api_keys, tokens
from serving.review.store import Store

PATH = f"{ROOT}/token"
GRANT = "client_credentials"
MEDIA_TYPE = "application/x-www-form-urlencoded"
ERRORS: Mapping[str, str] = {
    "invalid_request": "Send each parameter once, as a form, and the client's id and secret in one place.",
    "invalid_client": "The client's id and secret are not those of a live key.",
    "unsupported_grant_type": f"The grant_type is {GRANT}.",
    "invalid_scope": "A token opens some of what the key opens, and no more.",
}
_MAX_FIELDS = 20


class _Refused(Exception):
    """One of `ERRORS`."""


@dataclass(frozen=True)
class Tokens:
    """Gives out tokens. `limiter` keeps each client's pace; `new_secret` is random."""

    store: Store
    now: Callable[[], datetime]
    new_secret: Callable[[], str]
    limiter: Limiter

    def answer(self, method: str, headers: Mapping[str, str], body: bytes) -> Response:
        """A token, or why there is none. Raises a Problem for what OAuth has no word for."""
        if method != "POST":
            raise problems.method_not_allowed(("POST",))
        try:
            return self._granted(headers, body)
        except _Refused as refused:
            return _refusal(str(refused))

    def _granted(self, headers: Mapping[str, str], body: bytes) -> Response:
        given = _form(headers, body)
        client_id, secret = _credentials(headers, given)
        with self.store.read() as session:
            client = tokens.client_of(session, client_id, secret, now=self.now())
        if client is None:
            raise _Refused("invalid_client")
        wait = self.limiter.take(client.client)
        if wait:
            raise problems.too_many_requests(wait)
        if not given.get("grant_type"):
            raise _Refused("invalid_request")
        if given["grant_type"] != GRANT:
            raise _Refused("unsupported_grant_type")
        scopes = _scopes(client, given.get("scope", ""))
        with self.store.write() as session:
            tokens.forget(session, now=self.now())
            issued = tokens.issue(session, client, scopes, secret=self.new_secret(), now=self.now())
            api_keys.note_use(session, client.name, now=self.now())
        return _json(
            200,
            {
                "access_token": issued.token,
                "token_type": "Bearer",  # nosec B105  # the name of a kind of token
                "expires_in": int(issued.lasts.total_seconds()),
                "scope": " ".join(issued.scopes),
            },
        )


def _form(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    if headers.get("content-type", "").split(";")[0].strip().lower() != MEDIA_TYPE:
        raise _Refused("invalid_request")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise _Refused("invalid_request") from None
    given = dict(pairs)
    if len(given) != len(pairs):
        raise _Refused("invalid_request")
    return given


def _credentials(headers: Mapping[str, str], given: Mapping[str, str]) -> tuple[str, str]:
    """Id and secret, from the header or from the form and never from both."""
    authorization = headers.get("authorization", "")
    in_form = given.get("client_id", ""), given.get("client_secret", "")
    if not authorization:
        return in_form
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise _Refused("invalid_client")
    try:
        client_id, _, secret = base64.b64decode(coded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise _Refused("invalid_client") from None
    client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    if in_form[1] or in_form[0] not in ("", client_id):
        raise _Refused("invalid_request")
    return client_id, secret


def _scopes(client: Caller, asked: str) -> frozenset[str]:
    scopes = frozenset(asked.split(" ")) if asked else client.scopes
    if not scopes <= client.scopes:
        raise _Refused("invalid_scope")
    return scopes


def _refusal(error: str) -> Response:
    answer = _json(
        401 if error == "invalid_client" else 400, {"error": error, "error_description": ERRORS[error]}
    )
    if error == "invalid_client":
        answer.headers["WWW-Authenticate"] = 'Basic realm="miaohu"'
    return answer


def _json(status: int, said: Mapping[str, object]) -> Response:
    return Response(json.dumps(said), status, {"Pragma": "no-cache"}, "application/json")
