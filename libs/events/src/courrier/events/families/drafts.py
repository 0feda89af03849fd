"""What is being written and not sent yet (stream ``OUTBOUND``, written by the sender only).

``outbound.<p>.<e-mail id>.draft``: beside the message's own subject, whose history stays short
however often a draft is saved. A draft's id is the sent e-mail's id. Each fact holds the whole
draft, so that the last one is enough; texts and files are blobs, and only the last are kept.
"""

from typing import ClassVar

from pydantic import Field

from courrier.events.base import Event, Mailbox, RecordRef, UtcTime, Value
from courrier.events.families.mailbox import BlobRef

MOST_FILES = 100
"""Files of one message."""


class WrittenFile(Value):
    """A file of a message that is written here; ``id`` is that of its upload.

    With ``content_id`` (no brackets) and ``inline`` the HTML shows it by ``cid:``.
    """

    id: str
    filename: str
    content_type: str
    content: BlobRef
    content_id: str | None = None
    inline: bool = False


class DraftFields(Value):
    """All that an author writes; addresses may still be half typed.

    ``text`` None is made from ``html`` when it is sent. ``replies_to``, ``forwards`` and
    ``thread_id`` are of the e-mail it answers or passes on, ``team_ids`` of those who share it.
    """

    account_id: str | None = None
    sent_from: Mailbox | None = Field(default=None, alias="from")
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    subject: str = ""
    text: BlobRef | None = None
    html: BlobRef | None = None
    snippet: str = ""
    files: tuple[WrittenFile, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    replies_to: str | None = None
    forwards: str | None = None
    thread_id: str | None = None
    parent: RecordRef | None = None
    template_id: str | None = None
    team_ids: tuple[str, ...] = ()


class DraftSaved(Event):
    """The draft reads so now. ``begun_at`` is when it was begun, whoever saved it since."""

    TYPE: ClassVar[str] = "courrier.outbound.DraftSaved.v1"

    email_id: str
    author_id: str
    begun_at: UtcTime
    fields: DraftFields


class DraftSubmitted(Event):
    """It was given to be sent as it reads here; in one batch with ``SendRequested``.

    When the message is taken back (``OutboundCancelled``) the draft is there again.
    """

    TYPE: ClassVar[str] = "courrier.outbound.DraftSubmitted.v1"

    email_id: str
    author_id: str
    begun_at: UtcTime
    fields: DraftFields


class DraftDiscarded(Event):
    """Nobody wants it any more."""

    TYPE: ClassVar[str] = "courrier.outbound.DraftDiscarded.v1"

    email_id: str
