"""Orders to the sender."""

from typing import ClassVar, Literal
from uuid import UUID

from courrier.events.base import Command, Mailbox, RecordRef, UtcTime
from courrier.events.families.drafts import WrittenFile


class SendMessage(Command):
    """Send this text as the author; ``replies_to`` is the e-mail it answers, if it does.

    ``email_id`` is chosen by the caller and stays the e-mail's id for life. ``is_notice``,
    ``secret``, ``not_before``, ``return_path`` and ``wants_receipt`` are as in ``SendRequested``,
    and so are ``parent`` and ``remind_at``. ``max_bytes`` is what it may have on the wire,
    ``auto_submitted`` what a machine says of its message (RFC 3834 section 5).
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
    not_before: UtcTime | None = None
    return_path: str | None = None
    wants_receipt: bool = False
    reply_to: tuple[Mailbox, ...] = ()
    files: tuple[WrittenFile, ...] = ()
    parent: RecordRef | None = None
    remind_at: UtcTime | None = None
    max_bytes: int | None = None
    auto_submitted: Literal["auto-replied", "auto-generated"] | None = None
    actor: str


class CancelSending(Command):
    """Take a message back while no server has it.

    Refused as ``unknown``, ``being-sent`` (the outcome is known soon), ``already-left`` or
    ``uncertain`` (it may have left: see ``SettleUncertain``).
    """

    SERVICE: ClassVar[str] = "sender"
    NAME: ClassVar[str] = "cancel"

    command_id: UUID
    email_id: str
    actor: str


class SettleUncertain(Command):
    """Decide what nobody can know: send the message again, or take it as sent or as failed.

    Refused as ``unknown`` or ``not-uncertain``.
    """

    SERVICE: ClassVar[str] = "sender"
    NAME: ClassVar[str] = "settle-uncertain"

    command_id: UUID
    email_id: str
    decision: Literal["resend", "sent", "failed"]
    actor: str


def own_server_id(user_id: str) -> str:
    """Return the account id under which mail leaves by the server of a person's preferences."""
    return f"preferences-{user_id}"


def dkim_key_of(domain: str, selector: str) -> str:
    """Return the name of the vault record that holds a domain's private key for signing."""
    return f"dkim.{domain.lower()}.{selector.lower()}"
