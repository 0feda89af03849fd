"""Answer ``erase-received``: note what is not to be kept, then overwrite the copies there are."""

from courrier.events import subjects
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done
from courrier.events.commands.erasing import EraseReceived
from courrier.events.eraser import Eraser
from courrier.events.families.mailbox import MessageReceived, MessageReread
from courrier.events.identity import Identity
from courrier.events.store import Conflict, EventStore, History
from courrier.fetcher.domain.erasing import Order, sources_by_key, tombstones
from courrier.fetcher.handlers.storing import Clock

STREAM = "MAILBOX"
TRIES = 5
MESSAGES = MessageReceived | MessageReread


class Erasing:
    """Erases messages; repeating an order goes on where it was left."""

    def __init__(
        self, store: EventStore, eraser: Eraser, *, identity: Identity, now: Clock
    ) -> None:
        self._store = store
        self._eraser = eraser
        self._identity = identity
        self._now = now

    async def answer(self, command: EraseReceived) -> Answer:
        """Erase these events.

        Raises:
            Conflict: others erase the same messages again and again.
            StoreUnavailable: it may be half done; repeat it.
        """
        there = await self._eraser.read(STREAM, command.sequences)
        wanted = dict.fromkeys(command.message_keys, ()) | sources_by_key(there, self._identity)
        order = Order(command.command_id, command.actor, self._now())
        position = await self._note(wanted, order, there)
        # Whatever else the order names stays: a cursor holds no mail, and must never be moved back.
        messages = [r.sequence for r in there if isinstance(r.event, MESSAGES)]
        gone = await self._eraser.erase(STREAM, messages)
        return Done(position=position, created=gone > 0)

    async def _note(
        self, wanted: dict[str, tuple[str, ...]], order: Order, there: History
    ) -> str | None:
        for _ in range(TRIES):
            heads = {key: await self._store.load(subjects.erased_message(key)) for key in wanted}
            events = tombstones(wanted, heads, order, there)
            if not events:
                return None
            try:
                return (await self._store.append(events)).position
            except Conflict:
                continue
        raise Conflict(f"{len(wanted)} messages were erased by others {TRIES} times meanwhile")
