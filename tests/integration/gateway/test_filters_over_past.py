"""Filters on mail that is there: told first, then done as one decision, then undone."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any

import pytest
from nats.aio.client import Client

from courrier.events.base import derived_id
from courrier.events.families.configuration import FilterFields
from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import MessageReceived
from courrier.events.postgres.pool import Pool, open_pool
from courrier.gateway.domain.past_mail import wanted
from courrier.gateway.projections import past_mail
from support.builders import USER, example, recorded
from support.filter_table import MATCHES

from .conftest import Running
from .linking import INBOX, linker_of, receive
from .read_models import ReadModels
from .test_undo import counted, finished

pytestmark = pytest.mark.integration

SHARED = ("from", "to", "cc", "subject", "raw", "attachment_count")
"""What an e-mail repeats of the message it was made of."""


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it."""
    async with linker_of(gateway, client):
        yield gateway


@pytest.fixture
async def pool(gateway_database: str) -> AsyncIterator[Pool]:
    """A pool over the migrated schema ``gateway``."""
    made = await open_pool(gateway_database, name="test", service="gateway", size=3)
    yield made
    await made.close()


async def test_the_past_is_matched_as_what_arrives(pool: Pool) -> None:
    """Row by row of the same table: SQL finds what the linker's matcher meets."""
    models = ReadModels(pool)
    await models.empty()
    told, answered = [], []
    for number, (criteria, message, expected) in enumerate(MATCHES, start=1):
        email_id, source = f"{number:032x}", str(derived_id("test", str(number)))
        usual = {"name": "x", "scope": "user", "owner_id": USER, "action": "move", "folder_id": "b"}
        received = example(MessageReceived, **message)
        kept = {key: value for key, value in message.items() if key in SHARED}
        imported = example(EmailImported, email_id=email_id, source_id=source, **kept)
        await models.feed([recorded(received, "mailbox.00.a.b.msg", id=source, sequence=number)])
        await models.feed([recorded(imported, f"email.00.{email_id}", sequence=number)])
        fields = FilterFields.model_validate(usual | criteria)
        asked = wanted(fields, email_id) if fields.active else None
        told.append((criteria, message, expected))
        found = await past_mail.count(pool, asked) if asked else 0
        answered.append((criteria, message, "yes" if found else "no"))

    assert told == answered


async def test_a_filter_is_tried_applied_and_undone(linked: Running) -> None:
    """What the dry run counts is what moves, in one decision; the rest stays where it is."""
    admin = linked.admin
    bring = partial(receive, linked, linked.admin_id, attachment_count=0)
    for number in range(3):
        await bring(email_id=f"{number:032x}", subject=f"Offer {number}")
    await bring(email_id="a" * 32, subject="Question")
    box = (await admin.post("/folders", json={"name": "Offers"})).json()["id"]
    rule = {"name": "Offers", "subject": "Offer *", "action": "move", "folder_id": box}
    told = (await admin.post("/filters:dry-run", json=rule | {"mark_read": True})).json()
    one = await admin.post("/filters:dry-run", json=rule | {"email_id": "a" * 32})
    made = (await admin.post("/filters", json=rule | {"mark_read": True})).json()
    applied = await finished(admin, await admin.post(f"/filters/{made['id']}:apply"))
    moved = await counted(admin)
    again = (await admin.post("/filters:dry-run", json=rule | {"mark_read": True})).json()
    (decision,) = (await admin.get("/decisions")).json()["items"]
    undone = await admin.post("/decisions:undo", json={"decision_id": decision["id"]})

    assert (3, {f"Offer {n}" for n in range(3)}) == (
        told["count"],
        {each["subject"] for each in told["examples"]},
    )
    assert 0 == one.json()["count"]
    assert ("done", 3, 3) == (applied["state"], applied["done"], applied["result"]["changed"])
    assert {box: (3, 0), "inbox": (1, 1), "all": (4, 1)} == moved
    assert 0 == again["count"]
    assert ("filter", made["id"]) == (decision["rule"]["rule"], decision["rule"]["rule_id"])
    assert 3 == undone.json()["undone"]
    assert {"inbox": (4, 4), "all": (4, 4)} == await counted(admin)


async def test_only_whose_filter_it_is_may_apply_it(linked: Running) -> None:
    """Mine is not there for others; everybody's is the administrators'."""
    grace, _ = await linked.add_user("grace")
    rule: dict[str, Any] = {"name": "All", "subject": "*", "action": "skip"}
    made = (await linked.admin.post("/filters", json=rule)).json()
    async with aclosing(grace):
        foreign = await grace.post(f"/filters/{made['id']}:apply")
        everybody = await grace.post("/filters:dry-run", json=rule | {"scope": "global"})
    hers = (await linked.admin.post("/filters:dry-run", json=rule | {"scope": "global"})).json()

    assert (404, 403) == (foreign.status_code, everybody.status_code)
    assert {"count": 0, "examples": []} == hers


async def test_a_global_filter_acts_on_every_holders_copy(linked: Running) -> None:
    """Each finds it in their Trash, and may take it back for themselves."""
    grace, grace_id = await linked.add_user("grace")
    await receive(linked, linked.admin_id, grace_id, email_id="1" * 32, subject="Win now")
    rule = {"name": "Spam", "scope": "global", "subject": "Win *", "action": "skip"}
    made = (await linked.admin.post("/filters", json=rule)).json()
    done = await finished(linked.admin, await linked.admin.post(f"/filters/{made['id']}:apply"))
    async with aclosing(grace):
        gone = await counted(grace)
        (decision,) = (await grace.get("/decisions")).json()["items"]
        await grace.post("/decisions:undo", json={"decision_id": decision["id"]})
        back = await counted(grace)

    assert 2 == done["result"]["changed"]
    assert ({"trash": (1, 1)}, {"inbox": (1, 1), "all": (1, 1)}) == (gone, back)
    assert {"trash": (1, 1)} == await counted(linked.admin)


def test_inbox_is_what_the_tests_file_into() -> None:
    """The holdings of these tests lie where filters look."""
    assert "inbox" == INBOX["folder"]
