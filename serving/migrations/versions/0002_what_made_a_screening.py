"""What a screening was made with: code, policy and libraries. Older screenings do not say."""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in a batch: that would make the table anew, without the triggers that guard it.
    op.add_column("screenings", sa.Column("made_with", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("screenings", "made_with")
