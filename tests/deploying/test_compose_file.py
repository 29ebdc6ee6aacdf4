"""What `deploy/compose.yaml` says: in the form of compose files, closed, and without passwords."""

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from attendance_runtime.settings import KafkaSettings
from escalation_service.main import SERVICE as ESCALATION
from notification_service.main import SERVICE as NOTIFICATION
from notification_service.providers.notify.settings import Templates
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

from .compose_file import COMPOSE, DEPLOY, VARIABLE, VariableMissing, read_env, services, steps

SERVICES = (REGISTER, NOTIFICATION, ESCALATION, REPORTING)
ASKED = {found["name"] for found in VARIABLE.finditer(COMPOSE.read_text())} - {None}
FILE = services(dict.fromkeys(ASKED, "known"))
# What has a default that is good for nothing but the local stack.
NEEDED_IN_EARNEST = {
    NOTIFICATION.name: {
        f"NOTIFICATION_TEMPLATES__{name.upper()}" for name in Templates.model_fields
    }
}
OURS = {name: said for name, said in FILE.items() if "build" in said}


def test_it_has_the_form_of_a_compose_file() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(  # noqa: S603 - a locked tool
        [*check, str(COMPOSE)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n"), done.stdout


def test_nothing_that_is_asked_for_has_a_default() -> None:
    """A password with a default is a password that everybody knows."""
    rules = {found["rule"] for found in VARIABLE.finditer(COMPOSE.read_text())} - {None}
    assert rules == {":?"}


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_variable_that_is_empty_stops_the_start(name: str) -> None:
    with pytest.raises(VariableMissing, match=name):
        services(dict.fromkeys(ASKED, "known") | {name: ""})


def test_the_readme_makes_or_asks_for_every_variable_and_no_other() -> None:
    filled_in = read_env((DEPLOY / "env.example").read_text())
    made = set(re.findall(r"\b[A-Z_]+(?:PASSWORD|TOKEN|CLUSTER_ID)\b", steps()[1]))
    assert set(filled_in) | made == ASKED
    assert set(filled_in.values()) == {""}


def test_nothing_but_the_front_door_is_published() -> None:
    """Every port of every service was, on all interfaces and in clear."""
    assert {name for name, said in FILE.items() if "ports" in said} == {"caddy"}
    assert {name for name, said in FILE.items() if "services" not in said["networks"]} == {
        "postgres",
        "kafka",
    }
    assert "stores" not in FILE["caddy"]["networks"]
    assert yaml.safe_load(COMPOSE.read_text())["networks"]["stores"] == {"internal": True}


def test_the_front_door_is_told_what_its_file_asks_for_and_no_more() -> None:
    """To Caddy a variable that is not set is an empty text: a door that nobody finds."""
    asked = re.findall(r"\{\$(\w+)", (DEPLOY / "Caddyfile").read_text(encoding="utf-8"))
    assert set(FILE["caddy"]["environment"]) == set(asked)


@pytest.mark.parametrize("name", OURS)
def test_our_processes_can_write_nothing_and_become_nobody(name: str) -> None:
    said = OURS[name]
    assert said["read_only"] is True
    assert said["cap_drop"] == ["ALL"]
    assert said["security_opt"] == ["no-new-privileges:true"]


def test_the_image_runs_as_a_number_and_from_the_run_time_lock() -> None:
    """The image held the 455 MB of the development lock, and a name for its user."""
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER \d+:\d+$", dockerfile, re.MULTILINE)
    assert "requirements/runtime.lock" in (DEPLOY / "install.sh").read_text()
    assert "dev.lock" not in dockerfile + (DEPLOY / "install.sh").read_text()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
@pytest.mark.parametrize("role", ["api", "worker", "migrate"])
def test_each_process_is_told_what_its_settings_require_and_no_other_service_s(
    service: Any, role: str
) -> None:
    name = service.name.removesuffix("-service")
    said = FILE[f"{name}-{role}"]
    assert said["command"] == [service.package.__name__, role]
    told = set(said["environment"])
    assert required(service.settings) | required(KafkaSettings) <= told
    assert NEEDED_IN_EARNEST.get(service.name, set()) <= told
    others = {other.name.removesuffix("-service").upper() for other in SERVICES} - {name.upper()}
    assert [one for one in told if one.split("_")[0] in others] == []


def required(settings: type[BaseSettings]) -> set[str]:
    """The variables without which a process does not start."""
    prefix = settings.model_config.get("env_prefix", "")
    return {
        str(field.validation_alias or f"{prefix}{name}".upper())
        for name, field in settings.model_fields.items()
        if field.is_required()
    }


@pytest.mark.parametrize("name", [name for name in OURS if name.endswith(("-api", "-worker"))])
def test_whoever_serves_waits_for_its_tables_and_topics(name: str) -> None:
    """Workers started beside their migrations, and ended with an error or two."""
    migrate = f"{name.split('-', maxsplit=1)[0]}-migrate"
    ended = {"condition": "service_completed_successfully"}
    assert FILE[name]["depends_on"] == {"topics": ended, migrate: ended}
    assert FILE[migrate]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert FILE["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
