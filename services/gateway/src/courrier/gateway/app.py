"""The gateway put together: settings in, a running service out."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import structlog

from courrier.events.bus import NoAnswer
from courrier.events.commands.erasing import DropBlobs, EraseAddress, EraseRecord, NoteErasure
from courrier.events.commands.replaying import GatewayReplayParked
from courrier.events.families.crm import RecordsMerged
from courrier.events.families.email import CaseAnswered, CaseRequested
from courrier.events.families.identity import UserDeactivated
from courrier.events.identity import load_identity
from courrier.events.jetstream.blob_shelf import JetStreamBlobShelf
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.postgres.policies import Policies, Policy
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import TRANSIENT, Checkpoint, Projector
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import Infrastructure, database_url, infrastructure
from courrier.events.runtime.replaying import ReplayDesk
from courrier.events.runtime.retry import keep_running
from courrier.events.store import EventStore, History, StoreUnavailable
from courrier.events.vault import SecretMissing
from courrier.gateway.adapters.account_figures import NatsFigures
from courrier.gateway.adapters.bell import NatsBell
from courrier.gateway.adapters.entry_codes import PostgresEntryCodes
from courrier.gateway.adapters.job_runner import JobRunner
from courrier.gateway.adapters.jobs import PostgresJobs
from courrier.gateway.adapters.oidc import HttpOidcProvider
from courrier.gateway.adapters.passwords import Argon2Passwords
from courrier.gateway.adapters.reader import ProcessReader
from courrier.gateway.adapters.sessions import PostgresSessions
from courrier.gateway.adapters.time_steps import PostgresTimeSteps
from courrier.gateway.adapters.tries import PostgresTries
from courrier.gateway.adapters.webhook_post import HttpWebhookPost
from courrier.gateway.api.application import build
from courrier.gateway.api.blob_tasks import collecting, dropping
from courrier.gateway.api.epochs import begin_epoch, watch_epoch
from courrier.gateway.api.jobs import telling
from courrier.gateway.api.pruning import prune_for_ever
from courrier.gateway.api.serving import listen, serve_http
from courrier.gateway.api.webhook_work import note_events, send_noted
from courrier.gateway.api.works import works_of
from courrier.gateway.domain.positions import STREAMS
from courrier.gateway.handlers.erasing import Erasing
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.leaving import Leaving
from courrier.gateway.handlers.merging import RelationMoving
from courrier.gateway.handlers.opening_cases import CaseOpening
from courrier.gateway.handlers.people import NewUser, Registry, ensure_administrator
from courrier.gateway.handlers.records import RecordLog
from courrier.gateway.handlers.reopening_cases import CaseReopening
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import positions
from courrier.gateway.projections.draft_views import RowScheduled
from courrier.gateway.projections.every import projections_of
from courrier.gateway.projections.relations import RowRelations
from courrier.gateway.settings import USER, GatewaySettings, limits_of, oidc_client
from courrier.gateway.web import pages as web

POOL_SIZE = 12
JOBS_AT_ONCE = 2
POOL_CLOSE_S = 2.0

log = structlog.get_logger(__name__)


async def run(settings: GatewaySettings, health: Health) -> None:
    """Serve until cancelled.

    Raises:
        PortTaken: something else listens on the port.
    """
    listener = listen(settings.gateway_host, settings.gateway_port)
    transient = (StoreUnavailable, SecretMissing, *TRANSIENT)
    await keep_running("gateway", lambda: serve(settings, health, listener), transient)


async def serve(settings: GatewaySettings, health: Health, listener: socket.socket) -> None:
    """Serve on this socket until cancelled, or until a dependency is lost."""
    health.wait_for("administrator", *STREAMS)
    pool = await open_pool(database_url(settings), name=USER, service=USER, size=POOL_SIZE)
    reader = ProcessReader(settings.gateway_readers)
    try:
        async with infrastructure(settings, USER, health) as parts:
            bell = NatsBell(parts.client)
            await bell.start()
            gateway = await assemble(settings, parts, pool, reader, bell)
            await begin_epoch(gateway, parts.client)
            await _work(settings, gateway, parts, bell, listener)
    finally:
        await reader.close()
        await _close(pool)


async def _close(pool: Pool) -> None:
    """Give connections back; what a lost server keeps us waiting for is cut off."""
    try:
        async with asyncio.timeout(POOL_CLOSE_S):
            await pool.close()
    except (TimeoutError, *TRANSIENT):
        pool.terminate()


async def assemble(
    settings: GatewaySettings,
    parts: Infrastructure,
    pool: Pool,
    reader: ProcessReader,
    bell: NatsBell,
) -> Gateway:
    """Return what routes and pages work with."""
    client = oidc_client(settings)
    return Gateway(
        pool=pool,
        store=parts.store,
        blobs=parts.blobs,
        shelf=JetStreamBlobShelf(parts.client),
        events=JetStreamEraser(parts.client),
        vault=parts.vault,
        bus=parts.bus,
        holders=NatsFigures(parts.client),
        identity=await load_identity(parts.vault),
        sessions=PostgresSessions(pool),
        tries=PostgresTries(pool),
        time_steps=PostgresTimeSteps(pool),
        entry_codes=PostgresEntryCodes(pool),
        passwords=Argon2Passwords(settings.gateway_password_memory_kib),
        reader=reader,
        changes=bell,
        jobs=PostgresJobs(pool),
        limits=limits_of(settings),
        webhook_post=HttpWebhookPost(private_allowed=settings.gateway_webhook_private_addresses),
        secure_cookies=settings.gateway_secure_cookies,
        log_in_provider=HttpOidcProvider(client) if client else None,
    )


async def _work(
    settings: GatewaySettings,
    gateway: Gateway,
    parts: Infrastructure,
    bell: NatsBell,
    listener: socket.socket,
) -> None:
    health = parts.health
    app = build(gateway, health, web.router)
    async with asyncio.TaskGroup() as tasks:
        projectors = [
            projector_of(gateway.pool, bell, checkpoint)
            for checkpoint in positions.checkpoints(STREAMS, settings.groups)
        ]
        for projector in projectors:
            work = partial(projector.run, parts.store, parts.leases)
            tasks.create_task(_forever(f"project {projector.stream}", work))
        policies = policies_of(gateway)
        for each in policies:
            run = partial(each.run, parts.store, parts.leases)
            tasks.create_task(_forever(each.projector.name, run))
        desk = ReplayDesk(parts.store, [*projectors, *(each.projector for each in policies)])
        await NatsCommandServer(parts.client, tasks).serve(GatewayReplayParked, desk.answer)
        for stream in STREAMS:
            tasks.create_task(_until_caught_up(gateway, health, stream, part=stream))
        tasks.create_task(
            _forever("administrator", lambda: _administrator(settings, gateway, health))
        )
        tasks.create_task(_forever("epoch", lambda: watch_epoch(gateway, parts.client)))
        tasks.create_task(_forever("warm", gateway.reader.warm))
        await _answer_orders(gateway, parts, tasks)
        for _ in range(JOBS_AT_ONCE):
            tasks.create_task(_forever("jobs", runner_of(gateway).run))
        _tell_webhooks(gateway, parts, tasks)
        tasks.create_task(_forever("prune", lambda: prune_for_ever(gateway.pool)))
        tasks.create_task(
            _forever(
                "collect blobs", collecting(gateway, settings.gateway_blob_grace_days, parts.leases)
            )
        )
        drop = partial(dropping(gateway).for_ever, parts.leases)
        tasks.create_task(_forever("drop blobs", drop))
        health.ready("start")
        try:
            await serve_http(app, listener, bell)
        finally:
            bell.stop()


def _tell_webhooks(gateway: Gateway, parts: Infrastructure, tasks: asyncio.TaskGroup) -> None:
    noting = partial(note_events, gateway, parts.leases)
    tasks.create_task(_forever("note for webhooks", noting))
    tasks.create_task(_forever("send to webhooks", partial(send_noted, gateway)))


async def _forever(name: str, task: Callable[[], Awaitable[None]]) -> None:
    """Whatever ends a task is logged and tried again: the others go on (I6)."""
    await keep_running(name, task, (Exception,))


def projector_of(pool: Pool, bell: NatsBell, checkpoint: Checkpoint) -> Projector:
    """Return what projects one stream, or one group of it, and rings the bell after each commit."""

    async def committed(_: History) -> None:
        await bell.ring()

    return Projector(pool, checkpoint, projections_of(checkpoint.stream), committed)


def policies_of(gateway: Gateway) -> list[Policy]:
    """Return what acts on facts: cases open, and again; relations follow; leavers send nothing."""
    written = RecordLog(gateway.store, gateway.identity)
    rows = RowRelations(gateway.pool, gateway.changes)
    pause = Leaving(gateway.store, gateway.bus, RowScheduled(gateway.pool, gateway.changes)).pause
    reopen, move = CaseReopening(written).answered, RelationMoving(written, rows).move
    when = Policies(USER, gateway.pool).on
    return [
        when("cases", ["email.*.*.case"], CaseRequested, CaseOpening(written, rows).open),
        when("answers", ["email.*.*.answered"], CaseAnswered, reopen),
        when("relations", ["crm.*.merge.*"], RecordsMerged, move),
        when("leavers", ["settings.*.user.*"], UserDeactivated, pause),
    ]


def runner_of(gateway: Gateway) -> JobRunner:
    """Return what does jobs, one at a time."""
    return JobRunner(
        PostgresJobs(gateway.pool),
        works_of(gateway),
        gateway.jobs.wait,
        telling(gateway),
        (StoreUnavailable, NoAnswer, *TRANSIENT),
    )


async def _answer_orders(gateway: Gateway, parts: Infrastructure, tasks: asyncio.TaskGroup) -> None:
    commands = NatsCommandServer(parts.client, tasks)
    erasing = Erasing(
        RecordLog(gateway.store, gateway.identity),
        JetStreamEraser(parts.client),
        lambda: datetime.now(UTC),
    )
    await commands.serve(EraseRecord, erasing.erase_record)
    await commands.serve(EraseAddress, erasing.erase_address)
    await commands.serve(NoteErasure, erasing.note)
    await commands.serve(DropBlobs, dropping(gateway).answer)


async def _until_caught_up(gateway: Gateway, health: Health, stream: str, part: str) -> None:
    """Be ready once what the stream holds now can be read, whoever projects it."""
    end = await _end(gateway.store, stream)
    async for _ in gateway.changes.listen():
        try:
            if (await positions.seen(gateway.pool)).get(stream, 0) >= end:
                health.ready(part)
                return
        except TRANSIENT as error:
            log.info("positions.unread", stream=stream, error=repr(error))


async def _end(store: EventStore, stream: str) -> int:
    ends: list[int] = []

    async def look() -> None:
        ends.append(await store.end(stream))

    await keep_running(f"look at {stream}", look, (StoreUnavailable, *TRANSIENT))
    return ends[-1]


async def _administrator(settings: GatewaySettings, gateway: Gateway, health: Health) -> None:
    if settings.gateway_admin_login and settings.gateway_admin_password:
        new = NewUser(
            login=settings.gateway_admin_login,
            name="Administrator",
            email_addresses=tuple(filter(None, [settings.gateway_admin_email])),
            is_admin=True,
            password=settings.gateway_admin_password.get_secret_value(),
        )
        registry = Registry(gateway.store, gateway.vault, gateway.passwords)
        cause = Cause(uuid4(), f"service:{USER}", datetime.now(UTC))
        await ensure_administrator(registry, new, cause)
    await _until_caught_up(gateway, health, "SETTINGS", part="administrator")
