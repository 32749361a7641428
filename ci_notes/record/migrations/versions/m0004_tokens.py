"""What a token of a program was made for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of tokens that were made before, nobody knows."""
    op.add_column("sessions", sa.Column("purpose", sa.Text, nullable=False, server_default=""))
