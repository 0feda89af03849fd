"""Handlers of different streams commute, whatever the interleaving and the batches (I5).

The log is one; only the order in which its streams are projected, and where batches are cut, are
chance. Each example fills a schema of its own and compares every table by digest.
"""

import random
from collections.abc import AsyncIterator, Iterable, Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailImported
from courrier.events.postgres.digest import BOOKKEEPING
from courrier.events.postgres.pool import Db, Pool
from courrier.events.postgres.projector import Projector
from courrier.events.postgres.views import Feed, Views
from courrier.events.projection import Projection
from courrier.events.store import History
from support.lives import interleaved, streams_of

from .views import ALL, digest, migrated

pytestmark = pytest.mark.integration

STREAMS = streams_of(seed=5, mails=40)
EXAMPLES = 12
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename <> ALL ($2::text[])"
TRUNCATE = "SELECT format('TRUNCATE %I.%I', $1::text, $2::text)"
FORGET = "DELETE FROM checkpoints"


@pytest.fixture(params=sorted(ALL))
async def service(
    request: pytest.FixtureRequest, database_url: str
) -> AsyncIterator[tuple[Pool, Views]]:
    """Empty views of each service."""
    views = ALL[request.param]
    async with migrated(database_url, views) as pool:
        yield pool, views


@BOUNDED
@given(seed=st.integers(0, 2**32), most=st.sampled_from([1, 3, 20, 1000]))
async def test_any_interleaving_gives_the_same_rows(
    service: tuple[Pool, Views], seed: int, most: int
) -> None:
    """Streams in any order, batches of any size: the same digest, table by table."""
    pool, views = service
    straight = await _projected(pool, views, STREAMS.values())

    mixed = await _projected(pool, views, interleaved(STREAMS, random.Random(seed), most))

    assert straight == mixed


async def test_a_handler_that_does_not_commute_is_found(database_url: str) -> None:
    """One that looks at another stream's rows: the shuffle sees it within its few examples."""
    views = _with_planted(ALL["gateway"])
    async with migrated(database_url, views) as pool:
        straight = await _projected(pool, views, STREAMS.values())
        others = [
            await _projected(pool, views, interleaved(STREAMS, random.Random(seed), 20))
            for seed in range(EXAMPLES)
        ]

    assert any(straight != other for other in others)


def _with_planted(views: Views) -> Views:
    """Count unread mail by what ``MAILBOX`` has shown so far: the wrong way to do it."""
    planted: Projection[Db] = Projection("planted", stream="EMAIL", version=1)

    @planted.on(EmailImported)
    async def imported(db: Db, _: Sequence[Recorded[EmailImported]]) -> None:
        await db.execute("UPDATE folder_counters SET total = (SELECT count(*) FROM received_texts)")

    feeds = tuple(
        Feed(feed.consumer, feed.stream, (*feed.projections, planted))
        if feed.stream == "EMAIL"
        else feed
        for feed in views.feeds
    )
    return Views(views.service, views.package, feeds)


async def _projected(pool: Pool, views: Views, batches: Iterable[History]) -> dict[str, str]:
    """Empty the views, project these batches one after the other, return the digests."""
    for row in await pool.fetch(TABLES, views.service, list(BOOKKEEPING)):
        await pool.execute(await pool.fetchval(TRUNCATE, views.service, row["tablename"]))
    await pool.execute(FORGET)
    projectors = {
        feed.stream: Projector(pool, views.checkpoint(feed), feed.projections)
        for feed in views.feeds
    }
    at = dict.fromkeys(projectors, 0)
    for batch in batches:
        stream = batch[0].stream
        if stream in projectors:
            await projectors[stream].apply(batch, at[stream])
            at[stream] = batch[-1].sequence
    return await digest(pool, views.service)
