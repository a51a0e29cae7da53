"""Is each feature what we agreed? Exists for a feature the moment it is declared."""

import pytest

from features.language import EXAMPLE_AS_OF
from features.reference import example_records, value
from tests.support_engine import ALL, BY_SOURCE, by_name, fast
from tests.support_misreadings import left_open


@pytest.mark.parametrize("feature", ALL, ids=by_name)
def test_the_reference_gives_the_worked_value(feature):
    found = [
        value(feature, example_records(example, feature.source), EXAMPLE_AS_OF)
        for example in feature.examples
    ]

    assert found == [example.expect for example in feature.examples]


@pytest.mark.parametrize("source", BY_SOURCE, ids=by_name)
def test_the_engine_gives_the_worked_values_of_a_source(source):
    examples = {
        f"{feature.name} example {number}": (feature, example)
        for feature in BY_SOURCE[source]
        for number, example in enumerate(feature.examples, start=1)
    }

    found = fast(
        source, {child: example_records(example, source) for child, (_, example) in examples.items()}
    )

    wrong = {
        child: (found[child, EXAMPLE_AS_OF, feature.name], example.expect)
        for child, (feature, example) in examples.items()
        if found[child, EXAMPLE_AS_OF, feature.name] != example.expect
    }
    assert wrong == {}


@pytest.mark.parametrize("feature", ALL, ids=by_name)
def test_the_examples_rule_out_every_misreading(feature):
    assert left_open(feature) == [], (
        f"the examples of {feature.name} do not tell these readings from the truth"
    )


@pytest.mark.parametrize("feature", ALL, ids=by_name)
def test_nothing_known_is_not_the_same_as_nothing_recorded(feature):
    assert value(feature, [], EXAMPLE_AS_OF) == feature.when_no_records
    assert value(feature, [], EXAMPLE_AS_OF, silent=True) is None


@pytest.mark.parametrize("source", BY_SOURCE, ids=by_name)
def test_the_engine_tells_a_silent_department_from_one_without_records(source):
    heard = fast(source, {"c": []})
    silent = fast(source, {"c": []}, silent=frozenset({source.name}))

    assert heard == {
        ("c", EXAMPLE_AS_OF, feature.name): feature.when_no_records for feature in BY_SOURCE[source]
    }
    assert set(silent.values()) == {None}
