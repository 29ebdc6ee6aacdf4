"""`deploy/compose.yaml` as `docker compose` reads it: variables filled in, or missed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
COMPOSE: Final = DEPLOY / "compose.yaml"
VARIABLE: Final = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?P<rule>[^}]*)\})")

Services = dict[str, dict[str, Any]]
"""What the file says of each service: lists, texts and mappings."""


class VariableMissing(Exception):
    """The file asks for a variable that is not set, or empty."""


def services(told: Mapping[str, str]) -> Services:
    """The file's services with its variables filled in, as `:?` and nothing else allows."""

    def fill(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        if not told.get(found["name"]):
            raise VariableMissing(found["name"])
        return told[found["name"]]

    document = yaml.safe_load(VARIABLE.sub(fill, COMPOSE.read_text(encoding="utf-8")))
    filled: Services = document["services"]
    for service in filled.values():
        given = service.get("environment", {})
        service["environment"] = {name: str(value) for name, value in given.items()}
    return filled


def read_env(text: str) -> dict[str, str]:
    """The variables of an `.env` file."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def steps() -> list[str]:
    """The shell commands of the README, in their order."""
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
