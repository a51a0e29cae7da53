"""Records without a usable number find their child, wait for a person, or become a child of their own."""

from datetime import UTC, date, datetime

import pytest

from features.link_store import DIFFERENT, SAME, LinkError
from tests.support_intake import row
from tests.support_linkage import LINKED_ON, child, county, described, link_up, number, store, whose

BORN = "2015-06-17"
LATER, LATEST = date(2024, 8, 1), date(2024, 9, 1)
NOON = datetime(2024, 7, 15, 12, 0, tzinfo=UTC)


def decide(home, pair, verdict, reason="家访核实"):
    return store(home).decide(pair, verdict, by="林老师", at=NOON, reason=reason)


def the_pair(home):
    [pair] = store(home).pairs().values()
    return pair


def test_a_record_without_number_is_linked_by_description_and_known_from_that_day(tmp_path):
    known = child(1, "欧阳晓晨", BORN)
    home = county(tmp_path, [known, described(2, "欧阳晓晨", BORN)])
    key = home.identity.child_key(known["id_number"])
    assert whose(home, "R00002") == []

    report = link_up(home)

    assert (report.waiting, report.by_description, report.for_a_person, report.left) == (1, 1, 0, 0)
    assert whose(home, "R00002") == [(key, LINKED_ON)]
    assert home.identity.unresolved() == ()
    [made] = store(home).history("residence", "R00002")
    assert (made.child_key, made.method, made.known_on, made.superseded) == (key, "splink", LINKED_ON, False)
    assert 0.9 < made.confidence < 1
    assert home.identity.link_confidence("residence", "R00002") == made.confidence
    assert home.identity.link_confidence("residence", "R00001") == 1.0


@pytest.mark.parametrize(
    ("written", "what"),
    [("欧阳小辰", "homophones"), ("欧阳晨晓", "characters swapped"), ("王晓晨", "another surname")],
)
def test_a_name_written_otherwise_still_finds_its_child(tmp_path, written, what):
    known = child(1, "欧阳晓晨", BORN)
    home = county(tmp_path, [known, described(2, written, BORN)])

    link_up(home)

    assert [key for key, _ in whose(home, "R00002")] == [home.identity.child_key(known["id_number"])], what


def test_a_renamed_child_is_found_under_the_new_name_too(tmp_path):
    before, after = child(1, "王晓晨", BORN), child(3, "刘思齐", BORN)
    home = county(tmp_path, [before, after, described(2, "刘思齐", BORN)])
    assert before["id_number"] == after["id_number"]

    link_up(home)

    key = home.identity.child_key(before["id_number"])
    assert [child for child, _ in whose(home, "R00002")] == [key]
    assert home.identity.reveal(key).name == "王晓晨"


def test_a_record_that_could_be_either_twin_goes_to_a_person(tmp_path):
    # 宇 and 雨 are read alike; the row has a third way of writing it.
    twins = [child(1, "张浩宇", BORN, 11), child(3, "张浩雨", BORN, 13)]
    home = county(tmp_path, [*twins, described(2, "张浩羽", BORN)])

    report = link_up(home)

    assert (report.by_description, report.for_a_person) == (0, 1)
    assert whose(home, "R00002") == []
    pairs = store(home).pairs().values()
    assert {pair.right_key for pair in pairs} >= {home.identity.child_key(t["id_number"]) for t in twins}
    assert all(pair.confidence < 0.6 for pair in pairs if pair.source)


def test_twins_are_not_taken_for_one_child(tmp_path):
    home = county(tmp_path, [child(1, "张浩宇", BORN, 11), child(3, "张子昂", BORN, 13)])

    report = link_up(home)

    assert report.pairs_of_children == 0


def test_a_wrong_number_is_put_before_a_person_and_never_linked_by_itself(tmp_path):
    known = child(1, "欧阳晓晨", BORN)
    right = known["id_number"]
    swapped = right[:14] + right[15] + right[14] + right[16:]
    home = county(tmp_path, [known, described(2, "欧阳晓晨", BORN, id_number=swapped)])
    assert home.identity.unresolved() == ()

    report = link_up(home)

    assert (report.waiting, report.by_description, report.for_a_person) == (1, 0, 1)
    assert whose(home, "R00002") == []
    assert the_pair(home).confidence > 0.9

    decide(home, the_pair(home).pair, SAME)
    report = link_up(home, LATER)

    assert report.by_person == 1
    assert whose(home, "R00002") == [(home.identity.child_key(right), LATER)]


def test_an_adults_number_makes_no_child(tmp_path):
    guardians = number("1990-05-05", 11)
    home = county(tmp_path, [child(1, "欧阳晓晨", BORN), described(2, "欧阳晓晨", BORN, id_number=guardians)])

    [refused] = home.refused()
    report = link_up(home)

    assert refused["rules"] == ["adult_id_number"]
    assert home.identity.reveal(home.identity.child_key(guardians)) is None
    assert (report.by_description, report.for_a_person) == (0, 1)
    assert the_pair(home).right_key == home.identity.child_key(number(BORN, 11))


def test_a_child_is_no_adult_on_the_day_before_coming_of_age(tmp_path):
    eighteen = number("2006-03-01", 11)
    young = row("residence", 1, id_number=eighteen, occurred_on="2024-02-29", recorded_on="2024-03-02")
    grown = row("residence", 2, id_number=eighteen, occurred_on="2024-03-01", recorded_on="2024-03-02")
    home = county(tmp_path, [young, grown])

    assert [each["rules"] for each in home.refused()] == [["adult_id_number"]]
    assert len(whose(home, "R00001")) == 1


def test_a_child_without_any_number_becomes_a_child_of_its_own(tmp_path):
    home = county(tmp_path, [described(1, "司马若兰", BORN), described(2, "司马若兰", BORN)])

    report = link_up(home)

    assert report.new_children == 1
    [(first, _)], [(second, _)] = whose(home, "R00001"), whose(home, "R00002")
    assert first == second
    assert home.identity.names([first]) == {first: "司马若兰"}
    home.deliver("police/2024-06-25/residence.csv", [described(3, "司马若岚", BORN)])
    home.take_in()
    link_up(home, LATER)
    assert whose(home, "R00003") == [(first, LATER)]


def test_a_record_that_says_too_little_waits(tmp_path):
    home = county(tmp_path, [described(1, None, None, birth_on="2015-06-17")])

    report = link_up(home)

    assert report.left == 1
    assert len(home.identity.unresolved()) == 1


def test_a_student_number_told_before_links_exactly(tmp_path):
    known = child(1, "欧阳晓晨", BORN)
    home = county(tmp_path, [known])
    told = f"G{known['id_number']}"
    home.deliver(
        "education/2024-03-25/enrolments.csv",
        [
            row("enrolments", 1, id_number=known["id_number"], student_number=told),
            row("enrolments", 2, id_number=None, name="欧阳", student_number=told.lower()),
            row("enrolments", 3, id_number=None, name="欧阳", student_number=f"G{number('2016-01-01', 21)}"),
        ],
    )
    home.take_in()

    report = link_up(home)

    key = home.identity.child_key(known["id_number"])
    assert report.by_student_number == 1
    assert whose(home, "R00002", "enrolments") == [(key, LINKED_ON)]
    # The ID number inside a student number is never read as the child's.
    inside = home.identity.child_key(number("2016-01-01", 21))
    [(stranger, _)] = whose(home, "R00003", "enrolments")
    assert stranger not in (key, inside)
    assert home.identity.reveal(stranger).id_number == ""
    assert home.identity.reveal(inside) is None


def test_a_student_number_made_from_an_adults_number_stands_for_nobody(tmp_path):
    home = county(tmp_path, [child(1, "欧阳晓晨", BORN)])
    told = f"G{number('1990-05-05', 11)}"
    rows = [row("enrolments", 1, id_number=None, name="诸葛晓溪", student_number=told)]
    home.deliver("education/2024-03-25/enrolments.csv", rows)
    home.take_in()

    report = link_up(home)

    assert (report.left, report.new_children) == (1, 0)
    assert store(home).child_of_student_number(told) is None


def test_departments_meet_in_a_child_without_number_in_one_run(tmp_path):
    home = county(tmp_path, [described(1, "司马若兰", BORN)])
    rows = [
        row("enrolments", 1, id_number=None, name="司马若兰", student_number="L330109201506170042"),
        row("enrolments", 2, id_number=None, name="上官云飞", student_number="L330109201401010043"),
    ]
    home.deliver("education/2024-03-25/enrolments.csv", rows)
    home.take_in()

    report = link_up(home)

    [(child_key, _)], [(second, _)] = whose(home, "R00001"), whose(home, "R00001", "enrolments")
    assert second == child_key
    assert report.new_children == 2
    assert store(home).child_of_student_number("L330109201506170042") == child_key
    assert store(home).child_of_student_number("L330109201401010043") not in (None, child_key)


def test_a_number_delivered_later_takes_the_place_of_the_link(tmp_path):
    known, other = child(1, "欧阳晓晨", BORN), child(3, "司马光远", "2014-01-02")
    home = county(tmp_path, [known, other, described(2, "欧阳晓晨", BORN)])
    link_up(home)
    home.deliver("police/2024-06-25/residence.csv", [child(2, "司马光远", "2014-01-02")])
    home.take_in()

    link_up(home, LATER)

    assert [key for key, _ in whose(home, "R00002")] == [
        home.identity.child_key(known["id_number"]), home.identity.child_key(other["id_number"]),
    ]  # fmt: skip
    assert home.identity.link_confidence("residence", "R00002") == 1.0


def test_a_link_can_be_undone_and_made_again(tmp_path):
    known = child(1, "欧阳晓晨", BORN)
    home = county(tmp_path, [known, described(2, "欧阳晓晨", BORN)])
    key = home.identity.child_key(known["id_number"])
    link_up(home)
    pair = the_pair(home).pair

    decide(home, pair, DIFFERENT)
    link_up(home, LATER)

    [_, (stranger, since)] = whose(home, "R00002")
    assert stranger != key
    assert since == LATER
    assert "R00002" not in {record.record_id for record in home.lake.child_records(key)["residence"]}

    decide(home, pair, SAME)
    link_up(home, LATEST)

    assert whose(home, "R00002") == [(key, LINKED_ON), (stranger, LATER), (key, LATEST)]
    assert [(each.verdict, each.decided_by, each.reason) for each in store(home).decisions(pair)] == [
        (DIFFERENT, "林老师", "家访核实"), (SAME, "林老师", "家访核实"),
    ]  # fmt: skip
    assert [each.superseded for each in store(home).history("residence", "R00002")][-2:] == [True, False]


def test_two_children_are_merged_and_parted_again(tmp_path):
    home = county(tmp_path, [described(1, "司马若兰", BORN, sex="female")])
    link_up(home)
    [(without, _)] = whose(home, "R00001")
    later = child(2, "司马若岚", BORN, 12, sex="female")
    home.deliver("police/2024-06-25/residence.csv", [later])
    home.take_in()
    key = home.identity.child_key(later["id_number"])
    link_up(home, LATER)
    [pair] = [each for each in store(home).pairs().values() if each.source is None]
    assert {pair.left_key, pair.right_key} == {without, key}

    decide(home, pair.pair, SAME)
    report = link_up(home, LATER)

    assert report.moved == 1
    assert store(home).merged() == {without: key}
    assert home.identity.people([without, key, "cnobody"]) == [key, key, "cnobody"]
    assert [owner for owner, _ in whose(home, "R00001")] == [without, key]

    decide(home, pair.pair, DIFFERENT)
    link_up(home, LATEST)

    assert store(home).merged() == {}
    assert store(home).merge_history() == [(without, key, LATER), (without, None, LATEST)]
    assert whose(home, "R00001")[-1] == (without, LATEST)
    assert [owner for owner, _ in whose(home, "R00002")] == [key]


def test_records_that_come_after_a_merge_go_to_the_child_that_stayed(tmp_path):
    first, second = child(1, "欧阳晓晨", BORN), child(2, "欧阳晓晨", "2015-06-18")
    home = county(tmp_path, [first, second])
    keys = sorted(home.identity.child_key(each["id_number"]) for each in (first, second))
    told = f"G{first['id_number']}"
    rows = [
        row("enrolments", n, id_number=each["id_number"], student_number=told)
        for n, each in enumerate((first, second))
    ]
    home.deliver("education/2024-03-25/enrolments.csv", rows)
    home.take_in()
    pair = the_pair(home)
    assert (pair.left_key, pair.right_key) == tuple(keys)
    decide(home, pair.pair, SAME)
    link_up(home)
    home.deliver("police/2024-06-25/residence.csv", [
        {**first, "record_id": "R00011"}, {**second, "record_id": "R00012"},
    ])  # fmt: skip

    home.take_in()

    assert {whose(home, "R00011")[-1][0], whose(home, "R00012")[-1][0]} == {keys[0]}


def test_linking_again_changes_nothing(tmp_path):
    home = county(tmp_path, [child(1, "欧阳晓晨", BORN), described(2, "欧阳晓晨", BORN)])
    link_up(home)
    before, ledger = home.records("residence"), home.lake.deliveries()

    report = link_up(home, LATER)

    assert (report.waiting, report.moved) == (0, 0)
    assert home.records("residence") == before
    assert home.lake.deliveries() == ledger


class Interrupted(Exception):
    """What stands for a power cut."""


def test_an_interruption_before_the_lake_is_made_good(tmp_path):
    home = county(tmp_path, [child(1, "欧阳晓晨", BORN), described(2, "欧阳晓晨", BORN)])
    whole = home.lake.append

    def cut(*_):
        raise Interrupted

    home.lake.append = cut
    with pytest.raises(Interrupted):
        link_up(home)
    home.lake.append = whole
    assert whose(home, "R00002") == []

    link_up(home, LATER)

    assert [since for _, since in whose(home, "R00002")] == [LATER]
    assert len(store(home).history("residence", "R00002")) == 1


def test_an_interruption_after_the_lake_is_made_good(tmp_path):
    home = county(tmp_path, [child(1, "欧阳晓晨", BORN), described(2, "欧阳晓晨", BORN)])
    whole = home.lake.compact

    def cut():
        raise Interrupted

    home.lake.compact = cut
    with pytest.raises(Interrupted):
        link_up(home)
    home.lake.compact = whole

    link_up(home)

    assert [since for _, since in whose(home, "R00002")] == [LINKED_ON]
    assert home.identity.unresolved() == ()


def test_a_deletion_by_right_destroys_what_linked_records_said(tmp_path):
    known = child(1, "欧阳晓晨", BORN)
    home = county(tmp_path, [known, described(2, "欧阳晓晨", BORN)])
    key = home.identity.child_key(known["id_number"])
    link_up(home)
    decide(home, the_pair(home).pair, SAME, reason="欧阳晓晨的母亲来电确认")

    home.identity.forget(key, on=LATER)

    assert home.identity.opened_records("linked") == []
    assert [each.reason for each in store(home).decisions()] == [None]
    assert home.identity.forgotten([key]) == {key}


def test_a_student_number_of_a_deleted_child_brings_nobody_back(tmp_path):
    known = child(1, "欧阳晓晨", BORN)
    home = county(tmp_path, [known])
    told = f"G{known['id_number']}"
    home.deliver(
        "education/2024-03-25/enrolments.csv",
        [row("enrolments", 1, id_number=known["id_number"], student_number=told)],
    )
    home.take_in()
    home.identity.forget(home.identity.child_key(known["id_number"]))
    home.deliver(
        "education/2024-06-25/enrolments.csv", [row("enrolments", 2, id_number=None, student_number=told)]
    )
    home.take_in()

    report = link_up(home)

    assert report.deleted == 1
    assert home.identity.unresolved() == ()
    assert whose(home, "R00002", "enrolments") == []


@pytest.mark.parametrize(
    ("verdict", "by", "reason", "says"),
    [
        ("perhaps", "林老师", "核实", "A decision is same or different"),
        (SAME, " ", "核实", "names who made it, and why"),
        (SAME, "林老师", " ", "names who made it, and why"),
    ],
)
def test_a_decision_names_who_and_why(tmp_path, verdict, by, reason, says):
    home = county(tmp_path, [child(1, "欧阳晓晨", BORN), described(2, "欧阳晓晨", BORN)])
    link_up(home)

    with pytest.raises(LinkError, match=says):
        store(home).decide(the_pair(home).pair, verdict, by=by, at=NOON, reason=reason)
    with pytest.raises(LinkError, match="No pair of this name"):
        store(home).decide("none", SAME, by="林老师", at=NOON, reason="核实")
    assert store(home).decisions() == ()


def test_nothing_of_linking_stands_unsealed_on_disk(tmp_path):
    home = county(
        tmp_path,
        [
            child(1, "欧阳晓晨", BORN),
            described(2, "欧阳晓晨", BORN),
            described(3, "司马若兰", "2012-12-12", sex="female"),
        ],
    )
    link_up(home)
    [pair] = [each for each in store(home).pairs().values() if each.record_id == "R00002"]
    decide(home, pair.pair, SAME, reason="诸葛老师核实")

    written = [path for path in tmp_path.rglob("*") if path.is_file() and "deliveries" not in path.parts]

    for secret in ("欧阳晓晨", "司马若兰", "诸葛老师", number(BORN, 11)):
        assert not [path for path in written if secret.encode() in path.read_bytes()]
