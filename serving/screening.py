"""One round of screening: who is in scope, features, screeners, policy, and cases opened in one stroke.

    run_round        the newest round's as-of date, screened once; its first weekly release
    next_release     a week later: screened again as of that day, the next part of everyone's capacity

Hard triggers and requests never wait for a week, nor for anything here to succeed: `serving/raising.py`.

Everything is worked out first. Screenings that alert nobody are kept in small transactions; the round,
its alerts with their screenings, and the cases are one transaction. Killed at any moment and run again, no
alert is lost or doubled: what is kept is known by its content, and an alert by what it is about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from features.catalogue import FEATURES
from features.cohort import COLUMNS, cohort
from features.engine import Engine
from features.jurisdiction import Profile
from features.lake import Lake
from features.matrices import fingerprint, read_matrix, rounds_covered
from features.people import People
from models.explanation import with_evidence
from models.facts import Tables, already_positive
from models.margins import Booster
from models.policy import Alert, Candidate, Policy, Release, choose
from models.rules import RULES, RuleFinding, find
from models.screener import Screener
from models.screening import Screening
from serving.evidence import evidence_for, open_reader
from serving.raising import facts_of, hits_of, raise_triggers, raised_of_persons, since
from serving.review import opening, queries, screenings, worked
from serving.review.store import Store
from serving.triggers import by_now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Progress = Callable[[str], None]
HouseholdOf = Callable[[Collection[str]], Mapping[str, str]]

SHANGHAI = ZoneInfo("Asia/Shanghai")
RELEASE_EVERY = timedelta(days=7)
# Screenings kept in one transaction; others wait for the lock no longer than this takes.
PART = 500


def nobody_together(_child_keys: Collection[str]) -> Mapping[str, str]:
    """No household is known of any child."""
    return {}


class NothingToScreen(LookupError):
    """The lake holds nobody to screen; the message says what to do first."""


@dataclass(frozen=True)
class Deps:
    """What a round needs: records, rules, screeners in use, and where the work goes.

    `kept`: screeners used before, by name and version. `household_of`: the pseudonym of each child's
    household, of those that have one; it joins a case for a visit and no screening. `waiting`: reports whose
    child nobody knows.
    """

    lake: Lake
    matrices: Path
    profile: Profile
    policy: Policy
    champions: Mapping[str, Screener]
    store: Store
    now: Callable[[], datetime]
    people: People = field(default_factory=People)
    kept: Callable[[str, str], Screener | None] = lambda _name, _version: None
    household_of: HouseholdOf = nobody_together
    waiting: Callable[[], Tables] = dict

    def screener_of(self, name: str, version: str) -> Screener | None:
        """The screener in this version: the one in use, or an earlier one that is kept; None if neither."""
        live = self.champions.get(name)
        return live if live is not None and live.version == version else self.kept(name, version)


@dataclass(frozen=True)
class Outcome:
    """What one call did. `number` is the release of the round; `done_before` says nothing was left to do."""

    round_id: str
    number: int
    screened: int
    opened: opening.Opened
    by_rules: bool
    waiting: int
    done_before: bool = False


@dataclass(frozen=True)
class _Screened:
    """A cohort with features, and what screeners and rules say of those in scope."""

    as_of: date
    people: pd.DataFrame
    matrix: pd.DataFrame
    silent: frozenset[str]
    screenings: Mapping[str, tuple[Screening, ...]]
    candidates: tuple[Candidate, ...]


def run_round(deps: Deps, today: date, rng: Random, progress: Progress) -> Outcome:
    """Screen the newest round's as-of date and make its first release; done before, only new triggers."""
    as_of = deps.profile.newest_round(today)
    round_id = as_of.isoformat()
    with deps.store.read() as session:
        begun = queries.last_release(session, round_id)
    if begun is not None:
        progress(f"the round of {round_id} was screened before; looking for new triggers only")
        opened = raise_triggers(deps, today)
        return Outcome(round_id, begun.number, 0, opened, not deps.champions, 0, done_before=True)
    screened = _screen(deps, as_of, progress)
    return _release(deps, screened, round_id, 1, today, rng, progress, keep_all=True)


def next_release(deps: Deps, today: date, rng: Random, progress: Progress) -> Outcome | None:
    """The next weekly release of the newest round, if a week has passed; screened again as of today."""
    with deps.store.read() as session:
        newest = queries.newest_round(session)
        last = queries.last_release(session, newest.id) if newest is not None else None
    if newest is None or last is None or newest.as_of != deps.profile.newest_round(today):
        return run_round(deps, today, rng, progress)
    if last.released_at.astimezone(SHANGHAI).date() + RELEASE_EVERY > today:
        return None
    screened = _screen(deps, today, progress)
    return _release(deps, screened, newest.id, last.number + 1, today, rng, progress, keep_all=False)


def _screen(deps: Deps, as_of: date, progress: Progress) -> _Screened:
    tables = deps.lake.tables()
    if "residence" not in tables:
        raise NothingToScreen("The lake holds no residence records: take deliveries in first.")
    silent = deps.lake.silent(as_of)
    people, matrix = (
        rows[~rows["child_key"].isin(deps.people.forgotten)].reset_index(drop=True)
        for rows in _matrix(deps, tables, as_of, silent, progress)
    )
    progress(f"{len(people):,} children known on {as_of}, {len(matrix):,} of them in scope")
    said: dict[str, list[Screening]] = {}
    already: dict[str, frozenset[str]] = {}
    for name, screener in deps.champions.items():
        already[name] = already_positive(tables, screener.spec.recorded_outcome, [as_of])[as_of]
        rows = matrix[~matrix["child_key"].isin(already[name])].reset_index(drop=True)
        progress(f"screening {len(rows):,} children: {screener.spec.title.en}, version {screener.version}")
        slowly = screener.model.why_slow if isinstance(screener.model, Booster) else None
        if slowly is not None:
            progress(f"its reasons are LightGBM's own work, which takes longer: {slowly}")
        for screening in screener.screen(rows, {as_of: silent}):
            said.setdefault(screening.child_key, []).append(screening)
    known = frozenset[str]().union(*already.values())
    names = [feature.name for feature in FEATURES]
    candidates = []
    for key, area, row in zip(
        matrix["child_key"], matrix["area_code"], matrix[names].to_numpy(dtype="float64"), strict=True
    ):
        # Rules speak where no screener does; a child whose situation is on record is no news to them either.
        rules: RuleFinding | None = None
        if key not in known:
            rules = find({name: float(value) for name, value in zip(names, row, strict=True)}, RULES)
        candidates.append(Candidate(key, as_of, _area(area), tuple(said.get(key, ())), rules))
    return _Screened(
        as_of, people, matrix, silent, {key: tuple(found) for key, found in said.items()}, tuple(candidates)
    )


def _matrix(
    deps: Deps, tables: Mapping[str, Path], as_of: date, silent: frozenset[str], progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Everybody known on the date, and the features of those in scope; built ones are used if still true."""
    built = _built(deps, as_of)
    if built is None:
        people = cohort(tables, as_of, deps.profile)
        eligible = people[people["eligible"].astype(bool)].reset_index(drop=True)
        progress(f"computing {len(FEATURES)} features for {len(eligible):,} children")
        with Engine(tables) as engine:
            features = engine.matrix(eligible[["child_key", "as_of"]], FEATURES, {as_of: silent})
        # The age stands in both, and is the same.
        own = eligible.drop(columns=[name for name in eligible.columns if name in features.columns])
        matrix = pd.concat([own, features], axis=1)
    else:
        progress(f"using the features built for {as_of}")
        people = built[list(COLUMNS)]
        matrix = built[built["eligible"].astype(bool)].reset_index(drop=True)
    if matrix.empty:
        raise NothingToScreen(f"Nobody is in scope on {as_of}; see who was left out and why in the cohort.")
    return people, matrix.assign(as_of=as_of)


def _built(deps: Deps, as_of: date) -> pd.DataFrame | None:
    """The matrix `features build` wrote for this date, if lake and declarations are still the same."""
    note = deps.matrices / "built.json"
    if not note.is_file() or not (deps.matrices / f"{as_of}.parquet").is_file():
        return None
    dates = rounds_covered(deps.lake, deps.profile, as_of)
    if json.loads(note.read_text(encoding="utf-8"))["made_from"] != fingerprint(
        deps.lake, deps.profile, dates
    ):
        return None
    return read_matrix(deps.matrices, as_of)


def _release(
    deps: Deps,
    screened: _Screened,
    round_id: str,
    number: int,
    today: date,
    rng: Random,
    progress: Progress,
    *,
    keep_all: bool,
) -> Outcome:
    tables = deps.lake.tables()
    due_days = {tier.code: tier.contact_within_days for tier in deps.profile.tiers}
    with deps.store.read() as session:
        hits = hits_of(deps, tables, since(deps.profile, queries.newest_round(session), today), today)
        chosen = choose(
            deps.policy,
            screened.candidates,
            hits,
            released_on=today,
            rng=rng,
            due_days=due_days,
            open_cases=frozenset(deps.people.person(key) for key in worked.open_children(session)),
            disposed_on=_latest_of_person(deps.people, worked.closed_on(session)),
            raised=raised_of_persons(session, deps.people),
        )
    alerted = {alert.child_key for alert in chosen.alerts}
    if keep_all:
        _keep_others(deps, screened, round_id, alerted, progress)
    with_reasons = _with_evidence(screened, tables, sorted(alerted & set(screened.screenings)))
    children = facts_of(
        _people_of(deps, screened, tables, chosen.alerts, today), deps.household_of(sorted(alerted))
    )
    progress(_says(chosen))
    now = deps.now()
    with deps.store.write() as session:
        opening.open_round(
            session,
            round_id=round_id,
            as_of=deps.profile.newest_round(today),
            screeners={name: screener.version for name, screener in deps.champions.items()},
            now=now,
        )
        last = queries.last_release(session, round_id)
        if last is not None and last.number >= number:
            # Somebody else made this release while we worked it out: theirs stands.
            return Outcome(
                round_id, last.number, 0, opening.Opened(0, 0, 0, 0), not deps.champions, 0, done_before=True
            )
        _keep(session, screened, with_reasons, round_id, now)
        opened = opening.open_cases(
            session,
            chosen.alerts,
            round_id=round_id,
            children=children,
            tier_days=due_days,
            now=now,
            today=today,
            release=number,
            lots=opening.Lots(deps.policy.reveal_share, rng),
            keys_of=deps.people.keys_of,
        )
    return Outcome(
        round_id,
        number,
        len(screened.candidates),
        opened,
        by_rules=not deps.champions,
        waiting=chosen.waiting,
    )


def _keep_others(
    deps: Deps, screened: _Screened, round_id: str, alerted: set[str], progress: Progress
) -> None:
    """Keep the screenings nobody is alerted on: the ranking, and what audit draws are weighed with."""
    keys = sorted(set(screened.screenings) - alerted)
    for start in range(0, len(keys), PART):
        part = {key: screened.screenings[key] for key in keys[start : start + PART]}
        with deps.store.write() as session:
            _keep(session, screened, part, round_id, deps.now())
    if keys:
        progress(f"kept the screenings of {len(keys):,} children who are not alerted")


def _keep(
    session: Session,
    screened: _Screened,
    found: Mapping[str, Sequence[Screening]],
    round_id: str,
    now: datetime,
) -> None:
    names = [feature.name for feature in FEATURES]
    rows = screened.matrix[screened.matrix["child_key"].isin(found)]
    feature_rows = {
        str(key): screenings.add_feature_row(
            session,
            child_key=str(key),
            as_of=screened.as_of,
            features=dict(zip(names, map(float, row), strict=True)),
            silent=sorted(screened.silent),
            now=now,
        )
        for key, row in zip(rows["child_key"], rows[names].to_numpy(dtype="float64"), strict=True)
    }
    screenings.add_screenings(
        session,
        (screening for key in sorted(found) for screening in found[key]),
        now=now,
        round_id=round_id,
        feature_rows=feature_rows,
    )


def _with_evidence(
    screened: _Screened, tables: Mapping[str, Path], keys: Sequence[str]
) -> dict[str, list[Screening]]:
    """The same screenings of these children with the records behind each value; equal in every number."""
    if not keys:
        return {}
    with open_reader() as reader:
        behind = evidence_for(tables, keys, FEATURES, screened.as_of, reader)
    found: dict[str, list[Screening]] = {}
    for key in keys:
        for screening in screened.screenings[key]:
            reasons = with_evidence(screening.reasons, behind(key, screened.as_of))
            found.setdefault(key, []).append(replace(screening, reasons=reasons))
    return found


def _people_of(
    deps: Deps, screened: _Screened, tables: Mapping[str, Path], alerts: Sequence[Alert], today: date
) -> pd.DataFrame:
    """What the queue is told of the alerted: as screened; as known today for children out of the round."""
    alerted = {alert.child_key for alert in alerts}
    there = screened.people[screened.people["child_key"].isin(alerted)]
    missing = tuple(alerted - set(there["child_key"]))
    if not missing:
        return there
    return pd.concat([there, cohort(tables, by_now(today), deps.profile, missing)], ignore_index=True)


def _latest_of_person(people: People, closed_on: Mapping[str, datetime]) -> dict[str, date]:
    """When the last case of each child was closed, under whichever of its keys."""
    latest: dict[str, date] = {}
    for key, closed_at in closed_on.items():
        person, day = people.person(key), closed_at.astimezone(SHANGHAI).date()
        latest[person] = max(day, latest.get(person, day))
    return latest


def about_child(
    lake: Lake, profile: Profile, child_key: str, today: date, household_of: HouseholdOf = nobody_together
) -> opening.ChildFacts:
    """What the queue is told of one child as known today; nothing of a child nobody registered."""
    tables = lake.tables()
    if "residence" not in tables:
        return opening.ChildFacts()
    found = facts_of(cohort(tables, today, profile, (child_key,)), household_of((child_key,)))
    return found.get(child_key, opening.ChildFacts())


def _area(code: object) -> str:
    """An area code policy can work with; where the town is not known, the county's own share of capacity."""
    known = str(code) if str(code).isdigit() else ""
    return known.ljust(9, "0")


def _says(chosen: Release) -> str:
    lanes: dict[str, int] = {}
    for alert in chosen.alerts:
        lanes[alert.lane.value] = lanes.get(alert.lane.value, 0) + 1
    parts = ", ".join(f"{count} {lane}" for lane, count in lanes.items()) or "none"
    return f"alerts chosen by capacity: {parts}; {chosen.waiting:,} ranked children wait for later weeks"
