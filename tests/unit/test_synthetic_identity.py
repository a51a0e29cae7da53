"""Whose record is it? What the simulated county does to names and numbers, and what its truth keeps of it."""

import numpy as np
import pandas as pd
import pytest

from features.language import Department, Personal
from features.person_numbers import IdentityError, is_adults, normalise_id_number
from features.sources import Community, Education, Police
from features.synthetic import PRESETS
from features.synthetic.county import simulate
from features.synthetic.dirt import _invalid, _variant
from features.synthetic.guardians import ASKED_FIRST, like_a_twin
from features.synthetic.people import NEVER
from tests.support_county import UNTIL, read_files, written_county


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return written_county(tmp_path_factory.mktemp("county"), children=500, years=3)


@pytest.fixture(scope="module")
def files(county):
    return [file for file in read_files(county.deliveries) if file.source is not None]


@pytest.fixture(scope="module")
def people():
    return simulate(PRESETS["base"], children=2500, years=3, until=UNTIL, seed=7).people


@pytest.fixture(scope="module")
def hidden(county):
    return pd.read_parquet(county.truth / "records.parquet")


def is_valid(number):
    try:
        return bool(normalise_id_number(number))
    except IdentityError:
        return False


def test_twins_share_a_birthday_and_all_but_one_character_of_the_name(people):
    twins = np.flatnonzero(people.twin)

    assert 10 < len(twins) < 0.03 * people.children
    for second in twins:
        first = second - 1
        assert people.household[first] == people.household[second]
        if people.birth[first] == people.birth[second]:
            assert people.name[first] != people.name[second]
            assert people.name[first][:-1] == people.name[second][:-1]
            assert people.id_number[first] != people.id_number[second] or people.id_number[first] == ""
    assert sum(people.birth[twins - 1] == people.birth[twins]) == len(twins)


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [("子涵", "雨佳", "子佳"), ("子涵", "雨涵", "子安"), ("安", "安", "宁"), ("涵", "子涵", "安")],
)
def test_a_twins_name_follows_the_first_ones(first, second, name):
    assert like_a_twin(first, second) == name


def test_departments_take_over_a_new_name_one_after_the_other(people):
    child = np.flatnonzero(people.renamed < NEVER)[:1]
    day = people.renamed[child] + 100

    assert people.name_written(child, day, Department.POLICE) == people.new_name[child]
    assert people.name_written(child, day, Department.HEALTH) == people.name[child]
    assert people.name_written(child, day + 400, Department.HEALTH) == people.new_name[child]
    assert people.name_written(child, people.renamed[child] - 1, Department.POLICE) == people.name[child]


def test_few_children_are_renamed_and_only_while_they_are_here(people):
    renamed = people.renamed < NEVER

    assert 0.008 < renamed.mean() < 0.025
    assert (people.renamed[renamed] >= people.arrived[renamed]).all()
    assert (people.renamed[renamed] <= people.ends[renamed]).all()
    assert (people.new_name[~renamed] == people.name[~renamed]).all()


def test_guardians_have_a_name_a_telephone_and_an_adults_number(people):
    guardians = people.guardians

    assert guardians.name.shape == guardians.phone.shape == (people.households, 2)
    for number, born in zip(guardians.id_number[people.household], people.birth, strict=True):
        assert is_adults(normalise_id_number(number), born.item())
    assert all(phone.isdigit() and len(phone) == 11 for phone in guardians.phone.ravel())
    # The father hands on the surname, the mother keeps her own.
    kept = [
        name[0] == child[0]
        for name, child in zip(guardians.name[people.household, 0], people.name, strict=True)
    ]
    assert np.mean(kept) == 1.0


def test_police_and_schools_often_know_different_parents_of_one_household(files):
    told = {}
    for file in files:
        if file.source in (Police.residence, Education.enrolments):
            for number, name in zip(file.column("id_number"), file.column("guardian_name"), strict=True):
                if number and name:
                    told.setdefault(number, {})[file.source.name] = name
    both = [each for each in told.values() if len(each) == 2]
    alike = np.mean([each["residence"] == each["enrolments"] for each in both])

    assert len(both) > 200
    assert 0.15 < alike < 0.6


def test_guardians_stand_only_where_a_department_holds_them_and_never_in_the_lake():
    for source in ASKED_FIRST:
        held = {column.name: column for column in source.columns if column.name.startswith("guardian_")}
        assert set(held) == {"guardian_name", "guardian_phone"}
        assert {column.personal for column in held.values()} == {Personal.DIRECT}
        assert not {column.name for column in source.lake_columns} & set(held)
    assert set(ASKED_FIRST) == {Police.residence, Education.enrolments, Community.self_declarations}


@pytest.mark.parametrize("choice", range(30))
def test_a_wrong_number_is_never_a_valid_one(choice):
    number = "330109201304157323"

    with pytest.raises(IdentityError):
        normalise_id_number(_invalid(number, choice))


def test_some_wrong_numbers_have_two_neighbours_swapped():
    number = "330109201304157323"
    wrong = [_invalid(number, choice) for choice in range(1, 30, 3)]

    assert all(sorted(each) == sorted(number) and each != number for each in wrong)


@pytest.mark.parametrize("choice", range(12))
def test_a_variant_of_a_name_is_another_writing_of_it(choice):
    variant = _variant("王梓涵", choice)

    assert variant != "王梓涵"
    assert variant[0] == "王"
    assert len(variant.replace(" ", "")) == 3


def test_a_name_without_another_writing_is_left_alone():
    assert _variant("王凯", 3) == ""


def test_a_guardians_number_is_given_for_a_childs_as_often_as_planted(county, files):
    adults = 0
    for file in files:
        for number in file.column("id_number"):
            # Nobody recorded is twenty: those who grow up leave every department's sight.
            if number[6:10].isdigit() and int(number[6:10]) < file.received_on.year - 20:
                adults += is_valid(number)

    planted = county.summary.spoiled["guardian_number"]
    assert adults == planted > 0


def test_the_truth_keeps_whose_every_hidden_record_is(county, files, hidden):
    children = pd.read_parquet(county.truth / "children.parquet").set_index("child")
    rows = {}
    for file in files:
        for record, number in zip(file.column("record_id"), file.column("id_number"), strict=True):
            rows.setdefault((file.source.name, record), set()).add(number)

    assert set(hidden["trouble"]) == {
        "no_number", "number_left_out", "invalid_id_number", "guardian_number", "name_variant",
    }  # fmt: skip
    for row in hidden[hidden["trouble"] == "guardian_number"].itertuples():
        assert len(rows[row.source, row.record_id] - {children["id_number"][row.child]}) == 1
    assert children.loc[hidden.loc[hidden["trouble"] == "no_number", "child"], "id_number"].eq("").all()
    left_out = hidden[hidden["trouble"] == "number_left_out"]
    assert children.loc[left_out["child"], "id_number"].ne("").all()
    assert set(left_out["source"]) <= {
        "grid_reports",
        "self_declarations",
        "hotline_calls",
        "family_sessions",
    }


def test_only_those_who_write_by_hand_leave_numbers_out(files):
    share = {}
    for name in ("self_declarations", "key_care_ledger"):
        numbers = [
            number for file in files if file.source.name == name for number in file.column("id_number")
        ]
        share[name] = sum(number == "" for number in numbers) / len(numbers)

    assert 0.03 < share["self_declarations"] < 0.09
    assert share["key_care_ledger"] < 0.03
