"""Deliveries in: files of departments become accepted records, sealed refusals and a report.

    find ─► read ─► meanings ─► contract ─► who ─► which version ─► lake
             │                     │          │          │
             └──── refused ────────┴──────────┴──────────┴──► quarantine, sealed, with file, row and rule

What is delivered is accepted, quarantined or unresolved (no ID number), and nothing else; the count is
checked for every file. A file that is in the ledger changes nothing. The ledger row is written last,
so an interrupted intake is continued by the next one as if nothing had happened.

Names and numbers pass through here on their way to the identity store. This module logs nothing, and
tells `progress` sources and counts only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from features.cells import UNREADABLE
from features.contracts import checkable, contract_of
from features.delivery import (
    Cells,
    DeliveredFile,
    Misplaced,
    Refused,
    digest,
    find_files,
    read_cells,
    read_mapping,
)
from features.descriptions import remember_described
from features.identity import IdentityStore
from features.intake_report import IntakeReport, last_intake, make_report, write_report
from features.intake_rules import CRITICAL, WARNING, WRONG_NUMBER
from features.lake import Delivery, Lake, delivery_id
from features.language import NAME, RECORD_ID, Source
from features.link_store import LinkStore
from features.meanings import People, dated, meanings, repeats
from features.quarantine import FileSummary, Quarantine, RefusedRow
from features.safety import IN_REFUSED_ROW, KEPT, keep_safety, may_carry_safety, own_cells, safety_facts
from features.signals import content, to_table
from features.sources import SOURCES
from features.unresolved import whereabouts
from features.withdrawals import OPERATION, is_withdrawal, withdrawals

# Refused, but the department was heard: it told us again what we knew.
_OLD_NEWS = frozenset(("duplicate", "already_delivered"))
# Refused, and nothing is lost by it.
_SETTLED = _OLD_NEWS | {"deleted_by_right", "withdrawn_while_waiting", "nothing_to_withdraw"}


class IntakeError(RuntimeError):
    """The count of a file did not add up: a fault of this program, never of a delivery."""


def take_in(
    deliveries: Path,
    *,
    lake: Lake,
    identity: IdentityStore,
    quarantine: Path,
    reports: Path,
    received_on: date,
    progress: Callable[[str], None] = lambda _: None,
) -> IntakeReport:
    """Take in every file under `deliveries` that is not in the lake yet, and write the report.

    `received_on` is today: the day on which files without a date folder, files that replace one taken in
    before, and files in a folder of a day before the last intake, which did not find them, count as received.
    """
    mapping = read_mapping(deliveries)
    refusals = Quarantine(quarantine, identity)
    files, misplaced = find_files(deliveries, received_on)
    new, unreadable = _new_files(files, lake, refusals, received_on, before := last_intake(reports))
    people = People(identity, merged=LinkStore(identity).merged())
    taken = 0
    for source in SOURCES:
        of_source = [each for each in new if each[0].source is source]
        if not of_source:
            continue
        progress(f"{source.title.en}: {len(of_source)} file{'s' if len(of_source) > 1 else ''}")
        intake = _SourceIntake(source, lake, identity, refusals, people)
        taken += intake.run(of_source, mapping.get(source.name, {}))
    progress("compacting the lake")
    lake.compact()
    summaries = refusals.summaries().values()
    report = make_report(
        lake,
        summaries,
        [*misplaced, *unreadable],
        received_on,
        new=taken,
        found=len(files),
        now=whereabouts(lake, identity, summaries),
    )
    report = replace(report, taken_in_on=max(before or received_on, received_on))
    write_report(report, reports)
    return report


NewFile = tuple[DeliveredFile, str]


def _new_files(
    files: Sequence[DeliveredFile],
    lake: Lake,
    refusals: Quarantine,
    received_on: date,
    looked_on: date | None,
) -> tuple[list[NewFile], list[Misplaced]]:
    taken = {(row.file, row.sha256) for row in lake.deliveries()}
    refused = {(each.file, each.sha256): each for each in refusals.summaries().values() if each.refused}
    seen_files = {file for file, _ in (*taken, *refused)}
    new, unreadable = [], []
    for each in files:
        try:
            sha256 = digest(each.path)
        except OSError:
            unreadable.append(Misplaced(each.file, "unreadable_file"))
            continue
        if (each.file, sha256) in taken:
            continue
        before = refused.get((each.file, sha256))
        if before is not None:
            each = replace(each, received_on=before.received_on, history=before.history)
        elif each.file in seen_files:
            # A file put in the place of another was not here on the day the folder is named after.
            each = replace(each, received_on=received_on, history=False)
        elif taken and looked_on is not None and each.received_on < looked_on and not each.history:
            # Nor was one that an intake after that day did not find.
            each = replace(each, received_on=received_on)
        new.append((each, sha256))
    new.sort(key=lambda pair: (pair[0].received_on, not pair[0].history, pair[0].file))
    return new, unreadable


@dataclass(frozen=True)
class _ReadFile:
    delivered: DeliveredFile
    sha256: str
    cells: Cells
    number: int
    first: int

    def position(self, row: int) -> int:
        """Where in the file a row of the common frame stands, counted from 0."""
        return row - self.first

    @property
    def delivery(self) -> str:
        each = self.delivered
        return delivery_id(each.received_on, each.source, each.file, self.sha256)


class _SourceIntake:
    """Takes in the new files of one source: read and checked together, then accepted file by file."""

    def __init__(
        self, source: Source, lake: Lake, identity: IdentityStore, refusals: Quarantine, people: People
    ) -> None:
        self.source = source
        self.lake = lake
        self.identity = identity
        self.refusals = refusals
        self.people = people

    def run(self, files: Sequence[NewFile], mapping: Mapping[str, str]) -> int:
        """How many files were taken in; refused ones go to quarantine whole."""
        read: list[_ReadFile] = []
        rows_read = 0
        for delivered, sha256 in files:
            try:
                cells = read_cells(delivered.path, self.source, mapping)
            except Refused as refused:
                self._refuse(delivered, sha256, refused)
                continue
            read.append(_ReadFile(delivered, sha256, cells, len(read), rows_read))
            rows_read += len(cells.rows)
        if not read:
            return 0
        every = meanings(self.source, [each.cells for each in read], self.people)
        # A row that takes a record back need say nothing more than which; the contract is for the others.
        kept = keep_safety(self.source, every)
        frame = every[~is_withdrawal(every)]
        contract = contract_of(self.source)
        breaches = contract.breaches(
            checkable(
                self.source,
                frame[[column.name for column in self.source.all_columns if column.name != NAME.name]],
                file=frame["file"],
                ragged=frame["ragged"],
                repeats=repeats(self.source, frame),
                received_on={each.number: each.delivered.received_on for each in read},
                refused=frame["refused"],
            )
        )
        severity = {rule.id: rule.severity for rule in contract.rules}
        critical = {rule: rows for rule, rows in breaches.items() if severity[rule] == CRITICAL}
        warnings = {rule: set(rows) for rule, rows in breaches.items() if severity[rule] == WARNING}
        reasons: dict[int, list[str]] = {}
        emptied = {f"empty_required:{column.name}" for column in self.source.columns}
        for rule, rows in critical.items():
            for row in rows:
                if row not in kept or rule not in emptied:
                    reasons.setdefault(row, []).append(rule)
        warnings[KEPT] = set(kept)
        for row in frame.index[(frame[OPERATION.name] == UNREADABLE) & ~frame["ragged"]]:
            reasons.setdefault(row, []).append("unknown_operation")
        latest = self.lake.latest(self.source)
        for each in read:
            rows_of_file = every.iloc[each.first : each.first + len(each.cells.rows)]
            latest = self._accept(each, rows_of_file, reasons, warnings, latest)
        return len(read)

    # --- one file -------------------------------------------------------------------------------

    def _accept(
        self,
        each: _ReadFile,
        rows: pd.DataFrame,
        reasons: Mapping[int, list[str]],
        warnings: Mapping[str, set[int]],
        latest: pd.DataFrame,
    ) -> pd.DataFrame:
        """Write one file's refusals, identities and records; the lake's newest versions after it."""
        why = {row: reasons[row] for row in rows.index if row in reasons}
        taken_back = is_withdrawal(rows)
        sound = ~rows.index.isin(list(why)) & ~taken_back
        unresolved = rows[sound & rows["child"].isna()]
        gone = rows["child"].isin(self.identity.forgotten(rows["child"].dropna().unique()))
        why.update({row: ["deleted_by_right"] for row in rows.index[sound & gone]})
        signals = self._signals(each, rows[sound & rows["child"].notna() & ~gone])
        # What only the identity store keeps may be new where the lake is told nothing new.
        told = rows.loc[signals.index]
        said = content(self.source, to_table(self.source, signals)).set_axis(signals.index)
        before = latest.reindex(signals["record_id"]).set_axis(signals.index)
        # A later historical load corrects with hindsight: nobody knew it before the day it came.
        received = pd.Timestamp(each.delivered.received_on)
        signals["known_on"] = signals["known_on"].mask(before["version"].notna(), received)
        again = said == before["content"]
        why.update({row: ["already_delivered"] for row in signals.index[again]})
        signals["version"] = before["version"].fillna(0).astype("int64") + 1
        signals, said = signals[~again], said[~again]
        newest = pd.DataFrame(
            {
                "version": signals["version"],
                "content": said,
                "child_key": signals["child_key"],
                "occurred_on": signals["occurred_on"],
            }
        ).set_index(signals["record_id"])
        kept = latest[~latest.index.isin(newest.index)]
        latest = pd.concat([part for part in (kept, newest) if len(part)] or [latest])
        waiting = self._waiting() if taken_back.any() else frozenset()
        withdrawn, refused, latest = withdrawals(rows[taken_back], latest, waiting, received, each.delivery)
        why.update(refused)
        accepted = rows.loc[signals.index, ["number", NAME.name, "recorded_on"]]

        summary = self._summary(
            each,
            rows,
            why,
            warnings,
            signals,
            unresolved,
            len(withdrawn),
            self._after_deletion(rows[sound & gone]),
        )
        self.refusals.write(summary, self._refused_rows(each, rows, why))
        on = each.delivered.received_on
        self.people.remember(accepted["number"], accepted[NAME.name], on)
        self.identity.keep_unresolved(
            self.source.name, each.delivery, on,
            zip(unresolved[RECORD_ID.name], (_texts(each, row) for row in unresolved.index), strict=True),
        )  # fmt: skip
        for rule in WRONG_NUMBER:
            # A person may know the child; the wrong number is never taken for anybody's.
            wrong = rows[rows.index.isin([row for row in why if why[row] == [rule]])]
            texts = zip(wrong[RECORD_ID.name], (_texts(each, row) for row in wrong.index), strict=True)
            self.identity.keep_unresolved(self.source.name, each.delivery, on, texts, reason=rule)
        remember_described(self.identity, self.source, told, on)
        settled = [row for row in why if why[row] == ["withdrawn_while_waiting"]]
        settled_ids = [*signals["record_id"], *withdrawn["record_id"], *rows.loc[settled, RECORD_ID.name]]
        self.identity.resolved(self.source.name, settled_ids)
        if len(withdrawn):
            signals = pd.concat([part for part in (signals, withdrawn) if len(part)])
        self.lake.append(self.source, signals, self._ledger_row(summary, accepted))
        return latest

    def _after_deletion(self, rows: pd.DataFrame) -> frozenset[int]:
        """Those of these rows of deleted children that tell of a day on or after the deletion."""
        if rows.empty:
            return frozenset()
        last = {key: day.isoformat() for key, event, day in self.identity.deletions() if event == "forgotten"}
        told = zip(rows.index.tolist(), rows["child"], rows["occurred_on"], strict=True)
        return frozenset(row for row, key, on in told if on >= last.get(key, ""))

    def _waiting(self) -> frozenset[str]:
        """The records of this source whose child is not known."""
        places = self.identity.places("unresolved")
        return frozenset(record for source, record in places if source == self.source.name)

    def _signals(self, each: _ReadFile, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows in the lake's columns, known on the day the delivery made them known."""
        delivered = each.delivered
        signals = dated(self.source, rows, delivered.received_on, history=delivered.history)
        signals.insert(5, "delivery", each.delivery)
        return signals

    def _summary(
        self,
        each: _ReadFile,
        rows: pd.DataFrame,
        why: Mapping[int, list[str]],
        warnings: Mapping[str, set[int]],
        signals: pd.DataFrame,
        unresolved: pd.DataFrame,
        withdrawn: int,
        after_deletion: frozenset[int],
    ) -> FileSummary:
        if len(rows) != len(signals) + len(why) + len(unresolved) + withdrawn:
            raise IntakeError(f"The rows of {each.delivered.file} do not add up.")
        problems: dict[str, list[int]] = {}
        for row in sorted(why):
            problems.setdefault(why[row][0], []).append(each.cells.rows[each.position(row)])
        carrying = [
            row
            for row in (sorted(why) if safety_facts(self.source) else ())
            # A right to be forgotten is no right to be left in danger: what happened since is told.
            if (not _SETTLED.issuperset(why[row]) or row in after_deletion)
            and (
                # Which cell is which cannot be told.
                rows.at[row, "ragged"] or may_carry_safety(self.source, own_cells(self.source, rows, row))
            )
        ]
        refused_by_rule = {rule: len(found) for rule, found in problems.items()}
        if carrying:
            told = tuple(each.cells.rows[each.position(row)] for row in carrying)
            problems = {IN_REFUSED_ROW: list(told), **problems}
        noticed = {rule: len(found.intersection(signals.index)) for rule, found in warnings.items()}
        return FileSummary(
            delivery=each.delivery,
            source=self.source.name,
            file=each.delivered.file,
            sha256=each.sha256,
            received_on=each.delivered.received_on,
            history=each.delivered.history,
            refused=False,
            encoding=each.cells.encoding,
            delivered=len(rows),
            accepted=len(signals) + withdrawn,
            withdrawn=withdrawn,
            quarantined=len(why),
            unresolved=len(unresolved),
            corrections=int((signals["version"] > 1).sum()),
            by_rule=refused_by_rule,
            warnings={rule: count for rule, count in noticed.items() if count},
            problems={rule: tuple(found) for rule, found in problems.items()},
            unresolved_rows=tuple(each.cells.rows[each.position(row)] for row in unresolved.index),
            unresolved_ids=tuple(unresolved[RECORD_ID.name]),
            unknown_columns=each.cells.unknown_columns,
            missing_columns=tuple(
                column.name
                for column in self.source.delivered_columns
                if column.name not in each.cells.places
            ),
        )

    def _refused_rows(
        self, each: _ReadFile, rows: pd.DataFrame, why: Mapping[int, list[str]]
    ) -> Iterable[RefusedRow]:
        for row in sorted(why):
            position = each.position(row)
            cells = None if why[row] == ["deleted_by_right"] else each.cells.as_delivered(position)
            # What a ragged row's cells seem to break beside is chance: they stand in the wrong columns.
            rules = why[row][:1] if rows.at[row, "ragged"] else why[row]
            yield RefusedRow(each.cells.rows[position], tuple(rules), cells)

    def _ledger_row(self, summary: FileSummary, accepted: pd.DataFrame) -> Delivery:
        old_news = sum(summary.by_rule.get(rule, 0) for rule in _OLD_NEWS)
        heard = not summary.delivered or summary.accepted + summary.unresolved + old_news > 0
        heard_from = summary.received_on
        if summary.history and len(accepted):
            heard_from = date.fromisoformat(accepted["recorded_on"].min())
        return Delivery(
            delivery=summary.delivery,
            source=summary.source,
            department=self.source.department.value,
            received_on=summary.received_on,
            history=summary.history,
            file=summary.file,
            sha256=summary.sha256,
            delivered=summary.delivered,
            accepted=summary.accepted,
            quarantined=summary.quarantined,
            unresolved=summary.unresolved,
            heard_from=heard_from if heard else None,
            heard_to=summary.received_on if heard else None,
        )

    def _refuse(self, delivered: DeliveredFile, sha256: str, refused: Refused) -> None:
        rules = tuple(f"{refused.rule}:{column}" for column in refused.columns) or (refused.rule,)
        count = len(refused.lines)
        summary = FileSummary(
            delivery=delivery_id(delivered.received_on, delivered.source, delivered.file, sha256),
            source=self.source.name,
            file=delivered.file,
            sha256=sha256,
            received_on=delivered.received_on,
            history=delivered.history,
            refused=True,
            encoding="",
            delivered=count,
            accepted=0,
            quarantined=count,
            unresolved=0,
            corrections=0,
            by_rule={rules[0]: count} if count else {},
            warnings={},
            problems=dict.fromkeys(
                (IN_REFUSED_ROW, *rules) if count and safety_facts(self.source) else rules, ()
            ),
            unresolved_rows=(),
            unknown_columns=0,
            missing_columns=(),
        )
        if self.refusals.summaries().get(summary.delivery) != summary:
            self.refusals.write(summary, (RefusedRow(None, rules, line) for line in refused.lines))


def _texts(each: _ReadFile, row: int) -> dict[str, str | None]:
    """A row's cells under our names, as they will be needed when a person finds the child."""
    cells = each.cells.cells.iloc[each.position(row)]
    return {name: cells[place] for name, place in each.cells.places.items()}
