"""`python -m evaluation external`: from a path and a declaration's name to reports, or to a sketch.

Some sources are no table but dated events; a declaration that says `made_by` has its table made from them
by the feature engine first, as of a day, and is then judged like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from evaluation.external.declaration import Layout
from evaluation.external.declaration_file import read_declaration, shipped
from evaluation.external.entry import TableError
from evaluation.external.found import External
from evaluation.external.judging import judge_table
from evaluation.external.report import write
from evaluation.external.sketch import sketch


def external(
    data: Path,
    declaration: str | None,
    outcome: str | None,
    yardsticks: bool,
    tracked: bool,
    out: Path,
    today: date,
    progress: Callable[[str], None],
) -> Iterator[str]:
    """Judge, write the reports, and say in a few lines what was found; TableError says what is wrong."""
    declared = read_declaration(declaration or declaration_beside(data))
    found = judge_table(declared, data, today, progress, outcome, yardsticks)
    yield from summary(found)
    for path in write(found, out / declared.name):
        yield str(path)
    if tracked:
        yield str(track(found, out / declared.name))


def track(found: External, folder: Path) -> Path:
    """Log every candidate of every study in a database beside the report; its path."""
    from models.registry import Registry  # MLflow takes seconds to import

    database = folder / "mlflow.db"
    registry = Registry(f"sqlite:///{database.resolve()}", folder / "mlflow")
    tags = {
        "data_hash": found.data_hash,
        "code_hash": found.code_hash,
        "simulated": str(found.declaration.simulated).lower(),
    }
    with registry.run(f"external {found.declaration.name} {found.made_on}", tags):
        for study in found.studies:
            about = {"outcome": study.outcome.name, "split": study.split.name}
            for one in study.candidates:
                proposed = str(one.name == study.proposal.proposed).lower()
                with registry.candidate(
                    f"{study.outcome.name}, {study.split.name}: {one.name}", {**about, "proposed": proposed}
                ):
                    # Every part was fitted by itself; the first stands for how.
                    registry.log(one.told[0], one.measures)
    return database


def declaration_beside(data: Path) -> str:
    """The shipped declaration called like the data, or the TOML file beside it."""
    if data.stem in shipped():
        return data.stem
    beside = data.with_name(f"{data.name.split('.')[0]}.toml")
    if beside.is_file():
        return str(beside)
    raise TableError(
        f"No declaration describes {data.name}: give one with --declaration ({', '.join(shipped())} ship), or"
        f" begin with --sketch {beside.name}."
    )


def summary(found: External) -> Iterator[str]:
    """A line for each candidate of each study."""
    simulated = "simulated: " if found.declaration.simulated else ""
    for study in found.studies:
        yield (
            f"{study.outcome.title.en}, {study.split.title.en}: {study.rows:,} rows judged,"
            f" {study.positives:,} with the outcome"
        )
        for one in study.candidates:
            mark = "  <- proposed" if one.name == study.proposal.proposed else ""
            yield (
                f"  {simulated}{one.title.en}: AUROC {one.measures['auroc']},"
                f" slope {one.measures['calibration_slope']}{mark}"
            )
        for other in study.yardsticks:
            yield f"  {simulated}beside it, {other.title.en}: AUROC {other.auroc}; ahead {other.ahead}"


def write_sketch(data: Path, to: Path) -> Iterator[str]:
    """Write a first declaration; never over a file that is there."""
    if to.exists():
        raise TableError(f"{to.name} is there already; name another file for the sketch.")
    to.write_text(sketch(data, Layout.plain()), encoding="utf-8")
    yield str(to)
    yield "Nothing in it is decided yet: move columns to [columns], say what the outcome is, then run again."
