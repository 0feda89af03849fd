"""Orders to the fetcher."""

from typing import ClassVar
from uuid import UUID

from courrier.events.base import Command
from courrier.events.families.mailbox import BlobRef


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


class CompareAccount(Command):
    """Hold every folder against its server, message by message, and fetch what is missing."""

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "compare-account"

    command_id: UUID
    account_id: str
    actor: str


class ResumeFetching(Command):
    """Try a suspended account again now; one that is not suspended is left as it is."""

    SERVICE: ClassVar[str] = "fetcher"
    NAME: ClassVar[str] = "resume-fetching"

    command_id: UUID
    account_id: str
    actor: str
