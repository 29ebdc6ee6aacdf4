import secrets
from dataclasses import dataclass, field

from local_stack.clients import Client
from local_stack.services import SERVICES, Service
from notify_sandbox.keys import LIVE_API_KEY

# A name for each service, which tokens carry; nothing answers there.
AUDIENCES = {service.name: f"https://firstday.example.org/{service.name}" for service in SERVICES}
_RECEIPTS_PATH = "/v1/notify/receipts"


@dataclass
class Addresses:
    """Where everything of one stack is; empty where a part does not run."""

    kafka_bootstrap: str = ""
    postgres_url: str = ""
    postgres_socket: str = ""
    databases: dict[str, str] = field(default_factory=dict)  # by service
    issuer_url: str = ""
    sandbox_url: str = ""
    door_url: str = ""
    clock_file: str = ""  # of the driven clock
    apis: dict[str, list[str]] = field(default_factory=dict)  # by service
    workers: dict[str, list[str]] = field(default_factory=dict)  # by service: health and metrics
    callback_token: str = field(default_factory=secrets.token_urlsafe)

    @property
    def receipts_url(self) -> str:
        """Where Notify posts delivery receipts."""
        apis = self.apis.get("notification")
        return f"{apis[0]}{_RECEIPTS_PATH}" if apis else ""

    def common_environment(self) -> dict[str, str]:
        """Return the settings that every process of the stack shares."""
        return {
            "FIRSTDAY_ENVIRONMENT": "local",
            "FIRSTDAY_ISSUER_URL": self.issuer_url,
            "FIRSTDAY_CLOCK": f"driven:{self.clock_file}" if self.clock_file else "system",
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka_bootstrap,
            "PYTHONUNBUFFERED": "1",
        }

    def environment(self, service: Service, client: Client | None) -> dict[str, str]:
        """Return a service's settings: the shared ones and its own."""
        own = {
            "AUDIENCE": AUDIENCES[service.name],
            "DATABASE_URL": self.databases.get(service.name, ""),
            "CLIENT_ID": client.client_id if client else "",
            "CLIENT_SECRET": client.secret if client else "",
            "REGISTER_URL": next(iter(self.apis.get("register", [])), ""),
        }
        if service.name == "notification":
            own |= {
                "NOTIFY_URL": self.sandbox_url,
                "NOTIFY_API_KEY": LIVE_API_KEY,
                "CALLBACK_TOKEN": self.callback_token,
            }
        prefixed = {f"{service.prefix}_{name}": value for name, value in own.items() if value}
        return self.common_environment() | prefixed
