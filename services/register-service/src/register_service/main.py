"""What register-service is made of."""

import register_service
from attendance_runtime.process import Service
from register_service.administration import api as administration
from register_service.administration.command import establishments
from register_service.amendments import api as amendments
from register_service.calendar import api as calendar
from register_service.care import api as care
from register_service.contacts import api as contacts
from register_service.imports import api as imports
from register_service.missing.worker import look_at_registers_forever
from register_service.registers import api as registers
from register_service.roll import api as roll
from register_service.schools import api as schools
from register_service.settings import RegisterSettings

SERVICE = Service(
    name="register-service",
    package=register_service,
    settings=RegisterSettings,
    routers=(
        registers.taking,  # first: routes are tried in turn, and nothing is asked for as often
        registers.router,
        schools.router,
        calendar.router,
        roll.router,
        imports.router,
        care.router,
        amendments.router,
        contacts.router,
        administration.router,
    ),
    tasks=(look_at_registers_forever,),
    commands={"establishments": establishments},
)
