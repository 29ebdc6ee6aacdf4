"""A service's command line explains itself to whoever has nothing yet: no setting, no database."""

import subprocess
import sys
from importlib import import_module

import pytest

from attendance_runtime.process import Service, run, words_of

PACKAGES = ("register_service", "notification_service", "escalation_service", "reporting_service")
SERVICES: dict[str, Service] = {
    package: import_module(f"{package}.main").SERVICE for package in PACKAGES
}
WORDS = [(package, word) for package in PACKAGES for word in words_of(SERVICES[package])]


def ask(package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a service's command line in an environment that says nothing."""
    command = [sys.executable, "-m", package, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={})  # noqa: S603 - our own


@pytest.mark.parametrize("package", PACKAGES)
def test_help_needs_no_settings_and_names_every_word(package: str) -> None:
    done = ask(package, "--help")

    assert (done.returncode, done.stderr) == (0, "")
    listed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("    ")}
    assert set(words_of(SERVICES[package])) <= listed


@pytest.mark.parametrize(("package", "word"), WORDS)
def test_each_word_has_help_of_its_own(
    package: str, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says = words_of(SERVICES[package])[word]
    monkeypatch.setattr(sys, "argv", [package, word, "--help"])

    with pytest.raises(SystemExit) as ended:
        run(SERVICES[package])

    assert ended.value.code == 0
    assert says.endswith(".")
    assert says in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("arguments", [[], ["rebiuld"], ["api", "--quickly"]])
@pytest.mark.parametrize("package", PACKAGES)
def test_a_word_that_does_not_exist_is_answered_with_the_usage(
    package: str,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", [package, *arguments])

    with pytest.raises(SystemExit) as ended:
        run(SERVICES[package])

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"usage: python -m {package} ")


def test_the_ladders_own_word_has_help_too() -> None:
    """It is answered before the service is composed, for policies that are faulty."""
    done = ask("escalation_service", "policies", "--help")

    assert done.returncode == 0
    assert "folder" in done.stdout
