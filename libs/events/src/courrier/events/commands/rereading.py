"""The order to read received messages again, and what is read differently now."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from courrier.events.base import Command, Value

MESSAGES_AT_ONCE = 20
"""Messages of one order: they are read within the time of an answer."""
SHOWN_CHARACTERS = 300
"""Characters of a value that a difference shows."""


class MessageToReread(Value):
    """A received message: where its event stands in ``MAILBOX``, and the e-mail it became."""

    sequence: int
    email_id: str


class RereadMessages(Command):
    """Read stored bytes again; only with ``apply`` does the new reading take effect."""

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "reread-messages"

    command_id: UUID
    messages: tuple[MessageToReread, ...] = Field(min_length=1, max_length=MESSAGES_AT_ONCE)
    apply: bool = False
    actor: str


class FieldDifference(Value):
    """How one field is read: before and now, as JSON text, cut."""

    field: str
    before: str
    now: str


class MessageDifference(Value):
    """What differs in one message."""

    email_id: str
    fields: tuple[FieldDifference, ...]


class MessagesReread(Value):
    """How many messages were read again, and those that are read differently now.

    ``missing`` were erased, or their bytes are not stored any more.
    """

    outcome: Literal["reread"] = "reread"
    read: int = 0
    missing: int = 0
    applied: int = 0
    differences: tuple[MessageDifference, ...] = ()
    position: str | None = None
