"""The pages of a social worker and of an authority with a quarter of a million pupils.

The workers' own children are loaded through the API, with names at register-service; the rest of
the authority is written straight into reporting's database, where the pages are read.
"""

import json

from loaded import FIRST_DAY, Figures, Loaded
from traffic import Answers, Call, send_all, until

PUPILS = 250_000
_WORKERS = 20
_CHILDREN_EACH = 20
_READS_EACH = 30
_READS_OF_AREA = 300
_FILL = """
    WITH pupils AS (SELECT n, uuidv7() AS child_id FROM generate_series(1, $1::integer) AS n),
    enrolled AS (
        INSERT INTO enrolments (id, child_id, school_id, starts_on, year_group, class_code, status,
                                version)
        SELECT uuidv7(), child_id, CAST(md5('school ' || n / 1000) AS uuid), DATE '2026-09-01',
               '8', 'C01', 'main', 1
        FROM pupils RETURNING id
    ), allocated AS (
        INSERT INTO reach (holder, relation, object_id, valid_from)
        SELECT 'filler-' || n / 600, 'worker', child_id, DATE '2026-09-01'
        FROM pupils WHERE n % 30 = 0
    )
    INSERT INTO enrolment_years (enrolment_id, school_year, attended, marks)
    SELECT id, 2026, 110, decode(repeat('01', 110) || repeat('00', 622), 'hex') FROM enrolled
"""
_FILL_SCHOOLS = """
    WITH filled AS (
        SELECT school_id, count(*) AS pupils FROM enrolments
        WHERE school_id NOT IN (SELECT id FROM schools) GROUP BY school_id
    ), settled AS (
        INSERT INTO schools (id, urn, name, am_starts_at, pm_starts_at, register_open_minutes,
                             hours_per_day, version)
        SELECT school_id, 'filler', 'School ' || school_id, '08:45', '13:00', 30, 6.5, 1 FROM filled
    ), reached AS (
        INSERT INTO reach (holder, relation, object_id, valid_from)
        SELECT 'authority:332', 'area', school_id, DATE '2026-09-01' FROM filled
    )
    INSERT INTO school_years (school_id, school_year, recorded_at, attended, enrolments)
    SELECT school_id, 2026, now(), 110 * pupils, pupils FROM filled
"""


async def fill(loaded: Loaded) -> None:
    """Bring the authority to its size in reporting's database."""
    connection = await loaded.connection("reporting")
    try:
        there = await connection.fetchval("SELECT count(*) FROM enrolments")
        await connection.execute(_FILL, max(0, PUPILS - there))
        await connection.execute(_FILL_SCHOOLS)
        tables = "enrolments, enrolment_years, schools, school_years, reach"
        await connection.execute(f"VACUUM ANALYZE {tables}")
    finally:
        await connection.close()


async def caseload_pages(loaded: Loaded) -> Figures:
    """Read each worker's page some dozens of times, a reader at a time."""
    answers = Answers()
    for worker in await _allocate(loaded):
        await _read(loaded, worker, f"/v1/caseloads/{worker}", _READS_EACH, answers)
    return _figures(answers) | {"children_a_page": _CHILDREN_EACH}


async def authority_pages(loaded: Loaded) -> Figures:
    """Read the authority's own page some hundreds of times, one after another."""
    answers = Answers()
    await _read(loaded, "officer", "/v1/authorities/332/absence", _READS_OF_AREA, answers)
    return _figures(answers)


async def _read(loaded: Loaded, reader: str, path: str, times: int, answers: Answers) -> None:
    token = await loaded.token("authority:332", reader)
    calls = [Call("GET", path)] * (times + 1)
    read = await send_all(calls, loaded.api("reporting"), token, in_flight=1)
    answers.seconds += read.seconds[1:]  # the first opens connections, with this new token


def _figures(answers: Answers) -> Figures:
    return {
        "pupils": PUPILS,
        "pages": len(answers.seconds),
        "p50_ms": answers.percentile_ms(0.5),
        "p99_ms": answers.percentile_ms(0.99),
    }


async def _allocate(loaded: Loaded) -> list[str]:
    """Give some of the loaded children social workers, through the API; the workers."""
    connection = await loaded.connection("register")
    try:
        wanted = _WORKERS * _CHILDREN_EACH
        rows = await connection.fetch("SELECT child_id FROM enrolments LIMIT $1", wanted)
    finally:
        await connection.close()
    lines = [
        {
            "child_id": str(row["child_id"]),
            "kind": "CIN",
            "authority_code": "332",
            "worker": f"worker-{place // _CHILDREN_EACH}",
            "valid_from": FIRST_DAY.isoformat(),
        }
        for place, row in enumerate(rows)
    ]
    call = Call("POST", "/v1/care-statuses", json.dumps(lines).encode())
    await loaded.send([call], await loaded.token("authority:332"))
    await until(loaded.progress.caught_up, within_seconds=60)
    return sorted({str(line["worker"]) for line in lines})
