"""A call that ends the waits of all who work on one account."""

import asyncio


class Alarm:
    """Rings for everybody who listens; who does not listen now finds it rung later."""

    def __init__(self) -> None:
        self._events: list[asyncio.Event] = []

    def listen(self) -> asyncio.Event:
        """Return an event that is set by each ring; the listener clears it."""
        event = asyncio.Event()
        self._events.append(event)
        return event

    def ring(self) -> None:
        """Wake all listeners."""
        for event in self._events:
            event.set()
