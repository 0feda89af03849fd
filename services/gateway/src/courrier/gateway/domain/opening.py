"""Looks of administrators into private mail: each one is a fact of its own."""

from dataclasses import dataclass

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.identity import PrivateMailOpened


@dataclass(frozen=True, slots=True)
class OpenMail:
    """Look into an e-mail."""

    opened: PrivateMailOpened


def decide(_: None, command: OpenMail) -> list[Event]:
    """Return the fact, however often it was opened before."""
    return [command.opened]


def evolve(state: None, _: Event) -> None:
    """Nothing depends on earlier looks."""
    return state


opening: Decider[None, OpenMail, Event] = Decider(None, decide, evolve)
