"""Record a fetched batch: bytes first, then messages and cursor in one atomic append."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from courrier.events import subjects
from courrier.events.blobs import Blobs
from courrier.events.families.mailbox import SkippedUid
from courrier.events.families.mailbox_state import MessagesPurged
from courrier.events.store import EventStore
from courrier.fetcher.domain.advance import Step, after, append_of, steps
from courrier.fetcher.domain.batches import Arrival
from courrier.fetcher.domain.cursor import Cursor, cursor_of
from courrier.fetcher.domain.reading import Written
from courrier.fetcher.domain.received import Fetched, Origin
from courrier.fetcher.domain.scope import EVERYTHING, Scope
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.ports import MessageReader

ERASED = "erased"
"""Why a copy of an erased message is left out (``SkippedUid.reason``)."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch whose bytes are stored: what is left to do is the append."""

    messages: Sequence[Written]
    whole: Step


class Recorder:
    """Writes what was fetched; holds no state, so that two of them are as safe as one."""

    def __init__(
        self,
        store: EventStore,
        blobs: Blobs,
        *,
        reader: MessageReader,
        refusals: Refusals,
        now: Clock,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._reader = reader
        self._refusals = refusals
        self.now = now

    async def cursor(self, account_id: str, folder: str) -> Cursor:
        """Return how far the log says the folder is read."""
        subject = subjects.folder_cursor(account_id, folder)
        return cursor_of((await self._store.last([subject])).get(subject))

    async def received(self, origin: Origin) -> set[str]:
        """Return the ids of all messages that the log has, or has purged, of a folder."""
        subject = subjects.folder_messages(origin.account_id, origin.folder)
        purged = await self._store.load(subjects.folder_purged(origin.account_id, origin.folder))
        facts = (r.event for r in purged if isinstance(r.event, MessagesPurged))
        gone = {each.source_id for fact in facts for each in fact.messages}
        return gone | await self._store.ids(subject)

    async def record(
        self, origin: Origin, cursor: Cursor, arrival: Arrival, scope: Scope = EVERYTHING
    ) -> Cursor:
        """Store what has come and return the cursor behind it; raises what ``append`` does."""
        return await self.append(origin, cursor, await self.prepare(origin, arrival, scope))

    async def prepare(self, origin: Origin, arrival: Arrival, scope: Scope) -> Prepared:
        """Read what has come, and store its bytes."""
        messages, refused = await self._stored(origin, arrival.messages)
        whole = Step(
            (),
            (*arrival.skipped, *refused),
            arrival.batch.covers,
            scope,
            server=arrival.server,
            missing=arrival.missing,
        )
        return Prepared(messages, whole)

    async def append(self, origin: Origin, cursor: Cursor, prepared: Prepared) -> Cursor:
        """Record what was prepared and return the cursor behind it.

        Raises:
            Conflict: another fetcher has moved the cursor; nothing of this append is stored.
            StoreUnavailable: it may or may not be stored; read the cursor again.
        """
        for step in steps(prepared.messages, prepared.whole):
            cursor = await self.write(origin, cursor, step)
        return cursor

    async def write(self, origin: Origin, cursor: Cursor, step: Step) -> Cursor:
        """Record one step; raises what ``append`` does."""
        now = self.now()
        appended = await self._store.append(append_of(origin, cursor, step, now))
        return after(cursor, step, appended.sequence, now)

    async def _stored(
        self, origin: Origin, fetched: Sequence[Fetched]
    ) -> tuple[list[Written], list[SkippedUid]]:
        """Store the bytes of messages; return what they say, and which are left out as erased.

        What was erased must not even reach the disk, so reading comes first.
        """
        readings = await self._reader.read(origin, fetched)
        kept, refused = readings, set[int]()
        if self._refusals.any:
            refused = {r.message.uid for r in readings if self._refusals.refuses(r.message.event)}
            kept = [one for one in readings if one.message.uid not in refused]
        await self._blobs.put_packed([one.blob for one in kept])
        left_out = [SkippedUid(uid=uid, reason=ERASED) for uid in sorted(refused)]
        return [one.message for one in kept], left_out
