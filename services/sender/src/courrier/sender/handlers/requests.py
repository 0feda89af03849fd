"""``SendMessage``: check, write the message, store its bytes, then record that it is to be sent."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.blobs import BlobMissing, Blobs, BlobTooLarge, ref_of
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.sender import SendMessage
from courrier.events.envelope import Context, EventTooLarge, NewEvent, Recorded
from courrier.events.families.outbound import OutboundCancelled, SendRequested
from courrier.events.identity import Identity
from courrier.events.store import Conflict, EventStore, History
from courrier.mail.writing.compose import compose
from courrier.mail.writing.outgoing import Unwritable
from courrier.sender.domain.delivery import delivery
from courrier.sender.domain.orders import AnotherMessage, Request
from courrier.sender.domain.states import Cancelled, Delivery, New
from courrier.sender.domain.writing import (
    NotSendable,
    check_account,
    check_content,
    check_ids,
    check_size,
    outgoing,
    requested,
)
from courrier.sender.ports import Accounts, Clock

SOURCE = "/courrier/sender"
TRIES = 3


class Requests:
    """Answers ``SendMessage``; the same order again is the same message, under the same id."""

    def __init__(
        self,
        store: EventStore,
        blobs: Blobs,
        *,
        accounts: Accounts,
        identity: Identity,
        clock: Clock,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._accounts = accounts
        self._identity = identity
        self._clock = clock

    async def send(self, order: SendMessage, beside: Sequence[NewEvent] = ()) -> Answer:
        """Take the message over, or say why not; ``beside`` is recorded with it or not at all.

        Raises:
            Conflict: the same id is being requested again and again by others.
            StoreUnavailable: nothing is recorded, or it is and a repeat will find it.
        """
        try:
            return await self._send(order, beside)
        except NotSendable as refusal:
            return Refused(reason=refusal.reason, text=refusal.text, pointer=refusal.pointer)
        except AnotherMessage:
            text = "Another message was sent under this id: give a new one."
            return Refused(reason="id-taken", text=text, pointer="/email_id")
        except Unwritable as error:
            return Refused(reason="unwritable", text=str(error))
        except (EventTooLarge, BlobTooLarge):
            return Refused(reason="too-large", text="The message is too large to be sent.")
        except BlobMissing:
            text = "A file of this message is gone from the store: add it again."
            return Refused(reason="blob-missing", text=text, pointer="/attachments")

    async def _send(self, order: SendMessage, beside: Sequence[NewEvent]) -> Answer:
        check_ids(order)
        check_content(order)
        check_size(order, sum(file.content.size for file in order.files))
        contents = await self._contents(order)
        for attempt in range(TRIES):
            try:
                return await self._decided(order, contents, beside)
            except Conflict:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("the loop returns or raises")

    async def _contents(self, order: SendMessage) -> dict[str, bytes]:
        digests = dict.fromkeys(file.content.digest for file in order.files)
        return {digest: await self._blobs.get(digest) for digest in digests}

    async def _decided(
        self, order: SendMessage, contents: Mapping[str, bytes], beside: Sequence[NewEvent]
    ) -> Answer:
        history = await self._store.load(subjects.outbound(order.email_id))
        earlier = _earlier(history, order)
        if earlier is not None:
            position = f"{earlier.stream}:{earlier.sequence}"
            return Done(position=position, id=order.email_id, created=False)
        state = delivery.fold(recorded.event for recorded in history)
        if isinstance(state, New | Cancelled):
            check_account(order, await self._accounts.get(order.account_id))
        # A message that waits is dated when it leaves: readers sort by what it says.
        date = _date(state, history) or max(self._clock(), order.not_before or self._clock())
        message, raw = await asyncio.to_thread(self._written, order, contents, date)
        check_size(order, len(raw))
        if not delivery.decide(state, Request(message)):
            requested = next(r for r in reversed(history) if isinstance(r.event, SendRequested))
            position = f"{requested.stream}:{requested.sequence}"
            return Done(position=position, id=order.email_id, created=False)
        await self._blobs.put([raw])
        new = self._new(order, message, history)
        appended = await self._store.append([*beside, new])
        return Done(position=appended.position, id=order.email_id, created=not appended.repeated)

    def _written(
        self, order: SendMessage, contents: Mapping[str, bytes], date: datetime
    ) -> tuple[SendRequested, bytes]:
        signature = self._identity.sign("message-id", order.email_id)
        date = date.replace(microsecond=0)
        message = outgoing(order, contents, signature=signature, date=date)
        raw = compose(message)
        return requested(order, message, ref_of(raw)), raw

    def _new(self, order: SendMessage, message: SendRequested, history: History) -> NewEvent:
        cause = str(order.command_id)
        last = history[-1] if history else None
        return NewEvent(
            subject=subjects.outbound(order.email_id),
            event=message,
            # With the digest: one order at two moments has two dates and is decided once.
            id=derived_id(cause, "send-requested", message.raw.digest),
            version=(last.version if last else 0) + 1,
            context=Context(SOURCE, order.actor, self._clock(), cause, cause),
            expected=last.sequence if last else 0,
        )


def _earlier(history: History, order: SendMessage) -> Recorded[Event] | None:
    """Return what this very order came to before; it may have been taken back since."""
    cause = str(order.command_id)
    cancelled = any(isinstance(r.event, OutboundCancelled) for r in history)
    asked = (r for r in history if isinstance(r.event, SendRequested) and r.causation_id == cause)
    return next(asked, None) if cancelled else None


def _date(state: Delivery, history: History) -> datetime | None:
    """Return the date under which this message was written before, unless it was taken back."""
    if isinstance(state, Cancelled):
        return None
    dates = (r.event.date for r in reversed(history) if isinstance(r.event, SendRequested))
    return next(dates, None)
