"""`python -m reporting_service --help` lists what it can do."""

from attendance_runtime.process import run
from reporting_service.main import SERVICE

run(SERVICE)
