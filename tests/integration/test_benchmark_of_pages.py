"""The benchmark on a small made-up store: every page is asked for, and the store it leaves is a whole one."""

from random import Random

import pytest
from fastapi import FastAPI

from features.jurisdiction import load_profile
from serving import benchmark
from serving.__main__ import main
from serving.benchmark_pages import pages
from serving.benchmark_store import Made, Size, fill
from serving.review import checking
from tests.support_review import NOW, PASSWORD

SMALL = Size(children=200, cases=150, alerts=1000, screened=6)


def test_the_made_up_store_is_whole(store):
    made = fill(store, SMALL, Random(1), NOW, PASSWORD)

    found = checking.check(store)
    assert found.faults == ()
    assert (found.rows["cases"], found.rows["alerts"]) == (150, 1000)
    assert made.screened
    assert len(made.waiting) + len(made.closed) < 150


@pytest.mark.slow
def test_every_page_of_the_made_up_store_answers_on_both_databases(postgres):
    said: list[str] = []

    slowest = benchmark.run(
        ("sqlite", "postgresql"), postgres.address("postgres"), SMALL, load_profile("hangzhou"), NOW,
        said.append, requests=1,
    )  # fmt: skip

    assert slowest > 0
    for database in ("sqlite", "postgresql"):
        for page in (
            "/ ", "/closed ", "/cases/{case_id} ", "/?list=waiting&after= ", "/rights/{number} ",
            "/cases/{case_id}/add/plan ", "/records/referral/{number} ", "/api/v1/cases ", "/api/v1/alerts ",
        ):  # fmt: skip
            assert [line for line in said if line.split()[0] == database and f" {page}" in line], (
                database,
                page,
            )
        assert [line for line in said if database in line and "claims a second" in line]
    assert "load of the machine" in "".join(said)


def test_a_page_that_nothing_is_asked_for_stops_the_benchmark():
    app = FastAPI()
    app.get("/new/{thing}")(lambda thing: thing)

    with pytest.raises(LookupError, match="no address for the page /new"):
        pages(app, Made({}, (), (), (), {}))


def test_a_benchmark_on_postgresql_wants_a_server(capsys):
    assert main(["benchmark", "--part", "store", "--database", "both"]) == 2

    assert "name a server: --server" in capsys.readouterr().out
