"""A batch of messages becomes e-mails: catch up, look up, decide, append, index.

Whatever goes wrong between two of these lines, the batch comes again and adds nothing: the index
is read up to the log before each decision, and the first append on an e-mail's id expects none.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import structlog

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded, readable
from courrier.events.families.email import EmailEvent, EmailImported
from courrier.events.families.mailbox import MessageReread
from courrier.events.families.mailbox_state import FolderMarked
from courrier.events.identity import Identity
from courrier.events.parking import Failure, settle, sort_out
from courrier.events.postgres.faults import is_events_fault
from courrier.events.store import Appended, Conflict, EventStore, History
from courrier.linker.domain.arrivals import NO_KEYS, Arrival, arrival_of, keys_of, others_of
from courrier.linker.domain.batch import Decision, decide_batch
from courrier.linker.domain.known import Known
from courrier.linker.handlers.rereading import Rereading
from courrier.linker.handlers.server_marks import ServerMarks
from courrier.linker.ports import Clock, Index, Outrun, Progress

TRIES = 12
"""Times a batch is decided before it is left to come again: others write to the same e-mails."""
ACTOR = "service:linker"
SOURCE = "/courrier/linker"

Heads = dict[str, Recorded[Event]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """What was set up: ``contact_is_parent`` holds where no administrator has said so or otherwise.

    ``trusted_servers`` are those whose word on From addresses counts (``Known``).
    """

    contact_is_parent: bool = False
    trusted_servers: frozenset[str] = frozenset()


class Linking:
    """Takes batches of ``MAILBOX`` and ``OUTBOUND``; who uses the index has the ``turn``."""

    def __init__(
        self,
        store: EventStore,
        index: Index,
        *,
        identity: Identity,
        clock: Clock,
        policy: Policy | None = None,
    ) -> None:
        self._store = store
        self._index = index
        self._identity = identity
        self._clock = clock
        self._policy = policy or Policy()
        self._rereading = Rereading(store, clock)
        self._server_marks = ServerMarks(store, identity=identity, clock=clock)
        self.turn = asyncio.Lock()

    async def take_all(self, batches: AsyncGenerator[History, None], after: int) -> None:
        """Take the batches of one stream that follow ``after``, for ever."""
        async with aclosing(batches):
            async for batch in batches:
                await self.take(batch, after)
                after = batch[-1].sequence

    async def stay_current(self, pause_s: float) -> None:
        """Keep the index at the log's end while no message comes, for ever."""
        while True:
            await asyncio.sleep(pause_s)
            async with self.turn:
                await self._index.catch_up()

    async def take(self, batch: History, seen: int) -> None:
        """Deal with the events of one stream that follow ``seen``, and move the consumer on.

        An event that cannot be dealt with is set aside; the others go on (I6).

        Raises:
            Conflict: others kept writing to the same e-mails; the batch may come again.
            Fenced: another instance has dealt with the batch.
            StoreUnavailable: the log did not answer.
        """
        async with self.turn:
            await settle(batch, seen, self._take, is_events_fault)

    async def link(self, batch: History) -> None:
        """Decide about these events and append what follows, without moving any consumer."""
        async with self.turn:
            await self._linked(batch)

    async def _take(self, part: History, seen: int, failure: Failure | None) -> None:
        """Deal with a part of a batch; what is too many bytes for one append comes in halves."""
        progress = Progress(part[0].stream, seen, part[-1].sequence)
        free, aside = sort_out(part, await self._index.blocked(progress.stream), failure)
        await self._index.record(await self._linked(free), progress, aside)

    async def _linked(self, batch: History) -> History:
        arrivals = [each for r in batch if (each := arrival_of(r, self._identity))]
        own = await self._link(arrivals) if arrivals else []
        await self._take_over(batch)
        for recorded in batch:
            if isinstance(recorded.event, MessageReread):
                await self._rereading.take(recorded, recorded.event)
        return own

    async def _take_over(self, batch: History) -> None:
        """Take over what was done on servers to e-mails that are there by now."""
        marked = [(r, r.event) for r in batch if isinstance(r.event, FolderMarked)]
        told = [(recorded, event) for recorded, event in marked if event.changes]
        if not told:
            return
        await self._index.catch_up()
        accounts = frozenset(event.account_id for _, event in told)
        known = await self._index.look_up(replace(NO_KEYS, account_ids=accounts))
        for recorded, event in told:
            if owner := known.account_owners.get(event.account_id):
                await self._server_marks.take(recorded, event, owner)

    async def _link(self, arrivals: list[Arrival]) -> History:
        """Append what the messages lead to; return it as recorded, for the index."""
        for _ in range(TRIES):
            try:
                return await self._attempt(arrivals)
            except (Conflict, Outrun) as error:
                log.info("batch.decided-again", messages=len(arrivals), why=str(error))
        raise Conflict(f"{len(arrivals)} messages were decided {TRIES} times, in vain")

    async def recall(self, source: Recorded[Event], fact: NewEvent) -> str | None:
        """Make of a message that was kept out what it would have become, together with ``fact``.

        Returns the id of its e-mail; None where it was erased meanwhile.

        Raises:
            Conflict, Outrun: something else was written meanwhile; look again.
        """
        async with self.turn:
            arrival = arrival_of(source, self._identity)
            if arrival is None:
                return None
            own = await self._attempt([arrival], also=[fact])
        return next((r.event.email_id for r in own if isinstance(r.event, EmailEvent)), None)

    async def _attempt(self, arrivals: list[Arrival], also: Sequence[NewEvent] = ()) -> History:
        """Decide and append, together with ``also``: what lets these messages in after all."""
        reached = await self._index.catch_up()
        found = await self._index.look_up(keys_of(arrivals))
        if (others := others_of(arrivals, found)).email_ids:
            more = await self._index.look_up(others)
            found = replace(
                found,
                emails={**found.emails, **more.emails},
                erased={**found.erased, **more.erased},
            )
        known = replace(found, trusted_servers=self._policy.trusted_servers)
        if also:
            known = replace(known, recalled=frozenset(each.source.id for each in arrivals))
        b2c = self._policy.contact_is_parent if known.b2c is None else known.b2c
        decisions = decide_batch(arrivals, known, contact_is_parent=b2c)
        _report_unheld(decisions)
        if not decisions and not also:
            return []
        heads = await self._heads(decisions, known, reached)
        events = [*self._new_events(decisions, heads), *also]
        appended = await self._store.append(events)
        if appended.repeated:
            # All of it is there, but perhaps from several batches of another instance, so that
            # the sequences of the single events are not known. The index tells.
            raise Outrun("the batch is on the log already")
        return _recorded(events, appended)

    async def _heads(self, decisions: list[Decision], known: Known, reached: int) -> Heads:
        """Return the last events of the e-mails that existed before.

        Raises:
            Outrun: one is newer than what was decided on.
            UnreadableHistory: a newer Courrier has written about one of them.
        """
        ids = {each.email_id for each in decisions if each.email_id in known.emails}
        subject_of = {subjects.email(email_id): email_id for email_id in ids}
        last = await self._store.last(list(subject_of))
        if any(recorded.sequence > reached for recorded in last.values()):
            raise Outrun("an e-mail of the batch has changed meanwhile")
        for recorded in last.values():
            readable(recorded.event)
        return {subject_of[subject]: recorded for subject, recorded in last.items()}

    def _new_events(self, decisions: list[Decision], heads: Heads) -> list[NewEvent]:
        """Guard the first event on each e-mail; number all of them."""
        now = self._clock()
        versions = {email_id: head.version for email_id, head in heads.items()}
        guarded: set[str] = set()
        events = []
        for each in decisions:
            email_id, cause = each.email_id, each.cause
            version, expected = 1, None
            if not each.is_beside:
                head = heads.get(email_id)
                version = versions[email_id] = versions.get(email_id, 0) + 1
                expected = None if email_id in guarded else (head.sequence if head else 0)
                guarded.add(email_id)
            events.append(
                NewEvent(
                    each.subject,
                    each.fact,
                    derived_id(cause.id, each.fact.TYPE),
                    version,
                    Context(SOURCE, ACTOR, now, cause.correlation_id or cause.id, cause.id),
                    expected,
                )
            )
        return events


def _report_unheld(decisions: list[Decision]) -> None:
    facts = [each.fact for each in decisions]
    unheld = sum(isinstance(fact, EmailImported) and not fact.holdings for fact in facts)
    if unheld:
        log.warning("emails.unheld", count=unheld, why="nobody is known to own their accounts")


def _recorded(events: Sequence[NewEvent], appended: Appended) -> History:
    first = appended.sequence - len(events) + 1
    return [
        Recorded(
            event=new.event,
            id=str(new.id),
            type=new.event.TYPE,
            time=new.context.time,
            subject=new.subject,
            stream=appended.stream,
            sequence=sequence,
            version=new.version,
            actor=new.context.actor,
            source=new.context.source,
        )
        for sequence, new in enumerate(events, start=first)
    ]
