"""What escalation-service is told from outside."""

from pathlib import Path
from typing import Final

from pydantic_settings import BaseSettings, SettingsConfigDict

from attendance_runtime.settings import ServiceSettings

SHIPPED_POLICIES: Final = Path(__file__).parent / "policies" / "packs"
"""The policy files that come with the service."""


class EscalationSettings(ServiceSettings):
    """Environment variables that begin with `ESCALATION_`, beside those all services share."""

    model_config = SettingsConfigDict(env_prefix="ESCALATION_")


class PolicySettings(BaseSettings):
    """Where the policy files are; apart, so that they can be checked without a database.

    Attributes:
        policy_folder: `ESCALATION_POLICY_FOLDER`, instead of the shipped files.
    """

    model_config = SettingsConfigDict(env_prefix="ESCALATION_", frozen=True)

    policy_folder: Path = SHIPPED_POLICIES
