"""What /metrics tells: counts by declared names only, right whoever answers, and all the alert rules ask for."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from models.policy import Lane
from serving import metrics
from serving.api.operations import OPERATIONS
from serving.metrics import GAUGES, OTHER, Exposition, Templates
from serving.review import gauges, queries, screenings, webhooks, worker_turns
from serving.review.gauges import Gauge
from serving.review.webhooks import Event
from tests import support_review as support
from tests.integration.test_service import served
from tests.support_review import NOW, TODAY, alert, open_cases
from tests.support_serving import copy_home

ROOT = Path(__file__).parents[2]
DECLARED = {name for name, _, _ in GAUGES}


def told(store, now=NOW, today=TODAY) -> dict[tuple[str, str], float]:
    with store.read() as session:
        found = gauges.of_store(session, now, today)
    assert {gauge.name for gauge in found} <= DECLARED
    return {(gauge.name, ",".join(gauge.labels)): gauge.value for gauge in found}


def test_the_queue_is_told_in_counts_and_ages(store):
    open_cases(store, [alert("c-one", Lane.TRIGGER), alert("c-two")])
    with store.write() as session:
        webhooks.add(
            session, url="https://cases.example.org/", title="x", events=[Event.CASE_CLOSED.value],
            area_prefix="", internal=False, now=NOW,
        )  # fmt: skip
        webhooks.announce(session, Event.CASE_CLOSED, once="x", child_key="c", case_id=None, now=NOW)

    found = told(store, NOW + timedelta(hours=1), TODAY + timedelta(days=8))

    assert found["miaohu_cases", "waiting"] == 2
    assert (found["miaohu_open_alerts", "trigger"], found["miaohu_open_alerts", "model"]) == (1, 1)
    assert found["miaohu_overdue_cases", ""] == 1
    assert found["miaohu_queue_age_seconds", ""] == found["miaohu_webhook_lag_seconds", ""] == 3600
    assert (found["miaohu_webhooks_waiting", ""], found["miaohu_webhooks_dead", ""]) == (1, 0)
    assert found["miaohu_release_age_seconds", ""] == 3600
    # No worker did a turn since the log began.
    assert (found["miaohu_worker_turn_age_seconds", ""], found["miaohu_worker_cut_off", ""]) == (3600, 0)
    with store.write() as session:
        worker_turns.note_whole(session, NOW + timedelta(minutes=50))
        worker_turns.note_cut_off(session, "ValueError (raising.py:1)")
    found = told(store, NOW + timedelta(hours=1))
    assert (found["miaohu_worker_turn_age_seconds", ""], found["miaohu_worker_cut_off", ""]) == (600, 1)


def test_abstentions_are_told_by_round_and_reason_and_each_counts_once(store):
    said = [
        support.screening("c-one", screener="psychological", abstained="age_unknown"),
        support.screening("c-two", screener="psychological", abstained="age_unknown"),
        support.screening("c-two", screener="guardianship", abstained="needed_unknown"),
        support.screening("c-three", screener="psychological"),
    ]
    open_cases(store, [alert("c-one")])
    with store.read() as session:
        newest = queries.newest_round(session)
    for part in (said[:2], said, said):
        with store.write() as session:
            screenings.add_screenings(session, part, now=NOW, round_id=newest.id)
    with store.write() as session:
        screenings.add_screenings(session, said[:1], now=NOW)

    found = {names: number for names, number in told(store).items() if "abstentions" in names[0]}

    day = newest.as_of.isoformat()
    assert found == {
        ("miaohu_round_abstentions", f"{day},psychological,age_unknown"): 2,
        ("miaohu_round_abstentions", f"{day},guardianship,needed_unknown"): 1,
    }


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/", "/"),
        ("/cases/abc", "/cases/{case_id}"),
        ("/cases/abc/claim", "/cases/{case_id}/{verb}"),
        ("/api/v1/cases/abc", "/api/v1/cases/{case_id}"),
        ("/static/miaohu.css", "/static/{file}"),
        ("/330109201501010011", OTHER),
        ("/cases/abc/claim/张小明", OTHER),
    ],
)
def test_a_request_is_told_by_its_template(path, template):
    known = ("/", "/cases/{case_id}", "/cases/{case_id}/{verb}", *(one.path for one in OPERATIONS))

    assert Templates(known).of(path) == template


def test_the_store_is_asked_at_most_every_half_minute():
    seconds, asked = [0.0], []
    exposition = Exposition(
        lambda: asked.append(1) or [Gauge("miaohu_webhooks_dead", len(asked))], lambda: seconds[0]
    )

    assert b"miaohu_webhooks_dead 1.0" in exposition.text()
    assert b"miaohu_webhooks_dead 1.0" in exposition.text()
    seconds[0] = metrics.READ_EVERY
    assert b"miaohu_webhooks_dead 2.0" in exposition.text()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """/metrics of a service that was asked this and that."""
    with served(copy_home(tmp_path_factory.mktemp("metrics") / "home")) as client:
        records = {"residence": [{
            "occurred_on": "2024-03-05", "birth_on": "2015-06-01", "sex": "female", "area_code": "330109001001",
            "hukou_area": "341203", "arrived_on": "2024-02-20",
        }]}  # fmt: skip
        assert client.score({"as_of": "2026-10-01", "records": records}).status_code == 200
        client.app.get("/cases/330109201501010011", follow_redirects=False)
        client.app.get("/330109201501010011/张小明")
        client.score({"child_key": "x"}, key="mh_wrong")
        answer = client.app.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def test_nothing_that_was_asked_for_is_a_label(page):
    assert "330109201501010011" not in page
    assert "张小明" not in page
    routes = set(re.findall(r'route="([^"]*)"', page))
    assert {"/v1/score", "/cases/{case_id}", OTHER} <= routes
    assert re.search(
        r'miaohu_screenings_total{outcome="(spoken|abstained)",reason="[a-z_]*",screener="psychological"} 1.0',
        page,
    )
    assert "miaohu_keys_refused_total 1.0" in page


def test_every_metric_is_ours_and_every_label_is_declared(page):
    labels = {
        "route",
        "method",
        "status",
        "screener",
        "outcome",
        "le",
        "reason",
        *(each for _, _, labels in GAUGES for each in labels),
    }
    for family in text_string_to_metric_families(page):
        assert family.name.startswith("miaohu_")
        for sample in family.samples:
            assert set(sample.labels) <= labels


def test_the_alert_rules_ask_only_for_what_there_is(page):
    there = set()
    for line in page.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            there |= {name} if kind == "gauge" else {name, f"{name}_total", f"{name}_count", f"{name}_bucket"}
    rules = yaml.safe_load((ROOT / "deploy/alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]

    assert len({rule["alert"] for rule in rules}) == len(rules) > 10
    for rule in rules:
        asked = set(re.findall(r"miaohu_\w+", rule["expr"]))
        assert asked, rule["alert"]
        assert asked <= there, rule["alert"]


TWO_PROCESSES = """
import os
from serving import metrics
child = os.fork()
for _ in range(3 if child else 4):
    metrics.REFUSED_KEYS.inc()
if child:
    assert os.waitpid(child, 0)[1] == 0
    print(metrics.Exposition(lambda: []).text().decode())
"""


def test_counters_are_of_all_processes_whichever_answers(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", TWO_PROCESSES], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
    )  # fmt: skip

    assert "miaohu_keys_refused_total 7.0" in done.stdout
