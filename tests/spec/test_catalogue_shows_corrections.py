"""Of every source some worked example must turn on a correction: that is where point-in-time is lost."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from features.catalogue import FEATURES
from features.language import EXAMPLE_AS_OF, Feature, Source
from features.reference import Record, example_records, value

FED = tuple(dict.fromkeys(feature.source for feature in FEATURES))


def first_versions(records: list[Record]) -> list[Record]:
    return [record for record in records if record.version == 1]


def every_version(records: list[Record]) -> list[Record]:
    """All versions as if each were a record of its own."""
    return [replace(record, record_id=f"{record.record_id}/{record.version}") for record in records]


def features_that_notice(source: Source, misread: Callable[[list[Record]], list[Record]]) -> list[Feature]:
    return [
        feature
        for feature in FEATURES
        if feature.source is source
        and any(
            value(feature, misread(records), EXAMPLE_AS_OF) != value(feature, records, EXAMPLE_AS_OF)
            for records in (example_records(example, source) for example in feature.examples)
        )
    ]


@pytest.mark.parametrize("source", FED, ids=lambda source: source.name)
def test_some_example_of_every_source_turns_on_a_correction(source):
    assert features_that_notice(source, first_versions), "corrections could be ignored unnoticed"
    assert features_that_notice(source, every_version), "a corrected record could count twice unnoticed"
