"""What is due: a snoozed copy comes back, a reminder fires or is cleared, a closed talk opens."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from courrier.events import subjects
from courrier.events.bus import CommandBus
from courrier.events.commands.conversations import ArrangeConversation
from courrier.events.commands.linker import ChangeEmails, Snooze, StateChange
from courrier.events.families.mailbox import MessageReceived
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import open_pool
from courrier.linker.adapters.due import KEPT_DAYS, PostgresAgenda
from courrier.linker.settings import LinkerSettings
from integration.linker.instances import imports, put, settle
from integration.linker.services import running
from support.builders import ADA, ME, USER, example
from support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("identity")]


def change(email_id: str, **wish: Any) -> ChangeEmails:
    """What the account's owner wants of an e-mail."""
    return ChangeEmails(
        command_id=uuid4(),
        email_ids=(email_id,),
        person_id=USER,
        change=StateChange.model_validate(wish),
        actor=f"user:{USER}",
    )


def message(number: int, **changes: Any) -> MessageReceived:
    """A message of one conversation: the first one, or an answer to it."""
    usual: dict[str, Any] = {"uid": number, "message_id": f"{number}@example.test"}
    if number > 1:
        usual |= {"in_reply_to": "1@example.test", "references": ("1@example.test",)}
    return example(MessageReceived, **(usual | {"from": ADA, "to": [ME]} | changes))


async def kinds(store: JetStreamEventStore, subject: str) -> list[str]:
    """Return what happened on a subject, with the rule where there is one."""
    found = []
    for recorded in await store.load(subject):
        reason = getattr(recorded.event, "reason", None)
        found.append(f"{type(recorded.event).__name__}:{reason.rule if reason else ''}")
    return found


async def imported(store: JetStreamEventStore, count: int) -> bool:
    """Tell whether so many e-mails were made."""
    return len(await imports(store)) == count


async def test_time_and_answers_bring_things_back_once(
    nats_url: str,
    database_url: str,
    master_key: str,
    store: JetStreamEventStore,
    bus: CommandBus,
) -> None:
    """An automatic answer brings nothing; a human's wakes, clears the reminder, opens the talk."""
    settings = LinkerSettings(nats_url=nats_url, database_url=database_url, master_key=master_key)
    await settle(store)
    await put(store, message(1))
    async with running(settings):
        await eventually(lambda: imported(store, 1))
        (first,) = await imports(store)
        soon = datetime.now(UTC) + timedelta(milliseconds=200)
        later = soon + timedelta(days=9)
        mine, talk = subjects.email(first.email_id), subjects.thread(first.thread_id)

        async def has(subject: str, word: str) -> bool:
            return word in await kinds(store, subject)

        await bus.ask(change(first.email_id, snooze=Snooze(until=soon), remind_at=soon))
        await eventually(lambda: has(mine, "EmailWoken:due"))
        await eventually(lambda: has(mine, "ReminderFired:due"))
        await bus.ask(change(first.email_id, snooze=Snooze(until_answer=True), remind_at=later))
        closed = {"given": ("status",), "status": "closed", "thread_id": first.thread_id}
        order = {"command_id": uuid4(), "actor": f"user:{USER}"} | closed
        await bus.ask(ArrangeConversation.model_validate(order))
        await put(store, message(2, auto_reply=True))
        await eventually(lambda: imported(store, 2))
        before = await kinds(store, mine)
        await put(store, message(3))
        await eventually(lambda: has(mine, "EmailWoken:answered"))
        await eventually(lambda: has(mine, "ReminderCleared:answered"))
        await eventually(lambda: has(talk, "ConversationStatusChanged:answered"))

    after = await kinds(store, mine)
    assert before == [each for each in after if not each.endswith(":answered")]
    assert 1 == after.count("EmailWoken:due") == after.count("ReminderFired:due")
    assert 1 == after.count("EmailWoken:answered") == after.count("ReminderCleared:answered")


async def test_what_nobody_holds_goes_a_month_later(
    nats_url: str,
    database_url: str,
    master_key: str,
    store: JetStreamEventStore,
    bus: CommandBus,
) -> None:
    """Not a day earlier, and not what was taken back."""
    settings = LinkerSettings(nats_url=nats_url, database_url=database_url, master_key=master_key)
    await settle(store)
    await put(store, message(1))
    pool = await open_pool(database_url, name="test", service="linker", size=1)
    agenda = PostgresAgenda(pool)
    async with running(settings):
        await eventually(lambda: imported(store, 1))
        email_id = (await imports(store))[0].email_id
        for wish in ({"folder": "trash"}, {"give_up": True}):
            await bus.ask(change(email_id, **wish))
        month = datetime.now(UTC) + timedelta(days=KEPT_DAYS)

        async def is_noted() -> bool:
            return await agenda.unheld(month + timedelta(hours=1), 10) == [email_id]

        await eventually(is_noted)
        early = await agenda.unheld(month - timedelta(hours=1), 10)
    await pool.close()

    assert [] == early
