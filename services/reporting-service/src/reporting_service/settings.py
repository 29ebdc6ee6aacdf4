"""What reporting-service is told from outside."""

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import ServiceSettings


class ReportingSettings(ServiceSettings):
    """Environment variables that begin with `REPORTING_`, beside those all services share.

    Attributes:
        register_url: where the register's API answers; names and bulk reads come from it.
        register_timeout_seconds: how long a page waits for names before it goes without.
        client_id: whom `recount` and `resync` read the register as; the API needs no client.
        client_secret: that client's secret.
    """

    model_config = SettingsConfigDict(env_prefix="REPORTING_")

    register_url: str
    register_timeout_seconds: float = 2.0
    client_id: str | None = None
    client_secret: SecretStr | None = None


def settings_of(runtime: Runtime) -> ReportingSettings:
    """Return this service's settings from what every process holds."""
    if not isinstance(runtime.settings, ReportingSettings):
        raise TypeError("This process was not started with reporting-service's settings.")
    return runtime.settings
