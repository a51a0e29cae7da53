"""The page of the jurisdiction: what applies here, from which document, what is unknown, what we chose."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI, Request, Response

from features.jurisdiction import Document, Profile
from features.statements import SECTIONS, Section, Standing, Statement, statements
from serving.web.components import Cell, Table
from serving.web.guard import language_of
from serving.web.pages import Frame
from serving.web.text import Translate, translator
from serving.web.views import Views


@dataclass(frozen=True)
class ProfilePage:
    """The documents, and what they state, section by section."""

    frame: Frame
    heading: str
    lead: str
    tables: tuple[Table, ...]


def add_profile(app: FastAPI, views: Views) -> None:
    """The route of the page."""

    @app.get("/profile")
    def profile(request: Request) -> Response:
        signed = views.signed_in(request)
        t = translator(language_of(request))
        frame = views.frame(request, signed, t("support.profile"), "support", "/profile")
        return views.render("profile.html", profile_page(views.deps.profile, frame, t), frame)


def profile_page(profile: Profile, frame: Frame, t: Translate) -> ProfilePage:
    """What this profile states, in the language of the frame."""
    language = frame.language
    sections = tuple(_section(profile, section, language, t) for section in SECTIONS)
    return ProfilePage(
        frame,
        t("support.profile"),
        t("profile.lead", name=profile.title[language]),
        (_documents(profile.documents, language, t), *sections),
    )


def _documents(documents: tuple[Document, ...], language: str, t: Translate) -> Table:
    return Table(
        t("profile.documents"),
        (t("profile.document"), t("profile.name"), t("profile.in_force"), t("profile.read")),
        tuple(
            (
                Cell(document.number),
                Cell(document.title[language]),
                Cell(_day(document), "day"),
                Cell(t("profile.read_yes" if document.read else "profile.read_no")),
            )
            for document in documents
        ),
    )  # fmt: skip


def _section(profile: Profile, section: Section, language: str, t: Translate) -> Table:
    return Table(
        section.title[language],
        (t("profile.line"), t("profile.value"), t("profile.basis")),
        tuple(_line(line, language, t) for line in statements(profile, section)),
    )


def _line(line: Statement, language: str, t: Translate) -> tuple[Cell, ...]:
    value = line.value[language] if line.value else t("profile.not_stated")
    basis = {
        Standing.DOCUMENT: line.basis or "",
        Standing.DEPLOYMENT: t("profile.deployment"),
        Standing.NOT_STATED: t("profile.no_document"),
    }[line.standing]
    return (Cell(line.title[language]), Cell(value), Cell(basis))


def _day(document: Document) -> str:
    return document.in_force_on.isoformat() if document.in_force_on else str(document.in_force_year)
