"""Whose a new case is: pure, from the rule of its group account and what is known of the team."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from courrier.events.base import Evidence
from courrier.events.families.settings import Distribution


@dataclass(frozen=True, slots=True)
class Duty:
    """How cases are given out, within ``members``: active users, or the one who gets them all."""

    rule: Distribution = "none"
    members: tuple[str, ...] = ()


def assign(duty: Duty, last: str | None, busy: Mapping[str, int]) -> tuple[str | None, Evidence]:
    """Return whose the next case is, or nobody's, and why.

    ``last`` got the one before; ``busy`` counts the open cases of each member who has some. In a
    round the next member by id follows, whoever joined or left meanwhile; of those with least to do
    it is the first by id.
    """
    members = sorted(set(duty.members))
    if duty.rule == "none":
        return None, Evidence(rule="no-distribution")
    if not members:
        return None, Evidence(rule="nobody-on-duty", field="distribution", value=duty.rule)
    match duty.rule:
        case "direct":
            return members[0], Evidence(rule="direct")
        case "round_robin":
            following = bisect_right(members, last) if last else 0
            chosen = members[following % len(members)]
            return chosen, Evidence(rule="round-robin", field="after", value=last)
        case "least_busy":
            chosen = min(members, key=lambda member: (busy.get(member, 0), member))
            count = str(busy.get(chosen, 0))
            return chosen, Evidence(rule="least-busy", field="open_cases", value=count)
        case _:
            assert_never(duty.rule)
