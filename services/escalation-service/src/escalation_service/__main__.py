"""`python -m escalation_service --help` lists what it can do."""

import sys

from attendance_runtime.process import run
from escalation_service.policies.command import show_policies
from escalation_service.policies.repository import PolicyFilesInvalid

if sys.argv[1:2] == ["policies"]:
    sys.exit(show_policies(sys.argv[2:]))

try:
    # Composing the service reads its policies; it does not start on faulty ones.
    from escalation_service.main import SERVICE
except PolicyFilesInvalid as invalid:
    sys.exit(str(invalid))

run(SERVICE)
