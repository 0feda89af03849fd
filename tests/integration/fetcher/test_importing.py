"""A message handed in by a person is archived once."""

from uuid import uuid4

import pytest

from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.fetcher import ImportMessage
from courrier.events.families.mailbox import BlobRef, MessageReceived
from integration.fetcher.running import Bench
from support.builders import DIGEST, USER, raw_message
from support.waiting import eventually

pytestmark = pytest.mark.integration


def command(raw: BlobRef, holder: str = USER) -> ImportMessage:
    """One order, each with its own id."""
    return ImportMessage(
        command_id=uuid4(), raw=raw, holder_id=holder, folder="archive", actor=f"user:{holder}"
    )


async def test_the_same_bytes_from_the_same_person_are_one(bench: Bench) -> None:
    """Handed in again: told where the first one stands; another person's is another."""
    (raw,) = await bench.blobs.put([raw_message(subject="by hand")])
    async with bench.fetcher() as health:
        await eventually(lambda: not health.waiting_for)
        first = await bench.bus.ask(command(raw))
        again = await bench.bus.ask(command(raw))
        other = await bench.bus.ask(command(raw, holder="9" * 32))

    assert Done(position="MAILBOX:1") == first
    assert Done(position="MAILBOX:1", created=False) == again
    assert Done(position="MAILBOX:2") == other
    mine = (await bench.events(MessageReceived))[0]
    assert (f"import-{USER}", 0, USER, "archive", "by hand") == (
        mine.account_id,
        mine.uid,
        mine.holder_id,
        mine.target_folder,
        mine.subject,
    )


async def test_bytes_that_are_not_stored_are_refused(bench: Bench) -> None:
    """The order names a blob that nobody has."""
    async with bench.fetcher() as health:
        await eventually(lambda: not health.waiting_for)
        answer = await bench.bus.ask(command(BlobRef(digest=DIGEST, size=3)))

    assert isinstance(answer, Refused)
    assert "blob-missing" == answer.reason
