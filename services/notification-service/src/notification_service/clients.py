"""Whom this service's processes call, by what its settings say: the register, and providers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attendance_runtime.copies.service_tokens import ServiceToken
from notification_service.providers.notify.client import Notify
from notification_service.providers.provider import Providers
from notification_service.recipients.domain import Channel
from notification_service.recipients.repository import RegisterClient
from notification_service.settings import NotificationSettings


def register_of(settings: NotificationSettings) -> RegisterClient:
    """Return the register that the settings name, asked as this service's own client."""
    secret = settings.client_secret.get_secret_value()
    return RegisterClient(
        settings.register_url,
        ServiceToken(
            settings.issuer_url, settings.client_id, secret, scope=settings.register_scope
        ),
        timeout_seconds=settings.register_timeout_seconds,
    )


@asynccontextmanager
async def open_providers(settings: NotificationSettings) -> AsyncIterator[Providers]:
    """Hold every provider's connections until the block ends; here it is said who carries what."""
    notify = Notify(
        settings.notify_url,
        settings.notify_api_key.get_secret_value(),
        timeout_seconds=settings.notify_timeout_seconds,
        connections=settings.notify_connections,
    )
    async with notify:
        yield Providers({Channel.SMS: notify, Channel.EMAIL: notify})
