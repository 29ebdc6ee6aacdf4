"""What `make audit` makes of pip-audit's report; the index itself is not asked here."""

import json

from .audit import read

SOUND = {"name": "sound", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}
ROTTEN = {
    "name": "rotten",
    "version": "2.0",
    "vulns": [
        {"id": "PYSEC-2026-1", "fix_versions": ["2.1", "3.0"]},
        {"id": "PYSEC-2026-2", "fix_versions": []},
    ],
}


def report(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_known_vulnerability_is_named_with_what_mends_it() -> None:
    findings = read(report(SOUND, ROTTEN))
    assert findings.vulnerable == [
        "rotten 2.0: PYSEC-2026-1, mended in 2.1, 3.0",
        "rotten 2.0: PYSEC-2026-2, mended in no version yet",
    ]
    assert findings.sentence == "2 packages audited, 2 known vulnerabilities."


def test_a_package_that_could_not_be_asked_about_is_not_called_sound() -> None:
    findings = read(report(SOUND, UNKNOWN))
    assert findings.sentence == "1 packages audited, 0 known vulnerabilities. Not audited: unknown."


def test_an_index_out_of_reach_is_not_called_a_clean_audit() -> None:
    for nothing in (read(report(UNKNOWN)), read("")):
        assert not nothing.vulnerable
        assert nothing.sentence.startswith("Not audited")
