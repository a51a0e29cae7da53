"""Children a department has seen and the roster does not hold are listed, by what was known before a date."""

import csv
import json
from datetime import date

import pytest

from features.jurisdiction import load_profile
from features.language import Text
from features.roster import roster_gaps, write_roster
from tests.support_intake import Home, id_number, row

AS_OF = date(2024, 7, 1)
AREAS = {"330109001": Text("北干街道", "Beigan")}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One child registered, one at school and at the doctor's only, one last seen long ago, one known too late."""
    home = Home.at(tmp_path_factory.mktemp("home"))
    here = {"area_code": "330109001001", "hukou_area": "341225", "arrived_on": "2020-01-01", "left_on": None}
    registered = [
        row("residence", 1, **here),
        row("residence", 5, **{**here, "area_code": "330109"}),
        row("residence", 6, **{**here, "area_code": "330109999001"}),
    ]
    home.deliver("police/2024-03-25/residence.csv", registered)
    home.deliver(
        "education/2024-03-25/enrolments.csv", [row("enrolments", 1), row("enrolments", 2, name="司马若兰")]
    )
    visits = [
        row("visits", 2, name="司马若兰"),
        row("visits", 3, occurred_on="2021-03-01", recorded_on="2021-03-02"),
    ]
    home.deliver("health/2024-03-25/visits.csv", visits)
    home.deliver("health/2024-06-30/checkups.csv", [row("checkups", 4)])
    home.take_in()
    return home


def gaps(home, as_of=AS_OF, areas=AREAS):
    profile = load_profile("hangzhou")
    return roster_gaps(home.lake, home.identity, profile, areas, as_of, simulated=False)


def test_who_is_seen_and_not_registered_is_listed_with_who_saw_it_and_when(home):
    report = gaps(home)

    assert report.on_roster == 3
    four, two = sorted(report.unlisted, key=lambda each: each.departments)[::-1]
    assert {four.child_key, two.child_key} == {home.identity.child_key(id_number(n)) for n in (2, 4)}
    two = next(each for each in report.unlisted if each.on_school_roll)
    assert (two.name, two.departments, two.sources) == (
        "司*",
        ("education", "health"),
        ("enrolments", "visits"),
    )
    assert (two.records, two.first_seen, two.last_seen) == (2, date(2024, 3, 1), date(2024, 3, 1))
    assert report.by_department == {"health": 2, "education": 1}
    assert report.by_area == {"": 2}


def test_what_was_not_known_before_the_date_is_not_seen(home):
    report = gaps(home, date(2024, 6, 30))

    assert [each.on_school_roll for each in report.unlisted] == [True]


def test_an_area_that_says_too_little_or_that_the_table_lacks_is_listed(home):
    found = {each.area_code: each.why for each in gaps(home).no_area}

    assert found == {"330109": "too_short", "330109999001": "unknown_code"}
    assert {each.area_code for each in gaps(home, areas={}).no_area} == {"330109"}


def test_the_files_hold_masked_names_and_no_number(home, tmp_path):
    table, kept, page = write_roster(gaps(home), AREAS, tmp_path)

    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 2
    assert json.loads(kept.read_text(encoding="utf-8"))["by_department"] == {"health": 2, "education": 1}
    text = page.read_text(encoding="utf-8")
    assert "底数核对" in text
    assert "not on the roster" in text
    for path in (table, kept, page):
        written = path.read_text(encoding="utf-8-sig")
        assert "司马若兰" not in written
        assert id_number(2) not in written
    assert "http" not in text
