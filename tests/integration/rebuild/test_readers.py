"""People read on while views are rebuilt: no error, no empty page, no e-mail that goes missing."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from nats.aio.client import Client

from courrier.events.families.email import EmailImported
from courrier.gateway.projections.every import VIEWS
from integration.gateway.conftest import Running
from support.builders import NOON, example
from support.waiting import eventually

from .views import start_rebuild, verified

pytestmark = pytest.mark.integration

EMAILS = 20_000
BATCH = 500
READERS = 3
PAGE = 50
COME_MEANWHILE = 40
AFTERWARDS = 20
"""Pages read after the old views are gone."""
BOUND_S = 120.0
SCHEMA = "SELECT oid FROM pg_namespace WHERE nspname = 'gateway'"


@dataclass
class Seen:
    """What a reader has met so far; e-mails are numbered as they came, newest first on a page."""

    newest: int = 0
    pages: int = 0
    faults: list[str] = field(default_factory=list)

    def page(self, answer: httpx.Response, known: int) -> None:
        """Look at the first page of the inbox: full, no gap, not behind what was ``known`` before.

        ``known`` is the newest e-mail of the pages that had come when this one was asked for.
        """
        if answer.status_code != 200:
            self.faults.append(f"{answer.status_code} {answer.text[:200]}")
            return
        numbers = [int(item["id"], 16) for item in answer.json()["items"]]
        whole = list(range(numbers[0], numbers[0] - PAGE, -1)) if numbers else []
        if len(numbers) != PAGE or numbers != whole or numbers[0] < known:
            self.faults.append(f"after {known}: {numbers[:3]} and {len(numbers)} in all")
        self.newest = max([self.newest, *numbers])
        self.pages += 1


@pytest.mark.timeout(BOUND_S * 2)
async def test_readers_are_served_while_views_are_swapped(
    gateway: Running, database_url: str, nats_url: str, client: Client
) -> None:
    """Twenty thousand e-mails rebuilt under readers' eyes, while more mail arrives."""
    await _fill(gateway)
    before = await gateway.pool.fetchval(SCHEMA)
    seen, old = Seen(), Seen()
    async with asyncio.TaskGroup() as tasks:
        reading = [tasks.create_task(_read(gateway, seen, old)) for _ in range(READERS)]
        arriving = tasks.create_task(_arrive(gateway))
        process = await start_rebuild(nats_url, database_url)
        assert 0 == await asyncio.wait_for(process.wait(), BOUND_S)
        await arriving
        pages = seen.pages
        await eventually(lambda: seen.pages > pages + AFTERWARDS, BOUND_S)
        for task in reading:
            task.cancel()

    assert [] == seen.faults + old.faults
    assert pages > READERS
    assert before != await gateway.pool.fetchval(SCHEMA)
    assert EMAILS + COME_MEANWHILE == (await _inbox(gateway))["total"]
    assert (await verified(database_url, VIEWS, client)).is_equal


async def _fill(gateway: Running) -> None:
    position = ""
    for start in range(1, EMAILS + 1, BATCH):
        mails = [_mail(gateway, n) for n in range(start, start + BATCH)]
        position = await gateway.feeder.feed_batch(mails)

    async def shown() -> bool:
        return (await _inbox(gateway, position))["total"] == EMAILS

    await eventually(shown, BOUND_S)


async def _arrive(gateway: Running) -> None:
    for number in range(EMAILS + 1, EMAILS + COME_MEANWHILE + 1):
        await gateway.feeder.feed(_mail(gateway, number))
        await asyncio.sleep(0.05)


async def _read(gateway: Running, seen: Seen, old: Seen) -> None:
    """Read the newest page and one e-mail of long ago, over and over."""
    while True:
        known = seen.newest
        answer = await gateway.admin.get("/emails", params={"folder": "inbox", "limit": PAGE})
        seen.page(answer, known)
        one = await gateway.admin.get(f"/emails/{7:032x}")
        if one.status_code != 200:
            old.faults.append(f"{one.status_code} {one.text[:200]}")


async def _inbox(gateway: Running, position: str = "") -> dict[str, int]:
    headers = {"Courrier-After": position} if position else {}
    answer = await gateway.admin.get("/folders", headers=headers)
    return next((f for f in answer.json()["items"] if f["id"] == "inbox"), {})


def _mail(gateway: Running, number: int) -> EmailImported:
    holding = {"holder_id": gateway.admin_id, "folder": "inbox", "reason": {"rule": "inbox"}}
    return example(
        EmailImported,
        email_id=f"{number:032x}",
        subject=f"Mail {number}",
        thread_id=f"{number:032x}",
        date=NOON + timedelta(seconds=number),
        holdings=[holding],
        links=[],
    )
