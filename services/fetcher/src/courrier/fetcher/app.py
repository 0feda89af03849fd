"""The fetcher put together: every dependency in one place."""

import asyncio
import random
from datetime import UTC, datetime
from uuid import uuid4

from courrier.events.commands.erasing import EraseReceived
from courrier.events.commands.fetcher import FetchAccount, ImportMessage
from courrier.events.commands.replaying import FetcherReplayParked
from courrier.events.identity import load_identity
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import Infrastructure, infrastructure
from courrier.events.runtime.replaying import ReplayDesk
from courrier.events.runtime.retry import keep_running
from courrier.events.store import StoreUnavailable
from courrier.events.vault import SecretMissing
from courrier.fetcher.adapters.bell import NatsBell
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.adapters.imap.tls import client_context
from courrier.fetcher.adapters.peers import NatsPeers
from courrier.fetcher.handlers.accounts import Roster
from courrier.fetcher.handlers.commands import Fetching, Importing
from courrier.fetcher.handlers.erasing import Erasing
from courrier.fetcher.handlers.holding import Holder
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.handlers.sharing import Share, Works
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.handlers.syncing import Synchroniser
from courrier.fetcher.handlers.turns import Turns
from courrier.fetcher.handlers.watching import Means
from courrier.fetcher.ports import Peers
from courrier.fetcher.settings import FetcherSettings


async def run(settings: FetcherSettings, health: Health) -> None:
    """Fetch until cancelled; a broker that is down at the start is waited for.

    Raises:
        OSError, ssl.SSLError: ``COURRIER_EXTRA_CA_FILE`` cannot be used.
        MissingSetting: no master key.
    """
    health.wait_for("settings")
    context = client_context(settings.extra_ca_file)

    async def connected() -> None:
        async with infrastructure(settings, "fetcher", health) as infra:
            await serve(infra, ImapMailServers(context), poll_s=settings.fetcher_poll_s)

    await keep_running("fetcher", connected, (StoreUnavailable, SecretMissing))


async def serve(
    infra: Infrastructure, servers: ImapMailServers, *, poll_s: float, peers: Peers | None = None
) -> None:
    """Answer commands and fetch this instance's share of the accounts, until cancelled."""
    identity = await load_identity(infra.vault)
    eraser = JetStreamEraser(infra.client)
    refusals = Refusals(identity)
    known = await refusals.load(infra.store, eraser)
    recorder = Recorder(infra.store, infra.blobs, refusals=refusals, now=now)
    importing = Importing(infra.store, infra.blobs, refusals=refusals, now=now)
    erasing = Erasing(infra.store, eraser, identity=identity, now=now)
    means = Means(
        servers,
        infra.vault,
        Synchroniser(recorder, Turns()),
        now,
        random.random,
        poll_s,
    )
    roster = Roster(infra.store, Holder(means, infra.store).work)
    share = Share(
        infra.leases,
        peers or NatsPeers(infra.client, uuid4().hex),
        Works(roster.begin, roster.end),
    )
    bell = NatsBell(infra.client)
    try:
        async with asyncio.TaskGroup() as tasks:
            commands = NatsCommandServer(infra.client, tasks)
            await bell.listen(roster.wake)
            await commands.serve(FetchAccount, Fetching(roster, bell).answer)
            await commands.serve(ImportMessage, importing.answer)
            await commands.serve(EraseReceived, erasing.answer)
            tasks.create_task(refusals.follow(infra.store, known))
            await commands.serve(FetcherReplayParked, ReplayDesk(infra.store, [roster]).answer)
            infra.health.ready("start")
            tasks.create_task(_follow(roster, infra.health))
            tasks.create_task(share.run())
    finally:
        await roster.stop()


async def _follow(roster: Roster, health: Health) -> None:
    await keep_running(
        "settings",
        lambda: roster.follow(lambda: health.ready("settings")),
        (StoreUnavailable,),
    )


def now() -> datetime:
    """Return the time that events are stamped with."""
    return datetime.now(UTC)
