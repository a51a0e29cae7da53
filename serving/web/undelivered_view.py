"""The page of messages that no case system took, and the button that sends them again."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from features.language import Text
from serving.review import undelivered
from serving.review.accounts import SignedIn
from serving.review.answered import answer_words
from serving.review.case import coded
from serving.review.records import Sheet
from serving.review.undelivered import Receiver
from serving.review.webhooks import Event
from serving.web.components import Cell, Table
from serving.web.deps import CHINA
from serving.web.desk import DeskPage, desk_form
from serving.web.guard import check_token, language_of
from serving.web.posted import Form
from serving.web.text import WORDS, Translate, translator
from serving.web.views import Views

HERE = "/undelivered"


def add_undelivered(app: FastAPI, views: Views) -> None:
    """The routes of messages that nobody took."""

    @app.get(HERE)
    def page(request: Request, sent: str = "") -> Response:
        return _page(views, request, sent)

    @app.post(HERE + "/{receiver}/again")
    def again(request: Request, receiver: str, given: Form) -> Response:
        signed = _reader(views, request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        with views.deps.store.write() as session:
            count = undelivered.send_again(
                session, actor=signed.actor, endpoint_id=receiver, now=views.deps.now()
            )
        return RedirectResponse(f"{HERE}?sent={count}", status_code=303)


def _reader(views: Views, request: Request) -> SignedIn:
    signed = views.signed_in(request)
    if signed.actor.role not in undelivered.READERS:
        raise HTTPException(403)
    return signed


def _page(views: Views, request: Request, sent: str) -> Response:
    signed = _reader(views, request)
    language, deps = language_of(request), views.deps
    t = translator(language)
    frame = views.frame(request, signed, t("nav.undelivered"), "undelivered", HERE)
    with deps.store.read() as session:
        found = undelivered.receivers(session, signed.actor)
    sends = [one for one in found if not one.closed] if signed.actor.role in undelivered.SENDERS else []
    nothing = Table(t("nav.undelivered"), (), (), t("undelivered.none"))
    page = DeskPage(
        frame, t("nav.undelivered"), hint=t("undelivered.about"),
        notice=t("undelivered.done", count=sent) if sent.isdigit() and len(sent) < 7 else "",
        tables=tuple(_table(one, t, language) for one in found) or (nothing,),
        forms=tuple(desk_form(_again(one), f"{HERE}/{one.id}/again", deps, language, None) for one in sends),
    )  # fmt: skip
    return views.render("desk.html", page, frame)


def _again(receiver: Receiver) -> Sheet:
    said = WORDS["undelivered.again"]
    title = Text(said.zh.format(title=receiver.title), said.en.format(title=receiver.title))
    return Sheet(verb=f"again-{receiver.id}", title=title)


def _table(receiver: Receiver, t: Translate, language: str) -> Table:
    said = [t("undelivered.receiver", title=receiver.title, host=receiver.host)]
    if receiver.closed:
        said.append(t("undelivered.closed"))
    if receiver.count > len(receiver.messages):
        said.append(t("undelivered.more", count=receiver.count - len(receiver.messages)))
    heads = (
        "undelivered.id",
        "undelivered.event",
        "undelivered.since",
        "undelivered.tries",
        "undelivered.answer",
    )
    return Table(
        " · ".join(said),
        tuple(t(head) for head in heads),
        tuple(
            (
                Cell(one.id),
                Cell(coded(Event, one.event).title[language], note=one.event),
                Cell(one.made_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"), "day"),
                Cell(str(one.tries), "number"),
                _answer(one.last_answer, t, language),
            )
            for one in receiver.messages
        ),
    )


def _answer(stored: str, t: Translate, language: str) -> Cell:
    """What it answered, with the status beside it, which is what the receiver's own people look for."""
    if not stored:
        return Cell(t("undelivered.no_answer"))
    return Cell(answer_words(stored)[language], note=stored if stored.isdigit() else "")
