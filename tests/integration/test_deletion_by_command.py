"""Nothing that a command deletes is still worked on: beside a queue the queue is asked first."""

import pytest
from sqlalchemy import select

from features import __main__ as features_commands
from features.lake import Lake
from serving import __main__ as serving_commands
from serving.review.store import Store
from serving.review.tables import Case
from tests import support_review as support
from tests.support_serving import child_keys, copy_home, settings_at


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = copy_home(tmp_path / "home", champions=False)
    monkeypatch.setenv("MIAOHU_HOME", str(home))
    return home


def queue(home):
    store = Store.open(settings_at(home).review_url)
    store.migrate()
    return store


def asked(main, key):
    return main(["forget", "--child-key", key, "--basis", "法院文书"])


def of_the_lake(arguments):
    return features_commands.main(arguments, lambda: support.NOW)


def test_beside_a_queue_the_lake_alone_deletes_nobody(home, capsys):
    key = child_keys(settings_at(home), 3)[1]
    queue(home).close()

    assert asked(of_the_lake, key) == 1

    assert "python -m serving forget" in capsys.readouterr().out
    assert Lake(settings_at(home).lake).child_records(key)


def test_a_child_whose_case_is_open_is_deleted_once_it_is_closed(home, capsys):
    key = child_keys(settings_at(home), 3)[1]
    store = queue(home)
    support.open_cases(store, [support.alert(key)])

    assert asked(serving_commands.main, key) == 1
    assert "A case of this child is open" in capsys.readouterr().out
    assert Lake(settings_at(home).lake).child_records(key)
    with store.write() as session:
        session.scalars(select(Case)).one().status = "closed"

    assert asked(serving_commands.main, key) == 0

    assert Lake(settings_at(home).lake).child_records(key) == {}
    with store.read() as session:
        assert set(session.scalars(select(Case.child_key))) == {"deleted"}
    store.close()


def test_a_queue_that_cannot_be_asked_lets_nobody_be_deleted(home, capsys):
    key = child_keys(settings_at(home), 3)[1]

    assert asked(serving_commands.main, key) == 1

    assert "The queue cannot be asked" in capsys.readouterr().out
    assert Lake(settings_at(home).lake).child_records(key)


def test_without_a_queue_the_lake_deletes_by_itself(home):
    key = child_keys(settings_at(home), 3)[1]

    assert asked(of_the_lake, key) == 0

    assert Lake(settings_at(home).lake).child_records(key) == {}
