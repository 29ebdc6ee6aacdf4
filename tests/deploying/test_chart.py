"""What the chart says of its containers. It is rendered nowhere here, and claims nothing more."""

import re

from .compose_file import DEPLOY

TEMPLATES = DEPLOY / "helm" / "templates"


def test_whoever_runs_our_image_is_told_the_same_variables() -> None:
    """The migrations were told the secret alone, and ended for want of an issuer."""
    text = (TEMPLATES / "processes.yaml").read_text(encoding="utf-8")
    containers = re.split(r"^ +- name: ", text, flags=re.MULTILINE)[1:]
    assert len(containers) == text.count("image: ") == 2
    for container in containers:
        assert 'env: {{- include "firstday.variables"' in container
        assert "envFrom: [{ secretRef:" in container


def test_the_variables_are_those_that_every_service_needs() -> None:
    text = (TEMPLATES / "_variables.tpl").read_text(encoding="utf-8")
    assert {"FIRSTDAY_ISSUER_URL", "KAFKA_BOOTSTRAP_SERVERS"} <= set(
        re.findall(r"name: (\w+)", text)
    )
