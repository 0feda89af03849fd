"""Orders to the sender."""

from typing import ClassVar
from uuid import UUID

from courrier.events.base import Command, Mailbox


class SendMessage(Command):
    """Send this text as the author; ``replies_to`` is the e-mail it answers, if it does.

    ``email_id`` is chosen by the caller and stays the e-mail's id for life. ``is_notice`` and
    ``secret`` are as in ``SendRequested``.
    """

    SERVICE: ClassVar[str] = "sender"
    NAME: ClassVar[str] = "send-message"

    command_id: UUID
    email_id: str
    author_id: str
    account_id: str
    sent_from: Mailbox
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    subject: str
    text: str
    html: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    replies_to: str | None = None
    is_notice: bool = False
    secret: str | None = None
    actor: str
