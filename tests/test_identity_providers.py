"""`docs/identity-providers.md`, followed to the letter: its settings, and the tokens they bring."""

import json
import re
import time
from pathlib import Path
from typing import Any, Final

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import AliasChoices

from attendance_runtime.access.callers import TokenVerifier
from attendance_runtime.access.issuer_keys import GivenKeys
from attendance_runtime.access.tokens import TokenRules
from attendance_runtime.errors import Unauthenticated
from attendance_runtime.settings import ServiceSettings
from escalation_service.settings import EscalationSettings
from notification_service.settings import NotificationSettings
from register_service.settings import RegisterSettings
from reporting_service.settings import ReportingSettings

PAGE: Final = (Path(__file__).parents[1] / "docs" / "identity-providers.md").read_text()
SETTINGS: Final[tuple[type[ServiceSettings], ...]] = (
    RegisterSettings,
    NotificationSettings,
    EscalationSettings,
    ReportingSettings,
)
PROVIDERS: Final = ("Keycloak", "Microsoft Entra ID")
KEY: Final = RSAKey.generate_key(2048, {"kid": "published"})
GIVEN: Final = {"REPORTING_DATABASE_URL": "postgresql://", "REPORTING_REGISTER_URL": "http://x"}


def names_of(kind: type[ServiceSettings]) -> set[str]:
    """The environment variables that a service reads."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    names = set()
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        assert not isinstance(alias, AliasChoices)
        names.add(str(alias) if alias else f"{prefix}{name}".upper())
    return names


def recipe(provider: str) -> tuple[dict[str, str], dict[str, Any]]:
    """A provider's settings, and the token that they are for."""
    section = PAGE.split(f"## {provider}\n")[1].split("\n## ")[0]
    [settings] = re.findall(r"```env\n(.*?)```", section, re.DOTALL)
    [token] = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    return dict(line.split("=", 1) for line in settings.splitlines()), json.loads(token)


def token_of(told: dict[str, Any], **other: Any) -> str:
    now = int(time.time())
    times = {"iat": now, "exp": now + 60}
    return jwt.encode(told["header"] | {"kid": KEY.kid}, told["claims"] | times | other, KEY)


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def verifier(provider: str, monkeypatch: pytest.MonkeyPatch) -> TokenVerifier:
    """reporting-service's, under the provider's settings."""
    for name, value in (GIVEN | recipe(provider)[0]).items():
        monkeypatch.setenv(name, value)
    rules = TokenRules.of(ReportingSettings())
    return TokenVerifier(rules, GivenKeys.of([KEY.as_dict(private=False)]))


def test_every_setting_on_the_page_is_one_that_a_service_reads() -> None:
    read = set[str]().union(*map(names_of, SETTINGS))
    named = re.findall(r"\b(?:FIRSTDAY|REGISTER|NOTIFICATION|ESCALATION|REPORTING)_[A-Z_]+\b", PAGE)
    assert len(named) > len(PROVIDERS) * 5
    assert set(named) <= read


async def test_a_token_made_by_the_recipe_is_understood(
    provider: str, verifier: TokenVerifier
) -> None:
    bearer = await verifier.verify(token_of(recipe(provider)[1]))
    assert bearer.subject == "6f1c5e0a-5f0f-4b43-9c1a-2d1f2d2a7c10"
    assert bearer.organisation == "school:100001"
    assert {"register.read", "register.write"} <= bearer.scopes


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://firstday.example.org/register"},
        {"org": None, "roles": ["register.read"]},
        {"org": None, "roles": ["organisation:school:100001", "organisation:school:100002"]},
        {"sub": None, "oid": None},
        {"nonce": "of an identity token"},
    ],
    ids=" ".join,
)
async def test_another_token_of_the_same_issuer_is_not(
    provider: str, verifier: TokenVerifier, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(token_of(recipe(provider)[1], **wrong))


async def test_a_systems_roles_are_its_scopes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application's Entra token has no `scp`."""
    settings, told = recipe("Microsoft Entra ID")
    for name, value in (GIVEN | settings).items():
        monkeypatch.setenv(name, value)
    keys = GivenKeys.of([KEY.as_dict(private=False)])
    del told["claims"]["scp"]
    roles = ["organisation:supplier:sample-mis", "register.write"]
    bearer = await TokenVerifier(TokenRules.of(ReportingSettings()), keys).verify(
        token_of(told, roles=roles)
    )
    assert bearer.organisation == "supplier:sample-mis"
    assert "register.write" in bearer.scopes
