"""Which accounts an instance works on: so many groups of them, the same number for everybody.

An account belongs to a group by the partition of its id. Every instance hears of the others and
reckons by itself: its share is the groups by the instances, rounded up. What is above its share it
leaves, what nobody has it takes; a lease settles who was first.
"""

from collections.abc import Collection
from dataclasses import dataclass

from courrier.events.groups import Group, groups
from courrier.events.subjects import PARTITIONS, partition

GROUPS = groups(32)
"""The same for every instance: the names of the leases follow from it."""

_OF_PARTITION = {
    number: group
    for number in range(PARTITIONS)
    for group in GROUPS
    if group.first <= number <= group.last
}


def group_of(account_id: str) -> Group:
    """Return the group that an account belongs to."""
    return _OF_PARTITION[int(partition(account_id))]


def lease_of(group: Group) -> str:
    """Return the name of the lease under which a group's accounts are held."""
    return f"fetcher.accounts.{group}"


def fair_share(instances: int) -> int:
    """Return how many groups each of so many instances holds at most; together they hold all."""
    return -(-len(GROUPS) // max(1, instances))


@dataclass(frozen=True, slots=True)
class Moves:
    """What an instance does next about its groups."""

    take: tuple[Group, ...] = ()
    leave: tuple[Group, ...] = ()


def moves(mine: Collection[Group], others: Collection[Collection[str]], start: int) -> Moves:
    """Return what to take and what to leave, given what each other instance says that it has.

    ``others`` holds names of groups. ``start`` differs by instance: those that take at the same
    time begin at different groups.
    """
    share = fair_share(1 + len(others))
    taken = {name for names in others for name in names}
    turned = [GROUPS[(start + number) % len(GROUPS)] for number in range(len(GROUPS))]
    free = [group for group in turned if group not in mine and str(group) not in taken]
    last_first = [group for group in reversed(turned) if group in mine]
    return Moves(
        tuple(free[: max(0, share - len(mine))]), tuple(last_first[: max(0, len(mine) - share)])
    )
