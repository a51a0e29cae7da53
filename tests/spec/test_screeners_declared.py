"""The screeners, the policy's numbers, the rules and the gates are what was agreed."""

import math
import tomllib
from dataclasses import replace
from datetime import date

import pytest

from evaluation.gates import GATES
from features.catalogue import FEATURES
from features.jurisdiction import load_profile
from features.language import DeclarationError, Text
from features.triggers import TRIGGERS
from models.policy import POLICY_FILE, Policy, PolicyError
from models.rules import RULES, Rule
from models.screeners import SCREENERS, Band, meaning, screener_named
from models.screening import Screening

NUMBERS = tomllib.loads(POLICY_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("spec", SCREENERS, ids=lambda spec: spec.name)
def test_a_screener_looks_half_a_year_ahead_after_a_month_to_act(spec):
    assert spec.label_window(date(2026, 4, 1)) == (date(2026, 5, 1), date(2026, 10, 28))


@pytest.mark.parametrize("spec", SCREENERS, ids=lambda spec: spec.name)
def test_no_screener_uses_a_sensitive_feature(spec):
    assert [feature.name for feature in spec.features if feature.sensitive] == []


@pytest.mark.parametrize("spec", SCREENERS, ids=lambda spec: spec.name)
def test_a_screener_is_named_for_the_outcome_it_looks_for(spec):
    assert spec.name == spec.outcome.name
    assert screener_named(spec.name) is spec


def test_an_unknown_screener_is_refused_by_name():
    with pytest.raises(KeyError, match="No screener is called 'credit'"):
        screener_named("credit")


def test_a_sensitive_feature_must_be_named_to_be_used():
    sensitive = next(feature for feature in FEATURES if feature.sensitive)

    with pytest.raises(DeclarationError, match=sensitive.name):
        replace(SCREENERS[0], features=(*SCREENERS[0].features, sensitive))
    named = replace(
        SCREENERS[0], features=(*SCREENERS[0].features, sensitive), sensitive_used=(sensitive.name,)
    )
    assert named.columns[-1] == sensitive.name


def test_a_screener_without_features_is_refused():
    with pytest.raises(DeclarationError, match="needs features, each once"):
        replace(SCREENERS[0], features=())


def test_a_screener_cannot_look_back_in_time():
    with pytest.raises(DeclarationError, match="gap and horizon are in days"):
        replace(SCREENERS[0], gap_days=-1)


def test_bands_begin_at_zero_and_rise():
    backwards = (Band("usual", Text("一般", "Usual"), 2.0), Band("raised", Text("较高", "Raised"), 1.0))

    with pytest.raises(DeclarationError, match="bands begin at 0 and rise"):
        replace(SCREENERS[0], bands=backwards)


@pytest.mark.parametrize(
    ("times", "band"), [(0.0, "usual"), (1.99, "usual"), (2.0, "raised"), (3.99, "raised"), (4.0, "high")]
)
def test_a_band_begins_at_its_own_limit(times, band):
    assert SCREENERS[0].band(times).code == band


def test_the_fingerprint_changes_with_what_is_computed_and_not_with_its_wording():
    spec = SCREENERS[0]
    other_title = replace(spec, title=Text("另一标题", "Another title"))
    other_gap = replace(spec, gap_days=31)

    assert other_title.fingerprint == spec.fingerprint
    assert other_gap.fingerprint != spec.fingerprint


def test_two_windows_are_two_meanings():
    feature = next(f for f in FEATURES if f.name == "bullied_365d")

    assert meaning(feature) != meaning(feature.with_form(window=replace(feature.form.window, days=364)))


@pytest.mark.parametrize("name", NUMBERS)
def test_every_policy_number_says_why_who_and_since_when(name):
    row = NUMBERS[name]

    assert set(row) == {"value", "unit", "why", "approved_by", "since"}
    assert len(row["why"]) > 20
    assert isinstance(row["since"], date)


def test_policy_gives_out_only_tiers_the_jurisdiction_has():
    known = {tier.code for tier in load_profile("hangzhou").tiers}

    assert set(Policy.read().tiers.values()) <= known


def test_policy_calls_requests_only_what_is_a_trigger():
    assert set(Policy.read().requests) <= {trigger.name for trigger in TRIGGERS}


def test_no_estimate_reaches_the_first_tier_by_itself():
    tiers = Policy.read().tiers

    assert [source for source, tier in tiers.items() if tier == "first"] == ["trigger"]


def test_a_policy_number_without_a_reason_is_refused(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY_FILE.read_text(encoding="utf-8").replace("why = ", "note = ", 1), encoding="utf-8")

    with pytest.raises(PolicyError, match="capacity_per_area does not give why"):
        Policy.read(path)


def test_a_policy_file_without_a_number_is_refused(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY_FILE.read_text(encoding="utf-8").split("[requests]")[0], encoding="utf-8")

    with pytest.raises(PolicyError, match="does not hold the numbers a policy needs"):
        Policy.read(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"capacity_per_area": -1}, "Capacity is a number of cases"),
        ({"area_capacity": {"330109001": -2}}, "Capacity is a number of cases"),
        ({"audit_share": 0.9}, "audit share lies between"),
        ({"reveal_share": 1.5}, "own view lies between"),
        ({"entitlements_per_area": -1}, "services brought up a week"),
        ({"least_band": "scarlet"}, "least band is one of"),
        ({"tiers": {"trigger": "first"}}, "names a tier for each"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(change, sentence):
    with pytest.raises(PolicyError, match=sentence):
        replace(Policy.read(), **change)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.feature.name} {rule.level}")
def test_a_rule_says_whether_its_threshold_is_published(rule):
    assert rule.basis.startswith(("ours: ", "浙爱童", "浙里护苗"))
    assert rule.at_least > 0


def test_red_begins_above_yellow_of_the_same_fact():
    yellow = {rule.feature.name: rule.at_least for rule in RULES if rule.level == "yellow"}

    assert [
        r.feature.name for r in RULES if r.level == "red" and r.at_least <= yellow.get(r.feature.name, 0)
    ] == []


def test_a_rule_on_a_sensitive_feature_is_refused():
    sensitive = next(feature for feature in FEATURES if feature.sensitive)

    with pytest.raises(DeclarationError, match="sensitive feature"):
        Rule(sensitive, 1, "red", Text("规则", "A rule"), "ours: none")


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_is_a_sentence_in_both_languages(gate):
    assert gate.sentence.zh != gate.sentence.en


def test_gate_names_are_unique():
    assert len({gate.name for gate in GATES}) == len(GATES)


def test_a_screening_that_abstained_survives_its_own_text():
    nothing = math.nan
    silent = Screening(
        "c1", date(2026, 4, 1), "psychological", "v", nothing, nothing, nothing, nothing, nothing,
        "none", (), nothing, ("visits",), "age_unknown",
    )  # fmt: skip

    read = Screening.from_json(silent.to_json())

    assert math.isnan(read.risk)
    assert read.abstained == "age_unknown"
    assert read.to_json() == silent.to_json()
