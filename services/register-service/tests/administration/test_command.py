"""The list from its own file, on the command line."""

import io
import sys
from types import SimpleNamespace

import pytest

from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_runtime.runtime import Runtime
from attendance_testing.serving import runtime_for
from attendance_testing.tokens import TokenIssuer
from register_service.administration.command import establishments
from register_service.establishments.api import COLUMNS
from register_service.main import SERVICE

HEADING = ",".join(COLUMNS.values())
ROW = "100001,332,2001,Heron Way,Community school,Primary,Open,01-09-1998,"


@pytest.fixture
def runtime(database: Database, issuer: TokenIssuer, clean_tables: None) -> Runtime:
    return runtime_for(SERVICE, database, FixedClock("2026-11-20T09:00:00Z"), issuer)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What stands on standard input."""
    content = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=content))
    return content


def write(given: io.BytesIO, *lines: str) -> None:
    given.seek(0)
    given.truncate()
    given.write("\n".join(lines).encode("cp1252"))
    given.seek(0)


async def test_a_file_is_loaded_and_the_same_again_changes_nothing(
    runtime: Runtime, given: io.BytesIO, capsys: pytest.CaptureFixture[str]
) -> None:
    for said in ("1 created, 0 changed, 0 unchanged", "0 created, 0 changed, 1 unchanged"):
        write(given, HEADING, ROW)
        assert await establishments(runtime) == 0
        assert capsys.readouterr().out == f"establishments: {said}, 0 refused\n"


async def test_what_is_refused_is_told_by_line_and_column_and_the_rest_is_kept(
    runtime: Runtime, given: io.BytesIO, capsys: pytest.CaptureFixture[str]
) -> None:
    write(given, HEADING, ROW, ROW, ROW.replace("332", "Dudley"), "cut,short")
    assert await establishments(runtime) == 1
    assert capsys.readouterr().out.splitlines() == [
        "line 3, URN: An earlier line of this list names the same school.",
        "line 4, LA (code): An authority's code has three digits.",
        "line 5: This line has other columns than the heading.",
        "establishments: 1 created, 0 changed, 0 unchanged, 3 refused",
    ]


async def test_another_file_loads_nothing_and_is_told_what_it_lacks(
    runtime: Runtime, given: io.BytesIO, capsys: pytest.CaptureFixture[str]
) -> None:
    write(given, "urn,name", "100001,Heron Way")
    assert await establishments(runtime) == 2
    said = capsys.readouterr().err
    assert "The file has no column URN, LA (code)" in said
    assert "edubasealldata" in said
