"""Instances share the accounts: all are held, evenly, and each by one."""

from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st

from courrier.events.groups import Group
from courrier.fetcher.domain.sharing import GROUPS, fair_share, group_of, moves

STARTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=7)


def settled(starts: list[int], held: list[set[Group]]) -> list[set[Group]]:
    """Let every instance move until none has anything to do; who comes first gets the lease."""
    for _ in range(200):
        said: list[Collection[str]] = [{str(group) for group in mine} for mine in held]
        planned = [
            moves(mine, [*said[:n], *said[n + 1 :]], starts[n]) for n, mine in enumerate(held)
        ]
        if not any(plan.take or plan.leave for plan in planned):
            return held
        for mine, plan in zip(held, planned, strict=True):
            mine -= set(plan.leave)
        for mine, plan in zip(held, planned, strict=True):
            everybodys = set[Group]().union(*held)
            mine |= {group for group in plan.take if group not in everybodys}
    raise AssertionError("they go on moving for ever")


@given(STARTS)
def test_every_group_is_held_once_and_evenly(starts: list[int]) -> None:
    """However many instances start at the same moment, and wherever each begins."""
    held = settled(starts, [set() for _ in starts])

    assert sorted(GROUPS) == sorted(group for mine in held for group in mine)
    assert max(len(mine) for mine in held) <= fair_share(len(starts))


@given(STARTS, st.data())
def test_a_dead_ones_groups_are_taken_and_nobody_else_moves(
    starts: list[int], data: st.DataObject
) -> None:
    """Those who live keep what they have: no account is taken from its connection for nothing."""
    held = settled([*starts, 1], [set() for _ in [*starts, 1]])
    dead = data.draw(st.integers(0, len(starts)))
    left = [set(mine) for n, mine in enumerate(held) if n != dead]

    after = settled(starts, [set(mine) for mine in left])

    assert sorted(GROUPS) == sorted(group for mine in after for group in mine)
    assert all(before <= now for before, now in zip(left, after, strict=True))


def test_a_newcomer_is_given_its_share() -> None:
    """One that held everything leaves half of it to the second, and a third to the third."""
    two = settled([0, 5], [set(GROUPS), set()])

    assert [16, 16] == [len(mine) for mine in two]
    assert [11, 11, 10] == sorted(
        (len(mine) for mine in settled([0, 5, 9], [*two, set()])), reverse=True
    )


def test_an_account_stays_in_its_group() -> None:
    """Whoever asks, and whenever: the name of the lease follows from the account's id."""
    assert group_of("a") == group_of("a")
    assert {*GROUPS} == {group_of(f"account-{number}") for number in range(2000)}
