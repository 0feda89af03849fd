"""Orders to the sender on what is being written."""

from typing import ClassVar
from uuid import UUID

from courrier.events.base import Command, Mailbox, UtcTime
from courrier.events.families.drafts import DraftFields


class SaveDraft(Command):
    """Keep a draft: of ``fields`` those that ``given`` names, the others stay as they are.

    ``begin``: it is new, and whose it is follows from ``author_id``. ``expected`` is the version
    that was read; None saves over any. ``Done.counts`` has the new ``version``. Refused as
    ``not-found``, ``id-taken``, ``version-changed`` or ``already-sent``.
    """

    SERVICE: ClassVar[str] = "sender"
    NAME: ClassVar[str] = "save-draft"

    command_id: UUID
    email_id: str
    author_id: str
    fields: DraftFields
    given: tuple[str, ...]
    begin: bool = False
    expected: int | None = None
    actor: str


class DiscardDraft(Command):
    """Throw a draft away; one that is gone already stays so. Refused as ``SaveDraft``."""

    SERVICE: ClassVar[str] = "sender"
    NAME: ClassVar[str] = "discard-draft"

    command_id: UUID
    email_id: str
    expected: int | None = None
    actor: str


class SendDraft(Command):
    """Send a draft as it reads now, from this account, as ``author_id``.

    ``max_bytes`` is what one message may have as it goes on the wire; ``remind_at`` and
    ``not_before`` are as in ``SendRequested``. Refused as ``SaveDraft`` and ``SendMessage`` are;
    one that was given to be sent already is done.
    """

    SERVICE: ClassVar[str] = "sender"
    NAME: ClassVar[str] = "send-draft"

    command_id: UUID
    email_id: str
    author_id: str
    account_id: str
    sent_from: Mailbox
    reply_to: tuple[Mailbox, ...] = ()
    expected: int | None = None
    not_before: UtcTime | None = None
    remind_at: UtcTime | None = None
    return_path: str | None = None
    wants_receipt: bool = False
    max_bytes: int | None = None
    actor: str
