"""What changed between two rounds, out of a real lake and screeners with trees."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from features.catalogue import FEATURES
from features.child_records import RecordReader
from features.lake import Lake
from features.reference_engine import ReferenceEngine
from features.sources import source_named
from models.changes import Changes, ChangesError, Part, since
from serving.comparing import NO_MODEL, NOT_AS_STORED, Comparer
from tests.support_serving import AS_OF, child_keys, copy_home, noise_screener, settings_at

BEFORE = date(2026, 4, 1)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    home = copy_home(tmp_path_factory.mktemp("changes") / "home")
    return Lake(settings_at(home).lake), child_keys(settings_at(home), 40)


def screened(lake, keys, screener, as_of):
    silent = {as_of: lake.silent(as_of)}
    rows = pd.DataFrame({"child_key": keys, "as_of": [as_of] * len(keys)})
    tables = lake.tables()
    reader = RecordReader({source_named(name): path for name, path in tables.items()})
    engine = ReferenceEngine(reader.standing(keys, as_of), as_of, tables)
    reader.close()
    return screener.screen(engine.matrix(rows, FEATURES, silent), silent)


def test_the_split_of_every_child_adds_up_from_the_stored_margin_to_the_new_one(lake):
    lake, keys = lake
    was, now_is = noise_screener(0), noise_screener(0, seed=4)
    pairs = list(
        zip(screened(lake, keys[:8], was, BEFORE), screened(lake, keys[:8], now_is, AS_OF), strict=True)
    )

    found = [since(lake, before, now, was, now_is) for before, now in pairs]

    for change, (before, now) in zip(found, pairs, strict=True):
        assert change.total == pytest.approx(now.margin - before.margin, abs=1e-9)
    assert any(change.part(Part.TIME) for change in found)
    assert any(change.part(Part.NEW) for change in found)
    assert any(change.part(Part.MODEL) for change in found)


def test_a_stored_value_that_the_records_do_not_give_is_not_explained_away(lake):
    lake, keys = lake
    screener = noise_screener(0)
    (before,), (now,) = (screened(lake, keys[:1], screener, day) for day in (BEFORE, AS_OF))
    family = before.reasons[0]
    told_otherwise = family.features[0]._replace(value=17.25)
    spoiled = replace(
        before,
        reasons=(replace(family, features=(told_otherwise, *family.features[1:])), *before.reasons[1:]),
    )

    with pytest.raises(ChangesError, match=f"{told_otherwise.feature} is not what was stored"):
        since(lake, spoiled, now, screener, screener)


def test_screenings_that_cannot_be_compared_are_refused(lake):
    lake, keys = lake
    screener, other = noise_screener(0), noise_screener(0, seed=4)
    before, of_another = screened(lake, keys[:2], screener, BEFORE)
    (now,) = screened(lake, keys[:1], screener, AS_OF)

    with pytest.raises(ChangesError, match="of one child"):
        since(lake, of_another, now, screener, screener)
    with pytest.raises(ChangesError, match="was made by"):
        since(lake, before, now, other, screener)
    with pytest.raises(ChangesError, match="no margin to compare"):
        since(lake, replace(before, abstained="age_unknown"), now, screener, screener)


def test_a_page_compares_with_the_screeners_kept_and_says_why_when_it_cannot(lake, tmp_path):
    lake, keys = lake
    screener = noise_screener(0)
    screener.save(tmp_path / screener.spec.name / screener.version)
    (before,), (now,) = (screened(lake, keys[:1], screener, day) for day in (BEFORE, AS_OF))
    family = before.reasons[0]
    told_otherwise = family.features[0]._replace(value=17.25)
    spoiled = replace(before, reasons=(replace(family, features=(told_otherwise,)), *before.reasons[1:]))
    compare = Comparer(lake, tmp_path)

    told = compare(before, now)

    assert isinstance(told, Changes)
    assert compare(before, now) is told
    assert compare(spoiled, now) == NOT_AS_STORED
    assert compare(replace(before, version="gone"), now) == NO_MODEL
