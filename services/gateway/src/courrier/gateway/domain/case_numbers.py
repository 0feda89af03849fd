"""Decide the numbers of cases: each once, always greater, perhaps with gaps."""

from dataclasses import dataclass

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.crm import CaseNumbersTaken


@dataclass(frozen=True, slots=True)
class TakeNumbers:
    """Spend the next ``count`` numbers."""

    count: int


def decide(last: int, command: TakeNumbers) -> list[Event]:
    """Return that they are spent."""
    return [CaseNumbersTaken(first=last + 1, last=last + command.count)]


def evolve(last: int, event: Event) -> int:
    """Return the greatest number spent; the newest fact alone tells it."""
    return event.last if isinstance(event, CaseNumbersTaken) else last


case_numbers: Decider[int, TakeNumbers, Event] = Decider(0, decide, evolve)
