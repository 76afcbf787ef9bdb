"""The first form of the desk: actions, tags, notes, saved searches, read marks."""

import sqlalchemy as sa
from alembic import op

revision = "d0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "actions",
        sa.Column("action", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("undone_by", sa.Integer),
        sa.Column("digest", sa.String, nullable=False),
    )
    op.create_table(
        "tags",
        sa.Column("tag", sa.String, primary_key=True),
        sa.Column("message", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("item_sha256", sa.String, nullable=False),
        sa.Column("locator", sa.Text, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("note", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("message", sa.BigInteger, nullable=False),
        sa.Column("item_sha256", sa.String, nullable=False),
        sa.Column("locator", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", sa.BigInteger),
    )
    op.create_index("ix_notes_message", "notes", ["message"])
    op.create_table(
        "searches",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language_version", sa.Integer, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "marks",
        sa.Column("who", sa.String, primary_key=True),
        sa.Column("conversation", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("message", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """A desk is never taken back to an older form: people's work would be lost."""
    raise NotImplementedError
