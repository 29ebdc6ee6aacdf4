"""What escalation-service is made of."""

import escalation_service
from attendance_runtime.process import Service
from escalation_service.cases import api as cases
from escalation_service.consumer import ROUTES
from escalation_service.resync import resync
from escalation_service.settings import EscalationSettings
from escalation_service.thresholds import api as thresholds

SERVICE = Service(
    name="escalation-service",
    package=escalation_service,
    settings=EscalationSettings,
    routers=(thresholds.router, cases.router),
    routes=ROUTES,
    resync=resync,
)
