"""Decide on a draft: begun, saved, given to be sent, there again when taken back, thrown away.

Stream ``OUTBOUND``, one aggregate a draft beside that of its message. Every fact holds the whole
draft: where it stands follows from its last fact and the message's last one, however often it
was saved.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from courrier.events.base import Event
from courrier.events.commands.drafts import DiscardDraft, SaveDraft, SendDraft
from courrier.events.families.drafts import (
    DraftDiscarded,
    DraftFields,
    DraftSaved,
    DraftSubmitted,
)
from courrier.events.families.outbound import OutboundCancelled, OutboundErased


class DraftRefused(Exception):
    """The order is declined; ``pointer`` is the field at fault, if it is one."""

    def __init__(self, reason: str, text: str, pointer: str | None = None) -> None:
        self.reason = reason
        self.text = text
        self.pointer = pointer
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class NotBegun:
    """There is nothing under this id."""


@dataclass(frozen=True, slots=True)
class Open:
    """It is being written; ``version`` counts its facts."""

    author_id: str
    begun_at: datetime
    fields: DraftFields
    version: int


@dataclass(frozen=True, slots=True)
class Submitted:
    """It is the sender's now."""

    version: int


@dataclass(frozen=True, slots=True)
class Gone:
    """It was thrown away or erased; its id stays taken."""


Standing: TypeAlias = NotBegun | Open | Submitted | Gone

NOT_THERE = "There is no such draft: it was thrown away."
ALREADY_SENT = "It was given to be sent: cancel that first, as long as it has not left."
CHANGED = "The draft was changed since you read it: read it again."
TAKEN = "Another draft has this id: give a new one."


def standing(last: Event | None, of_message: Event | None, version: int) -> Standing:
    """Return where a draft stands after its last fact, and the last one of its message."""
    if isinstance(of_message, OutboundErased):
        return Gone()
    match last:
        case DraftSaved():
            return Open(last.author_id, last.begun_at, last.fields, version)
        case DraftSubmitted() if isinstance(of_message, OutboundCancelled):
            return Open(last.author_id, last.begun_at, last.fields, version)
        case DraftSubmitted():
            return Submitted(version)
        case None if of_message is None:
            return NotBegun()
        case _:
            return Gone()


def saved(state: Standing, order: SaveDraft, now: datetime) -> DraftSaved | None:
    """Return the draft with what the order gives; None when that changes nothing.

    Raises:
        DraftRefused: there is no such draft, it is sent, or it is not the one that was read.
    """
    given = {name: getattr(order.fields, name) for name in order.given}
    if order.begin:
        if not isinstance(state, NotBegun):
            raise DraftRefused("id-taken", TAKEN, "/email_id")
        fields = DraftFields().model_copy(update=given)
        return DraftSaved(
            email_id=order.email_id, author_id=order.author_id, begun_at=now, fields=fields
        )
    draft = _open(state, order.expected)
    fields = draft.fields.model_copy(update=given)
    if fields == draft.fields:
        return None
    return DraftSaved(
        email_id=order.email_id, author_id=draft.author_id, begun_at=draft.begun_at, fields=fields
    )


def discarded(state: Standing, order: DiscardDraft) -> DraftDiscarded | None:
    """Return that it is thrown away; None when it is gone already.

    Raises:
        DraftRefused: it is sent, or it is not the one that was read.
    """
    if isinstance(state, Gone):
        return None
    _open(state, order.expected)
    return DraftDiscarded(email_id=order.email_id)


def submitted(state: Standing, order: SendDraft) -> DraftSubmitted | None:
    """Return that the draft is given to be sent; None when it was before.

    Raises:
        DraftRefused: there is no such draft, or it is not the one that was read.
    """
    if isinstance(state, Submitted):
        return None
    draft = _open(state, order.expected)
    return DraftSubmitted(
        email_id=order.email_id,
        author_id=draft.author_id,
        begun_at=draft.begun_at,
        fields=draft.fields,
    )


def _open(state: Standing, expected: int | None) -> Open:
    match state:
        case Open():
            if expected is not None and expected != state.version:
                raise DraftRefused("version-changed", CHANGED)
            return state
        case Submitted():
            raise DraftRefused("already-sent", ALREADY_SENT)
        case NotBegun() | Gone():
            raise DraftRefused("not-found", NOT_THERE)
        case _:
            assert_never(state)
