"""From request to action to page. No rules: what may be done and seen is decided in `serving.review`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from features.language import Text
from serving.review import accounts, actions, drafts, emergency, listing, queries
from serving.review.accounts import SignedIn
from serving.review.acting import NotFound
from serving.review.case import Conflict, Incomplete, Refused, Verb, coded
from serving.review.perform import Wanted, perform
from serving.review.together import visit_together
from serving.web import forms
from serving.web.case_page import Returned, Showing, case_page
from serving.web.components import Pager
from serving.web.deps import CHINA, Deps
from serving.web.guard import (
    FORM_COOKIE,
    SESSION_COOKIE,
    Cookies,
    check_token,
    language_of,
)
from serving.web.lines import case_address, closed_lines, count_words
from serving.web.navigation import entries_for
from serving.web.pages import ClosedPage, ErrorPage, Field, Frame, Problem, SignInPage, Who
from serving.web.text import translator
from serving.web.whole_dates import whole_dates

TEMPLATES = Path(__file__).parent / "templates"
# Where a sign-in or a change of language may lead to: our own pages and nothing else.
# None of its parts is long enough for an ID number that somebody typed into an address.
# Each character can be read in one way only, so that no address takes long to be refused.
_PART = r"[A-Za-z0-9_-]{0,16}(?:\.[A-Za-z0-9_-]{1,16})*"
_PAIR = rf"[A-Za-z_]+=(?:[a-z_]{{17,24}}|{_PART})"
_ONWARD = re.compile(rf"/(?:[a-z0-9_-]{{1,16}}(?:/[a-z0-9_-]{{1,16}})*)?(?:\?(?:{_PAIR}(?:&{_PAIR})*)?)?")
PROVIDER, PROVIDER_OUT = "/sign-in/provider", "/sign-in/provider/out"
_NEVER_ONWARD = ("/sign-out", "/language")


def environment() -> Environment:
    """Templates that fail on anything they were not given."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["whole_dates"] = whole_dates
    return made


class NotSignedIn(Exception):
    """The page needs a session; `had_one` if the browser thought that it has one."""

    def __init__(self, had_one: bool) -> None:
        super().__init__("not signed in")
        self.had_one = had_one


@dataclass(frozen=True)
class Views:
    """The pages, on what they need. `style` and `script` are the addresses of our own files."""

    deps: Deps
    templates: Environment
    style: str
    script: str

    # --- parts every page needs ------------------------------------------------------------------

    def render(self, template: str, page: object, frame: Frame, status: int = 200) -> HTMLResponse:
        """The page through its template, and the token of its forms if nobody is signed in."""
        said = self.templates.get_template(template).render(page=page, t=translator(frame.language))
        response = HTMLResponse(said, status_code=status)
        if frame.who is None:
            self.cookies.set(response, FORM_COOKIE, frame.csrf)
        return response

    @property
    def cookies(self) -> Cookies:
        """Cookies as this deployment needs them."""
        return Cookies(self.deps.secure_cookies)

    def frame(self, request: Request, signed: SignedIn | None, title: str, place: str, here: str) -> Frame:
        """What stands around a page. `here`: where the other language leads if not back to this address."""
        language = language_of(request)
        asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        if request.method == "GET" and onward_of(asked) == asked:
            here = asked
        frame = Frame(
            language=language,
            title=title,
            here=here,
            csrf=request.cookies.get(FORM_COOKIE) or self.deps.new_token(),
            place=place,
            style=self.style,
            script=self.script,
            simulated=self.deps.simulated,
        )
        if signed is None:
            return frame
        t = translator(language)
        at = self.deps.now().astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        return replace(
            frame,
            csrf=signed.csrf_token,
            nav=entries_for(signed.actor.role, place, t),
            who=Who(signed.display_name, signed.actor.role.title[language]),
            printed=t("printed", name=signed.display_name, at=at),
        )

    def signed_in(self, request: Request) -> SignedIn:
        """Who is signed in; raises NotSignedIn if nobody is."""
        signed = self.maybe_signed_in(request)
        if signed is None:
            raise NotSignedIn(SESSION_COOKIE in request.cookies)
        return signed

    def maybe_signed_in(self, request: Request) -> SignedIn | None:
        """Who is signed in, if anybody."""
        token = request.cookies.get(SESSION_COOKIE)
        if not token:
            return None
        with self.deps.store.read() as session:
            return accounts.signed_in(session, token=token, now=self.deps.now())

    # --- sign-in -----------------------------------------------------------------------------------

    def sign_in_page(
        self,
        request: Request,
        *,
        onward: str,
        notice: str = "",
        values: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        refusal: str = "",
        status: int = 200,
    ) -> HTMLResponse:
        """The sign-in page, empty or come back filled. A password never comes back."""
        t = translator(language_of(request))
        frame = self.frame(request, None, t("sign_in.title"), "sign_in", onward_of(onward))
        errors = errors or {}
        fields = (
            Field(
                id="username",
                name="username",
                kind="text",
                label=t("sign_in.username"),
                value=(values or {}).get("username", ""),
                error=errors.get("username", ""),
                autocomplete="username",
            ),
            Field(
                id="password",
                name="password",
                kind="password",
                label=t("sign_in.password"),
                error=errors.get("password", ""),
                autocomplete="current-password",
            ),
        )
        problems = tuple(Problem(sentence, name) for name, sentence in errors.items())
        if refusal:
            problems = (Problem(refusal, "username" if self.deps.password_sign_in else None),)
        heading = t("sign_in.refused") if refusal else ""
        deps, leads = self.deps, ""
        if deps.provider is not None:
            leads = f"{PROVIDER}?{urlencode({'onward': onward_of(onward)})}"
        page = SignInPage(
            frame,
            fields if deps.password_sign_in else (),
            onward_of(onward),
            notice,
            problems,
            heading,
            provider=leads,
            provider_out=PROVIDER_OUT if leads and request.query_params.get("said") == "out" else "",
        )
        return self.render("sign_in.html", page, frame, status)

    def sign_in(self, request: Request, values: Mapping[str, str]) -> Response:
        """Try the name and password; on success a session begins."""
        check_token(request.cookies.get(FORM_COOKIE, ""), values.get("csrf", ""))
        t = translator(language_of(request))
        if not self.deps.password_sign_in:
            return self.sign_in_page(request, onward="/", refusal=t("sign_in.no_passwords"), status=403)
        onward = onward_of(values.get("onward", "/"))
        wanted = ("username", "password")
        missing = {name: t(f"sign_in.{name}_missing") for name in wanted if not values.get(name, "").strip()}
        if missing:
            return self.sign_in_page(request, onward=onward, values=values, errors=missing, status=422)
        username = values["username"]
        with self.deps.store.read() as session:
            right = accounts.has_password(session, username=username, password=values["password"])
        token = self.deps.new_token()
        with self.deps.store.write() as session:
            refused = accounts.sign_in(
                session,
                username=username,
                right=right,
                token=token,
                csrf_token=self.deps.new_token(),
                now=self.deps.now(),
            )
        if refused is not None:
            sentence = refused[language_of(request)]
            return self.sign_in_page(request, onward=onward, values=values, refusal=sentence, status=403)
        response = RedirectResponse(onward, status_code=303)
        self.cookies.set(response, SESSION_COOKIE, token)
        self.cookies.drop(response, FORM_COOKIE)
        return response

    def sign_out(self, request: Request, values: Mapping[str, str]) -> Response:
        """End the session."""
        signed = self.signed_in(request)
        check_token(signed.csrf_token, values.get("csrf", ""))
        with self.deps.store.write() as session:
            accounts.sign_out(session, token=request.cookies[SESSION_COOKIE], now=self.deps.now())
        response = RedirectResponse("/sign-in?said=out", status_code=303)
        self.cookies.drop(response, SESSION_COOKIE)
        return response

    def switch_language(self, request: Request, values: Mapping[str, str], language: str) -> Response:
        """Remember the language and come back to the page."""
        signed = self.maybe_signed_in(request)
        expected = request.cookies.get(FORM_COOKIE, "") if signed is None else signed.csrf_token
        check_token(expected, values.get("csrf", ""))
        here = values.get("here", "/")
        response = RedirectResponse(here if here == "/sign-in" else onward_of(here), status_code=303)
        self.cookies.set_language(response, language)
        return response

    # --- lists -------------------------------------------------------------------------------------

    def closed(self, request: Request, after: str = "", before: str = "") -> HTMLResponse:
        """The closed cases, the latest first, a part at a time."""
        signed = self.signed_in(request)
        t = translator(language_of(request))
        frame = self.frame(request, signed, t("closed.title"), "closed", "/closed")
        turn, at = (listing.Turn.BEFORE, before) if before else (listing.Turn.AFTER, after)
        with self.deps.store.read() as session:
            part = listing.closed_part(session, signed.actor, turn=turn, at=at)
            page = ClosedPage(
                frame,
                closed_lines(session, self.deps, signed.actor, part.cases, frame.language),
                count_words(listing.count_closed(session, signed.actor), t),
                Pager(
                    t("leaf.label", list=t("closed.title")),
                    f"/closed?before={part.cases[0].id}" if part.cases and part.has_before else "",
                    f"/closed?after={part.cases[-1].id}" if part.cases and part.has_after else "",
                ),
            )
        return self.render("closed.html", page, frame)

    # --- one case ----------------------------------------------------------------------------------

    def case(self, request: Request, case_id: str, done: str = "") -> HTMLResponse:
        """One case."""
        signed = self.signed_in(request)
        language = language_of(request)
        notice = ""
        if done in {verb.value for verb in Verb}:
            notice = translator(language)("done", step=coded(Verb, done).title[language])
        elif done == "draft":
            notice = translator(language)("draft.saved")
        return self._case(request, signed, case_id, Showing(notice=notice))

    def _case(
        self, request: Request, signed: SignedIn, case_id: str, showing: Showing, status: int = 200
    ) -> HTMLResponse:
        t = translator(language_of(request))
        frame = self.frame(request, signed, t("case.title", id=case_id), "case", case_address(case_id))
        with self.deps.store.read() as session:
            case = emergency.visible_case(session, signed.actor, case_id)
            if case is None:
                raise NotFound(case_id)
            if not showing.notice and queries.readable_case(session, signed.actor, case_id) is None:
                until = emergency.open_until(session, signed.actor, case_id)
                said = t("emergency.reading", until=until.astimezone(CHINA).strftime("%H:%M"))
                showing = replace(showing, notice=said) if until > self.deps.now() else showing
            page = case_page(session, self.deps, signed, case, frame, showing)
        return self.render("case.html", page, frame, status)

    def take_next(self, request: Request, values: Mapping[str, str]) -> Response:
        """Take the first case of the queue and open it."""
        signed = self.signed_in(request)
        check_token(signed.csrf_token, values.get("csrf", ""))
        with self.deps.store.write() as session:
            case = actions.claim_next(session, actor=signed.actor, now=self.deps.now())
        return RedirectResponse(
            "/?said=nothing" if case is None else f"{case_address(case.id)}?done=claim", status_code=303
        )

    def show_name(self, request: Request, case_id: str, values: Mapping[str, str]) -> Response:
        """The case with the child's full name, once. It is in the answer to a POST and in no address."""
        signed = self.signed_in(request)
        check_token(signed.csrf_token, values.get("csrf", ""))
        language = language_of(request)
        try:
            with self.deps.store.write() as session:
                key = actions.reveal_name(session, actor=signed.actor, case_id=case_id, now=self.deps.now())
        except Refused as refused:
            showing = Showing(refusal=refused.sentence[language])
            return self._case(request, signed, case_id, showing, status=403)
        name = self.deps.names({key}).get(key) or translator(language)("case.name_gone")
        return self._case(request, signed, case_id, Showing(full_name=name))

    def step(self, request: Request, case_id: str, verb_name: str, values: Mapping[str, str]) -> Response:
        """Do a step; if it cannot be done the form comes back filled, with what is wrong beside it."""
        signed = self.signed_in(request)
        check_token(signed.csrf_token, values.get("csrf", ""))
        verb = coded(Verb, verb_name)
        language = language_of(request)
        version = values.get("version", "")
        if values.get("draft"):
            return self._keep_draft(signed, case_id, verb, values)
        try:
            with self.deps.store.write() as session:
                wanted, also = self._wanted(signed, case_id, version), forms.also(values)
                if verb is Verb.RECORD_VISIT and also:
                    done = visit_together(session, wanted, forms.given(values), also)
                else:
                    done = perform(session, verb, wanted, forms.given(values))
                drafts.drop(session, actor=signed.actor, case_id=case_id, verb=verb)
                readable = queries.readable_case(session, signed.actor, done.id) is not None
        except Incomplete as incomplete:
            errors = {
                problem.field: problem.sentence[language] for problem in incomplete.problems if problem.field
            }
            showing = Showing(returned=Returned(verb, values, errors))
            return self._case(request, signed, case_id, showing, status=422)
        except Refused as refused:
            returned = Returned(verb, values, refused_at=int(version) if version.isdigit() else 0)
            showing = Showing(refusal=refused.sentence[language], returned=returned)
            status = 409 if isinstance(refused, Conflict) else 403
            return self._case(request, signed, case_id, showing, status=status)
        # Who was asked from elsewhere has read the case for the last time with their answer.
        onward = f"{case_address(case_id)}?done={verb.value}" if readable else "/"
        return RedirectResponse(onward, status_code=303)

    def _keep_draft(self, signed: SignedIn, case_id: str, verb: Verb, values: Mapping[str, str]) -> Response:
        framing = ("draft", *(name for name in values if name.startswith(forms.SEEN_AT)))
        given = {name: value for name, value in values.items() if name not in framing}
        with self.deps.store.write() as session:
            drafts.save(
                session, actor=signed.actor, case_id=case_id, verb=verb, values=given, now=self.deps.now()
            )
        return RedirectResponse(f"{case_address(case_id)}?done=draft#steps", status_code=303)

    def _wanted(self, signed: SignedIn, case_id: str, version: str) -> Wanted:
        return Wanted(
            actor=signed.actor,
            case_id=case_id,
            version=int(version) if version.isdigit() else 0,
            now=self.deps.now(),
            today=self.deps.today(),
            keys_of=self.deps.keys_of,
        )

    # --- refusals ----------------------------------------------------------------------------------

    def error(self, request: Request, status: int, why: Text | None = None) -> HTMLResponse:
        """A page for what cannot be shown or done; it says why if a rule has a sentence for it."""
        t = translator(language_of(request))
        known = status if status in (403, 404, 405, 413, 503) else 500
        signed = None if known >= 500 else self.maybe_signed_in(request)
        heading = t(f"error.{known}.title")
        # The same answer at every address: what is not there and what may not be seen are not told apart.
        frame = replace(self.frame(request, signed, heading, "error", "/"), here="/")
        body = t(f"error.{known}.body") if why is None else why[frame.language]
        return self.render("error.html", ErrorPage(frame, heading, body), frame, status)


def onward_of(address: str) -> str:
    """Where a sign-in leads on to: this page, if it is one of ours."""
    return address if _ONWARD.fullmatch(address) and not address.startswith(_NEVER_ONWARD) else "/"
