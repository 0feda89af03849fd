"""Given, when, then: a decider's specification reads as sentences.

``scenario.given(*facts).when(command).then(*facts)``; ``.then()`` for 'nothing happens';
``.refused(Error)`` for 'the command is declined'.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from courrier.events.decider import Decider

State = TypeVar("State")
Command = TypeVar("Command")
Fact = TypeVar("Fact")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[State, Command, Fact]):
    """A decider about to be asked: facts so far and the command."""

    decider: Decider[State, Command, Fact]
    facts: tuple[Fact, ...]
    command: Command

    def then(self, *expected: Fact) -> None:
        """Assert exactly these new facts, in this order."""
        decided = self.decider.decide(self.decider.fold(self.facts), self.command)
        if list(expected) != decided:
            raise AssertionError(f"expected {list(expected)!r}\n but got {decided!r}")

    def refused(self, error: type[Exception]) -> Exception:
        """Assert that the command is declined with this error, and return it."""
        try:
            decided = self.decider.decide(self.decider.fold(self.facts), self.command)
        except error as refusal:
            return refusal
        raise AssertionError(f"expected {error.__name__}, but it decided {decided!r}")


@dataclass(frozen=True, slots=True)
class Scenario(Generic[State, Command, Fact]):
    """The specification of one decider; immutable, so that one may be shared by many tests."""

    decider: Decider[State, Command, Fact]
    facts: tuple[Fact, ...] = ()

    def given(self, *facts: Fact) -> "Scenario[State, Command, Fact]":
        """Start from these facts."""
        return Scenario(self.decider, (*self.facts, *facts))

    def when(self, command: Command) -> Outcome[State, Command, Fact]:
        """Give this command."""
        return Outcome(self.decider, self.facts, command)
