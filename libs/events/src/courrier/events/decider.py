"""A decider: what a state and a command lead to, and what an event makes of a state.

Both functions are pure; time and ids come in with the command.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

from courrier.events.envelope import readable

State = TypeVar("State")
Command = TypeVar("Command")
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Decider(Generic[State, Command, Fact]):
    """``decide`` may refuse by raising; ``evolve`` never does: what is on the log has happened."""

    initial: State
    decide: Callable[[State, Command], list[Fact]]
    evolve: Callable[[State, Fact], State]

    def fold(self, facts: Iterable[Fact]) -> State:
        """Return the state after these facts, oldest first.

        Raises:
            UnreadableHistory: one of them could not be decoded, so the state is not known.
        """
        return reduce(self.evolve, map(readable, facts), self.initial)
