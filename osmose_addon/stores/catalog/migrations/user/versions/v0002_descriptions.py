"""What titles are about, their subtitle files, and what lies beside each file."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("titles", sa.Column("kind", sa.Text, nullable=False, server_default="film"))
    op.add_column("titles", sa.Column("show", sa.Text, nullable=False, server_default=""))
    op.add_column("titles", sa.Column("season", sa.Integer, nullable=False, server_default="-1"))
    op.add_column("titles", sa.Column("episode", sa.Integer, nullable=False, server_default="-1"))
    op.add_column("titles", sa.Column("description", sa.LargeBinary))
    op.add_column("titles", sa.Column("sidecars", sa.LargeBinary))
    op.add_column("files", sa.Column("beside", sa.Text, nullable=False, server_default=""))
