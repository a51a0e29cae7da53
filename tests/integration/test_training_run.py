"""One training run, its report and its promotion, on a lake small enough to train in seconds."""

import json
import re
from datetime import datetime

import pandas as pd
import pytest

from evaluation.__main__ import main as evaluation_main
from models.champions import load_champions
from tests.support_models import DATES, child
from tests.support_training import make_training_home
from training.__main__ import main as training_main

# MLflow uses what its own libraries are about to drop; nothing of ours is excused.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:::mlflow")]


def now():
    return datetime(2026, 11, 20, 9, 0)  # noqa: DTZ001  # the commands only take the day from it


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_training_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def environment(home):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIAOHU_HOME", str(home))
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        yield home


@pytest.fixture(scope="module")
def said(environment):
    """What training, report and promotion print, one after another."""
    from contextlib import redirect_stdout
    from io import StringIO

    told = {}
    for name, main, words in (
        ("train", training_main, ["run", "--trials", "0"]),
        ("again", training_main, ["run", "--if-changed", "--trials", "0"]),
        ("report", evaluation_main, ["report"]),
        ("promote", evaluation_main, ["promote", "--strict"]),
        ("champion", evaluation_main, ["report", "--of", "champion"]),
    ):
        out = StringIO()
        with redirect_stdout(out):
            code = main(words, now)
        told[name] = (code, out.getvalue())
    return told


@pytest.fixture(scope="module")
def registry(environment, said):
    from models.registry import Registry

    return Registry(f"sqlite:///{environment / 'mlflow.db'}", environment / "mlflow")


def test_a_run_says_what_it_fitted_and_how_it_was_judged(said):
    code, text = said["train"]

    assert code == 0, text
    assert re.search(r"psychological: fit \d,\d{3} rows, \d+ with the outcome; calibrate", text)
    assert len(re.findall(r"booster: AUROC 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)", text)) == 2
    assert "never flagged, no fact" in text
    assert "simulated" not in text


def test_training_again_on_the_same_rows_does_nothing_if_asked_so(said):
    code, text = said["again"]

    assert code == 0
    assert text.splitlines()[1:] == [
        "  rows, labels, declarations and code are those of the last run: nothing to train"
    ]


def test_the_challengers_pass_their_gates_and_become_champions(said, environment):
    code, text = said["promote"]

    assert code == 0, text
    assert text.count("gates and is now the champion") == 2
    assert list(load_champions(environment / "champions")) == ["psychological", "guardianship"]


def test_the_champion_exported_is_the_challenger_registered(registry, environment):
    from models.registry import CHALLENGER, CHAMPION

    for name, screener in load_champions(environment / "champions").items():
        challenger, champion = registry.version(name, CHALLENGER), registry.version(name, CHAMPION)
        assert challenger == champion
        assert champion.content == screener.version


def test_a_version_holds_cards_in_both_languages_and_nothing_pickled(registry, tmp_path):
    from models.registry import CHALLENGER

    folder = registry.folder(registry.version("psychological", CHALLENGER), tmp_path)

    assert sorted(path.name for path in folder.iterdir()) == [
        "card.en.md", "card.zh.md", "margin.txt", "results.json", "screener.json",
    ]  # fmt: skip
    assert "用途: 按复核容量安排走访" in (folder / "card.zh.md").read_text(encoding="utf-8")
    assert "Judged on" in (folder / "card.en.md").read_text(encoding="utf-8")
    assert not list(tmp_path.rglob("*.pkl"))
    for path in folder.iterdir():
        assert child(1) not in path.read_text(encoding="utf-8")


def test_the_registered_model_says_what_the_screener_says(registry, environment):
    from models.registry import CHAMPION

    rows = pd.read_parquet(environment / "matrices" / f"{DATES[-1]}.parquet").head(20)
    screener = load_champions(environment / "champions")["psychological"]
    served = registry.read(registry.version("psychological", CHAMPION))

    found = served.predict(rows[list(dict.fromkeys(["age_years", *screener.spec.columns]))])

    expected = screener.screen(rows, {DATES[-1]: frozenset()}, among=screener.reference)
    assert found["margin"].tolist() == [screening.margin for screening in expected]
    assert found["band"].tolist() == [screening.band for screening in expected]


def test_the_registered_model_refuses_rows_that_lack_a_column(registry):
    from mlflow.exceptions import MlflowException

    from models.registry import CHAMPION

    served = registry.read(registry.version("psychological", CHAMPION))

    with pytest.raises(MlflowException, match="missing inputs"):
        served.predict(pd.DataFrame({"age_years": [9.0]}))


def test_the_run_records_hashes_parameters_and_what_was_trained_beside(registry):
    from models.registry import CHALLENGER

    version = registry.version("guardianship", CHALLENGER)
    run = registry.client.get_run(version.run_id)
    siblings = registry.client.search_runs([run.info.experiment_id])

    assert {"data_hash", "declarations_hash", "version"} <= set(run.data.tags)
    assert run.data.params["judge_dates"] == "2025-04-01 2025-10-01"
    assert run.data.metrics["auroc_low"] < run.data.metrics["auroc"] < run.data.metrics["auroc_high"]
    assert {sibling.info.run_name for sibling in siblings} == {
        "training 2026-11-20",
        *(
            f"{name}{part}"
            for name in ("psychological", "guardianship")
            for part in (": constant", ": single", ": rules", ": linear", ": additive", ": booster")
        ),
    }


def test_the_report_is_written_in_both_languages_and_fetches_nothing(said, environment):
    code, text = said["report"]
    folder = environment / "reports" / "evaluation"

    assert code == 0, text
    for language, heading in (("zh", "评估报告"), ("en", "Evaluation report")):
        page = (folder / f"evaluation.{language}.html").read_text(encoding="utf-8")
        assert heading in page
        assert page.count("data:image/png;base64,") in (10, 12)  # lead times need enough dated facts
        assert not re.search(r"(src|href)=\"(?!data:|#|evaluation\.)", page)
        assert child(1) not in page
        assert "imulated" not in page
        assert bool(re.search(r"\(0\.\d{3} to 0\.\d{3}\)", page)) is (language == "en")
    figures = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert [screener["screener"] for screener in figures["screeners"]] == ["psychological", "guardianship"]
    assert said["champion"][0] == 0


def test_each_page_of_the_report_speaks_one_language(said, environment):
    words = {
        language: re.sub(
            r"<a lang=[^>]+>[^<]+</a>|<[^>]+>",  # the link to the other language is in that language
            " ",
            (environment / "reports" / "evaluation" / f"evaluation.{language}.html")
            .read_text(encoding="utf-8")
            .split("</style>")[1],
        )
        for language in ("zh", "en")
    }

    assert not re.search(r"challenger|champion|\w+_\w+", words["zh"])
    assert not re.search(r"[\u4e00-\u9fff] ?[,;:(]|[,;:] ?[\u4e00-\u9fff]", words["zh"])
    assert not re.search(r"[\u4e00-\u9fff，。：；（）]", words["en"])
    assert not re.search(r"\w+_\d+d\b", words["en"])


def test_figures_from_a_simulated_county_say_so_wherever_they_stand(said, environment):
    (environment / "truth").mkdir()
    try:
        assert evaluation_main(["report"], now) == 0
        assert evaluation_main(["promote"], now) == 0
    finally:
        (environment / "truth").rmdir()

    folder = environment / "reports" / "evaluation"
    chinese = (folder / "evaluation.zh.html").read_text(encoding="utf-8")
    assert "模拟数据" in chinese
    assert chinese.count("（模拟）") >= 8
    assert (folder / "evaluation.en.html").read_text(encoding="utf-8").count("(simulated)") >= 8
    assert json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))["simulated"] is True


def test_a_version_is_not_judged_on_other_rows_than_it_was_trained_on(said, environment, capsys):
    path = environment / "matrices" / f"{DATES[-1]}.parquet"
    kept = path.read_bytes()
    rows = pd.read_parquet(path)
    rows.loc[0, "bullied_365d"] += 1
    rows.to_parquet(path, index=False)
    try:
        code = evaluation_main(["report"], now)
    finally:
        path.write_bytes(kept)

    assert code == 1
    assert "have changed since version" in capsys.readouterr().out


def test_a_value_that_could_not_have_been_known_stops_the_run(environment, said, capsys):
    """A feature one higher than its records say, in every row: the recomputation finds it."""
    kept = {path: path.read_bytes() for path in (environment / "matrices").glob("*.parquet")}
    for path in kept:
        rows = pd.read_parquet(path)
        rows.assign(emergency_visits_365d=rows["emergency_visits_365d"] + 1).to_parquet(path, index=False)
    try:
        code = training_main(["run"], now)
    finally:
        for path, content in kept.items():
            path.write_bytes(content)

    assert code == 1
    assert "a leak is likely" in capsys.readouterr().out


def test_without_matrices_the_commands_say_what_to_run(tmp_path, capsys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIAOHU_HOME", str(tmp_path))
        codes = [
            training_main(["run"], now),
            evaluation_main(["report"], now),
            evaluation_main(["promote"], now),
        ]

    assert codes == [1, 1, 1]
    assert capsys.readouterr().out.count("run python -m features build first") == 3
    assert not list(tmp_path.iterdir())


def test_a_date_that_is_none_is_refused_in_plain_words(capsys):
    with pytest.raises(SystemExit) as left:
        training_main(["run", "--today", "tomorrow"], now)

    assert left.value.code == 2
    assert "tomorrow is not a date like 2026-10-01" in capsys.readouterr().err


def test_a_person_chooses_another_candidate_and_the_earlier_one_is_put_back(
    said, environment, registry, capsys
):
    from models.registry import CHAMPION

    champions = environment / "champions"
    first = load_champions(champions)["psychological"].version
    about = ["--screener", "psychological", "--by", "A. Statistician", "--why", "every weight can be read"]

    assert evaluation_main(["promote", "--candidate", "linear", *about[:2]], now) == 2
    assert evaluation_main(["promote", "--candidate", "forest", *about], now) == 1
    assert load_champions(champions)["psychological"].version == first
    assert evaluation_main(["promote", "--candidate", "linear", "--strict", *about], now) == 0
    chosen = load_champions(champions)["psychological"]
    card = (champions / "psychological" / chosen.version / "card.en.md").read_text(encoding="utf-8")
    assert evaluation_main(["rollback", *about[:2], "--by", "B. Boss", "--why", "staff know it"], now) == 0

    assert chosen.model.kind == "linear"
    assert "- By: A. Statistician" in card
    assert load_champions(champions)["psychological"].version == first
    assert registry.version("psychological", CHAMPION).content == first
    decisions = registry.decisions("psychological")[-2:]
    assert [(one.candidate, one.by, one.rolled_back) for one in decisions] == [
        ("linear", "A. Statistician", False),
        ("booster", "B. Boss", True),
    ]
    assert evaluation_main(["rollback", *about, "--to", "99"], now) == 1
    out = capsys.readouterr().out
    assert "give --by and --why" in out
    assert "made no candidate 'forest'" in out
    assert "version 99 was no champion before this one" in out


def test_retraining_grows_the_booster_as_the_last_run_did(registry):
    from models.screeners import screener_named
    from training.fit import Parameters
    from training.plans import plan_again

    plan = plan_again(registry, 0)(screener_named("psychological"))

    assert plan.parameters == Parameters()
    assert plan.budget.trials == 0
