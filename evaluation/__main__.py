"""python -m evaluation report | promote."""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from features.settings import Settings, SettingsError

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _progress(text: str) -> None:
    print(f"  {text}", flush=True)


def _report(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from evaluation.promotion import examine
    from evaluation.report import Report, write
    from features.lake import Lake
    from models.registry import Registry
    from models.screeners import SCREENERS
    from training.matrix import read_matrices

    print(f"judging the {arguments.of}s")
    matrices = read_matrices(settings.matrices)
    registry = Registry(settings.mlflow_url, settings.mlflow_artifacts)
    sections = []
    for spec in SCREENERS:
        _progress(f"{spec.name}: judging on the latest dates")
        section = examine(spec, arguments.of, registry, matrices, Lake(settings.lake))
        if section is None:
            _progress(f"{spec.name}: there is no {arguments.of}")
        else:
            sections.append(section)
    if not sections:
        print(f"There is no {arguments.of} to report on: run python -m training run first.")
        return 1
    _progress("writing the report")
    made = Report(today, settings.truth.is_dir(), sections)
    for path in write(made, settings.reports / "evaluation"):
        print(path)
    return 0


def _promote(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from evaluation.promotion import promote, sentence
    from evaluation.report import Report, as_json
    from features.lake import Lake
    from models.registry import Registry
    from training.matrix import read_matrices

    print("holding the challengers to the gates")
    matrices = read_matrices(settings.matrices)
    registry = Registry(settings.mlflow_url, settings.mlflow_artifacts)
    done = promote(registry, matrices, Lake(settings.lake), settings.champions, _progress)
    if not done:
        print("There is no challenger to promote: run python -m training run first.")
        return 1
    simulated = settings.truth.is_dir()
    for promotion in done:
        print(("simulated: " if simulated else "") + sentence(promotion))
    folder = settings.reports / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    sections = [promotion.section for promotion in done]
    (folder / "promotion.json").write_text(as_json(Report(today, simulated, sections)), encoding="utf-8")
    return 1 if arguments.strict and not all(promotion.passed for promotion in done) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evaluation",
        description="Whether a screener deserves to be used. All state lies under MIAOHU_HOME (./var).",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    report = commands.add_parser("report", help="judge a version and write the report in Chinese and English")
    report.add_argument(
        "--of",
        choices=("challenger", "champion"),
        default="challenger",
        help="which version (default: challenger)",
    )
    report.set_defaults(run=_report)
    promote = commands.add_parser(
        "promote",
        help="put the challengers that pass every gate into use; the others stay out, with the reason",
    )
    promote.add_argument(
        "--strict", action="store_true", help="end with code 1 if a challenger does not pass"
    )
    promote.set_defaults(run=_promote)
    return parser


def main(words: list[str], now: Callable[[], datetime]) -> int:
    """Run one command; 0 done, 1 could not be done (a sentence says why), 2 misused."""
    arguments = _parser().parse_args(words)
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    from evaluation.judging import JudgingError
    from models.screener import ScreenerError
    from training.matrix import MatrixError
    from training.splits import SplitError

    try:
        code: int = arguments.run(Settings.read(), arguments, now().date())
    except (SettingsError, MatrixError, SplitError, JudgingError, ScreenerError) as error:
        print(error)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda: datetime.now(SHANGHAI)))
