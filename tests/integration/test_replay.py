"""A stored screening comes again to the bit from what is stored, and whatever is not as it was is told."""

import json
import re
import shutil
import zlib
from dataclasses import replace
from random import Random

import pandas as pd
import pytest
from sqlalchemy import text

from models.champions import load_champions
from models.replay import made_with, replay
from models.screening import Screening
from serving.__main__ import main
from serving.replay import CannotReplay, replay_stored
from serving.review import screenings
from serving.review.store import Store
from serving.review.tables import ScreeningRow
from serving.screening import run_round
from tests.support_serving import NOW, TODAY, copy_home, noise_screener, round_deps, settings_at


def open_store(home):
    store = Store.open(settings_at(home).review_url)
    store.migrate()
    return store


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    """A data home whose newest round is screened; tests that spoil it take a copy."""
    home = copy_home(tmp_path_factory.mktemp("replay") / "home")
    settings = settings_at(home)
    store = open_store(home)
    run_round(round_deps(home, store, load_champions(settings.champions)), TODAY, Random(1), lambda _: None)
    store.close()
    return home


@pytest.fixture
def home(screened, tmp_path):
    shutil.copytree(screened, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def store(home):
    store = open_store(home)
    yield store
    store.close()


def some(store, **where):
    with store.read() as session:
        rows = session.query(ScreeningRow).filter_by(**where).order_by(ScreeningRow.id).all()
        return [row for row in rows if json.loads(row.body)["abstained"] is None]


def spoil(store, table, change):
    """Behind the store's back, as somebody with the file could."""
    with store.write() as session:
        session.execute(text(f"DROP TRIGGER {table}_no_update"))
        session.execute(text(f"UPDATE {table} SET {change}"))


def test_every_screening_of_a_round_comes_again_to_the_bit(home, store):
    champions = settings_at(home).champions
    with store.read() as session:
        answers = [replay_stored(session, row.id, champions) for row in session.query(ScreeningRow)]

    assert len(answers) > 40
    assert all(answer.identical and answer.of_round for answer in answers)
    assert not any(answer.made_otherwise for answer in answers)


def test_the_command_says_identical(home, store, capsys, monkeypatch):
    monkeypatch.setenv("MIAOHU_HOME", str(home))

    assert main(["replay", "--screening", some(store)[0].id]) == 0

    said = capsys.readouterr().out
    assert said.startswith(("identical: guardianship", "identical: psychological"))
    assert "place among the round's children was taken as stored" in said


def test_a_stored_value_that_was_changed_is_noticed(home, store, capsys, monkeypatch):
    monkeypatch.setenv("MIAOHU_HOME", str(home))
    row = some(store)[0]
    spoil(store, "feature_rows", "features = json_set(features, '$.age_years', 3.25)")

    assert main(["replay", "--screening", row.id]) == 1

    said = capsys.readouterr().out
    assert said.startswith("NOT identical")
    assert "the stored features are not those that were stored" in said
    assert "feature age_years" in said


def test_a_stored_screening_that_was_changed_is_noticed(home, store):
    row = some(store)[0]
    body = json.loads(row.body)
    body["margin"] += 1e-15 if body["margin"] + 1e-15 != body["margin"] else 1e-14
    with store.write() as session:
        session.execute(text("DROP TRIGGER screenings_no_update"))
        session.execute(
            text("UPDATE screenings SET packed_body = :body WHERE id = :id"),
            {"body": zlib.compress(json.dumps(body).encode()), "id": row.id},
        )

    with store.read() as session:
        answer = replay_stored(session, row.id, settings_at(home).champions)

    assert [line.partition(":")[0] for line in answer.differs] == [
        "the stored screening is not the one that was stored", "margin",
    ]  # fmt: skip


def test_another_screener_in_its_place_is_not_taken_for_it(home, store, tmp_path):
    champions = shutil.copytree(settings_at(home).champions, tmp_path / "champions")
    row = some(store)[0]
    others = [path.parent for path in champions.glob("*/*/margin.txt") if path.parts[-3] != row.screener]
    shutil.rmtree(champions / row.screener / row.version)
    shutil.copytree(others[0], champions / row.screener / row.version)

    with store.read() as session, pytest.raises(CannotReplay, match="have been changed: they are"):
        replay_stored(session, row.id, champions)


def test_a_screener_that_is_no_longer_here_or_was_changed_is_named(home, store, capsys, monkeypatch):
    monkeypatch.setenv("MIAOHU_HOME", str(home))
    row = some(store)[0]
    folder = settings_at(home).champions / row.screener / row.version
    margin = folder / "margin.txt"
    before = margin.read_text(encoding="utf-8")
    changed = re.sub(r"(leaf_value=-?0\.)(\d)", lambda leaf: f"{leaf[1]}{9 - int(leaf[2])}", before, count=1)
    assert len(changed) == len(before)
    assert changed != before
    margin.write_text(changed, encoding="utf-8")

    with store.read() as session, pytest.raises(CannotReplay, match="are not those that were saved"):
        replay_stored(session, row.id, settings_at(home).champions)

    shutil.rmtree(folder)
    assert main(["replay", "--screening", row.id]) == 1
    assert f"{row.screener} {row.version} cannot be used" in capsys.readouterr().out


def test_a_number_nobody_has_is_refused(home, store):
    with store.read() as session, pytest.raises(CannotReplay, match="No screening has the number s0"):
        replay_stored(session, "s0", settings_at(home).champions)


def test_a_screening_without_its_features_is_refused(home, store):
    stored = some(store)[0]
    with store.write() as session:
        (number,) = screenings.add_screenings(
            session, [replace(Screening.from_json(stored.body), child_key="nobody")], now=NOW
        )

    with store.read() as session, pytest.raises(CannotReplay, match=r"features .* are not stored"):
        replay_stored(session, number, settings_at(home).champions)


def test_the_place_of_a_child_screened_alone_is_made_again_too(store):
    screener = noise_screener(0)
    values = dict.fromkeys(screener.spec.columns, 1.0) | {"age_years": 9.0}

    matrix = pd.DataFrame([{"child_key": "c1", "as_of": TODAY, **values}])
    (alone,) = screener.screen(matrix, {TODAY: frozenset()}, among=screener.reference)

    same = replay(screener, alone, values, of_round=False)
    elsewhere = replay(screener, replace(alone, percentile=1.5), values, of_round=False)

    assert same.identical
    assert [difference.what for difference in elsewhere.differences] == ["percentile"]


def test_code_that_changed_since_is_told_though_the_bits_are_the_same():
    screener = noise_screener(0)
    values = dict.fromkeys(screener.spec.columns, 1.0) | {"age_years": 9.0}

    matrix = pd.DataFrame([{"child_key": "c1", "as_of": TODAY, **values}])
    (alone,) = screener.screen(matrix, {TODAY: frozenset()}, among=screener.reference)

    found = replay(screener, alone, values, {**made_with(), "code": "before"}, of_round=False)

    assert found.identical
    assert [difference.what for difference in found.made_otherwise] == ["code"]
