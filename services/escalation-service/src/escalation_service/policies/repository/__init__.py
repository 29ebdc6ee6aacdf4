"""Where policies are kept: in files that a council can read."""

from escalation_service.policies.repository.files import PolicyFilesInvalid, load_policies

__all__ = ["PolicyFilesInvalid", "load_policies"]
