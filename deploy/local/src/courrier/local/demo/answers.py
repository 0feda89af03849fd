"""Customers answer what is written to them, a few seconds later and once in a thread.

Bounded: a thread is answered once for ever (kept on disk), at most ``MAX_ANSWERED`` threads, and
never a message that a machine sent (RFC 3834 section 2).
"""

import asyncio
import email.policy
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

from courrier.local.files import read_object, write_json

from .people import MAILBOX, PEOPLE, Person
from .rendering import answer_to

THINKING_S = 5.0
MAX_ANSWERED = 500
ENDING_TIMEOUT_S = 1.0

Put = Callable[[str, bytes], Awaitable[None]]
"""Puts a message into the inbox of an address."""


class Customers:
    """Delivers, and answers for those who have something to say; a context for its timers."""

    def __init__(self, file: Path, put: Put, *, thinking_s: float = THINKING_S) -> None:
        """``file`` keeps which threads have been answered."""
        self._file = file
        self._put = put
        self._thinking_s = thinking_s
        self._answered = list((read_object(file) or {}).keys())
        self._thinking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._thinking:
            task.cancel()
        if self._thinking:
            await asyncio.wait(self._thinking, timeout=ENDING_TIMEOUT_S)

    async def deliver(self, sender: str, recipient: str, content: bytes) -> None:
        """Put the message into the recipient's inbox; perhaps an answer follows."""
        await self._put(recipient, content)
        person = PEOPLE.get(recipient)
        if person is None or sender.lower() != MAILBOX:
            return
        message = email.message_from_bytes(content, policy=email.policy.default)
        thread = _thread_of(message)
        if self._will_answer(person, message, thread):
            self._answered.append(thread)
            write_json(self._file, dict.fromkeys(self._answered, True))
            task = asyncio.create_task(self._answer(person, message))
            self._thinking.add(task)
            task.add_done_callback(self._thinking.discard)

    def _will_answer(self, person: Person, message: EmailMessage, thread: str) -> bool:
        if not (person.answers or person.away):
            return False
        if message.get("Auto-Submitted", "no") != "no":
            return False
        return thread not in self._answered and len(self._answered) < MAX_ANSWERED

    async def _answer(self, person: Person, message: EmailMessage) -> None:
        await asyncio.sleep(self._thinking_s)
        await self._put(MAILBOX, answer_to(message, person, datetime.now(UTC)))


def _thread_of(message: EmailMessage) -> str:
    """The oldest message it refers to, else itself."""
    known = f"{message.get('References', '')} {message.get('In-Reply-To', '')}".split()
    return known[0] if known else str(message.get("Message-ID", "")).strip()
