"""python -m evaluation report | promote | rollback | monitor | external."""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from features.settings import Settings, SettingsError

SHANGHAI = ZoneInfo("Asia/Shanghai")
REFITS = 4


def _progress(text: str) -> None:
    print(f"  {text}", flush=True)


def _report(settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    from evaluation.findings import find_out
    from evaluation.promotion import examine
    from evaluation.report import Report, Section, write
    from evaluation.study import read_study
    from features.jurisdiction import load_profile
    from features.lake import Lake
    from models.policy import Policy
    from models.registry import Registry
    from models.screeners import SCREENERS
    from training.matrix import read_matrices

    print(f"judging the {arguments.of}s")
    study = read_study(settings.study)
    profile = load_profile(settings.jurisdiction)
    matrices, lake, policy = read_matrices(settings.matrices), Lake(settings.lake), Policy.read()
    registry = Registry(settings.mlflow_url, settings.mlflow_artifacts)
    sections = []
    for spec in SCREENERS:
        _progress(f"{spec.name}: judging on the latest dates")
        found = examine(spec, arguments.of, registry, matrices, lake)
        if found is None:
            _progress(f"{spec.name}: there is no {arguments.of}")
            continue
        _progress(f"{spec.name}: curves, groups, outages, and {arguments.refits} refits")
        sections.append(Section(found, find_out(found.judged, found.data, lake, policy, arguments.refits)))
    if not sections:
        print(f"There is no {arguments.of} to report on: run python -m training run first.")
        return 1
    _progress("writing the report")
    made = Report(now.date(), settings.truth.is_dir(), profile.title, study, sections)
    written = write(made, settings.reports / "evaluation")
    for section in sections:
        registry.attach(section.examined.version, written)
    for path in written:
        print(path)
    return 0


def _monitor(settings: Settings, _arguments: argparse.Namespace, now: datetime) -> int:
    from evaluation.monitor import monitor, write
    from features.lake import Lake
    from models.champions import load_champions
    from training.matrix import read_matrices

    champions = load_champions(settings.champions)
    print("watching the champions" if champions else "no screener is in use: only freshness is watched")
    matrices, lake = read_matrices(settings.matrices), Lake(settings.lake)
    made = monitor(champions, matrices, lake, now.date(), settings.truth.is_dir())
    for alarm in made.alarms:
        print(("simulated: " if made.simulated else "") + alarm.en)
    for path in write(made, settings.reports / "monitor"):
        print(path)
    return 0


def _promote(settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    from evaluation.promotion import as_json, promote, put_forward, sentence
    from features.lake import Lake
    from models.registry import Registry
    from models.screeners import SCREENERS, screener_named
    from training.matrix import read_matrices

    if arguments.candidate and not (arguments.by and arguments.why):
        print("A candidate is chosen by somebody for a reason: give --by and --why.")
        return 2
    print("holding the challengers to the gates")
    matrices = read_matrices(settings.matrices)
    registry = Registry(settings.mlflow_url, settings.mlflow_artifacts)
    specs = [screener_named(arguments.screener)] if arguments.screener else list(SCREENERS)
    if arguments.candidate:
        for spec in specs:
            put_forward(registry, spec, arguments.candidate, arguments.by, arguments.why)
    done = promote(registry, matrices, Lake(settings.lake), settings.champions, now, _progress, specs)
    if not done:
        print("There is no challenger to promote: run python -m training run first.")
        return 1
    simulated = settings.truth.is_dir()
    for promotion in done:
        print(("simulated: " if simulated else "") + sentence(promotion))
    folder = settings.reports / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "promotion.json").write_text(as_json(done, simulated), encoding="utf-8")
    return 1 if arguments.strict and not all(promotion.passed for promotion in done) else 0


def _rollback(settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    from evaluation.promotion import roll_back
    from models.registry import Registry
    from models.screeners import screener_named

    registry = Registry(settings.mlflow_url, settings.mlflow_artifacts)
    spec = screener_named(arguments.screener)
    decision = roll_back(
        registry, spec, settings.champions, arguments.by, arguments.why, now, to=arguments.to
    )
    print(
        f"{spec.name}: version {decision.version} ({decision.content}, {decision.candidate}) is the champion"
        f" again, by {decision.by}: {decision.why}"
    )
    return 0


def _external(settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    from evaluation.external.command import external, write_sketch

    if arguments.sketch:
        for line in write_sketch(arguments.data, arguments.sketch):
            print(line)
        return 0
    print("judging a table that is not ours")
    folder = arguments.out or settings.reports / "external"
    for line in external(
        arguments.data,
        arguments.declaration,
        arguments.outcome,
        arguments.yardsticks,
        arguments.track,
        folder,
        now.date(),
        _progress,
    ):
        print(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    from models.screeners import SCREENERS

    parser = argparse.ArgumentParser(
        prog="python -m evaluation",
        description="Whether a screener deserves to be used. All state lies under MIAOHU_HOME (./var).",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    names = tuple(spec.name for spec in SCREENERS)
    report = commands.add_parser("report", help="judge a version and write the report in Chinese and English")
    report.add_argument(
        "--of",
        choices=("challenger", "champion"),
        default="challenger",
        help="which version (default: challenger)",
    )
    report.add_argument(
        "--refits",
        type=int,
        default=REFITS,
        help=f"fits on resampled children, to see how stable the list is (default: {REFITS}; 0: none)",
    )
    report.set_defaults(run=_report)
    promote = commands.add_parser(
        "promote",
        help="put the challengers that pass every gate into use; the others stay out, with the reason",
    )
    promote.add_argument(
        "--strict", action="store_true", help="end with code 1 if a challenger does not pass"
    )
    promote.add_argument(
        "--candidate", metavar="NAME", help="put this candidate of the latest training up instead"
    )
    promote.add_argument("--screener", choices=names, help="only this screener (default: all)")
    promote.add_argument("--by", help="who chose the candidate")
    promote.add_argument("--why", help="why")
    promote.set_defaults(run=_promote)
    rollback = commands.add_parser(
        "rollback",
        help="put an earlier champion back into use, at once; recorded with who and why",
        description="Changes the registry's champion and the files that serving reads. No gate is asked:"
        " the version passed them when it was promoted.",
    )
    rollback.add_argument("--screener", choices=names, required=True)
    rollback.add_argument("--by", required=True, help="who decides")
    rollback.add_argument("--why", required=True, help="why")
    rollback.add_argument("--to", metavar="VERSION", help="which earlier champion (default: the last one)")
    rollback.set_defaults(run=_rollback)
    watch = commands.add_parser(
        "monitor",
        help="after a round: drift, calibration as outcomes arrive, who is missed, freshness",
        description="Changes nothing that is in use; the dashboard reads reports/monitor/monitor.json.",
    )
    watch.set_defaults(run=_monitor)
    external = commands.add_parser(
        "external",
        help="fit and judge the same candidates on a table that is not ours, described by a declaration",
        description="Reads CSV, Parquet, Stata or SAS. What the declaration may say stands in"
        " evaluation/external/tables/README.md.",
    )
    external.add_argument(
        "--data", type=Path, required=True, help="the table: a file, or a folder of Parquet"
    )
    external.add_argument(
        "--declaration",
        help="a TOML file, or the name of one that ships (default: the one called like the data)",
    )
    external.add_argument("--outcome", help="only this outcome (default: all that are declared)")
    external.add_argument("--out", type=Path, help="where the report goes (default: reports/external)")
    external.add_argument(
        "--yardsticks", action="store_true", help="hold plain library models beside it, on the same folds"
    )
    external.add_argument("--track", action="store_true", help="log the run in an MLflow database beside it")
    external.add_argument(
        "--sketch", type=Path, metavar="FILE", help="write a first declaration to finish by hand, and stop"
    )
    external.set_defaults(run=_external)
    return parser


def main(words: list[str], now: Callable[[], datetime]) -> int:
    """Run one command; 0 done, 1 could not be done (a sentence says why), 2 misused."""
    arguments = _parser().parse_args(words)
    # Before numpy is loaded: on vectors this short two threads only wait for each other, up to eightyfold.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    from evaluation.external.entry import TableError
    from evaluation.judging import JudgingError
    from evaluation.promotion import PromotionError
    from evaluation.study import StudyError
    from models.screener import ScreenerError
    from training.matrix import MatrixError
    from training.splits import SplitError

    try:
        code: int = arguments.run(Settings.read(), arguments, now())
    except (
        SettingsError,
        MatrixError,
        SplitError,
        JudgingError,
        PromotionError,
        ScreenerError,
        StudyError,
        TableError,
    ) as error:
        print(error)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda: datetime.now(SHANGHAI)))
