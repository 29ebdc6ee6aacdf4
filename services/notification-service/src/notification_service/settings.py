"""What notification-service is told from outside."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from attendance_runtime.runtime import Runtime
from notification_service.providers.notify.settings import NotifySettings


class NotificationSettings(NotifySettings):
    """Environment variables that begin with `NOTIFICATION_`, beside those all services share.

    Those of GOV.UK Notify stand in `providers/notify/settings.py`.

    Attributes:
        register_url: register-service, asked who may be told; the host alone, without a path.
        client_id: the client this service fetches tokens as, with `client_secret`.
        lease_seconds: how long a sender may hold a message before others may look at it. Real time.
        settling_seconds: how long after an unknown fate the provider is asked what became of it.
        register_timeout_seconds: how long the look-up of recipients may take.
        give_up_after_hours: how long the provider's or the register's absence is borne, in real
            hours since the first try; then the message has failed.
        senders: how many batches one worker has in hand at a time.
        gather_seconds: the longest pause after a claim, in which messages gather for the next: a
            batch costs three transactions, whatever its size.
        gather_seconds_a_message: the pause for each message claimed, so that few are not held up.
        idle_seconds: the longest time between two looks; a message that an event made due is looked
            for at once.
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFICATION_", env_nested_delimiter="__")

    register_url: str
    client_id: str
    client_secret: SecretStr
    lease_seconds: float = Field(default=30, gt=0)
    settling_seconds: float = Field(default=10, ge=0)
    register_timeout_seconds: float = Field(default=5, gt=0)
    give_up_after_hours: float = Field(default=4, gt=0)
    senders: int = Field(default=2, ge=1, le=16)
    gather_seconds: float = Field(default=0.04, ge=0, le=5)
    gather_seconds_a_message: float = Field(default=0.004, ge=0, le=1)
    idle_seconds: float = Field(default=0.25, gt=0, le=5)

    @field_validator("notify_url", "register_url")
    @classmethod
    def _names_the_host_alone(cls, url: str) -> str:
        if urlsplit(url).path.strip("/"):
            raise ValueError("Name the host alone; the paths below it are fixed.")
        return url

    def gather_after(self, messages: int) -> float:
        """Return how long to pause after a claim of so many messages, in seconds."""
        return min(self.gather_seconds, messages * self.gather_seconds_a_message)

    @model_validator(mode="after")
    def _a_lease_outlives_its_calls(self) -> Self:
        if self.register_timeout_seconds + self.notify_timeout_seconds >= self.lease_seconds:
            raise ValueError(
                "A lease must be longer than both calls together; raise LEASE_SECONDS."
            )
        return self


def settings_of(runtime: Runtime) -> NotificationSettings:
    """Return this service's settings from what every process holds."""
    if not isinstance(runtime.settings, NotificationSettings):
        raise TypeError("This process was not started with notification-service's settings.")
    return runtime.settings
