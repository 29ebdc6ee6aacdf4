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
from register_service.links import api as links
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
        links.router,
        care.router,
        amendments.router,
        contacts.router,
        administration.router,
    ),
    tags={
        "registers": "Attendance registers, in from a school's system, out to their readers.",
        "schools": "Schools, and the settings that say when families are contacted.",
        "calendars": "The days and sessions on which schools meet, a school year at a time.",
        "roll": "Who is at a school: a child's place there, in a class, from one day to another.",
        "links": "Whether enrolments at two schools are one child's, where the facts differ.",
        "administration": "Which schools there are, and to which authority each answers.",
        "care": "Which children have a social worker, who that is, and since when.",
        "marks": "Single marks: amended later with a reason, and how each came to be.",
        "contacts": "Who of a child's family may be told now; the platform's own sender asks.",
    },
    tasks=(look_at_registers_forever,),
    commands={"establishments": establishments},
)
