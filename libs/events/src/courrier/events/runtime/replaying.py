"""Answer ``ReplayParked``: what a consumer of this service set aside is taken again."""

from collections.abc import Iterable
from typing import Protocol

import structlog

from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.replaying import ReplayParked
from courrier.events.parking import Parked, announce
from courrier.events.store import EventStore

log = structlog.get_logger(__name__)


class Consumer(Protocol):
    """A consumer of one stream that parks."""

    @property
    def name(self) -> str:
        """``<service>.<consumer>``."""
        ...

    @property
    def stream(self) -> str:
        """What it consumes."""
        ...

    async def replay(self, store: EventStore, subject: str) -> list[Parked]:
        """Take what is parked of a subject, in order; return what still fails."""
        ...


class ReplayDesk:
    """Any instance may answer: what is parked is locked, not the instance that works."""

    def __init__(self, store: EventStore, consumers: Iterable[Consumer]) -> None:
        self._store = store
        self._consumers = {(each.name, each.stream): each for each in consumers}

    async def answer(self, command: ReplayParked) -> Answer:
        """Replay one subject.

        Raises:
            StoreUnavailable: what was taken stays taken, and is told later.
        """
        consumer = self._consumers.get((command.consumer, command.stream))
        if consumer is None:
            text = f"This version has no consumer {command.consumer} of {command.stream}."
            return Refused(reason="no-such-consumer", text=text)
        standing = await consumer.replay(self._store, command.subject)
        position = await announce(
            self._store,
            command.consumer,
            subject=command.subject,
            standing=standing,
            actor=command.actor,
        )
        log.info("events.replayed", consumer=command.consumer, still=len(standing))
        if standing:
            why = "; ".join(each.failure.text for each in standing if each.failure)
            return Refused(reason="still-failing", text=why)
        return Done(position=position)
