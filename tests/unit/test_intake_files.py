"""Which source a delivered file belongs to, and how its cells are found."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.delivery import (
    DeliveredFile,
    MappingError,
    Misplaced,
    Refused,
    find_files,
    read_cells,
    read_mapping,
)
from features.sources import Education, Police
from tests.support_intake import TODAY, as_csv, row


def placed(tmp_path, *files):
    for file in files:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    return find_files(tmp_path, TODAY)


@pytest.mark.parametrize(
    ("file", "received_on", "history"),
    [
        ("education/2024-03-25/absences.csv", date(2024, 3, 25), False),
        ("教育/2024-03-25/缺勤记录.csv", date(2024, 3, 25), False),
        ("education/2024-01-05-history/absences.parquet", date(2024, 1, 5), True),
        ("教育/2024-01-05-历史/缺勤记录.CSV", date(2024, 1, 5), True),
        ("education/absences.csv", TODAY, False),
    ],
)
def test_a_file_is_placed_by_department_day_and_source(tmp_path, file, received_on, history):
    found, misplaced = placed(tmp_path, file)

    assert found == [DeliveredFile(tmp_path / file, file, Education.absences, received_on, history)]
    assert misplaced == []


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("absences.csv", "unknown_department"),
        ("schools/2024-03-25/absences.csv", "unknown_department"),
        ("review/2024-03-25/dispositions.csv", "unknown_department"),
        ("education/2024-3-25/absences.csv", "unknown_date"),
        ("education/2024-02-30/absences.csv", "unknown_date"),
        ("education/march/absences.csv", "unknown_date"),
        ("education/2024-07-02/absences.csv", "future_delivery"),
        ("education/2024-03-25/canteen.csv", "unknown_file"),
        ("education/2024-03-25/absences.xlsx", "unknown_file"),
        ("education/2024-03-25/more/absences.csv", "unknown_file"),
        ("police/2024-03-25/absences.csv", "wrong_department"),
    ],
)
def test_a_file_in_no_known_place_is_named_with_the_rule(tmp_path, file, rule):
    assert placed(tmp_path, file) == ([], [Misplaced(file, rule)])


def test_hidden_files_and_the_mapping_are_no_deliveries(tmp_path):
    assert placed(tmp_path, "mapping.toml", ".DS_Store", "education/.part/absences.csv") == ([], [])


def test_files_come_in_the_order_they_were_received_history_first(tmp_path):
    files = ["education/2024-06-25/absences.csv", "education/2024-03-25/absences.csv",
             "education/2024-03-25-history/absences.csv"]  # fmt: skip

    found, _ = placed(tmp_path, *files)

    assert [each.file for each in found] == [files[2], files[1], files[0]]


def read(tmp_path, data, source=Education.absences, name="absences.csv", mapping=None):
    path = tmp_path / name
    path.write_bytes(data)
    return read_cells(path, source, mapping or {})


CSV = as_csv(
    [row("absences", 1), row("absences", 2)],
    {"id_number": "身份证号", "occurred_on": "缺课日期", "kind": "缺勤类型"},
)


@pytest.mark.parametrize(
    ("encoding", "read_as"),
    [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("gbk", "gb18030")],
)
def test_each_usual_encoding_reads_the_same(tmp_path, encoding, read_as):
    cells = read(tmp_path, CSV.encode(encoding))

    assert cells.encoding == read_as
    assert list(cells.column("name")) == ["欧阳晓晨", "欧阳晓晨"]
    assert list(cells.column("occurred_on")) == ["2024-03-01", "2024-03-01"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_another_encoding_is_refused_with_its_lines(tmp_path, encoding):
    with pytest.raises(Refused) as refused:
        read(tmp_path, CSV.encode(encoding))

    assert refused.value.rule == "wrong_encoding"
    assert len(refused.value.lines) >= 2


def test_row_numbers_are_those_a_spreadsheet_shows(tmp_path):
    lines = CSV.splitlines()
    text = "\r\n".join([lines[0], "", lines[1], ",,,,,,", lines[2], "a,b"])

    cells = read(tmp_path, text.encode())

    assert cells.rows == (3, 5, 6)
    assert dict(cells.ragged) == {2: ["a", "b"]}


@pytest.mark.parametrize(
    ("spoil", "rule", "columns"),
    [
        (lambda text: "", "no_titles", ()),
        (lambda text: "\n".join(text.splitlines()[1:]), "missing_column",
         ("record_id", "occurred_on", "recorded_on", "kind", "id_number")),
        (lambda text: text.replace("缺勤类型", "类别"), "missing_column", ("kind",)),
        (lambda text: text.replace("身份证号", "号码"), "missing_column", ("id_number",)),
        (lambda text: text.replace("name", "登记日期"), "ambiguous_column", ("recorded_on",)),
        (lambda text: text + "y" * 200_000, "unreadable_file", ()),
    ],
)  # fmt: skip
def test_a_file_without_what_is_needed_is_refused(tmp_path, spoil, rule, columns):
    with pytest.raises(Refused) as refused:
        read(tmp_path, spoil(CSV).encode())

    assert (refused.value.rule, refused.value.columns) == (rule, columns)


def test_unknown_columns_are_counted_and_not_repeated(tmp_path):
    cells = read(tmp_path, as_csv([{**row("absences"), "班主任": "张老师"}]).encode())

    assert cells.unknown_columns == 1
    assert "班主任" not in cells.places


def test_parquet_is_read_as_text_whatever_its_types(tmp_path):
    table = pa.table(
        {
            "record_id": [1, 2],
            "id_number": ["a", None],
            "name": pa.array(["张三", "李四"]).dictionary_encode(),
            "occurred_on": [date(2024, 3, 1), date(2024, 3, 2)],
            "recorded_on": pa.array(["2024-03-02", "2024-03-03"]),
            "kind": [1.0, None],
            "sessions": [2.0, 3.0],
        }
    )
    path = tmp_path / "absences.parquet"
    pq.write_table(table, path)

    cells = read_cells(path, Education.absences, {})

    assert cells.cells.to_numpy().tolist() == [
        ["1", "a", "张三", "2024-03-01", "2024-03-02", "1", "2"],
        ["2", None, "李四", "2024-03-02", "2024-03-03", None, "3"],
    ]
    assert cells.rows == (1, 2)


def test_a_broken_parquet_file_is_refused_and_kept_whole(tmp_path):
    with pytest.raises(Refused) as refused:
        read(tmp_path, b"PAR1 no more", name="absences.parquet")

    assert refused.value.rule == "unreadable_file"
    assert refused.value.lines == [b"PAR1 no more".hex()]


def test_a_parquet_file_whose_text_is_not_utf8_is_refused_and_kept_whole(tmp_path):
    """Some writers put GB18030 bytes into a string column; nothing checks them until they are read."""
    text = pa.array([b"330109", "王小明".encode("gb18030")])
    wrong = pa.Array.from_buffers(pa.string(), 2, text.buffers())
    path = tmp_path / "absences.parquet"
    pq.write_table(pa.table({"record_id": wrong}), path)

    with pytest.raises(Refused) as refused:
        read_cells(path, Education.absences, {})

    assert refused.value.rule == "unreadable_file"
    assert refused.value.lines == [path.read_bytes().hex()]


def test_a_mapping_names_their_titles(tmp_path):
    (tmp_path / "mapping.toml").write_text('[absences]\n"类 别" = "kind"\n', encoding="utf-8")
    text = CSV.replace("缺勤类型", "类别")

    cells = read(tmp_path, text.encode(), mapping=read_mapping(tmp_path)["absences"])

    assert list(cells.column("kind")) == ["sick", "sick"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[absences", "not a TOML file"),
        ('[canteen]\n"a" = "kind"', "'canteen', which is no source"),
        ('[absences]\n"a" = "meal"', "absences.meal, which is no column"),
        ('[absences]\n"a" = 3', "must hold lines like"),
        ('absences = "kind"', "must hold lines like"),
        ('[self_declarations]\n"征信分" = "unattended_hours"', "would let in credit records"),
        ('[self_declarations]\n"积分" = "unattended_hours"', "would let in Settlement points"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_which_entry(tmp_path, text, says):
    (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")

    with pytest.raises(MappingError, match=says):
        read_mapping(tmp_path)


def test_a_mapping_may_name_a_place_where_no_feature_reads_it(tmp_path):
    (tmp_path / "mapping.toml").write_text('[residence]\n"籍贯代码" = "hukou_area"\n', encoding="utf-8")

    assert read_mapping(tmp_path) == {"residence": {"籍贯代码": "hukou_area"}}


def test_a_column_the_file_lacks_is_empty(tmp_path):
    rows = [{name: cell for name, cell in row("residence").items() if name != "dwelling"}]

    cells = read(tmp_path, as_csv(rows).encode(), source=Police.residence)

    assert list(cells.column("dwelling")) == [None]
