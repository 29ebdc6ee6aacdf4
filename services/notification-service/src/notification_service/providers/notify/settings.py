"""What is to be known of GOV.UK Notify: where it is, our key, and the templates' ids there."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from attendance_runtime.settings import ServiceSettings
from notification_service.recipients.domain import Channel

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

    def of(self, kind: str, channel: Channel, *, siblings: bool) -> UUID:
        """Return the template for what a message says, how it travels and how many it names."""
        return self._by_use()[kind, channel, siblings]

    def _by_use(self) -> Mapping[tuple[str, Channel, bool], UUID]:
        return {
            ("first", Channel.SMS, False): self.first_sms,
            ("first", Channel.EMAIL, False): self.first_email,
            ("first", Channel.SMS, True): self.first_siblings_sms,
            ("first", Channel.EMAIL, True): self.first_siblings_email,
            ("correction", Channel.SMS, False): self.correction_sms,
            ("correction", Channel.EMAIL, False): self.correction_email,
            ("correction", Channel.SMS, True): self.correction_siblings_sms,
            ("correction", Channel.EMAIL, True): self.correction_siblings_email,
        }


class NotifySettings(ServiceSettings):
    """The provider's part of this service's settings.

    Attributes:
        notify_url: GOV.UK Notify, or the local sandbox; the host alone, without a path.
        notify_api_key: `{name}-{service uuid}-{secret uuid}`.
        notify_timeout_seconds: how long one hand-over may take; shorter than the lease.
        notify_connections: how many messages one worker hands over at the same moment.
        callback_token: what the provider must show when it posts a receipt.
        callback_token_before: what it showed before, taken as well until it has been told the new.
    """

    notify_url: str
    notify_api_key: SecretStr
    notify_timeout_seconds: float = Field(default=10, gt=0)
    notify_connections: int = Field(default=16, ge=1, le=256)
    callback_token: SecretStr = Field(min_length=_SHORTEST_TOKEN)
    callback_token_before: SecretStr | None = None
    templates: Templates = Templates()

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
