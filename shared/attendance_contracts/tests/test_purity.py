"""The package stays what every other may import: the standard library, and one library of tables.

phonenumbers is pure Python, depends on nothing and reads nothing from outside; the numbering plans
of the world are no table to keep by hand.
"""

import ast
import sys
from pathlib import Path

import pytest

import attendance_contracts

PACKAGE = Path(attendance_contracts.__file__).parent
ALLOWED = sys.stdlib_module_names | {"attendance_contracts", "phonenumbers"}


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("**/*.py")), ids=lambda path: path.name)
def test_a_module_imports_nothing_that_works_outside_of_it(path: Path) -> None:
    imported = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "a relative import")
    assert {name.partition(".")[0] for name in imported} <= ALLOWED
