"""What is kept, in bytes: tables with their indexes, and topics, each by what it holds one of."""

from pathlib import Path

from loaded import Figures, Loaded

_TABLES = """
    SELECT relname AS name, pg_total_relation_size(oid) AS bytes, reltuples AS rows
    FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > 0
    ORDER BY relname
"""
_PUBLISHED = "SELECT topic, sum(last) AS events FROM outbox_sequence WHERE last > 0 GROUP BY topic"
_LEAST_ROWS = 100  # a table of a few rows is a page or two, whatever a row takes


async def sizes(loaded: Loaded) -> Figures:
    """Return bytes a row of each table that holds many, and bytes an event of each topic."""
    tables: Figures = {}
    topics: Figures = {}
    for service in loaded.document["services"]:
        connection = await loaded.connection(service)
        try:
            await connection.execute("VACUUM ANALYZE")
            for row in await connection.fetch(_TABLES):
                if row["rows"] >= _LEAST_ROWS:
                    tables[f"{service}.{row['name']}"] = {
                        "rows": int(row["rows"]),
                        "bytes_a_row": round(row["bytes"] / row["rows"], 1),
                    }
            for row in await connection.fetch(_PUBLISHED):
                stored = _stored(loaded, row["topic"])
                topics[row["topic"]] = {
                    "events": int(row["events"]),
                    "bytes_an_event": round(stored / int(row["events"]), 1),
                }
        finally:
            await connection.close()
    return {"tables": tables, "topics": topics}


def _stored(loaded: Loaded, topic: str) -> int:
    """Return the bytes of a topic's log in the embedded broker's folder."""
    logs = Path(loaded.document["folder"]) / "kafka" / "logs"
    return sum(log.stat().st_size for log in logs.glob(f"{topic}-*/*.log"))
