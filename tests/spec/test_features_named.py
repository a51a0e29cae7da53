"""Can a person tell from its name and title what a feature is? Exists for every declared feature."""

import re

import pytest

from features.catalogue import FEATURES, feature_named
from features.language import Use
from tests.support_engine import by_name

FEATURE = pytest.mark.parametrize("feature", FEATURES, ids=by_name)
HAN = re.compile(r"[\u4e00-\u9fff]")


@FEATURE
def test_a_name_states_its_window(feature):
    stated = re.search(r"_(\d+)d$", feature.name)

    assert (int(stated.group(1)) if stated else None) == (
        feature.form.window.days if feature.form.window else None
    )


@FEATURE
def test_a_title_is_written_in_each_language(feature):
    assert HAN.search(feature.title["zh"])
    assert not HAN.search(feature.title["en"])
    assert feature.title["en"][0].isupper()


@FEATURE
def test_a_feature_reads_only_signals_of_its_source(feature):
    for column in feature.columns_used:
        assert feature.source.column(column).use is Use.SIGNAL


@FEATURE
def test_a_feature_is_found_by_its_name(feature):
    assert feature_named(feature.name) is feature


def test_names_and_titles_are_each_used_once():
    for words in (
        [feature.name for feature in FEATURES],
        [feature.title.zh for feature in FEATURES],
        [feature.title.en for feature in FEATURES],
    ):
        assert len(words) == len(set(words))


def test_asking_for_an_undeclared_feature_says_its_name():
    with pytest.raises(KeyError, match="height_of_the_moon"):
        feature_named("height_of_the_moon")
