"""Whose a new case is."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.gateway.domain.distribution import Duty, assign

TEAMS = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=7, unique=True)


@pytest.mark.parametrize(
    ("duty", "expected"),
    [
        (Duty("none", ("a",)), (None, "no-distribution")),
        (Duty("direct", ("a",)), ("a", "direct")),
        (Duty("direct"), (None, "nobody-on-duty")),
        (Duty("round_robin"), (None, "nobody-on-duty")),
        (Duty("least_busy"), (None, "nobody-on-duty")),
    ],
)
def test_a_case_is_somebodys_only_by_a_rule(duty: Duty, expected: tuple[str | None, str]) -> None:
    """And where somebody is there; the reason is told."""
    user_id, reason = assign(duty, None, {})

    assert expected == (user_id, reason.rule)


@given(team=TEAMS, rounds=st.integers(1, 4))
def test_in_a_round_everybody_gets_as_many(team: list[str], rounds: int) -> None:
    """Whatever order the members stand in."""
    last: str | None = None
    got: list[str | None] = []
    for _ in range(rounds * len(team)):
        last, _ = assign(Duty("round_robin", tuple(team)), last, {})
        got.append(last)

    assert Counter(got) == dict.fromkeys(team, rounds)


@given(team=TEAMS, last=st.sampled_from("abcdefgh"))
def test_the_turn_survives_whoever_joins_or_leaves(team: list[str], last: str) -> None:
    """The next by id follows, the first after the last one."""
    after = [member for member in sorted(team) if member > last]

    assert (after or sorted(team))[0] == assign(Duty("round_robin", tuple(team)), last, {})[0]


@given(team=TEAMS, busy=st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 3)))
def test_nobody_has_less_to_do_than_who_gets_the_case(
    team: list[str], busy: dict[str, int]
) -> None:
    """Of several it is the first by id."""
    chosen, _ = assign(Duty("least_busy", tuple(team)), "c", busy)

    assert min((busy.get(each, 0), each) for each in team)[1] == chosen
