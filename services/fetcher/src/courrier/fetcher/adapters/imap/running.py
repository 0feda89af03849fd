"""The command under way, and what it may cost: bytes, responses, seconds."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from courrier.fetcher.adapters.imap.answers import Answer
from courrier.fetcher.adapters.imap.wire import Hostile, Response

COMMAND_TIMEOUT_S = 60.0
"""Seconds without any byte of an answer."""
COMMAND_LONGEST_S = 600.0
"""Seconds from a command to the end of its answer, and more for large ones: no drip-feeding."""
SLOWEST_BYTES_S = 20_000
COMMAND_BYTES = 64 * 1024 * 1024
"""Bytes that the answer to a command may have, unless the caller expects more."""
UNASKED_BYTES = 64 * 1024
"""Bytes that a server may say between commands before nobody listens any more."""
RESPONSES = 500_000
"""Untagged responses to a command that asks for each message or folder; they cost memory, too."""
FEW_RESPONSES = 50_000
"""To any other command: what a busy folder tells meanwhile, and no flood."""
ASKS_FOR_EACH = frozenset({"FETCH", "STORE", "LIST", "MOVE", "EXPUNGE"})
CHALLENGES = 10
"""Continuations that wait to be read."""
DIALOGUE_BYTES = 16 * 1024 * 1024
"""Bytes of one IDLE or AUTHENTICATE: a hundred times what a busy mailbox tells in nine minutes."""


class BadState(RuntimeError):
    """A command in a state that does not allow it: a bug of ours."""


@dataclass(slots=True)
class Running:
    """The command under way."""

    tag: bytes
    name: str
    done: asyncio.Future[Answer]
    budget: int
    deadline: float
    untagged: list[Response] = field(default_factory=list)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    challenges: deque[bytes] = field(default_factory=deque)
    responses: int = 0

    def spend(self, size: int) -> None:
        """Count bytes that have come; raises ``Hostile`` when they are too many."""
        self.budget -= size
        if self.budget < 0:
            raise Hostile("an answer without end")

    def note(self, response: Response) -> None:
        """Keep an untagged response; raises ``Hostile`` when they are too many."""
        self.responses += 1
        if self.responses > (RESPONSES if self.name in ASKS_FOR_EACH else FEW_RESPONSES):
            raise Hostile("an answer of more parts than any mailbox has messages")
        self.untagged.append(response)

    def note_challenge(self, text: bytes) -> None:
        """Keep a continuation; raises ``Hostile`` when nobody can have asked for them."""
        if len(self.challenges) >= CHALLENGES:
            raise Hostile("continuations that nobody asked for")
        self.challenges.append(text)
