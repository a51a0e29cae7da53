"""Signing in at an OpenID Connect provider: out to it, back from it, and out of it again.

A link leads there, not a form: forms may lead to our own pages only. What comes back counts once, and only in
the browser that left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from serving.review import sign_ins
from serving.review.sign_ins import ATTEMPT_LASTS, Attempt
from serving.sign_in_refused import SignInRefused, not_ours, too_many
from serving.web.guard import FORM_COOKIE, SESSION_COOKIE, language_of
from serving.web.views import PROVIDER, PROVIDER_OUT, Views, onward_of

if TYPE_CHECKING:
    from serving.oidc import Provider

LOG = logging.getLogger("miaohu.web")
ATTEMPT_COOKIE = "miaohu_attempt"
RETURN = "/sign-in/return"


def add_provider(app: FastAPI, views: Views) -> None:
    """The addresses; without a provider there are none."""

    @app.get(PROVIDER)
    def leave(request: Request, onward: str = "/") -> Response:
        return _guarded(views, request, lambda: _leave(views, request, onward_of(onward)))

    @app.get(RETURN)
    def come_back(request: Request) -> Response:
        return _guarded(views, request, lambda: _come_back(views, request))

    @app.get(PROVIDER_OUT)
    def out(request: Request) -> Response:
        return _guarded(views, request, lambda: _out(views))


def _provider(views: Views) -> Provider:
    if views.deps.provider is None:
        raise HTTPException(404)
    return views.deps.provider


def _guarded(views: Views, request: Request, do: Callable[[], Response]) -> Response:
    """Do it; if nobody can be signed in the sign-in page says why."""
    try:
        return do()
    except SignInRefused as refused:
        LOG.warning("Nobody was signed in by the provider: %s.", refused.why)
        if refused.vouched:
            with views.deps.store.write() as session:
                sign_ins.refuse(session, why=refused.why, now=views.deps.now())
        sentence = refused.sentence[language_of(request)]
        page = views.sign_in_page(request, onward="/", refusal=sentence, status=429 if refused.wait else 403)
        if refused.wait:
            page.headers["Retry-After"] = str(refused.wait)
        return page


def _out(views: Views) -> Response:
    return RedirectResponse(_provider(views).end_session() or "/sign-in", status_code=303)


def _leave(views: Views, request: Request, onward: str) -> Response:
    deps, provider = views.deps, _provider(views)
    wait = provider.pace.take(request.client.host if request.client else "")
    if wait:
        raise too_many(wait)
    state, browser = deps.new_token(), deps.new_token()
    # A verifier has at least 43 characters.
    attempt = Attempt(nonce=deps.new_token(), verifier=deps.new_token() + deps.new_token(), onward=onward)
    place = provider.address(
        state=state, nonce=attempt.nonce, verifier=attempt.verifier, language=language_of(request)
    )
    with deps.store.write() as session:
        sign_ins.begin(session, state=state, browser=browser, attempt=attempt, now=deps.now())
    response = RedirectResponse(place, status_code=303)
    views.cookies.set(response, ATTEMPT_COOKIE, browser, max_age=int(ATTEMPT_LASTS.total_seconds()))
    return response


def _come_back(views: Views, request: Request) -> Response:
    deps, provider = views.deps, _provider(views)
    answer = request.query_params
    with deps.store.write() as session:
        attempt = sign_ins.take(
            session,
            state=answer.get("state", ""),
            browser=request.cookies.get(ATTEMPT_COOKIE, ""),
            now=deps.now(),
        )
    if attempt is None:
        raise not_ours()
    username = provider.user_name(answer, nonce=attempt.nonce, verifier=attempt.verifier)
    token = deps.new_token()
    with deps.store.write() as session:
        refused = sign_ins.sign_in(
            session, username=username, token=token, csrf_token=deps.new_token(), now=deps.now()
        )
    if refused is not None:
        sentence = refused[language_of(request)]
        return views.sign_in_page(request, onward="/", refusal=sentence, status=403)
    response = RedirectResponse(attempt.onward, status_code=303)
    views.cookies.set(response, SESSION_COOKIE, token)
    views.cookies.drop(response, FORM_COOKIE)
    views.cookies.drop(response, ATTEMPT_COOKIE)
    return response
