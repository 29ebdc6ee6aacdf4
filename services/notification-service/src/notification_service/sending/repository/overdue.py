"""How many messages are due and not handed over, by how long: the first thing to look at."""

from typing import Final

from prometheus_client import Gauge
from sqlalchemy import text

from attendance_runtime.waiting import Waiting

# Each part reads an index of its own from its oldest entry, and stops.
OVERDUE: Final = Waiting(
    Gauge(
        "firstday_messages_overdue",
        "Messages due for longer than the label says and not handed over",
        ["longer_than"],
    ),
    text("""
        WITH late AS (
            (SELECT due_at FROM messages WHERE state = 'due' AND retry_at IS NULL
             ORDER BY due_at LIMIT :most)
            UNION ALL
            (SELECT due_at FROM messages WHERE state = 'due' AND retry_at IS NOT NULL
             ORDER BY retry_at LIMIT :most)
            UNION ALL
            (SELECT due_at FROM messages WHERE state = 'sending' ORDER BY lease_until LIMIT :most)
        )
        SELECT label, count(*) FROM late
        JOIN (VALUES ('1m', interval '1 minute'), ('5m', interval '5 minutes'),
                     ('30m', interval '30 minutes')) AS ages (label, age)
          ON due_at < CAST(:now AS timestamptz) - age
        GROUP BY label
    """),
    ("1m", "5m", "30m"),
)
