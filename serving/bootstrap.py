"""The composition root: the one place that builds the real things from the settings and reads the clock.

Nobody else decides which database, which files, what time it is or where randomness comes from.
"""

from __future__ import annotations

import logging
import secrets
import socket
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError

from features import child_commands
from features.areas import area_titles, areas_below, read_areas
from features.households import households
from features.identity import IdentityStore, open_identity
from features.jurisdiction import Profile, ProfileUnknown, load_profile
from features.lake import Lake
from features.people import People, read_people
from features.person_numbers import IdentityError
from features.settings import Settings, SettingsError
from features.sources import SOURCES
from features.unread import numbers_by_source, unread_dangers
from features.waiting import waiting_reports
from models.champions import load_champions
from models.explanation import Evidence
from models.policy import Policy
from models.rules import RULES
from models.screener import Screener, ScreenerError
from serving import screening
from serving.answers import Wording, versions_of
from serving.api import kept
from serving.api.app import Api, Children
from serving.api.operations import OPERATIONS
from serving.api.tables import Tables
from serving.api.tokens import PATH as TOKEN_PATH
from serving.api.tokens import Tokens
from serving.clients import Clients
from serving.comparing import Comparer, kept_screener
from serving.current import Current, state_of
from serving.delivery import Delivery
from serving.door import ADDRESSES, App
from serving.endpoint import Endpoint
from serving.erasing import erase_granted, erase_settled
from serving.held import held_records
from serving.machine_commands import webhook_key
from serving.metrics import Exposition, Templates
from serving.monitored import read_monitored
from serving.posting import Poster
from serving.rates import QUEUE, SCORING, TOKENS, Limiter
from serving.review import gauges, readiness
from serving.review.export_templates import HERE, Template, read_templates
from serving.review.exports import Looked
from serving.review.gauges import Gauge
from serving.review.objection_tables import objection_templates
from serving.review.opening import ChildFacts
from serving.review.readiness import Trouble
from serving.review.store import Store, StoreError
from serving.scoring import LakeScreening
from serving.web.app import create_app
from serving.web.deps import CHINA, Deps, LakeRecord

if TYPE_CHECKING:
    from serving.oidc import Provider

LOG = logging.getLogger("miaohu.serving")
# Addresses that speak of the service itself.
PROBES = ("/livez", "/readyz", "/metrics", "/openapi.json")


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def today() -> date:
    """The date in China, where the children are."""
    return now().astimezone(CHINA).date()


def system_random() -> Random:
    """Randomness nobody can foresee, for audit draws."""
    return Random(secrets.randbits(128))  # noqa: S311  # nosec B311  # seeded by the operating system; a lot, not a secret


def new_token() -> str:
    """A fresh secret."""
    return secrets.token_urlsafe(32)


def open_store(settings: Settings) -> Store:
    """The review store, with its tables brought up to date."""
    store = Store.open(settings.review_url)
    store.migrate()
    return store


def find_champions(settings: Settings, bundled: Path | None = None) -> dict[str, Screener]:
    """The screeners in use: those of the data home, else those the Bento carries, else none."""
    return load_champions(settings.champions) or (load_champions(bundled) if bundled is not None else {})


def is_simulated(settings: Settings) -> bool:
    """Whether the records are a simulated county's: only the simulation leaves its planted truth behind."""
    return settings.truth.is_dir()


def round_deps(settings: Settings, store: Store) -> screening.Deps:
    """What screening a round needs; ScreenerError if a champion can no longer be used."""
    return _round_deps(settings, store, find_champions(settings))


def work_deps(settings: Settings, store: Store) -> tuple[screening.Deps, str | None]:
    """What a worker needs, and why no ranked alert may be released, if so."""
    try:
        deps = round_deps(settings, store)
    except ScreenerError as error:
        return _round_deps(settings, store, {}), str(error)
    gone = readiness.missing(store, screeners=bool(deps.champions), records=True)
    return deps, gone[0].sentence if gone else None


def in_the_way(settings: Settings, store: Store) -> list[Trouble]:
    """Why a worker must not work now. A log that is not whole stops nothing."""
    found = readiness.troubles(store, now(), settings.home)
    found += readiness.missing(store, screeners=True, records=bool(Lake(settings.lake).tables()))
    return [trouble for trouble in found if trouble.code != "log"]


def _round_deps(settings: Settings, store: Store, champions: Mapping[str, Screener]) -> screening.Deps:
    return screening.Deps(
        lake=Lake(settings.lake),
        matrices=settings.matrices,
        profile=load_profile(settings.jurisdiction),
        policy=Policy.read(),
        champions=champions,
        store=store,
        now=now,
        people=_people(settings),
        kept=partial(kept_screener, settings.champions),
        household_of=partial(_households, settings),
        waiting=partial(waiting_reports, settings),
    )


def _households(settings: Settings, child_keys: Collection[str]) -> Mapping[str, str]:
    identity = open_identity(settings)
    try:
        return households(identity, child_keys)
    finally:
        identity.close()


def _people(settings: Settings) -> People:
    identity = open_identity(settings)
    try:
        return read_people(identity)
    finally:
        identity.close()


def poster() -> Poster:
    """What posts webhooks; the caller closes it."""
    return Poster(_addresses, time.monotonic)


def delivery(settings: Settings, store: Store, holder: str, post: Poster) -> Delivery:
    """What sends webhooks."""
    key = webhook_key(settings)
    return Delivery(store, key, post, now, time.monotonic, system_random(), holder)


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def carry_out_deletions(settings: Settings, store: Store) -> int:
    """Delete the children whose deletion was granted on a page, everywhere; how many requests that did."""

    def erase(child_key: str, basis: str) -> None:
        child_commands.forget(settings, child_key, basis, today())

    return erase_granted(store, erase, now, _people(settings).keys_of)


def forget_child(settings: Settings, store: Store, child_key: str, basis: str) -> list[str]:
    """Delete one child everywhere, once the queue was asked; what is gone, in words. Raises Refused."""
    if any(trouble.code != "log" for trouble in readiness.troubles(store, now(), settings.home)):
        raise StoreError("The queue cannot be asked whether something of the child is open.")
    erase = partial(child_commands.forget, settings, child_key, basis, today())
    return erase_settled(store, _people(settings).keys_of(child_key), erase, now)


def forget_kept_answers(store: Store) -> None:
    """Let go of answers to case systems that were kept long enough."""
    with store.write() as session:
        kept.forget(session, now=now())


def read_tables(settings: Settings) -> Mapping[str, Template]:
    """Tables for other platforms: ours, and the deployment's own, which count where both have one."""
    return {**objection_templates(), **read_templates((HERE, settings.home / "exports"))}


def looked(settings: Settings) -> Looked:
    """Names and areas for a table that a command writes."""

    def names(child_keys: Collection[str]) -> Mapping[str, str]:
        identity = open_identity(settings)
        try:
            return identity.names(child_keys)
        finally:
            identity.close()

    return Looked(names, area_titles(read_areas(settings.areas)))


def sign_in_provider(settings: Settings) -> Provider | None:
    """Where people sign in beside our own passwords, if the settings name a provider; it is not asked yet."""
    given = settings.oidc
    if given is None:
        return None
    # Few deployments have one, and what reads its tokens is heavy to load.
    from serving.oidc import provider_of

    secret = "" if given.secret_file is None else read_secret(given.secret_file)
    return provider_of(given, secret, settings.public_url, now, time.monotonic)


def read_secret(file: Path) -> str:
    """The secret in this file. SettingsError if there is none."""
    secret = file.read_text(encoding="utf-8").strip() if file.is_file() else ""
    if not secret:
        raise SettingsError("MIAOHU_OIDC_CLIENT_SECRET_FILE must name a file with the secret in it.")
    return secret


@dataclass(frozen=True)
class Standing:
    """The scoring endpoint with what there is now; `trouble`: why it has no screener."""

    endpoint: Endpoint
    trouble: str


@dataclass(frozen=True)
class Served:
    """What the BentoML service hands requests to."""

    standing: Current[Standing]
    home: Path
    pages: App
    api: App
    clients: Clients
    scoring_rate: Limiter
    identity: IdentityStore
    store: Store
    exposition: Exposition
    templates: Templates
    # What was in the way when somebody asked last, so that the log tells of changes only.
    said: set[Trouble] = field(default_factory=set)

    @property
    def endpoint(self) -> Endpoint:
        """The scoring endpoint as it stands now."""
        return self.standing.get().endpoint

    def troubles(self) -> list[Trouble]:
        """Why requests should not come here; the log says so too."""
        standing = self.standing.get()
        endpoint = standing.endpoint
        found = readiness.troubles(self.store, now(), self.home)
        if standing.trouble:
            found.append(Trouble("screener", standing.trouble))
        usable = bool(endpoint.champions) or bool(standing.trouble)
        found += readiness.missing(self.store, screeners=usable, records=endpoint.lake is not None)
        for trouble in set(found) - self.said:
            LOG.error("Not ready: %s: %s", trouble.code, trouble.sentence)
        if self.said and not found:
            LOG.warning("Ready again.")
        self.said.clear()
        self.said.update(found)
        return found

    def close(self) -> None:
        """Let go of databases and files."""
        self.endpoint.close()
        self.identity.close()


def _standing(
    settings: Settings, bundled: Path | None, store: Store, identity: IdentityStore, profile: Profile
) -> Standing:
    """A champion that can no longer be used stops no page: the endpoint then has none, and it is said why."""
    trouble = ""
    try:
        champions = find_champions(settings, bundled)
    except ScreenerError as error:
        LOG.error("No screener is in use: %s", error)
        champions, trouble = {}, f"No screener is in use: {error}"
    lake = Lake(settings.lake)
    here = bool(lake.tables())
    endpoint = Endpoint(
        store=store,
        profile=profile,
        champions=champions,
        wording=Wording(profile, Policy.read(), versions_of(champions, profile)),
        lake=LakeScreening(lake, profile, champions) if here else None,
        identity=identity if here else None,
        today=today,
        now=now,
    )
    if endpoint.lake is not None:
        endpoint.lake.warm_up(today())
    return Standing(endpoint, trouble)


def open_served(settings: Settings, bundled: Path | None = None) -> Served:
    """The scoring endpoint and the review pages on this data home; `bundled` are a Bento's own champions."""
    profile = load_profile(settings.jurisdiction)
    lake = Lake(settings.lake)
    store = open_store(settings)
    identity = open_identity(settings)
    standing = Current(
        lambda: _standing(settings, bundled, store, identity, profile),
        lambda: state_of(settings.champions, lake),
        time.monotonic,
    )

    def evidence(child_key: str, source: str, record_id: str) -> Evidence | None:
        # A merged child keeps its case under its own key; its records are those of the child that stayed.
        [child_key] = identity.people([child_key])
        for record in reversed(lake.child_records(child_key, [source]).get(source, [])):
            if record.record_id == record_id:
                return Evidence(source, record_id, record.occurred_on, record.known_on)
        return None

    def records(child_key: str) -> list[LakeRecord]:
        [child_key] = identity.people([child_key])
        # The newest version of a record says when it happened, as it stands now.
        newest = {
            (source, record.record_id): LakeRecord(source, record.occurred_on, record.known_on)
            for source, found in lake.child_records(child_key).items()
            for record in found
        }
        return list(newest.values())

    def find_child(number: str) -> str | None:
        try:
            key = identity.child_key(number)
        except IdentityError:
            return None
        [key] = identity.people([key])
        return key if identity.reveal(key) is not None else None

    def keys_of(child_key: str) -> Sequence[str]:
        return read_people(identity).keys_of(child_key)

    def about(child_key: str) -> ChildFacts:
        return screening.about_child(lake, profile, child_key, today(), partial(households, identity))

    areas = read_areas(settings.areas)
    tables = Tables(read_tables(settings), area_titles(areas))
    pages = create_app(
        Deps(
            store=store,
            now=now,
            new_token=new_token,
            names=identity.names,
            profile=profile,
            last_heard=lake.last_heard,
            evidence=evidence,
            area_title=tables.area_title,
            areas_below=areas_below(areas),
            templates=tables.templates,
            records=records,
            held=lambda child_key: held_records(lake, identity.people([child_key])[0]),
            unread=lambda: unread_dangers(settings.quarantine, today()),
            find_child=find_child,
            about_child=about,
            keys_of=keys_of,
            tier_of_requests=Policy.read().tiers["request"],
            changes=Comparer(lake, settings.champions),
            monitored=lambda: read_monitored(settings.reports / "monitor" / "monitor.json"),
            rules=RULES,
            simulated=is_simulated(settings),
            secure_cookies=settings.secure_cookies,
            emergency_lasts=timedelta(hours=settings.emergency_hours),
            provider=sign_in_provider(settings),
            password_sign_in=settings.password_sign_in,
        )
    )
    clients = Clients(store, now)
    try:
        tier_days = {tier.code: tier.contact_within_days for tier in profile.tiers}
    except ProfileUnknown:
        tier_days = {}
    children = Children(
        find=find_child,
        about=about,
        keys_of=keys_of,
        tier=Policy.read().tiers["request"],
        tier_days=tier_days,
    )
    tokens = Tokens(store, now, new_token, Limiter(TOKENS, time.monotonic))
    api = Api(
        store, clients.find, Limiter(QUEUE, time.monotonic), now, today, children, profile, tokens, tables
    )
    rate = Limiter(SCORING, time.monotonic)
    templates = Templates(
        (*ADDRESSES, *PROBES, TOKEN_PATH, *(row.path for row in OPERATIONS), *_paths(pages))
    )
    exposition = Exposition(lambda: _gauges(served, lake, settings.quarantine))
    served = Served(
        standing, settings.home, pages, api, clients, rate, identity, store, exposition, templates
    )
    return served


def _paths(pages: FastAPI) -> Iterator[str]:
    return (route.path for route in pages.routes if isinstance(route, APIRoute))


def _gauges(served: Served, lake: Lake, quarantine: Path) -> list[Gauge]:
    """How everything stands; while the store is away, that it is, and no more."""
    found = [Gauge("miaohu_trouble", 1, (code,)) for code in sorted({one.code for one in served.troubles()})]
    try:
        with served.store.read() as session:
            found += gauges.of_store(session, now(), today())
    except SQLAlchemyError:
        LOG.warning("The store cannot be asked how the queue stands.")
    for name, number in numbers_by_source(unread_dangers(quarantine, today())).items():
        found.append(Gauge("miaohu_refused_dangers", number, (name,)))
    for source in SOURCES:
        heard = lake.last_heard(source, today())
        if heard is not None:
            found.append(Gauge("miaohu_source_silent_days", (today() - heard).days, (source.name,)))
    return found
