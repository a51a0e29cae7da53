"""Services that records imply and nobody shows: the rules of `features.entitlement_rules` over a county.

Of every child in scope on a date, known by what was known before it. A finding goes to a person, who
asks: it is no risk, and no screener ever sees it. Where a source that would show the service is
silent nothing is found: "cannot tell" is counted and said.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from features.cohort import cohort
from features.entitlement_rules import ENTITLEMENTS, NOT_DECIDABLE, Entitlement, Sign, State
from features.form_text import fact_text
from features.identity import IdentityStore, masked_name
from features.jurisdiction import Profile
from features.lake import Lake
from features.language import AtLeast, Condition, OneOf
from features.offline_page import write_page, write_text
from features.services import LIST, SERVICES, service

# Of one child's records that imply a service, so many are named, the newest.
_EVIDENCE = 5
# A page shows this many children of one service; the Parquet file beside it holds them all.
_SHOWN = 100
COLUMNS = (
    "child_key",
    "as_of",
    "area_code",
    "service",
    "rule",
    "state",
    "source",
    "record_id",
    "occurred_on",
)

Seen = Mapping[str, list[tuple[str, str, date]]]


@dataclass(frozen=True)
class Finding:
    """What one rule says of one child, and the records that imply the service, oldest first."""

    child_key: str
    area_code: str
    rule: Entitlement
    state: State
    evidence: tuple[tuple[str, str, date], ...]


def find(
    tables: Mapping[str, Path | pd.DataFrame],
    people: pd.DataFrame,
    as_of: date,
    silent: Collection[str],
    rules: Iterable[Entitlement] = ENTITLEMENTS,
) -> list[Finding]:
    """Every rule for each of these children to whom it implies something; `people` is a cohort's rows."""
    findings: list[Finding] = []
    with duckdb.connect(config={"temp_directory": ""}) as connection:
        signs: dict[Sign, Seen] = {}
        for rule in rules:
            for sign in (*rule.implied_by, *rule.also, *rule.shown_by):
                if sign not in signs:
                    signs[sign] = _seen(connection, tables.get(sign.source.name), sign, as_of)
            findings += _of_rule(rule, people, signs, silent)
    return findings


def _of_rule(
    rule: Entitlement, people: pd.DataFrame, signs: Mapping[Sign, Seen], silent: Collection[str]
) -> Iterable[Finding]:
    cannot_tell = any(sign.source.name in silent for sign in rule.shown_by)
    ages = people["age_years"].between(*rule.ages, inclusive="left")
    for child, area in people.loc[ages, ["child_key", "area_code"]].itertuples(index=False):
        implying = [each for sign in rule.implied_by for each in signs[sign].get(child, ())]
        also = [signs[sign].get(child, []) for sign in rule.also]
        if (rule.implied_by and not implying) or not all(also):
            continue
        since = max((day for _, _, day in implying), default=None) if rule.since_implied else None
        shown = any(
            since is None or day > since for sign in rule.shown_by for _, _, day in signs[sign].get(child, ())
        )
        state = State.GIVEN if shown else State.CANNOT_TELL if cannot_tell else State.FOUND
        evidence = sorted({*implying, *(each for found in also for each in found)}, key=lambda each: each[2])
        yield Finding(child, area, rule, state, tuple(evidence[-_EVIDENCE:]))


def _seen(
    connection: duckdb.DuckDBPyConnection, table: Path | pd.DataFrame | None, sign: Sign, as_of: date
) -> Seen:
    """Child → the records by which a sign is seen; the fast twin of `features.entitlement_rules.seen`."""
    if table is None:
        return {}
    parameters: dict[str, Any] = {"as_of": as_of}
    if isinstance(table, Path):
        parameters["file"] = str(table)
        name = "read_parquet($file)"
    else:
        connection.register("given", table)
        name = "given"
    conditions = [_sql(condition, place, parameters) for place, condition in enumerate(sign.fact.where)]
    if sign.days is not None:
        parameters["begin"] = as_of - timedelta(days=sign.days)
        conditions.append("occurred_on >= $begin")
    if sign.latest:
        conditions.append("place = 1")
    # Names of columns come from declarations, values are bound.
    rows = connection.execute(
        "select child_key, record_id, occurred_on from ("  # noqa: S608  # nosec B608  # see above
        "  select *, row_number() over (partition by child_key order by ordinal desc) as place"
        f"  from {name} where known_on < $as_of and (superseded_on is null or superseded_on >= $as_of)"
        "  and occurred_on < $as_of)"
        f" where {' and '.join(conditions) or 'true'} order by child_key, ordinal",
        parameters,
    ).fetchall()
    found: dict[str, list[tuple[str, str, date]]] = {}
    for child, record_id, occurred_on in rows:
        found.setdefault(child, []).append((sign.source.name, record_id, occurred_on))
    return found


def _sql(condition: Condition, place: int, parameters: dict[str, Any]) -> str:
    name = f"v{place}"
    if isinstance(condition, OneOf):
        parameters[name] = list(condition.values)
        return f"{condition.column} in (select unnest(${name}))"
    parameters[name] = condition.limit
    return f"{condition.column} {'>=' if isinstance(condition, AtLeast) else '<='} ${name}"


# --- the report -----------------------------------------------------------------------------------


def report(
    lake: Lake, identity: IdentityStore, profile: Profile, as_of: date, folder: Path, *, simulated: bool
) -> tuple[dict[str, Any], list[Path]]:
    """Find, and write `entitlements.parquet`, `.json` and `.html`; returned are the counts and the files."""
    tables, silent = lake.tables(), lake.silent(as_of)
    people = cohort(tables, as_of, profile)
    people = people[people["eligible"]]
    findings = find(tables, people, as_of, silent)
    counts = {rule.service: Counter[str]() for rule in ENTITLEMENTS}
    for each in findings:
        counts[each.rule.service][each.state.value] += 1
    services = []
    reasons = {each.service: each.why for each in NOT_DECIDABLE}
    rules = {rule.service: rule for rule in ENTITLEMENTS}
    for each_service in SERVICES:
        code = each_service.code
        rule = rules.get(code)
        said: dict[str, Any] = {
            "service": code,
            "title": each_service.title.zh,
            "title_en": each_service.title.en,
        }
        if rule is None:
            said["not_decidable"] = reasons[code].zh
            said["not_decidable_en"] = reasons[code].en
        else:
            said |= {state.value: counts[code][state.value] for state in State}
            said["silent"] = sorted({sign.source.name for sign in rule.shown_by} & silent)
        services.append(said)
    rows = [each for each in findings if each.state is not State.GIVEN]
    folder.mkdir(parents=True, exist_ok=True)
    _write_parquet(rows, as_of, folder / "entitlements.parquet")
    counted = {
        "simulated": simulated,
        "as_of": str(as_of),
        "children": len(people),
        "list": LIST.zh,
        "services": services,
    }
    counted["lines"] = list(_lines(counted))
    write_text(folder / "entitlements.json", json.dumps(counted, ensure_ascii=False, indent=1) + "\n")
    found: dict[str, list[Finding]] = {}
    for each in rows:
        if each.state is State.FOUND:
            found.setdefault(each.rule.service, []).append(each)
    shown = {
        code: sorted(of, key=lambda each: (each.area_code, each.child_key))[:_SHOWN]
        for code, of in found.items()
    }
    names = identity.names({each.child_key for of in shown.values() for each in of})
    write_page(
        "entitlements.html",
        folder,
        as_of=as_of,
        simulated=simulated,
        children=len(people),
        services=services,
        rules=rules,
        service=service,
        list_title=LIST,
        found=shown,
        names={key: masked_name(name) for key, name in names.items()},
        fact_text=fact_text,
    )
    return counted, [folder / f"entitlements.{kind}" for kind in ("parquet", "json", "html")]


def _lines(counted: dict[str, Any]) -> Iterable[str]:
    """The counts in words."""
    mark = "simulated: " if counted["simulated"] else ""
    yield f"{mark}{counted['children']:,} children in scope before {counted['as_of']}"
    for each in counted["services"]:
        if "not_decidable" in each:
            yield f"{mark}{each['service']} {each['title_en']}: not decidable from records"
        else:
            yield (
                f"{mark}{each['service']} {each['title_en']}: {each['found']:,} without a record of it,"
                f" {each['given']:,} with, {each['cannot_tell']:,} not to be told"
            )


def _write_parquet(findings: Iterable[Finding], as_of: date, path: Path) -> None:
    """One row for each record behind a finding; one without record where age alone implies the service."""
    rows = [
        (
            each.child_key,
            as_of,
            each.area_code,
            each.rule.service,
            each.rule.name,
            each.state.value,
            *evidence,
        )
        for each in findings
        for evidence in (each.evidence or ((None, None, None),))
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    temporary = path.with_suffix(".writing")
    frame.to_parquet(temporary, index=False)
    temporary.replace(path)


__all__ = ["Finding", "find", "report"]
