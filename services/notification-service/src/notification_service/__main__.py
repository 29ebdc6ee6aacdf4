"""`python -m notification_service api | worker | migrate`."""

from attendance_runtime.process import run
from notification_service.main import SERVICE

run(SERVICE)
