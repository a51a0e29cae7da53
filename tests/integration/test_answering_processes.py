"""As many processes answer as the setting says, together: one queue, one count at /metrics."""

import re
import subprocess
import sys
from dataclasses import replace

import httpx
import pytest

from serving import SERVICE
from serving.benchmark_servers import ROOT, free_port, our_service
from serving.review import api_keys
from serving.review.store import Store
from tests.support_review import NOW
from tests.support_serving import AS_OF, child_keys, copy_home, settings_at

ASKED = 40


LAUNCHED = """
import sys
from serving import launch
launch.cli = lambda arguments, prog_name: None
launch.main(sys.argv[1:])
from serving.service import Miaohu
print(Miaohu.config["workers"])
"""


@pytest.mark.parametrize(("served", "processes"), [(SERVICE, "3"), ("miaohu:built_once", "1")])
def test_our_service_answers_in_as_many_as_are_set_and_a_bento_as_it_was_built(
    served, processes, monkeypatch
):
    monkeypatch.setenv("MIAOHU_PROCESSES", "3")
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHED, "serve", served],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [processes]


@pytest.mark.slow
def test_two_processes_answer_and_are_counted_together(tmp_path):
    home = copy_home(tmp_path / "home")
    settings = replace(settings_at(home), port=free_port(), processes=2)
    store = Store.open(settings.review_url)
    store.migrate()
    with store.write() as session:
        key = api_keys.create(session, title="two", secret="s" * 40, now=NOW, scopes=("score",))
    store.close()
    body = {"child_key": child_keys(settings, 1)[0], "as_of": AS_OF.isoformat(), "stored": True}

    with our_service(settings) as service:
        # A connection stays with the process that took it, so each request comes by its own.
        answers = [
            httpx.post(f"{service.address}/v1/score", json=body, headers={"X-API-Key": key}, trust_env=False)
            for _ in range(ASKED)
        ]
        ids = {risk["screening_id"] for answer in answers for risk in answer.json()["risks"]}
        answering = answering_processes(service.process)
        told = httpx.get(f"{service.address}/metrics", trust_env=False).text

    assert {answer.status_code for answer in answers} == {200}
    assert len(answering) == 2
    # What one process kept the other found: nothing is kept twice, and screenings that abstain are kept too.
    assert len(ids - {None}) <= 2
    counted = re.search(r'miaohu_request_seconds_count\{[^}]*route="/v1/score"[^}]*\} ([0-9.]+)', told)
    assert counted is not None
    assert float(counted[1]) == ASKED


def answering_processes(parent: int) -> list[str]:
    """The processes below this one that answer requests."""
    told = subprocess.run(
        ["/bin/ps", "-o", "args=", "--ppid", str(parent)], capture_output=True, text=True, check=True
    )
    return [line for line in told.stdout.splitlines() if "worker.service" in line]
