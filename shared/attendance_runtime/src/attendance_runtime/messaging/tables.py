"""The tables behind exactly-once messaging: the outbox with its claims, and the consumer's memory.

Every service has its own set, in its own database, beside the tables its events speak of: only so
can a state change and its event, or an effect and its offset, share one transaction.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

outbox = Table(
    "outbox",
    metadata,
    # Ids are handed out one by one (no sequence cache): a writer that holds a key's row lock gets a
    # higher id than the writer who held it before, which is all the order that is needed.
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False, comment="gives the partition"),
    Column("record_key", Text, nullable=False, comment="Kafka record key, for compaction"),
    Column("type", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column(
        "created_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),  # the real clock, and one clock for all writers
    ),
)

outbox_claim = Table(
    "outbox_claim",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("rows", ARRAY(BigInteger), nullable=False),
    Column("partitions", ARRAY(Integer), nullable=False),
    Column("sequences", ARRAY(BigInteger), nullable=False),
)

outbox_sequence = Table(
    "outbox_sequence",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

consumer_offset = Table(
    "consumer_offset",
    metadata,
    Column("consumer_group", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("cluster_id", Text, comment="the Kafka cluster that the offset counts in"),
    CheckConstraint("next_offset >= 0", name="next_offset_counts"),
)

consumer_sequence = Table(
    "consumer_sequence",
    metadata,
    Column("consumer_group", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("consumer_group", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("route", Text, nullable=False, comment="the use case that failed, empty if unread"),
    Column("part", Integer, nullable=False, comment="which part of a split event, -1 for all"),
    Column("type", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("traceparent", Text),
    Column(
        "created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    ),
    Column("resolved_at", DateTime(timezone=True)),
    CheckConstraint("kind IN ('unreadable', 'parked')", name="kind_is_known"),
    UniqueConstraint(
        "consumer_group", "topic", "partition", "offset", "route", "part", name="one_letter"
    ),
)

# Views ask "is this school's picture complete?" on every page; the answer is nearly always yes.
Index(
    "dead_letter_unresolved",
    dead_letter.c.key,
    postgresql_where=dead_letter.c.resolved_at.is_(None),
)
