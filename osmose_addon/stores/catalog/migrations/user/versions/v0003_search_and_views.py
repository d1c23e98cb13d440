"""What titles can be found by, who watched what, and where each person stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COLUMNS = ("name", "show", "original_name", "people", "genres", "file", "year", "plot")


def upgrade() -> None:
    """Add the tables. The catalog fills the one for searching by itself; a full-text index follows it by triggers."""
    op.create_index("ix_titles_show", "titles", ["show"])
    op.create_table(
        "searched",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("title_id", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, index=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in _COLUMNS),
    )
    columns = ", ".join(_COLUMNS)
    op.execute(
        f"CREATE VIRTUAL TABLE search USING fts5({columns}, content='searched', content_rowid='number', "
        "tokenize=\"unicode61 remove_diacritics 0\", prefix='1 2 3')"
    )
    op.execute("CREATE VIRTUAL TABLE search_words USING fts5vocab('search', 'row')")
    add, take = _change("new", ""), _change("old", "'delete'")
    op.execute(f"CREATE TRIGGER searched_insert AFTER INSERT ON searched BEGIN {add} END")
    op.execute(f"CREATE TRIGGER searched_delete AFTER DELETE ON searched BEGIN {take} END")
    op.execute(f"CREATE TRIGGER searched_update AFTER UPDATE ON searched BEGIN {take} {add} END")
    op.create_table(
        "views",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("thing_id", sa.Text, nullable=False),
        sa.Column("began_unix_s", sa.Float, nullable=False),
        sa.Column("watched_s", sa.Float, nullable=False),
        sa.Column("is_counted", sa.Boolean, nullable=False),
    )
    op.create_index("ix_views_thing", "views", ["kind", "thing_id"])
    op.create_table(
        "places",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("thing_id", sa.Text, primary_key=True),
        sa.Column("at_s", sa.Float, nullable=False),
        sa.Column("is_watched", sa.Boolean, nullable=False),
        sa.Column("changed_unix_s", sa.Float, nullable=False),
    )
    op.create_index("ix_places_thing", "places", ["kind", "thing_id"])


def _change(which: str, command: str) -> str:
    """Return the statement that adds or takes the words of a row."""
    columns = ", ".join(("rowid", *_COLUMNS))
    values = ", ".join(f"{which}.{name}" for name in ("number", *_COLUMNS))
    if command:
        columns, values = f"search, {columns}", f"{command}, {values}"
    return f"INSERT INTO search({columns}) VALUES({values});"
