"""The tables of both databases, as SQLAlchemy Core knows them. Migrations make them; a test compares the two."""

import sqlalchemy as sa

USER = sa.MetaData()
WORK = sa.MetaData()

titles = sa.Table(
    "titles",
    USER,
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
    sa.Column("kind", sa.Text, nullable=False, server_default="film"),
    sa.Column("show", sa.Text, nullable=False, server_default="", index=True),
    sa.Column("season", sa.Integer, nullable=False, server_default="-1"),
    sa.Column("episode", sa.Integer, nullable=False, server_default="-1"),
    sa.Column("description", sa.LargeBinary),
    sa.Column("sidecars", sa.LargeBinary),
)

inits = sa.Table(
    "inits",
    USER,
    sa.Column("title_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Text, primary_key=True),
    sa.Column("rung_id", sa.Text, primary_key=True),
    sa.Column("codecs", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

files = sa.Table(
    "files",
    USER,
    sa.Column("library_id", sa.Text, primary_key=True),
    sa.Column("path", sa.LargeBinary, primary_key=True),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("changed_ns", sa.Integer, nullable=False),
    sa.Column("title_id", sa.Text, nullable=False, index=True),
    sa.Column("gone_unix_s", sa.Float, nullable=False),
    sa.Column("beside", sa.Text, nullable=False, server_default=""),
)

searched = sa.Table(
    "searched",
    USER,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("title_id", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("show", sa.Text, nullable=False),
    sa.Column("original_name", sa.Text, nullable=False),
    sa.Column("people", sa.Text, nullable=False),
    sa.Column("genres", sa.Text, nullable=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("year", sa.Text, nullable=False),
    sa.Column("plot", sa.Text, nullable=False),
)

views = sa.Table(
    "views",
    USER,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("thing_id", sa.Text, nullable=False),
    sa.Column("began_unix_s", sa.Float, nullable=False),
    sa.Column("watched_s", sa.Float, nullable=False),
    sa.Column("is_counted", sa.Boolean, nullable=False),
)

places = sa.Table(
    "places",
    USER,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("thing_id", sa.Text, primary_key=True),
    sa.Column("at_s", sa.Float, nullable=False),
    sa.Column("is_watched", sa.Boolean, nullable=False),
    sa.Column("changed_unix_s", sa.Float, nullable=False),
)

journal = sa.Table(
    "journal",
    USER,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at_unix_s", sa.Float, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("fields", sa.LargeBinary, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

chunks = sa.Table(
    "chunks",
    WORK,
    sa.Column("title_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Text, primary_key=True),
    sa.Column("rung_id", sa.Text, primary_key=True),
    sa.Column("first_cell", sa.Integer, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
