"""The generated authority as a whole: repeatable, calibrated, and quick to make."""

from datetime import date

import pytest

from demo_authority.authority.calendar import UnknownSchoolYearError
from demo_authority.authority.figures import UnknownAuthorityError
from demo_authority.authority.generator import DemoAuthority, generate

END_OF_AUTUMN = date(2026, 12, 18)
TOLERANCE = 0.1


@pytest.mark.parametrize(
    ("authority", "pupils"),
    [("332", 5000), ("894", 2000), ("926", 2000), ("822", 2000), ("393", 2000)],
)
def test_an_autumn_has_the_authoritys_own_code_shares(authority: str, pupils: int) -> None:
    report = generate(authority, pupils=pupils, upto=END_OF_AUTUMN).calibration()
    too_far = [s for s in report.shares if s.is_compared and s.deviation > TOLERANCE]
    assert not too_far
    assert report.absence == pytest.approx(report.published_absence, rel=0.01)
    for rates in report.rates:
        # In a special school of thirty children one child is three points.
        near = pytest.approx(rates.published_persistent, abs=0.005 + 1 / rates.enrolments)
        assert rates.persistent == near, rates


@pytest.mark.parametrize("seed", [2, 3])
def test_other_seeds_are_calibrated_too(seed: int) -> None:
    report = generate(pupils=1500, seed=seed).calibration()
    assert report.max_deviation < TOLERANCE


def test_the_report_names_the_period_of_each_side(authority: DemoAuthority) -> None:
    report = authority.calibration()
    assert report.generated_period == (date(2026, 9, 2), date(2026, 11, 27))
    assert report.published_period.startswith("2025/26")


def test_the_same_arguments_give_the_same_authority() -> None:
    one, other = generate(pupils=300, seed=7), generate(pupils=300, seed=7)
    assert one.roll == other.roll
    assert one.marks == other.marks
    assert one.timeline == other.timeline


def test_another_seed_gives_another_authority() -> None:
    one, other = generate(pupils=300, seed=7), generate(pupils=300, seed=8)
    assert one.roll.children != other.roll.children
    assert one.marks.rows != other.marks.rows


@pytest.mark.parametrize("pupils", [1, 12, 90])
def test_a_very_small_authority_is_still_one(pupils: int) -> None:
    small = generate(pupils=pupils)
    assert len(small.roll.children) == pupils
    assert small.timeline


def test_a_later_year_or_authority_without_figures_is_refused() -> None:
    with pytest.raises(UnknownAuthorityError, match="999"):
        generate("999", pupils=10)
    with pytest.raises(UnknownSchoolYearError, match="2031"):
        generate(pupils=10, school_year=2031)


def test_more_played_days_than_school_days_are_refused() -> None:
    with pytest.raises(ValueError, match="Only 3 school days"):
        generate(pupils=10, upto=date(2026, 9, 7), played_days=4)
