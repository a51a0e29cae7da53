"""Forms derived from the declared steps, and reading them back. Nothing is judged here, only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from features.language import Worded
from features.outcomes import OUTCOMES
from serving.review.case import (
    Ask,
    Disposition,
    Given,
    Met,
    Need,
    Step,
    Verb,
    View,
    W,
    coded,
    disposition_field,
)
from serving.web.pages import Choice, Field, StepForm
from serving.web.text import WORDS, translator

# What came back of a form by field name, and the sentence for each field that was wrong.
Values = Mapping[str, str]
Errors = Mapping[str, str]

MAIN = frozenset({Verb.CLAIM, Verb.RECORD_VIEW, Verb.RECORD_CONTACT, Verb.RECORD_VISIT, Verb.DISPOSE})


def given(values: Values) -> Given:
    """What a step's form was filled with; what cannot be read counts as not given."""
    dispositions = {}
    for outcome in OUTCOMES:
        chosen = _coded(Disposition, values.get(disposition_field(outcome.name), ""))
        if chosen is not None:
            dispositions[outcome.name] = chosen
    return Given(
        reason=values.get("reason", ""),
        person=values.get("person") or None,
        view=_coded(View, values.get("view", "")),
        happened_on=_date(values.get("happened_on", "")),
        met=_coded(Met, values.get("met", "")),
        note=values.get("note", ""),
        dispositions=dispositions,
    )


def step_form(
    step: Step,
    *,
    language: str,
    action: str,
    today: date,
    people: Sequence[tuple[str, str]],
    is_open: bool,
    values: Values | None = None,
    errors: Errors | None = None,
) -> StepForm:
    """The form of a step. Given `values` and `errors`, it comes back filled with a message at each field."""
    help_name = f"help.{step.verb.value}"
    fields = [
        field
        for ask in step.asks
        for field in _fields(ask, step, language, today, people, values or {}, errors or {})
    ]
    return StepForm(
        verb=step.verb.value,
        title=step.verb.title[language],
        action=action,
        help=WORDS[help_name][language] if help_name in WORDS else "",
        fields=tuple(fields),
        open=is_open,
        main=step.verb in MAIN,
    )


def field_id(verb: Verb, name: str) -> str:
    """The id of a field on a page with several forms."""
    return f"{verb.value}-{name}"


def needs_fact(step: Step) -> bool:
    """Whether the step waits for a contact or visit."""
    return Need.FACT in step.needs


def _coded(kind: type[W], value: str) -> W | None:
    try:
        return coded(kind, value)
    except ValueError:
        return None


def _date(text: str) -> date | None:
    """A date as the browser sends it, or as people write it: 2026-10-08, 2026/10/8, 2026年10月8日."""
    parts = text.strip().replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        return None


def _fields(
    ask: Ask,
    step: Step,
    language: str,
    today: date,
    people: Sequence[tuple[str, str]],
    values: Values,
    errors: Errors,
) -> list[Field]:
    t = translator(language)

    def field(
        name: str, kind: str, label: str, hint: str = "", choices: tuple[Choice, ...] = (), value: str = ""
    ) -> Field:
        return Field(
            id=field_id(step.verb, name),
            name=name,
            kind=kind,
            label=label,
            hint=hint,
            choices=choices,
            value=values.get(name, value),
            error=errors.get(name, ""),
        )

    def worded(name: str, kind: type[Worded]) -> tuple[Choice, ...]:
        return tuple(
            Choice(member.value, member.title[language], member.value == values.get(name)) for member in kind
        )

    match ask:
        case Ask.REASON:
            label = t("field.reason.dispose") if step.verb is Verb.DISPOSE else t("field.reason")
            return [field("reason", "long", label, t("field.reason.hint"))]
        case Ask.PERSON:
            first = Choice("", t("field.person.choose"), not values.get("person"))
            others = (Choice(id_, name, id_ == values.get("person")) for id_, name in people)
            return [field("person", "select", t("field.person"), choices=(first, *others))]
        case Ask.VIEW:
            return [
                field("view", "radio", t("field.view"), choices=worded("view", View)),
                field("note", "long", t("field.note.optional")),
            ]
        case Ask.FACT:
            day = today.isoformat()
            return [
                field(
                    "happened_on",
                    "date",
                    t("field.happened_on"),
                    t("field.happened_on.hint", day=day),
                    value=day,
                ),
                field("met", "radio", t("field.met"), choices=worded("met", Met)),
                field("note", "long", t("field.note"), t("field.note.hint")),
            ]
        case Ask.DISPOSITIONS:
            return [
                field(
                    disposition_field(outcome.name),
                    "radio",
                    t("field.disposition", risk=outcome.title[language]),
                    choices=worded(disposition_field(outcome.name), Disposition),
                )
                for outcome in OUTCOMES
            ]
