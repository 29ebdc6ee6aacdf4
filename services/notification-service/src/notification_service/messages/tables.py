"""Messages: what is owed to whom, and how far it has come.

`due_at`, `sent_at` and `settled_at` are domain time. `retry_at`, `lease_until` and `tried_at` are
the database's real clock, one clock for all senders. A name, number or address is never here: only
the contact's id, the `reference` under which the provider knows the attempt, and a `fingerprint`
by which an address that failed is known again. `notify_id` is the provider's own id of it, whoever
that is.
"""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import Integer

from notification_service.metadata import metadata

messages = Table(
    "messages",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("episode_id", UUID(as_uuid=True), ForeignKey("episodes.id"), nullable=False),
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("contact_id", UUID(as_uuid=True)),
    Column("state", Text, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("tried_at", DateTime(timezone=True)),
    Column("retry_at", DateTime(timezone=True)),
    Column("lease_until", DateTime(timezone=True)),
    Column("reference", UUID(as_uuid=True)),
    Column("channel", Text),
    Column("fingerprint", UUID(as_uuid=True)),
    Column("template_id", UUID(as_uuid=True)),
    Column("notify_id", UUID(as_uuid=True)),
    Column("reason", Text),
    Column("sent_at", DateTime(timezone=True)),
    Column("settled_at", DateTime(timezone=True)),
    Index("messages_round", "episode_id", "round"),
    # A round has one first message beside those that failed, and one correction for each person.
    Index(
        "messages_first",
        "episode_id",
        "round",
        unique=True,
        postgresql_where=text("kind = 'first' AND state <> 'failed'"),
    ),
    Index(
        "messages_correction",
        "episode_id",
        "round",
        "contact_id",
        unique=True,
        postgresql_where=text("kind = 'correction'"),
    ),
    Index("messages_due", "due_at", postgresql_where=text("state = 'due' AND retry_at IS NULL")),
    Index(
        "messages_due_again",
        "retry_at",
        postgresql_where=text("state = 'due' AND retry_at IS NOT NULL"),
    ),
    Index("messages_due_school", "school_id", postgresql_where=text("state = 'due'")),
    Index(
        "messages_not_corrected",
        "school_id",
        postgresql_where=text("kind = 'correction' AND state = 'failed'"),
    ),
    Index("messages_in_hand", "lease_until", postgresql_where=text("state = 'sending'")),
    Index("messages_reference", "reference", postgresql_where=text("reference IS NOT NULL")),
)
