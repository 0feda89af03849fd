"""``SaveDraft``, ``DiscardDraft`` and ``SendDraft``: look at the last facts, decide, append.

A save costs one look-up and one append, however long the draft's history is. Sending appends to
the draft and to the message in one batch: whoever saves at the same moment is told that it is sent.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.blobs import BlobMissing, Blobs
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.drafts import DiscardDraft, SaveDraft, SendDraft
from courrier.events.commands.sender import SendMessage
from courrier.events.envelope import Context, EventTooLarge, NewEvent, Recorded
from courrier.events.families.drafts import DraftSubmitted
from courrier.events.families.mailbox import BlobRef
from courrier.events.store import Conflict, EventStore
from courrier.mail.html.text import html_to_text
from courrier.sender.domain.drafting import (
    DraftRefused,
    Standing,
    discarded,
    saved,
    standing,
    submitted,
)
from courrier.sender.handlers.requests import Requests
from courrier.sender.ports import Clock

SOURCE = "/courrier/sender"
TRIES = 5
TOO_LARGE = "The draft names more than can be kept: use fewer recipients and files."
LOST = "A text or file of this draft is gone from the store: add it again."

Order = TypeVar("Order", SaveDraft, DiscardDraft, SendDraft)


class Drafts:
    """Answers what people do with drafts; repeating an order does nothing more."""

    def __init__(self, store: EventStore, blobs: Blobs, requests: Requests, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._requests = requests
        self._clock = clock

    async def save(self, order: SaveDraft) -> Answer:
        """Keep the draft.

        Raises:
            Conflict: others keep saving it.
            StoreUnavailable: repeat it.
        """
        return await self._answer(order, self._save)

    async def discard(self, order: DiscardDraft) -> Answer:
        """Throw the draft away (raises as ``save``)."""
        return await self._answer(order, self._discard)

    async def send(self, order: SendDraft) -> Answer:
        """Take the draft over to be sent (raises as ``save``)."""
        return await self._answer(order, self._send)

    async def _answer(
        self, order: Order, decide: Callable[[Order, "_Look"], Awaitable[Answer]]
    ) -> Answer:
        try:
            for attempt in range(TRIES):
                look = await self._look(order.email_id)
                if look.repeats(order):
                    return look.done
                try:
                    return await decide(order, look)
                except Conflict:
                    if attempt == TRIES - 1:
                        raise
        except DraftRefused as refusal:
            return Refused(reason=refusal.reason, text=refusal.text, pointer=refusal.pointer)
        except subjects.BadSubject as error:
            return Refused(reason="malformed", text=str(error), pointer="/email_id")
        except EventTooLarge:
            return Refused(reason="too-large", text=TOO_LARGE)
        except BlobMissing:
            return Refused(reason="blob-missing", text=LOST)
        raise AssertionError("the loop returns or raises")

    async def _look(self, email_id: str) -> "_Look":
        own, message = subjects.draft(email_id), subjects.outbound(email_id)
        last = await self._store.last([own, message])
        return _Look(own, last.get(own), last.get(message))

    async def _save(self, order: SaveDraft, look: "_Look") -> Answer:
        fact = saved(look.standing, order, self._clock())
        return await self._append(order, look, fact) if fact else look.done

    async def _discard(self, order: DiscardDraft, look: "_Look") -> Answer:
        fact = discarded(look.standing, order)
        return await self._append(order, look, fact) if fact else look.done

    async def _append(self, order: SaveDraft | DiscardDraft, look: "_Look", fact: Event) -> Answer:
        new = self._new(order, look, fact)
        appended = await self._store.append([new])
        return _done(appended.position, order.email_id, new.version)

    async def _send(self, order: SendDraft, look: "_Look") -> Answer:
        fact = submitted(look.standing, order)
        if fact is None:
            return look.done
        new = self._new(order, look, fact)
        message = await self._message(order, fact)
        answer = await self._requests.send(message, beside=[new])
        if isinstance(answer, Done):
            return _done(answer.position, order.email_id, new.version)
        return answer

    async def _message(self, order: SendDraft, fact: DraftSubmitted) -> SendMessage:
        draft = fact.fields
        text, html = await self._text(draft.text), await self._text(draft.html)
        return SendMessage(
            command_id=order.command_id,
            email_id=order.email_id,
            author_id=order.author_id,
            account_id=order.account_id,
            sent_from=order.sent_from,
            to=draft.to,
            cc=draft.cc,
            bcc=draft.bcc,
            reply_to=order.reply_to,
            subject=draft.subject,
            text=html_to_text(html or "") if text is None else text,
            html=html,
            in_reply_to=draft.in_reply_to,
            references=draft.references,
            replies_to=draft.replies_to,
            files=draft.files,
            parent=draft.parent,
            not_before=order.not_before,
            remind_at=order.remind_at,
            return_path=order.return_path,
            wants_receipt=order.wants_receipt,
            max_bytes=order.max_bytes,
            actor=order.actor,
        )

    async def _text(self, ref: BlobRef | None) -> str | None:
        return None if ref is None else (await self._blobs.get(ref.digest)).decode()

    def _new(
        self, order: SaveDraft | DiscardDraft | SendDraft, look: "_Look", fact: Event
    ) -> NewEvent:
        cause = str(order.command_id)
        return NewEvent(
            subject=look.subject,
            event=fact,
            id=derived_id(cause, fact.TYPE, str(look.version)),
            version=look.version + 1,
            context=Context(SOURCE, order.actor, self._clock(), cause, cause),
            expected=look.sequence,
        )


class _Look:
    """The last facts of a draft and of its message, as they were read."""

    def __init__(
        self, subject: str, own: Recorded[Event] | None, message: Recorded[Event] | None
    ) -> None:
        self.subject = subject
        self.version = own.version if own else 0
        self.sequence = own.sequence if own else 0
        self.standing: Standing = standing(
            own.event if own else None, message.event if message else None, self.version
        )
        self._own = own

    def repeats(self, order: SaveDraft | DiscardDraft | SendDraft) -> bool:
        """Tell whether the last fact is what this very order caused."""
        return self._own is not None and self._own.causation_id == str(order.command_id)

    @property
    def done(self) -> Done:
        """That nothing was left to do."""
        own = self._own
        position = f"{own.stream}:{own.sequence}" if own else None
        return _done(position, subjects.aggregate_of(self.subject).partition(".")[0], self.version)


def _done(position: str | None, email_id: str, version: int) -> Done:
    return Done(position=position, id=email_id, counts={"version": version})
