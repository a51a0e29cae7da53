"""Runs the migrations: on the connection the store hands over, or from the command line on the settings'."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from features.settings import Settings
from serving.review.schema import METADATA
from serving.review.store import Store


def run(connection: Connection) -> None:
    """Run what was asked for on this connection, in its transaction."""
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    store = Store.open(Settings.read().review_url)
    with store.write() as session:
        run(session.connection())
    store.close()
