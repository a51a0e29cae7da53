"""The commands of the features folder: plain words, and one sentence instead of a traceback."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from features.__main__ import SHANGHAI, main
from tests.support_intake import as_csv, row

COMMANDS = {
    "synthesise": "write the deliveries of a simulated county",
    "intake": "take deliveries in: contract check, quarantine, child keys",
    "build": "build the feature matrix of every round",
    "document": "write the feature catalogue again from the declarations",
    "repeat": "list forms of instruments without a result",
}


def run(*words: str) -> int:
    return main(list(words), lambda: datetime(2026, 11, 21, 9, tzinfo=SHANGHAI))


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("MIAOHU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def delivered(home) -> Path:
    """A data home to which one department has delivered one file."""
    file = home / "deliveries" / "education" / "2026-03-25" / "absences.csv"
    file.parent.mkdir(parents=True)
    file.write_text(as_csv([row("absences")]), encoding="utf-8")
    return home


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_in_plain_words_what_it_does(command, capsys):
    with pytest.raises(SystemExit) as ended:
        run(command, "--help")

    said = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    assert f"features {command}" in said
    assert COMMANDS[command] in said.lower()


def test_the_commands_are_listed_with_what_each_does(capsys):
    with pytest.raises(SystemExit):
        run("--help")

    said = " ".join(capsys.readouterr().out.split())
    assert all(f"{name} {sentence}" in said for name, sentence in COMMANDS.items())


@pytest.mark.parametrize("words", [["build", "--today", "2026-13-01"], ["synthesise", "--until", "soon"]])
def test_a_day_that_is_none_is_misuse(words, capsys):
    with pytest.raises(SystemExit) as ended:
        run(*words)

    assert ended.value.code == 2
    assert f"{words[-1]} is not a date like 2026-10-01" in capsys.readouterr().err


def one_sentence(said: str) -> str:
    """The last line said, which must be all that is said of the mistake."""
    assert "Traceback" not in said
    return said.strip().splitlines()[-1]


def test_intake_without_a_folder_of_deliveries_says_where_it_looked(home, capsys):
    assert run("intake") == 1
    assert one_sentence(capsys.readouterr().out) == (
        f"There is no folder of deliveries at {home / 'deliveries'}; give one with --deliveries."
    )


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ("not toml [", "mapping.toml is not a TOML file in UTF-8."),
        ("[nonsense]\na = 'b'\n", "mapping.toml maps columns of 'nonsense', which is no source."),
    ],
)
def test_a_mapping_that_cannot_be_used_ends_an_intake_with_a_sentence(delivered, capsys, mapping, sentence):
    (delivered / "deliveries" / "mapping.toml").write_text(mapping, encoding="utf-8")

    assert run("intake") == 1
    assert one_sentence(capsys.readouterr().out) == sentence


def test_a_master_key_that_is_none_ends_an_intake_with_a_sentence(delivered, capsys):
    key = delivered / "keys" / "master.key"
    key.parent.mkdir()
    key.write_bytes(b"too short")

    assert run("intake") == 1
    assert one_sentence(capsys.readouterr().out) == f"The master key file {key} does not hold 32 bytes."


def test_another_master_key_ends_an_intake_with_a_sentence(delivered, capsys):
    assert run("intake") == 0
    (delivered / "keys" / "master.key").write_bytes(bytes(32))

    assert run("intake") == 1
    assert one_sentence(capsys.readouterr().out) == "This identity store was made with another master key."


def test_an_identity_store_that_is_no_database_ends_an_intake_with_a_sentence(delivered, capsys):
    (delivered / "identity.db").write_text("this is no database " * 20, encoding="utf-8")

    assert run("intake") == 1
    said = one_sentence(capsys.readouterr().out)
    assert said == "The identity store cannot be used: its database does not open or is not one."


def test_a_folder_that_cannot_be_written_is_named(delivered, capsys):
    (delivered / "quarantine").write_text("a file where a folder must be", encoding="utf-8")

    assert run("intake") == 1
    assert one_sentence(capsys.readouterr().out).startswith(f"{delivered / 'quarantine'} cannot be used: ")


def test_build_with_nothing_taken_in_says_what_to_do_first(home, capsys):
    assert run("build") == 1
    assert one_sentence(capsys.readouterr().out) == (
        "The lake is empty: take deliveries in first (python -m features intake)."
    )


def test_build_under_a_jurisdiction_nobody_wrote_names_those_there_are(home, capsys, monkeypatch):
    monkeypatch.setenv("MIAOHU_JURISDICTION", "atlantis")

    assert run("build") == 1
    assert one_sentence(capsys.readouterr().out) == (
        "There is no jurisdiction profile 'atlantis'; there are: hangzhou, national, xiamen, zhejiang."
    )


def test_a_setting_that_cannot_be_used_is_named(home, capsys, monkeypatch):
    monkeypatch.setenv("MIAOHU_PORT", "many")

    assert run("intake") == 1
    assert one_sentence(capsys.readouterr().out).startswith("MIAOHU_PORT must be a number")


def test_a_county_is_not_written_among_deliveries_and_kept_where_that_is_asked(delivered, capsys):
    before = sorted(delivered.rglob("*"))

    assert run("synthesise", "--children", "10") == 1
    assert one_sentence(capsys.readouterr().out) == (
        f"{delivered / 'deliveries'} already holds deliveries; a county is only written into an empty folder."
    )
    assert run("synthesise", "--if-empty") == 0
    assert one_sentence(capsys.readouterr().out).startswith("deliveries are there already")
    assert sorted(delivered.rglob("*")) == before


def test_a_county_without_children_is_refused_with_a_sentence(home, capsys):
    assert run("synthesise", "--children", "0") == 1
    assert one_sentence(capsys.readouterr().out) == "A county needs at least one child and one year."


def test_what_an_intake_prints_names_no_child(delivered, capsys):
    assert run("intake") == 0

    said = capsys.readouterr().out
    assert "1 rows = 1 accepted + 0 quarantined + 0 unresolved" in said
    assert not re.search(r"\d{15}|\bc[a-z2-7]{26}\b|欧阳", said)
