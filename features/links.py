"""Records whose child is not known are given one: by student number, by description, or by a person.

    student number told before        → exact link
    sure enough, nobody else near     → link                         (never on a number that is wrong)
    may be someone                    → a pair for a person, both sides masked
    nobody known, but described well  → a child without number
    else                              → waits

A link counts from the day it is made: its record enters the lake as known on that day. Decisions are
applied first, and applying them again changes nothing, so an interruption anywhere is made good by the
next run. Links by description, merges and splits can all be undone by deciding otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from features.descriptions import Description, description, of_known, said_in_lake, student_number
from features.identity import NO_NUMBER, IdentityStore, Known, Waiting
from features.known import HOUSEHOLD
from features.lake import Lake
from features.link_store import DIFFERENT, EXACT, NEW, PERSON, SAME, SPLINK, Link, LinkStore, Pair
from features.linkage import candidates, described, lookalikes, sure
from features.linkage_levels import COMPARISONS
from features.linkage_model import LinkageModel
from features.linked_records import from_cells, from_lake, move, standing_rows
from features.sources import source_named

Record = tuple[str, str]
# A person is shown this many children for one record at most.
_SHOWN = 5


@dataclass
class LinkReport:
    """What one run of linking did, in counts."""

    waiting: int = 0
    linked: int = 0
    by_student_number: int = 0
    by_description: int = 0
    by_person: int = 0
    new_children: int = 0
    for_a_person: int = 0
    left: int = 0
    moved: int = 0
    pairs_of_children: int = 0
    deleted: int = 0

    def followed_by(self, later: LinkReport) -> LinkReport:
        """Both together: what was done adds up, what is left is what the later one left."""
        done = {
            name: getattr(self, name) + getattr(later, name)
            for name in (
                "linked", "by_student_number", "by_description", "by_person", "new_children", "moved",
                "deleted",
            )
        }  # fmt: skip
        return replace(later, waiting=self.waiting, **done)

    def lines(self) -> tuple[str, ...]:
        """The counts in words."""
        return (
            f"{self.waiting:,} records without a child",
            f"  linked by student number: {self.by_student_number:,}",
            f"  linked by description: {self.by_description:,}",
            f"  linked by a person: {self.by_person:,}",
            f"  children without a number: {self.new_children:,}",
            f"  for a person to decide: {self.for_a_person:,}; saying too little: {self.left:,}",
            f"  of children deleted by right: {self.deleted:,}",
            f"pairs of known children who may be one child: {self.pairs_of_children:,}",
            f"records moved by decisions: {self.moved:,}",
        )


@dataclass
class _Run:
    """What is found while linking, before any of it is written."""

    links: dict[Record, Link] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    student_numbers: list[tuple[str, str]] = field(default_factory=list)
    children: dict[str, Known] = field(default_factory=dict)
    gone: list[Record] = field(default_factory=list)


def link(
    identity: IdentityStore,
    lake: Lake,
    model: LinkageModel,
    *,
    today: date,
    progress: Callable[[str], None] = lambda _: None,
) -> LinkReport:
    """Apply decisions, link what can be linked, list what a person must decide, and fill the lake.

    What is linked says more of its child, by which another record may be found: it is gone through again
    until nothing more is linked, so that the next run finds nothing that this one could have found.
    """
    report = _link_once(identity, lake, model, today, progress)
    while report.linked:
        again = _link_once(identity, lake, model, today, progress)
        report = report.followed_by(again)
        if not again.linked:
            break
    return report


def _link_once(
    identity: IdentityStore, lake: Lake, model: LinkageModel, today: date, progress: Callable[[str], None]
) -> LinkReport:
    store = LinkStore(identity)
    report = LinkReport()
    # An interruption may have come between a record and its place among the others.
    lake.compact()
    progress("applying decisions")
    report.moved = _apply_merges(store, lake, today) + _apply_records(store, lake, today)
    merged = store.merged()
    waiting = {(each.source, each.record_id): each for each in identity.waiting()}
    said = {key: description(source_named(each.source), each.cells) for key, each in waiting.items()}
    report.waiting = len(waiting)
    known = _frame_of(identity.known(), said_in_lake(lake), merged)
    run = _Run()
    open_rows = _by_decision_and_number(store, waiting, said, merged, run, today)
    progress(f"comparing {len(open_rows):,} records with {known['key'].nunique():,} children")
    _by_description(store, waiting, said, open_rows, known, model, run, today)
    _as_new_children(identity, waiting, said, open_rows, run, today, by_number=False)
    if run.children:
        # What other departments say of a child who was nobody's until now.
        listed = {(pair.source, pair.record_id) for pair in run.pairs}
        left = [key for key in open_rows if key not in run.links and key not in listed]
        more = pd.concat([known, _frame_of(run.children.values(), {}, {})], ignore_index=True)
        more["row"] = [f"{number:09d}" for number in range(len(more))]
        _by_description(store, waiting, said, left, more, model, run, today)
    _as_new_children(identity, waiting, said, open_rows, run, today, by_number=True)
    progress("looking for children known twice")
    run.pairs += (twice := _children_twice(store, known, model, today))
    identity.remember_known(run.children.values(), today)
    clashes = store.remember_student_numbers(run.student_numbers, today)
    store.list_pairs(run.pairs)
    store.drop(run.gone)
    # Links are written before their records enter the lake, and the records wait until they have.
    store.add_links(run.links.values())
    moved = from_cells((waiting[key], each) for key, each in run.links.items())
    move(lake, moved, today, progress)
    store.settle(run.links)
    methods = [each.method for each in run.links.values()]
    listed = {(each.source, each.record_id) for each in run.pairs if each.source}
    report.by_student_number, report.by_description = methods.count(EXACT), methods.count(SPLINK)
    report.by_person, report.new_children = methods.count(PERSON), len(run.children)
    report.linked = len(run.links)
    report.for_a_person = len(listed - set(run.links))
    report.deleted = len(run.gone)
    report.left = report.waiting - len(run.links) - report.for_a_person - report.deleted
    report.pairs_of_children = len(twice) + clashes
    return report


def _frame_of(
    children: Iterable[Known], said: Mapping[str, Mapping[str, str]], merged: Mapping[str, str]
) -> pd.DataFrame:
    rows: list[Description] = []
    keys: list[str] = []
    for known in children:
        for each in of_known(known, said.get(known.child_key, {})):
            rows.append(each)
            keys.append(merged.get(known.child_key, known.child_key))
    return described(rows, keys)


# --- decisions ------------------------------------------------------------------------------------


def _apply_merges(store: LinkStore, lake: Lake, today: date) -> int:
    """Bring merges and the lake to what was last decided of pairs of children."""
    pairs = store.pairs()
    decided = [
        (decision, pairs[decision.pair])
        for decision in store.verdicts().values()
        if pairs[decision.pair].source is None
    ]
    for decision, pair in decided:
        goes, stays = _who_goes(store, pair)
        merged = store.merged()
        if decision.verdict == SAME and merged.get(goes) != stays and merged.get(stays) != goes:
            store.merge(goes, stays, today, decision.number)
        if decision.verdict == DIFFERENT and merged.get(goes) == stays:
            store.merge(goes, None, today, decision.number)
    merged = store.merged()
    concerned = {key for _, pair in decided for key in (pair.left_key, pair.right_key) if key}
    links = []
    for record, stands in standing_rows(lake, concerned | set(merged.values())).items():
        for decision, pair in decided:
            goes, _ = _who_goes(store, pair)
            if decision.verdict == SAME and stands.child_key == goes and goes in merged:
                target = merged[goes]
            elif decision.verdict == DIFFERENT and stands.before == goes and goes not in merged:
                target = goes
            else:
                continue
            links.append(Link(*record, target, 1.0, PERSON, today, decision=decision.number))
            break
    store.add_links(links)
    children = {(each.source, each.record_id): str(each.child_key) for each in links}
    return move(lake, from_lake(lake, children), today)


def _who_goes(store: LinkStore, pair: Pair) -> tuple[str, str]:
    """(who goes, who stays): as it was done before, else one without ID number, else the later key."""
    left, right = pair.left_key or "", pair.right_key
    for goes, stays in store.merges():
        if {goes, stays} == {left, right}:
            return goes, stays
    numbered = {known.child_key: bool(known.id_number) for known in store.identity.known([left, right])}
    stays, goes = sorted((left, right), key=lambda key: (not numbered.get(key, False), key))
    return goes, stays


@dataclass
class _Wanted:
    """What a person decided of one record: whose it is, whose it is not, and by which decision."""

    child: str | None = None
    refused: set[str] = field(default_factory=set)
    decision: int = 0


def _decided_records(store: LinkStore) -> dict[Record, _Wanted]:
    """Of each record a person looked at: the last child said to be meant, and all ruled out."""
    pairs = store.pairs()
    wanted: dict[Record, _Wanted] = {}
    for decision in store.verdicts().values():
        pair = pairs[decision.pair]
        if pair.source is None or pair.record_id is None:
            continue
        of_record = wanted.setdefault((pair.source, pair.record_id), _Wanted())
        of_record.decision = decision.number
        if decision.verdict == SAME:
            of_record.child = pair.right_key
        else:
            of_record.refused.add(pair.right_key)
    return wanted


def _apply_records(store: LinkStore, lake: Lake, today: date) -> int:
    """Take back the links that a person decided against; their records wait again and are nobody's."""
    standing, merged = store.standing(), store.merged()
    kept = {(each.source, each.record_id) for each in store.identity.opened_records("linked")}
    undone: dict[Record, int] = {}
    for record, wanted in _decided_records(store).items():
        last = standing.get(record)
        if record not in kept or last is None or last.child_key is None:
            continue
        refused = {merged.get(key, key) for key in wanted.refused} | wanted.refused
        child = merged.get(wanted.child, wanted.child) if wanted.child else None
        now = merged.get(last.child_key, last.child_key)
        if (child is not None and now != child) or (child is None and now in refused):
            undone[record] = wanted.decision
    alone = {record: store.identity.key_without_number(*record) for record in undone}
    moved = move(lake, from_lake(lake, alone), today)
    store.add_links(
        Link(*record, None, 0.0, PERSON, today, decision=number) for record, number in undone.items()
    )
    store.reopen(undone)
    return moved


# --- finding children -------------------------------------------------------------------------------


def _by_decision_and_number(
    store: LinkStore,
    waiting: Mapping[Record, Waiting],
    said: Mapping[Record, Description],
    merged: Mapping[str, str],
    run: _Run,
    today: date,
) -> list[Record]:
    """Links that need no comparing; returned are the records that do."""
    decided = _decided_records(store)
    found: dict[Record, tuple[str, str, int | None]] = {}
    for key, each in waiting.items():
        number = student_number(said[key].get("student_number"))
        if key in decided and (child := decided[key].child):
            found[key] = (child, PERSON, decided[key].decision)
        elif number and each.reason == NO_NUMBER and (child := store.child_of_student_number(number)):
            found[key] = (child, EXACT, None)
    gone = store.identity.forgotten(child for child, _, _ in found.values())
    for key, (child, method, decision) in found.items():
        if child in gone:
            run.gone.append(key)
            continue
        run.links[key] = Link(*key, merged.get(child, child), 1.0, method, today, decision=decision)
        _note_student_number(run, said[key], child)
    return [key for key in waiting if key not in found]


def _by_description(
    store: LinkStore,
    waiting: Mapping[Record, Waiting],
    said: Mapping[Record, Description],
    open_rows: Sequence[Record],
    known: pd.DataFrame,
    model: LinkageModel,
    run: _Run,
    today: date,
) -> None:
    lines = model.lines
    names = {"/".join(key): key for key in open_rows}
    rows = described([_comparable(waiting[key], said[key]) for key in open_rows], names)
    found = candidates(rows, known, model)
    refused = {name for name, decision in store.verdicts().items() if decision.verdict == DIFFERENT}
    if refused:
        sides = zip(found["row"], found["child"], strict=True)
        stays = [store.pair_name(row, child) not in refused for row, child in sides]
        found = found[pd.Series(stays, index=found.index, dtype=bool)]
    # Without those a person ruled out, the others are likelier.
    chance = found["odds"] / (1 + found.groupby("row")["odds"].transform("sum"))
    shown = found.assign(confidence=chance)[chance >= lines.look_at].groupby("row").head(_SHOWN)
    best = sure(shown, lines.link_at)
    certain = set(zip(best["row"], best["child"], strict=True))
    for row in shown.to_dict("records"):
        key = names[row["row"]]
        pair = _pair(store, key, row["row"], row["child"], row["confidence"], _agreement(row), today)
        run.pairs.append(pair)
        if (row["row"], row["child"]) in certain and waiting[key].reason == NO_NUMBER:
            run.links[key] = Link(*key, pair.right_key, pair.confidence, SPLINK, today)
            _note_student_number(run, said[key], pair.right_key)


def _comparable(each: Waiting, said: Description) -> Description:
    """What is compared of a record. An adult's number says nothing of the child, nor does its birth date."""
    if each.reason == NO_NUMBER or each.reason.startswith("adult"):
        return {name: value for name, value in said.items() if name != "id_number"}
    return dict(said)


def _as_new_children(
    identity: IdentityStore,
    waiting: Mapping[Record, Waiting],
    said: Mapping[Record, Description],
    open_rows: Sequence[Record],
    run: _Run,
    today: date,
    *,
    by_number: bool,
) -> None:
    """Well described records that can be nobody known become children without an ID number.

    Those with a student number come last: by then a child may be known whom they describe.
    """
    listed = {(pair.source, pair.record_id) for pair in run.pairs}
    keys: dict[tuple[str, ...], str] = {}
    first = sorted(open_rows, key=lambda key: (waiting[key].received_on, key))
    for key in first:
        told = said[key]
        name, birth = told.get("name"), told.get("birth_on")
        if key in listed or key in run.links or waiting[key].reason != NO_NUMBER or not (name and birth):
            continue
        number = student_number(told.get("student_number"))
        if bool(number) is not by_number or identity.described_like_forgotten(name, birth):
            # Of a child deleted by right, or of a namesake born on the same day: a person must see.
            continue
        who = (number,) if number else (name, birth, told.get("sex") or "")
        child = keys.setdefault(who, identity.key_without_number(*key))
        also = {
            name: (value,)
            for name in ("birth_on", "sex", "area_code", "guardian", "phone", HOUSEHOLD)
            if (value := told.get(name))
        }
        run.children.setdefault(child, Known(child, name, "", also))
        run.links[key] = Link(*key, child, 1.0, NEW, today)
        _note_student_number(run, told, child)


def _children_twice(store: LinkStore, known: pd.DataFrame, model: LinkageModel, today: date) -> list[Pair]:
    """Pairs of known children who may be one child: always for a person, and only if not decided."""
    decided = store.verdicts()
    found = lookalikes(known, model)
    likely = found[found["confidence"] >= model.lines.look_at]
    pairs = [
        _pair(store, None, row["left"], row["right"], row["confidence"], _agreement(row), today)
        for row in likely.to_dict("records")
    ]
    return [each for each in pairs if each.pair not in decided]


def _pair(
    store: LinkStore,
    record: Record | None,
    left: str,
    right: str,
    confidence: float,
    agreement: str,
    today: date,
) -> Pair:
    return Pair(
        pair=store.pair_name(left, right),
        source=record[0] if record else None,
        record_id=record[1] if record else None,
        left_key=None if record else left,
        right_key=right,
        confidence=round(confidence, 6),
        agreement=agreement,
        listed_on=today,
    )


def _agreement(row: Mapping[Hashable, Any]) -> str:
    """The levels a pair stands on, without any value."""
    levels = ((comparison.name, row[comparison.name]) for comparison in COMPARISONS)
    return ";".join(f"{name}={level}" for name, level in levels if isinstance(level, str))


def _note_student_number(run: _Run, said: Description, child: str) -> None:
    if number := student_number(said.get("student_number")):
        run.student_numbers.append((number, child))


__all__ = ["LinkReport", "link"]
