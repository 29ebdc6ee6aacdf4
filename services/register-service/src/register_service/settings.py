"""What register-service is told from outside."""

from pydantic_settings import SettingsConfigDict

from attendance_runtime.settings import ServiceSettings


class RegisterSettings(ServiceSettings):
    """Environment variables that begin with `REGISTER_`, beside those all services share."""

    model_config = SettingsConfigDict(env_prefix="REGISTER_")
