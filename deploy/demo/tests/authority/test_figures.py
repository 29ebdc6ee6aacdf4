"""The published figures as the generator reads them."""

import pytest

from demo_authority.authority.figures import PRESENT, UnknownAuthorityError, figures_of


def test_dudleys_published_rates_are_read() -> None:
    figures = figures_of("332")
    assert figures.name == "Dudley"
    primary, secondary = figures.phases["primary"], figures.phases["secondary"]
    assert primary.absence == pytest.approx(0.0561, abs=5e-5)
    assert primary.persistent_absence == pytest.approx(0.1480, abs=5e-5)
    assert secondary.shares["L"] == pytest.approx(0.0383, abs=5e-5)
    assert secondary.shares["O"] == pytest.approx(0.0288, abs=5e-5)
    assert round(primary.enrolments / primary.schools) == 285


@pytest.mark.parametrize("authority", ["332", "894", "926", "822", "393"])
def test_code_shares_add_up_to_every_possible_session(authority: str) -> None:
    for phase in figures_of(authority).phases.values():
        assert phase.shares[PRESENT] > 0.8
        assert sum(phase.shares.values()) == pytest.approx(1.0, abs=1e-3)


def test_an_unknown_authority_says_what_to_use() -> None:
    with pytest.raises(UnknownAuthorityError, match="three-digit code"):
        figures_of("000")
