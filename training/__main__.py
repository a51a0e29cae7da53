"""python -m training run | retrain | benchmark: make every candidate of both screeners and register them."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from features.settings import Settings, SettingsError

if TYPE_CHECKING:
    from training.run import Trained

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _progress(text: str) -> None:
    print(f"  {text}", flush=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date like 2026-10-01") from None


def _run(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    return _train(settings, arguments, today, again=False)


def _retrain(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    return _train(settings, arguments, today, again=True)


def _train(settings: Settings, arguments: argparse.Namespace, today: date, again: bool) -> int:
    from features.lake import Lake
    from models.calibration import CalibrationError
    from training.fit import FitError
    from training.leakage import LeakageError
    from training.matrix import MatrixError, read_matrices
    from training.run import Choice
    from training.splits import SplitError

    if arguments.choose and not (arguments.by and arguments.why):
        print("A candidate is chosen by somebody for a reason: give --by and --why.")
        return 2
    print("training every candidate of both screeners")
    try:
        matrices = read_matrices(settings.matrices)
        lake, trained_on = Lake(settings.lake), arguments.today or today
        from models.registry import Registry
        from training.plans import plan_again, plan_anew
        from training.run import train, trained_on_what, would_train_on

        registry = Registry(settings.mlflow_url, settings.mlflow_artifacts)
        note = settings.reports / "training.json"
        if arguments.if_changed and note.is_file() and registry.exists():
            before = json.loads(note.read_text(encoding="utf-8"))
            if before == would_train_on(matrices, lake, trained_on):
                print("  rows, labels, declarations and code are those of the last run: nothing to train")
                return 0
        choice = Choice(arguments.choose, arguments.by, arguments.why) if arguments.choose else None
        made = train(
            matrices,
            lake,
            registry,
            trained_on,
            simulated=settings.truth.is_dir(),
            progress=_progress,
            plan=plan_again(registry, arguments.trials) if again else plan_anew(arguments.trials),
            choice=choice,
        )
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(trained_on_what(made), indent=1) + "\n", encoding="utf-8")
    except (MatrixError, SplitError, FitError, LeakageError, CalibrationError) as refused:
        print(refused)
        return 1
    _tell(made, "simulated: " if settings.truth.is_dir() else "")
    return 0


def _tell(made: "list[Trained]", simulated: str) -> None:
    from models.card import STATES

    for trained in made:
        print(f"{trained.screener.spec.title.en}, version {trained.version.number}")
        for candidate in trained.candidates:
            measures = trained.measures[candidate.name]
            marks = [
                word
                for word, name in (
                    ("proposed", trained.proposal.proposed),
                    ("chosen", trained.version.candidate),
                )
                if name == candidate.name
            ]
            print(
                f"  {simulated}{candidate.name}: AUROC {measures['auroc']},"
                f" AP {measures['average_precision']}, slope {measures['calibration_slope']}"
                + (f" [{', '.join(marks)}]" if marks else "")
            )
        print(f"  {trained.proposal.sentence.en} Chosen by: {trained.version.chosen_by}.")
        labels = ", ".join(f"{STATES[name].en.lower()} {number:,}" for name, number in trained.states.items())
        print(f"  labels: {labels}")
        if trained.never_heard:
            print(f"  never delivered, so unseen in the outcome: {', '.join(trained.never_heard)}")


def _benchmark(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from training.benchmark import benchmark

    print(f"simulated rows, {arguments.children:,} children x {arguments.dates} as-of dates")
    benchmark(arguments.children, arguments.dates, arguments.trials, today, time.perf_counter, _progress)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="From feature matrices to screeners. All state lies under MIAOHU_HOME (./var).",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    run = commands.add_parser(
        "run",
        help="label, check for leaks, make every candidate, judge, propose and register",
        description="Uses only what was known before the training date. The booster is tuned anew, within"
        " the budget, on the fit dates only. The form each screener declares becomes the challenger, unless"
        " --choose names another. Nothing is put into use: python -m evaluation promote does that.",
    )
    again = commands.add_parser(
        "retrain",
        help="the same on the newest data, with the parameters the last run chose",
        description="Differs from run in one thing: how the booster grows is not searched again but taken"
        " from the last run of the same screener (from the declared parameters if there was none), so that"
        " what changed between two versions is the data. --trials N searches N trials, from there.",
    )
    for command in (run, again):
        command.add_argument("--today", type=_day, help="the training date (default: today)")
        command.add_argument(
            "--if-changed",
            action="store_true",
            help="do nothing if rows, labels, declarations and code are those of the last run",
        )
        command.add_argument("--choose", metavar="NAME", help="the candidate to put up for promotion")
        command.add_argument("--by", help="who chose it")
        command.add_argument("--why", help="why")
    run.add_argument(
        "--trials", type=int, help="how many sets of parameters are tried (default: 10; 0: none)"
    )
    again.add_argument("--trials", type=int, default=0, help="search so many trials after all (default: 0)")
    run.set_defaults(run=_run)
    again.set_defaults(run=_retrain)
    timed = commands.add_parser(
        "benchmark", help="time every step of a run on simulated random rows; writes nothing"
    )
    timed.add_argument("--children", type=int, default=100_000)
    timed.add_argument("--dates", type=int, default=6)
    timed.add_argument("--trials", type=int, default=10)
    timed.set_defaults(run=_benchmark)
    return parser


def main(words: list[str], now: Callable[[], datetime]) -> int:
    """Run one command; 0 done, 1 could not be done (a sentence says why), 2 misused."""
    arguments = _parser().parse_args(words)
    # Before numpy is loaded: on vectors this short two threads only wait for each other, up to eightyfold.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
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
