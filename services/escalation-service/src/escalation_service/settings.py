"""What escalation-service is told from outside."""

from pathlib import Path
from typing import Final

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import ServiceSettings

SHIPPED_POLICIES: Final = Path(__file__).parent / "policies" / "packs"
"""The policy files that come with the service."""


class EscalationSettings(ServiceSettings):
    """Environment variables that begin with `ESCALATION_`, beside those all services share.

    Attributes:
        register_url: where the register's API answers; only `resync` asks it.
        client_id: whom `resync` reads the register as; API and worker need no client.
        client_secret: that client's secret.
    """

    model_config = SettingsConfigDict(env_prefix="ESCALATION_")

    register_url: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None


def settings_of(runtime: Runtime) -> EscalationSettings:
    """Return this service's settings from what every process holds."""
    if not isinstance(runtime.settings, EscalationSettings):
        raise TypeError("This process was not started with escalation-service's settings.")
    return runtime.settings


class PolicySettings(BaseSettings):
    """Where the policy files are; apart, so that they can be checked without a database.

    Attributes:
        policy_folder: `ESCALATION_POLICY_FOLDER`, instead of the shipped files.
    """

    model_config = SettingsConfigDict(env_prefix="ESCALATION_", frozen=True)

    policy_folder: Path = SHIPPED_POLICIES
