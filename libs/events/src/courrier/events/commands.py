"""Orders that cross a process border, answered within five seconds over NATS request/reply.

The subject is ``command.<service>.<name>``. The answer is a ``Done``, or a ``Refused`` that the
HTTP layer turns into a 4xx problem (RFC 9457). Repeating a command with the same ``command_id``
is safe: what it causes has ids derived from it.
"""

from typing import ClassVar, Literal
from uuid import UUID

from courrier.events.base import Command, Mailbox, Value
from courrier.events.families.mailbox import BlobRef

ANSWER_TIMEOUT_S = 5.0


class Done(Value):
    """The order was carried out; ``position`` is where its last event stands (``EMAIL:42``)."""

    outcome: Literal["done"] = "done"
    position: str | None = None
    id: str | None = None
    created: bool = True


class Refused(Value):
    """The order was understood and declined; ``text`` says why and what to do."""

    outcome: Literal["refused"] = "refused"
    reason: str
    text: str
    pointer: str | None = None


class ImportMessage(Command):
    """Archive a message handed in by a person; its bytes are stored already."""

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "import-message"

    command_id: UUID
    raw: BlobRef
    holder_id: str
    folder: str
    actor: str


class FetchAccount(Command):
    """Look for new mail now, not at the next poll."""

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "fetch-account"

    command_id: UUID
    account_id: str
    actor: str


class MarkRead(Command):
    """A person has read an e-mail, or (``read`` false) wants it unread again."""

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "mark-read"

    command_id: UUID
    email_id: str
    person_id: str
    read: bool
    actor: str


class SendMessage(Command):
    """Send this text as the author; ``replies_to`` is the e-mail it answers, if it does.

    ``email_id`` is chosen by the caller and stays the e-mail's id for life.
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
    actor: str
