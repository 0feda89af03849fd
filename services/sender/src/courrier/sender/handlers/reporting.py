"""Delivery reports that arrive in mailboxes become facts on the messages they are on.

The report itself is a mail like any other: the linker files it. Here only its meaning counts, and
only for messages whose signed Message-ID it names. Meeting a report again adds nothing.
"""

import asyncio

import structlog

from courrier.events import subjects
from courrier.events.blobs import BlobMissing, Blobs
from courrier.events.envelope import Recorded
from courrier.events.families.mailbox import MessageReceived
from courrier.events.identity import Identity, own_email_id
from courrier.events.store import Conflict, EventStore
from courrier.mail.delivery_reports import STATUS_TYPE, DeliveryReport, delivery_report
from courrier.sender.domain.delivery import delivery
from courrier.sender.domain.orders import Prove, digest_of
from courrier.sender.domain.reports import reported
from courrier.sender.domain.states import Uncertain
from courrier.sender.handlers.appending import following
from courrier.sender.ports import Clock

TRIES = 5
PROOF = "A mail server reports on it: it has left."

log = structlog.get_logger(__name__)


class Reporting:
    """Reads reports and records what they say."""

    def __init__(self, store: EventStore, blobs: Blobs, identity: Identity, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._identity = identity
        self._clock = clock

    async def received(self, recorded: Recorded[MessageReceived]) -> None:
        """Record what a message reports on one of ours, if it is a report.

        Raises:
            Conflict: others keep writing to the message.
            StoreUnavailable: nothing is recorded, or it is and a repeat will find it.
        """
        if not is_candidate(recorded.event):
            return
        try:
            raw = await self._blobs.get(recorded.event.raw.digest)
        except BlobMissing:
            return  # it was erased meanwhile
        report = await asyncio.to_thread(delivery_report, raw)
        email_id = own_email_id(report.message_id, self._identity) if report else None
        if report is not None and email_id is not None:
            await self._record(email_id, report, recorded)

    async def _record(
        self, email_id: str, report: DeliveryReport, recorded: Recorded[MessageReceived]
    ) -> None:
        for attempt in range(TRIES):
            history = await self._store.load(subjects.outbound(email_id))
            state = delivery.fold(each.event for each in history)
            events = reported(state, report, recorded.id)
            is_known = any(getattr(r.event, "source_id", None) == recorded.id for r in history)
            if not events or is_known:
                return
            if isinstance(state, Uncertain):
                events = [
                    *delivery.decide(state, Prove(digest_of(report.message_id), PROOF)),
                    *events,
                ]
            new = following(
                history, events, self._clock(), str(recorded.id), cause=str(recorded.id)
            )
            try:
                await self._store.append(new)
            except Conflict:
                if attempt == TRIES - 1:
                    raise
                continue
            log.info("delivery.reported", email=email_id, fate=report.fate)
            return


def is_candidate(message: MessageReceived) -> bool:
    """Tell whether a message may be a report, by what is known without its bytes."""
    has_status = any(each.content_type == STATUS_TYPE for each in message.attachments)
    return message.auto_reply_kind == "bounce" or has_status
