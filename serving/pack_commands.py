"""The command that writes the packs: data map, impact assessment, yearly audit of minors' data."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from features.settings import Settings
from serving.packs import Facts, data_map, impact_assessment, write
from serving.packs_audit import minors_audit
from serving.review.machine_tables import WebhookEndpoint
from serving.review.store import Store
from serving.review.tables import ApiKey

Say = Callable[[str], None]


def add(commands: Any, say: Say) -> None:
    """Declare the command; `say` is given each line."""
    packs = commands.add_parser(
        "packs", help="data map, impact assessment and yearly audit of minors' data, as pages and JSON"
    )
    packs.add_argument("--year", type=int, help="the year of the audit (default: the year before this one)")
    packs.add_argument("--out", type=Path, help="the folder (default: reports/packs in the data home)")
    packs.set_defaults(run=lambda settings, arguments: _packs(settings, arguments, say))


def _packs(settings: Settings, arguments: argparse.Namespace, say: Say) -> int:
    from serving import bootstrap

    store = bootstrap.open_store(settings)
    today = bootstrap.today()
    year = arguments.year or today.year - 1
    try:
        facts = _facts(settings, store)
        with store.read() as session:
            audit = minors_audit(session, year, facts)
    finally:
        store.close()
    packs = (data_map(), impact_assessment(facts), audit)
    folder = arguments.out or settings.reports / "packs"
    for path in write(packs, folder, today, simulated=facts.simulated):
        say(str(path))
    waiting = sum(item.person is not None for pack in packs for item in pack.items)
    say(f"{waiting} items wait for a person")
    return 0


def _facts(settings: Settings, store: Store) -> Facts:
    from serving import bootstrap

    champions = bootstrap.find_champions(settings)
    with store.read() as session:
        clients = session.scalar(
            select(func.count(ApiKey.client_id.distinct())).where(ApiKey.revoked_at.is_(None))
        )
        receivers = session.scalar(
            select(func.count()).select_from(WebhookEndpoint).where(WebhookEndpoint.disabled_at.is_(None))
        )
    return Facts(
        screeners=tuple(f"{name} {screener.version}" for name, screener in sorted(champions.items())),
        evaluated=(settings.reports / "evaluation").is_dir(),
        clients=clients or 0,
        receivers=receivers or 0,
        cipher=settings.cipher,
        simulated=bootstrap.is_simulated(settings),
    )
