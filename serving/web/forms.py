"""Forms derived from the declared steps, and reading them back. Nothing is judged here, only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from features.language import Worded
from features.outcomes import OUTCOMES
from features.sources import SOURCES
from serving.review.case import (
    SNOOZE_DAYS,
    Answer,
    Ask,
    Disposition,
    Met,
    Need,
    Objector,
    Step,
    Verb,
    View,
    W,
    coded,
)
from serving.review.case_forms import Given, disposition_field, finding_field
from serving.review.together import Also, also_field
from serving.web.pages import Choice, Field, StepForm
from serving.web.text import WORDS, translator

# What came back of a form by field name, and the sentence for each field that was wrong.
Values = Mapping[str, str]
Errors = Mapping[str, str]

MAIN = frozenset(
    {
        Verb.CLAIM,
        Verb.RECORD_VIEW,
        Verb.RECORD_CONTACT,
        Verb.RECORD_VISIT,
        Verb.RECORD_FOLLOW_UP,
        Verb.DISPOSE,
        Verb.ANSWER,
        Verb.CONCLUDE_SECOND,
        Verb.SETTLE,
        Verb.AGREE,
    }
)

_SOURCES = frozenset(source.name for source in SOURCES)

# Goes before the id of a case in the name of what says which version of it was seen.
SEEN_AT = "also_version_"

# Value and title of the things to choose from.
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Offered:
    """What the forms of a case offer to choose from: whom to assign it to or to ask, and what may be wrong.

    A record's value is its source and its number, with a blank between them; no number stands for all that
    the source delivered. `together`: cases of the same household the reader holds (id, version, child).
    """

    people: Pairs = ()
    colleagues: Pairs = ()
    records: Pairs = ()
    objections: Pairs = ()
    together: tuple[tuple[str, int, str], ...] = ()


def given(values: Values) -> Given:
    """What a step's form was filled with; what cannot be read counts as not given."""
    dispositions = {}
    for outcome in OUTCOMES:
        chosen = _coded(Disposition, values.get(disposition_field(outcome.name), ""))
        if chosen is not None:
            dispositions[outcome.name] = chosen
    source, _, record_id = values.get("record", "").partition(" ")
    return Given(
        reason=values.get("reason", ""),
        person=values.get("person") or None,
        view=_coded(View, values.get("view", "")),
        happened_on=day_of(values.get("happened_on", "")),
        met=_coded(Met, values.get("met", "")),
        note=values.get("note", ""),
        dispositions=dispositions,
        findings={outcome.name: values.get(finding_field(outcome.name), "") for outcome in OUTCOMES},
        until=day_of(values.get("until", "")),
        where_to=values.get("where_to", ""),
        raised_by=_coded(Objector, values.get("raised_by", "")),
        record=(source, record_id) if source in _SOURCES else None,
        wrong=values.get("wrong", ""),
        objection=values.get("objection") or None,
        answer=_coded(Answer, values.get("answer", "")),
        answered_on=day_of(values.get("answered_on", "")),
    )


def step_form(
    step: Step,
    *,
    language: str,
    action: str,
    today: date,
    offered: Offered,
    is_open: bool,
    draft: str = "",
    values: Values | None = None,
    errors: Errors | None = None,
) -> StepForm:
    """The form of a step. Given `values` and `errors`, it comes back filled with a message at each field."""
    help_name = f"help.{step.verb.value}"
    fields = [
        field
        for ask in step.asks
        for field in _fields(ask, step, language, today, offered, values or {}, errors or {})
    ]
    return StepForm(
        verb=step.verb.value,
        title=step.verb.title[language],
        action=action,
        help=WORDS[help_name][language] if help_name in WORDS else "",
        fields=tuple(fields),
        open=is_open,
        main=step.verb in MAIN,
        draft=draft,
        hidden=tuple((f"{SEEN_AT}{case_id}", str(version)) for case_id, version, _ in offered.together)
        if step.verb is Verb.RECORD_VISIT
        else (),
    )


def also(values: Values) -> tuple[Also, ...]:
    """Other children of the household of whom a visit's form says what was seen."""
    found = []
    for name, note in values.items():
        case_id = name.removeprefix("also_")
        version = values.get(f"{SEEN_AT}{case_id}", "")
        if name.startswith("also_") and not name.startswith(SEEN_AT) and note.strip():
            found.append(Also(case_id, int(version) if version.isdigit() else 0, note))
    return tuple(found)


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


def day_of(text: str) -> date | None:
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
    offered: Offered,
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

    def select(name: str, label: str, pairs: Pairs, hint: str = "") -> Field:
        first = Choice("", t("field.choose"), not values.get(name))
        others = (Choice(value, title, value == values.get(name)) for value, title in pairs)
        return field(name, "select", label, hint, choices=(first, *others))

    def reason() -> list[Field]:
        wording = f"field.reason.{step.verb.value}"
        label = t(wording if wording in WORDS else "field.reason")
        return [field("reason", "long", label, t("field.reason.hint"))]

    def fact() -> list[Field]:
        day = today.isoformat()
        return [
            field(
                "happened_on", "date", t("field.happened_on"), t("field.happened_on.hint", day=day), value=day
            ),
            field("met", "radio", t("field.met"), choices=worded("met", Met)),
            field("note", "long", t("field.note"), t("field.note.hint")),
            *(
                field(
                    also_field(case_id), "long", t("field.also", child=child, id=case_id),
                    t("field.also.hint"),
                )
                for case_id, _, child in (offered.together if step.verb is Verb.RECORD_VISIT else ())
            ),
        ]  # fmt: skip

    def until() -> list[Field]:
        last = today + timedelta(days=SNOOZE_DAYS)
        return [field("until", "date", t("field.until"), t("field.until.hint", day=last.isoformat()))]

    def for_each_risk(
        name: Callable[[str], str], kind: str, wording: str, choices: type[Worded] | None
    ) -> list[Field]:
        return [
            field(
                name(outcome.name),
                kind,
                t(wording, risk=outcome.title[language]),
                choices=worded(name(outcome.name), choices) if choices else (),
            )
            for outcome in OUTCOMES
        ]

    made: Mapping[Ask, Callable[[], list[Field]]] = {
        Ask.REASON: reason,
        Ask.PERSON: lambda: [select("person", t("field.person"), offered.people, t("field.person.hint"))],
        Ask.COLLEAGUE: lambda: [
            select("person", t("field.colleague"), offered.colleagues, t("field.colleague.hint")),
            field("note", "long", t("field.question")),
        ],
        Ask.VIEW: lambda: [
            field("view", "radio", t("field.view"), choices=worded("view", View)),
            field("note", "long", t("field.note.optional")),
        ],
        Ask.FACT: fact,
        Ask.FINDINGS: lambda: for_each_risk(finding_field, "long", "field.finding", None),
        Ask.NOTE: lambda: [field("note", "long", t(f"field.note.{step.verb.value}"))],
        Ask.UNTIL: until,
        Ask.WHERE_TO: lambda: [field("where_to", "long", t("field.where_to"), t("field.where_to.hint"))],
        Ask.RECORD: lambda: [
            field("raised_by", "radio", t("field.raised_by"), choices=worded("raised_by", Objector)),
            select("record", t("field.record"), offered.records, t("field.record.hint")),
            field("wrong", "long", t("field.wrong"), t("field.wrong.hint")),
        ],
        Ask.OBJECTION_ANSWER: lambda: [
            select("objection", t("field.objection"), offered.objections),
            field("answer", "radio", t("field.answer"), choices=worded("answer", Answer)),
            field("answered_on", "date", t("field.answered_on"), value=today.isoformat()),
            *reason(),
        ],
        Ask.DISPOSITIONS: lambda: for_each_risk(disposition_field, "radio", "field.disposition", Disposition),
    }
    return made[ask]()
