"""The given/when/then harness fails when it should: a test that cannot fail is a defect."""

import pytest

from courrier.events.decider import Decider
from courrier.events.testing import Scenario


class Empty(Exception):
    """There is nothing to take."""


def _decide(state: int, command: str) -> list[int]:
    if command == "add":
        return [1]
    if not state:
        raise Empty
    return [-1] if command == "take" else []


counter = Decider(0, _decide, lambda state, fact: state + fact)
scenario = Scenario(counter)


def test_then_compares_all_facts_in_order() -> None:
    """Too few, too many and different facts are all reported."""
    scenario.given(1).when("take").then(-1)
    scenario.given(1).when("look").then()
    for wrong in ((), (1,), (-1, -1)):
        with pytest.raises(AssertionError):
            scenario.given(1).when("take").then(*wrong)


def test_refused_wants_that_refusal() -> None:
    """A decision where a refusal was due is a failure."""
    scenario.when("take").refused(Empty)
    with pytest.raises(AssertionError):
        scenario.when("add").refused(Empty)


def test_given_is_folded_oldest_first() -> None:
    """The state is what the facts add up to."""
    assert 1 == counter.fold([1, 1, -1])
