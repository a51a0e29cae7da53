"""Whom cases are given to, as a field of a form: by suggestion for each case, or one of the staff by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from serving.review import staff
from serving.review.case import Role, coded
from serving.review.permissions import Actor
from serving.review.suggestion import suggested
from serving.review.teamwork import SUGGESTED
from serving.web.pages import Choice, Field
from serving.web.text import translator


def person_field(
    session: Session,
    actor: Actor,
    today: date,
    language: str,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    field_id: str,
    by_suggestion: bool = False,
) -> Field:
    """Everybody whose work the actor coordinates, who is there, has room and works nearest first.

    `by_suggestion`: each case may also go to whoever is suggested for its area.
    """
    t = translator(language)
    chosen = values.get("person", "")
    people = staff.team(session, actor, today)
    names = {account.id: account for account, _ in people}

    def titled(account_id: str, load: int, capacity: int) -> str:
        account = names[account_id]
        role = coded(Role, account.role).title[language]
        return t("coordination.person", name=account.display_name, role=role, load=load, capacity=capacity)

    pairs = [
        ("", t("field.choose")),
        *([(SUGGESTED, t("bulk.suggested"))] if by_suggestion else []),
        *(
            (one.account_id, titled(one.account_id, one.in_hand, one.capacity))
            for one in suggested([one for _, one in people])
        ),
    ]
    return Field(
        id=field_id,
        name="person",
        kind="select",
        label=t("field.person"),
        hint=t("field.person.hint"),
        error=errors.get("person", ""),
        choices=tuple(Choice(value, title, value == chosen) for value, title in pairs),
    )
