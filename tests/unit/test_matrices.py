"""What a build leaves on disk: every round of today's lake, and nothing of an earlier one."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from features import matrices
from features.__main__ import SHANGHAI, main
from features.jurisdiction import load_profile
from features.lake import Delivery, Lake
from features.matrices import build, fingerprint, rounds_covered
from features.sources import source_named

_SAY = (
    "from features.catalogue import FEATURES; from features.jurisdiction import load_profile;"
    "print([load_profile(name) for name in ('national', 'zhejiang', 'hangzhou', 'xiamen')], FEATURES)"
)
TODAY = date(2024, 11, 1)
CHILDREN = {
    "c-in-scope": {},
    "c-grown-up": {"birth_on": date(2005, 1, 1)},
    "c-has-left": {"left_on": date(2024, 2, 1)},
    "c-has-left-too": {"left_on": date(2024, 3, 1)},
    "c-moved-within-the-city": {"hukou_area": "330106001"},
}


@pytest.fixture
def lake(tmp_path) -> Lake:
    """Five children whose residence was registered in 2023, before any round."""
    source, received = source_named("residence"), date(2023, 6, 1)
    plain = {
        "version": 1, "occurred_on": received, "known_on": received, "delivery": "d1",
        "birth_on": date(2014, 1, 1), "arrived_on": date(2020, 1, 1), "left_on": None, "sex": "male",
        "area_code": "330109001", "hukou_area": "520300001",
    }  # fmt: skip
    rows = [
        {**plain, "child_key": key, "record_id": key, **changes}
        for key, changes in CHILDREN.items()
    ]  # fmt: skip
    made = Lake(tmp_path / "lake")
    ledger = Delivery(
        "d1", source.name, source.department.value, received, False, "residence.csv", "0" * 64,
        len(rows), len(rows), 0, 0, received, received,
    )  # fmt: skip
    made.append(source, pd.DataFrame(rows), ledger)
    made.compact()
    return made


def built(lake: Lake, folder: Path, today: date = TODAY) -> matrices.Built:
    return build(lake, load_profile("hangzhou"), today, folder, lambda _: None)


def test_nobody_leaves_the_list_without_a_count_and_a_reason(lake, tmp_path):
    made = built(lake, tmp_path / "matrices")
    again = built(lake, tmp_path / "matrices")

    assert made.left_out == {"left": 2, "over_age": 1, "cannot_tell_area": 1}
    assert again.left_out == made.left_out
    assert again.reused
    assert not made.reused


def test_a_build_says_why_children_are_not_in_scope(lake, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MIAOHU_HOME", str(lake.root.parent))

    assert main(["build", "--today", "2024-11-01"], lambda: pd.Timestamp(TODAY, tz=SHANGHAI)) == 0

    said = capsys.readouterr().out
    assert "not in scope on 2024-10-01: Has left the area: 2" in said
    assert "a person must decide: 1" in said


def test_a_matrix_of_a_round_no_longer_built_is_taken_away(lake, tmp_path):
    folder = tmp_path / "matrices"
    built(lake, folder, TODAY)
    built(lake, folder, date(2024, 9, 1))

    assert sorted(path.name for path in folder.glob("*.parquet")) == ["2024-04-01.parquet"]
    assert list(json.loads((folder / "built.json").read_text(encoding="utf-8"))["silent"]) == ["2024-04-01"]


def test_every_module_that_computes_a_matrix_is_part_of_its_fingerprint(lake, tmp_path):
    profile = load_profile("hangzhou")
    dates = rounds_covered(lake, profile, TODAY)
    before = fingerprint(lake, profile, dates)
    prints = {before}
    for changed in matrices.COMPUTING:
        code = tmp_path / changed
        code.mkdir()
        for name in matrices.COMPUTING:
            text = (Path(matrices.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
            (code / f"{name}.py").write_text(text + "# mended\n" * (name == changed), encoding="utf-8")
        prints.add(fingerprint(lake, profile, dates, code))

    assert len(prints) == 1 + len(matrices.COMPUTING)
    assert {"cohort", "engine", "expressions", "questions", "reference"} <= set(matrices.COMPUTING)


def test_what_a_matrix_is_made_from_reads_the_same_in_every_process():
    said = {
        subprocess.run(
            [sys.executable, "-c", _SAY], env={"PYTHONHASHSEED": seed}, cwd=Path(matrices.__file__).parents[1],
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip

    assert len(said) == 1
    assert "Profile(name='hangzhou'" in said.pop()
