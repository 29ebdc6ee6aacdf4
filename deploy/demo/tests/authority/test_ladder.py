"""The policy files as the demo reads them."""

from demo_authority.authority.ladder import CountRule, rule_of


def test_dudleys_ten_days_are_twenty_sessions_of_the_unauthorised_codes() -> None:
    assert rule_of("332") == CountRule(20, frozenset("GNOU"))


def test_an_authority_without_a_policy_has_no_rule() -> None:
    assert rule_of("894") is None
