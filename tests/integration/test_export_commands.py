"""The commands about tables for other platforms follow the rules of the pages."""

from __future__ import annotations

import pytest

from serving import bootstrap
from serving.__main__ import main
from serving.review import exports
from serving.review.case import Role
from serving.review.store import Store
from tests import support_review as support
from tests.support_serving import settings_at

ASKED = (
    "export",
    "--by",
    "screener",
    "--template",
    "zheli_humiao",
    "--purpose",
    "verify",
    "--words",
    "儿童主任",
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    folder.mkdir()
    support.migrated_file(folder)
    monkeypatch.setenv("MIAOHU_HOME", str(folder))
    return folder


@pytest.fixture
def run(home, capsys):
    store = Store.open(settings_at(home).review_url)
    actors = {role: support.add_account(store, role) for role in (Role.SCREENER, Role.MANAGER)}
    support.open_cases(store, [support.alert("c-one")])

    def run(*words):
        ended = main(list(words))
        return ended, capsys.readouterr().out

    run.store, run.actors = store, actors
    yield run
    store.close()


def test_a_table_is_asked_for_and_fetched_only_once_another_person_approved(run, tmp_path):
    file = tmp_path / "table.csv"
    ended, said = run(*ASKED)
    assert ended == 0
    assert "request 1: waits for a second person (page /exports/1)" in said

    assert run("export", "--by", "screener", "--fetch", "1", "--out", str(file)) == (
        1, "This is not possible: “Waits for a second person”.\n",
    )  # fmt: skip
    assert not file.exists()
    with run.store.write() as session:
        exports.decide(
            session, actor=run.actors[Role.MANAGER], number=1, version=1, approve=True, words="",
            now=bootstrap.now(),
        )  # fmt: skip
    ended, said = run("export", "--by", "screener", "--fetch", "1", "--out", str(file))

    assert (ended, said) == (0, f"{file}: 1 rows\n")
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 2


def test_without_a_template_those_there_are_are_listed(run):
    ended, said = run("export", "--by", "screener")

    assert ended == 0
    for name in ("jianfu_zaixian", "zheli_humiao", "zhihui_minzheng"):
        assert name in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((*ASKED[:2], "nobody", *ASKED[3:]), "There is no such request in this account's area."),
        ((*ASKED, "--area", "440300"), "This area is not yours to export."),
        (("export", "--by", "screener", "--fetch", "7", "--out", "x.csv"), "There is no such request"),
        (("export", "--by", "screener", "--fetch", "7"), "Name a new file with --out."),
        (("import-answers", "--by", "screener", "--template", "none", "x.csv"), "There is no template none"),
        (("export", "--by", "screener", "--template", "none"), "Name one with --template"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(run, words, sentence):
    ended, said = run(*words)

    assert ended == 1
    assert sentence in said


def test_answers_are_taken_in_and_wrong_rows_are_named(run, tmp_path):
    file = tmp_path / "filled.csv"
    file.write_text("任务编号,走访结果,走访日期,走访说明\ngone,已核实,2026-01-05,\n", encoding="utf-8")

    ended, said = run("import-answers", "--by", "screener", "--template", "zheli_humiao", str(file))

    assert ended == 1
    assert "line 2, 任务编号" in said
    assert "0 taken, 0 changed, 0 unchanged, 1 with mistakes, 0 empty" in said


def test_a_template_of_the_deployment_that_cannot_be_used_is_named(run, home):
    (home / "exports").mkdir()
    (home / "exports" / "ours.toml").write_text("id = 1", encoding="utf-8")

    ended, said = run("export", "--by", "screener")

    assert ended == 1
    assert "ours.toml: id must be plain letters" in said
