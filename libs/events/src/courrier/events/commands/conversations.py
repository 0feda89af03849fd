"""Orders to the linker on what a team shares of a conversation."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from courrier.events.base import Command
from courrier.events.commands.linker import EMAILS_AT_ONCE
from courrier.events.families.conversation import (
    MOST_MENTIONS,
    MOST_TAGS,
    NOTE_CHARS,
    ConversationStatus,
)


class ArrangeConversation(Command):
    """Set status, assignee or tags: those that ``given`` names; the others stay."""

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "arrange-conversation"

    command_id: UUID
    thread_id: str
    given: tuple[Literal["status", "assignee", "tags"], ...]
    status: ConversationStatus = "open"
    assignee: str | None = None
    tags: tuple[str, ...] = Field(default=(), max_length=MOST_TAGS)
    actor: str


class RethreadEmails(Command):
    """Put these e-mails, which are in the conversation ``left`` now, into ``thread_id``.

    ``apart``: no rule joins both again (a split); else they may be one (a merge).
    ``Done.counts``: ``changed``, ``unchanged``.
    """

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "rethread-emails"

    command_id: UUID
    decision_id: UUID | None = None
    email_ids: tuple[str, ...] = Field(min_length=1, max_length=EMAILS_AT_ONCE)
    left: str
    thread_id: str
    apart: bool
    actor: str


class AddNote(Command):
    """Write a note among colleagues; ``mentions`` are the users it names."""

    SERVICE: ClassVar[str] = "linker"
    NAME: ClassVar[str] = "add-note"

    command_id: UUID
    thread_id: str
    note_id: str
    author_id: str
    text: str = Field(min_length=1, max_length=NOTE_CHARS)
    mentions: tuple[str, ...] = Field(default=(), max_length=MOST_MENTIONS)
    actor: str
