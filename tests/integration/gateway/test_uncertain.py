"""How sending goes, over HTTP: each recipient's outcome, and what people decide of the uncertain.

The sender is played by its own decisions, without servers.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from nats.aio.client import Client

from courrier.events.base import Event
from courrier.events.commands.sender import SettleUncertain
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryStarted,
    MessageSent,
    OutboundCancelled,
    RecipientsSettled,
    SendingHeldBack,
    SendingResumed,
    SendRequested,
)
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.sender.handlers.deciding import Deciding
from support.builders import ACCOUNT, EMAIL, NOON, example

from .conftest import Running

pytestmark = pytest.mark.integration

ADA, BOB = "ada@example.test", "bob@example.test"


def _said(address: str, outcome: str, code: int | None, text: str = "ok") -> dict[str, Any]:
    return {"address": address, "outcome": outcome, "code": code, "text": text}


@pytest.fixture(autouse=True)
async def sender(gateway: Running, client: Client) -> AsyncIterator[None]:
    """Who answers decisions."""
    async with asyncio.TaskGroup() as tasks:
        server = NatsCommandServer(client, tasks)
        deciding = Deciding(gateway.feeder.store, lambda: NOON)
        await server.serve(SettleUncertain, deciding.settle)
        yield


async def _happens(gateway: Running, *events: Event) -> dict[str, Any]:
    """Let these happen and return the e-mail as its author sees it then."""
    position = ""
    for event in events:
        position = await gateway.feeder.feed(event)
    after = {"Courrier-After": position}
    answer = await gateway.admin.get(f"/emails/{EMAIL}", headers=after)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def _uncertain(gateway: Running) -> list[Event]:
    requested = example(SendRequested, author_id=gateway.admin_id, envelope_to=[ADA, BOB])
    doubt = example(DeliveryBecameUncertain, attempt=1, text="the line was cut")
    return [requested, example(DeliveryStarted), doubt]


async def test_each_recipient_has_an_outcome_of_its_own(gateway: Running) -> None:
    """From the request on; a word that stays keeps the time at which it was said."""
    requested, started, _ = _uncertain(gateway)
    waiting = (await _happens(gateway, requested))["delivery"]
    put_off = [_said(ADA, "sent", 250), _said(BOB, "deferred", 450, "later")]
    sent = example(MessageSent, author_id=gateway.admin_id, outcomes=put_off)
    partly = await _happens(
        gateway, started, sent, example(DeliveryDeferred, outcomes=put_off, retry_at=NOON)
    )
    last = [put_off[0], _said(BOB, "sent", 250)]
    settled = await _happens(
        gateway,
        example(DeliveryStarted, attempt=2, recipients=[BOB]),
        example(RecipientsSettled, attempt=2, outcomes=last),
    )

    assert (waiting["state"], waiting["attempts"]) == ("queued", 0)
    assert [each["outcome"] for each in waiting["recipients"]] == ["queued", "queued"]
    keys = {"address", "outcome", "code", "text", "at"}
    assert {frozenset(each) for each in partly["delivery"]["recipients"]} == {frozenset(keys)}
    assert partly["delivery"]["state"] == "partial"
    assert partly["delivery"]["recipients"][1]["text"] == "later"
    assert settled["delivery"]["state"] == "sent"
    assert settled["delivery"]["recipients"][0] == partly["delivery"]["recipients"][0]


async def test_a_scheduled_message_can_be_taken_back(gateway: Running) -> None:
    """It says when it leaves; taken back, it is no message to be sent any more."""
    requested, *_ = _uncertain(gateway)
    later = requested.model_copy(update={"not_before": NOON})
    shown = await _happens(gateway, later)
    position = await gateway.feeder.feed(example(OutboundCancelled))
    gone = await gateway.admin.get(f"/emails/{EMAIL}", headers={"Courrier-After": position})

    assert shown["delivery"]["state"] == "scheduled"
    assert shown["delivery"]["retry_at"] == "2026-03-02T12:00:00Z"
    assert gone.status_code == 404


async def test_an_uncertain_message_is_marked_as_sent(gateway: Running) -> None:
    """Who wrote it looked and knows; then nothing is to be decided any more."""
    before = await _happens(gateway, *_uncertain(gateway))
    marked = await gateway.admin.post(f"/emails/{EMAIL}:mark-sent")
    again = await gateway.admin.post(f"/emails/{EMAIL}:resend")

    assert before["delivery"]["state"] == "uncertain"
    assert before["delivery"]["text"] == "the line was cut"
    assert marked.json()["delivery"]["state"] == "sent", marked.text
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "not-uncertain")


@pytest.mark.parametrize(("action", "state"), [("resend", "queued"), ("mark-failed", "failed")])
async def test_an_uncertain_message_is_sent_again_or_given_up(
    gateway: Running, action: str, state: str
) -> None:
    """Both are the author's decision, and shown at once."""
    await _happens(gateway, *_uncertain(gateway))
    decided = await gateway.admin.post(f"/emails/{EMAIL}:{action}")

    assert decided.json()["delivery"]["state"] == state, decided.text


async def test_others_decide_nothing(gateway: Running) -> None:
    """A message on its way is its author's alone."""
    await _happens(gateway, *_uncertain(gateway))
    grace, _ = await gateway.add_user("grace")
    async with aclosing(grace):
        answers = [
            (await grace.post(f"/emails/{EMAIL}:{action}")).status_code
            for action in ("resend", "mark-sent", "mark-failed")
        ]

    assert answers == [404, 404, 404]


async def test_an_accounts_status_says_when_its_server_wants_a_rest(gateway: Running) -> None:
    """In the server's words, until it is over."""
    await gateway.feeder.feed(example(EmailAccountAdded, owner_id=gateway.admin_id))
    held = example(SendingHeldBack, until="2099-01-01T00:00:00Z", text="421 too many messages")
    path = f"/email-accounts/{ACCOUNT}/status"
    after = {"Courrier-After": await gateway.feeder.feed(held)}
    resting = await gateway.admin.get(path, headers=after)
    after = {"Courrier-After": await gateway.feeder.feed(example(SendingResumed))}
    over = await gateway.admin.get(path, headers=after)

    assert resting.json()["sending"] == {
        "held_until": "2099-01-01T00:00:00Z",
        "times": 2,
        "text": "421 too many messages",
    }, resting.text
    assert over.json()["sending"] is None
