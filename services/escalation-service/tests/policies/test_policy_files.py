"""Policy files: what is read, and what a council is told of a fault in one."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from escalation_service.measures.domain import Sessions
from escalation_service.policies.command import show_policies
from escalation_service.policies.repository import PolicyFilesInvalid, load_policies
from escalation_service.settings import SHIPPED_POLICIES

GOOD = """\
policy: dudley
version: 1
authority: "332"
in_force_from: 2024-09-01
source: A guide
rules:
  - rule: ten-days
    title: Ten days
    count: [G, N, O, U]
    within: school-year
    sessions: 20
    case_for: attendance-lead
"""


def written(folder: Path, *texts: str) -> Path:
    for number, text in enumerate(texts, 1):
        (folder / f"{number}.yaml").write_text(dedent(text))
    return folder


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(PolicyFilesInvalid) as raised:
        load_policies(folder)
    return [f"{fault.file.name}:{fault.line}: {fault.detail}" for fault in raised.value.faults]


def test_the_shipped_policy_is_dudleys_ten_days() -> None:
    [dudley] = load_policies(SHIPPED_POLICIES).in_force("332", date(2026, 9, 1))
    [rule] = dudley.rules
    assert (dudley.name, dudley.version, dudley.authority) == ("dudley", 1, "332")
    assert rule.measure == Sessions(count=("G", "N", "O", "U"), sessions=20)


def test_a_policy_is_read_as_it_is_written(tmp_path: Path) -> None:
    [policy] = load_policies(written(tmp_path, GOOD.replace('"332"', "038"))).versions
    assert policy.authority == "038"
    assert policy.in_force_from == date(2024, 9, 1)
    assert policy.source == "A guide"


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ("policy: dudley", "policy: Dudley MBC", "1.yaml:1: `policy` is a name in small letters"),
        ("version: 1", "version: one", "1.yaml:2: `version` is a whole number from 1"),
        ("version: 1", "version: 0", "1.yaml:2: `version` is a whole number from 1"),
        ('"332"', "Dudley", "1.yaml:3: `authority` is a local authority's code"),
        ("2024-09-01", "1 September 2024", "1.yaml:4: `in_force_from` is a date, such as"),
        ("source: A guide", 'source: ""', "1.yaml:5: `source` is a text for people"),
        ("source: A guide", "source: [A, guide]", "1.yaml:5: `source` is a single value."),
        ("sessions: 20", "session: 20", "1.yaml:11: `session` is not a key of this. Is `sessions`"),
        ("sessions: 20", "days: 10", "1.yaml:11: `days` is not a key of this. The keys are rule,"),
        ("sessions: 20", "title: Ten", "1.yaml:11: `title` stands here twice."),
        ("sessions: 20", "sessions: 733", "1.yaml:11: `sessions` is a whole number from 1 to 732."),
        ("[G, N, O, U]", "[G, no, O, U]", "1.yaml:9: A code is one of the codes of absence"),
        ("[G, N, O, U]", "[G, /, O, U]", "1.yaml:9: A code is one of the codes of absence"),
        ("[G, N, O, U]", "[G, N, G]", "1.yaml:9: The code G is already in the list."),
        ("[G, N, O, U]", "G", "1.yaml:9: `count` is a list of at least one."),
        ("[G, N, O, U]", "[]", "1.yaml:9: `count` is a list of at least one."),
        ("[G, N, O, U]", "[[G]]", "1.yaml:9: A code is a single value."),
        ("school-year", "ten weeks", "1.yaml:10: `within` is one of: school-year."),
        ("    count:", "    measure: guess\n    count:", "1.yaml:9: `measure` is one of: "),
        ("attendance-lead", "the head", "1.yaml:12: `case_for` is one of: attendance-lead."),
        ("source: A guide\n", "", "1.yaml:1: A policy file needs the key `source`."),
        ("    within: school-year\n", "", "1.yaml:7: A rule needs the key `within`."),
        ("rules:", "rules: {", "1.yaml:7: This is not YAML: "),
        ("  - rule:", "    rule:", "1.yaml:7: `rules` is a list of at least one."),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(
    tmp_path: Path, good: str, bad: str, says: str
) -> None:
    faults = faults_of(written(tmp_path, GOOD.replace(good, bad, 1)))
    assert any(fault.startswith(says) for fault in faults), faults


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1.yaml:1: The file is empty"),
        ("- dudley\n", "1.yaml:1: A policy file is a mapping with the keys policy, version"),
        ("policy: \x00\n", "1.yaml:1: This is not YAML"),
    ],
)
def test_a_file_that_holds_no_policy_is_a_fault(tmp_path: Path, text: str, says: str) -> None:
    assert faults_of(written(tmp_path, text))[0].startswith(says)


def test_all_faults_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("version: 1", "version: x").replace("sessions: 20", "sessions: many")
    faults = faults_of(written(tmp_path, bad, GOOD.replace("school-year", "term")))
    assert [fault.partition(": ")[0] for fault in faults] == ["1.yaml:2", "1.yaml:11", "2.yaml:10"]


def test_two_rules_of_one_name_are_a_fault(tmp_path: Path) -> None:
    rule = GOOD[GOOD.index("  - rule") :]
    assert faults_of(written(tmp_path, GOOD + rule)) == [
        "1.yaml:13: There is already a rule `ten-days`."
    ]


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (GOOD, "Version 1 of `dudley` is already on file."),
        (GOOD.replace("332", "333"), "Policy `dudley` is already the policy of authority 332."),
        (
            GOOD.replace("version: 1", "version: 2").replace("2024", "2023"),
            "Version 2 must come into force after version 1.",
        ),
    ],
)
def test_policies_that_contradict_one_another_are_a_fault(
    tmp_path: Path, second: str, says: str
) -> None:
    [fault] = faults_of(written(tmp_path, GOOD, second))
    assert fault.startswith(f"2.yaml:1: {says}")


def test_two_policies_of_one_authority_stand_beside_one_another(tmp_path: Path) -> None:
    other = GOOD.replace("policy: dudley", "policy: framework")
    policies = load_policies(written(tmp_path, GOOD, other))
    in_force = policies.in_force("332", date(2026, 9, 1))
    assert [policy.name for policy in in_force] == ["dudley", "framework"]


def test_a_folder_without_policies_is_a_fault(tmp_path: Path) -> None:
    [fault] = faults_of(tmp_path)
    assert "There are no policies" in fault


def test_the_command_shows_what_the_policies_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show_policies([str(written(tmp_path, GOOD))]) == 0
    shown = capsys.readouterr().out
    assert "dudley version 1: authority 332, in force from 2024-09-01" in shown
    assert "ten-days: 20 sessions or more of G N O U in a school year" in shown


def test_the_command_shows_the_shipped_policies_when_none_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert show_policies([]) == 0
    assert "dudley version 1" in capsys.readouterr().out


def test_the_command_names_the_faults_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show_policies([str(written(tmp_path, "policy: x\n"))]) == 1
    assert "1.yaml:1: A policy file needs the key `version`." in capsys.readouterr().err


@pytest.mark.parametrize("word", ["policies", "api"])
def test_the_service_does_not_start_on_faulty_policies(tmp_path: Path, word: str) -> None:
    folder = written(tmp_path, GOOD.replace("sessions: 20", "sessions: ten"))
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "escalation_service", word],
        env={**os.environ, "ESCALATION_POLICY_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "1.yaml:11: `sessions` is a whole number from 1 to 732." in ended.stderr
    assert "Traceback" not in ended.stderr
