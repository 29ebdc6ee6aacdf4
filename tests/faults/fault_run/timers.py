"""A register that nobody took is announced as missing once, and no other register is."""

from collections import Counter
from datetime import date
from uuid import UUID

from fault_run.findings import Findings
from fault_run.published import Published
from fault_run.stage import Stage

_MISSING = "uk.firstday.register.missing.v1"


async def check_missing(
    stage: Stage, published: Published, days: list[date], findings: Findings
) -> None:
    """Compare what register and reporting keep of the played days with what was not taken."""
    urns = {school.urn for school in stage.town.schools}
    async with stage.database("register") as database:
        rows = await database.fetch("SELECT id, urn FROM schools WHERE urn = ANY($1)", list(urns))
    ids = {row["urn"]: UUID(str(row["id"])) for row in rows}
    expected = {(ids[stage.town.forgetful.urn], day, "PM") for day in days}
    for service in ("register", "reporting"):
        async with stage.database(service) as database:
            rows = await database.fetch(
                "SELECT school_id, date, session FROM missing_registers "
                "WHERE school_id = ANY($1) AND date = ANY($2)",
                list(ids.values()),
                days,
            )
        found = {(UUID(str(row[0])), row[1], row[2]) for row in rows}
        for school, day, half in expected - found:
            findings.miss(f"{service}: {school} took no register on {day} {half}; nobody says so.")
        for school, day, half in found - expected:
            findings.repeat(f"{service}: {school} took its register on {day} {half}.")
    announced = Counter(fact[1:] for fact in published.facts if fact[0] == _MISSING)
    for school, day, half in expected:
        if not announced[str(school), str(day), half]:
            findings.miss(f"That {school} took no register on {day} {half} was not announced.")
