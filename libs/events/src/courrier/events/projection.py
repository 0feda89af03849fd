"""A projection turns facts into rows: one handler per event type, each taking a run of events.

A batch is cut into runs of one type, in the log's order, so that a handler can write set-based
statements and still sees everything in order. Handlers write rows and nothing else (I10).
"""

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any, Generic, TypeVar

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.store import History

Db = TypeVar("Db")
E = TypeVar("E", bound=Event)

RunHandler = Callable[[Db, Sequence[Recorded[E]]], Awaitable[None]]


class Projection(Generic[Db]):
    """Handlers by event type. ``version`` rises with any change of meaning: then it is rebuilt."""

    def __init__(self, name: str, *, stream: str, version: int) -> None:
        self.name = name
        self.stream = stream
        self.version = version
        self._handlers: dict[type[Event], RunHandler[Db, Any]] = {}

    def on(self, event: type[E]) -> Callable[[RunHandler[Db, E]], RunHandler[Db, E]]:
        """Register the handler of one event type."""

        def register(handler: RunHandler[Db, E]) -> RunHandler[Db, E]:
            self._handlers[event] = handler
            return handler

        return register

    def on_each(self, *events: type[Event]) -> Callable[[RunHandler[Db, Any]], RunHandler[Db, Any]]:
        """Register one handler of several event types; a run is still of one of them."""

        def register(handler: RunHandler[Db, Any]) -> RunHandler[Db, Any]:
            self._handlers |= dict.fromkeys(events, handler)
            return handler

        return register

    async def apply(self, db: Db, batch: History) -> None:
        """Hand the batch to the handlers, in order; types without a handler are passed over."""
        handled = [recorded for recorded in batch if type(recorded.event) in self._handlers]
        for event_type, run in groupby(handled, key=lambda recorded: type(recorded.event)):
            await self._handlers[event_type](db, list(run))
