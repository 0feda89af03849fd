"""A message that cannot be linked stops no other, and is linked after a fix (I6)."""

from collections.abc import Sequence
from functools import partial

import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.envelope import encode
from courrier.events.families.mailbox import MessageReceived
from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.parking import Parked
from courrier.events.postgres.pool import Pool
from courrier.events.store import History
from courrier.linker.adapters.aside import PostgresAside
from courrier.linker.adapters.index import checkpoint_of
from courrier.linker.domain.arrivals import Keys
from courrier.linker.domain.known import Known
from courrier.linker.handlers.replaying import Replaying
from courrier.linker.ports import Index, Progress
from support.builders import ACCOUNT, example, new_event

from .instances import NewInstance, imports, instance, put, rows, settle

pytestmark = pytest.mark.integration

PARKED = "SELECT seq, state, reason FROM linker_state.parked ORDER BY seq"
FORGET = """
    TRUNCATE linker.addresses, linker.accounts, linker.people, linker.emails,
             linker.thread_keys, linker.joined_threads, linker.email_addresses,
             linker.email_links, linker.record_accounts
"""


class PoisonedIndex:
    """Cannot stand one address."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.catch_up = index.catch_up
        self.blocked = index.blocked

    async def look_up(self, keys: Keys) -> Known:
        """Raise for it."""
        if "bad@example.test" in keys.addresses:
            raise ValueError("hush")
        return await self._index.look_up(keys)

    async def record(self, own: History, progress: Progress, aside: Sequence[Parked] = ()) -> None:
        """As the real one."""
        await self._index.record(own, progress, aside)


def message(number: int, sender: str = "ada@example.test") -> MessageReceived:
    """One message of one folder."""
    sent_from = {"name": None, "address": sender}
    return example(
        MessageReceived, **{"uid": number, "message_id": f"{number}@x.test", "from": sent_from}
    )


async def test_others_of_the_folder_are_linked_and_it_is_after_the_fix(
    store: JetStreamEventStore,
    client: Client,
    pool: Pool,
    identity: Identity,
    new_instance: NewInstance,
) -> None:
    """Messages of one folder do not wait for each other; each is linked once."""
    await settle(store)
    await put(
        store,
        *(message(n, "bad@example.test" if n == 3 else "ada@example.test") for n in range(1, 6)),
    )
    headers, body = encode(new_event(message(9)))
    folder = subjects.folder_messages(ACCOUNT, "INBOX")
    await client.request(folder, body, headers=headers | {"ce-type": "courrier.mailbox.Seen.v9"})
    await put_after(store, message(6))
    await new_instance(plant=PoisonedIndex).take()
    linked = len(await imports(store))
    parked = [tuple(row) for row in await pool.fetch(PARKED)]

    replaying = Replaying(
        instance(pool, store, identity).linking,
        PostgresAside(pool, checkpoint_of("intake", "MAILBOX")),
    )
    standing = await replaying.replay(store, folder)
    again = await replaying.replay(store, folder)
    await new_instance().index.catch_up()
    found = await imports(store)

    assert 5 == linked
    assert [(3, "parked", "failed"), (6, "parked", "unknown-type")] == parked
    assert [6] == [each.sequence for each in standing] == [each.sequence for each in again]
    assert (
        6
        == len(found)
        == len({each.email_id for each in found})
        == len((await rows(pool))["emails"])
    )


async def test_a_fact_that_the_index_cannot_take_holds_up_its_subject_only(
    store: JetStreamEventStore, client: Client, pool: Pool, new_instance: NewInstance
) -> None:
    """An event of a newer Courrier in CRM does not keep mail from being linked."""
    headers, _ = encode(new_event(message(9)))
    await client.request(
        subjects.record("contact", "c9"),
        b"{}",
        headers=headers | {"ce-type": "courrier.crm.New.v9"},
    )
    await settle(store)
    await put(store, message(1))

    await new_instance().take()
    parked = await pool.fetch("SELECT consumer, stream, reason FROM linker.parked")

    assert 1 == len(await imports(store))
    assert [("index", "CRM", "unknown-type")] == [tuple(row) for row in parked]


async def put_after(store: JetStreamEventStore, event: MessageReceived) -> None:
    """Append behind what stands on the subject."""
    new = partial(new_event, event)
    history = await store.load(new().subject)
    await store.append([new(version=len(history) + 1, expected=history[-1].sequence)])
