"""Filters on mail that is there: told first, then done as one decision, then undone."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from time import perf_counter
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from courrier.events.base import derived_id
from courrier.events.families.configuration import FilterFields
from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import MessageReceived
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import open_pool
from courrier.gateway.domain.past_mail import wanted
from courrier.gateway.projections import past_mail
from support.builders import USER, example, recorded
from support.filter_table import MATCHES

from .conftest import Running
from .linking import linker_of, receive
from .read_models import ReadModels
from .test_undo import counted, finished

pytestmark = pytest.mark.integration

SHARED = ("from", "to", "cc", "subject", "raw", "attachment_count")
"""What an e-mail repeats of the message it was made of."""

MANY = (
    """
    INSERT INTO gateway.received_texts (event_id, text, text_cut, attachments, seq)
    SELECT n, (SELECT string_agg(md5((n * 100 + k)::text) || ' lorem ipsum dolor', ' ')
                 FROM generate_series(1, n % 60 + 5) AS k), false, '[]', n
      FROM generate_series(1, 100000) AS n
    """,
    """
    INSERT INTO gateway.emails
           (email_id, source_id, status, raw_digest, raw_size, refs, thread_id, thread_reason,
            subject, sent_from, reply_to, sent_to, cc, date, snippet, attachment_count, auto_reply,
            imported_at, actor, seq, parties)
    SELECT n, n, 'archived', 'x', 1000, '[]', n, '{}', 'Subject ' || n,
           jsonb_build_object('address', 'a' || (n % 500) || '@example.test'), '[]',
           '[{"address": "me@example.test"}]', '[]', now() - n * interval '1 minute', '', 0, false,
           now(), 'x', n, '{}'
      FROM generate_series(1, 100000) AS n
    """,
    f"""
    INSERT INTO gateway.email_holders
           (email_id, holder_id, holder_type, folder, source_id, is_read, reason, date, held_at,
            seq)
    SELECT n, '{USER}', 'user', 'inbox', n, true, '{{}}', now() - n * interval '1 minute', now(), n
      FROM generate_series(1, 100000) AS n
    """,
)
"""A hundred thousand e-mails of one person."""
TRIED: tuple[tuple[dict[str, Any], int], ...] = (
    ({"from": "a7@*"}, 200),
    ({"subject": "*99"}, 1000),
    ({"to": "me@*"}, 100_000),
    ({"body_contains": ["zebra"]}, 0),
    ({"body_contains_all": ["lorem", "dolor"]}, 100_000),
    ({"has_attachment": True}, 0),
)


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it."""
    async with linker_of(gateway, client):
        yield gateway


def after(answer: httpx.Response) -> dict[str, str]:
    """Ask for an answer that knows of that one."""
    return {"Courrier-After": answer.headers["Courrier-Position"]}


async def applied_to_the_past(
    person: httpx.AsyncClient, rule: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set a filter up, apply it, and return it and the job at its end."""
    made = await person.post("/filters", json=rule)
    begun = await person.post(f"/filters/{made.json()['id']}:apply", headers=after(made))
    return made.json(), await finished(person, begun)


@pytest.fixture
async def models(database_url: str) -> AsyncIterator[ReadModels]:
    """Empty read models."""
    await migrate(database_url, package="courrier.gateway", schema="gateway")
    pool = await open_pool(database_url, name="test", service="gateway", size=2)
    yield ReadModels(pool)
    await pool.close()


async def test_the_past_is_matched_as_what_arrives(models: ReadModels) -> None:
    """Row by row of the same table: SQL finds what the linker's matcher meets."""
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
        found = await past_mail.count(models.pool, asked) if asked else 0
        answered.append((criteria, message, "yes" if found else "no"))

    assert told == answered


@pytest.mark.long
async def test_a_hundred_thousand_e_mails_are_tried_within_two_seconds(models: ReadModels) -> None:
    """By sender, subject, recipient, files and words of the body, 1.8 KB each."""
    for statement in MANY:
        await models.pool.execute(statement)
    usual = {"name": "x", "scope": "user", "owner_id": USER, "action": "skip"}
    took: dict[str, float] = {}
    for criteria, expected in TRIED:
        asked = wanted(FilterFields.model_validate(usual | criteria))
        assert asked
        started = perf_counter()
        count, newest = await past_mail.tell(models.pool, asked, USER, 10)
        took[str(criteria)] = perf_counter() - started
        assert (expected, min(expected, 10)) == (count, len(newest))

    assert {} == {name: seconds for name, seconds in took.items() if seconds > 2}


async def test_a_filter_is_tried_applied_and_undone(linked: Running) -> None:
    """What the dry run counts is what moves, in one decision; the rest stays where it is."""
    admin = linked.admin
    bring = partial(receive, linked, linked.admin_id, attachment_count=0)
    for number in range(3):
        await bring(email_id=f"{number:032x}", subject=f"Offer {number}")
    await bring(email_id="a" * 32, subject="Question")
    folder = await admin.post("/folders", json={"name": "Offers"})
    box = folder.json()["id"]
    rule = {"name": "Offers", "subject": "Offer *", "action": "move", "folder_id": box}
    told = (
        await admin.post("/filters:dry-run", json=rule | {"mark_read": True}, headers=after(folder))
    ).json()
    one = await admin.post("/filters:dry-run", json=rule | {"email_id": "a" * 32})
    made, applied = await applied_to_the_past(admin, rule | {"mark_read": True})
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
    _, done = await applied_to_the_past(linked.admin, rule)
    async with aclosing(grace):
        gone = await counted(grace)
        (decision,) = (await grace.get("/decisions")).json()["items"]
        await grace.post("/decisions:undo", json={"decision_id": decision["id"]})
        back = await counted(grace)

    assert 2 == done["result"]["changed"]
    assert ({"trash": (1, 1)}, {"inbox": (1, 1), "all": (1, 1)}) == (gone, back)
    assert {"trash": (1, 1)} == await counted(linked.admin)
