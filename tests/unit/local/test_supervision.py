"""When a dead part is started again, and when nobody should try any more."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from courrier.local.supervision import (
    DEATHS_BEFORE_READY,
    FIRST_DELAY_S,
    LONGEST_DELAY_S,
    STABLE_S,
    History,
)


def test_the_first_restart_comes_at_once() -> None:
    """A single crash is hardly noticed."""
    assert History().ready().died(lived_s=1.0).delay_s == FIRST_DELAY_S


def test_the_delay_grows_and_is_bounded() -> None:
    """A part that cannot live does not eat the machine."""
    history, delays = History().ready(), []
    for _ in range(20):
        history = history.died(lived_s=0.1)
        delays.append(history.delay_s)

    assert all(one <= two for one, two in itertools.pairwise(delays))
    assert delays[-1] == LONGEST_DELAY_S


def test_a_long_life_begins_a_new_row() -> None:
    """A crash a day is not a crash loop."""
    history = History().ready()
    for _ in range(9):
        history = history.died(lived_s=0.1)

    assert history.died(lived_s=STABLE_S).delay_s == FIRST_DELAY_S


def test_what_never_worked_is_given_up_soon() -> None:
    """At the first start a person waits for the reason."""
    history = History()
    for _ in range(DEATHS_BEFORE_READY):
        assert not history.is_hopeless
        history = history.died(lived_s=0.1)

    assert history.is_hopeless


@given(lives=st.lists(st.floats(0, 1000), max_size=50))
def test_what_worked_once_is_never_given_up(lives: list[float]) -> None:
    """However often it dies."""
    history = History().ready()
    for lived_s in lives:
        history = history.died(lived_s)

        assert not history.is_hopeless
        assert 0 < history.delay_s <= LONGEST_DELAY_S
