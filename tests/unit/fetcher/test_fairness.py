"""Servers are not overrun, and small accounts do not wait for large ones."""

import asyncio
import resource
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest

from courrier.fetcher.adapters.open_files import allow_all
from courrier.fetcher.domain.failures import trouble
from courrier.fetcher.domain.pace import PROBE_S, UNWELL_AFTER, Pace
from courrier.fetcher.handlers.enquiries import Enquiries
from courrier.fetcher.handlers.figures import Figures
from courrier.fetcher.handlers.hosts import HostLimits, Hosts, NoRoom
from courrier.fetcher.handlers.turns import LARGE, Turns
from courrier.fetcher.handlers.waking import Alarm
from support.builders import ACCOUNT, NOON

REFUSED = trouble("refused", host="imap.example.test", port=993)
WRONG_PASSWORD = trouble("log-in-refused", host="imap.example.test", port=993, answer="no")


async def soon(awaited: "asyncio.Task[None]") -> bool:
    """Whether a task ends without anybody else doing anything."""
    await asyncio.wait({awaited}, timeout=0.02)
    return awaited.done()


@given(st.lists(st.floats(0, 100), max_size=30).map(sorted), st.floats(0.5, 50))
def test_log_ins_of_one_server_keep_their_distance(moments: list[float], per_s: float) -> None:
    """Whenever accounts come: two log-ins are never closer than the pace allows."""
    pace, begun = Pace(per_s), list[float]()
    for moment in moments:
        now = max(moment, *begun[-1:]) if begun else moment
        at = now + pace.wait_s(now)
        pace = pace.begin(at)
        begun.append(at)

    gaps = [later - before for before, later in pairwise(begun)]
    assert all(gap >= 1 / per_s - 1e-6 for gap in gaps)


def test_a_server_that_is_down_is_only_probed_until_it_answers() -> None:
    """Two thousand accounts of a server that is down ask it once a second, not each by itself."""
    pace = Pace(25.0).begin(0.0)
    down = pace
    for _ in range(UNWELL_AFTER):
        down = down.missed()

    assert [1 / 25, PROBE_S, 1 / 25] == [one.wait_s(0.0) for one in (pace, down, down.reached())]


async def test_a_wrong_password_says_nothing_about_the_server() -> None:
    """Many of them do not slow down the accounts whose passwords are right."""
    hosts = Hosts(HostLimits(connections=100, log_ins_per_s=1000))
    async with hosts.place("imap.example.test", waits=True) as place:
        for _ in range(UNWELL_AFTER):
            await place.enter()
            place.failed(WRONG_PASSWORD)
        async with asyncio.timeout(PROBE_S / 2):
            await place.enter()


async def test_a_server_that_refuses_connections_slows_down_its_own_accounts_only() -> None:
    """The next of them waits for the probe; those of other servers do not."""
    hosts = Hosts(HostLimits(connections=100, log_ins_per_s=1000))
    async with hosts.place("down.example.test", waits=True) as place:
        for _ in range(UNWELL_AFTER):
            await place.enter()
            place.failed(REFUSED)
        slow = asyncio.create_task(place.enter())
        async with hosts.place("imap.example.test", waits=True) as other:
            await other.enter()

        assert not await soon(slow)
        slow.cancel()


async def test_a_full_server_gives_each_account_one_connection_in_turn() -> None:
    """A second connection of an account finds no room; a first one waits and is wanted."""
    hosts = Hosts(HostLimits(connections=1))

    async def come() -> None:
        async with hosts.place("IMAP.example.test", waits=True):
            pass

    async with hosts.place("imap.example.test", waits=True) as place:
        with pytest.raises(NoRoom):
            async with hosts.place("imap.example.test", waits=False):
                raise AssertionError("there was room")
        waiting = asyncio.create_task(come())
        seen = [place.is_wanted, await soon(waiting), place.is_wanted]
        async with hosts.place("other.example.test", waits=False):
            pass

    assert [False, False, True] == seen
    assert await soon(waiting)


async def test_new_mail_does_not_wait_for_first_synchronisations() -> None:
    """However many of them there are: small turns have slots of their own."""
    turns = Turns()

    async def small() -> None:
        async with turns.take(is_small=True):
            pass

    async with AsyncExitStack() as stack:
        large = [await stack.enter_async_context(turns.take()) for _ in range(LARGE)]
        another = asyncio.create_task(_enter(turns))

        assert await soon(asyncio.create_task(small()))
        assert not await soon(another)
        assert all(turn.is_wanted for turn in large)
        await large[0].pass_on()
        assert another.done()


async def _enter(turns: Turns) -> None:
    async with turns.take():
        pass


async def test_a_nudge_ends_a_wait_and_asks_for_nothing() -> None:
    """Settings changed: waits are reckoned anew, servers are not asked for it."""
    alarm = Alarm()
    ear, deaf = alarm.listen(), alarm.listen()
    alarm.forget(deaf)

    alarm.nudge()
    nudged = (ear.event.is_set(), ear.heard())
    alarm.ring()

    assert (True, False) == nudged
    assert [True, False] == [ear.heard(), ear.heard()]
    assert not deaf.event.is_set()


def test_the_state_of_an_account_is_one_word() -> None:
    """What a person asks first: does it work, and if not, does it need me?"""
    figures = Figures(ACCOUNT)
    states = [figures.state]
    figures.connections = 1
    figures.folder("INBOX").done = 5
    states.append(figures.state)
    figures.folder("INBOX").done = None
    figures.succeeded(NOON)
    states.append(figures.state)
    figures.failed(REFUSED, NOON, NOON)
    states.append(figures.state)
    figures.is_suspended = True
    states.append(figures.state)

    assert ["waiting", "syncing", "idle", "failing", "needs_person"] == states


def test_the_lag_is_that_of_the_folder_that_waits_longest() -> None:
    """A folder under a push that works has none; one that was never looked at makes it unknown."""
    figures = Figures(ACCOUNT, push="works")
    figures.folder("INBOX").push = True
    figures.folder("INBOX").looked_at = NOON.replace(hour=8)
    alone = figures.lag_s(NOON)
    figures.folder("Other")
    unknown = figures.lag_s(NOON)
    figures.folder("Other").looked_at = NOON.replace(hour=11)

    assert [0.0, None, 3600.0] == [alone, unknown, figures.lag_s(NOON)]
    figures.push = "silent"
    assert 4 * 3600.0 == figures.lag_s(NOON)


async def test_prometheus_sees_sums_and_no_account() -> None:
    """However many accounts there are, the number of series stays the same."""
    held = {f"{n}": Figures(f"{n}", push="works", connections=2) for n in range(5)}
    held["0"].is_suspended = True
    held["1"].succeeded(NOON)
    enquiries = Enquiries(held, "one", lambda: NOON)
    counting = asyncio.create_task(enquiries.count())
    await asyncio.sleep(0)
    counting.cancel()

    shown = generate_latest().decode()
    wanted = {
        'courrier_fetcher_accounts{state="needs_person"} 1.0',
        'courrier_fetcher_accounts{state="waiting"} 3.0',
        'courrier_fetcher_push{push="works"} 5.0',
        "courrier_fetcher_connections 10.0",
    }
    assert wanted <= set(shown.splitlines())
    assert enquiries.answer("9") is None


def test_the_system_lets_us_open_as_many_files_as_it_ever_will() -> None:
    """The soft limit of many systems is 1024: too few for a thousand mailboxes."""
    hard = allow_all()

    assert (hard, hard) == resource.getrlimit(resource.RLIMIT_NOFILE)
