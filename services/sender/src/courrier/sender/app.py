"""The composition root: settings in, a running sender out."""

import asyncio
import re
import socket
from datetime import UTC, datetime
from functools import partial

from courrier.events.commands.drafts import DiscardDraft, SaveDraft, SendDraft
from courrier.events.commands.erasing import EraseOutbound
from courrier.events.commands.replaying import SenderReplayParked
from courrier.events.commands.sender import SendMessage
from courrier.events.identity import load_identity
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.lease import LeaseLost
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import TRANSIENT, Fenced, Projector
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import Infrastructure, database_url, infrastructure
from courrier.events.runtime.replaying import ReplayDesk
from courrier.events.runtime.retry import keep_running
from courrier.events.store import StoreUnavailable
from courrier.events.vault import SecretMissing
from courrier.sender.adapters.smtp import SmtpPost, trusted
from courrier.sender.adapters.smtp_dialogue import TimeLimits
from courrier.sender.handlers.attempts import Attempts, Sources
from courrier.sender.handlers.drafts import Drafts
from courrier.sender.handlers.erasing import Erasing
from courrier.sender.handlers.requests import Requests
from courrier.sender.handlers.rounds import Bounds, Rounds
from courrier.sender.projections.accounts import ProjectedAccounts
from courrier.sender.projections.deliveries import ProjectedQueue
from courrier.sender.projections.every import OUTBOUND_FEED, SETTINGS_FEED, VIEWS
from courrier.sender.settings import SenderSettings

NAME = "sender"
DELIVERY_LEASE = "sender.delivery.0"
"""One group today; more groups share the partitions of ``OUTBOUND`` when there are many senders."""
WAITED_OUT = (StoreUnavailable, LeaseLost, Fenced, *TRANSIENT)

_HOST_NAME = re.compile(r"[A-Za-z0-9.-]{1,253}\Z")


async def run(settings: SenderSettings, health: Health) -> None:
    """Send what is asked for until cancelled; a broker or database that is down is waited for."""
    health.wait_for("commands")
    start = partial(_run, settings, health)
    await keep_running(NAME, start, (StoreUnavailable, SecretMissing))


async def _run(settings: SenderSettings, health: Health) -> None:
    async with infrastructure(settings, NAME, health) as parts:
        pool = await open_pool(database_url(settings), name=NAME, service=NAME)
        try:
            await _work(settings, parts, pool)
        finally:
            await pool.close()


async def _work(settings: SenderSettings, parts: Infrastructure, pool: Pool) -> None:
    known = ProjectedAccounts(pool, parts.store)
    requests = Requests(
        parts.store,
        parts.blobs,
        accounts=known,
        identity=await load_identity(parts.vault),
        clock=_now,
    )
    post = await _post(settings)
    sources = Sources(parts.store, parts.blobs, parts.vault, known, post)
    rounds = Rounds(
        ProjectedQueue(pool), Attempts(sources, _now), post, clock=_now, bounds=_bounds(settings)
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            settled, outbound = _projectors(pool, rounds)
            tasks.create_task(_project(settled, parts))
            tasks.create_task(_deliver(rounds, outbound, parts))
            commands = NatsCommandServer(parts.client, tasks)
            await commands.serve(SendMessage, requests.send)
            drafts = Drafts(parts.store, parts.blobs, requests, _now)
            await commands.serve(SaveDraft, drafts.save)
            await commands.serve(DiscardDraft, drafts.discard)
            await commands.serve(SendDraft, drafts.send)
            desk = ReplayDesk(parts.store, [settled, outbound])
            await commands.serve(SenderReplayParked, desk.answer)
            erasing = Erasing(parts.store, JetStreamEraser(parts.client), _now)
            await commands.serve(EraseOutbound, erasing.answer)
            parts.health.ready("commands")
            parts.health.ready("start")
    finally:
        await rounds.stop()


def _projectors(pool: Pool, rounds: Rounds) -> tuple[Projector, Projector]:
    """Return those of ``SETTINGS`` and ``OUTBOUND``: one group each, as the loop reads all rows."""
    outbound = VIEWS.checkpoint(OUTBOUND_FEED)
    return (
        Projector(pool, VIEWS.checkpoint(SETTINGS_FEED), SETTINGS_FEED.projections),
        Projector(pool, outbound, OUTBOUND_FEED.projections, rounds.noted),
    )


async def _project(projector: Projector, parts: Infrastructure) -> None:
    task = partial(projector.run, parts.store, parts.leases)
    await keep_running(projector.name, task, WAITED_OUT)


async def _deliver(rounds: Rounds, outbound: Projector, parts: Infrastructure) -> None:
    """Project ``OUTBOUND`` and deliver from it in the same process, so that each row is news."""

    async def hold_and_deliver() -> None:
        async with parts.leases.hold(DELIVERY_LEASE), asyncio.TaskGroup() as tasks:
            tasks.create_task(_project(outbound, parts))
            tasks.create_task(rounds.run(parts.store))

    await keep_running("sender.delivery", hold_and_deliver, WAITED_OUT)


async def _post(settings: SenderSettings) -> SmtpPost:
    limits = TimeLimits(
        settings.sender_reply_timeout_s,
        settings.sender_data_timeout_s,
        settings.sender_block_timeout_s,
        settings.sender_final_timeout_s,
    )
    tls = await asyncio.to_thread(trusted, settings.extra_ca_file)
    own_name = await asyncio.to_thread(_own_name)
    return SmtpPost(tls, settings.sender_hello or own_name, limits)


def _own_name() -> str:
    """Return the machine's name for EHLO, or the literal that RFC 5321 section 4.1.3 allows."""
    name = socket.getfqdn()
    return name if _HOST_NAME.match(name) else "[127.0.0.1]"


def _bounds(settings: SenderSettings) -> Bounds:
    return Bounds(
        settings.sender_connections,
        settings.sender_connections_per_account,
        settings.sender_stop_grace_s,
    )


def _now() -> datetime:
    return datetime.now(UTC)
