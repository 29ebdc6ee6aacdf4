"""Messages: what is owed to whom, and how far it has come.

`due_at`, `sent_at` and `settled_at` are domain time. `retry_at`, `lease_until` and `tried_at` are
the database's real clock, one clock for all senders. A name, number or address is never here: only
the contact's id, and the `reference` under which the provider knows the attempt.
"""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
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
    Column("template_id", UUID(as_uuid=True)),
    Column("notify_id", UUID(as_uuid=True)),
    Column("reason", Text),
    Column("sent_at", DateTime(timezone=True)),
    Column("settled_at", DateTime(timezone=True)),
    UniqueConstraint(
        "episode_id", "round", "kind", "contact_id", postgresql_nulls_not_distinct=True
    ),
    Index("messages_due", "due_at", postgresql_where=text("state = 'due' AND retry_at IS NULL")),
    Index(
        "messages_due_again",
        "retry_at",
        postgresql_where=text("state = 'due' AND retry_at IS NOT NULL"),
    ),
    Index("messages_due_school", "school_id", postgresql_where=text("state = 'due'")),
    Index("messages_in_hand", "lease_until", postgresql_where=text("state = 'sending'")),
    Index("messages_reference", "reference", postgresql_where=text("reference IS NOT NULL")),
)
