"""python -m features …: from deliveries to features, and what is asked of one child's records."""

import argparse
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
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


def _synthesise(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from features.synthetic import PRESETS, latest_round_end, write_county
    from features.synthetic.places import write_areas

    if arguments.if_empty and settings.deliveries.is_dir() and any(settings.deliveries.iterdir()):
        print("deliveries are there already: the county is kept as it is")
        return 0
    if settings.deliveries.is_dir() and any(settings.deliveries.iterdir()):
        print(
            f"{settings.deliveries} already holds deliveries; a county is only written into an empty folder."
        )
        return 1
    until = arguments.until or latest_round_end(today)
    print(f"writing the deliveries of a simulated county: {arguments.children:,} children until {until}")
    summary = write_county(
        settings.deliveries,
        settings.truth,
        PRESETS[arguments.preset],
        children=arguments.children,
        years=arguments.years,
        until=until,
        seed=arguments.seed,
        progress=_progress,
    )
    write_areas(settings.areas)
    print(summary)
    return 0


def _intake(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from features.identity import open_identity
    from features.intake import take_in
    from features.lake import Lake

    folder = arguments.deliveries or settings.deliveries
    if not folder.is_dir():
        print(f"There is no folder of deliveries at {folder}; give one with --deliveries.")
        return 1
    print("taking deliveries in: contract check, quarantine, child keys")
    identity = open_identity(settings)
    report = take_in(
        folder,
        lake=Lake(settings.lake),
        identity=identity,
        quarantine=settings.quarantine,
        reports=settings.reports,
        received_on=arguments.received_on or today,
        progress=_progress,
    )
    for line in report.summary_lines(arguments.language):
        print(line)
    return 0


def _build(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from features.jurisdiction import eligibility_reason_text, load_profile
    from features.lake import Lake
    from features.matrices import build

    print("building features by the date each record was known")
    built = build(
        Lake(settings.lake),
        load_profile(settings.jurisdiction),
        arguments.today or today,
        settings.matrices,
        _progress,
    )
    state = "unchanged since the last build" if built.reused else "built"
    print(
        f"{len(built.rounds)} rounds from {built.rounds[0]} to {built.rounds[-1]}: {built.rows:,} rows,"
        f" {built.in_scope:,} in scope ({state})"
    )
    for reason, count in built.left_out.items():
        print(f"  not in scope on {built.rounds[-1]}: {eligibility_reason_text(reason).en}: {count:,}")
    return 0


def _document(_settings: Settings, _arguments: argparse.Namespace, _today: date) -> int:
    from features.documents import write_documents

    for path in write_documents(Path(__file__).parents[1]):
        print(path.name)
    return 0


def _benchmark(_settings: Settings, arguments: argparse.Namespace, _today: date) -> int:
    from features.benchmark import FULL, SMALL, Size, run

    size = FULL if arguments.full else SMALL
    size = Size(
        arguments.events or size.events, arguments.children or size.children, arguments.dates or size.dates
    )
    for line in run(size, tuple(arguments.parts), arguments.seed, perf_counter, arguments.scratch):
        print(line, flush=True)
    return 0


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, does: str, more: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}. {more}")


def _link(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from features.identity import IdentityError
    from features.link_commands import decide_pair, list_pairs, run_link
    from features.link_store import DIFFERENT, SAME, LinkError

    try:
        if arguments.what == "run":
            print("linking records without a usable number to their children")
            lines = run_link(settings, arguments.today or today, _progress)
        elif arguments.what == "list":
            lines = list_pairs(settings, every=arguments.all)
        else:
            verdict = SAME if arguments.same else DIFFERENT
            lines = decide_pair(
                settings,
                arguments.pair,
                verdict,
                by=arguments.by,
                reason=arguments.reason,
                at=arguments.now,
                alike=arguments.alike,
            )
    except (IdentityError, LinkError) as error:
        print(error)
        return 1
    for line in lines:
        print(line)
    return 0


def _measure_links(_settings: Settings, arguments: argparse.Namespace, _today: date) -> int:
    from features.linkage_measure import fit, keep, measure, model_lines, time_linking
    from features.linkage_model import LinkageError, LinkageModel

    try:
        if arguments.what == "fit":
            print("learning the weights and lines of linking from simulated labelled samples")
            model = fit()
            keep(model)
            lines = model_lines(model)
        elif arguments.time:
            lines = time_linking(arguments.time, LinkageModel.load())
        else:
            lines = measure(LinkageModel.load(), arguments.febrl)
        for line in lines:
            print(line, flush=True)
    except LinkageError as error:
        print(error)
        return 1
    return 0


def _child(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from features.child_commands import forget_without_queue, history, readmit
    from features.identity import IdentityError

    try:
        if arguments.command == "history":
            lines = history(settings, arguments.child_key)
        else:
            does = forget_without_queue if arguments.command == "forget" else readmit
            lines = does(settings, arguments.child_key, arguments.basis, today)
    except IdentityError as error:
        print(error)
        return 1
    for line in lines:
        print(line)
    return 0


def _lists(settings: Settings, arguments: argparse.Namespace, today: date) -> int:
    from features.areas import read_areas
    from features.entitlements import report
    from features.identity import open_identity
    from features.jurisdiction import load_profile
    from features.lake import Lake
    from features.repeats import repeat_lines
    from features.roster import roster_gaps, write_roster

    lake, profile = Lake(settings.lake), load_profile(settings.jurisdiction)
    as_of, simulated = arguments.as_of or today, settings.truth.is_dir()
    if arguments.command == "repeat":
        print(*repeat_lines(lake.tables(), as_of, simulated), sep="\n")
        return 0
    identity = open_identity(settings)
    try:
        if arguments.command == "roster":
            areas = read_areas(settings.areas)
            gaps = roster_gaps(lake, identity, profile, areas, as_of, simulated=simulated)
            lines, paths = gaps.lines(), write_roster(gaps, areas, settings.reports)
        else:
            counted, paths = report(lake, identity, profile, as_of, settings.reports, simulated=simulated)
            lines = tuple(counted["lines"])
    finally:
        identity.close()
    for line in (*lines, *(str(path) for path in paths)):
        print(line)
    return 0


def _keys(settings: Settings, _arguments: argparse.Namespace, _today: date) -> int:
    from features.identity import IdentityError
    from features.link_commands import rotate_keys

    try:
        for line in rotate_keys(settings):
            print(line)
    except IdentityError as error:
        print(error)
        return 1
    return 0


def _add_link(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    link = commands.add_parser(
        "link", help="find the child behind records without a usable number, and decide doubtful pairs"
    )
    whats = link.add_subparsers(required=True, metavar="what", dest="what")
    run = whats.add_parser("run", help="link what is sure, list what is not, apply decisions")
    run.add_argument("--today", type=_day, help="the day links are known from (default: today)")
    listed = whats.add_parser("list", help="the pairs that wait for a person, both sides masked")
    listed.add_argument("--all", action="store_true", help="also those linked or decided, with who and when")
    decide = whats.add_parser("decide", help="say whether the two sides of a pair are one child")
    decide.add_argument("--pair", required=True, help="the pair's name, as list shows it")
    verdict = decide.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--same", action="store_true", help="both sides are one child")
    verdict.add_argument("--different", action="store_true", help="they are two children")
    decide.add_argument(
        "--alike", action="store_true", help="decide so of every waiting record that says the same"
    )
    decide.add_argument("--by", required=True, help="who decided")
    decide.add_argument("--reason", required=True, help="why; kept sealed")
    for each in (run, listed, decide):
        each.set_defaults(run=_link)
    measure = whats.add_parser("measure", help="precision and recall on simulated truth, and on FEBRL")
    measure.add_argument("--febrl", type=Path, help="folder with FEBRL's dataset4a.csv and dataset4b.csv")
    measure.add_argument("--time", type=int, metavar="ROWS", help="only time so many rows against so many")
    fit = whats.add_parser("fit", help="learn the shipped weights and lines again")
    for each in (measure, fit):
        each.set_defaults(run=_measure_links)

    keys = commands.add_parser("keys", help="the keys of the identity store")
    actions = keys.add_subparsers(required=True, metavar="what", dest="what")
    rotate = actions.add_parser("rotate", help="change the master key; no pseudonym and no value changes")
    rotate.set_defaults(run=_keys)


def _add_child(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    forget = _command(
        commands, "forget", "delete a child where no queue is", "What was deleted cannot be brought back."
    )
    readmit = _command(
        commands,
        "readmit",
        "let a child deleted by right be taken in again, from the next delivery on",
        "Nothing that was deleted comes back.",
    )
    history = _command(
        commands,
        "history",
        "every version of every record of a child, and since when each no longer counts",
        "Pseudonymous: no name and no number.",
    )
    for each in (forget, readmit, history):
        each.add_argument("--child-key", required=True, help="the child's key, as pages and reports show it")
        each.set_defaults(run=_child, command=each.prog.split()[-1])
    roster = _command(
        commands,
        "roster",
        "list children whom a department has seen and the roster does not hold",
        "Written as a page, a table and JSON with masked names.",
    )
    entitlements = _command(
        commands,
        "entitlements",
        "list services that records imply and nobody shows",
        "By declared rules against the 20 services; a silent department gives no finding.",
    )
    repeat = _command(commands, "repeat", "list forms of instruments without a result", "No sign of risk.")
    for each in (roster, entitlements, repeat):
        each.add_argument("--as-of", type=_day, help="by what was known before this day (default: today)")
        each.set_defaults(run=_lists, command=each.prog.split()[-1])
    for each in (forget, readmit):
        each.add_argument("--basis", required=True, help="who asked, and by which right; kept sealed")


def _add_benchmark(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from features.benchmark import PARTS

    benchmark = _command(
        commands,
        "benchmark",
        "measure what computing features costs, as ratios within one run",
        "On made-up events in a scratch folder: 2 million and 10,000 children, two minutes on a laptop.",
    )
    benchmark.add_argument("--full", action="store_true", help="20 million events, 100,000 children: 4 GB")
    benchmark.add_argument("--events", type=int, help="how many events instead")
    benchmark.add_argument("--children", type=int, help="how many children instead")
    benchmark.add_argument("--dates", type=int, help="how many as-of dates together (default 12)")
    benchmark.add_argument(
        "--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}"
    )
    benchmark.add_argument(
        "--scratch", type=Path, help="where the scratch folder is made (default: the system's)"
    )
    benchmark.add_argument("--seed", type=int, default=7, help="the same seed makes the same events")
    benchmark.set_defaults(run=_benchmark)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m features",
        description="From department deliveries to features. All state lies under MIAOHU_HOME (./var).",
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    synthesise = _command(
        commands,
        "synthesise",
        "write the deliveries of a simulated county",
        "Nobody in it exists. A folder per department: codes, dates as text, and mistakes, as in exports.",
    )
    synthesise.add_argument("--children", type=int, default=6000, help="how many children (default 6000)")
    synthesise.add_argument("--years", type=int, default=6, help="how many years of records (default 6)")
    synthesise.add_argument(
        "--seed", type=int, default=7, help="the same seed writes the same county (default 7)"
    )
    synthesise.add_argument(
        "--preset", choices=("base", "high", "low"), default="base", help="how common trouble is"
    )
    synthesise.add_argument(
        "--until", type=_day, help="last day of records (default: end of the last round's month)"
    )
    synthesise.add_argument("--if-empty", action="store_true", help="keep what is there")
    synthesise.set_defaults(run=_synthesise)

    intake = _command(
        commands,
        "intake",
        "take deliveries in: contract check, quarantine, child keys",
        "What cannot be accepted is sealed in quarantine and named in the report with file, row and rule.",
    )
    intake.add_argument(
        "--deliveries", type=Path, help="folder of deliveries (default: deliveries in the data home)"
    )
    intake.add_argument(
        "--received-on", type=_day, help="day on which files without a date folder came (default: today)"
    )
    intake.add_argument(
        "--language", choices=("zh", "en"), default="en", help="language of the summary printed"
    )
    intake.set_defaults(run=_intake)

    _add_link(commands)
    _add_child(commands)

    build = _command(
        commands,
        "build",
        "build the feature matrix of every round",
        "Each round sees only what was known before its date. Nothing is built twice.",
    )
    build.add_argument(
        "--today", type=_day, help="the newest round is the last on or before this day (default: today)"
    )
    build.set_defaults(run=_build)

    document = _command(
        commands,
        "document",
        "write the feature catalogue again from the declarations",
        "Also the tables in the README that follow from declarations.",
    )
    document.set_defaults(run=_document)
    _add_benchmark(commands)
    return parser


def main(words: list[str], now: Callable[[], datetime]) -> int:
    """Run one command; 0 done, 1 could not be done (a sentence says why), 2 misused."""
    arguments = _parser().parse_args(words)
    try:
        settings = Settings.read()
        arguments.now = now()
    except SettingsError as error:
        print(error)
        return 1
    # Only now, so that --help does not wait for pandas.
    from features.delivery import MappingError
    from features.engine import EngineError
    from features.identity import IdentityError
    from features.jurisdiction import ProfileError, ProfileUnknown
    from features.matrices import NothingToBuild
    from features.signals import LakeError
    from features.synthetic import CountyError

    try:
        code: int = arguments.run(settings, arguments, arguments.now.date())
    except (
        CountyError,
        EngineError,
        IdentityError,
        LakeError,
        MappingError,
        NothingToBuild,
        ProfileError,
        ProfileUnknown,
    ) as refused:
        print(refused)
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        print(f"{error.filename} cannot be used: {error.strerror}.")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda: datetime.now(SHANGHAI)))
