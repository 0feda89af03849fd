"""One linker as its process would put it together, and a mailbox to feed it from."""

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import NewEvent
from courrier.events.families.crm import AddressAssigned
from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.outbound import MessageSent
from courrier.events.families.settings import EmailAccountAdded, UserAdded
from courrier.events.identity import Identity
from courrier.events.postgres.pool import Pool
from courrier.events.store import EventStore, History
from courrier.linker.adapters.index import PostgresIndex
from courrier.linker.app import INTAKES
from courrier.linker.handlers.healing import HEALS, Healing, Ways
from courrier.linker.handlers.linking import Linking
from courrier.linker.ports import HEALING, Index
from support.builders import example, new_event

OTHER_USER = "9" * 32
OTHER_ACCOUNT = "8" * 32
HEALED_IN = 20
"""Rounds of healing that every test's mail is healed in."""
BATCH = 7
"""Messages that a test's linker takes at once: small, so that a few make several batches."""

Plant = Callable[[Index], Index]

ROWS = {
    "addresses": "SELECT a::text FROM linker.addresses AS a ORDER BY 1",
    "accounts": "SELECT a::text FROM linker.accounts AS a ORDER BY 1",
    "people": "SELECT a::text FROM linker.people AS a ORDER BY 1",
    "emails": "SELECT a::text FROM linker.emails AS a ORDER BY 1",
    "filters": "SELECT a::text FROM linker.filters AS a ORDER BY 1",
    "filed": "SELECT a::text FROM linker.filed AS a ORDER BY 1",
    "folders": "SELECT a::text FROM linker.folders AS a ORDER BY 1",
    "group_accounts": "SELECT a::text FROM linker.group_accounts AS a ORDER BY 1",
    "case_mail": "SELECT a::text FROM linker.case_mail AS a ORDER BY 1",
    "case_requests": "SELECT a::text FROM linker.case_requests AS a ORDER BY 1",
    "cases": "SELECT a::text FROM linker.cases AS a ORDER BY 1",
    "targets": "SELECT a::text FROM linker.targets AS a ORDER BY 1",
    "skipped": "SELECT a::text FROM linker.skipped AS a ORDER BY 1",
    "thread_keys": "SELECT a::text FROM linker.thread_keys AS a ORDER BY 1",
    "joined_threads": "SELECT a::text FROM linker.joined_threads AS a ORDER BY 1",
    "email_addresses": "SELECT a::text FROM linker.email_addresses AS a ORDER BY 1",
    "email_links": "SELECT a::text FROM linker.email_links AS a ORDER BY 1",
    "record_accounts": "SELECT a::text FROM linker.record_accounts AS a ORDER BY 1",
    "erased": "SELECT a::text FROM linker.erased AS a ORDER BY 1",
    "gone_records": "SELECT a::text FROM linker.gone_records AS a ORDER BY 1",
    "system_settings": "SELECT a::text FROM linker.system_settings AS a ORDER BY 1",
}


class NewInstance(Protocol):
    """Makes linkers that share log and database (see ``instance``)."""

    def __call__(
        self, *, writes_to: EventStore | None = None, plant: Plant | None = None
    ) -> "Instance":
        """Make one."""
        ...


@dataclass(frozen=True, slots=True)
class Instance:
    """A linker."""

    log: EventStore
    index: PostgresIndex
    linking: Linking
    healing: Healing

    async def heal(self) -> None:
        """Deal with what ``EMAIL`` and ``CRM`` hold until nothing follows from it any more."""
        for _ in range(HEALED_IN):
            before = await self.log.end("EMAIL")
            for stream in HEALS:
                after = await self.index.position(stream, HEALING)
                waiting = await read(self.log, stream, after=after)
                if waiting:
                    await self.healing.take(waiting, after)
            if await self.log.end("EMAIL") == before:
                return
        raise AssertionError("healing does not come to an end")

    async def take(self, stream: str = "MAILBOX", size: int = BATCH) -> None:
        """Deal with everything that is on the stream now, ``size`` events at once."""
        after = await self.index.position(stream)
        waiting = await read(self.log, stream, after=after, filters=INTAKES[stream])
        for start in range(0, len(waiting), size):
            batch = waiting[start : start + size]
            await self.linking.take(batch, after)
            after = batch[-1].sequence


def instance(
    pool: Pool,
    store: EventStore,
    identity: Identity,
    *,
    writes_to: EventStore | None = None,
    plant: Plant | None = None,
) -> Instance:
    """Return a linker; ``writes_to`` replaces its store, ``plant`` wraps its index."""
    index = PostgresIndex(pool, store)
    used: Index = plant(index) if plant else index
    linking = Linking(writes_to or store, used, identity=identity, clock=lambda: datetime.now(UTC))
    ways = Ways(lambda: datetime.now(UTC), linking.turn)
    return Instance(store, index, linking, Healing(store, index, ways))


async def read(
    store: EventStore, stream: str, *, after: int = 0, filters: Sequence[str] = ()
) -> History:
    """Return what is on a stream now."""
    end = await store.end(stream)
    found: History = []
    if end <= after:
        return found
    async with aclosing(store.follow(stream, after=after, filters=filters)) as batches:
        async for batch in batches:
            found += batch
            if found[-1].sequence >= end:
                break
    return found


async def rows(pool: Pool) -> dict[str, list[str]]:
    """Return every row of the index, in order: equal for equal tables."""
    return {name: [row[0] for row in await pool.fetch(sql)] for name, sql in ROWS.items()}


async def imports(store: EventStore) -> list[EmailImported]:
    """Return the e-mails on the log."""
    recorded = await read(store, "EMAIL")
    return [each.event for each in recorded if isinstance(each.event, EmailImported)]


async def holders(store: EventStore) -> dict[str, list[str]]:
    """Return the holders of each e-mail on the log, in the order they came."""
    found: dict[str, list[str]] = {}
    for each in await read(store, "EMAIL"):
        for holding in getattr(each.event, "holdings", ()):
            found.setdefault(each.event.email_id, []).append(holding.holder_id)  # type: ignore[attr-defined]  # both kinds have it
    return found


async def put(store: EventStore, *events: Event) -> History:
    """Append events where their owners would, in one batch, and return them as recorded."""
    stream = subjects.stream_of(new_event(events[0]).subject)
    end = await store.end(stream)
    batch = [new_event(each, id=derived_id(stream, str(end + n))) for n, each in enumerate(events)]
    await store.append([await _guarded(store, batch[0]), *batch[1:]])
    return await read(store, stream, after=end)


async def settle(store: EventStore, *, with_contact: bool = True) -> None:
    """Put Grace, a colleague and their accounts on the log, and Ada as a contact."""
    await put(
        store,
        example(UserAdded),
        example(EmailAccountAdded),
        example(UserAdded, user_id=OTHER_USER, email_addresses=["hal@example.test"]),
        example(
            EmailAccountAdded,
            account_id=OTHER_ACCOUNT,
            owner_id=OTHER_USER,
            address="hal@example.test",
        ),
    )
    if with_contact:
        await put(store, example(AddressAssigned))


def messages(count: int, **changes: Any) -> list[MessageReceived]:
    """Return a conversation: the first message and replies to it."""
    return [
        example(
            MessageReceived,
            message_id=f"{n}@thread.test",
            references=("0@thread.test",) if n else (),
            subject="Re: Offer" if n else "Offer",
            uid=n + 1,
            **changes,
        )
        for n in range(count)
    ]


def reply(identity: Identity, **changes: Any) -> MessageSent:
    """Return a message that Grace sent, under the Message-ID that we sign."""
    email_id = "5" * 32
    message_id = f"{email_id}.{identity.sign('message-id', email_id)}@example.test"
    return example(MessageSent, **({"email_id": email_id, "message_id": message_id} | changes))


async def _guarded(store: EventStore, new: NewEvent) -> NewEvent:
    last = await store.last([new.subject])
    expected = last[new.subject].sequence if last else 0
    return NewEvent(new.subject, new.event, new.id, new.version, new.context, expected)
