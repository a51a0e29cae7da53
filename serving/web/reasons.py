"""From a screening to what a reviewer reads: families, facts, what speaks against, what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import chain

from features.catalogue import feature_named
from features.catalogue.families import FAMILIES
from features.language import Family, Source
from models.explanation import Evidence, FamilyReason, FeatureReason
from models.screening import Screening
from models.wording import risk_sentence, value_text
from serving.review.screenings import EXPIRES_AFTER
from serving.web.deps import Deps
from serving.web.lines import RISK_TITLES
from serving.web.pages import FactLine, FamilyLine, ScreeningBlock, UnknownLine
from serving.web.text import Translate, translator

# Below this share of the largest part a family is not worth a line of its own.
_SMALL = 0.05
_FAMILIES_SHOWN = 5
_FACTS_SHOWN = 3
# A feature with less than this share of its family's part is left out of the facts.
_TELLING = 0.1
# From this share of a family's part on, the page says that not knowing makes the difference.
_UNKNOWN_TELLS = 0.5
_ASKS = 4
# So many records behind one fact can be objected to by name; of an older one the kind of record is named.
_RECORDS_OFFERED = 5

_FAMILY_BY_NAME = {family.name: family for family in FAMILIES}


def screening_blocks(
    deps: Deps, found: Sequence[Screening], language: str, today: date
) -> tuple[ScreeningBlock, ...]:
    """The screenings behind a case, the one that places the child highest first."""
    order = sorted(found, key=lambda screening: _place(screening), reverse=True)
    return tuple(
        _screening_block(deps, screening, language, today, leads=place == 0)
        for place, screening in enumerate(order)
    )


def _place(screening: Screening) -> float:
    return -1.0 if screening.abstained is not None else screening.percentile


def _screening_block(
    deps: Deps, screening: Screening, language: str, today: date, *, leads: bool
) -> ScreeningBlock:
    t = translator(language)
    outcome = RISK_TITLES[screening.screener]
    expires_on = screening.as_of + EXPIRES_AFTER
    largest = max((abs(reason.contribution) for reason in screening.reasons), default=0.0)
    raising, protecting = _families_shown(screening)
    expired = today > expires_on
    return ScreeningBlock(
        heading=t("screening.title", risk=outcome[language]),
        leads=leads,
        sentence=risk_sentence(screening, outcome)[language],
        expires=t("screening.expired" if expired else "screening.expires", day=expires_on.isoformat()),
        expired=expired,
        version=t("screening.version", as_of=screening.as_of.isoformat(), version=screening.version),
        spoke=screening.abstained is None,
        raising=tuple(_family_line(reason, largest, screening.as_of, language) for reason in raising),
        protecting=tuple(_family_line(reason, largest, screening.as_of, language) for reason in protecting),
        small=len(screening.reasons) - len(raising) - len(protecting),
        unknown=_unknown(deps, screening, language),
        asks=tuple(_family(reason).ask[language] for reason in raising[:_ASKS]),
    )


def _families_shown(screening: Screening) -> tuple[list[FamilyReason], list[FamilyReason]]:
    """The families that raise and those that protect, the largest first, without the small ones."""
    largest = max((abs(reason.contribution) for reason in screening.reasons), default=0.0)
    shown = [reason for reason in screening.reasons if abs(reason.contribution) > _SMALL * largest]
    return (
        [reason for reason in shown if reason.contribution > 0][:_FAMILIES_SHOWN],
        [reason for reason in shown if reason.contribution < 0][:_FAMILIES_SHOWN],
    )


def _facts_shown(reason: FamilyReason) -> list[FeatureReason]:
    """Only what moves the family the way it goes: the rest would be a list of everything on file."""
    telling = [
        feature
        for feature in reason.features
        if feature.value is not None and feature.contribution / reason.contribution >= _TELLING
    ]
    return telling[:_FACTS_SHOWN]


def records_behind(found: Sequence[Screening]) -> list[tuple[Evidence, str]]:
    """The newest records behind each fact that the page shows, each once, with the name of its feature."""
    records: dict[tuple[str, str], tuple[Evidence, str]] = {}
    for screening in found:
        for family in chain(*_families_shown(screening)):
            for reason in _facts_shown(family):
                oldest_first = sorted(reason.evidence, key=lambda one: (one.occurred_on, one.known_on))
                for one in oldest_first[: -_RECORDS_OFFERED - 1 : -1]:
                    records.setdefault((one.source, one.record_id), (one, reason.feature))
    return list(records.values())


def days_words(days: int, t: Translate) -> str:
    """A number of days in words."""
    return t("days.one") if days == 1 else t("days", days=days)


def _family(reason: FamilyReason) -> Family:
    return _FAMILY_BY_NAME[reason.family]


def _family_line(reason: FamilyReason, largest: float, as_of: date, language: str) -> FamilyLine:
    t = translator(language)
    share = abs(reason.contribution) / largest
    strength = "strong" if share >= 0.6 else "middle" if share >= 0.25 else "weak"
    unknown = sum(feature.contribution for feature in reason.features if feature.value is None)
    return FamilyLine(
        title=_family(reason).title[language],
        protects=reason.contribution < 0,
        strength=t(f"strength.{strength}"),
        width=max(1, round(100 * share)),
        facts=tuple(_fact_line(feature, as_of, language) for feature in _facts_shown(reason)),
        from_unknown=unknown / reason.contribution >= _UNKNOWN_TELLS,
    )


def _fact_line(reason: FeatureReason, as_of: date, language: str) -> FactLine:
    t = translator(language)
    feature = feature_named(reason.feature)
    latest = max(reason.evidence, key=lambda item: (item.occurred_on, item.known_on), default=None)
    return FactLine(
        feature=feature.title[language],
        value=value_text(feature, reason.value)[language],
        department=feature.source.department.title[language],
        occurred=latest.occurred_on.isoformat() if latest else t("facts.none"),
        known=latest.known_on.isoformat() if latest else "",
        age=days_words((as_of - latest.occurred_on).days, t) if latest else "",
    )


def _unknown(deps: Deps, screening: Screening, language: str) -> tuple[UnknownLine, ...]:
    """The sources that tell nothing: silent ones, then those that hold no record of the kind."""
    t = translator(language)
    missing: dict[str, list[str]] = {}
    sources: dict[str, Source] = {}
    for family in screening.reasons:
        for reason in family.features:
            if reason.value is None:
                feature = feature_named(reason.feature)
                sources[feature.source.name] = feature.source
                missing.setdefault(feature.source.name, []).append(feature.title[language])
    order: Sequence[str] = sorted(missing, key=lambda name: (name not in screening.silent, name))
    return tuple(
        UnknownLine(
            _silence(deps, sources[name], screening, t, language),
            t("silent.affects", features=t("separator").join(missing[name])),
        )
        for name in order
    )


def _silence(deps: Deps, source: Source, screening: Screening, t: Translate, language: str) -> str:
    words = {"department": source.department.title[language], "source": source.title[language]}
    if source.name not in screening.silent:
        return t("silent.heard", **words)
    heard = deps.last_heard(source.name, screening.as_of)
    if heard is None:
        return t("silent.never", **words)
    return t("silent.since", day=heard.isoformat(), **words)
