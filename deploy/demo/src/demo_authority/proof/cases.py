"""Cases open and thresholds are withdrawn exactly as the marks say, counted here once more."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, NamedTuple

import msgspec

from attendance_contracts.codes import numbers_of
from attendance_testing.platform import Platform
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.ladder import CountRule, rule_of
from demo_authority.play.journal import Journal
from demo_authority.play.loading import Loaded
from demo_authority.play.marksheet import Cell
from demo_authority.play.participants import authority_client
from demo_authority.proof.checks import Check

_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Ladder:
    """How an enrolment's threshold may stand, and how often it was met and withdrawn so far."""

    stands: bool = False
    met: int = 0
    withdrawn: int = 0

    def after(self, count: int, threshold: int) -> "Ladder":
        """Return how it stands once so many sessions have been seen, of those that it takes."""
        if count >= threshold and not self.stands:
            return Ladder(stands=True, met=self.met + 1, withdrawn=self.withdrawn)
        if count < threshold and self.stands:
            return Ladder(stands=False, met=self.met, withdrawn=self.withdrawn + 1)
        return self


@dataclass(frozen=True, slots=True)
class Moment:
    """An enrolment's counted sessions at a moment; ``rested`` if all of them were seen."""

    count: int
    rested: bool


def ladders(moments: Iterable[Moment], threshold: int) -> frozenset[Ladder]:
    """Return the ways in which an enrolment's threshold may have gone.

    A count that changed again before the platform rested may never have been looked at: several
    registers are applied together.
    """
    ways = frozenset({Ladder()})
    for moment in moments:
        seen = frozenset(way.after(moment.count, threshold) for way in ways)
        ways = seen if moment.rested else ways | seen
    return ways


@dataclass(frozen=True, slots=True)
class CasesProof:
    """How many cases were opened and thresholds withdrawn, and whether they should have been."""

    opened: int
    withdrawn: int
    check: Check


class Case(msgspec.Struct):
    """A case, as far as the proof asks."""

    enrolment_id: str
    threshold_withdrawn_at: str | None


class _Page(msgspec.Struct):
    cases: list[Case]
    next: str | None


async def prove_cases(
    platform: Platform, authority: DemoAuthority, loaded: Loaded, journal: Journal
) -> CasesProof:
    """Compare each enrolment's cases with what its marks ask for."""
    cases = await read_cases(platform, authority)
    opened = Counter(case.enrolment_id for case in cases)
    withdrawn = Counter(case.enrolment_id for case in cases if case.threshold_withdrawn_at)
    right = {
        str(loaded.enrolments[enrolment]): ways
        for enrolment, ways in expected_ladders(authority, journal).items()
    }
    nothing = frozenset({Ladder()})
    faults = [
        f"{one}: {opened[one]} cases, {withdrawn[one]} withdrawn, where "
        f"{_in_words(right.get(one, nothing))} are right."
        for one in right.keys() | opened.keys()
        if (opened[one], withdrawn[one])
        not in {(way.met, way.withdrawn) for way in right.get(one, nothing)}
    ]
    claim = "cases were opened and thresholds withdrawn as the marks say"
    return CasesProof(
        opened=opened.total(),
        withdrawn=withdrawn.total(),
        check=Check(claim, len(loaded.enrolments), faults),
    )


def expected_ladders(authority: DemoAuthority, journal: Journal) -> Mapping[int, frozenset[Ladder]]:
    """Return the right ways of every enrolment whose count ever came to the threshold."""
    rule = rule_of(authority.roll.figures.code)
    if rule is None:
        return {}
    history = _counts_before_play(authority, rule)
    changes: defaultdict[int, list[_CellChange]] = defaultdict(list)
    for (enrolment, day), of_day in journal.changes.items():
        changes[enrolment].extend(
            _CellChange(change.earliest, Cell(enrolment, day, change.session), change.code)
            for change in of_day
        )
    found = {
        enrolment: ladders(
            _moments(count, sorted(changes[enrolment]), journal, rule), rule.sessions
        )
        for enrolment, count in history.items()
    }
    return {enrolment: ways for enrolment, ways in found.items() if ways != {Ladder()}}


class _CellChange(NamedTuple):
    at: float
    cell: Cell
    code: str


def _counts_before_play(authority: DemoAuthority, rule: CountRule) -> dict[int, int]:
    marks = authority.marks
    counted = numbers_of(rule.codes)
    played_from = {
        urn: sum(day < marks.play_from for day, _ in sessions)
        for urn, sessions in marks.sessions.items()
    }
    return {
        one.key: sum(
            number in counted for number in marks.rows[one.key][: played_from[one.school_urn]]
        )
        for one in authority.roll.enrolments
    }


def _moments(
    count: int, changes: Sequence[_CellChange], journal: Journal, rule: CountRule
) -> Iterator[Moment]:
    """Yield an enrolment's counts as they changed, the term so far first."""
    codes: dict[Cell, str] = {}
    yield Moment(count, rested=True)
    for change, following in zip_longest(changes, changes[1:]):
        count -= codes.get(change.cell) in rule.codes
        codes[change.cell] = change.code
        count += change.code in rule.codes
        rested = following is None or journal.rested_between(change.at, following.at)
        yield Moment(count, rested=rested)


async def read_cases(platform: Platform, authority: DemoAuthority) -> list[Case]:
    """Read every school's cases, open and closed, as the authority sees them."""
    administrator = authority_client(authority.roll.figures.code)
    return [
        case
        for school in authority.roll.schools
        for case in await _cases_of(platform, school.urn, administrator)
    ]


async def _cases_of(platform: Platform, urn: str, client: str) -> list[Case]:
    cases: list[Case] = []
    after: str | None = None
    while True:
        query = {"limit": str(_PAGE)} | ({"after": after} if after else {})
        path = f"/v1/schools/{urn}/cases"
        answer = await platform.call(client, "GET", "escalation", path, params=query)
        page = msgspec.json.decode(answer.content, type=_Page)
        cases += page.cases
        if page.next is None:
            return cases
        after = page.next


def _in_words(ways: Iterable[Ladder]) -> str:
    pairs = sorted((way.met, way.withdrawn) for way in ways)
    return " or ".join(f"{met} and {withdrawn}" for met, withdrawn in pairs)
