"""The BentoML service: the scoring endpoint, the door before it and the review pages at `/`. No rules here.

    /v1/score, /v1/score_batch   behind the door, body and answer at the root
    /api/v1/...                  the queue, for case systems
    /openapi.json                what they take and give
    /metrics                     how much is asked and how the queue stands, in Prometheus' text
    /livez                       BentoML's: the process answers
    /readyz                      whether requests should come here, and if not, why
    everything else              the review pages

Importing this module costs little and touches nothing: BentoML imports it twice, and the parent process
needs neither screeners nor a database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import uuid4

import anyio.to_thread
import bentoml
from starlette.responses import JSONResponse, Response, StreamingResponse

from serving import problems
from serving.api import is_below
from serving.door import CALLER, App, Door, Keys, Receive, Scope, Send, quieten_logs
from serving.logs import write_json_lines
from serving.memory import keep_what_is_loaded, nothing_is_garbage
from serving.metrics import MEDIA_TYPE, Measured, Templates
from serving.problems import Problem
from serving.request_ids import RequestIds
from serving.schemas import ScoreAnswer, ScoreBatchAnswer, ScoreBatchRequest, ScoreRequest

if TYPE_CHECKING:
    from serving.bootstrap import Served
    from serving.review.readiness import Trouble

T = TypeVar("T")

# BentoML's own pages about the service load scripts from elsewhere or describe bodies we do not take.
_NOT_OURS = ("/schema.json", "/docs.json")


class Pages:
    """What BentoML does not answer: the OpenAPI document, the case systems' interface, else the pages."""

    def __init__(self) -> None:
        self.app: App | None = None
        self.api: App | None = None
        self.troubles: Callable[[], list[Trouble]] | None = None
        self.metrics: Callable[[], bytes] | None = None
        self.templates: Templates | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None or self.api is None:
            raise RuntimeError("The review pages were asked for before the service had started.")
        if scope["type"] == "http" and is_below(scope["path"]):
            await self.api(scope, receive, send)
            return
        if scope["type"] == "http" and scope["path"] == "/openapi.json":
            # What writes the document is heavy to import, and the parent process would import it too.
            from serving.openapi import OPENAPI_FILE

            document = Response(OPENAPI_FILE.read_bytes(), media_type="application/json")
            await document(scope, receive, send)
            return
        await self.app(scope, receive, send)


class OwnPagesOnly:
    """ASGI middleware: addresses at which BentoML would speak of itself lead to us instead."""

    def __init__(self, app: App, pages: Pages) -> None:
        self.app = app
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path")
        if path == "/readyz" and self.pages.troubles is not None:
            found = await anyio.to_thread.run_sync(self.pages.troubles)
            await _readiness(found)(scope, receive, send)
            return
        if path == "/metrics" and self.pages.metrics is not None:
            told = await anyio.to_thread.run_sync(self.pages.metrics)
            await Response(told, media_type=MEDIA_TYPE)(scope, receive, send)
            return
        # The server's mount does not match a path with a line break, and would answer in words of its own.
        ours = path in _NOT_OURS or (scope["type"] == "http" and is_below(scope["path"]))
        inside = self.pages if ours else self.app
        await inside(scope, receive, send)


def _readiness(found: list[Trouble]) -> Response:
    """The answer at /readyz: codes for machines, sentences for people."""
    said = [{"code": trouble.code, "said": trouble.sentence} for trouble in found]
    headers = {"Cache-Control": "no-store"}
    return JSONResponse({"ready": not found, "troubles": said}, 503 if found else 200, headers)


PAGES = Pages()
KEYS = Keys()


@bentoml.asgi_app(PAGES, path="/")
@bentoml.service(
    name="miaohu",
    workers=1,  # the queue's clocks run in `python -m serving work`; more workers may be added freely
    threads=4,  # LightGBM lets go of the interpreter lock
    # BentoML keeps some memory of every request until this time has passed, so it is short; an answer that
    # has begun (a batch) may take longer.
    traffic={"timeout": 5},
    metrics={"enabled": False},  # they would carry paths, and paths carry case ids; ours are serving.metrics
    tracing={"excluded_urls": "."},  # so would traces, and every request would pay for one nobody reads
    logging={"access": {"enabled": False}},
)
class Miaohu:
    """Screening on request, and the review pages."""

    def __init__(self) -> None:
        quieten_logs()
        # In a server's worker, and in no other process; first of all, since opening may have much to say.
        in_worker = bentoml.server_context.worker_index is not None
        if in_worker:
            write_json_lines()
        with nothing_is_garbage():
            from features.settings import Settings
            from serving.bento import bundled_champions
            from serving.bootstrap import open_served

            self.served: Served = open_served(Settings.read(), bundled_champions(_service))
            if in_worker:
                # Before collecting begins again: else everything loaded would be walked once at once.
                keep_what_is_loaded()
        PAGES.app = self.served.pages
        PAGES.api = self.served.api
        PAGES.troubles = self.served.troubles
        PAGES.metrics = self.served.exposition.text
        PAGES.templates = self.served.templates
        KEYS.find = self.served.clients.find
        KEYS.wait = self.served.scoring_rate.take

        # BentoML binds these anew for every request and reads their signatures: what it binds stays the same.
        for api in ("score", "score_batch"):
            setattr(self, api, getattr(self, api))

    @bentoml.api(route="/v1/score")
    def score(self, request: ScoreRequest, /) -> ScoreAnswer:
        """Screen one child."""
        try:
            answer = self.served.endpoint.score(request, CALLER.get())
        except Problem as problem:
            return _as_it_is(ScoreAnswer, _refusal(problem))
        except problems.store_errors():
            return _as_it_is(ScoreAnswer, _refusal(problems.store_away()))
        return _as_it_is(ScoreAnswer, Response(answer, media_type="application/json"))

    @bentoml.api(route="/v1/score_batch")
    def score_batch(self, request: ScoreBatchRequest, /) -> ScoreBatchAnswer:
        """Screen up to ten thousand children; the answer begins at once and goes on as they are screened."""
        try:
            parts = self.served.endpoint.score_batch(request, CALLER.get())
        except Problem as problem:
            return _as_it_is(ScoreBatchAnswer, _refusal(problem))
        except problems.store_errors():
            return _as_it_is(ScoreBatchAnswer, _refusal(problems.store_away()))
        return _as_it_is(ScoreBatchAnswer, StreamingResponse(parts, media_type="application/json"))

    @bentoml.on_shutdown
    def close(self) -> None:
        """Let go of databases and files."""
        PAGES.app = PAGES.api = PAGES.troubles = PAGES.metrics = PAGES.templates = None
        KEYS.find = lambda _key: None
        self.served.close()


_service: Any = Miaohu  # BentoML's decorators are not typed; what they leave is its Service
# The first added is met first.
_service.add_asgi_middleware(Measured, templates=lambda: PAGES.templates)
_service.add_asgi_middleware(RequestIds, new_id=lambda: uuid4().hex)
_service.add_asgi_middleware(Door, keys=KEYS)
_service.add_asgi_middleware(OwnPagesOnly, pages=PAGES)


def _as_it_is(_annotated: type[T], response: Response) -> T:
    """BentoML sends a ready response as it is; the annotated type is what its body holds."""
    return cast(T, response)


def _refusal(problem: Problem) -> Response:
    return Response(problem.body(), problem.kind.status, problem.headers, problems.MEDIA_TYPE)
