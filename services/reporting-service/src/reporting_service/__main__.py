"""`python -m reporting_service api | worker | migrate | recount | rebuild | resync`."""

from attendance_runtime.process import run
from reporting_service.main import SERVICE

run(SERVICE)
