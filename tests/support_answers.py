"""An answer of the scoring endpoint built object by object: the slow and obvious way, for comparing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from features.catalogue import FEATURES
from features.jurisdiction import eligibility_reason_text
from features.language import Text
from features.sources import source_named
from models.explanation import Evidence, FamilyReason
from models.policy import tier_of
from models.screeners import screener_named
from models.screening import Screening
from models.wording import risk_sentence
from serving.answers import ALREADY_KNOWN, Wording
from serving.schemas import (
    CodedWords,
    EvidenceAnswer,
    FeatureAnswer,
    NotKnownAnswer,
    ReasonAnswer,
    RiskAnswer,
    ScoreAnswer,
    Words,
)
from serving.scoring import Scored

_FEATURES = {feature.name: feature for feature in FEATURES}
_FAMILIES = {feature.family.name: feature.family for feature in FEATURES}
_NO_DIFFERENCE = 0.005


class PlainWording(Wording):
    """The same answers as `serving.answers`, built object by object under the declared schema."""

    def plain(
        self, scored: Scored, ids: Mapping[str, str], *, child_key: str | None, reasons: bool = True
    ) -> ScoreAnswer:
        """`ids`: the stored screening of each screener; `child_key` is shown, None for inline records."""
        risks = []
        if scored.eligible:
            spoke = {screening.screener: screening for screening in scored.screenings}
            for name in self.versions.screeners:
                if name in spoke:
                    risks.append(self._plain_risk(spoke[name], ids.get(name), reasons))
                elif name in scored.already:
                    risks.append(_already(name, reasons))
        return ScoreAnswer(
            child_key=child_key,
            eligible=scored.eligible,
            reason=None if scored.eligible else _coded(scored.reason, eligibility_reason_text(scored.reason)),
            as_of=scored.as_of,
            expires_on=scored.as_of + timedelta(days=self.policy.expires_days) if scored.eligible else None,
            risks=risks,
            versions=self.versions,
        )

    def _plain_risk(self, screening: Screening, screening_id: str | None, reasons: bool) -> RiskAnswer:
        spec = screener_named(screening.screener)
        tier = tier_of(self.policy, screening)
        sentence = risk_sentence(screening, spec.outcome.title)
        silent = [source_named(name) for name in screening.silent]
        spoke = screening.abstained is None
        return RiskAnswer(
            screener=screening.screener,
            title=_words(spec.title),
            words=_words(sentence),
            risk=screening.risk if spoke else None,
            low=screening.low if spoke else None,
            high=screening.high if spoke else None,
            percentile=screening.percentile if spoke else None,
            band=screening.band,
            tier=None if tier is None else _coded(tier, self.profile.tier(tier).title),
            abstained=None if spoke else _coded(str(screening.abstained), sentence),
            reasons=[_reason(reason) for reason in screening.reasons] if reasons else None,
            not_known=[
                NotKnownAnswer(
                    source=source.name, department=_words(source.department.title), title=_words(source.title)
                )
                for source in silent
            ],
            screening_id=screening_id,
        )


def _already(name: str, reasons: bool) -> RiskAnswer:
    return RiskAnswer(
        screener=name,
        title=_words(screener_named(name).title),
        words=_words(ALREADY_KNOWN),
        risk=None,
        low=None,
        high=None,
        percentile=None,
        band="none",
        tier=None,
        abstained=_coded("already_known", ALREADY_KNOWN),
        reasons=[] if reasons else None,
        not_known=[],
        screening_id=None,
    )


def _reason(reason: FamilyReason) -> ReasonAnswer:
    family = _FAMILIES[reason.family]
    effect: Literal["raises", "lowers", "none"] = "none"
    if abs(reason.contribution) > _NO_DIFFERENCE:
        effect = "raises" if reason.contribution > 0 else "lowers"
    return ReasonAnswer(
        family=reason.family,
        title=_words(family.title),
        effect=effect,
        contribution=reason.contribution,
        ask=_words(family.ask),
        features=[
            FeatureAnswer(
                feature=item.feature,
                title=_words(_FEATURES[item.feature].title),
                source=_FEATURES[item.feature].source.name,
                department=_words(_FEATURES[item.feature].source.department.title),
                value=item.value,
                contribution=item.contribution,
                evidence=[_evidence(found) for found in item.evidence],
            )
            for item in reason.features
            if item.contribution  # what made no difference is no reason
        ],
    )


def _evidence(found: Evidence) -> EvidenceAnswer:
    return EvidenceAnswer(record_id=found.record_id, occurred_on=found.occurred_on, known_on=found.known_on)


def _words(text: Text) -> Words:
    return Words(zh=text.zh, en=text.en)


def _coded(code: str, text: Text) -> CodedWords:
    return CodedWords(code=code, zh=text.zh, en=text.en)
