"""The composition root: settings in, a running sender out."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from courrier.events.bus import Answer
from courrier.events.commands.drafts import DiscardDraft, SaveDraft, SendDraft
from courrier.events.commands.erasing import EraseOutbound
from courrier.events.commands.mailboxes import InspectOutgoing
from courrier.events.commands.replaying import SenderReplayParked
from courrier.events.commands.sender import CancelSending, SendMessage, SettleUncertain
from courrier.events.families.email import AutoReplyPermitted
from courrier.events.families.mailbox import MessageReceived
from courrier.events.identity import load_identity
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.epoch import epoch_of
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.lease import LeaseLost
from courrier.events.postgres.policies import Policies, Policy
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import TRANSIENT, Fenced, Projector
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import Infrastructure, database_url, infrastructure
from courrier.events.runtime.replaying import ReplayDesk
from courrier.events.runtime.retry import keep_running
from courrier.events.runtime.tls import Contexts, client_context
from courrier.events.store import History, StoreUnavailable
from courrier.events.vault import SecretMissing
from courrier.sender.adapters.smtp import SmtpPost
from courrier.sender.adapters.smtp_inspecting import SmtpInspection
from courrier.sender.adapters.smtp_pool import PoolBounds
from courrier.sender.adapters.smtp_session import Opener, TimeLimits
from courrier.sender.domain.retrying import Schedule
from courrier.sender.domain.turns import Limits, Turns
from courrier.sender.handlers.attempts import Attempts, Sources
from courrier.sender.handlers.auto_replying import AutoReplying
from courrier.sender.handlers.deciding import Deciding
from courrier.sender.handlers.drafts import Drafts
from courrier.sender.handlers.erasing import Erasing
from courrier.sender.handlers.inspecting import Inspecting
from courrier.sender.handlers.letters import Letters
from courrier.sender.handlers.log_in_secrets import LogInSecrets
from courrier.sender.handlers.proving import Proving
from courrier.sender.handlers.reopening import Reopening
from courrier.sender.handlers.reporting import Reporting
from courrier.sender.handlers.requests import Requests
from courrier.sender.handlers.rounds import Rounds, Work
from courrier.sender.handlers.signing import Signing
from courrier.sender.projections.accounts import ProjectedAccounts
from courrier.sender.projections.every import MAILBOX_FEED, OUTBOUND_FEED, SETTINGS_FEED, VIEWS
from courrier.sender.projections.queue import ProjectedQueue
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


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What turns the queue into dialogues, and the projectors that feed it."""

    rounds: Rounds
    reopening: Reopening
    proving: Proving
    outbound: Projector
    mailbox: Projector


async def _work(settings: SenderSettings, parts: Infrastructure, pool: Pool) -> None:
    known = ProjectedAccounts(pool, parts.store)
    delivery = _delivery(settings, parts, pool, known, await _post(settings))
    accounts = Projector(pool, VIEWS.checkpoint(SETTINGS_FEED), SETTINGS_FEED.projections)
    try:
        async with asyncio.TaskGroup() as tasks:
            commands = NatsCommandServer(parts.client, tasks)
            await _serve(commands, parts, known)
            tasks.create_task(_project(accounts, parts))
            tasks.create_task(_deliver(delivery, parts))
            acting = await _policies(parts, known, pool)
            for each in acting:
                tasks.create_task(_act(each, parts))
            known_projectors = [accounts, delivery.outbound, delivery.mailbox]
            desk = ReplayDesk(parts.store, [*known_projectors, *(p.projector for p in acting)])
            await commands.serve(SenderReplayParked, desk.answer)
            await commands.serve(InspectOutgoing, await _inspecting(settings, parts))
            parts.health.ready("commands")
            parts.health.ready("start")
    finally:
        await delivery.rounds.stop()


async def _serve(
    commands: NatsCommandServer, parts: Infrastructure, known: ProjectedAccounts
) -> None:
    """Answer orders, also while another process delivers."""
    identity = await load_identity(parts.vault)
    requests = Requests(parts.store, parts.blobs, accounts=known, identity=identity, clock=_now)
    await commands.serve(SendMessage, requests.send)
    deciding = Deciding(parts.store, _now)
    await commands.serve(CancelSending, deciding.cancel)
    await commands.serve(SettleUncertain, deciding.settle)
    drafts = Drafts(parts.store, parts.blobs, requests, _now)
    await commands.serve(SaveDraft, drafts.save)
    await commands.serve(DiscardDraft, drafts.discard)
    await commands.serve(SendDraft, drafts.send)
    erasing = Erasing(parts.store, JetStreamEraser(parts.client), _now)
    await commands.serve(EraseOutbound, erasing.answer)


def _delivery(
    settings: SenderSettings,
    parts: Infrastructure,
    pool: Pool,
    known: ProjectedAccounts,
    post: SmtpPost,
) -> _Delivery:
    secrets = LogInSecrets(parts.vault, parts.bus, _now)
    signing = Signing(parts.vault, settings.sender_dkim, _now)
    letters = Letters(parts.blobs, parts.vault, known, secrets, signing)
    sources = Sources(parts.store, letters, post, _schedule(settings))
    attempts, queue = Attempts(sources, _now), ProjectedQueue(pool)
    work = Work(queue, attempts, post)
    rounds = Rounds(
        work, Turns(_limits(settings)), clock=_now, stop_grace_s=settings.sender_stop_grace_s
    )
    proving = Proving(queue, attempts)

    async def noted(batch: History) -> None:
        await rounds.noted(batch)
        await proving.noted(batch)

    return _Delivery(
        rounds,
        Reopening(parts.store, queue, attempts, partial(epoch_of, parts.client), _now),
        proving,
        Projector(pool, VIEWS.checkpoint(OUTBOUND_FEED), OUTBOUND_FEED.projections, noted),
        Projector(pool, VIEWS.checkpoint(MAILBOX_FEED), MAILBOX_FEED.projections, proving.noted),
    )


async def _policies(parts: Infrastructure, known: ProjectedAccounts, pool: Pool) -> list[Policy]:
    """Return what acts on facts of other services."""
    identity = await load_identity(parts.vault)
    reporting = Reporting(parts.store, parts.blobs, identity, _now)
    requests = Requests(parts.store, parts.blobs, accounts=known, identity=identity, clock=_now)
    replying = AutoReplying(parts.store, requests, accounts=known, identity=identity, clock=_now)
    messages, permissions = ["mailbox.*.*.*.msg"], ["email.*.*.autoreply"]
    when = Policies(NAME, pool).on
    return [
        when("reports", messages, MessageReceived, reporting.received),
        when("auto-replies", permissions, AutoReplyPermitted, replying.permitted),
    ]


async def _act(acting: Policy, parts: Infrastructure) -> None:
    task = partial(acting.run, parts.store, parts.leases)
    await keep_running(acting.projector.name, task, WAITED_OUT)


async def _project(projector: Projector, parts: Infrastructure) -> None:
    task = partial(projector.run, parts.store, parts.leases)
    await keep_running(projector.name, task, WAITED_OUT)


async def _deliver(delivery: _Delivery, parts: Infrastructure) -> None:
    """Project ``OUTBOUND`` and deliver from it in the same process, so that each row is news."""

    async def hold_and_deliver() -> None:
        async with parts.leases.hold(DELIVERY_LEASE), asyncio.TaskGroup() as tasks:
            tasks.create_task(_project(delivery.outbound, parts))
            tasks.create_task(_project(delivery.mailbox, parts))
            tasks.create_task(delivery.proving.run())
            tasks.create_task(delivery.rounds.run(parts.store, delivery.reopening.hold_if_restored))

    await keep_running("sender.delivery", hold_and_deliver, WAITED_OUT)


async def _inspecting(
    settings: SenderSettings, parts: Infrastructure
) -> Callable[[InspectOutgoing], Awaitable[Answer]]:
    inspection = SmtpInspection(await _contexts(settings), await _hello(settings))
    secrets = LogInSecrets(parts.vault, parts.bus, _now)
    return Inspecting(inspection, parts.vault, secrets).answer


async def _contexts(settings: SenderSettings) -> Contexts:
    usual = await asyncio.to_thread(client_context, settings.extra_ca_file)
    return Contexts(usual, settings.extra_ca_file)


async def _hello(settings: SenderSettings) -> str:
    if settings.sender_hello is not None:
        return settings.sender_hello
    return await asyncio.to_thread(_own_name)


async def _post(settings: SenderSettings) -> SmtpPost:
    limits = TimeLimits(
        settings.sender_reply_timeout_s,
        settings.sender_data_timeout_s,
        settings.sender_block_timeout_s,
        settings.sender_final_timeout_s,
    )
    opener = Opener(await _contexts(settings), await _hello(settings), limits)
    bounds = PoolBounds(per_account=settings.sender_connections_per_account)
    return SmtpPost(opener, limits, bounds)


def _own_name() -> str:
    """Return the machine's name for EHLO, or the literal that RFC 5321 section 4.1.3 allows."""
    name = socket.getfqdn()
    return name if _HOST_NAME.match(name) else "[127.0.0.1]"


def _limits(settings: SenderSettings) -> Limits:
    return Limits(
        settings.sender_connections,
        settings.sender_connections_per_account,
        settings.sender_connections_per_domain,
        settings.sender_account_per_minute,
        settings.sender_domain_per_minute,
    )


def _schedule(settings: SenderSettings) -> Schedule:
    return Schedule(
        timedelta(seconds=settings.sender_first_retry_s),
        timedelta(seconds=settings.sender_longest_retry_s),
        timedelta(hours=settings.sender_give_up_hours),
    )


def _now() -> datetime:
    return datetime.now(UTC)
