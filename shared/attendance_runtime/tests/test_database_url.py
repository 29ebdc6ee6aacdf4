"""What people write as a database's address, and what they are told when it cannot be taken."""

import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from attendance_runtime.database_url import DatabaseUrlInvalid, driver_options
from attendance_runtime.settings import ServiceSettings

SECRET = "known-secret"
PLACE = f"firstday:{SECRET}@db.example.org:5432/register"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_every_spelling_of_the_scheme_is_one(scheme: str) -> None:
    assert driver_options(f"{scheme}://{PLACE}")["dsn"] == f"postgresql://{PLACE}"


@pytest.mark.parametrize(
    ("written", "read", "settings"),
    [
        pytest.param("sslmode=require", "?sslmode=require", {}, id="usual"),
        pytest.param(
            "sslmode=require&channel_binding=prefer", "?sslmode=require", {}, id="already so"
        ),
        pytest.param(
            "application_name=register&options=-c%20work_mem%3D8MB",
            "",
            {"application_name": "register", "options": "-c work_mem=8MB"},
            id="for the server",
        ),
        pytest.param("application_name=a+b", "", {"application_name": "a+b"}, id="a plus"),
        pytest.param("user=a%26b", "?user=a%26b", {}, id="an ampersand in a value"),
    ],
)
def test_each_parameter_goes_to_whom_it_is_for(
    written: str, read: str, settings: dict[str, str]
) -> None:
    options = driver_options(f"postgresql://{PLACE}?{written}")
    assert options["dsn"] == f"postgresql://{PLACE}{read}"
    assert options["server_settings"] == settings


def test_a_process_sets_its_connections_own_settings() -> None:
    options = driver_options(
        f"postgresql://{PLACE}?application_name=theirs",
        server_settings={"application_name": "outbox-relay"},
    )
    assert options["server_settings"] == {"application_name": "outbox-relay"}


@pytest.mark.parametrize(("written", "seconds"), [("10", 10.0), ("0", None)])
def test_connecting_takes_as_long_as_it_may(written: str, seconds: float | None) -> None:
    options = driver_options(f"postgresql://{PLACE}?connect_timeout={written}")
    assert options["timeout"] == seconds
    assert "connect_timeout" not in options["dsn"]


def test_the_systems_authorities_are_trusted_with_the_hosts_name_alone() -> None:
    options = driver_options(f"postgresql://{PLACE}?sslmode=verify-full&sslrootcert=system")
    context = options["ssl"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert options["dsn"] == f"postgresql://{PLACE}"
    with pytest.raises(DatabaseUrlInvalid, match="verify-full"):
        driver_options(f"postgresql://{PLACE}?sslmode=require&sslrootcert=system")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"mysql://{PLACE}", "begins with `postgresql://`"),
        (f"postgresql://{PLACE}?ssl=true", "the parameter `ssl`, which is not known.*sslmode"),
        (f"postgresql://{PLACE}?sslmode=no-verify", "a `sslmode`.*verify-full"),
        (f"postgresql://{PLACE}?channel_binding=require", "a `channel_binding`.*cannot keep"),
        (f"postgresql://{PLACE}?target_session_attrs=master", "a `target_session_attrs`.*primary"),
        (f"postgresql://{PLACE}?connect_timeout=5s", "whole seconds"),
        (f"postgresql://{PLACE}?sslrootcert=/nowhere/{SECRET}", "`sslrootcert` is not there"),
        (f"postgresql://{PLACE}?sslmode", "percent-encoded"),
        *(
            (f"postgresql://firstday:12{sign}{SECRET}@db.example.org/register", "percent-encoded")
            for sign in "@/?#["
        ),
    ],
)
def test_what_cannot_be_taken_is_said_without_the_password(
    url: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unescaped password once came back as "invalid literal for int()", with its beginning."""
    with pytest.raises(DatabaseUrlInvalid, match=f"(?s){why}") as invalid:
        driver_options(url)
    assert SECRET not in str(invalid.value)
    assert "12" not in str(invalid.value)

    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("FIRSTDAY_ISSUER_URL", "https://issuer.example.org")
    with pytest.raises(ValidationError, match=f"(?s){why}") as refused:
        ServiceSettings()
    assert SECRET not in str(refused.value)


def test_a_file_that_is_there_is_handed_on(tmp_path: Path) -> None:
    authorities = tmp_path / "authorities.pem"
    authorities.touch()
    options = driver_options(f"postgresql://{PLACE}?sslrootcert={authorities}")
    assert options["dsn"].startswith(f"postgresql://{PLACE}?sslrootcert=")
