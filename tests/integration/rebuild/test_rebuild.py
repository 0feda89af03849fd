"""Views are disposable: built anew beside themselves, swapped in, compared by digest (I5)."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client

from courrier.events.families.settings import PasswordSet
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.pages import JetStreamPages
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from courrier.events.postgres.shadow import RebuildUnderWay, building
from courrier.gateway.projections.every import VIEWS as GATEWAY
from support.builders import example, new_event
from support.lives import lived

from .views import ALL, digest, in_step, migrated, projecting, put, rebuilt, start_rebuild, verified

pytestmark = pytest.mark.integration

SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname LIKE $1 || '%' ORDER BY 1"
HALF = 30


@pytest.mark.parametrize("service", sorted(ALL))
async def test_a_rebuild_gives_the_same_rows(
    service: str, database_url: str, client: Client, store: JetStreamEventStore
) -> None:
    """Digest for digest, nothing is left beside them, and live projectors go on over the new."""
    views = ALL[service]
    streams = lived(seed=1, mails=60)
    await put(store, streams, part=slice(HALF))
    async with migrated(database_url, views) as pool:
        async with projecting(pool, views, client):
            await in_step(pool, views, store)
            before = await digest(pool, service)
            done = await rebuilt(database_url, views, client)
            assert before == await digest(pool, service)
            assert done.rows.keys() == before.keys()
            await put(store, streams, part=slice(HALF, None))
            await in_step(pool, views, store)
            assert before != await digest(pool, service)

        assert (await verified(database_url, views, client)).is_equal
        names = [row["nspname"] for row in await pool.fetch(SCHEMAS, service)]
        assert [service, f"{service}_state"] == names


@pytest.fixture
async def shown(
    database_url: str, client: Client, store: JetStreamEventStore
) -> AsyncIterator[Pool]:
    """The gateway's views of a life, all shown, nobody projecting."""
    await put(store, lived(seed=2, mails=40))
    async with migrated(database_url, GATEWAY) as pool:
        async with projecting(pool, GATEWAY, client):
            await in_step(pool, GATEWAY, store)
        yield pool


DAMAGE = {
    "differs": "UPDATE emails SET subject = 'Other' WHERE email_id LIKE '%e0003'",
    "missing": "DELETE FROM emails WHERE email_id LIKE '%e0003'",
    "too many": """
        INSERT INTO emails
        SELECT (jsonb_populate_record(e, '{"email_id": "e0003"}')).* FROM emails e LIMIT 1
    """,
}


@pytest.mark.parametrize("found", sorted(DAMAGE))
async def test_verify_names_the_row_that_differs(
    shown: Pool, database_url: str, client: Client, found: str
) -> None:
    """Table, key and how; other tables are equal; a rebuild mends it."""
    await shown.execute(DAMAGE[found])

    told = await verified(database_url, GATEWAY, client)

    different = {table.table: table.differences for table in told.tables if not table.is_equal}
    assert ["emails"] == list(different)
    assert [(found, True)] == [(d.how, "e0003" in d.key) for d in different["emails"]]
    await rebuilt(database_url, GATEWAY, client)
    assert (await verified(database_url, GATEWAY, client)).is_equal


async def test_two_rebuilds_do_not_mix(shown: Pool, database_url: str, client: Client) -> None:
    """The second is refused at once, and told why."""
    pages = JetStreamPages(client)
    async with building(database_url, GATEWAY, GATEWAY.schemas.shadow, pages):
        with pytest.raises(RebuildUnderWay, match="another process"):
            await rebuilt(database_url, GATEWAY, client)


@pytest.mark.parametrize("after_lines", [0, 1, 3, 5])
async def test_killed_in_any_phase_it_is_run_again(
    shown: Pool, database_url: str, nats_url: str, client: Client, after_lines: int
) -> None:
    """``kill -9`` before, while and after it fills: the live rows stay, the next run ends well."""
    before = await digest(shown, "gateway")
    process = await start_rebuild(nats_url, database_url)
    assert process.stdout
    for _ in range(after_lines):
        await asyncio.wait_for(process.stdout.readline(), 30)
    if process.returncode is None:
        os.kill(process.pid, signal.SIGKILL)
    await process.wait()

    assert before == await digest(shown, "gateway")
    await rebuilt(database_url, GATEWAY, client)
    assert before == await digest(shown, "gateway")
    names = [row["nspname"] for row in await shown.fetch(SCHEMAS, "gateway")]
    assert ["gateway", "gateway_state"] == names


async def test_what_was_begun_is_not_done_twice(
    shown: Pool, database_url: str, client: Client
) -> None:
    """A shadow that the same code has begun is filled from where it stands."""
    pages = JetStreamPages(client)
    async with building(database_url, GATEWAY, GATEWAY.schemas.shadow, pages) as shadow:
        total = await shadow.remaining()
        await shadow.approach(lambda _: None)
        async with shadow.level(lambda _: None):
            assert 0 == await shadow.remaining()

    done = await rebuilt(database_url, GATEWAY, client)

    assert total > 0
    assert 0 == done.events
    assert (await verified(database_url, GATEWAY, client)).is_equal


async def test_holes_and_damage_hold_nothing_up(
    database_url: str, client: Client, store: JetStreamEventStore
) -> None:
    """What was erased at the end of a stream, or cannot be read, is passed over as live."""
    await put(store, lived(seed=3, mails=5))
    async with migrated(database_url, GATEWAY) as pool:
        await client.request("email.00.damaged", b"not an event", timeout=5)
        last = await store.append([new_event(example(PasswordSet), "settings.00.x", expected=0)])
        async with projecting(pool, GATEWAY, client):
            await in_step(pool, GATEWAY, store)
        await request_api(client, "STREAM.MSG.DELETE.SETTINGS", {"seq": last.sequence})

        done = await rebuilt(database_url, GATEWAY, client)

        assert last.sequence == done.positions["SETTINGS"]
        assert (await verified(database_url, GATEWAY, client)).is_equal
