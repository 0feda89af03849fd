"""Every message is received exactly once, and the ledger tells the truth, whatever goes wrong."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courrier.events import subjects
from courrier.fetcher.domain.ledger import ASK_AGAIN
from courrier.fetcher.domain.scope import Scope
from support.builders import ACCOUNT, raw_message
from support.crashing import live
from unit.fetcher.faulty_server import FAULTS, FaultyFolder, Fetcher


def mail(*uids: int) -> dict[int, bytes]:
    """A message for each UID."""
    return {uid: raw_message(f"number {uid}\n", message_id=f"<{uid}@x.test>") for uid in uids}


def ones(*uids: int) -> list[tuple[int, int]]:
    """These UIDs under UIDVALIDITY 1."""
    return [(1, uid) for uid in sorted(uids)]


uids = st.sets(st.integers(1, 40), max_size=12)
faults = st.lists(st.sampled_from(FAULTS), max_size=14)
bad_uids = st.sets(st.integers(1, 40), max_size=2)
deaths = st.lists(st.integers(1, 90), max_size=3)


Schedule = tuple[set[int], list[str], list[int], set[int], set[int]]
schedules = st.tuples(uids, faults, deaths, bad_uids, bad_uids)


@settings(max_examples=30, deadline=None)
@given(schedules)
def test_whatever_goes_wrong_each_message_is_received_once(schedule: Schedule) -> None:
    """Any faults of the server, any crashes of ours, some bad messages: one event for each."""
    asyncio.run(_lives(schedule))


@pytest.mark.long
@settings(max_examples=1000, deadline=None)
@given(schedules)
def test_in_a_thousand_schedules_each_message_is_received_once(schedule: Schedule) -> None:
    """The same, for longer."""
    asyncio.run(_lives(schedule))


async def _lives(schedule: Schedule) -> None:
    there, wrong, dies_at, poison, refused = schedule
    bad = poison | refused
    folder = FaultyFolder(mail(*there), list(wrong), frozenset(poison), frozenset(refused))
    folder.newcomers = [raw_message("new\n"), raw_message("newer\n")]
    fetcher = Fetcher()
    for step in dies_at:
        await live(lambda: _one_look(fetcher, folder), dies_at=step)
    last = await fetcher.settle(fetcher.process(), folder)
    expected = set(folder.mail) - bad
    received = [uid for _, uid in await fetcher.received()]
    assert sorted(set(received)) == received
    assert expected <= set(received)
    assert last.comparison is not None
    told = last.comparison
    assert (len(folder.mail), len(expected)) == (told.server, told.held)
    assert (len(bad & set(folder.mail)), 0) == (told.left_out, told.missing)
    assert len(received) == last.held


async def _one_look(fetcher: Fetcher, folder: FaultyFolder) -> None:
    process = fetcher.process()
    process.ask(ACCOUNT)  # so that it dies in comparisons, too
    await fetcher.look(process, folder)


async def test_a_poison_message_is_found_and_left_out_and_asked_for_again() -> None:
    """Ninety-nine others come; the server is asked for it some times more, ever more rarely."""
    folder = FaultyFolder(mail(*range(1, 101)), poison=frozenset({37}))
    fetcher = Fetcher()
    process = fetcher.process()
    looks = 0
    while not await fetcher.look(process, folder):
        looks += 1
    owed = (await fetcher.cursors())[-1].owed

    folder.poison = frozenset()
    fetcher.clock += ASK_AGAIN[0]
    assert await fetcher.look(process, folder)

    assert [(37, 1)] == [(one.uid, one.tries) for one in owed]
    assert looks < 12
    assert ones(*range(1, 101)) == await fetcher.received()
    last = (await fetcher.cursors())[-1]
    assert ((), (), 100) == (last.owed, last.left_out, last.held)


async def test_what_never_comes_is_asked_for_a_bounded_number_of_times() -> None:
    """Five times in days by itself; then with the daily comparison only."""
    folder = FaultyFolder(mail(1, 2, 3), refused=frozenset({2}))
    fetcher = Fetcher()
    process = fetcher.process()
    await fetcher.look(process, folder)
    for _ in range(9):
        fetcher.clock += timedelta(hours=17)
        await fetcher.look(process, folder)

    last = (await fetcher.cursors())[-1]

    assert [("undelivered", 1)] == [(one.reason, one.count) for one in last.left_out]
    assert [None] == [one.retry_at for one in last.owed]
    assert ones(1, 3) == await fetcher.received()


async def test_an_earlier_fetch_since_brings_in_the_rest_once() -> None:
    """Messages before the day are left out, then wanted, then not asked for any more."""
    days = {uid: datetime(2026, 3, uid, 12, tzinfo=UTC) for uid in range(1, 10)}
    folder = FaultyFolder(mail(*days), arrived=days)
    fetcher = Fetcher()
    process = fetcher.process()

    await fetcher.look(process, folder, Scope(date(2026, 3, 7)))
    first = await fetcher.received()
    await fetcher.look(process, folder, Scope(date(2026, 3, 4)))
    second = await fetcher.received()
    await fetcher.look(process, folder, Scope(date(2026, 3, 8)))

    assert (ones(7, 8, 9), ones(*range(4, 10))) == (first, second)
    assert ones(*range(4, 10)) == await fetcher.received()
    last = (await fetcher.cursors())[-1]
    assert [("too-old", 3)] == [(one.reason, one.count) for one in last.left_out]
    assert sorted(folder.fetched) == list(range(4, 10))


async def test_a_raised_size_brings_in_what_was_too_large() -> None:
    """Too large is left out with its reason, and comes once it is allowed."""
    folder = FaultyFolder(mail(1, 2) | {3: raw_message("x" * 5000)})
    fetcher = Fetcher()
    process = fetcher.process()

    await fetcher.look(process, folder, Scope(largest=2000))
    left_out = (await fetcher.cursors())[-1].left_out
    await fetcher.look(process, folder, Scope(largest=9000))

    assert [("too-large", 1)] == [(one.reason, one.count) for one in left_out]
    assert ones(1, 2, 3) == await fetcher.received()


async def test_a_message_that_the_log_has_lost_is_found_and_fetched_again() -> None:
    """Whoever took it from the log: what counts is what is there, not what was added up."""
    folder = FaultyFolder(mail(1, 2, 3))
    fetcher = Fetcher()
    process = fetcher.process()
    await fetcher.look(process, folder)
    messages = subjects.folder_messages(ACCOUNT, "INBOX")
    fetcher.store.lose(messages, 1)
    assert ones(1, 3) == await fetcher.received()

    last = await fetcher.settle(process, folder)

    assert ones(1, 2, 3) == await fetcher.received()
    assert last.comparison is not None
    assert (3, 3, 1) == (last.comparison.server, last.comparison.held, last.comparison.recovered)


async def test_another_uidvalidity_begins_anew_and_says_so() -> None:
    """The same message under its new number is another arrival; the linker knows it by its id."""
    folder = FaultyFolder(mail(1, 2))
    fetcher = Fetcher()
    process = fetcher.process()
    await fetcher.look(process, folder)
    folder.uidvalidity, folder.mail = 2, mail(7, 8)

    await fetcher.look(process, folder)

    assert [(1, 1), (1, 2), (2, 7), (2, 8)] == await fetcher.received()
    assert [1, 2] == [cursor.uidvalidity for cursor in await fetcher.cursors()]


async def test_two_fetchers_on_one_folder_receive_each_message_once() -> None:
    """The cursor's expected sequence lets one of them win each batch."""
    folder = FaultyFolder(mail(*range(1, 301)))
    fetcher = Fetcher()

    await asyncio.gather(*(fetcher.look(fetcher.process(), folder) for _ in range(3)))

    assert ones(*range(1, 301)) == await fetcher.received()


async def test_each_step_tells_how_much_is_still_to_come() -> None:
    """Of 300 messages the newest come first, and the rest is counted down."""
    folder = FaultyFolder(mail(*range(1, 301)))
    fetcher = Fetcher()

    await fetcher.look(fetcher.process(), folder)

    told = [(one.server, one.missing, one.held) for one in await fetcher.cursors()]
    assert [(300, 100, 200), (300, 0, 300)] == told
