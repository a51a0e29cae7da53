"""The simulated county's deliveries: what departments would send, with the mistakes they would make."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest
from stdnum.cn import ric

from features.language import Department, Kind
from features.person_numbers import IdentityError, is_adults, normalise_id_number
from features.synthetic import PRESETS, CountyError, latest_round_end, write_county
from features.synthetic.exports import COLUMN_LACKING, FILE_LACKING, date_form, delivered_forms
from tests.support_county import DELIVERING, UNTIL, read_files, small_county, written_county

FLAG_FORMS = {"是", "否", "1", "0", "Y", "N", "yes", "no", ""}
# One file lacks its recording dates; what is said of dates leaves it out.
DATE_FORMS = {
    Department.POLICE: r"\d{4}/\d{1,2}/\d{1,2}",
    Department.EDUCATION: r"\d{4}-\d{2}-\d{2}",
    Department.HEALTH: r"\d{8}",
    Department.CIVIL_AFFAIRS: r"\d{4}年\d{1,2}月\d{1,2}日",
    Department.INSURANCE: r"\d{4}/\d{1,2}/\d{1,2}|\d{4}-\d{2}-\d{2}|\d{8}",
}


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return written_county(tmp_path_factory.mktemp("county"), children=500, years=3)


@pytest.fixture(scope="module")
def files(county):
    return [file for file in read_files(county.deliveries) if file.source is not None]


def day_of(text):
    """A date in any form, or None if it is empty or none that exists."""
    numbers = re.findall(r"\d+", text)
    if len(numbers) == 1 and len(numbers[0]) == 8:
        numbers = [numbers[0][:4], numbers[0][4:6], numbers[0][6:]]
    try:
        return date(*(int(number) for number in numbers))
    except (TypeError, ValueError):
        return None


def is_valid(number):
    """By digits, date and check digit: adults' numbers were issued by districts of their day."""
    try:
        return bool(normalise_id_number(number))
    except IdentityError:
        return False


def bytes_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_arguments_write_the_same_bytes(tmp_path):
    first, second = small_county(tmp_path / "one"), small_county(tmp_path / "two")

    assert first.summary == second.summary
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_another_seed_writes_another_county(tmp_path):
    first, second = small_county(tmp_path / "one"), small_county(tmp_path / "two", seed=8)

    assert bytes_of(first.deliveries) != bytes_of(second.deliveries)


def test_every_department_delivers_a_history_and_then_quarters(files):
    for source in DELIVERING:
        own = [file for file in files if file.source is source]
        histories = [file for file in own if file.history]
        later = [file.received_on for file in own if not file.history]

        assert len(histories) == 1
        assert histories[0].received_on < min(later)
        assert max(later) == UNTIL - timedelta(days=6)


def test_the_history_comes_at_about_half_the_span(county, files):
    middle = county.summary.start + (UNTIL - county.summary.start) / 2

    assert {abs((file.received_on - middle).days) <= 15 for file in files if file.history} == {True}


def test_one_department_misses_three_deliveries_in_a_row(files):
    heard = sorted({file.received_on for file in files if file.department is Department.HOUSING})
    others = sorted({file.received_on for file in files if file.department is Department.POLICE})

    assert len(others) - len(heard) == 3
    assert (heard[-1] - heard[-2]).days > DELIVERING[0].silent_after_days


def test_titles_are_declared_and_one_file_lacks_a_required_one(files):
    lacking = []
    for file in files:
        for column in file.source.delivered_columns:
            titles = {column.title.zh, *column.aliases} & set(file.titles)
            if not titles:
                lacking.append((file.source.name, column.name))
            assert len(titles) <= 1
        declared = {
            title for column in file.source.delivered_columns for title in (column.title.zh, *column.aliases)
        }
        assert set(file.titles) <= declared

    assert lacking == [(FILE_LACKING.name, COLUMN_LACKING)]


def test_some_titles_are_aliases(files):
    spoken = {
        title
        for file in files
        for column in file.source.delivered_columns
        for title in file.titles
        if title in column.aliases
    }

    assert {"身份证号", "缺课日期", "ICD-10类目段"} <= spoken


def test_one_file_is_of_no_declared_source(county):
    unknown = [file for file in read_files(county.deliveries) if file.source is None]

    assert [file.department for file in unknown] == [Department.EDUCATION]


def test_undeclared_codes_are_exactly_the_planted_ones(county, files):
    unknown = 0
    for file in files:
        for column in file.source.delivered_columns:
            if column.kind is not Kind.CODE:
                continue
            forms = {form for code in column.codes for form in delivered_forms(code)}
            assert forms <= {form for code in column.codes for form in code.forms}
            unknown += sum(cell not in forms and cell != "" for cell in file.column(column.name))

    assert unknown == county.summary.spoiled["unknown_code"] > 0


def test_flags_are_written_in_known_forms(files):
    for file in files:
        for column in file.source.delivered_columns:
            if column.kind is Kind.FLAG:
                assert set(file.column(column.name)) <= FLAG_FORMS


def test_invalid_id_numbers_are_exactly_the_planted_ones(county, files):
    numbers = [number for file in files for number in file.column("id_number") if number]
    invalid = sum(not is_valid(number) for number in numbers)

    assert invalid == county.summary.spoiled["invalid_id_number"] > 0


def test_id_numbers_agree_with_birth_and_sex(files):
    checked = 0
    for file in files:
        if file.source.name != "residence":
            continue
        for number, sex, born in zip(
            file.column("id_number"), file.column("sex"), file.column("birth_on"), strict=True
        ):
            if (
                not is_valid(number)
                or is_adults(number, file.received_on)
                or sex not in ("1", "2", "男", "女")
                or not born
            ):
                continue
            checked += 1
            assert day_of(born) == ric.get_birth_date(number)
    assert checked > 500


def test_a_few_children_have_no_id_number(files):
    numbers = [number for file in files for number in file.column("id_number")]

    assert 0 < sum(number == "" for number in numbers) / len(numbers) < 0.03


def test_departments_write_in_their_own_encoding_and_container(files):
    for file in files:
        raw = file.path.read_bytes()
        if file.source.name in ("visits", "insurance", "large_bills"):
            assert raw.startswith(b"PAR1")
        elif file.department in (Department.POLICE, Department.CIVIL_AFFAIRS, Department.COURT):
            with pytest.raises(UnicodeDecodeError):
                raw.decode("utf-8")
            raw.decode("gb18030")
        elif file.department is Department.EDUCATION:
            assert raw.startswith(b"\xef\xbb\xbf")
        else:
            raw.decode("utf-8" if file.department is not Department.HOUSING else "gb18030")


def test_departments_write_dates_in_their_own_form(files):
    for file in files:
        form = DATE_FORMS.get(file.department)
        if form:
            assert all(re.fullmatch(form, cell) for cell in file.column("occurred_on") if cell)


def test_dates_that_do_not_exist_or_lie_ahead_are_exactly_the_planted_ones(county, files):
    cells = [cell for file in files for cell in file.column("occurred_on") if cell]
    impossible = sum((day := day_of(cell)) is None or day > UNTIL for cell in cells)

    assert impossible == county.summary.spoiled["impossible_date"] > 0


def test_nothing_is_delivered_before_it_happened_and_was_written_down(files):
    checked = 0
    for file in files:
        if file.source is FILE_LACKING:
            continue
        for happened, noted in zip(file.column("occurred_on"), file.column("recorded_on"), strict=True):
            occurred_on, recorded_on = day_of(happened), day_of(noted)
            if occurred_on is None or recorded_on is None or occurred_on > UNTIL:
                continue
            checked += 1
            assert occurred_on <= recorded_on <= file.received_on
    assert checked > 10_000


def test_nothing_was_written_down_before_the_records_begin(county, files):
    earliest = min(
        day
        for file in files
        if file.source is not FILE_LACKING
        for cell in file.column("recorded_on")
        if (day := day_of(cell)) is not None
    )

    assert earliest >= county.summary.start


def test_numbers_outside_their_range_are_exactly_the_planted_ones(county, files):
    outside = 0
    for file in files:
        for column in file.source.delivered_columns:
            if column.kind not in (Kind.INTEGER, Kind.NUMBER):
                continue
            for cell in file.column(column.name):
                low = column.minimum is not None and cell != "" and float(cell) < column.minimum
                high = column.maximum is not None and cell != "" and float(cell) > column.maximum
                outside += low or high

    assert outside == county.summary.spoiled["out_of_range"] > 0


def test_empty_required_cells_are_exactly_the_planted_ones(county, files):
    empty = sum(
        cell == ""
        for file in files
        for column in file.source.delivered_columns
        if column.required and not (file.source is FILE_LACKING and column.name == COLUMN_LACKING)
        for cell in file.column(column.name)
    )
    lost = county.summary.spoiled["missing_cell"] - empty

    assert empty > 0
    # At most the few emptied in the column that one file then came without.
    assert 0 <= lost <= 2


def test_a_record_given_twice_is_a_duplicate_in_one_file_or_a_correction_in_a_later_one(county, files):
    repeated = corrections = 0
    for source in DELIVERING:
        first: dict[str, date] = {}
        for file in sorted(
            (file for file in files if file.source is source), key=lambda file: file.received_on
        ):
            counts = Counter(number for number in file.column("record_id") if number)
            repeated += sum(count - 1 for count in counts.values())
            corrections += sum(number in first for number in counts)
            first |= dict.fromkeys(counts, file.received_on)

    assert repeated == county.summary.spoiled["duplicated"] > 0
    # A correction with its record number emptied cannot be told from a new record.
    assert 0 <= county.summary.corrected - corrections <= 0.01 * county.summary.corrected + 1


def test_mistakes_are_about_one_row_in_a_hundred(county):
    rows, spoiled = sum(county.summary.rows.values()), county.summary.spoiled

    assert 0.005 < sum(spoiled.values()) / rows < 0.015
    for kind in ("missing_cell", "unknown_code", "impossible_date", "invalid_id_number", "duplicated"):
        planned = getattr(PRESETS["base"].paperwork, kind)
        assert 0.4 * planned < spoiled[kind] / rows < 1.6 * planned


def test_some_records_come_late_and_some_are_corrected(county):
    rows = sum(county.summary.rows.values())

    assert 0.005 < county.summary.late / rows < 0.03
    assert 0.005 < county.summary.corrected / rows < 0.04


def test_the_summary_counts_the_rows_that_lie_there(county, files):
    assert sum(county.summary.rows.values()) == sum(len(file.rows) for file in files)
    assert county.summary.files == len(files) + 1
    assert "simulated" in str(county.summary)


def test_nothing_of_the_truth_is_among_the_deliveries(county):
    hidden = ("severity", "risk", "chance", "household", "standing", "latent", "严重", "概率", "风险")
    titles = {title for file in read_files(county.deliveries) for title in file.titles}
    names = {path.name for path in county.deliveries.rglob("*")}

    assert not [title for title in titles if any(word in title.lower() for word in hidden)]
    assert not names & {path.name for path in county.truth.iterdir()}


def test_homes_lie_in_the_county_and_most_families_come_from_others(files):
    homes, origins = [], []
    for file in files:
        if file.source.name == "residence":
            homes += [cell for cell in file.column("area_code") if cell]
            origins += [cell for cell in file.column("hukou_area") if cell]

    assert all(re.fullmatch(r"330109\d{6}", home) for home in homes)
    outside = sum(origin[:4] != "3301" for origin in origins) / len(origins)
    assert 0.78 < outside < 0.92
    assert {"330109", "330106"} <= set(origins)


def test_a_folder_that_holds_something_is_refused(tmp_path):
    (tmp_path / "deliveries").mkdir()
    (tmp_path / "deliveries" / "readme").write_text("kept")

    with pytest.raises(CountyError, match="empty folder"):
        small_county(tmp_path)
    assert [path.name for path in (tmp_path / "deliveries").iterdir()] == ["readme"]


@pytest.mark.parametrize(("children", "years"), [(0, 2), (10, 0)])
def test_a_county_of_nobody_or_no_time_is_refused(tmp_path, children, years):
    with pytest.raises(CountyError, match="at least one"):
        write_county(
            tmp_path / "d", tmp_path / "t", PRESETS["base"], children, years, UNTIL, 7, lambda _: None
        )


def test_progress_is_told_for_every_department(tmp_path):
    told = []

    write_county(tmp_path / "d", tmp_path / "t", PRESETS["low"], 30, 1, UNTIL, 7, told.append)

    for department in Department:
        if department is not Department.REVIEW:
            assert [line for line in told if line.startswith(department.title.en)]


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2026, 11, 21), date(2026, 10, 31)),
        (date(2026, 10, 31), date(2026, 10, 31)),
        (date(2026, 10, 30), date(2026, 4, 30)),
        (date(2026, 4, 30), date(2026, 4, 30)),
        (date(2026, 4, 29), date(2025, 10, 31)),
        (date(2026, 1, 1), date(2025, 10, 31)),
    ],
)
def test_the_latest_round_ends_with_april_or_october(today, end):
    assert latest_round_end(today) == end


def test_a_mixed_department_changes_its_dates_from_row_to_row():
    from features.synthetic.exports import STYLES

    style = STYLES[Department.INSURANCE]

    assert [date_form(style, row) for row in range(3)] == ["slash", "dash", "plain"]
