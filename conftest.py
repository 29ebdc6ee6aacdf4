"""Fixtures for every test: real PostgreSQL and Kafka, shared by the whole run."""

pytest_plugins = ["attendance_runtime.testing"]
