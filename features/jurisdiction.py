"""Dated policy profiles: who is eligible, who is in key care, when rounds are held, which clocks run.

A profile is a TOML file that names its documents and inherits from a wider one. Every table says on
which document it rests (`basis`) or that the deployment chose it (`set_by`). A value no document states
is absent, and whoever needs it gets `ProfileUnknown`, never a guess.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from features.language import Text

FOLDER = Path(__file__).parent / "jurisdictions"

# What a value rests on when no document states it and the deploying office chose it.
DEPLOYMENT = "deployment"
# Keys of a profile that are no table of values.
_HEAD = frozenset({"name", "inherits", "title", "level", "document"})


class ProfileError(ValueError):
    """A profile file that cannot be used; the message names the file and what was wanted."""


class ProfileUnknown(LookupError):
    """No document of this jurisdiction states the value asked for."""


@dataclass(frozen=True)
class Document:
    """A policy document the profile rests on. `in_force_on` is None where no text gives the day.

    `read` is False for a document that one we read cites: what is said of it comes from there.
    """

    number: str
    title: Text
    in_force_on: date | None
    in_force_year: int
    read: bool = True


@dataclass(frozen=True)
class Tier:
    """A level of alert: its name and the days within which the family is contacted."""

    code: str
    title: Text
    contact_within_days: int


@dataclass(frozen=True)
class Hotline:
    """A number staff may give to a child or family."""

    number: str
    title: Text


@dataclass(frozen=True)
class Category:
    """A reason to enter the ledger of key-care children; `printed` is the document's own wording."""

    code: str
    title: Text
    printed: str


@dataclass(frozen=True)
class Profile:
    """One jurisdiction's rules, inherited values included.

    `stated_by` names, for each table and key (`care.contact_days`), the document that states the value,
    or DEPLOYMENT.
    """

    name: str
    title: Text
    documents: tuple[Document, ...]
    values: dict[str, Any]
    stated_by: Mapping[str, str] = field(default_factory=dict)

    def value(self, *path: str) -> Any:  # TOML values; each caller knows its own kind
        """The value at this path of the profile; ProfileUnknown if no document states it."""
        found: Any = self.values
        for step in path:
            if not isinstance(found, dict) or step not in found:
                raise ProfileUnknown(
                    f"The profile {self.name} does not state {'.'.join(path)}; none of its documents does."
                )
            found = found[step]
        return found

    @property
    def below_years(self) -> int:
        """Children below this age are in scope."""
        return int(self.value("eligibility", "below_years"))

    @property
    def minimum_days(self) -> int:
        """Days a child must have lived here to be in scope."""
        return int(self.value("eligibility", "minimum_days"))

    @property
    def crossing(self) -> str:
        """How far a child must have moved: `county` (6 digits differ) or `city` (4 digits differ)."""
        return str(self.value("eligibility", "crossing"))

    @property
    def excludes_same_city_districts(self) -> bool:
        """Whether a move between central districts of one city leaves the child out of scope."""
        return bool(self.value("eligibility", "excludes_same_city_districts"))

    @property
    def central_districts(self) -> frozenset[str]:
        """County codes of the central districts; ProfileUnknown unless the deployer has named them."""
        return frozenset(self.value("eligibility", "central_districts"))

    @property
    def contact_days(self) -> int:
        """At least once in so many days the child director contacts a key-care child."""
        return int(self.value("care", "contact_days"))

    @property
    def visit_days(self) -> int:
        """At least once in so many days the child director visits a key-care child at home."""
        return int(self.value("care", "visit_days"))

    @property
    def categories(self) -> tuple[Category, ...]:
        """Reasons to enter the ledger of key-care children, in the document's order."""
        return tuple(
            Category(row["code"], Text(row["zh"], row["en"]), row["printed"])
            for row in self.value("key_care", "categories")
        )

    def basis(self, *path: str) -> str:
        """The document that states the value at this path, or DEPLOYMENT; ProfileUnknown if none does."""
        self.value(*path)
        return self.stated_by[".".join(path[:2])]

    @property
    def round_months(self) -> tuple[int, ...]:
        """Months on whose first day a round's as-of date falls."""
        return tuple(sorted(int(month) for month in self.value("rounds", "months")))

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """Levels of alert, the most pressing first."""
        return tuple(
            Tier(row["code"], Text(**row["title"]), int(row["contact_within_days"]))
            for row in self.value("tier")
        )

    def tier(self, code: str) -> Tier:
        """The tier of this code; ProfileUnknown if the profile has none."""
        for tier in self.tiers:
            if tier.code == code:
                return tier
        raise ProfileUnknown(f"The profile {self.name} has no tier {code!r}.")

    @property
    def hotlines(self) -> tuple[Hotline, ...]:
        """Numbers staff may give."""
        return tuple(Hotline(row["number"], Text(**row["title"])) for row in self.value("hotline"))

    def round_dates(self, first: date, last: date) -> list[date]:
        """The as-of dates of all rounds from `first` to `last`, both included."""
        return [
            day
            for year in range(first.year, last.year + 1)
            for day in (date(year, month, 1) for month in self.round_months)
            if first <= day <= last
        ]

    def newest_round(self, today: date) -> date:
        """The as-of date of the newest round on or before `today`."""
        return self.round_dates(today - timedelta(days=366), today)[-1]


# Why a child is, or is not, in scope; the wording staff and case systems see.
ELIGIBILITY: dict[str, Text] = {
    "eligible": Text("在服务范围内", "In scope"),
    "over_age": Text("已满十六周岁", "Sixteen or older"),
    "too_recent": Text("来本地居住未满六个月", "Has lived here for less than six months"),
    "left": Text("已离开本地", "Has left the area"),
    "same_county": Text("未跨县域居住", "Has not moved across counties"),
    "same_city": Text("未跨市居住", "Has not moved across cities"),
    "cannot_tell_area": Text(
        "市内跨区居住，政策配置未列明中心城区，需人工判断",
        "Moved between districts of one city, and no central districts are named: a person must decide",
    ),
    "no_residence": Text("没有居住登记", "No residence registration"),
}


def eligibility_reason_text(code: str) -> Text:
    """The wording of an eligibility reason; KeyError for a code that is not one."""
    return ELIGIBILITY[code]


@cache
def load_profile(name: str, folder: Path = FOLDER) -> Profile:
    """The profile of this name with all it inherits. Raises ProfileError in plain words."""
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise ProfileError(f"There is no jurisdiction profile {name!r}; there are: {known}.")
    own = tomllib.loads(path.read_text(encoding="utf-8"))
    if own.get("name") != name:
        raise ProfileError(f"{path.name} must give its own name: name = {name!r}.")
    wider = load_profile(own["inherits"], folder) if "inherits" in own else None
    documents = tuple(_document(path, row) for row in own.get("document", ()))
    if not documents:
        raise ProfileError(f"{path.name} names no document; a profile rests on at least one.")
    values = _merged(wider.values if wider else {}, own)
    stated_by = {**(wider.stated_by if wider else {}), **_stated_by(path, own)}
    if "hotline" in values:
        stated_by["hotline"] = _bases(values["hotline"])
    return Profile(
        name=name,
        title=Text(**own["title"]),
        documents=documents + (wider.documents if wider else ()),
        values=values,
        stated_by=stated_by,
    )


def _document(path: Path, row: dict[str, Any]) -> Document:
    in_force_on = row.get("in_force_on")
    year = row.get("in_force_year", in_force_on.year if in_force_on else None)
    if year is None:
        raise ProfileError(f"{path.name}: document {row.get('number')!r} needs in_force_on or in_force_year.")
    title = Text(row["title"], row.get("title_en", row["title"]))
    return Document(row["number"], title, in_force_on, year, row.get("read", True))


def _merged(wider: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(wider)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    if "hotline" in wider and "hotline" in own:
        # A wider line stays in use beside a narrower one.
        numbers = {row["number"] for row in own["hotline"]}
        merged["hotline"] = own["hotline"] + [row for row in wider["hotline"] if row["number"] not in numbers]
    return merged


def _bases(rows: list[dict[str, Any]]) -> str:
    return "；".join(dict.fromkeys(row["basis"] for row in rows if "basis" in row))


def _stated_by(path: Path, own: dict[str, Any]) -> dict[str, str]:
    """On what each value of a file rests; ProfileError for a table that does not say."""
    stated: dict[str, str] = {}
    for name, table in own.items():
        if name in _HEAD:
            continue
        if isinstance(table, list):
            # Rows of tiers rest on [tiers]; other rows say it themselves.
            rests = own.get(f"{name}s", {}).get("set_by") or _bases(table)
            keys: Iterable[str] = ()
        else:
            rests = table.get("basis") or table.get("set_by", "")
            # In the order of the file: a set's order would differ from one process to the next.
            keys = [key for key in table if key not in ("basis", "set_by")]
        if not rests:
            raise ProfileError(f"{path.name}: [{name}] says neither its basis nor who set it (set_by).")
        stated[name] = rests
        for key in keys:
            stated[f"{name}.{key}"] = table.get(f"{key}_set_by", "") or rests
            if stated[f"{name}.{key}"] == "document":
                stated[f"{name}.{key}"] = rests
    return stated
