"""What escalation-service is made of."""

import escalation_service
from attendance_runtime.copies.rebuilding import Rebuild
from attendance_runtime.messaging.consumer import ConsumerSettings
from attendance_runtime.messaging.relay import RelaySettings
from attendance_runtime.process import Service
from escalation_service.cases import api as cases
from escalation_service.consumer import ROUTES
from escalation_service.explanations import api as explanations
from escalation_service.resync import rebuild_ledger, resync
from escalation_service.settings import EscalationSettings, settings_of
from escalation_service.worker import begin_sessions_forever

SERVICE = Service(
    name="escalation-service",
    package=escalation_service,
    settings=EscalationSettings,
    routers=(explanations.router, cases.router),
    tags={
        "decisions": "What a council's policy decided about a child, what it saw, and why.",
        "cases": "Cases that a decision or a person opened: read, given to somebody, closed.",
    },
    routes=ROUTES,
    tasks=(begin_sessions_forever,),
    # A case may be opened a tenth of a second later, at two thirds of the cost a mark.
    consumer=ConsumerSettings(gather_seconds=0.1, gather_seconds_an_event=0.01),
    relay=RelaySettings(gather=0.1),
    resync=resync,
    rebuild=Rebuild(settings_of, rebuild_ledger),
    elsewhere={"policies": "Check policy files, in a folder that may be named, and show them."},
)
