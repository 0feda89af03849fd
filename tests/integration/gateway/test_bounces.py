"""What servers report after a message has left, as its author sees it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from courrier.events import subjects
from courrier.events.families.outbound import DeliveryReported, MessageSent, SendRequested
from integration.gateway.conftest import Running
from integration.gateway.test_configured import made
from support.builders import EMAIL, example, new_event

pytestmark = pytest.mark.integration

ADA, BOB = "ada@example.test", "bob@example.test"


def said(address: str, outcome: str, code: int, text: str) -> dict[str, Any]:
    """Return what is said of a recipient."""
    return {"address": address, "outcome": outcome, "code": code, "text": text}


async def happens_now(gateway: Running, event: DeliveryReported) -> str:
    """Let this happen today, as people are not told of what is long ago."""
    subject = subjects.outbound(event.email_id)
    new = new_event(event, subject, expected=gateway.feeder.last[subject])
    today = replace(new.context, time=datetime.now(UTC))
    appended = await gateway.feeder.store.append([replace(new, context=today)])
    gateway.feeder.last[subject] = appended.sequence
    return f"1.{appended.position}"


async def test_a_bounce_stands_on_the_message_is_told_and_marks_the_address(
    gateway: Running,
) -> None:
    """Each recipient has their last word; an address works again once somebody is reached there."""
    await made(gateway.admin, "/records/contact", last_name="Lovelace", email_addresses=[ADA, BOB])
    sent = [said(ADA, "sent", 250, "ok"), said(BOB, "sent", 250, "ok")]
    author = {"author_id": gateway.admin_id}
    await gateway.feeder.feed(example(SendRequested, envelope_to=[ADA, BOB], **author))
    await gateway.feeder.feed(example(MessageSent, attempt=1, outcomes=sent, **author))
    lost = [said(ADA, "bounced", 550, "5.1.1 no such user")]
    bounced = example(DeliveryReported, outcomes=lost, is_hard=True)
    after = {"Courrier-After": await happens_now(gateway, bounced)}
    shown = (await gateway.admin.get(f"/emails/{EMAIL}", headers=after)).json()["delivery"]
    (notice,) = (await gateway.admin.get("/notifications")).json()["items"]
    people = (await gateway.admin.get("/people", params={"q": "Lovelace"})).json()["items"]
    reached = [said(ADA, "delivered", 250, "2.0.0 OK")]
    again = example(DeliveryReported, outcomes=reached, source_id="8" * 32)
    after = {"Courrier-After": await gateway.feeder.feed(again)}
    later = (await gateway.admin.get("/people", params={"q": "ada@"}, headers=after)).json()

    assert "partial" == shown["state"]
    assert [("bounced", 550, "5.1.1 no such user"), ("sent", 250, "ok")] == [
        (each["outcome"], each["code"], each["text"]) for each in shown["recipients"]
    ]
    assert ("bounce", EMAIL) == (notice["kind"], notice["email_id"])
    assert {ADA: True, BOB: False} == {each["address"]: each["invalid"] for each in people}
    assert [False] == [each["invalid"] for each in later["items"]]
