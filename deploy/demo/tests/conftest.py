"""One generated authority for every test that only reads it."""

import pytest

from demo_authority.authority.generator import DemoAuthority, generate


@pytest.fixture(scope="session")
def authority() -> DemoAuthority:
    """Return 5,000 children of authority 332, the last week of November played."""
    return generate()
