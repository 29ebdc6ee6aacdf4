"""`python -m register_service --help` lists what it can do."""

from attendance_runtime.process import run
from register_service.main import SERVICE

run(SERVICE)
