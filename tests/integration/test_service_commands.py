"""The commands of the serving folder: plain words, nothing done twice, mistakes named in a sentence."""

import json
import re
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from serving.__main__ import main
from serving.review import accounts
from serving.review.store import Store
from tests.support_serving import TODAY, copy_home, settings_at

ROOT = Path(__file__).parents[2]

COMMANDS = (
    "migrate", "accounts", "screen", "replay", "serve", "work", "check", "backup", "restore", "grants", "keys",
    "webhooks", "conformance", "benchmark", "bento", "document", "check-settings",
    "retain", "packs", "forget",
)  # fmt: skip


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("MIAOHU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert f"serving {command}" in capsys.readouterr().out


def passwords(said: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) +(\S{16}) ", said, flags=re.MULTILINE))


def test_demo_accounts_are_for_a_simulated_county_alone(home, capsys):
    for command in ("--demo", "--reset"):
        assert main(["accounts", command]) == 1
        assert "for a simulated county only" in capsys.readouterr().out

    assert sqlite3.connect(home / "review.db").execute("select count(*) from accounts").fetchone() == (0,)


def test_demo_accounts_show_their_passwords_once(home, capsys):
    settings_at(home).truth.mkdir(parents=True)
    assert main(["accounts", "--demo"]) == 0
    said = capsys.readouterr().out
    assert main(["accounts", "--demo"]) == 0
    again = capsys.readouterr().out

    shown = passwords(said)
    key = re.search(r"mh_\S+", said)
    assert set(shown) == {"director", "supervisor", "screener", "assessor", "manager", "auditor"}
    assert len(set(shown.values())) == 6
    assert "accounts --reset" in again
    assert not passwords(again)
    kept = "\n".join(sqlite3.connect(home / "review.db").iterdump())
    assert key is not None
    assert not [secret for secret in (*shown.values(), key[0]) if secret in kept]


def test_a_reset_makes_the_old_passwords_and_the_old_key_useless(home, capsys):
    settings_at(home).truth.mkdir(parents=True)
    main(["accounts", "--demo"])
    old = capsys.readouterr().out
    main(["accounts", "--reset"])
    new = capsys.readouterr().out

    store = Store.open(settings_at(home).review_url)

    with store.read() as session:
        assert not accounts.has_password(session, username="screener", password=passwords(old)["screener"])
        assert accounts.has_password(session, username="screener", password=passwords(new)["screener"])
    store.close()
    keys = sqlite3.connect(home / "review.db").execute("select revoked_at is null from api_keys").fetchall()
    assert sorted(keys) == [(0,), (1,)]


def test_accounts_are_listed_without_anything_secret(home, capsys):
    main(["accounts"])
    assert "There are no accounts yet" in capsys.readouterr().out
    settings_at(home).truth.mkdir(parents=True)
    main(["accounts", "--demo"])
    shown = passwords(capsys.readouterr().out)

    main(["accounts"])

    said = capsys.readouterr().out
    assert "auditor" in said
    assert not [password for password in shown.values() if password in said]


def test_screening_without_records_says_what_to_do_first(home, capsys):
    assert main(["screen"]) == 1
    assert "take deliveries in first" in capsys.readouterr().out


def test_screening_says_what_it_did_and_the_second_time_that_it_was_done(home, capsys):
    copy_home(home)

    assert main(["screen", "--today", TODAY.isoformat()]) == 0
    first = capsys.readouterr().out
    assert main(["screen", "--today", TODAY.isoformat()]) == 0
    second = capsys.readouterr().out

    assert re.search(r"round 2026-10-01, release 1: [1-9]\d* new alerts, [1-9]\d* cases opened", first)
    assert "simulated" not in first, "no planted truth lies in this data home"
    assert "0 new alerts, 0 cases opened" in second


def test_what_comes_from_a_simulated_county_says_so(home, capsys):
    copy_home(home)
    settings_at(home).truth.mkdir()

    main(["screen", "--today", TODAY.isoformat()])

    assert "simulated: round 2026-10-01" in capsys.readouterr().out


def test_screening_without_a_champion_says_that_rules_rank(home, capsys):
    copy_home(home, champions=False)

    assert main(["screen", "--today", TODAY.isoformat()]) == 0

    assert "no screener is in use: the published rules rank" in capsys.readouterr().out


def test_a_champion_that_cannot_be_used_stops_a_round_with_a_sentence(home, capsys):
    copy_home(home)
    pointer = next((home / "champions").glob("*/current.txt"))
    pointer.write_text("000000000000\n", encoding="utf-8")

    assert main(["screen", "--today", TODAY.isoformat()]) == 1

    assert "points to version '000000000000', which is not there" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "code", "sentence"),
    [
        ("MIAOHU_PORT", "many", 2, "MIAOHU_PORT must be a number"),
        ("MIAOHU_JURISDICTION", "atlantis", 1, "There is no jurisdiction profile 'atlantis'"),
        ("MIAOHU_REVIEW_DB", "mysql://nowhere/review", 1, "needs a SQLite file or a PostgreSQL database"),
        (
            "MIAOHU_REVIEW_DB",
            "postgresql://127.0.0.1:1/review",
            1,
            "PostgreSQL database of MIAOHU_REVIEW_DB cannot be used",
        ),
        ("MIAOHU_REVIEW_DB", "somewhere", 1, "MIAOHU_REVIEW_DB is no database address"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(home, capsys, monkeypatch, name, value, code, sentence):
    copy_home(home)
    monkeypatch.setenv(name, value)

    assert main(["screen"]) == code

    assert sentence in capsys.readouterr().out


@pytest.mark.parametrize("command", ["migrate", "accounts", "screen", "work"])
def test_a_data_home_that_cannot_be_one_is_named(home, capsys, command):
    home.write_text("a file, not a folder", encoding="utf-8")

    assert main([command]) == 1

    assert re.search(rf"{re.escape(str(home))}\S* cannot be used: ", capsys.readouterr().out)


def test_a_review_database_that_cannot_be_opened_is_named(home, capsys):
    (home / "review.db").mkdir(parents=True)

    assert main(["migrate"]) == 1

    said = capsys.readouterr().out
    assert said == f"{home / 'review.db'} cannot be used: unable to open database file.\n"


def test_a_file_that_is_no_database_is_named_and_left_as_it_is(home, capsys):
    home.mkdir()
    (home / "review.db").write_text("a list of groceries" * 100, encoding="utf-8")

    assert main(["migrate"]) == 1

    assert capsys.readouterr().out == f"{home / 'review.db'} cannot be used: file is not a database.\n"
    assert (home / "review.db").read_text(encoding="utf-8") == "a list of groceries" * 100


def test_a_port_in_use_is_named_and_nothing_is_started(home, capsys, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("MIAOHU_PORT", str(taken.getsockname()[1]))

        assert main(["serve"]) == 1

    assert "is in use: stop what uses it, or choose another with MIAOHU_PORT" in capsys.readouterr().out
    assert not home.exists()


@pytest.mark.parametrize("host", ["192.0.2.1", "no host"])
def test_an_address_that_is_not_this_machine_s_is_not_called_a_port_in_use(home, capsys, monkeypatch, host):
    monkeypatch.setenv("MIAOHU_HOST", host)

    assert main(["serve"]) == 1

    said = capsys.readouterr().out
    assert f"{host} is no address of this machine: see MIAOHU_HOST." in said
    assert "in use" not in said


@pytest.mark.parametrize("tag", ["miaohu", "miaohu:never", ":"])
def test_a_bento_that_was_never_built_is_named_with_what_builds_one(home, capsys, monkeypatch, tag):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MIAOHU_PORT", str(free.getsockname()[1]))

    assert main(["serve", "--bento", tag]) == 1

    assert f"There is no Bento {tag} here: python -m serving bento builds one" in capsys.readouterr().out


def test_a_setting_nobody_reads_is_named_and_stops_the_service(home, capsys, monkeypatch):
    monkeypatch.setenv("MIAOHU_PROT", "3001")

    assert main(["check-settings"]) == 1
    assert "WRONG: MIAOHU_PROT is no setting" in capsys.readouterr().out
    assert main(["serve"]) == 1
    assert "MIAOHU_PROT is no setting" in capsys.readouterr().out
    assert not home.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MIAOHU_JURISDICTION", "nowhere", "There is no jurisdiction profile 'nowhere'"),
        ("MIAOHU_MASTER_KEY", "abcd", "MIAOHU_MASTER_KEY must hold 64 hexadecimal digits."),
        ("MIAOHU_MASTER_KEY", "ab" * 32, "This identity store was made with another master key."),
        ("MIAOHU_KEY_FILE", "{home}/gone.key", "put its master key back"),
        ("MIAOHU_OIDC_CLIENT_SECRET_FILE", "{home}/gone", "must name a file with the secret in it"),
    ],
)
def test_what_would_stop_the_service_once_it_starts_is_said_before(
    home, capsys, monkeypatch, name, value, said
):
    copy_home(home)
    monkeypatch.setenv("MIAOHU_OIDC_ISSUER", "https://sign-in.example")
    monkeypatch.setenv("MIAOHU_OIDC_CLIENT_ID", "us")
    assert main(["check-settings"]) == 0
    capsys.readouterr()
    monkeypatch.setenv(name, value.format(home=home))

    assert main(["check-settings"]) == 1
    assert said in capsys.readouterr().out
    assert main(["serve"]) == 1
    assert said in capsys.readouterr().out
    assert not (home / "gone.key").exists()


def test_a_data_home_that_is_not_there_yet_is_said_and_not_made(home, capsys):
    assert main(["check-settings"]) == 0
    assert f"There is no data home {home} yet" in capsys.readouterr().out
    assert not home.exists()


def test_a_secret_that_others_could_read_is_named_and_never_shown(home, capsys, monkeypatch):
    copy_home(home)
    monkeypatch.setenv("MIAOHU_REVIEW_DB", "postgresql://miaohu:topsecret@db.example/review")
    monkeypatch.setenv("MIAOHU_NEXT_MASTER_KEY", "ab" * 32)
    assert main(["check-settings"]) == 0
    said = capsys.readouterr().out
    assert "topsecret" not in said
    assert "ab" * 32 not in said
    assert "postgresql://miaohu:***@db.example/review" in said

    settings_at(home).key_file.chmod(0o644)
    assert main(["check-settings"]) == 1
    assert (
        "WRONG: master.key may be read or written by others (-rw-r--r--): chmod 600."
        in capsys.readouterr().out
    )


def test_listening_to_others_without_tls_is_said(home, capsys, monkeypatch):
    monkeypatch.setenv("MIAOHU_HOST", "0.0.0.0")

    assert main(["check-settings"]) == 0
    assert "MIND: MIAOHU_HOST is 0.0.0.0 and MIAOHU_SECURE_COOKIES is no" in capsys.readouterr().out


def test_a_data_home_that_everybody_may_look_into_is_said(home, capsys):
    home.mkdir()
    home.chmod(0o755)
    assert main(["check-settings"]) == 0
    assert "Everybody on this machine may look into the data home (drwxr-xr-x)" in capsys.readouterr().out

    home.chmod(0o700)
    assert main(["check-settings"]) == 0
    assert "data home (" not in capsys.readouterr().out


# It leaves without a word: what a library in C says at the end of a process is no line of a worker at work.
WORKER = """
import os

from bentoml._internal.context import server_context
from bentoml._internal.log import configure_server_logging

configure_server_logging()
server_context.worker_index = 1
from serving.service import Miaohu

Miaohu()
os._exit(0)
"""


@pytest.mark.slow
def test_everything_a_web_worker_says_is_json_from_its_first_line(home):
    copy_home(home)
    next((home / "champions").glob("*/current.txt")).write_text("000000000000\n", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", WORKER], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "MIAOHU_HOME": str(home), "BENTOML_HOME": str(home / "bentoml")},
    )  # fmt: skip

    said = [json.loads(line) for line in (done.stdout + done.stderr).splitlines()]
    assert [line["logger"] for line in said if line["said"].startswith("No screener is in use")] == [
        "miaohu.serving"
    ]
