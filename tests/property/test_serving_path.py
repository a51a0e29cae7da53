"""The path that serves gives the values of the path that trains, to the bit."""

import json
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.catalogue import FEATURES
from features.cohort import cohort
from features.engine import Engine
from features.jurisdiction import load_profile
from features.lake import Lake
from features.language import Kind
from features.sources import SOURCES, source_named
from models.champions import load_champions
from models.policy import Policy
from serving.answers import versions_of
from serving.schemas import INLINE_SOURCES, ScoreAnswer, ScoreRequest
from serving.scoring import LakeScreening, inline_records, screen_inline
from tests.support_answers import PlainWording
from tests.support_models import written_by_the_library
from tests.support_serving import AS_OF, copy_home, settings_at

NAMES = [feature.name for feature in FEATURES]


def bits(value: float | None) -> bytes | None:
    return None if value is None or value != value else struct.pack("<d", value)


class County:
    """One lake, asked about both ways."""

    def __init__(self, folder) -> None:
        home = settings_at(copy_home(folder / "home"))
        self.lake = Lake(home.lake)
        self.profile = load_profile("hangzhou")
        self.champions = load_champions(home.champions)
        self.serving = LakeScreening(self.lake, self.profile, self.champions)
        self.people = cohort(self.lake.tables(), AS_OF, self.profile)["child_key"].tolist()

    def trained_on(self, as_of: date) -> pd.DataFrame:
        """The matrix as training reads it: the whole cohort at once."""
        people = cohort(self.lake.tables(), as_of, self.profile)
        with Engine(self.lake.tables()) as engine:
            matrix = engine.matrix(people[["child_key", "as_of"]], FEATURES, {as_of: self.lake.silent(as_of)})
        return matrix.assign(eligible=people["eligible"].to_numpy()).set_index("child_key")


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    county = County(tmp_path_factory.mktemp("county"))
    yield county
    county.serving.close()


def test_every_child_screened_alone_has_the_values_of_the_whole_cohort(county):
    matrix = county.trained_on(AS_OF)
    assert matrix["eligible"].any()

    for key, row in matrix.iterrows():
        alone = county.serving.screen([key], AS_OF)[key]
        assert alone.eligible == row["eligible"]
        if alone.eligible:
            assert {n: bits(alone.features[n]) for n in NAMES} == {n: bits(row[n]) for n in NAMES}


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), days=st.integers(0, 600))
def test_on_any_date_and_in_any_company_the_values_are_the_same(county, data, days):
    as_of = AS_OF - timedelta(days=days)
    matrix = county.trained_on(as_of)
    keys = data.draw(st.lists(st.sampled_from(county.people), min_size=1, max_size=5, unique=True))

    together = county.serving.screen(keys, as_of)

    for key in keys:
        if key in matrix.index and matrix.loc[key, "eligible"]:
            row = matrix.loc[key]
            assert {n: bits(together[key].features[n]) for n in NAMES} == {n: bits(row[n]) for n in NAMES}


def test_screenings_alone_and_in_company_are_equal(county):
    alone = {key: county.serving.screen([key], AS_OF)[key] for key in county.people[:8]}

    together = county.serving.screen(county.people[:8], AS_OF)

    assert together == alone
    assert sum(len(scored.screenings) for scored in alone.values()) > 5


def test_four_threads_at_once_get_what_each_would_get_alone(county):
    alone = {key: county.serving.screen([key], AS_OF) for key in county.people[:16]}

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda key: county.serving.screen([key], AS_OF), county.people[:16]))

    assert found == list(alone.values())


def sent_inline(county, key: str) -> ScoreRequest:
    """What a case system would send that holds the records of the lake, silent departments left out."""
    silent = county.lake.silent(AS_OF)
    records = {source.name: [] for source in INLINE_SOURCES if source.name not in silent}
    for name, found in county.lake.child_records(key).items():
        numbers = {c.name for c in source_named(name).lake_columns if c.kind is Kind.INTEGER}
        for record in found:
            if name in records and record.known_on < AS_OF:
                values = {
                    column: int(value) if column in numbers and value is not None else value
                    for column, value in record.values.items()
                }
                records[name].append(
                    {"occurred_on": record.occurred_on, "known_on": record.known_on,
                     "record_id": record.record_id, **values}
                )  # fmt: skip
    return ScoreRequest.model_validate({"as_of": AS_OF, "records": records})


def test_records_sent_inline_give_the_values_and_screenings_of_the_lake(county):
    seen = 0
    for key in county.people[:16]:
        known = county.serving.screen([key], AS_OF)[key]
        if not known.eligible:
            continue
        request = sent_inline(county, key)

        inline = screen_inline(request.records, AS_OF, county.profile, county.champions)

        assert {n: bits(inline.features[n]) for n in NAMES} == {n: bits(known.features[n]) for n in NAMES}
        assert [(s.margin, s.risk, s.reasons) for s in inline.screenings] == [
            (s.margin, s.risk, s.reasons) for s in known.screenings
        ]
        seen += len(inline.screenings)
    assert seen > 10


def test_an_inline_record_known_on_the_day_or_later_never_counts(county):
    """It is refused; what is accepted was known before."""
    request = sent_inline(county, county.people[0])

    for found in inline_records(request.records, AS_OF).values():
        assert all(record.known_on < AS_OF for record in found)


def test_silence_of_a_department_reaches_the_answer(county):
    silent = county.lake.silent(AS_OF)
    assert silent == {"hotline_calls"}

    for scored in county.serving.screen(county.people[:10], AS_OF).values():
        unheard = [f for f in FEATURES if f.source.name in silent]
        assert scored.silent == silent
        if scored.eligible:
            assert unheard
            assert all(scored.features[feature.name] is None for feature in unheard)


def test_sources_that_were_never_heard_are_silent_not_empty(county):
    never = {source.name for source in SOURCES if source.name not in county.lake.tables()}
    assert never == {"dispositions", "assessments", "alerts"}, "the queue's own, which are never silent"
    assert not never & county.lake.silent(AS_OF)


def test_every_answer_is_the_one_built_object_by_object_under_the_declared_schema(county):
    versions = versions_of(county.champions, county.profile)
    wording = PlainWording(county.profile, Policy.read(), versions)
    found = county.serving.screen(county.people[:12], AS_OF)
    ids = {name: f"s-{name}" for name in county.champions}

    for scored in [*found.values(), *not_spoken_of(found, county)]:
        for reasons in (True, False):
            plain = wording.plain(scored, ids, child_key=scored.child_key, reasons=reasons)
            written = wording.answer(scored, ids, child_key=scored.child_key, reasons=reasons)
            assert ScoreAnswer.model_validate_json(written, strict=True) == plain
            assert list(json.loads(written)) == list(ScoreAnswer.model_fields)
    assert any(one.screenings for one in found.values())


def not_spoken_of(found, county):
    """A screened child as each of: known already, not spoken of, not in scope."""
    scored = next(one for one in found.values() if one.screenings)
    kept = scored.screenings[0]
    nothing = dict.fromkeys(("margin", "risk", "low", "high", "percentile", "base"), float("nan"))
    abstained = replace(
        kept, **nothing, band="none", reasons=(), abstained="needed_unknown", silent=("enrolments",)
    )
    return [
        replace(scored, screenings=(), already=frozenset(county.champions)),
        replace(scored, screenings=(abstained,)),
        replace(scored, eligible=False, reason="left", screenings=()),
    ]


def test_a_child_screened_as_numbers_is_screened_as_in_a_table_and_kept_in_the_same_words(county):
    keys = [key for key, one in county.serving.screen(county.people[:12], AS_OF).items() if one.eligible]
    matrix = county.trained_on(AS_OF).loc[keys].reset_index()
    silent = county.lake.silent(AS_OF)

    for screener in county.champions.values():
        values = matrix[list(screener.spec.columns)].to_numpy(dtype="float64")
        ages = matrix["age_years"].to_numpy(dtype="float64")
        table = screener.screen(matrix, {AS_OF: silent}, among=screener.reference)
        for place, key in enumerate(keys):
            one = slice(place, place + 1)
            [found] = screener.screen_values(values[one], ages[one], [key], AS_OF, silent)
            said = written_by_the_library(table[place])
            assert found.to_json() == table[place].to_json() == said
