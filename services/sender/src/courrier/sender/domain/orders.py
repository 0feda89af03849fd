"""What may be asked of an outgoing message, and the two ways in which it is declined."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, TypeAlias

from courrier.events.families.outbound import SendRequested
from courrier.sender.domain.answers import Answer
from courrier.sender.domain.retrying import USUAL, Schedule


class AnotherMessage(Exception):
    """The e-mail id is taken by a message that says something else."""


@dataclass(frozen=True, slots=True)
class Request:
    """Take responsibility for this message."""

    message: SendRequested


@dataclass(frozen=True, slots=True)
class Start:
    """The next attempt may begin, if it is due by ``now``; it will speak to ``host``."""

    host: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """Note what attempt ``attempt`` came to.

    ``not_before``: nobody is tried again earlier, as the server asked to be left alone.
    """

    attempt: int
    answer: Answer
    now: datetime
    schedule: Schedule = USUAL
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nobody is at work on the attempt under way, and its answer is not known."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The message cannot be sent at all; ``text`` says why and what to do."""

    text: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take the message back."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The log came back from a copy: what waits may have left before."""


@dataclass(frozen=True, slots=True)
class Prove:
    """A copy of the message was met, or a report on it; ``text`` says where.

    ``message_digest`` is of the Message-ID that was seen there (``digest_of``).
    """

    message_digest: str
    text: str


@dataclass(frozen=True, slots=True)
class Settle:
    """A person decides what nobody can know."""

    decision: Literal["resend", "sent", "failed"]
    now: datetime


Command: TypeAlias = Request | Start | Record | Doubt | GiveUp | Cancel | Hold | Prove | Settle


class NotCancellable(Exception):
    """The message cannot be taken back; ``reason`` as ``CancelSending`` lists it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NotUncertain(Exception):
    """There is nothing to decide: what became of the message is known."""


def digest_of(message_id: str) -> str:
    """Return what stands for a Message-ID where no address may be kept."""
    return sha256(message_id.encode()).hexdigest()
