"""The search for planted people finds them wherever software leaves such things."""

import gzip
import io
import json
import logging
import sqlite3
import zipfile
import zlib
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.identity import normalise_id_number
from serving.logs import JsonLines
from tests.support_county import small_county
from tests.support_plant import Search, delivered_words, people

SOME = people(10_000)
ONE = SOME[4321]
SEARCH = Search(word for person in SOME for word in person.words)


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


def test_in_packed_files_too(tmp_path):
    (tmp_path / "service.log.1.gz").write_bytes(gzip.compress(f"POST /v1/score {ONE.number}".encode()))
    with zipfile.ZipFile(tmp_path / "model.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("card.zh.md", f"样例：{ONE.name}，" * 50)

    assert SEARCH.in_folder(tmp_path, but=(), skip=()) == {
        "service.log.1.gz": {ONE.number},
        "model.zip": {ONE.name},
    }


def test_a_number_in_a_line_of_our_own_log_is_found():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.handle(logging.LogRecord("miaohu", logging.INFO, "x.py", 1, f"scored {ONE.number}", None, None))

    assert SEARCH.in_text(stream.getvalue()) == {ONE.number}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:::mlflow")
def test_what_a_run_of_training_was_told_is_found_in_its_store(tmp_path):
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = client.create_experiment("plant", artifact_location=str(tmp_path / "artefacts"))
    run = client.create_run(experiment, tags={"for": ONE.number}).info.run_id
    client.log_param(run, "first row", ONE.name)
    client.log_dict(run, {"children": [ONE.name]}, "cohort.json")

    found = SEARCH.in_folder(tmp_path, but=(), skip=())

    assert found["mlflow.db"] == {ONE.name, ONE.number}
    assert {ONE.name} in [who for file, who in found.items() if file.endswith("cohort.json")]


def test_everybody_a_department_names_is_looked_for(tmp_path):
    county = small_county(tmp_path)

    words = delivered_words(county.deliveries)

    numbers = {word for word in words if len(word) == 18}
    assert len(numbers) > 150
    assert Search(words).in_text(f"x {min(numbers)} y") == {min(numbers)}
    assert len([word for word in words if not word[0].isdigit()]) > 150


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("tel.13800138000,", True),
        ("0.13800138000", True),
        ("x=13800138000.5", True),
        ("(0571)13800138000", True),
        ("-0.1380013800012345", False),
        ("4.713800138000123e-05", False),
    ],
)
def test_a_telephone_is_found_wherever_it_stands_but_not_among_the_digits_of_a_fraction(line, found):
    assert Search(["13800138000"]).in_text(line) == ({"13800138000"} if found else set())


def test_an_id_number_is_found_among_the_digits_of_a_fraction():
    assert SEARCH.in_text(f"0.{ONE.number}7") == {ONE.number}
