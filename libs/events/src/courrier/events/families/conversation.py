"""What a team does with a conversation (stream ``EMAIL``, written by the linker only).

On ``email.<p>.thread.<thread id>``: one shared state for all who see it. What each has read stays
their own (``email_state``). Notes are here and nowhere near what is sent.
"""

from typing import ClassVar, Literal

from courrier.events.base import Event, Evidence

ConversationStatus = Literal["open", "waiting", "closed", "spam"]

NOTE_CHARS = 10_000
"""Characters of a note."""
MOST_TAGS = 20
MOST_MENTIONS = 50


class ConversationStatusChanged(Event):
    """The conversation is open, waits for the customer, is closed, or is spam."""

    TYPE: ClassVar[str] = "courrier.email.ConversationStatusChanged.v1"

    thread_id: str
    status: ConversationStatus
    reason: Evidence | None = None


class ConversationAssigned(Event):
    """``user_id`` has the conversation now; None: nobody does."""

    TYPE: ClassVar[str] = "courrier.email.ConversationAssigned.v1"

    thread_id: str
    user_id: str | None
    reason: Evidence | None = None


class ConversationTagged(Event):
    """The conversation has these tags now, and no others."""

    TYPE: ClassVar[str] = "courrier.email.ConversationTagged.v1"

    thread_id: str
    tags: tuple[str, ...]
    reason: Evidence | None = None


class NoteAdded(Event):
    """Somebody wrote a note among colleagues; ``mentions`` are those it names, who are told."""

    TYPE: ClassVar[str] = "courrier.email.NoteAdded.v1"

    thread_id: str
    note_id: str
    author_id: str
    text: str
    mentions: tuple[str, ...] = ()


class EmailRethreaded(Event):
    """A person put the e-mail into the conversation ``thread_id``; before it was in ``left``.

    Stands on the e-mail's own subject. ``apart``: both stay apart, and no rule joins them (a split,
    or a merge undone); else they may be one (a merge, or a split undone).
    """

    TYPE: ClassVar[str] = "courrier.email.EmailRethreaded.v1"

    email_id: str
    thread_id: str
    left: str
    apart: bool
    reason: Evidence


ConversationEvent = (
    ConversationStatusChanged | ConversationAssigned | ConversationTagged | NoteAdded
)
