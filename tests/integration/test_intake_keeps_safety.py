"""A safety fact comes through, whatever else its row says that cannot be read."""

from datetime import date, timedelta

import pytest

from features.link_store import Link
from features.linked_records import from_cells
from features.unread import DAYS, Unread, numbers_by_source, unread_dangers
from features.waiting import in_waiting
from serving.triggers import trigger_hits
from tests.support_instruments import compact, form
from tests.support_intake import TODAY, Home, as_csv, row

FILE = "education/2024-03-25/instrument_results.csv"
COUNSELLING = "education/2024-03-25/counsellor_visits.csv"
WEEK_AFTER = date(2024, 4, 1)


def instrument(n: int, **cells: str | None) -> dict[str, str | None]:
    told = {"instrument": "phq9", "informant": "self"} | cells
    blank = dict.fromkeys(("norms", "pupil_age", "answers", "validity_passed", "total", "safety_item"))
    return row("instrument_results", n, **(blank | told))


def fired(home: Home) -> set[tuple[str, str]]:
    """(trigger, record) of every hard trigger, as the queue asks a week after the delivery."""
    hits = trigger_hits(home.lake.tables(), WEEK_AFTER, WEEK_AFTER)
    return {(hit.trigger.name, hit.record_id) for hit in hits}


@pytest.mark.parametrize(
    "spoilt",
    [
        {"pupil_age": "十岁"},
        {"pupil_age": "99"},
        {"norms": "nobody's"},
        {"total": "many"},
        {"informant": "邻居"},
        {"instrument": None},
    ],
    ids=lambda cells: next(iter(cells)),
)
def test_a_safety_item_fires_beside_a_cell_that_cannot_be_read(tmp_path, spoilt):
    home = Home.at(tmp_path)
    home.deliver(FILE, [instrument(1, safety_item="是", **spoilt), instrument(2, safety_item="否", **spoilt)])

    report = home.take_in()

    assert (report.accepted, report.quarantined) == (1, 1)
    assert fired(home) == {("safety_item_in_instrument", "R00001")}
    [record] = home.records("instrument_results")
    assert all(record[name] is None for name in set(spoilt) & set(record))
    [line] = [each for each in report.sources if each.source == "instrument_results"]
    assert line.warnings == {"safety_kept": 1}


def test_a_safety_item_found_in_answers_fires_beside_a_cell_that_cannot_be_read(tmp_path):
    home = Home.at(tmp_path)
    home.deliver(FILE, [instrument(1, answers=compact(form("phq9", 1, i9=2)), pupil_age="?")])

    home.take_in()

    assert fired(home) == {("safety_item_in_instrument", "R00001")}


def test_a_safety_fact_of_nobody_known_is_found_among_what_waits(tmp_path):
    """Without a number, with a guardian's in its place, or with none that is valid; not one that is harmless."""
    home = Home.at(tmp_path)
    numbers = (None, "330109198005124018", "330109201605124012")
    told = [
        row("counsellor_visits", n, id_number=number, safety_item="是") for n, number in enumerate(numbers, 1)
    ]
    home.deliver(COUNSELLING, [*told, row("counsellor_visits", 9, id_number=None, safety_item="否")])
    home.take_in()

    hits = trigger_hits(in_waiting(home.identity), WEEK_AFTER, WEEK_AFTER)

    assert fired(home) == set()
    assert {hit.record_id for hit in hits} == {"R00001", "R00002", "R00003"}
    assert {hit.child_key for hit in hits} == {
        home.identity.key_without_number("counsellor_visits", record)
        for record in ("R00001", "R00002", "R00003")
    }


def test_a_child_deleted_by_right_that_is_in_danger_since_is_told_of(tmp_path):
    """The row stays out; that somebody must look today is said. What was known before the deletion is not."""
    home = Home.at(tmp_path)
    home.identity.forget(
        home.identity.child_key(str(row("grid_reports")["id_number"])), date(2024, 5, 1), "母亲来信"
    )
    told = {"id_number": row("grid_reports")["id_number"], "kind": "abuse", "verified": "open"}
    file = home.deliver(
        "grid/2024-06-25/grid_reports.csv",
        [
            row("grid_reports", 1, **told, occurred_on="2024-04-30", recorded_on="2024-05-02"),
            row("grid_reports", 2, **told, occurred_on="2024-05-20", recorded_on="2024-05-20"),
        ],
    )

    report = home.take_in()

    assert (report.accepted, report.quarantined) == (0, 2)
    assert (file, (3,), "safety_in_refused_row") in home.problems()
    assert all(entry["cells"] is None for entry in home.refused())


def test_a_row_whose_day_cannot_be_read_is_refused_and_the_report_says_what_it_carries(tmp_path):
    home = Home.at(tmp_path)
    rows = [
        row("counsellor_visits", 1, safety_item="是", occurred_on="昨天"),
        row("counsellor_visits", 2, safety_item="否", occurred_on="昨天"),
    ]
    file = home.deliver(COUNSELLING, rows)

    report = home.take_in()

    assert (report.accepted, report.quarantined) == (0, 2)
    assert home.problems() == {
        (file, (2,), "safety_in_refused_row"),
        (file, (2, 3), "impossible_date:occurred_on"),
    }
    assert any("safety fact: 1;" in line for line in report.summary_lines("en"))
    assert any("可能含安全事实的行：1 行" in line for line in report.summary_lines("zh"))


def test_where_a_person_must_look_is_told_for_thirty_days_and_no_cell_of_it(tmp_path):
    home = Home.at(tmp_path)
    told = [
        row("counsellor_visits", n, safety_item=said, occurred_on="昨天")
        for n, said in ((1, "是"), (2, "否"))
    ]
    file = home.deliver(COUNSELLING, told)
    home.take_in()
    came = date(2024, 3, 25)
    folder = home.root / "quarantine"

    found = unread_dangers(folder, came)

    assert found == (Unread("counsellor_visits", file, (2,), came),)
    assert numbers_by_source((*found, Unread("grid_reports", "x", (), came))) == {
        "counsellor_visits": 1, "grid_reports": 1,
    }  # fmt: skip
    assert unread_dangers(folder, came + timedelta(days=DAYS - 1)) == found
    assert unread_dangers(folder, came + timedelta(days=DAYS)) == ()


def test_what_cannot_be_told_apart_at_all_may_carry_a_safety_fact(tmp_path):
    """A row with a cell too many, and a file that cannot be taken in: a report of abuse may stand in either."""
    home = Home.at(tmp_path)
    text = as_csv([row("grid_reports", 1, kind="abuse", verified="open")]).splitlines()
    ragged = home.deliver("grid/2024-03-25/grid_reports.csv", "\n".join([text[0], f"{text[1]},x"]))
    without = [{name: cell for name, cell in row("admonitions").items() if name != "record_id"}]
    whole = home.deliver("police/2024-03-25/admonitions.csv", without)
    harmless = [{name: cell for name, cell in row("absences").items() if name != "record_id"}]
    home.deliver("education/2024-03-25/absences.csv", harmless)

    report = home.take_in()

    told = {(file, rows) for file, rows, rule in home.problems() if rule == "safety_in_refused_row"}
    assert told == {(ragged, (2,)), (whole, ())}
    assert any("safety fact: 1;" in line for line in report.summary_lines("en"))
    assert any("refused whole that may carry safety facts: 1;" in line for line in report.summary_lines("en"))
    assert any("可能含安全事实的文件：1 个" in line for line in report.summary_lines("zh"))


def test_a_row_said_twice_is_not_said_to_carry_anything(tmp_path):
    home = Home.at(tmp_path)
    once = row("counsellor_visits", 1, safety_item="是")
    home.deliver(COUNSELLING, [once, once])

    home.take_in()

    assert {rule for _, _, rule in home.problems()} == {"duplicate"}
    assert fired(home) == {("safety_item", "R00001")}


def test_a_row_of_a_source_without_safety_facts_is_refused_as_before(tmp_path):
    home = Home.at(tmp_path)
    home.deliver("education/2024-03-25/absences.csv", [row("absences", 1, kind="sailing")])

    assert home.take_in().quarantined == 1


def test_a_kept_row_without_a_number_waits_and_comes_in_when_its_child_is_found(tmp_path):
    home = Home.at(tmp_path)
    home.deliver(COUNSELLING, [row("counsellor_visits", 1, safety_item="是", level="高", id_number=None)])

    report = home.take_in()

    [waiting] = home.identity.waiting()
    link = Link("counsellor_visits", "R00001", "child", 1.0, "a person", TODAY)
    [linked] = from_cells([(waiting, link)])["counsellor_visits"].to_dict("records")
    assert (report.unresolved, report.quarantined) == (1, 0)
    assert (linked["level"], linked["safety_item"]) == (None, "yes")


def test_a_row_whose_safety_fact_itself_cannot_be_read_is_named_in_the_report(tmp_path):
    home = Home.at(tmp_path)
    grid = [
        row("grid_reports", 1, kind="abuse", verified="?"),
        row("grid_reports", 2, kind="hardship", verified="?"),
    ]
    file = home.deliver("grid/2024-03-25/grid_reports.csv", grid)

    home.take_in()

    assert (file, (2,), "safety_in_refused_row") in home.problems()
    assert fired(home) == set()
