"""Two linkers at once, or one that dies: one e-mail each, and nobody's holder is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from courrier.events.envelope import NewEvent
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.parking import Blocked, Parked
from courrier.events.postgres.pool import Pool
from courrier.events.postgres.projector import Fenced
from courrier.events.store import Appended, Conflict, EventStore, History
from courrier.linker.domain.arrivals import Keys
from courrier.linker.domain.known import Known
from courrier.linker.ports import INTAKE, Index, Progress
from integration.linker.instances import (
    OTHER_ACCOUNT,
    OTHER_USER,
    Instance,
    NewInstance,
    holders,
    imports,
    messages,
    put,
    rows,
    settle,
)
from support.builders import USER

pytestmark = pytest.mark.integration

COUNT = 30
FORGET_PROGRESS = "DELETE FROM linker_state.checkpoints WHERE consumer = 'intake'"
FORGET_ALL = """
    TRUNCATE linker.addresses, linker.accounts, linker.people,
             linker.emails, linker.thread_keys, linker.joined_threads, linker.email_addresses,
             linker.email_links, linker.record_accounts,
             linker.checkpoints, linker_state.checkpoints
"""


class Crash(BaseException):
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

    async def blocked(self, stream: str, consumer: str = INTAKE) -> Blocked:
        """As the real one."""
        return await self._index.blocked(stream, consumer)

    async def record(self, own: History, progress: Progress, aside: Sequence[Parked] = ()) -> None:
        """Die, the first time."""
        if self._crashes:
            self._crashes -= 1
            raise Crash
        await self._index.record(own, progress, aside)


class InterruptedStore:
    """Lets something else happen between deciding and the first append."""

    def __init__(self, store: EventStore, meanwhile: Callable[[], Awaitable[Any]]) -> None:
        self._store = store
        self._meanwhile: Callable[[], Awaitable[Any]] | None = meanwhile
        self.end = store.end
        self.ids = store.ids
        self.last = store.last
        self.load = store.load
        self.follow = store.follow

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Append, after the interruption if it has not been yet."""
        if meanwhile := self._meanwhile:
            self._meanwhile = None
            await meanwhile()
        return await self._store.append(events)


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
