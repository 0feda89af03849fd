"""A bus on which nobody answers."""

from courrier.events.base import Command
from courrier.events.bus import Answer, NoAnswer


class SilentBus:
    """``CommandBus`` of a process that is alone."""

    async def ask(self, command: Command) -> Answer:
        """Never return an answer."""
        raise NoAnswer(f"nobody answers {command.NAME}")
