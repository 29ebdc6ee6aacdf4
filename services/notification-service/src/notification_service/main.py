"""What notification-service is made of."""

import notification_service
from attendance_runtime.messaging.relay import RelaySettings
from attendance_runtime.process import Service
from notification_service.consumer import ROUTES
from notification_service.contacts import api as contacts
from notification_service.rebuild import REBUILD
from notification_service.receipts import api as receipts
from notification_service.receipts.worker import apply_receipts_forever
from notification_service.resync import resync
from notification_service.sending.repository import OVERDUE
from notification_service.sending.worker import send_due_forever
from notification_service.settings import NotificationSettings

SERVICE = Service(
    name="notification-service",
    package=notification_service,
    settings=NotificationSettings,
    routers=(contacts.router, receipts.router),
    tags={
        "contacts": "What was sent to families about an absence, when, and how far it has come.",
        "notify": "What GOV.UK Notify tells of the messages that it was given.",
    },
    routes=ROUTES,
    # Nobody waits to hear that a message was sent; whoever must be told has been.
    relay=RelaySettings(gather=0.2),
    resync=resync,
    rebuild=REBUILD,
    waiting=[OVERDUE],
    tasks=(send_due_forever, apply_receipts_forever),
)
