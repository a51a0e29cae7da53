"""Ten thousand made-up names and numbers go through everything; none comes out where it does not belong.

Intake, features, a round, the running service with good and bad requests, and a Bento: then every file of
the data home, all that was printed and every answer is searched for each of them.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from models.champions import export_champion
from models.screeners import SCREENERS
from serving.review.schema import METADATA
from tests.support_intake import as_csv, row
from tests.support_plant import Search, people
from tests.support_serving import noise_screener, settings_at

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PLANTED = people(10_000)
SEARCH = Search(PLANTED)
# So many of them still live here and are screened; the others were delivered, sealed and have moved away.
STAYING = 400
# The departments' own files hold names by their nature; everything else below the data home is searched.
THEIRS = ("deliveries",)
PERSONAL = {
    (table.name, column.name)
    for table in METADATA.sorted_tables
    for column in table.columns
    if column.info.get("personal")
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return os.environ | {  # noqa: TID251  # a command is run as its user would run it
        "MIAOHU_HOME": str(tmp_path_factory.mktemp("plant") / "home"),
        "MIAOHU_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture(scope="module")
def home(environment):
    """The planted people as the police deliver them, some rows with names and numbers where none belong."""
    home = Path(environment["MIAOHU_HOME"])
    rows = []
    for place, person in enumerate(PLANTED):
        given = {"name": person.name, "id_number": person.number, "birth_on": person.born.isoformat()}
        if place % 1000 == 7:
            given |= {"record_id": person.number, "sex": person.name}
        if place % 1000 == 8:
            given |= {"id_number": person.number[:-1] + "5", "area_code": person.number}
        usual = row("residence", place, occurred_on="2026-03-01", recorded_on="2026-03-02")
        lives = {
            "arrived_on": "2024-03-01",
            "left_on": None if place < STAYING else "2026-05-01",
            "area_code": "330109001001",
            "hukou_area": "341203",
        }
        rows.append({**usual, **lives, **given})
    folder = home / "deliveries" / "police" / "2026-06-25"
    folder.mkdir(parents=True)
    (folder / "residence.csv").write_text(as_csv(rows), encoding="utf-8")
    # A file whose name and titles name somebody.
    named = PLANTED[1]
    other = home / "deliveries" / "education" / "2026-06-25"
    other.mkdir(parents=True)
    (other / "absences.csv").write_text(
        as_csv([{**row("absences", 1, name=named.name), named.name: named.number}]), encoding="utf-8"
    )
    for index, screener in enumerate(SCREENERS):
        folder = home.parent / "fitted" / screener.name
        noise_screener(index).save(folder)
        export_champion(folder, settings_at(home).champions)
    return home


def run(environment, command):
    done = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def told(environment, home):
    """What each command printed."""
    commands = ("features intake", "features build", "serving migrate", "serving screen")
    return {command: run(environment, command) for command in commands}


@pytest.fixture(scope="module")
def answers(environment, home, told):
    """Every answer of the service to requests with names in every field, and what the service printed."""
    accounts = run(environment, "serving accounts --demo")
    key = re.search(r"API key\s+(\S+)", accounts)[1]
    password = re.search(r"^\s+screener\s+(\S+)", accounts, flags=re.MULTILINE)[1]
    address = f"http://127.0.0.1:{environment['MIAOHU_PORT']}"
    server = subprocess.Popen(
        [sys.executable, "-m", "serving", "serve"], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        with httpx.Client(base_url=address, trust_env=False, timeout=20) as client:
            wait_for(client, server)
            found = list(ask_everything(client, key, password))
    finally:
        server.terminate()
        said = server.communicate(timeout=60)[0].decode()
    return found, said


def wait_for(client, server):
    for _ in range(120):
        assert server.poll() is None, "the service ended by itself"
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)  # not listening yet; the loop is bounded and its end fails
    pytest.fail("the service was not ready after a minute")


def ask_everything(client, key, password):
    """Requests good and bad, with somebody's name or number wherever a field, a path or a header is."""
    name, number = PLANTED[4].name, PLANTED[4].number
    bearer = {"Authorization": f"Bearer {key}"}
    bodies = [
        {"id_number": number}, {"id_number": number, "name": name}, {"id_number": name}, {name: number},
        {"child_key": number}, {"id_number": number, "as_of": name}, [number], name,
        {"records": {"residence": [{"name": name, "id_number": number}]}},
        {"records": {name: [{"x": number}]}, "keep": number},
    ]  # fmt: skip
    for where in ("/v1/score", "/v1/score_batch", "/api/v1/requests", f"/api/v1/cases/{number}/visits"):
        for body in bodies:
            yield client.post(where, json=body, headers=bearer)
            yield client.post(where, json={"children": [body]}, headers=bearer | {"Idempotency-Key": number})
        yield client.post(where, content=f"{{{name}", headers=bearer | {"Content-Type": "application/json"})
        yield client.post(where, content=f"{name}{number}", headers={"X-API-Key": number})
    for person in PLANTED[20:40]:
        yield client.post("/v1/score", json={"id_number": person.number}, headers=bearer)
    for path in (f"/cases/{quote(name)}", f"/cases/{number}", f"/{quote(name)}", f"/v1/score/{number}"):
        yield client.get(path)
        yield client.get(
            path, headers={"X-Request-Id": number, "User-Agent": number, "Referer": f"/{number}"}
        )
        yield client.post(path, data={"name": name})
    yield client.get("/api/v1/cases", params={"area": number, "cursor": name}, headers=bearer)
    page = client.get("/sign-in")
    token = re.search(r'name="csrf" value="([^"]*)"', page.text)[1]
    client.post(
        "/sign-in", data={"csrf": token, "username": name, "password": number, "onward": f"/{number}"}
    )
    signed = client.post(
        "/sign-in", data={"csrf": token, "username": "screener", "password": password, "onward": "/"},
        follow_redirects=True,
    )  # fmt: skip
    yield signed
    csrf = re.search(r'name="csrf" value="([^"]*)"', signed.text)[1]
    for where in ("/raise", "/emergency", "/rights/new"):
        yield client.get(where)
        yield client.post(where, data={"csrf": csrf, "child": number})
        yield client.post(where, data={"csrf": csrf, "child": number, name: number, "lane": number})
    for where in (
        f"/?q={quote(name)}&area={number}",
        f"/closed?after={number}",
        f"/records/{quote(name)}",
        "/metrics",
    ):
        yield client.get(where)


@pytest.fixture(scope="module")
def bento(environment, answers):
    """What building a Bento printed."""
    return run(environment, "serving bento")


def test_the_plant_went_through(home, told, answers, bento):
    report = json.loads((home / "reports" / "intake.json").read_text(encoding="utf-8"))
    statuses = {answer.status_code for answer in answers[0]}

    assert report["accepted"] > 9_000, told["features intake"][-500:]
    assert "new alerts" in told["serving screen"], told["serving screen"][-500:]
    assert {200, 400, 404} <= statuses, statuses
    assert 500 not in statuses
    assert "MB, carries" in bento, bento[-500:]


def test_no_planted_name_or_number_stands_in_what_was_printed(told, answers, bento):
    for said in (*told.values(), answers[1], bento):
        assert SEARCH.in_text(said) == set()


def test_no_answer_repeats_one(answers):
    for answer in answers[0]:
        who = SEARCH.in_text(answer.text + "\n" + str(answer.headers))
        assert who == set(), (answer.request.method, answer.status_code, who, answer.text[:300])


def test_no_planted_name_or_number_stands_in_any_file_of_the_data_home(home, bento):
    files = [path for path in home.rglob("*") if path.is_file()]

    assert SEARCH.in_folder(home, but=THEIRS, skip=PERSONAL) == {}
    assert {"identity.db", "review.db"} <= {path.name for path in files}
    assert any("bento" in str(path.relative_to(home)) for path in files)
