"""What a sandbox is started with: options of the command line, or `NOTIFY_SANDBOX_*` variables."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from notify_sandbox.switches import BearerToken, HttpUrl


class Settings(BaseSettings):
    """Every setting with its default; an option of the command line wins over the variable."""

    model_config = SettingsConfigDict(
        env_prefix="NOTIFY_SANDBOX_",
        cli_prog_name="python -m notify_sandbox",
        cli_kebab_case=True,
        cli_avoid_json=True,
        cli_hide_none_type=True,
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=0, ge=0, le=65535, description="Port; 0 takes a free one.")
    state: Path = Field(description="Folder that keeps accepted messages over a restart.")
    keep: int = Field(
        default=1_000_000, ge=1, le=1_000_000, description="The newest messages kept, at most."
    )
    delay_seconds: float = Field(
        default=0.2, ge=0, le=3600, description="From accepted to delivered, in seconds."
    )
    callback_url: HttpUrl | None = Field(
        default=None, description="Where delivery receipts are posted."
    )
    callback_token: BearerToken = Field(
        default=SecretStr(""), description="The bearer token of those posts."
    )
    callback_retry_seconds: float = Field(
        default=300.0, ge=0, description="Between two tries of a receipt."
    )
    templates: Path | None = Field(
        default=None, description="A catalogue of templates in place of the project's own."
    )
    api_key: SecretStr | None = Field(
        default=None, description="One more live API key to accept, {name}-{uuid}-{uuid}."
    )
