"""Whose an address is follows what administrators and people say."""

import pytest

from courrier.events.base import Event
from courrier.events.families.identity import UserChanged
from courrier.events.families.settings import EmailAccountAdded, UserAdded
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import open_pool
from courrier.linker.adapters.people import people, people_at
from support.builders import PERSON, USER, example, recorded

pytestmark = pytest.mark.integration

OLD, WORK, NEW = "grace@example.test", "work@example.test", "g@example.test"


async def test_an_address_given_up_is_nobodys(database_url: str) -> None:
    """But that of an account stays its owner's, and comes by whichever way it came first."""
    await migrate(database_url, package="courrier.linker", schema="linker")
    pool = await open_pool(database_url, name="test", service="linker", size=1)
    facts: list[Event] = [
        example(UserAdded, email_addresses=[OLD, WORK]),
        example(EmailAccountAdded, address=WORK),
        example(UserChanged, fields=PERSON | {"email_addresses": [NEW]}),
    ]
    async with pool.acquire() as db:
        for number, fact in enumerate(facts, start=1):
            await people.apply(db, [recorded(fact, sequence=number)])
        found = await people_at(db, [OLD, WORK, NEW])
        await people.apply(db, [recorded(facts[-1], sequence=3)])
        again = await people_at(db, [OLD, WORK, NEW])
    await pool.close()

    assert {WORK: {USER}, NEW: {USER}} == found
    assert found == again
