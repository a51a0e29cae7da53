"""A table from its file, its cells as numbers, and a sentence for everything that is not as declared."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.external.entry import TableError, code
from evaluation.external.reading import codes, read_table, table_hash
from evaluation.external.values import label_of, values_of
from tests.support_tables import changed, declared, survey, values, written


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_says_the_same_whatever_separates_its_columns(tmp_path: Path, separator: str) -> None:
    frame = survey(300)
    path = written(frame, tmp_path / "survey.csv", sep=separator, encoding="utf-8-sig")

    read = values(frame=read_table(path, declared()))

    pd.testing.assert_frame_equal(read.columns, values(frame=frame).columns)


@pytest.mark.parametrize("ending", ["csv.gz", "parquet", "dta"])
def test_every_format_gives_the_same_numbers(tmp_path: Path, ending: str) -> None:
    frame = survey(300).astype(dict.fromkeys(("bullied", "quarrels", "lives_with"), str))
    for name in ("sleep_hours", "parents_know", "mood"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    path = tmp_path / f"survey.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "dta":
        frame.to_stata(path, write_index=False)
    else:
        frame.to_csv(path, index=False)

    held = declared("table.missing", [-9, "don't know", "None", "nan"])

    pd.testing.assert_frame_equal(
        values(held, read_table(path, held)).columns, values(held, frame).columns, check_exact=False
    )


def test_a_folder_of_parquet_parts_is_one_table(tmp_path: Path) -> None:
    frame = survey(300).astype(str)
    frame[:100].to_parquet(tmp_path / "a.parquet")
    frame[100:].to_parquet(tmp_path / "b.parquet")

    assert len(read_table(tmp_path, declared())) == 300


def test_decimal_commas_and_another_encoding_are_read_where_declared(tmp_path: Path) -> None:
    frame = survey(300).rename(columns={"school": "所在学校"})
    frame["sleep_hours"] = frame["sleep_hours"].astype(str).str.replace(".", ",")
    frame["weight"] = frame["weight"].astype(str).str.replace(".", ",")
    path = written(frame, tmp_path / "survey.csv", sep=";", encoding="gb18030")
    plain = declared("table", {**changed("name", "x")["table"], "cluster": "所在学校"})

    with pytest.raises(TableError, match=r'not written in utf-8 \(byte \d+\).*encoding = "gb18030"'):
        read_table(path, plain)

    held = declared(
        "table",
        {**changed("name", "x")["table"], "cluster": "所在学校", "encoding": "gb18030", "decimal": ","},
    )
    read = values_of(held, read_table(path, held))

    assert read.columns["sleep_hours"].mean() == pytest.approx(7.5, abs=0.2)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.xlsx", "x", "Excel files are not read: save the sheet as CSV"),
        ("a.sav", "x", "SPSS files are not read: save it as Stata"),
        ("a.doc", "x", "files of this kind are not read. CSV"),
        ("a.parquet", "x", "a.parquet cannot be read as .parquet"),
        ("a.csv", "one\n1\n", "one column was found in its first line"),
        ("a.csv", "x,y,x\n1,2,3\n", "two columns called x"),
        ("a.csv", "x,y\n1,2\n1,2,3\n", "no even table: Expected 2 fields in line 3, saw 3"),
        ("a.csv", "x,y\n", "has no rows"),
        ("a.csv", "school,wave\n1,2\n", "has no column weight, .*which are declared"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_what_to_do(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    with pytest.raises(TableError, match=sentence):
        read_table(path, declared())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"no file or folder nowhere\.csv"):
        read_table(tmp_path / "nowhere.csv", declared())


def test_a_misspelt_column_is_refused_with_those_that_come_near(tmp_path: Path) -> None:
    path = written(survey(50).rename(columns={"bullied": "bulied"}), tmp_path / "survey.csv")

    with pytest.raises(TableError, match=r"no column bullied, .*Near bullied: bulied"):
        read_table(path, declared())


def test_the_hash_names_what_stands_in_the_file(tmp_path: Path) -> None:
    first, second = (tmp_path / name for name in ("one.csv", "two.csv"))
    written(survey(50), first)
    before = table_hash(first)
    written(survey(50).assign(wave=2019), second)
    second.rename(first)

    assert table_hash(first) != before


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0, "1"), ("01", "1"), (" 1.50 ", "1.5"), (True, "true"), ("TRUE", "true"), (" a ", "a"), (-9.0, "-9"), ("1e999", "1e999")],
)  # fmt: skip
def test_values_that_mean_the_same_compare_as_the_same(value: object, text: str) -> None:
    assert code(value) == text


def test_empty_cells_and_missing_codes_are_not_known() -> None:
    cells = codes(
        pd.Series(["", None, np.nan, -9, "-9.0", "don't know", "a"], dtype=object), ("-9", "don't know")
    )

    assert [None if pd.isna(cell) else cell for cell in cells] == [None] * 6 + ["a"]


def test_each_type_becomes_the_numbers_that_were_declared() -> None:
    frame = survey(4).assign(
        bullied=["yes", "no", -9, "don't know"],
        sleep_hours=["7.5", "16", "-9", ""],
        quarrels=["never", "often", "some", None],
        lives_with=["both", "kin", None, "one"],
        points_code=["A", "B", "B", "A"],
    )

    found = values(frame=frame).columns

    nan = np.nan
    assert found["bullied"].tolist()[:2] == [1.0, 0.0]
    assert found["bullied"].isna().tolist() == [False, False, True, True]
    np.testing.assert_array_equal(found["sleep_hours"], [7.5, 16, nan, nan])
    np.testing.assert_array_equal(found["quarrels"], [0, 2, 1, nan])
    np.testing.assert_array_equal(found["lives_with_1"], [1, 0, nan, 0])
    np.testing.assert_array_equal(found["lives_with_3"], [0, 1, nan, 0])
    np.testing.assert_array_equal(found["points"], [0, 5, 5, 0])


def test_what_is_out_of_range_or_not_declared_is_counted_and_not_known() -> None:
    frame = survey(1000)
    frame.loc[:9, "sleep_hours"] = 99
    frame.loc[10:14, "quarrels"] = "sometimes"

    read = values(frame=frame)

    found = {one.column: one for one in read.counted}
    assert read.columns["sleep_hours"].max() <= 16
    assert (found["sleep_hours"].out_of_range, found["sleep_hours"].unexpected) == (10, 0)
    assert (found["quarrels"].out_of_range, found["quarrels"].unexpected) == (0, 5)
    assert found["bullied"].known + found["bullied"].missing == 1000


def test_a_column_that_is_mostly_not_as_declared_stops_the_run_and_shows_only_common_values() -> None:
    frame = survey(1000)
    frame["quarrels"] = ["always"] * 600 + [f"name {place}" for place in range(400)]

    with pytest.raises(
        TableError, match=r"\[columns.quarrels\] is declared as ordered.*Often seen: always\. "
    ) as told:
        values(frame=frame)

    assert "name" not in str(told.value).split("Often seen")[1].split("Declare")[0]


def test_a_date_is_days_before_the_as_of_date_and_one_after_it_is_not_known() -> None:
    held = changed("columns.moved", "date")
    held["table"]["as_of"] = "asked_on"
    from evaluation.external.declaration_file import declare

    frame = survey(100).assign(asked_on="2024-03-01", moved="2024-02-20")
    frame.loc[0, "moved"] = "2024-03-02"
    frame.loc[1, "moved"] = None

    found = values(declare(held, "survey.toml"), frame)

    np.testing.assert_array_equal(found.columns["moved"][:3], [np.nan, np.nan, 10])
    assert next(one.later for one in found.counted if one.column == "moved") == 1


def test_an_outcome_is_known_only_where_it_can_be_told() -> None:
    held = declared("outcomes.low.any_of", {"mood": [1], "parents_know": [0]})
    frame = survey(5).assign(mood=[1, 0, None, 0, None], parents_know=[None, 1, 0, None, 1])

    label = label_of(held.outcomes[0], values(held, frame))

    np.testing.assert_array_equal(label, [1, 0, 1, np.nan, np.nan])


def test_an_outcome_by_limits_counts_both_ends() -> None:
    held = declared("outcomes.low.any_of", {"sleep_hours": {"at_least": 5, "at_most": 6}})
    frame = survey(4).assign(sleep_hours=[4.9, 5, 6, 6.1])

    assert label_of(held.outcomes[0], values(held, frame)).tolist() == [0, 1, 1, 0]


def test_an_outcome_nobody_has_is_refused() -> None:
    held = declared("outcomes.low.any_of", {"mood": [7]})

    with pytest.raises(TableError, match=r"any_of mood: no row has the declared value \(7\)"):
        label_of(held.outcomes[0], values(held))


def test_weights_average_one_within_each_wave() -> None:
    frame = survey(900)
    frame.loc[frame["wave"] == 2023, "weight"] *= 1000

    found = values(frame=frame)

    means = pd.Series(found.weight).groupby(found.codes["wave"]).mean()
    assert means.round(9).tolist() == [1, 1, 1]


def test_rows_without_key_or_weight_are_left_out_and_counted() -> None:
    frame = survey(100)
    frame.loc[:4, "school"] = None
    frame.loc[5:6, "weight"] = 0

    found = values(frame=frame)

    assert (len(found), found.left_out) == (93, {"school": 5, "wave": 0, "weight": 2})


def test_negative_weights_and_shared_row_numbers_are_refused() -> None:
    with pytest.raises(TableError, match="weight weight is negative in 1 rows"):
        values(frame=survey(50).assign(weight=[-1.0] + [1.0] * 49))
    with pytest.raises(TableError, match="0 rows have none and 50 share one"):
        values(declared("table.row_id", "sex"), survey(50))


def test_rows_alike_in_every_column_are_counted_and_kept_together() -> None:
    frame = survey(50)
    frame = pd.concat([frame, frame[:10]], ignore_index=True)

    found = values(frame=frame)

    assert found.duplicated == 10
    assert found.block[:10].tolist() == found.block[50:].tolist()


def test_what_hangs_together_by_any_chain_of_keys_is_one_block() -> None:
    frame = survey(4).assign(school=["a", "a", "b", "c"], pupil=["1", "2", "2", "3"])

    found = values(declared("table.person", "pupil"), frame)

    assert len(set(found.block[:3])) == 1
    assert found.block[3] != found.block[0]


def test_a_table_without_groups_still_has_a_row_for_each_child() -> None:
    assert values(declared("groups", {}), survey(40)).groups.shape == (40, 0)
