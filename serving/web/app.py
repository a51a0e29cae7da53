"""The review pages as an application: the list of routes, and what answers when something is refused."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from features.language import Text
from serving.review.acting import NotFound
from serving.review.case import Refused, Verb
from serving.web.child_view import add_child
from serving.web.coordination_view import add_coordination
from serving.web.dashboard_view import add_dashboard
from serving.web.deps import Deps
from serving.web.emergency_view import add_emergency
from serving.web.exports_view import add_exports
from serving.web.guard import LANGUAGES, FormRefused, FormTooLong, SafeHeaders
from serving.web.ledger_view import add_ledger
from serving.web.objections_view import add_objections
from serving.web.posted import Form
from serving.web.profile_view import add_profile
from serving.web.provider_view import add_provider
from serving.web.queue_view import add_queue
from serving.web.raise_view import add_raise
from serving.web.record_lists_view import add_record_lists
from serving.web.records_view import add_records
from serving.web.rights_view import add_rights
from serving.web.rounds_view import add_rounds
from serving.web.statistics_view import add_statistics
from serving.web.text import translator
from serving.web.undelivered_view import add_undelivered
from serving.web.views import NotSignedIn, Views, environment, onward_of

STATIC = Path(__file__).parent / "static"
LOG = logging.getLogger("miaohu.web")


def create_app(deps: Deps) -> FastAPI:
    """The review pages on these dependencies, to be served or mounted at the root."""
    views = Views(deps, environment(), _static("miaohu.css"), _static("miaohu.js"))
    app = FastAPI(title="miaohu review pages", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(SafeHeaders)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _add_pages(app, views)
    _add_refusals(app, views)
    return app


def _static(name: str) -> str:
    """The address of a file of ours, which changes with what is in it."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def _add_pages(app: FastAPI, views: Views) -> None:
    add_queue(app, views)
    add_coordination(app, views)
    add_objections(app, views)
    add_raise(app, views)
    add_dashboard(app, views)
    add_statistics(app, views)
    add_child(app, views)
    add_rounds(app, views)
    add_ledger(app, views)
    add_records(app, views)
    add_record_lists(app, views)
    add_profile(app, views)
    add_emergency(app, views)
    add_rights(app, views)
    add_exports(app, views)
    add_provider(app, views)
    add_undelivered(app, views)

    @app.get("/closed")
    def closed(request: Request, after: str = "", before: str = "") -> Response:
        return views.closed(request, after, before)

    @app.get("/sign-in")
    def sign_in_page(request: Request, said: str = "", onward: str = "/") -> Response:
        t = translator(views.frame(request, None, "", "", "").language)
        notices = {"out": "sign_in.signed_out", "expired": "sign_in.expired"}
        notice = t(notices[said]) if said in notices else ""
        return views.sign_in_page(request, onward=onward, notice=notice)

    @app.post("/sign-in")
    def sign_in(request: Request, form: Form) -> Response:
        return views.sign_in(request, form)

    @app.post("/sign-out")
    def sign_out(request: Request, form: Form) -> Response:
        return views.sign_out(request, form)

    @app.post("/language")
    def language(request: Request, form: Form, lang: str = "zh") -> Response:
        if lang not in LANGUAGES:
            raise HTTPException(404)
        return views.switch_language(request, form, lang)

    @app.post("/cases/next")
    def take_next(request: Request, form: Form) -> Response:
        return views.take_next(request, form)

    @app.get("/cases/{case_id}")
    def case(request: Request, case_id: str, done: str = "") -> Response:
        return views.case(request, case_id, done)

    @app.post("/cases/{case_id}/name")
    def show_name(request: Request, case_id: str, form: Form) -> Response:
        return views.show_name(request, case_id, form)

    @app.post("/cases/{case_id}/{verb}")
    def step(request: Request, case_id: str, verb: str, form: Form) -> Response:
        if verb not in {known.value for known in Verb}:
            raise HTTPException(404)
        return views.step(request, case_id, verb, form)


def _add_refusals(app: FastAPI, views: Views) -> None:
    @app.exception_handler(NotSignedIn)
    async def to_sign_in(request: Request, refused: NotSignedIn) -> Response:
        # What somebody typed into an address goes no further than that.
        onward = onward_of(request.url.path) if request.method == "GET" else "/"
        said = "&said=expired" if refused.had_one else ""
        return RedirectResponse(f"/sign-in?onward={onward}{said}", status_code=303)

    async def answer(request: Request, status: int, why: Text | None = None) -> Response:
        return await run_in_threadpool(views.error, request, status, why)

    @app.exception_handler(NotFound)
    async def not_found(request: Request, _: NotFound) -> Response:
        return await answer(request, 404)

    @app.exception_handler(FormRefused)
    async def form_refused(request: Request, _: FormRefused) -> Response:
        return await answer(request, 403)

    @app.exception_handler(Refused)
    async def refused(request: Request, refused: Refused) -> Response:
        return await answer(request, 403, refused.sentence)

    @app.exception_handler(FormTooLong)
    async def too_long(request: Request, _: FormTooLong) -> Response:
        return await answer(request, 413)

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        return await answer(request, error.status_code)

    @app.exception_handler(OperationalError)
    async def away(request: Request, error: OperationalError) -> Response:
        LOG.error("The store is busy or away: %s.", type(error.orig).__name__)
        page = await answer(request, 503)
        page.headers["Retry-After"] = "5"
        return page

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        # The kind of error only: its message or traceback could hold what a form was filled with.
        LOG.error("A page failed with %s.", type(error).__name__)
        return await answer(request, 500)
