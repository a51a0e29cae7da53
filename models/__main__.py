"""python -m models benchmark."""

import argparse
import sys
import time

import numpy as np

from features.settings import Settings, SettingsError


def _benchmark(settings: Settings, arguments: argparse.Namespace) -> int:
    from models import benchmark
    from models.champions import load_champions
    from models.margins import Booster
    from models.screeners import SCREENERS

    rng, clock = np.random.default_rng(1), time.perf_counter
    champions = load_champions(settings.champions)
    timed = {}
    for spec in SCREENERS:
        screener, values = benchmark.stand_in(spec, rng)
        champion = champions.get(spec.name)
        if champion is not None and isinstance(champion.model, Booster):
            print(f"{spec.name}: the champion {champion.version}, on invented rows")
            screener = champion
        else:
            print(f"{spec.name}: no champion with trees here; an invented booster of the declared size")
        for line in benchmark.of_booster(screener.booster.model_to_string(), values, clock):
            print(f"  {line}", flush=True)
        print(f"  {benchmark.of_one_child(screener, values, clock)}", flush=True)
        timed[screener] = values
    text, values = benchmark.invented(benchmark.LARGE, rng)
    print(f"{benchmark.LARGE.trees} trees x {benchmark.LARGE.leaves} leaves, invented")
    for line in benchmark.of_booster(text, values, clock):
        print(f"  {line}", flush=True)
    print(f"a county of {arguments.children:,} invented children")
    for line in benchmark.of_county(timed, arguments.children, rng, clock):
        print(line, flush=True)
    return 0


def _children(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of children")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m models", description="What trained screeners are and how fast they explain."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    benchmark = commands.add_parser(
        "benchmark", help="how fast screeners predict and explain on this machine"
    )
    benchmark.add_argument(
        "--children", type=_children, default=200_000, help="the size of the county (default: 200000)"
    )
    benchmark.set_defaults(run=_benchmark)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 could not be done, 2 not understood."""
    arguments = _parser().parse_args(argv)
    try:
        settings = Settings.read()
    except SettingsError as error:
        print(error)
        return 2
    from models.screener import ScreenerError

    try:
        return int(arguments.run(settings, arguments))
    except ScreenerError as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
