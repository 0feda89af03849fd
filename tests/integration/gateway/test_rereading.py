"""Old mail is read again over HTTP: first what would differ, then for good."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from nats.aio.client import Client

from courrier.events.blobs import Blobs, ref_of
from courrier.events.commands.rereading import RereadMessages
from courrier.events.families.email import EmailImported, EmailReread
from courrier.events.families.mailbox import MessageReceived, MessageReread
from courrier.events.identity import Identity
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.handlers.rereading import Rereading, Screen
from courrier.linker.handlers.rereading import Rereading as Telling
from support.builders import EMAIL, NOON, example, new_event, raw_message
from support.mail_readers import ReadHere
from support.waiting import eventually

from .conftest import Running

pytestmark = pytest.mark.integration

RAW = raw_message("It is this.\n", subject="The true subject", cc="Bob <bob@example.test>")


@pytest.fixture
async def misread(
    gateway: Running, client: Client, blobs: Blobs, identity: Identity
) -> AsyncIterator[Running]:
    """A message that a worse parser read: no subject, no Cc, and another text."""
    await blobs.put([RAW])
    received = example(MessageReceived, raw=ref_of(RAW).model_dump(), subject=None, text="?", cc=[])
    await gateway.feeder.feed(received)
    holding = {"holder_id": gateway.admin_id, "folder": "inbox", "reason": {"rule": "inbox"}}
    imported = example(
        EmailImported,
        source_id=str(new_event(received).id),
        raw=ref_of(RAW).model_dump(),
        subject=None,
        snippet="?",
        links=[],
        holdings=[holding],
    )
    position = await gateway.feeder.feed(imported)
    await gateway.admin.get("/folders", headers={"Courrier-After": position})
    store = gateway.feeder.store
    screen = Screen(ReadHere(), Refusals(identity))
    rereading = Rereading(store, JetStreamEraser(client), blobs, screen=screen, now=lambda: NOON)
    async with asyncio.TaskGroup() as tasks:
        server = NatsCommandServer(client, tasks)
        await server.serve(RereadMessages, rereading.answer)
        yield gateway


async def job_of(gateway: Running, **body: Any) -> dict[str, Any]:
    """Return the result of a job of reading again."""
    begun = await gateway.admin.post("/emails:reparse", json=body)
    assert begun.status_code == 202, begun.text
    found: dict[str, Any] = {}

    async def ended() -> bool:
        answer = await gateway.admin.get(f"/jobs/{begun.json()['id']}")
        found.update(answer.json())
        return found["state"] not in {"queued", "running"}

    await eventually(ended)
    assert (found["state"], found["errors"]) == ("done", [])
    return dict(found["result"])


async def last(gateway: Running, kind: type[Any], stream: str) -> Any:
    """Return the last event of a stream, which is of this kind."""
    store = gateway.feeder.store
    end = await store.end(stream)
    follower = store.follow(stream, after=end - 1)
    (recorded,) = await anext(follower)
    await follower.aclose()
    assert isinstance(recorded.event, kind)
    return recorded


async def test_a_dry_run_shows_what_would_differ_and_changes_nothing(misread: Running) -> None:
    """Field by field, before and now; the log is as it was."""
    before = await misread.feeder.store.end("MAILBOX")

    result = await job_of(misread, ids=[EMAIL])

    shown = {
        each["field"]: (each["before"], each["now"]) for each in result["differences"][0]["fields"]
    }
    assert (True, 1, 1, 0) == tuple(
        result[word] for word in ("is_dry_run", "read", "differing", "applied")
    )
    assert ("null", '"The true subject"') == shown["subject"]
    assert {"subject", "cc", "text", "recipient_count"} == result["fields"].keys() & shown.keys()
    assert before == await misread.feeder.store.end("MAILBOX")


async def test_a_new_reading_takes_effect_and_a_second_one_finds_nothing(misread: Running) -> None:
    """Subject, people and text are those of the new reading wherever the e-mail is shown."""
    query = {"since": "2026-01-01T00:00:00Z"}

    first = await job_of(misread, query=query, apply=True)

    recorded = await last(misread, MessageReread, "MAILBOX")
    await Telling(misread.feeder.store, lambda: NOON).take(recorded, recorded.event)
    told = await last(misread, EmailReread, "EMAIL")
    for at in (f"1.MAILBOX:{recorded.sequence}", f"1.EMAIL:{told.sequence}"):
        await misread.admin.get("/folders", headers={"Courrier-After": at})
    shown = (await misread.admin.get(f"/emails/{EMAIL}")).json()
    second = await job_of(misread, query=query, apply=True)
    assert ("The true subject", "It is this.") == (shown["subject"], shown["text"].strip())
    assert ["bob@example.test"] == [one["address"] for one in shown["cc"]]
    assert [(1, 1), (1, 0)] == [(each["read"], each["applied"]) for each in (first, second)]


async def test_only_administrators_have_mail_read_again(misread: Running) -> None:
    """It changes what everybody sees."""
    someone, _ = await misread.add_user("bob")

    refused = await someone.post("/emails:reparse", json={"ids": [EMAIL]})
    unfit = await misread.admin.post("/emails:reparse", json={})

    assert (403, 422) == (refused.status_code, unfit.status_code)
