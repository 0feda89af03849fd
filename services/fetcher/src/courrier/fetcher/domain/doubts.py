"""Which messages may be what ends the connection, narrowed down to the one.

A FETCH that ends with the connection, a time-out or a refusal of everything puts all its messages
under suspicion. They are asked for again in halves, by themselves; what comes is cleared. One that
fails alone, twice, is given up for now, so that it holds up nobody else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

STRIKES = 2
"""Times that a message asked for alone may end the connection."""


@dataclass(slots=True)
class Doubts:
    """What one folder's failed fetches have taught; kept in memory between connections."""

    suspects: frozenset[int] = frozenset()
    strikes: dict[int, int] = field(default_factory=dict)
    forgiven: dict[int, int] = field(default_factory=dict)

    @property
    def given_up(self) -> frozenset[int]:
        """Messages that are not asked for now."""
        return frozenset(uid for uid, count in self.strikes.items() if count >= STRIKES)

    @property
    def most(self) -> int:
        """How many suspects may be asked for together."""
        return max(1, (len(self.suspects) + 1) // 2)

    def failed(self, uids: Sequence[int]) -> None:
        """Note that asking for these ended badly."""
        asked = frozenset(uids)
        self.suspects = (self.suspects & asked) or asked
        if len(asked) == 1:
            (uid,) = asked
            self.strikes[uid] = self.strikes.get(uid, 0) + 1
            if self.strikes[uid] >= STRIKES:
                self.suspects -= asked

    def forgive(self, uid: int, tries: int) -> None:
        """Let a message that was given up be asked for once more, once for each of its tries."""
        if self.forgiven.get(uid) != tries:
            self.forgiven[uid] = tries
            if uid in self.strikes:
                self.strikes[uid] = STRIKES - 1

    def cleared(self, uids: Iterable[int]) -> None:
        """Note that these were answered."""
        if self.suspects or self.strikes:
            answered = frozenset(uids)
            self.suspects -= answered
            for uid in answered:
                self.strikes.pop(uid, None)
