"""Tell of an e-mail what a newer reading of its message says; links are healed after it."""

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.families.email import EmailErased, EmailImported, EmailReread
from courrier.events.families.mailbox import MessageReread
from courrier.events.store import Conflict, EventStore
from courrier.linker.domain.batch import snippet_of
from courrier.linker.handlers.changing import facts_of
from courrier.linker.ports import Clock

TRIES = 5
ACTOR = "service:linker"
SOURCE = "/courrier/linker"


class Rereading:
    """Turns ``MessageReread`` into what the e-mail says."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def take(self, recorded: Recorded[Event], event: MessageReread) -> None:
        """Tell it of the e-mail that came from this message; of an erased one nothing is told.

        Raises:
            Conflict: others kept writing to the e-mail; the event may come again.
            StoreUnavailable: the log did not answer.
        """
        if event.email_id is None:
            return
        for _ in range(TRIES):
            new = await self._new(recorded, event, event.email_id)
            if new is None:
                return
            try:
                await self._store.append([new])
            except Conflict:
                continue
            return
        raise Conflict(f"e-mail {event.email_id} changed {TRIES} times while it was told of")

    async def _new(
        self, recorded: Recorded[Event], event: MessageReread, email_id: str
    ) -> NewEvent | None:
        subject = subjects.email(email_id)
        history = await self._store.load(subject)
        facts = facts_of(history)
        first = next((fact for fact in facts if isinstance(fact, EmailImported)), None)
        is_told = any(one.causation_id == recorded.id for one in history)
        is_erased = any(isinstance(fact, EmailErased) for fact in facts)
        if first is None or first.source_id != event.source_id or is_told or is_erased:
            return None
        last = history[-1]
        context = Context(SOURCE, ACTOR, self._clock(), recorded.id, recorded.id)
        event_id = derived_id(recorded.id, EmailReread.TYPE)
        told = email_reread(event, first, source_id=recorded.id, email_id=email_id)
        return NewEvent(subject, told, event_id, last.version + 1, context, last.sequence)


def email_reread(
    event: MessageReread, first: EmailImported, *, source_id: str, email_id: str
) -> EmailReread:
    """Return what the e-mail says by the newer reading; its date stays where there is none."""
    return EmailReread(
        email_id=email_id,
        source_id=source_id,
        subject=event.subject,
        sent_from=event.sent_from,
        reply_to=event.reply_to,
        to=event.to,
        cc=event.cc,
        date=event.date or event.received_at or first.date,
        snippet=snippet_of(event.text),
        attachment_count=event.attachment_count,
        auto_reply=event.auto_reply,
    )
