"""Erased messages: overwritten in MAILBOX, and left out wherever a copy is met again."""

import asyncio
from uuid import uuid4

import pytest

from courrier.events.blobs import BlobMissing, ref_of
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.erasing import DropBlobs, EraseReceived, KeptOut, PurgeMessages
from courrier.events.commands.fetcher import CompareAccount, ImportMessage
from courrier.events.families.mailbox import FolderAdvanced, MessageErased, MessageReceived
from courrier.events.identity import Identity
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.fetcher.app import now
from courrier.fetcher.handlers.commands import Importing
from courrier.fetcher.handlers.refusing import Refusals
from integration.fetcher.running import Bench
from support.builders import USER, raw_message
from support.imap_accounts import ImapServer
from support.mail_readers import ReadHere
from support.waiting import eventually

pytestmark = pytest.mark.integration

SECOND_ACCOUNT = "7" * 32
KEPT = raw_message(subject="Kept", message_id="<kept@example.test>")
ERASED = raw_message(subject="Gone", message_id="<gone@example.test>")


async def erase(bench: Bench, *sequences: int) -> Done:
    """Give the order and return the answer."""
    order = EraseReceived(command_id=uuid4(), sequences=sequences, actor="user:a")
    done = await bench.bus.ask(order)
    assert isinstance(done, Done)
    return done


async def sequence_of(bench: Bench, subject: str) -> int:
    """Return where the message with this subject stands."""
    return next(
        r.sequence
        for r in await bench.log()
        if isinstance(r.event, MessageReceived) and r.event.subject == subject
    )


async def test_an_erased_message_is_left_out_of_every_other_mailbox(
    bench: Bench, dovecot: ImapServer
) -> None:
    """Its bytes are not even stored; the ledger says why, and the cursor goes on."""
    first, second = dovecot.new_user(), dovecot.new_user()
    for raw in (KEPT, ERASED):
        dovecot.append(first.user, "INBOX", raw)
    dovecot.append(second.user, "INBOX", b"Received: from elsewhere\r\n" + ERASED)
    dovecot.append(second.user, "INBOX", KEPT)
    await bench.add_account(first)
    async with bench.fetcher():
        await eventually(lambda: _has(bench, ["Gone", "Kept"]))
        await erase(bench, await sequence_of(bench, "Gone"))

        await bench.add_account(second, account_id=SECOND_ACCOUNT)
        await eventually(lambda: _has(bench, ["Kept", "Kept"]))
        await eventually(lambda: _skipped(bench))

    with pytest.raises(BlobMissing):
        await bench.blobs.get(ref_of(b"Received: from elsewhere\r\n" + ERASED).digest)


async def test_a_purged_message_is_not_fetched_again_and_copies_of_it_are(
    bench: Bench, dovecot: ImapServer
) -> None:
    """Comparing the folder with its server counts it as received; another mailbox brings it."""
    first, second = dovecot.new_user(), dovecot.new_user()
    for raw in (KEPT, ERASED):
        dovecot.append(first.user, "INBOX", raw)
    dovecot.append(second.user, "INBOX", ERASED)
    await bench.add_account(first)
    async with bench.fetcher(), asyncio.TaskGroup() as tasks:
        await NatsCommandServer(bench.client, tasks).serve(DropBlobs, _done)
        await eventually(lambda: _has(bench, ["Gone", "Kept"]))
        (gone,) = [r for r in await bench.log() if getattr(r.event, "subject", "") == "Gone"]
        assert isinstance(gone.event, MessageReceived)
        message = KeptOut(
            source_id=gone.id,
            sequence=gone.sequence + 1,  # a hint, and a wrong one
            account_id=gone.event.account_id,
            folder="INBOX",
            uid=gone.event.uid,
        )
        order = PurgeMessages(command_id=uuid4(), messages=(message,), actor="service:linker")
        answers = [await bench.bus.ask(order) for _ in range(2)]

        await bench.bus.ask(
            CompareAccount(command_id=uuid4(), account_id=gone.event.account_id, actor="user:a")
        )
        await eventually(lambda: _compared(bench))
        await bench.add_account(second, account_id=SECOND_ACCOUNT)
        await eventually(lambda: _has(bench, ["Gone", "Kept"]))

    assert [True, False] == [each.created for each in answers if isinstance(each, Done)]
    (comparison,) = [each.comparison for each in await bench.cursors() if each.comparison]
    assert (2, 2, 0) == (comparison.server, comparison.held, comparison.recovered)


async def test_an_erased_message_is_refused_by_hand_also_after_a_restart(
    bench: Bench, dovecot: ImapServer, identity: Identity
) -> None:
    """Another fetcher knows it from the log."""
    mailbox = dovecot.new_user()
    dovecot.append(mailbox.user, "INBOX", ERASED)
    await bench.add_account(mailbox)
    async with bench.fetcher():
        await eventually(lambda: _has(bench, ["Gone"]))
        await erase(bench, await sequence_of(bench, "Gone"))
    (raw,) = await bench.blobs.put([ERASED])
    order = ImportMessage(
        command_id=uuid4(), raw=raw, holder_id=USER, folder="inbox", actor="user:a"
    )

    refusals = Refusals(identity)
    await refusals.load(bench.store, JetStreamEraser(bench.client))
    importing = Importing(bench.store, bench.blobs, reader=ReadHere(), refusals=refusals, now=now)
    answer = await importing.answer(order)

    assert isinstance(answer, Refused)
    assert answer.reason == "erased"
    assert await bench.subjects() == []


async def test_erasing_is_repeated_without_harm_and_never_touches_a_cursor(
    bench: Bench, dovecot: ImapServer
) -> None:
    """Whatever sequences an order names."""
    mailbox = dovecot.new_user()
    dovecot.append(mailbox.user, "INBOX", ERASED)
    await bench.add_account(mailbox)
    async with bench.fetcher():
        await eventually(lambda: _has(bench, ["Gone"]))
        end = await bench.store.end("MAILBOX")
        for _ in range(2):
            await erase(bench, *range(1, end + 3))

    assert len(await bench.events(MessageErased)) == 1
    assert await bench.events(FolderAdvanced)
    assert await bench.subjects() == []


async def _done(_: DropBlobs) -> Done:
    return Done()


async def _compared(bench: Bench) -> bool:
    return any(each.comparison for each in await bench.cursors())


async def _has(bench: Bench, subjects: list[str]) -> bool:
    return await bench.subjects() == subjects


async def _skipped(bench: Bench) -> bool:
    skipped = [one for cursor in await bench.cursors() for one in cursor.skipped]
    return [one.reason for one in skipped] == ["erased"]
