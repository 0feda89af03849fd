"""A fetcher in the test's own process, and what the log holds of its work."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import TypeVar

import nats.errors
from nats.aio.client import Client

from courrier.events.base import Event
from courrier.events.blobs import Blobs
from courrier.events.bus import CommandBus
from courrier.events.commands.figures import (
    FIGURES_SUBJECT,
    FIGURES_TIMEOUT_S,
    AccountFigures,
)
from courrier.events.envelope import Recorded
from courrier.events.families.mailbox import FolderAdvanced, MessageReceived
from courrier.events.families.settings import EmailAccountAdded, Server, Tls
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.lease import Leases
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import Infrastructure
from courrier.events.runtime.tls import client_context
from courrier.events.store import EventStore
from courrier.events.vault import Vault
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.app import Limits, serve
from courrier.fetcher.ports import Peers
from support.builders import ACCOUNT, USER, new_event
from support.imap_accounts import ImapAccount
from support.mail_readers import ReadHere

E = TypeVar("E", bound=Event)

STOP_TIMEOUT_S = 10.0

POLL_S = 30.0
"""Longer than any test waits: what is quick was pushed."""


class NoLeases:
    """Leases that everybody gets: what keeps the log right is the cursor."""

    @asynccontextmanager
    async def hold(self, name: str, *, waits: bool = True) -> AsyncIterator[None]:
        """Hold at once."""
        yield


@dataclass(slots=True)
class Alone:
    """An instance that hears of no other, and so takes everything."""

    name: str = "alone"

    async def listen(self, on_change: Callable[[], None]) -> None:
        """Hear nobody."""

    def others(self) -> Sequence[Collection[str]]:
        """Nobody."""
        return []

    async def say(self, held: Collection[str]) -> None:
        """To nobody."""

    async def say_goodbye(self) -> None:
        """To nobody."""


@dataclass(slots=True)
class Bench:
    """One broker and what stands on it; ``ca_file`` is trusted by the fetchers."""

    client: Client
    store: EventStore
    blobs: Blobs
    vault: Vault
    bus: CommandBus
    ca_file: Path | None
    leases: Leases

    async def add_account(
        self,
        mailbox: ImapAccount,
        *,
        account_id: str = ACCOUNT,
        port: int | None = None,
        tls: Tls = "implicit",
        folders: tuple[str, ...] = ("INBOX",),
        since: date | None = None,
        password: str | None = None,
        host: str | None = None,
    ) -> None:
        """Configure an account that fetches this mailbox."""
        await self.vault.put(f"account.{account_id}.imap", (password or mailbox.password).encode())
        server = Server(
            host=host or mailbox.host, port=port or mailbox.port, tls=tls, user=mailbox.user
        )
        added = EmailAccountAdded(
            account_id=account_id,
            owner_id=USER,
            name="Work",
            address=mailbox.user,
            imap=server,
            monitored_folders=folders,
            fetch_since=since,
        )
        await self.settle(added)

    async def settle(self, event: Event) -> None:
        """Append an event to its aggregate."""
        first = new_event(event)
        history = await self.store.load(first.subject)
        last = history[-1].sequence if history else 0
        await self.store.append([new_event(event, expected=last, version=len(history) + 1)])

    @asynccontextmanager
    async def fetcher(
        self,
        *,
        poll_s: float = POLL_S,
        blobs: Blobs | None = None,
        leases: Leases | None = None,
        peers: Peers | None = None,
        limits: Limits | None = None,
    ) -> AsyncIterator[Health]:
        """Run a fetcher while the body runs; ``limits`` stand in for ``poll_s``."""
        health = Health()
        health.wait_for("settings")
        infra = Infrastructure(
            self.client,
            self.store,
            blobs or self.blobs,
            self.vault,
            self.bus,
            leases or self.leases,
            health,
        )
        servers = ImapMailServers(client_context(self.ca_file))
        limits = limits or Limits(poll_s=poll_s)
        task = asyncio.ensure_future(serve(infra, servers, limits, reader=ReadHere(), peers=peers))
        try:
            yield health
        finally:
            task.cancel()
            _, late = await asyncio.wait({task}, timeout=STOP_TIMEOUT_S)
            assert not late, _stacks()

    async def figures(self, account_id: str = ACCOUNT) -> AccountFigures | None:
        """Return what the fetcher that holds an account says of it; None: nobody holds it."""
        try:
            subject = FIGURES_SUBJECT + account_id
            message = await self.client.request(subject, timeout=FIGURES_TIMEOUT_S)
        except (TimeoutError, nats.errors.Error):
            return None
        return AccountFigures.model_validate_json(message.data)

    async def log(self) -> list[Recorded[Event]]:
        """Return all of ``MAILBOX``."""
        found: list[Recorded[Event]] = []
        end = await self.store.end("MAILBOX")
        follower = self.store.follow("MAILBOX")
        while end and (not found or found[-1].sequence < end):
            found += await anext(follower)
        await follower.aclose()
        return found

    async def events(self, kind: type[E]) -> list[E]:
        """Return all events of a kind in ``MAILBOX``, in order."""
        return [r.event for r in await self.log() if isinstance(r.event, kind)]

    async def uids(self) -> list[tuple[int, int]]:
        """Return (UIDVALIDITY, UID) of every message received, sorted."""
        return sorted((e.uidvalidity, e.uid) for e in await self.events(MessageReceived))

    async def subjects(self) -> list[str | None]:
        """Return the subject of every message received, sorted."""
        return sorted((e.subject for e in await self.events(MessageReceived)), key=str)

    async def cursors(self) -> list[FolderAdvanced]:
        """Return every cursor event."""
        return await self.events(FolderAdvanced)


def _stacks() -> str:
    """Return what every task waits for: a fetcher that is asked to stop has to."""
    text = StringIO("the fetcher did not stop\n")
    for task in asyncio.all_tasks():
        task.print_stack(file=text)
    return text.getvalue()


def instance(client: Client, name: str) -> JetStreamLeases:
    """Return the leases of one more instance."""
    return JetStreamLeases(client, name)
