"""The linker's answers to people's orders, given by its own handlers in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client

from courrier.events.commands.conversations import AddNote, ArrangeConversation, RethreadEmails
from courrier.events.commands.linker import ChangeEmails, LinkEmails, UndoDecision
from courrier.events.families.email import EmailImported
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.linker.handlers.changing import Changing
from courrier.linker.handlers.conversing import Conversing
from support.builders import example

from .conftest import Running

INBOX: dict[str, Any] = {"folder": "inbox", "reason": {"rule": "inbox"}}


def now() -> datetime:
    """Return the time: decisions are undone for 30 days."""
    return datetime.now(UTC)


@asynccontextmanager
async def linker_of(gateway: Running, client: Client) -> AsyncIterator[None]:
    """Answer orders until the body ends."""
    store = gateway.feeder.store
    async with asyncio.TaskGroup() as tasks:
        server = NatsCommandServer(client, tasks)
        changing = Changing(store, now)
        await server.serve(ChangeEmails, changing.change)
        await server.serve(UndoDecision, changing.undo)
        conversing = Conversing(store, now)
        await server.serve(ArrangeConversation, conversing.arrange)
        await server.serve(AddNote, conversing.add_note)
        await server.serve(LinkEmails, changing.link)
        await server.serve(RethreadEmails, changing.rethread)
        yield


async def receive(gateway: Running, *holders: str, **changes: Any) -> str:
    """Let an e-mail come in for these people and return its id, once it can be read."""
    holdings = [INBOX | {"holder_id": holder} for holder in holders]
    event = example(EmailImported, **({"holdings": holdings, "links": []} | changes))
    position = await gateway.feeder.feed(event)
    await gateway.admin.get("/folders", headers={"Courrier-After": position})
    return event.email_id
