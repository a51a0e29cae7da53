"""The search for planted people finds them wherever software leaves such things."""

import json
import sqlite3
import zlib
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.identity import normalise_id_number
from tests.support_plant import Search, people

SOME = people(10_000)
ONE = SOME[4321]
SEARCH = Search(SOME)


def test_ten_thousand_people_have_names_and_valid_numbers_of_their_own():
    assert len({person.name for person in SOME}) == len({person.number for person in SOME}) == 10_000
    assert all(normalise_id_number(person.number) == person.number for person in SOME[::97])


@pytest.mark.parametrize(
    "line",
    [
        f"WARNING 孩子{ONE.name}没有居住地",
        f"POST /v1/score {{'id_number': '{ONE.number}'}}",
        json.dumps({"name": ONE.name}),
        f"GET /cases/{quote(ONE.name)} 404",
        f'requests_total{{path="/x/{ONE.number}"}} 1',
        f"20240101{ONE.number}",
    ],
)
def test_a_line_that_names_somebody_is_found(line):
    assert SEARCH.in_text(line) in ({ONE.name}, {ONE.number})


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_whatever_the_encoding(encoding):
    assert SEARCH.in_bytes(f"姓名 {ONE.name}".encode(encoding)) == {ONE.name}
    assert SEARCH.in_bytes(zlib.compress(ONE.name.encode())) == {ONE.name}


def test_in_databases_and_compressed_tables_and_nowhere_else(tmp_path):
    pq.write_table(pa.table({"x": ["a", ONE.number]}), tmp_path / "some.parquet", compression="zstd")
    base = sqlite3.connect(tmp_path / "some.db")
    base.execute("CREATE TABLE t (open TEXT, sealed TEXT)")
    base.execute("INSERT INTO t VALUES ('x', ?)", (ONE.name,))
    base.commit()
    base.close()
    (tmp_path / "clean.log").write_text("个案 abcdefghij 已领取 3 件", encoding="utf-8")

    assert SEARCH.in_folder(tmp_path, but=(), skip=()) == {
        "some.parquet": {ONE.number},
        "some.db": {ONE.name},
    }
    assert SEARCH.in_folder(tmp_path, but=("some.parquet",), skip={("t", "sealed")}) == {}
