"""All tables of the service in one metadata, for migrations and tests."""

from attendance_runtime.tables import add_runtime_tables
from notification_service.contacts import tables as _contacts
from notification_service.messages import tables as _messages
from notification_service.metadata import metadata
from notification_service.receipts import tables as _receipts
from notification_service.schools import tables as _schools

add_runtime_tables(metadata)

__all__ = ["_contacts", "_messages", "_receipts", "_schools", "metadata"]
