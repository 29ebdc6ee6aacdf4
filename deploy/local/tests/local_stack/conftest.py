from pathlib import Path

import pytest

from local_stack.folder import StackFolder


@pytest.fixture
def folder(tmp_path: Path) -> StackFolder:
    return StackFolder.of(tmp_path, "trial").make()
