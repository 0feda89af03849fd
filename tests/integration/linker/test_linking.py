"""Whatever is repeated, raced or cut off: one e-mail each, and the index says what the log says."""

import pytest

from courrier.events.families.crm import AddressAssigned, AddressReleased
from courrier.events.families.mailbox import FolderAdvanced, MessageReceived
from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from integration.linker.instances import (
    OTHER_ACCOUNT,
    OTHER_USER,
    NewInstance,
    holders,
    imports,
    messages,
    put,
    read,
    reply,
    rows,
    settle,
)
from support.builders import COMPANY, CONTACT, USER, example

pytestmark = pytest.mark.integration

COUNT = 30
FORGET_PROGRESS = "DELETE FROM linker_state.checkpoints WHERE consumer = 'intake'"
FORGET_ALL = """
    TRUNCATE linker.addresses, linker.accounts, linker.people,
             linker.emails, linker.thread_keys, linker.joined_threads, linker.email_addresses,
             linker.email_links, linker.record_accounts,
             linker.gone_records, linker.system_settings,
             linker.filters, linker.folders, linker.targets, linker.skipped,
             linker.checkpoints, linker_state.checkpoints
"""


async def test_messages_become_e_mails_at_their_record(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Each linked to the contact's account, filed for the account's owner, in one thread."""
    await settle(store)
    await put(store, *messages(COUNT))

    await new_instance().take()

    found = await imports(store)
    assert len(found) == COUNT
    assert len({each.thread_id for each in found}) == 1
    assert {link.record.id for each in found for link in each.links if link.parent} == {COMPANY}
    assert {link.record.id for link in found[0].links} == {COMPANY, CONTACT}
    assert await holders(store) == {each.email_id: [USER] for each in found}


async def test_a_batch_that_comes_again_adds_nothing(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance
) -> None:
    """The same messages, cut differently, taken by another process."""
    await settle(store)
    await put(store, *messages(COUNT), *messages(COUNT, account_id=OTHER_ACCOUNT))
    await new_instance().take()
    end, before = await store.end("EMAIL"), await rows(pool)

    await pool.execute(FORGET_PROGRESS)
    await new_instance().take(size=11)

    assert (await store.end("EMAIL"), await rows(pool)) == (end, before)


async def test_the_index_is_rebuilt_from_the_log(
    store: JetStreamEventStore, identity: Identity, pool: Pool, new_instance: NewInstance
) -> None:
    """Every table thrown away: the same rows again, and no new e-mail."""
    await settle(store)
    await put(store, *messages(COUNT), *messages(COUNT, account_id=OTHER_ACCOUNT))
    await put(store, reply(identity))
    linker = new_instance()
    await linker.take()
    await linker.take("OUTBOUND")
    end, before = await store.end("EMAIL"), await rows(pool)

    await pool.execute(FORGET_ALL)
    rebuilt = new_instance()
    await rebuilt.take()
    await rebuilt.take("OUTBOUND")

    assert (await store.end("EMAIL"), await rows(pool)) == (end, before)


async def test_what_is_on_the_log_when_a_message_is_taken_counts(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """A contact made a moment before its first message is found, one removed is not."""
    await settle(store)
    linker = new_instance()
    await linker.take()
    one, two = messages(2)
    await put(store, example(AddressReleased))
    await put(store, one)
    await linker.take()
    await put(store, example(AddressAssigned, owner={"type": "lead", "id": "l1"}, account_id=None))
    await put(store, two.model_copy(update={"references": ()}))

    await linker.take()

    first, second = await imports(store)
    assert [link.record.id for link in first.links] == []
    assert [link.record.id for link in second.links] == ["l1"]


async def test_one_message_in_two_mailboxes_has_two_holders(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """The second copy comes in another batch, long after."""
    await settle(store)
    linker = new_instance()
    (message,) = messages(1)
    await put(store, message)
    await linker.take()
    await put(store, message.model_copy(update={"account_id": OTHER_ACCOUNT}))

    await linker.take()

    (found,) = await imports(store)
    assert await holders(store) == {found.email_id: [USER, OTHER_USER]}


async def test_a_batch_of_too_many_bytes_is_taken_in_parts(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Long headers fill an atomic batch before its number of events does."""
    await settle(store)
    long = tuple(f"{'x' * 900}{n}@x" for n in range(100))
    many = [each.model_copy(update={"references": long}) for each in messages(50)]
    taken = [*await put(store, *many[:25]), *await put(store, *many[25:])]

    await new_instance().linking.take(taken, 0)

    assert len({each.email_id for each in await imports(store)}) == 50


async def test_a_reply_that_we_sent_is_in_the_thread_of_its_original(
    store: JetStreamEventStore, identity: Identity, new_instance: NewInstance
) -> None:
    """And its copy from the Sent folder is the same e-mail."""
    await settle(store)
    linker = new_instance()
    (message,) = messages(1)
    await put(store, message)
    await linker.take()
    (original,) = await imports(store)
    answer = reply(identity, replies_to=original.email_id, subject="Re: Offer")
    await put(store, answer)
    await linker.take("OUTBOUND")
    copy = {"message_id": answer.message_id, "subject": "Re: Offer", "from": answer.sent_from}
    await put(store, example(MessageReceived, special_use="\\Sent", **copy))

    await linker.take()

    _, sent = await imports(store)
    assert (sent.email_id, sent.status, sent.thread_id) == ("5" * 32, "sent", original.thread_id)
    assert [link.record.id for link in sent.links if link.parent] == [COMPANY]
    assert (await holders(store))[sent.email_id] == [USER]


async def test_events_that_bring_no_message_are_passed_over(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """The consumer moves on, so that they are not read again."""
    await settle(store)
    (advanced,) = await put(store, example(FolderAdvanced))
    linker = new_instance()

    await linker.linking.take([advanced], 0)

    assert await linker.index.position("MAILBOX") == advanced.sequence
    assert await read(store, "EMAIL") == []
