"""Ten thousand made-up names and numbers go through everything; none comes out where it does not belong.

Intake, features, a round, the running service with good and bad requests, a case worked to its end, webhooks, a
table for another platform, a backup and a Bento: then every file of the data home, all that was printed, sent and
answered is searched for each of them. Training and its store, reports and monitoring: `test_whole_line`.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select

from models.champions import export_champion
from models.screeners import SCREENERS
from serving import bootstrap
from serving.review import accounts, exports
from serving.review.case import Met
from serving.review.case_forms import disposition_field
from serving.review.schema import METADATA
from serving.review.store import Store
from serving.review.tables import Account
from tests.support_forms import post_form
from tests.support_intake import as_csv, row
from tests.support_plant import Search, people
from tests.support_receiver import receiving
from tests.support_serving import noise_screener, settings_at

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PLANTED = people(10_000)
SEARCH = Search(word for person in PLANTED for word in person.words)
# So many of them still live here and are screened; the others were delivered, sealed and have moved away.
STAYING = 400
# Whom people who work on a case write of: their words are shown and kept where notes are, and nowhere else.
WRITTEN = PLANTED[60]
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
    (home / "truth").mkdir()  # of a simulated county, or there were no demo accounts
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
def receiver():
    with receiving() as (address, got):
        yield SimpleNamespace(address=address, got=got)


@pytest.fixture(scope="module")
def told(environment, home, receiver):
    """What each command printed."""
    register = f"serving webhooks add --internal --title x --url {receiver.address}"
    commands = ("features intake", "features build", "serving migrate", register, "serving screen")
    return {command: run(environment, command) for command in commands}


@pytest.fixture(scope="module")
def answers(environment, home, told):
    """Every answer of the service to requests with names in every field, and what the service printed."""
    made = run(environment, "serving accounts --demo")
    key = re.search(r"API key\s+(\S+)", made)[1]
    password = re.search(r"^\s+screener\s+(\S+)", made, flags=re.MULTILINE)[1]
    table, exporting = export_table(environment, home)
    address = f"http://127.0.0.1:{environment['MIAOHU_PORT']}"
    server = subprocess.Popen(
        [sys.executable, "-m", "serving", "serve"], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        with httpx.Client(base_url=address, trust_env=False, timeout=20) as client:
            wait_for(client, server)
            found = list(ask_everything(client, key, password))
            shown = work_a_case(client)
    finally:
        server.terminate()
        said = server.communicate(timeout=60)[0].decode()
    return SimpleNamespace(all=found, shown=shown, table=table, printed=made + exporting + said)


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


def work_a_case(client):
    """What the pages of a case answer whose holder asks for the name, and writes of somebody."""
    taken = post_form(client, client.get("/"), "/cases/next")
    case = taken.headers["location"].partition("?")[0]
    named = post_form(client, client.get(case), f"{case}/name")
    words = f"{WRITTEN.name}，{WRITTEN.number}"
    today = re.search(r'name="happened_on"[^>]*value="([\d-]+)"', client.get(case).text)[1]
    visit = {"happened_on": today, "met": Met.BOTH.value, "note": words}
    visited = post_form(client, client.get(case), f"{case}/record_visit", **visit)
    page = client.get(case)
    if f'action="{case}/record_view"' in page.text:
        post_form(client, page, f"{case}/record_view", view="concern", note=words)
    conclusion = {disposition_field(risk): "confirmed" for risk in ("psychological", "guardianship")}
    post_form(client, client.get(case), f"{case}/dispose", **conclusion, reason=words)
    return SimpleNamespace(named=named.text, written=client.get(case).text, visited=visited.status_code)


def export_table(environment, home):
    """A table of names for another platform as approved, while there are open cases; and what was printed."""
    folder = home.parent / "kept"
    folder.mkdir()
    asked = "--template zheli_humiao --purpose verify --words x --full-names"
    said = run(environment, f"serving export --by screener {asked}")
    store = Store.open(settings_at(home).review_url)
    with store.write() as session:
        manager = session.scalars(select(Account).where(Account.username == "manager")).one()
        exports.decide(
            session, actor=accounts.actor_of(manager), number=1, version=1, approve=True, words="",
            now=bootstrap.now(),
        )  # fmt: skip
    store.close()
    file = folder / "table.csv"
    return file, said + run(environment, f"serving export --by screener --fetch 1 --out {file}")


@pytest.fixture(scope="module")
def kept(environment, home, answers):
    """A backup, after the messages to receivers have gone out; and what was printed."""
    file = home.parent / "kept" / "copy.db"
    said = run(environment, "serving work --once") + run(environment, f"serving backup {file}")
    return SimpleNamespace(backup=file, printed=said)


@pytest.fixture(scope="module")
def bento(environment, answers):
    """What building a Bento printed."""
    return run(environment, "serving bento")


def test_the_plant_went_through(home, told, answers, bento):
    report = json.loads((home / "reports" / "intake.json").read_text(encoding="utf-8"))
    statuses = {answer.status_code for answer in answers.all}

    assert report["accepted"] > 9_000, told["features intake"][-500:]
    assert "new alerts" in told["serving screen"], told["serving screen"][-500:]
    assert {200, 400, 404} <= statuses, statuses
    assert 500 not in statuses
    assert "MB, carries" in bento, bento[-500:]


def test_no_planted_name_or_number_stands_in_what_was_printed(told, answers, kept, bento):
    for said in (*told.values(), answers.printed, kept.printed, bento):
        assert SEARCH.in_text(said) == set()


def test_no_answer_repeats_one(answers):
    for answer in answers.all:
        who = SEARCH.in_text(answer.text + "\n" + str(answer.headers))
        assert who == set(), (answer.request.method, answer.status_code, who, answer.text[:300])


def test_no_planted_name_or_number_stands_in_any_file_of_the_data_home(home, bento):
    files = [path for path in home.rglob("*") if path.is_file()]

    assert SEARCH.in_folder(home, but=THEIRS, skip=PERSONAL) == {}
    assert {"identity.db", "review.db"} <= {path.name for path in files}
    assert any("bento" in str(path.relative_to(home)) for path in files)


def test_names_are_where_they_are_asked_for_and_nowhere_else(answers):
    staying = {person.name for person in PLANTED[:STAYING]}

    shown, written = SEARCH.in_text(answers.shown.named), SEARCH.in_text(answers.shown.written)
    table = SEARCH.in_file(answers.table)

    assert len(shown) == 1
    assert shown < staying
    assert written == {WRITTEN.name, WRITTEN.number}
    assert table
    assert table <= staying


def test_a_backup_holds_what_people_wrote_and_nothing_else_of_anybody(kept):
    assert SEARCH.in_file(kept.backup, skip=PERSONAL) == set()
    assert SEARCH.in_file(kept.backup) == {WRITTEN.name, WRITTEN.number}


def test_what_receivers_are_told_names_nobody(receiver, kept):
    assert len(receiver.got) > 1
    assert any("case.closed" in told for told in receiver.got)
    for told in receiver.got:
        assert SEARCH.in_text(told) == set(), told
