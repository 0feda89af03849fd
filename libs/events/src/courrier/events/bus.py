"""Commands between services: asked with a time limit, answered with a value.

Nobody answering in time is ``NoAnswer``; the caller may repeat the same command.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from courrier.events.base import Command
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.mailboxes import MailboxSeen
from courrier.events.commands.rereading import MessagesReread

C = TypeVar("C", bound=Command)

Answer = Done | Refused | MailboxSeen | MessagesReread
Handler = Callable[[C], Awaitable[Answer]]


class NoAnswer(TimeoutError):
    """The service did not answer within the limit: it is down, busy or cut off. Repeat is safe."""


class CommandBus(Protocol):
    """Ask another service to do something."""

    async def ask(self, command: Command) -> Answer:
        """Return the service's answer.

        Raises:
            NoAnswer: none within the command's ``ANSWER_WITHIN_S``.
        """
        ...
