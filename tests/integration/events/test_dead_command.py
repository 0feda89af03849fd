"""Operators see what is parked and have it taken again, while everything runs (I6)."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest
from click.testing import CliRunner, Result
from nats.aio.client import Client

from courrier.events import envelope, subjects
from courrier.events.catalogue import EVENTS, Catalogue
from courrier.events.cli.dead import dead
from courrier.events.commands.replaying import FetcherReplayParked, GatewayReplayParked
from courrier.events.envelope import encode
from courrier.events.families.settings import EmailAccountAdded, EmailAccountPaused
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import Projector
from courrier.events.runtime.replaying import ReplayDesk
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.sharing import group_of
from courrier.fetcher.handlers.accounts import Roster
from courrier.fetcher.handlers.waking import Alarm
from support.builders import ACCOUNT, example, new_event
from support.notes import SET_UP, TABLE, at, notes, put
from support.waiting import eventually

pytestmark = pytest.mark.integration

OTHER = "8" * 32
NEWER = "courrier.settings.EmailAccountRested.v9"


class EmailAccountRested(EmailAccountPaused):
    """What only a newer version knows: another word for a pause."""

    TYPE: ClassVar[str] = NEWER


NEXT = Catalogue((*EVENTS, EmailAccountRested), ())


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool over a database with the projection's tables."""
    made = await open_pool(database_url, name="test", service="gateway")
    await made.execute(SET_UP)
    await made.execute(TABLE)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def _beside(nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURRIER_NATS_URL", nats_url)
    monkeypatch.setenv("COURRIER_DATA_DIR", "/nowhere")


async def courrier(*words: str) -> Result:
    """Run ``courrier dead`` beside the test's loop."""
    return await asyncio.to_thread(CliRunner().invoke, dead, list(words))


async def test_what_is_parked_is_listed_and_replayed_while_all_runs(
    client: Client, store: JetStreamEventStore, leases: JetStreamLeases, pool: Pool
) -> None:
    """It stays until the mended service takes it; then nothing is listed any more."""
    poison = {"bad"}
    projector = Projector(pool, at(), [notes(poison)])  # type: ignore[arg-type]  # mended later
    await put(store, ("e1", "ada"), ("e1", "bad"), ("e1", "bob"), ("e2", "ada"))
    async with asyncio.TaskGroup() as tasks:
        server = NatsCommandServer(client, tasks)
        await server.serve(GatewayReplayParked, ReplayDesk(store, [projector]).answer)
        running = tasks.create_task(projector.run(store, leases))
        await eventually(lambda: _cases(store, 1))
        listed = json.loads((await courrier("list", "--json")).output)
        early = await courrier("replay", listed["id"])
        poison.clear()
        late = await courrier("replay", "--consumer", "gateway.notes")
        empty = await courrier("list")
        people = await pool.fetchval("SELECT people FROM gateway.notes WHERE email_id = 'e1'")
        running.cancel()

    assert ("gateway.notes", "EMAIL:2", "failed", 1) == (
        listed["consumer"],
        listed["position"],
        listed["reason"],
        listed["waiting"],
    )
    assert (1, 0) == (early.exit_code, late.exit_code)
    assert "stays parked: Poison at notes.py" in early.output
    assert "Nothing is parked.\n" == empty.output
    assert "ada,bad,bob" == people


async def test_poison_for_one_account_keeps_no_other_from_being_fetched(
    client: Client, store: JetStreamEventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fetcher parks in memory, tells DEAD, and takes it when its type is known."""
    await _settle(store, client)
    started: list[str] = []

    async def work(account: Account, _: Alarm) -> None:
        started.append(account.account_id)
        await asyncio.Event().wait()

    roster = Roster(store, work)
    for account_id in (ACCOUNT, OTHER):
        roster.begin(group_of(account_id))
    caught_up = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        server = NatsCommandServer(client, tasks)
        await server.serve(FetcherReplayParked, ReplayDesk(store, [roster]).answer)
        following = tasks.create_task(roster.follow(caught_up.set))
        await eventually(lambda: _cases(store, 1))
        await eventually(lambda: len(started) == len((ACCOUNT, OTHER)))
        before = (sorted(started), roster.knows(ACCOUNT))
        monkeypatch.setattr(envelope, "CATALOGUE", NEXT)
        replayed = await courrier("replay", "--all")
        after = roster.knows(ACCOUNT)
        following.cancel()
        await roster.stop()

    assert (sorted([ACCOUNT, OTHER]), True) == before
    assert (0, False) == (replayed.exit_code, after), replayed.output


async def test_a_fetcher_that_knows_better_closes_the_case(
    client: Client, store: JetStreamEventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart with the mended code is a replay."""
    await _settle(store, client)
    for known in (False, True):
        if known:
            monkeypatch.setattr(envelope, "CATALOGUE", NEXT)
        roster = Roster(store, _idle)
        following = asyncio.create_task(roster.follow(lambda: None))
        await eventually(lambda: _cases(store, 2 if known else 1))  # noqa: B023
        following.cancel()
        await asyncio.wait({following})
        await roster.stop()

    assert "Nothing is parked.\n" == (await courrier("list")).output


async def _settle(store: JetStreamEventStore, client: Client) -> None:
    """Two accounts; the first has then an event of a newer Courrier."""
    first = new_event(example(EmailAccountAdded), expected=0)
    second = new_event(example(EmailAccountAdded, account_id=OTHER), expected=0)
    await store.append([first, second])
    headers, body = encode(new_event(example(EmailAccountPaused), version=2))
    subject = subjects.email_account(ACCOUNT)
    await client.request(subject, body, headers=headers | {"ce-type": NEWER})


async def _idle(_: Account, __: Alarm) -> None:
    await asyncio.Event().wait()


async def _cases(store: JetStreamEventStore, count: int) -> bool:
    return await store.end("DEAD") >= count
