"""Brings the tables of the review store from one revision to another, by Alembic.

Apart from the store, which needs it only where its tables are not up to date: Alembic takes a tenth of a
second to load. It decides nothing: which revision is wanted is said by whoever asks.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from serving.review.store import MIGRATIONS


def bring_to(connection: Connection, revision: str) -> None:
    """Run the migrations to this revision, up (`head`, `+1`) or down, in the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    if revision == "head" or revision.startswith("+"):
        command.upgrade(config, revision)
    else:
        command.downgrade(config, revision)


def _config() -> Config:
    """Alembic's configuration for our migrations, wherever the package lies."""
    config = Config()
    # Alembic reads the value through configparser, where a percent sign must be doubled.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
