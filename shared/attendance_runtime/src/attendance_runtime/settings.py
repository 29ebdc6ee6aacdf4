"""What a process is told from outside, read once at start and never again.

Secrets and addresses have no default: a missing one stops the process with the variable's name.
"""

from typing import Final, Literal, Self

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


_WORDS: Final = r"\S"  # at least one, with spaces between


class ServiceSettings(BaseSettings):
    """What every service needs; a service adds its own and sets `env_prefix`.

    Attributes:
        issuer_url: the OpenID Connect issuer, to the letter as its tokens name it in `iss`.
        platform_audience: what `aud` must name where a service has no audience of its own.
        audience: the service's own audience, `REGISTER_AUDIENCE` for instance.
        jwt_types: what a token's header may call itself, with spaces between.
        subject_claim: where a token says who its bearer is.
        organisation_claim: where it says for which organisation: a text, or one of a list's.
        organisation_prefix: what that text begins with; it is taken off.
        scope_claims: where its scopes stand, with spaces between: texts, or lists.
        collector: where spans go, by OpenTelemetry's own variable; unset, none leaves the process.
        register_scope: the scope that services ask for in their own tokens, where the issuer
            wants one named.
    """

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
    quota_at_once: int = Field(8, ge=1)  # see web/limits.py, and ADR 23 on why these
    quota_a_minute: int = Field(12_000, ge=1)
    migration_wait_seconds: float = Field(600, gt=0)
    migration_lock_seconds: float = Field(4, gt=0)
    migration_statement_seconds: float = Field(60, gt=0)
    environment: Literal["local", "test", "production"] = Field(
        "production", validation_alias="FIRSTDAY_ENVIRONMENT"
    )
    issuer_url: str = Field(validation_alias="FIRSTDAY_ISSUER_URL")
    platform_audience: str = Field("firstday", min_length=1, validation_alias="FIRSTDAY_AUDIENCE")
    audience: str | None = None
    jwt_types: str = Field("at+jwt", pattern=_WORDS, validation_alias="FIRSTDAY_JWT_TYPES")
    subject_claim: str = Field("sub", min_length=1, validation_alias="FIRSTDAY_SUBJECT_CLAIM")
    organisation_claim: str = Field(
        "org", min_length=1, validation_alias="FIRSTDAY_ORGANISATION_CLAIM"
    )
    organisation_prefix: str = Field("", validation_alias="FIRSTDAY_ORGANISATION_PREFIX")
    scope_claims: str = Field("scope", pattern=_WORDS, validation_alias="FIRSTDAY_SCOPE_CLAIMS")
    register_scope: str | None = Field(None, validation_alias="FIRSTDAY_REGISTER_SCOPE")
    clock: str = Field("system", validation_alias="FIRSTDAY_CLOCK")
    log_level: str = Field("INFO", validation_alias="FIRSTDAY_LOG_LEVEL")
    collector: str | None = Field(None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")

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
