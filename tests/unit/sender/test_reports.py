"""A report that arrives in a mailbox becomes a fact on the message that it is about, once."""

from typing import cast

import pytest

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.blobs import MemoryBlobs, ref_of
from courrier.events.envelope import Recorded
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryReported,
    DeliveryStarted,
    MessageSent,
    SendRequested,
)
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.mail.parse import summarise
from courrier.sender.handlers.reporting import Reporting
from support.builders import EMAIL, NOON, example, new_event
from support.delivery_notices import prose, report

IDENTITY = Identity(bytes(32))
ID = f"{EMAIL}.{IDENTITY.sign('message-id', EMAIL)}@example.test"
ADA, BOB = "ada@example.test", "bob@example.test"
SENT = (
    example(SendRequested, message_id=ID, envelope_to=[ADA, BOB]),
    example(DeliveryStarted, attempt=1),
    example(MessageSent, attempt=1, message_id=ID),
)


class Mailbox:
    """The log and the blobs, in memory."""

    def __init__(self) -> None:
        self.store, self.blobs = MemoryEventStore(), MemoryBlobs()

    async def sent(self, *facts: Event) -> None:
        """Let these have happened to the message."""
        for number, fact in enumerate(facts, start=1):
            await self.store.append([new_event(fact, version=number)])

    async def receive(self, raw: bytes, *, times: int = 1) -> None:
        """Have a message arrive, and be met this often."""
        await self.blobs.put([raw])
        said = summarise(raw)
        kinds = [
            {
                "position": place,
                "filename": None,
                "content_type": each.content_type,
                "size": each.size,
                "sha256": each.sha256,
            }
            for place, each in enumerate(said.attachments)
        ]
        received = example(
            MessageReceived,
            raw=ref_of(raw),
            auto_reply_kind=said.auto_reply_kind,
            attachments=kinds,
        )
        appended = await self.store.append([new_event(received)])
        history = await self.store.load(subjects.folder_messages(received.account_id, "INBOX"))
        recorded = next(each for each in history if each.sequence == appended.sequence)
        for _ in range(times):
            reporting = Reporting(self.store, self.blobs, IDENTITY, lambda: NOON)
            await reporting.received(cast("Recorded[MessageReceived]", recorded))

    async def told(self) -> list[DeliveryReported]:
        """Return what was reported on the message."""
        history = await self.store.load(subjects.outbound(EMAIL))
        return [each.event for each in history if isinstance(each.event, DeliveryReported)]


@pytest.mark.parametrize(
    ("raw", "outcome", "code", "is_hard"),
    [
        (report(ID, "failed"), "bounced", 550, True),
        (report(ID, "delayed"), "delayed", 451, False),
        (report(ID, "delivered"), "delivered", 250, False),
        (prose(ID), "bounced", None, True),
    ],
)
async def test_a_report_counts_once_for_whom_it_names(
    raw: bytes, outcome: str, code: int | None, *, is_hard: bool
) -> None:
    """The same report met again adds nothing; the other recipient is left as it was."""
    mailbox = Mailbox()
    await mailbox.sent(*SENT)
    await mailbox.receive(raw, times=2)

    (told,) = await mailbox.told()
    (said,) = told.outcomes
    assert (ADA, outcome, code, is_hard) == (said.address, said.outcome, said.code, told.is_hard)


@pytest.mark.parametrize(
    "raw",
    [
        report(ID, "failed", address="eve@example.test"),
        report(f"{EMAIL}.0000000000000000@example.test", "failed"),
        report("somebody@else.test", "failed"),
    ],
)
async def test_what_is_not_ours_or_not_theirs_to_tell_changes_nothing(raw: bytes) -> None:
    """Somebody whom we did not write to, an imitated id, another's message."""
    mailbox = Mailbox()
    await mailbox.sent(*SENT)
    await mailbox.receive(raw)

    assert [] == await mailbox.told()


async def test_a_message_that_nobody_knew_of_is_proven_to_have_left() -> None:
    """A report says that a server had it: it is uncertain no longer."""
    mailbox = Mailbox()
    doubt = example(DeliveryBecameUncertain, attempt=1)
    await mailbox.sent(*SENT[:2], doubt)
    await mailbox.receive(report(ID, "delayed"))
    history = await mailbox.store.load(subjects.outbound(EMAIL))

    assert [MessageSent, DeliveryReported] == [type(each.event) for each in history[-2:]]
