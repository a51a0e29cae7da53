"""What the whole catalogue owes to children, staff and the law, whatever a single declaration says."""

import typing

import pytest

from features.catalogue import FEATURES, feature_named
from features.catalogue.families import FAMILIES
from features.constitution import (
    LEANINGS,
    LONGEST_MEMORY_DAYS,
    ConstitutionError,
    Leaning,
    constitution,
)
from features.language import (
    DeclarationError,
    Department,
    Ever,
    Feature,
    Form,
    Group,
    Kind,
    Latest,
    OneOf,
    Personal,
    Source,
    Text,
    Use,
    Window,
    forbidden_meaning,
    known_proxy,
)
from features.outcomes import OUTCOMES
from features.sources import SOURCES, Education, Police, source_named
from features.triggers import TRIGGERS

EVERY_FEATURE = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
EVERY_SOURCE = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)

# What a title must say of its window, so that nobody reads a year into ninety days.
WINDOW_WORDS = {
    90: ("近90天", "last 90 days"),
    180: ("近180天", "last 180 days"),
    365: ("近一年", "last year"),
    730: ("近两年", "two years"),
    1095: ("近三年", "three years"),
    1825: ("近五年", "five years"),
}

# Words that label a child or name an illness; what a department registers as a block is not ours to reword.
LABELS = (
    "异常儿童", "问题儿童", "不良少年", "差生", "确诊", "患有", "抑郁", "焦虑症", "精神病", "高危儿童", "abnormal",
    "problem child", "diagnos", "depress", "deviant", "delinquent", "mentally ill", "suffers from",
)  # fmt: skip


def test_there_are_enough_features_and_every_group_has_its_share():
    by_group = {group: [f for f in FEATURES if f.group is group] for group in Group}

    assert len(FEATURES) >= 120
    assert {group.name: len(found) >= 36 for group, found in by_group.items()} == {
        "FAMILY": True, "SCHOOL": True, "HEALTH": True,
    }  # fmt: skip


@pytest.mark.parametrize("form", typing.get_args(Form), ids=lambda form: form.__name__)
def test_every_form_of_the_language_is_used(form):
    assert any(isinstance(feature.form, form) for feature in FEATURES)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_has_a_feature_a_question_and_both_titles(family):
    assert any(feature.family is family for feature in FEATURES)
    assert family.ask["zh"].rstrip().endswith("？")
    assert family.ask["en"].rstrip().endswith("?")
    assert hash(family) == hash(family.name)


def test_features_and_families_are_named_once():
    names = [feature.name for feature in FEATURES]
    titles = [feature.title[language] for feature in FEATURES for language in ("zh", "en")]

    assert len(names) == len(set(names))
    assert len(titles) == len(set(titles))
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    assert {feature.family for feature in FEATURES} <= set(FAMILIES)


def test_features_come_in_reading_order_family_school_health():
    groups = [feature.group for feature in FEATURES]

    assert groups == sorted(groups, key=list(Group).index)


def test_a_feature_is_found_by_name_and_no_other_is():
    assert feature_named("age_years").unit == "years"
    with pytest.raises(KeyError, match="No feature is called 'luck_90d'"):
        feature_named("luck_90d")


@EVERY_FEATURE
def test_a_feature_comes_from_a_department_with_a_legal_basis(feature: Feature):
    source = feature.source

    assert source_named(source.name) is source
    assert source.department in Department
    assert source.department is not Department.REVIEW
    assert source.legal_basis.zh
    assert source.legal_basis.en


@EVERY_FEATURE
def test_no_feature_remembers_for_ever(feature: Feature):
    window = feature.form.window

    if window is None:
        dates = [feature.source.column(name) for name in feature.columns_used]
        assert [column.kind for column in dates] == [Kind.DATE], "only dates of birth or arrival do not lapse"
    else:
        assert window.days in WINDOW_WORDS
    assert not (isinstance(feature.form, Ever) and window is None)


@EVERY_FEATURE
def test_a_title_says_its_window_in_both_languages(feature: Feature):
    if feature.form.window is None:
        assert feature.title.zh
        assert not any(zh in feature.title.zh for zh, _ in WINDOW_WORDS.values())
    else:
        zh, en = WINDOW_WORDS[feature.form.window.days]
        assert zh in feature.title.zh
        assert en in feature.title.en


@EVERY_FEATURE
def test_a_feature_uses_only_columns_that_may_be_used(feature: Feature):
    for name in feature.columns_used:
        column = feature.source.column(name)
        assert column.use is Use.SIGNAL
        assert column.personal is not Personal.DIRECT
        assert column in feature.source.lake_columns
    assert forbidden_meaning(feature.name, feature.title.zh, feature.title.en, feature.source.name) is None


@EVERY_FEATURE
def test_why_is_one_sentence_that_a_sceptic_can_read(feature: Feature):
    assert feature.why.endswith(".")
    assert 40 < len(feature.why) < 320
    assert not forbidden_meaning(feature.why)


@EVERY_FEATURE
def test_examples_show_a_known_value_and_the_value_without_records_is_of_its_kind(feature: Feature):
    assert any(example.expect is not None for example in feature.examples)
    if feature.unit == "yes_no":
        assert {example.expect for example in feature.examples} <= {0, 1, None}
        assert feature.when_no_records in (0.0, None)
    if feature.unit in ("percentile", "hours", "years", "level", "subjects", "share"):
        assert feature.when_no_records is None, "no record of it does not make it nought"
    if feature.unit.endswith("_a_year"):
        assert feature.when_no_records is None, "no record of it does not make it nought"


def test_what_is_sensitive_is_named_and_nothing_else_is():
    assert [feature.name for feature in FEATURES if feature.sensitive] == [
        "guardian_mental_illness_1825d",
        "guardian_in_custody_730d",
        "psychological_visits_730d",
        "developmental_visits_730d",
        "own_management_1825d",
    ]


def test_a_feature_made_of_an_outcome_says_so():
    facts = [fact.source.name for outcome in OUTCOMES for fact in outcome.facts if not fact.where]
    made_of_outcomes = [feature for feature in FEATURES if feature.source.name in facts]

    assert len(made_of_outcomes) == 4
    for feature in made_of_outcomes:
        assert "establishes the" in feature.why


def test_of_a_guardianship_assessment_only_date_and_conclusion_are_read():
    read = [f for f in FEATURES if f.source.name == "guardianship_assessments"]

    assert read
    assert {name for f in read for name in f.columns_used} == {"conclusion"}
    assert [column.name for column in source_named("guardianship_assessments").columns] == ["conclusion"]


def test_every_source_but_the_queue_feeds_some_feature():
    fed = {feature.source.name for feature in FEATURES}

    unfed = [source.name for source in SOURCES if source.name not in fed]

    assert unfed == ["dispositions", "assessments", "alerts"]


@EVERY_SOURCE
def test_a_source_is_declared_to_the_end(source: Source):
    assert source_named(source.name) is source
    assert hash(source) == hash(source.name)
    assert source.legal_basis.zh
    assert source.meaning.zh.endswith("。")
    assert source.silent_after_days > source.rhythm_days
    for column in source.columns:
        if column.kind in (Kind.INTEGER, Kind.NUMBER):
            assert column.minimum is not None
            assert column.maximum is not None
            assert column.minimum < column.maximum


def test_no_source_is_called_what_is_not_declared():
    with pytest.raises(KeyError, match="No source is called 'weather'"):
        source_named("weather")


@EVERY_SOURCE
def test_no_source_holds_what_must_never_be_gathered(source: Source):
    held = [
        column
        for column in source.columns
        if forbidden_meaning(column.name, column.title.zh, column.title.en)
    ]

    # Where a child is registered decides eligibility and nothing else; nothing else forbidden is held at all.
    assert [column.name for column in held] in ([], ["hukou_area"])
    assert all(column.use is Use.ELIGIBILITY for column in held)


# --- the constitution as it is written down ---------------------------------------------------------


def test_there_is_an_article_for_every_feature_in_reading_order():
    assert tuple(article.feature for article in constitution()) == FEATURES


def test_an_article_names_department_basis_and_forgetting_time():
    articles = {article.feature.name: article for article in constitution()}
    absences, age = articles["absences_unexplained_90d"], articles["age_years"]

    assert absences.department is Department.EDUCATION
    assert absences.legal_basis == Education.absences.legal_basis
    assert absences.forgotten_after_days == 90
    assert [leaning.title.en for leaning in absences.leanings] == ["A school's diligence"]
    assert age.forgotten_after_days is None


def test_a_leaning_is_told_by_source_and_column():
    articles = {article.feature.name: article for article in constitution()}

    def leanings(name: str) -> set[str]:
        return {leaning.title.en for leaning in articles[name].leanings}

    assert leanings("lives_with_one_parent_1825d") == {"Having moved", "Form of the family"}
    assert leanings("makeshift_dwelling_1825d") == {"Having moved"}
    assert leanings("on_assistance_1825d") == {"Poverty"}
    assert leanings("guardian_in_custody_730d") == {"A guardian's conduct"}


@pytest.mark.parametrize("leaning", LEANINGS, ids=lambda leaning: leaning.title.en)
def test_every_leaning_is_some_features_and_says_why_it_may_stay(leaning):
    assert any(leaning in article.leanings for article in constitution())
    assert len(leaning.why.en) > 30


def test_a_leaning_of_a_column_nobody_has_is_refused():
    with pytest.raises(DeclarationError, match="names no column weather"):
        Leaning(Text("天气", "Weather"), (Police.residence,), Text("理由", "A reason"), ("weather",))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"column": "school_type", "among": ("migrant",)}, "rests on a known proxy, School type"),
        ({"column": "school_code", "among": ()}, "school_code"),
        ({"window": Window(1826)}, "must end in _1826d"),
    ],
)
def test_a_feature_made_of_another_does_not_escape_the_constitution(changes, said):
    boards = feature_named("boards_730d")
    assert isinstance(boards.form, Latest)

    with pytest.raises(ConstitutionError, match=said):
        constitution([boards.with_form(**changes)])


def test_what_is_remembered_too_long_is_refused():
    longer = feature_named("boards_730d").with_form(window=Window(LONGEST_MEMORY_DAYS + 1))
    object.__setattr__(longer, "name", f"boards_{LONGEST_MEMORY_DAYS + 1}d")

    with pytest.raises(ConstitutionError, match="forgotten after 1826 days; 1825 are allowed"):
        constitution([longer])


def test_no_feature_speaks_of_a_forbidden_input_or_a_known_proxy():
    for feature in FEATURES:
        asked = [feature.source.column(name) for name in feature.columns_used]
        words = [word for column in asked for word in (column.name, column.title.zh, *column.aliases)]
        words += [feature.name, feature.title.zh, feature.title.en]
        assert forbidden_meaning(*words) is None
        assert known_proxy(*words) is None


def test_whoever_delivers_a_conduct_of_the_child_is_not_asked_for_it():
    """The law seals a child's own offences; of the police and courts only the family's matters are read."""
    for feature in FEATURES:
        if feature.source.department in (
            Department.POLICE, Department.JUSTICE, Department.COURT, Department.PROCURATORATE
        ):  # fmt: skip
            named = [code for item in feature.form.where if isinstance(item, OneOf) for code in item.values]
            assert forbidden_meaning(*named) is None


def wordings() -> list[str]:
    declared = [*FEATURES, *FAMILIES, *SOURCES, *OUTCOMES, *TRIGGERS]
    texts = [item.title for item in declared] + [family.ask for family in FAMILIES]
    texts += [source.occurred for source in SOURCES]
    return [text[language] for text in texts for language in ("zh", "en")]


@pytest.mark.parametrize("label", LABELS)
def test_no_wording_labels_a_child_or_claims_a_diagnosis(label):
    assert [said for said in wordings() if label in said.lower()] == []


def test_an_outcome_is_worded_as_a_need_never_as_a_state_of_the_child():
    for outcome in OUTCOMES:
        assert outcome.title.zh.startswith("需要")
        assert outcome.title.en.startswith("Needs ")
        assert outcome.already_days >= 180


def test_every_trigger_is_a_fact_with_a_basis_and_a_time_limit():
    assert len({trigger.name for trigger in TRIGGERS}) == len(TRIGGERS)
    for trigger in TRIGGERS:
        assert trigger.fact.source in SOURCES
        assert trigger.basis.zh
        assert 0 < trigger.within_days <= 30
