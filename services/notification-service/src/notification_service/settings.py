"""What notification-service is told from outside."""

import hashlib
from collections.abc import Sequence
from typing import Final, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import ServiceSettings

_SHORTEST_TOKEN: Final = 10  # GOV.UK Notify takes no shorter bearer token


class Templates(BaseModel):
    """The ids of the message templates, as the provider knows them.

    Each says `((school))`, `((date))` and either `((child))` or, where brothers and sisters share a
    message, `((children))`; a first contact says `((session))` too. The defaults are those of the
    local sandbox; `NOTIFICATION_TEMPLATES__FIRST_SMS` and so on replace them one by one.
    """

    model_config = ConfigDict(frozen=True)

    first_sms: UUID = UUID("8dc313de-1ec6-44da-8836-120cae87d38a")
    first_email: UUID = UUID("0a4dd6e2-a3f6-46fb-ac1b-3b6674cf2c0e")
    first_siblings_sms: UUID = UUID("b5688c66-e992-4eed-8b37-a0c7cec69b61")
    first_siblings_email: UUID = UUID("136d13f5-f8d5-40da-9339-622ad07a7623")
    correction_sms: UUID = UUID("91aabf29-4672-46c8-96e7-97125cae48db")
    correction_email: UUID = UUID("0a0e3b44-e4ec-40fc-9cf3-f96ebb833c8a")
    correction_siblings_sms: UUID = UUID("c9840eed-f395-4293-ba9c-d34e13da677e")
    correction_siblings_email: UUID = UUID("f8a15ad7-98bd-4580-895f-c72cf00f1a42")


class NotificationSettings(ServiceSettings):
    """Environment variables that begin with `NOTIFICATION_`, beside those all services share.

    Attributes:
        notify_url: GOV.UK Notify, or the local sandbox; the host alone, without a path.
        notify_api_key: `{name}-{service uuid}-{secret uuid}`.
        register_url: register-service, asked who may be told; the host alone, without a path.
        client_id: the client this service fetches tokens as, with `client_secret`.
        callback_token: what the provider must show when it posts a receipt.
        callback_token_before: what it showed before, taken as well until it has been told the new.
        lease_seconds: how long a sender may hold a message before others may look at it. Real time.
        settling_seconds: how long after an unknown fate the provider is asked what became of it.
        notify_timeout_seconds: how long one hand-over may take; shorter than the lease.
        notify_connections: how many messages one worker hands over at the same moment.
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

    notify_url: str
    notify_api_key: SecretStr
    register_url: str
    client_id: str
    client_secret: SecretStr
    callback_token: SecretStr = Field(min_length=_SHORTEST_TOKEN)
    callback_token_before: SecretStr | None = None
    templates: Templates = Templates()
    lease_seconds: float = Field(default=30, gt=0)
    settling_seconds: float = Field(default=10, ge=0)
    notify_timeout_seconds: float = Field(default=10, gt=0)
    notify_connections: int = Field(default=16, ge=1, le=256)
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

    @property
    def fingerprint_key(self) -> bytes:
        """The key by which addresses that failed are known again.

        Derived from the provider's key: whoever holds that can read at the provider where every
        message went, so no secret more is to be kept. A new key at worst tries an address again.
        """
        secret = self.notify_api_key.get_secret_value().encode()
        return hashlib.blake2b(secret, person=b"addresses", digest_size=32).digest()

    @property
    def callback_tokens(self) -> Sequence[str]:
        """The tokens that a receipt may come with: the one agreed, and during a change the old."""
        both = (self.callback_token, self.callback_token_before)
        return [token.get_secret_value() for token in both if token]

    def gather_after(self, messages: int) -> float:
        """Return how long to pause after a claim of so many messages, in seconds."""
        return min(self.gather_seconds, messages * self.gather_seconds_a_message)

    @model_validator(mode="after")
    def _production_has_templates_of_its_own(self) -> Self:
        own = self.templates.model_dump()
        left = [
            name for name, sandboxs in Templates().model_dump().items() if own[name] == sandboxs
        ]
        if self.environment == "production" and left:
            names = ", ".join(f"NOTIFICATION_TEMPLATES__{name.upper()}" for name in left)
            raise ValueError(f"The sandbox's templates are for demos and tests; set {names}.")
        return self

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
