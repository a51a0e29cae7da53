"""What came in, for the people who must answer for it: per department and source, in both languages.

Made from the ledger and the summaries of quarantine, so it can be made again at any time and tells the
whole history, not only the last run. It holds counts, file names, row numbers and rules; never a cell.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from features.delivery import Misplaced
from features.identity import IdentityStore
from features.intake_rules import LATE_AFTER_DAYS, sentence
from features.lake import Lake
from features.language import Department, Text
from features.offline_page import write_page, write_text
from features.quarantine import FileSummary, Quarantine
from features.safety import IN_REFUSED_ROW
from features.sources import SOURCES, source_named
from features.unresolved import Whereabouts, whereabouts

# A page lists this many row numbers of one problem; the JSON beside it lists them all.
_ROWS_SHOWN = 12
_SILENT_NAMED = 4
# What may have become of rows without an ID number, in the order in which it is said.
_LATER = {
    "linked": Text("事后认到儿童", "linked later"),
    "superseded": Text("后来重报", "delivered again later"),
    "deleted": Text("已删除或撤销", "deleted or withdrawn"),
}


@dataclass(frozen=True)
class SourceLine:
    """One source in the report. `by_rule` counts quarantined rows, `late` and `corrections` accepted ones.

    Rows whose child was not known when they came are `linked`, `superseded` or `deleted` since
    (`features.unresolved`), or still `unresolved`. Of the quarantined, `found_refused` were refused for
    their number and have been linked by a person since. Of the records accepted (linked ones and
    corrections included), `purged` were taken out again with a child deleted by right.
    `newest` and `before` are the numbers of rows in the last two regular files.
    """

    department: str
    source: str
    files: int
    refused_files: int
    delivered: int
    accepted: int
    quarantined: int
    linked: int
    superseded: int
    deleted: int
    unresolved: int
    found_refused: int
    purged: int
    withdrawn: int
    by_rule: dict[str, int]
    warnings: dict[str, int]
    late: int
    corrections: int
    last_heard: date | None
    days_since: int | None
    silent: bool
    newest: int | None
    before: int | None
    unknown_columns: int
    missing_columns: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """One rule broken in one file; `rows` is empty if the rule is about the whole file."""

    file: str
    source: str | None
    rule: str
    rows: tuple[int, ...]
    zh: str
    en: str


@dataclass(frozen=True)
class IntakeReport:
    """Everything ever taken in, by source, and everything that was wrong with it."""

    reported_on: date
    new_files: int
    known_files: int
    sources: tuple[SourceLine, ...]
    problems: tuple[Problem, ...]
    children_deleted: int = 0
    taken_in_on: date | None = None

    @property
    def delivered(self) -> int:
        """Rows delivered, over all sources."""
        return sum(line.delivered for line in self.sources)

    @property
    def accepted(self) -> int:
        """Rows accepted into the lake."""
        return sum(line.accepted for line in self.sources)

    @property
    def quarantined(self) -> int:
        """Rows refused and sealed in quarantine."""
        return sum(line.quarantined for line in self.sources)

    @property
    def linked(self) -> int:
        """Rows without ID number whose child was found later."""
        return sum(line.linked for line in self.sources)

    @property
    def superseded(self) -> int:
        """Rows without ID number in whose place a later row of the same record counts."""
        return sum(line.superseded for line in self.sources)

    @property
    def deleted(self) -> int:
        """Rows without ID number whose child was found and deleted by right since, or that were withdrawn."""
        return sum(line.deleted for line in self.sources)

    @property
    def unresolved(self) -> int:
        """Rows without ID number whose child is still not known."""
        return sum(line.unresolved for line in self.sources)

    @property
    def purged(self) -> int:
        """Accepted records taken out again with children deleted by right."""
        return sum(line.purged for line in self.sources)

    @property
    def adds_up(self) -> bool:
        """Whether every delivered row is in one place, and every refused one by a named rule."""
        return all(
            line.delivered
            == line.accepted
            + line.quarantined
            + line.linked
            + line.superseded
            + line.deleted
            + line.unresolved
            and line.quarantined == sum(line.by_rule.values())
            for line in self.sources
        )

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        said = asdict(self)
        totals = (
            "delivered", "accepted", "quarantined", "linked", "superseded", "deleted", "unresolved", "purged",
            "adds_up",
        )  # fmt: skip
        return {**said, **{name: getattr(self, name) for name in totals}}

    def equation(self, language: str) -> str:
        """Where every delivered row is, in one line."""
        later = [(getattr(self, name), words) for name, words in _LATER.items()]
        said = [
            f"{count:,} {words.en}" if language == "en" else f"{words.zh} {count:,}"
            for count, words in later
            if count
        ]
        if language == "zh":
            parts = [
                f"接收 {self.accepted:,}",
                f"隔离 {self.quarantined:,}",
                *said,
                f"待认人 {self.unresolved:,}",
            ]
            return f"投递 {self.delivered:,} 行 = {' + '.join(parts)}"
        parts = [
            f"{self.accepted:,} accepted",
            f"{self.quarantined:,} quarantined",
            *said,
            f"{self.unresolved:,} unresolved",
        ]
        return f"{self.delivered:,} rows = {' + '.join(parts)}"

    def summary_lines(self, language: str) -> tuple[str, ...]:
        """The report in a few lines for the console."""
        refused = sum(line.refused_files for line in self.sources)
        silent = [source_named(line.source).title[language] for line in self.sources if line.silent]
        reasons: Counter[str] = Counter()
        for line in self.sources:
            for rule, count in line.by_rule.items():
                reasons[sentence(rule.partition(":")[0], None)[language].replace("{column}", "…")] += count
        files = len({problem.file for problem in self.problems if not problem.rows})
        told = [problem.rows for problem in self.problems if problem.rule == IN_REFUSED_ROW]
        safety, whole = sum(map(len, told)), told.count(())
        if language == "zh":
            lines = [
                f"新接收文件 {self.new_files} 个，此前已接收 {self.known_files} 个",
                self.equation(language),
                *(f"  隔离原因：{reason}：{count:,} 行" for reason, count in reasons.most_common(5)),
            ]
            if safety:
                lines.append(f"被拒绝而可能含安全事实的行：{safety} 行，今天就要有人看，见报告")
            if whole:
                lines.append(f"被整体拒绝而可能含安全事实的文件：{whole} 个，今天就要有人看，见报告")
            if files:
                lines.append(f"无法接收的文件：{files} 个（其中 {refused} 个已整体隔离），见报告")
            if silent:
                more = f"等 {len(silent)} 个来源表" if len(silent) > _SILENT_NAMED else ""
                lines.append(f"久未投递：{'、'.join(silent[:_SILENT_NAMED])}{more}")
            return tuple(lines)
        lines = [
            f"files: {self.new_files} new, {self.known_files} taken in before",
            self.equation(language),
            *(f"  quarantined: {reason}: {count:,}" for reason, count in reasons.most_common(5)),
        ]
        if safety:
            lines.append(f"refused rows that may carry a safety fact: {safety}; look today, see the report")
        if whole:
            lines.append(
                f"files refused whole that may carry safety facts: {whole}; look today, see the report"
            )
        if files:
            lines.append(
                f"files that could not be taken in: {files} ({refused} quarantined whole); see the report"
            )
        if silent:
            more = f" and {len(silent) - _SILENT_NAMED} more" if len(silent) > _SILENT_NAMED else ""
            lines.append(f"not heard for long: {', '.join(silent[:_SILENT_NAMED])}{more}")
        return tuple(lines)


def make_report(
    lake: Lake,
    summaries: Iterable[FileSummary],
    misplaced: Sequence[Misplaced],
    reported_on: date,
    *,
    new: int,
    found: int,
    now: Whereabouts,
) -> IntakeReport:
    """The report on everything in the ledger, everything refused, and the files that could not be placed.

    `now` is where the rows are whose child was not known when they came.
    """
    taken = {row.delivery for row in lake.deliveries()}
    taken_files = {row.file for row in lake.deliveries()}
    counted = sorted(
        (
            each
            for each in summaries
            # A refused file that was replaced or mapped since is settled.
            if each.delivery in taken or (each.refused and each.file not in taken_files)
        ),
        key=lambda each: (each.received_on, not each.history, each.file),
    )
    tomorrow = reported_on + timedelta(days=1)
    silent = lake.silent(tomorrow)
    order = [department.value for department in Department]
    lines = [
        _line(
            source.name, [each for each in counted if each.source == source.name], lake, tomorrow, silent, now
        )
        for source in SOURCES
        if source.department is not Department.REVIEW
    ]
    lines.sort(key=lambda line: order.index(line.department))
    problems = [_problem(each.file, None, each.rule, ()) for each in misplaced]
    problems += [
        _problem(each.file, each.source, rule, rows)
        for each in counted
        for rule, rows in each.problems.items()
    ]
    problems += [
        _problem(each.file, each.source, "no_id_number", each.unresolved_rows)
        for each in counted
        if each.unresolved_rows
    ]
    refused = {each.file for each in counted if each.refused}
    known = found - new - len(refused | {each.file for each in misplaced if each.rule == "unreadable_file"})
    return IntakeReport(
        reported_on, new, max(known, 0), tuple(lines), tuple(problems), children_deleted=now.forgotten
    )


def _line(
    name: str,
    files: Sequence[FileSummary],
    lake: Lake,
    tomorrow: date,
    silent: frozenset[str],
    now: Whereabouts,
) -> SourceLine:
    became = now.counts(files)
    without_number = sum(each.unresolved for each in files)
    by_rule: Counter[str] = Counter()
    warnings: Counter[str] = Counter()
    for each in files:
        by_rule.update(each.by_rule)
        warnings.update(each.warnings)
    regular = [each.delivered for each in files if not each.history and not each.refused]
    heard = lake.last_heard(name, tomorrow)
    missing = {column for each in files for column in each.missing_columns}
    return SourceLine(
        department=source_named(name).department.value,
        source=name,
        files=len(files),
        refused_files=sum(each.refused for each in files),
        delivered=sum(each.delivered for each in files),
        accepted=sum(each.accepted for each in files),
        quarantined=sum(each.quarantined for each in files),
        linked=became["linked"],
        superseded=became["superseded"],
        deleted=became["deleted"],
        unresolved=without_number - became["linked"] - became["superseded"] - became["deleted"],
        found_refused=now.found_refused.get(name, 0),
        purged=now.purged.get(name, 0),
        withdrawn=sum(each.withdrawn for each in files),
        by_rule=dict(by_rule.most_common()),
        warnings=dict(warnings.most_common()),
        late=warnings["late_record"],
        corrections=sum(each.corrections for each in files),
        last_heard=heard,
        days_since=None if heard is None else (tomorrow - heard).days - 1,
        silent=name in silent,
        newest=regular[-1] if regular else None,
        before=regular[-2] if len(regular) > 1 else None,
        unknown_columns=max((each.unknown_columns for each in files), default=0),
        missing_columns=tuple(sorted(missing)),
    )


def _problem(file: str, source: str | None, rule: str, rows: tuple[int, ...]) -> Problem:
    text = sentence(rule, source_named(source) if source else None)
    return Problem(file, source, rule, rows, text.zh, text.en)


def write_report(report: IntakeReport, folder: Path) -> tuple[Path, Path]:
    """Write `intake.json` and `intake.html`, one page in both languages that needs nothing else."""
    text = json.dumps(report.to_json(), ensure_ascii=False, indent=1, default=str)
    page = write_page(
        "intake_report.html",
        folder,
        report=report,
        departments=_by_department(report),
        totals=_totals,
        source_named=source_named,
        sentence=sentence,
        rows_shown=_ROWS_SHOWN,
        late_days=LATE_AFTER_DAYS,
    )
    return write_text(folder / "intake.json", text + "\n"), page.replace(folder / "intake.html")


def last_intake(reports: Path) -> date | None:
    """The day of the last intake, by its report, which is written last; None if there is none."""
    path = reports / "intake.json"
    day = json.loads(path.read_text(encoding="utf-8")).get("taken_in_on") if path.is_file() else None
    return None if day is None else date.fromisoformat(day)


def report_again(
    lake: Lake, identity: IdentityStore, quarantine: Path, reports: Path, today: date
) -> IntakeReport | None:
    """Write the report of the last intake again after rows found their child or were deleted.

    None, and nothing is written, if nothing was ever taken in. Files that could not be placed are those of
    that intake: the delivery folder is not looked at.
    """
    path = reports / "intake.json"
    if not path.is_file():
        return None
    before = json.loads(path.read_text(encoding="utf-8"))
    summaries = Quarantine(quarantine, identity).summaries().values()
    report = make_report(
        lake,
        summaries,
        [Misplaced(each["file"], each["rule"]) for each in before["problems"] if each["source"] is None],
        today,
        new=before["new_files"],
        found=0,
        now=whereabouts(lake, identity, summaries),
    )
    report = replace(report, known_files=before["known_files"], taken_in_on=last_intake(reports))
    write_report(report, reports)
    return report


def _by_department(report: IntakeReport) -> list[tuple[Department, list[SourceLine]]]:
    found: dict[Department, list[SourceLine]] = {}
    for line in report.sources:
        found.setdefault(source_named(line.source).department, []).append(line)
    return list(found.items())


def _totals(lines: Sequence[SourceLine]) -> dict[str, object]:
    """One department's sources together; the day is the last on which any of them was heard."""
    counted = (
        "files", "delivered", "accepted", "quarantined", "linked", "unresolved", "corrections", "late"
    )  # fmt: skip
    heard = [line.last_heard for line in lines if line.last_heard is not None]
    return {
        **{name: sum(getattr(line, name) for line in lines) for name in counted},
        "last_heard": max(heard, default=None),
    }
