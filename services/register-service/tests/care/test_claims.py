"""For which child a claim is in force at once, and for which it has to wait (ADR 20)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from attendance_contracts.events import CareStatus
from register_service.care.domain import Claim, child_meant, differing, within_reach
from register_service.roll.domain import Enrolled, Facts

from .enrolled import BORN, CHILD, OTHER_CHILD, TODAY, UPN, enrolled, status

HERE, ELSEWHERE = enrolled(), enrolled(area="894")
STRANGER_HERE = enrolled(child=OTHER_CHILD)
GONE = enrolled(ends_on=date(2026, 11, 19))
LAST_DAY = enrolled(ends_on=TODAY)
TRUE, FALSE = Facts.of(BORN, "EXAMPLE"), Facts.of(date(2017, 5, 5), "Example")


@pytest.mark.parametrize(
    ("facts", "candidates", "standing", "meant"),
    [
        (None, [HERE], [], CHILD),
        (FALSE, [HERE], [], CHILD),
        (None, [LAST_DAY], [], CHILD),
        (None, [GONE], [], None),
        (TRUE, [GONE], [], CHILD),
        (None, [ELSEWHERE], [], None),
        (FALSE, [ELSEWHERE], [], None),
        (TRUE, [ELSEWHERE], [], CHILD),
        (None, [], [], None),
        (TRUE, [], [], None),
        (None, [ELSEWHERE, STRANGER_HERE], [], OTHER_CHILD),
        (TRUE, [enrolled(area="894"), enrolled(child=OTHER_CHILD, born=BORN)], [], None),
        (TRUE, [ELSEWHERE, enrolled(child=OTHER_CHILD, surname="Sample")], [], CHILD),
        (None, [HERE, STRANGER_HERE], [], None),
        (None, [HERE], [status("894")], None),
        (TRUE, [ELSEWHERE], [status("894")], None),
        (None, [HERE], [status("894", until=date(2026, 1, 4))], CHILD),
        (None, [HERE], [status("894", until=date(2026, 1, 5))], None),
        (None, [HERE], [status("894", since=date(2027, 1, 1))], None),
        (None, [HERE], [status("332", kind="LAC")], CHILD),
    ],
)
def test_a_claim_is_in_force_only_where_the_registers_facts_bear_it_out(
    facts: Facts | None,
    candidates: Sequence[Enrolled],
    standing: Sequence[CareStatus],
    meant: UUID | None,
) -> None:
    statuses = {CHILD: standing}
    assert child_meant(status(), facts, candidates, statuses, today=TODAY) == meant


def test_a_claim_that_has_an_end_leaves_room_for_anothers_after_it() -> None:
    ours = status(until=date(2026, 12, 31))
    theirs = {CHILD: [status("894", since=date(2027, 1, 1))]}
    assert child_meant(ours, None, [HERE], theirs, today=TODAY) == CHILD


@given(
    st.lists(
        st.builds(
            enrolled,
            child=st.sampled_from([CHILD, OTHER_CHILD]),
            area=st.sampled_from(["333", "894"]),
            surname=st.sampled_from(["Example", "Sample"]),
        ),
        max_size=4,
    )
)
def test_a_guess_that_names_no_fact_opens_nobody_elsewhere(candidates: list[Enrolled]) -> None:
    assert child_meant(status(), None, candidates, {}, today=TODAY) is None


def claim(facts: Facts | None = None) -> Claim:
    return Claim(id=uuid7(), status=status("894"), upn=UPN, child_id=None, facts=facts)


@pytest.mark.parametrize(
    ("facts", "names"),
    [(None, []), (TRUE, []), (FALSE, ["date_of_birth"]), (Facts.of(BORN, "Other"), ["surname"])],
)
def test_who_decides_sees_which_facts_differ(facts: Facts | None, names: list[str]) -> None:
    assert differing(claim(facts), HERE) == names


def test_a_claim_is_decided_for_children_whom_the_caller_reaches_by_school_or_care() -> None:
    both = [HERE, STRANGER_HERE]
    assert within_reach(both, {HERE.enrolment.school_id}) == [HERE]
    assert within_reach(both, {OTHER_CHILD}) == [STRANGER_HERE]
    assert within_reach(both, {uuid7()}) == []
