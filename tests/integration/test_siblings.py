"""Children of one household: visited together, and never scored together. Nobody learns the household's number."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pandas as pd
import pytest
from sqlalchemy import select

from features.households import households
from features.jurisdiction import load_profile
from features.lake import Lake
from features.sources import SOURCES, Police, source_named
from models.champions import load_champions
from models.policy import Lane
from serving.review import opening, together
from serving.review.case import Role
from serving.review.store import Store
from serving.review.tables import Case
from serving.scoring import FEW, LakeScreening
from serving.screening import run_round
from tests import support_review as support
from tests.support_intake import Home, id_number, row
from tests.support_review import ELSEWHERE, NOW, TIER_DAYS, TODAY, VILLAGE, alert
from tests.support_serving import AS_OF, copy_home, delivery, frame, round_deps, settings_at
from tests.support_serving import TODAY as SERVED_ON

PROFILE = load_profile("hangzhou")
FILE = "police/2024-03-25/residence.csv"


@pytest.fixture
def home(tmp_path):
    made = Home.at(tmp_path)
    yield made
    made.identity.close()


def residence(n, household, **cells):
    return row("residence", n, left_on=None, household_number=household, **cells)


def key(home, n):
    return home.identity.child_key(id_number(n))


def test_children_told_of_with_one_household_share_a_pseudonym_and_no_other_do(home):
    home.deliver(
        FILE,
        [
            residence(1, "3301090000123"),
            residence(2, " 3301090000123"),
            residence(3, "77"),
            residence(4, None),
        ],
    )
    home.take_in()

    found = households(home.identity, [key(home, n) for n in (1, 2, 3, 4)])

    assert found[key(home, 1)] == found[key(home, 2)] != found[key(home, 3)]
    assert key(home, 4) not in found
    assert not any("3301090000123" in pseudonym for pseudonym in found.values())


def test_the_number_of_a_household_reaches_no_record(home):
    home.deliver(FILE, [residence(1, "3301090000123")])
    home.take_in()

    [record] = home.records("residence")
    assert "3301090000123" not in {str(value) for value in record.values()}
    assert "household_number" not in {column.name for source in SOURCES for column in source.lake_columns}


def test_the_household_told_of_last_counts_also_where_the_lake_learns_nothing_new(home):
    told = []
    for place, household in enumerate((None, "11", "22", "11")):
        home.deliver(
            f"police/2024-0{place + 3}-25/residence.csv", [residence(1, household), residence(2, "11")]
        )
        home.take_in(date(2024, 3 + place, 26))
        told.append(households(home.identity, [key(home, 1), key(home, 2)]))

    apart = [key(home, 1) in each and each[key(home, 1)] == each[key(home, 2)] for each in told]
    assert apart == [False, True, False, True]
    assert len(home.records("residence")) == 2


# --- never scored together --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    settings = settings_at(copy_home(tmp_path_factory.mktemp("home") / "home"))
    return Lake(settings.lake), load_champions(settings.champions)


def said_of(lake, champions, wanted, keys):
    """Everything a screening says of one child, asked for among these."""
    scoring = LakeScreening(lake, PROFILE, champions)
    try:
        found = scoring.screen(keys, AS_OF)[wanted]
    finally:
        scoring.close()
    return dict(found.features), [screening.to_json() for screening in found.screenings]


def test_what_is_recorded_of_a_sibling_changes_no_feature_and_no_score(served):
    lake, champions = served
    keys = sorted(set(pd.read_parquet(lake.tables()["residence"])["child_key"]))
    scoring = LakeScreening(lake, PROFILE, champions)
    scored = scoring.screen(keys, AS_OF)
    scoring.close()
    child, sibling = [one for one in keys if one in scored and scored[one].screenings][:2]
    alone = said_of(lake, champions, child, [child])
    of_sibling = said_of(lake, champions, sibling, [sibling])
    heard = set(lake.tables()) - lake.silent(AS_OF)

    for source in SOURCES:
        if source is not Police.residence and source.name in heard:
            name = f"again-{source.name}"
            rows = frame(source, [sibling] * 3, Random(7), name)
            rows["record_id"] = [f"sibling {number}" for number in range(len(rows))]
            lake.append(source, rows, delivery(source, len(rows), name, date(2026, 9, 25)))
    lake.compact()

    assert said_of(lake, champions, child, [child]) == alone
    # By the records at hand of few children, and by the engine's queries for many.
    assert said_of(lake, champions, child, [child, sibling]) == alone
    assert len(keys) > FEW
    assert said_of(lake, champions, child, keys) == alone
    assert said_of(lake, champions, sibling, [sibling]) != of_sibling


def test_sharing_a_household_changes_no_screening_of_a_round(served, tmp_path):
    _, champions = served
    said = []
    for place, together_as in enumerate((lambda keys: {}, lambda keys: dict.fromkeys(keys, "h-one"))):
        folder = copy_home(tmp_path / str(place))
        settings = settings_at(folder)
        store = Store.open(settings.review_url)
        store.migrate()
        deps = round_deps(folder, store, champions)
        deps = replace(deps, household_of=together_as)
        run_round(deps, SERVED_ON, Random(1), lambda _: None)
        with store.read() as session:
            cases = session.scalars(select(Case).order_by(Case.id)).all()
            said.append([(case.id, case.rank, case.tier, case.child_key) for case in cases])
            shared = {case.household for case in cases}
        store.close()
        assert shared == ({"h-one"} if place else {None})
    assert said[0] == said[1]


# --- visited together -------------------------------------------------------------------------------


def open_household(store, areas, homes):
    with store.write() as session:
        opening.open_round(session, round_id="r", as_of=AS_OF, screeners={}, now=NOW)
        opening.open_cases(
            session, [alert(child) for child in areas], round_id="r",
            children={
                child: opening.ChildFacts(area_code=area, household=homes.get(child))
                for child, area in areas.items()
            },
            tier_days=TIER_DAYS, now=NOW, today=TODAY,
        )  # fmt: skip


def test_a_case_knows_the_open_cases_of_its_household_within_the_readers_area(store):
    director = support.add_account(store, Role.CHILD_DIRECTOR, area_prefix=VILLAGE)
    areas = {"c-one": VILLAGE, "c-two": VILLAGE, "c-three": ELSEWHERE, "c-four": VILLAGE, "c-five": VILLAGE}
    open_household(store, areas, {"c-one": "h1", "c-two": "h1", "c-three": "h1", "c-four": "h2"})

    with store.read() as session:
        cases = {case.child_key: case for case in session.scalars(select(Case))}
        seen = [case for case in cases.values() if case.area_code == VILLAGE]
        found = together.together_with(session, director, seen)

    assert {case.child_key: [one.child_key for one in found[case.id]] for case in seen} == {
        "c-one": ["c-two"], "c-two": ["c-one"], "c-four": [], "c-five": [],
    }  # fmt: skip


def test_a_new_alert_brings_the_household_of_today_to_the_case_that_is_open(store):
    open_household(store, {"c-one": VILLAGE}, {})
    with store.write() as session:
        opening.open_cases(
            session, [alert("c-one", Lane.TRIGGER)], round_id="r",
            children={"c-one": opening.ChildFacts(area_code=VILLAGE, household="h1")},
            tier_days=TIER_DAYS, now=NOW + timedelta(days=1), today=TODAY,
        )  # fmt: skip
        case = session.scalars(select(Case)).one()
    assert case.household == "h1"


def test_an_open_case_gets_the_household_its_child_is_told_to_live_in_later(store):
    open_household(store, {"c-one": VILLAGE, "c-two": VILLAGE, "c-three": VILLAGE}, {"c-two": "h1"})
    with store.read() as session:
        assert together.without_household(session) == {"c-one", "c-three"}

    told = {"c-one": "h1", "c-two": "h9"}
    with store.write() as session:
        given = [together.give_households(session, told, now=NOW) for _ in range(2)]
        homes = {case.child_key: case.household for case in session.scalars(select(Case))}

    assert given == [1, 0]
    assert homes == {"c-one": "h1", "c-two": "h1", "c-three": None}


def test_the_column_stands_in_the_residence_source_alone_and_can_be_no_feature():
    holding = [source.name for source in SOURCES if "household_number" in {c.name for c in source.columns}]
    assert holding == [source_named("residence").name]
