"""What becomes of a fetched message before it is stored: its event as JSON, its bytes packed."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from courrier.events.base import Event
from courrier.events.blobs import ref_of
from courrier.events.families.mailbox import MessageReceived
from courrier.events.packing import Packed, pack
from courrier.fetcher.domain.received import Fetched, Origin, written
from courrier.mail.message import Summary
from courrier.mail.parse import summarise

Read = Callable[[bytes], Summary]

TOLD_CALLS = 5
"""Calls of our reader that are told of when it breaks."""


@dataclass(frozen=True, slots=True)
class Written:
    """A ``MessageReceived`` as JSON."""

    uid: int
    body: bytes

    @property
    def event(self) -> MessageReceived:
        """The event itself; nearly nobody needs it."""
        return MessageReceived.model_validate_json(self.body)


class ReceivedAsWritten(Event):
    """Stands in an append for a ``MessageReceived`` whose JSON is there already."""

    TYPE: ClassVar[str] = MessageReceived.TYPE

    uid: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A message ready to be stored; ``problem`` tells why it could not be read, if so."""

    message: Written
    blob: Packed
    problem: str | None = None


def read_all(origin: Origin, messages: Sequence[Fetched], read: Read = summarise) -> list[Reading]:
    """Read these messages; one at which ``read`` breaks is reported as unreadable."""
    raws = [message.raw for message in messages]
    refs = [ref_of(raw) for raw in raws]
    packed = pack(raws, refs)
    readings = []
    for message, blob in zip(messages, packed, strict=True):
        summary, problem = _summary(message.raw, read)
        body = written(origin, message, blob.ref, summary)
        readings.append(Reading(Written(message.uid, body), blob, problem))
    return readings


def unreadable(origin: Origin, message: Fetched, problem: str) -> Reading:
    """Return what is stored of a message at which whoever read it died."""
    (blob,) = pack([message.raw], [ref_of(message.raw)])
    body = written(origin, message, blob.ref, None)
    return Reading(Written(message.uid, body), blob, problem)


def _summary(raw: bytes, read: Read) -> tuple[Summary | None, str | None]:
    """The reader promises never to raise; should it, one mail must not stop a mailbox."""
    try:
        return read(raw), None
    except Exception:  # noqa: BLE001  told as the problem, which its caller logs
        return None, traceback.format_exc(limit=-TOLD_CALLS)
