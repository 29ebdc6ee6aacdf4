"""Alembic's way in; the running of migrations is the same for every service."""

from attendance_runtime.migrations import run_migrations
from escalation_service.tables import metadata

run_migrations(metadata)
