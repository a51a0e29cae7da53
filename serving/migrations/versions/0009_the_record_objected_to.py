"""When the record that is objected to happened and became known, as the screening behind the case knew it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("objections", sa.Column("occurred_on", sa.Date(), nullable=True))
    op.add_column("objections", sa.Column("known_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("objections") as table:
        table.drop_column("known_on")
        table.drop_column("occurred_on")
