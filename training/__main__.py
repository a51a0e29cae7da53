"""python -m training run: make both screeners from the built matrices and register them as challengers."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from features.settings import Settings, SettingsError

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _progress(text: str) -> None:
    print(f"  {text}", flush=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date like 2026-10-01") from None


def _run(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from features.lake import Lake
    from models.calibration import CalibrationError
    from models.card import STATES
    from training.fit import FitError
    from training.leakage import LeakageError
    from training.matrix import MatrixError, read_matrices
    from training.splits import SplitError

    print("training both screeners")
    try:
        matrices = read_matrices(settings.matrices)
        lake, trained_on = Lake(settings.lake), arguments.today or today
        from models.registry import Registry
        from training.run import train, trained_on_what, would_train_on

        registry = Registry(settings.mlflow_url, settings.mlflow_artifacts)
        note = settings.reports / "training.json"
        if arguments.if_changed and note.is_file() and registry.exists():
            before = json.loads(note.read_text(encoding="utf-8"))
            if before == would_train_on(matrices, lake, trained_on):
                print("  rows, labels, declarations and code are those of the last run: nothing to train")
                return 0
        made = train(
            matrices, lake, registry, trained_on, simulated=settings.truth.is_dir(), progress=_progress
        )
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(trained_on_what(made), indent=1) + "\n", encoding="utf-8")
    except (MatrixError, SplitError, FitError, LeakageError, CalibrationError) as refused:
        print(refused)
        return 1
    simulated = "simulated: " if settings.truth.is_dir() else ""
    for trained in made:
        print(f"{trained.screener.spec.title.en}, version {trained.version.number}")
        for name, measures in trained.measures.items():
            print(
                f"  {simulated}{name}: AUROC {measures['auroc']}, AP {measures['average_precision']},"
                f" slope {measures['calibration_slope']}"
            )
        labels = ", ".join(f"{STATES[name].en.lower()} {number:,}" for name, number in trained.states.items())
        print(f"  labels: {labels}")
        if trained.never_heard:
            print(f"  never delivered, so unseen in the outcome: {', '.join(trained.never_heard)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="From feature matrices to screeners. All state lies under MIAOHU_HOME (./var).",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    run = commands.add_parser(
        "run",
        help="label, check for leaks, fit, calibrate, judge and register both screeners",
        description="Uses only what was known before the training date. Nothing is put into use:"
        " python -m evaluation promote does that.",
    )
    run.add_argument("--today", type=_day, help="the training date (default: today)")
    run.add_argument(
        "--if-changed",
        action="store_true",
        help="do nothing if rows, labels, declarations and code are those of the last run",
    )
    run.set_defaults(run=_run)
    return parser


def main(words: list[str], now: Callable[[], datetime]) -> int:
    """Run one command; 0 done, 1 could not be done (a sentence says why), 2 misused."""
    arguments = _parser().parse_args(words)
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    try:
        code: int = arguments.run(Settings.read(), arguments, now().date())
    except SettingsError as error:
        print(error)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda: datetime.now(SHANGHAI)))
