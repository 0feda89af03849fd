"""What became of a message that a filter kept out (stream ``EMAIL``, written by the linker only).

``email.<p>.<source id>.skipped``, behind ``MessageSkipped``. Nothing here is from the message.
"""

from typing import ClassVar

from courrier.events.base import Event, Evidence


class SkippedMessageRecalled(Event):
    """Somebody took it back in time: the e-mail made of it stands in the same batch, or before."""

    TYPE: ClassVar[str] = "courrier.email.SkippedMessageRecalled.v1"

    source_id: str
    reason: Evidence


class SkippedMessageExpired(Event):
    """Its time is over: nobody can take it back from here on, and the fetcher is told to purge it.

    ``account_id`` is the mailbox that it was read from.
    """

    TYPE: ClassVar[str] = "courrier.email.SkippedMessageExpired.v1"

    source_id: str
    account_id: str


class SkippedMessagePurged(Event):
    """The fetcher has erased what it had of the message."""

    TYPE: ClassVar[str] = "courrier.email.SkippedMessagePurged.v1"

    source_id: str


SkippedEvent = SkippedMessageRecalled | SkippedMessageExpired | SkippedMessagePurged
