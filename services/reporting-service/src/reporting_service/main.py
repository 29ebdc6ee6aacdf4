"""What reporting-service is made of."""

import reporting_service
from attendance_runtime.copies.rebuilding import Rebuild
from attendance_runtime.process import Service
from reporting_service.authorities import api as authorities
from reporting_service.caseload import api as caseload
from reporting_service.consumer import ROUTES
from reporting_service.projection.worker import begin_sessions_forever
from reporting_service.recount.command import rebuild_figures, recount
from reporting_service.resync import resync
from reporting_service.settings import ReportingSettings, settings_of
from reporting_service.today import api as today
from reporting_service.today.repository.waiting import MISSING, UNTOLD

SERVICE = Service(
    name="reporting-service",
    package=reporting_service,
    settings=ReportingSettings,
    routers=(caseload.router, today.router, authorities.router),
    tags={
        "caseload": "The children allocated to a social worker, with the time they missed.",
        "today": "How a school's registers stand today.",
        "authorities": "How much is missed at the schools of an authority's area.",
    },
    routes=ROUTES,
    tasks=(begin_sessions_forever,),
    relay=None,
    resync=resync,
    rebuild=Rebuild(settings_of, rebuild_figures),
    waiting=[MISSING, UNTOLD],
    commands={"recount": recount},
)
