"""What later facts make of a case: its threshold is withdrawn, the school has another lead."""

from uuid import UUID

from attendance_contracts.events import CaseAssigned, CaseClosed, CaseOpened
from attendance_runtime.database import SqlSession
from escalation_service.cases import repository, use_cases
from escalation_service.cases.domain import Case, Outcome
from escalation_service.testing import NOW, AChild, ASchool, announced, consume
from escalation_service.thresholds.repository import decisions_on


async def case_of(session: SqlSession, child: AChild) -> Case:
    [met, *_] = await decisions_on(session, child.id)
    return (await repository.cases_opened_by(session, [met.id]))[met.id]


async def correct(session: SqlSession, child: AChild) -> None:
    """Say that the child was there at the first of the twenty sessions."""
    day, half = next(iter(child.school.marks))[1:]
    await consume(session, [child.school.records(day, half, {child.id: "/"})])


async def news_of(session: SqlSession, child: UUID) -> list[type]:
    return [type(event) for event in await announced(session, child)]


async def test_a_case_that_somebody_worked_on_stays_open_and_shows_the_withdrawal(
    session: SqlSession, child: AChild
) -> None:
    case = await case_of(session, child)
    await use_cases.assign_case(session, case, "officer-1", by="lead-7", now=NOW)

    await correct(session, child)

    case = await case_of(session, child)
    assert case.is_open
    assert case.threshold_withdrawn_at == NOW
    assert CaseClosed not in await news_of(session, child.id)


async def test_a_closed_case_is_left_as_it_is_by_a_withdrawal(
    session: SqlSession, child: AChild
) -> None:
    command = use_cases.CloseCase(outcome=Outcome.RESOLVED, note=None, by="lead-7")
    closed = await use_cases.close_case(session, await case_of(session, child), command, now=NOW)
    await correct(session, child)
    assert await case_of(session, child) == closed


async def test_a_lead_named_later_is_given_the_case_then(session: SqlSession) -> None:
    child = AChild(school=ASchool(lead=None))
    await consume(session, child.facts())
    assert await news_of(session, child.id) == [CaseOpened]

    child.school.lead = "lead-9"
    await consume(session, [child.school.changed(version=2)])
    *_, assigned = await announced(session, child.id)
    assert isinstance(assigned, CaseAssigned)
    assert assigned.assigned_to == "lead-9"


async def test_another_lead_does_not_take_over_cases_that_somebody_has(
    session: SqlSession, child: AChild
) -> None:
    before = await announced(session, child.id)
    child.school.lead = "lead-9"
    await consume(session, [child.school.changed(version=2)])
    assert await announced(session, child.id) == before
