"""A screening in the words of the interface: both languages, a range beside every risk, what is not known.

An answer is some hundred wordings of declarations with a few numbers between them, so it is written down as
the text it leaves as, the wordings made once. `serving.schemas.ScoreAnswer` declares what it holds; tests
hold every answer to it, and to the same answer built object by object.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

from features.catalogue import FEATURES
from features.jurisdiction import Profile, eligibility_reason_text
from features.language import Text
from features.sources import source_named
from models.explanation import Evidence, FamilyReason
from models.policy import POLICY_FILE, Policy, tier_of
from models.screener import Screener
from models.screeners import meaning, screener_named
from models.screening import Screening, numbers_text
from models.wording import risk_sentence
from serving.schemas import Versions
from serving.scoring import Scored

ALREADY_KNOWN = Text(
    "近期已有此类事实记录在案，属已知情况，筛查没有可补充的。",
    "A fact of this kind is on record already: the situation is known, and screening has nothing to add.",
)

# Below this a family makes no difference a person could act on; the same line as in the review pages.
_NO_DIFFERENCE = 0.005
_quoted: Callable[[str], str] = json.encoder.encode_basestring


@dataclass(frozen=True)
class Wording:
    """Turns what was found into answers under one profile and policy."""

    profile: Profile
    policy: Policy
    versions: Versions

    def answer(
        self, scored: Scored, ids: Mapping[str, str], *, child_key: str | None, reasons: bool = True
    ) -> str:
        """A `ScoreAnswer` as JSON.

        `ids`: the stored screening of each screener; `child_key` is shown, None for inline records.
        """
        risks: list[str] = []
        why, expires = "null", "null"
        if scored.eligible:
            spoke = {screening.screener: screening for screening in scored.screenings}
            for name in self.versions.screeners:
                if name in spoke:
                    risks.append(self._risk(spoke[name], ids.get(name), reasons))
                elif name in scored.already:
                    risks.append(_already(name, reasons))
            expires = _day(scored.as_of + timedelta(days=self.policy.expires_days))
        else:
            why = _coded(scored.reason, eligibility_reason_text(scored.reason))
        return (
            f'{{"child_key":{_text(child_key)},"eligible":{"true" if scored.eligible else "false"},'
            f'"reason":{why},"as_of":{_day(scored.as_of)},"expires_on":{expires},'
            f'"risks":[{",".join(risks)}],"versions":{self._versions}}}'
        )

    @cached_property
    def _versions(self) -> str:
        return self.versions.model_dump_json()

    def _risk(self, screening: Screening, screening_id: str | None, reasons: bool) -> str:
        spec = screener_named(screening.screener)
        tier = tier_of(self.policy, screening)
        sentence = risk_sentence(screening, spec.outcome.title)
        abstained = screening.abstained
        numbers = [
            None if abstained is not None else value
            for value in (screening.risk, screening.low, screening.high, screening.percentile)
        ]
        risk, low, high, percentile = numbers_text(numbers)
        return (
            f'{{"screener":{_quoted(screening.screener)},"title":{_words(spec.title)},'
            f'"words":{_text_words(sentence)},"risk":{risk},"low":{low},"high":{high},'
            f'"percentile":{percentile},"band":{_quoted(screening.band)},'
            f'"tier":{"null" if tier is None else _coded(tier, self.profile.tier(tier).title)},'
            f'"abstained":{"null" if abstained is None else _coded(abstained, sentence)},'
            f'"reasons":{_reasons(screening.reasons) if reasons else "null"},'
            f'"not_known":{_list(map(_not_known, screening.silent))},"screening_id":{_text(screening_id)}}}'
        )


def versions_of(champions: Mapping[str, Screener], profile: Profile) -> Versions:
    """What makes the answers: a change of any of it changes these."""
    declared = "".join(meaning(feature) for feature in FEATURES)
    return Versions(
        screeners={name: screener.version for name, screener in champions.items()},
        features=hashlib.sha256(declared.encode()).hexdigest()[:12],
        policy=hashlib.sha256(POLICY_FILE.read_bytes()).hexdigest()[:12],
        jurisdiction=profile.name,
        simulated=any(screener.training.simulated for screener in champions.values()),
    )


def _already(name: str, reasons: bool) -> str:
    return (
        f'{{"screener":{_quoted(name)},"title":{_words(screener_named(name).title)},'
        f'"words":{_words(ALREADY_KNOWN)},"risk":null,"low":null,"high":null,"percentile":null,"band":"none",'
        f'"tier":null,"abstained":{_coded("already_known", ALREADY_KNOWN)},'
        f'"reasons":{"[]" if reasons else "null"},"not_known":[],"screening_id":null}}'
    )


def _reasons(reasons: Sequence[FamilyReason]) -> str:
    # What made no difference is no reason; the numbers of the others are written in one go.
    adding = [item for reason in reasons for item in reason.features if item.contribution]
    contributions = iter(numbers_text([item.contribution for item in adding]))
    values = iter(numbers_text([item.value for item in adding]))
    families = []
    for reason, total in zip(reasons, numbers_text([reason.contribution for reason in reasons]), strict=True):
        effect = "none"
        if abs(reason.contribution) > _NO_DIFFERENCE:
            effect = "raises" if reason.contribution > 0 else "lowers"
        before, after = _FAMILIES[reason.family]
        features = [
            f'{_FEATURES[item.feature]}"value":{next(values)},"contribution":{next(contributions)},'
            f'"evidence":[{",".join(map(_evidence, item.evidence)) if item.evidence else ""}]}}'
            for item in reason.features
            if item.contribution
        ]
        families.append(
            f'{before}"effect":"{effect}","contribution":{total},{after}"features":[{",".join(features)}]}}'
        )
    return f"[{','.join(families)}]"


def _evidence(found: Evidence) -> str:
    return (
        f'{{"record_id":{_quoted(found.record_id)},"occurred_on":"{found.occurred_on.isoformat()}",'
        f'"known_on":"{found.known_on.isoformat()}"}}'
    )


@lru_cache(maxsize=256)  # one a source
def _not_known(name: str) -> str:
    source = source_named(name)
    return (
        f'{{"source":{_quoted(source.name)},"department":{_words(source.department.title)},'
        f'"title":{_words(source.title)}}}'
    )


@lru_cache(maxsize=4096)  # words of declarations, some hundred of them in every answer
def _words(text: Text) -> str:
    return _text_words(text)


def _text_words(text: Text) -> str:
    return f'{{"zh":{_quoted(text.zh)},"en":{_quoted(text.en)}}}'


def _coded(code: str, text: Text) -> str:
    return f'{{"zh":{_quoted(text.zh)},"en":{_quoted(text.en)},"code":{_quoted(code)}}}'


def _list(items: Iterable[str]) -> str:
    return f"[{','.join(items)}]"


def _text(value: str | None) -> str:
    return "null" if value is None else _quoted(value)


def _day(value: date) -> str:
    return f'"{value.isoformat()}"'


# What stands before the numbers of a feature, and around the effect of a family.
_FEATURES = {
    feature.name: (
        f'{{"feature":{_quoted(feature.name)},"title":{_words(feature.title)},'
        f'"source":{_quoted(feature.source.name)},"department":{_words(feature.source.department.title)},'
    )
    for feature in FEATURES
}
_FAMILIES = {
    family.name: (
        f'{{"family":{_quoted(family.name)},"title":{_words(family.title)},',
        f'"ask":{_words(family.ask)},',
    )
    for family in dict.fromkeys(feature.family for feature in FEATURES)
}
