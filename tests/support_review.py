"""Builders for tests of the queue and its pages: a store on a file, accounts, alerts, and a browser in-process.

Every builder gives a valid thing and takes only what the test is about. Names here are made up.
"""

from __future__ import annotations

import atexit
import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from features.catalogue import FEATURES
from features.jurisdiction import load_profile
from features.language import Text
from models.explanation import Evidence, FamilyReason, FeatureReason
from models.policy import Alert, Lane
from models.rules import RULES
from models.screening import Screening
from serving.review import accounts, opening, screenings
from serving.review.case import Role
from serving.review.permissions import Actor
from serving.review.store import Store
from serving.web.app import create_app
from serving.web.deps import Deps

NOW = datetime(2026, 10, 6, 1, 30, tzinfo=UTC)
TODAY = date(2026, 10, 6)
AS_OF = date(2026, 10, 1)
ROUND = "2026-10-01"
COUNTY, TOWN, VILLAGE, ELSEWHERE = "330109", "330109001", "330109001001", "330109002001"
PASSWORD = "a password long enough"
# These passwords guard nothing, and 30 ms for each account and each sign-in were an eighth of the web tests' time.
LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
TIER_DAYS = {tier.code: tier.contact_within_days for tier in load_profile("hangzhou").tiers}

AREAS_OF_ROLES = {
    Role.CHILD_DIRECTOR: VILLAGE,
    Role.SUPERVISOR: TOWN,
    Role.SCREENER: COUNTY,
    Role.ASSESSOR: COUNTY,
    Role.MANAGER: COUNTY,
    Role.AUDITOR: "",
}


def open_store(folder: Path) -> Store:
    """A store with its tables on SQLite, for a test that is about SQLite; others ask for `store`."""
    return Store.open(migrated_file(folder))


def migrated_file(folder: Path) -> str:
    """The address of a copy of a file that was migrated once, since migrating takes its time."""
    (folder / "review.db").write_bytes(_migrated())
    return f"sqlite:///{folder / 'review.db'}"


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{folder}/review.db")
        store.migrate()
        store.close()
        return (Path(folder) / "review.db").read_bytes()


def add_account(
    store: Store,
    role: Role = Role.CHILD_DIRECTOR,
    *,
    username: str | None = None,
    area_prefix: str | None = None,
    display_name: str | None = None,
) -> Actor:
    """An account of this role, in the area such a role usually has."""
    with store.write() as session:
        account = accounts.create(
            session,
            username=username or role.value,
            display_name=display_name or f"{role.title.zh}甲",
            role=role,
            area_prefix=AREAS_OF_ROLES[role] if area_prefix is None else area_prefix,
            password=PASSWORD,
            now=NOW - timedelta(days=30),
            hasher=LIGHT,
        )
        return accounts.actor_of(account)


def alert(child_key: str, lane: Lane = Lane.MODEL, **changes: object) -> Alert:
    """An alert as policy makes them."""
    given: dict[str, object] = {"tier": "third", "due_days": 14}
    if lane in (Lane.TRIGGER, Lane.REQUEST):
        name = "domestic_violence_admonition" if lane is Lane.TRIGGER else "asked_for_help"
        given = {"trigger": name, "trigger_record": f"record of {child_key}", "tier": "first", "due_days": 3}
    if lane is Lane.MODEL:
        given |= {"screener": "psychological", "rank": 1}
    if lane is Lane.AUDIT:
        given |= {"screener": "psychological", "draw_probability": 0.02, "blind": True}
    return Alert(child_key=child_key, as_of=AS_OF, lane=lane, **(given | changes))  # type: ignore[arg-type]


def facts(area_code: str = VILLAGE) -> opening.ChildFacts:
    """What the queue knows of a child."""
    return opening.ChildFacts(area_code=area_code, age_years=10.4, stage="primary")


def open_cases(
    store: Store,
    alerts: Iterable[Alert],
    *,
    areas: Mapping[str, str] | None = None,
    screeners: Mapping[str, str] | None = None,
    now: datetime = NOW,
    release: int = 1,
) -> opening.Opened:
    """Raise alerts in the round of the tests."""
    given = list(alerts)
    with store.write() as session:
        opening.open_round(
            session,
            round_id=ROUND,
            as_of=AS_OF,
            screeners={"psychological": "v1", "guardianship": "v1"} if screeners is None else screeners,
            now=now,
        )
        return opening.open_cases(
            session,
            given,
            round_id=ROUND,
            children={one.child_key: facts((areas or {}).get(one.child_key, VILLAGE)) for one in given},
            tier_days=TIER_DAYS,
            now=now,
            today=TODAY,
            release=release,
        )


def screening(
    child_key: str,
    screener: str = "psychological",
    *,
    families: Sequence[tuple[str, float]] = (("attendance", 0.9), ("care", 0.4), ("support", -0.5)),
    unknown: Collection[str] = ("sleep_hours_latest_365d",),
    silent: Collection[str] = ("checkups",),
    **changes: object,
) -> Screening:
    """A screening whose reasons are the first features of these families, each with one record behind it."""
    reasons = tuple(
        FamilyReason(
            name,
            part,
            tuple(
                FeatureReason(
                    feature.name,
                    None if feature.name in unknown else float(1 + place),
                    part / 2,
                    ()
                    if feature.name in unknown
                    else (Evidence(feature.source.name, f"r{place}", date(2026, 7, 3), date(2026, 9, 25)),),
                )
                for place, feature in enumerate(_of_family(name, unknown))
            ),
        )
        for name, part in families
    )
    margin = -2.0 + sum(part for _, part in families)
    one = Screening(
        child_key=child_key,
        as_of=AS_OF,
        screener=screener,
        version="v1",
        margin=margin,
        risk=0.12,
        low=0.08,
        high=0.17,
        percentile=0.97,
        band="high",
        reasons=reasons,
        base=-2.0,
        silent=tuple(sorted(silent)),
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def _of_family(name: str, unknown: Collection[str]):
    members = [f for f in FEATURES if f.family.name == name and not f.sensitive]
    return [f for f in members if f.name in unknown] + [f for f in members if f.name not in unknown][:3]


def add_screenings(store: Store, given: Iterable[Screening]) -> None:
    """Keep screenings of the round."""
    with store.write() as session:
        screenings.add_screenings(session, given, now=NOW, round_id=ROUND)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


NAMES = {"c-one": "张小明", "c-two": "李安", "c-three": "欧阳静"}


def deps(store: Store, clock: Clock | None = None, **changes: object) -> Deps:
    """Dependencies with nothing real behind them but the store."""
    tokens = (f"token-{number}-{'x' * 24}" for number in itertools.count(1))
    given = Deps(
        store=store,
        now=clock or Clock(),
        new_token=lambda: next(tokens),
        names=lambda keys: {key: NAMES[key] for key in keys if key in NAMES},
        profile=load_profile("hangzhou"),
        last_heard=lambda source, as_of: date(2026, 3, 25) if source == "checkups" else None,
        evidence=lambda key, source, record: Evidence(source, record, date(2026, 9, 20), date(2026, 9, 25)),
        area_title=lambda code: Text("新塘街道一社区", "Xintang, community 1") if code == VILLAGE else None,
        rules=RULES,
        simulated=True,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


@cache
def event_loop() -> BlockingPortal:
    """One for every browser of this process: a loop of its own for each request costs as much as half a page."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(start_blocking_portal())


class Browser:
    """A browser without a screen: keeps cookies, reads form tokens, follows redirects."""

    def __init__(self, given: Deps) -> None:
        self.client = TestClient(create_app(given), base_url="http://testserver")
        self.client.portal = event_loop()
        self.page = ""
        self.status = 0

    def get(self, address: str) -> str:
        return self._keep(self.client.get(address))

    def post(self, address: str, token: str | None = None, **fields: str) -> str:
        """Send a form with the token of the page that is open, or another one."""
        csrf = self.token() if token is None else token
        return self._keep(self.client.post(address, data={"csrf": csrf, **fields}))

    def sign_in(self, username: str, password: str = PASSWORD) -> str:
        self.get("/sign-in")
        return self.post("/sign-in", username=username, password=password, onward="/")

    def switch(self, language: str) -> str:
        here = re.search(r'name="here" value="([^"]*)"', self.page)
        assert here is not None, "the page has no language switch"
        return self.post(f"/language?lang={language}", here=unescape(here[1]))

    def token(self) -> str:
        found = re.search(r'name="csrf" value="([^"]*)"', self.page)
        assert found is not None, "the page has no form"
        return found[1]

    def version(self) -> str:
        found = re.search(r'name="version" value="(\d+)"', self.page)
        assert found is not None, "the page offers no step"
        return found[1]

    def words(self) -> str:
        """What a reader sees: no tags, one blank between words."""
        # A date is marked within its sentence, where nobody sees a blank.
        joined = re.sub(r'<span class="date">([^<]*)</span>', r"\1", self.page)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", joined)).split())

    def _keep(self, response) -> str:
        self.page, self.status, self.response = response.text, response.status_code, response
        return self.page
