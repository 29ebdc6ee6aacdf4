"""`python -m register_service api | worker | migrate`."""

from attendance_runtime.process import run
from register_service.main import SERVICE

run(SERVICE)
