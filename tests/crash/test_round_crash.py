"""Killed at any moment, a round is neither half done nor done twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from features.lake import Lake
from serving.review import audit
from serving.review.store import Store
from serving.review.tables import AlertRow, Case, OutboxRow, Release, ScreeningRow
from tests.support_serving import TODAY, copy_home, settings_at

ROOT = Path(__file__).parents[2]
KILLS = 6

pytestmark = pytest.mark.crash


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "MIAOHU_HOME": str(home)}  # noqa: TID251  # handed on to the process, not read


def start(home: Path, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "serving", *command],
        cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def finish(home: Path, *command: str) -> str:
    process = start(home, *command)
    said = process.communicate(timeout=120)[0].decode()
    assert process.returncode == 0, said
    return said


def kill_after(home: Path, line: bytes, delay: float, *command: str) -> bool:
    """Kill the command so long after it has said a line that begins so; False if it was faster."""
    process = start(home, *command)
    assert process.stdout is not None
    for said in process.stdout:
        if said.strip().startswith(line):
            break
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    process.stdout.close()
    return process.returncode == -signal.SIGKILL


def found(home: Path) -> dict[str, list]:
    store = Store.open(settings_at(home).review_url)
    store.migrate()  # the kill may have come before the tables did, or between them
    tables = (AlertRow, Case, OutboxRow, Release, ScreeningRow)
    with store.read() as session:
        rows = {table.__name__: list(session.scalars(select(table))) for table in tables}
        rows["events"] = [audit.verify(session)]
    store.close()
    return rows


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    home = copy_home(tmp_path_factory.mktemp("undisturbed") / "home")
    finish(home, "screen", "--today", TODAY.isoformat())
    return found(home)


# Where a round is when it says these lines: computing, keeping screenings, about to open its cases.
MOMENTS = (b"screening the newest", b"computing", b"screening", b"kept", b"alerts chosen")


def test_a_round_killed_again_and_again_alerts_as_if_nothing_had_happened(tmp_path, undisturbed):
    home = copy_home(tmp_path / "home")
    rng = random.Random(5)
    killed = 0
    for number in range(KILLS):
        # The moments that write come twice as often as the ones that only read.
        line = MOMENTS[-1 - number % 2] if number % 3 else rng.choice(MOMENTS[:3])
        killed += kill_after(home, line, rng.uniform(0, 0.15), "screen", "--today", TODAY.isoformat())
        rows = found(home)
        assert not rows["AlertRow"] or rows["Release"], "alerts stand without their release"
        assert {a.case_id for a in rows["AlertRow"]} == {c.id for c in rows["Case"]}

    finish(home, "screen", "--today", TODAY.isoformat())

    assert killed >= KILLS // 2, "the kills came too late to tell anything"
    rows = found(home)
    assert [release.number for release in rows["Release"]] == [1]
    assert rows["Release"][0].alerts == len(rows["AlertRow"]) == len(rows["OutboxRow"])
    assert len({alert.once for alert in rows["AlertRow"]}) == len(rows["AlertRow"])
    assert len({case.child_key for case in rows["Case"]}) == len(rows["Case"])
    # Triggers, and the ranked children that were not drawn out of their place, are the same ones.
    lanes = ("trigger", "request")
    expected = {a.once for a in undisturbed["AlertRow"] if a.lane in lanes}
    assert {a.once for a in rows["AlertRow"] if a.lane in lanes} == expected
    assert len(rows["AlertRow"]) == len(undisturbed["AlertRow"])
    assert {(s.child_key, s.screener) for s in rows["ScreeningRow"]} == {
        (s.child_key, s.screener) for s in undisturbed["ScreeningRow"]
    }


def test_a_worker_killed_while_publishing_loses_and_doubles_no_record(tmp_path):
    home = copy_home(tmp_path / "home")
    finish(home, "screen", "--today", TODAY.isoformat())
    alerts = found(home)["AlertRow"]
    # Only publication: what a whole worker would release besides depends on the day.
    script = (
        "from datetime import UTC, datetime\n"
        "from features.lake import Lake\nfrom features.settings import Settings\n"
        "from serving.bootstrap import open_store\nfrom serving.work import publish_outbox\n"
        "settings = Settings.read()\nprint('publishing', flush=True)\n"
        "publish_outbox(open_store(settings), Lake(settings.lake), datetime(2026, 10, 20).date(),"
        " lambda: datetime.now(UTC))\n"
    )
    rng = random.Random(6)
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", script], cwd=ROOT, env=environment(home),
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        process.stdout.close()

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment(home), check=False)

    assert done.returncode == 0
    lake = Lake(settings_at(home).lake)
    keys = {alert.child_key for alert in alerts}
    published = [r for key in keys for r in lake.child_records(key, ["alerts"]).get("alerts", [])]
    assert len(published) == len(alerts) == len({record.record_id for record in published})
    assert all(row.published_at is not None for row in found(home)["OutboxRow"])
