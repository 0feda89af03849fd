"""Several linkers, one killed, and mail to teams: one case a conversation, with all of its mail."""

import asyncio
from contextlib import suppress

import pytest

from courrier.events.families.crm import CaseOpened
from courrier.events.families.email import (
    AutoReplyPermitted,
    CaseRequested,
    EmailImported,
    EmailLinked,
)
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from integration.linker.case_office import SUPPORT, DyingStore, Office, settle
from integration.linker.instances import NewInstance, put
from integration.linker.test_healing import message
from integration.linker.test_several import ACCOUNTS, environment, linker
from support.builders import example
from support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.usefixtures("identity")]

__all__ = ["environment"]

CONVERSATIONS, ROUNDS = 12, 6
TAKEN_OVER_S = 90.0


def round_of(number: int) -> list[MessageReceived]:
    """A message of each conversation, to another team each time."""
    found = []
    for conversation in range(CONVERSATIONS):
        named = [100 * conversation] if number else []
        account = ACCOUNTS[(conversation + number) % len(ACCOUNTS)]
        subject = f"{'Re: ' if number else ''}Lamp {conversation}"
        said = {"subject": subject, "account_id": account}
        found.append(message(100 * conversation + number, *named, **said))
    return found


@pytest.mark.timeout(240)
async def test_each_conversation_has_one_case_whoever_dies(
    environment: dict[str, str],
    store: JetStreamEventStore,
    new_instance: NewInstance,
    pool: Pool,
    identity: Identity,
) -> None:
    """Twelve teams' mailboxes in many partitions; the linker with the desk dies in the middle."""
    await settle(store)
    for number, account_id in enumerate(ACCOUNTS):
        address = f"team{number}@example.test"
        await put(
            store,
            example(EmailAccountAdded, account_id=account_id, address=address, group=SUPPORT),
        )
    office = Office(new_instance(), store, DyingStore(store), pool, identity)
    async with linker(environment) as first, linker(environment):
        opening = asyncio.create_task(_keep_opening(office))
        for number in range(ROUNDS):
            for each in round_of(number):
                await put(store, each)
            if number == ROUNDS // 2:
                await eventually(lambda: _linked(office, CONVERSATIONS), TAKEN_OVER_S)
                first.kill()
        await eventually(lambda: _linked(office, CONVERSATIONS * ROUNDS), TAKEN_OVER_S)
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await opening

    cases = await _cases(office)
    assert CONVERSATIONS == len(await office.facts(CaseOpened))
    assert CONVERSATIONS == len(await office.facts(CaseRequested))
    assert CONVERSATIONS == len(await office.facts(AutoReplyPermitted))
    rounds = zip(*(round_of(number) for number in range(ROUNDS)), strict=True)
    wanted = [{identity.email_of(str(each.message_id)) for each in said} for said in rounds]
    assert sorted(map(sorted, wanted)) == sorted(map(sorted, cases.values()))


async def _keep_opening(office: Office) -> None:
    """The gateway's half, until it is not wanted any more."""
    while True:
        if await office.store.end("EMAIL"):
            await office.open()
        await asyncio.sleep(0.2)


async def _cases(office: Office) -> dict[str, set[str]]:
    """The e-mails of each case, linked by the desk or by what they answer."""
    found: dict[str, set[str]] = {}
    for recorded in await office.events():
        fact = recorded.event
        if not isinstance(fact, EmailImported | EmailLinked):
            continue
        for link in fact.links:
            if link.record.type == "case":
                found.setdefault(link.record.id, set()).add(fact.email_id)
    return found


async def _linked(office: Office, count: int) -> bool:
    """Whether so many e-mails have a case."""
    return sum(map(len, (await _cases(office)).values())) >= count
