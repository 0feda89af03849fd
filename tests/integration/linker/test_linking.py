"""Whatever is repeated, raced or cut off: one e-mail each, and the index says what the log says."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from courrier.events.envelope import NewEvent
from courrier.events.families.crm import AddressAssigned, AddressReleased
from courrier.events.families.mailbox import FolderAdvanced, MessageReceived
from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from courrier.events.postgres.projector import Fenced
from courrier.events.store import Appended, Conflict, EventStore, History
from courrier.linker.domain.arrivals import Keys
from courrier.linker.domain.known import Known
from courrier.linker.ports import Index, Progress
from integration.linker.instances import (
    OTHER_ACCOUNT,
    OTHER_USER,
    Instance,
    NewInstance,
    holders,
    imports,
    messages,
    put,
    read,
    reply,
    rows,
    settle,
)
from support.builders import COMPANY, CONTACT, USER, example

pytestmark = pytest.mark.integration

COUNT = 30
FORGET_PROGRESS = "DELETE FROM linker.checkpoints WHERE consumer = 'intake.0'"
FORGET_ALL = """
    TRUNCATE linker.addresses, linker.accounts, linker.people, linker.emails, linker.threads,
             linker.checkpoints
"""


class Crash(Exception):
    """The process is gone, here and now."""


class CrashingIndex:
    """Dies once, after the append and before the index is written."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._crashes = 1

    async def catch_up(self) -> int:
        """As the real one."""
        return await self._index.catch_up()

    async def look_up(self, keys: Keys) -> Known:
        """As the real one."""
        return await self._index.look_up(keys)

    async def record(self, own: History, progress: Progress) -> None:
        """Die, the first time."""
        if self._crashes:
            self._crashes -= 1
            raise Crash
        await self._index.record(own, progress)


class InterruptedStore:
    """Lets something else happen between deciding and the first append."""

    def __init__(self, store: EventStore, meanwhile: Callable[[], Awaitable[Any]]) -> None:
        self._store = store
        self._meanwhile: Callable[[], Awaitable[Any]] | None = meanwhile
        self.end = store.end
        self.last = store.last
        self.load = store.load
        self.follow = store.follow

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Append, after the interruption if it has not been yet."""
        if meanwhile := self._meanwhile:
            self._meanwhile = None
            await meanwhile()
        return await self._store.append(events)


async def test_messages_become_e_mails_at_their_record(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Each linked to the contact's account, filed for the account's owner, in one thread."""
    await settle(store)
    await put(store, *messages(COUNT))

    await new_instance().take()

    found = await imports(store)
    assert len(found) == COUNT
    assert len({each.thread_id for each in found}) == 1
    assert {link.record.id for each in found for link in each.links if link.parent} == {COMPANY}
    assert {link.record.id for link in found[0].links} == {COMPANY, CONTACT}
    assert await holders(store) == {each.email_id: [USER] for each in found}


async def test_a_batch_that_comes_again_adds_nothing(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance
) -> None:
    """The same messages, cut differently, taken by another process."""
    await settle(store)
    await put(store, *messages(COUNT), *messages(COUNT, account_id=OTHER_ACCOUNT))
    await new_instance().take()
    end, before = await store.end("EMAIL"), await rows(pool)

    await pool.execute(FORGET_PROGRESS)
    await new_instance().take(size=11)

    assert (await store.end("EMAIL"), await rows(pool)) == (end, before)


async def test_the_index_is_rebuilt_from_the_log(
    store: JetStreamEventStore, identity: Identity, pool: Pool, new_instance: NewInstance
) -> None:
    """Every table thrown away: the same rows again, and no new e-mail."""
    await settle(store)
    await put(store, *messages(COUNT), *messages(COUNT, account_id=OTHER_ACCOUNT))
    await put(store, reply(identity))
    linker = new_instance()
    await linker.take()
    await linker.take("OUTBOUND")
    end, before = await store.end("EMAIL"), await rows(pool)

    await pool.execute(FORGET_ALL)
    rebuilt = new_instance()
    await rebuilt.take()
    await rebuilt.take("OUTBOUND")

    assert (await store.end("EMAIL"), await rows(pool)) == (end, before)


async def test_a_crash_between_append_and_index_loses_and_doubles_nothing(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance
) -> None:
    """The log has the batch, the index does not: the next process reads it first."""
    await settle(store)
    await put(store, *messages(COUNT))
    with pytest.raises(Crash):
        await new_instance(plant=CrashingIndex).take()
    assert len(await imports(store)) > len((await rows(pool))["emails"]) == 0

    await new_instance().take(size=11)

    found = await imports(store)
    assert len(found) == len({each.email_id for each in found}) == COUNT
    assert len((await rows(pool))["emails"]) == COUNT
    assert len({each.thread_id for each in found}) == 1


async def test_what_is_on_the_log_when_a_message_is_taken_counts(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """A contact made a moment before its first message is found, one removed is not."""
    await settle(store)
    linker = new_instance()
    await linker.take()
    one, two = messages(2)
    await put(store, example(AddressReleased))
    await put(store, one)
    await linker.take()
    await put(store, example(AddressAssigned, owner={"type": "lead", "id": "l1"}, account_id=None))
    await put(store, two.model_copy(update={"references": ()}))

    await linker.take()

    first, second = await imports(store)
    assert [link.record.id for link in first.links] == []
    assert [link.record.id for link in second.links] == ["l1"]


async def test_one_message_in_two_mailboxes_has_two_holders(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """The second copy comes in another batch, long after."""
    await settle(store)
    linker = new_instance()
    (message,) = messages(1)
    await put(store, message)
    await linker.take()
    await put(store, message.model_copy(update={"account_id": OTHER_ACCOUNT}))

    await linker.take()

    (found,) = await imports(store)
    assert await holders(store) == {found.email_id: [USER, OTHER_USER]}


async def test_two_linkers_that_meet_one_message_at_once_make_one_e_mail(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Both decide that it is new; the loser of the claim adds its holder."""
    await settle(store)
    mine, theirs = await put(store, *messages(1), *messages(1, account_id=OTHER_ACCOUNT))
    other = new_instance()

    async def meanwhile() -> None:
        await other.linking.take([theirs], 0)

    with pytest.raises(Fenced):  # they share one checkpoint here, unlike two partitions
        await new_instance(writes_to=InterruptedStore(store, meanwhile)).linking.take([mine], 0)

    (found,) = await imports(store)
    assert await holders(store) == {found.email_id: [OTHER_USER, USER]}


async def test_a_batch_of_which_another_linker_has_stored_a_part_is_completed(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Same causes, same event ids: the store calls the whole batch repeated, which it is not."""
    await settle(store)
    taken = await put(store, *messages(COUNT))
    other = new_instance()

    async def meanwhile() -> None:
        await other.linking.take(taken[:10], 0)

    with pytest.raises(Fenced):
        await new_instance(writes_to=InterruptedStore(store, meanwhile)).linking.take(taken, 0)

    found = await imports(store)
    assert len(found) == len({each.email_id for each in found}) == COUNT


async def test_an_e_mail_that_changes_while_it_is_shared_is_decided_again(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """The holder that somebody else has just added is not added twice."""
    await settle(store)
    linker = new_instance()
    await put(store, *messages(1))
    await linker.take()
    taken = await put(store, *messages(1, account_id=OTHER_ACCOUNT))
    other = new_instance()
    before = await linker.index.position("MAILBOX")

    async def meanwhile() -> None:
        await other.linking.take(taken, before)

    with pytest.raises(Fenced):
        await new_instance(writes_to=InterruptedStore(store, meanwhile)).linking.take(taken, before)

    assert list((await holders(store)).values()) == [[USER, OTHER_USER]]


async def test_two_linkers_on_the_same_messages_make_one_e_mail_each(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance
) -> None:
    """A frozen holder of the lease woke up: both work, neither loses nor doubles anything."""
    await settle(store)
    for start in range(0, COUNT, 5):
        part = messages(COUNT)[start : start + 5]
        copies = messages(COUNT, account_id=OTHER_ACCOUNT)[start : start + 5]
        await put(store, *part, *copies)

    await asyncio.gather(_stubbornly(new_instance, 3), _stubbornly(new_instance, 8))

    found = await imports(store)
    assert len(found) == len({each.email_id for each in found}) == COUNT
    assert len({each.thread_id for each in found}) == 1
    assert {tuple(sorted(each)) for each in (await holders(store)).values()} == {
        tuple(sorted((USER, OTHER_USER)))
    }
    await _matches_a_rebuilt_one(pool, new_instance)


async def test_a_batch_of_too_many_bytes_is_taken_in_parts(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Long headers fill an atomic batch before its number of events does."""
    await settle(store)
    long = tuple(f"{'x' * 900}{n}@x" for n in range(100))
    many = [each.model_copy(update={"references": long}) for each in messages(50)]
    taken = [*await put(store, *many[:25]), *await put(store, *many[25:])]

    await new_instance().linking.take(taken, 0)

    assert len({each.email_id for each in await imports(store)}) == 50


async def test_a_reply_that_we_sent_is_in_the_thread_of_its_original(
    store: JetStreamEventStore, identity: Identity, new_instance: NewInstance
) -> None:
    """And its copy from the Sent folder is the same e-mail."""
    await settle(store)
    linker = new_instance()
    (message,) = messages(1)
    await put(store, message)
    await linker.take()
    (original,) = await imports(store)
    answer = reply(identity, replies_to=original.email_id, subject="Re: Offer")
    await put(store, answer)
    await linker.take("OUTBOUND")
    copy = {"message_id": answer.message_id, "subject": "Re: Offer", "from": answer.sent_from}
    await put(store, example(MessageReceived, special_use="\\Sent", **copy))

    await linker.take()

    _, sent = await imports(store)
    assert (sent.email_id, sent.status, sent.thread_id) == ("5" * 32, "sent", original.thread_id)
    assert [link.record.id for link in sent.links if link.parent] == [COMPANY]
    assert (await holders(store))[sent.email_id] == [USER]


async def test_events_that_bring_no_message_are_passed_over(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """The consumer moves on, so that they are not read again."""
    await settle(store)
    (advanced,) = await put(store, example(FolderAdvanced))
    linker = new_instance()

    await linker.linking.take([advanced], 0)

    assert await linker.index.position("MAILBOX") == advanced.sequence
    assert await read(store, "EMAIL") == []


async def _stubbornly(new_instance: NewInstance, size: int) -> None:
    """Work to the end as a process does: whenever it is stopped, from the checkpoint again."""
    for _ in range(COUNT):
        linker: Instance = new_instance()
        try:
            await linker.take(size=size)
        except (Fenced, Conflict):
            continue
        return
    raise AssertionError("never came to the end")


async def _matches_a_rebuilt_one(pool: Pool, new_instance: NewInstance) -> None:
    before = await rows(pool)
    await pool.execute(FORGET_ALL)
    await new_instance().index.catch_up()
    assert await rows(pool) == before
