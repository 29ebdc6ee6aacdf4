"""For every test: real PostgreSQL and Kafka, shared by the whole run, and Hypothesis set alike."""

import os

import pytest
import structlog
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

pytest_plugins = ["attendance_testing.parts"]

# Drawn with its local variables, a traceback that holds an application takes five seconds.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# The fixtures that start PostgreSQL and Kafka, or the whole platform.
_STACKS = {"stack", "stack_file"}

# How long one example takes on a busy machine says nothing about the rule it tries. A failure found
# by chance prints what repeats it; where a run must say the same as the one before, none is.
settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("everywhere-alike", settings.get_profile("here"), derandomize=True)
settings.load_profile("everywhere-alike" if os.environ.get("CI") == "true" else "here")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the run that a machine without a stack can do."""
    parser.addoption("--no-stack", action="store_true", help="leave out what needs a stack")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a stack, where that was asked for."""
    if not config.getoption("--no-stack"):
        return
    config.hook.pytest_deselected(items=[item for item in items if _needs_stack(item)])
    items[:] = [item for item in items if not _needs_stack(item)]


def _needs_stack(item: pytest.Item) -> bool:
    is_marked = item.get_closest_marker("stack") is not None
    return is_marked or not _STACKS.isdisjoint(getattr(item, "fixturenames", ()))


class _OnePlatform(LoadFileScheduling):
    """Gives a worker a file at a time, and all of `tests` to one: they share a platform.

    It is started once, and the times that its tests watch are shared with no second one.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "tests" if file.startswith("tests/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Share the tests out among the workers of `make test WORKERS=2`."""
    return _OnePlatform(config, log)
