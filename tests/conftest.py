"""Fixtures every suite may ask for. A test that asks for `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# What a fixture needs is imported in it: a test of pure rules must not wait for a database's driver.
if TYPE_CHECKING:
    from serving.review.store import Store
    from tests.support_postgres import Server

DATABASES = ("sqlite", "postgresql")
# Modules that take minutes, or hold up one of two workers at the end. Told not to order modules by itself
# (`--no-loadscope-reorder`), pytest-xdist hands them out in this order, the rest after them.
LONGEST = (
    "tests/integration/test_whole_line.py",
    "tests/web/test_accessibility.py",
    "tests/crash/test_killed.py",
    "tests/web/test_browser_journeys.py",
    "tests/integration/test_bento.py",
    "tests/integration/test_training_run.py",
    "tests/theory/test_one_child_alone.py",
    "tests/unit/test_benchmark.py",
    "tests/integration/test_external.py",
    "tests/property/test_no_row_is_lost.py",
    "tests/theory/test_county_difficulty.py",
    "tests/integration/test_linkage_of_records.py",
    "tests/property/test_engines_agree.py",
    "tests/integration/test_api_writing.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=20, help="how often each crash test kills its process")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(LONGEST)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests of this process. Its database `migrated` has the tables and goes from test to
    test: who changes more than rows takes one of their own."""
    from serving.review.store import Store
    from tests import support_postgres

    with support_postgres.server() as server:
        store = Store.open(server.address(server.make(name="migrated")))
        store.migrate()
        store.close()
        yield server


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a review store with its tables and nothing in them."""
    from tests import support_review

    if request.param == "sqlite":
        yield support_review.migrated_file(tmp_path)
        return
    server: Server = request.getfixturevalue("postgres")
    server.clear("migrated")
    yield server.address("migrated")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A review store with its tables and nothing in them, on each database."""
    from serving.review.store import Store

    store = Store.open(database)
    yield store
    store.close()
