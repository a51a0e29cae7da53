"""A real OpenID Connect provider on the loopback: it signs real tokens, checks PKCE, and ends with its `with`.

It signs in whoever it was told to without asking for a password. What a test wants wrong it changes before.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "miaohu", "a secret of the client / with odd characters"


class Provider:
    """What it says is in plain attributes. `asked` counts the requests for each path."""

    def __init__(self) -> None:
        self.issuer = ""
        self.now = 0
        self.user: Mapping[str, Any] = {"sub": "person-1", "preferred_username": "child_director"}
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.published = [_first_key()]
        self.signs_with = self.published[0]
        self.algorithm = "RS256"
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: dict[str, int] = {}
        self.down = False

    def rotate(self, kid: str) -> None:
        """Sign with a new key from now on, and publish no other."""
        self.published = [new_key(kid)]
        self.signs_with = self.published[0]

    def app(self) -> Starlette:
        """Its addresses."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    def _count(self, request: Request) -> Response | None:
        self.asked[request.url.path] = self.asked.get(request.url.path, 0) + 1
        return Response("away", 503) if self.down else None

    async def _discovery(self, request: Request) -> Response:
        return self._count(request) or JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/end",
                "authorization_response_iss_parameter_supported": True,
            }
            | self.metadata
        )

    async def _keys(self, request: Request) -> Response:
        return self._count(request) or JSONResponse(KeySet(self.published).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(sent.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest())
        if (
            asked is None
            or request.headers.get("authorization") != basic
            or sent["redirect_uri"] != asked["redirect_uri"]
            or challenge.decode().rstrip("=") != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "unused", "token_type": "Bearer", "id_token": self.token(asked["nonce"])}
        )

    def token(self, nonce: str) -> str:
        """A token for the user, with whatever the test wants otherwise. A claim of None is left out."""
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": self.now, "exp": self.now + 300, "nonce": nonce}
        said = {
            name: value for name, value in (claims | {**self.user} | self.claims).items() if value is not None
        }
        header = {"alg": self.algorithm, "kid": self.signs_with.kid}
        return jwt.encode(header, said, self.signs_with, algorithms=[self.algorithm])


@cache
def _first_key() -> RSAKey:
    """The key it begins with; making one takes its time."""
    return new_key("first")


def new_key(kid: str) -> RSAKey:
    """A fresh key."""
    return RSAKey.generate_key(2048, {"kid": kid})


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that listens until the end of the `with`."""
    one = Provider()
    server = uvicorn.Server(
        uvicorn.Config(one.app(), host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        one.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield one
    finally:
        server.should_exit = True
        thread.join()
