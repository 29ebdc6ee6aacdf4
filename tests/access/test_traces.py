"""What the matrix leaves behind: strangers in no access log, and nothing of anybody in a log file.

Named to run last in its folder, after every way in has been tried by everybody.
"""

from pathlib import Path
from typing import Any

import asyncpg

from .people import PEOPLE


async def test_a_reading_that_was_refused_is_not_in_the_access_log(world: Any) -> None:
    strangers = [person for person in PEOPLE if person.relation is None]
    subjects = [person.token_claims(world.ours)["sub"] for person in strangers]
    for name, service in world.platform.stack.services.items():
        connection = await asyncpg.connect(service.database_url)
        try:
            logged = await connection.fetch(
                "SELECT DISTINCT subject, action FROM access_log"
                " WHERE subject = ANY($1) AND CAST($2 AS uuid) = ANY(child_ids)",
                subjects,
                world.ours.child_id,
            )
        finally:
            await connection.close()
        assert logged == [], name


async def test_a_reading_that_was_granted_is_in_the_access_log(world: Any) -> None:
    connection = await asyncpg.connect(world.platform.stack.services["escalation"].database_url)
    try:
        logged = await connection.fetch(
            "SELECT DISTINCT subject FROM access_log WHERE CAST($1 AS uuid) = ANY(child_ids)",
            world.ours.child_id,
        )
    finally:
        await connection.close()
    assert {"office-1", "officer-1", "officer-2", world.ours.worker} <= {row[0] for row in logged}


def test_no_log_names_a_child_or_keeps_a_token(world: Any, stack_file: Path) -> None:
    secrets = [world.ours.upn, "Secretforename", "Secretsurname", "eyJ", world.ours.child_id]
    for log in sorted((stack_file.parent / "logs").glob("*.log")):
        text = log.read_text(encoding="utf-8", errors="replace")
        assert [secret for secret in secrets if secret in text] == [], log.name
