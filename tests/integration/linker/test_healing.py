"""What comes in the wrong order ends as if all had come in order: links, threads and holders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from courrier.events.base import Event, RecordRef
from courrier.events.families.crm import AddressAssigned, AddressReleased, RecordsMerged
from courrier.events.families.email import EmailImported, EmailLinked, EmailShared, ThreadsJoined
from courrier.events.families.mailbox import MessageReceived, MessageReread
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from courrier.events.store import EventStore
from integration.linker.instances import (
    OTHER_ACCOUNT,
    OTHER_USER,
    NewInstance,
    put,
    read,
    rows,
    settle,
)
from support.builders import COMPANY, CONTACT, NOON, OWNER, REASON, USER, example

pytestmark = pytest.mark.integration

HEIR = {"type": "account", "id": "6" * 32}
STRANGER = {"name": None, "address": "stranger@else.test"}
LEAD = {"type": "lead", "id": "1" * 32}
FORGET = "TRUNCATE linker.{table}"


@dataclass(frozen=True, slots=True)
class End:
    """What became of the messages: threads as sets of Message-IDs, links and holders by them."""

    threads: frozenset[frozenset[str]]
    links: dict[str, frozenset[tuple[str, bool]]]
    holders: dict[str, frozenset[str]]


async def end_of(store: EventStore) -> End:
    """Return the end of what the log tells."""
    imports, links, holders, whole = {}, {}, {}, {}
    for recorded in await read(store, "EMAIL"):
        match recorded.event:
            case EmailImported() as fact:
                imports[fact.email_id] = fact
                links[fact.email_id] = fact.links
                holders[fact.email_id] = {each.holder_id for each in fact.holdings}
            case EmailShared() as fact:
                holders[fact.email_id] |= {each.holder_id for each in fact.holdings}
            case EmailLinked() as fact:
                links[fact.email_id] = fact.links
            case ThreadsJoined() as fact:
                whole[fact.joined] = fact.thread_id
            case other:
                raise AssertionError(other)
    threads: dict[str, set[str]] = {}
    for fact in imports.values():
        thread_id = fact.thread_id
        while thread_id in whole:
            thread_id = whole[thread_id]
        threads.setdefault(thread_id, set()).add(fact.message_id or "")
    name = {email_id: fact.message_id or "" for email_id, fact in imports.items()}
    return End(
        frozenset(map(frozenset, threads.values())),
        {name[k]: frozenset((e.record.id, e.parent) for e in v) for k, v in links.items()},
        {name[k]: frozenset(v) for k, v in holders.items()},
    )


def message(number: int, *named: int, **changes: Any) -> MessageReceived:
    """Message ``number``, of that hour, which names others."""
    usual = {
        "message_id": f"{number}@x.test",
        "references": [f"{each}@x.test" for each in named],
        "subject": "Re: Offer" if named else "Offer",
        "date": NOON + timedelta(hours=number),
        "uid": number + 1,
        "from": STRANGER,
    }
    return example(MessageReceived, **(usual | changes))


CONVERSATION = (
    message(0),
    message(1, 0, **{"from": {"name": None, "address": "ada@example.test"}}),
    message(1, 0, **{"from": {"name": None, "address": "ada@example.test"}, "uid": 9}).model_copy(
        update={"account_id": OTHER_ACCOUNT}
    ),
    message(2, 1, in_reply_to="1@x.test"),
    message(3, 2),
    message(4, 3, subject="Hello"),
    message(5, 20, subject="Re: Plan"),
    message(6, 20, 5, subject="Re: Plan", cc=[{"name": None, "address": "lea@example.test"}]),
)
"""A thread that hangs together by single ids, one that names it under a subject of its own, and two
answers to something unknown."""
FACTS = (
    example(AddressAssigned),
    example(AddressAssigned, address="lea@example.test", owner=LEAD, account_id=None),
)


async def happened(
    store: EventStore, new_instance: NewInstance, events: Sequence[Event], chance: Random
) -> End:
    """Let these happen one after the other, some of them before the linker looks."""
    linker = new_instance()
    for event in events:
        await put(store, event)
        if chance.random() < 0.5:
            await linker.take()
        if chance.random() < 0.5:
            await linker.heal()
    await linker.take()
    await linker.heal()
    return await end_of(store)


EXPECTED = End(
    frozenset(
        {
            frozenset({"0@x.test", "1@x.test", "2@x.test", "3@x.test"}),
            frozenset({"4@x.test"}),
            frozenset({"5@x.test", "6@x.test"}),
        }
    ),
    {
        "0@x.test": frozenset(),
        "1@x.test": frozenset({(COMPANY, True), (CONTACT, False)}),
        "2@x.test": frozenset({(COMPANY, True)}),
        "3@x.test": frozenset({(COMPANY, True)}),
        "4@x.test": frozenset(),
        "5@x.test": frozenset(),
        "6@x.test": frozenset({(LEAD["id"], True)}),
    },
    {f"{n}@x.test": frozenset({USER, OTHER_USER} if n == 1 else {USER}) for n in range(7)},
)


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_of_messages_and_records_ends_the_same(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance, seed: int
) -> None:
    """Replies before originals, contacts after their mail; and an index made anew is the same."""
    chance = Random(seed)
    await settle(store, with_contact=False)
    events: list[Event] = [*CONVERSATION, *FACTS]
    if seed:
        chance.shuffle(events)

    end = await happened(store, new_instance, events, chance)

    assert end == EXPECTED
    live = await rows(pool)
    for table in live:
        await pool.execute(FORGET.format(table=table))
    await pool.execute("TRUNCATE linker.checkpoints")
    await new_instance().index.catch_up()
    assert live == await rows(pool)


async def test_a_contact_made_today_collects_the_mail_of_before(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Each link says why, and all of them are one decision: that of the new address."""
    await settle(store, with_contact=False)
    await put(store, *[message(n, message_id=f"{n}@y.test", subject=f"{n}") for n in range(9)])
    linker = new_instance()
    await linker.take()
    owner = {"owner": OWNER, "account_id": None}
    (assigned,) = await put(store, example(AddressAssigned, address="stranger@else.test", **owner))
    await linker.heal()
    await linker.heal()

    found = [r for r in await read(store, "EMAIL") if isinstance(r.event, EmailLinked)]
    facts = [recorded.event for recorded in found if isinstance(recorded.event, EmailLinked)]

    assert 9 == len({fact.email_id for fact in facts}) == len(facts)
    assert {assigned.id} == {recorded.correlation_id for recorded in found}
    assert {("address-assigned", "stranger@else.test")} == {
        (fact.because.rule, fact.because.value) for fact in facts
    }
    assert {("contact-address", "from")} == {
        (link.reason.rule, link.reason.field) for fact in facts for link in fact.links
    }


async def test_a_better_reading_finds_whose_mail_it_is(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance
) -> None:
    """The reader of the day overlooked the sender; read again, the message is linked by them."""
    await settle(store)
    unread = {"subject": "Offer", "to": [STRANGER]}
    (received,) = await put(store, message(0, **{**unread, "from": None}))
    linker = new_instance()
    await linker.take()
    imports = [r.event for r in await read(store, "EMAIL") if isinstance(r.event, EmailImported)]
    ada = {"name": None, "address": "ada@example.test"}
    better = {**unread, "source_id": received.id, "email_id": imports[0].email_id, "from": ada}
    await put(store, example(MessageReread, **better))
    await linker.take()
    await linker.heal()
    await linker.heal()

    facts = [r.event for r in await read(store, "EMAIL") if isinstance(r.event, EmailLinked)]

    assert ((),) == tuple(fact.links for fact in imports)
    assert [("read-anew", {COMPANY, CONTACT})] == [
        (fact.because.rule, {link.record.id for link in fact.links}) for fact in facts
    ]
    live = await rows(pool)
    for table in live:
        await pool.execute(FORGET.format(table=table))
    await pool.execute("TRUNCATE linker.checkpoints")
    await new_instance().index.catch_up()
    assert live == await rows(pool)


MOVED = (
    (
        "to another person",
        [
            example(AddressReleased),
            example(AddressAssigned, owner=LEAD, account_id=None),
        ],
        {(LEAD["id"], True)},
    ),
    ("to nobody", [example(AddressReleased)], set[tuple[str, bool]]()),
    (
        "to another account",
        [example(AddressAssigned, account_id=HEIR["id"])],
        {(HEIR["id"], True), (CONTACT, False)},
    ),
    (
        "with its account merged",
        [
            example(AddressAssigned, account_id=HEIR["id"]),
            example(RecordsMerged, record=HEIR, merged=[COMPANY]),
        ],
        {(HEIR["id"], True), (CONTACT, False)},
    ),
)


@pytest.mark.parametrize(
    ("facts", "expected"), [row[1:] for row in MOVED], ids=[r[0] for r in MOVED]
)
async def test_an_address_that_moves_takes_its_mail_along(
    store: JetStreamEventStore,
    new_instance: NewInstance,
    facts: Sequence[Event],
    expected: set[tuple[str, bool]],
) -> None:
    """And the answers to it, as far as they follow."""
    await settle(store)
    ada = {"from": {"name": None, "address": "ada@example.test"}}
    await put(store, message(0, **ada), message(1, 0))
    linker = new_instance()
    await linker.take()
    for fact in facts:
        await put(store, fact)
        await linker.heal()

    end = await end_of(store)

    assert end.links["0@x.test"] == expected
    assert end.links["1@x.test"] == {each for each in expected if each[1]}


async def test_what_a_person_linked_stays_and_its_answers_follow(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Whatever comes to be known later of addresses."""
    await settle(store, with_contact=False)
    await put(store, message(0), message(1, 0))
    linker = new_instance()
    await linker.take()
    first = next(r.event for r in await read(store, "EMAIL") if isinstance(r.event, EmailImported))
    link = {"record": RecordRef(type="opportunity", id="o1"), "parent": True, "reason": REASON}
    by_hand = example(EmailLinked, email_id=first.email_id, links=[link], by="person")
    await put(store, by_hand)
    await linker.heal()
    for owner in (OWNER, LEAD):
        said = {"address": "stranger@else.test", "owner": owner, "account_id": None}
        await put(store, example(AddressAssigned, **said))
        await linker.heal()

    end = await end_of(store)

    assert end.links["0@x.test"] == {("o1", True)}
    assert end.links["1@x.test"] == {("o1", True), (CONTACT, False)}
