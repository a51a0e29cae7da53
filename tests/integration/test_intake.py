"""Deliveries good and bad through the real door: lake, identity store, quarantine and report."""

import json
from datetime import date, timedelta

import pytest

from features.cells import LONGEST_TEXT
from features.intake_report import write_report
from features.sources import SOURCES, source_named
from tests.support_intake import NAME, TODAY, Home, as_csv, id_number, row

FOLDER = "education/2024-03-25"
FILE = f"{FOLDER}/absences.csv"


@pytest.fixture
def home(tmp_path):
    made = Home.at(tmp_path)
    yield made
    made.identity.close()


def test_accepted_rows_reach_the_lake_under_a_pseudonym_with_meanings(home):
    cells = {"occurred_on": "2024年3月1日", "recorded_on": "20240302", "kind": "旷课", "sessions": "2"}
    home.deliver("教育/2024-03-25/缺勤记录.csv", [row("absences", 1, **cells)], encoding="gb18030")

    report = home.take_in()

    assert home.records("absences") == [
        {
            "child_key": home.identity.child_key(id_number(1)),
            "record_id": "R00001",
            "version": 1,
            "occurred_on": date(2024, 3, 1),
            "known_on": date(2024, 3, 25),
            "delivery": home.lake.deliveries()[0].delivery,
            "kind": "unexplained",
            "sessions": 2.0,
            "superseded_on": None,
            "ordinal": 1,
        }
    ]
    assert (report.new_files, report.delivered, report.accepted, report.adds_up) == (1, 1, 1, True)
    assert home.problems() == set()


def test_an_accepted_child_is_remembered_with_name_and_number(home):
    home.deliver(FILE, [row("absences", 1, id_number=f" {id_number(1)} ")])

    home.take_in()

    identity = home.identity.reveal(home.identity.child_key(id_number(1)))
    assert (identity.name, identity.id_number) == (NAME, id_number(1))


def test_a_first_historical_load_was_known_a_declared_delay_after_it_was_recorded(home):
    home.deliver(
        "education/2024-03-25-history/absences.csv",
        [
            row("absences", 1, occurred_on="2022-05-01", recorded_on="2022-05-03"),
            # Seven days after this one was recorded lies after the day on which the file was received.
            row("absences", 2, occurred_on="2024-03-20", recorded_on="2024-03-21"),
        ],
    )

    home.take_in()

    assert [each["known_on"] for each in home.records("absences")] == [date(2022, 5, 10), date(2024, 3, 25)]
    ledger = home.lake.deliveries()[0]
    assert (ledger.heard_from, ledger.heard_to) == (date(2022, 5, 3), date(2024, 3, 25))


def test_a_correction_in_a_later_historical_load_was_not_known_before_it_came(home):
    """Its recorded date is the record's own; taking that for the day we knew would be hindsight."""
    home.deliver(
        "education/2024-03-25-history/absences.csv",
        [row("absences", 1, occurred_on="2022-05-01", recorded_on="2022-05-03", kind="sick")],
    )
    home.deliver(
        "education/2024-06-25-history/absences.csv",
        [
            row("absences", 1, occurred_on="2022-05-01", recorded_on="2022-05-03", kind="unexplained"),
            row("absences", 2, occurred_on="2022-05-01", recorded_on="2022-05-03"),
        ],
    )

    home.take_in()

    first, corrected, new = home.records("absences")
    assert (first["known_on"], first["superseded_on"]) == (date(2022, 5, 10), date(2024, 6, 25))
    assert (corrected["version"], corrected["known_on"]) == (2, date(2024, 6, 25))
    assert (new["version"], new["known_on"]) == (1, date(2022, 5, 10))


def test_a_file_without_a_date_folder_was_received_today(home):
    home.deliver("education/absences.csv", [row("absences", 1)])

    home.take_in(on=date(2024, 4, 2))

    assert home.records("absences")[0]["known_on"] == date(2024, 4, 2)


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"id_number": id_number(3)[:-1] + ("0" if id_number(3)[-1] != "0" else "1")}, "invalid_id_number"),
        ({"id_number": "330109"}, "invalid_id_number"),
        ({"occurred_on": "2024-02-30"}, "impossible_date:occurred_on"),
        ({"occurred_on": ""}, "empty_required:occurred_on"),
        ({"recorded_on": "soon"}, "impossible_date:recorded_on"),
        ({"kind": "4"}, "wrong_code:kind"),
        ({"sessions": "13"}, "out_of_range:sessions"),
        ({"occurred_on": "2024-03-03"}, "recorded_before_occurring"),
        ({"recorded_on": "2024-03-26"}, "recorded_after_receipt"),
        ({"record_id": ""}, "empty_required:record_id"),
        ({"record_id": "9" * (LONGEST_TEXT + 1)}, "unreadable_text:record_id"),
        ({"record_id": f"{NAME}-1"}, "personal_text:record_id"),
        ({"record_id": f"2024-{id_number(3)}"}, "personal_text:record_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_row_is_named_with_file_row_and_rule_and_sealed(home, cells, rule):
    home.deliver(FILE, [row("absences", 1), row("absences", 3, **cells), row("absences", 2)])

    report = home.take_in()

    assert home.problems() == {(FILE, (3,), rule)}
    assert (report.delivered, report.accepted, report.quarantined) == (3, 2, 1)
    assert [each["record_id"] for each in home.records("absences")] == ["R00001", "R00002"]
    [entry] = home.refused()
    assert (entry["file"], entry["row"], entry["rules"][0]) == (FILE, 3, rule)
    assert entry["cells"] == row("absences", 3, **cells)
    assert entry["zh"] != entry["en"]


def test_a_row_with_too_many_cells_is_refused_for_that_alone(home):
    text = as_csv([row("absences", 1), row("absences", 2)]).rstrip() + ",more\r\n"
    home.deliver(FILE, text)

    home.take_in()

    assert home.problems() == {(FILE, (3,), "ragged_row")}
    [entry] = home.refused()
    assert entry["rules"] == ["ragged_row"]
    assert entry["cells"]["cells"][-1] == "more"


def test_a_repeated_row_is_refused_once_and_its_first_copy_accepted(home):
    home.deliver(FILE, [row("absences", 1), row("absences", 2), row("absences", 1, kind="病假")])

    report = home.take_in()

    assert home.problems() == {(FILE, (4,), "duplicate")}
    assert (report.accepted, report.quarantined) == (2, 1)


def test_rows_of_one_file_that_contradict_each_other_are_all_refused(home):
    home.deliver(FILE, [row("absences", 1, kind="1"), row("absences", 2), row("absences", 1, kind="2")])

    home.take_in()

    assert home.problems() == {(FILE, (2, 4), "conflicting_record")}
    assert [each["record_id"] for each in home.records("absences")] == ["R00002"]


def test_a_row_without_id_number_waits_for_a_person(home):
    home.deliver(FILE, [row("absences", 1), row("absences", 2, id_number=None, name="诸葛小明")])

    report = home.take_in()

    assert (report.accepted, report.quarantined, report.unresolved) == (1, 0, 1)
    assert home.problems() == {(FILE, (3,), "no_id_number")}
    [waiting] = home.identity.unresolved()
    assert (waiting.source, waiting.record_id, waiting.masked_name) == ("absences", "R00002", "诸*")
    [(_, _, cells)] = home.identity.unresolved_cells()
    assert cells["name"] == "诸葛小明"


def test_a_record_that_gets_its_id_number_later_leaves_the_waiting_list(home):
    home.deliver(FILE, [row("absences", 2, id_number=None)])
    home.take_in(date(2024, 4, 1))
    home.deliver("education/2024-06-25/absences.csv", [row("absences", 2)])

    report = home.take_in()

    assert home.identity.unresolved() == ()
    assert home.records("absences")[0]["known_on"] == date(2024, 6, 25)
    assert (report.delivered, report.accepted, report.superseded, report.unresolved) == (2, 1, 1, 0)


def test_the_same_file_again_changes_nothing(home):
    home.deliver(FILE, [row("absences", 1), row("absences", 2, kind="?"), row("absences", 3, id_number=None)])
    home.take_in()
    before = {
        path: path.read_bytes() for path in home.root.rglob("*") if path.is_file() and path.suffix != ".html"
    }

    report = home.take_in()

    after = {path: path.read_bytes() for path in before}
    changed = {path.name for path in before if before[path] != after[path]}
    assert changed == {"intake.json"}
    assert (report.new_files, report.known_files) == (0, 1)
    assert (report.delivered, report.accepted, report.quarantined, report.unresolved) == (3, 1, 1, 1)


def test_rows_that_come_again_in_a_later_file_are_refused_as_known(home):
    home.deliver(FILE, [row("absences", 1), row("absences", 2)])
    again = "education/2024-06-25/absences.csv"
    # The same content written otherwise, with a later day of recording.
    home.deliver(
        again, [row("absences", 1, occurred_on="2024/3/1", recorded_on="2024-03-09"), row("absences", 4)]
    )

    report = home.take_in()

    assert home.problems() == {(again, (2,), "already_delivered")}
    assert (report.delivered, report.accepted, report.quarantined) == (4, 3, 1)


def test_a_correction_is_the_next_version_and_supersedes(home):
    home.deliver(FILE, [row("absences", 1, kind="病假")])
    home.take_in(on=date(2024, 4, 1))
    home.deliver("education/2024-06-25/absences.csv", [row("absences", 1, kind="旷课")])

    report = home.take_in()

    assert [
        (each["version"], each["kind"], each["known_on"], each["superseded_on"])
        for each in home.records("absences")
    ] == [
        (1, "sick", date(2024, 3, 25), date(2024, 6, 25)),
        (2, "unexplained", date(2024, 6, 25), None),
    ]
    [line] = [line for line in report.sources if line.source == "absences"]
    assert line.corrections == 1


def test_a_correction_back_to_the_first_content_is_a_version_too(home):
    for day, kind in (("2024-03-25", "病假"), ("2024-04-25", "旷课"), ("2024-05-25", "病假")):
        home.deliver(f"education/{day}/absences.csv", [row("absences", 1, kind=kind)])

    home.take_in()

    assert [(each["version"], each["kind"]) for each in home.records("absences")] == [
        (1, "sick"), (2, "unexplained"), (3, "sick"),
    ]  # fmt: skip


def test_a_file_put_in_the_place_of_another_was_received_when_it_was_found(home):
    home.deliver(FILE, [row("absences", 1, kind="病假")])
    home.take_in(on=date(2024, 4, 1))
    home.deliver(FILE, [row("absences", 1, kind="旷课"), row("absences", 2)])

    home.take_in(on=date(2024, 5, 6))

    assert [(each["record_id"], each["version"], each["known_on"]) for each in home.records("absences")] == [
        ("R00001", 1, date(2024, 3, 25)),
        ("R00001", 2, date(2024, 5, 6)),
        ("R00002", 1, date(2024, 5, 6)),
    ]


def test_a_file_that_an_intake_after_its_day_did_not_find_was_received_when_it_was_found(home):
    """A folder's name alone brings nothing into a past that has been screened and trained on already."""
    home.deliver("education/2024-03-25/absences.csv", [row("absences", 1)])
    home.take_in(date(2024, 7, 1))

    home.deliver("education/2024-06-25/absences.csv", [row("absences", 2)])
    home.deliver("education/2024-06-24-history/absences.csv", [row("absences", 3, recorded_on="2024-03-02")])
    home.deliver("education/2024-07-03/absences.csv", [row("absences", 4)])
    home.take_in(date(2024, 7, 5))

    known = {each["record_id"]: each["known_on"] for each in home.records("absences")}
    delay = timedelta(days=source_named("absences").delay_days)
    assert known == {
        "R00001": date(2024, 3, 25), "R00002": date(2024, 7, 5), "R00003": date(2024, 3, 2) + delay,
        "R00004": date(2024, 7, 3),
    }  # fmt: skip
    assert home.take_in(date(2024, 7, 6)).new_files == 0


def test_a_correction_that_names_another_child_takes_the_record_with_it(home):
    home.deliver(FILE, [row("absences", 1)])
    home.deliver("education/2024-06-25/absences.csv", [row("absences", 1, id_number=id_number(2))])

    home.take_in()

    wrong, right = (home.identity.child_key(id_number(n)) for n in (1, 2))
    assert home.lake.child_records(wrong) == {}
    assert [record.version for record in home.lake.child_records(right)["absences"]] == [2]
    assert home.records("absences")[0]["superseded_on"] == date(2024, 6, 25)


@pytest.mark.parametrize(
    ("content", "rule", "rows"),
    [
        (as_csv([row("absences", 1), row("absences", 2)], {"kind": "类别"}), "missing_column:kind", 2),
        (as_csv([row("absences", 1)]).encode("utf-16"), "wrong_encoding", None),
        ("", "no_titles", 0),
        (as_csv([row("absences", 1)], {"name": "记录编号"}), "ambiguous_column:record_id", 1),
    ],
    ids=["missing column", "encoding", "empty", "column twice"],
)
def test_a_file_that_cannot_be_used_is_quarantined_whole_and_counted(home, content, rule, rows):
    home.deliver(FILE, content)

    report = home.take_in()

    assert home.problems() == {(FILE, (), rule)}
    assert report.adds_up
    assert report.accepted == 0
    assert report.delivered == report.quarantined == len(home.refused())
    assert rows is None or report.delivered == rows
    # The department was not heard: nothing of what it said could be used.
    assert "absences" in home.lake.silent(date(2024, 4, 1))


def test_a_refused_file_is_taken_in_once_a_mapping_explains_it(home):
    home.deliver(FILE, as_csv([row("absences", 1)], {"kind": "类别"}))
    home.take_in()
    home.deliver("mapping.toml", '[absences]\n"类别" = "kind"\n')

    report = home.take_in()

    assert (report.new_files, report.delivered, report.accepted) == (1, 1, 1)
    assert home.problems() == set()
    assert home.refused() == []


def test_a_refused_file_that_was_replaced_is_settled(home):
    home.deliver(FILE, as_csv([row("absences", 1)], {"kind": "类别"}))
    home.take_in()
    home.deliver(FILE, [row("absences", 1)])

    report = home.take_in()

    assert home.problems() == set()
    assert (report.delivered, report.accepted) == (1, 1)


def test_unknown_files_are_named_and_everything_else_is_taken_in(home):
    home.deliver("education/2024-03-25/食堂.csv", "a,b\n1,2\n")
    home.deliver("canteen/meals.csv", "a,b\n1,2\n")
    home.deliver(FILE, [row("absences", 1)])

    report = home.take_in()

    assert home.problems() == {
        ("education/2024-03-25/食堂.csv", (), "unknown_file"),
        ("canteen/meals.csv", (), "unknown_department"),
    }
    assert report.accepted == 1


def test_a_file_that_the_system_will_not_open_is_named(home):
    home.deliver("education/2024-03-25/transfers.csv", [row("transfers", 1)])
    home.deliver("police/2024-03-25/residence.csv", [row("residence", 1)])
    # A file that is there and gives an error when read.
    (home.deliveries / FILE).symlink_to("/proc/self/mem")

    def take_away(text):
        (home.deliveries / "education/2024-03-25/transfers.csv").unlink(missing_ok=True)

    report = home.take_in(progress=take_away)

    assert home.problems() == {
        (FILE, (), "unreadable_file"),
        ("education/2024-03-25/transfers.csv", (), "unreadable_file"),
    }
    assert (report.new_files, report.accepted) == (1, 1)


def test_a_file_with_titles_and_no_rows_means_that_nothing_happened(home):
    home.deliver(FILE, as_csv([row("absences", 1)]).splitlines()[0])

    report = home.take_in()

    assert (report.new_files, report.delivered) == (1, 0)
    assert "absences" not in home.lake.silent(date(2024, 4, 1))
    assert home.lake.records_file("absences") is not None


def test_an_empty_file_beside_a_full_one_changes_nothing_for_it(home):
    home.deliver(FILE, as_csv([row("absences", 1)]).splitlines()[0])
    home.deliver(
        "education/2024-06-25/absences.csv", [row("absences", 1), row("absences", 1), row("absences", 2)]
    )

    report = home.take_in()

    assert home.problems() == {("education/2024-06-25/absences.csv", (3,), "duplicate")}
    assert (report.new_files, report.accepted) == (2, 2)


def test_a_department_whose_every_row_was_refused_was_not_heard(home):
    home.deliver(FILE, [row("absences", 1, kind="x")])

    home.take_in()

    assert "absences" in home.lake.silent(date(2024, 4, 1))


def test_a_record_written_down_late_is_accepted_and_counted(home):
    home.deliver(
        FILE,
        [
            row("absences", 1, occurred_on="2023-12-01", recorded_on="2024-02-29"),
            row("absences", 2, occurred_on="2023-12-01", recorded_on="2024-03-01"),
        ],
    )

    report = home.take_in()

    [line] = [line for line in report.sources if line.source == "absences"]
    assert (line.accepted, line.late) == (2, 1)


def test_rows_of_a_child_deleted_by_right_are_counted_and_not_kept(home):
    home.identity.forget(home.identity.child_key(id_number(1)), TODAY)
    home.deliver(FILE, [row("absences", 1), row("absences", 2)])

    report = home.take_in()

    assert home.problems() == {(FILE, (2,), "deleted_by_right")}
    assert (report.accepted, report.quarantined) == (1, 1)
    assert [entry["cells"] for entry in home.refused()] == [None]
    assert home.identity.reveal(home.identity.child_key(id_number(1))) is None


def test_parquet_deliveries_are_taken_in_like_csv(home):
    file = home.deliver(
        "education/2024-03-25/absences.parquet", [row("absences", 1), row("absences", 2, kind="?")]
    )

    home.take_in()

    assert home.problems() == {(file, (2,), "wrong_code:kind")}
    assert len(home.records("absences")) == 1


def test_the_report_tells_how_fresh_each_source_is_and_how_its_size_changed(home):
    home.deliver(FILE, [row("absences", n) for n in range(1, 4)])
    home.deliver("education/2024-06-25/absences.csv", [row("absences", 7)])

    report = home.take_in()

    lines = {line.source: line for line in report.sources}
    absences = lines["absences"]
    assert (absences.last_heard, absences.days_since, absences.silent) == (date(2024, 6, 25), 6, False)
    assert (absences.newest, absences.before) == (1, 3)
    never = lines["residence"]
    assert (never.last_heard, never.days_since, never.silent, never.newest) == (None, None, True, None)


def test_the_report_page_needs_nothing_else_and_speaks_both_languages(home):
    home.deliver(FILE, [row("absences", 1), row("absences", 2, kind="x")])

    report = home.take_in()

    page = (home.root / "reports" / "intake.html").read_text(encoding="utf-8")
    for words in (
        "数据接收报告",
        "Intake report",
        FILE,
        "“缺勤类型”不在约定的代码之内",
        "is none of the agreed codes",
    ):
        assert words in page
    for link in ("http://", "https://", "<script", "src=", "url("):
        assert link not in page
    kept = json.loads((home.root / "reports" / "intake.json").read_text(encoding="utf-8"))
    assert kept["quarantined"] == 1
    assert write_report(report, home.root / "elsewhere")[1].read_text(encoding="utf-8") == page


def test_the_console_summary_says_the_same_in_both_languages(home):
    home.deliver(FILE, [row("absences", 1), row("absences", 2, kind="x"), row("absences", 3, id_number="")])
    home.deliver("education/2024-03-25/食堂.csv", "a\n")

    report = home.take_in()

    english, chinese = "\n".join(report.summary_lines("en")), "\n".join(report.summary_lines("zh"))
    assert "3 rows = 1 accepted + 1 quarantined + 1 unresolved" in english
    assert "投递 3 行 = 接收 1 + 隔离 1 + 待认人 1" in chinese
    assert "files that could not be taken in: 1 (0 quarantined whole)" in english
    assert "无法接收的文件：1 个" in chinese
    silent = len([source for source in SOURCES if source.department.value != "review"]) - 1
    assert f"and {silent - 4} more" in english
    assert f"等 {silent} 个来源表" in chinese
