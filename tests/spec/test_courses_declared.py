"""The features asked of course events mean what their worked examples say."""

import pytest

from evaluation.external.declaration_file import read_declaration
from evaluation.external.oulad_features import FEATURES
from features.language import EXAMPLE_AS_OF, Example, Feature
from features.reference import example_records, value

EXAMPLES = [
    pytest.param(feature, example, id=f"{feature.name} {place}")
    for feature in FEATURES
    for place, example in enumerate(feature.examples)
]


@pytest.mark.parametrize(("feature", "example"), EXAMPLES)
def test_a_course_feature_takes_its_worked_value(feature: Feature, example: Example) -> None:
    found = value(feature, example_records(example, feature.source), EXAMPLE_AS_OF)

    assert found == pytest.approx(example.expect)


def test_every_feature_of_a_course_is_a_declared_column_of_its_table() -> None:
    columns = {column.read_from for column in read_declaration("oulad").columns}

    assert {feature.name for feature in FEATURES} <= columns
