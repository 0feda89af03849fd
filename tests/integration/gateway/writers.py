"""The sender's part in what people write, played by its own handlers in the test's loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.blobs import Blobs
from courrier.events.commands.drafts import DiscardDraft, SaveDraft, SendDraft
from courrier.events.commands.sender import CancelSending, SendMessage
from courrier.events.families.outbound import SendRequested
from courrier.events.identity import Identity
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.sender.domain.account import Account, account_of
from courrier.sender.handlers.deciding import Deciding
from courrier.sender.handlers.drafts import Drafts
from courrier.sender.handlers.requests import Requests


def now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LoggedAccounts:
    """Accounts as the log has them."""

    store: JetStreamEventStore

    async def get(self, account_id: str) -> Account | None:
        """Return an account of a mailbox, or none."""
        history = await self.store.load(subjects.email_account(account_id))
        return account_of(each.event for each in history)

    async def has_address(self, address: str) -> bool:
        """Return whether it is one of ours: these tests write to others."""
        return not address


async def requested(store: JetStreamEventStore, email_id: str) -> SendRequested:
    """Return the message that is to be sent."""
    event = (await store.load(subjects.outbound(email_id)))[-1].event
    assert isinstance(event, SendRequested)
    return event


@asynccontextmanager
async def sender_at_work(
    client: Client, store: JetStreamEventStore, blobs: Blobs, identity: Identity
) -> AsyncIterator[None]:
    """Answer what the sender answers; nothing is delivered."""
    accounts = LoggedAccounts(store)
    requests = Requests(store, blobs, accounts=accounts, identity=identity, clock=now)
    drafts, deciding = Drafts(store, blobs, requests, now), Deciding(store, now)
    async with asyncio.TaskGroup() as tasks:
        server = NatsCommandServer(client, tasks)
        await server.serve(SendMessage, requests.send)
        await server.serve(SaveDraft, drafts.save)
        await server.serve(DiscardDraft, drafts.discard)
        await server.serve(SendDraft, drafts.send)
        await server.serve(CancelSending, deciding.cancel)
        yield


async def begin(admin: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    """Begin a draft and return it."""
    made = await admin.post("/emails", json=body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found
