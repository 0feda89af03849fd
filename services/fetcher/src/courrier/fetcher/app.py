"""The fetcher put together: every dependency in one place."""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from courrier.events.commands.erasing import EraseReceived, PurgeMessages
from courrier.events.commands.fetcher import (
    CompareAccount,
    FetchAccount,
    ImportMessage,
    ResumeFetching,
)
from courrier.events.commands.mailboxes import EndSignIn, InspectMailbox, RedeemSignIn, RenewSignIn
from courrier.events.commands.replaying import FetcherReplayParked
from courrier.events.commands.rereading import RereadMessages
from courrier.events.eraser import Eraser
from courrier.events.families.configuration import SystemFields
from courrier.events.identity import load_identity
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import Infrastructure, infrastructure
from courrier.events.runtime.replaying import ReplayDesk
from courrier.events.runtime.retry import keep_running
from courrier.events.runtime.tls import client_context
from courrier.events.store import EventStore, StoreUnavailable
from courrier.events.vault import SecretMissing
from courrier.fetcher.adapters.bell import NatsBell
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.adapters.peers import NatsPeers
from courrier.fetcher.adapters.readers.crew import Crew
from courrier.fetcher.adapters.token_endpoint import HttpTokenEndpoint, token_client
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.periods import STATUS_S, Periods, periods
from courrier.fetcher.domain.scope import Scope
from courrier.fetcher.handlers.accounts import Roster
from courrier.fetcher.handlers.commands import Fetching, Importing, Resuming
from courrier.fetcher.handlers.enquiries import Enquiries
from courrier.fetcher.handlers.erasing import Erasing
from courrier.fetcher.handlers.holding import Holder
from courrier.fetcher.handlers.hosts import HostLimits, Hosts
from courrier.fetcher.handlers.inspecting import Inspecting
from courrier.fetcher.handlers.logging_in import LogIn
from courrier.fetcher.handlers.performing import Reach
from courrier.fetcher.handlers.purging import Purging
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.handlers.rereading import Rereading, Screen
from courrier.fetcher.handlers.rounds import Looking
from courrier.fetcher.handlers.secrets import AccountSecrets
from courrier.fetcher.handlers.sharing import Share, Works
from courrier.fetcher.handlers.signing_in import SigningIn
from courrier.fetcher.handlers.stewarding import Staff
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.handlers.syncing import Synchroniser
from courrier.fetcher.handlers.turns import Turns
from courrier.fetcher.handlers.watching import Means
from courrier.fetcher.handlers.wishing import Wishes
from courrier.fetcher.ports import MessageReader, Peers
from courrier.fetcher.settings import FetcherSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """What accounts and servers are asked to bear (see ``FetcherSettings``)."""

    poll_s: float | None = None
    status_s: float = STATUS_S
    connections: int = 3
    host: HostLimits = HostLimits()  # noqa: RUF009  frozen

    def periods(self, system: SystemFields, account: Account) -> Periods:
        """Return how often an account is looked at."""
        if self.poll_s is not None:
            return Periods(self.poll_s, self.status_s)
        return periods(system, account.fetch_period_s, self.status_s)


async def run(settings: FetcherSettings, health: Health) -> None:
    """Fetch until cancelled; a broker that is down at the start is waited for.

    Raises:
        OSError, ssl.SSLError: ``COURRIER_EXTRA_CA_FILE`` cannot be used.
        MissingSetting: no master key.
    """
    health.wait_for("settings")
    servers = servers_of(settings)

    crew = Crew()

    async def connected() -> None:
        async with infrastructure(settings, "fetcher", health) as infra:
            await serve(infra, servers, limits_of(settings), reader=crew)

    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(crew.begin())
            await keep_running("fetcher", connected, (StoreUnavailable, SecretMissing))
    finally:
        await crew.close()


def limits_of(settings: FetcherSettings) -> Limits:
    """Return what the settings allow."""
    return Limits(
        settings.fetcher_poll_s,
        settings.fetcher_status_s,
        settings.fetcher_connections,
        HostLimits(settings.fetcher_host_connections, settings.fetcher_host_log_ins_per_s),
    )


def servers_of(settings: FetcherSettings) -> ImapMailServers:
    """Return what reaches mail servers, as the settings allow."""
    return ImapMailServers(
        client_context(settings.extra_ca_file),
        extra_ca_file=settings.extra_ca_file,
        private_servers=settings.fetcher_private_servers,
    )


async def serve(
    infra: Infrastructure,
    servers: ImapMailServers,
    limits: Limits,
    *,
    reader: MessageReader,
    peers: Peers | None = None,
) -> None:
    """Answer commands and fetch this instance's share of the accounts, until cancelled."""
    identity = await load_identity(infra.vault)
    eraser = JetStreamEraser(infra.client)
    refusals = Refusals(identity)
    known = await refusals.load(infra.store, eraser)
    recorder = Recorder(infra.store, infra.blobs, reader=reader, refusals=refusals, now=now)
    erasing = Erasing(infra.store, eraser, identity=identity, now=now)
    purging = Purging(infra.store, eraser, bus=infra.bus, now=now)
    peers = peers or NatsPeers(infra.client, uuid4().hex)
    wishes = Wishes(infra.store)
    provider_client = token_client()
    secrets = AccountSecrets(infra.vault, HttpTokenEndpoint(provider_client), now)
    log_in = LogIn(servers, secrets, Hosts(limits.host))
    staff = Staff(log_in, Reach(infra.store, infra.blobs, identity), recorder, wishes)
    synchroniser = Synchroniser(recorder, Turns())
    roster, enquiries = _holding(infra, staff, synchroniser, limits, peers.name)
    share = Share(infra.leases, peers, Works(roster.begin, roster.end))
    bell = NatsBell(infra.client)
    try:
        async with asyncio.TaskGroup() as tasks:
            commands = NatsCommandServer(infra.client, tasks)
            await bell.listen(roster.wake, synchroniser.ask)
            await bell.answer(enquiries.answer)
            await _answer_about_accounts(commands, roster, bell, infra.store)
            await _answer_about_messages(commands, infra, eraser, Screen(reader, refusals))
            await _answer_askers(commands, infra, servers, secrets)
            await commands.serve(EraseReceived, erasing.answer)
            await commands.serve(PurgeMessages, purging.answer)
            tasks.create_task(refusals.follow(infra.store, known))
            await commands.serve(FetcherReplayParked, ReplayDesk(infra.store, [roster]).answer)
            infra.health.ready("start")
            tasks.create_task(_follow(roster, infra.health))
            tasks.create_task(keep_running("wishes", wishes.run, (StoreUnavailable,)))
            tasks.create_task(share.run())
            tasks.create_task(enquiries.count())
    finally:
        await roster.stop()
        await provider_client.aclose()


async def _answer_about_messages(
    commands: NatsCommandServer, infra: Infrastructure, eraser: Eraser, screen: Screen
) -> None:
    """Take a message in, read stored ones again."""
    reader, refusals = screen.reader, screen.refusals
    importing = Importing(infra.store, infra.blobs, reader=reader, refusals=refusals, now=now)
    rereading = Rereading(infra.store, eraser, infra.blobs, screen=screen, now=now)
    await commands.serve(ImportMessage, importing.answer)
    await commands.serve(RereadMessages, rereading.answer)


async def _answer_about_accounts(
    commands: NatsCommandServer, roster: Roster, bell: NatsBell, store: EventStore
) -> None:
    """Look now, compare now, try again now."""
    fetching = Fetching(roster, bell, store, now)
    await commands.serve(FetchAccount, fetching.answer)
    await commands.serve(CompareAccount, fetching.compare)
    await commands.serve(ResumeFetching, Resuming(roster, bell, store, now).answer)


async def _answer_askers(
    commands: NatsCommandServer,
    infra: Infrastructure,
    servers: ImapMailServers,
    secrets: AccountSecrets,
) -> None:
    """Answer people who set accounts up and wait."""
    signing_in = SigningIn(infra.vault, secrets)
    await commands.serve(InspectMailbox, Inspecting(servers, infra.vault, secrets).answer)
    await commands.serve(RedeemSignIn, signing_in.redeem)
    await commands.serve(EndSignIn, signing_in.end)
    await commands.serve(RenewSignIn, signing_in.renew)


def _holding(
    infra: Infrastructure,
    staff: Staff,
    synchroniser: Synchroniser,
    limits: Limits,
    instance: str,
) -> tuple[Roster, Enquiries]:
    """Put together what works on accounts."""

    def periods_of(account: Account) -> Periods:
        return limits.periods(roster.standing.system, account)

    def scope_of(account: Account) -> Scope:
        return Scope(account.fetch_since, roster.standing.system.max_message_bytes)

    looking = Looking(synchroniser, periods_of, scope_of, now, random.random)
    means = Means(staff.log_in.servers, staff.log_in.secrets, staff.log_in.hosts, looking)
    holder = Holder(means, staff, infra.store, limits.connections)
    roster = Roster(infra.store, holder.work)
    return roster, Enquiries(holder.figures, instance, now)


async def _follow(roster: Roster, health: Health) -> None:
    await keep_running(
        "settings",
        lambda: roster.follow(lambda: health.ready("settings")),
        (StoreUnavailable,),
    )


def now() -> datetime:
    """Return the time that events are stamped with."""
    return datetime.now(UTC)
