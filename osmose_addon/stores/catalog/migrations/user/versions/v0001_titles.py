"""Titles, their init segments and files, and the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "titles",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("library_id", sa.Text, nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sort_key", sa.Text, nullable=False, index=True),
        sa.Column("path", sa.LargeBinary, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("added_unix_s", sa.Float, nullable=False, index=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("facts", sa.LargeBinary),
        sa.Column("key_frames", sa.LargeBinary),
        sa.Column("revision", sa.Text, nullable=False),
        sa.Column("grid", sa.LargeBinary),
        sa.Column("wish", sa.Text, nullable=False),
    )
    op.create_table(
        "inits",
        sa.Column("title_id", sa.Text, primary_key=True),
        sa.Column("revision", sa.Text, primary_key=True),
        sa.Column("rung_id", sa.Text, primary_key=True),
        sa.Column("codecs", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "files",
        sa.Column("library_id", sa.Text, primary_key=True),
        sa.Column("path", sa.LargeBinary, primary_key=True),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("changed_ns", sa.Integer, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False, index=True),
        sa.Column("gone_unix_s", sa.Float, nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at_unix_s", sa.Float, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("fields", sa.LargeBinary, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
