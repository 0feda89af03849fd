"""The linker, put together: the index, the two consumers under one lease, the commands."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from courrier.events.commands.conversations import AddNote, ArrangeConversation, RethreadEmails
from courrier.events.commands.erasing import EraseEmail
from courrier.events.commands.linker import (
    ChangeEmails,
    LinkEmails,
    RecallSkipped,
    UndoDecision,
)
from courrier.events.commands.replaying import LinkerReplayParked
from courrier.events.groups import Group, groups
from courrier.events.identity import Identity, load_identity
from courrier.events.jetstream.bus import NatsCommandBus, NatsCommandServer
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.lease import LeaseLost
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.parked import ParkedRows
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import TRANSIENT, Checkpoint, Fenced, Projector
from courrier.events.postgres.watch import Watch
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import Infrastructure, database_url, infrastructure
from courrier.events.runtime.replaying import Consumer, ReplayDesk
from courrier.events.runtime.retry import keep_running
from courrier.events.store import Conflict, History, Place, StoreUnavailable
from courrier.events.vault import SecretMissing
from courrier.linker.adapters.aside import PostgresAside
from courrier.linker.adapters.case_desk import PostgresCaseDesk
from courrier.linker.adapters.due import PostgresAgenda
from courrier.linker.adapters.filed import PostgresShelves
from courrier.linker.adapters.index import VIEWS, PostgresIndex, checkpoint_of
from courrier.linker.adapters.skips import PostgresWaitingSkips
from courrier.linker.handlers.case_desk import CaseDesk
from courrier.linker.handlers.changing import Changing
from courrier.linker.handlers.conversing import Conversing
from courrier.linker.handlers.emptying import Emptying
from courrier.linker.handlers.erasing import Erasing
from courrier.linker.handlers.healing import HEALS, Healing, Ways
from courrier.linker.handlers.leaving import Leaving
from courrier.linker.handlers.linking import Linking, Policy
from courrier.linker.handlers.purging import Purging
from courrier.linker.handlers.recalling import Recalling
from courrier.linker.handlers.replaying import Replaying
from courrier.linker.handlers.waking import Waking
from courrier.linker.ports import HEALING, INTAKE
from courrier.linker.settings import LinkerSettings

LEASE = "linker.intake"
REFRESH_S = 1.0
"""An idle index follows the log at this pace, so that little is left to read for a message."""
INTAKES = {
    "MAILBOX": ("mailbox.*.*.*.msg", "mailbox.*.*.*.marks", "mailbox.*.reread.*"),
    "OUTBOUND": (),
}
"""The streams with messages and what servers show of them, and which of their subjects."""

PASSING: tuple[type[Exception], ...] = (*TRANSIENT, StoreUnavailable, Conflict, Fenced, LeaseLost)
"""What ends the work for now; it begins again from the checkpoints."""


async def run(settings: LinkerSettings, health: Health) -> None:
    """Link until cancelled; dependencies that are down are waited for."""

    async def serve() -> None:
        async with infrastructure(settings, "linker", health) as parts:
            await _serve(settings, parts)

    await keep_running("linker", serve, (StoreUnavailable, SecretMissing, *TRANSIENT))


async def migrate_schema(settings: LinkerSettings) -> list[str]:
    """Bring schema ``linker`` up to date; return the migrations applied."""
    return await migrate(database_url(settings), package="courrier.linker", schema="linker")


async def _serve(settings: LinkerSettings, parts: Infrastructure) -> None:
    identity = await load_identity(parts.vault)
    pool = await open_pool(database_url(settings), name="linker", service="linker")
    desk = _Desk(parts, pool, identity, Policy(settings.linker_b2c, settings.trusted_servers))
    try:
        async with _one_fate() as tasks:
            server = NatsCommandServer(parts.client, tasks)
            changing = Changing(parts.store, _now)
            await server.serve(ChangeEmails, changing.change)
            await server.serve(UndoDecision, changing.undo)
            conversing = Conversing(parts.store, _now)
            await server.serve(ArrangeConversation, conversing.arrange)
            await server.serve(AddNote, conversing.add_note)
            await server.serve(LinkEmails, changing.link)
            await server.serve(RethreadEmails, changing.rethread)
            eraser = JetStreamEraser(parts.client)
            erasing = Erasing(parts.store, eraser, identity=identity, clock=_now)
            await server.serve(EraseEmail, erasing.answer)
            recalling = Recalling(parts.store, eraser, desk.linking_aside(), _now)
            await server.serve(RecallSkipped, recalling.answer)
            replays = ReplayDesk(parts.store, desk.consumers())
            await server.serve(LinkerReplayParked, replays.answer)
            parts.health.ready("start")
            for group in groups(settings.groups):
                work = partial(_hold, desk, group)
                tasks.create_task(keep_running(f"linking {group}", work, PASSING))
    finally:
        await pool.close()


@dataclass(frozen=True, slots=True)
class _Desk:
    """What linking needs, whichever group it is for."""

    parts: Infrastructure
    pool: Pool
    identity: Identity
    policy: Policy

    def linking(self, index: PostgresIndex) -> Linking:
        """Return a worker over an index of its own."""
        return Linking(
            self.parts.store,
            index,
            identity=self.identity,
            clock=_now,
            policy=self.policy,
        )

    def linking_aside(self) -> Linking:
        """Return a worker that is no intake: it moves no consumer."""
        return self.linking(PostgresIndex(self.pool, self.parts.store))

    def purging(self) -> Purging:
        """Return who purges what filters kept out."""
        bus = NatsCommandBus(self.parts.client)
        return Purging(self.parts.store, PostgresWaitingSkips(self.pool), bus, _now)

    def emptying(self) -> Emptying:
        """Return who brings mail out of removed folders."""
        store = self.parts.store
        return Emptying(store, PostgresShelves(self.pool), Changing(store, _now))

    def healing(
        self, index: PostgresIndex, turn: asyncio.Lock, *, is_alone: bool = False
    ) -> Healing:
        """Return who decides anew, over an index that is used in turns."""
        ways = Ways(_now, turn, contact_is_parent=self.policy.contact_is_parent, is_alone=is_alone)
        return Healing(self.parts.store, index, ways)

    def waking(self) -> Waking:
        """Return who does what is due."""
        store = self.parts.store
        eraser = JetStreamEraser(self.parts.client)
        erasing = Erasing(store, eraser, identity=self.identity, clock=_now)
        bus = NatsCommandBus(self.parts.client)
        leaving = Leaving(store, eraser, bus=bus, erasing=erasing)
        return Waking(store, PostgresAgenda(self.pool), leaving, _now)

    def cases(self) -> CaseDesk:
        """Return who gives mail of group accounts its cases."""
        return CaseDesk(self.parts.store, PostgresCaseDesk(self.pool), _now)

    def consumers(self) -> list[Consumer]:
        """Return what may have set something aside: the intakes, and the index behind them."""
        pool = self.pool
        replaying: list[Consumer] = [
            Replaying(
                self.linking_aside(),
                PostgresAside(pool, checkpoint_of(INTAKE, stream)),
            )
            for stream in INTAKES
        ]
        healing: list[Consumer] = [
            Replaying(
                self.healing(PostgresIndex(pool, self.parts.store), asyncio.Lock()),
                PostgresAside(pool, checkpoint_of(HEALING, stream)),
            )
            for stream in HEALS
        ]
        return [
            *replaying,
            *healing,
            *(Projector(pool, VIEWS.checkpoint(f), f.projections) for f in VIEWS.feeds),
        ]


async def _hold(desk: _Desk, group: Group) -> None:
    lease = LEASE if group.is_whole else f"{LEASE}.{group}"
    async with desk.parts.leases.hold(lease):
        await _work(desk, group)


async def _work(desk: _Desk, group: Group) -> None:
    """Do the group's work while the lease is ours; a stand-by waits before, and is ready."""
    parts = desk.parts
    index = PostgresIndex(desk.pool, parts.store, group)
    linking = desk.linking(index)
    healing = desk.healing(index, linking.turn, is_alone=group.is_whole)
    parts.health.wait_for("index")
    await index.catch_up()
    parts.health.ready("index")
    async with AsyncExitStack() as watches:
        for feed in VIEWS.feeds if group.first == 0 else ():  # the groups share one index
            place = Place(reached=index.reached(feed.stream))
            await watches.enter_async_context(_watch(desk, VIEWS.checkpoint(feed), place))
        following = [
            await _follow(desk, consumer, stream, group, watches)
            for consumer, streams in ((INTAKE, INTAKES), (HEALING, HEALS))
            for stream in streams
        ]
        async with _one_fate() as tasks:
            for (batches, after), stream in zip(following, (*INTAKES, *HEALS), strict=True):
                worker = linking if stream in INTAKES else healing
                tasks.create_task(worker.take_all(batches, after))
            tasks.create_task(linking.stay_current(REFRESH_S))
            if group.first == 0:  # the groups share one index
                tasks.create_task(desk.waking().run())
                tasks.create_task(desk.purging().run())
                tasks.create_task(desk.cases().run())
                tasks.create_task(desk.emptying().run())


async def _follow(
    desk: _Desk, consumer: str, stream: str, group: Group, watches: AsyncExitStack
) -> tuple[AsyncGenerator[History, None], int]:
    """Return what comes after the consumer's position on a stream, watched, and that position."""
    at = checkpoint_of(consumer, stream, group)
    async with desk.pool.acquire() as db:
        after = await at.claim(db)
    place = Place(reached=after)
    filters = group.filters(stream, INTAKES.get(stream, ()))
    await watches.enter_async_context(_watch(desk, at, place))
    return desk.parts.store.follow(stream, after=after, filters=filters, place=place), after


def _watch(desk: _Desk, at: Checkpoint, place: Place) -> AbstractAsyncContextManager[None]:
    parked = ParkedRows(at.schema, at.consumer, at.stream)
    return Watch(desk.pool, desk.parts.store, parked, at.group, place).running()


@asynccontextmanager
async def _one_fate() -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks that end together, and raise what ended them as it was raised, a bug first."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except ExceptionGroup as group:
        _, bugs = group.split(PASSING)
        raise (bugs or group).exceptions[0] from None


def _now() -> datetime:
    return datetime.now(UTC)
