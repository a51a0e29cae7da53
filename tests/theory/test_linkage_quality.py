"""Linking keeps what it promises, on samples its weights and lines were not chosen from."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from features.linkage import candidates, described, learn, lookalikes, sure
from features.linkage_levels import COMPARISONS, is_personal
from features.linkage_measure import judged
from features.linkage_model import LinkageError, LinkageModel, at_least_right, choose_thresholds
from features.person_numbers import IdentityError, normalise_id_number
from tests.support_linkage import MODEL, number, sample


@pytest.fixture(scope="module")
def found():
    labelled, rows, known = sample(77)
    return labelled, candidates(rows, known, MODEL)


def part(judgement, name):
    return next(each for each in judgement if each.part == name)


def test_links_are_as_right_as_promised(found):
    labelled, pairs = found

    every = part(judged(labelled, pairs, MODEL.lines), "all rows")

    assert every.links > 300
    assert every.precision >= MODEL.lines.precision


def test_most_children_are_found_or_put_before_a_person(found):
    labelled, pairs = found

    judgement = judged(labelled, pairs, MODEL.lines)

    assert part(judgement, "no number").recall > 0.75
    assert part(judgement, "all rows").reached > 0.93
    assert part(judgement, "wrong number").reached > 0.95


def test_homophones_and_one_wrong_character_are_found(found):
    labelled, pairs = found
    levels = Counter(
        level
        for row, child, level in zip(pairs["row"], pairs["child"], pairs["name"], strict=True)
        if labelled.truth[row] == child
    )

    assert levels["same reading"] >= 10
    assert levels["one other character"] >= 5
    assert levels["characters swapped"] >= 2
    assert levels["other surname"] >= 2


def test_strangers_are_hardly_ever_linked_but_to_a_twin(found):
    labelled, pairs = found

    unknown = part(judged(labelled, pairs, MODEL.lines), "nobody known")

    best = sure(pairs, MODEL.lines.link_at)
    linked = [row for row in best["row"] if labelled.truth[row] is None and labelled.numbers[row] != "wrong"]
    assert unknown.rows > 50
    assert unknown.links == len(linked) <= 3
    assert all("twin" in labelled.troubles[row] for row in linked)


@pytest.mark.parametrize(
    ("name", "birth_on", "personal"),
    [
        ("same", "same", True), ("same reading", None, True), ("characters swapped", "one digit off", True),
        ("same", "same year", False), ("one other character", "same", False), ("reading off by one", "same", False),
        ("other surname", "one digit off", False), ("same surname", "same", False), ("else", "same", False),
        (None, "same", False),
    ],
)  # fmt: skip
def test_a_family_in_common_makes_no_link(name, birth_on, personal):
    assert is_personal(name, birth_on) is personal


def test_an_unknown_twin_is_put_before_a_person_and_not_linked_to_the_known_one():
    # Everything but one character of the name is the same: only a person can tell twins from a slip.
    family = {"area_code": "330109001001", "guardian": "张建国", "phone": "13900000001", "sex": "male"}
    born = {"birth_on": "2015-06-17"}
    _, _, known = sample(77)
    twin = {**family, **born, "name": "张浩宇", "id_number": number("2015-06-17", 11)}
    frame = pd.concat([known, described([twin], ["twin"])], ignore_index=True)
    frame["row"] = [f"{n:09d}" for n in range(len(frame))]
    rows = described(
        [{**family, **born, "name": "张浩轩"}, {**family, **born, "name": "张浩云"}], ["one", "two"]
    )

    pairs = candidates(rows, frame, MODEL)

    assert set(pairs[pairs["confidence"] > MODEL.lines.link_at]["child"]) == {"twin"}
    assert sure(pairs, 0.5).empty


def test_twins_are_hardly_ever_taken_for_one_another():
    labelled, rows, known = sample(78, 2500)

    twins = part(judged(labelled, candidates(rows, known, MODEL), MODEL.lines), "twin")

    assert twins.links > 25
    assert twins.links - twins.right <= 1


def test_an_unknown_brother_is_not_linked_to_the_known_one():
    family = {"area_code": "330109001001", "guardian": "张建国", "phone": "13900000001", "sex": "male"}
    _, _, known = sample(77)
    brother = described(
        [{**family, "name": "张浩宇", "birth_on": "2015-06-17", "id_number": number("2015-06-17", 11)}], ["b"]
    )
    frame = pd.concat([known, brother], ignore_index=True)
    frame["row"] = [f"{n:09d}" for n in range(len(frame))]
    rows = described(
        [{**family, "name": "张浩轩", "birth_on": "2018-02-03"}, {**family, "name": "张浩轩"}], ["one", "two"]
    )

    pairs = candidates(rows, frame, MODEL)

    assert pairs.groupby("row")["confidence"].max().min() > 0.5
    assert sure(pairs, 0.5).empty


def test_a_wrong_number_is_never_linked_without_a_person(found):
    labelled, pairs = found

    wrong = part(judged(labelled, pairs, MODEL.lines), "wrong number")

    assert wrong.rows > 80
    assert (wrong.links, wrong.for_a_person > 80) == (0, True)


def test_the_confidences_of_one_row_leave_room_for_nobody(found):
    _, pairs = found

    totals = pairs.groupby("row")["confidence"].sum()

    assert (totals <= 1 + 1e-9).all()
    assert not pairs.duplicated(["row", "child"]).any()


def test_confidence_does_not_say_too_much(found):
    labelled, pairs = found
    right = pairs["row"].map(labelled.truth) == pairs["child"]

    middling = pairs["confidence"].between(0.2, 0.9)

    # It may say too little: a name nobody else bears here is taken to be as common as twice in all.
    assert middling.sum() >= 10
    assert right[middling].mean() > pairs["confidence"][middling].mean() - 0.1


def test_the_order_of_rows_does_not_matter():
    _, rows, known = sample(77)
    shuffled = rows.sample(frac=1, random_state=1)

    one, other = candidates(rows, known, MODEL), candidates(shuffled, known[::-1], MODEL)

    keys = ["row", "child"]
    joined = one.merge(other, on=keys)
    assert len(joined) == len(one) == len(other)
    assert np.allclose(joined["confidence_x"], joined["confidence_y"])


def test_two_who_fit_equally_well_share_the_confidence():
    people = [{"name": "张浩宇", "birth_on": "2015-06-17", "sex": "male"}] * 2
    known = described(people, ["one", "two"])
    rows = described([{"name": "张浩宇", "birth_on": "2015-06-17", "sex": "male"}], ["row"])

    pairs = candidates(rows, known, MODEL)

    assert len(pairs) == 2
    assert pairs["confidence"].max() < 0.5


def test_many_records_of_one_child_do_not_make_its_name_common():
    _, _, known = sample(77)
    said = {"name": known["name"].iloc[0], "birth_on": known["birth_on"].iloc[0]}

    once = candidates(described([said], ["row"]), known, MODEL)
    often = candidates(described([said] * 200, [f"row{n}" for n in range(200)]), known, MODEL)

    assert often["confidence"].max() == pytest.approx(once["confidence"].max())


def test_twins_with_valid_numbers_are_no_lookalikes_and_a_doubled_child_is():
    labelled, _, known = sample(77)
    twins = {key for row, key in labelled.truth.items() if "twin" in labelled.troubles[row]}
    doubled = dict(labelled.known["child0000003"], id_number=None)
    frame = pd.concat([known, described([doubled], ["again"])], ignore_index=True)
    frame["row"] = [f"{n:09d}" for n in range(len(frame))]

    pairs = lookalikes(frame, MODEL)

    likely = pairs[pairs["confidence"] >= MODEL.lines.look_at]
    assert len(twins) >= 5
    again = likely[(likely["left"] == "again") | (likely["right"] == "again")]
    assert list(zip(again["left"], again["right"], strict=True)) == [("again", "child0000003")]
    # Of the rest, only twins whose names are read alike: those a person must tell apart.
    assert set(likely["name"]) <= {"same", "same reading"}
    assert len(likely) <= 3


def test_two_valid_numbers_and_two_names_are_twins_however_much_the_rest_agrees():
    labelled, _, known = sample(77)
    one = labelled.known["child0000000"]
    assert (one["name"], one["birth_on"]) == ("杨博宇", "2016-02-14")
    # Twins may bear the same two characters the other way round.
    twin = one | {"name": "杨宇博", "id_number": number("20160214", 17)}
    frame = pd.concat([known, described([twin], ["the twin"])], ignore_index=True)
    frame["row"] = [f"{n:09d}" for n in range(len(frame))]

    pairs = lookalikes(frame, MODEL)

    assert "the twin" not in {*pairs["left"], *pairs["right"]}


def test_learning_without_labels_finds_the_planted_rates():
    labelled, rows, known = sample(79, 900)

    model = learn(rows, known, chance_pairs=200_000)

    # Planted: 8 in 100 homophones and 5 in 100 other characters, of which some change nothing; a date
    # is wrong in 4 of 100, a telephone new in 12, a guardian another in 12.
    true = [row for row in labelled.rows if labelled.truth[row]]
    same_phone = np.mean([
        labelled.rows[row]["phone"] == labelled.known[labelled.truth[row]]["phone"]
        for row in true if labelled.rows[row]["phone"]
    ])  # fmt: skip
    same_name = np.mean(
        [labelled.rows[row]["name"] == labelled.known[labelled.truth[row]]["name"] for row in true]
    )
    assert model.chances["phone"]["same"].m == pytest.approx(same_phone, abs=0.06)
    assert model.chances["name"]["same"].m == pytest.approx(same_name, abs=0.06)
    assert model.chances["birth_on"]["same"].m == pytest.approx(0.96, abs=0.04)
    assert model.chances["birth_on"]["same"].u == pytest.approx(1 / (16 * 365), rel=0.5)


def test_agreeing_in_nothing_never_speaks_for_anybody():
    for comparison in COMPARISONS:
        chances = MODEL.chances[comparison.name]["else"]
        assert chances.m <= chances.u, comparison.name


def test_a_model_is_kept_and_read_whole():
    assert LinkageModel.from_json(MODEL.to_json()) == MODEL
    assert set(MODEL.chances) == {comparison.name for comparison in COMPARISONS}
    for comparison in COMPARISONS:
        assert tuple(MODEL.chances[comparison.name]) == comparison.level_names


def test_the_lower_line_is_where_proof_ends():
    # 1,000 right at the top; below 0.95 every second one is wrong.
    confidence = [0.9999] * 1000 + [0.94] * 100
    correct = [True] * 1000 + [True, False] * 50

    lines = choose_thresholds(confidence, correct, true_pairs=1100, precision=0.99, sample="made-up sample")

    assert (lines.link_at, lines.links, lines.wrong) == (0.95, 1000, 0)
    assert lines.look_at <= 0.94
    assert "at least 99.0% of them are right" in lines.sentence()


def test_the_search_for_a_line_ends_at_the_first_that_fails():
    # A poor stretch at 0.995; many right ones further down must not talk it away.
    confidence = [0.9999] * 400 + [0.995] * 20 + [0.9] * 5000
    correct = [True] * 400 + [True, False] * 10 + [True] * 5000

    lines = choose_thresholds(confidence, correct, true_pairs=5500, precision=0.99, sample="made-up sample")

    assert (lines.link_at, lines.links, lines.wrong) == (0.998, 400, 0)


@pytest.mark.parametrize("links", [10, 298])
def test_a_sample_too_small_to_prove_anything_gives_no_line(links):
    # With 95 in 100 certainty, 99 in 100 right takes 299 links without a fault.
    with pytest.raises(LinkageError, match="too small"):
        choose_thresholds([0.9999] * links, [True] * links, true_pairs=links, sample="made-up sample")


def test_so_many_links_prove_so_much():
    assert at_least_right(299, 0, 0.95) == pytest.approx(0.99003, abs=1e-4)
    assert at_least_right(1000, 10, 0.95) == pytest.approx(0.98310, abs=1e-4)
    assert at_least_right(0, 0, 0.95) == 0


def test_the_promise_holds_in_19_of_20_samples():
    # True precision 0.985 below, 0.999 above: a promise of 0.99 must seldom reach down to the poor ones.
    rng = np.random.default_rng(5)
    broken = promised = 0
    for _ in range(200):
        confidence = np.where(rng.random(1500) < 0.5, 0.9996, 0.9)
        correct = rng.random(1500) < np.where(confidence > 0.99, 0.999, 0.97)
        try:
            lines = choose_thresholds(
                confidence, correct, true_pairs=1500, precision=0.99, sample="made-up sample"
            )
        except LinkageError:
            continue
        promised += 1
        # At 0.9 the precision of all links would be 0.9845.
        broken += lines.link_at <= 0.9
    assert promised > 100
    assert broken <= 10 + 3 * np.sqrt(200 * 0.05 * 0.95)


def test_the_samples_mistakes_are_those_it_says():
    labelled, _, _ = sample(77)

    for row, person in labelled.rows.items():
        if labelled.numbers[row] == "wrong":
            with pytest.raises(IdentityError):
                normalise_id_number(person["id_number"])
        if "name only" in labelled.troubles[row]:
            assert person["birth_on"] is person["phone"] is person["guardian"] is None
    assert sum(child is None for child in labelled.truth.values()) == 90
    assert number("2015-06-17", 11)[:14] == "34122520150617"
