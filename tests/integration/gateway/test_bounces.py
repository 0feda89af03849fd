"""What servers report after a message has left, as its author sees it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from courrier.events import subjects
from courrier.events.families.email import EmailImported
from courrier.events.families.outbound import DeliveryReported, MessageSent, SendRequested
from courrier.events.jetstream.blobs import JetStreamBlobs
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


REPORT = b"""From: MAILER-DAEMON@mx.example.test
To: grace@example.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <report@mx.example.test>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Nobody of this name is here.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; ada@example.test
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: <ours@example.test>

--b--
"""


async def test_a_report_says_itself_what_came_of_whom(
    gateway: Running, blobs: JetStreamBlobs
) -> None:
    """As ``POST /emails/parse`` reads it; what a person wrote says nothing of the kind."""
    (raw,) = await blobs.put([REPORT])
    holding = {"holder_id": gateway.admin_id, "folder": "inbox", "reason": {"rule": "inbox"}}
    common = {"holdings": [holding], "links": [], "raw": raw}
    written = example(EmailImported, email_id="1" * 32, **common)
    report = example(EmailImported, email_id="2" * 32, auto_reply=True, **common)
    after = {"Courrier-After": await gateway.feeder.feed(written, report)}
    ordinary = (await gateway.admin.get(f"/emails/{written.email_id}", headers=after)).json()
    shown = (await gateway.admin.get(f"/emails/{report.email_id}", headers=after)).json()
    parsed = await gateway.admin.post(
        "/emails/parse", content=REPORT, headers={"Content-Type": "message/rfc822"}
    )

    assert ordinary["bounce"] is None
    assert parsed.json()["bounce"] == shown["bounce"]
    assert ("hard", "ours@example.test", ADA, "5.1.1") == (
        shown["bounce"]["kind"],
        shown["bounce"]["original_message_id"],
        shown["bounce"]["recipients"][0]["address"],
        shown["bounce"]["recipients"][0]["status"],
    )
