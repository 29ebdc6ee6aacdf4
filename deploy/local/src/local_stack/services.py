import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from local_stack.child import ChildSpec
from local_stack.health import answers

_READY_SECONDS = 120.0  # sixteen Python processes that start together on two busy cores


@dataclass(frozen=True)
class Service:
    """One of the platform's services, as the stack sees it."""

    name: str

    @property
    def package(self) -> str:
        """The Python package that `python -m` runs."""
        return f"{self.name}_service"

    @property
    def prefix(self) -> str:
        """What its own settings start with."""
        return self.name.upper()

    @property
    def client_id(self) -> str:
        """The client it fetches tokens as."""
        return f"{self.name}-service"

    def given_database_url(self) -> str | None:
        """Return the database to use instead of the embedded one, if one is named."""
        return os.environ.get(f"{self.prefix}_DATABASE_URL")

    def is_installed(self) -> bool:
        """Tell whether the service can be run."""
        return bool(find_spec(self.package) and find_spec(f"{self.package}.__main__"))

    def command(self, action: str) -> tuple[str, ...]:
        """Return how to run one of its processes: `api`, `worker` or `migrate`."""
        return (sys.executable, "-m", self.package, action)

    def processes(
        self, role: str, urls: Sequence[str], environment: Mapping[str, str]
    ) -> Iterator[ChildSpec]:
        """Return the API or worker processes, each serving at an address of its own."""
        setting = f"{self.prefix}_PORT" if role == "api" else f"{self.prefix}_WORKER_PORT"
        for number, url in enumerate(urls, start=1):
            yield ChildSpec(
                name=f"{self.name}-{role}-{number}",
                command=self.command(role),
                environment={**environment, setting: url.rpartition(":")[2]},
                ready=answers(f"{url}/readyz"),
                awaited=f"{url}/readyz",
                ready_seconds=_READY_SECONDS,
            )


SERVICES = tuple(map(Service, ("register", "notification", "escalation", "reporting")))
