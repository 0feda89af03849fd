"""Decide on a conversation's shared state: status, assignee, tags, notes.

A customer's answer opens what was closed or waits, and keeps who has it (``answered``).
"""

from dataclasses import dataclass, replace
from typing import assert_never

from courrier.events.base import Evidence
from courrier.events.decider import Decider
from courrier.events.families.conversation import (
    ConversationAssigned,
    ConversationEvent,
    ConversationStatus,
    ConversationStatusChanged,
    ConversationTagged,
    NoteAdded,
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a team shares of a conversation; ``notes`` are the ids of those written."""

    status: ConversationStatus = "open"
    assignee: str | None = None
    tags: tuple[str, ...] = ()
    notes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Arrange:
    """Somebody sets status, assignee or tags; ``given`` names those that are set."""

    thread_id: str
    given: frozenset[str]
    status: ConversationStatus = "open"
    assignee: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """Somebody writes a note."""

    note: NoteAdded


@dataclass(frozen=True, slots=True)
class Answered:
    """A customer has answered; ``is_absent``: who has the conversation is not here any more."""

    thread_id: str
    email_id: str
    is_absent: bool = False


Command = Arrange | Write | Answered


def decide(state: Conversation, command: Command) -> list[ConversationEvent]:
    """Return the new facts, or none when all of it is so already."""
    match command:
        case Arrange():
            return _arrange(state, command)
        case Write(note):
            return [] if note.note_id in state.notes else [note]
        case Answered():
            return _answered(state, command)
        case _:
            assert_never(command)


def evolve(state: Conversation, event: ConversationEvent) -> Conversation:
    """Fold one fact."""
    match event:
        case ConversationStatusChanged():
            return replace(state, status=event.status)
        case ConversationAssigned():
            return replace(state, assignee=event.user_id)
        case ConversationTagged():
            return replace(state, tags=event.tags)
        case NoteAdded():
            return replace(state, notes=state.notes | {event.note_id})
        case _:
            return state


def _arrange(state: Conversation, wish: Arrange) -> list[ConversationEvent]:
    facts: list[ConversationEvent] = []
    if "status" in wish.given and wish.status != state.status:
        facts.append(ConversationStatusChanged(thread_id=wish.thread_id, status=wish.status))
    if "assignee" in wish.given and wish.assignee != state.assignee:
        facts.append(ConversationAssigned(thread_id=wish.thread_id, user_id=wish.assignee))
    if "tags" in wish.given and wish.tags != state.tags:
        facts.append(ConversationTagged(thread_id=wish.thread_id, tags=wish.tags))
    return facts


def _answered(state: Conversation, command: Answered) -> list[ConversationEvent]:
    if state.status not in {"closed", "waiting"}:
        return []
    thread_id = command.thread_id
    why = Evidence(rule="answered", field="email_id", value=command.email_id)
    facts: list[ConversationEvent] = [
        ConversationStatusChanged(thread_id=thread_id, status="open", reason=why)
    ]
    if state.assignee is not None and command.is_absent:
        absent = Evidence(rule="absent", field="user_id", value=state.assignee)
        facts.append(ConversationAssigned(thread_id=thread_id, user_id=None, reason=absent))
    return facts


conversations: Decider[Conversation, Command, ConversationEvent] = Decider(
    Conversation(), decide, evolve
)
