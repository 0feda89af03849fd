"""Orders that cross a process border, answered within five seconds over NATS request/reply.

The subject is ``command.<service>.<name>``. The answer is a ``Done``, or a ``Refused`` that the
HTTP layer turns into a 4xx problem (RFC 9457). Repeating a command with the same ``command_id``
is safe: what it causes has ids derived from it.
"""

from typing import ClassVar, Literal
from uuid import UUID

from courrier.events.base import Command, Mailbox, RecordRef, Value
from courrier.events.families.mailbox import BlobRef

ANSWER_TIMEOUT_S = 5.0
ERASE_AT_ONCE = 50
"""Events one order erases: each is overwritten on disk, and the answer has to come in time."""


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


class ReplayParked(Command):
    """Take again what ``consumer`` (``<service>.<name>``) has set aside of one subject.

    The service that owns the consumer answers its own kind of this order (``REPLAY_PARKED``).
    """

    NAME: ClassVar[str] = "replay-parked"

    command_id: UUID
    consumer: str
    stream: str
    subject: str
    actor: str


class FetcherReplayParked(ReplayParked):
    """To the fetcher."""

    SERVICE: ClassVar[str] = "fetcher"


class LinkerReplayParked(ReplayParked):
    """To the linker."""

    SERVICE: ClassVar[str] = "linker"


class SenderReplayParked(ReplayParked):
    """To the sender."""

    SERVICE: ClassVar[str] = "sender"


class GatewayReplayParked(ReplayParked):
    """To the gateway."""

    SERVICE: ClassVar[str] = "gateway"


REPLAY_PARKED: dict[str, type[ReplayParked]] = {
    kind.SERVICE: kind
    for kind in (FetcherReplayParked, LinkerReplayParked, SenderReplayParked, GatewayReplayParked)
}
"""The order by the service that answers it."""


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


class EraseReceived(Command):
    """Erase these events of ``MAILBOX``, and leave out further copies of their messages.

    ``message_keys`` are of messages that no mailbox may have brought yet, as those sent from here.
    At most ``ERASE_AT_ONCE`` of both.
    """

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "erase-received"

    command_id: UUID
    sequences: tuple[int, ...] = ()
    message_keys: tuple[str, ...] = ()
    actor: str


class EraseEmail(Command):
    """Erase all events of an e-mail but the fact that it was erased; ``Done.id`` is its key."""

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "erase-email"

    command_id: UUID
    email_id: str
    actor: str


class EraseOutbound(Command):
    """Erase all events of an outgoing message; one that waits is not sent any more."""

    SERVICE: ClassVar[str] = "sender"
    NAME: ClassVar[str] = "erase-outbound"

    command_id: UUID
    email_id: str
    actor: str


class EraseRecord(Command):
    """Erase a CRM record whole, or, with ``address``, only that address from what it says."""

    SERVICE: ClassVar[str] = "gateway"
    NAME: ClassVar[str] = "erase-record"

    command_id: UUID
    record: RecordRef
    address: str | None = None
    actor: str


class EraseAddress(Command):
    """Erase who owns an address; ``address_key`` is its keyed hash, as in its subject."""

    SERVICE: ClassVar[str] = "gateway"
    NAME: ClassVar[str] = "erase-address"

    command_id: UUID
    address_key: str
    actor: str


class NoteErasure(Command):
    """Record that an erasure begins, or, ``finished``, what it removed (an audit trail)."""

    SERVICE: ClassVar[str] = "gateway"
    NAME: ClassVar[str] = "note-erasure"

    command_id: UUID
    erasure_id: str
    kind: Literal["address", "email"]
    counts: dict[str, int]
    finished: bool
    actor: str
