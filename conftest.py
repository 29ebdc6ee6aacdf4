"""For every test: real PostgreSQL and Kafka, shared by the whole run, and Hypothesis set alike."""

import os

from hypothesis import settings

pytest_plugins = ["attendance_runtime.testing"]

# How long one example takes on a busy machine says nothing about the rule it tries. A failure found
# by chance prints what repeats it; where a run must say the same as the one before, none is.
settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("everywhere-alike", settings.get_profile("here"), derandomize=True)
settings.load_profile("everywhere-alike" if os.environ.get("CI") == "true" else "here")
