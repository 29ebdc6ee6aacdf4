"""What a process is told from outside, read once at start and never again.

Secrets and addresses have no default: a missing one stops the process with the variable's name.
"""

from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from attendance_runtime.database_url import driver_options


class KafkaSettings(BaseSettings):
    """How to reach the brokers; TLS and SASL are passed through to every client unchanged."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", frozen=True, hide_input_in_errors=True)

    bootstrap_servers: str
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_cafile: str | None = None


class ServiceSettings(BaseSettings):
    """What every service needs; a service adds its own and sets `env_prefix`."""

    model_config = SettingsConfigDict(
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,  # a missing setting is named without the others' values
    )

    database_url: str = Field(repr=False)  # has a password in it
    host: str = "127.0.0.1"
    port: int = 8000
    worker_port: int = 8001
    database_pool_size: int = 10
    migration_wait_seconds: float = Field(600, gt=0)
    migration_lock_seconds: float = Field(4, gt=0)
    migration_statement_seconds: float = Field(60, gt=0)
    environment: Literal["local", "test", "production"] = Field(
        "production", validation_alias="FIRSTDAY_ENVIRONMENT"
    )
    issuer_url: str = Field(validation_alias="FIRSTDAY_ISSUER_URL")
    audience: str = Field("firstday", validation_alias="FIRSTDAY_AUDIENCE")
    clock: str = Field("system", validation_alias="FIRSTDAY_CLOCK")
    log_level: str = Field("INFO", validation_alias="FIRSTDAY_LOG_LEVEL")

    @field_validator("database_url")
    @classmethod
    def _is_understood(cls, url: str) -> str:
        driver_options(url)
        return url

    @model_validator(mode="after")
    def _production_keeps_real_time(self) -> Self:
        if self.environment == "production" and self.clock != "system":
            raise ValueError("A driven clock is for demos and tests; unset FIRSTDAY_CLOCK.")
        return self
