"""One training run, its report and its promotion, on a lake small enough to train in seconds."""

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.__main__ import main as evaluation_main
from features.catalogue import FEATURES
from features.engine import Engine
from features.lake import Delivery, Lake
from features.language import Department
from features.sources import SOURCES, source_named
from models.champions import load_champions
from tests.support_models import AREAS, DATES, child
from training.__main__ import main as training_main

# MLflow uses what its own libraries are about to drop; nothing of ours is excused.
pytestmark = pytest.mark.filterwarnings("ignore:::mlflow")

CHILDREN = 700
TODAY = date(2026, 11, 20)
SEEN_UNTIL = date(2026, 10, 25)


def now():
    return datetime(2026, 11, 20, 9, 0)  # noqa: DTZ001  # the commands only take the day from it


def deliver(lake: Lake, source_name: str, rows: list[dict]) -> None:
    source = source_named(source_name)
    frame = pd.DataFrame(rows)
    number = len(rows)
    lake.append(
        source,
        frame,
        Delivery(
            delivery=f"{source_name}-1", source=source_name, department=source.department.value,
            received_on=SEEN_UNTIL, history=True, file=f"{source_name}.csv", sha256="0" * 64,
            delivered=number, accepted=number, quarantined=0, unresolved=0,
            heard_from=date(2019, 1, 1), heard_to=SEEN_UNTIL,
        ),
    )  # fmt: skip


def rows_of(rng: np.random.Generator, prefix: str, per_half_year: float, delay: int, **values) -> list[dict]:
    """Records strewn over children and half-years; a value that is a list is drawn from."""
    made = []
    for number in range(CHILDREN):
        for as_of in DATES:
            for _ in range(rng.poisson(per_half_year)):
                happened = as_of - timedelta(days=int(rng.integers(delay + 1, 180)))
                drawn = {k: rng.choice(v) if isinstance(v, list) else v for k, v in values.items()}
                made.append(
                    {
                        "child_key": child(number), "record_id": f"{prefix}{len(made)}", "version": 1,
                        "occurred_on": happened, "known_on": happened + timedelta(days=delay),
                        "delivery": "-", **drawn,
                    }
                )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data home whose outcomes follow from absences, bullying and divorce; the other departments are quiet."""
    folder = tmp_path_factory.mktemp("home")
    rng = np.random.default_rng(11)
    lake = Lake(folder / "lake")
    told = {
        "absences": rows_of(rng, "a", 0.5, 5, kind=["unexplained", "sick"], sessions=6.0),
        "bullying_reports": rows_of(rng, "b", 0.2, 5, severity=["minor", "serious"]),
        "household_changes": rows_of(rng, "h", 0.1, 5, kind=["divorced", "remarried"]),
        "residence": [
            {
                "child_key": child(number), "record_id": f"p{number}", "version": 1,
                "occurred_on": date(2019, 3, 1), "known_on": date(2019, 3, 8), "delivery": "-",
                "birth_on": date(2012, 1, 1) + timedelta(days=number), "sex": "female",
                "area_code": f"{AREAS[number % 4]}001", "hukou_area": "522601", "arrived_on": date(2018, 1, 1),
            }
            for number in range(CHILDREN)
        ],
    }  # fmt: skip
    for name, rows in told.items():
        deliver(lake, name, rows)
    rest = [s for s in SOURCES if s.department is not Department.REVIEW and s.name not in told]
    outcomes = ("visits", "admonitions")
    for source in rest:
        if source.name not in outcomes:
            deliver(lake, source.name, [])
    lake.compact()
    keys = pd.DataFrame({"child_key": [child(n) for n in range(CHILDREN)] * len(DATES)})
    keys["as_of"] = [day for day in DATES for _ in range(CHILDREN)]
    values = matrix_of(lake, keys)
    odds = -3.0 + 0.8 * values["absences_unexplained_90d"] + 1.2 * values["bullied_365d"]
    odds += 1.0 * values["parents_divorced_730d"]
    for name, extra in (
        ("visits", {"block": "F30-F39", "setting": "outpatient"}),
        ("admonitions", {"victim": "child"}),
    ):
        happened = rng.random(len(keys)) < 1 / (1 + np.exp(-odds.to_numpy()))
        rows = [
            {
                "child_key": keys["child_key"][place], "record_id": f"{name}{place}", "version": 1,
                "occurred_on": keys["as_of"][place] + timedelta(days=30 + int(rng.integers(0, 140))),
                "known_on": keys["as_of"][place] + timedelta(days=210), "delivery": "-", **extra,
            }
            for place in np.flatnonzero(happened)
        ]  # fmt: skip
        deliver(lake, name, rows)
    lake.compact()
    write_matrices(folder, keys, matrix_of(lake, keys))
    return folder


def matrix_of(lake: Lake, keys: pd.DataFrame) -> pd.DataFrame:
    silent = {day: lake.silent(day) for day in DATES}
    with Engine(lake.tables(), threads=2) as engine:
        return engine.matrix(keys, FEATURES, silent)


def write_matrices(folder: Path, keys: pd.DataFrame, values: pd.DataFrame) -> None:
    (folder / "matrices").mkdir(exist_ok=True)
    about = keys.assign(
        eligible=True, reason="eligible", sex="female", school_type="public", stage="primary",
        area_code=[f"{AREAS[int(key[1:]) % 4]}001" for key in keys["child_key"]],
    )  # fmt: skip
    matrix = pd.concat([about, values.drop(columns=["child_key", "as_of"])], axis=1)
    for as_of, rows in matrix.groupby("as_of"):
        rows.to_parquet(folder / "matrices" / f"{as_of}.parquet", index=False)
    silent = {str(day): [] for day in DATES}
    (folder / "matrices" / "built.json").write_text(json.dumps({"silent": silent}), encoding="utf-8")


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
        ("train", training_main, ["run"]),
        ("again", training_main, ["run", "--if-changed"]),
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
    assert len(re.findall(r"screener: AUROC 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)", text)) == 2
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
        "beside.json", "card.en.md", "card.zh.md", "margin.txt", "results.json", "screener.json",
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
            for part in ("", ": logistic", ": base_rate")
        ),
    }


def test_the_report_is_written_in_both_languages_and_fetches_nothing(said, environment):
    code, text = said["report"]
    folder = environment / "reports" / "evaluation"

    assert code == 0, text
    for language, heading in (("zh", "评估报告"), ("en", "Evaluation report")):
        page = (folder / f"evaluation.{language}.html").read_text(encoding="utf-8")
        assert heading in page
        assert page.count("data:image/png;base64,") == 6
        assert not re.search(r"(src|href)=\"(?!data:)", page)
        assert child(1) not in page
        assert "imulated" not in page
        assert bool(re.search(r"\(0\.\d{3} to 0\.\d{3}\)", page)) is (language == "en")
    figures = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert [screener["screener"] for screener in figures["screeners"]] == ["psychological", "guardianship"]
    assert said["champion"][0] == 0


def test_each_page_of_the_report_speaks_one_language(said, environment):
    words = {
        language: re.sub(
            r"<[^>]+>",
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
