"""One UPN at several schools: who is linked whatever the order, and what no school can find out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from attendance_contracts.faults import Fault
from register_service.imports.domain import RollLine
from register_service.lines.domain import State
from register_service.links.domain import Proposal
from register_service.roll.domain import Facts

from . import rolls
from .rolls import LINE, after, elsewhere, kept, planned

SCHOOLS = [uuid7() for _ in range(5)]
SURNAMES = ("Example", "EX-ample", "Sample")


@dataclass(frozen=True)
class Sent:
    """A line of the one UPN that one of the schools sends."""

    school: int
    born: int
    surname: str
    starts: int = 0

    @property
    def line(self) -> RollLine:
        day = LINE.starts_on + timedelta(days=self.starts)
        return replace(
            LINE,
            date_of_birth=LINE.date_of_birth + timedelta(days=self.born),
            surname=self.surname,
            starts_on=day,
            ends_on=day,
            mis_id=None,
        )

    @property
    def facts(self) -> Facts:
        return Facts.of(self.line.date_of_birth, self.surname)


@dataclass(frozen=True)
class Answer:
    """What a school was told of its line."""

    school: int
    state: State
    child_id: UUID | None
    faults: Sequence[Fault]
    warnings: Sequence[Fault]


@dataclass
class Register:
    """What is known after lines were sent one by one, and what each sender was told."""

    known: rolls.Register = field(default_factory=rolls.Register)
    proposed: list[Proposal] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def take(self, sent: Sent) -> None:
        [entry] = planned(sent.line, known=self.known, school=SCHOOLS[sent.school])
        told = Answer(sent.school, entry.state, entry.child_id, entry.faults, entry.warnings)
        self.answers.append(told)
        self.proposed += entry.proposals
        self.known = kept([entry], self.known)

    @property
    def children(self) -> dict[UUID, UUID]:
        """Which child each school has under the UPN."""
        return {one.enrolment.school_id: one.child_id for one in self.known.places.values()}

    def links(self) -> set[frozenset[UUID]]:
        """Which schools have one child together."""
        children = self.children
        return {
            frozenset(school for school in children if children[school] == child)
            for child in children.values()
        }

    def asked(self) -> set[frozenset[frozenset[UUID]]]:
        """Between which of these children a person is asked to decide."""
        child_of = {id_: one.child_id for id_, one in self.known.places.items()}
        schools_of = {
            child: frozenset(s for s, c in self.children.items() if c == child)
            for child in self.children.values()
        }
        return {
            frozenset(
                schools_of[child_of[enrolment]]
                for enrolment in (one.newcomer_enrolment, one.earlier_enrolment)
            )
            for one in self.proposed
        }


def register_of(lines: Sequence[Sent]) -> Register:
    register = Register()
    for one in lines:
        register.take(one)
    return register


def lines_of(schools: Sequence[int]) -> st.SearchStrategy[list[Sent]]:
    one = st.builds(
        Sent,
        school=st.sampled_from(schools),
        born=st.integers(0, 1),
        surname=st.sampled_from(SURNAMES),
        starts=st.integers(0, 2),
    )
    return st.lists(one, max_size=8)


@given(
    st.data(),
    st.lists(
        st.builds(
            Sent,
            school=st.integers(0, len(SCHOOLS) - 1),
            born=st.integers(0, 1),
            surname=st.sampled_from(SURNAMES),
        ),
        min_size=1,
        unique_by=lambda sent: sent.school,
    ),
)
def test_the_same_loads_in_any_order_end_in_the_same_links_and_questions(
    data: st.DataObject, lines: list[Sent]
) -> None:
    one, other = register_of(lines), register_of(data.draw(st.permutations(lines)))
    assert one.links() == other.links()
    assert one.asked() == other.asked()
    by_facts = {
        frozenset(SCHOOLS[sent.school] for sent in lines if sent.facts == facts)
        for facts in {sent.facts for sent in lines}
    }
    assert one.links() == by_facts
    assert len(one.asked()) == len(by_facts) * (len(by_facts) - 1) // 2


def seen_by(schools: Sequence[int], register: Register) -> list[tuple[object, ...]]:
    """What these schools can tell together of all they were told, each id by when it first came."""
    names: dict[UUID | None, int] = {None: -1}
    return [
        (
            answer.school,
            answer.state,
            names.setdefault(answer.child_id, len(names)),
            answer.faults,
            answer.warnings,
        )
        for answer in register.answers
        if answer.school in schools
    ]


@given(st.data(), lines_of([0, 1]), lines_of([2, 3]))
def test_schools_of_one_hand_learn_nothing_of_what_others_have_sent(
    data: st.DataObject, ours: list[Sent], theirs: list[Sent]
) -> None:
    """However they guess, correct, begin again and compare: others' words change no answer."""
    turns = data.draw(st.permutations([True] * len(ours) + [False] * len(theirs)))
    mine, yours = iter(ours), iter(theirs)
    mixed = [next(mine) if turn else next(yours) for turn in turns]
    assert seen_by([0, 1], register_of(mixed)) == seen_by([0, 1], register_of(ours))


@given(lines_of([0, 1, 2]))
def test_a_school_has_one_child_under_a_upn_and_it_is_never_another_by_itself(
    lines: list[Sent],
) -> None:
    register = register_of(lines)
    for school in range(3):
        told = {
            answer.child_id
            for answer in register.answers
            if answer.school == school and answer.child_id
        }
        assert len(told) <= 1


def test_what_a_school_said_first_counts_and_nothing_that_it_said_later() -> None:
    otherwise = replace(LINE, date_of_birth=LINE.date_of_birth + timedelta(days=1))
    corrected = after(LINE, known=after(otherwise))
    begun_again = after(
        replace(LINE, ends_on=LINE.starts_on),
        replace(LINE, starts_on=LINE.starts_on + timedelta(days=9)),
        known=corrected,
    )
    known = elsewhere(begun_again)
    [as_now] = planned(LINE, known=known)
    [as_first] = planned(otherwise, known=known)
    assert (as_now.new_child, as_first.new_child) == (True, False)


def test_a_child_known_from_another_school_is_the_same_child() -> None:
    known = elsewhere(after(LINE))
    [entry] = planned(replace(LINE, mis_id="9", contacts=None), known=known)
    assert entry.state is State.CREATED
    assert not entry.new_child
    assert entry.child_id == known.of(LINE.upn)[0].child_id
    assert entry.proposals == ()


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ({"date_of_birth": LINE.date_of_birth + timedelta(days=1)}, ("date_of_birth",)),
        ({"surname": "Sample"}, ("surname",)),
    ],
)
def test_a_newcomer_whose_facts_differ_stands_alone_and_a_link_is_proposed(
    change: dict[str, object], differing: tuple[str, ...]
) -> None:
    known = elsewhere(after(LINE))
    [entry] = planned(replace(LINE, **change), known=known)  # type: ignore[arg-type] # a table
    assert (entry.state, entry.new_child) == (State.CREATED, True)
    [proposal] = entry.proposals
    assert proposal.newcomer_enrolment == entry.enrolment_id
    assert proposal.earlier_enrolment == known.of(LINE.upn)[0].enrolment.id
    assert proposal.differing == differing


def test_a_forename_alone_is_no_reason_to_ask() -> None:
    [entry] = planned(replace(LINE, forename="Robin"), known=elsewhere(after(LINE)))
    assert not entry.new_child


def test_a_line_that_is_refused_asks_nobody() -> None:
    known = elsewhere(after(LINE))
    [entry] = planned(replace(LINE, surname="Sample", year_group="20"), known=known)
    assert (entry.state, entry.proposals) == (State.REFUSED, ())
