"""Erased e-mails: gone from the log and the index, and no copy of one comes back."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.commands.answers import Done
from courrier.events.commands.erasing import EraseEmail
from courrier.events.families.email import AutoReplyPermitted, EmailErased, EmailImported
from courrier.events.families.mailbox import MessageReceived
from courrier.events.identity import Identity
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from courrier.linker.handlers.erasing import Erasing
from integration.linker.instances import (
    OTHER_ACCOUNT,
    ROWS,
    NewInstance,
    imports,
    messages,
    put,
    read,
    rows,
    settle,
)
from support.builders import example

pytestmark = pytest.mark.integration

EMPTY = (*ROWS, "checkpoints")


@pytest.fixture
def erasing(store: JetStreamEventStore, client: Client, identity: Identity) -> Erasing:
    """The handler under test."""
    now = datetime.now(UTC)
    return Erasing(store, JetStreamEraser(client), identity=identity, clock=lambda: now)


async def erase(erasing: Erasing, email_id: str) -> Done:
    """Give the order."""
    done = await erasing.answer(EraseEmail(command_id=uuid4(), email_id=email_id, actor="user:a"))
    assert isinstance(done, Done)
    return done


async def test_of_an_erased_email_the_tombstone_is_left(
    store: JetStreamEventStore, new_instance: NewInstance, erasing: Erasing
) -> None:
    """With the key by which copies are recognised; a repeat gives the same answer."""
    await settle(store)
    await put(store, *messages(1))
    await new_instance().take()
    (imported,) = await imports(store)
    await put(store, example(AutoReplyPermitted, email_id=imported.email_id))

    first, second = [await erase(erasing, imported.email_id) for _ in range(2)]

    (left,) = await store.load(subjects.email(imported.email_id))
    assert isinstance(left.event, EmailErased)
    assert (first, left.event.message_key) == (second, first.id)
    assert left.version == 2
    assert await store.load(subjects.auto_reply(imported.email_id)) == []


async def test_copies_of_an_erased_email_are_refused_and_other_mail_is_not(
    store: JetStreamEventStore, new_instance: NewInstance, erasing: Erasing
) -> None:
    """In any mailbox; another message under its Message-ID becomes an e-mail of its own."""
    await settle(store)
    await put(store, *messages(1))
    linker = new_instance()
    await linker.take()
    (imported,) = await imports(store)
    await erase(erasing, imported.email_id)

    await put(store, *messages(1, account_id=OTHER_ACCOUNT))
    await put(store, *messages(1, account_id=OTHER_ACCOUNT, date="2026-05-05T00:00:00Z"))
    await linker.take()

    (other,) = await imports(store)
    assert other.email_id != imported.email_id
    assert other.date.month == 5


async def test_an_index_made_from_the_erased_log_is_the_live_one(
    store: JetStreamEventStore, new_instance: NewInstance, erasing: Erasing, pool: Pool
) -> None:
    """Nothing by which the erased one was found is left."""
    await settle(store)
    await put(store, *messages(4))
    linker = new_instance()
    await linker.take()
    first = (await imports(store))[0]
    await erase(erasing, first.email_id)
    await linker.index.catch_up()
    live = await rows(pool)

    for table in EMPTY:
        await pool.execute(f"TRUNCATE {table}")
    await new_instance().index.catch_up()

    assert live == await rows(pool)
    assert len(live["emails"]) == 3
    assert not any(first.email_id in row for row in live["thread_keys"])


async def test_an_index_catches_up_though_the_last_event_was_deleted(
    store: JetStreamEventStore, client: Client, new_instance: NewInstance
) -> None:
    """Whoever deleted it, and even if nothing is left: nobody waits for what cannot come."""
    await settle(store)
    eraser = JetStreamEraser(client)
    for stream in ("CRM", "SETTINGS"):
        last = (await read(store, stream))[-1]
        await eraser.erase(stream, [last.sequence])

    await new_instance().index.catch_up()

    assert await store.end("CRM") == 0
    assert await store.end("SETTINGS") == 3


async def test_an_email_never_seen_is_kept_from_coming(
    store: JetStreamEventStore, new_instance: NewInstance, erasing: Erasing, identity: Identity
) -> None:
    """Its id alone is known."""
    await settle(store)
    await erase(erasing, identity.email_of("0@thread.test"))

    await put(store, example(MessageReceived, message_id="0@thread.test"))
    await new_instance().take()

    assert await imports(store) == []
    assert not any(isinstance(r.event, EmailImported) for r in await read(store, "EMAIL"))
