"""Secrets come from settings: not from the source, and not out of a process again."""

import ast
import re
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest
from pydantic import ValidationError

from attendance_runtime.settings import KafkaSettings, ServiceSettings
from escalation_service.settings import EscalationSettings
from notification_service.settings import NotificationSettings
from register_service.settings import RegisterSettings
from reporting_service.settings import ReportingSettings

ROOT = Path(__file__).parents[1]
SETTINGS = (RegisterSettings, NotificationSettings, EscalationSettings, ReportingSettings)
# Who else may look at the environment, and what for.
READERS = {
    "deploy/local": "starts every process, and so hands it its environment",
    "attendance_testing/parts.py": "is told of a stack that is kept up for tests",
    "demo_authority/proof/views.py": "hands its environment on to the recount it starts",
}
# What a secret looks like when somebody pastes one: keys, tokens, passwords within addresses.
LOOKS_SECRET = re.compile(
    r"BEGIN [A-Z ]*PRIVATE KEY"
    r"|eyJ[\w-]{16,}\.[\w-]{16,}"
    r"|AKIA[0-9A-Z]{16}"
    r"|gh[pousr]_\w{30,}"
    r"|://[^/\s:@\"'{$]+:[^/\s:@\"'{$]+@"
    r"|(?i:secret|password|token|api_?key)[\"']?\s*[:=]\s*[\"'](?=[^\"']*\d)[\w+/=.-]{16,}[\"']"
)
FOLDERS = [ROOT / name for name in ("shared", "services", "deploy", "docs", "tests")]
STORED = {".py", ".yaml", ".yml", ".toml", ".json", ".ini", ".md", ".cfg", ".env", ".html"}


def sources() -> Iterator[Path]:
    for folder in ("shared", "services", "deploy"):
        yield from (ROOT / folder).glob("*/src/**/*.py")


def environment_reads(path: Path) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"})
        or (
            isinstance(node, ast.ImportFrom)
            and {"environ", "getenv"} & {n.name for n in node.names}
        )
    ]


def test_the_environment_is_read_in_settings_alone() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        for line in environment_reads(path)
        if not any(reader in path.as_posix() for reader in READERS)
    ]
    assert offenders == []


def test_nothing_in_the_repository_looks_like_a_secret() -> None:
    files = [
        path
        for path in chain(ROOT.glob("*.*"), *map(Path.rglob, FOLDERS, repeat("*")))
        if path.suffix in STORED and path != Path(__file__)
    ]
    assert len(files) > 300
    offenders = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if LOOKS_SECRET.search(line)
    ]
    assert offenders == []


@pytest.mark.parametrize(
    "pasted",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        'callback_token = "0f1e2d3c4b5a69788796a5b4"',
        "postgresql://firstday:hunter2@db/register",
        "eyJhbGciOiJSUzI1NiIsInR5.eyJzdWIiOiJvZmZpY2Ut",
    ],
)
def test_a_pasted_secret_would_be_found(pasted: str) -> None:
    assert LOOKS_SECRET.search(pasted)


def secret_fields(settings: type[ServiceSettings | KafkaSettings]) -> Iterator[str]:
    for name in settings.model_fields:
        if any(word in name for word in ("secret", "password", "token", "api_key")):
            yield name


@pytest.mark.parametrize("settings", [*SETTINGS, KafkaSettings])
def test_a_secret_has_no_default_and_does_not_print(
    settings: type[ServiceSettings | KafkaSettings],
) -> None:
    for name in secret_fields(settings):
        field = settings.model_fields[name]
        assert "SecretStr" in str(field.annotation), name
        assert field.is_required() or field.default is None, name


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_setting_that_is_missing_is_named_without_the_others_values(
    settings: type[ServiceSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("FIRSTDAY_ISSUER_URL")
    with pytest.raises(ValidationError, match="FIRSTDAY_ISSUER_URL") as missing:
        settings()
    assert "known-secret" not in str(missing.value)


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings_print_no_secret(
    settings: type[ServiceSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    told = settings()
    assert "known-secret" in told.database_url
    assert "known-secret" not in f"{told} {told!r}"


def environment_of(settings: type[ServiceSettings]) -> dict[str, str]:
    """Everything that a service must be told, and the same secret wherever one belongs."""
    prefix = settings.model_config["env_prefix"]
    own = {
        name: field for name, field in settings.model_fields.items() if not field.validation_alias
    }
    told = {name: "http://x.example.org" for name, field in own.items() if field.is_required()}
    told |= dict.fromkeys(secret_fields(settings), "known-secret")
    told["database_url"] = "postgresql://firstday:known-secret@db/x"
    named = {f"{prefix}{name.upper()}": value for name, value in told.items()}
    return named | {
        "FIRSTDAY_ENVIRONMENT": "test",
        "FIRSTDAY_ISSUER_URL": "http://x.example.org",
    }
