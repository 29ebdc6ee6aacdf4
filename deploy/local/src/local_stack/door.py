"""The front door: Caddy, with the configuration that a deployment uses too."""

import sysconfig
from pathlib import Path

from local_stack.addresses import Addresses
from local_stack.child import ChildSpec
from local_stack.folder import StackFolder
from local_stack.health import listens_on
from local_stack.services import SERVICES

CADDYFILE = Path(__file__).parents[3] / "Caddyfile"
_PROGRAM = Path(sysconfig.get_path("scripts")) / "caddy"


def spec(folder: StackFolder, addresses: Addresses) -> ChildSpec:
    """Return the process that serves at the door's address and passes on to the services' APIs."""
    own = str(folder.data("door"))  # certificates; a door without TLS keeps none
    settings = {"FIRSTDAY_DOOR": addresses.door_url, "XDG_DATA_HOME": own, "XDG_CONFIG_HOME": own}
    for service in SERVICES:
        apis = addresses.apis.get(service.name, [])
        settings[f"FIRSTDAY_{service.prefix}_APIS"] = " ".join(map(_host_and_port, apis))
    return ChildSpec(
        name="door",
        command=(str(_PROGRAM), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"),
        environment=settings,
        ready=listens_on(int(addresses.door_url.rpartition(":")[2])),
        awaited=addresses.door_url,
    )


def _host_and_port(url: str) -> str:
    return url.removeprefix("http://")
