"""Cookies, form tokens and headers: what keeps a page from being used against the person who opened it.

The session cookie is out of reach of scripts and of other sites. Every form carries a token; a POST from
another site, or without the token, is refused before anything is read from it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION_COOKIE = "miaohu_session"
# Carries the form token of a browser that is not signed in yet.
FORM_COOKIE = "miaohu_form"
LANGUAGE_COOKIE = "miaohu_language"
LANGUAGES = ("zh", "en")
MAX_FORM_BYTES = 64 * 1024
_YEAR = 365 * 24 * 3600

_POLICY = "; ".join(
    (
        "default-src 'none'",
        # One file of our own; every page works without it.
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Addresses hold case ids; no other site learns them.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class FormRefused(Exception):
    """A POST that did not come from one of our own forms."""


class FormTooLong(Exception):
    """A POST with more in it than any of our forms takes."""


@dataclass(frozen=True)
class Cookies:
    """Sets and takes back our cookies; `secure` wherever the pages are served over HTTPS."""

    secure: bool

    def set(self, response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
        """A cookie no script can read and no other site's form sends along."""
        response.set_cookie(
            name, value, max_age=max_age, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def set_language(self, response: Response, language: str) -> None:
        """Remember the language for a year."""
        self.set(response, LANGUAGE_COOKIE, language, max_age=_YEAR)

    def drop(self, response: Response, name: str) -> None:
        """Take a cookie back."""
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")


class SafeHeaders:
    """ASGI middleware: every answer says what may be loaded, and pages are never kept by a browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_page = not scope["path"].startswith("/static/")

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["Cache-Control"] = "no-store" if is_page else "public, max-age=86400"
            await send(message)

        await self.app(scope, receive, send_safely)


def language_of(request: Request) -> str:
    """The language asked for last; Chinese until then."""
    language = request.cookies.get(LANGUAGE_COOKIE, "zh")
    return language if language in LANGUAGES else "zh"


def check_origin(headers: Headers, at_most: int = MAX_FORM_BYTES) -> None:
    """Refuse a POST that the browser says came from another site, and one too long to be ours."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise FormRefused
    length = headers.get("content-length", "")
    if not length.isdigit():
        raise FormRefused
    if int(length) > at_most:
        raise FormTooLong


def check_token(expected: str, given: str) -> None:
    """Refuse a form whose token is not the one we gave."""
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        raise FormRefused
