"""Whom cases are given to, as a field of a form: by suggestion for each case, or one of the staff by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from serving.review.queries import Member
from serving.review.suggestion import Colleague, suggested
from serving.review.teamwork import SUGGESTED
from serving.web.pages import Choice, Field
from serving.web.text import translator


def person_field(
    people: Sequence[tuple[Member, Colleague]],
    language: str,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    field_id: str,
    by_suggestion: bool = False,
) -> Field:
    """These people, who is there, has room and works nearest first.

    `by_suggestion`: each case may also go to whoever is suggested for its area.
    """
    t = translator(language)
    chosen = values.get("person", "")
    by_id = {member.id: member for member, _ in people}

    def titled(account_id: str, load: int, capacity: int) -> str:
        member = by_id[account_id]
        role = member.role.title[language]
        return t("coordination.person", name=member.name, role=role, load=load, capacity=capacity)

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
