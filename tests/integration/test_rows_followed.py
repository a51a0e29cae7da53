"""Rows without a number are followed until their child is known, and the report says where each is."""

import json
from datetime import UTC, date, datetime

from features.intake_report import report_again
from features.link_store import SAME
from tests.support_intake import row
from tests.support_linkage import LINKED_ON, child, county, described, link_up, number, store

BORN = "2015-06-17"
LATER = date(2024, 8, 1)
NOON = datetime(2024, 7, 15, 12, 0, tzinfo=UTC)


def again(home, on=LINKED_ON):
    return report_again(home.lake, home.identity, home.root / "quarantine", home.root / "reports", on)


def line(report, source="residence"):
    [found] = [each for each in report.sources if each.source == source]
    return found


def test_a_row_linked_later_is_counted_as_found_and_no_longer_as_waiting(tmp_path):
    rows = [child(1, "欧阳晓晨", BORN), described(2, "欧阳晓晨", BORN), described(3, None, "2013-09-09")]
    home = county(tmp_path, rows)
    taken_in = line(home.take_in())
    assert (taken_in.linked, taken_in.unresolved) == (0, 2)

    link_up(home)
    report = again(home)

    assert (line(report).linked, line(report).unresolved) == (1, 1)
    assert report.adds_up
    assert report.equation("en") == "15 rows = 13 accepted + 0 quarantined + 1 linked later + 1 unresolved"
    assert report.equation("zh") == "投递 15 行 = 接收 13 + 隔离 0 + 事后认到儿童 1 + 待认人 1"
    written = json.loads((home.root / "reports" / "intake.json").read_text(encoding="utf-8"))
    assert (written["linked"], written["unresolved"], written["adds_up"]) == (1, 1, True)


def test_an_intake_after_linking_says_the_same_as_the_report_written_by_linking(tmp_path):
    home = county(tmp_path, [child(1, "欧阳晓晨", BORN), described(2, "欧阳晓晨", BORN)])
    link_up(home)
    by_linking = again(home)

    by_intake = home.take_in(LINKED_ON)

    assert by_intake.sources == by_linking.sources
    assert by_intake.problems == by_linking.problems


def test_a_row_told_again_without_number_counts_once_as_waiting(tmp_path):
    home = county(tmp_path, [described(2, None, "2013-09-09")])
    home.deliver("police/2024-06-25/residence.csv", [described(2, None, "2013-09-09", sex="female")])

    report = home.take_in()

    assert (line(report).superseded, line(report).unresolved) == (1, 1)
    assert report.adds_up


def test_a_row_refused_for_its_number_and_found_by_a_person_stays_refused_and_is_said_to_be_found(tmp_path):
    right = number(BORN, 11)
    swapped = right[:14] + right[15] + right[14] + right[16:]
    home = county(tmp_path, [child(1, "欧阳晓晨", BORN), described(2, "欧阳晓晨", BORN, id_number=swapped)])
    link_up(home)
    [pair] = store(home).pairs()
    store(home).decide(pair, SAME, by="林老师", at=NOON, reason="核实")
    link_up(home, LATER)

    found = line(again(home, LATER))

    assert (found.quarantined, found.linked, found.found_refused, found.unresolved) == (1, 0, 1, 0)


def test_a_link_taken_back_waits_again(tmp_path):
    home = county(tmp_path, [child(1, "欧阳晓晨", BORN), described(2, "欧阳晓晨", BORN)])
    link_up(home)
    [pair] = store(home).pairs()
    store(home).decide(pair, "different", by="林老师", at=NOON, reason="核实")
    link_up(home, LATER)

    report = again(home, LATER)

    # Nobody else is near: it has become a child of its own.
    assert line(report).linked + line(report).unresolved == 1
    assert report.adds_up


def test_there_is_no_report_to_write_again_before_the_first_intake(tmp_path):
    home = county(tmp_path, [])
    (home.root / "reports" / "intake.json").unlink()

    assert again(home) is None


def test_the_second_run_of_linking_finds_nothing_the_first_could_have_found(tmp_path):
    # The enrolment makes the child's birth date known under a name, by which the residence is found.
    told = "L330109201506170042"
    home = county(tmp_path, [described(1, "司马若兰", BORN)])
    rows = [
        row("enrolments", 1, id_number=None, name="司马若兰", student_number=told),
        row("enrolments", 2, id_number=None, name="若兰兰", student_number=told),
    ]
    home.deliver("education/2024-03-25/enrolments.csv", rows)
    home.take_in()

    first = link_up(home)
    before = home.records("enrolments")
    second = link_up(home, LATER)

    assert (first.waiting, first.linked, first.left) == (3, 3, 0)
    assert (second.waiting, second.linked) == (0, 0)
    assert home.records("enrolments") == before
