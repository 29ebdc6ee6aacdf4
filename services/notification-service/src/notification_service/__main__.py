"""`python -m notification_service --help` lists what it can do."""

from attendance_runtime.process import run
from notification_service.main import SERVICE

run(SERVICE)
