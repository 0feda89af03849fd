"""What people split stays apart, and answers are where the message is that they answer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from courrier.events.commands.answers import Done
from courrier.events.commands.conversations import RethreadEmails
from courrier.events.commands.linker import UndoDecision
from courrier.events.families.email import EmailImported, ThreadsJoined
from courrier.events.families.identity import UserDeactivated, UserReactivated
from courrier.events.families.mailbox import MessageReceived
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from courrier.linker.adapters.due import PostgresAgenda
from courrier.linker.handlers.changing import Changing
from integration.linker.instances import NewInstance, put, read, settle
from support.builders import NOON, USER, example

pytestmark = pytest.mark.integration

NEW = "9" * 32


def message(number: int, *named: int) -> MessageReceived:
    """Message ``number``, of that hour, which names others."""
    said: dict[str, Any] = {"references": [f"{each}@x.test" for each in named]}
    said["in_reply_to"] = f"{named[-1]}@x.test" if named else None
    return example(
        MessageReceived,
        message_id=f"{number}@x.test",
        subject="Re: Offer" if named else "Offer",
        date=NOON + timedelta(hours=number),
        uid=number + 1,
        **said,
    )


async def threads(store: JetStreamEventStore) -> dict[str, EmailImported]:
    """Return the e-mails by the digit of their Message-ID; no conversations were joined."""
    facts = [each.event for each in await read(store, "EMAIL")]
    assert not [fact for fact in facts if isinstance(fact, ThreadsJoined)]
    return {str(fact.message_id)[0]: fact for fact in facts if isinstance(fact, EmailImported)}


async def test_answers_follow_what_was_split_and_no_rule_joins_it(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance
) -> None:
    """Though they name both conversations; after an undo they are one again."""
    await settle(store)
    linker = new_instance()
    await put(store, message(0), message(1, 0), message(2, 0, 1))
    await linker.take()
    before = await threads(store)
    whole = before["0"].thread_id
    changing = Changing(store, lambda: datetime.now(UTC))
    order: dict[str, Any] = {"left": whole, "thread_id": NEW, "apart": True}
    ids, said = (before["2"].email_id,), {"command_id": uuid4(), "actor": "user:ann"}
    await changing.rethread(RethreadEmails(email_ids=ids, **order | said))
    await put(store, message(3, 0, 1, 2), message(4, 0, 1), message(5, 0, 1, 2, 3))
    await linker.take()
    await linker.heal()
    split = await threads(store)
    undone = UndoDecision(
        undone=str(said["command_id"]), email_ids=ids, person_id=None, common=True, **_again()
    )
    answer = await changing.undo(undone)
    await linker.heal()
    await put(store, message(6, 0, 1, 2))
    await linker.take()
    last = (await read(store, "EMAIL"))[-1].event

    assert {whole} == {before[key].thread_id for key in "012"}
    assert [NEW, whole, NEW] == [split[key].thread_id for key in "345"]
    assert isinstance(answer, Done)
    assert {"undone": 1} == answer.counts
    assert isinstance(last, EmailImported)
    assert whole == last.thread_id


def _again() -> dict[str, Any]:
    return {"command_id": uuid4(), "actor": "user:ann"}


async def test_somebody_who_was_deactivated_is_absent(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance
) -> None:
    """Until they are back."""
    await settle(store)
    agenda, index = PostgresAgenda(pool), new_instance().index
    found = []
    for fact in (None, example(UserDeactivated), example(UserReactivated)):
        if fact is not None:
            await put(store, fact)
        await index.catch_up()
        found.append(await agenda.is_absent(USER))

    assert [False, True, False] == found
