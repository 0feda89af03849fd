"""Consumer groups: the partitions of a stream, shared out among instances.

A group is a range of partitions. With another number of groups the ranges are others; the
checkpoints follow them (``postgres.checkpoint``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from courrier.events.subjects import PARTITIONS


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """The partitions ``first`` to ``last``, both included."""

    first: int = 0
    last: int = PARTITIONS - 1

    def __str__(self) -> str:
        """Return ``0-63``: label of metrics, part of lease names."""
        return f"{self.first}-{self.last}"

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left for others."""
        return self == WHOLE

    def overlaps(self, other: "Group") -> bool:
        """Tell whether a partition belongs to both."""
        return self.first <= other.last and other.first <= self.last

    def without(self, other: "Group") -> "list[Group]":
        """Return what is left of this group when another has taken its own."""
        below = Group(self.first, min(self.last, other.first - 1))
        above = Group(max(self.first, other.last + 1), self.last)
        return [part for part in (below, above) if part.first <= part.last]

    def filters(self, stream: str, patterns: Sequence[str] = ()) -> list[str]:
        """Return what to follow of a stream; ``patterns`` have ``*`` where the partition stands."""
        if self.is_whole:
            return list(patterns)
        family = stream.lower()
        rests = [pattern.split(".", 2)[2] for pattern in patterns] or [">"]
        return [
            f"{family}.{p:02d}.{rest}" for p in range(self.first, self.last + 1) for rest in rests
        ]


WHOLE = Group()


def groups(count: int) -> list[Group]:
    """Return ``count`` groups of nearly the same size; 1 to 64."""
    borders = [PARTITIONS * number // count for number in range(count + 1)]
    return [Group(first, after - 1) for first, after in pairwise(borders)]
