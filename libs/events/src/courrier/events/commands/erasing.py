"""Orders that make one owner of facts forget (each service answers its own)."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from courrier.events.base import Command, RecordRef, Value

ERASE_AT_ONCE = 50
"""Events one order erases: each is overwritten on disk, and the answer has to come in time."""


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


class KeptOut(Value):
    """A message that a filter kept out; ``source_id`` is its event's id, ``sequence`` a hint."""

    source_id: str
    sequence: int
    account_id: str
    folder: str
    uid: int


class PurgeMessages(Command):
    """Erase what ``MAILBOX`` has of these messages; copies of them may come again.

    At most ``ERASE_AT_ONCE``. Done when nothing of them is there any more.
    """

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "purge-messages"

    command_id: UUID
    messages: tuple[KeptOut, ...] = Field(min_length=1, max_length=ERASE_AT_ONCE)
    actor: str


class DropBlobs(Command):
    """Erase these bytes as soon as nobody refers to them any more; answered once that is noted.

    Lower-case hex SHA-256. At most ``ERASE_AT_ONCE``.
    """

    SERVICE: ClassVar[str] = "gateway"
    NAME: ClassVar[str] = "drop-blobs"

    command_id: UUID
    digests: tuple[str, ...] = Field(min_length=1, max_length=ERASE_AT_ONCE)
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
