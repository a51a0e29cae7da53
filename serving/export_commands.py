"""The commands about tables for other platforms: asking for one, fetching it, taking answers in.

They act for a named account under the same rules as the pages: what one person asks for another approves.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.settings import Settings
from serving.review import export_answers, exports
from serving.review.accounts import actor_of
from serving.review.acting import NotFound
from serving.review.case import Refused, coded
from serving.review.export_answers import Done
from serving.review.export_templates import Template, TemplateError
from serving.review.exports import ExportState, Looked, Purpose
from serving.review.permissions import Actor
from serving.review.store import Store
from serving.review.tables import Account

Say = Callable[[str], None]


class Given:
    """What the commands need from outside; `open` is called when a command runs, not before."""

    def __init__(
        self,
        open_store: Callable[[Settings], Store],
        templates: Callable[[Settings], Mapping[str, Template]],
        looked: Callable[[Settings], Looked],
        now: Callable[[], datetime],
        today: Callable[[], date],
    ) -> None:
        self.open_store = open_store
        self.templates = templates
        self.looked = looked
        self.now = now
        self.today = today


def add(commands: Any, say: Say, given: Callable[[], Given]) -> None:
    """Declare the commands; `say` is given each line."""
    export = commands.add_parser("export", help="ask for a table for another platform, or fetch one")
    export.add_argument("--by", required=True, metavar="USERNAME", help="the account it is done for")
    export.add_argument("--template", help="the table; without it the templates are listed")
    export.add_argument("--area", default="", help="an area code (default: all of the account's area)")
    export.add_argument("--purpose", choices=[one.value for one in Purpose], help="what it is for")
    export.add_argument("--words", default="", help="who gets it and what for")
    export.add_argument("--full-names", action="store_true", help="names in full, where the account may")
    export.add_argument(
        "--fetch", type=int, metavar="NUMBER", help="fetch the table of this request, once approved"
    )
    export.add_argument("--out", type=Path, help="the file to write; it must not be there yet")
    export.set_defaults(run=lambda settings, asked: _run(settings, asked, say, given(), _export))

    back = commands.add_parser("import-answers", help="take the answers of another platform in, row by row")
    back.add_argument("--by", required=True, metavar="USERNAME", help="the account it is done for")
    back.add_argument("--template", required=True)
    back.add_argument("file", type=Path)
    back.set_defaults(run=lambda settings, asked: _run(settings, asked, say, given(), _import))


Run = Callable[[Settings, argparse.Namespace, Say, Given, Store], int]


def _run(settings: Settings, asked: argparse.Namespace, say: Say, given: Given, run: Run) -> int:
    store = given.open_store(settings)
    try:
        return run(settings, asked, say, given, store)
    except TemplateError as error:
        say(str(error))
    except Refused as refused:
        say(refused.sentence.en)
    except NotFound:
        say("There is no such request in this account's area.")
    finally:
        store.close()
    return 1


def _export(settings: Settings, asked: argparse.Namespace, say: Say, given: Given, store: Store) -> int:
    templates = given.templates(settings)
    if asked.fetch is not None:
        return _fetch(settings, asked, say, given, store)
    template = templates.get(asked.template or "")
    if template is None or asked.purpose is None:
        for one in templates.values():
            say(f"{one.id:<18} {one.title.zh} / {one.title.en}")
        say("Name one with --template, and say what for with --purpose and --words.")
        return 0 if asked.template is None else 1
    with store.write() as session:
        actor = _actor(session, asked.by)
        row = exports.ask(
            session, actor=actor, template=template, area_prefix=asked.area or actor.area_prefix,
            full_names=asked.full_names, purpose=coded(Purpose, asked.purpose), words=asked.words,
            now=given.now(),
        )  # fmt: skip
        number = row.id
    say(f"request {number}: {ExportState.ASKED.title.en.lower()} (page /exports/{number})")
    say(f"then: python -m serving export --by {asked.by} --fetch {number} --out FILE")
    return 0


def _fetch(settings: Settings, asked: argparse.Namespace, say: Say, given: Given, store: Store) -> int:
    if asked.out is None or asked.out.exists():
        say("Name a new file with --out.")
        return 1
    with store.write() as session:
        actor = _actor(session, asked.by)
        version = exports.request_for(session, actor, asked.fetch).version
        found = exports.fetch(
            session, actor=actor, number=asked.fetch, version=version, templates=given.templates(settings),
            looked=given.looked(settings), now=given.now(),
        )  # fmt: skip
        # Within the write: a file that cannot be written leaves the request as it was.
        with asked.out.open("xb") as file:
            file.write(found.content)
    say(f"{asked.out}: {found.rows} rows")
    return 0


def _import(settings: Settings, asked: argparse.Namespace, say: Say, given: Given, store: Store) -> int:
    template = given.templates(settings).get(asked.template)
    if template is None or not template.answers:
        say(f"There is no template {asked.template} with answers.")
        return 1
    content = asked.file.read_bytes()
    with store.write() as session:
        report = export_answers.take_in(
            session, actor=_actor(session, asked.by), template=template, content=content, now=given.now(),
            today=given.today(),
        )  # fmt: skip
    for error in report.errors:
        say(f"line {error.line}, {error.column or 'the file'}: {error.reason.zh} {error.reason.en}")
    counted = ", ".join(f"{report.count(done)} {done.value}" for done in Done)
    say(f"{counted}, {len({error.line for error in report.errors})} with mistakes, {len(report.empty)} empty")
    return 1 if report.errors else 0


def _actor(session: Session, username: str) -> Actor:
    account = session.scalar(select(Account).where(Account.username == username))
    if account is None or account.disabled_at is not None:
        raise NotFound(username)
    return actor_of(account)
