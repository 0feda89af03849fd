"""E-mail to case: one case a conversation, wherever anybody dies, and nobody in another's."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from courrier.events.base import RecordRef
from courrier.events.commands.linker import LinkEmails, UndoDecision
from courrier.events.families.conversation import ConversationAssigned
from courrier.events.families.crm import AddressAssigned, CaseOpened
from courrier.events.families.email import (
    AutoReplyPermitted,
    CaseAnswered,
    CaseRequested,
    EmailLinked,
)
from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from courrier.linker.handlers.changing import Changing
from integration.linker.case_office import (
    ANN,
    TEMPLATE,
    Crash,
    DyingStore,
    Office,
    answer,
    mail,
    settle,
)
from integration.linker.instances import OTHER_ACCOUNT, NewInstance, instance, put
from support.builders import NOON, USER, example

pytestmark = pytest.mark.integration

FORGET = """
    TRUNCATE linker.emails, linker.case_mail, linker.case_requests, linker.cases,
             linker.email_links, linker.thread_keys, linker.email_addresses, linker.checkpoints
"""
STRANGER = {"name": None, "address": "mallory@elsewhere.test"}
LATER = NOON + timedelta(hours=1)


@pytest.fixture
async def office(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance, identity: Identity
) -> Office:
    """A support team's mailbox and who works on it."""
    await settle(store)
    return Office(new_instance(), store, DyingStore(store), pool, identity)


async def links(office: Office) -> list[tuple[str, str, str]]:
    """E-mail, case and rule of each link to a case."""
    found = []
    for fact in await office.facts(EmailLinked):
        first = fact.links[0]
        if first.record.type == "case":
            found.append((fact.email_id, first.record.id, fact.because.rule))
    return found


async def test_a_conversation_has_one_case(office: Office, store: JetStreamEventStore) -> None:
    """The first message opens it, later ones join; its number goes into the answer by machine."""
    await put(store, mail(1), answer(2, 1, date=LATER), mail(3, "Another lamp"))

    await office.take()
    await office.work()

    opened = await office.facts(CaseOpened)
    assert [(1, ANN), (2, ANN)] == [(each.number, each.assigned_user_id) for each in opened]
    lamp, other = [each.record.id for each in opened]
    first, second, third = [office.identity.email_of(f"{n}@office.test") for n in (1, 2, 3)]
    assert {
        (first, lamp, "case-opened"),
        (second, lamp, "case-of-thread"),
        (third, other, "case-opened"),
    } == set(await links(office))
    permitted = await office.facts(AutoReplyPermitted)
    assert [(first, 1, TEMPLATE), (third, 2, TEMPLATE)] == [
        (each.email_id, each.case_number, each.template_id) for each in permitted
    ]
    assert [second] == [each.email_id for each in await office.facts(CaseAnswered)]
    assert [ANN, ANN] == [each.user_id for each in await office.facts(ConversationAssigned)]


async def test_whoever_dies_is_followed_by_one_who_goes_on(
    office: Office, store: JetStreamEventStore
) -> None:
    """Right before each append of the whole process, and right after it: one of each fact."""
    conversations = [(n, n + 1) for n in range(100, 116, 2)]
    deaths = [(left, is_after) for left in (1, 2, 3, 4) for is_after in (False, True)]
    for (first, second), (left, is_after) in zip(conversations, deaths, strict=True):
        await put(store, mail(first, f"Lamp {first}"), answer(second, first, f"Lamp {first}"))
        await office.take()
        office.dying.left, office.dying.is_after = left, is_after
        with pytest.raises(Crash):
            await office.work()
        office.dying.left = None
        await office.work()

    opened = await office.facts(CaseOpened)
    assert len(deaths) == len(opened) == len(await office.facts(CaseRequested))
    assert list(range(1, len(deaths) + 1)) == [each.number for each in opened]
    found = await links(office)
    assert 2 * len(deaths) == len(found) == len({email_id for email_id, *_ in found})
    assert len(deaths) == len(await office.facts(AutoReplyPermitted))


async def test_two_linkers_at_once_open_one_case(
    office: Office, store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Two messages of one conversation, in two mailboxes, of which neither knows of the other."""
    other = Office(new_instance(), store, DyingStore(store), office.pool, office.identity)
    await put(store, mail(1))
    await put(store, answer(2, 1, account_id=OTHER_ACCOUNT, date=LATER))
    await office.take()
    await asyncio.gather(office.tick(), other.tick())
    await put(store, answer(4, 1, date=LATER))
    await office.take()
    await asyncio.gather(office.tick(), other.tick())
    await office.open()
    await asyncio.gather(office.tick(), other.tick())
    await office.work()

    assert [1] == [each.number for each in await office.facts(CaseOpened)]
    assert 1 == len({case for _, case, _ in await links(office)})


async def test_a_number_lets_nobody_into_anothers_case(
    office: Office, store: JetStreamEventStore
) -> None:
    """Its customer's mail finds it; a stranger's opens a case of the stranger's own."""
    await put(store, mail(1))
    await office.take()
    await office.work()

    await put(
        store,
        mail(2, "[#1] About my lamp", date=LATER),
        mail(3, "[#1] Let me in", **{"from": STRANGER}),
    )
    await office.take()
    await office.work()

    lamp, strangers = [each.record.id for each in await office.facts(CaseOpened)]
    found = {email_id: (case, rule) for email_id, case, rule in await links(office)}
    second, third = [office.identity.email_of(f"{n}@office.test") for n in (2, 3)]
    assert (lamp, "case-number") == found[second]
    assert (strangers, "case-opened") == found[third]


async def test_another_customer_in_a_conversation_has_a_case_of_their_own(
    office: Office, store: JetStreamEventStore
) -> None:
    """Whoever writes another's Message-ID into References."""
    other = {"type": "contact", "id": "9" * 32}
    await put(
        store, example(AddressAssigned, address=STRANGER["address"], owner=other, account_id=None)
    )
    await put(store, mail(1), answer(2, 1, date=LATER, sent_from=STRANGER))

    await office.take()
    await office.work()

    assert 2 == len(await office.facts(CaseOpened))
    assert 2 == len({case_id for _, case_id, _ in await links(office)})


async def test_a_conversation_converted_by_hand_opens_no_second_case(
    office: Office, store: JetStreamEventStore
) -> None:
    """Before the desk comes to it, and when the next message arrives."""
    by_hand = RecordRef(type="case", id="4" * 32)
    first = office.identity.email_of("1@office.test")
    await put(store, mail(1))
    await office.take()
    changing = Changing(store, lambda: NOON)
    order = LinkEmails(
        command_id=uuid4(),
        email_ids=(first,),
        record=by_hand,
        parent="always",
        actor=f"user:{USER}",
    )
    await changing.link(order)
    await office.work()

    await put(store, answer(2, 1, date=LATER))
    await office.take()
    await office.work()

    assert [] == await office.facts(CaseOpened)
    assert {by_hand.id} == {case for _, case, _ in await links(office)}


async def test_what_people_undo_no_desk_does_again(
    office: Office, store: JetStreamEventStore
) -> None:
    """The link is a decision like others."""
    await put(store, mail(1))
    await office.take()
    await office.work()
    (linked,) = [r for r in await office.events() if isinstance(r.event, EmailLinked)]
    order = UndoDecision(
        command_id=uuid4(),
        email_ids=(office.identity.email_of("1@office.test"),),
        undone=str(linked.correlation_id),
        person_id=None,
        common=True,
        actor=f"user:{USER}",
    )

    done = await Changing(store, lambda: NOON).undo(order)
    await office.work()

    assert {"undone": 1} == getattr(done, "counts", None)
    *_, last = await office.facts(EmailLinked)
    assert ([], "person") == ([x for x in last.links if x.record.type == "case"], last.by)


async def test_an_index_made_anew_asks_for_nothing(
    office: Office, store: JetStreamEventStore, pool: Pool
) -> None:
    """All that was asked for stands on the log."""
    await put(store, mail(1), answer(2, 1, date=LATER))
    await office.take()
    await office.work()
    end = await store.end("EMAIL")
    await pool.execute(FORGET)
    again = Office(
        instance(pool, store, office.identity), store, office.dying, pool, office.identity
    )

    await again.work()

    assert end == await store.end("EMAIL")
