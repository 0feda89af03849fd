"""What is parked anywhere, as people look at it, and the orders to take it again after a fix."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.bus import CommandBus, NoAnswer
from courrier.events.commands.answers import Refused
from courrier.events.commands.replaying import REPLAY_PARKED
from courrier.events.envelope import Recorded
from courrier.events.families.dead import EventParked
from courrier.events.store import EventStore

Case = Recorded[EventParked]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How taking one subject again went; ``text`` says why it stays parked."""

    consumer: str
    subject: str
    done: bool
    text: str


async def case_row(store: EventStore, case: Case) -> dict[str, object]:
    """Return what an operator wants to know of a case; nothing of the event's content."""
    event = case.event
    return {
        "id": event.event_id,
        "consumer": event.consumer,
        "position": f"{event.stream}:{event.sequence}",
        "subject": event.subject,
        "type": event.type,
        "reason": event.reason,
        "text": event.text,
        "since": case.time.isoformat(),
        "waiting": await _waiting(store, event),
    }


async def replay(
    bus: CommandBus, cases: Sequence[Case], *, command_id: UUID, actor: str
) -> list[Replayed]:
    """Have these cases taken again: one order a subject, the oldest first."""
    wanted = {(c.event.consumer, c.event.stream, c.event.subject): None for c in cases}
    return [await _ask(bus, each, command_id=command_id, actor=actor) for each in wanted]


async def _ask(
    bus: CommandBus, which: tuple[str, str, str], *, command_id: UUID, actor: str
) -> Replayed:
    consumer, stream, subject = which
    kind = REPLAY_PARKED[consumer.partition(".")[0]]
    order = kind(
        command_id=derived_id(str(command_id), consumer, subject),
        consumer=consumer,
        stream=stream,
        subject=subject,
        actor=actor,
    )
    try:
        answer = await bus.ask(order)
    except NoAnswer as error:
        return Replayed(consumer, subject, done=False, text=str(error))
    if isinstance(answer, Refused):
        return Replayed(consumer, subject, done=False, text=f"stays parked: {answer.text}")
    return Replayed(consumer, subject, done=True, text="replayed")


async def _waiting(store: EventStore, event: EventParked) -> int:
    if not subjects.is_ordered(event.subject):
        return 0
    history = await store.load(event.subject)
    return sum(recorded.sequence > event.sequence for recorded in history)
