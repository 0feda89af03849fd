"""Orders to the linker: what people decide about e-mails."""

from typing import ClassVar
from uuid import UUID

from courrier.events.base import Command


class MarkRead(Command):
    """A person has read an e-mail, or (``read`` false) wants it unread again."""

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "mark-read"

    command_id: UUID
    email_id: str
    person_id: str
    read: bool
    actor: str
